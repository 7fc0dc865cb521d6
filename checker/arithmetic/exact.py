"""Exact numbers r·√q with rational r and q: enough to decide equality in most tight cases.

Rational losses make Lemma 1 a statement about rationals, and the equality cases of Theorems 1 and
2 compare numbers such as t·√(4 + v²). Sums are exact when the radicands agree up to a rational
square. What does not fit (exp, nested roots, irrational eigenvalues, division by zero) is
`UNKNOWN`, which spreads through every operation as NaN does; a case whose slack is unknown stays
with ball arithmetic.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from typing import Any, Self

from flint import arb, fmpq, fmpq_mat, fmpq_poly
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.objects import ObjectArray, Objects, require_symmetric
from checker.arithmetic.function import Function, named

_ZERO, _ONE = fmpq(0), fmpq(1)


class Surd:
    """The real number `ratio * sqrt(radicand)`, radicand > 0 rational; 1 for rationals.

    `ratio is None` marks the unknown number.
    """

    __slots__ = ("radicand", "ratio")

    def __init__(self, ratio: Any, radicand: Any = _ONE) -> None:
        self.ratio, self.radicand = ratio, radicand if ratio else _ONE

    @property
    def known(self) -> bool:
        """Whether this is a number of the form r·√q at all."""
        return self.ratio is not None

    def __add__(self, other: Surd) -> Surd:
        if not (self.known and other.known):
            return UNKNOWN
        if not self.ratio or not other.ratio:
            return self if self.ratio else other
        if self.radicand == other.radicand:
            return Surd(self.ratio + other.ratio, self.radicand)
        factor = _root(other.radicand / self.radicand)
        if factor is None:
            return UNKNOWN
        return Surd(self.ratio + other.ratio * factor, self.radicand)

    def __neg__(self) -> Surd:
        return Surd(-self.ratio, self.radicand) if self.known else UNKNOWN

    def __sub__(self, other: Surd) -> Surd:
        return self + (-other)

    def __mul__(self, other: Surd) -> Surd:
        if not (self.known and other.known):
            return UNKNOWN
        if self.radicand == other.radicand:
            return Surd(self.ratio * other.ratio * self.radicand)
        return Surd(self.ratio * other.ratio, self.radicand * other.radicand)

    def __truediv__(self, other: Surd) -> Surd:
        if not other.ratio:
            return UNKNOWN
        return self * Surd(1 / (other.ratio * other.radicand), other.radicand)

    def sqrt(self) -> Surd:
        """The root, unknown when it would be nested or imaginary."""
        root = _root(self.radicand)
        if root is None or not self.known or self.ratio < 0:
            return UNKNOWN
        value = self.ratio * root
        simple = _root(value)
        return Surd(_ONE, value) if simple is None else Surd(simple)

    @property
    def sign(self) -> int:
        """-1, 0 or 1; of a known number only."""
        return int(self.ratio > 0) - int(self.ratio < 0)

    def order(self, other: Surd) -> int:
        """-1, 0 or 1 as this is less than, equal to or greater than the other; of known numbers."""
        return sign_of_difference(self, other)

    def apart(self, other: Surd) -> float:
        """The relative difference; of known numbers."""
        return relative_difference(self, other)

    @property
    def ball(self) -> Any:
        """An enclosure at the working precision; of a known number only."""
        return arb(self.ratio) * arb(self.radicand).sqrt()

    def __float__(self) -> float:
        # Approximate; through balls because either factor may be beyond the range of floats.
        return float(self.ball.mid())

    def __str__(self) -> str:
        if not self.known:
            return "unknown"
        return str(self.ratio) if self.radicand == 1 else f"{self.ratio}·√({self.radicand})"


UNKNOWN = Surd(None)


def _root(value: Any) -> Any:
    """The rational square root, or None."""
    if not value >= 0:
        return None
    top, bottom = int(value.p), int(value.q)
    above, below = math.isqrt(top), math.isqrt(bottom)
    return fmpq(above, below) if above**2 == top and below**2 == bottom else None


class Exact(ObjectArray):
    """A scalar, vector or matrix of exact numbers."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        if known.is_unknown(value):
            return UNKNOWN
        exact = known.rational(value)
        return Surd(fmpq(exact.numerator, exact.denominator))

    @staticmethod
    def to_float(entry: Any) -> float:
        return float(entry) if entry.known else math.nan

    def __neg__(self) -> Self:
        return self._each(lambda x: -x)

    def __abs__(self) -> Self:
        return self._each(lambda x: -x if x.known and x.sign < 0 else x)

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, _larger)

    def known_floats(self) -> list[NDArray[Any]] | None:
        rational = all(x.known and x.radicand == 1 for x in self.entries.flat)
        exact = rational and all(
            fmpq(*_float(x.ratio).as_integer_ratio()) == x.ratio for x in self.entries.flat
        )
        return self.floats() if exact else None

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        compute = function.exact or function.formula
        if compute is not None:
            return compute(*operands, **options)
        return operands[0]._each(lambda _: UNKNOWN)

    def spectral_norm(self) -> Self:
        rows, columns = self.shape
        if min(rows, columns) == 1:
            return self._scalar(_sum_of_squares(self.entries).sqrt())
        wide = self if rows <= columns else self.T
        norm: Self = named("sqrt")((wide @ wide.T).extreme_eigenvalues()[1])
        return norm

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        require_symmetric(self, lambda x, y: x.known and y.known and x.order(y) != 0)
        if any(not x.known or x.radicand != 1 for x in self.entries.flat):
            return self._scalar(UNKNOWN), self._scalar(UNKNOWN)
        matrix = fmpq_mat([[x.ratio for x in row] for row in self.entries])
        low, high = (_extreme_root(matrix.charpoly(), side) for side in (-1, 1))
        return self._scalar(low), self._scalar(high)

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        return self._pairwise(x - y, lambda entry, apart: apart if apart.ratio == 0 else entry)

    def narrower(self, other: Self) -> Self:
        return self._pairwise(other, lambda x, y: x if x.known else y)


