"""Pages under docs/: the comparison behind tolerances.md, what rigor.md assumes of a machine."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
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
    # The cost of few cases is that of their shapes.
    sys.modules["tolerance_cases"].__dict__["STRUCTURES"] = 3
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
    assert min(alarms(true, test) for test in ("tolerance", "strict", "eigvalsh")) > 0
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
    monkeypatch.setattr(script, "ladder", lambda _, batch: np.full(batch.size, wrong))
    questions = [script.FALSE[1], replace(script.TRUE[1], families=script.AT_W[:1])]
    rows = rows_of(script, questions)
    assert (passes if said == "pass" else alarms)(rows, "ladder") > 0


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
    assert all(row.family in " ".join(text.split()) for row in true + false)
    assert f"--cases {CASES} --seed 0" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 100


# -- what docs/rigor.md assumes ---------------------------------------------------------------


def products(x: Any, y: Any) -> list[Any]:
    """x y by every road that an inner product may take."""
    square = np.full((9, 9), x), np.full((9, 1), y)
    return [
        x * y,
        np.full(33, x) * y,
        np.einsum("jb,jb->b", np.full((1, 33), x), np.full((1, 33), y)),
        (square[0][:, :1] @ square[1][:1]).ravel(),
    ]


def sums(x: Any, y: Any) -> list[Any]:
    """x + y by every road that a sum may take."""
    return [x + y, np.full(33, x) + y, np.array([x, y]).sum(), np.array([x, y]) @ np.ones(2)]


def test_sums_round_to_nearest() -> None:
    u = 2.0**-53
    for sign in (1.0, -1.0):
        assert all(np.all(s == sign) for s in sums(np.float64(sign), sign * u))
        assert all(np.all(s == sign * (1 + 2 * u)) for s in sums(np.float64(sign), sign * 1.5 * u))


def test_products_round_to_nearest() -> None:
    x = np.float64(1 + 2.0**-52)
    for sign in (1.0, -1.0):  # x² = 1 + 2⁻⁵¹ + 2⁻¹⁰⁴
        assert all(np.all(p == sign * (1 + 2.0**-51)) for p in products(sign * x, x))


def test_subnormal_numbers_are_neither_flushed_nor_read_as_zero() -> None:
    least, tiny = np.float64(2.0**-1074), np.float64(2.0**-1022)
    assert all(np.all(s == -tiny / 2) for s in sums(tiny, -1.5 * tiny))
    assert all(np.all(p == 1.0) for p in products(least * 2.0**60, 2.0**1014))
    assert all(np.all(p == least) for p in products(least, np.float64(1.0)))
    assert -least < 0 < least
