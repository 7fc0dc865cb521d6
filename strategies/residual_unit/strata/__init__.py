"""Strata of points of a residual unit: what moves a batch into one, and what it then has."""
