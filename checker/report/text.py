"""Numbers, instances and verdicts as plain text, for terminals, pipes and test reports."""

from __future__ import annotations

from checker.claims.verdict import Tally
from checker.instances.text import counted


def _not_finite_text(tally: Tally) -> str:
    if not tally.not_finite:
        return ""
    cases = counted(tally.not_finite, "case was", "cases were")
    return f"; {cases} drawn with infinite or NaN entries, outside every claim"
