"""sin, cos, arctan and the error function."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from autograd.extend import defvjp, primitive

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import ELEMENTARY_ERROR, UNDERFLOW, UNIT_ROUNDOFF
from checker.arithmetic.function import Function, entrywise
from checker.arithmetic.functions.exponentials import exp, special
from checker.arithmetic.functions.numbers import pi
from checker.arithmetic.functions.roots import sqrt

_SCRIPT_SIN = """\
def sin(x):  # sum (-1)**k x**(2 k + 1) / (2 k + 1)!
    x, total, term, k = D(x), D(x), D(x), 1
    while term and abs(term) > abs(total) / D(10) ** (getcontext().prec + 5):
        term *= -x * x / ((k + 1) * (k + 2))
        total, k = total + term, k + 2
    return total
"""
_SCRIPT_COS = """\
def cos(x):  # sum (-1)**k x**(2 k) / (2 k)!
    x, total, term, k = D(x), D(1), D(1), 0
    while term and abs(term) > D(1) / D(10) ** (getcontext().prec + 5):
        term *= -x * x / ((k + 1) * (k + 2))
        total, k = total + term, k + 2
    return total
"""
_SCRIPT_ARCTAN = """\
def arctan(x):  # halved until it is small, then sum (-1)**k x**(2 k + 1) / (2 k + 1)
    x, times = D(x), 1
    while abs(x) > D("0.1"):
        x, times = x / (1 + (1 + x * x).sqrt()), 2 * times
    total, power, k = x, x, 1
    while power and abs(power) > abs(total) / D(10) ** (getcontext().prec + 5):
        power, k = -power * x * x, k + 2
        total += power / k
    return times * total
"""
_SCRIPT_ERF = """\
def erf(x):  # 2 x exp(-x**2) / sqrt(pi) * sum (2 x**2)**k / (1 * 3 * ... * (2 k + 1))
    x, total, term, k = D(x), D(1), D(1), 1
    while term > total / D(10) ** (getcontext().prec + 5):
        term *= 2 * x * x / (2 * k + 1)
        total, k = total + term, k + 1
    return 2 * x * (-x * x).exp() * total / pi().sqrt()
"""


def _wave(value: Any, x: Bounded, least: Any) -> Bounded:
    """sin or cos, 1-Lipschitz: NumPy's errs by ELEMENTARY_ERROR times `least`, where that is a
    number of at least the value's size: near a zero of the function, an error relative to the value
    is not assumed."""
    error = ELEMENTARY_ERROR * least + UNDERFLOW
    if x.error is not None:
        error = error + x._bound
    return x._made(value, error, 32)


def _sin(x: Bounded) -> Bounded:
    return _wave(np.sin(x.value), x, np.minimum(np.abs(x.value), 1.0))


def _cos(x: Bounded) -> Bounded:
    return _wave(np.cos(x.value), x, np.ones_like(x.value))


def _arctan(x: Bounded) -> Bounded:
    return x._lipschitz(np.arctan(x.value), ELEMENTARY_ERROR)


# From here on erf is 1 up to less than UNIT_ROUNDOFF: 1 - erf(6) < 2.2e-17.
_ERF_ONE = 6.0

_TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)


def _erf(x: Bounded) -> Bounded:
    """erf x = 2/√π x exp(-x²) S, S = Σ_k (2x²)^k / (1·3···(2k+1)): positive terms, no cancellation.

    After K terms the rest is at most twice the next term, if 2x² <= K + 1/2. Each term takes three
    roundings more than the one before (2x² has two of them), and the sum one for each: S has at
    most 4K + 4 of them, each of UNIT_ROUNDOFF. The rounding of x² changes exp(-x²) by the factor
    exp(x² u), and there are five further products and constants. Twice all that is stated.
    """
    near = np.minimum(np.abs(x.value), _ERF_ONE)
    doubled = 2.0 * near * near
    sums, last, count = _series_of_erf(doubled)
    value = np.copysign(_TWO_OVER_ROOT_PI * near * np.exp(-near * near) * sums, x.value)
    relative = 2 * (UNIT_ROUNDOFF * (4 * count + 16 + doubled) + ELEMENTARY_ERROR) + 4 * last
    error = np.abs(value) * relative + UNDERFLOW
    far = np.abs(x.value) >= _ERF_ONE
    value = np.where(far, np.copysign(1.0, x.value), value)
    error = np.where(far, UNIT_ROUNDOFF, error)
    if x.error is not None:
        # |erf'| <= 2/√π < 1.13.
        error = error + 1.13 * x._bound
    return x._made(np.where(np.isnan(x.value), np.nan, value), error, 64)


def _series_of_erf(doubled: Any) -> tuple[Any, Any, int]:
    """S, its next term relative to it, and the number of terms."""
    sums, term, count = np.ones_like(doubled), np.ones_like(doubled), 0
    largest = float(np.nanmax(doubled, initial=0.0))
    while count + 0.5 < largest or float(np.nanmax(term / sums, initial=0.0)) > UNIT_ROUNDOFF:
        count += 1
        term = term * doubled / (2 * count + 1)
        sums = sums + term
    return sums, term / sums, count


def _erf_values(value: Any) -> Any:
    return _erf(Bounded(value)).value


def _erf_slope(_: Any, value: Any) -> Callable[[Any], Any]:
    return lambda g: g * _TWO_OVER_ROOT_PI * np.exp(-value * value)


_traced_erf = primitive(_erf_values)
defvjp(_traced_erf, _erf_slope)


def _erf_plain(xp: Any, value: Any) -> Any:
    return _erf_values(value) if xp is np else _traced_erf(value)


sin: Function = entrywise(
    "sin",
    bounded=_sin,
    ball=lambda x: x.sin(),
    exact=special({0: 0}),
    series=lambda s: s.sin(),
    plain=lambda xp, x: xp.sin(x),
    slope=lambda x, _: cos(x),
    script=_SCRIPT_SIN,
)

cos: Function = entrywise(
    "cos",
    bounded=_cos,
    ball=lambda x: x.cos(),
    exact=special({0: 1}),
    series=lambda s: s.cos(),
    plain=lambda xp, x: xp.cos(x),
    slope=lambda x, _: -sin(x),
    script=_SCRIPT_COS,
)

arctan = entrywise(
    "arctan",
    bounded=_arctan,
    ball=lambda x: x.atan(),
    exact=special({0: 0}),
    series=lambda s: s.atan(),
    plain=lambda xp, x: xp.arctan(x),
    slope=lambda x, _: 1 / (1 + x * x),
    script=_SCRIPT_ARCTAN,
)

erf = entrywise(
    "erf",
    bounded=_erf,
    ball=lambda x: x.erf(),
    exact=special({0: 0}),
    series=lambda s: s.erf(),
    plain=_erf_plain,
    slope=lambda x, _: 2 / sqrt(pi) * exp(-x * x),
    script=_SCRIPT_ERF,
)
