"""Projected SGD: the path against loops in fractions, gradients, residuals, and bad input."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import norm
from checker.arithmetic.plain import Plain
from checker.errors import InputError
from checker.instances.fields import Batch, map_arrays, with_fields
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.networks.base import make_network
from checker.landscape.sgd.online import REGIONS, Box, Disc, Region, ShortPath
from checker.landscape.sgd.projected import ARBITRARY, AUTOGRAD, FIXED, Sgd, linear_comparator

every_region = pytest.mark.parametrize("region", REGIONS, ids=lambda r: r.kind)


def _problem(**changes: Any) -> Sgd:
    """Four samples, two inputs, two features, logistic loss; L = 8, T = 16, b = 1, η = 1/16."""
    rng = np.random.default_rng(0)
    settings: dict[str, Any] = {
        "X": rng.integers(-4, 5, (4, 2)) / 2.0,
        "y": np.array([1.0, -1.0, 1.0, -1.0]),
        "loss": LOSSES["logistic"],
        "network": make_network("mlp_tanh", 2, 2),
        "region": Disc(),
        "radius": 1.0,
        "lipschitz": 8.0,
        "step": 0.0625,
        "steps": 16,
    }
    return Sgd(**{**settings, **changes})


# -- short paths --------------------------------------------------------------------------------


def _short(seed: int, T: int = 4) -> ShortPath:
    rng = np.random.default_rng(seed)
    shapes = {"X": (T, 2), "F": (T, 1), "y": (T,), "w": (2,), "v": (1,), "w_star": (2,)}
    arrays = {name: rng.integers(-8, 9, s) / 4.0 for name, s in shapes.items()}
    scalars = {name: np.array(x) for name, x in (("step", 0.5), ("radius", 2.0), ("c", 2.0))}
    return ShortPath(**arrays, **scalars, region=Box(), loss=LOSSES["squared"])


def _by_hand(path: ShortPath) -> tuple[list[list[Fraction]], Fraction, Fraction]:
    """Iterates, regret and Σ||g||² of the squared loss in a box, in fractions."""
    exact = np.vectorize(Fraction, otypes=[object])
    inputs = np.concatenate([exact(path.X), exact(path.F)], axis=1)
    z = [*exact(path.w), *exact(path.v)]
    r, eta = Fraction(float(path.radius)), Fraction(float(path.step))
    iterates, regret, squares = [], Fraction(0), Fraction(0)
    for t, x in enumerate(inputs):
        iterates.append(z)
        y = Fraction(path.y[t])
        error = sum(a * b for a, b in zip(x, z, strict=True)) - y
        linear = sum(a * Fraction(b) for a, b in zip(x, path.w_star, strict=False)) - y
        regret += (error**2 - linear**2) / 2
        squares += sum((error * a) ** 2 for a in x)
        z = [min(max(c - eta * error * a, -r), r) for a, c in zip(x, z, strict=True)]
    return iterates, regret, squares


@pytest.mark.parametrize("seed", range(12))
def test_exact_path_equals_loops(seed: int) -> None:
    short = _short(seed)
    iterates, regret, squares = _by_hand(short)
    at = map_arrays(short, Exact.constant)
    path = at.path(at.step)
    found = [[Fraction(str(x)) for x in (*z[0].entries, *z[1].entries)] for z in path]
    assert found == iterates
    assert Fraction(str(at.regret(path).item)) == regret
    assert Fraction(str(at.gradients(path).item)) == squares


def test_the_box_acts_in_some_of_these_paths() -> None:
    ends = [abs(c) for seed in range(12) for z in _by_hand(_short(seed))[0] for c in z]
    assert ends.count(Fraction(2)) > 12


@every_region
def test_projection_is_the_nearest_point(region: Region) -> None:
    """Inside and, for every u of the domain, <z - Πz, u - Πz> <= 0 up to the ball's radius."""
    rng = np.random.default_rng(1)
    with working_precision(256):
        for _ in range(30):
            r = Ball.constant(1.5)
            w, v, a, b = (Ball.constant(3 * rng.standard_normal(2)) for _ in range(4))
            p, q = region.project(w, v, r)
            u, s = region.project(a, b, r)
            assert not region.excess(p, q, r).item > 0
            assert not ((w - p) @ (u - p) + (v - q) @ (s - q)).item > 0


@every_region
def test_reach_bounds_the_domain(region: Region) -> None:
    rng = np.random.default_rng(2)
    with working_precision(128):
        for d, m in ((1, 1), (2, 3), (4, 5)):
            far = (Ball.constant(2.0 ** rng.integers(3, 9, k)) for k in (d, m))
            size = norm(region.project(*far, Ball.constant(1.0))).item
            assert not size > region.reach(d, m)
            assert size > 0.5 * region.reach(d, m)


@pytest.mark.parametrize("loss", [x for x in LOSSES.values() if x.kind != "gamma"], ids=str)
def test_no_gradient_in_the_domain_exceeds_the_lipschitz_constant(loss: Any) -> None:
    rng = np.random.default_rng(3)
    short = dataclasses.replace(_short(0), loss=loss, y=loss.labels.draw(rng, (4,)))
    with working_precision(128):
        at = map_arrays(short, Ball.constant)
        for _ in range(20):
            z = tuple(Ball.constant(2 * rng.uniform(-1, 1, k)) for k in (2, 1))
            assert all(not norm(at.gradient(t, z)).item > at.lipschitz.item for t in range(4))


