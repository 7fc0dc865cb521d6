"""A census: many starts on all cores, distinct points, and a file from which to go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
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
from checker.search.engines.crew import Job
from checker.search.engines.recipe import Recipe
from checker.search.engines.remote import crew_of
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
    executor: Executor | None = None,
) -> Census:
    """Search from many starts; with `folder`, go on where an earlier census stopped.

    An `executor` does the work instead of `jobs` processes; the result is the same.

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
    place = Searched(problem, result.linear, seed)
    crew = crew_of(executor, place, lambda: Recipe.of((), partial(_same_place, place)))

    def nothing(job: Start, lost: Lost) -> None:
        if not lost.late:
            result.fault = f"{job.subject()}: {lost.reason}"

    with journal_in(folder, problem, seed) as journal:
        starts, kept = _starts(journal, budget), len(journal.found)
        try:
            running = crew.in_order(starts, jobs, deadline=deadline, on_loss=nothing)
            with closing(running):
                for start, (found, points) in (both for both in running if both[1] is not None):
                    # The next run goes on at the first that is missing.
                    if start == kept:
                        journal.append(start, found)
                        kept += 1
                    result.add(points)
                    show(result)
        except KeyboardInterrupt:
            acknowledge()
            result.interrupted = True
    result.seconds = monotonic() - began
    return result


@dataclass(frozen=True, eq=False)
class Searched:
    """What the searches of a census have in common."""

    problem: Problem
    linear: Linear
    seed: int


@dataclass(frozen=True, eq=False)
class Start(Job):
    """The searches from one start, unless an earlier run has found something there, and what is
    proved of it."""

    number: int
    known: Found | None = None

    def subject(self) -> str:
        """The start."""
        return f"start {self.number}"

    def done(self, place: Searched) -> tuple[Found, list[CensusPoint]]:
        """Do it."""
        found = self.known
        if found is None:
            found = found_from(place.problem, place.seed, self.number)
        return found, judged(place.problem, place.linear, self.number, found)


def _same_place(place: Searched, _claims: object) -> Searched:
    return place


def _starts(journal: Journal, budget: Budget) -> Iterator[Start]:
    for number, known in enumerate(journal.found):
        yield Start(number, known)
    for number in range(len(journal.found), budget.starts):
        yield Start(number)


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
