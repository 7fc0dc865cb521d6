"""Integrals of a formula's expressions, enclosed: over an interval, over a normal number."""
