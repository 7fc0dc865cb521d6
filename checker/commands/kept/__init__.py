"""Runs that are kept in a folder: going on with one, and putting parts together."""
