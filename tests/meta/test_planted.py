"""What is planted to test the tests can still be planted: no entry of either list is stale."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "ci")
    for name in ("mutate_bounds", "planted_faults"):
        sys.modules.pop(name, None)


def occurs(file: str, text: str) -> int:
    return (ROOT / file).read_text(encoding="utf-8").count(text)


def test_every_mutation_has_its_place_and_its_tests() -> None:
    from mutate_bounds import AREAS

    for area in AREAS:
        assert all((ROOT / test).exists() for test in area.tests), area.name
        stale = [m.name for m in area.mutations if occurs(m.file, m.old) != 1 or m.old == m.new]
        assert not stale, f"{area.name}: {stale}"
        names = [m.name for m in area.mutations]
        assert len(set(names)) == len(names)


def test_every_fault_has_its_place() -> None:
    from planted_faults import COPIED, FAULTS

    assert all((ROOT / name).exists() for name in COPIED)
    edits = [(f.name, *edit) for f in FAULTS for edit in f.edits]
    stale = [n for n, file, old, new in edits if new is not None and occurs(file, old) != 1]
    missing = [n for n, file, *_ in edits if not (ROOT / file).exists()]
    assert not stale + missing
