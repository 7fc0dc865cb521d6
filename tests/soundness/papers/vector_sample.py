"""Points of residual units with several outputs, x -> W(x + V z)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from soundness.algebra import (
    Matrix,
    Vector,
    diagonal,
    dot,
    identity,
    minus,
    norm,
    outer,
    plus,
    product,
    scaled,
    solved,
    times,
    turned,
    zeros,
)
from soundness.papers.sample import SampleLoss, weights_of
from soundness.plain import Given, LossSpec
from soundness.reals import Real, exp, greatest, number, total


class VectorSampleLoss:
    """l(.; y) of K outputs at one sample."""

    def __init__(self, spec: LossSpec, y: Vector, sample: int) -> None:
        self.spec, self.y = spec, y
        if spec.kind == "separable":
            one = spec.parts[0]
            own = one.parts[sample] if one.kind == "per_sample" else one
            self.each = [SampleLoss(own, entry) for entry in y]

    def value(self, p: Vector) -> Real:
        if self.spec.kind == "separable":
            return total(loss.value(x) for loss, x in zip(self.each, p, strict=True))
        if self.spec.kind == "softmax":
            return self._log_sum(p) - dot(self.y, p)
        return (1 + norm([a - b for a, b in zip(p, self.y, strict=True)]) ** 2).sqrt() - 1

    def slope(self, p: Vector) -> Vector:
        if self.spec.kind == "separable":
            return [loss.slope(x) for loss, x in zip(self.each, p, strict=True)]
        if self.spec.kind == "softmax":
            top = self._log_sum(p)
            return [exp(x - top) - y for x, y in zip(p, self.y, strict=True)]
        apart = [a - b for a, b in zip(p, self.y, strict=True)]
        return scaled(1 / (1 + dot(apart, apart)).sqrt(), apart)

    def hessian(self, p: Vector) -> Matrix:
        """∂²l/∂p²."""
        if self.spec.kind == "separable":
            bends = [loss.curvature(x) for loss, x in zip(self.each, p, strict=True)]
            return diagonal(bends)
        if self.spec.kind == "softmax":
            top = self._log_sum(p)
            s = [exp(x - top) for x in p]
            return minus(diagonal(s), outer(s, s))
        apart = [a - b for a, b in zip(p, self.y, strict=True)]
        inside = 1 + dot(apart, apart)
        bend = minus(identity(len(p)), scaled(1 / inside, outer(apart, apart)))
        return scaled(1 / inside.sqrt(), bend)

    def _log_sum(self, p: Vector) -> Real:
        most = greatest(p)
        inside = total(exp(x - most) for x in p)
        return most + Real(ball=inside.enclosed.log())


class VectorUnit:
    """(W, V) of F(W, V) = E l(W(x + V z); y) with K outputs, and x -> W* x + S z."""

    def __init__(self, at: Given, W: Any = None, V: Any = None, S: Any = None) -> None:
        self.at, self.V, self.S = at, at.V if V is None else V, S
        self.W = at.W if W is None else W
        self.weights = weights_of(at, len(at.X))
        self.losses = [VectorSampleLoss(at.loss, y, i) for i, y in enumerate(at.Y)]

    @cached_property
    def hidden(self) -> Matrix:
        return [plus(x, times(self.V, z)) for x, z in zip(self.at.X, self.at.Z, strict=True)]

    @cached_property
    def P(self) -> Matrix:
        return [times(self.W, h) for h in self.hidden]

    @cached_property
    def Q(self) -> Matrix:
        """The comparator's predictions."""
        linear = [times(self.at.W_star, x) for x in self.at.X]
        if self.S is None:
            return linear
        return [plus(q, times(self.S, z)) for q, z in zip(linear, self.at.Z, strict=True)]

    @cached_property
    def gap(self) -> Real:
        falls = (_vector_fall(*x) for x in zip(self.losses, self.P, self.Q, strict=True))
        return dot(self.weights, list(falls))

    @cached_property
    def F(self) -> Real:
        return dot(
            self.weights, [loss.value(p) for loss, p in zip(self.losses, self.P, strict=True)]
        )

    def through(self, predictions: Matrix, rows: Matrix) -> Matrix:
        """E[l' rowᵀ] at some predictions, (K, .)."""
        found: Matrix = zeros(len(self.W), len(rows[0]))
        for c, loss, p, row in zip(self.weights, self.losses, predictions, rows, strict=True):
            found = plus(found, outer(scaled(c, loss.slope(p)), row))
        return found

    @cached_property
    def G(self) -> Matrix:
        """∂F/∂W."""
        return self.through(self.P, self.hidden)

    @cached_property
    def B(self) -> Matrix:
        """E[l' zᵀ]; ∂F/∂V = Wᵀ B."""
        return self.through(self.P, self.at.Z)

    @cached_property
    def gradient_V(self) -> Matrix:
        return product(turned(self.W), self.B)

    @cached_property
    def gradient_norm(self) -> Real:
        return norm(self.G, self.gradient_V)

    @cached_property
    def block(self) -> Matrix:
        """∂²F/∂W², entries of W row by row."""
        size = len(self.W) * len(self.W[0])
        return [row[:size] for row in self.hessian[:size]]

    @cached_property
    def hessian(self) -> Matrix:
        """E[(∂p)ᵀ ∂²l/∂p² ∂p] and 2 <D E, B> at (D, E), entries of W and V row by row."""
        (K, d), m = (len(self.W), len(self.W[0])), len(self.at.Z[0])
        found: Matrix = zeros(K * d + d * m, K * d + d * m)
        rows = zip(self.weights, self.losses, self.P, self.hidden, self.at.Z, strict=True)
        for c, loss, p, h, z in rows:
            in_W = [[number(j == k) * x for k in range(K) for x in h] for j in range(K)]
            in_V = [[w * f for w in self.W[k] for f in z] for k in range(K)]
            slopes = [[*a, *b] for a, b in zip(in_W, in_V, strict=True)]
            bent = product(turned(slopes), product(loss.hessian(p), slopes))
            found = plus(found, scaled(c, bent))
        for k in range(K):
            for i in range(d):
                for j in range(m):
                    row, column = k * d + i, K * d + i * m + j
                    found[row][column] = found[row][column] + self.B[k][j]
                    found[column][row] = found[row][column]
        return found

    @cached_property
    def rows_gram(self) -> Matrix:
        return product(self.W, turned(self.W))

    def lifted(self, R: Matrix) -> Matrix:
        """Wᵀ(W Wᵀ)⁻¹ R."""
        return product(turned(self.W), solved(self.rows_gram, R))


def _vector_fall(loss: VectorSampleLoss, p: Vector, q: Vector) -> Real:
    if all((a - b).exact and (a - b).sign == 0 for a, b in zip(p, q, strict=True)):
        return number(0)
    return loss.value(p) - loss.value(q)
