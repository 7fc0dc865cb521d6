"""False neighbours: the theorems with one assumption dropped, in turn.

Dropped are convexity, w != 0, w = 0, the second derivative (a kink), being a local minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import lambda_min, minimum, norm, spectral_norm, sq, sqrt
from checker.arithmetic.instances import Batch, map_arrays
from checker.claim import Assumption
from properties import shamir2018 as shamir
from properties.mutants_base import dropped, mutant, without
from strategies.critical_points import exactly_critical_points
from strategies.local_minima import minima_at_kinks, minima_of_bounded_losses
from strategies.points import (
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


def _case_by_case(test: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """A test of one instance as one of instances with or without a batch axis."""

    def holds(at: Any) -> Any:
        if at.w.ndim == 1:
            return test(at)
        size = at.w.shape[-1]
        batch = Batch(at, size, "")
        return np.array([test(batch.case(i)) for i in range(size)])

    return holds


def _minimum_at_kink(at: Any) -> bool:
    """Both one-sided derivatives of w -> F(w, V) are positive at w = 0, for d = m = 1.

    By continuity they are for V' near V, and w -> F(w, V') is convex, so F(w, V') >= F(0, V') =
    F(0, V). The numbers are small integers, their sums exact.
    """
    small = all(np.array_equal(a, np.clip(np.rint(a), -1e6, 1e6)) for a in (at.X, at.y, at.Z, at.V))
    known = at.loss.kind == "absolute" and at.weights is None and at.V.shape == (1, 1)
    if not small or not known or at.w.any():
        return False
    q = at.X[:, 0] + at.V[0, 0] * at.Z[:, 0]
    pull, push = np.abs(q[at.y == 0]).sum(), (np.sign(at.y) * q).sum()
    return bool(pull - abs(push) > 0)


minimum_at_kink = Assumption(
    "minimum_at_kink", r"(0, V) \text{ is a local minimum}", _case_by_case(_minimum_at_kink)
)


@mutant(
    shamir.no_bad_local_minimum,
    "loss_with_kink",
    "|p - y| with x = (1, 0), f = (0, 1), y = (1, 0), w = 0, V = 2: F = (|w - 1| + |w V|)/2 is at "
    "least 1/2 for small w, and w* = 1 gives F_lin = 0",
    given=minima_at_kinks(),
    assuming=[minimum_at_kink, shamir.convex_loss],
    weight=lambda at, inequality: sq(at.w_star),
)
def local_minima_with_kinks(at: Any) -> Any:
    return at.F_lin >= at.F


# -- Corollary 1 without convexity, or at any critical point ----------------------------------


def _hollow_minimum(at: Any) -> bool:
    """x + V f = 0 at every sample, b = 0 and E[l'' f²] > 0, exactly, for d = m = 1.

    Near such a point all predictions are s f with one small s = w' (V' - V), and s -> E l(s f; y)
    has the derivative b = 0 and the second derivative E[l'' f²] > 0 at s = 0: a local minimum.
    """
    if at.V.shape != (1, 1) or not at.loss.twice_differentiable:
        return False
    exact = map_arrays(at, Exact.constant)
    curvature = exact.mean(exact.loss.curvature(exact.prediction, exact.y) * exact.Z.T[0] ** 2)
    zero = (exact.X.T[0] + exact.Z.T[0] * exact.V[0][0], exact.b)
    numbers = [x for part in zero for x in part.entries.flat]
    if not (all(x.known for x in numbers) and curvature.item.known):
        return False
    return all(x.sign == 0 for x in numbers) and curvature.item.sign > 0


hollow_minimum = Assumption(
    "hollow_minimum", r"(w, V) \text{ is a local minimum}", _case_by_case(_hollow_minimum)
)


@mutant(
    shamir.no_bad_local_minimum,
    "no_convexity",
    "loss r²/(1 + r²), five samples x = 1, f = 1, y = 8, 8, -8, -8, 0 and V = -1: the prediction 0 "
    "is a local minimum with F = 0.79, and w* = 8 gives F_lin = 0.60",
    given=minima_of_bounded_losses(),
    assuming=[hollow_minimum],
    weight=lambda at, inequality: sq(at.w_star),
)
def local_minima_without_convexity(at: Any) -> Any:
    return at.F_lin >= at.F


def _is_critical(at: Any) -> bool:
    """Whether the gradient in (w, V) is 0, decided in exact numbers."""
    blocks = map_arrays(at, Exact.constant).grad
    return all(x.known and x.sign == 0 for block in blocks for x in block.entries.flat)


exactly_critical = Assumption(
    "exactly_critical", r"\nabla F_\theta(w, V) = 0", _case_by_case(_is_critical)
)


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
