"""Verdicts, and lower points decided again by balls."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
import pytest
from flint import arb

import checker
from certify.instances import BITS, arrays, balls, network
from checker.arithmetic.ball import working_precision
from checker.certification.ball import verdict_of_ball
from checker.certification.certificate import Verdict
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")


def _falls(point: Point, found: Any) -> bool:
    moved = Point(**(arrays(point) | {"w": found.escape.w, "V": found.escape.V}), w_star=point.w)
    with working_precision(BITS):
        return bool(balls(moved).F.item < balls(point).F.item)


@pytest.mark.parametrize("d", [1, 3, 8])
def test_the_saddle_of_example_1_is_recognised_and_escaped(d: int) -> None:
    """Shamir (2018), Example 1, in d dimensions: (0, -I/ε) is critical and worse than linear.

    f(x) = ε x, l(p; y) = (p - y)²/2, y = w*ᵀx, E xxᵀ = I: there ∇F = 0 and λ_min = -ε ||w*||.
    """
    eps = 2.0**-6
    X = np.sqrt(d) * np.concatenate([np.eye(d), -np.eye(d)])
    target = np.zeros(d)
    target[0] = 1.0
    point = Point(
        X, X @ target, eps * X, np.zeros(d), -np.eye(d) / eps, np.zeros(d), LOSSES["squared"]
    )
    found = checker.certify(**arrays(point))
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert found.gradient.upper < 1e-12
    assert found.least_eigenvalue.upper < 0
    assert found.least_eigenvalue.lower <= -eps <= found.least_eigenvalue.upper
    assert found.escape is not None
    assert found.escape.along == "negative curvature"
    assert found.escape.F_after.upper < 0.9 * found.escape.F_before.lower
    assert _falls(point, found)
    assert "cannot be a local minimum" in found.sentence


def test_a_random_network_is_worse_than_linear_and_falls() -> None:
    for seed in range(5):
        point = network(seed, (60, 3, 2), loss="squared", w_zero=seed == 0)
        found = checker.certify(**arrays(point))
        assert found.verdict is Verdict.NOT_A_MINIMUM
        assert _falls(point, found)


def test_a_perfect_fit_is_no_worse_than_linear() -> None:
    point = network(1, (30, 3, 2), loss="squared")
    y = (point.X + point.Z @ point.V.T) @ point.w
    found = checker.certify(**(arrays(point) | {"y": y}))
    assert found.verdict is Verdict.NO_WORSE
    assert found.best.gap.upper < 0
    assert "no worse than linear" in found.sentence


def test_equality_with_the_best_predictor_is_decided_by_balls() -> None:
    """w = w* and V = 0 predict the same: float bounds overlap, exact numbers do not."""
    X, y = np.eye(2), np.ones(2)
    found = checker.certify(X, [[1.0], [1.0]], y, [1.0, 1.0], [[0.0], [0.0]], "squared")
    assert found.verdict is Verdict.NO_WORSE
    assert (found.best.gap.value, found.best.gap.guarantee) == (0.0, "exact")
    assert found.escape is None  # it is a global minimum


def test_balls_that_contain_0_decide_nothing() -> None:
    assert verdict_of_ball(arb(0, 2.0**-100)) is Verdict.UNDECIDED
    assert verdict_of_ball(arb("nan")) is Verdict.UNDECIDED


def test_overflow_in_floats_is_decided_by_balls() -> None:
    X = -1e3 * np.eye(2)
    found = checker.certify(
        X, np.ones((2, 1)), np.ones(2), [3.0, 3.0], [[0.0], [0.0]], "exponential"
    )
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert found.F.guarantee.startswith("ball(")
    assert found.least_eigenvalue.guarantee == "unproved"


def test_overflow_beyond_the_reach_of_balls_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checker.certification.ball.MAX_BALL_NUMBERS", 0)
    X = -1e3 * np.eye(2)
    found = checker.certify(
        X, np.ones((2, 1)), np.ones(2), [3.0, 3.0], [[0.0], [0.0]], "exponential"
    )
    assert found.verdict is Verdict.UNDECIDED


def _exact(point: Point, u: Any) -> tuple[Fraction, Fraction]:
    """F and F_lin(u) for the squared loss, as rational numbers."""
    X, Z, V = (
        [[Fraction(float(x)) for x in row] for row in a] for a in (point.X, point.Z, point.V)
    )
    w, y, u = ([Fraction(float(x)) for x in v] for v in (point.w, point.y, u))
    F = F_lin = Fraction(0)
    for x, z, label in zip(X, Z, y, strict=True):
        hidden = [a + sum(map(mul, row, z)) for a, row in zip(x, V, strict=True)]
        F += (sum(map(mul, w, hidden)) - label) ** 2 / 2 / len(y)
        F_lin += (sum(map(mul, u, x)) - label) ** 2 / 2 / len(y)
    return F, F_lin


@pytest.mark.parametrize("seed", range(24))
def test_every_number_of_the_sentence_is_true_as_printed(seed: int) -> None:
    """The decimals themselves, by exact rationals: rounded to nearest half of them were false."""
    point = network(seed, (6, 2, 2), "squared", scale=2.0 ** (seed % 5 - 2))
    if seed % 2:  # better than linear
        both = np.linalg.lstsq(np.hstack([point.X, point.Z]), point.y, rcond=None)[0]
        w, inner = both[:2], both[2:]
        point = dataclasses.replace(point, w=w, V=np.outer(w, inner) / (w @ w))
    found = checker.certify(**arrays(point))
    F, F_lin = _exact(point, found.w_star)
    said = {
        words: [Fraction(x) for x in re.findall(f"{words} (\\S*\\d)", found.sentence)]
        for words in ("within", "at least", "at most", "<=")
    }
    if seed % 2:
        assert found.verdict is Verdict.NO_WORSE
        assert F <= F_lin - said["at least"][0]
        assert said["<="][0] <= Fraction(found.best.ball)
        return
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert F - F_lin <= said["within"][0]
    assert found.escape is not None
    there, _ = _exact(dataclasses.replace(point, w=found.escape.w, V=found.escape.V), found.w_star)
    assert F >= said["at least"][0] > said["at most"][0] >= there


def test_features_that_are_not_given_prove_nothing() -> None:
    found = checker.certify(**arrays(network(0)), features_given=False)
    assert found.F.guarantee == found.best.gap.guarantee == "unproved"
    assert "(unproved)" in found.sentence


def test_the_same_seed_gives_the_same_certificate() -> None:
    first, second = (checker.certify(**arrays(network(0, (50, 30, 20)))) for _ in range(2))
    assert first.sentence == second.sentence
    assert first.least_eigenvalue == second.least_eigenvalue


def test_large_orders_use_lanczos_and_agree_with_the_dense_spectrum() -> None:
    """Beyond MAX_DENSE_ORDER; the dense Hessian has order 20 + 20 * 15."""
    from checker.landscape.minima.critical import plain

    point = network(4, (80, 20, 15), scale=0.3)
    found = checker.certify(**arrays(point)).least_eigenvalue
    dense = np.linalg.eigvalsh(plain(point).hessian.value[..., 0])[0]
    assert found.radius <= 1e-8
    assert abs(dense - found.value) <= found.radius + 1e-12
