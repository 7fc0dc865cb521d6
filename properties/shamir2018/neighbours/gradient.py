"""False neighbours of Lemma 1 and Theorem 1: terms dropped, norms exchanged, signs and roles
flipped.

Most counterexamples are at w = 1, w* = -1, V = 1, x = 3, f = -1 and the loss p, where the true
bound is an equality: the gradient is (2, -1), the gap 5 and ||G|| = √5.
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import (
    dot,
    frobenius,
    lambda_min,
    maximum,
    norm,
    outer,
    spectral_norm,
    sq,
    sqrt,
)
from checker.claims.neighbours import changed, largest_entry, mutant
from properties.shamir2018 import theorems as shamir

# Where the true bound is an equality.
_AT = "w = 1, w* = -1, V = 1, x = 3, f = -1, loss p"

# -- Lemma 1: the direction G -----------------------------------------------------------------


@mutant(
    shamir.gradient_direction,
    "no_inverse_norm",
    "G needs w (w*)ᵀV / ||w||², not w (w*)ᵀV: the second block of the gradient is w bᵀ",
)
def lemma_without_inverse_norm(at: Any) -> Any:
    G = (at.w - at.w_star, outer(at.w, at.w_star @ at.V))
    return dot(G, at.grad) >= at.gap


@mutant(
    shamir.gradient_direction,
    "inverse_norm_not_squared",
    "w = 1/2, w* = -1, V = 1, x = 3, f = -1, loss p: the second block gives 1/2 instead of 1",
)
def lemma_with_inverse_norm_not_squared(at: Any) -> Any:
    G = (at.w - at.w_star, outer(at.w, at.w_star @ at.V) / norm(at.w))
    return dot(G, at.grad) >= at.gap


@mutant(
    shamir.gradient_direction,
    "no_V_block",
    f"{_AT}: the block in V contributes (w*)ᵀV b = 1 to the gap 5",
)
def lemma_without_V_block(at: Any) -> Any:
    return dot(at.w - at.w_star, at.grad[0]) >= at.gap


@mutant(
    shamir.gradient_direction,
    "V_block_subtracted",
    f"{_AT}: the block in V has to add 1, not to subtract it",
)
def lemma_with_V_block_subtracted(at: Any) -> Any:
    G = (at.w - at.w_star, -outer(at.w, at.w_star @ at.V) / sq(at.w))
    return dot(G, at.grad) >= at.gap


@mutant(
    shamir.gradient_direction,
    "w_plus_w_star",
    f"{_AT}: w + w* = 0, and only the block in V is left of 5",
)
def lemma_with_w_plus_w_star(at: Any) -> Any:
    G = (at.w + at.w_star, outer(at.w, at.w_star @ at.V) / sq(at.w))
    return dot(G, at.grad) >= at.gap


@mutant(
    shamir.gradient_direction,
    "w_and_w_star_exchanged_in_V_block",
    "w* wᵀV is orthogonal to w bᵀ where w* is to w: w = (1, 0), w* = (0, 1), V = (0, 1)ᵀ, "
    "x = (1, 0), f = 1, loss p gives 0 >= 1; for d = 1 nothing changes",
)
def lemma_with_V_block_exchanged(at: Any) -> Any:
    G = (at.w - at.w_star, outer(at.w_star, at.w @ at.V) / sq(at.w))
    return dot(G, at.grad) >= at.gap


# -- Theorem 1: the bound ---------------------------------------------------------------------


theorem1_without_V = changed(
    shamir.gradient_bound,
    "no_V_term",
    "x = f = y = 1, w = 1/100, V = -1, w* = 1, squared loss: the gradient is 0.01, the claim 0.35",
    c=0,
)


theorem1_without_w = changed(shamir.gradient_bound, "no_w_term", f"{_AT}: 5 / √3 > √5", a=0)


theorem1_without_w_star = changed(
    shamir.gradient_bound, "no_w_star_term", f"{_AT}: 5 / √3 > √5", b=0
)


@mutant(
    shamir.gradient_bound,
    "V_not_divided_by_w",
    "w = 1/4, w* = -1/4, V = 1, x = 9/2, f = -4, loss p: an equality case with ||w|| < 1",
)
def theorem1_V_not_divided(at: Any) -> Any:
    bound = sqrt(2 * sq(at.w) + sq(at.w_star) * (2 + spectral_norm(at.V) ** 2))
    return at.grad_norm >= at.gap / bound


@mutant(
    shamir.gradient_bound,
    "w_and_w_star_exchanged",
    "w = 1, w* = -2, V = 4, x = 35, f = -8, loss p: ||G||² = 73, the exchanged bound has 14",
)
def theorem1_exchanged(at: Any) -> Any:
    w, w_star = sq(at.w), sq(at.w_star)
    bound = 2 * w_star**2 + w * (2 * w_star + spectral_norm(at.V) ** 2)  # times ||w*||²
    return at.grad_norm * sqrt(bound) >= at.gap * norm(at.w_star)


def _with_V_squared(at: Any, V_squared: Any) -> Any:
    """Theorem 1 with something else in the place of ||V||²."""
    bound = sqrt(2 * sq(at.w) + sq(at.w_star) * (2 + V_squared / sq(at.w)))
    return at.grad_norm >= at.gap / bound


_ONES = "w = (1, 1), w* = -w, x = (4, 4), f = -(1, 1), loss p and V of four ones: ||V|| = 2"


@mutant(shamir.gradient_bound, "V_largest_entry", f"{_ONES}, its largest entry is 1")
def theorem1_V_largest_entry(at: Any) -> Any:
    return _with_V_squared(at, largest_entry(at.V) ** 2)


@mutant(
    shamir.gradient_bound,
    "V_root_mean_square",
    f"{_ONES}, ||V||_F / √4 = 1; only ||V||_F itself is at least ||V||",
)
def theorem1_V_root_mean_square(at: Any) -> Any:
    return _with_V_squared(at, sq(at.V) / (at.V.shape[0] * at.V.shape[1]))


@mutant(shamir.gradient_bound, "V_least_singular_value", f"{_ONES}, its other singular value is 0")
def theorem1_V_least_singular_value(at: Any) -> Any:
    return _with_V_squared(at, lambda_min(at.V.T @ at.V))


def _with_gradient(at: Any, size: Any) -> Any:
    """Theorem 1 with something else in the place of ||∇F||."""
    bound = 2 * sq(at.w) + sq(at.w_star) * (2 + spectral_norm(at.V) ** 2 / sq(at.w))
    return size >= at.gap / sqrt(bound)


@mutant(shamir.gradient_bound, "larger_block_of_gradient", f"{_AT}: max(2, 1) < √5")
def theorem1_larger_block(at: Any) -> Any:
    return _with_gradient(at, maximum(norm(at.grad[0]), frobenius(at.grad[1])))


@mutant(shamir.gradient_bound, "largest_entry_of_gradient", f"{_AT}: max(2, 1) < √5")
def theorem1_largest_partial_derivative(at: Any) -> Any:
    return _with_gradient(at, maximum(largest_entry(at.grad[0]), largest_entry(at.grad[1])))


@mutant(
    shamir.gradient_bound,
    "gradient_in_w_only",
    f"{_AT}: 2 < √5; and where it is 0, x = f = y = 1, w = 1/100, V = -1, the gap is not",
)
def theorem1_gradient_in_w(at: Any) -> Any:
    return _with_gradient(at, norm(at.grad[0]))


@mutant(
    shamir.gradient_bound,
    "gradient_in_V_only",
    f"{_AT}: 1 < √5; with f = 0 it is always 0",
)
def theorem1_gradient_in_V(at: Any) -> Any:
    return _with_gradient(at, frobenius(at.grad[1]))


# -- Theorem 1, sharp form --------------------------------------------------------------------


@mutant(shamir.sharp_gradient_bound, "no_V_term", f"{_AT}: √5 · 2 < 5")
def sharp_theorem1_without_V(at: Any) -> Any:
    return at.grad_norm * norm(at.w - at.w_star) >= at.gap


@mutant(
    shamir.sharp_gradient_bound,
    "w_in_V_term",
    "w = 1, w* = -2, V = 4, x = 35, f = -8, loss p: ||Vᵀw|| = 4 instead of ||Vᵀw*|| = 8",
)
def sharp_theorem1_with_w_in_V_term(at: Any) -> Any:
    size = norm((at.w - at.w_star, (at.w @ at.V) / norm(at.w)))
    return at.grad_norm * size >= at.gap


@mutant(
    shamir.sharp_gradient_bound,
    "w_plus_w_star",
    f"{_AT}: w + w* = 0, so ||G|| shrinks to 1",
)
def sharp_theorem1_with_w_plus_w_star(at: Any) -> Any:
    size = norm((at.w + at.w_star, (at.w_star @ at.V) / norm(at.w)))
    return at.grad_norm * size >= at.gap


@mutant(
    shamir.sharp_gradient_bound,
    "orthogonal_difference",
    "||w - w*||² = ||w||² + ||w*||² holds for orthogonal vectors; E: √5 · √3 < 5",
)
def sharp_theorem1_as_if_orthogonal(at: Any) -> Any:
    size = norm((at.w, at.w_star, (at.w_star @ at.V) / norm(at.w)))
    return at.grad_norm * size >= at.gap
