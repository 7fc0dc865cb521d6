"""One claim of a file: `FILE.py::NAME`, wherever a claim is named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

BUDGET = ("--cases", "100", "--jobs", "1")

TWO = """
bounded = Assumption("bounded", "a >= 0", lambda at: at.a >= 0)


@claim(given=pairs, assuming=[bounded], constants={"c": 2})
def squares(at, c):
    return at.a**2 + at.b**2 >= c * at.a * at.b


@claim(given=pairs, assuming=[bounded], of="mine.squares", kind="must-be-refuted", why="a = b")
def cubes(at):
    return at.a**2 + at.b**2 >= 3 * at.a * at.b


@claim(given=pairs)
def wrong(at):
    return at.a >= at.b
"""


def _claims(outcome: Any) -> set[str]:
    return set(re.findall(r"\bmine\.(?!py\b)(\w+)", outcome.out))


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["squares"], {"squares"}),
        (["squares", "mine.wrong"], {"squares", "wrong"}),
        # A control is shown beside the claim that it is one of.
        (["cubes"], {"squares", "cubes"}),
        (["wrong"], {"wrong"}),
    ],
)
def test_verify(write: Any, run_checker: Any, names: list[str], wanted: set[str]) -> None:
    file = write(TWO)
    outcome = run_checker("verify", *(f"{file}::{name}" for name in names), *BUDGET, "-v")
    assert _claims(outcome) == wanted
    assert outcome.err == ""


def test_the_whole_file_is_all_of_it(write: Any, run_checker: Any) -> None:
    file = write(TWO)
    outcome = run_checker("verify", f"{file}::squares", file, *BUDGET, "-v")
    assert _claims(outcome) == {"squares", "cubes", "wrong"}


def test_audit_and_sharpen(write: Any, run_checker: Any) -> None:
    file = write(TWO)
    audited = run_checker("audit", f"{file}::squares", "--cases", "200", "--jobs", "1")
    assert "mine.cubes" in audited.out
    assert "mine.wrong" not in audited.out
    sharpened = run_checker("sharpen", f"{file}::squares", "--cases", "200", "--jobs", "1")
    assert "mine.squares" in sharpened.out
    assert sharpened.err == ""


def test_replay(write: Any, run_checker: Any, tmp_path: Path) -> None:
    file = write(TWO)
    run_checker("verify", file, *BUDGET, "--json", tmp_path / "evidence.json")
    outcome = run_checker("replay", tmp_path / "evidence.json", f"{file}::wrong")
    assert "mine.wrong" in outcome.out
    assert "mine.squares" not in outcome.out


@pytest.mark.parametrize("command", ["verify", "audit", "sharpen", "prove"])
def test_a_name_that_is_not_there(
    write: Any, run_checker: Any, assert_rejected: Any, command: str
) -> None:
    file = write(TWO)
    outcome = run_checker(command, f"{file}::sqares")
    assert_rejected(outcome, f"there is no claim 'sqares' in {file}")
    assert f"Did you mean {file}::squares?" in outcome.err
    assert_rejected(run_checker(command, f"{file}::"), f"there is no claim '' in {file}")


def test_a_file_that_is_not_there(run_checker: Any, assert_rejected: Any, tmp_path: Path) -> None:
    missing = tmp_path / "none.py"
    assert_rejected(run_checker("verify", f"{missing}::squares"), f"there is no file {missing}")
