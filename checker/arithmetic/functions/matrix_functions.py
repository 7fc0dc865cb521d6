"""The exponential of a matrix, and the square root of a positive semidefinite one."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from checker.arithmetic.arrays.objects import require_square
from checker.arithmetic.ball import Ball
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import BOUND_INFLATION, UNDERFLOW
from checker.arithmetic.exact import UNKNOWN, Exact, Surd
from checker.arithmetic.function import Function
from checker.arithmetic.functions.matrices import _object_array

# The Taylor polynomial of matrices of norm at most 1/2: what is left out is at most twice the next
# term, 2 (1/2)^17 / 17!.
_DEGREE = 16
_REMAINDER = 2.0 * 0.5**17 / math.factorial(17)

# Larger matrices would be squared so often that the bounds say nothing; they are left to balls.
_MOST_SQUARINGS = 24


# -- exponential -----------------------------------------------------------------------------------


def _squarings(norm: float) -> int:
    """s with norm / 2^s <= 1/2."""
    return max(0, math.frexp(norm)[1] + 1) if norm > 0 else 0


def _polynomial(matrix: Any) -> Any:
    """Σ_k M^k / k! up to the degree, by Horner's rule."""
    eye = np.eye(matrix.shape[0])
    found = matrix / _DEGREE + eye
    for k in range(_DEGREE - 1, 0, -1):
        found = (matrix @ found) / k + eye
    return found


def _scaled_and_squared(matrix: Any, norms: Any, finish: Any) -> Any:
    """exp(A) = exp(A / 2^s)^(2^s), where all cases take the s of the largest of them."""
    finite = norms[np.isfinite(norms)]
    s = _squarings(float(finite.max()) if finite.size else 0.0)
    found = finish(_polynomial(matrix * 0.5**s))
    for _ in range(s):
        found = found @ found
    return found


def _expm_bounded(matrix: Bounded) -> Bounded:
    require_square(matrix, "expm")
    sizes = np.maximum(np.abs(matrix.lower), np.abs(matrix.upper))
    norms = sizes.sum(axis=1).max(axis=0) * BOUND_INFLATION
    usable = norms < 0.5 * 2.0**_MOST_SQUARINGS
    safe = Bounded(np.where(usable, matrix.value, 0.0), matrix.error, matrix.rounds)

    def with_remainder(x: Bounded) -> Bounded:
        return Bounded(x.value, x._error_or_zero + _REMAINDER, x.rounds + 2)

    found = _scaled_and_squared(safe, np.where(usable, norms, 0.0), with_remainder)
    return found._made(found.value, np.where(usable, found._error_or_zero, np.inf), 0)  # type: ignore[no-any-return]


def _expm_plain(matrix: Any) -> Any:
    require_square(matrix, "expm")
    known = np.stack(matrix.floats(), axis=-1)
    return _scaled_and_squared(matrix, np.abs(known).sum(axis=1).max(axis=0), lambda x: x)


def _expm_ball(matrix: Ball) -> Any:
    require_square(matrix, "expm")
    found = arb_mat(matrix.entries.tolist()).exp()
    return _object_array(matrix, lambda i, j: found[i, j])


def _expm_exact(matrix: Exact) -> Any:
    """Known where a power of the matrix vanishes: then the series ends."""
    order = require_square(matrix, "expm")
    term, found = matrix.lift(np.eye(order)), matrix.lift(np.eye(order))
    for k in range(1, order + 1):
        term = (term @ matrix) / k
        found = found + term
    ends = all(x.ratio == 0 for x in term.entries.flat)
    return found if ends else matrix._each(lambda _: UNKNOWN)


def _expm_tangent(operands: Any, value: Any) -> Any:
    """The block beside the diagonal of exp [[A, dA], [0, A]]."""
    (matrix,) = operands
    order = matrix.shape[0]

    def change(slope: Any) -> Any:
        join = type(matrix).concatenate
        top = join([matrix, slope], 1)
        bottom = join([matrix.lift(np.zeros((order, order))), matrix], 1)
        return expm(join([top, bottom], 0))[:order, order:]

    return change


expm = Function(
    "expm",
    bounded=_expm_bounded,
    ball=_expm_ball,
    exact=_expm_exact,
    plain=_expm_plain,
    terms=lambda matrix: matrix.entries_of("expm"),
    tangent=_expm_tangent,
    script="""\
def expm(i, j, *m):  # the power series of m / 2**s, squared s times
    n = round(len(m) ** 0.5)
    s, one = 0, [[D(int(a == b)) for b in range(n)] for a in range(n)]
    while max(abs(D(x)) for x in m) * n > 2**s: s += 1
    m = [[D(x) / 2**s for x in m[a * n:a * n + n]] for a in range(n)]
    def times(x, y): return [[sum(p * q for p, q in zip(r, c)) for c in zip(*y)] for r in x]
    total, term = one, one
    for k in range(1, 2 * getcontext().prec + 20):
        term = [[x / k for x in row] for row in times(term, m)]
        total = [[x + y for x, y in zip(*rows)] for rows in zip(total, term)]
    for _ in range(s): total = times(total, total)
    return total[i][j]
""",
)


# -- square root ---------------------------------------------------------------------------------


