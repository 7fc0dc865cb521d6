"""The monitor in the loops and loggers of others: their real classes, where they are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certify.instances import network
from checker.certification.adapters import callbacks
from checker.certification.monitor import Monitor

torch: Any = pytest.importorskip("torch")
POINT = network(0, (24, 3, 2), "squared")


class Model(torch.nn.Module):  # type: ignore[misc]
    """x ↦ wᵀ(x + V z), its loss included, as Hugging Face wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.tensor(POINT.w, dtype=torch.float32))
        self.V = torch.nn.Parameter(torch.tensor(POINT.V, dtype=torch.float32))

    def forward(self, x: Any, z: Any, labels: Any) -> dict[str, Any]:
        p = (x + z @ self.V.T) @ self.w
        return {"loss": ((p - labels) ** 2).mean() / 2, "logits": p}

    def arrays(self) -> dict[str, Any]:
        """The arguments of `certify`."""
        w, V = (p.detach().double().numpy() for p in (self.w, self.V))
        return {"X": POINT.X, "Z": POINT.Z, "y": POINT.y, "w": w, "V": V}


def rows() -> list[dict[str, Any]]:
    """The sample, a dictionary for each row."""
    X, Z, y = (torch.tensor(a, dtype=torch.float32) for a in (POINT.X, POINT.Z, POINT.y))
    return [{"x": x, "z": z, "labels": label} for x, z, label in zip(X, Z, y, strict=True)]


def steps(monitor: Monitor) -> list[int]:
    assert all(record["verdict"] != "FAILED" for record in monitor.records), monitor.records
    return [record["step"] for record in monitor.records]


@pytest.mark.nightly
def test_lightning(tmp_path: Path) -> None:
    """With accumulated gradients a step is that of the optimiser: 6 batches of 4 make 3 steps."""
    lightning: Any = pytest.importorskip("lightning.pytorch")

    class Module(lightning.LightningModule):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.model = Model()

        def training_step(self, batch: Any, _: int) -> Any:
            return self.model(**batch)["loss"]

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=0.01)

    module = Module()
    monitor = Monitor(tmp_path / "run.jsonl", module.model.arrays, "squared", every=1)
    trainer = lightning.Trainer(
        max_epochs=1, accumulate_grad_batches=2, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
        callbacks=[callbacks.lightning_callback(monitor)],
    )  # fmt: skip
    trainer.fit(module, torch.utils.data.DataLoader(rows(), batch_size=4))
    assert steps(monitor) == [0, 1, 2, 3]
    assert monitor.records[-1]["F_upper"] < monitor.records[0]["F_lower"]


@pytest.mark.nightly
def test_hugging_face(tmp_path: Path) -> None:
    transformers: Any = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    model = Model()
    monitor = Monitor(tmp_path / "run.csv", model.arrays, "squared", every=2)
    options = transformers.TrainingArguments(
        output_dir=str(tmp_path / "out"), max_steps=5, per_device_train_batch_size=4,
        gradient_accumulation_steps=2, report_to=[], save_strategy="no", use_cpu=True,
        disable_tqdm=True,
    )  # fmt: skip
    trainer = transformers.Trainer(
        model=model, args=options, train_dataset=rows(),
        callbacks=[callbacks.trainer_callback(monitor)],
    )  # fmt: skip
    trainer.train()
    assert steps(monitor) == [2, 4]


@pytest.mark.nightly
def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path)) as writer:
        sink = callbacks.tensorboard_sink(writer)
        monitor = Monitor(None, Model().arrays, "squared", sink=sink)
        monitor.step(0)
    events = EventAccumulator(str(tmp_path)).Reload()
    found = events.Scalars("certificate/F_lower")
    assert [event.step for event in found] == [0]
    assert np.float32(monitor.records[0]["F_lower"]) == np.float32(found[0].value)
    assert "not_written" not in monitor.records[0]


@pytest.mark.nightly
def test_wandb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wandb: Any = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SILENT", "true")
    run = wandb.init(mode="offline", dir=str(tmp_path), project="checker")
    try:
        monitor = Monitor(None, Model().arrays, "squared", sink=callbacks.wandb_sink(run))
        run.log({"loss": 1.0}, step=7)  # its own steps are ahead of ours
        monitor.step(0)
        run.log({"loss": 0.5})
        assert run.summary["certificate/verdict"] == monitor.records[0]["verdict"]
        assert run.summary["certificate/F_lower"] == monitor.records[0]["F_lower"]
    finally:
        run.finish()
    assert "not_written" not in monitor.records[0]
