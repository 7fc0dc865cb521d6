"""Sums over the sample for K outputs: F, F_lin and the matrices A = E[l' xᵀ] and B = E[l' zᵀ].

The formulas are those of `VectorPoint`, evaluated block by block with weights 1 (or the given
ones), so that a block returns sums; they are divided by n at the end. All of ∇F_θ and every bound
of appendix B follow from A, B and the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import total
from checker.arithmetic.plain import Plain
from checker.certification.linear import LinearProblem
from checker.certification.moments import InputMoment, Sums, averaged, exact
from checker.certification.normed import Normed
from checker.certification.precise import transposed_product
from checker.certification.several.gram import gram_of
from checker.certification.source import Block, Source
from checker.errors import InputError
from checker.instances.fields import FloatArray, unchecked
from checker.landscape.residual_unit.several_outputs import VectorPoint


@dataclass(frozen=True, eq=False)
class VectorBlockPoint(VectorPoint):
    """A point over one block of rows, whose means are sums; `hidden` is (W V)ᵀ, known better."""

    hidden: Any = None

    @cached_property
    def prediction(self) -> Any:
        """W x + (W V) z at each sample, (k, K)."""
        return self.X @ self.W.T + self.Z @ self.hidden


@dataclass(frozen=True, eq=False)
class VectorParameters:
    """The point (W, V) as exact numbers, and (W V)ᵀ."""

    W: Bounded
    V: Bounded
    hidden: Bounded

    @classmethod
    def of(cls, W: FloatArray, V: FloatArray) -> VectorParameters:
        """From floats."""
        return cls(exact(W), exact(V), transposed_product(V, W.T))


def vector_block_point(block: Block, at: VectorParameters, loss: Any) -> VectorBlockPoint:
    """The point over a block."""
    data = {"X": block.X, "Z": block.Z, "Y": block.y, "weights": block.weights}
    enclosed = {name: exact(a) for name, a in data.items()}
    parameters = {"W": at.W, "V": at.V, "hidden": at.hidden, "W_star": at.W}
    return unchecked(VectorBlockPoint, **enclosed, **parameters, loss=loss)


def vector_linear_point(block: Block, U: FloatArray, loss: Any) -> VectorPoint:
    """The linear predictor U over a block: the point (U, 0) with features 0."""
    data = {"X": block.X, "Y": block.y, "weights": block.weights}
    none, V = exact(np.zeros((len(block.y), 1))), exact(np.zeros((U.shape[1], 1)))
    enclosed = {name: exact(a) for name, a in data.items()}
    return unchecked(VectorPoint, **enclosed, Z=none, W=exact(U), V=V, W_star=exact(U), loss=loss)


@dataclass(frozen=True, eq=False)
class VectorMoments:
    """Expectations over the sample at (W, V), enclosed.

    Attributes
    ----------
    F, F_at_zero
        F(W, V, θ), and F_lin(0) = E l(0; y).
    A, B
        E[l' xᵀ], (K, d), and E[l' zᵀ], (K, m).
    input_moment
        About a multiple of E[x xᵀ], (d, d); nothing proved rests on it.
    G
        E[(x; z)(x; z)ᵀ ⊗ ∂²l/∂p²], of order (d+m)K; None if that is too large, or unknown.
    """

    F: Bounded
    F_at_zero: Bounded
    A: Bounded
    B: Bounded
    input_moment: FloatArray
    G: Normed | None = None


def vector_moments(source: Source, W: FloatArray, V: FloatArray) -> VectorMoments:
    """The first pass over the data."""
    sums, inputs, parameters = Sums(), InputMoment(source.d), VectorParameters.of(W, V)
    gram = gram_of(source, len(W))
    for block in source:
        at = vector_block_point(block, parameters, source.loss)
        at_zero = at.mean(at.loss.value(exact(np.zeros_like(block.y)), at.Y))
        weight = total(exact(block.weights))
        sums.add(F=at.F, F_at_zero=at_zero, A=at.A, B=at.B, weight=weight)
        inputs.add(block)
        if gram is not None:
            gram.add(block, at)
    means = sums.means(source)
    if means.pop("weight").value[0] == 0:
        raise InputError("all weights are 0", why="An average over no points says nothing")
    found = None if gram is None else gram.mean(source)
    G = None if found is None else Normed(found["G"], found["G_radius"])
    return VectorMoments(**means, input_moment=inputs.sum, G=G)


def vector_value_at(source: Source, W: FloatArray, V: FloatArray) -> Bounded:
    """F(W, V, θ), in one pass."""
    sums, parameters = Sums(), VectorParameters.of(W, V)
    for block in source:
        sums.add(F=vector_block_point(block, parameters, source.loss).F)
    value: Bounded = sums.means(source)["F"]
    return value


class VectorLinearProblem(LinearProblem):
    """F_lin for K outputs, over the transpose of the predictor, (d, K)."""

    def _value(self, u: FloatArray) -> tuple[float, FloatArray]:
        result, gradient, loss = 0.0, np.zeros_like(u), self._source.loss
        for block in self._source.rough():
            P, Y = Plain((block.X @ u)[..., None]), Plain(block.y[..., None])
            losses: Any = loss.value(P, Y)
            slopes: Any = loss.slope(P, Y)
            slope = np.broadcast_to(slopes.value[..., 0], block.y.shape)
            result += float(block.weights @ losses.value[:, 0])
            gradient += block.X.T @ (block.weights[:, None] * slope)
        return averaged(result, self._source), averaged(gradient, self._source)
