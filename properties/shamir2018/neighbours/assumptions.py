"""False neighbours: the theorems with one assumption dropped, in turn.

Dropped are convexity, w != 0, w = 0, the second derivative (a kink).
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import lambda_min, minimum, norm, spectral_norm, sq, sqrt
from checker.claims.neighbours import dropped, mutant, without
from properties.shamir2018 import theorems as shamir
from strategies.residual_unit.points import (
    points_at_w_zero,
    points_at_w_zero_without,
    points_with_wrong_slopes,
)

# -- without convexity ------------------------------------------------------------------------


lemma_without_convexity = dropped(
    shamir.gradient_direction,
    "convex_loss",
    "no_convexity",
    "loss r²/(1 + r²), x = 1, f = 0, y = 0, w = 6, w* = 0: <G, ∇F> = 0.05, the gap is 0.97",
)


theorem1_without_convexity = dropped(
    shamir.gradient_bound,
    "convex_loss",
    "no_convexity",
    "loss r²/(1 + r²), x = 1, f = 0, y = 0, w = 6, w* = 0: the gradient is 0.009, the claim 0.11",
)


sharp_theorem1_without_convexity = dropped(
    shamir.sharp_gradient_bound,
    "convex_loss",
    "no_convexity",
    "loss r²/(1 + r²), x = 1, f = 0, y = 0, w = 6, w* = 0: ||∇F|| ||G|| = 0.05, the gap is 0.97",
)


@mutant(
    shamir.curvature_bound,
    "no_convexity",
    "loss (r² - 1)²/4, x = 1, f = 0, V = 0, y = 0, w* = 1: F(0) = 1/4 is a maximum, gradient 0",
    given=points_at_w_zero_without("convex_loss"),
    assuming=without(shamir.curvature_bound, "convex_loss"),
)
def theorem2_without_convexity(at: Any) -> Any:
    # λ_min in closed form, also where ∂²F/∂w² is not positive semidefinite: b = 0 then leaves α.
    lam = abs(minimum(at.lambda_min_at_w_zero, at.lambda_min_ww))
    curved = sqrt(lam * spectral_norm(at.hess_ww) + lam**2)
    return norm(at.w_star) * (at.grad_norm + spectral_norm(at.V) * curved) >= at.gap


# -- without w != 0, without w = 0 ------------------------------------------------------------


@mutant(
    shamir.gradient_bound,
    "limit_at_w_zero",
    "x = f = y = 1, w = 0, V = -1, squared loss: the gradient is 0, F = 1/2 and F_lin(1) = 0; the "
    "term ||V||² / ||w||² cannot be dropped where it is infinite",
    given=points_at_w_zero(),
    assuming=shamir.curvature_bound.assuming,
)
def theorem1_at_w_zero(at: Any) -> Any:
    return at.grad_norm * sqrt(2 * sq(at.w_star)) >= at.gap


@mutant(
    shamir.curvature_bound,
    "at_any_w",
    "w = 1, w* = 0, x = 1, f = 0, V = 0, y = 0, squared loss: the left is 0, the gap 1/2",
    given=points_at_w_zero_without("zero_w", 3),
    assuming=without(shamir.curvature_bound, "zero_w"),
)
def theorem2_at_any_w(at: Any) -> Any:
    # The closed form of λ_min is that at w = 0; elsewhere it takes the Hessian itself.
    lam = abs(lambda_min(at.hessian))
    curved = sqrt(lam * spectral_norm(at.hess_ww) + lam**2)
    return norm(at.w_star) * (at.grad_norm + spectral_norm(at.V) * curved) >= at.gap


eigenvalue_at_any_w = dropped(
    shamir.least_eigenvalue,
    "zero_w",
    "at_any_w",
    "x = (1, 0), f = (0, 1), y = (1, 1), w = 1, V = 1, squared loss: a nondegenerate minimum",
)


# -- with a kink ------------------------------------------------------------------------------


@mutant(
    shamir.gradient_direction,
    "wrong_subgradient",
    "max(0, 1 - p) with the slope -2 at p = 1: x = 1, f = 0, y = 1, V = 0, w = 1, w* = 0 gives -2 "
    ">= -1; the subgradients are [-1, 0]",
    given=points_with_wrong_slopes(),
    assuming=without(shamir.gradient_direction, "twice_differentiable_loss"),
    weight=lambda at, inequality: sq(at.w_star),
)
def lemma_with_wrong_subgradient(at: Any) -> Any:
    return shamir.gradient_direction.formula(at)
