"""Each term of the bound on λ_min from the reduced Hessian, where it decides.

The exact numbers are rationals, or eigenvalues in balls of 400 bits.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat

from checker.arithmetic.ball import working_precision
from checker.arithmetic.bounded import Bounded
from checker.certification.bounds import interval, largest
from checker.certification.matrices.normed import Normed
from checker.certification.one.curvature import Curvature, _normed, _with_factor, enclose

EXACT = Normed(np.zeros((3, 3)))


def least_eigenvalue_of(K: Any, beta: Fraction, w: list[int]) -> Any:
    """λ_min of [[K, βP], [βP, 0]], P = I - ŵŵᵀ, as a ball."""
    d, order = len(w), len(K)
    square = sum(x * x for x in w)
    rows = [[Fraction(0)] * (order + d) for _ in range(order + d)]
    for i in range(order):
        for j in range(order):
            rows[i][j] = Fraction(float(K[i][j]))
    for i in range(d):
        for j in range(d):
            P = Fraction(int(i == j)) - Fraction(w[i] * w[j], square)
            rows[i][order + j] = rows[order + j][i] = beta * P
    with working_precision(400):
        matrix = arb_mat([[arb(x.numerator) / x.denominator for x in row] for row in rows])
        values = [x.real for x in matrix.eig(multiple=True, algorithm="approx")]
    return min(values, key=lambda x: float(x.mid()))


def test_floor_needs_beta_from_above() -> None:
    """β is 1 ± 1/2: for β = 3/2, K = 0, λ_min is -3/2, which μ = 1.1 alone would not give."""
    b = Bounded(np.array([[1.0]]), np.array([[0.5]]))
    hessian = Curvature(EXACT, b, np.array([1.0, 0.0]))
    assert float(least_eigenvalue_of(np.zeros((3, 3)), Fraction(3, 2), [1, 0])) == -1.5
    for mu in (0.9, 1.0, 1.1, 1.4, 1.6, 3.0):
        assert hessian.floor(mu) <= -1.5


@pytest.mark.parametrize("w", [[1, 0], [3, 4], [1, 1], [1, 1000]])
@pytest.mark.parametrize("mu", [0.25, 0.999, 1.001, 2.0])
def test_floor_is_below_the_least_eigenvalue(w: list[int], mu: float) -> None:
    K = np.array([[2.0, 0.5, 0.25], [0.5, 1.0, -0.5], [0.25, -0.5, 3.0]])
    hessian = Curvature(Normed(K), Bounded(np.array([[1.0]])), np.array(w, float))
    truth = least_eigenvalue_of(K, Fraction(1), w)
    assert arb(hessian.floor(mu)) <= truth


def many_small(d: int) -> np.ndarray[Any, Any]:
    """(1, a, a, ...): a² is just below half a unit of 1, and lost one by one in ||w||²."""
    return np.concatenate([[1.0], np.full(d - 1, 2.0**-26.5 * (1 - 2.0**-20))])


@pytest.mark.parametrize("weight", [1.0, 2.0**20])
def test_schur_form_pays_for_the_projector(weight: float) -> None:
    """An entry of K + μI - (β²/μ)P in rationals; β = 1, μ = 1/weight."""
    w, mu = many_small(1000), 1 / weight
    hessian = Curvature(Normed(np.zeros((1001, 1001))), Bounded(np.array([[1.0]])), w)
    found = hessian.schur(mu)
    entries = [Fraction(float(x)) for x in w]
    square = sum(x * x for x in entries)
    exact = Fraction(mu) - Fraction(weight) * (1 - entries[0] ** 2 / square)
    error = abs(exact - Fraction(float(found.value[0, 0])))
    assert error <= Fraction(found.radius)
    # More than the roundings of the sum and of the weight can explain.
    assert error > 8 * Fraction(2.0**-53) * Fraction(weight)


@pytest.mark.parametrize(("value", "off"), [(1.0, 0.5), (0.0, 2.0), (-3.0, 0.25)])
def test_a_factor_known_up_to_an_error(value: float, off: float) -> None:
    """2 ± 1 times value ± off: every product lies in the enclosure, the ends of it just so."""
    found = _with_factor(Normed(np.array([[2.0]]), 1.0), value, off)
    ends = [Fraction(m) * (Fraction(value) + s * Fraction(off)) for m in (1, 3) for s in (-1, 0, 1)]
    distance = max(abs(x - Fraction(float(found.value[0, 0]))) for x in ends)
    assert distance <= Fraction(found.radius) <= distance + abs(Fraction(value)) + Fraction(1, 8)


def test_bounds_of_entries_become_one_of_the_norm() -> None:
    found = _normed(Bounded(np.zeros((2, 2, 1)), np.ones((2, 2, 1))))
    # ||[[1, 1], [1, 1]]|| = 2
    assert 2.0 <= found.radius <= 2.001


@pytest.mark.parametrize("known", [True, False])
def test_the_trivial_floor_needs_beta_from_above(known: bool) -> None:
    """λ_min >= -β always; β is 1 ± 1/2, and K = 0, or unknown."""
    K = EXACT if known else Normed(np.full((3, 3), np.nan))
    hessian = Curvature(K, Bounded(np.array([[1.0]]), np.array([[0.5]])), np.array([1.0, 0.0]))
    floor = enclose(hessian, np.random.default_rng(0)).floor
    assert -1.6 <= floor <= -1.5


@pytest.mark.parametrize("low", [1.0, -1 / 3, 5e-324, -1e300])
@pytest.mark.parametrize("step", [2.0**-52, 1.0, 0.3])
def test_interval_contains_both_ends(low: float, step: float) -> None:
    high = low + abs(low) * step
    found = interval(low, high)
    middle, radius = Fraction(float(found.value[0])), Fraction(float(found.radius[0]))
    assert middle - radius <= Fraction(low)
    assert Fraction(high) <= middle + radius


def test_largest_is_above_all_enclosed_numbers() -> None:
    first, second = Bounded(np.array([1.0]), np.array([0.5])), Bounded(np.array([1.25]))
    assert largest(first, second) >= 1.5
