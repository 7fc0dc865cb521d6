"""Eigenvalues of symmetric matrices, singular values, and the norms made of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from flint import fmpq_mat

from checker.arithmetic.arrays.kernels import approximate_eigenvectors
from checker.arithmetic.arrays.objects import ObjectArray, require_spectrum, require_symmetric
from checker.arithmetic.ball import Ball, _eigenvalues
from checker.arithmetic.bounded import Bounded, _diagonal, _stretched
from checker.arithmetic.closed.forms import UNKNOWN_FORM
from checker.arithmetic.closed.functions import ZERO
from checker.arithmetic.constants import BOUND_INFLATION, UNDERFLOW
from checker.arithmetic.exact import UNKNOWN, Exact, Surd, _roots_beyond, sign_of_difference
from checker.arithmetic.function import Function, composed, highest
from checker.arithmetic.functions.reductions import ordered
from checker.arithmetic.functions.roots import sqrt
from checker.errors import FormulaError

M = TypeVar("M", bound=ObjectArray)


def spectral_norm(matrix: Any) -> Any:
    """Largest singular value of a matrix."""
    return highest((matrix,)).lift(matrix).spectral_norm()


def lambda_min(symmetric: Any) -> Any:
    """Least eigenvalue of a symmetric matrix."""
    return highest((symmetric,)).lift(symmetric).extreme_eigenvalues()[0]


def lambda_max(symmetric: Any) -> Any:
    """Greatest eigenvalue of a symmetric matrix."""
    return highest((symmetric,)).lift(symmetric).extreme_eigenvalues()[1]


# -- all eigenvalues -------------------------------------------------------------------------------


def _bounded(matrix: Bounded) -> Bounded:
    """From M = QᵀAQ with any Q near an orthogonal matrix.

    By Weyl's inequality the k-th eigenvalue of M is within ‖M - diag M‖ of the k-th diagonal entry
    in ascending order, the norm is at most the largest row sum of the sizes, and orders are
    1-Lipschitz. By Ostrowski's theorem the k-th eigenvalue of M is that of A times a factor in
    [1 - defect, 1 + defect], defect >= ‖QᵀQ - I‖.
    """
    require_spectrum(matrix)
    matrix = matrix._symmetric_part()
    if matrix.shape == (1, 1):
        return matrix[0]
    Q = Bounded(approximate_eigenvectors(matrix.value))
    M = Q.T._contract(matrix._contract(Q))
    order = matrix.shape[0]
    defect = (Q.T._contract(Q) - np.eye(order))._row_sums(keep_diagonal=True).max(axis=0)
    size = M.value.shape[-1]
    factor = Bounded(np.ones(size), _stretched(defect, size) * BOUND_INFLATION)
    radius = M._row_sums(keep_diagonal=False).max(axis=0) + _diagonal(M._bound).max(axis=0)
    values = np.sort(_diagonal(M.value), axis=0)
    error = np.broadcast_to(radius * BOUND_INFLATION + UNDERFLOW, values.shape)
    return Bounded(values, error, M.rounds + order + 16)._divide(factor)


def _ball(matrix: Ball) -> Ball:
    require_symmetric(matrix, lambda x, y: not x.overlaps(y))
    return _filled(matrix, ordered(_eigenvalues(matrix.entries)))


def _filled(matrix: M, values: list[Any]) -> M:
    """As a vector; one value that is not known stands for all."""
    entries = np.empty(matrix.shape[0], dtype=object)
    entries[:] = values if len(values) == len(entries) else values * len(entries)
    return type(matrix)(entries)


def _exact(matrix: Exact) -> Exact:
    """Those that are rational, at their places; all of them where the others are ±√q."""
    require_symmetric(matrix, lambda x, y: x.known and y.known and x.order(y) != 0)
    if any(not x.known or x.radicand != 1 for x in matrix.entries.flat):
        return _filled(matrix, [UNKNOWN])
    rational = fmpq_mat([[x.ratio for x in row] for row in matrix.entries])
    polynomial = rational.charpoly()
    factors = polynomial.factor()[1]
    if all(f.degree() == 1 or (f.degree() == 2 and f[1] == 0) for f, _ in factors):
        return _filled(matrix, _in_order([x for f, n in factors for x in _roots(f) * n]))
    values = [UNKNOWN] * len(matrix.entries)
    for f, multiplicity in factors:
        if f.degree() == 1:
            root = -f[0] / f[1]
            below = _roots_beyond(polynomial, root, -1)
            values[below : below + multiplicity] = [Surd(root)] * multiplicity
    return _filled(matrix, values)


def _closed(matrix: Any) -> Any:
    """The least and the greatest, and between them what is left of the trace of three."""
    size = matrix.shape[0]
    low, high = (x.entries[()] for x in matrix.extreme_eigenvalues())
    values = [low, *[UNKNOWN_FORM] * (size - 2), high][-size:]
    if size == 3:
        values[1] = sum(np.diagonal(matrix.entries), start=ZERO) - low - high
    return _filled(matrix, values)


def _roots(factor: Any) -> list[Surd]:
    if factor.degree() == 1:
        return [Surd(-factor[0] / factor[1])]
    root = Surd(-factor[0] / factor[2]).sqrt()
    return [root, -root]


def _in_order(numbers: list[Surd]) -> list[Surd]:
    """Ascending, by insertion."""
    found: list[Surd] = []
    for number in numbers:
        place = sum(sign_of_difference(x, number) < 0 for x in found)
        found.insert(place, number)
    assert all(sign_of_difference(x, y) <= 0 for x, y in pairwise(found))
    return found


def _plain(matrix: Any) -> Any:
    values = matrix._eigenvalues(matrix.xp.moveaxis(matrix.value, -1, 0))
    return type(matrix)(matrix.xp.swapaxes(values, 0, 1))


eigenvalues = Function(
    "eigenvalues",
    bounded=_bounded,
    ball=_ball,
    exact=_exact,
    closed=_closed,
    plain=_plain,
    terms=lambda matrix: matrix.all_eigenvalues(),
    script="def eigenvalues(matrix):\n    size = round(len(matrix) ** 0.5)\n"
    "    return np.linalg.eigvalsh(np.array(matrix, float).reshape(size, size))\n",
)

# One of them, as a script has it.
Function(
    "eigenvalue",
    script="def eigenvalue(i, *matrix): return D(float(eigenvalues(matrix)[int(i)]))\n",
)


# -- singular values -------------------------------------------------------------------------------


def _wide(matrix: Any) -> Any:
    if len(matrix.shape) != 2:
        raise FormulaError(f"singular_values takes a matrix, not an array of shape {matrix.shape}")
    return matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T


def _bounded_singular(matrix: Bounded) -> Bounded:
    """The greatest eigenvalues of [[0, A], [Aᵀ, 0]]: roots of those of A Aᵀ would lose half of the
    digits of small ones."""
    wide = _wide(matrix)
    rows, columns = wide.shape
    top = Bounded.concatenate([wide.lift(np.zeros((rows, rows))), wide], 1)
    bottom = Bounded.concatenate([wide.T, wide.lift(np.zeros((columns, columns)))], 1)
    values = _bounded(Bounded.concatenate([top, bottom], 0))[columns:]
    # None is negative, whatever the bounds say.
    return values.maximum(values.lift(0.0))


@composed("singular_values", bounded=_bounded_singular)
def singular_values(matrix: Any) -> Any:
    """Singular values of a matrix in ascending order, min(rows, columns) of them."""
    wide = _wide(matrix)
    if wide.shape[0] == 1:
        return sqrt((wide * wide).total())[None]
    return sqrt(eigenvalues(wide @ wide.T))


@composed("nuclear_norm")
def nuclear_norm(matrix: Any) -> Any:
    """Sum of the singular values."""
    return singular_values(matrix).total()
