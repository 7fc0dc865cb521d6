"""Eigenvalues are taken of symmetric matrices alone, decided from the entries and never by size."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.ball import Ball
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.closed.arrays import Closed
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import exp, lambda_max, lambda_min, spectral_norm
from checker.claims.claim import Claim, claim
from checker.claims.verdict import Verdict
from checker.errors import FormulaError
from checker.search.verify import Plan, verify
from checker.sets import matrices, psd, symmetric

OTHER = [[1.0, 2.0], [0.0, 3.0]]
ROTATION = [[0.0, 1.0], [-1.0, 0.0]]


@pytest.mark.parametrize("kind", [Ball, Exact, Closed])
@pytest.mark.parametrize("matrix", [OTHER, ROTATION])
@pytest.mark.parametrize("function", [lambda_min, lambda_max])
def test_other_matrices_are_refused(kind: Any, matrix: Any, function: Any) -> None:
    with pytest.raises(FormulaError, match=r"symmetric matrix.*\[0, 1\] and \[1, 0\] differ"):
        function(kind.constant(matrix))


@pytest.mark.parametrize("kind", [Ball, Exact, Closed, Bounded])
def test_only_square_matrices_have_eigenvalues(kind: Any) -> None:
    with pytest.raises(FormulaError, match=r"shape \(2, 3\)"):
        lambda_max(kind.constant(np.ones((2, 3))))


def test_float64_knows_nothing_of_the_others() -> None:
    batch = Bounded(np.array([OTHER, [[1.0, 2.0], [2.0, 3.0]]]).transpose(1, 2, 0))
    low, high = lambda_min(batch), lambda_max(batch)
    assert np.isnan(high.lower[0])
    assert np.isnan(low.upper[0])
    assert low.upper[1] < 2 - 5**0.5 + 1e-9
    assert high.lower[1] > 2 + 5**0.5 - 1e-9


def test_the_least_difference_is_one() -> None:
    """2^-200 is nothing to balls of 128 bits, and no tolerance for exact numbers."""
    matrix = [[Fraction(1), 1 + Fraction(1, 2**200)], [Fraction(1), Fraction(1)]]
    with pytest.raises(FormulaError):
        lambda_max(Exact.constant(matrix))
    with pytest.raises(FormulaError):
        lambda_max(exp(Closed.constant(matrix)))


def _found(stated: Claim) -> Any:
    return verify(Plan((stated,), cases=400))[0]


def test_a_claim_about_another_matrix_is_an_error() -> None:
    @claim
    def never(A: matrices("n", "n")) -> Any:  # type: ignore[valid-type]
        return lambda_max(A) >= 3.2

    @claim
    def hardly(A: symmetric("n")) -> Any:  # type: ignore[valid-type]
        """Not symmetric by less than balls of 128 bits see."""
        bent = A + Fraction(1, 2**200) * np.triu(np.ones(A.shape))
        return spectral_norm(A) + 1 >= lambda_max(bent)

    for stated in (never, hardly):
        found = _found(stated)
        assert found.verdict is Verdict.ERROR
        assert "need a symmetric matrix" in found.reason


def test_symmetric_ones_pass() -> None:
    @claim
    def bounds(A: symmetric("n"), B: matrices("n", "n"), C: psd("n")) -> Any:  # type: ignore[valid-type]
        gram, congruent = B @ B.T + C, B @ A @ B.T
        return lambda_max(B + B.T) + lambda_max(gram) + lambda_max(congruent) >= -(10**400)

    (found,) = verify(Plan((bounds,), cases=60))
    assert found.verdict is not Verdict.ERROR, found.reason
    assert found.tally.cases >= 60
