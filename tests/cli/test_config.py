"""Defaults from pyproject.toml: they hold, the command line comes first, slips are told."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import checker
from checker.cli import main
from checker.commands.options import Options, parse


def parsed(folder: Path, text: str, *arguments: str) -> Options:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return parse(arguments, "0")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_are_those_of_the_nearest_file(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[tool.checker]\nseed = 3\n[tool.checker.verify]\ncases = 500\nout = 'r'\nquiet = true\n"
    options = parsed(here, text, "verify")
    assert (options.seed, options.cases, options.out, options.quiet) == (3, 500, "r", True)
    options = parsed(here, text, "verify", "--seed", "0", "--cases", "7", "--verbose")
    assert (options.seed, options.cases, options.verbose) == (0, 7, True)
    assert (parse(["audit"], "0").seed, parse(["audit"], "0").cases) == (3, None)
    inner = here / "deep"
    inner.mkdir()
    monkeypatch.chdir(inner)
    assert parse(["verify"], "0").cases == 500
    (inner / "pyproject.toml").write_text("[project]\n")
    assert parse(["verify"], "0").cases is None


def test_a_gate_has_the_seed_and_the_budget_of_its_baseline(here: Path) -> None:
    options = parsed(
        here, "[tool.checker]\nseed = 3\ncases = 500\njobs = 1\n", "gate", "--baseline", "b"
    )
    assert (options.cases, options.baseline_seed, options.jobs) == (None, None, 1)


def test_names_may_have_a_hyphen_and_what_is_needed_may_stand_there(here: Path) -> None:
    text = "[tool.checker.gate]\nbaseline = 'b.json'\n[tool.checker.census]\nno-skip = true\n"
    assert parsed(here, text, "gate").baseline == "b.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.checker]\ncase = 1\n", "has 'case'; did you mean cases?"),
        ("[tool.checker]\nout = 'x'\n", "has 'out', which takes cases, seconds, seed, jobs"),
        ("[tool.checker.verfy]\ncases = 1\n", "has 'verfy'; did you mean verify?"),
        ("[tool.checker.verify]\ncases = 0\n", "'0' is not a whole number of at least 1"),
        ("[tool.checker.verify]\ncases = [1]\n", "is [1], not a number or a text"),
        ("[tool.checker.verify]\nquiet = 'yes'\n", "is 'yes', not true or false"),
        ("[tool.checker.verify]\ncases = true\n", "is True, not a number"),
        ("[tool]\nchecker = 1\n", "tool.checker of"),
        ("tool = ", "cannot be read"),
    ],
)
def test_slips_are_told(
    here: Path, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(here, text, "verify")
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "pyproject.toml" in error
    assert "Traceback" not in error


def test_the_version_is_that_of_the_distribution() -> None:
    assert checker.__version__ == version("landscape-checker")


def test_a_shell_is_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = ModuleType("shtab")
    fake.complete = lambda parser, shell: f"{parser.prog} {shell}"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "shtab", fake)
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", "zsh"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "checker zsh\n"
    monkeypatch.setitem(sys.modules, "shtab", None)
    with pytest.raises(SystemExit) as ended:
        main(["--print-completion", "zsh"])
    assert ended.value.code == 2
    assert 'pip install "landscape-checker[completion]"' in capsys.readouterr().err
