"""A census: many starts on all cores, distinct points, and a file from which to go on."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from checker.census.budgets import SAME_PREDICTIONS
from checker.census.point import CensusPoint, Level, Linear
from checker.census.record import header_of, point_from_json, point_to_json
from checker.census.search import linear_level, search
from checker.errors import InputError
from checker.landscape.minima.critical import Problem
from checker.search.pool import in_order
from checker.stopping import Broken, Lost, Stopped, acknowledge, watched

JOURNAL = "census.jsonl"


@dataclass
class Census:
    """The critical points of a problem.

    Attributes
    ----------
    problem, linear, seed
        What was searched, the linear level, and the seed.
    points
        The distinct points, in the order of the starts.
    copies
        How often each of them was found.
    starts
        How many starts were tried.
    seconds
        Time that this run took.
    interrupted
        Whether Ctrl-C ended it early.
    fault
        Why a start was given up (a killed process), or an empty string.
    """

    problem: Problem
    linear: Linear
    seed: int
    points: list[CensusPoint] = field(default_factory=list)
    copies: Counter[int] = field(default_factory=Counter)
    starts: int = 0
    seconds: float = 0.0
    interrupted: bool = False
    fault: str = ""

    def add(self, found: list[CensusPoint]) -> None:
        """Count the points of one start."""
        self.starts += 1
        for point in found:
            known = (i for i, other in enumerate(self.points) if _same(point, other))
            index = next(known, len(self.points))
            if index == len(self.points):
                self.points.append(point)
            self.copies[index] += 1

    @property
    def bad_minima(self) -> list[CensusPoint]:
        """Proved local minima above the linear level."""
        return [p for p in self.points if p.minimum is not None and p.level is Level.ABOVE]


def _same(one: CensusPoint, other: CensusPoint) -> bool:
    """Equal kinds, predictions and curvatures: then they are copies by symmetry, most likely."""
    if one.kind is not other.kind or not _close(one.predictions, other.predictions):
        return False
    return one.minimum is not None or _close(
        np.array([one.curvature.middle]), np.array([other.curvature.middle])
    )


def _close(x: Any, y: Any) -> bool:
    scale = max(np.linalg.norm(x), np.linalg.norm(y))
    return bool(np.linalg.norm(x - y) <= SAME_PREDICTIONS * scale)


@dataclass(frozen=True)
class Budget:
    """How many starts, and how many seconds at most."""

    starts: int
    seconds: float | None = None


def census(
    problem: Problem,
    budget: Budget,
    *,
    seed: int = 0,
    jobs: int = 1,
    folder: str | None = None,
    show: Callable[[Census], None] = lambda _: None,
) -> Census:
    """Search from many starts; with `folder`, go on where an earlier census stopped.

    Raises
    ------
    InputError
        If the folder holds the census of another problem, or a file that is none.
    """
    began = monotonic()
    deadline = None if budget.seconds is None else began + budget.seconds
    result = Census(problem, _linear(problem, deadline), seed)
    journal = _Journal(folder, header_of(problem, seed))
    for found in journal.read():
        result.add(found)

    def work(start: int) -> list[CensusPoint] | None:
        return search(problem, result.linear, seed, start)

    def nothing(start: int, lost: Lost) -> None:
        if not lost.late:
            result.fault = f"start {start}: {lost.reason}"

    starts = range(result.starts, budget.starts)
    try:
        with closing(in_order(work, starts, jobs, deadline=deadline, on_loss=nothing)) as running:
            for found in (points for points in running if points is not None):
                result.add(found)
                journal.append(found)
                show(result)
    except KeyboardInterrupt:
        acknowledge()
        result.interrupted = True
    result.seconds = monotonic() - began
    return result


def _linear(problem: Problem, deadline: float | None) -> Linear:
    try:
        with watched("the best linear predictor", deadline):
            return linear_level(problem)
    except (Broken, Stopped) as error:
        raise InputError(
            "the time was over before the best linear predictor was known",
            why=f"It is sought first, over {problem.sample.n} samples of {problem.sample.d} inputs",
            hint="Give more --seconds, or a smaller sample",
        ) from error


@dataclass(frozen=True)
class _Journal:
    """A line for the problem, then a line for every start."""

    folder: str | None
    header: dict[str, Any]

    @property
    def path(self) -> Path:
        return Path(str(self.folder)) / JOURNAL

    def read(self) -> Iterator[list[CensusPoint]]:
        if self.folder is None:
            return
        if not self.path.exists():
            self._write(self.header)
            return
        first, *lines = self._lines()
        if first != self.header:
            raise InputError(
                f"{self.path} is the census of another problem or seed",
                why="Points of two problems do not belong into one census",
                hint="Give another folder with --out, or delete that file",
            )
        for line in lines:
            yield [point_from_json(p) for p in line["points"]]

    def _lines(self) -> list[Any]:
        try:
            text = self.path.read_text(encoding="utf-8")
            lines = [json.loads(line) for line in text.split("\n")[:-1]]
            # A run that was killed may have left half a line at the end.
            if not text.endswith("\n"):
                os.truncate(self.path, len(text[: text.rfind("\n") + 1].encode()))
            return lines or [None]
        except (OSError, ValueError) as error:
            raise InputError(
                f"cannot go on with the census in {self.path}: {error}",
                hint="Give another folder with --out, or delete that file",
            ) from error

    def append(self, found: list[CensusPoint]) -> None:
        if self.folder is not None:
            self._write({"points": [point_to_json(p) for p in found]})

    def _write(self, value: dict[str, Any]) -> None:
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(value) + "\n")
        except OSError as error:
            raise InputError(f"cannot write {self.path}: {error.strerror}") from error
