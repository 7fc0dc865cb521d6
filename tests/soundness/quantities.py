"""What the claims speak of at one point, over fractions or balls.

Sums stand for means: every claim is homogeneous in the sample weights, so 1/n cancels.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from soundness.losses import FORMULAS
from soundness.numbers import Numbers


def dot(u: Sequence[Any], v: Sequence[Any]) -> Any:
    """Σ u_i v_i; 0 for empty vectors."""
    return sum((x * y for x, y in zip(u, v, strict=True)), 0 * (u[0] * v[0]))


def transposed(matrix: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def times(matrix: Sequence[Sequence[Any]], v: Sequence[Any]) -> list[Any]:
    return [dot(row, v) for row in matrix]


def _fractions(values: Any) -> Any:
    if np.ndim(values) == 0:
        return Fraction(float(values))
    return [_fractions(v) for v in values]


class Exactly:
    """The numbers of one point as fractions, and what is rational whatever the loss."""

    def __init__(self, point: Any) -> None:
        self.X, self.y, self.Z = (_fractions(a) for a in (point.X, point.y, point.Z))
        self.w, self.V, self.w_star = (_fractions(a) for a in (point.w, point.V, point.w_star))
        given = point.weights
        self.weights = [Fraction(1)] * len(self.y) if given is None else _fractions(given)
        self.loss = point.loss

    @cached_property
    def p(self) -> list[Fraction]:
        """wᵀ(x + V z)."""
        lifted = times(transposed(self.V), self.w)
        direct = times(self.X, self.w)
        return [u + dot(z, lifted) for u, z in zip(direct, self.Z, strict=True)]

    @cached_property
    def t(self) -> list[Fraction]:
        """w*ᵀx."""
        return times(self.X, self.w_star)

    @cached_property
    def hidden(self) -> list[list[Fraction]]:
        """x + V z."""
        moved = [times(self.V, z) for z in self.Z]
        return [
            [a + b for a, b in zip(x, v, strict=True)] for x, v in zip(self.X, moved, strict=True)
        ]

    @cached_property
    def comparator_in_features(self) -> list[Fraction]:
        """Vᵀw*."""
        return times(transposed(self.V), self.w_star)

    @cached_property
    def gram(self) -> list[list[Fraction]]:
        """VVᵀ or VᵀV, the smaller one: its greatest eigenvalue is ||V||²."""
        rows = self.V if len(self.V) <= len(self.V[0]) else transposed(self.V)
        return [[dot(u, v) for v in rows] for u in rows]

    @cached_property
    def square_of_rank_one(self) -> Fraction | None:
        """||V||² where V has rank one at most, from tr(G)² = tr(G²)."""
        trace = sum((row[i] for i, row in enumerate(self.gram)), Fraction(0))
        squares = sum((x * x for row in self.gram for x in row), Fraction(0))
        return trace if trace * trace == squares else None


class At:
    """A point over one kind of numbers: what its loss adds to `Exactly`."""

    def __init__(self, exactly: Exactly, numbers: Numbers) -> None:
        self.exactly, self.numbers = exactly, numbers
        loss = exactly.loss
        self.loss = FORMULAS[loss.kind](numbers, dataclasses.asdict(loss))

    def __getattr__(self, name: str) -> Any:
        """Fields of `Exactly` in these numbers."""
        lifted = self._lifted(getattr(self.exactly, name))
        setattr(self, name, lifted)
        return lifted

    def _lifted(self, values: Any) -> Any:
        if isinstance(values, list):
            return [self._lifted(v) for v in values]
        return None if values is None else self.numbers.number(values)

    def constant(self, value: Any) -> Any:
        return self.numbers.number(Fraction(value))

    @cached_property
    def live(self) -> list[int]:
        """Samples that carry weight."""
        return [i for i, c in enumerate(self.exactly.weights) if c]

    @cached_property
    def slopes(self) -> list[Any]:
        """Weight times l'(p), for the samples that carry weight."""
        return [self.weights[i] * self.loss.slope(self.p[i], self.y[i]) for i in self.live]

    @cached_property
    def curvatures(self) -> list[Any]:
        """Weight times l''(p), for the samples that carry weight."""
        return [self.weights[i] * self.loss.curvature(self.p[i], self.y[i]) for i in self.live]

    @cached_property
    def apart(self) -> list[int]:
        """Samples that carry weight and whose two predictions differ."""
        return [i for i in self.live if self.exactly.p[i] != self.exactly.t[i]]

    @cached_property
    def gap(self) -> Any:
        """F - F_lin(w*)."""
        value, total = self.loss.value, self.constant(0)
        for i in self.apart:
            p, t, y = self.p[i], self.t[i], self.y[i]
            total += self.weights[i] * (value(p, y) - value(t, y))
        return total

    @cached_property
    def bregman(self) -> Any:
        """The mean of l'(p)(p - t) - l(p) + l(t)."""
        value, slope, total = self.loss.value, self.loss.slope, self.constant(0)
        for i in self.apart:
            p, t, y = self.p[i], self.t[i], self.y[i]
            total += self.weights[i] * (slope(p, y) * (p - t) - value(p, y) + value(t, y))
        return total

    @cached_property
    def b(self) -> list[Any]:
        """E[l' f]."""
        return self._weighted(self.slopes, self.Z)

    @cached_property
    def g(self) -> list[Any]:
        """∂F/∂w = E[l' (x + V f)]."""
        return self._weighted(self.slopes, self.hidden)

    def _weighted(self, factors: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[Any]:
        if not factors:
            return [self.constant(0)] * len(rows[0])
        return [dot(factors, column) for column in transposed([rows[i] for i in self.live])]

    @cached_property
    def rho_squared(self) -> Any:
        return dot(self.b, self.b)

    @cached_property
    def g_squared(self) -> Any:
        return dot(self.g, self.g)

    @cached_property
    def gradient_squared(self) -> Any:
        """||∇F||² = ||g||² + ||w||² ||b||²."""
        return self.g_squared + dot(self.w, self.w) * self.rho_squared

    @cached_property
    def block(self) -> list[list[Any]]:
        """∂²F/∂w² = E[l'' (x + V f)(x + V f)ᵀ]."""
        rows, d = [self.hidden[i] for i in self.live], len(self.w)
        zero = self.constant(0)
        return [
            [
                sum((c * h[i] * h[j] for c, h in zip(self.curvatures, rows, strict=True)), zero)
                for j in range(d)
            ]
            for i in range(d)
        ]

    @cached_property
    def hessian(self) -> list[list[Any]]:
        """E[l'' ∇p ∇pᵀ + l' ∇²p] with p = wᵀ(x + V f), coordinates (w, rows of V)."""
        d, m = len(self.w), len(self.Z[0])
        places = [(i, None) for i in range(d)] + [(i, j) for i in range(d) for j in range(m)]
        first = [self._first_derivatives(s, places) for s in self.live]
        order = range(len(places))
        pure = [[self._mean_product(first, r, s) for s in order] for r in order]
        return [[pure[r][s] + self._mixed(places[r], places[s]) for s in order] for r in order]

    def _mean_product(self, first: Sequence[Sequence[Any]], r: int, s: int) -> Any:
        """E[l'' f_r f_s], without the products that vanish because w does."""
        total = self.constant(0)
        for c, f in zip(self.curvatures, first, strict=True):
            if f[r] is not None and f[s] is not None:
                total += c * f[r] * f[s]
        return total

    def _first_derivatives(self, sample: int, places: Sequence[Any]) -> list[Any]:
        """∇p, None where it is 0 because w is."""
        h, z, w = self.hidden[sample], self.Z[sample], self.exactly.w
        return [h[i] if j is None else self.w[i] * z[j] if w[i] else None for i, j in places]

    def _mixed(self, one: Any, other: Any) -> Any:
        """E[l' ∂²p]: ∂²p/∂w_i∂V_ij = f_j, and 0 for every other pair."""
        (i, j), (k, feature) = sorted((one, other), key=lambda place: place[1] is not None)
        return self.b[feature] if j is None and feature is not None and i == k else self.constant(0)
