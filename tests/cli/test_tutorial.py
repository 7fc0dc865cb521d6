"""Every file and command of the tutorial and of the page of kinds: what is shown is what comes."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.claims.files import FILES_PACKAGE

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: str = "tutorial") -> list[tuple[str, str]]:
    """Files and commands in the order of a page."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return [(kind, block) for kind, block in BLOCK.findall(text)]


def shown_in_order(shown: list[str], said: list[str]) -> str:
    """The first line of the page that did not come; `...` stands for any lines, or any text."""
    rest, anywhere = list(said), False
    for line in shown:
        if line == "...":
            anywhere = True
            continue
        pattern = re.sub(r"([\[\]?*])", r"[\1]", line).replace("...", "*")
        places = [i for i, one in enumerate(rest) if fnmatch.fnmatchcase(one, pattern)]
        if not places or (places[0] and not anywhere):
            return line
        rest, anywhere = rest[places[0] + 1 :], False
    return ""


@pytest.mark.parametrize(
    ("page", "least"),
    [("tutorial", 7), pytest.param("kinds", 5, marks=pytest.mark.nightly)],
)
def test_the_page_is_what_happens(
    tmp_path: Path, run_checker: Any, monkeypatch: pytest.MonkeyPatch, page: str, least: int
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = 0
    for kind, text in steps(page):
        if kind == "python":
            name, _, content = text.removeprefix("# ").partition("\n")
            (tmp_path / name).write_text(content)
            for module in [m for m in sys.modules if m.startswith(FILES_PACKAGE)]:
                del sys.modules[module]  # a command of its own would read it anew
            continue
        command, *shown = text.splitlines()
        assert command.startswith("$ checker ")
        outcome = run_checker(*command.split()[2:], "--jobs", "1")
        said = [line.rstrip() for line in outcome.out.splitlines()]
        missing = shown_in_order([line.rstrip() for line in shown], said)
        assert not missing, f"{command}: {missing!r} is missing in\n{outcome.out}{outcome.err}"
        commands += 1
    assert commands >= least


def test_its_test_file_runs(tmp_path: Path) -> None:
    for kind, text in steps():
        if kind == "python":
            name, _, content = text.removeprefix("# ").partition("\n")
            (tmp_path / name).write_text(content)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_mine.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    assert "young_half.lower" in run.stdout


@pytest.mark.parametrize(
    ("shown", "missing"),
    [
        (["a", "...", "d"], ""),
        (["a", "d"], "d"),
        (["...", "c..."], ""),
        (["b"], "b"),
        (["...", "e"], "e"),
        (["...", "d", "c cc"], "c cc"),
    ],
)
def test_a_line_that_does_not_come_is_missed(shown: list[str], missing: str) -> None:
    assert shown_in_order(shown, ["a", "b", "c cc", "d"]) == missing
