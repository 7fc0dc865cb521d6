"""What an integrand is on a piece of the interval: its Taylor series, and where all of it lies.

The variable of integration is a number of an arithmetic above the formula's: what the integrand
computes of it and of the formula's own numbers, which are constants here, is again of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

import numpy as np
from flint import arb_series, ctx

from checker.arithmetic.arrays.objects import ObjectArray
from checker.arithmetic.ball import Ball
from checker.arithmetic.function import Function
from checker.arithmetic.recorded import Recorded, Terms
from checker.errors import FormulaError

# Above the formula's numbers; below complex ones, which are made of these.
LEVEL = 500


class Variable(ObjectArray):
    """Mixin: numbers that depend on the variable of integration."""

    level = LEVEL
    __slots__ = ()

    def _lifted(self, value: Any) -> Self:
        if value.level < 0:
            made: Self = value.within(self)
            return made
        found = self._of_constants(value)
        if found is None:
            raise FormulaError(
                f"an integrand computes with a {type(value).__name__} array",
                why="integrals and expectations have no derivative here, and none inside another",
                hint="write derivatives inside the integral, and an inner integral in closed form",
            )
        return found

    def _of_constants(self, value: Any) -> Self | None:
        """The formula's numbers as constants of this arithmetic; None for those it cannot be."""
        balls = value.ball if isinstance(value, Recorded) else value
        if type(balls) is not Ball:
            return None
        entries = np.empty(balls.shape, dtype=object)
        for index, entry in np.ndenumerate(balls.entries):
            entries[index] = self.of_ball(entry)
        return type(self)(entries)

    @staticmethod
    def of_ball(ball: Any) -> Any:
        """A ball as an entry of this arithmetic."""
        return ball


class Somewhere(Variable, Ball):
    """Balls that hold the numbers for every value of the variable in a piece."""

    __slots__ = ()


class Written(Variable, Terms):
    """Expressions for scripts."""

    __slots__ = ()

    def _of_constants(self, value: Any) -> Self | None:
        if isinstance(value, Recorded):
            return type(self)(value.terms.entries)
        return type(self)(value.entries) if type(value) is Terms else None


# -- series ---------------------------------------------------------------------------------------

# Number of coefficients, and which branch each comparison takes: decided where the variable runs
# over all of the piece, and taken again where it is the middle alone.
_ORDER: ContextVar[int] = ContextVar("_ORDER")
_BRANCHES: ContextVar[Iterator[int] | list[int]] = ContextVar("_BRANCHES")


class Undecided(ArithmeticError):
    """A comparison whose answer changes within the piece."""


class Expansion(Variable):
    """Taylor series in the variable, over balls; its constant terms hold the values."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        return arb_series([Ball.convert(value)], _ORDER.get())

    @staticmethod
    def of_ball(ball: Any) -> Any:
        return arb_series([ball], _ORDER.get())

    @staticmethod
    def to_float(entry: Any) -> float:
        return float(entry[0].mid())

    def __neg__(self) -> Self:
        return self._each(lambda s: -s)

    def __abs__(self) -> Self:
        return self._each(lambda s: s if _branch(s[0]) >= 0 else -s)

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, lambda s, r: s if _branch(s[0] - r[0]) >= 0 else r)

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        if function.name in ("select", "branch"):
            return _selected(*operands)
        compute = function.series or function.formula
        if compute is None:
            raise FormulaError(
                f"an integrand calls {function.name}, of which no Taylor series is known",
                hint="write it by functions of one number, which have one",
            )
        return compute(*operands, **options)

    def spectral_norm(self) -> Self:
        raise _no_spectra()

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        raise _no_spectra()

    def narrower(self, other: Self) -> Self:
        return self


def _branch(difference: Any) -> int:
    """Which of two numbers is at least the other on all of the piece: 1, -1, or 0 for both."""
    at_least = (
        0 if difference.is_zero() else 1 if difference >= 0 else -1 if difference <= 0 else None
    )
    return _recalled(at_least)


def _sign(number: Any) -> int:
    """The sign of a number on all of the piece. One that is at least 0 may be 0 on all of it."""
    return _recalled(0 if number.is_zero() else 1 if number > 0 else -1 if number < 0 else None)


def _recalled(found: int | None) -> int:
    """What was found on the piece, for its middle, too."""
    known = _BRANCHES.get()
    if not isinstance(known, list):
        return next(known)
    if found is None:
        raise Undecided
    known.append(found)
    return found


def _selected(c: Any, positive: Any, negative: Any, zero: Any) -> Any:
    parts = np.broadcast_arrays(*(x.entries for x in (c, positive, negative, zero)))
    entries = np.empty(parts[0].shape, dtype=object)
    for index in np.ndindex(entries.shape):
        entries[index] = parts[(3, 1, 2)[_sign(parts[0][index][0])]][index]
    return type(c)(entries)


def _no_spectra() -> FormulaError:
    return FormulaError(
        "an integrand takes eigenvalues or singular values, of which no Taylor series is known",
        hint="compute them outside, where they do not depend on the variable",
    )


def expanded(f: Callable[[Any], Any], middle: Any, piece: Any, order: int) -> tuple[Any, Any]:
    """The series of f about the middle of a piece, and one whose coefficients hold those about
    every point of the piece; `order` coefficients each.

    Raises
    ------
    Undecided
        Where a branch changes within the piece, or there is no such series.
    """
    branches: list[int] = []
    with _context(_ORDER, order), _cap(order):
        try:
            with _context(_BRANCHES, branches):
                everywhere = value_of(f(_variable(piece, order)), Expansion)
            with _context(_BRANCHES, iter(branches)):
                about = value_of(f(_variable(middle, order)), Expansion)
        # A divisor that may be 0.
        except (ValueError, ZeroDivisionError):
            raise Undecided from None
        if min(about.prec, everywhere.prec) < order:
            raise Undecided
        return about, everywhere


def _variable(start: Any, order: int) -> Any:
    return entry_as(Expansion, arb_series([start, 1], order))


def somewhere(f: Callable[[Any], Any], piece: Any) -> Any:
    """A ball that holds f on all of the piece."""
    return value_of(f(entry_as(Somewhere, piece)), Somewhere)


def entry_as(kind: Any, entry: Any) -> Any:
    """A number of an arithmetic with this entry."""
    entries = np.empty((), dtype=object)
    entries[()] = entry
    return kind(entries)


def value_of(result: Any, kind: Any) -> Any:
    """The entry of an integrand's value.

    Raises
    ------
    FormulaError
        Unless it is one number.
    """
    like = entry_as(kind, kind.convert(0))
    found = like.lift(result)
    if found.shape != ():
        raise FormulaError(
            f"an integrand has a value of shape {found.shape}, and has to be one number",
            hint="integrate each entry, or the sum of all",
        )
    return found.item


@contextmanager
def _cap(order: int) -> Iterator[None]:
    """python-flint cuts every series to this many coefficients."""
    before = ctx.cap
    ctx.cap = order
    try:
        yield
    finally:
        ctx.cap = before


@contextmanager
def _context(variable: ContextVar[Any], value: Any) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)
