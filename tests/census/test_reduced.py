"""The reduced function R(θ): its derivatives, its critical points, and what is proved over all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from checker.arithmetic.arrays.guarded import Guarded, Open
from checker.arithmetic.ball import Ball
from checker.census import search as searching
from checker.census.point import Kind, Level, examined
from checker.census.reduced import Inner, descended, reduced_value, stationary
from checker.census.search import linear_level
from checker.census.symmetry import copied_units
from checker.census.whole import whole_derivatives
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.critical import Problem, Search
from checker.landscape.networks.base import Block, Network, make_network, unpack
from checker.landscape.networks.mlp import MLP
from checker.landscape.sample import Sample


def problem(network: Network | None = None, loss: str = "squared", **settings: Any) -> Problem:
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    chosen = make_network("fourier", 2, 2) if network is None else network
    return Problem(Sample(X, y), loss_named(loss), chosen, **settings)


KINDS = [MLP(2, 2, "tanh", (3,)), MLP(2, 1, "sin", (2, 2)), make_network("fourier", 2, 2)]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("settings", [{}, {"skip": False}, {"ridge": 0.25}])
@pytest.mark.parametrize("network", KINDS)
def test_the_gradient_is_that_of_automatic_differentiation(network: Network, settings: Any) -> None:
    given = problem(network, "log_cosh", **settings)
    v = given.initial(np.random.default_rng(1))
    reference = autograd.grad(given.value)(v)
    assert np.linalg.norm(given.gradient(v) - reference) <= 1e-13 * np.linalg.norm(reference)


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e6])
@pytest.mark.parametrize("loss", ["smoothed_quantile", "pseudo_huber"])
def test_the_linear_level_is_found_where_the_loss_is_flat(loss: str, scale: float) -> None:
    """Far from the labels the curvature of these losses rounds to 0, and so does Newton's step."""
    given = problem(loss=loss)
    X = given.sample.X
    y = scale * (X @ np.array([1.0, -2.0]) + given.sample.y)
    far = Problem(Sample(X, y), given.loss, given.network)
    level = linear_level(far)
    slope = X.T @ far.slopes(X @ level.predictor)
    assert np.linalg.norm(slope) < 1e-9
    assert level.value.high <= far.risk(X @ level.predictor) * (1 + 1e-12)


def test_the_linear_level_where_two_columns_agree() -> None:
    """SciPy's trust regions never returned from this one before version 1.17."""
    for d in (1, 2):
        sample = Sample(np.ones((1, d)), np.ones(1))
        given = Problem(sample, loss_named("squared"), make_network("fourier", d, 1))
        assert linear_level(given).value.high < 1e-30


def test_weights_enter_the_gradient() -> None:
    given = problem()
    weights = np.arange(1, 13) / 78
    weights[-1] = 1 - weights[:-1].sum()
    weighted = Problem(Sample(given.sample.X, given.sample.y, weights), given.loss, given.network)
    v = given.initial(np.random.default_rng(1))
    reference = autograd.grad(weighted.value)(v)
    assert np.linalg.norm(weighted.gradient(v) - reference) <= 1e-13 * np.linalg.norm(reference)


@pytest.mark.parametrize("loss", ["squared", "log_cosh"])
@pytest.mark.parametrize("network", KINDS)
def test_derivatives_of_the_reduced_function(network: Network, loss: str) -> None:
    given = problem(network, loss)
    theta, step = network.initial(np.random.default_rng(2)), 1e-5
    inner = Inner(given, theta)
    for direction in np.eye(len(theta)):
        after, before = (Inner(given, theta + s * step * direction) for s in (1, -1))
        slope = (given.value(after.lifted()) - given.value(before.lifted())) / (2 * step)
        assert abs(slope - inner.slope @ direction) < 1e-7
        second = (after.slope - before.slope) / (2 * step)
        assert np.abs(second - inner.hessian @ direction).max() < 1e-5


def test_the_lift_is_a_critical_point_in_w_and_V() -> None:
    given = problem()
    inner = Inner(given, given.network.initial(np.random.default_rng(2)))
    w, V, theta = given.split(given.gradient(inner.lifted()))
    assert max(np.abs(w).max(), np.abs(V).max()) < 1e-12
    assert np.abs(theta - inner.slope).max() < 1e-12
    assert np.linalg.norm(inner.slope) > 1e-3


@pytest.mark.parametrize("network", [*KINDS, MLP(2, 1, "relu", (1,))])
def test_a_descent_among_copies_keeps_them(network: Network) -> None:
    tied = copied_units(network, np.random.default_rng(1))
    theta = descended(problem(network), network.initial(np.random.default_rng(4)), 30, tied)
    for parameter in range(tied.max() + 1):
        assert len(set(theta[tied == parameter])) == 1
    features = unpack(theta, network.layout)[0]
    wide = network.kind == "fourier" or max(network.hidden) > 1  # type: ignore[attr-defined]
    assert (len({tuple(row) for row in features}) < len(features)) == wide


def test_copies_are_critical_among_all_networks() -> None:
    network = MLP(2, 1, "sin", (2,))
    given = problem(network)
    tied = copied_units(network, np.random.default_rng(1))
    theta = descended(given, network.initial(np.random.default_rng(6)), 3000, tied)
    assert np.linalg.norm(reduced_value(given, theta)[1]) < 1e-7


