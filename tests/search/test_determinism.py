"""The result on a claim depends on seed, plan and claim: not on processes, not on other claims."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from checker.claims.claim import Claim
from checker.claims.registry import select
from checker.instances.draws import draw_many, numbers_in
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


def test_other_files_do_not_change_what_a_seed_draws(tmp_path: Path) -> None:
    """Hypothesis tries numbers of the modules that are loaded, wherever those lie."""
    (tmp_path / "numbers_beside.py").write_text(f"NUMBERS = {list(range(1000, 1300))}")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "if sys.argv[1:]: import numbers_beside\n"
        "from hypothesis import strategies as st\n"
        "from checker.instances.draws import draw_many\n"
        "print(draw_many(st.integers(), 300, 7))"
    )
    alone, beside = (
        subprocess.run(
            [sys.executable, "-c", code, *more],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for more in ((), ("beside",))
    )
    assert alone == beside


def test_numbers_of_the_formula_are_tried() -> None:
    drawn = draw_many(st.floats(), 400, 3, numbers_in(lambda at: at.x >= 7.8125))
    assert 7.8125 in drawn
    assert 7.8125 not in draw_many(st.floats(), 400, 3)
