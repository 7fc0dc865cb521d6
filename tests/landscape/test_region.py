"""Lipschitz constants of Theorem 3 against derivatives by Taylor series and against differences."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import norm, spectral_norm
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.losses.base import Loss
from checker.landscape.losses.bounds import derivative_bounds
from checker.landscape.losses.outside import GemanMcClure
from checker.landscape.residual_unit.region import RegionPoint
from properties.shamir2018.neighbours.stationarity import exponent_half
from properties.shamir2018.stationarity import stationary_points
from strategies.losses import ALL
from strategies.residual_unit.regions import RegionStructure, _random, region_points, two_points

REACH = 3.0


def _derivatives(loss: Loss, p: float, y: float) -> list[Any]:
    """l', l'' and l''' at p, from a Taylor series of the slope."""
    line = Taylor.line(np.array([p]), np.array([1.0]))
    slope = loss.slope(line, Taylor.constant(np.array([y]))) + 0 * line
    first, second, third = (slope.coefficient(k)[0].item for k in range(3))
    return [first, second, 2 * third]


@pytest.mark.parametrize("loss", ALL, ids=lambda x: x.name)
def test_no_derivative_exceeds_its_bound_and_some_come_near(loss: Loss) -> None:
    nearest = _nearest_to_bounds(loss, loss.labels.draw(np.random.default_rng(0), (3,)))
    assert all(n == 0 or n > 0.5 for n in nearest), nearest


def test_bounds_of_a_bounded_loss_fall_with_the_distance_from_the_label() -> None:
    near, far = (_nearest_to_bounds(GemanMcClure(), np.array([y])) for y in (0.5, 200.0))
    assert min(near) > 0.15
    assert min(far) > 0.9


def _nearest_to_bounds(loss: Loss, labels: Any) -> list[float]:
    """The largest of three derivatives over their bounds, none of which is above 1."""
    nearest = [0.0, 0.0, 0.0]
    with working_precision(128):
        for y in labels:
            reach = Ball.constant(np.array([REACH]))
            bounds = derivative_bounds(loss, reach, Ball.constant(np.array([y])))
            for p in np.linspace(-REACH, REACH, 121):
                for k, d in enumerate(_derivatives(loss, float(p), float(y))):
                    size, bound = abs(d), bounds[k][0].item
                    if not size.is_finite():
                        continue  # a jump of l''' of the smoothed hinge
                    assert not size > bound, (p, y, k)
                    if bound > 0:
                        nearest[k] = max(nearest[k], float(size.mid() / bound.mid()))
    return nearest


def _case(seed: int, loss: Loss) -> RegionPoint:
    from strategies.residual_unit.strata.one_output import GENERAL
    from strategies.residual_unit.structures import Structure

    structure = Structure(3, 2, 2, loss, "free", GENERAL[0], 0.0, False, False, False)
    made = RegionStructure(structure, "", _random)
    point: RegionPoint = made.batch(np.random.default_rng(seed), 1).case(0)
    return point


def _inside(point: RegionPoint, rng: np.random.Generator) -> RegionPoint:
    """The same data at another place of M."""
    w, V = rng.standard_normal(point.w.shape), rng.standard_normal(point.V.shape)
    radius = float(point.radius)
    w *= rng.uniform(0, 0.999) * radius / np.linalg.norm(w)
    V *= rng.uniform(0, 0.999) * radius / np.linalg.norm(V)
    return with_fields(point, w=w, V=V)


@pytest.mark.parametrize("loss", [*ALL, GemanMcClure()], ids=lambda x: x.name)
def test_function_gradient_and_hessian_are_lipschitz_with_the_constants(loss: Loss) -> None:
    for seed in range(3):
        point, rng = _case(seed, loss), np.random.default_rng(seed)
        with working_precision(128):
            places = [map_arrays(_inside(point, rng), Ball.constant) for _ in range(3)]
            for at, other in itertools.pairwise(places):
                distance = norm((at.w - other.w, at.V - other.V)).item
                changes = (
                    abs(at.F - other.F),
                    norm((at.grad[0] - other.grad[0], at.grad[1] - other.grad[1])),
                    spectral_norm(at.hessian - other.hessian),
                )
                for change, mu in zip(changes, (at.mu0, at.mu1, at.mu2), strict=True):
                    assert change.item <= mu.item * distance


def test_the_constants_are_not_wildly_large() -> None:
    """Within a factor of 100 of an observed rate of change, for the squared loss."""
    point, rng = _case(0, ALL[0]), np.random.default_rng(0)
    with working_precision(128):
        rates = []
        for _ in range(200):
            at, other = (map_arrays(_inside(point, rng), Ball.constant) for _ in range(2))
            distance = norm((at.w - other.w, at.V - other.V)).item
            change = norm((at.grad[0] - other.grad[0], at.grad[1] - other.grad[1])).item
            rates.append(float((change / distance / at.mu1.item).mid()))
    assert max(rates) > 0.01


def test_the_exponent_one_quarter_is_attained() -> None:
    """gap / ε^(1/4) tends to a positive limit: the slope of log gap over log ε is 1/4."""
    gaps, epsilons = [], []
    for k in (8, 12, 16, 20):
        fields = two_points(np.array([2.0**-k]))
        case = {n: a[..., 0] if isinstance(a, np.ndarray) else a for n, a in fields.items()}
        radii = {n: np.array(2.0) for n in ("radius", "comparator_radius", "t", "extra")}
        with working_precision(256):
            at = map_arrays(RegionPoint(**case, **radii), Ball.constant)
            gaps.append(float(at.gap.item.mid()))
            epsilons.append(float(at.epsilon.item.mid()))
    slopes = np.diff(np.log(gaps)) / np.diff(np.log(epsilons))
    assert np.abs(slopes - 0.25).max() < 0.01


def test_epsilon_spans_many_decades() -> None:
    rng = np.random.default_rng(0)
    from checker.arithmetic.decide import lift_batch
    from checker.instances.draws import draw_last

    found = []
    for name in region_points().strata:
        structure = draw_last(region_points().strata[name], 1)
        assert structure is not None
        with np.errstate(all="ignore"):
            found.append(lift_batch(structure.batch(rng, 200)).epsilon.value)
    every = np.concatenate([np.broadcast_to(x, (200,)) for x in found])
    positive = every[every > 0]
    assert np.log10(positive.max() / positive.min()) > 8


def test_the_tight_family_refutes_a_larger_exponent() -> None:
    from checker.arithmetic.decide import Decision, decide_case

    case = {
        n: a[..., 0] if isinstance(a, np.ndarray) else a
        for n, a in two_points(np.array([2.0**-24])).items()
    }
    radii = {n: np.array(2.0) for n in ("radius", "comparator_radius", "t", "extra")}
    point = RegionPoint(**case, **radii)
    assert decide_case(exponent_half, point).decision is Decision.VIOLATED
    assert decide_case(stationary_points, point).decision is Decision.HOLDS
