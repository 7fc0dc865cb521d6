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
from certify.instances import network, vector_arrays, vector_network
from checker.certification.adapters import callbacks
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


def test_several_outputs_and_an_output_layer_alone(tmp_path: Path) -> None:
    given = {k: a for k, a in vector_arrays(vector_network(0)).items() if k != "loss"}
    head = {k: a for k, a in given.items() if k not in ("Z", "V")}
    for number, arrays in enumerate((given, head)):
        monitor = Monitor(tmp_path / f"{number}.jsonl", lambda a=arrays: a, "softmax")
        found = monitor.step(0)
        assert found is not None
        record = monitor.records[0]
        assert record["verdict"] == found.verdict.name
        assert record["sigma_min_lower"] == found.sigma_min.lower  # type: ignore[attr-defined]
        assert ("bound_lower" in record) == (number == 0)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_run_that_diverges_goes_on_and_is_resumed(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"run.{kind}"
    monitor = Monitor(path, _arrays, "squared", every=1)
    monitor.step(0)
    good, STATE["w"] = STATE["w"], np.full(3, np.nan)
    assert monitor.step(1) is None
    STATE["w"] = good
    monitor.step(2)
    assert [record["verdict"] for record in monitor.records][1] == "FAILED"
    assert "not finite" in monitor.records[1]["reason"]
    with pytest.raises(InputError, match="append=True"):
        Monitor(path, _arrays, "squared")
    Monitor(path, _arrays, "squared", every=1, append=True).step(3)
    text = path.read_text()
    if kind == "jsonl":
        steps = [json.loads(line)["step"] for line in text.splitlines()]
    else:
        steps = [int(row["step"]) for row in csv.DictReader(text.splitlines())]
    assert steps == [0, 1, 2, 3]


def test_a_file_that_cannot_be_written_any_more(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monitor = Monitor(folder / "run.jsonl", _arrays, "squared", every=1)
    (folder / "run.jsonl").unlink()
    folder.rmdir()
    assert monitor.step(0) is not None
    assert "not_written" in monitor.records[0]


def test_what_is_no_step_is_a_record() -> None:
    monitor = Monitor(None, _arrays, "squared", every=1)
    assert monitor.step("3") is None  # type: ignore[arg-type]
    assert (monitor.records[0]["step"], monitor.records[0]["verdict"]) == ("3", "FAILED")
    assert monitor.step(np.int64(4)) is not None  # type: ignore[arg-type]
    assert json.dumps(monitor.records[1]["step"]) == "4"


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_the_last_line_of_a_killed_run_stays_by_itself(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"run.{kind}"
    Monitor(path, _arrays, "squared", every=1).step(0)
    whole = path.read_text()
    path.write_text(whole + whole.splitlines()[-1][:20])
    Monitor(path, _arrays, "squared", every=1, append=True).step(2)
    lines = path.read_text().splitlines()
    if kind == "jsonl":
        assert json.loads(lines[-1])["step"] == 2
    else:
        assert list(csv.DictReader(lines))[-1]["step"] == "2"


def test_a_file_of_other_columns_is_gone_on_with_in_its_own(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("step,seconds,F_upper,of old\n0,1.0,2.0,x\n")
    monitor = Monitor(path, _arrays, "squared", every=1, append=True)
    monitor.step(1)
    last = list(csv.DictReader(path.open()))[-1]
    assert (last["step"], last["of old"]) == ("1", "")
    assert float(last["F_upper"]) == monitor.records[0]["F_upper"]


def test_a_brief_certificate_has_the_numbers_of_the_whole_one() -> None:
    """`escape` and `minimised` are left out; for several outputs, too."""
    several = {k: a for k, a in vector_arrays(vector_network(0)).items() if k != "loss"}
    for given, loss in ((_arrays(), "squared"), (several, "softmax")):
        whole, brief = (checker.certify(**given, loss=loss, brief=b) for b in (False, True))
        assert brief.escape is None
        assert brief.minimised is brief.best
        assert brief.passes < whole.passes
        for name in ("F", "gradient", "least_eigenvalue", "V_norm"):
            assert getattr(brief, name) == getattr(whole, name)
        assert brief.best.gap == whole.best.gap
        assert brief.best.bounds == whole.best.bounds
        assert brief.verdict is whole.verdict


def test_a_step_counts_once_and_a_share_of_time_is_kept() -> None:
    """With accumulated gradients a step of the optimiser is seen several times."""
    monitor = Monitor(None, _arrays, "squared", every=2)
    for step in (0, 0, 1, 2, 2, 2):
        monitor.step(step)
    assert [record["step"] for record in monitor.records] == [0, 2]
    scarce = Monitor(None, _arrays, "squared", every=1, max_overhead=1e-9)
    for step in range(5):
        scarce.step(step)
    assert len(scarce.records) == 1


@pytest.mark.parametrize(
    "options",
    [{"every": 2.5}, {"every": True}, {"loss": "logistik"}, {"loss": 3}, {"max_overhead": 0}],
)
def test_what_is_wrong_is_told_before_training(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Monitor(None, _arrays, **{"loss": "squared"} | options)


def test_loggers() -> None:
    seen: list[Any] = []
    writer = SimpleNamespace(add_scalar=lambda *a: seen.append(a))
    defined: list[Any] = []
    run = SimpleNamespace(
        log=seen.append, define_metric=lambda *a, **options: defined.append((a, options))
    )
    for sink in (callbacks.tensorboard_sink(writer), callbacks.wandb_sink(run)):
        monitor = Monitor(None, _arrays, "squared", sink=sink)
        monitor.step(0)
        F = monitor.records[0]["F_lower"]
        if isinstance(seen[-1], dict):
            assert (seen[-1]["certificate/F_lower"], seen[-1]["certificate/step"]) == (F, 0)
        else:
            assert ("certificate/F_lower", F, 0) in seen
    assert defined[-1] == (("certificate/*",), {"step_metric": "certificate/step"})


def test_callbacks_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subclass of the library's own class, that certifies at the optimiser's steps."""
    base = type("Base", (), {})
    library = SimpleNamespace(Callback=base, TrainerCallback=base)
    monkeypatch.setattr(callbacks, "import_module", lambda name: library)
    monitor = Monitor(None, _arrays, "squared", every=1)
    callbacks.lightning_callback(monitor).on_train_batch_end(SimpleNamespace(global_step=0), None)
    hugging = callbacks.trainer_callback(monitor)
    hugging.on_step_end(None, SimpleNamespace(global_step=1), None)
    assert isinstance(hugging, base)
    assert [record["step"] for record in monitor.records] == [0, 1]

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(callbacks, "import_module", missing)
    with pytest.raises(InputError, match="is not installed"):
        callbacks.trainer_callback(monitor)


def _torchs(name: str, kind: type) -> Any:
    """A stand-in for a loss of PyTorch, which is told by its name and its module."""
    made = type(name, (), {}) if kind is type else (lambda: None)
    made.__module__, made.__name__ = "torch.nn.functional", name  # type: ignore[attr-defined]
    return made() if kind is type else made


@pytest.mark.parametrize("kind", [type, object], ids=["module", "function"])
@pytest.mark.parametrize("name", ["CrossEntropyLoss", "cross_entropy", "nll_loss"])
def test_losses_of_classes_are_taken_as_modules_and_as_functions(name: str, kind: type) -> None:
    assert Monitor(None, _arrays, _torchs(name, kind)).records == []
