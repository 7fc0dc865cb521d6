"""docs/functions.md: every example gives what stands beside it, and nothing is left out."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import checker
from checker.arithmetic.arrays.refused import SPELLED
from checker.arithmetic.functions import __all__ as functions
from checker.instances.fields import Dims

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "functions.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([^`]+)` \| .+ \| `([^`]+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE)
# Of use to those who write claims about networks; documented where they stand.
FURTHER = {"black_box", "composed", "difference", "entrywise", "row_sums", "select", "settled"}
FURTHER |= {
    "exists_minimum",
    "exists_saddle",
    "exists_zero",
    "program",
    "solve_positive_definite",
    "tighter",
    "vanishing_with",
}


def _names() -> dict[str, Any]:
    return {name: getattr(checker, name) for name in checker.__all__} | {"Fraction": Fraction}


@pytest.mark.parametrize(("name", "example", "gives"), ROWS)
def test_examples(name: str, example: str, gives: str) -> None:
    assert str(eval(example, _names())) == gives
    assert name.strip("*xp") in example or name in example


def test_every_function_has_a_row() -> None:
    rows = {name for name, _, _ in ROWS}
    assert set(functions) - FURTHER <= rows
    assert rows - {"abs", "x**p"} <= set(checker.__all__)


def test_every_set_has_a_row() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .+ \| `([^`]+)` \|$", PAGE, re.MULTILINE))
    made = {name for name, x in _names().items() if getattr(x, "__module__", "") == "checker.sets"}
    assert made <= set(rows)
    assert all(isinstance(eval(rows[name], _names()), Dims) for name in made)


def test_every_spelling_of_numpy_is_named() -> None:
    named = set(re.findall(r"`(?:linalg\.)?(\w+)`", PAGE))
    spelled = {function.__name__ for function in SPELLED}
    assert spelled - named == set()
    assert {"linalg.norm", "linalg.svd"} <= set(re.findall(r"`(linalg\.\w+)`", PAGE))
    assert np.linalg.svd in SPELLED


def test_blocks_run() -> None:
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "functions.md", "exec"), {"__name__": "page"})
    del checker.arithmetic.function.FUNCTIONS["gaussian"]
