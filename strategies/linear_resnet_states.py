"""Domains for the claims on deep linear residual networks: points, states, starts, trajectories."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, FloatArray, map_arrays, unchecked, with_fields
from checker.arithmetic.plain import Plain
from checker.claim import Domain
from checker.landscape.deep_linear import DeepLinear
from checker.landscape.deep_linear_steps import (
    DescentState,
    DisplacedNetwork,
    StochasticState,
    ZeroStart,
)
from checker.landscape.gaussian_ends import GaussianEnds, draw_ends
from checker.landscape.sample import Sample
from strategies.linear_resnets import (
    GAUSSIAN,
    IDENTITY,
    Fields,
    LinearShape,
    LinearStructure,
    boundary_layers,
    layers,
    plain,
    power_of_two,
    shapes,
    structures,
)
from strategies.vector_strata import signed_rows

CASES = 1000
_INSIDE = 1 - 2.0**-20
DEEP = (16, 32)


def _ball(shape: LinearShape) -> float:
    return 1 / (2 * shape.L)


# -- points of the ball -------------------------------------------------------------------------


def _inside(shape: LinearShape, rng: np.random.Generator, size: int, wider: float = 1) -> Fields:
    radius = wider * _ball(shape) * _INSIDE * rng.uniform(0, 1, size)
    return {**shape.data(rng, size), "W": layers(shape, radius, rng, size)}


def _boundary(shape: LinearShape, rng: np.random.Generator, size: int, sign: float) -> Fields:
    """Equal singular values of A, B and X, W_l = ± I/(2L): the gradient bounds are tight."""
    fields = shape.data(rng, size)
    fields["X"] = 2.0 ** rng.integers(-2, 3, size) * signed_rows(shape.n, shape.d, size, rng)
    fields["Phi"] = rng.integers(-4, 5, fields["Phi"].shape).astype(float)
    return {**fields, "W": boundary_layers(shape, sign, rng, size)}


def _ball_strata(wider: float = 1) -> dict[str, st.SearchStrategy[Any]]:
    fill = partial(_inside, wider=wider)
    square = shapes((2, 4, 8)).map(power_of_two)
    return {
        "inside": structures(DeepLinear, "inside", fill, shapes()),
        "deep": structures(DeepLinear, "deep", fill, shapes(DEEP)),
        "W = -I/(2L)": structures(
            DeepLinear, "W = -I/(2L)", partial(_boundary, sign=-wider), square
        ),
        "W = I/(2L)": structures(DeepLinear, "W = I/(2L)", partial(_boundary, sign=wider), square),
    }


@cache
def ball_points() -> Domain:
    """Networks with max ||W_l|| <= 1/(2L)."""
    without = {"in_ball": lambda: Domain(st.nothing(), _ball_strata(4), cases=CASES)}
    told = frozenset({"W = -I/(2L)", "W = I/(2L)"})
    return Domain(st.nothing(), _ball_strata(), cases=CASES, without=without, told=told)


def _displaced(shape: LinearShape, rng: np.random.Generator, size: int, wider: float) -> Fields:
    fields = _inside(shape, rng, size, wider)
    other = layers(shape, wider * _ball(shape) * _INSIDE, rng, size)
    return {**fields, "D": rng.uniform(0, 1, size) * (other - fields["W"])}


def _scalar(shape: LinearShape) -> LinearShape:
    return replace(power_of_two(shape), n=1, d=1, k=1, m=1)


def _fitted(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """W = 0, no loss, all layers move alike: there the factors L and Λ² ||X||² of K show."""
    fields = shape.data(rng, size)
    fields["W"] = np.zeros((shape.L, shape.m, shape.m, size))
    fields["Phi"] = np.einsum("kmb,mdb->kdb", fields["B"], fields["A"])
    return {**fields, "D": 2.0**-6 * boundary_layers(shape, 1, rng, size)}


@cache
def displaced_networks(wider: float = 1) -> Domain:
    """Pairs of networks in the ball."""
    fill = partial(_displaced, wider=wider)
    strata = {
        "pairs": structures(DisplacedNetwork, "pairs", fill, shapes()),
        "fitted at W = 0": structures(
            DisplacedNetwork, "fitted at W = 0", _fitted, shapes((4, 8)).map(_scalar)
        ),
    }
    if wider != 1:
        return Domain(st.nothing(), strata, cases=CASES)
    outside = {"in_ball": lambda: displaced_networks(16)}
    return Domain(st.nothing(), strata, cases=CASES, without=outside)


# -- states of gradient descent ------------------------------------------------------------------


def _state(
    shape: LinearShape, rng: np.random.Generator, size: int, far: float = 1, late: float = 0
) -> Fields:
    """States that meet the invariant ||W_l||_F <= c (√e_0 - √E) and c √e_0 <= 1/(2L), both with any
    room: with b = 1/(2Lc), √E = p b and max ||W_l||_F = q/(2L), p + q < 1.
    """
    fields = shape.data(rng, size)
    p, q = rng.dirichlet([1, 1, 1], size).T[:2] * (1 - 2.0**-10)
    p, q = p * 10.0 ** -rng.uniform(0, late, size), far * q
    fields["W"] = layers(shape, q * _ball(shape), rng, size)
    b = _ball(shape) / plain(DeepLinear, fields).reach.value
    aim_at(fields, p * b, rng)
    root = (p + q) * b * (1 + 2.0**-20) * (1 + rng.exponential(0.1, size))
    fields["e0"] = np.minimum(root, b * (1 - 2.0**-20)) ** 2
    fields["share"] = np.where(rng.random(size) < 0.5, 1.0, 10.0 ** -rng.uniform(0, 3, size))
    return fields


def aim_at(fields: Fields, root: FloatArray, rng: np.random.Generator) -> None:
    """Choose Φ* so that √E is `root`."""
    fields["Phi"] = np.zeros_like(fields["Phi"])
    at = plain(DeepLinear, fields)
    target = rng.standard_normal(fields["Phi"].shape)
    image = np.einsum("kdb,ndb->knb", target, fields["X"] * np.ones(target.shape[-1]))
    length = np.sqrt((image**2).sum(axis=(0, 1)) / 2)
    fields["Phi"] = at.chain.error.value + target * (root / length)


def _recorded(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """Iterates that gradient descent in floats reached from W = 0, one time per batch."""
    return _run(_zero(shape, rng, size), rng, size)


def _zero(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """W = 0, c √e_0 uniform in (0, 1/(2L)), the step at most the largest allowed."""
    fields = shape.data(rng, size)
    fields["W"] = np.zeros((shape.L, shape.m, shape.m, size))
    b = _ball(shape) / plain(DeepLinear, fields).reach.value
    aim_at(fields, rng.uniform(0, 1, size) * b, rng)
    fields["share"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0, 1, size))
    return fields


@cache
def descent_states() -> Domain:
    """States of gradient descent that meet the invariant of the proof."""

    def of(name: str, fill: Any, drawn: st.SearchStrategy[LinearShape]) -> Any:
        return structures(DescentState, name, fill, drawn)

    strata = {
        "anywhere": of("anywhere", _state, shapes()),
        "at the start": of("at the start", partial(_state, far=0), shapes()),
        "late": of("late", partial(_state, late=12), shapes()),
        "deep": of("deep", _state, shapes(DEEP)),
        "recorded iterates": of("recorded iterates", _recorded, shapes()),
    }
    return Domain(st.nothing(), strata, on_data=_states_on, cases=CASES)


def _states_on(sample: Sample) -> Domain:
    X = sample.X[..., None]
    best = np.linalg.lstsq(sample.X, sample.y, rcond=None)[0]
    shape = LinearShape(sample.n, sample.d, 1, sample.d + 1, 3, IDENTITY, 0.0, 0.0)

    def fill(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
        fields = {**shape.transformations(rng, size), "X": X, "Phi": best[None, :, None]}
        fields["W"] = np.zeros((shape.L, shape.m, shape.m, 1))
        # The condition by scaling B alone, as for the modified identity; Φ* stays that of the data.
        at = plain(DeepLinear, fields)
        room = at.reach.value * np.sqrt(at.chain.excess.value) * 2 * shape.L
        fields["B"] = fields["B"] * (room * (1 + rng.exponential(1.0, size)) * (1 + 2.0**-20))
        return _run({**fields, "share": np.ones(size)}, rng, size)

    one = LinearStructure(shape, DescentState, sample.name, fill, 8)
    return Domain(st.nothing(), {sample.name: st.just(one)}, cases=8)


def _run(fields: Fields, rng: np.random.Generator, size: int) -> Fields:
    """Iterates of gradient descent in floats after up to 40 steps."""
    at = plain(ZeroStart, fields)
    chain = at.chain
    for _ in range(int(rng.integers(1, 40))):
        chain = chain.stepped(at.step)
    ones = np.ones(size)
    W = np.stack([w.value * ones for w in chain.weights()])
    return {**fields, "W": W, "e0": at.chain.excess.value * (1 + 2.0**-30) * ones}


@cache
def zero_starts() -> Domain:
    """Starts at W = 0 that meet the condition of the theorem."""
    strata = {
        "gaussian": structures(ZeroStart, "gaussian", _zero, shapes(ends=GAUSSIAN)),
        "modified identity": structures(
            ZeroStart, "modified identity", _zero, shapes(ends=IDENTITY)
        ),
        "any": structures(ZeroStart, "any", _zero, shapes((1, 2, 3))),
    }
    return Domain(st.nothing(), strata, cases=CASES)


@cache
def modified_identities() -> Domain:
    """Starts at W = 0 from A = α [I; 0], B = β [0, I], depths up to 100."""
    drawn = shapes((1, 2, 5, 10, 30, 100), IDENTITY)
    strata = {"modified identity": structures(ZeroStart, "modified identity", _zero, drawn)}
    return Domain(st.nothing(), strata, cases=CASES)


# -- stochastic gradient descent ------------------------------------------------------------------


def _stochastic(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = _inside(shape, rng, size, 0.9)
    fields["share"] = np.where(rng.random(size) < 0.5, 1.0, rng.uniform(0, 1, size))
    return fields


@cache
def stochastic_states() -> Domain:
    """States of stochastic gradient descent well inside the ball."""
    drawn = shapes((1, 2, 3))

    def over(name: str, fill: Any) -> Domain:
        strata = {name: structures(StochasticState, name, fill, drawn)}
        return Domain(st.nothing(), strata, cases=CASES)

    without = {
        "in_ball": lambda: over("near -I", _stochastic_near_minus_one),
        "step_in_range": lambda: over("large steps", _stochastic_hasty),
    }
    return replace(over("inside", _stochastic), without=without)


def _stochastic_near_minus_one(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    return {**shape.data(rng, size), "W": _near_minus_one(shape, rng, size), "share": np.ones(size)}


def _stochastic_hasty(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = _inside(shape, rng, size, 0.1)
    return {**fields, "share": 2.0 ** rng.uniform(0, 10, size)}


@dataclass(frozen=True, eq=False)
class GaussianStructure:
    """Draws of gaussian A and B at a multiple of the width that the theorem asks for."""

    n: int
    d: int
    k: int
    odds: int
    narrower: float

    max_batch = 32

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` experiments over random data; one width for all."""
        X = rng.standard_normal((self.n, self.d, size))
        Phi = rng.standard_normal((self.k, self.d, size))
        fields = {"X": X, "Phi": Phi, "alpha": np.ones(size), "beta": np.ones(size)}
        empty = {name: np.ones((1, 1, 1, size)) for name in ("R", "C", "T")}
        rest = {"odds": self.odds, "level_bits": LEVEL_BITS}
        one = np.ones(size)
        bare = unchecked(GaussianEnds, **fields, **empty, width=one, digest=one, **rest)
        at = map_arrays(bare, Plain)
        root = max(float(bound.value.max()) for bound in at.enough_width)
        width = np.ceil((root / self.narrower) ** 2 * (1 + 2.0**-20)) + self.d + self.k
        ends = draw_ends(rng, DRAWS, (self.d, self.k, size), width)
        # α β m as large as asked for; a power of two scales A exactly.
        alpha = 2.0 ** np.ceil(np.log2(at.enough_scale.value * (1 + 2.0**-20) / width))
        fields.update(ends, R=ends["R"] * alpha, alpha=alpha, width=width * np.ones(size))
        drawn = unchecked(GaussianEnds, **fields, digest=np.zeros(size), **rest)
        signed = with_fields(drawn, digest=drawn.written())
        return Batch(signed, size, "draws", self.description)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        return f"n={self.n} d={self.d} k={self.k}, {DRAWS} draws, δ = 1/{self.odds}"


