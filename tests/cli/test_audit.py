"""`checker audit`: the table of neighbours, dropped assumptions, its JSON and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import checker.commands.auditing
from checker.instances.text import counted
from checker.search.audit import Audited

CLAIM = """
positive = Assumption("positive", "a >= 0", lambda at: at.a >= 0)
bounded = Assumption("bounded", "b <= 4", lambda at: at.b <= 4)


@claim(given=pairs, assuming=[positive, bounded])
def sum_of_squares(at):
    return at.a + at.b**2 >= 0 * at.a
"""

KILLED = """
@claim(given=pairs, kind="must-be-refuted", of="mine.sum_of_squares", why="a = 0, b = 1/8")
def without_square(at):
    return at.a + at.b >= 0 * at.a
"""

SURVIVOR = """
@claim(given=pairs, kind="must-be-refuted", of="mine.sum_of_squares", why="it is true")
def both_squared(at):
    return at.a**2 + at.b**2 >= 0 * at.a
"""

OPEN = """
@claim(given=pairs, kind="neighbour", of="mine.sum_of_squares", why="expected to be true")
def absolute(at):
    return at.a**2 + at.b**2 >= -(at.a**2)
"""

INVERSE = """
nonzero = Assumption("nonzero", "a != 0", lambda at: at.a != 0)
number = Assumption("number", "a = a", lambda at: at.a == at.a)


@claim(given=pairs, assuming=[nonzero, number])
def inverse_square(at):
    return 1 / at.a**2 >= 0 * at.a
"""

BUDGET = ("--cases", "120", "--jobs", "1")


def test_the_table_of_neighbours_and_its_exit_status(write: Any, run_checker: Any) -> None:
    outcome = run_checker("audit", write(CLAIM, KILLED, OPEN), *BUDGET)
    assert "REFUTED" in outcome.out
    assert "not refuted" in outcome.out
    assert "refuted 1 of 1 false neighbour" in outcome.out
    assert "neighbours of unknown truth: 0 of 1 refuted" in outcome.out
    assert (outcome.status, outcome.err) == (0, "")


def test_a_survivor_fails_the_audit(write: Any, run_checker: Any) -> None:
    outcome = run_checker("audit", write(CLAIM, KILLED, SURVIVOR), *BUDGET)
    message = "SURVIVED: mine.both_squared; do not trust STANDS for mine.sum_of_squares"
    assert message in outcome.out
    assert "refuted 1 of 2 false neighbours" in outcome.out
    assert outcome.status == 3


def test_json_says_what_each_assumption_is_for(write: Any, run_checker: Any) -> None:
    outcome = run_checker("audit", write(CLAIM, KILLED), *BUDGET, "--json", "-")
    result = json.loads(outcome.out)
    needed = {a["assumption"]: (a["need"], a["outside"] > 0) for a in result["ablations"]}
    assert needed == {"positive": ("NEEDED", True), "bounded": ("NOT_FOUND", True)}
    (mutant,) = result["neighbours"]
    assert (mutant["id"], mutant["refuted"], mutant["survived"]) == (
        "mine.without_square",
        True,
        False,
    )
    assert mutant["counterexample"]["decision"] == "VIOLATED"
    assert (result["interrupted"], outcome.status) == (False, 0)


def test_undefined_outside_is_not_never_drawn_outside(
    write: Any, run_checker: Any, tmp_path: Path
) -> None:
    """1/a² has no value at a = 0, which is drawn; no number differs from itself."""
    file = tmp_path / "audit.json"
    outcome = run_checker("audit", write(INVERSE), *BUDGET, "--json", file)
    nonzero, number = json.loads(file.read_text())["ablations"]
    assert (nonzero["need"], nonzero["outside"]) == ("UNDEFINED", 0)
    assert nonzero["drawn_outside"] > 0
    assert (number["need"], number["drawn_outside"]) == ("NEVER_DRAWN", 0)
    assert number["decided"] > 100
    said = " ".join(outcome.out.split())
    assert "undefined outside it" in said
    assert "never drawn outside it" in said
    assert f"of {number['decided']:,} cases with a known slack none lies outside" in said
    drawn = counted(nonzero["drawn_outside"], "case", "cases")
    assert f"of {drawn} outside the assumption " in said


def test_a_neighbour_alone(write: Any, run_checker: Any) -> None:
    outcome = run_checker("audit", "shamir2018.lemma1.no_V_block", *BUDGET, "--json", "-")
    result = json.loads(outcome.out)
    assert [m["id"] for m in result["neighbours"]] == ["shamir2018.lemma1.no_V_block"]
    assert result["ablations"] == []
    assert outcome.status == 0


NO_CHANGES = """
from checker import claim, numbers


@claim
def square(x: numbers()):
    return x**2 >= 0
"""


def test_nothing_to_audit(write: Any, run_checker: Any, assert_rejected: Any) -> None:
    path = write(NO_CHANGES, header="")
    assert_rejected(run_checker("audit", path, *BUDGET), "there is nothing to audit in")


def test_unknown_ids_and_bad_options(run_checker: Any, assert_rejected: Any) -> None:
    outcome = run_checker("audit", "theorem1")
    assert_rejected(outcome, "there is no claim 'theorem1'")
    assert "shamir2018.theorem1" in outcome.err
    assert_rejected(run_checker("audit", "--cases", "0"), "'0' is not a whole number")
    assert_rejected(run_checker("audit", "--seconds", "nan"), "'nan' is not a finite number")


def test_results_that_cannot_be_written_stop_it_at_once(
    write: Any, run_checker: Any, assert_rejected: Any, tmp_path: Path
) -> None:
    outcome = run_checker("audit", write(CLAIM), "--json", tmp_path / "no" / "audit.json")
    assert_rejected(outcome, "cannot write")


def test_ctrl_c_keeps_what_was_hunted(
    write: Any, run_checker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def once(*arguments: Any, **named: Any) -> Any:
        running = audit(*arguments, **named)
        yield next(running)
        raise KeyboardInterrupt

    audit = checker.commands.auditing.audit
    monkeypatch.setattr(checker.commands.auditing, "audit", once)
    file = tmp_path / "audit.json"
    outcome = run_checker("audit", write(CLAIM, KILLED), *BUDGET, "--json", file)
    result = json.loads(file.read_text())
    assert "interrupted: the rest was not tried" in outcome.out
    assert (len(result["neighbours"]), len(result["ablations"]), result["interrupted"]) == (
        1,
        0,
        True,
    )
    assert outcome.status == 3


def test_a_contradiction_of_the_arithmetic_fails_it(
    write: Any, run_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any, **named: Any) -> Any:
        for result in audit(*arguments, **named):
            result.hunt.contradictions.append("float64 proves what balls deny")
            yield Audited(result.item, result.hunt)

    audit = checker.commands.auditing.audit
    monkeypatch.setattr(checker.commands.auditing, "audit", broken)
    outcome = run_checker("audit", write(CLAIM, KILLED), *BUDGET)
    assert "ARITHMETIC BROKEN: float64 proves what balls deny" in outcome.out.replace("\n", " ")
    assert outcome.status == 3
