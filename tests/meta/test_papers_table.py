"""docs/papers.md lists what the registry has, and each statement has a false neighbour."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from checker.claims.registry import load_claims
from checker.search.verify import Plan, verify

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("papers_table", ROOT / "ci" / "papers_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAPERS = ("yun2019", "kawaguchi2019", "zou2020")


def test_the_page_has_every_statement_and_none_that_is_gone(script: Any) -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "papers.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    assert {line.split("`")[1] for line in rows} == {c.id for c in script.statements()}
    assert all(" STANDS " in line for line in rows)


def test_the_rows_say_how_a_statement_was_checked(script: Any) -> None:
    how = {c.id: script.how(c) for c in script.statements()}
    assert how["zou2020.gaussian"].startswith("statistically")
    assert how["shamir2018.theorem4"].startswith("statistically")
    assert how["kawaguchi2019.local_minima"] == "at found points"
    assert how["yun2019.theorem_across"] == "deterministically"


def test_a_row_is_made_of_a_run(script: Any, tmp_path: Path) -> None:
    from checker.report.evidence import claim_to_json

    (claim,) = [c for c in script.statements() if c.id == "yun2019.example1_residual"]
    found = json.loads(json.dumps(claim_to_json(verify(Plan((claim,), cases=50))[0])))
    row = script.row(claim, found)
    assert "STANDS" in row
    assert "equality, proved (rho)" in row


def _sections(page: str) -> list[str]:
    return page.split("\n## ")


def test_a_run_of_one_paper_keeps_the_other_sections(script: Any) -> None:
    old = (ROOT / "docs" / "papers.md").read_text()
    own = [c for c in script.statements() if c.id.startswith("zou2020.")]
    run = {"seed": 0, "claims": [{"id": c.id, "verdict": "REFUTED", "cases": 1} for c in own]}
    page = script.page(script.statements(), run, old)
    changed = [(a, b) for a, b in zip(_sections(page), _sections(old), strict=True) if a != b]
    ((now, before),) = changed
    assert now.startswith("Difan Zou")
    assert now.count(" REFUTED ") == len(own) == before.count(" STANDS ")
    assert " STANDS " not in now


def test_every_statement_of_the_later_papers_has_a_false_neighbour(script: Any) -> None:
    claims = load_claims().values()
    covered = {c.of for c in claims if c.must_be_refuted}
    ours = [c.id for c in script.statements() if c.id.startswith(PAPERS)]
    assert len(ours) > 20
    assert set(ours) <= covered
