"""`checker sharpen`: the best constants, the witness, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.report.records import SharpenedFile, read_file
from checker.search.sharpening import constants

HEADER = """
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import sq
from checker.instances.fields import Dims, FloatArray
from checker.claims.claim import claim


@dataclass(frozen=True, eq=False)
class Pair:
    u: Annotated[FloatArray, Dims("k")]
    v: Annotated[FloatArray, Dims("k")]


vectors = st.lists(st.integers(-8, 8), min_size=2, max_size=2).map(lambda x: np.array(x) / 4)
pairs = st.builds(Pair, vectors, vectors)
"""

# sq(u + v) <= 2 sq(u) + 2 sq(v): 2 is the best b for a = 2, and e has no effect.
CLAIM = """

@claim(given=pairs, constants={"a": 2, "b": 2, "e": 5})
def parallelogram(at, a, b, e):
    return a * sq(at.u) + b * sq(at.v) + 0 * e * sq(at.u) >= sq(at.u + at.v)
"""

# Every other c makes it false, on either side.
IDENTITY = """

@claim(given=pairs, constants={"c": 1})
def cube(at, c):
    return sq(at.u) >= sq(at.u) + abs((c**3 - 1) * sq(at.v))
"""

# 4 is the best a. Relative to the right side the slack grows with a < 4 where v is small.
BELOW_ZERO = """

@claim(given=pairs, constants={"a": 3})
def below_zero(at, a):
    return sq(at.v) >= 64 * (a - 4) * sq(at.u)
"""

REFUTED = CLAIM.replace('"b": 2', '"b": 1').replace("parallelogram", "too_sharp")

BUDGET = ("--cases", "300", "--jobs", "1")


def test_the_best_value_and_its_witness(write: Any, run_checker: Any) -> None:
    file = write(CLAIM, header=HEADER)
    outcome = run_checker("sharpen", file, "--constant", "b", *BUDGET, "--json", "-")
    result = json.loads(outcome.out)
    assert (result["claim"], list(result["constants"])) == ("mine.parallelogram", ["b"])
    found = result["constants"]["b"]
    assert found["printed"] == 2
    assert abs(found["best"] - 2) < 1e-5
    assert found["witness"]["decision"] == "VIOLATED"
    assert (outcome.status, result["interrupted"]) == (0, False)
    assert "mine.parallelogram" in outcome.err


def test_every_constant_by_default(write: Any, run_checker: Any) -> None:
    outcome = run_checker("sharpen", write(CLAIM, header=HEADER), *BUDGET)
    rows = [line.split() for line in outcome.out.splitlines()]
    assert {row[0] for row in rows if row and row[0] in "abe"} == {"a", "b", "e"}
    assert "no direction" in outcome.out
    assert (outcome.status, outcome.err) == (0, "")


def test_the_constant_of_an_identity_has_no_direction(write: Any, run_checker: Any) -> None:
    outcome = run_checker("sharpen", write(IDENTITY, header=HEADER), *BUDGET)
    assert "no direction" in outcome.out
    assert (outcome.status, outcome.err) == (0, "")


def test_the_direction_is_that_of_the_slack_itself(write: Any, run_checker: Any) -> None:
    file = write(BELOW_ZERO, header=HEADER)
    outcome = run_checker("sharpen", file, *BUDGET, "--json", "-")
    assert abs(json.loads(outcome.out)["constants"]["a"]["best"] - 4) < 1e-5


def test_a_printed_constant_that_fails(write: Any, run_checker: Any) -> None:
    file = write(REFUTED, header=HEADER)
    outcome = run_checker("sharpen", file, "--constant", "b", *BUDGET)
    assert outcome.status == 1


def test_a_constant_that_is_not_there(write: Any, run_checker: Any, assert_rejected: Any) -> None:
    file = write(CLAIM, header=HEADER)
    outcome = run_checker("sharpen", file, "--constant", "x", *BUDGET)
    assert_rejected(outcome, "x")
    assert "a, b, e" in outcome.err


def test_a_claim_without_constants(write: Any, run_checker: Any, assert_rejected: Any) -> None:
    bare = CLAIM.replace(', constants={"a": 2, "b": 2, "e": 5}', "").replace(
        "(at, a, b, e)", "(at, a=2, b=2, e=5)"
    )
    outcome = run_checker("sharpen", write(bare, header=HEADER))
    assert_rejected(outcome, "mine.parallelogram has no constants to sharpen")


def test_more_than_one_claim(write: Any, run_checker: Any, assert_rejected: Any) -> None:
    outcome = run_checker("sharpen", write(CLAIM, REFUTED, header=HEADER))
    assert_rejected(outcome, "sharpen takes one claim, and 2 were named")
    assert "mine.py::parallelogram, " in outcome.err
    assert "mine.py::too_sharp" in outcome.err


def test_bad_options(run_checker: Any, assert_rejected: Any) -> None:
    assert_rejected(run_checker("sharpen"), "the following arguments are required")
    assert_rejected(run_checker("sharpen", "nobody.theorem"), "there is no claim 'nobody.theorem'")
    outcome = run_checker("sharpen", "shamir2018.theorem1", "--jobs", "none")
    assert_rejected(outcome, "'none' is not a whole number")


def test_ctrl_c_keeps_the_constants_that_are_done(
    write: Any, run_checker: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sharpen = constants.sharpen

    def first_only(claim: Any, name: str, *arguments: Any) -> Any:
        if name == "b":
            raise KeyboardInterrupt
        return sharpen(claim, name, *arguments)

    monkeypatch.setattr(constants, "sharpen", first_only)
    file = tmp_path / "sharpen.json"
    outcome = run_checker("sharpen", write(CLAIM, header=HEADER), *BUDGET, "--json", file)
    result = json.loads(file.read_text())
    assert (list(result["constants"]), result["interrupted"]) == (["a"], True)
    assert read_file(result, SharpenedFile, "sharpen.json").claim == result["claim"]
    assert outcome.status == 3
