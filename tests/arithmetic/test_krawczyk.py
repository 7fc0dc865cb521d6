"""Krawczyk's test proves a zero only where it is proved: borders, wide slopes, the box itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.existence.krawczyk import enclosed_zero


def constant(number: float) -> Ball:
    return Ball.constant(np.array([[number]]))


def shifted(zero: float) -> tuple[Any, Any]:
    return (lambda x: x - zero), (lambda _: constant(1.0))


def test_an_image_that_touches_the_border_proves_nothing() -> None:
    """f(x) = x - c on [-c, c]: K is the point c, in the box and not in its interior."""
    radius = 1.0
    with working_precision(128):
        # Radii of balls have 30 bits, rounded up: the border is a float near 1.
        border = (arb(0) + arb(0, radius)).upper()
        c = float(border)
        assert border == arb(c)
        system, jacobian = shifted(c)
        assert enclosed_zero(system, jacobian, np.array([0.0]), radius) is None
        inside = enclosed_zero(system, jacobian, np.array([0.0]), radius + 2.0**-20)
        assert inside is not None
        assert inside[0].item.overlaps(arb(c))


def test_two_zeros_on_the_border_and_in_the_middle() -> None:
    """f = x - x³ vanishes at -1, 0 and 1: no box that reaches 1 holds one zero only."""

    def jacobian(x: Ball) -> Ball:
        return Ball(np.array([[1 - 3 * y * y for y in x.entries]], dtype=object))

    def system(x: Ball) -> Ball:
        return x - x * x * x

    with working_precision(128):
        assert enclosed_zero(system, jacobian, np.array([0.0]), 1.0) is None
        assert enclosed_zero(system, jacobian, np.array([0.0]), 0.5) is not None


@pytest.mark.parametrize("radius", [0.25, 2.0])
def test_the_slope_is_needed_over_the_whole_box(radius: float) -> None:
    """f = x² - 1 near 1: a box of radius 2 holds -1, too, though f'(1) = 2 tells nothing of it."""

    def jacobian(x: Ball) -> Ball:
        return Ball(np.array([[2 * y for y in x.entries]], dtype=object))

    with working_precision(128):
        found = enclosed_zero(lambda x: x * x - 1.0, jacobian, np.array([1.0]), radius)
    assert (found is not None) == (radius < 1)


def test_the_enclosure_holds_the_zero_and_not_the_start() -> None:
    """f(x) = x - 1/3 from 0.3: what f says at the middle moves the image."""
    system, jacobian = shifted(1 / 3)
    with working_precision(128):
        found = enclosed_zero(system, jacobian, np.array([0.3]), 0.1)
        assert found is not None
        assert found[0].item.overlaps(arb(1 / 3))
        assert not found[0].item.overlaps(arb(0.3))


def test_a_zero_outside_the_box_is_not_found() -> None:
    system, jacobian = shifted(1.5)
    with working_precision(128):
        assert enclosed_zero(system, jacobian, np.array([0.0]), 1.0) is None
