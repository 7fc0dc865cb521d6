"""Minima are proved where they are, within the stated radius, and nowhere else."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, fmpq, fmpq_mat

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.existence.definite import is_positive_definite
from checker.instances.fields import FloatArray, map_arrays, with_fields
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.strong_convexity import (
    Smooth,
    _hessian,
    _proved,
    linear_minimum,
    minimum_near,
    minimum_of,
)
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample


def point(seed: int = 0, n: int = 9, d: int = 2, m: int = 2, loss: str = "squared") -> Point:
    rng = np.random.default_rng(seed)
    y = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    return Point(
        X=rng.standard_normal((n, d)),
        y=y,
        Z=rng.standard_normal((n, m)),
        w=rng.standard_normal(d),
        V=rng.standard_normal((d, m)),
        w_star=np.zeros(d),
        loss=loss_named(loss),
    )


def exact_least_squares(columns: FloatArray, y: FloatArray) -> tuple[list[Fraction], Fraction]:
    """The minimiser of E (zᵀx - y)²/2 in rationals, and its value."""
    n, k = columns.shape
    J = fmpq_mat(n, k, [fmpq(*float(x).as_integer_ratio()) for x in columns.flat])
    b = fmpq_mat(n, 1, [fmpq(*float(x).as_integer_ratio()) for x in y])
    z = (J.transpose() * J).solve(J.transpose() * b)
    r = J * z - b
    value = (r.transpose() * r)[0, 0] / (2 * n)
    as_fraction = [Fraction(int(z[i, 0].p), int(z[i, 0].q)) for i in range(k)]
    return as_fraction, Fraction(int(value.p), int(value.q))


def solved(at: Point) -> Point:
    """(w, V) near the least squares solution in the columns [X, Z]."""
    z = np.linalg.lstsq(np.hstack([at.X, at.Z]), at.y, rcond=None)[0]
    w, q = z[: len(at.w)], z[len(at.w) :]
    return with_fields(at, w=w, V=np.outer(w, q) / (w @ w))


@pytest.mark.parametrize("seed", range(5))
def test_least_squares_are_enclosed(seed: int) -> None:
    at = solved(point(seed))
    found = minimum_near(at, 0.0, True)
    assert found is not None
    moved, minimum = found
    z, value = exact_least_squares(np.hstack([at.X, at.Z]), at.y)
    assert Fraction(minimum.low) <= value <= Fraction(minimum.high)
    assert minimum.high - minimum.low < 1e-15
    reached = [*moved.w, *(moved.V.T @ moved.w)]
    distance = sum((Fraction(a) - b) ** 2 for a, b in zip(reached, z, strict=True))
    # Vᵀw is rounded once more.
    assert distance <= Fraction(minimum.radius + 1e-14) ** 2
    assert minimum.is_global


def test_a_polish_in_balls_reaches_the_last_bits() -> None:
    at = solved(point(1))
    shaken = with_fields(at, w=at.w * (1 + 1e-9))
    found = minimum_near(shaken, 0.0, True)
    assert found is not None
    assert found[1].radius < 1e-14


def test_without_the_skip_connection_features_alone_count() -> None:
    at = point(2)
    q = np.linalg.lstsq(at.Z, at.y, rcond=None)[0]
    bare = with_fields(at, X=0 * at.X, V=np.outer(at.w, q) / (at.w @ at.w))
    found = minimum_near(bare, 0.0, False)
    assert found is not None
    _, value = exact_least_squares(at.Z, at.y)
    assert Fraction(found[1].low) <= value <= Fraction(found[1].high)


def test_copies_of_a_feature_do_not_hide_the_minimum() -> None:
    at = solved(point(3))
    doubled = with_fields(
        at, Z=np.hstack([at.Z, at.Z[:, :1]]), V=np.hstack([at.V, 0.5 * at.V[:, :1]])
    )
    found = minimum_near(doubled, 0.0, True)
    assert found is not None
    moved, minimum = found
    _, value = exact_least_squares(np.hstack([at.X, at.Z]), at.y)
    assert Fraction(minimum.low) <= value <= Fraction(minimum.high)
    predicted = moved.X @ moved.w + moved.Z @ (moved.V.T @ moved.w)
    assert abs(((predicted - at.y) ** 2).mean() / 2 - float(value)) < 1e-12


def test_no_minimum_is_proved_at_w_zero() -> None:
    at = solved(point(4))
    assert minimum_near(with_fields(at, w=0 * at.w), 0.0, True) is None


def test_no_minimum_is_proved_far_from_one() -> None:
    at = solved(point(4))
    assert minimum_near(with_fields(at, w=at.w * 3), 0.0, True) is None


def test_no_minimum_is_proved_where_the_infimum_is_not_attained() -> None:
    separable = Sample(np.array([[1.0], [2.0]]), np.array([1.0, 1.0]))
    assert linear_minimum(separable, loss_named("logistic"), np.array([40.0])) is None


def figure_1(w: float, v: float) -> Point:
    """c = 1/2: F = (w(1 + v) - 1)²/2, to which 1/8 ||(w, v)||² is added (λ = 1/4)."""
    one = np.ones((1, 1))
    return Point(one, np.ones(1), one, np.array([w]), v * one, np.ones(1), loss_named("squared"))


@pytest.mark.parametrize(
    ("w", "v", "value"),
    [(0.6596, 0.3277, 0.15105), (-0.9828, -1.6027, 1.04983), (-0.2725, -1.0694, None)],
)
def test_the_regularised_minima_of_figure_1(w: float, v: float, value: float | None) -> None:
    """Both minima are proved, the spurious one too; the saddle between them is not a minimum."""
    found = minimum_near(figure_1(w, v), 0.25, True)
    if value is None:
        assert found is None
        return
    assert found is not None
    assert abs(2 * found[1].high - value) < 1e-5
    assert found[1].radius < 1e-14
    assert not found[1].is_global


@pytest.mark.parametrize("loss", ["squared", "logistic", "log_cosh"])
def test_the_fast_hessian_is_that_of_the_objective(loss: str) -> None:
    with working_precision(128):
        at: Any = map_arrays(point(5, loss=loss), Ball.constant)
        fast, slow = _hessian(at), at.hessian.entries
        for i, row in enumerate(slow):
            for j, entry in enumerate(row):
                assert abs(fast[i, j] - entry) < arb((1, -100))


@pytest.mark.parametrize(
    ("matrix", "modulus", "expected"),
    [
        ([[2, 1], [1, 2]], 0.99, True),
        ([[2, 1], [1, 2]], 1.01, False),
        ([[2, 1], [1, 2]], 1.0, False),
        ([[1, 2], [2, 1]], 0.0, False),
        ([[0, 0], [0, 1]], 0.0, False),
    ],
)
def test_definite_matrices(matrix: list[list[int]], modulus: float, expected: bool) -> None:
    assert is_positive_definite(arb_mat(matrix), modulus) is expected


def test_a_ball_that_holds_a_singular_matrix_is_not_definite() -> None:
    wide = arb(1, 0.5)
    assert is_positive_definite(arb_mat([[wide, 0], [0, wide]]), 0.4)
    assert not is_positive_definite(arb_mat([[wide, 0], [0, wide]]), 0.6)


def quartic() -> Smooth:
    """(x² - 1)²/4: minima at ±1, a maximum at 0."""

    def x(z: Ball) -> Any:
        return z.entries[0]

    return Smooth(
        lambda z: (x(z) ** 2 - 1) ** 2 / 4,
        lambda z: Ball(np.array([x(z) * (x(z) ** 2 - 1)], dtype=object)),
        lambda z: arb_mat([[3 * x(z) ** 2 - 1]]),
    )


@pytest.mark.parametrize(("start", "there"), [(1.05, 1.0), (-0.97, -1.0), (0.01, None)])
def test_minima_of_a_function_that_is_not_convex(start: float, there: float | None) -> None:
    found = minimum_of(quartic(), np.array([start]), False)
    if there is None:
        assert found is None
        return
    assert found is not None
    z, minimum = found
    assert abs(z[0] - there) <= minimum.radius
    assert minimum.low <= 0 <= minimum.high


def test_curvature_counts_in_the_whole_ball() -> None:
    """g = x/(1 + x²) + 0.51 has no zero, though its slope is 0.77 at -0.3."""

    def x(z: Ball) -> Any:
        return z.entries[0]

    rising = Smooth(
        lambda z: (1 + x(z) ** 2).log() / 2 + x(z) * 0.51,
        lambda z: Ball(np.array([x(z) / (1 + x(z) ** 2) + 0.51], dtype=object)),
        lambda z: arb_mat([[(1 - x(z) ** 2) / (1 + x(z) ** 2) ** 2]]),
    )
    assert is_positive_definite(rising.hessian(Ball.constant(np.array([-0.3]))), 0.5)
    assert _proved(rising, np.array([-0.3]), 0.5, False) is None


def test_a_minimiser_at_w_zero_is_not_lifted() -> None:
    """y = z: the best (w, q) is (0, 1), which no V reaches from w = 0."""
    at = Point(
        X=np.array([[1.0], [-1.0], [1.0], [-1.0]]),
        Z=np.array([[1.0], [1.0], [-1.0], [-1.0]]),
        y=np.array([1.0, 1.0, -1.0, -1.0]),
        w=np.array([2.0**-10]),
        V=np.array([[2.0**10]]),
        w_star=np.zeros(1),
        loss=loss_named("squared"),
    )
    assert minimum_near(at, 0.0, True) is None
    shifted = with_fields(at, y=at.y + at.X[:, 0], w=np.array([1.0]), V=np.array([[1.0]]))
    assert minimum_near(shifted, 0.0, True) is not None
