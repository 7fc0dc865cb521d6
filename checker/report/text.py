"""Numbers, instances and verdicts as plain text, for terminals, pipes and test reports."""

from __future__ import annotations

# What an interruption means for what is reported.
INTERRUPTED = "the verdicts rest on what was done until then"


def shown_verdict(name: str) -> str:
    """The name of a verdict as it is printed."""
    return "NOT RUN" if name == "NOT_RUN" else name
