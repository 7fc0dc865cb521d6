"""A certificate every k steps of training, in a file that grows line by line.

    monitor = Monitor("run.jsonl", lambda: network.arrays(batches), "logistic", every=100)
    for step, batch in enumerate(loader):
        ...
        monitor.step(step)

The callback is any function without arguments that returns the arguments of `certify`, or of
`certify_head` if it returns no V. A monitor does not end a training: whatever goes wrong in a step,
a weight that is NaN included, becomes a record with the reason. Callbacks for Lightning and Hugging
Face are in `checker/certification/adapters/callbacks.py`.
"""

from __future__ import annotations

import csv
import json
import math
import operator
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from checker.certification.adapters.losses import is_of_classes, translated
from checker.certification.certificate import Enclosed, Findings
from checker.certification.certify import certify, certify_head
from checker.certification.linear import one_thread
from checker.certification.output.report import titles_of
from checker.errors import InputError
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.losses.coupled import VectorLoss, vector_loss_named

Sink = Callable[[Mapping[str, Any]], None]


class Monitor:
    """Records certificates during training.

    Attributes
    ----------
    seconds
        Time spent on certificates.
    overhead
        The same as a share of the time since the first step.
    records
        What was recorded, a flat dictionary per certificate.

    Examples
    --------
    >>> import numpy as np
    >>> from checker.certification.monitor import Monitor
    >>> X = np.array([[1.0], [2.0], [-1.0]])
    >>> now = {"X": X, "Z": np.tanh(X), "y": X[:, 0], "w": np.ones(1), "V": np.zeros((1, 1))}
    >>> monitor = Monitor(None, lambda: now, "squared", every=10)
    >>> for step in range(11):
    ...     _ = monitor.step(step)
    >>> [(record["step"], record["verdict"]) for record in monitor.records]
    [(0, 'NO_WORSE'), (10, 'NO_WORSE')]
    """

    def __init__(
        self,
        path: str | Path | None,
        arrays: Callable[[], Mapping[str, Any]],
        loss: Loss | VectorLoss | str | Any,
        every: int = 100,
        *,
        append: bool = False,
        sink: Sink | None = None,
        max_overhead: float = math.inf,
        brief: bool = True,
    ) -> None:
        """`path` ends in .jsonl or .csv; None writes no file.

        Parameters
        ----------
        path, arrays, loss, every
            The file, the arguments of `certify` at the moment, the loss, the number of steps.
        append
            Go on with the file of an earlier run. Without, a file that is there is refused if it
            holds records.
        sink
            Called with every record: for TensorBoard, W&B or any logger.
        max_overhead
            A step is left out while certificates would take more than this share of the time.
        brief
            As for `certify`: a record has none of the numbers that are left out.
        """
        self._path = None if path is None else Path(path)
        self._arrays, self._loss, self._every = arrays, loss, every
        self._sink, self._most, self._brief = sink, max_overhead, brief
        _require_loss(loss)
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise InputError(f"every = {every!r} is not a number of steps")
        if not max_overhead > 0:
            raise InputError(f"max_overhead = {max_overhead!r} is not a share of the time")
        if self._path is not None:
            _open(self._path, append=append)
        self.records: list[dict[str, Any]] = []
        self.seconds = 0.0
        self._start: float | None = None
        self._done: set[int] = set()
        # The inputs of the unit hardly change between two certificates, nor does their best
        # linear predictor.
        self._last: Any = None

    def step(self, step: int) -> Findings | None:
        """To be called after every step; certifies at each `every`-th, once. Never raises."""
        begin, found = time.perf_counter(), None
        self._start = begin if self._start is None else self._start
        try:
            step = operator.index(step)
            if step % self._every or step in self._done or self.overhead > self._most:
                return None
            self._done.add(step)
            found = self._certified()
            content = summary(found)
        # Of a run that diverges, of a full disk, of a model that changed: training goes on.
        except Exception as error:
            content = {"verdict": "FAILED", "reason": f"{type(error).__name__}: {error}"}
        took = time.perf_counter() - begin
        self.seconds += took
        self._write(
            {"step": step if isinstance(step, int) else str(step), **content, "seconds": took}
        )
        return found

    @property
    def overhead(self) -> float:
        """Share of the time since the first step that went into certificates."""
        if self._start is None:
            return 0.0
        return self.seconds / max(time.perf_counter() - self._start, 1e-9)

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        """Lightning's hook, for a callback of your own."""
        self.step(trainer.global_step)

    def _certified(self) -> Findings:
        given = dict(self._arrays())
        run: Any = certify if "V" in given else certify_head
        # Threads only wait for each other where the loaders of the data keep the machine busy.
        with one_thread():
            found: Findings = run(**given, loss=self._loss, start=self._last, brief=self._brief)
        self._last = found.best.u
        return found

    def _write(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        try:
            if self._path is not None:
                _append(self._path, record)
            if self._sink is not None:
                self._sink(record)
        # As above: the record is kept in memory.
        except Exception as error:
            record["not_written"] = str(error)


# Columns of a CSV: all that a record may have, since its first line decides.
_FIELDS = (
    "F", "F_at_zero", "gradient", "least_eigenvalue", "w_norm", "W_norm", "V_norm", "sigma_min",
    "F_lin", "gap", "bound",
)  # fmt: skip
_ENDS = ("lower", "upper")
_COLUMNS = (
    "step", "verdict", "reason", *(f"{name}_{end}" for name in _FIELDS for end in _ENDS), "seconds",
)  # fmt: skip


def _require_loss(loss: Any) -> None:
    """A loss that is wrong is told before the training, not in each of its records."""
    name = translated(loss, 2 if is_of_classes(loss) else None).loss
    if isinstance(name, str):
        try:
            loss_named(name)
        except InputError:
            vector_loss_named(name)


def _open(path: Path, *, append: bool) -> None:
    if path.suffix not in (".jsonl", ".csv"):
        raise InputError(f"{path} ends in neither .jsonl nor .csv")
    try:
        if not append and path.exists() and path.stat().st_size:
            raise InputError(
                f"{path} holds records of an earlier run",
                hint="Pass append=True to go on with it, or another name",
            )
        with path.open("a", encoding="utf-8"):
            pass
        _end_last_line(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error


def _append(path: Path, record: Mapping[str, Any]) -> None:
    columns = _columns(path) if path.suffix == ".csv" else ()
    with path.open("a", encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            file.write(json.dumps(record) + "\n")
            return
        writer = csv.DictWriter(file, columns or _COLUMNS, extrasaction="ignore")
        if not columns:
            writer.writeheader()
        writer.writerow(record)


def _columns(path: Path) -> list[str]:
    """The columns of a file, of an older version, too; none if it is empty."""
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file), [])


def _end_last_line(path: Path) -> None:
    """A line that a killed run has left without its end stays one by itself."""
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                file.write(b"\n")


def summary(found: Findings) -> dict[str, Any]:
    """The numbers of a certificate that change during training, as one flat record.

    Every number has its proved lower and upper end, None where there is none; `bound` is the
    least of the sharp bounds on the gap at the best linear predictor, of Theorem 1, Theorem 2 or
    appendix B, if one applies.
    """
    names = [name for name in titles_of(found) if name in _FIELDS]
    numbers = {name: getattr(found, name) for name in names}
    numbers |= {"F_lin": found.best.F_lin, "gap": found.best.gap}
    bounds = found.best.bounds.items()
    sharp = [b for name, b in bounds if name.endswith("sharp form") and isinstance(b, Enclosed)]
    numbers |= {"bound": min(sharp, key=lambda b: b.upper)} if sharp else {}
    ends = {
        f"{name}_{end}": _finite(getattr(x, end)) for name, x in numbers.items() for end in _ENDS
    }
    return {"verdict": found.verdict.name, **ends}


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None
