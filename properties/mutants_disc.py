"""False neighbours of the claims on Example 1 on a disc (`properties.shamir2018_disc`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import norm
from checker.claim import Claim
from properties import shamir2018_disc as disc
from properties.mutants_base import mutant, without


def _without(name: str, called: str, why: str) -> Claim:
    of = disc.minimum_of_the_half_disc
    return mutant(of, called, why, assuming=without(of, name))(lambda at: of(at))


whole_disc = _without("on_the_left", "whole_disc", "F(1, 0) = 0")

any_point = _without("in_disc", "any_point", "the valley w < 0 begins outside of the disc")

any_radius = _without(
    "outward", "any_radius", "r > r*: the valley is in the disc, and F falls inward at z"
)


@mutant(
    disc.minimum_of_the_half_disc,
    "twice",
    "along the circle F grows like μ (3 + q²)/2 · (w' - w)² at most",
)
def twice_as_steep(at: Any) -> Any:
    return disc.minimum_of_the_half_disc.formula(at, 2)


@mutant(
    disc.on_the_boundary,
    "inside",
    "the caption: a minimum inside the domain would be stationary",
)
def inside(at: Any) -> Any:
    z = (at.w, at.v)
    return 0 * at.c >= norm(at.here.fit_gradient) * norm(z)


@mutant(disc.on_the_boundary, "twice", "∇F(z) = -μ z exactly")
def twice_the_multiplier(at: Any) -> Any:
    inequality = disc.on_the_boundary(at)
    return inequality.lhs >= 2 * inequality.rhs


@mutant(disc.radius_of_a_bad_disc, "smaller", "z(q) of norm 2.1904 has μ > 0")
def smaller_radius(at: Any) -> Any:
    return disc.radius_of_a_bad_disc.formula(at, Fraction(21898, 10**4))


@mutant(disc.radius_of_a_good_disc, "larger", "z(q) of norm 2.1912 has μ < 0")
def larger_radius(at: Any) -> Any:
    return disc.radius_of_a_good_disc.formula(at, Fraction(21918, 10**4))


@mutant(disc.distance_of_the_valley, "farther", "at t = (1 - q²)/q² it is an equality")
def farther_valley(at: Any) -> Any:
    return disc.distance_of_the_valley.formula(at, 1 + Fraction(1, 1000))


@mutant(
    disc.distance_of_the_valley,
    "proportional",
    "r*(ε) is not r*(1)/ε: near 1/ε for small ε, near √(2/ε) for large ones",
)
def inverse_to_epsilon(at: Any) -> Any:
    return at.squared_norm >= (Fraction(21908, 10**4) / at.eps) ** 2


@mutant(
    disc.small_discs_have_no_bad_minimum,
    "any_disc",
    "outside, 1 + ε v < 0 and F may rise along the circle: there is a bad minimum",
    assuming=without(disc.small_discs_have_no_bad_minimum, "in_the_small_disc"),
)
def any_disc(at: Any) -> Any:
    return disc.small_discs_have_no_bad_minimum(at)


@mutant(disc.small_discs_have_no_bad_minimum, "twice", "equality at w = 0")
def falls_twice_as_fast(at: Any) -> Any:
    inequality = disc.small_discs_have_no_bad_minimum(at)
    return inequality.lhs >= 2 * inequality.rhs
