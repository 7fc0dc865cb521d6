"""Matrices of floats with a proved bound on their error, and their least eigenvalues."""
