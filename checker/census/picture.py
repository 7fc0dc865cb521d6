"""The picture that shows Corollary 1: value against least curvature, with the linear level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from checker.census.enclosed import Enclosed
from checker.census.point import Kind
from checker.census.run import Census
from checker.report.pictures.canvas import Picture, axes, colour, picture

_CAPTION = (
    "Critical points of F: value against the least eigenvalue of the Hessian (of that in (w, V), "
    "or over all parameters where that is proved to be less), and the level of the best linear "
    "predictor."
)
_COROLLARY = " Corollary 1: nothing above the line is a minimum."
_MARKS = {
    Kind.MINIMUM: ("accent", "o", "local minimum for its θ, proved"),
    Kind.SADDLE_IN_THETA: ("accent", "<", "the same, and a saddle in θ, proved"),
    Kind.SADDLE: ("alert", "v", "strict saddle, proved"),
    Kind.DEGENERATE: ("soft", "s", "neither proved"),
}

# Curvatures nearer to 0 than that are drawn on the line of 0.
_LINEAR = 1e-6


class Marked(Protocol):
    """What is drawn of a point."""

    @property
    def kind(self) -> Kind:
        """What is proved of it."""

    @property
    def value(self) -> Enclosed:
        """F at the point."""

    @property
    def least_curvature(self) -> Enclosed:
        """An upper bound on the least eigenvalue."""


def draw_census(census: Census) -> Picture | None:
    """A mark per point; None without points."""
    applies = census.problem.skip and not census.problem.ridge
    bad = bool(census.bad_minima)
    return draw_points(census.points, census.linear.value.high, bad=bad, applies=applies)


def draw_points(
    found: Sequence[Marked], level: float, *, bad: bool, applies: bool
) -> Picture | None:
    """The same of saved points: `bad` minima lie above the level, or Corollary 1 `applies`."""
    points = [p for p in found if p.kind in _MARKS and np.isfinite(p.value.middle)]
    if not points or not np.isfinite(level):
        return None
    with axes(6.4, 4.2, left=0.7) as drawn:
        drawn.set_xscale("symlog", linthresh=_LINEAR)
        drawn.axvline(0, color=colour("rule"), linewidth=1)
        drawn.axhline(level, color=colour("ink"), linewidth=1)
        for kind, (name, marker, label) in _MARKS.items():
            _scatter(drawn, [p for p in points if p.kind is kind], colour(name), marker, label)
        _frame(drawn, points, level)
        # By Corollary 1 that corner is empty; where it is not, the one below on the left is.
        corner = "lower left" if bad else "upper right"
        drawn.legend(frameon=False, loc=corner)
        return picture(drawn, _CAPTION + _COROLLARY if applies else _CAPTION)


def _scatter(drawn: Any, points: Sequence[Marked], colour_: str, marker: str, label: str) -> None:
    if points:
        x, y = [_curvature(p) for p in points], [p.value.middle for p in points]
        drawn.plot(x, y, marker, color=colour_, markersize=4, linestyle="none", label=label)


def _curvature(point: Marked) -> float:
    """0 unless the sign is proved."""
    least = point.least_curvature
    known = np.isfinite(least.middle) and (least.high < 0 or least.low > 0)
    return least.middle if known else 0.0


def _frame(drawn: Any, points: Sequence[Marked], level: float) -> None:
    values = np.array([level, *(p.value.middle for p in points)])
    spread = max(float(np.ptp(values)), abs(level) * 0.1) or 1.0
    drawn.set_ylim(values.min() - 0.12 * spread, values.max() + 0.08 * spread)
    reach = max((abs(_curvature(p)) for p in points), default=1.0)
    reach = max(10.0 ** np.ceil(np.log10(max(reach, _LINEAR))), 10 * _LINEAR)
    drawn.set_xlim(-reach * 2, reach * 2)
    first, last = int(np.log10(_LINEAR)) + 1, int(np.log10(reach)) + 1
    powers = [10.0**k for k in range(first, last, max(2, (last - first) // 5))]
    ticks = [*(-p for p in reversed(powers)), 0.0, *powers]
    drawn.set_xticks(ticks, [_power_text(t) for t in ticks])
    drawn.minorticks_off()
    drawn.text(reach * 1.8, level, "best linear predictor", ha="right", va="bottom")
    drawn.set_xlabel("least eigenvalue of the Hessian")
    drawn.set_ylabel("F")


def _power_text(x: float) -> str:
    if x == 0:
        return "0"
    power = round(np.log10(abs(x)))
    exponent = str(power).replace("-", "⁻").translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{'−' if x < 0 else ''}10{exponent}"
