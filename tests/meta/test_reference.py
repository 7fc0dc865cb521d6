"""Every public name has a docstring, an example that runs, and a place in the reference."""

from __future__ import annotations

import doctest
import importlib.util
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import checker

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("build_site", ROOT / "ci" / "site" / "build.py")
assert SPEC is not None
assert SPEC.loader is not None
BUILD = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(BUILD)
REFERENCE: dict[str, str] = BUILD.REFERENCE
FUNCTIONS = (ROOT / "docs" / "functions.md").read_text(encoding="utf-8")
# Functions of a formula: the examples of their table are run by test_functions_page.py, and stand
# in the reference.
IN_TABLE = set(re.findall(r"^\| `(\w+)` \| .+ \| `[^`]+` \| `[^`]+` \|$", FUNCTIONS, re.MULTILINE))
# Its example stands in docs/certify.md; tests/certify runs it where torch is installed.
NEEDS_TORCH = {"checker.certification.pytorch"}
NAMES = [(home, name) for home, names in REFERENCE.items() for name in names.split()]


def failed(text: str, name: str, namespace: dict[str, Any] | None = None) -> list[str]:
    """What the examples of a docstring do that they do not say."""
    found = doctest.DocTestParser().get_doctest(text, namespace or {}, name, None, 0)
    assert found.examples, f"{name} has no example"
    wrong: list[str] = []
    doctest.DocTestRunner(verbose=False).run(found, out=wrong.append)
    return wrong


@pytest.mark.parametrize(("home", "name"), NAMES, ids=[name for _, name in NAMES])
def test_it_has_a_docstring_and_an_example_that_runs(home: str, name: str) -> None:
    known = getattr(import_module(home), name)
    assert (known.__doc__ or "").strip()
    if name not in IN_TABLE:
        assert failed(known.__doc__, name) == []


def test_every_public_name_has_its_place() -> None:
    assert set(checker.__all__) <= {name for _, name in NAMES}
    named = set(re.findall(r"from (checker[\w.]*) import", "".join(
        page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md")
    )))  # fmt: skip
    assert named - {"checker", *NEEDS_TORCH} <= set(REFERENCE)


def test_an_example_that_lies_is_noticed() -> None:
    assert failed(">>> 1 + 1\n3\n", "wrong")
    assert not failed(">>> 1 + 1\n2\n", "right")
    with pytest.raises(AssertionError, match="has no example"):
        failed("Words.", "none")
