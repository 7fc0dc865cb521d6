"""The functions that a formula may call, whatever the arithmetic of its arguments.

A vector of a product space, such as the gradient in (w, V), is a tuple of blocks; `norm`, `sq`
and `dot` accept it as one vector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.array import Array
from checker.errors import InputError

A = TypeVar("A", bound=Array)
Blocks = tuple[Any, ...]


def dot(u: Any, v: Any) -> Any:
    """Euclidean inner product of two vectors, matrices (entrywise) or tuples of blocks."""
    if isinstance(u, tuple):
        return _sum(dot(a, b) for a, b in zip(u, v, strict=True))
    return u @ v if len(u.shape) == 1 and len(v.shape) == 1 else (u * v).total()


def sq(v: Any) -> Any:
    """Squared Euclidean (for matrices: Frobenius) norm."""
    return dot(v, v)


def norm(v: Any) -> Any:
    """Euclidean norm of a vector or of a tuple of blocks, such as a gradient in (w, V).

    Raises
    ------
    InputError
        For a matrix, of which there are several: `spectral_norm` and `frobenius`.
    """
    if not isinstance(v, tuple) and v.shape in ((), (1,)):
        return abs(v) if v.shape == () else abs(v[0])
    if not isinstance(v, tuple) and len(v.shape) > 1:
        raise InputError(
            f"the norm of a matrix of shape {v.shape} is one of several",
            hint="Say which: spectral_norm(A), its largest singular value, or frobenius(A)",
        )
    return sqrt(sq(v))


def frobenius(matrix: Any) -> Any:
    """√Σ a_ij²."""
    return sqrt(sq(matrix))


def _sum(terms: Any) -> Any:
    first, *rest = terms
    for term in rest:
        first = first + term
    return first


def sqrt(x: A) -> A:
    """Square root; the exact argument must be non-negative."""
    return x.sqrt()


def exp(x: A) -> A:
    """Exponential."""
    return x.exp()


def log(x: A) -> A:
    """Natural logarithm; the exact argument must be positive."""
    return x.log()


def tanh(x: A) -> A:
    """Hyperbolic tangent."""
    return x.tanh()


def sigmoid(x: A) -> A:
    """Logistic function 1 / (1 + exp(-x)), accurate relative to its value on both sides."""
    return x.sigmoid()


def softplus(x: A) -> A:
    """log(1 + exp(x)) without overflow."""
    return x.softplus()


def log_cosh(x: A) -> A:
    """log(cosh(x)) without overflow or cancellation."""
    return x.log_cosh()


def maximum(x: A, y: Any) -> A:
    """Larger of two numbers, entry by entry."""
    return x.maximum(x._coerce(y))


def minimum(x: A, y: Any) -> A:
    """Smaller of two numbers, entry by entry."""
    return -((-x).maximum(-x._coerce(y)))


def positive_part(x: A) -> A:
    """max(x, 0), entry by entry."""
    return maximum(x, 0)


def filled(x: A, value: float) -> A:
    """The constant `value` in the shape and arithmetic of x."""
    return x._coerce(np.full(x.shape, value))


def total(x: A) -> A:
    """Sum of all entries."""
    return x.total()


def row_sums(matrix: A) -> A:
    """Sum of each row of a matrix."""
    return matrix @ np.ones(matrix.shape[1])


def outer(u: A, v: A) -> A:
    """The matrix u vᵀ."""
    if not len(u.shape) == len(v.shape) == 1:
        raise ValueError(f"arrays of shapes {u.shape} and {v.shape} have no outer product")
    return u.outer(v)


def hstack(*parts: A) -> A:
    """Matrices side by side."""
    return type(parts[0]).concatenate(parts, 1)


def vstack(*parts: A) -> A:
    """Matrices one below the other."""
    return type(parts[0]).concatenate(parts, 0)


def spectral_norm(matrix: A) -> A:
    """Largest singular value, the paper's norm of matrices."""
    return matrix.spectral_norm()


def lambda_min(symmetric: A) -> A:
    """Least eigenvalue of a symmetric matrix."""
    return symmetric.extreme_eigenvalues()[0]


def lambda_max(symmetric: A) -> A:
    """Greatest eigenvalue of a symmetric matrix."""
    return symmetric.extreme_eigenvalues()[1]


def difference(f: Callable[[A], A], x: A, y: A) -> A:
    """f(x) - f(y) entry by entry, exactly 0 where x = y exactly.

    Without it, equality of two transcendental values could not be proved by enclosures.
    """
    return (f(x) - f(y)).zero_where_equal(x, y)


def vanishing_with(x: A, y: A) -> A:
    """x, which is known to be 0 wherever y is; may use that knowledge."""
    return x.zero_where_equal(y, filled(y, 0.0))


def tighter(x: A, y: A) -> A:
    """Two formulas for the same number: the narrower enclosure, case by case.

    Only for formulas that agree wherever both are defined; that is the caller's proof.
    """
    return x.narrower(y)


def settled(x: A) -> A:
    """x, for a loop of many steps.

    A bound on a product of two uncertain numbers carries the roundings of both, so their number
    doubles from step to step, and after some twenty steps the bound would say nothing. Here it is
    enlarged once for all roundings so far.
    """
    return x.settled()


def black_box(function: Callable[..., Any], *arguments: A) -> A:
    """function(*arguments) computed in float64, without a bound: everything that follows from it
    is marked `unproved`.

    `function` gets float64 arrays of one instance (no batch axis) and returns one. A violation that
    rests on it refutes nothing, it is a candidate.

    Raises
    ------
    InputError
        When the result is no array of real numbers.
    """
    name = getattr(function, "__name__", type(function).__name__)
    columns = [argument.floats() for argument in arguments]
    size = max(map(len, columns))
    full = (c * size if len(c) == 1 else c for c in columns)
    results = [_real(name, function(*case)) for case in zip(*full, strict=True)]
    made = type(arguments[0]).stacked(results)
    return made.marked(f"{name} was computed in float64 without an error bound")


def _real(name: str, value: Any) -> Any:
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iuf":
        raise InputError(
            f"the black box {name} returned {type(value).__name__}, not an array of real numbers"
        )
    return numbers.astype(np.float64)
