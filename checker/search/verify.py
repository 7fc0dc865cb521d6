"""Verify claims: attack them within a budget, on all cores, and judge the evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from checker import stopping
from checker.claims.claim import Claim
from checker.claims.thresholds import MIN_NONTRIVIAL_CASES
from checker.claims.verdict import Evidence, Tally, Verdict, Witness, judge
from checker.errors import Fault
from checker.search.attack import Limits, attack
from checker.search.budgets import (
    END_SECONDS,
)
from checker.search.campaign import settle
from checker.search.plan import Group, Part, Plan, Progress, groups_of
from checker.search.pool import in_order
from checker.search.reduction.reduce import reduced
from checker.search.several import joined, parts_of
from checker.stopping import Stopped

__all__ = ["Group", "Part", "Plan", "Progress", "groups_of", "verify"]


def verify(plan: Plan, report: Callable[[Progress], None] = lambda _: None) -> list[Evidence]:
    """Run the plan; evidence in the order of its claims.

    Ctrl-C ends the search and keeps what was found: the evidence says `interrupted`. So does the
    end of `seconds`, after which counterexamples are reduced for a tenth of them at most.
    """
    parts = {claim.id: [claim] for claim in plan.claims}
    interrupted = False
    try:
        for claim in plan.claims:
            parts[claim.id] = parts_of(claim, plan.jobs)
    except KeyboardInterrupt:
        stopping.acknowledge()
        interrupted = True
    single = replace(plan, claims=tuple(p for c in plan.claims for p in parts[c.id]))
    found = {e.claim.id: e for e in _verified(single, report, interrupted)}
    return [joined(c, [found[p.id] for p in parts[c.id]]) for c in plan.claims]


def _verified(plan: Plan, report: Callable[[Progress], None], interrupted: bool) -> list[Evidence]:
    """Run a plan whose claims have a conclusion each; nothing is tried if it was `interrupted`."""
    groups = groups_of(plan)
    limits = Limits.within(plan.seconds)
    for group in groups:
        group.cut = _TIME_OVER
    try:
        for index, group in enumerate(groups):
            if not (interrupted or limits.over):
                share = limits.share(len(groups) - index)
                attack(group, plan, share, _numbered(report, groups, index))
    except KeyboardInterrupt:
        stopping.acknowledge()
        interrupted = True
    if interrupted:
        for group in (g for g in groups if g.cut):
            group.cut = _INTERRUPTED
    found = [(g, c) for g in groups for c in g.claims]
    reductions = _ends(found, plan, interrupted)
    evidence = {
        c.id: _evidence(g, c, interrupted and bool(g.cut), *reduction)
        for (g, c), reduction in zip(found, reductions, strict=True)
    }
    return [evidence[c.id] for c in plan.claims]


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

# The closest case and the reduced counterexample of a claim, the seconds that they took, and why
# the claim cannot be computed after all.
End = tuple[Witness | None, Witness | None, float, Fault | None]


def _ends(found: Sequence[tuple[Group, Claim]], plan: Plan, interrupted: bool) -> list[End]:
    """What is done for each claim when the search is over; in short if it was cut short."""

    def work(index: int) -> End:
        group, claim = found[index]
        tally, started = group.tallies[claim.id], time.monotonic()
        stopping.working_on(claim.id)
        violating = tally.worst or tally.candidate
        reduction = None if violating is None else reduced(claim, violating)
        with suppress(Stopped):
            settle(tally, claim)
        return tally.tightest, reduction, time.monotonic() - started, tally.fault

    ends: list[End] = [(g.tallies[c.id].tightest, None, 0.0, None) for g, c in found]
    waiting = [i for i, (g, c) in enumerate(found) if _wants_an_end(g.tallies[c.id])]
    seconds = END_SECONDS if interrupted else plan.seconds and max(END_SECONDS, plan.seconds / 10)
    deadline = None if seconds is None else time.monotonic() + seconds
    jobs = min(plan.jobs, max(len(waiting), 1))
    try:
        results = in_order(
            work, waiting, jobs, deadline=deadline, on_loss=lambda index, _: ends[index]
        )
        for index, end in zip(waiting, results, strict=False):
            ends[index] = end
    except KeyboardInterrupt:
        stopping.acknowledge()
    return [_with_violation(end, g.tallies[c.id]) for end, (g, c) in zip(ends, found, strict=True)]


def _wants_an_end(tally: Tally) -> bool:
    return (tally.worst or tally.candidate or tally.rough) is not None


def _with_violation(end: End, tally: Tally) -> End:
    """A violation that there was no time to reduce is a counterexample as it is."""
    return end[0], end[1] or tally.worst or tally.candidate, *end[2:]


def _evidence(
    group: Group,
    claim: Claim,
    interrupted: bool,
    tightest: Witness | None,
    counterexample: Witness | None,
    seconds: float,
    fault: Fault | None,
) -> Evidence:
    tally = group.tallies[claim.id]
    tally.tightest, tally.rough, tally.fault = tightest, None, tally.fault or fault
    verdict, reason = _judged(group, claim)
    spent = group.seconds + seconds
    return Evidence(claim, verdict, reason, tally, spent, counterexample, interrupted)


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
    few = tally.cases < MIN_NONTRIVIAL_CASES or group.visited < len(group.parts)
    survived = claim.must_be_refuted and cut == _INTERRUPTED
    if (verdict is Verdict.VACUOUS and few) or (verdict is Verdict.STANDS and survived):
        return Verdict.PARTIAL, f"{cut}; cases decided until then: {tally.cases:,}"
    return verdict, reason or group.slow.get(claim.id, "")
