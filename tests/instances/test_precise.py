"""A premise that is code for float64 is asked again in numbers that do not round."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import dot, norm, sq, total
from checker.claims.claim import Assumption, Claim, claim
from checker.claims.verdict import Verdict
from checker.instances.precise import Precise, precisely
from checker.search.verify import Plan, verify


@dataclass(frozen=True, eq=False)
class Weights:
    p: np.ndarray[Any, Any]


# Its sum is 1 + 2^-53, which float64 rounds to 1.
ROUNDED = Weights(np.array([0.5, 0.5 + 2.0**-53]))
EXACT = Weights(np.array([0.5, 0.5]))


def sums_to_one(at: Any) -> Any:
    return at.p.sum(axis=0) == 1


@pytest.mark.parametrize(
    ("test", "rounded", "exact"),
    [
        (sums_to_one, False, True),
        (lambda at: (at.p.sum(axis=0) == 1) & (at.p > 0).all(axis=0), False, True),
        (lambda at: abs(at.p.sum(axis=0) - 1.0) < 2.0**-53, False, True),
        (lambda at: np.all(at.p >= 0, axis=0), True, True),
        (lambda at: 1 - at.p[0] == at.p[1], False, True),
        (lambda at: at.p[0] ** 2 + at.p[1] ** 2 < 1, True, True),
        # A premise may say that numbers are near each other.
        (lambda at: np.isclose(at.p.sum(axis=0), 1), True, True),
        # Roots and floats: nothing better than float64 is known.
        (lambda at: np.linalg.norm(at.p) <= 3, None, None),
        (lambda at: float(at.p[0]) > 0, None, None),
        (lambda at: at.p > 0, None, None),
    ],
)
def test_float_code_in_exact_numbers(test: Any, rounded: Any, exact: Any) -> None:
    assert precisely(test, ROUNDED) is rounded
    assert precisely(test, EXACT) is exact


def test_numbers_do_not_round() -> None:
    third = Precise(Fraction(1, 3))
    assert (third * 3 - 1.0 + 2.0**-80).value == Fraction(1, 2**80)
    assert (1 / third).value == 3
    with pytest.raises(TypeError):
        float(third)


WEIGHTS = st.sampled_from([EXACT, ROUNDED, Weights(np.array([0.25, 0.75]))])


def _verified(stated: Claim) -> Any:
    return verify(Plan((stated,), cases=200))[0]


def test_what_float64_takes_for_met_refutes_nothing() -> None:
    """Sum p <= 1 where sum p = 1: true, and violated by what float64 takes for a distribution."""

    @claim(given=st.builds(lambda w: w, WEIGHTS), assuming=[Assumption("one", "", sums_to_one)])
    def at_most_one(at: Any) -> Any:
        return 1 + 0 * at.p[0] >= total(at.p)

    assert decide_case(at_most_one, ROUNDED).decision is Decision.EXCLUDED
    found = _verified(at_most_one)
    assert found.verdict is not Verdict.REFUTED
    assert found.tally.worst is None
    assert found.tally.excluded > 0


def test_a_premise_that_cannot_be_asked_again_leaves_a_candidate() -> None:
    def in_ball(at: Any) -> Any:
        return np.sqrt((at.p**2).sum(axis=0)) <= 3

    @claim(given=WEIGHTS, assuming=[Assumption("in_ball", "", in_ball)])
    def small(at: Any) -> Any:
        return norm(at.p) <= 0.5

    found = _verified(small)
    assert found.verdict is Verdict.UNDECIDED
    assert "the assumption in_ball was tested in float64" in found.reason

    @claim(given=WEIGHTS, assuming=[Assumption("in_ball", "", in_ball, decided=True)])
    def trusted(at: Any) -> Any:
        return norm(at.p) <= 0.5

    @claim(given=WEIGHTS, assuming=[lambda at: norm(at.p) <= 3])
    def written(at: Any) -> Any:
        return norm(at.p) <= 0.5

    assert _verified(trusted).verdict is Verdict.REFUTED
    assert _verified(written).verdict is Verdict.REFUTED


def test_exact_premises_still_refute() -> None:
    @claim(given=WEIGHTS, assuming=[Assumption("one", "", sums_to_one)])
    def too_even(at: Any) -> Any:
        return sq(at.p) + 0 * dot(at.p, at.p) >= Fraction(51, 100)

    found = _verified(too_even)
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample.instance.p.tolist() == [0.5, 0.5]
