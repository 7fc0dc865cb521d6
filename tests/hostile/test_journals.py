"""Hostile journals of `checker verify`: a run, or an error that names the place."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec import to_builtins
from rich.console import Console

from checker.claims.files import load_file
from checker.errors import InputError
from checker.report.evidence import dumps, run_to_json
from checker.report.kept.header import JOURNAL, Call, header_of, make_header
from checker.report.kept.journal import Journal
from checker.report.kept.lines import opened
from checker.report.terminal.run import print_run
from checker.search.verify import Plan, verify

from .conftest import dumped, mutated, mutated_bytes

Tries = Callable[[int], Iterator[Any]]

CLAIMS = """
from checker import claim, interval


@claim
def refuted(a: interval(-8, 8), b: interval(-8, 8)):
    return a**2 + b**2 >= 2 * a * b + 1


@claim
def true(a: interval(-8, 8), b: interval(-8, 8)):
    return a**2 + b**2 >= 2 * a * b
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    path = tmp_path / "journals.py"
    path.write_text(CLAIMS)
    return Plan(tuple(load_file(path)), cases=20)


def _run(plan: Plan, folder: Path) -> None:
    """Go on with what is in the folder, and report it."""
    path = folder / JOURNAL
    with opened(path, "run") as lines:
        header_of(lines.entries(), path)
        found = verify(plan, memory=Journal(lines, folder, searches=False))
    dumps(run_to_json(found, 0))
    print_run(Console(file=io.StringIO()), found, str)


def test_a_journal_is_checked(plan: Plan, tries: Tries, tmp_path: Path) -> None:
    call = Call(ids=(), files=(), picked=(), data=None, target=None)
    with opened(tmp_path / JOURNAL, "run") as lines:
        lines.begin(to_builtins(make_header(plan, call, None)))
        verify(plan, memory=Journal(lines, tmp_path))
    whole = [json.loads(line) for line in (tmp_path / JOURNAL).read_text().splitlines()]
    _run(plan, tmp_path)
    refused = total = 0
    for rng in tries(150):
        texts = [json.dumps(line).encode() for line in whole]
        number = int(rng.integers(len(texts) - 1))
        if rng.integers(4):
            text = dumped(mutated(whole[number], rng))
            texts[number] = text.encode("utf-8", "surrogatepass")
        else:
            texts[number] = mutated_bytes(texts[number], rng)
        (tmp_path / JOURNAL).write_bytes(b"\n".join([*texts, b""]))
        total += 1
        refused += 1
        with suppress(InputError):
            _run(plan, tmp_path)
            refused -= 1
    assert total > refused > total // 4
