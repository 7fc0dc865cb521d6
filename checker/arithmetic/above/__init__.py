"""Arithmetics whose numbers are made of those of another: derivatives, series, complex numbers."""
