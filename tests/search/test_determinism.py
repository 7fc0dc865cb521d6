"""The result on a claim depends on seed, plan and claim: not on processes, not on other claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from checker.claims.claim import Claim
from checker.claims.registry import select
from checker.report.evidence import run_to_json
from checker.search.verify import Plan, verify

ZOU = (
    "zou2020.dominance.norms_of_A_and_B",
    "zou2020.dominance.no_factor_1_over_e",
    "zou2020.gradient.no_growth",
)
KAWAGUCHI = ("kawaguchi2019.lemma.S_added", "kawaguchi2019.full_rank.no_V_block")


def result(ids: tuple[str, ...], cases: int, jobs: int) -> dict[str, Any]:
    """The whole evidence as JSON, by claim, but for the seconds."""
    return evidence(select(ids), cases, jobs)


def evidence(claims: Sequence[Claim], cases: int, jobs: int) -> dict[str, Any]:
    found = verify(Plan(tuple(claims), cases=cases, jobs=jobs))
    rows = run_to_json(found, 0)["claims"]
    return {c["id"]: {k: v for k, v in c.items() if k != "seconds"} for c in rows}


@pytest.mark.parametrize(
    ("ids", "cases"), [pytest.param(ZOU, 1000, marks=pytest.mark.nightly), (KAWAGUCHI, 2000)]
)
def test_processes_change_nothing(ids: tuple[str, ...], cases: int) -> None:
    """False neighbours fall at different tasks, and are left out of later ones."""
    assert result(ids, cases, jobs=1) == result(ids, cases, jobs=2)


def test_claims_that_fall_do_not_notice_each_other() -> None:
    together = result(KAWAGUCHI, 2000, jobs=2)
    for name in KAWAGUCHI:
        assert result((name,), 2000, jobs=1)[name] == together[name]


def test_claims_that_stand_do_not_notice_each_other() -> None:
    """Their shares of cases that float64 cannot decide differ, and so do their main batches."""
    first, second = select(["shamir2018.lemma1", "shamir2018.theorem1"])
    few = dict(list(first.domain.strata.items())[:8])
    domain = replace(first.domain, strata=few, corners={}, shipped={})
    claims = [replace(claim, domain=domain) for claim in (first, second)]
    together = evidence(claims, 200, jobs=2)
    assert evidence(claims[1:], 200, jobs=1)[second.id] == together[second.id]
