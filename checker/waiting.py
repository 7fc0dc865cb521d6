"""How long a process may be silent, and how long it is waited for."""

from __future__ import annotations

# A process that works says at least this often that it is alive, or it is broken off: a case of any
# claim, a step of any search takes far less. And how long a process is waited for that was told to
# stop.
CASE_SECONDS = 120.0

GRACE_SECONDS = 2.0
