"""False neighbours of Theorem 3."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import sqrt
from checker.claims.neighbours import dropped, mutant, times
from properties.shamir2018.stationarity import (
    polynomial,
    stationary_points,
    stationary_points_at_t,
)


def _K(at: Any) -> Any:
    return polynomial(at.radius, at.comparator_radius, at.mu0, at.mu1, at.mu2)


@mutant(
    stationary_points,
    "exponent_half",
    "samples (x, f, y) = (c, -c, -1), (0, 1, 0), squared loss, w = 0, V = 1: ε is of order c⁴ and "
    "the gap of order c, so ε^(1/4) is needed",
)
def exponent_half(at: Any) -> Any:
    return (at.epsilon + sqrt(at.epsilon)) * _K(at) >= at.gap


@mutant(
    stationary_points,
    "first_order_only",
    "x = f = y = 1, w = 0, V = -1, squared loss: the gradient is 0 and the gap 1/2",
)
def first_order_only(at: Any) -> Any:
    return (at.grad_norm + sqrt(sqrt(at.grad_norm))) * _K(at) >= at.gap


_LINEAR = "loss p, x = 1, f = 0, V = 0"

_FLAT = "loss r²/(1 + r²), x = 8, f = 0, y = 2, w = 0, V = 0, w* = 1/4, b and t small"

no_convexity = dropped(stationary_points, "convex_loss", "no_convexity", _FLAT)
at_t_no_convexity = dropped(stationary_points_at_t, "convex_loss", "no_convexity", _FLAT)
a_twelfth = times(
    stationary_points,
    Fraction(1, 12),
    "a_twelfth",
    f"{_LINEAR}, w = 3, w* = -1, b = 4, r = 2: 39 against 4",
)
at_t_half = times(
    stationary_points_at_t,
    Fraction(1, 2),
    "half",
    f"{_LINEAR}, w = 4, w* = 0, b = 5, r = 1, t = 2: 7.6 against 4",
)


@mutant(
    stationary_points_at_t,
    "theorem1_only",
    "near w = 0 the term of Theorem 1 alone vanishes with the gradient, at a saddle above linear",
)
def theorem1_only(at: Any) -> Any:
    b, r, t = at.radius, at.comparator_radius, at.t
    return at.grad_norm * sqrt(2 * b**2 + r**2 * (2 + b**2 / t**2)) >= at.gap
