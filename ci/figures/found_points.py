"""Found points: gap to the linear level against the least eigenvalue, with the curve of Theorem 2.

    python ci/figures/found_points.py docs/pictures/found_points.png [--rounds 6]

Needs the extra `plots`. Every number is enclosed before it is drawn; a point counts as above the
linear level, or as having a negative eigenvalue, where that is proved. Prints how many there are.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import lambda_min, norm
from checker.claims.claim import Domain
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays
from checker.landscape.budgets import MAX_INERTIA
from checker.search.campaign import tasks_of
from strategies.minima.found_controls import minima_of
from strategies.minima.found_domains import minima, saddles_at_w_zero

matplotlib.use("Agg")
from matplotlib import pyplot as plt

# Beyond the picture's resolution: what is nearer to 0 than that is drawn on the axis.
NEAR = 1e-6


@dataclass(frozen=True)
class Found:
    """One found point: what is drawn, and what is proved of it."""

    gap: float
    curvature: float
    at_zero: tuple[float, float] | None
    above: bool
    negative: bool


def found_in(domain: Domain, rounds: int) -> list[Found]:
    """The points of some rounds over all strata of a domain."""
    found: list[Found] = []
    for task in tasks_of(domain, (0,), range(rounds)):
        rng = np.random.default_rng(task.seed)
        structure: Any = draw_last(domain.strata[task.stratum], int(rng.integers(2**32)))
        batch = structure.batch(rng, min(16, structure.max_batch))
        cases = (batch.case(i) for i in range(batch.size))
        found += [_found(c) for c in cases if c.w.size + c.V.size <= MAX_INERTIA]
    return found


def _found(case: Any) -> Found:
    with np.errstate(all="ignore"):
        at: Any = map_arrays(case, lambda a: Bounded(np.asarray(a)[..., None]))
        at_zero = not case.w.any()
        least = at.lambda_min_at_w_zero if at_zero else lambda_min(at.hessian)
        size, alpha = _middle(at.scale), _middle(at.lambda_min_ww)
        lever = _middle(norm(at.w_star @ at.V)) * alpha
        normal = (_middle(least) / alpha, _middle(at.gap) / lever) if lever > 0 else None
        relative = _middle(least) / max(_middle(norm(at.hess_ww)), 1e-300)
        return Found(
            _middle(at.gap) / size,
            relative,
            normal if at_zero else None,
            bool(at.gap.lower[..., 0] > 0),
            bool(least.upper[..., 0] < 0),
        )


def _middle(number: Any) -> float:
    return float(np.ravel(number.value)[0])


def draw(path: str, convex: list[Found], control: list[Found]) -> None:
    """Left: all points, the control in red. Right: those with w = 0, and the curve of Theorem 2."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for points, colour, label in (
        ([p for p in convex if p.at_zero is None], "tab:blue", "found, w ≠ 0"),
        ([p for p in convex if p.at_zero is not None], "tab:green", "found, w = 0"),
        (control, "tab:red", "control: a loss that is not convex"),
    ):
        x, y = [p.curvature for p in points], [p.gap for p in points]
        left.scatter(x, y, s=9, color=colour, alpha=0.6, label=f"{label} ({len(points)})")
    left.set_xscale("symlog", linthresh=NEAR)
    left.set_yscale("symlog", linthresh=NEAR)
    left.set_xticks([-1e6, -1e3, -1, -1e-3, 0, 1e-3, 1])
    left.axhline(0, color="0.6", lw=0.8)
    left.axvline(0, color="0.6", lw=0.8)
    left.set_xlabel("λ_min(∇²F_θ) / ||∂²F_θ/∂w²||_F")
    left.set_ylabel("(F − F_lin(w*)) / (|F| + |F(0)|)")
    left.set_title("above the linear level: left of zero")
    left.legend(loc="lower left", fontsize=8)
    _theorem2(right, [p.at_zero for p in convex if p.at_zero is not None])
    figure.savefig(path, dpi=110)


def _theorem2(axes: Any, points: list[tuple[float, float]]) -> None:
    """gap <= ||Vᵀw*|| √(λ² + α|λ|), both sides over α ||Vᵀw*||."""
    shown = np.array([(-x, y) for x, y in points if x < 0 and y > 0])
    axes.scatter(shown[:, 0], shown[:, 1], s=9, color="tab:green", alpha=0.6)
    size = np.geomspace(shown[:, 0].min() / 3, shown[:, 0].max() * 3, 200)
    axes.plot(size, np.sqrt(size**2 + size), color="black", lw=1, label="Theorem 2, sharp form")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("|λ_min| / α, α = λ_min(∂²F_θ/∂w²)")
    axes.set_ylabel("(F − F_lin(w*)) / (α ||Vᵀw*||)")
    axes.set_title("w = 0: the gap is below the curve")
    axes.legend(loc="upper left", fontsize=8)


def summary(points: list[Found]) -> Counter[str]:
    """How many points are where, as proved."""
    return Counter(
        f"{'above' if p.above else 'not above'} the level, "
        f"{'a' if p.negative else 'no'} negative eigenvalue proved"
        for p in points
    )


def main() -> None:
    """Search, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("picture", help="PNG file to write")
    parser.add_argument("--rounds", type=int, default=6, help="rounds over all strata (default 6)")
    options = parser.parse_args()
    convex = found_in(minima(), options.rounds) + found_in(saddles_at_w_zero(), options.rounds)
    control = found_in(minima_of("geman_mcclure"), 2 * options.rounds)
    draw(options.picture, convex, control)
    for name, points in (("convex losses", convex), ("control", control)):
        for kind, count in sorted(summary(points).items()):
            print(f"{name}: {count} {kind}")


if __name__ == "__main__":
    main()
