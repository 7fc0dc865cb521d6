"""Two predictions at one sample, over every loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.predictions import Predictions
from strategies.corners import cornered
from strategies.dyadics import dyadics
from strategies.losses import ALL, NONCONVEX

CASES = 50_000

Pair = tuple[FloatArray, FloatArray]


def _gaussian(rng: np.random.Generator, size: int) -> Pair:
    p, q = rng.standard_normal((2, size))
    return p, q


def _scaled(rng: np.random.Generator, size: int) -> Pair:
    p, q = rng.standard_normal((2, size)) * 10.0 ** rng.uniform(-3, 2, (2, size))
    return p, q


def _close(rng: np.random.Generator, size: int) -> Pair:
    """q = p (1 + 2^-k), k up to 40."""
    p = rng.standard_normal(size)
    return p, p + np.ldexp(p, -rng.integers(1, 41, size))


def _opposite(rng: np.random.Generator, size: int) -> Pair:
    p = rng.standard_normal(size) * 10.0 ** rng.uniform(-2, 2, size)
    return p, -p


def _equal(rng: np.random.Generator, size: int) -> Pair:
    p = rng.standard_normal(size)
    return p, p.copy()


def _integers(rng: np.random.Generator, size: int) -> Pair:
    p, q = rng.integers(-8, 9, (2, size)).astype(float)
    return p, q


STRATA: dict[str, Callable[[np.random.Generator, int], Pair]] = {
    "gaussian": _gaussian,
    "up to 10^2": _scaled,
    "close": _close,
    "q = -p": _opposite,
    "p = q": _equal,
    "integers": _integers,
}


@dataclass(frozen=True)
class PredictionStructure:
    """Predictions of one stratum and one loss."""

    name: str
    loss: Loss

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        p, q = STRATA[self.name](rng, size)
        y = self.loss.labels.draw(rng, (size,))
        return Batch(
            unchecked(Predictions, p=p, q=q, y=y, loss=self.loss), size, self.name, self.loss.name
        )


@st.composite
def _small(draw: st.DrawFn, pool: tuple[Loss, ...]) -> Predictions:
    numbers = draw(dyadics(3))
    loss = draw(st.sampled_from(pool))
    p, q = numbers.array(), numbers.array()
    return Predictions(p, q, numbers.labels(loss.labels, 1)[0], loss)


def _domain(pool: tuple[Loss, ...], **further: Any) -> Domain:
    losses = st.sampled_from(pool)
    strata = {n: st.builds(PredictionStructure, st.just(n), losses) for n in STRATA}
    return Domain(_small(pool), strata, cases=CASES, **further)


@cache
@cornered(Predictions)
def predictions() -> Domain:
    """Every loss of the catalogue."""
    return _domain(ALL, without={"convex_loss": predictions_without_convexity})


@cache
def predictions_without_convexity() -> Domain:
    """Losses that are not convex."""
    return _domain(NONCONVEX)
