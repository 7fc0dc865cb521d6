"""Whether false neighbours hold at a point, from its raw numbers in balls of 8,192 bits.

The formulas share nothing with those of the product but the notation: D = F - F_lin(w*), g = ∂F/∂w,
b = E[l' f]. Each answers PASS, ALARM (violated) or, where the balls do not settle it, OPEN.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq

BITS = 8192
PASS, OPEN, ALARM = 1, 0, -1

_VALUE: dict[str, Callable[[Any, Any], Any]] = {
    "affine": lambda p, y: y * p,
    "squared": lambda p, y: (p - y) ** 2 / 2,
    "logistic": lambda p, y: (-y * p).exp().log1p(),
}
_SLOPE: dict[str, Callable[[Any, Any], Any]] = {
    "affine": lambda p, y: y,
    "squared": lambda p, y: p - y,
    "logistic": lambda p, y: -y / (1 + (y * p).exp()),
}
KINDS = tuple(_VALUE)


def _dot(u: Any, v: Any) -> Any:
    return sum((x * y for x, y in zip(u, v, strict=True)), arb(0))


class Truth:
    """The quantities of the theorems at one point, in balls."""

    def __init__(self, point: Any) -> None:
        names = ("X", "y", "Z", "w", "V", "w_star")
        X, y, Z, w, V, s = (np.vectorize(arb, otypes=[object])(getattr(point, n)) for n in names)
        weights = point.weights
        mass = [arb(1) / len(y)] * len(y) if weights is None else [arb(float(c)) for c in weights]
        p = [_dot(w, x) + _dot(w, [_dot(row, z) for row in V]) for x, z in zip(X, Z, strict=True)]
        value, slope = (table[point.loss.kind] for table in (_VALUE, _SLOPE))
        t = [_dot(s, x) for x in X]
        gaps = [value(q, c) - value(r, c) for q, r, c in zip(p, t, y, strict=True)]
        steps = [k * slope(q, c) for k, q, c in zip(mass, p, y, strict=True)]
        self.gap, self.w, self.V, self.s = _dot(mass, gaps), w, V, s
        self.b = [_dot(steps, column) for column in Z.T]
        self.g = [
            _dot(steps, column) + _dot(row, self.b) for column, row in zip(X.T, V, strict=True)
        ]
        self.slope2 = _dot(self.g, self.g) + _dot(w, w) * _dot(self.b, self.b)


def settle(question: Callable[[Truth], int], point: Any) -> int:
    """The answer of one of the functions below at a point."""
    with ctx.workprec(BITS):
        return question(Truth(point))


def _sign(slack: Any) -> int:
    return PASS if slack >= 0 else ALARM if slack < 0 else OPEN


def lemma_truth(at: Truth) -> int:
    """<w - w*, ∂F/∂w> + ||w||² w*ᵀV b >= D."""
    block = _dot(at.s, [_dot(row, at.b) for row in at.V])
    return _sign(_dot(at.w - at.s, at.g) + _dot(at.w, at.w) * block - at.gap)


def theorem1_truth(constant: Fraction, at: Truth) -> int:
    """For D > 0 violated where r I - k VVᵀ is positive definite: by the signs of its pivots."""
    if not at.gap > 0:
        return PASS if at.gap <= 0 else OPEN
    a = arb(fmpq(constant.numerator, constant.denominator))
    ww, ss = _dot(at.w, at.w), _dot(at.s, at.s)
    r, k = at.gap**2 * ww - at.slope2 * a * ww * (ww + ss), at.slope2 * ss * a / 2
    rows = [[-k * _dot(u, v) for v in at.V] for u in at.V]
    for i, row in enumerate(rows):
        row[i] += r
    return _definite(rows)


def _definite(rows: list[list[Any]]) -> int:
    for i, row in enumerate(rows):
        if not row[i] > 0:
            return PASS if row[i] <= 0 else OPEN
        for lower in rows[i + 1 :]:
            factor = lower[i] / row[i]
            lower[i:] = [x - factor * y for x, y in zip(lower[i:], row[i:], strict=True)]
    return ALARM


def without_V_truth(at: Truth) -> int:
    """||w*|| ||∇F|| >= D."""
    return _sign((_dot(at.s, at.s) * at.slope2).nonnegative_part().sqrt() - at.gap)


def steep_truth(at: Truth) -> int:
    """||w*|| (||g|| + 0.9 ||V|| ||b||) >= D, for V of rank one and ∂²F/∂w² = α I up to rounding.

    There λ² + α |λ| = ||b||², so that the root of Theorem 2 is ||b||, up to a factor that is as
    near to 1; the sides differ by about a tenth.
    """
    size = sum((_dot(row, row) for row in at.V), arb(0))
    curved = arb(fmpq(9, 10)) * (size * _dot(at.b, at.b)).sqrt()
    return _sign(_dot(at.s, at.s).sqrt() * (_dot(at.g, at.g).sqrt() + curved) - at.gap)
