"""Hardt and Ma (2017): the formulas against the loss on samples, and the erratum by hand."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

import numpy as np

from catalogue.drawn import drawn, exact, floats, gradient
from checker.arithmetic.decide import Decision, decide_case
from properties.hardt2017.theorems import (
    NETS,
    LinearResNet,
    as_printed,
    exponent_as_printed,
    gradient_bound,
    sigma_as_printed,
)


def test_gradient_and_excess_are_those_of_the_loss_on_samples() -> None:
    at = drawn(NETS, 3, l=3, d=2)
    A, R, S = floats(at.A), floats(at.R), floats(at.S)
    X = np.linalg.cholesky(S + 1e-12 * np.eye(2)) * np.sqrt(2)  # Σ = X Xᵀ/n
    noise = np.zeros_like(X)  # two samples in two dimensions leave no room for E ξ xᵀ = 0

    def loss(A: np.ndarray) -> float:
        product = reduce(lambda inner, a: (np.eye(2) + a) @ inner, A, np.eye(2))
        return float(((R @ X + noise - product @ X) ** 2).sum() / 2)

    assert np.isclose(loss(A), floats(at.excess), rtol=1e-6)
    squares = (gradient(loss, A) ** 2).sum(axis=(1, 2))
    assert np.allclose(squares, [floats(g) for g in at.squares], rtol=1e-4)


def net(a: list[float], R: float, S: float) -> LinearResNet:
    return LinearResNet(*(np.array(x) for x in ([[[x]] for x in a], [[R]], [[S**0.5]])))


def test_the_erratum_by_hand() -> None:
    """a = 0, R = 2, Σ = 4: 4 E² Σ² = 64 for at least 4 Σ² (E² Σ) = 256."""
    at = exact(net([0.0], 2.0, 4.0))
    found = as_printed(at)
    assert found.lhs.item.ratio == 64
    assert found.rhs.item.ratio == 256
    assert decide_case(gradient_bound, net([0.0], 2.0, 4.0)).decision is Decision.EQUAL


def test_each_slip_falls_alone() -> None:
    """d = 1, Σ = 1, l = 2, A = -1/2, R = 1, so E = -3/4: 2 E² for at least 4 E²."""
    at = exact(net([-0.5, -0.5], 1.0, 1.0))
    found = exponent_as_printed(at)
    assert Fraction(int(found.lhs.item.ratio.p), int(found.lhs.item.ratio.q)) == Fraction(9, 8)
    assert Fraction(int(found.rhs.item.ratio.p), int(found.rhs.item.ratio.q)) == Fraction(9, 4)
    assert decide_case(sigma_as_printed, net([0.0], 2.0, 4.0)).decision is Decision.VIOLATED
    assert decide_case(exponent_as_printed, net([0.0], 2.0, 4.0)).decision is Decision.EQUAL
