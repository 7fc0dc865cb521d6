"""Spreads of the slack: every non-trivial case counted once, in its octave, whatever the order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.claims.claim import claim
from checker.claims.spread import EQUAL, LAST_OCTAVE, LAST_SQUARE, LEAST_OCTAVE, SQUARE, Spread
from checker.claims.verdict import Tally
from checker.report.evidence import claim_to_json, merge_claims
from checker.search.campaign import run_task, tasks_of
from checker.search.verify import Plan, verify
from properties.shamir2018 import theorems as shamir2018

positive = st.floats(min_value=5e-324, allow_infinity=False)
slacks = st.one_of(st.just(0.0), st.floats(5e-324, 2, exclude_min=False))
cases = st.lists(st.tuples(st.sampled_from("ab"), slacks, positive, positive), max_size=20)


def counted(drawn: list[tuple[str, float, float, float]]) -> Spread:
    spread = Spread()
    for stratum in {case[0] for case in drawn}:
        rows = np.array([case[1:] for case in drawn if case[0] == stratum])
        spread.add(stratum, *rows.T)
    return spread


@given(cases)
def test_batches_and_single_cases_are_counted_alike(drawn: Any) -> None:
    one_by_one = Spread()
    for case in drawn:
        one_by_one.add_case(*case)
    batch = counted(drawn).to_json()
    assert batch["sides"] == one_by_one.to_json()["sides"]
    assert batch["slacks"] == one_by_one.to_json()["slacks"]


@given(slacks, positive, positive)
def test_a_case_lies_in_its_octave_and_its_square(slack: float, lhs: float, rhs: float) -> None:
    spread = counted([("x", slack, lhs, rhs)])
    ((place, count),) = spread.to_json()["slacks"]["x"].items()
    assert count == 1
    if slack == 0:
        assert place == EQUAL
    else:
        octave = int(place)
        assert octave in (LEAST_OCTAVE, LAST_OCTAVE) or between(slack, octave - 1, octave)
    (squares,) = spread.to_json()["sides"]
    for square, side in zip(map(int, squares.split()), (rhs, lhs), strict=True):
        low = SQUARE * square - 1
        assert abs(square) == LAST_SQUARE or between(side, low, low + SQUARE)


def between(x: float, low: int, high: int) -> bool:
    return Fraction(2) ** low <= Fraction(x) < Fraction(2) ** high


def test_slacks_beyond_the_octaves_go_to_the_last_ones() -> None:
    spread = counted([("x", 2.0**-60, 2.0**-200, 2.0**200), ("x", 2.0, 1.0, 1.0)])
    assert spread.to_json() == {
        "slacks": {"x": {str(LEAST_OCTAVE): 1, str(LAST_OCTAVE): 1}},
        "sides": {f"{LAST_SQUARE} {-LAST_SQUARE}": 1, "0 0": 1},
    }


@pytest.mark.parametrize("slack", [math.nan, math.inf, -math.inf, -0.5])
def test_what_is_not_known_is_not_counted(slack: float) -> None:
    nothing = Spread()
    nothing.add_case("x", slack, 1.0, 1.0)
    assert not nothing.slacks
    nothing.add("x", np.array([slack]), np.ones(1), np.ones(1))
    assert nothing.to_json() == {"slacks": {"x": {}}, "sides": {}}


def test_sides_that_are_not_positive_are_left_out() -> None:
    spread = counted([("x", 1.0, 0.0, -1.0), ("x", 1.0, 1.0, -1.0), ("x", 1.0, -0.5, -1.0)])
    assert spread.to_json() == {"slacks": {"x": {"1": 3}}, "sides": {}}


@given(cases, cases)
def test_merging_is_counting_together(first: Any, second: Any) -> None:
    merged = counted(first)
    merged.merge(counted(second))
    together, apart = counted(first + second).to_json(), merged.to_json()
    assert sorted(together["slacks"].items()) == sorted(apart["slacks"].items())
    assert together["sides"] == apart["sides"]
    assert Spread.from_json(apart).to_json() == apart


@pytest.mark.parametrize(
    "saved",
    [
        {"slacks": {"x": {"2": 1}}, "sides": {}},
        {"slacks": {"x": {"-54": 1}}, "sides": {}},
        {"slacks": {"x": {"y": 1}}, "sides": {}},
        {"slacks": {"x": {"0": -1}}, "sides": {}},
        {"slacks": {"x": {"0": True}}, "sides": {}},
        {"slacks": {}, "sides": {"31 0": 1}},
        {"slacks": {}, "sides": {"0": 1}},
        {"slacks": {}, "sides": {"0 0": 0.5}},
    ],
)
def test_foreign_counts_are_refused(saved: Any) -> None:
    with pytest.raises(ValueError, match=r"holds|invalid literal|unpack"):
        Spread.from_json(saved)


def test_a_campaign_counts_every_nontrivial_case_once() -> None:
    claims = (shamir2018.gradient_direction, shamir2018.gradient_bound)
    domain = claims[0].domain
    tallies = {claim.id: Tally() for claim in claims}
    for task in islice(tasks_of(domain, (0,), range(1)), 6):
        for name, tally in run_task(claims, domain, task).items():
            tallies[name].merge(tally)
    for tally in tallies.values():
        counted = {n: int(c.sum()) for n, c in tally.spread.slacks.items()}
        nontrivial = {n: c.nontrivial for n, c in tally.strata.items()}
        assert sum(counted.values()) > 1000
        # A case too close to equality has no known slack.
        assert tally.decisions["TIGHT"] == 0
        assert counted == nontrivial
        # The right-hand side of a non-trivial case is positive.
        assert tally.spread.sides.sum() == tally.nontrivial


def test_entries_of_one_claim_are_merged() -> None:
    (evidence,) = verify(Plan((always,), cases=50))
    entry = claim_to_json(evidence)
    merged = Spread.from_json(merge_claims(entry, entry)["spread"])
    once = Spread.from_json(entry["spread"])
    assert merged.sides.sum() == 2 * once.sides.sum() > 0
    assert merged.slacks["drawn"].tolist() == (2 * once.slacks["drawn"]).tolist()


@dataclass(frozen=True)
class Number:
    x: float


@claim(given=st.builds(Number, st.integers(1, 9).map(float)))
def always(at: Any) -> Any:
    return 2 * at.x >= at.x
