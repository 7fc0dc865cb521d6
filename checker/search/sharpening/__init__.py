"""The best value of a constant."""
