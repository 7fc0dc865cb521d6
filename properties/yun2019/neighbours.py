"""False neighbours of the statements of Yun, Sra and Jadbabaie (2019)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import filled, lambda_min, norm, sq, sqrt
from checker.claims.neighbours import dropped, mutant, scaled, times
from checker.landscape.deep_residual.curvature import curvature_along, dense_hessian
from checker.landscape.deep_residual.network import pulled
from properties.yun2019 import theorems as yun
from strategies.deep_residual.networks import uncovered_networks

CURVED, EIGENVALUE = yun.curved, yun.least_eigenvalue_of_deep_network
CURVED_FOUND, ALONG_FOUND = yun.curved_at_critical_points, yun.along_at_critical_points
ACROSS, ALONG, NEAR, RADEMACHER = yun.across, yun.along, yun.risk_near_identity, yun.rademacher

_TWO_BLOCKS = "V_1 moves the features of the second block where U_2 v != 0"
_FAR = "loss r²/(1 + r²), far from the label: the gradient is small, the loss is not"


# -- main theorem -----------------------------------------------------------------------------


across_without_convexity = dropped(ACROSS, "convex_loss", "no_convexity", _FAR)
along_without_convexity = dropped(ALONG, "convex_loss", "no_convexity", _FAR)


def _size_across(at: Any) -> Any:
    return at.length_apart(at.w_across, at.V.shape[0] * at.V.shape[2] / sq(at.v))


@mutant(ACROSS, "no_coverage", _TWO_BLOCKS)
def across_without_coverage(at: Any) -> Any:
    network = at.passed(at.w_across, covered=False)
    return sqrt(at.mean_square_gradient(covered=False)) * _size_across(at) >= at.gap(network)


@mutant(
    ACROSS, "at_the_point_alone", "w = 0, V_1 with E[l' h] = 0: critical, and worse than linear"
)
def across_at_the_point_alone(at: Any) -> Any:
    network = at.passed(at.w_across)
    gradient = norm((network.gradient_w, *network.gradients_V))
    return gradient * _size_across(at) >= at.gap(network)


@mutant(ACROSS, "no_factor_M", "every feature moves alone: equality has M = L m")
def across_without_M(at: Any) -> Any:
    size = at.length_apart(at.w_across, 1 / sq(at.v))
    return sqrt(at.mean_square_gradient()) * size >= at.gap(at.passed(at.w_across))


def _along(at: Any, gradient: Any, network: Any) -> Any:
    along_w = at.w @ at.v
    size = sqrt(sq(along_w) * sq(at.w - at.u) + sq(tuple(at.apart)))
    return gradient * size >= abs(along_w) * at.gap(network)


@mutant(
    ALONG,
    "no_coverage",
    _TWO_BLOCKS + "; d = 1, tanh: a strict local minimum of risk 0.0100 where linear has 0.0066",
    given=uncovered_networks(),
)
def along_without_coverage(at: Any) -> Any:
    network = at.passed(at.w, covered=False)
    return _along(at, pulled(network, at.v), network)


@mutant(ALONG, "gradient_in_w_only", "the gap may come from the features: u = w, c_1 = -1")
def along_with_gradient_in_w(at: Any) -> Any:
    network = at.passed(at.w)
    return _along(at, norm(network.gradient_w), network)


# -- main theorem, negative curvature ---------------------------------------------------------


curved_without_convexity = dropped(CURVED, "convex_loss", "no_convexity", _FAR)


@mutant(CURVED, "no_coverage", _TWO_BLOCKS)
def curved_without_coverage(at: Any) -> Any:
    network = at.passed(at.w_across, covered=False)
    return -at.curvature(network) >= at.forced(network)


@mutant(
    CURVED, "every_critical_point", "w = 0, V with E[l' h] = 0: critical, and worse than linear"
)
def no_critical_point_is_worse(at: Any) -> Any:
    network = at.passed(at.w_across)
    gradient = norm((network.gradient_w, *network.gradients_V))
    return gradient * _size_across(at) >= at.gap(network)


@mutant(CURVED, "w_not_orthogonal", "f then moves with the V_l alone: (wᵀv)² E[l'' (...)²]")
def curved_at_any_w(at: Any) -> Any:
    network = at.passed(at.w)
    return -at.curvature(network) >= at.forced(network)


@mutant(CURVED, "half_the_curvature", "R falls by half of <D, ∇²R D>: linear loss")
def half_the_curvature(at: Any) -> Any:
    network = at.passed(at.w_across)
    return -at.curvature(network) / 2 >= at.forced(network)


@mutant(CURVED, "no_curvature_in_w", "far along v the curvature in w wins: α = 2")
def curved_without_curvature_in_w(at: Any) -> Any:
    network = at.passed(at.w_across)
    return -at.curvature(network) >= 2 * at.alpha * sq(at.v) * at.first_order(network)


@mutant(CURVED, "no_gradient_term", "where ∇_w R != 0 the gradient explains the gap: V = 0, c = 0")
def curved_without_gradient(at: Any) -> Any:
    network = at.passed(at.w_across)
    explained = at.forced(network) + 2 * at.alpha * sq(at.v) * (
        at.gap(network) - at.first_order(network)
    )
    return -at.curvature(network) >= explained


@mutant(
    CURVED,
    "earlier_blocks_only",
    "D moves every block: without V_L the features of the last one stay out of reach",
)
def curved_without_last_block(at: Any) -> Any:
    network = at.passed(at.w_across)
    in_w, *in_V = at.direction()
    return -curvature_along(network, (in_w, *in_V[:-1], 0 * in_V[-1])) >= at.forced(network)


@mutant(
    CURVED_FOUND, "as_good_as_linear", "w = 0, V with E[l' h] = 0: critical, and worse than linear"
)
def critical_points_are_as_good(at: Any) -> Any:
    return no_critical_point_is_worse.formula(at)


@mutant(
    ALONG_FOUND,
    "better_than_linear",
    "the comparator has the features, too: minima are level with it, not better by 1 %",
)
def minima_are_better(at: Any) -> Any:
    network, along_w = at.passed(at.w), at.w @ at.v
    size = sqrt(sq(along_w) * sq(at.w - at.u) + sq(tuple(at.apart)))
    better = at.gap(network) + network.risk / 100
    return pulled(network, at.v) * size >= abs(along_w) * better


minima_without_convexity = dropped(
    ALONG_FOUND,
    "convex_loss",
    "no_convexity",
    "a minimum near some labels, from which the others are too far to pull",
)

curved_found_a_quarter = times(
    CURVED_FOUND,
    Fraction(1, 4),
    "a_quarter",
    "at saddles with w = 0 the Hessian along D is about twice what the gap forces",
)


@mutant(
    CURVED_FOUND,
    "curvature_not_subtracted",
    "<D, ∇²R D> has the term α² E[l'' (vᵀ h_L)²] >= 0, too",
)
def forced_without_curvature(at: Any) -> Any:
    network = at.passed(at.w_across)
    return -at.curvature(network) >= at.alpha * 2 * sq(at.v) * at.first_order(network)


def _eigenvalue(at: Any, kappa: Any, curved: Any) -> Any:
    network = at.passed(at.w_across)
    reach = norm(network.gradient_w) * norm(at.w_across - at.u)
    return reach + sqrt(curved(kappa(network), network)) * norm(tuple(at.apart)) >= at.gap(network)


def _kappa(network: Any) -> Any:
    return abs(lambda_min(dense_hessian(network)))


eigenvalue_without_convexity = dropped(EIGENVALUE, "convex_loss", "no_convexity", _FAR)


@mutant(EIGENVALUE, "no_curvature_in_w", "x = y = 1, w = 0, V = 0: κ < |b| where l'' (vᵀh)² > 0")
def eigenvalue_without_curvature_in_w(at: Any) -> Any:
    return _eigenvalue(at, _kappa, lambda kappa, network: sq(kappa))


@mutant(EIGENVALUE, "no_squared_eigenvalue", "linear loss: no curvature in w, and κ = |b|")
def eigenvalue_without_square(at: Any) -> Any:
    return _eigenvalue(
        at, _kappa, lambda kappa, network: kappa * at.curvature_in_w(network) / sq(at.v)
    )


@mutant(EIGENVALUE, "no_eigenvalue", "w = 0, V with E[l' h] = 0: critical, and worse than linear")
def eigenvalue_without_kappa(at: Any) -> Any:
    network = at.passed(at.w_across)
    return norm(network.gradient_w) * norm(at.w_across - at.u) >= at.gap(network)


@mutant(EIGENVALUE, "of_the_blocks_alone", "∇²R in V_1 alone is 0 at w = 0: the mixed block counts")
def eigenvalue_of_the_blocks(at: Any) -> Any:
    def kappa(network: Any) -> Any:
        first = dense_hessian(network)
        d = at.w.shape[0]
        inside = type(first).constant(np.diag([0.0] * d + [1.0] * (first.shape[0] - d)))
        return abs(lambda_min(inside @ first @ inside))

    return _eigenvalue(
        at,
        kappa,
        lambda k, network: sq(k) + k * at.curvature_in_w(network) / sq(at.v),
    )


across_less = scaled(ACROSS, "half_percent", "equality for a linear loss")
along_less = scaled(ALONG, "half_percent", "equality for a linear loss")
curved_less = scaled(CURVED, "half_percent", "linear loss: d = m = 1, w = 0, α = 1")
eigenvalue_less = scaled(EIGENVALUE, "half_percent", "linear loss, d = m = L = 1: κ = |b|")
across_millionth = scaled(ACROSS, "1e-6", "equality for a linear loss")
along_millionth = scaled(ALONG, "1e-6", "equality for a linear loss")
curved_millionth = scaled(CURVED, "1e-6", "linear loss: d = m = 1, w = 0, α = 1")
eigenvalue_millionth = scaled(EIGENVALUE, "1e-6", "linear loss, d = m = L = 1: κ = |b|")


# -- near the identity ------------------------------------------------------------------------


def _near(at: Any, near: Any) -> Any:
    far = norm(at.network.gradient_w) * norm(at.w - at.u)
    return far + near >= at.risk_gap


near_half_percent = scaled(
    NEAR, "half_percent", "linear loss, no blocks, one input x, w - u along x: an equality"
)
rademacher_half_percent = scaled(
    RADEMACHER, "half_percent", "M = 0: both sides are 1/√n for orthonormal inputs"
)


@mutant(NEAR, "no_extra_term", "w = 0 is critical for h = x + ρ|x|, x = ±1, and linear is better")
def near_without_distortion(at: Any) -> Any:
    return _near(at, 0 * at.distortion)


@mutant(NEAR, "no_length_of_x", "long inputs: x = 100")
def near_without_length(at: Any) -> Any:
    return _near(at, yun.slope_of(at) * norm(at.u) * at.distortion)


@mutant(NEAR, "no_gradient_term", "w need not be optimal: no blocks, w = -u")
def near_without_gradient(at: Any) -> Any:
    near = yun.slope_of(at) * norm(at.u) * at.distortion * at.mean_length
    return near >= at.risk_gap


near_with_squared_loss = dropped(
    NEAR, "lipschitz_loss", "squared_loss", "its slope grows with the label: y = 100"
)


@mutant(RADEMACHER, "half", "(1 + M²/2): n = 4 orthonormal inputs, M = 1 give 0.91 > 0.75")
def rademacher_with_half(at: Any) -> Any:
    root = sqrt(filled(at.radius, at.X.shape[0]))
    return at.radius * at.growth(Fraction(1, 2)) / root >= at.lower_bound


@mutant(RADEMACHER, "no_blocks", "the blocks do add: n = 4, M = 1 give 0.91 > 0.5")
def rademacher_without_blocks(at: Any) -> Any:
    return at.radius / sqrt(filled(at.radius, at.X.shape[0])) >= at.lower_bound
