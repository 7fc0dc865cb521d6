"""Bounds of options."""

from __future__ import annotations

# Processes for each CPU at most, and on any machine: more only wait for each other.
JOBS_PER_CPU = 4

MIN_MOST_JOBS = 8
