"""One pass over the sample: F, its derivatives in (w, V), the curvature-weighted second moments of
[X Z], and the Lipschitz constants of Theorem 3, each with a proved error bound.

The formulas are those of `RegionPoint` and `VectorPoint`, evaluated block by block with weights 1
(or the given ones), so that a block returns sums; they are divided by n at the end.

**Second moments.** G = E[l'' (x; z)(x; z)ᵀ] = Σ c_i d_i d_iᵀ, d_i = (x_i; z_i), c_i = l''_i >= 0
times the weight. With r_i = fl(√ĉ_i), D = diag(r)[X Z] and the products DᵀD of the k rows of each
of B blocks added up, an entry carries at most 4 roundings from r_i r_i d_ij d_il and one per
addition, so that with γ = γ_(k+B+4) (Higham 2002, section 3.1, any order of summation)
|fl(G) - G| <= Σ (γ ĉ_i + |ĉ_i - c_i|) |d_i| |d_i|ᵀ entry by entry. A rank-one matrix |d||d|ᵀ has
norm ||d||², hence in the spectral norm

    ||fl(G) - G|| <= Σ (γ ĉ_i + |ĉ_i - c_i|) ||d_i||² + underflow,

which needs row norms only, not products of absolute values. Negative ĉ_i become 0: c_i >= 0, so
that moves them closer. Each of the n (d+m)² products and each entry of D may underflow; all that is
below (d+m) n 2^-1022 (2 + Σ c_i ||d_i||²).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from scipy.linalg.blas import dsyrk

from checker.arithmetic.bounded import Bounded, gamma
from checker.arithmetic.constants import UNDERFLOW, UNIT_ROUNDOFF
from checker.arithmetic.functions import sqrt, total
from checker.certification.matrices.normed import Normed, upward
from checker.certification.matrices.precise import transposed_product
from checker.certification.source import Block, Source
from checker.errors import InputError
from checker.instances.fields import FloatArray, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.bounds import derivative_bounds
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.region import RegionPoint
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.residual_unit.unit import UnitPoint


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockPoint(RegionPoint):
    """A point over one block of rows, whose means are sums; `hidden` is Vᵀw, known better."""

    hidden: Any

    @cached_property
    def prediction(self) -> Any:
        """wᵀx + (Vᵀw)ᵀz at each sample, (k,)."""
        return self.X @ self.w + self.Z @ self.hidden

    @cached_property
    def curvature(self) -> Any:
        """l'' times the weight, (k,)."""
        return self._curvature

    @cached_property
    def row_squares(self) -> tuple[Any, Any]:
        """||x||² and ||z||² per row, (k,) each."""
        inputs, features = cast(Bounded, self.X), cast(Bounded, self.Z)
        return row_squares_of(inputs), row_squares_of(features)

    @cached_property
    def _sizes(self) -> tuple[Any, Any, Any]:
        inputs, features = (sqrt(square) for square in self.row_squares)
        hidden = inputs + self.radius * features
        return hidden, features, sqrt(hidden**2 + (self.radius * features) ** 2)


def row_squares_of(matrix: Bounded) -> Bounded:
    """Sums of d squares: relative error γ_d of the exact sum, so at most γ_2d of the computed."""
    columns = matrix.shape[1]
    flat = matrix.value[:, :, 0]
    value = np.einsum("ij,ij->i", flat, flat)[:, None]
    return Bounded(value, gamma(2 * columns) * value + columns * UNDERFLOW, 8)


def exact(values: FloatArray) -> Bounded:
    """Floats as they are, a batch of one."""
    return Bounded(np.asarray(values, dtype=np.float64)[..., None])


@dataclass(frozen=True, eq=False)
class VectorBlockPoint(VectorPoint):
    """The same for K outputs; `hidden` is (W V)ᵀ, known better."""

    hidden: Any = None

    @cached_property
    def prediction(self) -> Any:
        """W x + (W V) z at each sample, (k, K)."""
        return self.X @ self.W.T + self.Z @ self.hidden


@dataclass(frozen=True, eq=False)
class Parameters:
    """The point (w, V) as exact numbers, and Vᵀw; or W and (W V)ᵀ."""

    w: Bounded
    V: Bounded
    hidden: Bounded

    @classmethod
    def of(cls, w: FloatArray, V: FloatArray) -> Parameters:
        """From floats."""
        return cls(exact(w), exact(V), transposed_product(V, w.T))


def block_point(block: Block, at: Parameters, loss: Loss, radius: float = 0.0) -> BlockPoint:
    """The point over a block."""
    data = {"X": block.X, "Z": block.Z, "y": block.y, "weights": block.weights}
    zero = exact(np.zeros(()))
    return unchecked(
        BlockPoint,
        **{name: exact(a) for name, a in data.items()},
        w=at.w,
        V=at.V,
        hidden=at.hidden,
        w_star=zero,
        loss=loss,
        radius=exact(np.array(radius)),
        comparator_radius=zero,
        t=zero,
        extra=zero,
    )


def vector_block_point(block: Block, at: Parameters, loss: Any) -> VectorBlockPoint:
    """The point over a block, with K outputs."""
    data = {"X": block.X, "Z": block.Z, "Y": block.y, "weights": block.weights}
    enclosed = {name: exact(a) for name, a in data.items()}
    parameters = {"W": at.w, "V": at.V, "hidden": at.hidden, "W_star": at.w}
    return unchecked(VectorBlockPoint, **enclosed, **parameters, loss=loss)


def linear_point(block: Block, u: FloatArray, loss: Any) -> UnitPoint:
    """The linear predictor u or U over a block: the point (u, 0) with features 0."""
    kind: type[UnitPoint] = Point if u.ndim == 1 else VectorPoint
    labels, output, comparator = kind.letters
    outputs = {labels: block.y, output: u, comparator: u}
    unit = {"Z": np.zeros((len(block.y), 1)), "V": np.zeros((u.shape[-1], 1))}
    arrays = {"X": block.X, "weights": block.weights, **outputs, **unit}
    return unchecked(kind, **{name: exact(a) for name, a in arrays.items()}, loss=loss)


class Sums:
    """Named sums over blocks."""

    def __init__(self) -> None:
        self._sums: dict[str, Any] = {}

    def add(self, **terms: Any) -> None:
        """Add the sums of one block."""
        for name, term in terms.items():
            self._sums[name] = self._sums[name] + term if name in self._sums else term

    def means(self, source: Source) -> dict[str, Any]:
        """The expectations: the sums over n, or as they are where rows have weights."""
        return {name: averaged(s, source) for name, s in self._sums.items()}


def averaged(weighted_sum: Any, source: Source) -> Any:
    """The division by n, after all sums."""
    return weighted_sum if source.weighted else weighted_sum / source.n


class Gram:
    """Accumulates G and the bound of its error."""

    def __init__(self, order: int) -> None:
        self._sum = np.zeros((order, order))
        self._size = exact(np.zeros(()))
        self._inherited = exact(np.zeros(()))
        # What a product may be multiplied with after it has underflowed.
        self._reach = exact(np.zeros(()))
        self._rows = 0

    def add(self, block: Block, at: BlockPoint) -> None:
        """Add a block: its product apart, so that no sum is longer than a block."""
        c, squares = at.curvature, at.row_squares[0] + at.row_squares[1]
        positive = np.maximum(stretched(c.value, squares), 0.0)
        scaled = np.hstack([block.X, block.Z]) * np.sqrt(positive)
        # dsyrk fills the upper triangle of DᵀD.
        self._sum += dsyrk(1.0, scaled.T)
        self._size = self._size + total(Bounded(positive) * squares)
        self._inherited = self._inherited + total(Bounded(stretched(c.radius, squares)) * squares)
        self._rows = max(self._rows, len(block.y))

    def mean(self, source: Source) -> dict[str, Any]:
        """G and the radius, in the spectral norm."""
        order = len(self._sum)
        upper = np.triu(self._sum)
        G = upper + np.triu(upper, 1).T
        roundings = gamma(self._rows + source.blocks + 4)
        underflow = (self._size + self._reach + 2) * (UNDERFLOW * order * source.n)
        radius = averaged(roundings * self._size + self._inherited + underflow, source)
        if source.weighted:
            return {"G": G, "G_radius": float(radius.upper[0])}
        # The division rounds once more; ||G||_F bounds the norm of that error.
        rounding = Normed(G / source.n).frobenius * UNIT_ROUNDOFF + order * UNDERFLOW
        return {"G": G / source.n, "G_radius": upward(float(radius.upper[0]) + rounding)}


class InputMoment:
    """Σ x xᵀ over all of the first rows and some of the others: for the speed of a solver only."""

    def __init__(self, d: int) -> None:
        self.sum = np.zeros((d, d))
        self._rows = 0

    def add(self, block: Block) -> None:
        """Add all rows of a block, or one in 8 when there have been 8 d of them."""
        some = block.X[:: 1 if self._rows < 8 * len(self.sum) else 8]
        self.sum += some.T @ some
        self._rows += len(some)


def stretched(values: FloatArray, like: Bounded) -> FloatArray:
    return np.broadcast_to(values, like.value.shape)


@dataclass(frozen=True, eq=False)
class Moments:
    """Expectations over the sample at (w, V), enclosed.

    Attributes
    ----------
    F, F_at_zero
        F(w, V, θ), and F_lin(0) = E l(0; y).
    a, b
        E[l' x], (d,), and E[l' z], (m,).
    lipschitz
        Lipschitz constants of F_θ, ∇F_θ and ∇²F_θ on ||w||, ||V|| < radius; empty if unknown.
    no_lipschitz
        Why they are unknown.
    G, G_radius
        E[l'' (x; z)(x; z)ᵀ], (d+m, d+m), and a bound on the spectral norm of its error.
    input_moment
        About a multiple of E[x xᵀ], (d, d); nothing proved rests on it.
    """

    F: Bounded
    F_at_zero: Bounded
    a: Bounded
    b: Bounded
    lipschitz: tuple[Bounded, ...]
    no_lipschitz: str
    G: FloatArray
    G_radius: float
    input_moment: FloatArray


def moments(source: Source, w: FloatArray, V: FloatArray, radius: float) -> Moments:
    """The first pass over the data."""
    sums, gram, inputs = Sums(), Gram(source.d + source.m), InputMoment(source.d)
    loss = source.loss
    unknown, parameters = no_bounds(loss), Parameters.of(w, V)
    for block in source:
        at = block_point(block, parameters, loss, radius)
        at_zero = loss.value(exact(np.zeros(len(block.y))), at.y)
        sums.add(
            F=at.F, F_at_zero=at.mean(at_zero), a=at.a, b=at.b, weight=total(exact(block.weights))
        )
        if not unknown:
            sums.add(mu0=at.mu0, mu1=at.mu1, mu2=at.mu2)
        gram.add(block, at)
        inputs.add(block)
    means = sums.means(source)
    if means.pop("weight").value[0] == 0:
        raise InputError("all weights are 0", why="An average over no points says nothing")
    constants = () if unknown else tuple(means.pop(name) for name in ("mu0", "mu1", "mu2"))
    means |= {"lipschitz": constants, "no_lipschitz": unknown, "input_moment": inputs.sum}
    return Moments(**means, **gram.mean(source))


def no_bounds(loss: Loss) -> str:
    """Why there are no Lipschitz constants, or an empty string."""
    try:
        derivative_bounds(loss, exact(np.ones(1)), exact(np.ones(1)))
    except InputError as error:
        return error.what
    return ""
