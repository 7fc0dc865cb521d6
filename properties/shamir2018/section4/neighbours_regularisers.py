"""False neighbours of the claims on other regularisers (`section4.regularisers`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import norm
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import with_fields
from properties.shamir2018.section4 import regularisers


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


steeper_minima = changed(
    regularisers.minima_of_other_regularisers,
    "steeper",
    "twice κ is above the least eigenvalue at the centre",
    b=2,
)

global_minima = dropped(
    regularisers.minima_of_other_regularisers,
    "in_ball",
    "everywhere",
    "the minimum with w > 0 is lower",
)

higher_ratio = changed(
    regularisers.worse_than_linear,
    "ratio",
    "the quotient of 0.3 ||(w, v)|| is 2.33",
    a=Fraction(5, 2),
)

worse_everywhere = dropped(
    regularisers.worse_than_linear,
    "in_ball",
    "everywhere",
    "outside of the ball there is the good minimum",
)

weaker_control = scaled(
    regularisers.no_minimum_for_the_weight_alone,
    "half_percent",
    "for small λ equality holds near the valley",
)


@mutant(
    regularisers.no_minimum_for_the_weight_alone,
    "ridge",
    "with v² in the regulariser the same bound fails: the ridge has stationary points with w != 0",
)
def no_minimum_for_ridge(at: Any) -> Any:
    bound = at.eps * at.lam * at.w * at.w
    return norm(at.gradient) * norm((at.eps * at.w, 1 + at.eps * at.v)) >= bound
