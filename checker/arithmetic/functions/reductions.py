"""Sums, means, extremes and orders of the entries of an array."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import UNKNOWN, sign_of_difference
from checker.arithmetic.function import Function, composed, highest
from checker.arithmetic.functions.branches import maximum, minimum
from checker.arithmetic.functions.roots import sqrt
from checker.errors import FormulaError


def total(x: Any) -> Any:
    """Sum of all entries."""
    return highest((x,)).lift(x).total()


def row_sums(matrix: Any) -> Any:
    """Sum of each row of a matrix."""
    return matrix @ np.ones(matrix.shape[1])


def slices(x: Any, axis: int) -> list[Any]:
    """The parts of an array along an axis."""
    if not -x.ndim <= axis < x.ndim:
        raise FormulaError(f"an array of shape {x.shape} has no axis {axis}")
    before = (slice(None),) * (axis % x.ndim)
    return [x[(*before, i)] for i in range(x.shape[axis])]


def _entries(x: Any, axis: int | None) -> list[Any]:
    """What is compared or added: all entries, or the parts along an axis; at least one."""
    parts = list(x.ravel()) if axis is None else slices(x, axis)
    if not parts:
        raise FormulaError(
            "the formula asks for the mean or the extreme of no numbers",
            hint="draw arrays that have entries: vectors('k') has at least one",
        )
    return parts


def _sum(x: Any, *, axis: int | None = None) -> Any:
    if axis is None:
        return x.total()
    if x.ndim == 1:
        slices(x, axis)
        return x.total()
    if x.ndim == 2 and axis in (1, -1):
        return row_sums(x)
    parts = slices(x, axis)
    return reduce(lambda a, b: a + b, parts) if parts else x.lift(np.zeros(x.shape))[0]


sum_along = Function("sum", _sum)


@composed("mean")
def mean(x: Any, *, axis: int | None = None) -> Any:
    """Arithmetic mean of all entries, or along an axis."""
    return sum_along(x, axis=axis) / len(_entries(x, axis))


@composed("var")
def var(x: Any, *, axis: int | None = None) -> Any:
    """Mean squared deviation from the mean, of all entries or along an axis."""
    if axis is None or x.ndim == 1:
        return mean((x - mean(x)) ** 2)
    parts = slices(x, axis)
    middle = mean(x, axis=axis)
    return reduce(lambda a, b: a + b, ((part - middle) ** 2 for part in parts)) / len(parts)


@composed("std")
def std(x: Any, *, axis: int | None = None) -> Any:
    """Standard deviation: the root of the mean squared deviation from the mean."""
    return sqrt(var(x, axis=axis))


@composed("prod")
def prod(x: Any, *, axis: int | None = None) -> Any:
    """Product of all entries, or along an axis."""
    return reduce(lambda a, b: a * b, _entries(x, axis))


def _bounded_extreme(reduction: Any) -> Any:
    """Extremes are 1-Lipschitz in the largest change of an entry."""

    def extreme(x: Bounded, *, axis: int | None = None) -> Bounded:
        _entries(x, axis)
        axes = tuple(range(x.ndim)) if axis is None else axis % x.ndim
        if x.error is None:
            return Bounded(reduction(x.value, axis=axes))
        # Between the extremes of the ends, so that far entries with large bounds do not matter.
        low, high = reduction(x.lower, axis=axes), reduction(x.upper, axis=axes)
        value = reduction(x.value, axis=axes)
        inside = np.isfinite(low) & np.isfinite(high)
        error = np.where(inside, np.maximum(high - value, value - low), np.inf)
        return x._made(value, error, 4)

    return extreme


@composed("amax", bounded=_bounded_extreme(np.max), text="max")
def amax(x: Any, *, axis: int | None = None) -> Any:
    """Greatest entry, or along an axis."""
    return reduce(maximum, _entries(x, axis))


@composed("amin", bounded=_bounded_extreme(np.min), text="min")
def amin(x: Any, *, axis: int | None = None) -> Any:
    """Least entry, or along an axis."""
    return reduce(minimum, _entries(x, axis))


@composed("cumsum")
def cumsum(x: Any) -> Any:
    """Sums of the first 1, 2, ... entries, row by row."""
    sums: list[Any] = []
    for entry in _entries(x, None):
        sums.append(sums[-1] + entry if sums else entry)
    return x.lift(sums)


# -- order ---------------------------------------------------------------------------------------


def _require_vector(x: Any) -> None:
    if len(x.shape) != 1:
        raise FormulaError(
            f"sort takes a vector, not an array of shape {x.shape}",
            hint="sort(x.ravel()) sorts all entries of a matrix",
        )


def _sort_bounded(x: Bounded) -> Bounded:
    """The k-th of the lower ends is at most the k-th number, which is at most the k-th upper."""
    _require_vector(x)
    value = np.sort(x.value, axis=0)
    # NaN sorts to the end; then nothing is known of any of them.
    known = np.isfinite(x.lower).all(axis=0) & np.isfinite(x.upper).all(axis=0)
    if x.error is None:
        return Bounded(np.where(known, value, np.nan))
    low, high = np.sort(x.lower, axis=0), np.sort(x.upper, axis=0)
    error = np.where(known, np.maximum(high - value, value - low), np.inf)
    return x._made(value, error, 4)


def ordered(balls: list[Any]) -> list[Any]:
    """Balls in ascending order of the exact numbers: the k-th one holds the k-th number."""
    if not all(x.is_finite() for x in balls):
        return [arb("nan")] * len(balls)
    found = sorted(balls, key=lambda x: float(x.mid()))
    # Exact zeros are kept apart from neighbours that touch them from one side.
    if all(x <= y for x, y in pairwise(found)):
        return found
    lows = sorted((x.lower() for x in balls), key=_Key)
    highs = sorted((x.upper() for x in balls), key=_Key)
    return [arb(low).union(arb(high)) for low, high in zip(lows, highs, strict=True)]


class _Key:
    """Order of exact balls, of which one is always at most the other."""

    __slots__ = ("ball",)

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def __lt__(self, other: _Key) -> bool:
        return bool(self.ball < other.ball)


def _sort_ball(x: Any) -> Any:
    _require_vector(x)
    return _vector(x, ordered(list(x.entries)))


def _sort_exact(x: Any) -> Any:
    _require_vector(x)
    if not all(entry.known for entry in x.entries):
        return x._each(lambda _: UNKNOWN)
    return _vector(x, sorted(x.entries, key=_Surd))


class _Surd:
    """Order of known exact numbers."""

    __slots__ = ("number",)

    def __init__(self, number: Any) -> None:
        self.number = number

    def __lt__(self, other: _Surd) -> bool:
        return sign_of_difference(self.number, other.number) < 0


def _vector(x: Any, entries: list[Any]) -> Any:
    made = np.empty(len(entries), dtype=object)
    made[:] = entries
    return type(x)(made)


@composed(
    "sort",
    bounded=_sort_bounded,
    ball=_sort_ball,
    exact=_sort_exact,
    plain=lambda x: type(x)(x.xp.sort(x.value, axis=0)),
)
def sort(x: Any) -> Any:
    """The entries of a vector in ascending order: odd-even transpositions of neighbours."""
    _require_vector(x)
    entries = list(x)
    for step in range(len(entries)):
        for i in range(step % 2, len(entries) - 1, 2):
            one, other = entries[i], entries[i + 1]
            entries[i], entries[i + 1] = minimum(one, other), maximum(one, other)
    return x.lift(entries) if entries else x