# Draws per experiment; a draw fails with probability 1/odds at most, the level is 2^-30.
DRAWS, LEVEL_BITS = 48, 30


@cache
def gaussian_ends(narrower: float = 1) -> Domain:
    """Experiments with gaussian A and B of sufficient width, or narrower by a factor in √m."""
    structure: st.SearchStrategy[Any] = st.builds(
        GaussianStructure,
        n=st.integers(1, 3),
        d=st.integers(1, 2),
        k=st.integers(1, 2),
        odds=st.sampled_from([4, 8, 16]),
        narrower=st.just(narrower),
    )
    return Domain(st.nothing(), {"draws": structure}, cases=64)


# -- for false neighbours -------------------------------------------------------------------------


def _far_state(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """Layers near -I, far outside the ball, where the product is nearly 0."""
    fields = {**shape.data(rng, size), "W": _near_minus_one(shape, rng, size)}
    e0 = plain(DeepLinear, fields).chain.excess.value
    return {**fields, "e0": e0, "share": np.ones(size)}


def _near_minus_one(shape: LinearShape, rng: np.random.Generator, size: int) -> FloatArray:
    near = boundary_layers(shape, -2.0 * shape.L, rng, size)
    moved: FloatArray = near + 0.1 * rng.uniform(0, 1, size) * rng.standard_normal(near.shape)
    return moved


@cache
def states_anywhere() -> Domain:
    """States far outside the ball."""
    strata = {"near -I": structures(DescentState, "near -I", _far_state, shapes())}
    return Domain(st.nothing(), strata, cases=CASES)


def _hasty(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = _state(shape, rng, size)
    return {**fields, "share": 2.0 ** rng.uniform(0, 8, size)}


@cache
def hasty_states() -> Domain:
    """States of the theorem with steps that are too large."""
    strata = {"large steps": structures(DescentState, "large steps", _hasty, shapes())}
    return Domain(st.nothing(), strata, cases=CASES)


def _one_informative(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    fields = _stochastic(shape, rng, size)
    fields["X"][1:] = 0.0
    return fields


@cache
def one_informative_sample() -> Domain:
    """One sample out of 32 says anything: a step of SGD is 32 times as long as one of GD."""
    drawn = shapes((1, 2)).map(lambda s: replace(s, n=32, d=1))
    strata = {"one sample": structures(StochasticState, "one sample", _one_informative, drawn)}
    return Domain(st.nothing(), strata, cases=CASES)
