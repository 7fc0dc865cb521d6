"""Baldi and Hornik (1989), Neural networks and principal component analysis."""
