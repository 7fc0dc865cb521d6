"""Every command does its work through one seam: the same result bit by bit whoever does it."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import checker.gate.measure
from checker.census import search as searching
from checker.cli import main
from checker.instances.names import FILES_PACKAGE
from checker.search.engines import named, remote
from checker.search.sharpening import sharpen as sharpening
from tests.search.elsewhere import Elsewhere

CLAIMS = """
from checker import claim, interval

units = interval(-8, 8)


def ordered(a, b):
    return a >= b


@claim(assuming=[ordered])
def tight(a: units, b: units, c=2):
    return c * (a**2 + b**2) >= (a + b) ** 2


@claim(of="seam.tight", kind="must-be-refuted", why="b = a")
def less(a: units, b: units):
    return a**2 + b**2 >= (a + b) ** 2
"""

SMALL = """
from checker import claim, interval

units = interval(-8, 8)


@claim
def free(a: units, b: units, c=2):
    return c * (a**2 + b**2) >= (a + b) ** 2


@claim(of="small.free", kind="must-be-refuted", why="b = a")
def freer(a: units, b: units):
    return a**2 + b**2 >= (a + b) ** 2
"""

POINTS = "x,z,label\n" + "".join(f"{k % 5}.5,{k * k % 7},{k % 3 - 1}\n" for k in range(12))

SMALL_NETWORK = ("--network", "fourier", "--features", "1")

COMMANDS = {
    "audit": ["audit", "seam.py", "--cases", "60"],
    "sharpen": ["sharpen", "small.py::free", "--cases", "60"],
    "census": ["census", "points.csv", "--target", "label", "--starts", "4", *SMALL_NETWORK],
    "gate": ["gate", "small.py", "--update", "--cases", "60", "--evaluations", "60"],
}
NOT_OF_THE_RESULT = ("seconds", "provenance", "throughput")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seam.py").write_text(CLAIMS)
    (tmp_path / "small.py").write_text(SMALL)
    (tmp_path / "points.csv").write_text(POINTS)
    monkeypatch.setattr(checker.gate.measure, "throughput", lambda *_: {"plain": 1.0})
    assert main(["verify", "small.py::freer", "--cases", "100", "--out", "found"]) == 0
    (tmp_path / "corpus").mkdir()
    for saved in (tmp_path / "found").glob("*.counterexample.json"):
        saved.rename(tmp_path / "corpus" / saved.name)
    yield tmp_path
    remote._CREWS.clear()
    for name in [n for n in sys.modules if n.startswith(FILES_PACKAGE)]:
        del sys.modules[name]


def result(command: str, *options: str) -> tuple[int, Any]:
    """Exit status and what was written, but for what depends on the clock."""
    written = Path("result.json")
    written.unlink(missing_ok=True)
    where = ["--baseline"] if command == "gate" else ["--json"]
    status = main([*COMMANDS[command], *where, str(written), *options])
    return status, _without_times(json.loads(written.read_text()))


def _without_times(saved: Any) -> Any:
    if isinstance(saved, dict):
        kept = {k: v for k, v in saved.items() if k not in NOT_OF_THE_RESULT}
        return {k: _without_times(v) for k, v in kept.items()}
    return [_without_times(x) for x in saved] if isinstance(saved, list) else saved


@contextmanager
def elsewhere(_address: str, _jobs: int) -> Iterator[Executor]:
    yield Elsewhere()


class Entry:
    name = "elsewhere"

    def load(self) -> Any:
        return elsewhere


SLOW = {"gate": pytest.mark.nightly}


@pytest.mark.parametrize("command", [pytest.param(c, marks=SLOW.get(c, ())) for c in COMMANDS])
def test_results_are_the_same_whoever_does_the_work(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "CENSUS_STEPS", 30)
    monkeypatch.setattr(sharpening, "SHARPEN_ATTEMPTS", 5)
    monkeypatch.setattr(sharpening, "POLISHING_ROUNDS", 1)
    monkeypatch.setattr(named, "entry_points", lambda **_: [Entry()])
    here = result(command, "--jobs", "2")
    assert result(command, "--engine", "elsewhere") == here


def has(module: str) -> Any:
    missing = importlib.util.find_spec(module) is None
    return pytest.mark.skipif(missing, reason=f"{module} is not installed")


ENGINES = [
    "processes",
    pytest.param("dask", marks=has("distributed")),
    pytest.param("ray", marks=has("ray")),
    pytest.param("mpi", marks=has("mpi4py")),
]


@pytest.mark.nightly
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("command", COMMANDS)
def test_engines_of_real_processes(command: str, engine: str) -> None:
    here = result(command, "--jobs", "1")
    assert result(command, "--jobs", "2") == here
    assert result(command, "--jobs", "2", "--engine", engine) == here
