"""Attack a group of claims: a campaign over each part of its domain, then the guided search."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from typing import Any

from checker import stopping
from checker.claims.claim import Domain
from checker.claims.thresholds import MIN_NONTRIVIAL_CASES
from checker.search.budgets import (
    AIMED_EXAMPLES,
    AUDIT_EVALUATIONS,
    BRIEF_CORNER_CASES,
    CLIMB_SHARE,
    DATA_PATIENCE,
    FOUND_PATIENCE,
    LEAST_SECONDS,
    MAX_ROUNDS,
    MIN_CLIMB,
    PROBE_CASES,
)
from checker.search.campaign import tasks_of
from checker.search.engines.crew import Crew
from checker.search.guided.hunt import Budget, Hunt, affordable, count_hunt
from checker.search.jobs import Drawing, Hunting
from checker.search.memory import Memory
from checker.search.plan import Course, Group, Part, Plan, Progress
from checker.search.pool import Retry
from checker.search.pooling import pool
from checker.stopping import Lost


@dataclass(frozen=True)
class Limits:
    """Values of `time.monotonic`, None for no limit.

    Attributes
    ----------
    soft
        When nothing new is to be started.
    hard
        When what is going on has to stop.
    """

    soft: float | None = None
    hard: float | None = None

    @classmethod
    def within(cls, seconds: float | None) -> Limits:
        """So many seconds from now."""
        end = None if seconds is None else time.monotonic() + seconds
        return cls(end, end)

    @property
    def over(self) -> bool:
        """Whether nothing new is to be started."""
        return self.soft is not None and time.monotonic() > self.soft

    @property
    def stopped(self) -> bool:
        """Whether what was going on has been told to stop."""
        return self.hard is not None and time.monotonic() > self.hard

    def share(self, parts: int) -> Limits:
        """Those of the next of so many parts: the time left is split evenly.

        What has begun may take some seconds, unless the whole is over: else a short run of many
        claims would start on each and see no result.
        """
        if self.soft is None or self.hard is None:
            return self
        now = time.monotonic()
        soft = now + max(self.soft - now, 0.0) / parts
        return Limits(soft, min(self.hard, max(soft, now + LEAST_SECONDS)))


def attack(
    group: Group,
    plan: Plan,
    limits: Limits,
    report: Callable[[Progress], None],
    memory: Memory,
    crew: Crew,
) -> None:
    """Search the parts of a group, then climb; the group says what was found, and what cut it.

    A group that was in the midst of it goes on from there.
    """
    started, before = time.monotonic(), group.seconds
    planned = sum(p.cases for p in group.parts)
    climbs = _can_be_guided(group.parts[0].domain)
    _load_for_workers(group.parts[0].domain)
    try:
        for number in range(group.part, len(group.parts)):
            if number and limits.over:
                break
            share = limits.share(len(group.parts) + climbs - number)
            for done in _campaign(group, number, plan, share, crew):
                group.seconds = before + time.monotonic() - started
                if not share.stopped:
                    _keep(group, memory)
                report(Progress(min(done, planned), planned, group.names))
        _pool(group, plan)
        for name in _climb(group, plan, limits, crew):
            group.seconds = before + time.monotonic() - started
            if not limits.stopped:
                _keep(group, memory)
            report(Progress(planned, planned, (name,)))
        if not limits.over:
            group.cut = ""
    finally:
        group.seconds = before + time.monotonic() - started
    group.done = not group.cut and not group.slow
    _keep(group, memory, now=True)


def _keep(group: Group, memory: Memory, *, now: bool = False) -> None:
    """Keep where a group is, unless a signal may have cut the task that was counted last."""
    if stopping.asked_for() is None:
        memory.keep(group, now=now)


def _load_for_workers(domain: Domain) -> None:
    """What searches for points use is loaded before there are workers, each of which would take a
    second for it."""
    if domain.found or not domain.moves:
        import_module("scipy.optimize")


def _pool(group: Group, plan: Plan) -> None:
    """The pooled tests of the claims that are still open, over their own domain.

    Experiments over data have no seed alone that gives them again.
    """
    own = group.parts[0]
    for claim in group.open_claims if plan.sample is None else ():
        pool(claim, own.domain, group.tallies[claim.id], own.cases)


def _campaign(group: Group, number: int, plan: Plan, limits: Limits, crew: Crew) -> Iterator[int]:
    """Merge the results of a part's tasks in their order, until the budget of each claim is spent.

    Yields how many cases have been decided at most. Tasks run ahead on other processes, but their
    results count in order only, and not at all once the budget is spent: the outcome depends
    neither on the number of processes nor on the other claims of the group.
    """
    part = group.parts[number]
    stem = (plan.seed, zlib.crc32("|".join(part.domain.strata).encode()), number)
    group.enter(number)
    courses, first = group.courses, group.position

    def left() -> tuple[str, ...]:
        return tuple(n for n, c in courses.items() if group.is_open(n) and not c.over)

    def without_culprit(job: Drawing, lost: Lost) -> Retry[Any]:
        if not job.names:
            # No claim was to blame.
            raise lost.error()
        return Retry(replace(job, names=tuple(group.lose(lost, job.names))))

    # Taken lazily: claims that have fallen meanwhile are left out of later tasks.
    probe = BRIEF_CORNER_CASES if plan.brief and part.domain.derived else PROBE_CASES
    every = tasks_of(part.domain, stem, range(MAX_ROUNDS), probe)
    tasks = islice(every, first, None)
    jobs = (Drawing(group.names, left(), number, task) for task in tasks if left())
    running = crew.in_order(jobs, plan.jobs, deadline=limits.hard, on_loss=without_culprit)
    with closing(running):
        for count, results in running:
            position = first + count + 1
            seen = position >= len(part.strata)
            for name in (n for n in left() if n in results):
                if number:
                    # The pooled test is over the claim's own domain.
                    results[name].drawn.clear()
                group.tallies[name].merge(results[name])
                _count(courses[name], results[name].cases)
                courses[name].over = seen and _is_over(courses[name], group, name, part, plan)
            group.position = position
            group.visited += position == len(part.strata) and not limits.stopped
            yield max((t.cases for t in group.tallies.values()), default=0)
            if limits.over or not left():
                break


def _count(course: Course, cases: int) -> None:
    course.decided += cases
    course.empty = 0 if cases else course.empty + 1


def _is_over(course: Course, group: Group, name: str, part: Part, plan: Plan) -> bool:
    """Whether a claim has the planned cases of a part, or gets no more of them."""
    # Parts after the first are over shipped data; there, and where each case takes a search of its
    # own, many tasks end without one.
    own = part is group.parts[0] or part.domain.derived
    random = own and plan.sample is None and not part.domain.found
    patience = len(part.strata) if random else max(len(part.strata), DATA_PATIENCE)
    if course.empty > patience:
        return True
    if plan.uses_all_time:
        return False
    # On found points, a stratum where another search may have a case, and too few for a verdict.
    tally = group.tallies[name]
    lacking = tally.nontrivial < MIN_NONTRIVIAL_CASES or any(
        n not in tally.strata for n in part.strata
    )
    patient = part.domain.found and lacking
    return course.decided >= part.cases + (FOUND_PATIENCE if patient else 0)


def _climb(group: Group, plan: Plan, limits: Limits, crew: Crew) -> Iterator[str]:
    """The guided search for claims that the campaign left open; yields those that have had it."""
    guided = group.open_claims if _can_be_guided(group.parts[0].domain) else []
    claims = [c for c in guided if c.id not in group.hunted]
    budget = _climbing_budget(group, plan, limits, len(claims))
    if budget is None:
        return

    def nothing(job: Hunting, lost: Lost) -> Hunt:
        group.lose(lost, job.names)
        return Hunt()

    jobs = (Hunting(group.names, (c.id,), _stem(plan, c.id), budget) for c in claims)
    workers = min(plan.jobs, max(len(claims), 1))
    hunts = crew.in_order(jobs, workers, deadline=limits.hard, on_loss=nothing)
    with closing(hunts):
        for number, found in hunts:
            name = claims[number].id
            count_hunt(group.tallies[name], found)
            group.hunted.append(name)
            yield name


def _stem(plan: Plan, name: str) -> tuple[int, int]:
    return plan.seed, zlib.crc32(name.encode())


def _can_be_guided(domain: Domain) -> bool:
    """Whether a guided search does more than the campaign did: not where cases are ends of
    searches, and moved ones would be something else."""
    return not domain.found


def _climbing_budget(group: Group, plan: Plan, limits: Limits, claims: int) -> Budget | None:
    """A share of the cases; more for controls, which have to fall. None for too small a run."""
    domain = group.parts[0].domain
    drawn = sum(p.cases for p in group.parts if p is group.parts[0] or not p.domain.derived)
    evaluations: int | None = int(CLIMB_SHARE * drawn)
    if group.claims[0].must_be_refuted:
        evaluations = AUDIT_EVALUATIONS
    if (evaluations or 0) < (MIN_CLIMB if domain.moves else AIMED_EXAMPLES):
        return None
    evaluations = affordable(domain, evaluations or 0)
    if limits.soft is None:
        return Budget(evaluations)
    left = max(limits.soft - time.monotonic(), 0.0)
    if plan.uses_all_time:
        evaluations = None
    return Budget(evaluations, left * min(plan.jobs, claims) / claims) if claims else None
