"""A run for the tests of the HTML report: small, real, with texts that try to break the page."""

from __future__ import annotations

import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from checker.claims.claim import Assumption, Domain, Paper, claim
from checker.report.evidence_files import save
from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.run import Run, read_run
from checker.search.verify import Plan, verify

HOSTILE = """<script>alert("1")</script></title><img src=x onerror='alert(2)'>&amp;]]>"""

PAPER = Paper("paper", "A & B <b>", HOSTILE, "2018")


@dataclass(frozen=True, eq=False)
class Pair:
    a: float
    b: float
    name: str = HOSTILE


numbers = st.integers(-64, 64).map(lambda n: n / 8)
PAIRS = st.builds(Pair, a=numbers, b=numbers)


@claim(
    id='paper."><b id=x>.one',
    source=PAPER.theorem(1),
    wording="printed",
    title=HOSTILE,
    statement=r"|a| + |b| \ge |a + b|, \quad a < b \text{</math><script>alert(3)</script>}",
    given=PAIRS,
    assuming=[
        Assumption("a_not_huge", r"a < 100 <i>", lambda at: at.a < 100),
        Assumption("defined", "", lambda at: at.a == at.a, definitional=True),
    ],
    kind="tight",
)
def triangle(at: Any) -> Any:
    return abs(at.a) + abs(at.b) >= abs(at.a + at.b)


@claim(id="paper.two", statement=r"\max(a, 0) + |b| \ge", given=PAIRS, title="a false one")
def one_sided(at: Any) -> Any:
    return at.a + abs(at.b) >= abs(at.a + at.b)


@claim(
    id="paper.one/minus",
    of='paper."><b id=x>.one',
    why="a = `1`, b = **1** <u>",
    given=PAIRS,
    kind="must-be-refuted",
)
def difference(at: Any) -> Any:
    return abs(at.a) - abs(at.b) >= abs(at.a + at.b)


# Without a guided search, which would take seconds to find nothing.
@claim(
    id="paper.one_minus",
    of="paper.two",
    given=Domain(PAIRS, found=True),
    kind="must-be-refuted",
)
def survivor(at: Any) -> Any:
    """No false neighbour at all: it survives, and the report has to say so."""
    return abs(at.a) + abs(at.b) + 1 >= abs(at.a)


CLAIMS = (triangle, one_sided, difference, survivor)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run over `CLAIMS`: one stands, one fell, one control fell, one survived."""
    path = tmp_path_factory.mktemp("run")
    save(verify(Plan(CLAIMS, cases=100)), 0, None, str(path))
    return path


@pytest.fixture(scope="session")
def run(folder: Path) -> Run:
    """The same, read back."""
    return read_run(folder)


@pytest.fixture(scope="session")
def page(run: Run) -> str:
    """The report without pictures."""
    return render(View(run))


_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser() -> str:
    """Where a browser is; a test that needs one is skipped where there is none."""
    found = next((path for path in map(shutil.which, _BROWSERS) if path), None)
    if found is None:
        reason = f"no browser: none of {', '.join(_BROWSERS)} is installed"
        # A skip alone is easily overlooked.
        warnings.warn(f"the HTML report is not tested in a browser ({reason})", stacklevel=1)
        pytest.skip(reason)
    return found
