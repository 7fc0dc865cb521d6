"""Verify claims: attack them within a budget, on all cores, and judge the evidence."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from checker import stopping
from checker.claims.claim import Claim
from checker.claims.thresholds import MIN_NONTRIVIAL_CASES
from checker.claims.verdict import Evidence, Tally, Verdict, judge
from checker.search.attack import Limits, attack
from checker.search.budgets import BRIEF_ATTEMPTS, END_SECONDS, SHRINK_ATTEMPTS
from checker.search.engines.crew import Crew
from checker.search.engines.recipe import Recipe, by_ids
from checker.search.engines.remote import crew_of
from checker.search.jobs import Ending, Groups
from checker.search.memory import End, Memory
from checker.search.plan import Group, Part, Plan, Progress, groups_of
from checker.search.several import joined, parts_of

_LOG = logging.getLogger(__name__)

__all__ = ["Group", "Part", "Plan", "Progress", "groups_of", "verify"]


def verify(
    plan: Plan,
    report: Callable[[Progress], None] = lambda _: None,
    memory: Memory | None = None,
    executor: Executor | None = None,
) -> list[Evidence]:
    """Run the plan; evidence in the order of its claims.

    What the `memory` knows is not done again, and what is done is kept there. An `executor` (of
    `concurrent.futures`, Dask and so on) does the jobs instead of processes of this machine; the
    evidence is the same.

    Ctrl-C ends the search and keeps what was found: the evidence says `interrupted`. So does the
    end of `seconds`, after which counterexamples are reduced for a tenth of them at most.
    """
    parts = {claim.id: [claim] for claim in plan.claims}
    interrupted = False
    looking = crew_of(executor, by_ids(plan.claims), lambda: Recipe.of(plan.claims, by_ids))
    try:
        for claim in plan.claims:
            parts[claim.id] = parts_of(claim, looking, plan.jobs)
    except KeyboardInterrupt:
        stopping.acknowledge()
        interrupted = True
    single = replace(plan, claims=tuple(p for c in plan.claims for p in parts[c.id]))
    groups = groups_of(single)
    crew = crew_of(executor, _by_names(groups), lambda: _recipe(single))
    verified = _verified(single, groups, report, interrupted, memory or Memory(), crew)
    found = {e.claim.id: e for e in verified}
    return [joined(c, [found[p.id] for p in parts[c.id]]) for c in plan.claims]


def _recipe(plan: Plan) -> Recipe:
    return Recipe.of(plan.claims, partial(_groups_of, replace(plan, claims=())))


def _groups_of(plan: Plan, claims: tuple[Claim, ...]) -> Groups:
    return _by_names(groups_of(replace(plan, claims=claims)))


def _by_names(groups: Sequence[Group]) -> Groups:
    return {group.names: group for group in groups}


def _verified(
    plan: Plan,
    groups: Sequence[Group],
    report: Callable[[Progress], None],
    interrupted: bool,
    memory: Memory,
    crew: Crew,
) -> list[Evidence]:
    """Run a plan whose claims have a conclusion each; nothing is tried if it was `interrupted`."""
    limits = Limits.within(plan.seconds)
    for group in groups:
        group.cut = _INTERRUPTED if interrupted else _TIME_OVER
        memory.restore(group)
    waiting = [i for i, group in enumerate(groups) if not group.done and memory.searches]
    index = 0
    try:
        for number, index in enumerate(() if interrupted else waiting):
            if not limits.over:
                share = limits.share(len(waiting) - number)
                attack(groups[index], plan, share, _numbered(report, groups, index), memory, crew)
                _note(groups[index], index, len(groups))
    except KeyboardInterrupt:
        stopping.acknowledge()
        interrupted = True
        # Those before, whose own time was over, stay cut by that.
        for group in (g for g in groups[index:] if g.cut):
            group.cut = _INTERRUPTED
    found = [(g, c) for g in groups for c in g.claims]
    ends = _ends(found, plan, interrupted, memory, crew)
    if not interrupted and not any(end.interrupted for end in ends):
        memory.finish()
    evidence = {c.id: _evidence(g, c, end) for (g, c), end in zip(found, ends, strict=True)}
    return [evidence[c.id] for c in plan.claims]


def _note(group: Group, index: int, groups: int) -> None:
    """For who runs this from Python and wants a log."""
    for claim in group.claims:
        tally = group.tallies[claim.id]
        _LOG.info(
            "%d/%d %s: %s after %d cases", index + 1, groups, claim.id,
            "refuted" if tally.fallen else "not refuted", tally.cases,
        )  # fmt: skip


def _numbered(
    report: Callable[[Progress], None], groups: Sequence[Group], index: int
) -> Callable[[Progress], None]:
    """Progress within a group as that of the whole run."""

    def numbered(step: Progress) -> None:
        refuted = sum(
            tally.worst is not None and not claim.must_be_refuted
            for group in groups[: index + 1]
            for claim in group.claims
            if (tally := group.tallies[claim.id])
        )
        report(replace(step, part=index + 1, parts=len(groups), refuted=refuted))

    return numbered


_TIME_OVER = "the time was over"
_INTERRUPTED = "the run was interrupted"


def _ends(
    found: Sequence[tuple[Group, Claim]],
    plan: Plan,
    interrupted: bool,
    memory: Memory,
    crew: Crew,
) -> list[End]:
    """The end of each claim; in short if the search was cut short.

    A violation that there was no time to reduce is a counterexample as it is.
    """

    tallies = [g.tallies[c.id] for g, c in found]
    known = [memory.end_of(c.id) if g.done else None for g, c in found]
    ends = [
        end or End(t.tightest, t.worst or t.candidate)
        for end, t in zip(known, tallies, strict=True)
    ]
    waiting = [i for i, t in enumerate(tallies) if known[i] is None and _wants_an_end(t)]
    left = set(waiting)
    seconds = END_SECONDS if interrupted else plan.seconds and max(END_SECONDS, plan.seconds / 10)
    deadline = None if seconds is None else time.monotonic() + seconds
    jobs = [_ending(*found[index], plan) for index in waiting]
    as_found = {job: ends[index] for job, index in zip(jobs, waiting, strict=True)}
    workers = min(plan.jobs, max(len(jobs), 1))
    try:
        results = crew.in_order(
            jobs, workers, deadline=deadline, on_loss=lambda job, _: as_found[job]
        )
        for number, end in results:
            index = waiting[number]
            ends[index] = end
            left.remove(index)
            late = deadline is not None and time.monotonic() > deadline
            if found[index][0].done and not late and stopping.asked_for() is None:
                memory.keep_end(found[index][1].id, end)
    except KeyboardInterrupt:
        stopping.acknowledge()
        for index in left:
            ends[index] = replace(ends[index], interrupted=True)
    return ends


def _ending(group: Group, claim: Claim, plan: Plan) -> Ending:
    brief = plan.brief and claim.must_be_refuted
    return Ending(group.names, (claim.id,), BRIEF_ATTEMPTS if brief else SHRINK_ATTEMPTS)


def _wants_an_end(tally: Tally) -> bool:
    return (tally.worst or tally.candidate or tally.rough) is not None


def _evidence(group: Group, claim: Claim, end: End) -> Evidence:
    tally = group.tallies[claim.id]
    tally.tightest, tally.rough, tally.fault = end.tightest, None, tally.fault or end.fault
    verdict, reason = _judged(group, claim)
    interrupted = end.interrupted or group.cut == _INTERRUPTED
    spent = group.seconds + end.seconds
    return Evidence(claim, verdict, reason, tally, spent, end.counterexample, interrupted)


def _judged(group: Group, claim: Claim) -> tuple[Verdict, str]:
    """The verdict, which a search that was cut short or broke off may not have reached."""
    tally = group.tallies[claim.id]
    strata = tuple(n for p in group.parts if not p.domain.derived for n in p.strata)
    verdict, reason = judge(claim, tally, strata)
    if verdict in (Verdict.REFUTED, Verdict.ORACLE_BROKEN):
        return verdict, reason
    if claim.id in group.faults:
        return Verdict.ERROR, group.faults[claim.id]
    cut = group.slow.get(claim.id, group.cut)
    if not cut:
        return verdict, reason
    tried = tally.cases or tally.excluded or tally.climbed or claim.id in group.slow
    if not tried:
        return Verdict.NOT_RUN, cut
    few = tally.nontrivial < MIN_NONTRIVIAL_CASES or group.visited < len(group.parts)
    survived = claim.must_be_refuted and cut == _INTERRUPTED
    if (verdict is Verdict.VACUOUS and few) or (verdict is Verdict.STANDS and survived):
        return Verdict.PARTIAL, f"{cut}; cases decided until then: {tally.cases:,}"
    return verdict, reason or group.slow.get(claim.id, "")
