"""Branches without truth values: where, sign, clip, the larger and the smaller of two numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import UNDERFLOW, UNIT_ROUNDOFF
from checker.arithmetic.exact import UNKNOWN, Surd
from checker.arithmetic.function import Function, composed, highest
from checker.arithmetic.inequality import Inequality
from checker.errors import FormulaError

# -- by the sign of a number -----------------------------------------------------------------------


def _select_bounded(c: Bounded, positive: Bounded, negative: Bounded, zero: Bounded) -> Bounded:
    """Where bounds leave the sign open, the interval that holds what may be chosen."""
    above, below = c.lower > 0, c.upper < 0
    null = (c.value == 0) & (c._bound == 0)
    chosen = (above, below, null)
    if all(x.error is None for x in (positive, negative, zero)) and _all(above | below | null):
        return Bounded(np.select(chosen, (positive.value, negative.value, zero.value), np.nan))
    value, error = _hull(positive, negative, zero)
    values = (positive.value, negative.value, zero.value)
    # An unknown condition may be undefined.
    error = np.where(np.isfinite(c.lower) & np.isfinite(c.upper), error, np.inf)
    errors = [x._error_or_zero for x in (positive, negative, zero)]
    shape = np.broadcast_shapes(value.shape, above.shape)
    full = [np.broadcast_to(mask, shape) for mask in chosen]
    return positive._made(
        np.select(full, [np.broadcast_to(v, shape) for v in values], value),
        np.select(full, [np.broadcast_to(v, shape) for v in errors], error),
        8,
        negative,
        zero,
    )


def _all(mask: Any) -> bool:
    return bool(mask.all())


def _hull(*parts: Bounded) -> tuple[Any, Any]:
    """Middle and radius of an interval that holds all of them; NaN if one is unknown."""
    low = np.minimum(np.minimum(parts[0].lower, parts[1].lower), parts[2].lower)
    high = np.maximum(np.maximum(parts[0].upper, parts[1].upper), parts[2].upper)
    middle = low / 2 + high / 2
    slop = 4 * UNIT_ROUNDOFF * (np.abs(low) + np.abs(high)) + UNDERFLOW
    return middle, np.maximum(high - middle, middle - low) + slop


def _select_ball(c: Any, *parts: Any) -> Any:
    return _entry_by_entry(_one_of_balls, c, *parts)


def _one_of_balls(c: Any, positive: Any, negative: Any, zero: Any) -> Any:
    if c > 0:
        return positive
    if c < 0:
        return negative
    if c.is_zero():
        return zero
    possible = [zero]
    possible += [] if c <= 0 else [positive]
    possible += [] if c >= 0 else [negative]
    if not (c.is_finite() and all(x.is_finite() for x in possible)):
        return arb("nan")
    found = possible[0]
    for other in possible[1:]:
        found = found.union(other)
    return found


def _one_of_exact(c: Surd, positive: Surd, negative: Surd, zero: Surd) -> Surd:
    if not c.known:
        return UNKNOWN
    return (zero, positive, negative)[c.sign]


def _one_of_series(c: Any, positive: Any, negative: Any, zero: Any) -> Any:
    """Where the constant term is 0, several germs are possible."""
    if c[0] > 0:
        return positive
    if c[0] < 0:
        return negative
    return positive * arb("nan")


def _entry_by_entry(choose: Any, *operands: Any) -> Any:
    broadcast = np.broadcast_arrays(*(x.entries for x in operands))
    entries = np.empty(broadcast[0].shape, dtype=object)
    for index in np.ndindex(entries.shape):
        entries[index] = choose(*(x[index] for x in broadcast))
    return type(operands[0])(entries)


def _select_plain(c: Any, positive: Any, negative: Any, zero: Any) -> Any:
    xp = c.xp
    rest = xp.where(c.value < 0, negative.value, zero.value)
    return type(c)(xp.where(c.value > 0, positive.value, rest))


def _of_fractions(c: Any, positive: Any, negative: Any, zero: Any) -> Any:
    return positive if c > 0 else negative if c < 0 else zero


select = Function(
    "select",
    bounded=_select_bounded,
    ball=_select_ball,
    exact=lambda *xs: _entry_by_entry(_one_of_exact, *xs),
    series=lambda *xs: _entry_by_entry(_one_of_series, *xs),
    plain=_select_plain,
    terms=lambda c, *parts: c._joined("select", *parts),
    rational=_of_fractions,
    script="def select(c, positive, negative, zero):\n"
    "    return positive if c > 0 else negative if c < 0 else zero\n",
)

# The same, of which a report shows the branch that is taken.
branch = Function("branch", select, recorded=lambda c, *parts: c.branch(*parts))


@composed("where")
def _where(slack: Any, x: Any, y: Any) -> Any:
    return select(slack, x, y, x)


@composed("where_strictly")
def _where_strictly(slack: Any, x: Any, y: Any) -> Any:
    return select(slack, x, y, y)


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y: where(u >= 0, u, -u).

    The condition is a comparison of the formula, entry by entry. Where enclosures leave it open,
    the result is whatever both branches allow.
    """
    if not isinstance(condition, Inequality) or condition.given:
        raise FormulaError(
            f"the condition of where is a {type(condition).__name__}",
            why="branches depend on a comparison of the formula's numbers",
            hint="write where(x >= 0, a, b)",
        )
    home = highest((condition.lhs, condition.rhs, x, y))
    slack = home.lift(condition.lhs) - home.lift(condition.rhs)
    return (_where_strictly if condition.strict else _where)(slack, x, y)


@composed("sign")
def sign(x: Any) -> Any:
    """-1, 0 or 1, entry by entry."""
    return select(x, 1, -1, 0)


# -- the larger and the smaller ------------------------------------------------------------------


def maximum(x: Any, y: Any) -> Any:
    """Larger of two numbers, entry by entry."""
    home = highest((x, y))
    return home.lift(x).maximum(home._coerce(y))


def minimum(x: Any, y: Any) -> Any:
    """Smaller of two numbers, entry by entry."""
    return -maximum(-highest((x, y)).lift(x), -highest((x, y)).lift(y))


def positive_part(x: Any) -> Any:
    """max(x, 0), entry by entry."""
    return maximum(x, 0)


@composed("clip")
def clip(x: Any, low: Any, high: Any) -> Any:
    """The number between low and high that is nearest to x: min(max(x, low), high)."""
    return minimum(maximum(x, low), high)
