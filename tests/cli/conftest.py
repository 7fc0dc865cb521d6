"""Claim files, installed distributions and command lines for the tests of the user's side."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from checker.claims.files import FILES_PACKAGE
from checker.cli import main

HEADER = """
from dataclasses import dataclass

from hypothesis import strategies as st

from checker.claims.claim import Assumption, Paper, claim


@dataclass(frozen=True, eq=False)
class Pair:
    a: float
    b: float


numbers = st.integers(-64, 64).map(lambda n: n / 8)
pairs = st.builds(Pair, a=numbers, b=numbers)
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Write a claim file out of pieces; its module is forgotten after the test."""

    def write_file(*pieces: str, name: str = "mine.py", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(header + "".join(pieces))
        return path

    yield write_file
    for module in [m for m in sys.modules if m.startswith(FILES_PACKAGE)]:
        del sys.modules[module]


@dataclass(frozen=True)
class Outcome:
    """Exit status and output of a command line."""

    status: int
    out: str
    err: str


Checker = Callable[..., Outcome]


@pytest.fixture
def run_checker(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Checker:
    """Run the command line in this process."""
    monkeypatch.delenv("COLUMNS", raising=False)

    def call(*arguments: object) -> Outcome:
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as exit:
            status = exit.code if isinstance(exit.code, int) else 1
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return call


Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a distribution with claim modules on sys.path, as pip would."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)

    def distribution(name: str, entry_points: dict[str, str], **modules: str) -> Path:
        info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = [f"{key} = {value}" for key, value in entry_points.items()]
        (info / "entry_points.txt").write_text("[checker.claims]\n" + "\n".join(lines) + "\n")
        for module, text in modules.items():
            (folder / f"{module}.py").write_text(text)
        return folder

    yield distribution
    for module in set(sys.modules) - before:
        if getattr(sys.modules[module], "__file__", None) and str(folder) in str(
            sys.modules[module].__file__
        ):
            del sys.modules[module]


@pytest.fixture
def assert_rejected() -> Callable[[Outcome, str], None]:
    """Assert that a command line ended with one clean message that contains some text."""

    def check(outcome: Outcome, message: str) -> None:
        assert message in outcome.err
        assert "Traceback" not in outcome.err
        assert outcome.out == ""
        assert outcome.status == 2

    return check
