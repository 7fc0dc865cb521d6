"""What a run says on a terminal and in a log."""
