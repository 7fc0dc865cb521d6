"""Instances: dataclasses of numbers, as batches, as JSON and as text."""
