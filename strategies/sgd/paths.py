"""Paths of projected online gradient descent: short ones of every kind, and runs of real SGD."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.sgd.online import REGIONS, Box, Disc, Region, ShortPath
from checker.landscape.sgd.projected import ARBITRARY, AUTOGRAD, INNER, linear_comparator
from strategies.corners import cornered
from strategies.dyadics import dyadics
from strategies.losses import ALL, NONCONVEX
from strategies.sgd.problems import sgd_problems

CASES, RUNS = 20_000, 160
MAX_STEPS, MAX_DIM = 5, 3
ONE_STEP, FOUR_STEPS = "one step to the comparator", "four steps to the comparator"
OPPOSITE, FAR = "opposite labels at the ends", "labels far out on both sides"
TOLD = frozenset({ONE_STEP, FOUR_STEPS, OPPOSITE, "ends at the comparator"})

Fields = dict[str, FloatArray]

# Losses whose derivative bound grows like exp make the bounds of a path trivial.
_CALM: tuple[Loss, ...] = tuple(x for x in ALL if x.kind not in ("exponential", "poisson", "gamma"))


@st.composite
def small_paths(draw: st.DrawFn, pool: tuple[Loss, ...] = _CALM) -> ShortPath:
    """Paths of at most 3 steps with d, m <= 2 in a box, in short dyadics."""
    numbers = draw(dyadics(32))
    T, d, m = draw(st.integers(1, 3)), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    loss = draw(st.sampled_from(pool))
    w_star = numbers.array(d)
    return ShortPath(
        X=numbers.array(T, d),
        F=numbers.array(T, m),
        y=numbers.labels(loss.labels, T),
        w=numbers.array(d),
        v=numbers.array(m),
        w_star=w_star,
        radius=np.array(2.0 ** draw(st.integers(-1, 5))),
        step=np.array(2.0 ** draw(st.integers(-3, 2))),
        c=np.array(2.0 ** draw(st.integers(-2, 3))),
        region=Box(),
        loss=loss,
    )


def powers_of_two(rng: np.random.Generator, size: int) -> FloatArray:
    """Random powers of two from 1/4 to 4."""
    return np.ldexp(np.ones(size), rng.integers(-2, 3, size))


def _nothing(fields: Fields, rng: np.random.Generator) -> None:
    """Leave start and comparator where they are."""


def _opposite(fields: Fields, rng: np.random.Generator) -> None:
    """Start opposite to the comparator, without features: the longest way to go."""
    fields["w"], fields["v"] = -fields["w_star"], 0 * fields["v"]


def _no_features(fields: Fields, rng: np.random.Generator) -> None:
    fields["F"] = 0 * fields["F"]


def _from_end_to_end(fields: Fields, rng: np.random.Generator) -> None:
    """Linear loss, w = r e_1, w* = -w, x = k e_1, T steps of 2 r/(k T) from one end to the other.

    Both sides of the regret inequality are r k (T + 1), and so is (2/c + c/2) b L √T for c = 2/√T.
    """
    T, size = fields["X"].shape[0], fields["w"].shape[-1]
    r, k = _ends(fields, rng)
    fields["y"] = np.ones_like(fields["y"])
    fields.update(step=2 * r / (k * T), c=np.full(size, 2 / np.sqrt(T)))


def _opposite_labels(fields: Fields, rng: np.random.Generator) -> None:
    """w = r e_1, w* = -w, x = k e_1, labels -r k and r k: w fits one sample and w* the other.

    For the squared loss the excess losses are ±2 r² k², and 2 r² k² is the largest loss.
    """
    r, k = _ends(fields, rng)
    fields["y"] = np.stack([-r * k, r * k])


def _labels_far_out(fields: Fields, rng: np.random.Generator) -> None:
    """The same with labels 2^12 times as large: the loss is almost linear over the domain."""
    r, k = _ends(fields, rng)
    fields["y"] = 2.0**12 * np.stack([-r * k, r * k])


def _ends(fields: Fields, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """w = r e_1, w* = -w, x = k e_1 at every step, no features; r and k."""
    size = fields["w"].shape[-1]
    r, k = (powers_of_two(rng, size) for _ in range(2))
    for name in ("X", "F", "w", "v", "w_star"):
        fields[name] = 0 * fields[name]
    fields["w"][0], fields["w_star"][0], fields["X"][:, 0] = r, -r, k
    fields["radius"] = r
    return r, k


def _ends_at_comparator(fields: Fields, rng: np.random.Generator) -> None:
    """Linear loss, integers, a domain that is not met: z_{T+1} = z_1 - η Σ y (x, f) = (w*, 0)."""
    for name in ("X", "F", "w_star", "y"):
        fields[name] = rng.integers(-3, 4, fields[name].shape).astype(float)
    fields["step"] = powers_of_two(rng, fields["step"].shape[-1])
    fields["w"] = fields["w_star"] + fields["step"] * (fields["y"][:, None] * fields["X"]).sum(0)
    fields["v"] = fields["step"] * (fields["y"][:, None] * fields["F"]).sum(0)
    fields["radius"] = np.full_like(fields["radius"], 1024.0)


@dataclass(frozen=True, eq=False)
class PathStratum:
    """A corner of the space of short paths."""

    name: str
    change: Callable[[Fields, np.random.Generator], None] = _nothing
    region: Region | None = None
    loss: Loss | None = None
    steps: int | None = None


PATH_STRATA = (
    PathStratum("in a disc", region=REGIONS[0]),
    PathStratum("in two discs", region=REGIONS[1]),
    PathStratum("in a box", region=REGIONS[2]),
    PathStratum("one step", steps=1),
    PathStratum("start opposite to the comparator", _opposite),
    PathStratum("zero features", _no_features),
    PathStratum(ONE_STEP, _from_end_to_end, region=Disc(), loss=LOSSES["affine"], steps=1),
    PathStratum(FOUR_STEPS, _from_end_to_end, region=Disc(), loss=LOSSES["affine"], steps=4),
    PathStratum("ends at the comparator", _ends_at_comparator, loss=LOSSES["affine"]),
)

# Where one sample speaks for z and the other for w*.
RANGE_STRATA = (
    *(s for s in PATH_STRATA if s.loss is None and s.steps is None),
    PathStratum(OPPOSITE, _opposite_labels, region=Disc(), loss=LOSSES["squared"], steps=2),
    PathStratum(FAR, _labels_far_out, region=Disc(), loss=LOSSES["pseudo_huber"], steps=2),
)


@dataclass(frozen=True, eq=False)
class PathStructure:
    """A structure of short paths: features are any numbers, as an adversary's θ would give."""

    T: int
    d: int
    m: int
    loss: Loss
    region: Region
    stratum: PathStratum
    spread: float

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random paths."""
        T, d, m = self.T, self.d, self.m
        radius = 10.0 ** rng.uniform(-1, 1, size)
        fields = {
            "X": rng.standard_normal((T, d, size)),
            "F": rng.standard_normal((T, m, size)) * 10.0 ** rng.uniform(0, self.spread, size),
            "y": self.loss.labels.draw(rng, (T, size)),
            "radius": radius,
            "step": radius * 10.0 ** rng.uniform(-2, 1, size),
            "c": 2.0 * 10.0 ** (rng.uniform(-1, 1, size) * rng.integers(0, 2, size)),
        }
        fields["w"], fields["v"] = self._inside(rng, radius, (d, m))
        fields["w_star"] = self._inside(rng, radius, (d, m), linear=True)[0]
        self.stratum.change(fields, rng)
        path = unchecked(ShortPath, **fields, loss=self.loss, region=self.region)
        return Batch(path, size, self.stratum.name, self.description)

    def _inside(
        self,
        rng: np.random.Generator,
        radius: FloatArray,
        dims: tuple[int, int],
        linear: bool = False,
    ) -> tuple[FloatArray, FloatArray]:
        """Points of M1, many of them near its boundary."""
        size = len(radius)
        w, v = (2 * radius * rng.standard_normal((k, size)) for k in dims)
        inside = self.region.project(Plain(w), Plain(0 * v if linear else v), Plain(radius * INNER))
        return inside[0].value, inside[1].value

    @property
    def description(self) -> str:
        """One line for the evidence."""
        shape = f"T={self.T} d={self.d} m={self.m}"
        return f"{shape}, {self.loss.name}, {self.region.kind}, features up to 10^{self.spread}"


@st.composite
def path_structures(
    draw: st.DrawFn, stratum: PathStratum, pool: tuple[Loss, ...] = _CALM
) -> PathStructure:
    """Structures of paths in a stratum."""
    dims = [draw(st.integers(1, limit)) for limit in (MAX_STEPS, MAX_DIM, MAX_DIM)]
    return PathStructure(
        stratum.steps or dims[0],
        dims[1],
        dims[2],
        stratum.loss or draw(st.sampled_from(pool)),
        stratum.region or draw(st.sampled_from(REGIONS)),
        stratum,
        draw(st.sampled_from([0.0, 1.0])),
    )


@cache
@cornered(ShortPath, same={"F = 0": "zero features", "T = 1": "one step"})
def short_paths() -> Domain:
    """Short paths over every stratum."""
    return Domain(
        instances=small_paths(),
        strata={s.name: path_structures(s) for s in PATH_STRATA},
        cases=CASES,
        told=TOLD,
        without={"convex_loss": short_paths_without_convexity},
    )


@cache
def short_paths_without_convexity() -> Domain:
    """Short paths with losses that are not convex, of those whose slope is bounded."""
    losses = tuple(loss for loss in NONCONVEX if loss.lipschitz is not None)
    strata = {s.name: path_structures(s, losses) for s in PATH_STRATA if s.loss is None}
    return Domain(instances=st.nothing(), strata=strata, cases=CASES)


@cache
@cornered(ShortPath, same={"F = 0": "zero features"})
def paths_of_positive_losses() -> Domain:
    """Short paths with losses that are never negative."""
    losses = tuple(loss for loss in _CALM if loss.non_negative)
    return Domain(
        instances=small_paths(losses),
        strata={s.name: path_structures(s, losses) for s in RANGE_STRATA},
        cases=CASES,
        told=TOLD,
        without={"non_negative_loss": paths_of_signed_losses},
    )


@cache
def paths_of_signed_losses() -> Domain:
    """Short paths with losses of either sign."""
    losses = tuple(loss for loss in _CALM if not loss.non_negative)
    strata = {s.name: path_structures(s, losses) for s in RANGE_STRATA if s.loss is None}
    return Domain(instances=small_paths(losses), strata=strata, cases=CASES)


# -- recorded runs of SGD ----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RunStructure:
    """Runs of stochastic gradient descent with a network, recorded in floats."""

    problem: Any
    stratum: str

    max_batch = 8

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` independent runs."""
        problem = self.problem.made(rng)
        paths = problem.run(rng, size).paths(linear_comparator(problem))
        return Batch(paths, size, self.stratum, self.problem.description)


@cache
def recorded_runs() -> Domain:
    """Runs with θ-gradients by autograd, and with arbitrary vectors in their place."""
    strata = {
        f"θ moved by {how}": st.builds(
            RunStructure, sgd_problems(theta_step=how, steps=(4, 16)), st.just(f"θ moved by {how}")
        )
        for how in (AUTOGRAD, ARBITRARY)
    }
    return Domain(instances=st.nothing(), strata=strata, cases=RUNS)
