"""The list of slow tests names tests that there are, and CI runs them."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLOW = (ROOT / "tests" / "slow.txt").read_text(encoding="utf-8").split()


def test_every_slow_test_exists() -> None:
    gone = []
    for name in SLOW:
        path, _, function = name.partition("::")
        file = ROOT / path
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        if f"def {function.rpartition('::')[2]}(" not in text:
            gone.append(name)
    assert gone == [], "run ci/slow_tests.py again"
    assert SLOW == sorted(set(SLOW))


def test_ci_runs_them() -> None:
    assert "pytest -n auto -rs -m slow" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
