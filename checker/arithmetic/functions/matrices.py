"""Trace, diagonal, determinant, inverse, linear systems, powers and roots of matrices."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq_mat

from checker.arithmetic.arrays.objects import require_square
from checker.arithmetic.bounded import Bounded, gamma
from checker.arithmetic.constants import BOUND_INFLATION, UNDERFLOW
from checker.arithmetic.exact import UNKNOWN, Surd
from checker.arithmetic.function import Function, composed, highest
from checker.arithmetic.functions.exponentials import log
from checker.errors import FormulaError

# Determinants are expanded along minors up to this order; beyond it there are too many.
_MINORS = 6


@composed("diag")
def diag(x: Any) -> Any:
    """The diagonal of a matrix, or the diagonal matrix of a vector."""
    if len(x.shape) == 1:
        return x[:, None] * np.eye(x.shape[0])
    if len(x.shape) != 2:
        raise FormulaError(f"diag takes a vector or a matrix, not an array of shape {x.shape}")
    steps = np.arange(min(x.shape))
    return x[steps, steps]


@composed("trace", text="tr")
def trace(matrix: Any) -> Any:
    """Sum of the diagonal of a square matrix."""
    require_square(matrix, "trace")
    return diag(matrix).total()


# -- determinants ----------------------------------------------------------------------------------


@composed("det")
def det(matrix: Any) -> Any:
    """Determinant: by minors of the first 1, 2, ... rows, or by Bird's products for large orders.

    Neither divides, so both run in every arithmetic, whatever the pivots.
    """
    order = require_square(matrix, "det")
    if order == 0:
        return matrix.lift(1)
    return _by_minors(matrix) if order <= _MINORS else _by_products(matrix)


def _by_minors(matrix: Any) -> Any:
    """The minor of rows 0..r and columns S is Σ_k (-1)^(r+k) a[r, S_k] minor(S without S_k)."""
    order = matrix.shape[0]
    minors, columns = matrix[0], list(combinations(range(order), 1))
    for row in range(1, order):
        place = {chosen: i for i, chosen in enumerate(columns)}
        columns = list(combinations(range(order), row + 1))
        rest = [[place[(*s[:k], *s[k + 1 :])] for k in range(row + 1)] for s in columns]
        signs = np.array([(-1.0) ** (row + k) for k in range(row + 1)])
        minors = (matrix[row][np.array(columns)] * minors[np.array(rest)]) @ signs
    return minors[0]


def _by_products(matrix: Any) -> Any:
    """R. Bird, A simple division-free algorithm for computing determinants (2011)."""
    order = matrix.shape[0]
    upper = np.triu(np.ones((order, order)), 1)
    # Row i of it sums the diagonal entries behind i.
    behind = np.triu(np.ones((order, order)), 1)
    product = matrix
    for _ in range(order - 1):
        diagonal = behind @ diag(product)
        product = (product * upper - diag(diagonal)) @ matrix
    return product[0, 0] if order % 2 else -product[0, 0]


@composed("logdet")
def logdet(matrix: Any) -> Any:
    """log det of a matrix with a positive determinant."""
    return log(det(matrix))


# -- inverses ------------------------------------------------------------------------------------


def _inverse_bounded(matrix: Bounded) -> Bounded:
    """A⁻¹ = X + X R (I - R)⁻¹ for R = I - A X, where X is any approximation.

    With r = max_i Σ_j |R_ij| < 1, no entry of R (I - R)⁻¹ exceeds r / (1 - r), so the error of
    X_ij is at most Σ_k |X_ik| r / (1 - r). Where r >= 1 nothing is known.
    """
    order = require_square(matrix, "inverse")
    approximate = _approximate_inverse(matrix.value)
    inexact = Bounded(approximate)
    residual = matrix._contract(inexact) - np.eye(order)
    r = (np.abs(residual.value) + residual._bound).sum(axis=1).max(axis=0) * BOUND_INFLATION
    factor = np.where(r < 1.0, r / np.where(r < 1.0, 1.0 - r, 1.0), np.inf)
    # Two roundings in the quotient; the sums of sizes have `order`.
    factor = factor * BOUND_INFLATION * (1 + gamma(order + 4)) + UNDERFLOW
    error = np.abs(approximate).sum(axis=1, keepdims=True) * factor + UNDERFLOW
    return matrix._made(approximate, np.broadcast_to(error, approximate.shape), 16 + order)


def _approximate_inverse(value: Any) -> Any:
    """By LAPACK, each case for itself; 0 where it fails."""
    stacked = np.moveaxis(value, -1, 0)
    size = np.abs(stacked).max(axis=(1, 2), keepdims=True)
    usable = np.isfinite(size) & (size > 0)
    safe = np.where(usable, stacked, np.eye(stacked.shape[1]))
    try:
        found = np.linalg.inv(safe)
    except np.linalg.LinAlgError:
        found = np.stack([_one_inverse(one) for one in safe])
    return np.ascontiguousarray(np.moveaxis(np.where(usable, found, 0.0), 0, -1))


def _one_inverse(matrix: Any) -> Any:
    try:
        return np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return np.zeros_like(matrix)


def _object_array(matrix: Any, rows: Any) -> Any:
    entries = np.empty(matrix.shape, dtype=object)
    for index in np.ndindex(matrix.shape):
        entries[index] = rows(*index)
    return type(matrix)(entries)


def _inverse_ball(matrix: Any) -> Any:
    require_square(matrix, "inverse")
    try:
        found = arb_mat(matrix.entries.tolist()).inv()
    except ZeroDivisionError:
        return matrix._each(lambda _: arb("nan"))
    return _object_array(matrix, lambda i, j: found[i, j])


def _inverse_exact(matrix: Any) -> Any:
    require_square(matrix, "inverse")
    entries = matrix.entries
    if any(not x.known or x.radicand != 1 for x in entries.flat):
        return _by_cofactors(matrix)
    try:
        found = fmpq_mat([[x.ratio for x in row] for row in entries]).inv()
    except ZeroDivisionError:
        return matrix._each(lambda _: UNKNOWN)
    return _object_array(matrix, lambda i, j: Surd(found[i, j]))


def _by_cofactors(matrix: Any) -> Any:
    """The transposed cofactors over the determinant."""
    order = require_square(matrix, "inverse")
    if order == 1:
        return 1 / matrix
    others = [np.array([k for k in range(order) if k != i]) for i in range(order)]
    rows = [
        [(-1) ** (i + j) * det(matrix[others[j]][:, others[i]]) for j in range(order)]
        for i in range(order)
    ]
    return matrix.lift(rows) / det(matrix)


def _inverse_plain(matrix: Any) -> Any:
    xp = matrix.xp
    stacked = xp.moveaxis(matrix.value, -1, 0)
    try:
        found = xp.linalg.inv(stacked)
    except np.linalg.LinAlgError:
        return matrix * np.nan if xp is np else _by_cofactors(matrix)
    return type(matrix)(xp.moveaxis(found, 0, -1))


def _inverse_tangent(operands: Any, value: Any) -> Any:
    """d(A⁻¹) = -A⁻¹ dA A⁻¹."""
    return lambda change: -(value @ change @ value)


inverse = Function(
    "inverse",
    _by_cofactors,
    bounded=_inverse_bounded,
    ball=_inverse_ball,
    exact=_inverse_exact,
    plain=_inverse_plain,
    tangent=_inverse_tangent,
)


@composed("solve")
def solve(matrix: Any, right: Any) -> Any:
    """The x with A x = b for a regular matrix A; b is a vector or a matrix of right-hand sides."""
    return inverse(matrix) @ right


def solve_positive_definite(matrix: Any, right: Any) -> list[Any]:
    """The rows of X with `matrix` X = `right`, for a symmetric positive definite matrix.

    Gaussian elimination without row exchanges: its pivots are positive for such matrices (Golub and
    Van Loan, Matrix Computations, section 4.2). Shapes (k, k) and (k, m), rows of shape (m,). Where
    an enclosure of a pivot contains 0 nothing is known of the result. `solve` takes every matrix.
    """
    size = matrix.shape[0]
    left, values = [matrix[i] for i in range(size)], [right[i] for i in range(size)]
    for j in range(size):
        for i in range(j + 1, size):
            factor = left[i][j] / left[j][j]
            left[i] = left[i] - factor * left[j]
            values[i] = values[i] - factor * values[j]
    for i in reversed(range(size)):
        for j in range(i + 1, size):
            values[i] = values[i] - left[i][j] * values[j]
        values[i] = values[i] / left[i][i]
    return values


def matrix_power(matrix: Any, exponent: int) -> Any:
    """The product of a square matrix with itself, `exponent` times; inverse where negative."""
    matrix = highest((matrix,)).lift(matrix)
    order = require_square(matrix, "matrix_power")
    if not isinstance(exponent, int):
        raise FormulaError(f"matrix_power takes an integer exponent, not {exponent!r}")
    if exponent < 0:
        return matrix_power(inverse(matrix), -exponent)
    if exponent == 0:
        return matrix.lift(np.eye(order))
    half = matrix if exponent == 1 else matrix_power(matrix, exponent // 2)
    if exponent == 1:
        return matrix
    return half @ half @ matrix if exponent % 2 else half @ half
