"""Hostile archives of a network, and hostile journals of a census.

Both are read by commands that end with a verdict or one clean message; nothing is unpickled.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checker.census.journal import JOURNAL, journal_in
from checker.errors import InputError
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.critical import Problem
from checker.landscape.networks.base import make_network
from checker.landscape.sample import Sample

from .conftest import mutated_bytes, write_json

Tries = Callable[[int], Iterator[Any]]
Command = Callable[..., int]

NETWORK: dict[str, Any] = {
    "X": np.arange(6.0).reshape(3, 2),
    "Z": np.ones((3, 1)),
    "y": np.ones(3),
    "w": np.ones(2),
    "V": np.ones((2, 1)),
    "loss": "squared",
}


class Executed:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("executed"),))


# What an array of the archive may be instead of the right one.
ARRAYS: tuple[Any, ...] = (
    *(np.zeros(()), np.zeros(0), np.zeros((0, 2)), np.zeros((3, 0)), np.zeros((1,) * 5)),
    *(np.full(3, np.nan), np.full((3, 2), np.inf), np.full((3, 2), 1e308), np.ones((3, 2), bool)),
    *(np.ones((3, 2), complex), np.ones((3, 1), np.float16), np.ones((3, 2), np.longdouble) / 3),
    *(np.array(["a", "b", "c"]), np.array("huber"), np.array(b"\xff"), np.array("\x1b[2J")),
    *(np.array([{}]), np.array([Executed()]), np.array("2026", "datetime64[D]"), np.array(-1.0)),
    *(np.array([(1, 2.0)], "i4,f8"), np.array(2**63, np.uint64), np.asfortranarray(np.eye(3))),
)
NAMES = (*NETWORK, "W", "output_bias", "ridge", "weights", "training", "other", "../x")


def _archive(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _changed(rng: np.random.Generator) -> dict[str, Any]:
    """The network with one to three arrays left out, added or exchanged."""
    arrays = dict(NETWORK)
    for _ in range(rng.integers(1, 4)):
        name = NAMES[rng.integers(len(NAMES))]
        if rng.integers(6) == 0:
            arrays.pop(name, None)
        else:
            arrays[name] = ARRAYS[rng.integers(len(ARRAYS))]
    return arrays


def test_archive(
    tries: Tries, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "network.npz"
    path.write_bytes(_archive(NETWORK))
    assert command("certify", path) != 2
    for i, rng in enumerate(tries(300)):
        if i % 2:
            path.write_bytes(mutated_bytes(_archive(NETWORK), rng))
        else:
            path.write_bytes(_archive(_changed(rng)))
        command("certify", path)
    assert list(tmp_path.iterdir()) == [path]


def test_member(tries: Tries, command: Command, tmp_path: Path) -> None:
    """Bytes of one array in a folder, where no checksum guards them."""
    for name, array in NETWORK.items():
        np.save(tmp_path / f"{name}.npy", array)
    path = tmp_path / "X.npy"
    content = path.read_bytes()
    for rng in tries(300):
        path.write_bytes(mutated_bytes(content, rng))
        command("certify", tmp_path)


def _problem() -> Problem:
    sample = Sample(np.ones((2, 1)), np.array([1.0, 2.0]))
    return Problem(sample, loss_named("squared"), make_network("constant", 1, 1))


def test_journal(tries: Tries, tmp_path: Path) -> None:
    """What its lines say is checked; a torn last line is cut off."""
    path = tmp_path / JOURNAL
    problem = _problem()
    size = len(problem.initial(np.random.default_rng(0)))
    point = {"outcome": "CONVERGED", "parameters": [float(1).hex()] * size}
    line = {"start": 0, "points": [point, point]}
    with journal_in(str(tmp_path), problem, 0):
        pass
    header = json.loads(path.read_text())
    path.write_text(f"{json.dumps(header)}\n{json.dumps(line)}\n")
    with journal_in(str(tmp_path), problem, 0) as journal:
        assert len(journal.found) == 1
    for i, rng in enumerate(tries(400)):
        write_json(path, [header, line][i % 3 != 0], rng)
        changed = path.read_bytes()
        lines = [changed, json.dumps(line).encode()]
        if i % 3:
            lines = [json.dumps(header).encode(), changed]
        path.write_bytes(b"\n".join([*lines, b""]))
        with suppress(InputError), journal_in(str(tmp_path), problem, 0):
            pass
