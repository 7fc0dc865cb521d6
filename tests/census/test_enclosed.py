"""Enclosures of a census: floats around balls."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb

from checker.arithmetic.ball import working_precision
from checker.arithmetic.bounded import Bounded
from checker.census.enclosed import Enclosed
from checker.census.point import Level, Linear, _enclosed, _level, _negative


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("size", [1, 2**40, 2**-40])
def test_floats_around_a_ball_that_no_float_hits(sign: int, size: float) -> None:
    """The middle is rounded by up to half a unit, more than one step between floats near a power
    of two from above.
    """
    with working_precision(400):
        for part in (arb(1) / 3, arb(2).sqrt(), arb(1) - arb(2) ** -54, arb(1) + arb(2) ** -53):
            number = sign * size * part
            found = Enclosed.of(number)
            assert arb(found.low) <= number <= arb(found.high)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("radius", [0.0, 1e-3, 0.5, 1 - 2.0**-29, 1.0, 2.0])
def test_the_middle_is_rounded_and_not_only_the_ends(sign: int, radius: float) -> None:
    """Where an end is near 0, one step from it is far less than what the middle was off."""
    with working_precision(400):
        for off in (arb(2) ** -55, -(arb(2) ** -55), arb(2) ** -54 / 3):
            ball = sign * (arb(1) + off) + arb(0, radius)
            found = Enclosed.of(ball)
            assert arb(found.low) <= ball.lower()
            assert ball.upper() <= arb(found.high)
            assert found.low <= found.middle <= found.high


def test_what_is_not_finite_is_unknown() -> None:
    assert Enclosed.of(arb("nan")) == Enclosed(-np.inf, np.inf)


@pytest.mark.parametrize(
    ("low", "high", "level"),
    [
        (2.5, 3.0, Level.ABOVE),
        (1.5, 3.0, Level.LEVEL),
        (2.0, 3.0, Level.LEVEL),
        (0.0, 1.5, Level.LEVEL),
        (0.0, 1.0, Level.BELOW),
        (0.0, 3.0, Level.LEVEL),
    ],
)
def test_a_level_is_told_where_the_bounds_are_apart(low: float, high: float, level: Level) -> None:
    """The linear level lies in [1, 2]."""
    assert _level(Enclosed(low, high), Linear(Enclosed(1.0, 2.0), np.zeros(1))) is level


def test_a_saddle_is_told_by_the_outer_bounds() -> None:
    """λ < -√‖∇‖ for all numbers in the bounds, with ‖∇‖ <= 1/4."""
    gradient = Enclosed(0.0, 0.25)
    assert _negative(Enclosed(-2.0, -0.75), gradient)
    assert not _negative(Enclosed(-2.0, -0.25), gradient)
    assert not _negative(Enclosed(-2.0, 0.25), gradient)


def test_bounds_of_a_number_are_its_own() -> None:
    found = _enclosed(Bounded(np.array([1.0]), np.array([0.5])))
    assert found.low <= 0.5
    assert found.high >= 1.5
