"""Everything that a formula returns is asserted, and decided as it is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest

from checker.arithmetic.ball import Ball
from checker.arithmetic.decide import Decision, decide_batch, decide_case
from checker.arithmetic.functions import exp, frobenius, norm, sqrt
from checker.arithmetic.inequality import all_of, conclusions, implies
from checker.errors import FormulaError
from checker.instances.fields import Batch, Dims, FloatArray, unchecked


@dataclass(frozen=True, eq=False)
class Two:
    x: Annotated[FloatArray, Dims()]
    y: Annotated[FloatArray, Dims()]


@dataclass(frozen=True, eq=False)
class Vectors:
    u: Annotated[FloatArray, Dims("k")]
    v: Annotated[FloatArray, Dims("k")]


def _all(formula: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda at: all_of(conclusions(formula(at)))


def _decisions(formula: Callable[[Any], Any], x: list[float], y: list[float]) -> list[str]:
    """By batches and case by case, which must agree."""
    batch = Batch(unchecked(Two, x=np.array(x), y=np.array(y)), len(x), "")
    result = decide_batch(_all(formula), batch)
    alone = [decide_case(_all(formula), batch.case(i)).decision for i in range(len(x))]
    both = [result.result(i).decision for i in range(len(x))]
    holding = (Decision.HOLDS, Decision.EQUAL)
    assert [d in holding for d in both] == [d in holding for d in alone]
    assert [d is Decision.VIOLATED for d in both] == [d is Decision.VIOLATED for d in alone]
    return [d.name for d in alone]


X, Y = [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]
STATEMENTS: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    ">=": (lambda at: at.x >= at.y, ["VIOLATED", "EQUAL", "HOLDS"]),
    ">": (lambda at: at.x > at.y, ["VIOLATED", "VIOLATED", "HOLDS"]),
    "<": (lambda at: at.x < at.y, ["HOLDS", "VIOLATED", "VIOLATED"]),
    "==": (lambda at: at.x == at.y, ["VIOLATED", "EQUAL", "VIOLATED"]),
    "difference >= 0": (lambda at: at.x - at.y >= 0, ["VIOLATED", "EQUAL", "HOLDS"]),
    "0 >= difference": (lambda at: 0 >= at.y - at.x, ["VIOLATED", "EQUAL", "HOLDS"]),
    "difference > 0": (lambda at: at.x - at.y > 0, ["VIOLATED", "VIOLATED", "HOLDS"]),
    "tuple": (lambda at: (at.x >= 1, at.x <= at.y), ["EQUAL", "EQUAL", "VIOLATED"]),
    "list": (lambda at: [at.x >= at.y, at.y >= 0], ["VIOLATED", "EQUAL", "HOLDS"]),
    "nested": (lambda at: ((at.x >= 0, at.y >= 0), [at.x <= at.y]), ["HOLDS", "EQUAL", "VIOLATED"]),
    "implies": (lambda at: implies(at.x >= at.y, at.x >= 3), ["HOLDS", "VIOLATED", "EQUAL"]),
    "implies >": (lambda at: implies(at.x > at.y, at.x > 3), ["HOLDS", "HOLDS", "VIOLATED"]),
    "implies ==": (lambda at: implies(at.x == at.y, at.x >= 3), ["HOLDS", "VIOLATED", "HOLDS"]),
    "strict of roots": (lambda at: sqrt(at.x) > sqrt(at.y), ["VIOLATED", "VIOLATED", "HOLDS"]),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_means_what_it_says(name: str) -> None:
    formula, want = STATEMENTS[name]
    assert _decisions(formula, X, Y) == want


@pytest.mark.parametrize(
    ("formula", "want"),
    [
        (lambda at: at.u >= at.v, "VIOLATED"),
        (lambda at: at.u <= at.v, "EQUAL"),
        (lambda at: at.u < at.v, "VIOLATED"),
        (lambda at: at.u == at.v, "VIOLATED"),
        (lambda at: at.u + at.v == at.v + at.u, "EQUAL"),
        (lambda at: abs(at.u - at.v) >= 0, "EQUAL"),
    ],
)
def test_arrays_are_compared_entry_by_entry(formula: Callable[[Any], Any], want: str) -> None:
    at = Vectors(np.array([1.0, 2.0, 0.0]), np.array([2.0, 2.0, 0.5]))
    decision = decide_case(_all(formula), at).decision.name
    assert decision == want


def test_a_premise_that_is_not_decided_refutes_nothing() -> None:
    """A root of a square that is not seen is open; a conclusion that holds needs no premise."""
    tied = Two(np.array(0.3), np.array(1.0))

    def one(at: Any) -> Any:
        return sqrt(2 + exp(2 * at.x) + exp(-2 * at.x)) / (exp(at.x) + exp(-at.x))

    false = decide_case(lambda at: implies(one(at) >= 1, at.y >= 2), tied)
    assert false.decision is Decision.TIGHT
    assert not false.nontrivial
    true = decide_case(lambda at: implies(one(at) >= 1, at.y >= 1), tied)
    assert true.decision is Decision.EQUAL


def test_a_vacuous_case_says_nothing() -> None:
    result = decide_case(lambda at: implies(at.x >= 2, at.y >= 5), Two(np.array(1.0), np.array(1)))
    assert (result.decision, result.nontrivial) == (Decision.HOLDS, False)


def test_a_difference_has_the_scale_of_its_terms() -> None:
    far = Two(np.array(1e6), np.array(999999.0))
    joined = decide_case(lambda at: at.x - at.y >= 0, far)
    apart = decide_case(lambda at: at.x >= at.y, far)
    assert joined.relative_slack == apart.relative_slack == pytest.approx(1e-6)
    assert (
        decide_case(lambda at: at.x * at.y >= 0, Two(np.array(1.0), np.array(0.25))).relative_slack
        == 0.25
    )


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "returns nothing"),
        (True, "returns True, a truth value"),
        ((), "returns an empty tuple"),
        (1.0, "returns a float"),
        ("x >= 0", "returns a str"),
        ([None], "returns nothing"),
    ],
)
def test_what_is_no_assertion(returned: Any, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        conclusions(returned)


def test_a_number_is_no_assertion() -> None:
    at = Vectors(np.array([1.0]), np.array([2.0]))
    with pytest.raises(FormulaError, match="returns a number"):
        decide_case(_all(lambda a: norm(a.u)), at)


def test_the_norm_of_a_matrix_has_to_be_named() -> None:
    """Papers write the spectral norm so, and programs the Frobenius norm."""
    matrix = Ball.constant(np.array([[3.0, 0.0], [0.0, 4.0]]))
    with pytest.raises(FormulaError, match=r"matrix of shape \(2, 2\).*spectral_norm.*frobenius"):
        norm(matrix)
    assert float(frobenius(matrix).item) == float(norm((matrix, 0 * matrix)).item) == 5
    assert float(norm(matrix[0]).item) == 3
