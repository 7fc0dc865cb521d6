"""Whether a box holds a zero, a strict local minimum or a saddle with a value between bounds.

Yes: Krawczyk's test encloses a zero of the system (of the gradient) inside the box, and there the
value lies between the bounds and the Hessian is positive definite, for a saddle indefinite. No: the
box is cut until each part provably holds nothing of the kind: a component of the system has one
sign, all values lie outside the bounds, a minimum is excluded by a direction of negative curvature,
a saddle by a definite Hessian, or the part holds one critical point only and that does not qualify.
What neither proves stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from flint import arb, ctx

from checker.arithmetic.ball import Ball
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.existence.definite import curves_down, is_positive_definite
from checker.arithmetic.existence.krawczyk import (
    enclosed_zero,
    is_inside,
    mapped,
    middle_of,
    polished,
    sharpened,
    widened,
)

# Half widths of the boxes around a polished point, as powers of two of its size; the last ones
# prove points where the function is nearly flat no further.
_WIDTHS = (-40, -30, -20, -12)

# Entries of Jacobians that a disproof may compute, over all parts of the box; at higher precisions,
# which make no box smaller, a few parts must do.
_ENTRIES, _FEW = 1024, 4

# Half a side, and a bit.
_OVERLAP = 1.0 + 2.0**-5


class Sought(Enum):
    """What is sought in the box; the value is the name of the formula."""

    ZERO = "exists_zero"
    MINIMUM = "exists_minimum"
    SADDLE = "exists_saddle"


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked.

    Attributes
    ----------
    sought
        Zero, minimum or saddle.
    system, jacobian
        Of vectors of balls; for minima and saddles the gradient and the Hessian.
    value
        f, for minima and saddles.
    low, high
        Bounds on the value, balls of shape (), or None.
    """

    sought: Sought
    system: Callable[[Ball], Ball]
    jacobian: Callable[[Ball], Ball]
    value: Callable[[Ball], Ball] | None = None
    low: Ball | None = None
    high: Ball | None = None


def answer(question: Question, near: Ball, radius: Ball) -> int:
    """1 where the box holds what is sought, -1 where it does not, 0 where neither is proved."""
    if not radius.item >= 0:
        return -1 if radius.item < 0 else 0
    box = widened(near, radius.item)
    if not (near.is_finite and box.is_finite):
        return 0

    def is_within(point: Ball) -> bool | None:
        # The radii of boxes are rounded up, so a box would not do.
        away = [abs(x) for x in (point - near).entries]
        inside = all(x <= radius.item for x in away)
        return True if inside else False if any(x > radius.item for x in away) else None

    found = proved_zero(question, near)
    if found is not None and is_within(found) and qualifies(question, found):
        return 1
    return _searched(question, box, is_within)


def proved_zero(question: Question, near: Ball) -> Ball | None:
    """A narrow enclosure of a zero near a point, by Newton's method and Krawczyk's test."""
    start = near.floats()[0]
    with np.errstate(all="ignore"):
        z = polished(question.system, question.jacobian, start)
        scale = 1 + float(np.abs(z).max(initial=0))
        for width in _WIDTHS:
            found = enclosed_zero(question.system, question.jacobian, z, scale * 2.0**width)
            if found is not None:
                return sharpened(question.system, question.jacobian, found)
    return None


def qualifies(question: Question, point: Ball) -> bool | None:
    """Whether the zero in an enclosure is what is sought; None where that is open."""
    told = [*_of_kind(question, point), *_of_value(question, point)]
    return False if False in told else None if None in told else True


def _of_kind(question: Question, box: Ball) -> Iterable[bool | None]:
    """Whether a critical point in the box is a strict minimum, or a saddle."""
    if question.sought is Sought.ZERO:
        return
    hessian = question.jacobian(box)
    down = curves_down(hessian)
    if question.sought is Sought.MINIMUM:
        yield True if is_positive_definite(hessian.entries, 0.0) else False if down else None
        return
    up = curves_down(-hessian)
    definite = not (up and down) and (
        is_positive_definite(hessian.entries, 0.0) or is_positive_definite((-hessian).entries, 0.0)
    )
    yield True if up and down else False if definite else None


