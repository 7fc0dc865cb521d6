"""Batches of float64 numbers, each with a proved bound on its error.

A `Bounded` array stands for exact numbers x known by (value, error) with |x - value| <= error.
`error is None` means that the value is exact. With u = 2**-53 and fl rounding to nearest:

* sums: |fl(a+b) - (a+b)| <= u |fl(a+b)|, underflow included (a subnormal sum is exact), so
  e = u|v| + e_a + e_b.
* products: |fl(ab) - ab| <= u |fl(ab)| + 2**-1075, so
  e = u|v| + |a| e_b + e_a (|b| + e_b) + UNDERFLOW; the last term also pays for underflow inside
  the bound itself.
* quotients: x/y - a/b = ((x - a) - (a/b)(y - b)) / y and |y| >= |b| - e_b, so
  e = u|v| + (e_a + (|v| + UNDERFLOW) e_b + UNDERFLOW) / (|b| - e_b) + UNDERFLOW, infinite unless
  |b| > e_b. The middle UNDERFLOW pays for underflow of |v| e_b, which the quotient enlarges.
* inner products of length k, in any order of summation and with or without fused operations:
  the rounding error is at most gamma_k sum|a_j b_j| + k 2**-1075, gamma_k = k u / (1 - k u)
  (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1). The inherited error is
  sum(|a_j| e_b + e_a (|b_j| + e_b)). Both are one product of non-negative arrays; gamma_k |b_j|
  may underflow before it meets |a_j|, hence gamma_k |b_j| + UNDERFLOW there.
* sums of k entries: gamma_(k-1) sum|v_j| + sum e_j.
* square roots: |sqrt(x) - sqrt(v)| <= min(e / sqrt(v), sqrt(e)) and one rounding; v < 0 <= x
  counts as v = 0, since then |x - 0| <= e; v + e < 0 has no square root and gives NaN.
* |x|, max(x, y): exact and 1-Lipschitz.
* exp, log, tanh, ...: ELEMENTARY_ERROR for NumPy's function (an assumption, measured against Arb
  by the tests) and the inherited error through the function's own Lipschitz bound, see the files
  of `checker.arithmetic.functions`.

The bounds are computed in floats too. They contain non-negative terms only, so r roundings
understate them by at most (1+u)**r; `rounds` counts them (a product of two bounds has those of
both), and whoever *uses* a bound (a quotient,
a square root, a decision) multiplies by BOUND_INFLATION, which covers 2**22 of them. Overflow
gives infinite values or NaN, and `lower`/`upper` then prove nothing. NaN never proves anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from checker.arithmetic import known
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.arrays.indexing import Index, before_batch
from checker.arithmetic.arrays.kernels import approximate_eigenvectors, contract
from checker.arithmetic.arrays.objects import require_spectrum
from checker.arithmetic.constants import (
    BOUND_INFLATION,
    ELEMENTARY_ERROR,
    MAX_ROUNDINGS,
    UNDERFLOW,
    UNIT_ROUNDOFF,
)
from checker.arithmetic.function import Function, named
from checker.instances.fields import FloatArray


class Bounded(Array):
    """A batch of scalars, vectors or matrices with error bounds; arrays of shape (core..., B)."""

    __slots__ = ("error", "rounds", "value")

    def __init__(self, value: FloatArray, error: FloatArray | None = None, rounds: int = 0) -> None:
        if rounds > MAX_ROUNDINGS:
            # More than the inflation pays for: nothing is known, and the case goes to balls.
            error, rounds = np.full_like(value, np.inf), 0
        self.value, self.error, self.rounds = value, error, rounds

    @classmethod
    def constant(cls, value: Any) -> Self:
        rounded, exact = known.rounded(value)
        rounded = rounded[..., None]
        if exact:
            return cls(rounded)
        # Beyond the range of floats nothing is known but that: an infinity within an infinity.
        return cls(rounded, np.abs(rounded) * UNIT_ROUNDOFF + UNDERFLOW)

    def floats(self) -> list[FloatArray]:
        return [self.value[..., i] for i in range(self.value.shape[-1])]

    def known_floats(self) -> list[FloatArray] | None:
        return self.floats() if self.error is None else None

    @classmethod
    def stacked(cls, cases: Sequence[FloatArray]) -> Self:
        # What is no number is unknown, infinities too.
        return cls(known.rounded(np.stack(cases, axis=-1))[0])

    # -- what is known --------------------------------------------------------------------------

    @property
    def _bound(self) -> FloatArray:
        if self.error is None:
            return np.zeros_like(self.value)
        return self.error * BOUND_INFLATION

    @property
    def lower(self) -> FloatArray:
        """A proved lower bound; NaN or -inf where nothing is known."""
        if self.error is None:
            return self.value
        return np.nextafter(self.value - self._bound, -np.inf)

    @property
    def upper(self) -> FloatArray:
        """A proved upper bound; NaN or inf where nothing is known."""
        if self.error is None:
            return self.value
        return np.nextafter(self.value + self._bound, np.inf)

    @property
    def radius(self) -> FloatArray:
        """A proved bound on |exact - value|; NaN or inf where nothing is known."""
        return self._bound

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape[:-1]

    # -- structure ------------------------------------------------------------------------------

    def _map(self, change: Any) -> Self:
        error = None if self.error is None else change(self.error)
        return type(self)(change(self.value), error, self.rounds)

    def _permuted(self, axes: tuple[int, ...]) -> Self:
        return self._map(lambda a: np.transpose(a, (*axes, a.ndim - 1)))

    def _reshaped(self, shape: tuple[int, ...]) -> Self:
        return self._map(lambda a: a.reshape(*shape, a.shape[-1]))

    def _take(self, index: Index) -> Self:
        own = before_batch(index)
        return self._map(lambda a: a[own])

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        size = max(p.value.shape[-1] for p in parts)
        values = [_stretched(p.value, size) for p in parts]
        errors = [_stretched(p._error_or_zero, size) for p in parts]
        exact = all(p.error is None for p in parts)
        return cls(
            np.concatenate(values, axis),
            None if exact else np.concatenate(errors, axis),
            max(p.rounds for p in parts),
        )

    @property
    def _error_or_zero(self) -> FloatArray:
        return np.zeros_like(self.value) if self.error is None else self.error

    def outer(self, other: Self) -> Self:
        return self._map(lambda a: a[:, None])._multiply(other._map(lambda a: a[None, :]))

    # -- field operations -----------------------------------------------------------------------

    def _made(self, value: FloatArray, error: FloatArray, rounds: int, *others: Self) -> Self:
        depth = rounds + max(x.rounds for x in (self, *others))
        return type(self)(value, error, depth)

    def __neg__(self) -> Self:
        return type(self)(-self.value, self.error, self.rounds)

    def _add(self, other: Self) -> Self:
        value = self.value + other.value
        error = np.abs(value)
        error *= UNIT_ROUNDOFF
        for term in (self.error, other.error):
            if term is not None:
                error += term
        return self._made(value, error, 4, other)

    def _multiply(self, other: Self) -> Self:
        a, b = self.value, other.value
        value = a * b
        error = np.abs(value)
        error *= UNIT_ROUNDOFF
        if self.error is not None and other.error is not None:
            error += self.error * (np.abs(b) + other.error)
        elif self.error is not None:
            error += self.error * np.abs(b)
        if other.error is not None:
            error += np.abs(a) * other.error
        error += UNDERFLOW
        return self._made(value, error, 8 + self._shared_rounds(other), other)

    def _shared_rounds(self, other: Self) -> int:
        """A product of two errors is understated by the roundings of both."""
        both = self.error is not None and other.error is not None
        return min(self.rounds, other.rounds) if both else 0

    def _divide(self, other: Self) -> Self:
        value = self.value / other.value
        size = np.abs(value)
        error = size * UNIT_ROUNDOFF + UNDERFLOW
        least = np.abs(other.value)
        inherited = self.error
        if other.error is not None:
            least = least - other._bound
            least = np.where(least > 0, least * (1 - 2 * UNIT_ROUNDOFF), 0.0)
            through = (size + UNDERFLOW) * other.error + UNDERFLOW
            inherited = through if inherited is None else inherited + through
        if inherited is not None:
            error += inherited / least
        return self._made(value, error, 16, other)

    def _contract(self, other: Self) -> Self:
        length = other.shape[0]
        rounding = gamma(length)
        value = contract(self.value, other.value)
        right = np.abs(other.value)
        weight = rounding * right + UNDERFLOW
        if other.error is not None:
            weight += other.error
        error = contract(np.abs(self.value), weight)
        if self.error is not None:
            if other.error is not None:
                right += other.error
            error += contract(self.error, right)
        # An overflowed sum stands for anything: its terms may cancel, and fused operations hide it.
        error += (np.abs(value) + length) * UNDERFLOW
        return self._made(value, error, length + 8 + self._shared_rounds(other), other)

    def total(self) -> Self:
        if not self.shape:
            return self
        axes = tuple(range(len(self.shape)))
        length = int(np.prod(self.shape))
        error = gamma(length) * np.abs(self.value).sum(axis=axes)
        if self.error is not None:
            error += self.error.sum(axis=axes)
        return self._made(self.value.sum(axis=axes), error, length + 4)

    # -- functions ------------------------------------------------------------------------------

    def __abs__(self) -> Self:
        return type(self)(np.abs(self.value), self.error, self.rounds)

    def maximum(self, other: Self) -> Self:
        value = np.maximum(self.value, other.value)
        if self.error is None and other.error is None:
            return type(self)(value)
        error = np.maximum(self._error_or_zero, other._error_or_zero)
        return self._made(value, np.broadcast_to(error, value.shape), 0, other)

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        return (function.bounded or function.formula)(*operands, **options)  # type: ignore[misc]

    def _growth(self) -> FloatArray:
        """Relative error of a function with |d log f| <= |dx|, computed by NumPy."""
        if self.error is None:
            return np.full_like(self.value, ELEMENTARY_ERROR)
        return np.expm1(self._bound) + ELEMENTARY_ERROR

    def _lipschitz(self, value: FloatArray, relative: float) -> Self:
        """f(x) for a function with |f(x) - f(y)| <= |x - y|, from its rounded value."""
        error = np.abs(value) * relative + UNDERFLOW
        if self.error is not None:
            error += self._bound
        return self._made(value, error, 64)

    # -- matrices -------------------------------------------------------------------------------

    def spectral_norm(self) -> Self:
        rows, columns = self.shape
        if min(rows, columns) == 1:
            flat = self._map(lambda a: a.reshape(-1, a.shape[-1]))
            if rows == columns:
                return flat[0].__abs__()
            length: Self = named("sqrt")(flat._contract(flat))
            return length
        wide = self if rows <= columns else self.T
        gram = contract(wide.value, np.swapaxes(wide.value, 0, 1))
        basis = type(self)(approximate_eigenvectors(gram))
        image = wide.T._contract(basis)
        norm: Self = named("sqrt")(basis._eigenvalues(image.T._contract(image))[1])
        return norm

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        require_spectrum(self)
        if self.shape == (1, 1):
            return self[0][0], self[0][0]
        matrix = self._symmetric_part()
        basis = type(self)(approximate_eigenvectors(matrix.value))
        return basis._eigenvalues(basis.T._contract(matrix._contract(basis)))

    def _symmetric_part(self) -> Self:
        """(A + Aᵀ) / 2, unknown in cases in which A is proved to be another matrix."""
        mirrored = self.T
        errors = self._error_or_zero, mirrored._error_or_zero
        if np.array_equal(self.value, mirrored.value) and np.array_equal(*errors):
            return self
        apart = abs(self._add(-mirrored)).lower > 0
        half = self._add(mirrored) * 0.5
        value = np.where(apart.any(axis=(0, 1)), np.nan, half.value)
        return type(self)(value, half.error, half.rounds)

    def _eigenvalues(self, transformed: Self) -> tuple[Self, Self]:
        """Extreme eigenvalues of A from M = QᵀAQ, Q = self.

        Gershgorin's discs enclose those of M, the largest and least diagonal entry improve one
        side each, and by Ostrowski's theorem each eigenvalue of M is one of A times a factor in
        [1 - defect, 1 + defect], defect >= ||QᵀQ - I||.
        """
        identity = type(self).constant(np.eye(self.shape[0]))
        defect = (self.T._contract(self) - identity)._row_sums(keep_diagonal=True).max(axis=0)
        size = transformed.value.shape[-1]
        factor = type(self)(np.ones(size), _stretched(defect, size) * BOUND_INFLATION)
        diagonal, bound = _diagonal(transformed.value), _diagonal(transformed._bound)
        radius = transformed._row_sums(keep_diagonal=False) * BOUND_INFLATION + bound
        least = _between((diagonal - radius).min(axis=0), (diagonal + bound).min(axis=0))
        greatest = _between((diagonal - bound).max(axis=0), (diagonal + radius).max(axis=0))
        rounds = transformed.rounds + 16
        return (
            type(self)(*least, rounds)._divide(factor),
            type(self)(*greatest, rounds)._divide(factor),
        )

    def _row_sums(self, *, keep_diagonal: bool) -> FloatArray:
        sizes = np.abs(self.value) + self._bound
        if not keep_diagonal:
            sizes = sizes * (1.0 - np.eye(self.shape[0]))[:, :, None]
        sums: FloatArray = sizes.sum(axis=1)
        return sums

    def narrower(self, other: Self) -> Self:
        first, second = self._error_or_zero, other._error_or_zero
        take = (first <= second) | ~np.isfinite(second)
        value = np.where(take, self.value, other.value)
        return self._made(value, np.where(take, first, second), 0, other)

    def settled(self) -> Self:
        if self.error is None:
            return self
        # The last term pays for a product that is rounded below the normal range.
        return type(self)(self.value, self._bound + UNDERFLOW, 2)


def gamma(length: int) -> float:
    """γ_k = k u / (1 - k u), the error of an inner product of length k relative to Σ|a_j b_j|."""
    return length * UNIT_ROUNDOFF / (1 - length * UNIT_ROUNDOFF)


def _stretched(a: FloatArray, size: int) -> FloatArray:
    return a if a.shape[-1] == size else np.broadcast_to(a, (*a.shape[:-1], size))


def _diagonal(a: FloatArray) -> FloatArray:
    entries: FloatArray = np.einsum("iib->ib", a)
    return entries


def _between(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Midpoint and radius of [low, high]; low and high carry one rounding each."""
    middle = low / 2 + high / 2
    slop = 4 * UNIT_ROUNDOFF * (np.abs(low) + np.abs(high)) + UNDERFLOW
    return middle, np.maximum(high - middle, middle - low) + slop
