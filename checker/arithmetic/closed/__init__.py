"""Closed forms, in which ties are proved."""
