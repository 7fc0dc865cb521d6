"""Example 1 of Shamir (2018) with ridge, c (w(1 + ε v) - 1)² + (λ/2)(w² + v²): stationary points.

Write P = w(1 + ε v) and ρ = λ/(2c) > 0. The gradient vanishes where (P - 1)(1 + ε v) + ρ w = 0 and
(P - 1) ε w + ρ v = 0. Here P != 1, or w = v = 0 = P. Without ρ they give ε w² = v(1 + ε v), so that
v >= 0 or ε v <= -1; for w < 0 <= v the first one would be negative. What is left with w < 0 is

    (w, v) = -(q, 1) / (ε (1 - q²)),   0 < q < 1,

rational in q. With s = -(1 + ε v) = q²/(1 - q²) and a = -ε w = q/(1 - q²) one has P = s a/ε, and
on this curve ∇ = (λ - 2c (ε q - s²)) (w, v). So its points are stationary for exactly one λ,

    λ(q) = 2c (ε q - s²),

and then det ∇² = 4c² (1 - q²)(4a³ - ε)(ε - s a), tr ∇² = 2c (2 ε q + s).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import sqrt
from checker.instances.fields import Dims, FloatArray, unchecked
from checker.landscape.residual_unit.example1 import scalar_point
from checker.landscape.residual_unit.one_output import Point

Number = Annotated[FloatArray, Dims()]


@dataclass(frozen=True, eq=False)
class Ridge:
    """A point (w, v) of c (w(1 + ε v) - 1)² + (λ/2)(w² + v²); every field is a number."""

    eps: Number
    c: Number
    lam: Number
    w: Number
    v: Number

    @cached_property
    def point(self) -> Point:
        """The point in the product's own objective, whose F is half of (w(1 + ε v) - 1)²."""
        return scalar_point(self.eps, self.w, self.v)

    @cached_property
    def fit(self) -> Any:
        """c (w(1 + ε v) - 1)²."""
        return 2 * self.c * self.point.F

    @cached_property
    def value(self) -> Any:
        """The fit and its regularisation."""
        return self.fit + self.lam * (self.w * self.w + self.v * self.v) / 2

    @cached_property
    def fit_gradient(self) -> tuple[Any, Any]:
        """The derivatives of the fit in w and v."""
        in_w, in_v = self.point.grad
        return 2 * self.c * in_w[0], 2 * self.c * in_v[0][0]

    @cached_property
    def gradient(self) -> tuple[Any, Any]:
        """The derivatives of the value in w and v."""
        in_w, in_v = self.fit_gradient
        return in_w + self.lam * self.w, in_v + self.lam * self.v

    @cached_property
    def hessian(self) -> Any:
        """∇² of the value, (2, 2)."""
        identity = type(self.lam).constant(np.eye(2))  # type: ignore[attr-defined]
        return 2 * self.c * self.point.hessian + self.lam * identity


class OnCurve:
    """The point (w, v) = -(q, 1)/(ε (1 - q²)) for fields ε, c and q."""

    eps: Any
    c: Any
    q: Any

    @cached_property
    def a(self) -> Any:
        """-ε w = q/(1 - q²)."""
        return self.q * self.far

    @cached_property
    def far(self) -> Any:
        """-ε v = 1/(1 - q²)."""
        return 1 / (1 - self.q * self.q)

    @cached_property
    def s(self) -> Any:
        """-(1 + ε v) = q²/(1 - q²)."""
        return self.q * self.a

    @cached_property
    def w(self) -> Any:
        """The first coordinate, negative."""
        return -self.a / self.eps

    @cached_property
    def v(self) -> Any:
        """The second coordinate, below -1/ε."""
        return -self.far / self.eps

    @cached_property
    def own_lam(self) -> Any:
        """λ(q), the only λ for which the point is stationary."""
        return 2 * self.c * (self.eps * self.q - self.s * self.s)

    def ridge(self, lam: Any, h: tuple[Any, Any] | None = None) -> Ridge:
        """The point, moved by h, in the landscape with this λ."""
        w, v = (self.w, self.v) if h is None else (self.w + h[0], self.v + h[1])
        return unchecked(Ridge, eps=self.eps, c=self.c, lam=lam, w=w, v=v)


