"""Batched L-BFGS: every column on its own, never worse than its start."""

from __future__ import annotations

import numpy as np
import pytest

from checker.instances.fields import FloatArray
from checker.search.guided.descent import descend

COUNT, SIZE = 6, 5


def quadratics(seed: int) -> tuple[FloatArray, FloatArray]:
    """Centres (COUNT, SIZE) and curvatures between 1e-3 and 1e3."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((COUNT, SIZE)), 10.0 ** rng.uniform(-3, 3, (COUNT, SIZE))


@pytest.mark.parametrize("seed", range(5))
def test_ill_conditioned_quadratics_are_minimised_in_all_columns(seed: int) -> None:
    centre, curvature = quadratics(seed)

    def values(x: FloatArray) -> FloatArray:
        copies = x.shape[1] // SIZE
        return (np.tile(curvature, copies) * (x - np.tile(centre, copies)) ** 2).sum(axis=0)

    start = np.zeros((COUNT, SIZE))
    x, found = descend(values, lambda x: 2 * curvature * (x - centre), start, 200)
    assert (found < 1e-10 * values(start)).all()
    assert np.array_equal(values(x), found)


def test_steepest_descent_alone_would_not_do() -> None:
    """The problem above is hard enough to tell a quasi-Newton method from a gradient method."""
    centre, curvature = quadratics(0)
    x = np.zeros((COUNT, SIZE))
    for _ in range(200):
        gradient = 2 * curvature * (x - centre)
        x = x - gradient / (2 * curvature.max(axis=0))
    values = (curvature * (x - centre) ** 2).sum(axis=0)
    assert (values > 1e-10 * (curvature * centre**2).sum(axis=0)).any()


def test_a_column_without_a_gradient_does_not_disturb_the_others() -> None:
    def values(x: FloatArray) -> FloatArray:
        result = (x**2).sum(axis=0)
        result[::2] = np.inf  # columns in pairs: the first of each is undefined everywhere
        return result

    def gradients(x: FloatArray) -> FloatArray:
        return np.where(np.arange(2) == 0, 0.0, 2 * x)

    x, found = descend(values, gradients, np.ones((3, 2)), 50)
    assert found[0] == np.inf
    assert found[1] < 1e-12
    assert np.array_equal(x[:, 0], np.ones(3))


def test_no_value_gets_worse_when_the_gradient_lies() -> None:
    start = np.array([[1.0, -2.0]])
    _, found = descend(lambda x: (x**2)[0], lambda x: -2 * x, start, 20)
    assert (found <= (start**2)[0]).all()


def test_it_stops_when_told_to() -> None:
    calls = []

    def values(x: FloatArray) -> FloatArray:
        calls.append(1)
        return (x**2).sum(axis=0)

    descend(values, lambda x: 2 * x, np.ones((2, 2)), 100, lambda: len(calls) >= 3)
    assert len(calls) == 3
