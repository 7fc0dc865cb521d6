"""Instances of the motivating examples and of Rademacher averages (Yun, Sra and Jadbabaie 2019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, unchecked
from checker.landscape.deep_residual.motivating import AffineReadout, OneNeuron, Spread
from checker.landscape.deep_residual.signs import SignedNetworks
from strategies.corners import cornered

CASES = 8000

# Where the residual network of the first example ceases to be better than a line: 4ρ² - 6ρ = 45.
CROSSING = (3 + 189**0.5) / 4

Fields = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Numbers:
    """Instances whose fields are numbers, drawn by a function of (rng, size)."""

    kind: type
    stratum: str
    fill: Callable[[np.random.Generator, int], Fields]

    max_batch = 512

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` instances."""
        made: Any = unchecked(self.kind, **self.fill(rng, size))
        return Batch(made, size, self.stratum, self.stratum)


def _one(kind: type, stratum: str, fill: Any) -> dict[str, st.SearchStrategy[Any]]:
    return {stratum: st.just(Numbers(kind, stratum, fill))}


def _neurons(rng: np.random.Generator, size: int) -> Fields:
    """Any neuron; output weights by least squares."""
    rho = 10.0 ** rng.uniform(-3, 4, size)
    w1, knot = rng.choice([-1.0, 1.0], size), rng.uniform(-3, 8, size)
    scale = 10.0 ** rng.uniform(-1, 1, size)
    return {"rho": rho, "w1": w1 * scale, "b1": -w1 * scale * knot, **_fitted(rho, w1, knot, scale)}


def _fitted(rho: Any, w1: Any, knot: Any, scale: Any) -> Fields:
    x = np.arange(6.0)[:, None]
    y = x + rho * np.array([-1, -1, 1, -1, 1, 1])[:, None]
    hidden = np.maximum(w1 * scale * (x - knot), 0)
    centred = hidden - hidden.mean(axis=0)
    size = (centred**2).sum(axis=0)
    w2 = np.where(size > 0, (centred * y).sum(axis=0) / np.where(size > 0, size, 1), 1.0)
    return {"w2": w2, "b2": y.mean(axis=0) - w2 * hidden.mean(axis=0)}


def _affine(rng: np.random.Generator, size: int) -> Fields:
    """Neurons that are active everywhere and fit the best line (1 + 2ρ/5) x - ρ, exactly."""
    rho = 5 * 2.0 ** rng.integers(-12, 11, size)
    one = np.ones(size)
    slope = 1 + 2 * (rho / 5)
    return {"rho": rho, "w1": one, "b1": one, "w2": slope, "b2": -rho - slope}


@cache
@cornered(OneNeuron)
def neurons() -> Domain:
    """Networks of one hidden neuron on the first data set."""
    strata = {**_one(OneNeuron, "any neuron", _neurons), **_one(OneNeuron, "best line", _affine)}
    return Domain(st.nothing(), strata, cases=CASES, told=frozenset({"best line"}))


@cache
@cornered(Spread)
def spreads() -> Domain:
    """Values of ρ from 2^-9 to 2^12 that are short in binary, and some near the crossing."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        unit = np.ldexp(1.0, rng.choice([-9, -6, 0, 3], size))
        fine = np.ldexp(1.0, -rng.integers(6, 40, size))
        near = np.rint(CROSSING / fine + rng.uniform(-1, 1, size)) * fine
        rho = np.where(rng.random(size) < 0.5, near, rng.integers(1, 512, size) * unit)
        return {"rho": rho}

    return Domain(st.nothing(), _one(Spread, "rho", fill), cases=400)


@cache
@cornered(AffineReadout)
def readouts() -> Domain:
    """Affine functions, among them the best ones on both representations."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        return {"w": rng.standard_normal(size), "c": rng.standard_normal(size)}

    return Domain(st.nothing(), _one(AffineReadout, "any", fill), cases=CASES)


# -- Rademacher averages --------------------------------------------------------------------------


def _signed(rng: np.random.Generator, size: int, n: int, L: int) -> Fields:
    """Orthogonal inputs of length 1; neurons along Σ ε_i x_i over samples of one sign, or any."""
    X = np.eye(n)[..., None] * np.ones(size)
    patterns = np.array(np.meshgrid(*[[-1.0, 1.0]] * n, indexing="ij")).reshape(n, -1)
    majority = np.where(patterns.sum(axis=0) >= 0, 1.0, -1.0)
    a = np.maximum(patterns * majority, 0.0) + 2.0**-20
    aligned = np.repeat(a.T[:, None, :, None], L, 1) * np.ones(size)
    noise = rng.standard_normal((2, *aligned.shape)) * rng.choice([0.0, 0.3, 3.0], size)
    M = rng.uniform(0, 1.5, (L, size))
    return {"X": X, "M": M, "a": aligned + noise[0], "b": aligned + noise[1]}


@cache
@cornered(SignedNetworks)
def signed_networks() -> Domain:
    """Networks for all sign patterns of 2 or 3 orthonormal inputs."""

    def structure(n: int, L: int) -> Numbers:
        return Numbers(SignedNetworks, "orthonormal", lambda rng, size: _signed(rng, size, n, L))

    drawn = st.builds(structure, st.integers(2, 3), st.integers(1, 3))
    return Domain(st.nothing(), {"orthonormal": drawn}, cases=1000)
