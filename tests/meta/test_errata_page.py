"""docs/errata.md: every printed form there falls, and its script says so on its own."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.claims.registry import load_claims
from checker.explain.script_text import VIOLATED

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("errata_page", ROOT / "ci" / "errata_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_page_has_every_erratum_and_says_how_sure_the_reading_is(script: Any) -> None:
    page = (ROOT / "docs" / "errata.md").read_text(encoding="utf-8")
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == [
        *(erratum.place for erratum in script.ERRATA),
        "Without a claim",
    ]
    assert all(e.reading and e.printed in page for e in script.ERRATA)
    assert all(place in page and what in page for place, what, _ in script.OTHERS)


def test_a_printed_form_is_a_false_neighbour_of_a_claim_that_stands(script: Any) -> None:
    claims = load_claims()
    for erratum in script.ERRATA:
        assert claims[erratum.id].must_be_refuted
        assert not claims[str(claims[erratum.id].of)].must_be_refuted


def test_a_form_that_does_not_fall_is_no_erratum(script: Any) -> None:
    with pytest.raises(SystemExit, match="was not refuted"):
        script.witness_of(load_claims()["lewkowycz2020.loss_by_curvature"], evaluations=1000)


def test_scripts_show_their_violations_alone(script: Any) -> None:
    for erratum in script.ERRATA:
        path = ROOT / "docs" / "errata" / f"{erratum.id}.py"
        run = subprocess.run([sys.executable, "-I", path], capture_output=True, check=False)
        assert run.returncode == VIOLATED, erratum.id
