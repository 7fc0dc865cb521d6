"""Strong convexity on a ball by another route than enclosures of the Hessian over a box.

On ||c' - c|| <= r each prediction cᵀx stays within r||x||, where l'' is at least its minimum over
that interval. So ∇²Φ >= Σ ω min l'' x xᵀ on the ball; that this matrix, minus μI, is positive
definite is decided by elimination. For every loss here l'' has one peak or one valley: its minimum
over an interval is at the ends, or at the bottom of the valley.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    dot,
    least_eigenvalue,
    norm,
    outer,
    plus,
    scaled,
    zeros,
)
from soundness.papers.sample import SampleLoss
from soundness.plain import LossSpec
from soundness.reals import Real, minimum, number


def valley(spec: LossSpec, y: Real) -> Real | None:
    """Where l'' is least, if it has a valley; None for a peak, or where l'' is monotone."""
    if spec.kind in ("quartic", "five_halves"):
        return y
    if spec.kind == "tweedie" and y.sign > 0:
        # (e^(p/2) + y e^(-p/2))/2 is least at p = log y.
        return Real(ball=y.enclosed.log())
    return None


def least_curvature(spec: LossSpec, y: Real, p: Real, reach: Real) -> Real:
    """min l''(q; y) over |q - p| <= reach."""
    loss, low, high = SampleLoss(spec, y), p - reach, p + reach
    found = minimum(loss.curvature(low), loss.curvature(high))
    bottom = valley(spec, y)
    if bottom is not None and not (low - bottom).enclosed > 0 and not (bottom - high).enclosed > 0:
        found = minimum(found, loss.curvature(bottom))
    return found


class LinearFit:
    """Φ(c) = E l(cᵀx; y) + (λ/2)||c||² over rows x."""

    def __init__(
        self, spec: LossSpec, rows: Matrix, y: Vector, weights: Vector, ridge: Any = 0
    ) -> None:
        self.spec, self.rows, self.y, self.weights = spec, rows, y, weights
        self.ridge = number(ridge)
        self.losses = [SampleLoss(spec, label) for label in y]

    def value(self, c: Vector) -> Real:
        values = [loss.value(dot(x, c)) for loss, x in zip(self.losses, self.rows, strict=True)]
        return dot(self.weights, values) + self.ridge * dot(c, c) / 2

    def gradient(self, c: Vector) -> Vector:
        found = scaled(self.ridge, c)
        for weight, loss, x in zip(self.weights, self.losses, self.rows, strict=True):
            found = plus(found, x, weight * loss.slope(dot(x, c)))
        return found

    def _bent(self, factors: Sequence[Real]) -> Matrix:
        size = len(self.rows[0])
        found: Matrix = zeros(size, size)
        for i in range(size):
            found[i][i] = self.ridge
        for factor, x in zip(factors, self.rows, strict=True):
            found = plus(found, outer(scaled(factor, x), x))
        return found

    def hessian(self, c: Vector) -> Matrix:
        bends = (loss.curvature(dot(x, c)) for loss, x in zip(self.losses, self.rows, strict=True))
        return self._bent([w * k for w, k in zip(self.weights, bends, strict=True)])

    def is_strongly_convex(self, c: Vector, modulus: Real, radius: Real) -> bool:
        """Whether Φ is μ-strongly convex on the ball of this radius around c."""
        factors = [
            w * least_curvature(self.spec, y, dot(x, c), radius * norm(x))
            for w, x, y in zip(self.weights, self.rows, self.y, strict=True)
        ]
        return bool((least_eigenvalue(self._bent(factors)) - modulus).enclosed >= 0)


def distinct_columns(rows: Matrix, c: Vector) -> tuple[Matrix, Vector]:
    """Without columns that are 0 or repeat another one, whose coefficients add up."""
    kept: list[Vector] = []
    sums: Vector = []
    for column, x in zip(map(list, zip(*rows, strict=True)), c, strict=True):
        known = [i for i, other in enumerate(kept) if _same(other, column)]
        if known:
            sums[known[0]] = sums[known[0]] + x
        elif any(entry.sign for entry in column):
            kept.append(column)
            sums.append(x)
    return [list(row) for row in zip(*kept, strict=True)], sums


def _same(u: Vector, v: Vector) -> bool:
    return all((a - b).sign == 0 for a, b in zip(u, v, strict=True))