def _sum_of_squares(entries: Objects) -> Surd:
    return reduce(lambda total, x: total + x * x, entries.flat, Surd(_ZERO))


def _larger(x: Surd, y: Surd) -> Surd:
    if not (x.known and y.known):
        return UNKNOWN
    return x if sign_of_difference(x, y) >= 0 else y


def sign_of_difference(x: Surd, y: Surd) -> int:
    """-1, 0 or 1 as x < y, x = y or x > y, for known numbers: signs first, then squares."""
    if x.sign != y.sign:
        return 1 if x.sign > y.sign else -1
    left, right = x.ratio**2 * x.radicand, y.ratio**2 * y.radicand
    return x.sign * (int(left > right) - int(left < right))


def relative_difference(x: Surd, y: Surd) -> float:
    """(x - y) / max(|x|, |y|) for known numbers, approximate; 0 only where x = y."""
    order = sign_of_difference(x, y)
    if order == 0:
        return 0.0
    least, greatest = sorted((x.ratio**2 * x.radicand, y.ratio**2 * y.radicand))
    square = least / greatest
    ratio = math.sqrt(_float(square))
    if x.sign * y.sign <= 0:
        return order * (1.0 + ratio)
    # 1 - r = (1 - r²) / (1 + r) without cancellation; nor may underflow turn it into equality.
    return order * max(_float(1 - square) / (1.0 + ratio), math.ulp(0.0))


def _float(value: Any) -> float:
    return float(Fraction(int(value.p), int(value.q)))


def _extreme_root(polynomial: Any, side: int) -> Surd:
    """Least (side -1) or greatest (side 1) root of a real-rooted polynomial, if it is rational."""
    linear = (f for f, _ in polynomial.factor()[1] if f.degree() == 1)
    for root in (-f[0] / f[1] for f in linear):
        if _roots_beyond(polynomial, root, side) == 0:
            return Surd(root)
    return UNKNOWN


def _roots_beyond(polynomial: Any, root: Any, side: int) -> int:
    """Number of roots strictly beyond `root`, by Descartes' rule (exact: all roots are real)."""
    shifted = polynomial(fmpq_poly([root, side]))
    signs = [c > 0 for c in shifted.coeffs() if c != 0]
    return sum(a != b for a, b in pairwise(signs))
