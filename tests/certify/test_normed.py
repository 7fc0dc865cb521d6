"""Norm bounds against exact rationals; proofs of positive semidefiniteness where it just fails."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certify.instances import network
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import lambda_min, spectral_norm, sqrt
from checker.certification.matrices.normed import (
    Normed,
    least_eigenvalue,
    least_eigenvalue_floor,
    rayleigh_ceiling,
)
from checker.certification.matrices.precise import transposed_product
from checker.certification.moments import moments
from checker.certification.one.curvature import curvature
from checker.certification.source import open_source
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point


def _exact(values: Any) -> Any:
    return np.vectorize(Fraction, otypes=[object])(values)


def _distance(exact: Any, floats: Any) -> float:
    """||exact - floats||_2, from the difference in rationals."""
    difference = np.vectorize(float, otypes=[float])(exact - _exact(floats))
    return float(np.linalg.norm(difference, 2))


def _random(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape) * 2.0 ** rng.integers(-3, 4, shape)


def test_products_and_sums_enclose_the_exact_ones() -> None:
    rng, worst = np.random.default_rng(0), 0.0
    for _ in range(20):
        A, B, C = _random(rng, 4, 9), _random(rng, 9, 5), _random(rng, 4, 5)
        product = Normed(A) @ Normed(B)
        total = product + Normed(C)
        scaled = total.scaled(1 / 3)
        exact = _exact(A) @ _exact(B)
        for found, truth in (
            (product, exact),
            (total, exact + _exact(C)),
            (scaled, (exact + _exact(C)) * Fraction(1 / 3)),
            (Normed(A) + Normed(A[::-1]), _exact(A) + _exact(A[::-1])),
            (Normed(C).scaled(1 / 3), _exact(C) * Fraction(1 / 3)),
        ):
            error = _distance(truth, found.value)
            assert error <= found.radius
            worst = max(worst, error / found.radius)
    assert worst > 0.01  # the bounds are of the right size


def test_inherited_errors_of_products_and_sums() -> None:
    """Exact matrices off by the whole radius, in the worst direction."""
    A, B = np.diag([3.0, 1.0]), np.diag([2.0, 1.0])
    furthest = _exact(A + 0.5 * np.eye(2)), _exact(B + 0.25 * np.eye(2))
    for found, truth in (
        (Normed(A, 0.5) @ Normed(B, 0.25), furthest[0] @ furthest[1]),
        (Normed(A, 0.5) + Normed(B, 0.25), furthest[0] + furthest[1]),
    ):
        assert _distance(truth, found.value) <= found.radius
        assert found.radius <= 3 * _distance(truth, found.value)


def test_frobenius_and_symmetric() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        A = _random(rng, 5, 5)
        squares = sum(x**2 for x in _exact(A).flat)
        assert Fraction(Normed(A).frobenius) ** 2 >= squares
        exact = (_exact(A) + _exact(A).T) / 2
        found = Normed(A, _distance(exact, A)).symmetric()
        assert np.array_equal(found.value, found.value.T)
        assert _distance(exact, found.value) <= found.radius


def _singular(rng: np.random.Generator, order: int) -> Any:
    """A Gram matrix of integers whose least eigenvalue is exactly 0."""
    factor = rng.integers(-3, 4, (order, order - 1))
    return (factor @ factor.T).astype(float)


def test_a_floor_is_never_above_the_least_eigenvalue() -> None:
    """Shifts that LAPACK's factorisation lets pass although they are above λ_min = 0."""
    rng, above = np.random.default_rng(2), 0
    for _ in range(300):
        A = _singular(rng, int(rng.integers(2, 7)))
        shift = float(np.abs(A).max() * 2.0 ** rng.integers(-58, -48))
        floor = least_eigenvalue_floor(Normed(A), shift)
        assert floor <= 0
        above += bool(np.isfinite(floor))
    assert above >= 5


