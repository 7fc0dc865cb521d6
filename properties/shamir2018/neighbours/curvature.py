"""False neighbours of Theorem 2, at w = 0: terms dropped, norms and eigenvalues exchanged.

Most counterexamples are at x = -2, f = 1, V = 1, w* = 1 and the loss p, where Theorem 2 is an
equality: the gradient is -1, ∂²F/∂w² = 0, λ_min = -1 and the gap is 2.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import lambda_min, norm, spectral_norm, sq, sqrt
from checker.claims.neighbours import changed, largest_entry, mutant, raised
from properties.shamir2018 import theorems as shamir

# Where the true bound is an equality.
_AT = "x = -2, f = 1, V = 1, w* = 1, loss p"

# -- Theorem 2, first part --------------------------------------------------------------------


@mutant(
    shamir.least_eigenvalue,
    "below_minus_b",
    "λ_min = (α - √(α² + 4||b||²))/2 is above -||b|| as soon as α = λ_min(∂²F/∂w²) > 0",
)
def eigenvalue_below_minus_b(at: Any) -> Any:
    return -norm(at.b) >= at.lambda_min_at_w_zero


@mutant(
    shamir.least_eigenvalue,
    "below_minus_millionth_of_b",
    "λ_min is about -||b||² / α for large α: x = 0, f = 1, V = 1024, y = 1/1024, squared loss",
)
def eigenvalue_below_millionth_of_b(at: Any) -> Any:
    return Fraction(-1, 10**6) * norm(at.b) >= at.lambda_min_at_w_zero


@mutant(
    shamir.least_eigenvalue,
    "of_block_in_w",
    "x = 1, f = 0, V = 0, squared loss: ∂²F/∂w² = 1; only the mixed block makes λ_min <= 0",
)
def eigenvalue_of_block(at: Any) -> Any:
    return 0 * sq(at.b) >= at.lambda_min_ww


@mutant(
    shamir.least_eigenvalue,
    "formula_with_norm_of_block",
    "the formula needs the least eigenvalue of ∂²F/∂w², not its norm: x = (3, 0), (0, 1/8), (0, 0)"
    ", f = 0, 0, 1, y = 0, 0, 3, V = 0, squared loss",
)
def eigenvalue_with_block_norm(at: Any) -> Any:
    size = spectral_norm(at.hess_ww)
    return at.lambda_min_at_w_zero >= (size - sqrt(size**2 + 4 * sq(at.b))) / 2


eigenvalue_below_millionth = raised(
    shamir.least_eigenvalue,
    Fraction(1, 10**6),
    "below_minus_millionth",
    "λ_min = 0 where b = 0, as for features that are 0",
)

# -- Theorem 2, second part -------------------------------------------------------------------


theorem2_without_square = changed(
    shamir.curvature_bound,
    "no_squared_eigenvalue",
    "for the loss y p the block ∂²F/∂w² is 0 and only λ_min² is left",
    c2=0,
)


theorem2_without_product = changed(
    shamir.curvature_bound,
    "no_curvature_product",
    "||b||² = λ_min² + α |λ_min|: without the product, large curvature hides b",
    c1=0,
)


def _curved(at: Any) -> Any:
    """√(|λ_min| ||∂²F/∂w²|| + λ_min²), as in the theorem."""
    lam = abs(at.lambda_min_at_w_zero)
    return sqrt(lam * spectral_norm(at.hess_ww) + lam**2)


@mutant(shamir.curvature_bound, "no_V_term", f"{_AT}: ||w*|| ||∇F|| = 1 < 2")
def theorem2_without_V(at: Any) -> Any:
    return norm(at.w_star) * at.grad_norm >= at.gap


@mutant(shamir.curvature_bound, "no_gradient_term", f"{_AT}: ||V|| √(...) = 1 < 2")
def theorem2_without_gradient(at: Any) -> Any:
    return norm(at.w_star) * spectral_norm(at.V) * _curved(at) >= at.gap


@mutant(
    shamir.curvature_bound,
    "without_w_star_norm",
    f"{_AT}, but w* = 2: the gap grows to 4 with ||w*||, the left-hand side stays 2",
)
def theorem2_without_w_star(at: Any) -> Any:
    return at.grad_norm + spectral_norm(at.V) * _curved(at) >= at.gap


@mutant(
    shamir.curvature_bound,
    "eigenvalue_of_block",
    f"{_AT}: λ_min(∂²F/∂w²) = 0 does not see the coupling b of w and V",
)
def theorem2_with_eigenvalue_of_block(at: Any) -> Any:
    lam = abs(at.lambda_min_ww)
    curved = sqrt(lam * spectral_norm(at.hess_ww) + lam**2)
    return norm(at.w_star) * (at.grad_norm + spectral_norm(at.V) * curved) >= at.gap


_ONES = "w* = (1, 1), f = (2, 2), x = -(4, 4), loss p and V of four ones: ||V|| = 2"


@mutant(shamir.curvature_bound, "V_largest_entry", f"{_ONES}, its largest entry is 1")
def theorem2_V_largest_entry(at: Any) -> Any:
    return norm(at.w_star) * (at.grad_norm + largest_entry(at.V) * _curved(at)) >= at.gap


@mutant(shamir.curvature_bound, "V_root_mean_square", f"{_ONES}, ||V||_F / √4 = 1")
def theorem2_V_root_mean_square(at: Any) -> Any:
    size = sqrt(sq(at.V) / (at.V.shape[0] * at.V.shape[1]))
    return norm(at.w_star) * (at.grad_norm + size * _curved(at)) >= at.gap


@mutant(shamir.curvature_bound, "V_least_singular_value", f"{_ONES}, its other singular value is 0")
def theorem2_V_least_singular_value(at: Any) -> Any:
    size = sqrt(lambda_min(at.V.T @ at.V))
    return norm(at.w_star) * (at.grad_norm + size * _curved(at)) >= at.gap


@mutant(
    shamir.curvature_bound,
    "largest_entry_of_gradient",
    "w* = (1, 1), x = -(1, 1), f = 0, V = 0, loss p: √2 · 1 < 2",
)
def theorem2_largest_partial_derivative(at: Any) -> Any:
    left = largest_entry(at.grad[0]) + spectral_norm(at.V) * _curved(at)
    return norm(at.w_star) * left >= at.gap


# -- Theorem 2, sharp form --------------------------------------------------------------------


@mutant(
    shamir.sharp_curvature_bound,
    "without_w_star_norm",
    "the gradient term scales with ||w*||",
)
def sharp_theorem2_without_w_star(at: Any) -> Any:
    lam = abs(at.lambda_min_at_w_zero)
    curved = sqrt(lam * abs(at.lambda_min_ww) + lam**2)
    return at.grad_norm + norm(at.w_star @ at.V) * curved >= at.gap


@mutant(
    shamir.sharp_curvature_bound,
    "no_curvature_product",
    "x = (1, 0), f = (-1, 3), y = (-1/5, 0), V = 1, w* = -1/5, squared loss: 4.4e-4 < 0.01",
)
def sharp_theorem2_without_product(at: Any) -> Any:
    lam = abs(at.lambda_min_at_w_zero)
    left = norm(at.w_star) * at.grad_norm + norm(at.w_star @ at.V) * lam
    return left >= at.gap


@mutant(
    shamir.sharp_curvature_bound,
    "gradient_towards_w_star",
    "the gradient counts against w*, not along it: E has (w*)ᵀ∇F = -1 and the gap 2",
)
def sharp_theorem2_with_gradient_along_w_star(at: Any) -> Any:
    lam = abs(at.lambda_min_at_w_zero)
    curved = sqrt(lam * abs(at.lambda_min_ww) + lam**2)
    return at.w_star @ at.grad[0] + norm(at.w_star @ at.V) * curved >= at.gap
