"""Shamir (2018), Example 1 and Remark 3: F(w, v) = (w(1 + εv) - 1)²/2 at (w, v) = (s, u)/ε."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    greatest_eigenvalue,
    least_eigenvalue,
    minus,
    norm,
    spectral_norm,
    square,
)
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, minimum, number


class _Example:
    """Derivatives in (w, v), from F = (P - 1)²/2 with P = (s/ε)(1 + u)."""

    def __init__(self, at: Given) -> None:
        self.eps, self.s, self.u = at.eps, at.s, at.u
        self.w, self.v = at.s / at.eps, at.u / at.eps
        self.error = self.w * (1 + at.u) - 1
        self.F = self.error * self.error / 2
        # ∇P = (1 + u, s), ∂²P/∂w∂v = ε.
        self.slope = [self.error * (1 + at.u), self.error * at.s]
        mixed = (1 + at.u) * at.s + self.error * at.eps
        self.hessian = [[(1 + at.u) ** 2, mixed], [mixed, at.s * at.s]]

    @property
    def gap(self) -> Real:
        """F_lin(1) = 0."""
        return self.F


@reference("shamir2018.example1_derivatives")
def printed_derivatives(at: Given) -> Sides:
    """||∇F||² + ||∇²F||² against the printed ones and the squared distance of both."""
    own = _Example(at)
    w, v, eps = own.w, own.v, own.eps
    error = w - 1 + eps * w * v
    slope = [error * (1 + eps * v), eps * error * w]
    mixed = eps * (2 * w + 2 * eps * w * v - 1)
    hessian = [[(1 + eps * v) ** 2, mixed], [mixed, (eps * w) ** 2]]
    apart = square(minus(slope, own.slope)) + square(minus(hessian, own.hessian))
    rhs = square(slope) + square(hessian) + apart
    return Sides(square(own.slope) + square(own.hessian), rhs)


@reference("shamir2018.example1_gap")
def saddle_above_linear(at: Given) -> Sides:
    """ε(F - F_lin(1)) >= ε/2 + ||∇F||."""
    own = _Example(at)
    return Sides(at.eps * own.gap, at.eps / 2 + norm(own.slope))


@reference("shamir2018.example1_curvature")
def saddle_is_flat(at: Given, c: Any) -> Sides:
    """λ_min(∇²F) >= -cε."""
    return Sides(least_eigenvalue(_Example(at).hessian), -(at.eps * c))


@reference("shamir2018.example1_saddle")
def one_saddle(at: Given) -> Sides:
    """min(λ_max, -λ_min)(∇²F) >= ε."""
    H = _Example(at).hessian
    return Sides(minimum(greatest_eigenvalue(H), -least_eigenvalue(H)), at.eps)


@reference("shamir2018.remark3_hessian")
def hessian_in_the_box(at: Given, a: Any) -> Sides:
    """(13 + √(a + 4(12 + ε)²))/2 >= ||∇²F||."""
    root = (number(a) + 4 * (12 + at.eps) ** 2).sqrt()
    return Sides((13 + root) / 2, spectral_norm(_Example(at).hessian))


@reference("shamir2018.remark3_constant")
def hessian_is_bounded(at: Given) -> Sides:
    """20 >= ||∇²F||."""
    return Sides(number(20), spectral_norm(_Example(at).hessian))


@reference("shamir2018.remark3_third")
def third_derivative_in_the_box(at: Given) -> Sides:
    """3√13 ε||h||³ >= |D³F[h, h, h]|.

    Along h, P = P₀ + p₁t + ε h₁h₂ t² with p₁ = (1 + u)h₁ + s h₂, so the third derivative of
    (P - 1)²/2 is 6 p₁ ε h₁h₂.
    """
    size = at.h1 * at.h1 + at.h2 * at.h2
    third = 6 * ((1 + at.u) * at.h1 + at.s * at.h2) * at.eps * at.h1 * at.h2
    return Sides(3 * number(13).sqrt() * at.eps * size * size.sqrt(), abs(third))


@reference("shamir2018.remark3_slope")
def slope_in_the_box(at: Given, a: Any) -> Sides:
    """√13(a/ε + 1) >= ||∇F||."""
    return Sides(number(13).sqrt() * (number(a) / at.eps + 1), norm(_Example(at).slope))


@reference("shamir2018.example1_stationary")
def only_valleys_and_saddle(at: Given, a: Any) -> Sides:
    """||∇F||² >= aF||(s, 1 + u)||²."""
    own = _Example(at)
    return Sides(square(own.slope), own.F * a * (at.s * at.s + (1 + at.u) ** 2))


@reference("shamir2018.example1_valleys")
def two_valleys(at: Given, h: Any) -> Sides:
    """F >= h."""
    return Sides(_Example(at).F, number(h))
