"""A sample with its losses, and the points of residual units with one output."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    dot,
    norm,
    outer,
    plus,
    times,
    turned,
    zeros,
)
from soundness.plain import Given, LossSpec
from soundness.reals import Real, loss_of, number, total


def _left_out(spec: LossSpec, y: Real) -> Real:
    """What the formulas of `losses.py` leave out of a value, since it does not depend on p."""
    if spec.kind == "squared":
        return y * y / 2
    if spec.kind == "quartic":
        return y**4 / 4
    if spec.kind == "pseudo_huber":
        return -(number(spec.parameters["delta"]) ** 2)
    if spec.kind == "linex":
        return number(spec.parameters["alpha"]) * y - 1
    return number(0)


class SampleLoss:
    """l(.; y) for one sample, with its label."""

    def __init__(self, spec: LossSpec, y: Real) -> None:
        self.formula, self.y = loss_of(spec.kind, spec.parameters), y
        self.level = _left_out(spec, y)

    def value(self, p: Real) -> Real:
        return self.level + self.formula.value(p, self.y)

    def slope(self, p: Real) -> Real:
        return number(self.formula.slope(p, self.y))

    def curvature(self, p: Real) -> Real:
        return number(self.formula.curvature(p, self.y))


class SeenLoss:
    """A loss known at p, with slope and curvature, and above its tangent at t by ρ²(t - p)²/2."""

    def __init__(self, at: Given, index: int, p: Real, t: Real) -> None:
        sign = -1 if at.loss.kind == "seen_below" else 1
        slope, root, rise = (
            getattr(at, name)[index] for name in ("slopes", "root_curvature", "root_rise")
        )
        self.own, self.known, self.bent = p, at.y[index], root * root
        self.steepness = slope
        step = t - p
        self.there = self.known + slope * step + sign * (rise * step) * (rise * step) / 2

    def value(self, p: Real) -> Real:
        return self.known if p is self.own else self.there

    def slope(self, p: Real) -> Real:
        return self.steepness

    def curvature(self, p: Real) -> Real:
        return self.bent


class SoftplusLoss:
    """y p + (q p)²/2 + Σ a² softplus(b p + c)."""

    def __init__(self, at: Given, index: int) -> None:
        self.linear, self.root = at.y[index], at.root[index]
        rows = (at.heights, at.rates, at.shifts)
        self.terms = [tuple(row[index] for row in term) for term in zip(*rows, strict=True)]
        self.tools = loss_of("logistic", {})

    def value(self, p: Real) -> Real:
        bends = (a * a * self.tools.softplus(b * p + c) for a, b, c in self.terms)
        return self.linear * p + self.root * p * (self.root * p) / 2 + total(bends)

    def slope(self, p: Real) -> Real:
        bends = (a * a * b * self.tools.sigmoid(b * p + c) for a, b, c in self.terms)
        return self.linear + self.root * self.root * p + total(bends)

    def curvature(self, p: Real) -> Real:
        bends = (a * b * (a * b) * self.tools.bump(b * p + c) for a, b, c in self.terms)
        return self.root * self.root + total(bends)


def losses_of(at: Given, p: Vector, t: Vector) -> list[Any]:
    """One loss per sample."""
    kind = at.loss.kind
    if kind.startswith("seen"):
        return [SeenLoss(at, i, p[i], t[i]) for i in range(len(p))]
    if kind == "softplus_sum":
        return [SoftplusLoss(at, i) for i in range(len(p))]
    each = at.loss.parts if kind == "per_sample" else [at.loss] * len(p)
    return [SampleLoss(spec, y) for spec, y in zip(each, at.y, strict=True)]


def weights_of(at: Given, n: int) -> Vector:
    given = at.fields.get("weights")
    return [number(1) / n] * n if given is None else at.weights


class UnitPoint:
    """(w, V) of F_θ(w, V) = E l(wᵀ(s x + V z); y), s = 1 in the theorems, and the comparator w*."""

    def __init__(self, at: Given, w: Any = None, V: Any = None, w_star: Any = None) -> None:
        self.at = at
        self.w = at.w if w is None else w
        self.V = at.V if V is None else V
        self.w_star = at.w_star if w_star is None else w_star
        self.weights = weights_of(at, len(at.X))

    @cached_property
    def hidden(self) -> Matrix:
        """x + V z, per sample."""
        return [plus(x, times(self.V, z)) for x, z in zip(self.at.X, self.at.Z, strict=True)]

    @cached_property
    def p(self) -> Vector:
        return times(self.hidden, self.w)

    @cached_property
    def t(self) -> Vector:
        return times(self.at.X, self.w_star)

    @cached_property
    def losses(self) -> list[Any]:
        return losses_of(self.at, self.p, self.t)

    def mean(self, values: Sequence[Real]) -> Real:
        return dot(self.weights, values)

    @cached_property
    def F(self) -> Real:
        return self.mean([loss.value(p) for loss, p in zip(self.losses, self.p, strict=True)])

    @cached_property
    def F_lin(self) -> Real:
        return self.mean([loss.value(t) for loss, t in zip(self.losses, self.t, strict=True)])

    @cached_property
    def gap(self) -> Real:
        """F - F_lin(w*), sample by sample, so that equal predictions cancel."""
        return self.mean([_fall(*x) for x in zip(self.losses, self.p, self.t, strict=True)])

    @cached_property
    def slopes(self) -> Vector:
        return [loss.slope(p) for loss, p in zip(self.losses, self.p, strict=True)]

    @cached_property
    def curvatures(self) -> Vector:
        return [loss.curvature(p) for loss, p in zip(self.losses, self.p, strict=True)]

    def _averaged(self, rows: Matrix) -> Vector:
        factors = [c * s for c, s in zip(self.weights, self.slopes, strict=True)]
        return [dot(factors, column) for column in turned(rows)]

    @cached_property
    def g(self) -> Vector:
        """∂F/∂w = E[l' (x + V z)]."""
        return self._averaged(self.hidden)

    @cached_property
    def a(self) -> Vector:
        """E[l' x]."""
        return self._averaged(self.at.X)

    @cached_property
    def b(self) -> Vector:
        """E[l' z]."""
        return self._averaged(self.at.Z)

    @cached_property
    def gradient_norm(self) -> Real:
        """∂F/∂V = w bᵀ."""
        return norm(self.g, outer(self.w, self.b))

    @cached_property
    def block(self) -> Matrix:
        """∂²F/∂w²."""
        return self._bent([self.hidden[i] for i in range(len(self.p))])

    def _bent(self, rows: Matrix) -> Matrix:
        factors = [c * k for c, k in zip(self.weights, self.curvatures, strict=True)]
        size = len(rows[0])
        found: Matrix = zeros(size, size)
        for i in range(size):
            for j in range(i + 1):
                entry = total(f * row[i] * row[j] for f, row in zip(factors, rows, strict=True))
                found[i][j] = found[j][i] = entry
        return found

    @cached_property
    def hessian(self) -> Matrix:
        """E[l'' ∇p ∇pᵀ + l' ∇²p] in the coordinates (w, rows of V)."""
        d, m = len(self.w), len(self.b)
        rows = [
            [*h, *(w * f for w in self.w for f in z)]
            for h, z in zip(self.hidden, self.at.Z, strict=True)
        ]
        found = self._bent(rows)
        for i in range(d):
            for j in range(m):
                place = d + i * m + j
                found[i][place] = found[place][i] = found[i][place] + self.b[j]
        return found


def _fall(loss: Any, p: Real, t: Real) -> Real:
    apart = p - t
    return number(0) if apart.exact and apart.sign == 0 else loss.value(p) - loss.value(t)
