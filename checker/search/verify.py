"""Verify claims: run their campaigns within a budget, on all cores, and judge the evidence."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from checker.claims.claim import Claim, Domain
from checker.claims.verdict import Evidence, Tally, Witness, judge
from checker.landscape.data import DATASETS, load_dataset
from checker.landscape.sample import Sample
from checker.search.budgets import (
    AUDIT_EVALUATIONS,
    BRIEF_CASES,
    BRIEF_SHARE,
    CLIMB_SHARE,
    CONTROL_CASES,
    DATA_CASES_SHARE,
    DATA_PATIENCE,
    DEFAULT_CASES,
    FOUND_PATIENCE,
    MAX_ROUNDS,
    MIN_CLIMB,
    ONLY_DATA_CASES,
)
from checker.search.campaign import SINGLE, Task, run_task, settle, tasks_of
from checker.search.hunt import Budget, Hunt, count_hunt, hunt
from checker.search.pool import in_order
from checker.search.pooling import pool
from checker.search.reduce import reduced


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
    brief
        Whether domains with a budget of their own, whose cases are costly, get a share of it, and
        no shipped data: for a run over everything.
    """

    claims: tuple[Claim, ...]
    cases: int | None = None
    seconds: float | None = None
    seed: int = 0
    jobs: int = 1
    sample: Sample | None = None
    brief: bool = False


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
        return [c for c in self.claims if not self.tallies[c.id].fallen]


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
        return (_only_part(domain.on_data(plan.sample), plan.cases),)
    own = _part(domain, plan.cases, 1.0, plan.brief)
    if claim.must_be_refuted:
        # The guided search takes over early.
        return (Part(domain, min(own.cases, CONTROL_CASES)),)
    if domain.on_data is None or (plan.brief and domain.cases is not None):
        return (own,)
    shipped = (domain.on_data(load_dataset(name)) for name in DATASETS)
    return (own, *(_part(d, plan.cases, DATA_CASES_SHARE, plan.brief) for d in shipped))


def _only_part(domain: Domain, cases: int | None) -> Part:
    """The user's data, from which alone the verdict has to follow."""
    part = _part(domain, cases, DATA_CASES_SHARE)
    return part if cases is not None else replace(part, cases=max(part.cases, ONLY_DATA_CASES))


def _part(domain: Domain, cases: int | None, share: float, brief: bool = False) -> Part:
    if cases is None and domain.cases is not None:
        few = max(round(BRIEF_SHARE * domain.cases), BRIEF_CASES)
        return Part(domain, min(few, domain.cases) if brief else domain.cases)
    if cases is None:
        return Part(domain, round(share * DEFAULT_CASES))
    return Part(domain, max(1, round(share * cases)))


def verify(plan: Plan, report: Callable[[Progress], None] = lambda _: None) -> list[Evidence]:
    """Run the plan; evidence in the order of its claims.

    Ctrl-C ends the search and keeps what was found: the evidence says `interrupted`.
    """
    groups = groups_of(plan)
    interrupted = False
    deadline = None if plan.seconds is None else time.monotonic() + plan.seconds
    try:
        for index, group in enumerate(groups):
            _run_group(group, plan, _share(deadline, len(groups) - index), report)
    except KeyboardInterrupt:
        interrupted = True
    found = [(g, c) for g in groups for c in g.claims]
    reductions = _reductions(found, plan.jobs)
    evidence = {
        c.id: _evidence(g, c, interrupted, *reduction)
        for (g, c), reduction in zip(found, reductions, strict=True)
    }
    return [evidence[c.id] for c in plan.claims]


Reduction = tuple[Witness | None, float]


def _reductions(found: list[tuple[Group, Claim]], jobs: int) -> Iterator[Reduction]:
    """The reduced counterexample of each claim, if it has one, and the seconds it took."""

    def work(index: int) -> Reduction:
        group, claim = found[index]
        tally, started = group.tallies[claim.id], time.monotonic()
        violating = tally.worst or tally.candidate
        reduction = None if violating is None else reduced(claim, violating)
        return reduction, time.monotonic() - started

    violated = sum(g.tallies[c.id].worst is not None for g, c in found)
    return in_order(work, range(len(found)), min(jobs, max(violated, 1)))


def _share(deadline: float | None, groups_left: int) -> float | None:
    """When the next group has to end: the time left is split evenly."""
    if deadline is None:
        return None
    now = time.monotonic()
    return now + max(deadline - now, 0.0) / groups_left


def _run_group(
    group: Group,
    plan: Plan,
    deadline: float | None,
    report: Callable[[Progress], None],
) -> None:
    started = time.monotonic()
    planned = sum(p.cases for p in group.parts)
    try:
        for number in range(len(group.parts)):
            left = _share(deadline, len(group.parts) + 1 - number)
            for results in _campaign(group, number, plan, left):
                for name, tally in results.items():
                    group.tallies[name].merge(tally)
                done = max(t.cases for t in group.tallies.values())
                report(Progress(min(done, planned), planned, tuple(c.id for c in group.claims)))
        _pool(group, plan)
        _climb(group, plan, deadline, report)
    finally:
        for claim in group.claims:
            settle(group.tallies[claim.id], claim)
        group.seconds += time.monotonic() - started


