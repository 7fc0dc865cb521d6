"""How the slack is spread over the strata, and one side against the other: counts that merge.

Bins are octaves, the exponents of the floats themselves, so that the counts depend on the cases
alone. Only cases that hold and say something are counted; nothing is decided from these numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A relative slack in [2**(k-1), 2**k) is in octave k; smaller ones, which are rounding noise in
# float64, are counted in the least octave, larger ones in the last.
LEAST_OCTAVE, LAST_OCTAVE = -53, 1
_OCTAVES = LAST_OCTAVE - LEAST_OCTAVE + 1

# Sides are counted in squares of so many octaves, the outermost of which have no end.
SQUARE = 2
LAST_SQUARE = 30
_SQUARES = 2 * LAST_SQUARE + 1

Counts = NDArray[np.int64]


def _no_slacks() -> Counts:
    return np.zeros(1 + _OCTAVES, dtype=np.int64)


def _no_sides() -> Counts:
    return np.zeros((_SQUARES, _SQUARES), dtype=np.int64)


@dataclass(eq=False)
class Spread:
    """Counts of non-trivial cases that hold, where the slack is known.

    Attributes
    ----------
    slacks
        Stratum -> cases with equality, then cases by octave of the relative slack, from
        `LEAST_OCTAVE` to `LAST_OCTAVE`.
    sides
        Cases by square of the right-hand side (rows) and of the left-hand side, for positive sides:
        the square k holds [2**(SQUARE k - 1), 2**(SQUARE (k + 1) - 1)), from -`LAST_SQUARE` on.
    """

    slacks: dict[str, Counts] = field(default_factory=dict)
    sides: Counts = field(default_factory=_no_sides)

    def add(self, stratum: str, relative_slack: Any, lhs: Any, rhs: Any) -> None:
        """Count cases of a stratum, given as arrays of numbers, (k,) each."""
        known = np.isfinite(relative_slack) & (relative_slack >= 0)
        slack, lhs, rhs = relative_slack[known], lhs[known], rhs[known]
        octaves = np.clip(np.frexp(slack)[1], LEAST_OCTAVE, LAST_OCTAVE) - LEAST_OCTAVE + 1
        octaves[slack == 0] = 0
        self._of(stratum)[:] += np.bincount(octaves, minlength=1 + _OCTAVES)
        squares = [np.clip(np.frexp(x)[1] // SQUARE, -LAST_SQUARE, LAST_SQUARE) for x in (rhs, lhs)]
        row, column = (square[(lhs > 0) & (rhs > 0)] + LAST_SQUARE for square in squares)
        counts = np.bincount(row * _SQUARES + column, minlength=_SQUARES**2)
        self.sides += counts.reshape(_SQUARES, _SQUARES)

    def add_case(self, stratum: str, relative_slack: float, lhs: float, rhs: float) -> None:
        """Count one case."""
        if not (math.isfinite(relative_slack) and relative_slack >= 0):
            return
        octave = min(max(math.frexp(relative_slack)[1], LEAST_OCTAVE), LAST_OCTAVE)
        self._of(stratum)[octave - LEAST_OCTAVE + 1 if relative_slack > 0 else 0] += 1
        if lhs > 0 and rhs > 0:
            row, column = (
                min(max(math.frexp(x)[1] // SQUARE, -LAST_SQUARE), LAST_SQUARE) + LAST_SQUARE
                for x in (rhs, lhs)
            )
            self.sides[row, column] += 1

    def _of(self, stratum: str) -> Counts:
        return self.slacks.setdefault(stratum, _no_slacks())

    def merge(self, other: Spread) -> None:
        """Add the counts of `other`."""
        for stratum, counts in other.slacks.items():
            self._of(stratum)[:] += counts
        self.sides += other.sides

    def to_json(self) -> dict[str, Any]:
        """The counts that are not 0: slacks by stratum and octave, sides as "rhs lhs" squares."""
        return {
            "slacks": {name: _sparse(counts) for name, counts in self.slacks.items()},
            "sides": {
                f"{i - LAST_SQUARE} {j - LAST_SQUARE}": int(self.sides[i, j])
                for i, j in np.argwhere(self.sides)
            },
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Spread:
        """What `to_json` has written.

        Raises
        ------
        ValueError
            For anything else.
        """
        read = cls()
        for stratum, counts in saved["slacks"].items():
            read._of(stratum)
            for place, count in counts.items():
                # Equality comes before the octaves, in a place of its own.
                octaves = read._of(stratum)[:1] if place == EQUAL else read._of(stratum)[1:]
                _put(octaves, (0 if place == EQUAL else int(place) - LEAST_OCTAVE,), count)
        for place, count in saved["sides"].items():
            row, column = (int(square) + LAST_SQUARE for square in place.split())
            _put(read.sides, (row, column), count)
        return read


EQUAL = "equal"


def _sparse(counts: Counts) -> dict[str, int]:
    places = [EQUAL, *map(str, range(LEAST_OCTAVE, LAST_OCTAVE + 1))]
    return {place: n for place, n in zip(places, counts.tolist(), strict=True) if n}


def _put(counts: Counts, place: tuple[int, ...], count: Any) -> None:
    inside = all(0 <= i < size for i, size in zip(place, counts.shape, strict=True))
    if not inside or type(count) is not int or count < 0:
        raise ValueError(f"{place} holds {count!r}")
    counts[place] = count
