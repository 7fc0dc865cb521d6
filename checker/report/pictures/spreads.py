"""How the slack of a standing claim is spread: by stratum, and one side against the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from checker.claims.spread import LAST_OCTAVE, LAST_SQUARE, LEAST_OCTAVE, SQUARE, Spread
from checker.instances.escapes import label
from checker.report.pictures.canvas import Picture, axes, colour, picture

# Shades of a cell, from the least to the greatest share of the cases.
SHADES = 5

# Decimal digits per octave.
_POWER = float(np.log10(2.0))

_SLACKS = (
    "Relative slack of the cases in which the bound could fail, by stratum. The stronger the "
    "colour, the more cases; each row has its own scale. Proved equality stands apart at the left."
)
_SIDES = (
    "Left-hand side against right-hand side where both are positive; the red line is equality. The "
    "stronger the colour, the more cases."
)


def draw_slacks(spread: Spread) -> Picture | None:
    """A row per stratum: how many cases have a relative slack of which size.

    None where the slack is the same everywhere, as for 0 >= λ, whose relative slack is 1.
    """
    rows = {name: counts for name, counts in spread.slacks.items() if counts.any()}
    present = np.flatnonzero(sum(rows.values(), np.zeros(1, dtype=np.int64)))
    if len(present) < 2:
        return None
    least = _first_octave(present)
    with axes(6.4, 0.75 + 0.19 * len(rows), left=1.65) as drawn:
        counts = np.array(list(rows.values())[::-1])
        # Roots, so that the few cases near equality are seen beside the many far from it.
        shades = np.sqrt(counts / counts.max(axis=1, keepdims=True))[counts > 0]
        _cells(drawn, [_slack_cell(i, j, least) for i, j in np.argwhere(counts)], shades)
        drawn.set_yticks(range(len(rows)), [*map(label, rows)][::-1])
        powers = _powers((least - 1) * _POWER, 0.1)
        labels = ["equal", *map(_power_text, powers)]
        drawn.set_xticks([least - 3, *(p / _POWER for p in powers)], labels)
        drawn.set_xlim(least - 4, LAST_OCTAVE + 0.2)
        drawn.set_ylim(-0.6, len(rows) - 0.4)
        drawn.set_xlabel("relative slack")
        return picture(drawn, _SLACKS)


def _first_octave(present: NDArray[np.int64]) -> int:
    """Where the axis starts: at the least slack, but not so late that it looks like equality."""
    octaves = present[present > 0] + LEAST_OCTAVE - 1
    return int(min(octaves.min(initial=LAST_OCTAVE), -9))


def draw_sides(spread: Spread) -> Picture | None:
    """One side against the other, both logarithmic, with the line of equality."""
    # The outermost squares have no end.
    counts = spread.sides[1:-1, 1:-1]
    present = np.argwhere(counts) - LAST_SQUARE + 1
    if not len(present):
        return None
    shades = (np.log1p(counts) / np.log1p(counts.max()))[counts > 0]
    low, high = _edge(present.min()), _edge(present.max() + 1)
    with axes(4.8, 3.6) as drawn:
        _cells(drawn, [_side_cell(*place) for place in present], shades)
        drawn.plot([low, high], [low, high], color=colour("alert"), linewidth=1)
        powers = _powers(low, high)
        for axis in (drawn.xaxis, drawn.yaxis):
            axis.set_ticks(powers, [_power_text(p) for p in powers])
        drawn.set_xlim(low, high)
        drawn.set_ylim(low, high)
        drawn.set_xlabel("right-hand side")
        drawn.set_ylabel("left-hand side")
        return picture(drawn, _SIDES)


def _powers(low: float, high: float) -> list[int]:
    """About six powers of ten, 1 among them if it is inside."""
    step = max(1, round((high - low) / 6))
    first = int(np.ceil(low / step)) * step
    return list(range(first, int(np.floor(high)) + 1, step))


def _power_text(power: int) -> str:
    return f"1e{power}" if power else "1"


def _edge(square: int) -> float:
    """Decimal logarithm of the lower end of a square."""
    return float(SQUARE * square - 1) * _POWER


Corner = tuple[float, float, float, float]


def _slack_cell(row: int, column: int, least: int) -> Corner:
    """Left, bottom, width and height; equality stands apart at the left."""
    return (LEAST_OCTAVE - 2 + column if column else least - 3.5), row - 0.4, 1, 0.8


def _side_cell(across: int, up: int) -> Corner:
    return _edge(across), _edge(up), SQUARE * _POWER, SQUARE * _POWER


def _cells(drawn: Any, boxes: list[Corner], shares: NDArray[np.float64]) -> None:
    """Cells in a few shades, one path for each shade."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    shades = np.ceil(shares * SHADES).astype(int)
    for shade in np.unique(shades):
        outlines = [_outline(box) for box, s in zip(boxes, shades, strict=True) if s == shade]
        path = Path.make_compound_path(*(Path(corners, closed=True) for corners in outlines))
        look = {"facecolor": colour("accent"), "alpha": shade / SHADES, "linewidth": 0}
        drawn.add_patch(PathPatch(path, **look))


def _outline(box: Corner) -> list[tuple[float, float]]:
    left, bottom, width, height = box
    right, top = left + width, bottom + height
    return [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
