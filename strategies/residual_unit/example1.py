"""Points of Example 1 of Shamir (2018), over many decades of its ε."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.residual_unit.example1 import Example1
from strategies.corners import cornered

CASES = 300
BOUND_CASES = 20_000

Drawn = tuple[FloatArray, FloatArray, FloatArray]


def _small(rng: np.random.Generator, size: int) -> Drawn:
    s, u = rng.uniform(-2, 2, (2, size))
    return 10.0 ** rng.uniform(-9, 0, size), s, u


def _large(rng: np.random.Generator, size: int) -> Drawn:
    s, u = rng.uniform(-2, 2, (2, size))
    return 10.0 ** rng.uniform(0, 4, size), s, u


def _saddle(rng: np.random.Generator, size: int) -> Drawn:
    """w = 0, v = -1/ε."""
    return 10.0 ** rng.uniform(-9, 0, size), np.zeros(size), -np.ones(size)


def _corner(rng: np.random.Generator, size: int) -> Drawn:
    """(w, v) = (-2/ε, 2/ε), where ||∇²F|| is greatest."""
    return np.ldexp(1.0, -rng.integers(0, 30, size)), np.full(size, -2.0), np.full(size, 2.0)


def _valley(rng: np.random.Generator, size: int) -> Drawn:
    """w(1 + ε v) = 1 exactly, in either valley."""
    first, second = rng.integers(-20, 21, (2, size))
    side = rng.choice([-1.0, 1.0], size)
    return (
        np.ldexp(1.0, first + second),
        side * np.ldexp(1.0, first),
        side * np.ldexp(1.0, second) - 1,
    )


def _axes(rng: np.random.Generator, size: int) -> Drawn:
    """w = 0 or v = -1/ε, where F = 1/2."""
    first, s, u = _small(rng, size)
    on_first = rng.random(size) < 0.5
    return first, np.where(on_first, 0.0, s), np.where(on_first, u, -1.0)


SMALL, LARGE = "ε from 1e-9 to 1", "ε from 1 to 1e4"
SADDLE, CORNER = "the saddle", "the corner (-2/ε, 2/ε)"
VALLEYS, AXES = "the valleys", "w = 0 or v = -1/ε"

STRATA: dict[str, Callable[[np.random.Generator, int], Drawn]] = {
    SMALL: _small,
    LARGE: _large,
    SADDLE: _saddle,
    CORNER: _corner,
}
LANDSCAPE = {**STRATA, VALLEYS: _valley, AXES: _axes}


@dataclass(frozen=True)
class ExampleStructure:
    """Points of one stratum."""

    name: str

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points."""
        eps, s, u = LANDSCAPE[self.name](rng, size)
        h1, h2 = rng.standard_normal((2, size))
        return Batch(unchecked(Example1, eps=eps, s=s, u=u, h1=h1, h2=h2), size, self.name)


def _domain(names: Any, cases: int) -> Domain:
    strata: Any = {name: st.just(ExampleStructure(name)) for name in names}
    return Domain(instances=st.nothing(), strata=strata, cases=cases)


@cache
@cornered(Example1)
def example1_points() -> Domain:
    """Points of every stratum, for identities: each case is decided in exact numbers."""
    return _domain(STRATA, CASES)


@cache
@cornered(Example1)
def example1_landscape() -> Domain:
    """The same and the valleys."""
    return _domain(LANDSCAPE, CASES)


@cache
@cornered(Example1)
def example1_between_the_valleys() -> Domain:
    """Points of every kind outside of the valleys."""
    return _domain([*STRATA, AXES], BOUND_CASES)


_SADDLE = {"s": "w = 0 at the saddle", "u": "v = -1/ε at the saddle"}


@cache
@cornered(Example1, fixed=_SADDLE)
def example1_saddles() -> Domain:
    """The saddle alone, for every ε."""
    return _domain([SADDLE], CASES)


@cache
@cornered(Example1)
def example1_box() -> Domain:
    """The box [-2/ε, 2/ε]² of Remark 3."""
    return _domain(STRATA, BOUND_CASES)


@cache
@cornered(Example1)
def example1_box_with_small_epsilon() -> Domain:
    """The same for ε <= 1."""
    domain = _domain([SMALL, SADDLE, CORNER], BOUND_CASES)
    return replace(domain, without={"moderate_epsilon": example1_box})
