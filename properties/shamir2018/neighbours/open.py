"""Neighbours of the theorems whose truth is left to the audit; it is not told what we expect.

Some are true: a constant that can be improved, an assumption that is not needed. `why` says what
we expect, for the reader. Kinked losses enter with the slope and curvature that they state, a
subgradient and a one-sided second derivative.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import (
    lambda_max,
    norm,
    spectral_norm,
    sq,
    sqrt,
)
from checker.claims.claim import Assumption
from checker.claims.neighbours import largest_entry, neighbour, without
from checker.instances.fields import with_fields
from properties.shamir2018 import theorems as shamir
from strategies.residual_unit.points import (
    points_at_w_zero,
    points_at_w_zero_without,
    points_without,
)

TWICE = "twice_differentiable_loss"

# -- Theorem 1 and Lemma 1 --------------------------------------------------------------------


@neighbour(
    shamir.gradient_bound,
    "frobenius",
    "expected to be true: ||V||_F >= ||V||, so the claim is weaker",
)
def theorem1_frobenius(at: Any) -> Any:
    bound = sqrt(2 * sq(at.w) + sq(at.w_star) * (2 + sq(at.V) / sq(at.w)))
    return at.grad_norm >= at.gap / bound


@neighbour(
    shamir.gradient_bound,
    "triangle",
    "expected to be true: ||w - w*|| <= ||w|| + ||w*||, at most √(2||w||² + 2||w*||²)",
)
def theorem1_triangle(at: Any) -> Any:
    V_term = sq(at.w_star) * spectral_norm(at.V) ** 2 / sq(at.w)
    bound = sqrt((norm(at.w) + norm(at.w_star)) ** 2 + V_term)
    return at.grad_norm >= at.gap / bound


@neighbour(
    shamir.gradient_bound,
    "V_along_w_star",
    "expected to be true: the proof uses ||Vᵀw*|| only, which is at most ||V|| ||w*||",
)
def theorem1_V_along_w_star(at: Any) -> Any:
    bound = sqrt(2 * sq(at.w) + 2 * sq(at.w_star) + sq(at.w_star @ at.V) / sq(at.w))
    return at.grad_norm >= at.gap / bound


@neighbour(
    shamir.gradient_bound,
    "young_attained",
    "expected to be true: ||w - w*||² <= a||w||² + b||w*||² as soon as (a - 1)(b - 1) >= 1",
)
def theorem1_young(at: Any) -> Any:
    return shamir.gradient_bound.formula(at, Fraction(3, 2), 3, 1)


@neighbour(
    shamir.gradient_bound,
    "constants_1.9_and_2.1",
    "expected to be false, barely: 0.9 · 1.1 < 1; w = 10, w* = -9, V = 0, x = 19, f = 0, loss p",
)
def theorem1_constants_that_sum_to_four(at: Any) -> Any:
    return shamir.gradient_bound.formula(at, Fraction(19, 10), Fraction(21, 10), 1)


same_orthant = Assumption(
    "same_orthant",
    r"w_i w^*_i \ge 0 \text{ for all } i",
    lambda at: np.all(np.sign(at.w) * np.sign(at.w_star) >= 0, axis=0),
)


@neighbour(
    shamir.gradient_bound,
    "same_orthant",
    "expected to be true: <w, w*> >= 0 gives ||w - w*||² <= ||w||² + ||w*||², constants 1",
    assuming=[same_orthant, *shamir.gradient_bound.assuming],
)
def theorem1_same_orthant(at: Any) -> Any:
    return shamir.gradient_bound.formula(at, 1, 1, 1)


@neighbour(
    shamir.gradient_bound,
    "comparator_with_features",
    "expected to be true: F is convex in w alone, so F(w, V) - F(w*, V) <= <∂F/∂w, w - w*>",
    assuming=[*shamir.gradient_bound.assuming, shamir.loss_everywhere],
)
def theorem1_comparator_with_features(at: Any) -> Any:
    other = with_fields(at, w=at.w_star)
    return norm(at.grad[0]) * sqrt(2 * sq(at.w) + 2 * sq(at.w_star)) >= at.F - other.F


@neighbour(
    shamir.gradient_direction,
    "any_subgradient",
    "expected to be true: l'(p)(p - t) >= l(p) - l(t) defines subgradients of convex losses",
    given=points_without(TWICE),
    assuming=without(shamir.gradient_direction, TWICE),
    equality_strata=shamir.gradient_direction.equality_strata | {"labels met", "margins met"},
)
def lemma_with_any_subgradient(at: Any) -> Any:
    return shamir.gradient_direction.formula(at)


@neighbour(
    shamir.gradient_bound,
    "any_subgradient",
    "expected to be true: it follows from Lemma 1 by Cauchy-Schwarz, no second derivative",
    given=points_without(TWICE),
    assuming=without(shamir.gradient_bound, TWICE),
)
def theorem1_with_any_subgradient(at: Any) -> Any:
    return shamir.gradient_bound(at)


@neighbour(
    shamir.sharp_gradient_bound,
    "any_subgradient",
    "expected to be true: it follows from Lemma 1 by Cauchy-Schwarz, no second derivative",
    given=points_without(TWICE),
    assuming=without(shamir.sharp_gradient_bound, TWICE),
)
def sharp_theorem1_with_any_subgradient(at: Any) -> Any:
    return shamir.sharp_gradient_bound(at)


# -- Theorem 2 --------------------------------------------------------------------------------


def _curvature_bound(at: Any, V_size: Any, curvature: Any) -> Any:
    """Theorem 2 with something else in the places of ||V|| and ||∂²F/∂w²||."""
    lam = abs(at.lambda_min_at_w_zero)
    return norm(at.w_star) * (at.grad_norm + V_size * sqrt(lam * curvature + lam**2)) >= at.gap


@neighbour(
    shamir.curvature_bound,
    "frobenius",
    "expected to be true: ||V||_F >= ||V||, so the claim is weaker",
)
def theorem2_frobenius(at: Any) -> Any:
    return _curvature_bound(at, sqrt(sq(at.V)), spectral_norm(at.hess_ww))


@neighbour(
    shamir.curvature_bound,
    "least_curvature",
    "expected to be true: ||b||² = λ_min² + α |λ_min| with α = λ_min(∂²F/∂w²)",
)
def theorem2_least_curvature(at: Any) -> Any:
    return _curvature_bound(at, spectral_norm(at.V), abs(at.lambda_min_ww))


@neighbour(
    shamir.curvature_bound,
    "largest_entry_of_block",
    "expected to be true: some diagonal entry of ∂²F/∂w² is at least its least eigenvalue",
)
def theorem2_largest_entry_of_block(at: Any) -> Any:
    return _curvature_bound(at, spectral_norm(at.V), largest_entry(at.hess_ww))


@neighbour(
    shamir.curvature_bound,
    "coupling",
    "expected to be true: the proof bounds ||b|| = ||E[l'(0; y) f]||, here it stands itself",
)
def theorem2_coupling(at: Any) -> Any:
    left = norm(at.w_star) * (at.grad_norm + spectral_norm(at.V) * norm(at.b))
    return left >= at.gap


@neighbour(
    shamir.curvature_bound,
    "greatest_eigenvalue",
    "expected to be true: at w = 0 the greatest eigenvalue is at least |λ_min|, since the spectrum "
    "is (α_i ± √(α_i² + 4||b||²))/2 and zeros",
    given=points_at_w_zero(3),
)
def theorem2_greatest_eigenvalue(at: Any) -> Any:
    lam = abs(lambda_max(at.hessian))
    curved = sqrt(lam * spectral_norm(at.hess_ww) + lam**2)
    return norm(at.w_star) * (at.grad_norm + spectral_norm(at.V) * curved) >= at.gap


@neighbour(
    shamir.curvature_bound,
    "one_sided_derivatives",
    "expected to be true: with any subgradients and any non-negative curvatures, the formal "
    "Hessian at w = 0 still has ||b||² = λ_min² + α |λ_min|; what fails at a kink is Corollary 1",
    given=points_at_w_zero_without(TWICE),
    assuming=without(shamir.curvature_bound, TWICE),
)
def theorem2_with_one_sided_derivatives(at: Any) -> Any:
    return shamir.curvature_bound(at)


@neighbour(
    shamir.least_eigenvalue,
    "no_convexity",
    "expected to be true: at w = 0 the block in V is 0, so the Hessian is never positive definite",
    given=points_at_w_zero_without("convex_loss", 3),
    assuming=without(shamir.least_eigenvalue, "convex_loss"),
)
def eigenvalue_without_convexity(at: Any) -> Any:
    return shamir.least_eigenvalue(at)


@neighbour(
    shamir.sharp_curvature_bound,
    "gradient_along_w_star",
    "expected to be true: the proof has -(w*)ᵀ∇F, which is at most ||w*|| ||∇F||",
)
def sharp_theorem2_projected(at: Any) -> Any:
    lam = abs(at.lambda_min_at_w_zero)
    curved = sqrt(lam * abs(at.lambda_min_ww) + lam**2)
    return norm(at.w_star @ at.V) * curved - at.w_star @ at.grad[0] >= at.gap
