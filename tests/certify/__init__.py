"""Certificates against balls, exact numbers and dense spectra."""
