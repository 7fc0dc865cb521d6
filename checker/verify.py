"""Verify claims: run their campaigns within a budget, on all cores, and judge the evidence."""

from __future__ import annotations

import signal
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any

from checker.claim import Claim, Domain
from checker.constants import (
    DATA_CASES_SHARE,
    DEFAULT_CASES,
    MAX_ROUNDS,
    TASKS_AHEAD,
)
from checker.landscape.data import DATASETS, load_dataset
from checker.landscape.sample import Sample
from checker.search.campaign import SINGLE, Task, run_task, tasks_of
from checker.search.shrink import shrink
from checker.verdict import Evidence, Tally, Witness, judge


@dataclass(frozen=True)
class Plan:
    """What to verify, and with which budget.

    Attributes
    ----------
    claims
        The claims.
    cases
        Decided cases per claim; None for a sensible default. Every stratum is visited at least
        once, whatever the budget.
    seconds
        Wall-clock budget of the whole run; None for none.
    seed
        With `cases`, fixes the result whatever `jobs` is.
    jobs
        Number of processes.
    sample
        The user's data as the only distribution of (x, y); None for random and shipped data.
    """

    claims: tuple[Claim, ...]
    cases: int | None = None
    seconds: float | None = None
    seed: int = 0
    jobs: int = 1
    sample: Sample | None = None


@dataclass(frozen=True)
class Progress:
    """State of a running verification: decided and planned cases of the current claims."""

    done: int
    planned: int
    claims: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """A domain to be searched for a number of cases per claim."""

    domain: Domain
    cases: int

    @property
    def strata(self) -> tuple[str, ...]:
        """Strata that the search has to hit."""
        return tuple(self.domain.strata) or (SINGLE,)


@dataclass(eq=False)
class Group:
    """Claims over one domain: they share batches, and the terms computed on them."""

    claims: tuple[Claim, ...]
    parts: tuple[Part, ...]
    tallies: dict[str, Tally] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def open_claims(self) -> list[Claim]:
        """Claims that no violation has settled yet."""
        return [c for c in self.claims if self.tallies[c.id].worst is None]


def groups_of(plan: Plan) -> list[Group]:
    """The plan's claims by domain; false neighbours apart, since they end at the first hit."""
    by_domain: dict[tuple[int, bool], list[Claim]] = {}
    for claim in plan.claims:
        by_domain.setdefault((id(claim.domain), claim.must_be_refuted), []).append(claim)
    return [
        Group(tuple(claims), _parts(claims[0], plan), {c.id: Tally() for c in claims})
        for claims in by_domain.values()
    ]


def _parts(claim: Claim, plan: Plan) -> tuple[Part, ...]:
    domain = claim.domain
    if plan.sample is not None and domain.on_data is not None:
        return (_part(domain.on_data(plan.sample), plan.cases, DATA_CASES_SHARE),)
    own = _part(domain, plan.cases, 1.0)
    if domain.on_data is None or claim.must_be_refuted:
        return (own,)
    shipped = (domain.on_data(load_dataset(name)) for name in DATASETS)
    return (own, *(_part(d, plan.cases, DATA_CASES_SHARE) for d in shipped))


def _part(domain: Domain, cases: int | None, share: float) -> Part:
    if cases is None:
        return Part(domain, domain.cases or round(share * DEFAULT_CASES))
    return Part(domain, max(1, round(share * cases)))


def verify(plan: Plan, report: Callable[[Progress], None] = lambda _: None) -> list[Evidence]:
    """Run the plan; evidence in the order of its claims.

    Ctrl-C ends the search and keeps what was found: the evidence says `interrupted`.
    """
    groups = groups_of(plan)
    interrupted = False
    deadline = None if plan.seconds is None else time.monotonic() + plan.seconds
    with _workers(groups, plan.jobs) as submit:
        try:
            for index, group in enumerate(groups):
                share = _share(deadline, len(groups) - index)
                _run_group(group, index, plan, submit, share, report)
        except KeyboardInterrupt:
            interrupted = True
    evidence = {c.id: _evidence(g, c, interrupted) for g in groups for c in g.claims}
    return [evidence[c.id] for c in plan.claims]