def test_stationary_points_have_no_gradient_and_deflation_avoids_known_ones() -> None:
    given = problem(make_network("fourier", 2, 1))
    rng, distinct = np.random.default_rng(1), 0
    for _ in range(6):
        start = given.network.initial(rng)
        first = stationary(given, start)
        if first is None:
            continue
        assert np.linalg.norm(first.slope) < 1e-9 * (1 + np.linalg.norm(first.z))
        second = stationary(given, start, [first.predictions])
        if second is not None:
            assert np.linalg.norm(second.predictions - first.predictions) > 1e-3
            distinct += 1
    assert distinct >= 2


@pytest.mark.parametrize("ridge", [0.0, 0.25])
@pytest.mark.parametrize("network", [*KINDS, MLP(2, 1, "relu", (2,)), make_network("conv1d", 2, 1)])
def test_enclosures_over_all_parameters(network: Network, ridge: float) -> None:
    """Gradients against automatic differentiation in floats, curvature against differences."""
    given = problem(network, "log_cosh", ridge=ridge)
    v, step = given.initial(np.random.default_rng(5)), 1e-5
    direction = np.random.default_rng(6).standard_normal(len(v))
    whole = whole_derivatives(given, v, direction)
    gradient = autograd.grad(given.value)(v)
    for enclosed, exact in [
        (whole.gradient, gradient), (whole.gradient_theta, given.split(gradient)[2])
    ]:  # fmt: skip
        size = np.linalg.norm(exact)
        assert enclosed.high - enclosed.low <= 1e-14 * size
        assert abs(enclosed.middle - size) <= 1e-13 * size
    change = given.gradient(v + step * direction) - given.gradient(v - step * direction)
    expected = direction @ change / (2 * step) / (direction @ direction)
    assert abs(whole.curvature.middle - expected) < 1e-6 * (1 + abs(expected))


def test_a_kink_leaves_everything_open() -> None:
    given = problem(MLP(2, 1, "relu", (1,)))
    # The unit is switched off by its bias at the first input, and there exactly at its kink.
    theta = np.array([1.0, 0.0, -given.sample.X[0, 0], 1.0, 0.0])
    v = np.concatenate([np.ones(4), theta])
    whole = whole_derivatives(given, v, np.ones(len(v)))
    assert whole.gradient.high == np.inf == -whole.gradient.low
    assert whole.curvature.high == np.inf


@dataclass(frozen=True)
class HyperbolicSines(Network):
    """A feature map whose function balls lack."""

    kind: ClassVar[str] = "hyperbolic_sines"

    @property
    def layout(self) -> tuple[Block, ...]:
        return (Block((self.m, self.d), self.d),)

    def _apply(self, parts: Any, X: Any) -> Any:
        return anp.sinh(X @ parts[0].T)


def test_what_balls_lack_is_left_open() -> None:
    for network, known in ((HyperbolicSines(2, 1), False), (MLP(2, 1, "gelu", (2,)), True)):
        given = problem(network)
        v = given.initial(np.random.default_rng(5))
        whole = whole_derivatives(given, v, np.ones(len(v)))
        assert np.isfinite(whole.gradient.high) == np.isfinite(whole.curvature.high) == known


def test_a_saddle_in_theta_is_told_from_a_minimum() -> None:
    """By the reduced Hessian, in float64; the kinds themselves are proved."""
    given = problem(make_network("fourier", 2, 1))
    linear = linear_level(given)
    kinds = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        for v, outcome in searching._reduced_stationary(given, rng):
            point = examined(given, linear, v, outcome, "test", seed)
            assert point is not None
            assert point.level is not Level.ABOVE
            inner = Inner(given, given.split(v)[2])
            least = np.linalg.eigvalsh(inner.hessian)[0]
            # Near features that vanish q is huge, and so is the gradient that rounding leaves.
            if np.linalg.norm(inner.z) < 100:
                assert (point.kind is Kind.SADDLE_IN_THETA) == (least < -1e-6)
                kinds.add(point.kind)
    assert kinds >= {Kind.MINIMUM, Kind.SADDLE_IN_THETA}
    assert examined(given, linear, v * 2, Search.CONVERGED, "test", 0) is None


def test_comparisons_that_balls_leave_open_are_refused() -> None:
    one, other = Guarded.array(Ball.constant(np.array([1.0, 2.0])))
    third = Guarded.array(Ball.constant(1.0) / Ball.constant(3.0))[()]
    assert one < other
    assert not one > other
    assert other >= 1.5
    assert np.maximum(np.array([one, third], dtype=object), 0.5)[0] is one
    assert third == third
    with pytest.raises(Open):
        assert third * 3 < 1
    with pytest.raises(Open):
        np.maximum(np.array([third], dtype=object), third * 1)
    with pytest.raises(Open):
        third**0.25


def test_half_integer_and_negative_powers() -> None:
    four = Guarded.array(Ball.constant(np.array([4.0])))[0]
    for power, value in ((0.5, 2.0), (-0.5, 0.5), (2.5, 32.0), (-1, 0.25), (0, 1.0), (-1.5, 0.125)):
        assert (four**power).item.contains(value)
        assert (four**power).item.rad() < 1e-10
