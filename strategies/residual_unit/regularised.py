"""Example 1 of Shamir (2018) with other regularisers: centres near local minima with w < 0."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import FloatArray
from checker.landscape.residual_unit.regularised import Regularised
from strategies.corners import cornered
from strategies.deep_residual.motivating import Numbers

CASES = 3000

# Radius of the ball around each centre.
RADIUS = 2.0**-6

RIDGE, FOURTH = "ridge, Figure 1 (b)", "0.05 (w⁴ + v⁴)"
FIRST, NORM = "0.2 (|w| + |v|)", "0.3 ||(w, v)||"

_COLUMNS = ("fourth", "first", "norm", "in_w", "in_v", "w", "v", "growth", "linear")

# Centres by Newton's method; nothing rests on how they were found.
CENTRES: dict[str, tuple[float, ...]] = {
    RIDGE: (0, 0, 0, 0.5, 0.5, -0.9828062627081379, -1.6026822525180757, 1.0, 0.8),
    FOURTH: (0.05, 0, 0, 0, 0, -1.2123922685835766, -1.5643639316064544, 1.25, 0.9216989942046786),
    FIRST: (0, 0.2, 0, 0, 0, -0.9456492739235914, -1.9456492739235915, 0.125, 0.9),
    NORM: (0, 0, 0.3, 0, 0, -1.1638733318760701, -1.7667285157650414, 0.25, 0.85),
}


def centre(name: str) -> dict[str, float]:
    """The regulariser's coefficients, its centre, and what is claimed there."""
    return dict(zip(_COLUMNS, map(float, CENTRES[name]), strict=True))


def _steps(rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    """Half of them in the ball, to its rim; some tiny, some far away."""
    length = np.choose(
        rng.integers(0, 4, size),
        [
            RADIUS * np.sqrt(rng.random(size)),
            RADIUS * (1 - 10.0 ** rng.uniform(-9, -1, size)),
            RADIUS * 10.0 ** rng.uniform(-5, 0, size),
            rng.uniform(0, 4, size),
        ],
    )
    angle = rng.uniform(0, 2 * np.pi, size)
    return length * np.cos(angle), length * np.sin(angle)


def _structure(name: str) -> Numbers:
    def fill(rng: np.random.Generator, size: int) -> dict[str, Any]:
        h1, h2 = _steps(rng, size)
        given = {field: np.full(size, value) for field, value in centre(name).items()}
        return {**given, "h1": h1, "h2": h2}

    return Numbers(Regularised, name, fill)


@cache
@cornered(Regularised)
def around_minima() -> Domain:
    """Each centre, and points around it."""
    strata: Any = {name: st.just(_structure(name)) for name in CENTRES}
    return Domain(st.nothing(), strata, cases=CASES)