def _sqrtm_bounded(matrix: Bounded) -> Bounded:
    """X near the root Y of A: with R = X² - A, (X - Y) X + Y (X - Y) = R, and for a symmetric
    positive definite X, and Y positive semidefinite, ‖X - Y‖_F <= ‖R‖_F / λ_min(X).

    As for numbers, the exact A is positive semidefinite by assumption.
    """
    order = require_square(matrix, "sqrtm")
    X = Bounded(_approximate_root(matrix.value))
    residual = X._contract(X) - matrix
    # At least ‖R‖_F, whose squares may underflow.
    size = (np.abs(residual.value) + residual._bound).sum(axis=(0, 1))
    least = X.extreme_eigenvalues()[0].lower
    radius = size * BOUND_INFLATION / np.where(least > 0, least * (1 - 2.0**-50), 0.0) + UNDERFLOW
    # Unknown for a matrix that is not symmetric, too.
    value = np.where(matrix.extreme_eigenvalues()[0].upper >= 0, X.value, np.nan)
    return matrix._made(value, np.broadcast_to(radius, value.shape), 16 * order, X)


def _approximate_root(value: Any) -> Any:
    """Q √(Λ + δ) Qᵀ, symmetric to the last bit; δ keeps it positive definite."""
    stacked = np.moveaxis(value, -1, 0)
    usable = np.isfinite(stacked).all(axis=(1, 2), keepdims=True)
    values, Q = np.linalg.eigh(np.where(usable, stacked, np.eye(len(value))))
    lifted = np.maximum(values, 0.0) + 2.0**-50 * np.abs(values).max(axis=1, keepdims=True)
    lifted = np.where(lifted > 0, lifted, UNDERFLOW)
    root = (Q * np.sqrt(lifted)[:, None, :]) @ np.swapaxes(Q, 1, 2)
    return np.ascontiguousarray(np.moveaxis((root + np.swapaxes(root, 1, 2)) / 2, 0, -1))


def _sqrtm_ball(matrix: Ball) -> Any:
    """The same bound, with an approximation by Denman's and Beavers's iteration on middles."""
    require_square(matrix, "sqrtm")
    if not matrix.is_finite or matrix.extreme_eigenvalues()[0].item < 0:
        return matrix._each(lambda _: arb("nan"))
    if all(x.is_zero() for x in matrix.entries.flat):
        return matrix
    X = Ball(_middles(matrix))
    residual, least = X @ X - matrix, X.extreme_eigenvalues()[0].item
    size = sum((arb(abs(x).upper()) ** 2 for x in residual.entries.flat), arb(0)).sqrt()
    radius = (size / least).upper() if least > 0 else arb("nan")
    return X._each(lambda x: x + arb(0, 1) * radius)


def _middles(matrix: Ball) -> Any:
    """An exact symmetric matrix near the root of A + δ, δ some bits below A."""
    bits, order = ctx.prec, len(matrix.entries)
    largest = max(abs(x).upper() for x in matrix.entries.flat)
    shift = arb(largest) * arb(2) ** -bits
    with ctx.workprec(2 * bits + 64):
        Y = arb_mat([[arb(x.mid()) for x in row] for row in matrix.entries])
        eye = arb_mat([[int(i == j) for j in range(order)] for i in range(order)])
        Y, Z = _middle(Y + eye * shift), eye
        try:
            # Condition 2^bits at worst, and each step halves the exponents that are too far.
            for _ in range(bits // 2 + 32):
                Y, Z = _middle((Y + Z.inv()) / 2), _middle((Z + Y.inv()) / 2)
        except ZeroDivisionError:
            Y = eye * arb("nan")
    entries = np.empty(matrix.shape, dtype=object)
    for i, j in np.ndindex(matrix.shape):
        entries[i, j] = arb(((Y[i, j] + Y[j, i]) / 2).mid())
    return entries


def _middle(matrix: Any) -> Any:
    return arb_mat([[arb(x.mid()) for x in row] for row in matrix.tolist()])


def _sqrtm_exact(matrix: Exact) -> Any:
    """Known of diagonal matrices."""
    order = require_square(matrix, "sqrtm")
    entries: Any = matrix.entries
    if any(entries[i, j].ratio != 0 for i in range(order) for j in range(order) if i != j):
        return matrix._each(lambda _: UNKNOWN)
    return _object_array(matrix, lambda i, j: entries[i, j].sqrt() if i == j else Surd(0))


def _sqrtm_plain(matrix: Any) -> Any:
    require_square(matrix, "sqrtm")
    xp = matrix.xp
    values, Q = xp.linalg.eigh(xp.moveaxis(matrix.value, -1, 0))
    roots = xp.sqrt(xp.maximum(values, 0.0))
    root = xp.matmul(Q * roots[:, None, :], xp.swapaxes(Q, 1, 2))
    return type(matrix)(xp.moveaxis(root, 0, -1))


sqrtm = Function(
    "sqrtm",
    bounded=_sqrtm_bounded,
    ball=_sqrtm_ball,
    exact=_sqrtm_exact,
    plain=_sqrtm_plain,
    terms=lambda matrix: matrix.entries_of("sqrtm"),
    script="""\
def sqrtm(i, j, *m):
    n = round(len(m) ** 0.5)
    values, q = np.linalg.eigh(np.array(m, float).reshape(n, n))
    return D(float((q * np.maximum(values, 0) ** 0.5 @ q.T)[i, j]))
""",
)
