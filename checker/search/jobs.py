"""The jobs of a verification as plain data, and how each is done."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from checker import stopping
from checker.claims.claim import Claim
from checker.claims.verdict import Tally
from checker.search.campaign import Task, run_task, settle
from checker.search.engines.crew import Job
from checker.search.guided.hunt import Budget, Hunt, hunt
from checker.search.memory import End
from checker.search.plan import Group
from checker.search.reduction.reduce import reduced
from checker.stopping import Stopped

# The groups by the ids of their claims: the place of these jobs.
Groups = Mapping[tuple[str, ...], Group]


@dataclass(frozen=True)
class GroupJob(Job):
    """Something to do for claims of a group, which goes by their ids."""

    group: tuple[str, ...]
    names: tuple[str, ...]

    def subject(self) -> str:
        """The claim, if it is about one alone."""
        return self.names[0] if len(self.names) == 1 else ""

    def claims(self, groups: Groups) -> list[Claim]:
        """The claims that are meant."""
        return [c for c in groups[self.group].claims if c.id in self.names]


@dataclass(frozen=True)
class Drawing(GroupJob):
    """A task of the campaign over a part of the group's domain; gives a tally by claim."""

    part: int
    task: Task

    def parts(self) -> list[Drawing]:
        """Each claim for itself: its tally does not depend on the others."""
        return [replace(self, names=(name,)) for name in self.names]

    def done(self, groups: Groups) -> dict[str, Tally]:
        """Do it."""
        domain = groups[self.group].parts[self.part].domain
        return run_task(self.claims(groups), domain, self.task)


@dataclass(frozen=True)
class Hunting(GroupJob):
    """The guided search for one claim; gives a `Hunt`."""

    seed: tuple[int, ...]
    budget: Budget

    def done(self, groups: Groups) -> Hunt:
        """Do it."""
        (claim,), domain = self.claims(groups), groups[self.group].parts[0].domain
        return hunt(claim, self.seed, self.budget, domain=domain, reduce=False)


@dataclass(frozen=True)
class Ending(GroupJob):
    """The end of one claim, whose search is over; gives an `End`.

    The tally is that of the group, unless it was sent along.
    """

    attempts: int
    tally: Tally | None = None

    def packed(self, groups: Groups) -> Ending:
        """The same with the tally."""
        return replace(self, tally=groups[self.group].tallies[self.names[0]])

    def done(self, groups: Groups) -> End:
        """Do it."""
        (claim,), started = self.claims(groups), time.monotonic()
        tally = self.tally or groups[self.group].tallies[claim.id]
        stopping.working_on(claim.id)
        violating = tally.worst or tally.candidate
        reduction = None
        if violating is not None:
            reduction = reduced(claim, violating, attempts=self.attempts)
        with suppress(Stopped):
            settle(tally, claim)
        return End(tally.tightest, reduction, time.monotonic() - started, tally.fault)
