"""Activations of deep residual networks: slopes and curvatures, in every arithmetic."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.plain import Plain
from checker.instances.draws import draw_last
from checker.landscape.deep_residual.network import ACTIVATIONS, CONTRACTING, RATIONAL
from checker.search.campaign import tasks_of
from strategies.deep_residual.networks import covered_networks, near_identities

POINTS = np.array([-40.0, -3.5, -1.0, -0.125, 0.0, 2.0**-30, 0.75, 2.0, 7.0, 60.0])

every_activation = pytest.mark.parametrize("name", ACTIVATIONS)


@every_activation
def test_slope_and_curvature_are_those_of_the_taylor_series(name: str) -> None:
    value, slope, curvature = ACTIVATIONS[name]
    with working_precision(256):
        series = value(Taylor.line(POINTS, np.ones(len(POINTS))))
        at = Ball.constant(POINTS)
        stated = (value(at), slope(at), curvature(at))
        for power, (derivative, factor) in enumerate(zip(stated, (1, 1, 2), strict=True)):
            expected = series.coefficient(power).entries
            for one, other in zip(derivative.entries, expected, strict=True):
                assert one.overlaps(factor * other)
                assert one.rad() < 1e-60


@every_activation
def test_float_bounds_enclose_balls(name: str) -> None:
    for function in ACTIVATIONS[name]:
        bounded = function(Bounded(POINTS[:, None]))
        plain = function(Plain(POINTS[:, None])).value[:, 0]
        with working_precision(256):
            balls = function(Ball.constant(POINTS)).entries
            for index, ball in enumerate(balls):
                assert ball >= arb(float(bounded.lower[index, 0]))
                assert ball <= arb(float(bounded.upper[index, 0]))
        error = (bounded.upper - bounded.lower)[:, 0]
        assert np.all(error <= 1e-13 * (1 + np.abs(bounded.value[:, 0])))
        assert np.all(np.abs(plain - bounded.value[:, 0]) <= 1e-15 * (1 + np.abs(plain)))


@every_activation
def test_exact_values_are_known_where_they_are_rational(name: str) -> None:
    known = [
        all(function(Exact.constant(np.array([t]))).entries[0].known for t in POINTS)
        for function in ACTIVATIONS[name]
    ]
    assert all(known) == (name in RATIONAL)


def test_contracting_activations_are_1_lipschitz_and_0_at_0() -> None:
    grid = np.linspace(-8, 8, 4001)
    for name, (value, slope, _) in ACTIVATIONS.items():
        at_zero = value(Plain(np.zeros((1, 1)))).value
        steepest = np.abs(slope(Plain(grid[:, None])).value).max()
        assert (steepest <= 1.0 and at_zero == 0.0) == (name in CONTRACTING)


def test_a_campaign_draws_every_activation_and_depths_up_to_six() -> None:
    drawn: Counter[tuple[str, int]] = Counter()
    domain = covered_networks()
    for task in tasks_of(domain, (0,), range(20)):
        number = int(np.random.default_rng(task.seed).integers(2**32))
        shape = draw_last(domain.strata[task.stratum], number)
        drawn[shape.activation, shape.L] += 1
    assert {name for name, _ in drawn} == set(ACTIVATIONS)
    deepest = {name: max(L for other, L in drawn if other == name) for name in ACTIVATIONS}
    assert (deepest["square"], deepest["cubic"]) == (4, 3)
    assert max(deepest.values()) == 6


def test_near_the_identity_every_contracting_activation_is_drawn() -> None:
    strata = near_identities().strata.values()
    drawn = {draw_last(stratum, number).activation for stratum in strata for number in range(8)}
    assert drawn == set(CONTRACTING)
