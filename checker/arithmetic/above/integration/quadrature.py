"""An integral over an interval as a ball that holds it.

On a piece [m - r, m + r] the Taylor polynomial about m is integrated as it is. By Lagrange the rest
is c (x - m)ⁿ with an n-th coefficient c about some point of the piece, so for even n its integral
is at most 2 rⁿ⁺¹ / (n + 1) times what all these coefficients are bounded by. Where a branch changes
in the piece, or the series is not finite, the integral is the length times a ball that holds all
values. The piece whose ball is widest is halved until the sum is narrow enough, or for as long as
there is patience.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from flint import arb, ctx

from checker.arithmetic.above.integration.pieces import Undecided, expanded, somewhere
from checker.arithmetic.ball import narrower, working_precision

# An integral is narrow enough at 3/8 of the working precision, which is plenty for cases that are
# not close. How often pieces are halved for that, by precision: beyond the last one there is little
# patience, since series of a thousand coefficients converge on few pieces or not at all; then the
# last one's ball is taken.
_HALVINGS = {128: 80, 512: 250}
_FEW_HALVINGS = 6

# Bits that a coefficient of a series is good for.
_BITS_PER_COEFFICIENT = 3

# Where a series leaves more than this open per length, values may say more.
_GOOD = 2**-10


def bits_wanted() -> int:
    """How narrow an integral is to be, relative to the sizes of its parts."""
    return 3 * ctx.prec // 8


def integral_ball(f: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """∫ f from `low` to `high`, two balls with low <= high; not finite where that is not known."""
    if not (low.is_finite() and high.is_finite() and low <= high):
        return arb("nan")
    start, end = arb(low.mid()), arb(high.mid())
    ends = sum((_end(f, ball) for ball in (low, high)), arb(0))
    most = max(_HALVINGS)
    halvings = next((n for bits, n in _HALVINGS.items() if ctx.prec <= bits), _FEW_HALVINGS)
    found, narrow = _inside(f, start, end, halvings)
    if not narrow and ctx.prec > most:
        with working_precision(most):
            found = narrower(found, _inside(f, start, end, _HALVINGS[most])[0])
    return found + ends


def _end(f: Callable[[Any], Any], ball: Any) -> Any:
    """What an end of the interval that is not known exactly leaves open."""
    if ball.is_exact():
        return arb(0)
    return somewhere(f, ball) * arb(0, 1) * ball.rad()


def _inside(f: Callable[[Any], Any], start: Any, end: Any, halvings: int) -> tuple[Any, bool]:
    """The integral, and whether it is narrow enough."""
    number, bits = count(), bits_wanted()
    order = 2 * (bits // (2 * _BITS_PER_COEFFICIENT))
    pieces = [(*_measured(f, start, end, order, number), start, end)]
    for _ in range(halvings):
        if _narrow([p[2] for p in pieces], bits):
            break
        *_, low, high = heapq.heappop(pieces)
        middle = arb(((low + high) / 2).mid())
        if not (low < middle and middle < high):
            return arb("nan"), False
        for a, b in ((low, middle), (middle, high)):
            heapq.heappush(pieces, (*_measured(f, a, b, order, number), a, b))
    values = [p[2] for p in pieces]
    return sum(values, arb(0)), _narrow(values, bits)


def _narrow(values: list[Any], bits: int) -> bool:
    """Whether the radii add up to nothing beside the sizes."""
    if not all(value.is_finite() for value in values):
        return False
    radius = sum((value.rad() for value in values), arb(0))
    return bool(radius <= sum((abs(value.mid()) for value in values), arb(0)) * arb((1, -bits)))


def _measured(
    f: Callable[[Any], Any], low: Any, high: Any, order: int, number: Any
) -> tuple[float, int, Any]:
    """The widest first; then in the order in which they were made."""
    value = piece_ball(f, low, high, order)
    width = -float(value.rad().log().mid()) if value.is_finite() and value.rad() > 0 else None
    if width is None:
        width = float("inf") if value.is_finite() else float("-inf")
    return width, next(number), value


def piece_ball(f: Callable[[Any], Any], low: Any, high: Any, order: int) -> Any:
    """The integral over one piece."""
    middle = arb(((low + high) / 2).mid())
    radius = arb((high - middle).max(middle - low).upper())
    piece = middle + arb(0, 1) * radius
    length = high - low
    try:
        about, everywhere = expanded(f, middle, piece, order + 1)
    except Undecided:
        return somewhere(f, piece) * length
    left, right = low - middle, high - middle
    terms = (about[k] * (right ** (k + 1) - left ** (k + 1)) / (k + 1) for k in range(order))
    rest = everywhere[order] * (right ** (order + 1) - left ** (order + 1)) / (order + 1)
    found = sum(terms, arb(0)) + rest
    if found.is_finite() and found.rad() < length * _GOOD:
        return found
    return narrower(found, somewhere(f, piece) * length)
