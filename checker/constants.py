"""Every numerical constant that a verdict may depend on, each with its reason.

None of these is a tolerance: a verdict follows from proved enclosures only.
"""

from __future__ import annotations

# A process that works says at least this often that it is alive, or it is broken off: a case of any
# claim, a step of any search takes far less. And how long a process is waited for that was told to
# stop.
CASE_SECONDS = 120.0
GRACE_SECONDS = 2.0
# What has begun on a claim may take so long, whatever its share of the time of the run.
LEAST_SECONDS = 2.0
# Time at least to reduce counterexamples when a search was cut short, and a tenth of its own.
END_SECONDS = 1.0
# Processes for each CPU at most, and on any machine: more only wait for each other.
JOBS_PER_CPU = 4
MIN_MOST_JOBS = 8


# --update keeps a ratio that moved by less than this share: noise does not belong in a diff.
