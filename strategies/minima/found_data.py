"""Samples for searches: the plain ones, and those that a sceptic would draw."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.sample import Sample

Drawn = tuple[FloatArray, FloatArray | None]


def _gaussian(rng: np.random.Generator, n: int, d: int) -> Drawn:
    return rng.standard_normal((n, d)), None


def _heavy_tails(rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Student's t with two degrees of freedom: no variance."""
    return rng.standard_t(2, (n, d)), None


def _ill_conditioned(rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Columns over up to twelve decades."""
    return rng.standard_normal((n, d)) * 10.0 ** np.linspace(0, -rng.uniform(0, 12), d), None


def _weighted(weights: FloatArray) -> FloatArray:
    shares: FloatArray = weights / math.fsum(weights)
    return shares


def _dominated(rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Weights over twelve decades: one sample counts nearly alone."""
    return rng.standard_normal((n, d)), _weighted(10.0 ** rng.uniform(-12, 0, n))


def _zero_weights(rng: np.random.Generator, n: int, d: int) -> Drawn:
    """A third of the samples does not count at all."""
    weights = rng.exponential(1.0, n) * (rng.random(n) > 1 / 3)
    weights[0] = 1.0
    return rng.standard_normal((n, d)), _weighted(weights)


def _one_hot(rng: np.random.Generator, n: int, d: int) -> Drawn:
    """Inputs are unit vectors: many samples share one input, their labels differ."""
    return np.eye(d)[rng.integers(0, d, n)], None


def _constant_input(rng: np.random.Generator, n: int, d: int) -> Drawn:
    """The last input is 1: a bias."""
    X = rng.standard_normal((n, d))
    X[:, -1] = 1.0
    return X, None


DATA: dict[str, Callable[[np.random.Generator, int, int], Drawn]] = {
    "gaussian inputs": _gaussian,
    "heavy tails": _heavy_tails,
    "condition numbers to 1e12": _ill_conditioned,
    "one dominating sample": _dominated,
    "zero weights": _zero_weights,
    "one-hot inputs": _one_hot,
    "constant input": _constant_input,
}


# What a sceptic would draw.
HARD = st.sampled_from([name for name in DATA if name != "gaussian inputs"])


def drawn_sample(rng: np.random.Generator, kind: str, n: int, d: int, loss: Loss) -> Sample:
    """A sample of one kind; real labels are linear in the inputs, up to noise, half of the time."""
    X, weights = DATA[kind](rng, n, d)
    y = loss.labels.draw(rng, (n,))
    if loss.labels is Labels.REAL and rng.random() < 0.5:
        y = y + X @ rng.standard_normal(d)
    return Sample(X, y, weights, name=kind)
