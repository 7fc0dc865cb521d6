"""Draw measured losses of deep linear ResNets against the rates that are proved (Zou et al. 2020).

    python ci/figures/zou_rates.py docs/pictures/zou_rates.svg

Needs the extra `plots`. Prints the table in docs/zou2020.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from checker.landscape.deep_linear.network import DeepLinear
from checker.landscape.deep_linear.sgd import LinearSgd
from checker.landscape.deep_linear.steps import ZeroStart
from checker.report.pictures.canvas import axes, colour, picture, standalone
from strategies.deep_linear.fills import aim_at, ball_radius
from strategies.deep_linear.networks import GAUSSIAN, IDENTITY, ISOMETRY, LinearShape, plain
from strategies.deep_linear.sgd import problem, samples_drawn

# q t at the end; by then the envelope has fallen to e^-3.
END = 3.0
RUNS = 64
# Below that nothing is drawn.
FLOOR = 1e-16

# Name, how A and B are made, width, power of ten by which X is badly conditioned, look of its line.
KINDS = (
    ("isometric A, B and X", ISOMETRY, 4, 0.0, "accent", "solid"),
    ("modified identity", IDENTITY, 4, 0.0, "ink", "solid"),
    ("gaussian A and B", GAUSSIAN, 6, 0.0, "soft", "solid"),
    ("X with κ = 100", IDENTITY, 4, 1.0, "tint", "solid"),
)
DEPTHS = (1, 10, 100)


@dataclass(frozen=True)
class Measured:
    """One line of the picture: q t, and E_t/e_0 for each run, (times, runs)."""

    name: str
    depth: int
    rate: float
    times: Any
    losses: Any

    @property
    def factor(self) -> float:
        """How many times as fast as proved, on average over the time shown."""
        last = np.log(self.losses[-1].mean()) / np.log1p(-self.rate)
        return float(last / (self.times[-1] / self.rate))


def shape(ends: str, width: int, depth: int) -> LinearShape:
    """Four samples, two inputs and two outputs."""
    return LinearShape(4, 2, 2, width, depth, ends, 0.0, 0.0)


def descent(name: str, ends: str, width: int, power: float, depth: int) -> Measured:
    """Gradient descent from W = 0 with the largest step allowed."""
    rng = np.random.default_rng(depth)
    own = shape(ends, width, depth)
    fields = {**own.data(rng, 1), "X": _inputs(own, 10.0**-power)}
    fields["W"] = np.zeros((depth, own.m, own.m, 1))
    # √e_0 is half of what the condition allows.
    aim_at(fields, ball_radius(own) / plain(DeepLinear, fields).reach.value / 2, rng)
    at = plain(ZeroStart, {**fields, "share": np.ones(1)})
    return _measured(name, at, at.chain, lambda chain, t: chain.stepped(at.step))


def _inputs(own: LinearShape, weakest: float) -> Any:
    """Orthogonal columns with the singular values 2 and 2 · `weakest`."""
    signs = np.array([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [1.0, -1.0]])
    return (signs * np.geomspace(1.0, weakest, own.d))[..., None]


def stochastic(depth: int) -> Measured:
    """Independent runs of SGD over one problem."""
    rng = np.random.default_rng(0)
    own = shape(IDENTITY, 4, depth)
    given = {"X": _inputs(own, 1.0)}
    fields = {**problem(own, rng, 1, given), "share": np.ones(1)}
    rest = {"digest": np.zeros(1), "odds": 16, "level_bits": 30}
    bare = plain(LinearSgd, {**fields, **rest, "drawn": np.zeros((1, 1, own.n, 1))})
    steps = int(np.ceil(END / bare.rate(bare.step).value[0])) + 1
    drawn = samples_drawn(rng, (steps, 1, own.n, RUNS))
    at = plain(LinearSgd, {**fields, **rest, "drawn": drawn})

    def step(chain: Any, t: int) -> Any:
        return chain.stepped(at.step, at.drawn_gradients(chain, at.drawn[t][0]))

    return _measured("SGD", at, at.chain, step)


def _measured(name: str, at: Any, chain: Any, step: Any) -> Measured:
    rate = float(at.rate(at.step).value[0])
    losses = [chain.excess.value]
    steps = int(np.ceil(END / rate))
    for t in range(steps):
        chain = step(chain, t)
        losses.append(chain.excess.value)
    full = np.stack([np.broadcast_to(x, losses[-1].shape) for x in losses])
    return Measured(name, at.L, rate, rate * np.arange(steps + 1), full / full[0])


def draw(lines: Sequence[Measured], runs: Measured) -> str:
    """Two panels: gradient descent, and SGD."""
    with axes(8.2, 3.5) as left:
        right = _second_panel(left)
        looks = {kind[0]: kind[4:] for kind in KINDS}
        for line in lines:
            of, style = looks[line.name]
            label = line.name if line.depth == DEPTHS[0] else None
            _curve(left, line.times, line.losses[:, 0], of, style, label)
        for index in range(6):
            label = None if index else "six runs of SGD"
            _curve(right, runs.times, runs.losses[:, index], "tint", "solid", label)
        mean = runs.losses.mean(axis=1)
        _curve(right, runs.times, mean, "accent", "solid", f"mean of {RUNS} runs")
        for panel, bound in ((left, "proved"), (right, "proved, for the mean")):
            x = np.linspace(0, END, 50)
            _curve(panel, x, np.exp(-x), "alert", "dashed", f"{bound}: (1 − q)ᵗ")
            _frame(panel)
        left.set_ylabel("E / e₀")
        return picture(left, "Loss of deep linear ResNets against the proved rates.").svg


def _second_panel(left: Any) -> Any:
    box = left.get_position()
    half = (box.width - 0.06) / 2
    left.set_position((box.x0, box.y0, half, box.height))
    return left.figure.add_axes((box.x0 + half + 0.06, box.y0, half, box.height))


def _curve(panel: Any, x: Any, y: Any, of: str, style: str, label: str | None) -> None:
    x, y = x[x <= END], y[x <= END]
    kept = np.unique(np.linspace(0, len(x) - 1, 150).astype(int))
    kept = kept[np.maximum.accumulate(y[kept] < FLOOR) == 0]
    panel.plot(x[kept], y[kept], color=colour(of), linestyle=style, linewidth=1.3, label=label)


def _frame(panel: Any) -> None:
    panel.set_yscale("log")
    panel.set_ylim(1e-16, 2)
    panel.set_xlim(0, END)
    powers = range(-16, 1, 4)
    panel.set_yticks([10.0**p for p in powers], [f"1e{p}" if p else "1" for p in powers])
    panel.minorticks_off()
    panel.set_xticks(range(int(END) + 1), [str(x) for x in range(int(END) + 1)])
    panel.set_xlabel("q t")
    panel.legend(frameon=False, loc="lower left")


def rows(lines: Sequence[Measured], runs: Measured) -> Iterator[str]:
    """The table of the page."""
    yield "| problem | " + " | ".join(f"L = {depth}" for depth in DEPTHS) + " |"
    yield "|---|" + "---|" * len(DEPTHS)
    for name, *_ in KINDS:
        own = {line.depth: line for line in lines if line.name == name}
        cells = (f"{own[d].factor:.1f} (q = {own[d].rate:.1e})" for d in DEPTHS)
        yield f"| {name} | " + " | ".join(cells) + " |"
    cell = f"{runs.factor:.1f} (q = {runs.rate:.1e})"
    yield f"| SGD, modified identity, isometric X, mean of {RUNS} runs |  | {cell} |  |"


def main(arguments: Sequence[str]) -> None:
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="picture to write")
    file = parser.parse_args(arguments).file
    lines = [descent(*kind[:4], depth) for kind in KINDS for depth in DEPTHS]
    runs = stochastic(10)
    file.write_text(standalone(draw(lines, runs)), encoding="utf-8")
    print("\n".join(rows(lines, runs)))


if __name__ == "__main__":
    main(sys.argv[1:])