@dataclass(frozen=True, eq=False)
class CurvePoint(OnCurve):
    """A point of the curve in the landscape of any λ."""

    eps: Number
    c: Number
    q: Number
    lam: Number

    @cached_property
    def at(self) -> Ridge:
        """The point."""
        return self.ridge(self.lam)


@dataclass(frozen=True, eq=False)
class ThresholdPoint(OnCurve):
    """A point of the curve for ε = 4 (t/(1 - t²))³, where λ(q) is greatest at q = t.

    dλ/dq = 2c (ε - 4a³), so the greatest λ(q) is where 4a³ = ε.
    """

    c: Number
    t: Number
    q: Number
    lam: Number

    @cached_property
    def eps(self) -> Any:
        """ε."""
        return 4 * self.fold_size**3

    @cached_property
    def fold_size(self) -> Any:
        """t/(1 - t²)."""
        return self.t / (1 - self.t * self.t)

    @cached_property
    def greatest_lam(self) -> Any:
        """λ(t)."""
        return 2 * self.c * (self.eps * self.t - (self.t * self.fold_size) ** 2)

    @cached_property
    def at(self) -> Ridge:
        """The point."""
        return self.ridge(self.lam)


@dataclass(frozen=True, eq=False)
class Stationary(OnCurve):
    """A stationary point with w < 0 for its own λ(q), and the point moved by (h1, h2).

    On the disc of radius ||(w, v)|| the same point satisfies ∇F = -λ(q) (w, v).
    """

    eps: Number
    c: Number
    q: Number
    h1: Number
    h2: Number

    @cached_property
    def here(self) -> Ridge:
        """The stationary point."""
        return self.ridge(self.own_lam)

    @cached_property
    def there(self) -> Ridge:
        """The point moved by (h1, h2)."""
        return self.ridge(self.own_lam, (self.h1, self.h2))

    @cached_property
    def linear(self) -> Ridge:
        """The best regularised linear predictor: v = 0, w = 2c/(2c + λ)."""
        w = 2 * self.c / (2 * self.c + self.own_lam)
        return unchecked(Ridge, eps=self.eps, c=self.c, lam=self.own_lam, w=w, v=0 * w)

    @cached_property
    def curvature(self) -> Any:
        """det ∇² / tr ∇², a lower bound on λ_min(∇²) of either sign."""
        determinant = (4 * self.a**3 - self.eps) * (self.eps - self.s * self.a)
        return 2 * self.c * determinant / (self.far * (2 * self.eps * self.q + self.s))

    @cached_property
    def third(self) -> Any:
        """c ε √(a² + s²): the cubic term at h is at least -||h||³ times this."""
        return self.c * self.eps * sqrt(self.a * self.a + self.s * self.s)


@dataclass(frozen=True, eq=False)
class ValleyPoint:
    """The point w = -t of the valley w(1 + ε v) = 1, for ε = q³/(1 - q²)².

    For this ε the curve meets the valley at q: λ(q) = 0. There the valley comes nearest to 0.
    """

    q: Number
    t: Number

    @cached_property
    def eps(self) -> Any:
        """ε."""
        inner: Any = 1 - self.q * self.q
        return self.q**3 / inner**2

    @cached_property
    def squared_norm(self) -> Any:
        """w² + v², v = (1/w - 1)/ε."""
        v: Any = (1 + 1 / self.t) / self.eps
        return self.t * self.t + v * v

    @cached_property
    def least_squared_norm(self) -> Any:
        """(1 + q²)/(ε (1 - q²))²."""
        square: Any = self.q * self.q
        return (1 + square) / (self.eps * (1 - square)) ** 2
