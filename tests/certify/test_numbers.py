"""Every number of a certificate encloses what 256-bit balls say of the same point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flint import arb

import checker
from certify.instances import BITS, arrays, balls, holds, network
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import (
    frobenius,
    lambda_max,
    lambda_min,
    norm,
    spectral_norm,
    sq,
    sqrt,
)
from checker.certification import bounds
from checker.certification.certificate import Comparison, Enclosed
from checker.instances.fields import map_arrays
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.region import RegionPoint
from properties.shamir2018 import stationarity as shamir2018_stationarity
from properties.shamir2018 import theorems as shamir2018

LOSS_NAMES = sorted(LOSSES)
SHAPES = ((1, 1, 1), (7, 1, 3), (7, 3, 1), (12, 3, 2))
at_w_zero = pytest.mark.parametrize("w_zero", [False, True], ids=["w", "w = 0"])


@pytest.mark.parametrize("loss", LOSS_NAMES)
@at_w_zero
def test_values_and_gradients(loss: str, w_zero: bool) -> None:
    for seed, shape in enumerate(SHAPES[1::2]):
        point = network(seed, shape, loss, weighted=bool(seed % 2), w_zero=w_zero)
        found = checker.certify(**arrays(point))
        with working_precision(BITS):
            at = balls(point, found.w_star)
            slope_w, slope_V = at.grad
            expected = {
                "F": at.F,
                "gradient": at.grad_norm,
                "gradient_w": norm(slope_w),
                "gradient_V": frobenius(slope_V),
                "w_norm": norm(at.w),
                "V_norm": spectral_norm(at.V),
            }
            for name, ball in expected.items():
                assert holds(getattr(found, name), ball.item), name
            assert holds(found.best.F_lin, at.F_lin.item)
            assert holds(found.best.gap, at.gap.item)
            assert found.F.radius <= 1e-11 * max(1.0, abs(found.F.value))


@at_w_zero
@pytest.mark.parametrize("shape", [*SHAPES, (20, 2, 4)])
def test_least_eigenvalue_against_the_dense_spectrum(
    shape: tuple[int, int, int], w_zero: bool
) -> None:
    for seed, loss in enumerate(("logistic", "squared", "quartic", "affine", "poisson")):
        point = network(seed, shape, loss, weighted=bool(seed % 2), w_zero=w_zero)
        found = checker.certify(**arrays(point)).least_eigenvalue
        with working_precision(BITS):
            exact = lambda_min(balls(point).hessian).item
            assert arb(found.lower) <= exact
            assert exact <= arb(found.upper)
            size = float(abs(spectral_norm(balls(point).hessian).item).upper())
        assert found.radius <= 1e-7 * max(size, 1.0)


def test_positive_curvature_in_one_dimension() -> None:
    """Only for d = 1 can the least eigenvalue be positive; then it is not taken for 0."""
    x = np.array([[1.0], [2.0], [-1.0]])
    z = np.array([[1.0], [-1.0], [0.5]])
    y = x[:, 0] * 2 + z[:, 0]  # w = 2, V = 1/2 predicts y: the slope is 0 everywhere
    found = checker.certify(x, z, y, [2.0], [[0.5]], "squared").least_eigenvalue
    assert found.lower > 0.1


@pytest.mark.parametrize("loss", ["logistic", "squared", "smoothed_quantile"])
def test_bounds_are_those_of_the_claims(loss: str) -> None:
    """The same formulas as the claims that the checker attacks, on balls."""
    for seed in range(4):
        point = network(seed, loss=loss)
        found = checker.certify(**arrays(point))
        for compared in (found.best, found.minimised):
            with working_precision(BITS):
                at = balls(point, compared.u)
                printed = 2 * sq(at.w) + sq(at.w_star) * (2 + sq(spectral_norm(at.V)) / sq(at.w))
                expected = {
                    "Lemma 1": shamir2018.gradient_direction(at).lhs,
                    "Theorem 1": at.grad_norm * sqrt(printed),
                    "Theorem 1, sharp form": shamir2018.sharp_gradient_bound(at).lhs,
                }
                along = norm(at.w - at.w_star) * at.grad_norm
                image = norm(at.w_star @ at.V)
                expected["Theorem 2, sharp form"] = along + image * norm(at.b)
                # The eigenvalue is known to fewer digits than the rest.
                least, greatest = lambda_min(at.hessian), lambda_max(at.hess_ww)
                curved = sqrt(abs(least) * greatest + sq(least))
                printed = along + norm(at.w_star) * spectral_norm(at.V) * curved
                for name, ball in expected.items():
                    assert holds(compared.bounds[name], ball.item), name
                second = compared.bounds["Theorem 2"]
                assert isinstance(second, Enclosed)
                assert arb(second.lower) <= printed.item <= arb(second.upper)
                assert second.radius <= 1e-6 * second.value


def test_theorem_2_in_one_dimension_needs_w_zero() -> None:
    """For d = 1 a w that is not 0 leaves no direction in which V has no effect."""
    point = network(0, (12, 1, 2))
    found = checker.certify(**arrays(point))
    _assert_does_not_apply(found.best, "Theorem 2", "Theorem 2, sharp form")


def test_bounds_at_w_zero_are_those_of_the_claims() -> None:
    for seed in range(4):
        point = network(seed, w_zero=True)
        found = checker.certify(**arrays(point))
        with working_precision(BITS):
            at = balls(point, found.w_star)
            printed = shamir2018.curvature_bound(at).lhs
            sharp = norm(at.w_star) * at.grad_norm + norm(at.w_star @ at.V) * norm(at.b)
            assert holds(found.best.bounds["Theorem 2"], printed.item)
            assert holds(found.best.bounds["Theorem 2, sharp form"], sharp.item)
        _assert_does_not_apply(found.best, "Theorem 1", "Theorem 1, sharp form")


def _assert_does_not_apply(compared: Comparison, *names: str) -> None:
    for name in names:
        assert isinstance(compared.bounds[name], str)


@at_w_zero
@pytest.mark.parametrize("t", [0.25, 2.0**-8])
def test_theorem_3_is_that_of_the_claim(
    w_zero: bool, t: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a fixed t; which t is taken is a matter of luck, since every one is valid."""
    monkeypatch.setattr(bounds, "_places", lambda epsilon: np.array([t]))
    for seed in range(3):
        point = network(seed, w_zero=w_zero)
        found = checker.certify(**arrays(point))
        w_norm, V_norm = bounds.vector_norm(point.w), bounds.operator_norm(point.V)
        radius = bounds.largest(V_norm, w_norm)
        with working_precision(BITS):
            claimed = _theorem3(point, found.w_star, radius, t)
            mine = found.best.bounds["Theorem 3"]
            assert isinstance(mine, Enclosed)
            assert arb(mine.lower) <= claimed
            assert claimed <= arb(mine.upper)
            assert mine.radius <= 1e-6 * mine.value


