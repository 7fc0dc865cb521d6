"""Contours of a function on a plane: where a counterexample lies, and what it violates."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.instances.plane import Plane
from checker.report.pictures.canvas import Picture, axes, colour, picture

# Contours, evenly spread over the values that occur: evenly spaced ones would all lie at the edge
# of a function that grows fast.
LEVELS = 7


def draw_plane(plane: Plane) -> Picture:
    """Contours, the region at or below the level, its border, the marks and the descent."""
    with axes(4.8, 3.3) as drawn:
        _contours(drawn, plane)
        _marks(drawn, plane)
        drawn.set_xlabel(plane.labels[0])
        drawn.set_ylabel(plane.labels[1])
        drawn.set_xlim(plane.x[0], plane.x[-1])
        drawn.set_ylim(plane.y[0], plane.y[-1])
        return picture(drawn, plane.caption)


def _contours(drawn: Any, plane: Plane) -> None:
    values, low = plane.values, float(plane.values.min())
    if low < plane.level:
        drawn.contourf(
            plane.x, plane.y, values, [low, plane.level], colors=[colour("tint")], alpha=0.35
        )
    levels = np.unique(np.quantile(values, np.linspace(0, 1, LEVELS + 2)[1:-1]))
    drawn.contour(
        plane.x, plane.y, values, levels, colors=[colour("rule")], linewidths=1, linestyles="solid"
    )
    if low < plane.level < values.max():
        drawn.contour(
            plane.x,
            plane.y,
            values,
            [plane.level],
            colors=[colour("accent")],
            linewidths=1.6,
            linestyles="solid",
        )


def _marks(drawn: Any, plane: Plane) -> None:
    (here, at), *others = plane.marks.items()
    for name, place in others:
        drawn.plot(*place, "o", color=colour("accent"), markerfacecolor="none", markersize=6)
        _name(drawn, name, place, "accent", below=True)
    drawn.plot(*at, "o", color=colour("alert"), markersize=5)
    _arrow(drawn, plane, at)
    _name(drawn, here, at, "alert", below=False)


def _name(drawn: Any, name: str, place: tuple[float, float], of: str, *, below: bool) -> None:
    # On the side that is nearer to the middle, so that it is not cut off.
    inside = place[0] > np.mean(drawn.get_xlim())
    offset = (-6 if inside else 6, -13 if below else 7)
    drawn.annotate(
        name,
        place,
        offset,
        textcoords="offset points",
        color=colour(of),
        ha="right" if inside else "left",
    )


def _arrow(drawn: Any, plane: Plane, at: tuple[float, float]) -> None:
    """The descent, as it looks in these axes: a seventh of their width or height."""
    widths = np.array([np.ptp(plane.x), np.ptp(plane.y)])
    step = np.array(plane.descent)
    longest = np.abs(step / widths).max()
    if not (0 < longest < np.inf):
        return
    tip = np.array(at) + step / longest / 7
    drawn.annotate(
        "",
        tip,
        at,
        arrowprops={"arrowstyle": "-|>", "color": colour("alert"), "shrinkA": 0, "shrinkB": 0},
    )
