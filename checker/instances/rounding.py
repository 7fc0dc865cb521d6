"""Proved numbers as decimal text, rounded to the side on which what is said of them stays true.

A bound is said by a decimal, and the decimal has to be a bound, too: an upper bound is rounded up,
a lower one down, and the interval `m ± r` that is printed contains the one that was proved. All
rounding is that of exact rationals, so nothing is assumed of binary floats.
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

Number = float | Fraction

# A float whose exact decimal expansion has at most this many digits is shown in decimal where all
# of it is needed, and one with at most so many where it is told as a value.
_SHORT, EXACT_DIGITS = 12, 17

_DIGITS = 6
# A middle has no digit finer than the first digit of its radius.
_BEYOND = 1


def exact_number(x: float) -> str:
    """A float without rounding: `-0.375`, `3`, or hexadecimal where decimals would be long."""
    if not math.isfinite(x):
        return str(x)
    digits = Decimal(x).as_tuple().digits
    if len(digits) <= _SHORT:
        text = f"{Decimal(x):f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = x.hex().partition("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}"


def exact_fraction(x: Fraction) -> str:
    """A rational number without rounding: `-0.375`, or `19/7` where decimals do not end soon."""
    text = nearest(x, EXACT_DIGITS)
    return text if Fraction(text) == x else str(x)


def at_most(x: Number, digits: int = _DIGITS) -> str:
    """The least decimal of so many digits that is not below x."""
    return _rounded(x, digits, ROUND_CEILING)


def at_least(x: Number, digits: int = _DIGITS) -> str:
    """The greatest decimal of so many digits that is not above x."""
    return _rounded(x, digits, ROUND_FLOOR)


def nearest(x: Number, digits: int = _DIGITS) -> str:
    """The nearest decimal: for numbers of which nothing is claimed."""
    return _rounded(x, digits, ROUND_HALF_EVEN)


def apart(low: Number, high: Number, digits: int = _DIGITS) -> tuple[str, str]:
    """A decimal not below `low` and one not above `high`, for low < high, the first still less."""
    while True:
        below, above = at_most(low, digits), at_least(high, digits)
        if not (_is_finite(low) and _is_finite(high)) or Fraction(below) < Fraction(above):
            return below, above
        digits += 1


def plus_minus(value: Number, radius: Number) -> str:
    """`m ± r`, which contains value ± radius; `m (exactly)` only where m is the number itself."""
    exact, off = Fraction(value), Fraction(radius)
    text = nearest(exact, EXACT_DIGITS)
    if not off:
        if Fraction(text) == exact:
            return f"{text} (exactly)"
        text = repr(float(exact)) if isinstance(value, float) else text
    else:
        digits = min(_order(exact) - _order(off) + _BEYOND, EXACT_DIGITS)
        text = _middle(exact, off, digits)
    return f"{text} ± {_around(exact, off, text)}"


def _middle(exact: Fraction, off: Fraction, digits: int) -> str:
    """The middle with so many digits, or less where the radius is rounded up to a power of ten."""
    text = nearest(exact, digits) if digits > 0 else "0"
    last = _order(exact) - digits + 1
    coarse = digits > 0 and _order(Fraction(_around(exact, off, text))) > last
    return _middle(exact, off, digits - 1) if coarse else text


def _around(exact: Fraction, off: Fraction, middle: str) -> str:
    """The radius about a middle that contains exact ± off."""
    return at_most(off + abs(exact - Fraction(middle)), 1)


def between(low: Number, high: Number) -> str:
    """`m ± r`, which contains the numbers from `low` to `high`, both finite."""
    below, above = Fraction(low), Fraction(high)
    return plus_minus((below + above) / 2, (above - below) / 2)


def correct(low: Number, high: Number, digits: int) -> str:
    """A number between `low` and `high`: its nearest decimal where they have one, else `m ± r`."""
    text = nearest(low, digits)
    return text if text == nearest(high, digits) else between(low, high)


def _is_finite(x: Number) -> bool:
    # A fraction may be beyond the range of floats.
    return isinstance(x, Fraction) or math.isfinite(x)


def _order(x: Fraction) -> int:
    """The power of ten of the first digit."""
    return _decimal(abs(x), 1, ROUND_FLOOR).adjusted() if x else 0


def _decimal(x: Fraction, digits: int, rounding: str) -> Decimal:
    context = Context(prec=digits, rounding=rounding, Emin=-999_999, Emax=999_999)
    return context.divide(Decimal(x.numerator), Decimal(x.denominator))


def _rounded(x: Number, digits: int, rounding: str) -> str:
    if not _is_finite(x):
        return str(float(x))
    decimal = _decimal(Fraction(x), digits, rounding)
    text = f"{decimal:f}" if -5 <= decimal.adjusted() < max(digits, _DIGITS) else f"{decimal:e}"
    return _shortened(text) if decimal else "0"


def _shortened(text: str) -> str:
    """Without zeros at the end of the fraction."""
    mantissa, mark, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}{mark}{exponent}"
