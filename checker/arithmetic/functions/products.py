"""Inner, outer and Kronecker products, sums over indices, and norms.

A vector of a product space, such as the gradient in (w, V), is a tuple of blocks; `norm`, `sq`
and `dot` accept it as one vector.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from checker.arithmetic.above.complex import Complex
from checker.arithmetic.function import composed, highest
from checker.arithmetic.functions.reductions import amax, amin, sum_along
from checker.arithmetic.functions.roots import power, sqrt
from checker.arithmetic.functions.spectra import nuclear_norm, spectral_norm
from checker.errors import FormulaError


def dot(u: Any, v: Any) -> Any:
    """Euclidean inner product of two vectors, matrices (entrywise) or tuples of blocks; of complex
    numbers Σ ū_i v_i, as np.vdot."""
    if isinstance(u, tuple) and isinstance(v, tuple):
        return reduce(lambda a, b: a + b, (dot(a, b) for a, b in zip(u, v, strict=True)))
    home = highest((u, v))
    u, v = home.lift(u).conj(), home.lift(v)
    return u @ v if len(u.shape) == 1 and len(v.shape) == 1 else (u * v).total()


def sq(v: Any) -> Any:
    """Squared Euclidean (for matrices: Frobenius) norm."""
    if isinstance(v, Complex):
        return sq(v.parts())
    return dot(v, v)


def norm(v: Any, order: Any = None) -> Any:
    """Norm of a vector, of a matrix, or of a tuple of blocks such as a gradient in (w, V).

    Without an order: Euclidean. Vectors: the p-norm for order p >= 1, `inf` and `-inf`. Matrices: 1
    (greatest column sum), inf (greatest row sum), 2 (spectral), "nuc" (nuclear), "fro" (Frobenius).

    Raises
    ------
    FormulaError
        For a matrix without an order: papers write ||A|| for several of these.
    """
    if isinstance(v, tuple):
        return sqrt(sq(v))
    x = highest((v,)).lift(v)
    if x.ndim < 2:
        return _vector_norm(x, 2 if order is None else order)
    if order is None:
        raise FormulaError(
            f"the norm of a matrix of shape {x.shape} is one of several",
            hint="Say which: spectral_norm(A), its largest singular value, or frobenius(A)",
        )
    return _matrix_norm(x, order)


def frobenius(matrix: Any) -> Any:
    """√Σ a_ij²."""
    return _euclidean(matrix)


def _euclidean(v: Any) -> Any:
    x = highest((v,)).lift(v)
    if x.shape in ((), (1,)):
        return abs(x) if x.shape == () else abs(x[0])
    return sqrt(sq(x))


def _vector_norm(x: Any, order: Any) -> Any:
    if order == 2:
        return _euclidean(x)
    if order == 1:
        return abs(x).total()
    if order in (math.inf, -math.inf):
        return amax(abs(x)) if order > 0 else amin(abs(x))
    if isinstance(order, str) or not order > 1:
        raise _no_norm("vectors", order, "1, 2, inf, -inf or any number p > 1")
    if x.shape in ((), (1,)):
        # The power and its root would hide that they undo each other.
        return _euclidean(x)
    exponent = order if isinstance(order, Fraction | int) else Fraction(order)
    return power(power(abs(x), exponent).total(), Fraction(1) / exponent)


def _matrix_norm(x: Any, order: Any) -> Any:
    if order in ("fro", "nuc", 2):
        if order == "fro":
            return _euclidean(x)
        return nuclear_norm(x) if order == "nuc" else spectral_norm(x)
    if order in (1, math.inf):
        return amax(sum_along(abs(x), axis=0 if order == 1 else 1))
    raise _no_norm("matrices", order, '1, 2, inf, "fro" or "nuc"')


def _no_norm(what: str, order: Any, known: str) -> FormulaError:
    return FormulaError(f"norm knows no order {order!r} for {what}", hint=f"orders are {known}")


def outer(u: Any, v: Any) -> Any:
    """The matrix u vᵀ."""
    home = highest((u, v))
    u, v = home.lift(u), home.lift(v)
    if not len(u.shape) == len(v.shape) == 1:
        raise ValueError(f"arrays of shapes {u.shape} and {v.shape} have no outer product")
    return u.outer(v)


@composed("kron", text="kron")
def kron(A: Any, B: Any) -> Any:
    """The Kronecker product A ⊗ B of two matrices: blocks a_ij B."""
    if A.ndim != 2 or B.ndim != 2:
        raise FormulaError(f"kron takes two matrices, not shapes {A.shape} and {B.shape}")
    blocks = A[:, None, :, None] * B[None, :, None, :]
    return blocks.reshape(A.shape[0] * B.shape[0], A.shape[1] * B.shape[1])


def einsum(subscripts: str, *operands: Any) -> Any:
    """Einstein's sums with NumPy's subscripts: einsum("ij,jk->ik", A, B). No `...`."""
    home = highest(operands)
    arrays = [home.lift(x) for x in operands]
    inputs, wanted = _subscripts(subscripts, arrays)
    letters = wanted + "".join(sorted(set("".join(inputs)) - set(wanted)))
    aligned = [_aligned(x, own, letters) for x, own in zip(arrays, inputs, strict=True)]
    product = reduce(lambda a, b: a * b, aligned)
    sizes = {letter: n for x, own in zip(arrays, inputs, strict=True)
             for letter, n in zip(own, x.shape, strict=True)}  # fmt: skip
    # A letter that no product carries beyond size 1 cannot be missing: every letter has an operand.
    for _ in letters[len(wanted) :]:
        product = _last_summed(product)
    shape = tuple(sizes[letter] for letter in wanted)
    return product if product.shape == shape else product * np.ones(shape)


def _subscripts(text: str, arrays: list[Any]) -> tuple[list[str], str]:
    left, arrow, right = text.replace(" ", "").partition("->")
    inputs = left.split(",")
    letters = "".join(inputs)
    wanted = right if arrow else "".join(c for c in sorted(set(letters)) if letters.count(c) == 1)
    fits = len(inputs) == len(arrays) and all(
        len(own) == x.ndim for own, x in zip(inputs, arrays, strict=True)
    )
    readable = all(c.isalpha() for c in letters + wanted) and set(wanted) <= set(letters)
    if not (fits and readable):
        raise FormulaError(
            f"einsum cannot read {text!r} for arrays of shapes {[x.shape for x in arrays]}",
            why="there has to be a letter for each axis of each array, and `...` is unknown",
            hint='write einsum("ij,jk->ik", A, B)',
        )
    return inputs, wanted


def _aligned(x: Any, own: str, letters: str) -> Any:
    """The array with its axes in the order of `letters`, and axes of size 1 for the others."""
    for letter in set(own):
        while own.count(letter) > 1:
            x, own = _diagonal(x, own, letter)
    order = sorted(range(len(own)), key=lambda i: letters.index(own[i]))
    turned = x._permuted(tuple(order)) if order != list(range(len(own))) else x
    return turned[tuple(slice(None) if letter in own else None for letter in letters)]


def _diagonal(x: Any, own: str, letter: str) -> tuple[Any, str]:
    """Entries whose two indices of one letter agree: their axis comes first."""
    first = own.index(letter)
    second = own.index(letter, first + 1)
    rest = [i for i in range(len(own)) if i not in (first, second)]
    front = x._permuted((first, second, *rest))
    steps = np.arange(front.shape[0])
    return front[steps, steps], letter + "".join(own[i] for i in rest)


def _last_summed(x: Any) -> Any:
    if x.shape[-1] == 1:
        return x[..., 0]
    if x.ndim == 2:
        return x @ np.ones(x.shape[1])
    return sum_along(x, axis=-1)
