"""Whatever users' code raises: no exit status without a verdict, and no verdict lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEADER = """
import os, sys
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import norm
from checker.instances.fields import Dims
from checker.claims.claim import Assumption, claim


@dataclass(frozen=True)
class Pair:
    u: Annotated[np.ndarray, Dims("k")]
    v: Annotated[np.ndarray, Dims("k")]


vectors = st.lists(st.integers(-9, 9), min_size=3, max_size=3).map(lambda x: np.array(x, float))
pairs = st.builds(Pair, vectors, vectors)


@claim(given=pairs)
def false(at):
    return norm(at.u + at.v) >= norm(at.u) + norm(at.v)


@claim(given=pairs)
def true(at):
    return norm(at.u) + norm(at.v) >= norm(at.u + at.v)
"""

RAISES = (
    *("raise SystemExit", "sys.exit(0)", "sys.exit(1)", "os._exit(0)", "raise BaseException"),
    *("raise GeneratorExit", "raise StopIteration", "__import__('pytest').skip('not here')"),
    *("__import__('pytest').importorskip('no_such_module')", "raise MemoryError", "1 / 0"),
)

# Everything in every place by night: a run each.
OFTEN = (
    "sys.exit(0)",
    "os._exit(0)",
    "raise BaseException",
    "__import__('pytest').skip('not here')",
)
EVERYWHERE = ("sys.exit(0)", "raise BaseException")

FORMULA = """

@claim(given=st.builds(Pair, vectors, vectors))
def bad(at):
    {code}
    return norm(at.u) >= 0
"""

PREMISE = """

def premise(at):
    {code}


@claim(given=st.builds(Pair, vectors, vectors), assuming=[Assumption("p", "p", premise)])
def bad(at):
    return norm(at.u) >= 0
"""

# The first draw is made when the file is loaded.
STRATEGY = """

drawn = []


def later(pair):
    drawn.append(pair)
    if len(drawn) > 1:
        {code}
    return pair


@claim(given=st.builds(Pair, vectors, vectors).map(later))
def bad(at):
    return norm(at.u) >= 0
"""


def by_day(place: str, code: str) -> bool:
    return code in (OFTEN if place == FORMULA else EVERYWHERE)


@pytest.mark.parametrize(
    ("code", "place"),
    [
        pytest.param(code, place, marks=[] if by_day(place, code) else pytest.mark.nightly)
        for code in RAISES
        for place in (FORMULA, PREMISE, STRATEGY)
    ],
)
def test_a_claim_that_raises_takes_nothing_with_it(
    write: Any, run_checker: Any, tmp_path: Path, place: str, code: str
) -> None:
    path = write(place.format(code=code), header=HEADER)
    line = 1 + path.read_text()[: path.read_text().index(code)].count("\n")
    outcome = run_checker("verify", path, "--cases", "60", "--jobs", "1", "--out", tmp_path / "o")
    assert (outcome.status, outcome.err) == (2, "")
    claims = json.loads((tmp_path / "o/evidence.json").read_text())["claims"]
    verdicts = {c["id"]: c["verdict"] for c in claims}
    assert verdicts == {"mine.false": "REFUTED", "mine.true": "STANDS", "mine.bad": "ERROR"}
    assert f"mine.py, line {line}: " in claims[2]["reason"]
    assert (tmp_path / "o/mine.false.counterexample.json").exists()
    assert "mine.bad: ERROR" in outcome.out


def test_workers_keep_the_claims_apart_too(write: Any, run_checker: Any) -> None:
    path = write(FORMULA.format(code="sys.exit(0)"), header=HEADER)
    outcome = run_checker("verify", path, "--cases", "60", "--jobs", "2")
    assert outcome.status == 2
    assert "REFUTED" in outcome.out
    assert "SystemExit: 0" in outcome.out


@pytest.mark.parametrize("code", RAISES[:6])
def test_a_file_whose_only_claim_raises(
    write: Any, run_checker: Any, assert_rejected: Any, code: str
) -> None:
    header = HEADER[: HEADER.index("\n\n@claim")]
    path = write(FORMULA.format(code=code), header=header)
    assert_rejected(run_checker("verify", path, "--jobs", "1"), "mine.py, line ")


@pytest.mark.parametrize("code", RAISES)
def test_a_file_that_does_not_run(
    write: Any, run_checker: Any, assert_rejected: Any, code: str
) -> None:
    path = write(f"\n{code}\n", header=HEADER)
    assert_rejected(run_checker("verify", path), "mine.py, line ")


def test_an_interrupt_of_a_formula_is_an_interrupted_run(write: Any, run_checker: Any) -> None:
    path = write(FORMULA.format(code="raise KeyboardInterrupt"), header=HEADER)
    outcome = run_checker("verify", path, "mine.true", "--cases", "60", "--jobs", "1")
    assert outcome.status != 0
    assert "interrupted" in outcome.out + outcome.err or outcome.status == 2


@pytest.mark.parametrize("command", ["audit", "sharpen"])
def test_other_commands_say_where(
    write: Any, run_checker: Any, assert_rejected: Any, command: str
) -> None:
    header = HEADER[: HEADER.index("\n\n@claim")]
    text = PREMISE.format(code="return True").replace(
        "def bad(at):\n", "def bad(at, c):\n    sys.exit(0)\n"
    )
    path = write(text.replace("assuming=", 'constants={"c": 1}, assuming='), header=header)
    outcome = run_checker(command, path, "--cases", "60", "--jobs", "1")
    assert_rejected(outcome, "SystemExit: 0")


@pytest.mark.nightly
def test_os_exit_in_a_process_of_its_own(write: Any) -> None:
    """With status 0, and nothing printed, before it was refused."""
    path = write(FORMULA.format(code="os._exit(0)"), header=HEADER)
    command = [sys.executable, "-m", "checker", "verify", str(path), "--cases", "60", "--jobs", "1"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=path.parent, check=False)
    assert ended.returncode == 2
    assert "REFUTED" in ended.stdout


def test_helper_modules_beside_the_file_are_found(write: Any, run_checker: Any) -> None:
    write("LEAST = 0\n", name="beside_mine.py", header="")
    write("MOST = 9\n", name="beside_later.py", header="")
    text = FORMULA.format(code="from beside_later import MOST").replace(">= 0", ">= LEAST - MOST")
    path = write("from beside_mine import LEAST\n" + text, header=HEADER)
    for jobs in ("1", "2"):
        outcome = run_checker("verify", path, "--cases", "60", "--jobs", jobs)
        assert "ERROR" not in outcome.out
    assert os.fspath(path.parent) == sys.path[-1]
    sys.path.remove(os.fspath(path.parent))