def _pool(group: Group, plan: Plan) -> None:
    """The pooled tests of the claims that are still open, over their own domain.

    Experiments over data have no seed alone that gives them again.
    """
    own = group.parts[0]
    for claim in group.open_claims if plan.sample is None else ():
        pool(claim, own.domain, group.tallies[claim.id], own.cases)


def _campaign(
    group: Group, number: int, plan: Plan, deadline: float | None
) -> Iterator[dict[str, Tally]]:
    """Results of a part's tasks in their order, until its budget is spent.

    Tasks run ahead on other processes, but their results count in order only, and not at all once
    the budget is spent: the outcome does not depend on the number of processes.
    """
    if not group.open_claims:
        return
    part = group.parts[number]
    stem = (plan.seed, zlib.crc32("|".join(c.id for c in group.claims).encode()), number)
    tasks = tasks_of(part.domain, stem, range(MAX_ROUNDS))

    def work(task: tuple[Task, list[str]]) -> dict[str, Tally]:
        claims = [c for c in group.claims if c.id in task[1]]
        return run_task(claims, part.domain, task[0])

    # Taken lazily: claims that have fallen meanwhile are left out of later tasks.
    running = in_order(work, ((t, [c.id for c in group.open_claims]) for t in tasks), plan.jobs)
    decided = empty = 0
    # Parts after the first are over shipped data; there, and where each case takes a search of its
    # own, many tasks end without one.
    random = number == 0 and plan.sample is None and not part.domain.found
    patience = len(part.strata) if random else max(len(part.strata), DATA_PATIENCE)
    with closing(running):
        for position, results in enumerate(running, 1):
            if number:
                for tally in results.values():
                    tally.drawn.clear()  # the pooled test is over the claim's own domain
            yield {name: t for name, t in results.items() if group.tallies[name].worst is None}
            gained = max((t.cases for t in results.values()), default=0)
            decided, empty = decided + gained, 0 if gained else empty + 1
            seen = position >= len(part.strata)
            enough = part.cases + (FOUND_PATIENCE if _has_missed(group, part) else 0)
            if seen and (decided >= enough or empty > patience):
                break
            if not group.open_claims or (deadline is not None and time.monotonic() > deadline):
                break


def _has_missed(group: Group, part: Part) -> bool:
    """Whether a claim on found points has no case yet in a stratum where another one may have."""
    tallies = [group.tallies[c.id] for c in group.open_claims] if part.domain.found else []
    return any(name not in tally.strata for tally in tallies for name in part.strata)


def _climb(
    group: Group, plan: Plan, deadline: float | None, report: Callable[[Progress], None]
) -> None:
    """The guided search for claims that the campaign left open.

    Not where cases are ends of searches: moved ones would be something else.
    """
    claims = [c for c in group.open_claims if not c.domain.found]
    budget = _climbing_budget(group, plan, deadline, len(claims))
    if budget is None:
        return
    planned = sum(p.cases for p in group.parts)

    def work(index: int) -> Hunt:
        claim = claims[index]
        stem = (plan.seed, zlib.crc32(claim.id.encode()))
        return hunt(claim, stem, budget, domain=group.parts[0].domain, reduce=False)

    hunts = in_order(work, range(len(claims)), min(plan.jobs, max(len(claims), 1)))
    with closing(hunts):
        for claim, found in zip(claims, hunts, strict=True):
            count_hunt(group.tallies[claim.id], found)
            report(Progress(planned, planned, (claim.id,)))


def _climbing_budget(
    group: Group, plan: Plan, deadline: float | None, claims: int
) -> Budget | None:
    """A share of the cases; more for controls, which have to fall. None for too small a run."""
    evaluations = int(CLIMB_SHARE * sum(p.cases for p in group.parts))
    if group.claims[0].must_be_refuted:
        evaluations = AUDIT_EVALUATIONS
    if evaluations < MIN_CLIMB:
        return None
    if deadline is None:
        return Budget(evaluations)
    left = max(deadline - time.monotonic(), 0.0)
    return Budget(evaluations, left * min(plan.jobs, claims) / claims) if claims else None


def _evidence(
    group: Group, claim: Claim, interrupted: bool, counterexample: Witness | None, seconds: float
) -> Evidence:
    tally = group.tallies[claim.id]
    strata = tuple(name for part in group.parts for name in part.strata)
    verdict, reason = judge(claim, tally, strata)
    spent = group.seconds + seconds
    return Evidence(claim, verdict, reason, tally, spent, counterexample, interrupted)
