"""Shamir (2018), section 2: F "can easily have spurious local minima".

The paper gives no example; this family is ours. The sample consists of pairs (x_j, y_j) and
(-x_j, y_j), f_θ(x) = [θ - c]_+ g(x) with an even g. For θ <= c the network is linear, and by
convexity l(wᵀx; y) + l(-wᵀx; y) >= 2 l(0; y): no (w, V, θ) with θ <= c is below (0, 0, 0), which so
is a local minimum of radius c. Where θ > c, the points `DormantUnit.lower` are below it unless
b = E[l'(0; y) g] = 0. For x = -1, 0, 0, 1, y = g = x², c = 5 and the squared loss
(p - y)²/2 the minimum has the value 1/4, the infimum of F is 0 and is not attained.

Corollary 1 is not violated: (0, 0, 0) is as good as the best linear predictor, 0.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import difference, sq
from checker.claims.claim import Assumption, claim
from checker.claims.neighbours import changed, dropped, mutant, without
from properties.shamir2018.setting import section, smooth_loss
from properties.shamir2018.theorems import convex_loss, nonzero_w
from strategies.residual_unit.dormant import (
    dormant_units,
    dormant_units_with_smooth_losses,
)

within_radius = Assumption("within_radius", r"\theta \le c", lambda at: at.theta <= at.c)

beyond_radius = Assumption("beyond_radius", r"\theta > c", lambda at: at.theta > at.c)

some_feature = Assumption(
    "some_feature",
    r"g \ne 0",
    lambda at: (at.G != 0).any(axis=(0, 1)),
    definitional=True,
)


@claim(
    source=section(2, "local_minimum", "spurious local minima"),
    wording="ours",
    title="a local minimum of stated radius",
    statement=r"F(w, V, \theta) \ge F(0, 0, 0) \quad \text{for } \theta \le c, \quad f_\theta(x) = "
    r"[\theta - c]_+ g(x), \; \text{pairs } (\pm x_j, y_j)",
    given=dormant_units(),
    assuming=[convex_loss, within_radius],
    constants={"a": 0},
    kind="bound",
    weight=lambda at, inequality: sq(at.pull) * sq(at.X @ at.w),
)
def local_minimum(at: Any, a: Any) -> Any:
    """In a ball of radius c around (0, 0, 0), and for any (w, V) at all. Says something where the
    minimum is spurious, b != 0, and the predictions differ from 0.

    Stated as F(w, V, θ) - F(0, 0, 0) >= a ||w||² with a = 0: the minimum need not be strict.
    **Tight**: equality for affine losses, whose mean over a pair is constant, and where wᵀx = 0.
    """
    return at.here.gap >= a * sq(at.w)


@claim(
    source=section(2, "lower_point", "the minimum is spurious"),
    wording="ours",
    title="a point below the local minimum",
    statement=r"F(0, 0, 0) \ge F(w, V_w, \theta) + \frac{\|b\|^2}{2\kappa\,\mathbb{E}\|g\|^2} - "
    r"\frac{\kappa}{2} \mathbb{E}(w^\top x)^2, \quad V_w = -\frac{w b^\top}{\|w\|^2 \kappa \, "
    r"\mathbb{E}\|g\|^2 (\theta - c)}, \; \theta > c, \; 0 \le \ell'' \le \kappa",
    given=dormant_units_with_smooth_losses(),
    assuming=[smooth_loss, replace(nonzero_w, definitional=True), beyond_radius, some_feature],
    constants={"a": 1, "b": 1},
    kind="bound",
    weight=lambda at, inequality: at.gain - at.spread,
)
def lower_point(at: Any, a: Any, b: Any) -> Any:
    """For w != 0 small enough it lies below (0, 0, 0), and for w -> 0 by ||b||²/(2κ E||g||²) at
    least. Ours; l(p) <= l(0) + l'(0) p + (κ/2) p² at the predictions ±wᵀx - bᵀg/(κ E||g||²).

    **Tight**: equality for the squared loss and one feature.
    """
    return b * at.spread >= at.lower.gap + a * at.gain


# -- false neighbours ----------------------------------------------------------------------------


@mutant(
    local_minimum,
    "twice_the_radius",
    "x = -1, 0, 0, 1, y = g = x², c = 5, θ = 6: w = 1/8, V = 8 predicts x² + x/8, "
    "and F is 1/256 instead of 1/4",
    assuming=[
        convex_loss,
        Assumption("within_twice", r"\theta \le 2c", lambda at: at.theta <= 2 * at.c),
    ],
)
def minimum_of_twice_the_radius(at: Any) -> Any:
    return local_minimum(at)


@mutant(
    local_minimum,
    "without_mirror_images",
    "one sample x = y = 1 alone, squared loss: w = 1 is better than 0",
)
def minimum_without_pairs(at: Any) -> Any:
    value = at.loss.value
    linear = at.X @ at.w
    return difference(lambda p: value(p, at.y), linear, 0 * linear).total() >= 0 * at.c


strict_minimum = changed(
    local_minimum,
    "strict",
    "an affine loss is constant on average over a pair: the minimum need not be strict",
    a=2.0**-20,
)

minimum_without_convexity = dropped(
    local_minimum,
    "convex_loss",
    "no_convexity",
    "a concave place at p = 0: geman_mcclure far from the label, double_well at y = 0",
)

lower_by_more = changed(
    lower_point,
    "gain_5_percent_more",
    "equality for the squared loss and one feature: y = g = 1, x = 0 has the gain 1/2",
    a=Fraction(105, 100),
)

lower_with_less_spread = changed(
    lower_point,
    "half_the_spread",
    "equality for the squared loss and one feature: x = 1, y = 0, g = 1 has the spread w²/2",
    b=0.5,
)

lower_within_the_radius = dropped(
    lower_point,
    "beyond_radius",
    "within_radius",
    "for θ < c the unit sleeps, and nothing is below (0, 0, 0)",
    assuming=[*without(lower_point, "beyond_radius"), within_radius],
)
