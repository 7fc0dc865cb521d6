"""Fukumizu and Amari (2000), Local minima and plateaus in hierarchical structures."""
