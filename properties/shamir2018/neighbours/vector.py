"""False neighbours of the theorems for several outputs.

Most counterexamples have K = d = 2, W = I, W* = -I and a linear loss, where the theorem is an
equality: with V = 0, n = 2, x = 4 e_k, y = 2 e_k the gradient is 2I and the gap 8.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import (
    dot,
    frobenius,
    lambda_max,
    lambda_min,
    norm,
    spectral_norm,
    sq,
    sqrt,
)
from checker.claims.neighbours import changed, dropped, lowered, mutant, neighbour, scaled, without
from properties.shamir2018 import vector
from strategies.residual_unit.vector_points import vector_points_without

LEMMA, BOUND, SHARP, ANY_RANK, CURVATURE = (
    vector.vector_gradient_direction,
    vector.vector_gradient_bound,
    vector.sharp_vector_gradient_bound,
    vector.gap_at_any_rank,
    vector.curvature_of_several_outputs,
)
_FAR = "K = 1: loss r²/(1 + r²), x = 1, f = 0, y = 0, W = 6, W* = 0"


def _without(of: Any, name: str) -> dict[str, Any]:
    return {"given": vector_points_without(name), "assuming": without(of, name)}


# -- assumptions dropped ----------------------------------------------------------------------


lemma_without_convexity = dropped(LEMMA, "convex_loss", "no_convexity", _FAR)
bound_without_convexity = dropped(BOUND, "convex_loss", "no_convexity", _FAR)


sharp_without_convexity = dropped(SHARP, "convex_loss", "no_convexity", _FAR)


@mutant(
    BOUND,
    "least_nonzero_singular_value",
    "W of rank one: an output that W cannot reach is as wrong as before, whatever the gradient; "
    "W = (1, 0)ᵀ in the first output, x = f = 1, V = -1, y = (0, 1), W* = (0, 1)ᵀ, squared loss",
    **_without(BOUND, "full_row_rank"),
)
def bound_at_rank_one(at: Any) -> Any:
    # The only singular value of a matrix of rank one that is not 0 is ||W||_F.
    bound = sqrt(2 * sq(at.W) + sq(at.W_star) * (2 + spectral_norm(at.V) ** 2 / sq(at.W)))
    return at.grad_norm >= at.gap / bound


# -- norms and singular values exchanged ------------------------------------------------------


def _bound(at: Any, W: Any, W_star: Any, ratio: Any) -> Any:
    return at.grad_norm >= at.gap / sqrt(2 * W + W_star * (2 + ratio))


@mutant(BOUND, "sigma_max", "W = diag(8, 1), W* = diag(0, -8), V = (0, 8)ᵀ: the weak output counts")
def bound_with_largest_singular_value(at: Any) -> Any:
    ratio = spectral_norm(at.V) ** 2 / spectral_norm(at.W) ** 2
    return _bound(at, sq(at.W), sq(at.W_star), ratio)


@mutant(BOUND, "frobenius_for_sigma_min", "W = I, W* = -I, V = 8I: ||W||_F² = 2 σ_min²")
def bound_with_frobenius_in_place_of_sigma(at: Any) -> Any:
    return _bound(at, sq(at.W), sq(at.W_star), spectral_norm(at.V) ** 2 / sq(at.W))


@mutant(BOUND, "spectral_norm_of_W", "W = I, W* = -I, V = 0: ||W||² = 1, ||W||_F² = 2")
def bound_with_spectral_norm_of_W(at: Any) -> Any:
    ratio = spectral_norm(at.V) ** 2 / at.sigma_min_squared
    return _bound(at, spectral_norm(at.W) ** 2, sq(at.W_star), ratio)


@mutant(BOUND, "spectral_norm_of_W_star", "W = I, W* = -I, V = 0: ||W*||² = 1, ||W*||_F² = 2")
def bound_with_spectral_norm_of_W_star(at: Any) -> Any:
    ratio = spectral_norm(at.V) ** 2 / at.sigma_min_squared
    return _bound(at, sq(at.W), spectral_norm(at.W_star) ** 2, ratio)


bound_without_V = changed(
    BOUND, "no_V_term", "K = 1: x = f = y = 1, W = 1/100, V = -1, W* = 1, squared loss", c=0
)


@mutant(BOUND, "V_not_divided", "K = 1: W = 1/4, W* = -1/4, V = 1, x = 9/2, f = -4, loss p")
def bound_with_V_not_divided(at: Any) -> Any:
    return _bound(at, sq(at.W), sq(at.W_star), spectral_norm(at.V) ** 2)


@mutant(BOUND, "gradient_in_W_only", "K = 1: x = f = y = 1, W = 1/100, V = -1, W* = 1, squared")
def bound_with_gradient_in_W(at: Any) -> Any:
    ratio = spectral_norm(at.V) ** 2 / at.sigma_min_squared
    size = sqrt(2 * sq(at.W) + sq(at.W_star) * (2 + ratio))
    return frobenius(at.grad[0]) * size >= at.gap


# -- the direction G --------------------------------------------------------------------------


@mutant(LEMMA, "transpose_for_inverse", "W Wᵀ is not I: W = 1/2, W* = -1, V = 1, x = 3, f = -1")
def lemma_with_transpose(at: Any) -> Any:
    G = (at.W - at.W_star, at.W.T @ (at.W_star @ at.V))
    return dot(G, at.grad) >= at.gap


@mutant(LEMMA, "inverse_of_norm", "W Wᵀ / ||W||_F² is not I for two outputs: W = I, W* = -I, V = I")
def lemma_with_norm_in_place_of_gram(at: Any) -> Any:
    G = (at.W - at.W_star, at.W.T @ (at.W_star @ at.V) / sq(at.W))
    return dot(G, at.grad) >= at.gap


@mutant(LEMMA, "no_V_block", "K = 1: W = 1, W* = -1, V = 1, x = 3, f = -1, loss p: 4 < 5")
def lemma_without_V_block(at: Any) -> Any:
    return dot(at.W - at.W_star, at.grad[0]) >= at.gap


@mutant(SHARP, "transpose_for_inverse", "W = 1/4, W* = -1/4, V = 1: WᵀW*V counts W twice")
def sharp_with_transpose(at: Any) -> Any:
    G = (at.W - at.W_star, at.W.T @ (at.W_star @ at.V))
    return at.grad_norm * norm(G) >= at.gap


@mutant(SHARP, "spectral_norms", "W = I, W* = -I, V = 0: ||2I|| = 2, ||2I||_F = √8")
def sharp_with_spectral_norms(at: Any) -> Any:
    size = sqrt(spectral_norm(at.W - at.W_star) ** 2 + spectral_norm(at.lifted) ** 2)
    return at.grad_norm * size >= at.gap


@mutant(SHARP, "no_V_term", "K = 1: W = 1, W* = -1, V = 1, x = 3, f = -1, loss p: √5 · 2 < 5")
def sharp_without_V(at: Any) -> Any:
    return at.grad_norm * frobenius(at.W - at.W_star) >= at.gap


# -- constants --------------------------------------------------------------------------------

_FLAT = "K = 1: W = 1, W* = -1, V = 0, x = 2, f = 0, loss p: both sides are 2"
_STEEP = "K = 1: W = 1, W* = -1, V = 8, x = 66, f = -8, loss p: equality, ||V||² is most of it"

bound_a_5_percent = lowered(BOUND, "a", "5_percent", _FLAT)
bound_a_millionth = lowered(BOUND, "a", "1e-6", _FLAT)
bound_b_5_percent = lowered(BOUND, "b", "5_percent", _FLAT)
bound_b_millionth = lowered(BOUND, "b", "1e-6", _FLAT)
bound_c_5_percent = lowered(BOUND, "c", "5_percent", _STEEP)
bound_c_millionth = lowered(BOUND, "c", "1e-6", _STEEP)
lemma_millionth = scaled(LEMMA, "1e-6", _FLAT)
sharp_millionth = scaled(SHARP, "1e-6", _FLAT)

# -- whose truth is left to the audit ---------------------------------------------------------


@neighbour(
    BOUND,
    "norms_of_V_and_W_star_exchanged",
    "expected to be true: ||W⁺ W* V||_F <= ||W⁺|| ||W*|| ||V||_F as well",
)
def bound_with_norms_exchanged(at: Any) -> Any:
    V_term = spectral_norm(at.W_star) ** 2 * sq(at.V) / at.sigma_min_squared
    return at.grad_norm >= at.gap / sqrt(2 * sq(at.W) + 2 * sq(at.W_star) + V_term)


# -- W of any rank ----------------------------------------------------------------------------

any_rank_without_convexity = dropped(ANY_RANK, "convex_loss", "no_convexity", _FAR)
any_rank_5_percent = scaled(ANY_RANK, "5_percent", "a linear loss")
any_rank_half_percent = scaled(ANY_RANK, "half_percent", "a linear loss")
any_rank_millionth = scaled(ANY_RANK, "1e-6", "a linear loss")


@mutant(ANY_RANK, "no_V_term", "W = W*: nothing is left on the left")
def gap_at_any_rank_without_features(at: Any) -> Any:
    return dot(at.W - at.W_star, at.grad[0]) >= at.gap


@mutant(ANY_RANK, "gradient_of_linear", "A in place of ∂F/∂W = A + B Vᵀ")
def gap_at_any_rank_by_linear_gradient(at: Any) -> Any:
    return dot(at.W - at.W_star, at.A) + dot(at.W_star @ at.V, at.B) >= at.gap


curvature_more = changed(CURVATURE, "1.01", "h = 0", c=Fraction(101, 100))
curvature_double = changed(CURVATURE, "double", "h = 0", c=2)
curvature_millionth = scaled(CURVATURE, "1e-6", "h = 0")


@mutant(CURVATURE, "least_curvature", "the kernel of B may be where the loss is flat")
def curvature_by_least_eigenvalue_of_block(at: Any, c: Any = 1) -> Any:
    least = abs(lambda_min(at.hessian))
    return least**2 + least * lambda_min(at.block) >= c * spectral_norm(at.B) ** 2


@mutant(CURVATURE, "frobenius", "B = I: √2 in place of 1")
def curvature_by_frobenius(at: Any, c: Any = 1) -> Any:
    least = abs(lambda_min(at.hessian))
    return least**2 + least * lambda_max(at.block) >= c * sq(at.B)
