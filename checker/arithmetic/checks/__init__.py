"""What decisions rest on, checked: the machine, python-flint, oracles that agree."""
