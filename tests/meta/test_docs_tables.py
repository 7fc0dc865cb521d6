"""docs/tolerances.md: the comparison behind it, on a few cases, and that it can fail."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

CI = Path(__file__).resolve().parents[2] / "ci" / "bench" / "tolerances.py"
CASES = 5


@pytest.fixture(scope="module")
def script() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("tolerances", CI)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def rows_of(script: Any, questions: Sequence[Any], cases: int = CASES) -> list[Any]:
    return [row for question in questions for row in script.measured(question, cases, 0)]


@pytest.fixture(scope="module")
def true(script: Any) -> list[Any]:
    return rows_of(script, script.TRUE)


@pytest.fixture(scope="module")
def false(script: Any) -> list[Any]:
    return rows_of(script, script.FALSE)


def alarms(rows: list[Any], test: str) -> int:
    return sum(row.alarms[test] for row in rows)


def passes(rows: list[Any], test: str) -> int:
    return sum(row.passes[test] for row in rows)


def test_the_ladder_makes_no_error(true: list[Any], false: list[Any]) -> None:
    assert alarms(true + false, "ladder") == passes(true + false, "ladder") == 0
    assert sum(row.open for row in true + false) < 0.01 * sum(row.cases for row in true + false)


def test_tolerances_err_both_ways(true: list[Any], false: list[Any]) -> None:
    assert min(alarms(true, test) for test in ("tolerance", "not less", "strict")) > 0
    assert alarms(true, "eigvalsh") > 0
    assert min(passes(false, test) for test in ("tolerance", "not less", "strict")) > 0
    assert alarms(false, "tolerance") > 0


def test_the_truth_of_false_neighbours_is_settled(false: list[Any]) -> None:
    assert not any(row.unsettled for row in false)
    assert all(row.violated == CASES for row in false if "equality" in row.family)


def test_eigvalsh_passes_what_the_closed_form_rejects(script: Any) -> None:
    (row,) = rows_of(script, script.FALSE[-1:], cases=40)
    assert row.passes["tolerance"] == 0 < row.passes["eigvalsh"]


@pytest.mark.parametrize("said", ["pass", "alarm"])
def test_a_wrong_ladder_would_show(script: Any, said: str, monkeypatch: Any) -> None:
    wrong = script.PASS if said == "pass" else script.ALARM
    monkeypatch.setattr(script, "ladder", lambda claim, batch: script._answers(_all(batch, wrong)))
    questions = [script.FALSE[1], replace(script.TRUE[1], families=script.AT_W[:1])]
    rows = rows_of(script, questions)
    assert (passes if said == "pass" else alarms)(rows, "ladder") > 0


def _all(batch: Any, answer: int) -> Any:
    import numpy as np

    return np.full(batch.size, answer > 0)


def test_the_same_seed_gives_the_same_table(script: Any) -> None:
    question = script.FALSE[0]
    assert rows_of(script, [question]) == rows_of(script, [question])


def test_true_constants_are_true_for_the_second_computation(script: Any) -> None:
    """Against an always violated second computation: with 2 itself the theorem holds."""
    truth = script.partial(script.theorem1_truth, Fraction(2))
    question = replace(script.TRUE[1], truth=truth, families=script.AT_W[:12])
    assert sum(row.violated + row.unsettled for row in rows_of(script, [question])) == 0


def test_the_page_has_every_row(script: Any, true: list[Any], false: list[Any]) -> None:
    text = script.page(true, false, CASES, 0)
    assert all(row.family in text for row in true + false)
    assert f"--cases {CASES} --seed 0" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 100
