"""The gate: every theorem stands under attack, every false neighbour falls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim
from checker.testing import Checker
from properties.shamir2018 import stationarity as shamir2018_stationarity
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.neighbours import assumptions, constants, curvature, gradient, network
from properties.shamir2018.neighbours import stationarity as mutants_stationarity


def _claims(*modules: Any) -> list[Claim]:
    """Theorems of modules of theorems, false neighbours of the others."""
    found = [c for m in modules for c in vars(m).values() if isinstance(c, Claim)]
    false = ".neighbours." in modules[0].__name__
    return [c for c in found if c.must_be_refuted is false]


THEOREMS = _claims(shamir2018, shamir2018_stationarity)
MUTANTS = _claims(assumptions, constants, curvature, gradient, network, mutants_stationarity)
CASES = 40_000
BY_DAY = 400

# One for each theorem; test_mutants.py has a counterexample to every one.
FALSE_BY_DAY = list({c.of: c for c in reversed(MUTANTS)}.values())


def _budget(claim: Claim, most: int) -> int:
    return min(claim.domain.cases or most, most)


def _by_domain() -> list[tuple[Claim, ...]]:
    """Claims over one domain share batches, here as in `checker verify`."""
    domains: dict[int, list[Claim]] = {}
    for claim in THEOREMS:
        domains.setdefault(id(claim.domain), []).append(claim)
    return [tuple(claims) for claims in domains.values()]


@pytest.mark.parametrize("claims", _by_domain(), ids=lambda c: c[0].id)
def test_theorems_stand(
    claims: tuple[Claim, ...],
    check_claim: Checker,
    in_brief: Callable[[Claim], Claim],
    nightly: bool,
) -> None:
    cases = 40 if claims[0].census else _budget(claims[0], CASES if nightly else BY_DAY)
    found = check_claim(*map(in_brief, claims), cases=cases, seed=1)
    for evidence in found if len(claims) > 1 else [found]:
        assert evidence.tally.cases >= min(cases, check_claim.profile.budget(cases))
        assert evidence.tally.oracle_checks > 0 or not evidence.claim.oracles


@pytest.mark.parametrize(
    "claim",
    [c if c in FALSE_BY_DAY else pytest.param(c, marks=pytest.mark.nightly) for c in MUTANTS],
    ids=lambda c: c.id,
)
def test_false_neighbour_is_refuted(claim: Claim, check_claim: Checker) -> None:
    evidence = check_claim(claim, cases=CASES, seed=1)
    assert evidence.counterexample is not None
    replayed = decide_case(claim, evidence.counterexample.instance, claim.weight)
    assert replayed.decision is Decision.VIOLATED


def test_every_theorem_has_a_false_neighbour() -> None:
    assert {m.of for m in MUTANTS} == {c.id for c in THEOREMS}


def _elementwise() -> list[Claim]:
    return [c for c in THEOREMS if not c.domain.instances.is_empty]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("claim", _elementwise(), ids=lambda c: c.id)
def test_theorem_holds_on_small_dyadics(claim: Claim, data: Any) -> None:
    instance = data.draw(claim.domain.instances)
    if not all(bool(a.holds(instance)) for a in claim.assuming):
        return
    assert decide_case(claim, instance).decision is not Decision.VIOLATED
