"""Known numbers as the rational numbers that they are: the one way of a constant into a formula.

Every arithmetic takes its constants from here, so that all of them compute with the same number:
what float64 cannot represent (long integers, fractions, decimals, long doubles) is rounded where an
arithmetic rounds, with a bound on it, and never on the way. An operand that is not finite is
refused; arrays of floats from elsewhere may hold such entries, which are then unknown numbers in
every arithmetic, infinities too: 1 / inf is not 0.
"""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checker.errors import FormulaError

# Integers up to here are floats.
_EXACT_INTEGERS = 2**53


def rational(value: Any) -> Fraction:
    """The number itself.

    Raises
    ------
    FormulaError
        For what is not finite, no real number, or not known exactly.
    """
    if isinstance(value, Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, np.bool_):
        return Fraction(int(value))
    # Floats of any length and decimals; others may offer it, too.
    if not hasattr(value, "as_integer_ratio"):
        raise _no_number(value)
    try:
        return Fraction(*map(int, value.as_integer_ratio()))
    except (OverflowError, ValueError):
        raise _not_finite(value) from None


def is_unknown(value: Any) -> bool:
    """Whether this is a float that is no number."""
    return isinstance(value, float) and not math.isfinite(value)


def require_finite(operand: Any) -> None:
    """Raise FormulaError for a constant that is, or holds, a float that is not finite."""
    if is_short(operand):
        return
    given = numbers(operand)
    if given.dtype.kind == "f" and not np.isfinite(given).all():
        raise _not_finite(given[~np.isfinite(given)].flat[0])
    if given.dtype == object:
        for entry in given.flat:
            rational(entry)


def numbers(values: Any) -> NDArray[Any]:
    """One number, an array or nested lists of them, as an array; of objects unless it was one.

    NumPy would make one kind of numbers of those in a list, and round long integers among floats.
    """
    if np.ma.is_masked(values):
        raise FormulaError(
            "a constant of the formula has masked entries",
            why="they stand for no numbers",
            hint="fill them first",
        )
    plain = isinstance(values, np.ndarray | np.generic | float)
    given = np.asarray(values) if plain else np.asarray(values, dtype=object)
    return given if given.dtype.kind in "fiub" else given.astype(object)


def nearest(value: Any) -> float:
    """The nearest float, an infinity beyond their range."""
    exact = rational(value)
    try:
        return exact.numerator / exact.denominator
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def is_short(value: Any) -> bool:
    """Whether it is one finite number that is a float64: most constants of formulas are."""
    kind = type(value)
    if kind is int:
        return -_EXACT_INTEGERS <= value <= _EXACT_INTEGERS  # type: ignore[no-any-return]
    return kind is float and math.isfinite(value)


def rounded(values: Any) -> tuple[NDArray[np.float64], bool]:
    """The nearest float64 numbers, and whether all of them are the numbers themselves."""
    if is_short(values):
        return np.array(float(values)), True
    given = numbers(values)
    floats = np.empty(given.shape)
    if _is_float64(given):
        floats[...] = given
        floats[~np.isfinite(floats)] = np.nan
        return floats, True
    exact = True
    for index, entry in np.ndenumerate(given):
        floats[index] = nearest(entry)
        exact = exact and math.isfinite(floats[index]) and rational(entry) == floats[index]
    return floats, exact


def _is_float64(given: NDArray[Any]) -> bool:
    """Whether float64 represents the numbers, as far as that can be told at once."""
    if given.dtype.kind == "f" and given.dtype.itemsize <= 8:
        return True
    return given.dtype.kind == "b" or (
        given.dtype.kind in "iu"
        and bool((given <= _EXACT_INTEGERS).all() and (given >= -_EXACT_INTEGERS).all())
    )


def _no_number(value: Any) -> FormulaError:
    return FormulaError(
        f"a constant of the formula is of type {type(value).__name__}",
        why="a formula computes with real numbers that are known exactly",
        hint="use int, float, Fraction, Decimal or an array of such numbers",
    )


def _not_finite(value: Any) -> FormulaError:
    return FormulaError(
        f"a constant of the formula is {value}",
        why="it is not a real number, and everything would follow from it",
        hint="leave the term out, or use a large number such as 10**400",
    )
