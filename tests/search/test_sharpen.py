"""Sharpest constants, on claims whose best constants are known."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from io import StringIO
from typing import Any

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
from checker.search.sharpen import _Sharpener, sharpen
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
    # Twice the printed value, the most demanding start, survives; so nothing more is tried.
    assert found.fails_at is None
    assert found.best == Fraction(1, 2)


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
