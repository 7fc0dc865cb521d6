"""The monitor in the loops and loggers that others have written.

None of the libraries is needed before its function is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from checker.certification.monitor import Monitor, Sink
from checker.errors import InputError


def lightning_callback(monitor: Monitor) -> Any:
    """A Lightning `Callback`: one certificate for each optimiser step, gradients accumulated."""
    base = _library("lightning.pytorch", "pytorch_lightning").Callback

    class Certificates(base):  # type: ignore[misc,valid-type]
        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            monitor.step(trainer.global_step)

    return Certificates()


def trainer_callback(monitor: Monitor) -> Any:
    """A `TrainerCallback` of Hugging Face."""
    base = _library("transformers").TrainerCallback

    class Certificates(base):  # type: ignore[misc,valid-type]
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            monitor.step(state.global_step)

    return Certificates()


def tensorboard_sink(writer: Any) -> Sink:
    """For a `SummaryWriter`: every number of a record as a scalar `certificate/NAME`."""

    def write(record: Mapping[str, Any]) -> None:
        for name, value in _scalars(record).items():
            writer.add_scalar(f"certificate/{name}", value, record["step"])

    return write


def wandb_sink(run: Any) -> Sink:
    """For a run of W&B (what `wandb.init` returns): against `certificate/step`.

    Not against its own counter of steps, which others move: what comes late for it is dropped.
    """
    run.define_metric("certificate/step")
    run.define_metric("certificate/*", step_metric="certificate/step")

    def write(record: Mapping[str, Any]) -> None:
        shown = {**_scalars(record), "verdict": record["verdict"], "step": record["step"]}
        run.log({f"certificate/{name}": value for name, value in shown.items()})

    return write


def _scalars(record: Mapping[str, Any]) -> dict[str, float]:
    return {k: v for k, v in record.items() if k != "step" and isinstance(v, int | float)}


def _library(*names: str) -> Any:
    for name in names:
        try:
            return import_module(name)
        except ImportError:
            continue
    raise InputError(
        f"{names[0]} is not installed",
        hint="Install it, or call monitor.step(step) in a loop of your own",
    )
