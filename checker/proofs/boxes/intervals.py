"""Intervals of many boxes at once, (low, high) arrays of floats, rounded outwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[Floats, Floats]

# Beyond what the C library's functions err by; whatever is found with them is checked again.
_ULPS = 8

_TINY = 1e-290


def down(x: Any) -> Any:
    """The next float below."""
    return np.nextafter(x, -np.inf)


def up(x: Any) -> Any:
    """The next float above."""
    return np.nextafter(x, np.inf)


def point(x: Floats) -> Interval:
    """Floats as intervals."""
    return x, x


def constant(value: Fraction, size: int) -> Interval:
    """A known number for all boxes."""
    near = float(value)
    low = near if Fraction(near) <= value else float(np.nextafter(near, -np.inf))
    high = near if Fraction(near) >= value else float(np.nextafter(near, np.inf))
    return np.full(size, low), np.full(size, high)


def add(x: Interval, y: Interval) -> Interval:
    """Sums; exact ones are not rounded."""
    return _sum_down(x[0], y[0]), -_sum_down(-x[1], -y[1])


def _sum_down(x: Floats, y: Floats) -> Floats:
    total = x + y
    part = total - x
    error = (x - (total - part)) + (y - part)
    return np.where(error >= 0, total, down(total))


def neg(x: Interval) -> Interval:
    """Negative."""
    return -x[1], -x[0]


def mul(x: Interval, y: Interval) -> Interval:
    """Products."""
    pairs = [(a, b) for a in x for b in y]
    zero = np.array([(a == 0) | (b == 0) for a, b in pairs])
    products = np.where(zero, 0.0, np.array([a * b for a, b in pairs]))
    known = np.array([_one_bit(a) | _one_bit(b) for a, b in pairs])
    same = zero | (known & (np.abs(products) > _TINY))
    low, high = np.where(same, products, down(products)), np.where(same, products, up(products))
    known = np.isfinite(x[0] + x[1] + y[0] + y[1])
    return np.where(known, low.min(axis=0), -np.inf), np.where(known, high.max(axis=0), np.inf)


def _one_bit(x: Floats) -> Any:
    """Which are powers of two: products with them are exact unless they are tiny."""
    return np.abs(np.frexp(x)[0]) == 0.5


def inverse(x: Interval) -> Interval:
    """1 / x; everything where x may be 0."""
    bad = (x[0] <= 0) & (x[1] >= 0)
    below, above = np.where(bad, 1.0, x[1]), np.where(bad, 1.0, x[0])
    low = np.where(_one_bit(below), 1 / below, down(1 / below))
    high = np.where(_one_bit(above), 1 / above, up(1 / above))
    return np.where(bad, -np.inf, low), np.where(bad, np.inf, high)


def power(x: Interval, n: int) -> Interval:
    """x to a whole power n >= 1."""
    ends = x if n % 2 else absolute(x)
    return _powers(point(ends[0]), n)[0], _powers(point(ends[1]), n)[1]


def _powers(x: Interval, n: int) -> Interval:
    product = x
    for _ in range(n - 1):
        product = mul(product, x)
    return product


def square_root(x: Interval) -> Interval:
    """Roots; everything where x may be negative."""
    bad = x[0] < 0
    low, high = np.sqrt(np.where(bad, 0.0, x[0])), np.sqrt(np.where(bad, 0.0, x[1]))
    low, high = np.where(low == 0, 0.0, down(low)), np.where(high == 0, 0.0, up(high))
    return np.where(bad, -np.inf, low), np.where(bad, np.inf, high)


def absolute(x: Interval) -> Interval:
    """|x|."""
    across = (x[0] <= 0) & (x[1] >= 0)
    small, large = np.minimum(np.abs(x[0]), np.abs(x[1])), np.maximum(np.abs(x[0]), np.abs(x[1]))
    return np.where(across, 0.0, small), large


def hull(x: Interval, y: Interval) -> Interval:
    """What holds both."""
    return np.minimum(x[0], y[0]), np.maximum(x[1], y[1])


def _wider(low: Floats, high: Floats) -> Interval:
    for _ in range(_ULPS):
        low, high = down(low), up(high)
    return low, high


def rising(
    function: Callable[[Floats], Floats], least: float, most: float, at_zero: float | None = None
) -> Callable[[Interval], Interval]:
    """A rising function between two limits, as one of intervals; `at_zero` if that is a float."""

    def of(x: Interval) -> Interval:
        low, high = _wider(function(x[0]), function(x[1]))
        if at_zero is not None:
            low, high = np.where(x[0] == 0, at_zero, low), np.where(x[1] == 0, at_zero, high)
        return np.clip(low, least, most), np.clip(high, least, most)

    return of


def _logarithm(x: Interval) -> Interval:
    bad = x[0] <= 0
    low, high = _wider(np.log(np.where(bad, 1.0, x[0])), np.log(np.where(bad, 1.0, x[1])))
    return np.where(bad, -np.inf, low), np.where(bad, np.inf, high)


def _log_cosh(x: Interval) -> Interval:
    low, high = absolute(x)
    values = _wider(*(a + np.log1p(np.exp(-2 * a)) - np.log(2) for a in (low, high)))
    # Near 0 two large terms cancel.
    return np.maximum(values[0] - 1e-15, 0.0), values[1] + 1e-15


exponential = rising(np.exp, 0.0, np.inf, 1.0)
hyperbolic = rising(np.tanh, -1.0, 1.0, 0.0)
logistic = rising(lambda x: scipy.special.expit(x), 0.0, 1.0, 0.5)

FUNCTIONS: Mapping[str, Callable[[Interval], Interval]] = {
    "sqrt": square_root,
    "exp": exponential,
    "log": _logarithm,
    "tanh": hyperbolic,
    "sigmoid": logistic,
    "softplus": rising(lambda x: np.logaddexp(0, x), 0.0, np.inf),
    "log_cosh": _log_cosh,
}
