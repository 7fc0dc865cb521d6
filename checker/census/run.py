"""A census: many starts on all cores, distinct points, and a file from which to go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import numpy as np

from checker.census.budgets import SAME_PREDICTIONS
from checker.census.journal import Journal, journal_in
from checker.census.point import CensusPoint, Level, Linear
from checker.census.search import Found, found_from, judged, linear_level
from checker.errors import InputError
from checker.landscape.losses.base import check_convex, require_assumption_1
from checker.landscape.minima.critical import Problem
from checker.search.pool import in_order
from checker.stopping import Broken, Lost, Stopped, acknowledge, watched


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
        For a loss outside Assumption 1, and if the folder holds the census of another problem,
        seed or version, or a file that is none, or another census is writing there.
    """
    began = monotonic()
    deadline = None if budget.seconds is None else began + budget.seconds
    require_assumption_1(problem.loss)
    check_convex(problem.loss)
    result = Census(problem, _linear(problem, deadline), seed)

    def searched(task: Task) -> tuple[Found, list[CensusPoint]] | None:
        start, known = task
        found = found_from(problem, seed, start) if known is None else known
        return found, judged(problem, result.linear, start, found)

    def nothing(task: Task, lost: Lost) -> None:
        if not lost.late:
            result.fault = f"start {task[0]}: {lost.reason}"

    with journal_in(folder, problem, seed) as journal:
        tasks = _tasks(journal, budget)
        try:
            with closing(
                in_order(searched, tasks, jobs, deadline=deadline, on_loss=nothing)
            ) as running:
                for found, points in (both for both in running if both is not None):
                    if result.starts >= len(journal.found):
                        journal.append(result.starts, found)
                    result.add(points)
                    show(result)
        except KeyboardInterrupt:
            acknowledge()
            result.interrupted = True
    result.seconds = monotonic() - began
    return result


# A start, and what an earlier run found there; None where none has been.
Task = tuple[int, Found | None]


def _tasks(journal: Journal, budget: Budget) -> Iterator[Task]:
    yield from enumerate(journal.found)
    for start in range(len(journal.found), budget.starts):
        yield start, None


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
