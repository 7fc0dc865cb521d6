"""False neighbours of the theorems: each must be refuted, or the search has no teeth.

Every mutant says what was changed and why the result is false. They are controls: a run in which
one survives does not count as evidence for the theorem next to it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.decide import decide_exactly
from checker.arithmetic.functions import dot, norm, outer, sq, sqrt
from checker.arithmetic.instances import Batch
from checker.claim import Assumption, Claim, claim
from properties import shamir2018 as shamir
from strategies.critical_points import exactly_critical_points


def mutant(of: Claim, name: str, why: str, **further: Any) -> Callable[[Any], Claim]:
    """A false neighbour of a claim: same domain and assumptions unless stated otherwise."""
    settings: dict[str, Any] = {
        "given": of.domain,
        "assuming": of.assuming,
        "weight": of.weight,
        **further,
    }
    return claim(
        id=f"{of.id}.{name}",
        title=f"false neighbour of {of.id}: {name.replace('_', ' ')}",
        kind="must-be-refuted",
        of=of.id,
        why=why,
        **settings,
    )


@mutant(
    shamir.gradient_direction,
    "no_inverse_norm",
    "G needs w (w*)ᵀV / ||w||², not w (w*)ᵀV: the second block of the gradient is w bᵀ",
)
def lemma_without_inverse_norm(at: Any) -> Any:
    G = (at.w - at.w_star, outer(at.w, at.w_star @ at.V))
    return dot(G, at.grad) >= at.gap


@mutant(
    shamir.gradient_bound,
    "constant_1.9",
    "equality at w* = -w, V = w qᵀ needs both constants 2",
)
def theorem1_smaller_constant(at: Any) -> Any:
    return shamir.gradient_bound.formula(at, Fraction(19, 10), 2, 1)


@mutant(
    shamir.gradient_bound,
    "no_V_term",
    "x = f = y = 1, w = 1/100, V = -1, w* = 1, squared loss: the gradient is 0.01, the claim 0.35",
)
def theorem1_without_V(at: Any) -> Any:
    return shamir.gradient_bound.formula(at, 2, 2, 0)


@mutant(
    shamir.sharp_gradient_bound,
    "constant_0.99",
    "the sharp form is attained for every (w, V, w*) by the loss y p and one data point",
)
def sharp_theorem1_smaller(at: Any) -> Any:
    size = norm((at.w - at.w_star, (at.w_star @ at.V) / norm(at.w)))
    return Fraction(99, 100) * at.grad_norm * size >= at.gap


@mutant(
    shamir.least_eigenvalue,
    "below_minus_b",
    "λ_min = (α - √(α² + 4||b||²))/2 is above -||b|| as soon as α = λ_min(∂²F/∂w²) > 0",
)
def eigenvalue_below_minus_b(at: Any) -> Any:
    return -norm(at.b) >= at.lambda_min_at_w_zero


@mutant(
    shamir.curvature_bound,
    "no_squared_eigenvalue",
    "for the loss y p the block ∂²F/∂w² is 0 and only λ_min² is left",
)
def theorem2_without_square(at: Any) -> Any:
    return shamir.curvature_bound.formula(at, 1, 0)


@mutant(
    shamir.curvature_bound,
    "no_curvature_product",
    "||b||² = λ_min² + α |λ_min|: without the product, large curvature hides b",
)
def theorem2_without_product(at: Any) -> Any:
    return shamir.curvature_bound.formula(at, 0, 1)


@mutant(
    shamir.sharp_curvature_bound,
    "without_w_star_norm",
    "the gradient term scales with ||w*||",
)
def sharp_theorem2_without_w_star(at: Any) -> Any:
    lam = abs(at.lambda_min_at_w_zero)
    curved = sqrt(lam * abs(at.lambda_min_ww) + lam**2)
    return at.grad_norm + norm(at.w_star @ at.V) * curved >= at.gap


def _gradient_is_zero(at: Any) -> Any:
    """Which cases are critical in (w, V), decided in exact rationals."""
    size = at.w.shape[-1]
    batch = Batch(at, size, "")

    def critical(case: Any) -> bool:
        result = decide_exactly(lambda e: 0 * sq(e.grad[0]) >= sq(e.grad[0]) + sq(e.grad[1]), case)
        return result is not None and result.decision.name == "EQUAL"

    return np.array([critical(batch.case(i)) for i in range(size)])


exactly_critical = Assumption("exactly_critical", r"\nabla F_\theta(w, V) = 0", _gradient_is_zero)


@mutant(
    shamir.no_bad_local_minimum,
    "every_critical_point",
    "x = f = y = 1, w = 0, V = -1: the gradient is 0, F = 1/2, and w* = 1 gives F_lin = 0; "
    "the point is a saddle, which first-order information cannot tell from a minimum",
    given=exactly_critical_points(),
    assuming=[exactly_critical, shamir.convex_loss],
    weight=lambda at, inequality: sq(at.w_star),
)
def every_critical_point_as_good_as_linear(at: Any) -> Any:
    return at.F_lin >= at.F
