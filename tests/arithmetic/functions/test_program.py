"""Claims about code: a program is the subject, and its bits refute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checker import amin, claim, decide, numbers, program, total, vectors
from checker.arithmetic.ball import Ball
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.decide import Decision
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import black_box, grad
from checker.arithmetic.plain import Plain
from checker.arithmetic.recorded import Recorded
from checker.errors import FormulaError, InputError

KINDS = {"Bounded": Bounded, "Plain": Plain, "Ball": Ball, "Exact": Exact, "Recorded": Recorded}


def _lifted(name: str, values: Any) -> Any:
    array = np.asarray(values, dtype=float)
    return (
        KINDS[name](array[..., None])
        if name in ("Bounded", "Plain")
        else KINDS[name].constant(array)
    )


def mean_of_code(x: Any) -> Any:
    # Not by sum(), which carries what it rounds off from Python 3.12 on.
    total = 0.0
    for v in x.tolist():
        total += v / len(x)
    return total


@claim
def mean_is_between(x: vectors("n")) -> Any:  # type: ignore[valid-type]
    return program(mean_of_code, x) >= amin(x)


@claim
def mean_is_between_by_black_box(x: vectors("n")) -> Any:  # type: ignore[valid-type]
    return black_box(mean_of_code, x) >= amin(x)


@claim
def sums_commute(a: numbers(), b: numbers()) -> Any:  # type: ignore[valid-type]
    return program(lambda a, b: a + b, a, b) == program(lambda a, b: b + a, a, b)


def test_a_violation_by_code_refutes() -> None:
    six = decide(mean_is_between, x=[1.0] * 6)
    assert six.decision is Decision.VIOLATED
    assert six.refutes
    assert six.lhs == 0.9999999999999999
    assert decide(mean_is_between, x=[1.0, 2.0]).decision is Decision.HOLDS
    assert not decide(mean_is_between_by_black_box, x=[1.0] * 6).refutes
    assert decide(sums_commute, a=0.1, b=1e30).decision is Decision.EQUAL


@pytest.mark.parametrize("name", KINDS)
def test_code_gets_copies_of_the_very_floats_and_its_results_are_exact(name: str) -> None:
    x = _lifted(name, [0.1, 2.0**-1074])

    def spoiling(v: Any) -> Any:
        v += 1
        return v.astype(np.float32)

    found = program(spoiling, x)
    assert np.array_equal(found.floats()[0], np.float32([1.1, 1.0]).astype(float))
    assert np.array_equal(x.floats()[0], [0.1, 2.0**-1074])
    assert not found.unproved
    assert getattr(found, "error", None) is None


@pytest.mark.parametrize("name", ["Bounded", "Ball", "Exact"])
def test_code_takes_no_computed_numbers(name: str) -> None:
    x = _lifted(name, [0.1, 0.2])
    with pytest.raises(FormulaError, match=r"the program sum is called with a number .* computed"):
        program(sum, x / 3)


def test_what_is_no_program_says_so() -> None:
    x = Ball.constant([1.0])
    count = iter(range(9))
    with pytest.raises(FormulaError, match="returns different numbers for the same input"):
        program(lambda _: next(count), x)
    with pytest.raises(FormulaError, match="no derivative of program"):
        grad(lambda v: total(program(np.sin, v)), x)
    with pytest.raises(InputError, match="an integer that is not a float"):
        program(lambda _: 2**53 + 1, x)
    with pytest.raises(InputError, match="not an array of real numbers"):
        program(lambda _: "text", x)


def test_a_nan_passes_nothing() -> None:
    @claim
    def of_nan(a: numbers()) -> Any:  # type: ignore[valid-type]
        return program(lambda a: a - np.inf, a) <= 0

    assert decide(of_nan, a=1.0).decision is Decision.OUT_OF_RANGE


def test_what_is_unproved_stays_so() -> None:
    assert program(np.sin, Ball.constant([1.0]).marked("guessed")).unproved == "guessed"


def test_reports_name_the_program() -> None:
    found = program(mean_of_code, Recorded.leaf(np.array([1.0, 2.0])))
    assert (found.node.op, found.node.value) == ("program", "mean_of_code")


@pytest.mark.parametrize("called", [program, black_box])
@pytest.mark.filterwarnings("error")
def test_a_search_that_overflows_in_code_warns_nobody(called: Any) -> None:
    @claim
    def reciprocal(x: numbers()) -> Any:  # type: ignore[valid-type]
        return called(lambda v: np.exp(1000 * v) / (v - v), x) >= 0

    assert not decide(reciprocal, x=1.0).refutes
