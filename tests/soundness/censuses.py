"""Points of small censuses, as plain numbers for the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import ctx

from checker.census.point import CensusPoint, Linear
from checker.census.search import linear_level, search
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.critical import Problem
from checker.landscape.networks.mlp import MLP
from checker.landscape.sample import Sample
from soundness.papers.census import Seen, Told, examined, whole
from soundness.plain import Given, loss_spec

BITS = 512
WIDTH = 2

_LOSSES = ("squared", "squared", "logistic", "pseudo_huber", "log_cosh", "quartic", "poisson")


def problems(rng: np.random.Generator) -> Problem:
    """A small sample, one feature of two tanh units; with a ridge or without the skip
    connection in some.
    """
    n, d = int(rng.integers(3, 8)), int(rng.integers(1, 3))
    loss = loss_named(str(rng.choice(_LOSSES)))
    X = rng.standard_normal((n, d)) * 10.0 ** rng.integers(-1, 2)
    y = loss.labels.draw(rng, (n,))
    mode = int(rng.integers(4))
    ridge = 0.125 if mode == 1 else 0.0
    return Problem(Sample(X, y), loss, MLP(d, 1, "tanh", (WIDTH,)), mode != 2, ridge)


def checked(problem: Problem, seed: int, starts: int) -> Seen:
    """Every point of a census of a few starts."""
    seen, linear = Seen(), linear_level(problem)
    for start in range(starts):
        for point in search(problem, linear, seed, start):
            with ctx.workprec(BITS):
                seen.add(examined_again(problem, linear, point))
    return seen


def examined_again(problem: Problem, linear: Linear, point: CensusPoint) -> Seen:
    """A point against the reference."""
    at = problem.point(point.parameters, np.zeros(problem.sample.d))
    arrays = {k: getattr(at, k).tolist() for k in ("X", "Z", "y", "w", "V")}
    given = Given({**arrays, "inputs": problem.sample.X.tolist(), "loss": loss_spec(problem.loss)})
    told = _told(point, linear)
    seen = examined(given, told, problem.ridge, problem.skip)
    theta = problem.split(point.parameters)[2].tolist()
    seen.add(whole(given, theta, WIDTH, told, problem.ridge))
    seen.wrong = [f"{line}; {given.fields}, {told}" for line in seen.wrong]
    return seen


def _told(point: CensusPoint, linear: Linear) -> Told:
    near = point.minimum
    names = ("gradient_theta", "gradient", "curvature")
    return Told(
        point.kind.name,
        point.level.name,
        _bounds(point.value),
        _bounds(point.gradient),
        _bounds(point.curvature),
        {name: _bounds(getattr(point.whole, name)) for name in names},
        None if near is None else (near.low, near.high, near.radius),
        _bounds(linear.value),
    )


def _bounds(x: Any) -> tuple[float, float]:
    return float(x.low), float(x.high)
