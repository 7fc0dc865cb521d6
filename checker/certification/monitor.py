"""A certificate every k steps of training, in a file that grows line by line.

    monitor = Monitor("run.jsonl", lambda: network.arrays(batches), "logistic", every=100)
    for step, batch in enumerate(loader):
        ...
        monitor.step(step)

The callback is any function without arguments that returns the arguments of `certify`. `Monitor`
has the hook `on_train_batch_end` of Lightning's callbacks, too, without needing Lightning.
"""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from checker.certification.certificate import Certificate, Enclosed
from checker.certification.certify import certify
from checker.errors import InputError
from checker.landscape.losses.base import Loss

_FIELDS = ("F", "F_at_zero", "gradient", "least_eigenvalue", "w_norm", "V_norm")


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
    """

    def __init__(
        self,
        path: str | Path,
        arrays: Callable[[], Mapping[str, Any]],
        loss: Loss | str,
        every: int = 100,
    ) -> None:
        """`path` ends in .jsonl or .csv and is overwritten; `every` is the number of steps."""
        self._path, self._arrays, self._loss, self._every = Path(path), arrays, loss, every
        if self._path.suffix not in (".jsonl", ".csv"):
            raise InputError(f"{path} ends in neither .jsonl nor .csv")
        if every < 1:
            raise InputError(f"every = {every} is not a number of steps")
        try:
            self._path.write_text("", encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from error
        self.records: list[dict[str, Any]] = []
        self.seconds = 0.0
        self._start: float | None = None
        # The inputs of the unit hardly change between two certificates, nor does their best
        # linear predictor.
        self._last: Any = None

    def step(self, step: int) -> Certificate | None:
        """To be called after every step; certifies at each `every`-th."""
        self._start = time.perf_counter() if self._start is None else self._start
        if step % self._every:
            return None
        begin = time.perf_counter()
        found: Certificate = certify(**self._arrays(), loss=self._loss, start=self._last)
        self._last = found.w_star
        took = time.perf_counter() - begin
        self.seconds += took
        self._write({"step": step, **summary(found), "seconds": took})
        return found

    @property
    def overhead(self) -> float:
        """Share of the time since the first step that went into certificates."""
        if self._start is None:
            return 0.0
        return self.seconds / (time.perf_counter() - self._start)

    def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
        """Lightning's hook."""
        self.step(trainer.global_step)

    def _write(self, record: dict[str, Any]) -> None:
        self.records.append(record)
        with self._path.open("a", encoding="utf-8", newline="") as file:
            if self._path.suffix == ".jsonl":
                file.write(json.dumps(record) + "\n")
                return
            writer = csv.DictWriter(file, list(record))
            if len(self.records) == 1:
                writer.writeheader()
            writer.writerow(record)


def summary(found: Certificate) -> dict[str, Any]:
    """The numbers of a certificate that change during training, as one flat record.

    Every number has its proved lower and upper end, None where there is none; `bound` is the sharp
    bound on the gap at the best linear predictor, of Theorem 1 or (for w = 0) 2.
    """
    numbers = {name: getattr(found, name) for name in _FIELDS}
    numbers |= {"F_lin": found.best.F_lin, "gap": found.best.gap}
    sharp = (found.best.bounds[f"Theorem {k}, sharp form"] for k in (1, 2))
    numbers["bound"] = next(b for b in sharp if isinstance(b, Enclosed))
    ends = {
        f"{name}_{end}": _finite(getattr(x, end)) for name, x in numbers.items() for end in _ENDS
    }
    return {"verdict": found.verdict.name, **ends}


_ENDS = ("lower", "upper")


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None
