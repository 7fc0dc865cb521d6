"""Yun, Sra and Jadbabaie (2019): minima and lower points by plain NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy

from catalogue.drawn import drawn, floats
from checker.arithmetic.decide import Decision, decide_case
from checker.instances.draws import draw_last
from properties.yun2019b.theorems import (
    ACTIVATIONS,
    LINES,
    PAIRS,
    Fitted,
    Line,
    Pair,
    fitted,
    fitted_by_linear,
    lower_point,
    no_lower_point,
    risk,
)

RNG = np.random.default_rng(3)
X = np.array([[1, 0], [0, 1], [0.5, 0.5]])
Y = np.array([0, 0, 1])


def _sigmoid(v: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-v))


def _value(parameters: np.ndarray) -> float:
    """Of two sigmoids with a bias of the output alone."""
    W, a, b = parameters[:4].reshape(2, 2), parameters[4:6], parameters[6]
    outputs = _sigmoid(X @ W.T) @ a + b
    return float(((outputs - Y) ** 2).sum() / 2)


def _minimum() -> np.ndarray:
    a, u = np.array([0.7, 1.3]), np.array([-0.5, -1.5])
    return np.concatenate([np.repeat(u, 2), a, [1 / 3 - a @ _sigmoid(u)]])


def test_the_point_is_a_minimum_of_the_value_one_third() -> None:
    at = _minimum()
    assert abs(_value(at) - 1 / 3) < 1e-15
    steps = RNG.standard_normal((20_000, 7)) * 10.0 ** RNG.uniform(-4, -0.7, (20_000, 1))
    assert min(_value(at + step) for step in steps) >= 1 / 3 - 1e-15


def test_lower_points_exist() -> None:
    starts = RNG.standard_normal((20, 7)) * 3
    least = min(scipy.optimize.minimize(_value, start).fun for start in starts)
    assert least < 0.01


def test_risk_is_that_of_the_network() -> None:
    at = _minimum()
    pair = Pair(V=-at[:4].reshape(2, 2), a=at[4:6], b=at[6], h="sigmoid")
    result = decide_case(no_lower_point, pair)
    assert result.decision is Decision.HOLDS
    assert abs(result.lhs - _value(at)) < 1e-15


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_units_are_convex_left_of_zero(name: str) -> None:
    at = drawn(PAIRS, 1)
    first, second, third = (floats(o) for o in Pair(at.V, at.a, at.b, name).outputs)
    assert first + second >= 2 * third
    assert float(floats(risk(Pair(at.V, at.a, at.b, name).outputs))) >= 1 / 3


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_the_value_zero_is_attained(name: str) -> None:
    structure = draw_last(fitted.domain.strata[name], 0)
    case = structure.batch(np.random.default_rng(0), 1).case(0)
    assert isinstance(case, Fitted)
    assert decide_case(fitted, case).decision is Decision.HOLDS
    assert decide_case(fitted_by_linear, case).decision is Decision.VIOLATED
    h = {"sigmoid": _sigmoid, "tanh": np.tanh}[name]
    W = np.array([[case.v[0], case.v[1]], [case.v[2], case.z[0]]])
    assert np.abs(h(X @ W.T) @ case.z[1:] - Y).max() < 1e-12


def test_residuals_and_hinges() -> None:
    """Of the best affine function, by NumPy's own fit, and by the hinge itself."""
    at = drawn(LINES, 2, m=4)
    x, y = (np.concatenate([[0], floats(at.g).cumsum()]), floats(at.y))
    r = y - np.polyval(np.polyfit(x, y, 1), x)
    assert np.allclose(floats(at.residuals), r)
    pulls = [r @ np.maximum(x - knot, 0) for knot in x]
    assert np.allclose([float(floats(H)) for H in at.hinges], pulls, atol=1e-9)


@pytest.mark.parametrize(("n", "most"), [(3, 6), (4, 10)])
def test_how_little_the_hinges_may_pull(n: int, most: int) -> None:
    """‖r‖²/Σ H² is 6 for three inputs; 10, and no more, for four."""
    ratios = []
    for _ in range(200):
        y = RNG.standard_normal(n)
        case = Line(
            g=np.ones(n - 1), y=y, p=np.ones(1), b=np.ones(1), a=np.ones(1),
            b2=np.array(0.0), s=np.array(0.0),
        )  # fmt: skip
        result = decide_case(lower_point, case)
        ratios.append(16 * result.rhs / result.lhs)
    assert max(ratios) <= most * (1 + 1e-9)
    assert max(ratios) >= 0.99 * most
