"""The tasks of a run as plain data, and how each is done."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from checker import stopping
from checker.claims.verdict import Tally
from checker.search.campaign import Task, run_task, settle
from checker.search.guided.hunt import Budget, Hunt, hunt
from checker.search.memory import End
from checker.search.plan import Group
from checker.search.pool import OnLoss, in_order
from checker.search.reduction.reduce import reduced
from checker.stopping import Stopped


@dataclass(frozen=True)
class Job:
    """Something to do for claims of a group, which goes by their ids."""

    group: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Drawing(Job):
    """A task of the campaign over a part of the group's domain; gives a tally by claim."""

    part: int
    task: Task

    def done(self, group: Group) -> dict[str, Tally]:
        """Do it."""
        claims = [c for c in group.claims if c.id in self.names]
        return run_task(claims, group.parts[self.part].domain, self.task)


@dataclass(frozen=True)
class Hunting(Job):
    """The guided search for one claim; gives a `Hunt`."""

    seed: tuple[int, ...]
    budget: Budget

    def done(self, group: Group) -> Hunt:
        """Do it."""
        (claim,) = (c for c in group.claims if c.id in self.names)
        return hunt(claim, self.seed, self.budget, domain=group.parts[0].domain, reduce=False)


@dataclass(frozen=True)
class Ending(Job):
    """The end of one claim, whose search is over; gives an `End`.

    The tally is that of the group, unless it has to be sent along.
    """

    attempts: int
    tally: Tally | None = None

    def done(self, group: Group) -> End:
        """Do it."""
        (claim,) = (c for c in group.claims if c.id in self.names)
        tally, started = self.tally or group.tallies[claim.id], time.monotonic()
        stopping.working_on(claim.id)
        violating = tally.worst or tally.candidate
        reduction = None
        if violating is not None:
            reduction = reduced(claim, violating, attempts=self.attempts)
        with suppress(Stopped):
            settle(tally, claim)
        return End(tally.tightest, reduction, time.monotonic() - started, tally.fault)


class Crew:
    """Who does the jobs of a run: processes of this machine.

    Another one says in `in_order` who does them; results come in the order of the jobs, so the
    evidence is the same.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self.groups = {group.names: group for group in groups}

    def do(self, job: Any) -> Any:
        """Do a job in this process."""
        return job.done(self.groups[job.group])

    def in_order(
        self,
        jobs: Iterable[Any],
        workers: int,
        *,
        deadline: float | None = None,
        on_loss: OnLoss[Any, Any],
    ) -> Generator[Any, None, None]:
        """The results, in order: see `checker.search.pool.in_order`."""
        return in_order(self.do, jobs, workers, deadline=deadline, on_loss=on_loss)
