"""Second moments for K outputs: G = E[g gᵀ ⊗ ∂²l/∂p²], g = (x; z), with one error bound.

Coordinates are (column of g, output), the output last, so that G is of order (d+m)K. A block of
rows adds Σ_i L_i[j, k] g_i g_iᵀ at the outputs (j, k); `moments` has the error of such a sum for
one output. For several, entry by entry |fl(G) - G| <= Σ |g_i g_iᵀ| ⊗ N_i with
N_i = γ|L̂_i| + |L̂_i - L_i|, and since N_i is symmetric, ||N_i||_2 is at most its greatest row sum:

    ||fl(G) - G|| <= Σ ||N_i||_inf ||g_i||² + underflow.

A product L g may underflow before it is multiplied by another entry of g: ||g_i||² more.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import BOUND_INFLATION
from checker.arithmetic.functions import total
from checker.certification.budgets import MAX_DENSE_OUTPUTS, MAX_REDUCED_ORDER, TENSOR_NUMBERS
from checker.certification.moments import Gram, exact, row_squares_of
from checker.certification.source import Block, Source
from checker.instances.fields import FloatArray
from checker.landscape.losses.coupled import VectorLoss


def gram_of(source: Source, K: int) -> GramOfOutputs | None:
    """What accumulates G, or None: too many numbers, or a loss that does not state its Hessian."""
    order = (source.d + source.m) * K
    fits = K == 1 or (K <= MAX_DENSE_OUTPUTS and order <= MAX_REDUCED_ORDER)
    return GramOfOutputs(order, K) if fits and states_hessian(source.loss) else None


def states_hessian(loss: VectorLoss) -> bool:
    """Whether a loss states products with its Hessian."""
    one = exact(np.ones((1, 1)))
    return loss.product(one, one, one) is not None


class GramOfOutputs(Gram):
    """Accumulates G and the bound of its error, for K outputs."""

    def __init__(self, order: int, K: int) -> None:
        super().__init__(order)
        self._K = K

    def add(self, block: Block, at: Any) -> None:
        """Add a block, `at` being the point over it, some rows at a time."""
        columns, rows = np.hstack([block.X, block.Z]), max(TENSOR_NUMBERS // self._K**2, 1)
        squares = row_squares_of(at.X) + row_squares_of(at.Z)
        for start in range(0, len(columns), rows):
            part = slice(start, start + rows)
            L = _hessians(at, part, self._K)
            self._add(columns[part], L)
            sizes, radii = (_row_sums(x) for x in (L.value, L.radius))
            self._size = self._size + total(Bounded(sizes) * squares[part])
            self._inherited = self._inherited + total(Bounded(radii) * squares[part])
        self._reach = self._reach + total(squares)
        self._rows = max(self._rows, len(columns))

    def _add(self, columns: FloatArray, L: Bounded) -> None:
        q, K = columns.shape[1], self._K
        blocks = self._sum.reshape(q, K, q, K)
        for j in range(K):
            for k in range(j, K):
                weights = L.value[:, j, k]
                if not weights.any():
                    continue
                found = (columns * weights[:, None]).T @ columns
                blocks[:, j, :, k] += found
                if j < k:
                    blocks[:, k, :, j] += found.T


def _hessians(at: Any, part: slice, K: int) -> Bounded:
    """∂²l/∂p² times the weight at some rows, (rows, K, K); the last axis is that of the batch."""
    P, Y = at.prediction[part], at.Y[part]
    axes = Bounded(np.broadcast_to(np.eye(K), (len(P.value), K, K)))
    products = at.loss.product(P, Y, axes)
    weighted: Bounded = (products.T * at.weights[part]).T
    shape = (len(P.value), K, K)
    value, radius = (_stretched(x, shape) for x in (weighted.value, weighted.radius))
    # The upper half counts, as the sum is of symmetric matrices.
    upper = np.triu(np.ones((K, K), dtype=bool))
    value, radius = (np.where(upper, x, x.transpose(0, 2, 1)) for x in (value, radius))
    return Bounded(value, radius)


def _stretched(values: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The array with its axes of length 1 repeated."""
    found: FloatArray = np.broadcast_to(values, shape)
    return found


def _row_sums(values: FloatArray) -> FloatArray:
    """The greatest row sum of the absolute values per row of the sample, (rows, 1)."""
    sums: FloatArray = np.abs(values).sum(axis=2).max(axis=1, initial=0.0)[:, None]
    return sums * BOUND_INFLATION
