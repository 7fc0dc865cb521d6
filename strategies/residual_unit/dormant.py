"""Samples of mirrored pairs with a unit that sleeps for θ <= c (Shamir 2018, section 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.dormant import DormantUnit
from strategies.corners import cornered
from strategies.losses import ALL, NONCONVEX

CASES = 20_000
MAX_PAIRS, MAX_DIM = 4, 3

ANY, NEAR, SIMPLEST = "any θ", "θ near c", "x = -1, 0, 0, 1 and y = g = x²"


def _far(rng: np.random.Generator, c: FloatArray) -> FloatArray:
    """Up to four times c below 0, and up to ten times above."""
    below, above = c * rng.uniform(-4, 1, len(c)), c * (1 + 10.0 ** rng.uniform(-3, 1, len(c)))
    return np.where(rng.random(len(c)) < 0.5, below, above)


def _near(rng: np.random.Generator, c: FloatArray) -> FloatArray:
    """c itself, and its neighbours on either side by 2^-1 to 2^-30 of it."""
    steps = np.ldexp(c, -rng.integers(1, 31, len(c)))
    theta: FloatArray = c + rng.integers(-1, 2, len(c)) * steps
    return theta


_THETAS = {ANY: _far, NEAR: _near, SIMPLEST: _far}


@dataclass(frozen=True, eq=False)
class DormantStructure:
    """A structure of one stratum; w is small, so that what lies below is seen."""

    name: str
    k: int
    d: int
    m: int
    loss: Loss

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        k, d, m = self.k, self.d, self.m
        fields: dict[str, Any] = {
            "X": rng.standard_normal((k, d, size)),
            "y": self.loss.labels.draw(rng, (k, size)),
            "G": rng.standard_normal((k, m, size)) * 10.0 ** rng.uniform(-2, 2, size),
            "w": rng.standard_normal((d, size)) * 10.0 ** rng.uniform(-6, 1, size),
            "V": rng.standard_normal((d, m, size)) * 10.0 ** rng.uniform(-2, 2, size),
            "c": 2.0 ** rng.integers(-3, 4, size),
        }
        if self.name == SIMPLEST:
            fields.update(_simplest(fields["w"], fields["V"]))
        fields["theta"] = _THETAS[self.name](rng, fields["c"])
        return Batch(
            unchecked(DormantUnit, **fields, loss=self.loss),
            size,
            self.name,
            f"k={k} d={d} m={m}, {self.loss.name}",
        )


def _simplest(w: FloatArray, V: FloatArray) -> dict[str, FloatArray]:
    """The inputs 0 and ±1; 0 counts twice, as its own mirror image."""
    size = w.shape[-1]
    inputs = np.array([0.0, 1.0])[:, None] * np.ones(size)
    return {
        "X": inputs[:, None],
        "y": inputs,
        "G": inputs[:, None],
        "w": w[:1],
        "V": V[:1, :1],
        "c": np.full(size, 5.0),
    }


@st.composite
def _structures(draw: st.DrawFn, name: str, pool: Sequence[Loss]) -> DormantStructure:
    k, d, m = (draw(st.integers(1, limit)) for limit in (MAX_PAIRS, MAX_DIM, MAX_DIM))
    if name == SIMPLEST:
        k, d, m = 2, 1, 1
        pool = [x for x in pool if x.labels.accepts(np.array([0.0, 1.0])).all()]
    return DormantStructure(name, k, d, m, draw(st.sampled_from(pool)))


def _domain(pool: Sequence[Loss], **further: Any) -> Domain:
    strata = {name: _structures(name, pool) for name in _THETAS}
    return Domain(st.nothing(), strata, cases=CASES, **further)


@cache
@cornered(DormantUnit)
def dormant_units() -> Domain:
    """θ on both sides of the threshold, any convex loss."""
    return _domain(ALL, without={"convex_loss": dormant_units_without_convexity})


@cache
def dormant_units_without_convexity() -> Domain:
    """The same with losses that are not convex."""
    return _domain(NONCONVEX)


@cache
@cornered(DormantUnit)
def dormant_units_with_smooth_losses() -> Domain:
    """The same with losses with 0 < sup l'' < infinity."""
    return _domain([x for x in ALL if x.smoothness])
