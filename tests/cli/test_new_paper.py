"""`checker new-paper`: the folder that it writes runs as it is; bad keys are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def test_the_template_runs(run_checker: Any, tmp_path: Path) -> None:
    outcome = run_checker("new-paper", "author2024", "--into", str(tmp_path))
    assert outcome.status == 0
    file = tmp_path / "author2024" / "theorems.py"
    assert str(file) in outcome.out
    verified = run_checker("verify", str(file), "--cases", "100")
    assert verified.status == 0
    assert "author2024.lemma1" in verified.out
    assert "SURVIVED" not in verified.out.upper()


@pytest.mark.nightly
def test_its_tests_pass(run_checker: Any, tmp_path: Path) -> None:
    run_checker("new-paper", "author2024", "--into", str(tmp_path))
    command = [sys.executable, "-m", "pytest", "-q", "author2024", "-p", "no:cacheprovider"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "5 passed" in run.stdout


@pytest.mark.parametrize("key", ["Author 2024", "../x", "", "2024", "a" * 60])
def test_what_cannot_name_a_paper(run_checker: Any, tmp_path: Path, key: str) -> None:
    outcome = run_checker("new-paper", key, "--into", str(tmp_path))
    assert outcome.status == 2
    assert "cannot name a paper" in outcome.err
    assert not list(tmp_path.iterdir())


def test_nothing_is_overwritten(run_checker: Any, tmp_path: Path) -> None:
    (tmp_path / "author2024").mkdir()
    outcome = run_checker("new-paper", "author2024", "--into", str(tmp_path))
    assert outcome.status == 2
    assert "is there already" in outcome.err
    assert not list((tmp_path / "author2024").iterdir())


def test_a_place_that_is_no_folder(run_checker: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outcome = run_checker("new-paper", "author2024", "--into", str(tmp_path / "file"))
    assert outcome.status == 2
    assert "cannot write" in outcome.err
