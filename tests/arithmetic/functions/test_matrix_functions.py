"""expm and sqrtm: enclosed in every arithmetic, by fractions and by what defines them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import exp, expm, grad, sqrtm, total, trace
from checker.arithmetic.plain import Plain, Traced
from checker.arithmetic.recorded import Recorded
from checker.errors import FormulaError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

MATRICES = np.array(
    [
        [[0.0, 1.0, 2.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]],
        [[0.5, -1.0, 0.25], [2.0, 0.0, 1.0], [-0.5, 1.5, -1.0]],
        [[5.0, 1.0, 0.0], [1.0, -6.0, 0.5], [0.0, 0.5, 2.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        [[2.0**-30, 0.0, 1.0], [0.0, 2.0**-40, 0.0], [-1.0, 0.0, 0.0]],
    ]
)


def _series(matrix: Any) -> Any:
    """The power series in fractions, to 70 digits at these norms."""
    A = np.vectorize(Fraction, otypes=[object])(matrix)
    term = found = np.vectorize(Fraction, otypes=[object])(np.eye(len(A)))
    for k in range(1, 140):
        term = (term @ A) / Fraction(k)
        found = found + term
    return found


def _contains(ball: Any, truth: Fraction) -> bool:
    with ctx.workprec(2000):
        apart = abs(ball - arb(fmpq(truth.numerator, truth.denominator)))
        return bool(apart.lower() < arb(10) ** -50)


def test_exponentials() -> None:
    bounded = expm(Bounded(np.moveaxis(MATRICES, 0, -1)))
    plain = expm(Plain(np.moveaxis(MATRICES, 0, -1))).value
    traced = expm(Traced(np.moveaxis(MATRICES, 0, -1))).value
    for case, matrix in enumerate(MATRICES):
        truth = _series(matrix)
        with working_precision(128):
            ball = expm(Ball.constant(matrix)).entries
            recorded = expm(Recorded.leaf(matrix)).ball.entries
        for index in np.ndindex(3, 3):
            exact = truth[index]
            slip = Fraction(1, 10**50)
            low, high = (Fraction(float(x[(*index, case)])) for x in (bounded.lower, bounded.upper))
            assert low - slip <= exact <= high + slip
            assert bounded.radius[(*index, case)] < 1e-9
            assert _contains(ball[index], exact)
            assert ball[index].rad() < arb(2) ** -90
            assert recorded[index].overlaps(ball[index])
            assert float(plain[(*index, case)]) == pytest.approx(float(exact), abs=1e-10)
            assert float(traced[(*index, case)]) == pytest.approx(float(exact), abs=1e-10)


def test_uncertain_matrices() -> None:
    error = 2.0**-20
    found = expm(Bounded(MATRICES[1][..., None], np.full((3, 3, 1), error)))
    for sign in (-1, 1):
        truth = _series(MATRICES[1] + sign * error)
        for index in np.ndindex(3, 3):
            assert Fraction(float(found.lower[(*index, 0)])) <= truth[index]
            assert truth[index] <= Fraction(float(found.upper[(*index, 0)]))


def test_series_that_end_are_exact() -> None:
    found = expm(Exact.constant(MATRICES[0])).entries
    truth = _series(MATRICES[0])
    assert all(found[i].ratio == fmpq(truth[i].numerator, truth[i].denominator)
               for i in np.ndindex(3, 3))  # fmt: skip
    assert not any(x.known for x in expm(Exact.constant(MATRICES[1])).entries.flat)


def test_huge_matrices_are_left_to_balls() -> None:
    found = expm(Bounded(np.array([[1e9]])[..., None]))
    assert not np.isfinite(found.upper).any()
    for wrong in (np.nan, np.inf):
        assert not np.isfinite(expm(Bounded(np.array([[[wrong]]]))).upper).any()


def test_the_derivative_of_the_trace_is_the_transposed_exponential() -> None:
    A = Ball.constant(MATRICES[1])
    with working_precision(128):
        apart = grad(lambda m: trace(expm(m)), A) - expm(A).T
        assert all(x.contains(0) and x.rad() < 1e-25 for x in apart.entries.flat)
        # Of a matrix of order 1 it is the exponential of a number.
        one = Ball.constant([[0.75]])
        assert (total(expm(one)) - exp(Ball.constant(0.75))).item.contains(0)


# Roots with known squares; one is singular, one nearly so.
ROOTS = [
    [[2, 1, 0], [1, 3, -1], [0, -1, 4]],
    [[1, 1, 0], [1, 1, 0], [0, 0, 2]],
    [[1, 0, 0], [0, 2**-12, 0], [0, 0, 3]],
    [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
]


@pytest.mark.parametrize("root", ROOTS)
def test_roots(root: Any) -> None:
    R = np.array(root, dtype=float)
    A = R @ R
    bounded = sqrtm(Bounded(A[..., None]))
    with working_precision(128):
        ball = sqrtm(Ball.constant(A)).entries
    for index in np.ndindex(3, 3):
        assert bounded.lower[(*index, 0)] <= R[index] <= bounded.upper[(*index, 0)]
        assert bounded.radius[(*index, 0)] < 1e-6
        assert ball[index].contains(R[index])
        assert ball[index].rad() < 1e-17
    assert np.allclose(sqrtm(Plain(A[..., None])).value[..., 0], R, atol=1e-7)
    exact = sqrtm(Exact.constant(A)).entries
    assert all(
        not exact[i].known or exact[i].ratio == fmpq(*R[i].as_integer_ratio())
        for i in np.ndindex(3, 3)
    )


def test_matrices_without_a_root() -> None:
    A = np.array([[1.0, 2.0], [2.0, 1.0]])
    assert np.isnan(sqrtm(Bounded(A[..., None])).lower).all()
    with working_precision(128):
        assert not sqrtm(Ball.constant(A)).is_finite
    for function in (expm, sqrtm):
        with pytest.raises(FormulaError, match="takes a square matrix"):
            function(Ball.constant(np.ones((2, 3))))
