"""The sentence of a certificate: each number in it, in the direction in which it is stated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from soundness.reals import Real, number

_NUMBER = r"([-+0-9.e]+[0-9])"


@dataclass(frozen=True)
class Facts:
    """What is true: the verdict's name, F - F_lin(w*), ball -> how far F_lin(w*) is above the rest
    of the ball at most, F, and F at the lower point.
    """

    verdict: str
    gap: Real
    above: Callable[[Real], Real]
    F: Real
    moved: Real | None

    @property
    def size(self) -> Real:
        """What "within" speaks of."""
        return abs(self.gap) if self.verdict == "LEVEL" else self.gap


# Pattern -> (x, y) with x <= y where the phrase is true.
_PHRASES: list[tuple[str, Callable[..., tuple[Real, Any]]]] = [
    ("at least NUMBER below F_lin", lambda f, x: (f.gap + x, 0)),
    ("within NUMBER of linear", lambda f, x: (f.size, x)),
    (
        r"at most NUMBER above every u with \|\|u\|\| <= NUMBER",
        lambda f, x, ball: (f.above(number(ball)), x),
    ),
    (
        r"below every u with \|\|u\|\| <= NUMBER",
        lambda f, ball: (f.gap + f.above(number(ball)), 0),
    ),
    ("falls from at least NUMBER to", lambda f, x: (number(x), f.F)),
    ("falls from .* to at most NUMBER", lambda f, x: (f.moved, x)),
]


def untrue(sentence: str, facts: Facts) -> list[str]:
    """What is wrong in a sentence. Decimal fractions are read exactly."""
    found = []
    for pattern, sides in _PHRASES:
        values = _read(pattern, sentence)
        if values is not None:
            x, bound = sides(facts, *values)
            if (x - bound).enclosed > 0:
                found.append(f"{sentence!r}: {pattern}: {x.enclosed.str(25)}")
    return found


def _read(pattern: str, sentence: str) -> list[Fraction] | None:
    match = re.search(pattern.replace("NUMBER", _NUMBER), sentence)
    return None if match is None else [Fraction(x) for x in match.groups()]
