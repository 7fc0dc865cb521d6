"""Domains for the claims on deep linear residual networks: points, states, starts, trajectories."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.landscape.data import SHIPPED
from checker.landscape.deep_linear.network import DeepLinear
from checker.landscape.deep_linear.steps import (
    DescentState,
    DisplacedNetwork,
    StochasticState,
    ZeroStart,
)
from checker.landscape.sample import Sample, require_equal_weights
from strategies.corners import cornered
from strategies.deep_linear.fills import (
    INSIDE,
    ball_radius,
    far_out,
    far_state,
    hasty,
    hasty_zero,
    inside,
    one_informative,
    recorded,
    run,
    shrunk,
    started_nearby,
    state,
    stochastic,
    stochastic_hasty,
    stochastic_near_minus_one,
    zero,
)
from strategies.deep_linear.networks import (
    GAUSSIAN,
    IDENTITY,
    ISOMETRY,
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
from strategies.residual_unit.strata.changes import signed_rows

CASES = 1000
DEEP, DEEPEST = (16, 32), (50, 100)
# Cases of a depth over a data set: with two depths enough for a verdict on them alone.
DATA_CASES = 16

# From this width on, networks over a data set have depth 16 instead of 100: a product of balls
# of order 31 takes 10 ms.
WIDE = 16


def data_depths(sample: Sample) -> tuple[int, int]:
    """Depths of the networks over a data set."""
    return 3, 100 if sample.d < WIDE else 16


def _boundary(shape: LinearShape, rng: np.random.Generator, size: int, sign: float) -> Fields:
    """Equal singular values of A, B and X, W_l = ± I/(2L): the gradient bounds are tight."""
    fields = shape.data(rng, size)
    fields["X"] = 2.0 ** rng.integers(-2, 3, size) * signed_rows(shape.n, shape.d, size, rng)
    fields["Phi"] = rng.integers(-4, 5, fields["Phi"].shape).astype(float)
    return {**fields, "W": boundary_layers(shape, sign, rng, size)}


def _ball_strata(wider: float = 1) -> dict[str, st.SearchStrategy[Any]]:
    fill = partial(inside, wider=wider)
    square = shapes((2, 4, 8)).map(power_of_two)
    return {
        "inside": structures(DeepLinear, "inside", fill, shapes()),
        "deep": structures(DeepLinear, "deep", fill, shapes(DEEP)),
        "W = -I/(2L)": structures(
            DeepLinear, "W = -I/(2L)", partial(_boundary, sign=-wider), square
        ),
        "W = I/(2L)": structures(DeepLinear, "W = I/(2L)", partial(_boundary, sign=wider), square),
    }


# What fills of these networks tie together.
_TIED = dict.fromkeys(("X", "Phi", "A", "B", "W", "e0"), "the invariant ties it to the others")
_AIMED = {"W": "W = 0 at the start"}


@cache
@cornered(DeepLinear)
def ball_points() -> Domain:
    """Networks with max ||W_l|| <= 1/(2L)."""
    without = {"in_ball": lambda: Domain(st.nothing(), _ball_strata(4), cases=CASES)}
    told = frozenset({"W = -I/(2L)", "W = I/(2L)"})
    return Domain(st.nothing(), _ball_strata(), cases=CASES, without=without, told=told)


def _displaced(
    shape: LinearShape,
    rng: np.random.Generator,
    size: int,
    wider: float,
    start: float | None = None,
) -> Fields:
    fields = inside(shape, rng, size, wider if start is None else start)
    other = layers(shape, wider * ball_radius(shape) * INSIDE, rng, size)
    return {**fields, "D": rng.uniform(0, 1, size) * (other - fields["W"])}


def _returning(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """From W_l = a I/(2L), a up to 16, back to 0."""
    fields = shape.data(rng, size)
    W = rng.uniform(0, 16, size) * boundary_layers(shape, 1, rng, size)
    return {**fields, "W": W, "D": -W}


def _scalar(shape: LinearShape) -> LinearShape:
    return replace(power_of_two(shape), n=1, d=1, k=1, m=1)


def _deep_scalars() -> st.SearchStrategy[LinearShape]:
    return shapes((4, 8)).map(_scalar)


def _fitted(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
    """W = 0, no loss, all layers move alike: there the factors L and Λ² ||X||² of K show."""
    fields = shape.data(rng, size)
    fields["W"] = np.zeros((shape.L, shape.m, shape.m, size))
    fields["Phi"] = np.einsum("kmb,mdb->kdb", fields["B"], fields["A"])
    return {**fields, "D": 2.0**-6 * boundary_layers(shape, 1, rng, size)}


@cache
@cornered(DisplacedNetwork)
def displaced_networks(wider: float = 1, start: float | None = None) -> Domain:
    """Pairs of networks in the ball, or in a wider one; `start`: that of the first of a pair."""
    fill = partial(_displaced, wider=wider, start=start)
    strata = {
        "pairs": structures(DisplacedNetwork, "pairs", fill, shapes()),
        "fitted at W = 0": structures(
            DisplacedNetwork, "fitted at W = 0", _fitted, _deep_scalars()
        ),
    }
    if wider != 1:
        return Domain(st.nothing(), strata, cases=CASES)
    outside = {
        "in_ball": lambda: _single(DisplacedNetwork, "returning", _returning, _deep_scalars()),
        "displaced_in_ball": lambda: displaced_networks(64, 1),
    }
    return Domain(st.nothing(), strata, cases=CASES, without=outside)


@cache
@cornered(DescentState, fixed=_TIED)
def descent_states() -> Domain:
    """States of gradient descent that meet the invariant of the proof."""

    def of(name: str, fill: Any, drawn: st.SearchStrategy[LinearShape]) -> Any:
        return structures(DescentState, name, fill, drawn)

    strata = {
        "anywhere": of("anywhere", state, shapes()),
        "at the start": of("at the start", partial(state, far=0), shapes()),
        "late": of("late", partial(state, late=12), shapes()),
        "deep": of("deep", state, shapes(DEEP)),
        "recorded iterates": of("recorded iterates", recorded, shapes()),
        "recorded, deepest": of("recorded, deepest", recorded, shapes(DEEPEST)),
        "shrunk": of("shrunk", shrunk, shapes((5, 8, 16), ends=ISOMETRY)),
    }
    without = {
        "condition": lambda: _single(DescentState, "far out", far_out),
        "invariant": lambda: _single(DescentState, "started nearby", started_nearby),
        "step_in_range": lambda: hasty_states(),
    }
    return Domain(
        st.nothing(), strata, on_data=_states_on, shipped=SHIPPED, cases=CASES, without=without
    )


def _single(
    kind: type[DeepLinear],
    name: str,
    fill: Any,
    drawn: st.SearchStrategy[LinearShape] | None = None,
) -> Domain:
    strata = {name: structures(kind, name, fill, shapes() if drawn is None else drawn)}
    return Domain(st.nothing(), strata, cases=CASES)


def _states_on(sample: Sample) -> Domain:
    return _over_data(sample, DescentState, run)


def _starts_on(sample: Sample) -> Domain:
    return _over_data(sample, ZeroStart, lambda fields, rng, size: fields)


def _over_data(sample: Sample, kind: type[DeepLinear], finished: Any) -> Domain:
    """Starts at W = 0 over a data set, with Φ* its least squares fit, made into instances."""
    require_equal_weights(sample, "deep linear networks")
    X = sample.X[..., None]
    best = np.linalg.lstsq(sample.X, sample.y, rcond=None)[0]

    def fill(shape: LinearShape, rng: np.random.Generator, size: int) -> Fields:
        fields = {**shape.transformations(rng, size), "X": X, "Phi": best[None, :, None]}
        fields["W"] = np.zeros((shape.L, shape.m, shape.m, 1))
        # The condition by scaling B alone, as for the modified identity; Φ* stays that of the data.
        at = plain(DeepLinear, fields)
        room = at.reach.value * np.sqrt(at.chain.excess.value) * 2 * shape.L
        fields["B"] = fields["B"] * (room * (1 + rng.exponential(1.0, size)) * (1 + 2.0**-20))
        return dict(finished({**fields, "share": np.ones(size)}, rng, size))

    def over(L: int) -> st.SearchStrategy[Any]:
        shape = LinearShape(sample.n, sample.d, 1, sample.d + 1, L, IDENTITY, 0.0, 0.0)
        return st.just(LinearStructure(shape, kind, f"{sample.name}, L = {L}", fill, DATA_CASES))

    strata = {f"{sample.name}, L = {L}": over(L) for L in data_depths(sample)}
    return Domain(st.nothing(), strata, cases=DATA_CASES * len(strata))


@cache
@cornered(ZeroStart, fixed=_AIMED)
def zero_starts() -> Domain:
    """Starts at W = 0 that meet the condition of the theorem."""
    strata = {
        "gaussian": structures(ZeroStart, "gaussian", zero, shapes(ends=GAUSSIAN)),
        "modified identity": structures(
            ZeroStart, "modified identity", zero, shapes(ends=IDENTITY)
        ),
        "any": structures(ZeroStart, "any", zero, shapes((1, 2, 3))),
        "deepest": structures(ZeroStart, "deepest", zero, shapes(DEEPEST)),
    }
    without = {
        "condition": partial(_single, ZeroStart, "far", partial(zero, farther=1e3)),
        "step_in_range": partial(_single, ZeroStart, "large steps", hasty_zero),
    }
    return Domain(
        st.nothing(), strata, on_data=_starts_on, shipped=SHIPPED, cases=CASES, without=without
    )


@cache
@cornered(ZeroStart, fixed=_AIMED, without={"m = 1": "m >= d + k"})
def modified_identities() -> Domain:
    """Starts at W = 0 from A = α [I; 0], B = β [0, I], depths up to 100."""
    drawn = shapes((1, 2, 5, 10, 30, 100), IDENTITY)
    name = "modified identity"

    def of(fill: Any) -> Domain:
        return Domain(st.nothing(), {name: structures(ZeroStart, name, fill, drawn)}, cases=CASES)

    return replace(of(zero), without={"condition": lambda: of(partial(zero, farther=1e3))})


_SINGULAR = (
    *("X = 0", "X equal along n", "X equal along d", "Phi = 0", "A = 0", "B = 0"),
    *("A equal along m", "A equal along d", "B equal along k", "B equal along m"),
)


@cache
@cornered(
    StochasticState,
    without=dict.fromkeys(
        _SINGULAR, "the formula divides by singular values, some of them 0 there"
    ),
)
def stochastic_states() -> Domain:
    """States of stochastic gradient descent well inside the ball."""
    drawn = shapes((1, 2, 3))

    def over(name: str, fill: Any) -> Domain:
        strata = {name: structures(StochasticState, name, fill, drawn)}
        return Domain(st.nothing(), strata, cases=CASES)

    without = {
        "in_ball": lambda: over("near -I", stochastic_near_minus_one),
        "step_in_range": lambda: over("large steps", stochastic_hasty),
    }
    return replace(over("inside", stochastic), without=without)


@cache
def states_anywhere() -> Domain:
    """States far outside the ball."""
    strata = {"near -I": structures(DescentState, "near -I", far_state, shapes())}
    return Domain(st.nothing(), strata, cases=CASES)


@cache
def hasty_states() -> Domain:
    """States of the theorem with steps that are too large."""
    strata = {"large steps": structures(DescentState, "large steps", hasty, shapes())}
    return Domain(st.nothing(), strata, cases=CASES)


@cache
def one_informative_sample() -> Domain:
    """One sample out of 32 says anything: a step of SGD is 32 times as long as one of GD."""
    drawn = shapes((1, 2)).map(lambda s: replace(s, n=32, d=1))
    strata = {"one sample": structures(StochasticState, "one sample", one_informative, drawn)}
    return Domain(st.nothing(), strata, cases=CASES)
