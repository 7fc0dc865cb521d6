"""False neighbours of the claims on Example 1 on a disc (`properties.shamir2018.section4.disc`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import norm
from checker.claims.neighbours import changed, dropped, mutant, times
from properties.shamir2018.section4 import disc

whole_disc = dropped(disc.minimum_of_the_half_disc, "on_the_left", "whole_disc", "F(1, 0) = 0")

any_point = dropped(
    disc.minimum_of_the_half_disc,
    "in_disc",
    "any_point",
    "the valley w < 0 begins outside of the disc",
)

any_radius = dropped(
    disc.minimum_of_the_half_disc,
    "outward",
    "any_radius",
    "r > r*: the valley is in the disc, and F falls inward at z",
)

twice_as_steep = changed(
    disc.minimum_of_the_half_disc,
    "twice",
    "along the circle F grows like μ (3 + q²)/2 · (w' - w)² at most",
    b=2,
)


@mutant(
    disc.on_the_boundary,
    "inside",
    "the caption: a minimum inside the domain would be stationary",
)
def inside(at: Any) -> Any:
    z = (at.w, at.v)
    return 0 * at.c >= norm(at.here.fit_gradient) * norm(z)


twice_the_multiplier = times(disc.on_the_boundary, Fraction(1, 2), "twice", "∇F(z) = -μ z exactly")

smaller_radius = changed(
    disc.radius_of_a_bad_disc,
    "smaller",
    "z(q) of norm 2.1904 has μ > 0",
    R=Fraction(21898, 10**4),
)

larger_radius = changed(
    disc.radius_of_a_good_disc,
    "larger",
    "z(q) of norm 2.1912 has μ < 0",
    R=Fraction(21918, 10**4),
)

farther_valley = changed(
    disc.distance_of_the_valley,
    "farther",
    "at t = (1 - q²)/q² it is an equality",
    b=1 + Fraction(1, 1000),
)


@mutant(
    disc.distance_of_the_valley,
    "proportional",
    "r*(ε) is not r*(1)/ε: near 1/ε for small ε, near √(2/ε) for large ones",
)
def inverse_to_epsilon(at: Any) -> Any:
    return at.squared_norm >= (Fraction(21908, 10**4) / at.eps) ** 2


any_disc = dropped(
    disc.small_discs_have_no_bad_minimum,
    "in_the_small_disc",
    "any_disc",
    "outside, 1 + ε v < 0 and F may rise along the circle: there is a bad minimum",
)

falls_twice_as_fast = times(
    disc.small_discs_have_no_bad_minimum, Fraction(1, 2), "twice", "equality at w = 0"
)
