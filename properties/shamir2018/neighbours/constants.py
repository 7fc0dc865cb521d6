"""False neighbours: every constant a little lower, so that only a search near equality sees it.

All are false because the claims are tight (their docstrings give the equality cases): with the
loss y p, one data point and small integers both sides agree, so any smaller constant fails there.
The constant c1 of Theorem 2 is approached only: ∂²F/∂w² large, w* -> 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.claims.neighbours import changed, lowered, mutant, scaled
from properties.shamir2018 import theorems as shamir

theorem1_smaller_constant = changed(
    shamir.gradient_bound,
    "constant_1.9",
    "equality at w* = -w, V = w qᵀ needs both constants 2",
    a=Fraction(19, 10),
)


theorem1_young_below = changed(
    shamir.gradient_bound,
    "young_below",
    "constants a and b are possible only if (a - 1)(b - 1) >= 1: w = 2, w* = -1, V = 0, x = 3, "
    "f = 0, loss p has the gradient 3 and the gap 9, while √(3/2·4 + 29/10·1) = √8.9 < 3",
    a=Fraction(3, 2),
    b=Fraction(29, 10),
)


@mutant(
    shamir.sharp_gradient_bound,
    "constant_0.99",
    "the sharp form is attained for every (w, V, w*) by the loss y p and one data point",
)
def sharp_theorem1_smaller(at: Any) -> Any:
    inequality = shamir.sharp_gradient_bound(at)
    return Fraction(99, 100) * inequality.lhs >= inequality.rhs


_A = "w = 1, w* = -1, V = 0, x = 2, f = 0, loss p: both sides are 2, and a = b = 2 is needed"
_C = "w = 1, w* = -1, V = 8, x = 66, f = -8, loss p: equality, and ||V||² = 64 is most of it"

theorem1_a_half_percent = lowered(shamir.gradient_bound, "a", "half_percent", _A)
theorem1_a_millionth = lowered(shamir.gradient_bound, "a", "1e-6", _A)

theorem1_b_5_percent = lowered(shamir.gradient_bound, "b", "5_percent", _A)
theorem1_b_half_percent = lowered(shamir.gradient_bound, "b", "half_percent", _A)
theorem1_b_millionth = lowered(shamir.gradient_bound, "b", "1e-6", _A)

theorem1_c_5_percent = lowered(shamir.gradient_bound, "c", "5_percent", _C)
theorem1_c_half_percent = lowered(shamir.gradient_bound, "c", "half_percent", _C)
theorem1_c_millionth = lowered(shamir.gradient_bound, "c", "1e-6", _C)

_LEMMA = "equality for every affine loss: w = 1, w* = -1, V = 0, x = 2, f = 0, loss p"

lemma1_5_percent = scaled(shamir.gradient_direction, "5_percent", _LEMMA)
lemma1_half_percent = scaled(shamir.gradient_direction, "half_percent", _LEMMA)
lemma1_millionth = scaled(shamir.gradient_direction, "1e-6", _LEMMA)

_SHARP = "attained for every (w, V, w*) by the loss y p and one data point"

sharp_theorem1_5_percent = scaled(shamir.sharp_gradient_bound, "5_percent", _SHARP)
sharp_theorem1_half_percent = scaled(shamir.sharp_gradient_bound, "half_percent", _SHARP)
sharp_theorem1_millionth = scaled(shamir.sharp_gradient_bound, "1e-6", _SHARP)

_C1 = (
    "x = (1, 0), f = (-1, 3), y = (-1/5, 0), V = 1, w = 0, squared loss: ||b||² is almost "
    "|λ_min| ||∂²F/∂w²||, and the gap is almost linear in w* = -2**-23"
)
_C2 = "x = -2, f = 1, V = 1, w* = 1, loss p: ∂²F/∂w² = 0, both sides are 2 and λ_min = -1"

theorem2_c1_5_percent = lowered(shamir.curvature_bound, "c1", "5_percent", _C1)
theorem2_c1_half_percent = lowered(shamir.curvature_bound, "c1", "half_percent", _C1)
theorem2_c1_millionth = lowered(shamir.curvature_bound, "c1", "1e-6", _C1)

theorem2_c2_5_percent = lowered(shamir.curvature_bound, "c2", "5_percent", _C2)
theorem2_c2_half_percent = lowered(shamir.curvature_bound, "c2", "half_percent", _C2)
theorem2_c2_millionth = lowered(shamir.curvature_bound, "c2", "1e-6", _C2)

sharp_theorem2_5_percent = scaled(shamir.sharp_curvature_bound, "5_percent", _C2)
sharp_theorem2_half_percent = scaled(shamir.sharp_curvature_bound, "half_percent", _C2)
sharp_theorem2_millionth = scaled(shamir.sharp_curvature_bound, "1e-6", _C2)
