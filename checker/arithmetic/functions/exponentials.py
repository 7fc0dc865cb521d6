"""exp, expm1, log, log1p and x log x."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb, fmpq

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.closed import functions as forms
from checker.arithmetic.constants import ELEMENTARY_ERROR, UNDERFLOW
from checker.arithmetic.exact import UNKNOWN, Surd
from checker.arithmetic.function import entrywise


def special(values: dict[int, Any]) -> Any:
    """The exact rung of a function that is known at a few rational numbers only."""
    known = {fmpq(x): Surd(fmpq(y)) for x, y in values.items()}

    def at(x: Surd) -> Surd:
        rational = x.known and x.radicand == 1
        return known.get(x.ratio, UNKNOWN) if rational else UNKNOWN

    return at


def _exp(x: Bounded) -> Bounded:
    value = np.exp(x.value)
    # A value that underflowed stands for anything up to UNDERFLOW, which then grows too.
    return x._made(value, (value + UNDERFLOW) * x._growth() + UNDERFLOW, 64)


def _log(x: Bounded) -> Bounded:
    value = np.log(x.value)
    least = x.lower
    error = x._bound / np.where(least > 0, least, 0.0)
    # UNDERFLOW: a subnormal quotient is rounded absolutely, which no inflation pays for.
    error += ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW
    return x._made(value, error, 32)


def _expm1(x: Bounded) -> Bounded:
    """|e^y - e^x| <= e^x (e^|y - x| - 1), and e^x = 1 + (e^x - 1)."""
    value = np.expm1(x.value)
    error = ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW
    if x.error is not None:
        error += (1.0 + np.abs(value)) * (1.0 + ELEMENTARY_ERROR) * np.expm1(x._bound)
    return x._made(value, error, 64)


def _log1p(x: Bounded) -> Bounded:
    """The derivative is 1 / (1 + x): at most 1 / (1 + least)."""
    value = np.log1p(x.value)
    error = ELEMENTARY_ERROR * np.abs(value) + UNDERFLOW
    if x.error is not None:
        # One rounding in 1 + lower.
        least = (1.0 + x.lower) * (1.0 - 2.0**-52)
        error += x._bound / np.where(least > 0, least, 0.0) + UNDERFLOW
    return x._made(value, error, 32)


# The least value of x log x is -1/e, at 1/e = 0.3678...
_TURN, _DEPTH = 0.3678, 0.36788


def _xlogx_bounded(x: Bounded) -> Bounded:
    """A product where x is surely positive; between 0 and `upper` the range of the function."""
    inside = x.lower > 0
    product = x._multiply(log(x))
    high = np.where(inside | (x.upper < 0), 1.0, np.maximum(x.upper, 0.0))
    at_high = np.where(high > 0, np.abs(high * np.log(np.where(high > 0, high, 1.0))), 0.0)
    # Below 1/e it falls from 0 to its value at `high`; beyond, it is at least -1/e.
    reach = np.where(high <= _TURN, at_high, np.maximum(_DEPTH, at_high))
    reach = reach * (1.0 + 16 * ELEMENTARY_ERROR) + UNDERFLOW * (high > 0)
    # Written so that an unknown number stays one.
    value = np.where(inside, product.value, np.where(x.upper >= 0, 0.0, np.nan))
    return x._made(value, np.where(inside, product._error_or_zero, reach), product.rounds + 16)


def _xlogx_ball(x: Any) -> Any:
    if x > 0:
        return x * x.log()
    if x.is_zero():
        return arb(0)
    if x < 0 or not x.is_finite():
        return arb("nan")
    # Some number between 0 and `high`, since the exact argument is not negative by assumption.
    high = arb(x.upper())
    end = high * high.log()
    if high < arb(_TURN):
        return end.union(arb(0))
    return end.union(arb(0)).union(-1 / arb(1).exp())


def _xlogx_plain(xp: Any, value: Any) -> Any:
    positive = value > 0
    return value * xp.log(xp.where(positive, value, 1.0)) + xp.where(value < 0, math.nan, 0.0)


exp = entrywise(
    "exp",
    bounded=_exp,
    ball=lambda x: x.exp(),
    exact=special({0: 1}),
    closed=forms.exp,
    series=lambda s: s.exp(),
    plain=lambda xp, x: xp.exp(x),
    slope=lambda _, value: value,
    script="def exp(x): return D(x).exp()\n",
)

log = entrywise(
    "log",
    bounded=_log,
    ball=lambda x: x.log(),
    exact=special({1: 0}),
    closed=forms.log,
    series=lambda s: s.log(),
    plain=lambda xp, x: xp.log(x),
    slope=lambda x, _: 1 / x,
    script="def log(x): return D(x).ln()\n",
)

expm1 = entrywise(
    "expm1",
    bounded=_expm1,
    ball=lambda x: x.expm1(),
    exact=special({0: 0}),
    closed=lambda x: forms.exp(x) - forms.ONE,
    series=lambda s: s.exp() - 1,
    plain=lambda xp, x: xp.expm1(x),
    slope=lambda _, value: value + 1,
    script="def expm1(x): return exp(x) - 1\n",
)

log1p = entrywise(
    "log1p",
    bounded=_log1p,
    ball=lambda x: x.log1p(),
    exact=special({0: 0}),
    closed=lambda x: forms.log(forms.ONE + x),
    series=lambda s: (1 + s).log(),
    plain=lambda xp, x: xp.log1p(x),
    slope=lambda x, _: 1 / (1 + x),
    script="def log1p(x): return log(1 + x)\n",
)

xlogx = entrywise(
    "xlogx",
    bounded=_xlogx_bounded,
    ball=_xlogx_ball,
    exact=special({0: 0, 1: 0}),
    closed=lambda x: x if x.is_zero else x * forms.log(x),
    series=lambda s: s * s.log(),
    plain=_xlogx_plain,
    slope=lambda x, _: 1 + log(x),
    script="def xlogx(x): return D(x) * D(x).ln() if x else D(0)\n",
)
