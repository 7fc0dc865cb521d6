"""A search that was cut short is judged by what it says, not by what it had no time for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import strategies as st

from checker.claims.claim import claim
from checker.claims.verdict import StratumCount, Tally, Verdict
from checker.search import verify
from checker.search.campaign import SINGLE
from checker.search.plan import Plan, groups_of


@claim(given=st.nothing())
def stated(at: Any) -> Any:
    return at.x >= 0


@pytest.mark.parametrize(
    ("nontrivial", "cut", "verdict"),
    [
        (20, "", Verdict.VACUOUS),
        (20, "the run was interrupted", Verdict.PARTIAL),
        (20, "the time was over", Verdict.PARTIAL),
        (140, "the run was interrupted", Verdict.STANDS),
    ],
)
def test_too_few_cases_so_far_are_no_verdict(nontrivial: int, cut: str, verdict: Verdict) -> None:
    """Enough cases were tried, and in too few of them the bound said something so far."""
    (group,) = groups_of(Plan((stated,)))
    group.tallies[stated.id] = Tally(
        cases=150,
        nontrivial=nontrivial,
        strata={SINGLE: StratumCount(150, nontrivial)},
        decisions=Counter(HOLDS=150),
        lhs_range=(0.0, 1.0),
    )
    group.visited, group.cut = len(group.parts), cut
    assert verify._judged(group, stated)[0] is verdict
