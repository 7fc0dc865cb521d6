"""False neighbours of the claims on Example 1 (`properties.shamir2018.section4.landscape`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import lambda_max, lambda_min, minimum, sq
from checker.claims.claim import Assumption
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import with_fields
from properties.shamir2018.section4 import landscape


@mutant(landscape.only_valleys_and_saddle, "valleys_only", "at the saddle ∇F = 0 and F = 1/2")
def stationary_in_the_valleys_only(at: Any) -> Any:
    return sq(at.point.grad) >= 2 * at.point.F * at.eps**2


@mutant(
    landscape.only_valleys_and_saddle,
    "printed_place",
    "section 4 prints the saddle as (1, -1/ε): F = 1/2 and ∇F = (0, -ε) there, 0 at (0, -1/ε)",
)
def stationary_at_the_printed_place(at: Any) -> Any:
    return sq(at.point.grad) >= 2 * at.point.F * ((at.s - at.eps) ** 2 + (1 + at.u) ** 2)


steeper_everywhere = changed(
    landscape.only_valleys_and_saddle,
    "larger",
    "it is an equality",
    a=2 + Fraction(1, 1000),
)


@mutant(
    landscape.two_valleys,
    "one_valley",
    "w(1 + ε v) = 1 has a branch with w < 0",
    assuming=[Assumption("w_negative", r"w \le 0", lambda at: np.asarray(at.s) <= 0)],
)
def one_valley(at: Any) -> Any:
    return landscape.two_valleys(at)


high_everywhere = dropped(landscape.two_valleys, "between", "anywhere", "F = 0 in the valleys")

higher_pass = changed(landscape.two_valleys, "higher", "F = 1/2 at the saddle", h=0.501)


@mutant(
    landscape.one_saddle,
    "printed_place",
    "at (1, -1/ε) the least eigenvalue is (ε² - √(ε⁴ + 4ε²))/2 > -ε",
)
def saddle_at_the_printed_place(at: Any) -> Any:
    hessian = with_fields(at.point, w=at.point.w_star).hessian
    return minimum(lambda_max(hessian), -lambda_min(hessian)) >= at.eps


less_curved_saddle = scaled(landscape.one_saddle, "1e-6", "it is an equality")

smaller_slope = changed(
    landscape.slope_in_the_box,
    "smaller",
    "at the corner it is an equality",
    a=Fraction(599, 100),
)


@mutant(
    landscape.slope_in_the_box,
    "outside_the_box",
    "F grows like a fourth power",
    assuming=[],
    given=landscape.two_valleys.domain,
)
def slope_outside_the_box(at: Any) -> Any:
    return landscape.slope_in_the_box(at)
