"""What has no value is said to have none, where, and how often: distinct cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import cbrt, exp, log, norm, sqrt
from checker.claims.claim import Claim, claim
from checker.claims.verdict import Verdict
from checker.search.verify import Plan, verify


@dataclass(frozen=True, eq=False)
class Vector:
    x: np.ndarray[Any, Any]


def _drawn(low: int, high: int, size: int = 2) -> Any:
    numbers = st.lists(st.integers(low, high), min_size=size, max_size=size)
    return numbers.map(lambda x: Vector(np.array(x, float)))


@pytest.mark.parametrize(
    ("formula", "x", "why"),
    [
        (lambda at: at.x[0] / norm(at.x) <= 1, 0.0, "a division by 0"),
        (lambda at: sqrt(at.x[0]) >= 0, -4.0, "the root of a negative number"),
        (lambda at: log(at.x[0]) <= 9, 0.0, "the logarithm of 0"),
        (lambda at: log(at.x[0]) <= 9, -1.0, "the logarithm of a negative number"),
        (lambda at: 1 / (exp(at.x[0]) - exp(at.x[0])) >= 0, 1.0, "a division by 0"),
    ],
)
def test_the_operation_is_named(formula: Any, x: float, why: str) -> None:
    result = decide_case(formula, Vector(np.array([x, 0.0])))
    assert (result.decision, result.undefined) == (Decision.UNDEFINED, why)


def test_beyond_the_range_of_balls_is_something_else() -> None:
    result = decide_case(lambda at: cbrt(exp(exp(exp(at.x[0])))) >= 0, Vector(np.array([1e3])))
    assert (result.decision, result.undefined) == (Decision.OUT_OF_RANGE, "")


def _verified(stated: Claim) -> Any:
    return verify(Plan((stated,), cases=300))[0]


def test_one_undefined_case_is_one_however_often_it_is_drawn() -> None:
    @claim(given=_drawn(-9, 9, 3))
    def cosine(at: Any) -> Any:
        return norm(at.x) >= at.x[0] * norm(at.x) / norm(at.x)

    found = _verified(cosine)
    assert found.verdict is Verdict.STANDS
    assert found.reason == "undefined at x=[0, 0, 0]: a division by 0"
    assert len(found.tally.undefined) == 1


def test_many_of_them_leave_the_claim_open() -> None:
    @claim(given=_drawn(-9, 9))
    def root(at: Any) -> Any:
        return 10 >= sqrt(at.x[0])

    found = _verified(root)
    assert found.verdict is Verdict.UNDECIDED
    assert "the root of a negative number, and at" in found.reason


def test_undefined_everywhere() -> None:
    @claim(given=_drawn(-9, -1))
    def root(at: Any) -> Any:
        return 10 >= sqrt(at.x[0])

    found = _verified(root)
    assert found.verdict is Verdict.VACUOUS
    assert found.reason.startswith("undefined at x=[-")


def test_so_many_that_they_are_not_all_told_apart_leave_it_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counting ends at some number, which may be below any share of the cases."""

    @claim(given=_drawn(-999, 999, 1))
    def root(at: Any) -> Any:
        return 1000 >= sqrt(at.x[0] + 500)

    monkeypatch.setattr("checker.claims.verdict.MAX_UNDEFINED", 3)
    monkeypatch.setattr("checker.claims.verdict.MAX_OUT_OF_RANGE_SHARE", 0.5)
    found = verify(Plan((root,), cases=300))[0]
    assert found.verdict is Verdict.UNDECIDED
    assert found.reason.endswith("and at at least 2 others")