def _of_value(question: Question, box: Ball) -> Iterable[bool | None]:
    """Whether the value lies between the bounds, everywhere in the box or nowhere."""
    if question.value is None or (question.low is None and question.high is None):
        return
    value, middle = question.value(box).item, middle_of(box)
    if not all(x.is_exact() for x in box.entries):
        # By the mean value theorem, which is sharper in small boxes.
        centred = question.value(middle) + question.system(box) @ (box - middle)
        value = _narrower(value, centred.item)
    if question.low is not None:
        low = question.low.item
        yield True if value >= low else False if value < low else None
    if question.high is not None:
        high = question.high.item
        yield True if value <= high else False if value > high else None


def _narrower(x: Any, y: Any) -> Any:
    """Of two enclosures of one number."""
    return y if y.is_finite() and not (x.is_finite() and x.rad() < y.rad()) else x


# -- the rest of the box --------------------------------------------------------------------------


def _searched(question: Question, box: Ball, is_within: Callable[[Ball], bool | None]) -> int:
    """The answer by cutting the box, as far as the budget goes."""
    parts, budget = [box], max(_ENTRIES // box.shape[0] ** 2, _FEW)
    if ctx.prec > BALL_PRECISIONS[0]:
        budget = _FEW
    while parts:
        if budget <= 0:
            return 0
        budget -= 1
        part = parts.pop()
        jacobian = question.jacobian(part)
        if _is_excluded(question, part, jacobian):
            continue
        narrowed = _narrowed(question, part, jacobian)
        if narrowed is None:
            continue
        if is_inside(narrowed, part):
            told = _of_only_zero(question, narrowed, is_within)
            if told >= 0:
                return told
        else:
            halves = _halves(part, narrowed)
            if halves is None:
                return 0
            parts += halves
    return -1


def _is_excluded(question: Question, part: Ball, jacobian: Ball) -> bool:
    """Whether no point of the part can be what is sought, by its value or its kind."""
    if False in _of_value(question, part):
        return True
    if question.sought is Sought.MINIMUM:
        return curves_down(jacobian)
    definite = (is_positive_definite(H.entries, 0.0) for H in (jacobian, -jacobian))
    return question.sought is Sought.SADDLE and any(definite)


def _narrowed(question: Question, part: Ball, jacobian: Ball) -> Ball | None:
    """Where in the part zeros may be; None for nowhere. Strictly inside it is one zero only."""
    middle = middle_of(part)
    at_middle, away = question.system(middle), part - middle
    if any(x > 0 or x < 0 for x in (at_middle + jacobian @ away).entries):
        return None
    image = mapped(at_middle, jacobian, middle, part)
    if image is None:
        return part
    if is_inside(image, part):
        return image
    if any(not x.overlaps(k) for x, k in zip(part.entries, image.entries, strict=True)):
        return None
    return part._pairwise(image, lambda x, k: x.intersection(k) if k.is_finite() else x)


def _of_only_zero(question: Question, zero: Ball, is_within: Callable[[Ball], bool | None]) -> int:
    """The answer for a part with one zero: 1 settles the box, -1 the part, 0 leaves it open."""
    point = sharpened(question.system, question.jacobian, zero)
    told = [qualifies(question, point), is_within(point)]
    return -1 if False in told else 0 if None in told else 1


def _halves(part: Ball, narrowed: Ball) -> list[Ball] | None:
    """What is left of the part, cut across its widest side unless it is much less than it was; None
    where it is as narrow as the precision."""
    before, after = (max(float(x.rad()) for x in b.entries) for b in (part, narrowed))
    if after < before / 2:
        return [narrowed]
    entry: Any = narrowed.entries
    widest = max(range(len(narrowed)), key=lambda i: float(entry[i].rad()))
    side = entry[widest]
    if not side.rad() > abs(side.mid()) * arb((1, 8 - ctx.prec)):
        return None
    halves = []
    for sign in (-1, 1):
        entries = narrowed.entries.copy()
        # They overlap: a zero on a common side would be inside of neither.
        entries[widest] = side.mid() + arb(sign, _OVERLAP) * side.rad() / 2
        halves.append(Ball(entries))
    return halves
