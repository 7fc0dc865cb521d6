"""Experiments with stochastic gradient descent on deep linear networks (Zou, Long and Gu 2020)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked, with_fields
from checker.landscape.deep_linear.sgd import LinearSgd
from strategies.deep_linear.fills import aim_at
from strategies.deep_linear.networks import ISOMETRY, Fields, LinearShape, plain, shapes

# Runs of an experiment and their steps; a run may fail with probability 1/16, the level is 2^-30.
RUNS, STEPS, ODDS, LEVEL_BITS = 16, 16, 16, 30
EXPERIMENTS = 32
# Experiments of a batch; they are independent of each other, too.
TOGETHER = 8

Change = Callable[[Fields, np.random.Generator], Fields]


@dataclass(frozen=True, eq=False)
class SgdStructure:
    """Experiments over problems of one shape; `change` breaks an assumption."""

    shape: LinearShape
    stratum: str
    change: Change
    steps: int = STEPS
    max_batch: int = TOGETHER

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` experiments, a problem each."""
        fields = self.change(problem(self.shape, rng, size), rng)
        drawn = samples_drawn(rng, (self.steps, RUNS, self.shape.n, size))
        rest = {"odds": ODDS, "level_bits": LEVEL_BITS, "digest": np.zeros(size)}
        made = unchecked(LinearSgd, **fields, drawn=drawn, **rest)
        signed = with_fields(made, digest=made.written())
        return Batch(signed, size, self.stratum, self.description)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        return f"{self.shape.description}, {RUNS} runs of {self.steps} steps, δ = 1/{ODDS}"


def samples_drawn(rng: np.random.Generator, shape: tuple[int, int, int, int]) -> FloatArray:
    """A sample for every step, run and experiment: (T, N, n, size), a 1 for the sample."""
    steps, runs, n, size = shape
    rows = rng.integers(n, size=(steps, runs, 1, size))
    drawn: FloatArray = (rows == np.arange(n)[:, None]).astype(np.float64)
    return drawn


def problem(
    shape: LinearShape, rng: np.random.Generator, size: int, given: Fields | None = None
) -> Fields:
    """A realisable problem that meets the condition with some room; `given` replaces fields."""
    fields = {**shape.data(rng, size), **(given or {})}
    fields["W"] = np.zeros((shape.L, shape.m, shape.m, size))
    fields["noise"] = np.zeros((shape.n, shape.k, size))
    fields["share"] = np.where(rng.random(size) < 0.5, 1.0, 10.0 ** -rng.uniform(0, 2, size))
    _start_at(fields, rng.uniform(0.01, 1 - 2.0**-20, size), rng)
    return fields


def _start_at(fields: Fields, room: Any, rng: np.random.Generator) -> None:
    """Choose Φ* so that 2 L c_F √e_0 is `room` times δ/2."""
    empty = {"drawn": np.zeros((1, 1, len(fields["X"]), 1)), "digest": np.zeros(1)}
    rest = {"odds": ODDS, "level_bits": LEVEL_BITS}
    at = plain(LinearSgd, {**fields, **empty, **rest})
    per_root = 2 * at.L * at.reach * at.length_X / at.norm_X
    aim_at(fields, room / (2 * ODDS * per_root.value), rng)


def _unchanged(fields: Fields, rng: np.random.Generator) -> Fields:
    return fields


# -- what breaks an assumption, or tells a false neighbour -----------------------------------------


def _noisy(fields: Fields, rng: np.random.Generator) -> Fields:
    """Two equal inputs with labels that differ by far more than the best map is away."""
    size = fields["share"].shape[-1]
    fields["X"] = np.ones((2, 1, size))
    _start_at(fields, 2.0**-20 * np.ones(size), rng)
    side = np.array([1.0, -1.0])[:, None, None]
    scale = np.abs(fields["A"]).max(axis=(0, 1)) * np.abs(fields["B"]).max(axis=(0, 1))
    return {**fields, "noise": side * scale * np.ones((2, 1, size)), "share": np.ones(size)}


def _far(fields: Fields, rng: np.random.Generator) -> Fields:
    """Labels so large that the layers leave the ball before they fit them."""
    _start_at(fields, 2.0**20 * np.ones(fields["share"].shape[-1]), rng)
    return {**fields, "share": np.ones_like(fields["share"])}


def _full_steps(fields: Fields, rng: np.random.Generator) -> Fields:
    return {**fields, "share": np.ones_like(fields["share"])}


def _hasty(fields: Fields, rng: np.random.Generator) -> Fields:
    size = fields["share"].shape[-1]
    return {**fields, "share": 2.0 ** rng.uniform(4, 10, size)}


def _structures(
    name: str, change: Change, drawn: st.SearchStrategy[LinearShape], **further: int
) -> dict[str, st.SearchStrategy[Any]]:
    return {name: drawn.map(lambda s: SgdStructure(s, name, change, **further))}


def _small(n: int, L: int = 1) -> st.SearchStrategy[LinearShape]:
    """One input and output, isometric ends, n samples."""
    return shapes((L,), ISOMETRY).map(
        lambda s: replace(s, n=n, d=1, k=1, m=1, condition=0.0, scale=0.0)
    )


@cache
def sgd_experiments() -> Domain:
    """Experiments as the theorem prescribes them; single samples, where SGD has no chance."""
    strata = {
        **_structures("runs", _unchanged, shapes((1, 2, 3))),
        **_structures("full steps, one input", _full_steps, _small(2, 2)),
    }
    without = {
        "realisable": lambda: Domain(st.nothing(), _structures("noise", _noisy, _small(2))),
        "condition": lambda: Domain(st.nothing(), _structures("far", _far, _small(1, 2))),
        "step_in_range": lambda: Domain(st.nothing(), _structures("large", _hasty, _small(1))),
    }
    return Domain(st.nothing(), strata, cases=EXPERIMENTS, without=without)


def _one_informative(fields: Fields, rng: np.random.Generator) -> Fields:
    """One sample says anything."""
    fields["X"][1:] = 0.0
    _start_at(fields, rng.uniform(0.1, 0.9, fields["share"].shape[-1]), rng)
    return _full_steps(fields, rng)


@cache
def informative_experiments(n: int = 24, steps: int = 64) -> Domain:
    """One sample of n says anything; a run misses it with probability (1 - 1/n)^steps."""
    strata = _structures("one sample", _one_informative, _small(n), steps=steps, max_batch=1)
    return Domain(st.nothing(), strata, cases=EXPERIMENTS)
