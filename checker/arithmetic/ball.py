"""Single instances in ball arithmetic (Arb through python-flint).

Every operation returns a ball that contains the exact result, at the working precision of the
moment (`working_precision`). Floats enter exactly; exponents are unbounded in practice, so 1e-160
and 1e150 are ordinary numbers here. A result that cannot be enclosed is a non-finite ball, which
proves nothing. F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval
arithmetic", IEEE Trans. Computers 66 (2017).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import reduce
from typing import Any, Self

import numpy as np
from flint import acb_mat, arb, arb_mat, ctx, fmpq
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.objects import ObjectArray, require_symmetric
from checker.arithmetic.checks.environment import require_sound_balls
from checker.arithmetic.function import Function, named

ZERO = arb(0)


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """Compute with `bits` bits inside the block; the previous precision returns, come what may.

    Raises
    ------
    InputError
        When the installed balls fail their self-test.
    """
    require_sound_balls()
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


class Ball(ObjectArray):
    """A scalar, vector or matrix of real balls."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        """One known number as a ball, exact at every precision if it is dyadic."""
        if isinstance(value, float):
            return arb("nan") if known.is_unknown(value) else arb(value)
        exact = known.rational(value)
        top, bottom = exact.numerator, exact.denominator
        if bottom & (bottom - 1):
            return arb(fmpq(top, bottom))
        return arb((top, 1 - bottom.bit_length()))

    @staticmethod
    def to_float(entry: Any) -> float:
        return float(entry.mid())

    @property
    def is_finite(self) -> bool:
        """Whether every entry is enclosed by a finite ball."""
        return all(x.is_finite() for x in self.entries.flat)

    def __neg__(self) -> Self:
        return self._each(_negated)

    def __abs__(self) -> Self:
        return self._each(_absolute)

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, _larger)

    def known_floats(self) -> list[NDArray[Any]] | None:
        exact = all(x.is_exact() and arb(float(x.mid())) == x for x in self.entries.flat)
        return self.floats() if exact else None

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        return (function.ball or function.formula)(*operands, **options)  # type: ignore[misc]

    def spectral_norm(self) -> Self:
        rows, columns = self.shape
        if min(rows, columns) == 1:
            return self._scalar(_euclidean(list(self.entries.flat)))
        wide = self if rows <= columns else self.T
        norm: Self = named("sqrt")((wide @ wide.T).extreme_eigenvalues()[1])
        return norm

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        require_symmetric(self, lambda x, y: not x.overlaps(y))
        # Exact zeros come last: only the comparison with an exact 0 is exactly one-sided.
        values = sorted(_eigenvalues(self.entries), key=lambda x: bool(x.is_zero()))
        return self._scalar(reduce(_smaller, values)), self._scalar(reduce(_larger, values))

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        entries = self.entries.copy()
        for index, entry in np.ndenumerate(x.entries - y.entries):
            if entry.is_zero():
                entries[index] = ZERO
        return type(self)(entries)

    def narrower(self, other: Self) -> Self:
        return self._pairwise(other, narrower)


def _negated(x: Any) -> Any:
    """-x without rounding: unary minus of python-flint rounds to the working precision."""
    return x.neg(exact=True)


def _absolute(x: Any) -> Any:
    return x if x >= 0 else _negated(x) if x <= 0 else abs(x)


def _larger(x: Any, y: Any) -> Any:
    if x >= y or y >= x:
        return x if x >= y else y
    # Exactly one-sided where one of the two is exactly 0, which max() need not be.
    if x.is_zero() or y.is_zero():
        return (y if x.is_zero() else x).nonnegative_part()
    return x.max(y)


def _smaller(x: Any, y: Any) -> Any:
    return _negated(_larger(_negated(x), _negated(y)))


def narrower(x: Any, y: Any) -> Any:
    """Of two enclosures of one number, the narrower one that is finite."""
    if not (x.is_finite() and y.is_finite()):
        return x if x.is_finite() else y
    return x if x.rad() <= y.rad() else y


def _euclidean(entries: list[Any]) -> Any:
    if len(entries) == 1:
        return _absolute(entries[0])
    return sum((x * x for x in entries), ZERO).sqrt()


def _eigenvalues(matrix: NDArray[Any]) -> list[Any]:
    """Enclosures of all eigenvalues of the exact symmetric matrix inside `matrix`.

    Rows that are exactly zero (then so are the columns) contribute an exact eigenvalue 0. The
    eigenvalue solver is not scale invariant, so the rest is scaled by a power of two first.
    """
    live = [i for i, row in enumerate(matrix) if not all(x.is_zero() for x in row)]
    zeros = [ZERO] * (len(matrix) - len(live))
    if not live:
        return zeros
    rest = matrix[np.ix_(live, live)]
    if len(live) == 1:
        return [*zeros, rest.item()]
    if not all(x.is_finite() for x in rest.flat):
        return [arb("nan")]
    rest = np.frompyfunc(_between, 2, 1)(rest, rest.T)
    scale = _power_of_two(rest)
    return [*zeros, *(value / scale for value in _spectrum(rest * scale))]


def _between(x: Any, y: Any) -> Any:
    """The mean of two entries that overlap; of equal enclosures one of them."""
    return x if x.mid() == y.mid() and x.rad() == y.rad() else (x + y) / 2


def _spectrum(matrix: NDArray[Any]) -> list[Any]:
    """Eigenvalues of a symmetric matrix with entries of size 1.

    The solver gives up on some clusters of eigenvalues. A small symmetric E moves them apart, by
    Weyl's inequality none by more than ||E||, which is added to the radii. E is some fixed dense
    matrix, since a diagonal one may act alike on a whole cluster, and large enough for the solver,
    which needs gaps well above the square root of its precision.
    """
    drawn = np.random.default_rng(0).integers(-8, 9, matrix.shape)
    apart = drawn + drawn.T
    size = int(np.abs(apart).sum(axis=0).max())
    for step in (ZERO, arb((1, -(ctx.prec // 3)))):
        moved = matrix + apart.astype(object) * step
        try:
            found = acb_mat(arb_mat(moved.tolist())).eig(multiple=True)
        except ValueError:
            continue
        return [value.real + arb(0, 1) * (size * step) for value in found]
    return [arb("nan")]


def _power_of_two(matrix: NDArray[Any]) -> Any:
    sizes = (abs(x).upper() for x in matrix.flat)
    largest = max(float(size.log().mid()) for size in sizes if size > 0)
    return arb((1, -round(largest / float(np.log(2.0)))))


def dyadic(exact: Any) -> Fraction:
    """An exact ball, such as a middle, as the fraction that it is."""
    mantissa, exponent = (int(part) for part in exact.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent


def slack_bits(ball: Any) -> int:
    """The largest k with |x| <= 2**-k for all x in the ball."""
    magnitude = abs(ball).upper()
    if magnitude == 0:
        return int(np.iinfo(np.int64).max)
    mantissa, exponent = magnitude.man_exp()
    return -(int(exponent) + int(abs(mantissa).bit_length()))
