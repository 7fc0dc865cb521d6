"""False neighbours of the claims on other regularisers (`properties.shamir2018_regularisers`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import norm
from checker.arithmetic.instances import with_fields
from properties import shamir2018_regularisers as regularisers
from properties.mutants_base import mutant, without


def _none(at: Any) -> dict[str, Any]:
    return dict.fromkeys(("fourth", "first", "norm", "in_w", "in_v"), 0 * at.w)


@mutant(
    regularisers.minima_of_other_regularisers,
    "weight_only",
    "w²/4 instead: not even stationary there, as the control says",
)
def minimum_for_the_weight_alone(at: Any) -> Any:
    changed = with_fields(at, **{**_none(at), "in_w": 0 * at.w + 0.5})
    return regularisers.minima_of_other_regularisers(changed)


@mutant(
    regularisers.minima_of_other_regularisers,
    "unregularised",
    "F alone has its minima in the valleys, with F = 0",
)
def minimum_without_regulariser(at: Any) -> Any:
    return regularisers.minima_of_other_regularisers(with_fields(at, **_none(at)))


@mutant(
    regularisers.minima_of_other_regularisers,
    "steeper",
    "twice κ is above the least eigenvalue at the centre",
)
def steeper_minima(at: Any) -> Any:
    return at.there >= at.here + regularisers.growth(at, 2)


@mutant(
    regularisers.minima_of_other_regularisers,
    "everywhere",
    "the minimum with w > 0 is lower",
    assuming=without(regularisers.minima_of_other_regularisers, "in_ball"),
)
def global_minima(at: Any) -> Any:
    return regularisers.minima_of_other_regularisers(at)


@mutant(regularisers.worse_than_linear, "ratio", "the quotient of 0.3 ||(w, v)|| is 2.33")
def higher_ratio(at: Any) -> Any:
    return regularisers.worse_than_linear.formula(at, Fraction(5, 2))


@mutant(
    regularisers.worse_than_linear,
    "everywhere",
    "outside of the ball there is the good minimum",
    assuming=without(regularisers.worse_than_linear, "in_ball"),
)
def worse_everywhere(at: Any) -> Any:
    return regularisers.worse_than_linear(at)


@mutant(
    regularisers.no_minimum_for_the_weight_alone,
    "ridge",
    "with v² in the regulariser the same bound fails: the ridge has stationary points with w != 0",
)
def no_minimum_for_ridge(at: Any) -> Any:
    bound = at.eps * at.lam * at.w * at.w
    return norm(at.gradient) * norm((at.eps * at.w, 1 + at.eps * at.v)) >= bound
