"""Certificates during training, in a file."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import checker
from certify.instances import network
from checker.certification.monitor import Monitor
from checker.errors import InputError

POINT = network(0, (60, 3, 2), "squared")


def _train(monitor: Any, steps: int) -> None:
    """Gradient descent in (w, V); `monitor` sees the parameters through the closure's point."""
    for step in range(steps):
        monitor.step(step)
        p = (POINT.X + POINT.Z @ STATE["V"].T) @ STATE["w"]
        slope = (p - POINT.y) / len(p)
        in_w = slope @ (POINT.X + POINT.Z @ STATE["V"].T)
        in_V = np.outer(STATE["w"], slope @ POINT.Z)
        STATE["w"], STATE["V"] = STATE["w"] - 0.05 * in_w, STATE["V"] - 0.05 * in_V


STATE: dict[str, Any] = {}


def _arrays() -> dict[str, Any]:
    return {"X": POINT.X, "Z": POINT.Z, "y": POINT.y, **STATE}


@pytest.fixture(autouse=True)
def _start() -> None:
    STATE.update(w=POINT.w, V=POINT.V)


def test_json_lines(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path / "run.jsonl", _arrays, "squared", every=5)
    _train(monitor, 11)
    records = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert [record["step"] for record in records] == [0, 5, 10]
    first = checker.certify(**(_arrays() | {"w": POINT.w, "V": POINT.V}), loss="squared")
    assert records[0]["F_lower"] == first.F.lower
    assert records[0]["gap_upper"] == first.best.gap.upper
    assert records[-1]["F_upper"] < records[0]["F_lower"]
    assert all(record["bound_upper"] >= record["gap_lower"] for record in records)
    assert 0 < monitor.overhead < 1
    assert sum(record["seconds"] for record in records) == pytest.approx(monitor.seconds)


def test_csv(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path / "run.csv", _arrays, "squared", every=2)
    _train(monitor, 3)
    rows = list(csv.DictReader((tmp_path / "run.csv").open()))
    assert [row["step"] for row in rows] == ["0", "2"]
    assert float(rows[1]["F_upper"]) == monitor.records[1]["F_upper"]


def test_lightning_hook(tmp_path: Path) -> None:
    monitor = Monitor(tmp_path / "run.jsonl", _arrays, "squared", every=2)
    for step in range(4):
        monitor.on_train_batch_end(SimpleNamespace(global_step=step), None, None, None, step)
    assert [record["step"] for record in monitor.records] == [0, 2]


def test_numbers_out_of_range_are_null(tmp_path: Path) -> None:
    X = -1e3 * np.eye(2)
    arrays = {"X": X, "Z": np.ones((2, 1)), "y": np.ones(2), "w": [3.0, 3.0], "V": np.zeros((2, 1))}
    Monitor(tmp_path / "run.jsonl", lambda: arrays, "exponential").step(0)
    record = json.loads((tmp_path / "run.jsonl").read_text(), parse_constant=pytest.fail)
    assert record["least_eigenvalue_lower"] is None


def test_bad_arguments(tmp_path: Path) -> None:
    for path, every in ((tmp_path / "run.txt", 1), (tmp_path / "run.csv", 0)):
        with pytest.raises(InputError):
            Monitor(path, _arrays, "squared", every)
    with pytest.raises(InputError, match="cannot write"):
        Monitor(tmp_path / "missing" / "run.csv", _arrays, "squared")
