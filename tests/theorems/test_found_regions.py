"""Theorem 3 at found points: every finder gives some, over many decades of ε, and none violates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.decide import Decision, decide_case
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays
from checker.landscape.residual_unit.region import RegionPoint
from properties.shamir2018.found import found, found_at_t
from properties.shamir2018.stationarity import stationary_points


@pytest.fixture(scope="module")
def points() -> list[RegionPoint]:
    """Five searches by each finder."""
    drawn = []
    for index, strategy in enumerate(found.domain.strata.values()):
        structure: Any = draw_last(strategy, 3)
        batch = structure.batch(np.random.default_rng(index), 5)
        drawn += [batch.case(i) for i in range(batch.size)]
    return drawn


def test_found_points_meet_the_assumptions_and_the_bounds(points: list[RegionPoint]) -> None:
    assert len(points) >= 6
    for claim in (found, found_at_t):
        for point in points:
            assert all(bool(np.all(a.holds(point))) for a in claim.assuming)
            assert decide_case(claim, point).decision is Decision.HOLDS


def test_their_epsilon_spans_decades(points: list[RegionPoint]) -> None:
    with working_precision(256):
        epsilons = [map_arrays(p, Ball.constant).epsilon.item for p in points]
        sizes = [float(e.upper()) for e in epsilons]
    assert max(sizes) / max(min(sizes), 1e-30) > 1e6


def test_the_claim_is_that_of_theorem_3() -> None:
    assert found.formula is stationary_points.formula
    assert found.id == "shamir2018.theorem3_found"