def test_nothing_is_assumed_of_the_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any R proves a bound, and none proves a wrong one: poor factors, and those that just fail."""
    rng, negative = np.random.default_rng(5), 0
    for _ in range(60):
        order = int(rng.integers(2, 5))
        R = np.vstack([np.triu(rng.standard_normal((order, order)))[:-1], np.zeros(order)])
        A = R.T @ R
        for matrix, factor in ((A, R), (A, 1.5 * R), (A - np.eye(order), R)):
            monkeypatch.setattr("scipy.linalg.cholesky", lambda a, r=factor, **options: r)
            floor = least_eigenvalue_floor(Normed(matrix), 0.0)
            with working_precision(256):
                least = lambda_min(Ball.constant(matrix)).item
                assert floor <= least
                negative += bool(least < 0 and matrix is A)
    assert negative > 10


def test_the_radius_lowers_the_floor() -> None:
    A = np.diag([2.0, 3.0])
    assert least_eigenvalue_floor(Normed(A, 0.5), 1.75) <= 1.25


@pytest.mark.parametrize("order", [1, 2, 5])
def test_least_eigenvalue_encloses_that_of_balls(order: int) -> None:
    rng = np.random.default_rng(3)
    for _ in range(10):
        A = _random(rng, order, order)
        A = A + A.T
        below, above = least_eigenvalue(Normed(A))
        with working_precision(256):
            exact = lambda_min(Ball.constant(A)).item
            assert exact >= below
            assert exact <= above
        assert above - below <= 1e-12 * np.linalg.norm(A)


def test_a_rayleigh_quotient_is_never_below_the_least_eigenvalue() -> None:
    rng = np.random.default_rng(4)
    for _ in range(100):
        A = _singular(rng, 4)
        x = np.linalg.eigh(A)[1][:, 0]
        assert rayleigh_ceiling(Normed(A), x) >= 0
    assert rayleigh_ceiling(Normed(A, 0.5), x) >= 0.5
    assert rayleigh_ceiling(Normed(A), np.zeros(4)) == np.inf


def test_nothing_is_proved_of_matrices_that_are_not_finite() -> None:
    for A in (np.array([[np.nan]]), np.array([[np.inf, 0.0], [0.0, 1.0]])):
        assert least_eigenvalue(Normed(A)) == (-np.inf, np.inf)
        assert least_eigenvalue_floor(Normed(A), 0.0) == -np.inf
    assert least_eigenvalue(Normed(np.eye(2), np.nan)) == (-np.inf, np.inf)


# -- second moments and the reduced Hessian -----------------------------------------------------


def _second_moments(point: Point) -> Any:
    """G = E[l'' (x; z)(x; z)ᵀ] in rationals, for the quartic and the squared loss."""
    X, Z, y, w, V = (_exact(a) for a in (point.X, point.Z, point.y, point.w, point.V))
    weights = None if point.weights is None else _exact(point.weights)
    both, p = np.hstack([X, Z]), (X + Z @ V.T) @ w
    total = 0
    for i, row in enumerate(both):
        c = 3 * (p[i] - y[i]) ** 2 if point.loss.kind == "quartic" else Fraction(1)
        c = c / len(both) if weights is None else c * weights[i]
        total = total + c * np.outer(row, row)
    return total


def _moments(point: Point) -> Any:
    source = open_source(point.X, point.Z, point.y, point.weights, point.V.shape, point.loss)
    return moments(source, point.w, point.V, 8.0)


@pytest.mark.parametrize("loss", ["quartic", "squared"])
@pytest.mark.parametrize("weighted", [False, True])
def test_second_moments_against_rationals(
    weighted: bool, loss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checker.certification.source.BLOCK_NUMBERS", 8)
    monkeypatch.setattr("checker.certification.source.MIN_BLOCK_ROWS", 5)
    for seed in range(5):
        point = network(seed, (23, 3, 2), loss, weighted=weighted)
        at = _moments(point)
        error = _distance(_second_moments(point), at.G)
        assert 0 < error <= at.G_radius <= 1e-12 * np.linalg.norm(at.G)


def test_sums_of_second_moments_that_lose_every_last_digit() -> None:
    """Equal rows: each addition drops the last digits of 1 + 2^-51, always the same way."""
    n, above = 8192, 1 + 2.0**-51
    source = open_source(
        np.ones((n, 1)), np.full((n, 1), above), np.ones(n), None, (1, 1), LOSSES["squared"]
    )
    at = moments(source, np.ones(1), np.ones((1, 1)), 2.0)
    row = _exact([1.0, above])
    assert 2.0**-53 * np.linalg.norm(at.G) < _distance(np.outer(row, row), at.G) <= at.G_radius


def test_inherited_errors_of_second_moments() -> None:
    """Predictions that cancel have errors far above the rounding of l'' itself."""
    for seed in range(5):
        point = network(seed, (23, 3, 2), "quartic")
        w = point.w * 2.0**40
        y = (point.X + point.Z @ point.V.T) @ w
        point = Point(point.X, y, point.Z, w, point.V, point.w, point.loss)
        at = _moments(point)
        assert 0 < _distance(_second_moments(point), at.G) <= at.G_radius


def test_reduced_hessian_against_balls() -> None:
    """K of the docstring of `curvature`, by its formula in balls."""
    for seed in range(5):
        point = network(seed, (23, 3, 2), "quartic")
        at = _moments(point)
        hessian = curvature(at, point.w, point.V, float(np.linalg.norm(point.V)))
        with working_precision(256):
            K = _reduced(_second_moments(point), point)
            value = Ball.constant(hessian.K.value)
            assert bool((spectral_norm(K - value)).item <= hessian.K.radius)


def _reduced(G: Any, point: Point) -> Any:
    d, m = point.V.shape
    w, V = Ball.constant(point.w), Ball.constant(point.V)
    exact = Ball(np.vectorize(Ball.convert, otypes=[object])(G))
    omega = sqrt(w @ w)
    T = Ball.constant(np.eye(d + m)).entries.copy()
    T[d:, :d] = V.T.entries
    for i in range(m):
        T[d + i, d + i] = omega.item
    p = (Ball.constant(point.X) + Ball.constant(point.Z) @ V.T) @ w
    slope = point.loss.slope(p, Ball.constant(point.y))
    b = (slope @ Ball.constant(point.Z)) / len(point.y)
    coupling = Ball.constant(np.zeros((d + m, d + m))).entries.copy()
    coupling[:d, d:] = (w.outer(b) / omega).entries
    coupling[d:, :d] = coupling[:d, d:].T
    return Ball(T).T @ exact @ Ball(T) + Ball(coupling)


def test_transposed_products_have_twice_the_digits() -> None:
    """Against rationals; in two columns, cancellation leaves nothing of an ordinary product."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        V, w = _random(rng, 30, 4), _random(rng, 30)
        V[-1, :2] = -(V[:-1, :2].T @ w[:-1]) / w[-1]
        found = transposed_product(V, w)
        truth = _exact(V).T @ _exact(w)
        for value, radius, exact in zip(found.value, found.radius, truth, strict=True):
            error = abs(Fraction(value[0]) - exact)
            assert error <= Fraction(radius[0])
            assert radius[0] <= 2.0**-52 * abs(value[0]) + 1e-26
    assert error > 0


def test_transposed_products_beyond_the_range_are_unknown() -> None:
    with np.errstate(all="ignore"):
        found = transposed_product(np.array([[1e300, 1.0]]), np.array([1e301]))
    assert not np.isfinite(found.upper).any()
