"""Two kinds of numbers for the reference: fractions, and balls of a given precision.

Both offer the same operations; `Rationals` raises `Irrational` where a result is not a fraction,
and `Balls` raises `Undecided` where an enclosure does not tell a sign. On top of them: the sign of
the least eigenvalue of a symmetric matrix, enclosures of extreme eigenvalues by bisection, and the
sign of √u + √v - d, all by field operations and signs alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

Matrix = Sequence[Sequence[Any]]


class Undecided(Exception):
    """The enclosures are too wide at this precision."""


class Irrational(Exception):
    """The result is no fraction, or not known to be one."""


class Rationals:
    """`fractions.Fraction`, with the functions of the losses where their values are rational."""

    exact = True

    def number(self, x: Fraction) -> Any:
        return x

    def sign(self, x: Any) -> int:
        return int(x > 0) - int(x < 0)

    def exp(self, x: Any) -> Any:
        return self._at_zero(x, 1)

    def sinh(self, x: Any) -> Any:
        return self._at_zero(x, 0)

    def expm1(self, x: Any) -> Any:
        return self._at_zero(x, 0)

    def log1p(self, x: Any) -> Any:
        return self._at_zero(x, 0)

    def atanh(self, x: Any) -> Any:
        return self._at_zero(x, 0)

    def sech(self, x: Any) -> Any:
        return self._at_zero(x, 1)

    def _at_zero(self, x: Any, value: int) -> Fraction:
        if x != 0:
            raise Irrational
        return Fraction(value)

    def sqrt(self, x: Any) -> Any:
        top, bottom = math.isqrt(x.numerator), math.isqrt(x.denominator)
        if top**2 != x.numerator or bottom**2 != x.denominator:
            raise Irrational
        return Fraction(top, bottom)


class Balls:
    """`flint.arb` at the precision that the caller has set, with a budget for bisections."""

    exact = False

    def __init__(self, bisections: int) -> None:
        self.bisections = bisections

    def number(self, x: Fraction) -> Any:
        top, bottom = x.numerator, x.denominator
        if bottom & (bottom - 1):
            return arb(fmpq(top, bottom))
        return arb((top, 1 - bottom.bit_length()))

    def sign(self, x: Any) -> int:
        if x > 0:
            return 1
        if x < 0:
            return -1
        if x.is_zero():
            return 0
        raise Undecided

    def exp(self, x: Any) -> Any:
        return x.exp()

    def sinh(self, x: Any) -> Any:
        return x.sinh()

    def expm1(self, x: Any) -> Any:
        return x.expm1()

    def log1p(self, x: Any) -> Any:
        return x.log1p()

    def atanh(self, x: Any) -> Any:
        return x.atanh()

    def sech(self, x: Any) -> Any:
        return x.sech()

    def sqrt(self, x: Any) -> Any:
        """The number inside x is not negative, though the ball may reach below 0."""
        return x.nonnegative_part().sqrt()


Numbers = Rationals | Balls


def sign_or_none(numbers: Numbers, x: Any) -> int | None:
    """The sign of x, None where the enclosure does not tell."""
    try:
        return numbers.sign(x)
    except Undecided:
        return None


def least_eigenvalue_sign(matrix: Matrix, numbers: Numbers) -> int:
    """Sign of the least eigenvalue of a symmetric matrix, by elimination.

    Congruence keeps the signs of the eigenvalues (Sylvester). A negative diagonal entry, or a zero
    one with something beside it, shows a negative eigenvalue.
    """
    rest = [list(row) for row in matrix]
    while rest:
        signs = [sign_or_none(numbers, row[i]) for i, row in enumerate(rest)]
        if -1 in signs or any(
            s == 0 and _something_in(rest[i], numbers) for i, s in enumerate(signs)
        ):
            return -1
        if 1 not in signs:
            if None in signs or any(_unclear_in(row, numbers) for row in rest):
                raise Undecided
            return 0
        rest = _eliminated(rest, signs.index(1))
    return 1


def _something_in(row: Sequence[Any], numbers: Numbers) -> bool:
    return any(sign_or_none(numbers, x) not in (0, None) for x in row)


def _unclear_in(row: Sequence[Any], numbers: Numbers) -> bool:
    return any(sign_or_none(numbers, x) is None for x in row)


def _eliminated(matrix: Matrix, k: int) -> list[list[Any]]:
    """The Schur complement of the diagonal entry k; zeros stay exact zeros."""
    pivot, kept = matrix[k], [i for i in range(len(matrix)) if i != k]
    factors = [matrix[i][k] / pivot[k] for i in kept]
    return [[matrix[i][j] - f * pivot[j] for j in kept] for i, f in zip(kept, factors, strict=True)]


def root_sum_sign(u: Any, v: Any, d: Any, numbers: Numbers) -> int:
    """Sign of √u + √v - d for u, v >= 0 and d > 0, without a root.

    With e = d² - u - v it is positive if e < 0, and otherwise it has the sign of 4uv - e².
    """
    e = d * d - u - v
    product = 4 * u * v - e * e
    if sign_or_none(numbers, product) == 1 or sign_or_none(numbers, e) == -1:
        return 1
    return numbers.sign(product)


def shifted(matrix: Matrix, scale: int, shift: Any) -> list[list[Any]]:
    """shift I + scale * matrix."""
    return [
        [scale * x + shift if i == j else scale * x for j, x in enumerate(row)]
        for i, row in enumerate(matrix)
    ]


def greatest_eigenvalue(matrix: Matrix, numbers: Balls) -> Any:
    """An enclosure of the greatest eigenvalue of a positive semidefinite matrix of balls."""
    return _bisected(
        matrix, lambda mu: least_eigenvalue_sign(shifted(matrix, -1, mu), numbers), numbers
    )


def least_eigenvalue(matrix: Matrix, numbers: Balls) -> Any:
    """An enclosure of the least eigenvalue of a positive semidefinite matrix of balls."""
    return _bisected(
        matrix, lambda mu: -least_eigenvalue_sign(shifted(matrix, 1, -mu), numbers), numbers
    )


def _bisected(matrix: Matrix, compare: Callable[[Any], int], numbers: Balls) -> Any:
    """The number in [0, trace] that `compare(mu)` is negative below and positive above."""
    low, high = arb(0), sum((row[i] for i, row in enumerate(matrix)), arb(0)).upper()
    shrink = arb((1, -1))
    if not high.is_finite():
        raise Undecided
    for _ in range(numbers.bisections if high > 0 else 0):
        middle = _between(low, high, shrink)
        try:
            order = compare(middle)
        except Undecided:
            break
        if order == 0:
            return middle
        if order < 0:
            low = middle
        else:
            high = middle
            shrink = shrink * shrink if low.is_zero() else shrink
    return low.union(high)


def _between(low: Any, high: Any, shrink: Any) -> Any:
    """Towards 0 by ever larger steps, then between powers of ten, then between neighbours."""
    if low.is_zero():
        return high * shrink
    return (low * high).sqrt().mid() if high > 4 * low else ((low + high) / 2).mid()
