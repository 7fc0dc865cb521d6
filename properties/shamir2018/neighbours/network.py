"""False neighbours: Theorem 1 for another network, or with a comparator on another sample.

Each says which part of the setting the theorem needs: the skip connection, the linear map V behind
the features, and one distribution for F and F_lin.
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import norm, spectral_norm, sq, sqrt, tanh, total
from checker.claims.neighbours import mutant
from checker.instances.fields import with_fields
from properties.shamir2018 import theorems as shamir


def _size(at: Any) -> Any:
    """The denominator of Theorem 1."""
    return sqrt(2 * sq(at.w) + sq(at.w_star) * (2 + spectral_norm(at.V) ** 2 / sq(at.w)))


@mutant(
    shamir.gradient_bound,
    "no_skip_connection",
    "without x the network wᵀV f cannot fit what w*ᵀx can: x = y = 1, f = 0, w = w* = 1, V = 0, "
    "squared loss has F = 1/2, gradient 0 and F_lin = 0",
    assuming=[*shamir.gradient_bound.assuming, shamir.loss_everywhere],
)
def theorem1_without_skip(at: Any) -> Any:
    residual_only = with_fields(at, X=0 * at.X)
    return residual_only.grad_norm * _size(at) >= residual_only.F - at.F_lin


@mutant(
    shamir.gradient_bound,
    "saturating_last_layer",
    "wᵀ(x + tanh(V f)) with x = y = 1, f = 20, w = w* = 1, V = -1, squared loss: tanh saturates, "
    "x + tanh(V f) and the gradient vanish, and F = 1/2",
    assuming=[*shamir.gradient_bound.assuming, shamir.loss_everywhere],
)
def theorem1_with_tanh(at: Any) -> Any:
    """∂/∂w is E[l' (x + t)] and ∂/∂V_ij is w_i E[l' (1 - t_i²) f_j], t = tanh(V f)."""
    t = tanh(at.Z @ at.V.T)
    unit = with_fields(at, X=at.X + t, V=0 * at.V)
    slope, inner, features = at.loss.slope(unit.prediction, at.targets), (1 - t**2).T, at.Z.T
    d, m = at.V.shape
    partials = tuple(
        at.w[i] * at.mean(slope * inner[i] * features[j]) for i in range(d) for j in range(m)
    )
    squares = sq(unit.grad[0])
    for partial in partials:
        squares = squares + partial**2
    return sqrt(squares) * _size(at) >= unit.F - at.F_lin


@mutant(
    shamir.gradient_bound,
    "comparator_on_one_sample",
    "F_lin over the first sample alone: x = (1, 1), f = 0, y = (1, -1), w = 1/8, V = 0, w* = 1, "
    "squared loss: the gradient is 1/8, the claim 0.36",
)
def theorem1_comparator_on_one_sample(at: Any) -> Any:
    first = at.loss.value(at.linear_prediction, at.targets)[0]
    return at.grad_norm * _size(at) >= at.F - first


@mutant(
    shamir.gradient_bound,
    "comparator_with_other_weights",
    "F_lin with equal weights: x = 1, f = 0, y = (1, -1, 0), weights (1/2, 1/2, 0), w = 1/8, V = 0"
    ", w* = 0, squared loss: F = 0.508, the other F_lin is 1/3",
)
def theorem1_comparator_with_other_weights(at: Any) -> Any:
    unweighted = total(at.loss.value(at.linear_prediction, at.targets)) / at.X.shape[0]
    return at.grad_norm * _size(at) >= at.F - unweighted


@mutant(
    shamir.gradient_direction,
    "gradient_at_w_star",
    "convexity gives F(w) - F(w*) <= <∇F(w), w - w*>, with the gradient at w: x = 1, f = 0, y = 0, "
    "w = 1, w* = 0, V = 0, squared loss: 0 >= 1/2",
    assuming=[*shamir.gradient_direction.assuming, shamir.loss_everywhere],
)
def lemma_with_gradient_at_w_star(at: Any) -> Any:
    linear = with_fields(at, w=at.w_star, V=0 * at.V)
    return (at.w - at.w_star) @ linear.grad[0] >= at.gap


@mutant(
    shamir.sharp_gradient_bound,
    "features_forgotten",
    "the gradient of the linear predictor at w instead of the network's: x = f = y = 1, w = 1, "
    "V = -1, w* = 1, squared loss: the linear predictor is perfect, F = 1/2",
    assuming=[*shamir.sharp_gradient_bound.assuming, shamir.loss_everywhere],
)
def sharp_theorem1_with_linear_gradient(at: Any) -> Any:
    linear = with_fields(at, Z=0 * at.Z)
    return norm(linear.grad[0]) * norm(at.w - at.w_star) >= at.gap