def test_theorem_3_takes_the_best_t() -> None:
    """At most twice the least over a grid of ratio 2: the bound is max(far, near), far falls with
    t, and near grows at most as fast as t.
    """
    for seed, w_zero in ((0, False), (1, True)):
        point = network(seed, w_zero=w_zero)
        found = checker.certify(**arrays(point))
        mine = found.best.bounds["Theorem 3"]
        assert isinstance(mine, Enclosed)
        radius = max(found.w_norm.upper, found.V_norm.upper)
        with working_precision(64):
            grid = [_theorem3(point, found.w_star, radius, t) for t in 2.0 ** np.arange(-12, 4)]
            assert mine.value <= 2 * min(float(bound.mid()) for bound in grid)


def _theorem3(point: Point, w_star: Any, radius: float, t: float) -> Any:
    numbers = {"radius": radius, "comparator_radius": np.linalg.norm(w_star), "t": t}
    numbers |= {"extra": 2.0**-500}
    fields = arrays(point) | {"w_star": w_star}
    at = RegionPoint(**fields, **{name: np.array(float(x)) for name, x in numbers.items()})
    return shamir2018_stationarity.stationary_points_at_t(map_arrays(at, Ball.constant)).lhs.item


def test_every_bound_is_above_the_gap() -> None:
    """The theorems themselves, at both comparators, on points of every kind."""
    for seed in range(6):
        point = network(seed, (15, 4, 3), w_zero=seed % 3 == 0, scale=2.0 ** (seed - 3))
        found = checker.certify(**arrays(point))
        for compared in (found.best, found.minimised):
            numbers = [b for b in compared.bounds.values() if isinstance(b, Enclosed)]
            assert len(numbers) == (4 if seed % 3 == 0 else 6)
            assert all(b.upper >= compared.gap.lower for b in numbers)


def test_the_minimised_comparator_gives_a_stronger_statement() -> None:
    """F <= F_lin(u) + bound(u): least at the predictor that was chosen for that."""
    for seed, w_zero in ((0, False), (1, True)):
        found = checker.certify(**arrays(network(seed, w_zero=w_zero)))
        name = "Theorem 2, sharp form" if w_zero else "Theorem 1, sharp form"
        best, minimised = (
            c.F_lin.value + c.bounds[name].value  # type: ignore[union-attr]
            for c in (found.best, found.minimised)
        )
        assert minimised < best


def test_duality_gap_bounds_the_distance_from_optimal() -> None:
    """Random predictors on the ball are never better by more than it says."""
    point = network(3, (40, 3, 2))
    found = checker.certify(**arrays(point)).minimised
    rng = np.random.default_rng(0)
    lowest = np.inf
    for _ in range(200):
        u = rng.standard_normal(3)
        u *= found.ball * rng.random() / np.linalg.norm(u)
        with working_precision(64):
            lowest = min(lowest, float(balls(point, u).F_lin.item.upper()))
    assert lowest < found.F_lin.lower  # the comparator is not optimal: the gap says something
    assert found.F_lin.upper - lowest <= found.duality_gap.upper
