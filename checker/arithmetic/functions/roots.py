"""Square and cube roots, and powers with any exponent."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, fmpq

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.closed import functions as forms
from checker.arithmetic.closed.forms import UNKNOWN_FORM
from checker.arithmetic.constants import ELEMENTARY_ERROR, UNDERFLOW, UNIT_ROUNDOFF
from checker.arithmetic.exact import UNKNOWN, Surd
from checker.arithmetic.function import Function, entrywise
from checker.arithmetic.functions.exponentials import exp, log

# Exponents beyond it are not multiplied out exactly.
_GREATEST_EXPONENT = 4096


def _sqrt(x: Bounded) -> Bounded:
    bound = x._bound
    start = np.maximum(x.value, 0.0)
    root = np.sqrt(np.where(x.value < -bound, np.nan, start))
    error = np.fmin(bound / root, np.sqrt(bound)) + UNIT_ROUNDOFF * root
    return x._made(root, error, 16)


def _sqrt_ball(x: Any) -> Any:
    # The exact argument is non-negative by assumption; a ball may still reach below zero.
    return arb("nan") if x < 0 else x.nonnegative_part().sqrt()


sqrt = entrywise(
    "sqrt",
    bounded=_sqrt,
    ball=_sqrt_ball,
    exact=lambda x: x.sqrt(),
    closed=forms.sqrt,
    series=lambda s: s.sqrt(),
    plain=lambda xp, x: xp.sqrt(x),
    slope=lambda _, value: 1 / (2 * value),
    script="def sqrt(x): return max(D(x), D(0)).sqrt()\n",
)


def _cbrt(x: Bounded) -> Bounded:
    """|∛y - ∛x| <= ∛(4 |y - x|) always, and <= |y - x| / (3 ∛(least²)) away from 0.

    The first: ∛ is concave on either side of 0, so the difference is greatest around it, 2 ∛(d/2).
    """
    value = np.cbrt(x.value)
    error = ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW
    if x.error is not None:
        least = np.cbrt(np.maximum(np.abs(x.value) - x._bound, 0.0)) * (1 - ELEMENTARY_ERROR)
        near = np.cbrt(4.0 * x._bound) * (1 + ELEMENTARY_ERROR) + UNDERFLOW
        # One half pays for the roundings and for what underflows in the square.
        with np.errstate(all="ignore"):
            far = x._bound / (2.5 * least * least - UNDERFLOW)
        error += np.where(least * least > 2**10 * UNDERFLOW, np.fmin(far, near), near)
    return x._made(value, error, 32)


def _cbrt_ball(x: Any) -> Any:
    if x.is_zero():
        return arb(0)
    if x > 0:
        return x.root(3)
    if x < 0:
        return -((-x).root(3))
    if not x.is_finite():
        return arb("nan")
    ends = (arb(x.lower()), arb(x.upper()))
    low, high = (_cbrt_ball(end) for end in ends)
    return low.union(high)


def _cbrt_exact(x: Surd) -> Surd:
    if not x.known or x.radicand != 1:
        return UNKNOWN
    top, bottom = _integer_root(abs(int(x.ratio.p)), 3), _integer_root(int(x.ratio.q), 3)
    if top is None or bottom is None:
        return UNKNOWN
    return Surd(fmpq(top if x.ratio >= 0 else -top, bottom))


def _integer_root(number: int, order: int) -> int | None:
    """The root of a non-negative integer, if it is an integer."""
    low, high = 0, 1 << (number.bit_length() // order + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**order <= number else (low, middle - 1)
    return low if low**order == number else None


def _cbrt_series(s: Any) -> Any:
    size = s if s[0] > 0 else -s
    root = (size.log() / 3).exp()
    return root if s[0] > 0 else -root


def _cbrt_plain(xp: Any, value: Any) -> Any:
    if xp is np:
        return np.cbrt(value)
    # autograd knows no cube root.
    size = xp.abs(value)
    root = xp.exp(xp.log(xp.where(size > 0, size, 1.0)) / 3)
    return xp.sign(value) * xp.where(size > 0, root, 0.0)


cbrt = entrywise(
    "cbrt",
    bounded=_cbrt,
    ball=_cbrt_ball,
    exact=_cbrt_exact,
    series=_cbrt_series,
    plain=_cbrt_plain,
    slope=lambda _, value: 1 / (3 * value * value),
    text="∛",
    script="def cbrt(x):\n    x = D(x)\n"
    "    return ((abs(x).ln() / 3).exp()).copy_sign(x) if x else x\n",
)


# -- powers -----------------------------------------------------------------------------------


def _power(x: Any, y: Any) -> Any:
    """x^y = exp(y log x) for positive x."""
    return exp(y * log(x))


def _power_ball(x: Any, y: Any) -> Any:
    return x._pairwise(y, _one_power)


def _one_power(x: Any, y: Any) -> Any:
    """0^y is 0 for positive y, and x^0 is 1."""
    if y.is_zero():
        return arb(1)
    if x > 0 or y.is_integer():
        return x**y
    if x.is_zero() and y > 0:
        return arb(0)
    if x < 0 or not (y > 0 and x.is_finite() and y.is_finite()) or y.contains_integer():
        return arb("nan")
    # The exponent is not whole, so the exact base is not negative: between 0 and the upper end.
    return (arb(x.upper()) ** y).union(arb(0))


def _power_exact(x: Any, y: Any) -> Any:
    return x._pairwise(y, _one_exact_power)


def _one_exact_power(x: Surd, y: Surd) -> Surd:
    if not (x.known and y.known) or y.radicand != 1:
        return UNKNOWN
    top, bottom = int(y.ratio.p), int(y.ratio.q)
    if top == 0:
        return Surd(fmpq(1))
    if abs(top) > _GREATEST_EXPONENT or (x.sign < 0 and bottom > 1) or (x.sign == 0 and top < 0):
        return UNKNOWN
    base = _rational_root(x, bottom)
    power = Surd(fmpq(1))
    for _ in range(abs(top)):
        power = power * base
    return power if top > 0 else Surd(fmpq(1)) / power


# Longer powers of closed forms are not multiplied out.
_LONGEST_PRODUCT = 8


def _power_closed(x: Any, y: Any) -> Any:
    return x._pairwise(y, _one_closed_power)


def _one_closed_power(x: Any, y: Any) -> Any:
    """0^y is 0 for positive y, and x^0 is 1; whole powers need no logarithm."""
    if y.is_zero:
        return forms.ONE
    if x.is_zero and y.sign == 1:
        return forms.ZERO
    if y.ratio is not None and y.ratio.q == 1 and abs(int(y.ratio.p)) <= _LONGEST_PRODUCT:
        product = forms.ONE
        for _ in range(abs(int(y.ratio.p))):
            product = product * x
        return product if y.ratio > 0 else product.inverse()
    broken = y.ratio is not None and y.ratio.q != 1
    # Of other bases that are not positive, a power may exist that no logarithm has.
    if x.sign == 1 or (x.sign == -1 and broken) or (x.is_zero and y.sign == -1):
        return forms.exp(y * forms.log(x))
    return UNKNOWN_FORM


def _rational_root(x: Surd, order: int) -> Surd:
    """The root of that order of a number that is not negative."""
    while order % 2 == 0:
        x, order = x.sqrt(), order // 2
    if order == 1 or not x.known:
        return x
    if x.radicand != 1:
        return UNKNOWN
    top, bottom = _integer_root(int(x.ratio.p), order), _integer_root(int(x.ratio.q), order)
    return UNKNOWN if top is None or bottom is None else Surd(fmpq(top, bottom))


def _power_bounded(x: Bounded, y: Bounded) -> Bounded:
    """By exp and log; 0^y and x^0 are known, negative bases are left to balls."""
    found = _power(x, y)
    zero = (x.value == 0) & (x._bound == 0) & (y.lower > 0)
    one = (y.value == 0) & (y._bound == 0)
    zero, one = (np.broadcast_to(mask, found.value.shape) for mask in (zero, one))
    value = np.where(one, 1.0, np.where(zero, 0.0, found.value))
    return x._made(value, np.where(one | zero, 0.0, found._error_or_zero), found.rounds, y)


def _power_plain(x: Any, y: Any) -> Any:
    return type(x)(x.value**y.value)


def _power_tangent(operands: Any, value: Any) -> Any:
    """d(x^y) = y x^(y-1) dx + log(x) x^y dy."""
    x, y = operands

    def change(dx: Any, dy: Any) -> Any:
        parts = []
        if dx is not None:
            parts.append(y * power(x, y - 1) * dx)
        if dy is not None:
            parts.append(log(x) * value * dy)
        return sum(parts[1:], start=parts[0])

    return change


power = Function(
    "power",
    _power,
    bounded=_power_bounded,
    ball=_power_ball,
    exact=_power_exact,
    closed=_power_closed,
    plain=_power_plain,
    terms=lambda x, y: x._joined("power", y),
    tangent=_power_tangent,
    script="def power(x, y): return D(x) ** D(y) if x and y else D(not y)\n",
)
