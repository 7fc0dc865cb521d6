"""Mutations of proved bounds, area by area: what is dropped, and the tests that have to fail."""