def _share(deadline: float | None, groups_left: int) -> float | None:
    """When the next group has to end: the time left is split evenly."""
    if deadline is None:
        return None
    now = time.monotonic()
    return now + max(deadline - now, 0.0) / groups_left


Submit = Callable[[int, int, list[str], Task], "Future[dict[str, Tally]]"]


def _run_group(
    group: Group,
    index: int,
    plan: Plan,
    submit: Submit,
    deadline: float | None,
    report: Callable[[Progress], None],
) -> None:
    started = time.monotonic()
    planned = sum(p.cases for p in group.parts)
    try:
        for number in range(len(group.parts)):
            left = _share(deadline, len(group.parts) - number)
            for results in _results(group, index, number, plan, submit, left):
                for name, tally in results.items():
                    group.tallies[name].merge(tally)
                done = max(t.cases for t in group.tallies.values())
                report(Progress(min(done, planned), planned, tuple(c.id for c in group.claims)))
    finally:
        group.seconds += time.monotonic() - started


def _results(
    group: Group, index: int, number: int, plan: Plan, submit: Submit, deadline: float | None
) -> Iterator[dict[str, Tally]]:
    """Results of a part's tasks in their order, until its budget is spent.

    Tasks run ahead on other processes, but their results count in order only, and not at all once
    the budget is spent: the outcome does not depend on the number of processes.
    """
    part = group.parts[number]
    stem = (plan.seed, zlib.crc32("|".join(c.id for c in group.claims).encode()), number)
    tasks = iter(tasks_of(part.domain, stem, range(MAX_ROUNDS)))
    ahead: deque[Future[dict[str, Tally]]] = deque()
    decided = position = empty = 0
    while group.open_claims:
        while len(ahead) < TASKS_AHEAD * plan.jobs and (task := next(tasks, None)):
            ahead.append(submit(index, number, [c.id for c in group.open_claims], task))
        if not ahead:
            break
        results = ahead.popleft().result()
        yield {name: t for name, t in results.items() if group.tallies[name].worst is None}
        gained = max((t.cases for t in results.values()), default=0)
        decided, position = decided + gained, position + 1
        empty = 0 if gained else empty + 1
        if position >= len(part.strata) and (decided >= part.cases or empty > len(part.strata)):
            break
        if deadline is not None and time.monotonic() > deadline:
            break
    for future in ahead:
        future.cancel()


# The claims of the running verification. Claims are functions, which do not pickle; forked workers
# inherit them here, and tasks name them by position.
_RUNNING: list[Group] = []


def _work(index: int, number: int, names: Sequence[str], task: Task) -> dict[str, Tally]:
    group = _RUNNING[index]
    claims = [c for c in group.claims if c.id in names]
    return run_task(claims, group.parts[number].domain, task)


@contextmanager
def _workers(groups: list[Group], jobs: int) -> Iterator[Submit]:
    before, _RUNNING[:] = list(_RUNNING), groups
    pool: Executor | None = None
    try:
        if jobs == 1:
            yield _inline
        else:
            pool = ProcessPoolExecutor(jobs, get_context("fork"), initializer=_ignore_interrupts)
            executor = pool
            yield lambda *task: executor.submit(_work, *task)
    finally:
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
        _RUNNING[:] = before


def _inline(*task: Any) -> Future[dict[str, Tally]]:
    future: Future[dict[str, Tally]] = Future()
    future.set_result(_work(*task))
    return future


def _ignore_interrupts() -> None:
    """Ctrl-C reaches the whole process group; only the parent is to act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _evidence(group: Group, claim: Claim, interrupted: bool) -> Evidence:
    tally = group.tallies[claim.id]
    strata = tuple(name for part in group.parts for name in part.strata)
    verdict, reason = judge(claim, tally, strata)
    counterexample: Witness | None = None
    started = time.monotonic()
    if tally.worst is not None:
        counterexample = shrink(claim, tally.worst)
    seconds = group.seconds + time.monotonic() - started
    return Evidence(claim, verdict, reason, tally, seconds, counterexample, interrupted)
