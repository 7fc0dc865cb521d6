"""The gate: every theorem stands under attack, every false neighbour falls."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.claim import Claim
from checker.verdict import Verdict
from checker.verify import Plan, verify
from properties import mutants, shamir2018

THEOREMS = [c for c in vars(shamir2018).values() if isinstance(c, Claim)]
MUTANTS = [c for c in vars(mutants).values() if isinstance(c, Claim)]
CASES = 160_000


def _budget(claim: Claim) -> int:
    return min(claim.domain.cases or CASES, CASES)


@pytest.mark.parametrize("claim", THEOREMS, ids=lambda c: c.id)
def test_theorem_stands(claim: Claim) -> None:
    cases = 60 if claim.census else _budget(claim)
    evidence = verify(Plan((claim,), cases=cases, seed=1))[0]
    assert evidence.verdict is Verdict.STANDS, evidence.reason
    assert evidence.tally.cases >= cases
    assert evidence.tally.oracle_checks > 0


@pytest.mark.parametrize("claim", MUTANTS, ids=lambda c: c.id)
def test_false_neighbour_is_refuted(claim: Claim) -> None:
    evidence = verify(Plan((claim,), cases=CASES, seed=1))[0]
    assert evidence.verdict is Verdict.REFUTED, evidence.reason
    assert evidence.counterexample is not None
    replayed = decide_case(claim, evidence.counterexample.instance, claim.weight)
    assert replayed.decision is Decision.VIOLATED


def test_every_theorem_has_a_false_neighbour() -> None:
    assert {m.of for m in MUTANTS} == {c.id for c in THEOREMS}


def _elementwise() -> list[Claim]:
    return [c for c in THEOREMS if not c.census]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("claim", _elementwise(), ids=lambda c: c.id)
def test_theorem_holds_on_small_dyadics(claim: Claim, data: Any) -> None:
    instance = data.draw(claim.domain.instances)
    if not all(bool(a.holds(instance)) for a in claim.assuming):
        return
    assert decide_case(claim, instance).decision is not Decision.VIOLATED


def test_found_points_above_the_linear_level_are_escaped() -> None:
    evidence = verify(Plan((shamir2018.no_bad_local_minimum,), cases=40, seed=2))[0]
    kinds = evidence.tally.critical
    above = sum(
        n for kind, n in kinds.items() if kind.endswith("above linear") and "not" not in kind
    )
    assert above > 10
    assert not any("positive definite, above linear" in kind for kind in kinds)
