"""Redraw Figure 1 of Shamir (2018), with every stationary point proved before it is drawn.

    python ci/figures/figure1.py docs/figure1.png

Needs the extra `plots`. Prints the points as rows of the table in docs/shamir2018.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np

from checker.arithmetic.plain import Plain
from properties.shamir2018.figure1 import (
    DISC,
    FIGURE_1B,
    FIGURE_1C,
    ON_DISC,
    Kind,
    StationaryPoint,
    Surface,
    constrained_minimum,
    stationary_point,
    stationary_points,
)

matplotlib.use("Agg")
from matplotlib import pyplot as plt

MARKS = {Kind.MINIMUM: ("o", "tab:green"), Kind.SADDLE: ("X", "tab:orange")}
SIDE = 2.6


def heights(surface: Surface, w: Any, v: Any) -> Any:
    """c (w(1 + v) - 1)² + (λ/2)(w² + v²) on a grid."""
    p, q = Plain(w), Plain(v)
    value = surface.c * (p * (1 + q) - 1) ** 2 + surface.regularisation * (p**2 + q**2) / 2
    return value.value


def draw(axes: Any, title: str, surface: Surface, points: Sequence[StationaryPoint]) -> None:
    """Contours on a logarithmic scale, and the proved points."""
    w, v = np.meshgrid(np.linspace(-SIDE, SIDE, 400), np.linspace(-SIDE, SIDE, 400))
    values = heights(surface, w, v)
    levels = np.geomspace(max(values.min(), 1e-2), 20, 18)
    axes.contour(w, v, values, levels=levels, cmap="viridis", linewidths=0.7)
    for point in points:
        marker, colour = MARKS[point.kind]
        bad = point.kind is Kind.MINIMUM and point.middle[0] < 0
        axes.plot(*point.middle, marker, color="tab:red" if bad else colour, markersize=9)
    axes.set(title=title, xlabel="w", ylabel="v", aspect="equal")


def main(arguments: Sequence[str]) -> None:
    """Prove, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", help="picture to write")
    file = parser.parse_args(arguments).file
    saddle = stationary_point(FIGURE_1C, np.array([0.0, -1.0]))
    circle = constrained_minimum(FIGURE_1C, DISC, ON_DISC)
    panels = [
        ("(a) (w(1 + v) - 1)²", FIGURE_1C, [saddle]),
        ("(b) + (w² + v²)/4", FIGURE_1B, stationary_points(FIGURE_1B)),
        ("(c) on ||(w, v)|| ≤ 2", FIGURE_1C, [saddle, circle]),
    ]
    figure, every = plt.subplots(1, 3, figsize=(13, 4.6), constrained_layout=True)
    for axes, (title, surface, points) in zip(every, panels, strict=True):
        proved = [p for p in points if p is not None]
        draw(axes, title, surface, proved)
        for p in proved:
            print(f"| {title} | ({p.w.str(8)}, {p.v.str(8)}) | {p.value.str(6)} | {p.kind.value} |")
    valley = np.linspace(0.25, SIDE, 200)
    for sign in (1, -1):
        for axes in (every[0], every[2]):
            axes.plot(sign * valley, 1 / (sign * valley) - 1, ":", color="black", linewidth=1)
    for axes in every:
        axes.set(xlim=(-SIDE, SIDE), ylim=(-SIDE, SIDE))
    every[2].add_patch(plt.Circle((0, 0), DISC, fill=False, color="black"))
    marks = "circle: proved local minimum (red: above the linear level)   cross: proved saddle"
    figure.suptitle(f"{marks}   dotted: zeros of F", fontsize=10)
    figure.savefig(file, dpi=75)


if __name__ == "__main__":
    main(sys.argv[1:])
