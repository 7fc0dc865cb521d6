"""Sharpest constants, on claims whose best constants are known."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import dot, norm, sq, total
from checker.claims.claim import Claim, Domain, claim
from checker.claims.registry import select
from checker.errors import InputError
from checker.report.sharpen import print_sharpened
from checker.report.terminal.console import make_console
from checker.search.guided.hunt import Budget
from checker.search.sharpening.closed_forms import closed_form
from checker.search.sharpening.sharpen import _Sharpener, sharpen
from tests.search.test_climb import Vectors, cauchy_schwarz

BUDGET = Budget(20_000)


@claim(given=Vectors, id="test.generous", constants={"c": 3})
def generous(at: Any, c: Any) -> Any:
    """c (|u|² + |v|²) >= <u, v>: the best constant is 1/2."""
    return c * (sq(at.u) + sq(at.v)) >= dot(at.u, at.v)


@claim(given=Vectors, id="test.upper", constants={"c": Fraction(1, 4)})
def upper(at: Any, c: Any) -> Any:
    """|u|² + |v|² >= c |u| |v|: the best constant is 2, from above."""
    return sq(at.u) + sq(at.v) >= c * norm(at.u) * norm(at.v)


@pytest.mark.parametrize(
    ("claim", "best", "weaker"), [(cauchy_schwarz, 1, 1), (generous, Fraction(1, 2), 1)]
)
def test_the_best_constant_to_six_digits(claim: Claim, best: Fraction, weaker: int) -> None:
    found = sharpen(claim, "c", 0, BUDGET)
    assert found.weaker == weaker
    assert found.fails_at is not None
    assert found.fails_at < best < found.survives_at
    assert found.survives_at - found.fails_at < Fraction(4, 10**6)
    assert not found.refuted


def test_a_constant_that_claims_more_when_larger() -> None:
    found = sharpen(upper, "c", 0, BUDGET)
    assert found.weaker == -1
    # Twice the printed value survives, and so would much more: the search goes on.
    assert found.fails_at is not None
    assert 0 < found.fails_at - 2 < Fraction(1, 10**6)


def test_a_closed_form_is_recognised_and_equality_there_proved() -> None:
    found = sharpen(upper, "c", 0, BUDGET)
    assert found.known is not None
    assert found.known.form.text == "2"
    assert found.known.evaluations >= BUDGET.evaluations
    assert found.known.attained is not None
    at = upper.with_constants(c=2)
    assert decide_case(at, found.known.attained.instance).decision is Decision.EQUAL
    # The case that is shown is the readable one.
    assert found.witness is not None
    assert found.witness.instance is found.known.attained.instance
    assert found.witness.result.decision is Decision.VIOLATED


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        ("0.70710678", "0.70710688", "√(1/2)"),
        ("0.4999999", "0.50000012", "1/2"),
        ("0.14814814", "0.14814835", "4/27"),
        ("1.41421356", "1.41421397", "√2"),
        ("-1.41421397", "-1.41421356", "-√2"),
        ("9.999999", "10.000001", "10"),
        ("0.78539816", "0.78539826", "π/4"),
        ("5.4365636", "5.4365637", "2e"),
        ("-0.0000001", "0.0000001", "0"),
        ("1.09983931", "1.09983951", None),
        ("0.5772156", "0.5772157", None),
    ],
)
def test_closed_forms(low: str, high: str, text: str | None) -> None:
    form = closed_form(Fraction(low), Fraction(high))
    assert (form and form.text) == text


def test_few_random_numbers_have_a_closed_form() -> None:
    """About one in a thousand for each kind: a form that is found means something."""
    rng = np.random.default_rng(0)
    lows = (Fraction(x) for x in rng.uniform(0.1, 10, 600))
    found = sum(closed_form(x, x * Fraction("1.0000002")) is not None for x in lows)
    assert found < 6


def test_a_constant_at_which_nothing_fails() -> None:
    idle = replace(generous, formula=lambda at, c: sq(at.u) + sq(at.v) + abs(c) >= dot(at.u, at.v))
    found = sharpen(idle, "c", 0, Budget(3_000))
    assert (found.fails_at, found.best, found.known) == (None, None, None)
    assert found.survives_at < -4000
    stream = StringIO()
    print_sharpened(make_console(stream), idle, [found], interrupted=False)
    assert "none failed" in stream.getvalue()


def test_the_witness_fails_at_the_value_and_not_beyond() -> None:
    found = sharpen(generous, "c", 0, BUDGET)
    assert found.witness is not None
    assert found.fails_at is not None
    at = generous.with_constants(c=found.fails_at)
    assert decide_case(at, found.witness.instance).decision is Decision.VIOLATED
    beyond = generous.with_constants(c=found.survives_at)
    assert decide_case(beyond, found.witness.instance).decision is not Decision.VIOLATED


@pytest.mark.parametrize("claim", [cauchy_schwarz, generous])
def test_what_is_printed_fails_and_survives_as_printed(claim: Claim) -> None:
    """No rounding between what was decided and what is said: 2 - ε fails, 2.000000000 does not."""
    found = sharpen(claim, "c", 0, BUDGET)
    assert found.witness is not None
    stream = StringIO()
    print_sharpened(make_console(stream), claim, [found], interrupted=False)
    said = re.findall(r"^c = (\S+) fails at: ", stream.getvalue(), re.MULTILINE)
    fails, survives = re.findall(r"^c  .*", stream.getvalue(), re.MULTILINE)[0].split()[3:5]
    assert said == [fails]
    assert len(fails) < 16
    decided = decide_case(claim.with_constants(c=Fraction(fails)), found.witness.instance)
    assert decided.decision is Decision.VIOLATED
    assert Fraction(survives) == found.survives_at


def test_a_claim_that_fails_as_printed_is_said_to() -> None:
    found = sharpen(generous.with_constants(c=Fraction(1, 4)), "c", 0, BUDGET)
    assert found.refuted
    assert found.fails_at is not None
    assert abs(found.fails_at - Fraction(1, 2)) < Fraction(1, 10**6)


def test_a_constant_without_effect() -> None:
    idle = replace(generous, formula=lambda at, c: sq(at.u) + 0 * c >= 0 * total(at.v))
    assert sharpen(idle, "c", 0, BUDGET).best is None


def test_an_unknown_constant_lists_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"no constant 'd'.*constants of this claim: c"):
        sharpen(generous, "d", 0, BUDGET)


def test_a_claim_about_nothing_is_an_input_error() -> None:
    empty = replace(generous, domain=Domain(st.nothing()))
    with pytest.raises(InputError, match="no case drawn"):
        sharpen(empty, "c", 0, BUDGET)


def test_a_constant_that_cannot_save_the_claim() -> None:
    hopeless = replace(generous, formula=lambda at, c: c + total(at.u) >= 1000.0 * total(at.v))
    with pytest.raises(InputError, match=r"violates test\.generous even at c = "):
        sharpen(hopeless, "c", 0, BUDGET)


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_trivial_cases_have_no_say_in_the_direction(name: str, nightly: bool) -> None:
    """Theorem 1 says nothing where F <= F_lin, and a greater constant then makes the slack less."""
    (theorem,) = select(["shamir2018.theorem1"])
    for seed in range(3 if nightly else 1):
        sharpener = _Sharpener(theorem, name, seed, BUDGET, lambda _: None)
        assert sharpener._direction() == 1
