"""Odd values of every option, and odd surroundings: refused in one sentence, or used; no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checker.commands.options import Options, parse

VALUES = (
    *("", " ", "0", "-1", "1", "007", "+5", " 7 ", "1_0", "1.0", "1e3", "١", "²", "½", "0x10"),
    *("nan", "inf", "-inf", "1e400", "1e-400", "--", "-", "---", "-x", "--out", "a\0b", "\ud800"),
    *(str(2**31), str(2**63 - 1), str(2**63), str(2**64), str(2**200), "9" * 5000, "a" * 256),
    *("None", "True", "[]", "é", "💥", "$(id)", "../..", "/dev/null", "%s%n", "{}", "\n"),
)
WHOLE = (
    *(("verify", name) for name in ("cases", "seed", "jobs")),
    *(("census", name) for name in ("features", "hidden", "starts", "seed", "jobs")),
    *(("audit", "cases"), ("sharpen", "cases"), ("gate", "evaluations"), ("certify", "seed")),
)
NUMBERS = (("verify", "seconds"), ("audit", "seconds"), ("census", "seconds"), ("census", "ridge"))
NEEDED = {
    "census": ["diabetes"],
    "certify": ["x.npz"],
    "sharpen": ["a.b"],
    "gate": ["--baseline", "b"],
}


def parsed(*arguments: str) -> Options | None:
    """The options, or None where they are refused as bad usage."""
    try:
        return parse(arguments, "0")
    except SystemExit as ended:
        if ended.code != 2:
            raise
        return None


@pytest.mark.parametrize("joined", [True, False])
@pytest.mark.parametrize(("command", "name"), [*WHOLE, *NUMBERS])
def test_a_number_is_refused_or_in_its_range(command: str, name: str, joined: bool) -> None:
    for text in VALUES:
        value = [f"--{name}={text}"] if joined else [f"--{name}", text]
        options = parsed(command, *NEEDED.get(command, []), *value)
        if options is None:
            continue
        number = getattr(options, name)
        if (command, name) in WHOLE:
            most = {"jobs": 1024, "features": 1000, "hidden": 1000}.get(name, 2**63 - 1)
            assert type(number) is int, text
            assert int(name != "seed") <= number <= most, text
        else:
            assert 0 < number < float("inf") or (name, number) == ("ridge", 0.0), text


@pytest.mark.parametrize("option", ["out", "json", "data", "target"])
def test_a_text_option_takes_a_text(option: str) -> None:
    for text in VALUES:
        options = parsed("verify", f"--{option}={text}")
        assert (options is None) == (text == "--")
        assert options is None or getattr(options, option) == text


def test_names_of_claims_are_ids_or_files() -> None:
    for text in VALUES:
        options = parsed("verify", "a.b", text)
        assert options is None or {*options.ids, *options.files} <= {"a.b", text}


# -- surroundings, in a process of its own ----------------------------------------------------

CLAIMS = """
from dataclasses import dataclass

from hypothesis import strategies as st

from checker.claims.claim import claim


@dataclass(frozen=True)
class Number:
    x: float


numbers = st.builds(Number, st.floats(-9, 9))


@claim(given=numbers)
def positive(at):
    return at.x >= 1 - at.x
"""

VERIFY = '"$PYTHON" -m checker verify mine.py --cases 16 --jobs 1 --out out'

# Shell command -> exit status, and what standard error says.
SURROUNDINGS = {
    f"{VERIFY} >/dev/full": (
        3,
        "checker: cannot write to standard output: No space left on device\n",
    ),
}
MORE_SURROUNDINGS = {
    f"{VERIFY} >&-": (3, "checker: cannot write to standard output: Bad file descriptor\n"),
    f"MPLBACKEND=module://no_such_backend {VERIFY} >/dev/null": (1, ""),
    f"{VERIFY} --json - >/dev/full": (3, "checker: cannot write to standard output: No space"),
    f"{VERIFY} >&- 2>&-": (3, ""),
    f"{VERIFY} >/dev/full 2>/dev/full": (3, ""),
    f"{VERIFY} 2>&- >/dev/null": (1, ""),
    f"{VERIFY} <&- >/dev/null": (1, ""),
    f"{VERIFY} | true; exit ${{PIPESTATUS[0]}}": (3, ""),
    f"env -u HOME {VERIFY} >/dev/null": (1, ""),
    f"MPLCONFIGDIR=/proc/no {VERIFY} >/dev/null": (1, ""),
    f"ulimit -n 12; {VERIFY} >/dev/null": (1, ""),
}


@pytest.mark.parametrize(
    "command",
    [*SURROUNDINGS, *(pytest.param(c, marks=pytest.mark.nightly) for c in MORE_SURROUNDINGS)],
)
def test_evidence_is_saved_and_the_status_is_honest(tmp_path: Path, command: str) -> None:
    (tmp_path / "mine.py").write_text(CLAIMS)
    status, message = {**SURROUNDINGS, **MORE_SURROUNDINGS}[command]
    ended = _in_shell(command, tmp_path)
    assert ended.returncode == status, ended.stderr
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    evidence = json.loads((tmp_path / "out/evidence.json").read_text())
    assert [c["verdict"] for c in evidence["claims"]] == ["REFUTED"]
    assert (tmp_path / "out/mine.positive.counterexample.json").exists()
    # No .hypothesis, no __pycache__.
    assert sorted(os.listdir(tmp_path)) == ["mine.py", "out"]


@pytest.mark.nightly
def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    ended = _in_shell('mkdir gone; cd gone; rmdir ../gone; "$PYTHON" -m checker list', tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("checker: the current folder cannot be used: ")


def _in_shell(command: str, folder: Path) -> Any:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
