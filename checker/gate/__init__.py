"""The regression gate: what was true of a baseline has to be true still."""
