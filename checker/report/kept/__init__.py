"""What a run keeps as it goes, so that a run that was interrupted goes on, and parts become one."""