@pytest.mark.parametrize("loss", [x for x in LOSSES.values() if x.kind != "gamma"], ids=str)
def test_no_loss_in_the_domain_exceeds_the_largest(loss: Any) -> None:
    rng = np.random.default_rng(4)
    short = dataclasses.replace(_short(0), loss=loss, y=loss.labels.draw(rng, (4,)))
    with working_precision(128):
        at = map_arrays(short, Ball.constant)
        for _ in range(20):
            z = tuple(Ball.constant(2 * rng.uniform(-1, 1, k)) for k in (2, 1))
            for t in range(4):
                p = at.X[t] @ z[0] + at.F[t] @ z[1]
                assert not loss.value(p, at.y[t]).item > at.largest_loss.item


# -- runs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [AUTOGRAD, ARBITRARY, FIXED])
@every_region
def test_recorded_paths_follow_the_algorithm_up_to_rounding(how: str, region: Region) -> None:
    problem = _problem(theta_step=how, region=region)
    runs = problem.run(np.random.default_rng(0), 3)
    paths = runs.paths(linear_comparator(problem))
    with working_precision(128):
        for index in range(3):
            case = Batch(paths, 3, "").case(index)
            residual = map_arrays(case, Ball.constant).residual.item
            assert 0 < residual < arb((1, -40))


def test_a_path_with_a_wrong_step_has_a_residual() -> None:
    problem = _problem()
    paths = problem.run(np.random.default_rng(0), 2).paths(linear_comparator(problem))
    wrong = with_fields(paths, step=1.5 * paths.step)
    right, found = (map_arrays(x, Plain).residual.value for x in (paths, wrong))
    assert (found > 1e9 * right).all()


def test_theta_moves_against_its_gradient() -> None:
    """θ of a learned constant: v is moved by the loss, θ by l' v, as by hand."""
    problem = _problem(network=make_network("constant", 2, 2), feature_radius=64.0, steps=2)
    rng, again = np.random.default_rng(4), np.random.default_rng(4)
    runs = problem.run(rng, 1)
    again.integers(4, size=(2, 1))
    for shape in ((2, 1), (2, 1)):
        again.standard_normal(shape)
    theta = problem.network.initial(again)
    row = int(runs.drawn[0, 0])
    w, v = runs.W[:, 0, 0], runs.V[:, 0, 0]
    assert np.array_equal(runs.F[0, :, 0, 0], theta)
    p = problem.X[row] @ w + theta @ v
    slope = -problem.y[row] / (1 + np.exp(problem.y[row] * p))
    expected = theta - problem.step * slope * v
    assert np.abs(runs.F[0, :, 1, 0] - expected).max() < 2.0**-45


def test_features_stay_within_their_radius() -> None:
    problem = _problem(feature_radius=0.25, theta_step=ARBITRARY)
    F = problem.run(np.random.default_rng(0), 4).F
    lengths = np.sqrt((F**2).sum(axis=1))
    assert lengths.max() <= 0.25
    assert lengths.max() > 0.2499


def test_comparator_is_better_than_zero_and_in_the_domain() -> None:
    problem = _problem()
    w = linear_comparator(problem)
    losses = [problem.loss.value(Plain(problem.X @ u), Plain(problem.y)).value for u in (w, 0 * w)]
    assert losses[0].mean() < losses[1].mean()
    assert np.linalg.norm(w) <= 1.0


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("c", "step"), [(2.0, 0.0625), (1.0, 0.03125), (0.5, 0.015625)])
def test_the_prescribed_step_is_accepted(c: float, step: float) -> None:
    _problem(c=c, step=step).require_theorem_4()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": 0.125}, "not that of Theorem 4"),
        ({"steps": 64}, "not that of Theorem 4"),
        ({"radius": 2.0}, "not that of Theorem 4"),
        ({"c": 1.0}, "not that of Theorem 4"),
        ({"lipschitz": 1.0}, "not 1.0-Lipschitz"),
        ({"feature_radius": 100.0}, "not 8.0-Lipschitz"),
    ],
)
def test_what_breaks_theorem_4_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as raised:
        _problem(**changes).require_theorem_4()
    assert raised.value.hint


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": 0.0}, "step must be a positive number"),
        ({"c": 0.0}, "c must be a positive number"),
        ({"radius": float("inf")}, "radius must be a positive number"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"theta_step": "adam"}, "unknown theta_step 'adam'"),
        ({"loss": LOSSES["squared"]}, "no Lipschitz constant"),
        ({"y": np.zeros(4)}, "outside the domain"),
    ],
)
def test_bad_problems_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        _problem(**changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": np.array(-1.0)}, "step must be a positive number"),
        ({"c": np.array(-1.0)}, "c must be a positive number"),
        ({"radius": np.array(0.0)}, "radius must be a positive number"),
        ({"v": np.zeros(2)}, "v has shape"),
        ({"F": np.zeros((3, 1))}, "F has shape"),
    ],
)
def test_bad_paths_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        dataclasses.replace(_short(0), **changes)
