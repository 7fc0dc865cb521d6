"""Campaigns: batches over strata, every case decided, counted into a tally per claim.

A campaign is a fixed sequence of tasks (round after round over all strata), each with a seed of
its own, so that the result depends on the seed and the budget of cases only, never on the number
of processes. Claims over the same domain share batches and the terms computed on them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checker.arithmetic.decide import (
    BatchResult,
    CaseResult,
    Decision,
    decide_batch,
    decide_case,
    lift_batch,
)
from checker.claims.claim import Claim, Domain
from checker.claims.verdict import StratumCount, Tally, Witness, lower
from checker.instances.fields import Batch, FloatArray, single
from checker.search.budgets import BATCH_NUMBERS, ESCALATIONS_PER_ROUND, PROBE_CASES
from checker.search.draws import draw_last, draw_many
from checker.search.experiments import count_failures, drawn_from, limit_of, probe_of
from checker.search.faults import explained
from checker.search.score import admits

# Name of the only stratum of a domain that yields single instances.
SINGLE = "drawn"


@dataclass(frozen=True)
class Task:
    """One structure of one stratum: the unit of work of a campaign."""

    stratum: str
    round: int
    seed: tuple[int, ...]


def tasks_of(domain: Domain, stem: Sequence[int], rounds: range) -> list[Task]:
    """The tasks of some rounds over all strata of a domain, in their fixed order."""
    names = list(domain.strata) or [SINGLE]
    return [Task(name, r, (*stem, r, index)) for r in rounds for index, name in enumerate(names)]


def run_task(claims: Sequence[Claim], domain: Domain, task: Task) -> dict[str, Tally]:
    """Draw the structure of a task, fill it, decide every case for every claim."""
    tallies = {claim.id: Tally() for claim in claims}
    rng = np.random.default_rng(task.seed)
    number = int(rng.integers(2**32))
    if task.stratum not in domain.strata:
        _decide_singles(claims, domain, number, tallies)
        return tallies
    structure = draw_last(domain.strata[task.stratum], number)
    if structure is not None:
        _decide_structure(claims, structure, rng, tallies, task)
    return tallies


def _decide_singles(
    claims: Sequence[Claim], domain: Domain, number: int, tallies: dict[str, Tally]
) -> None:
    """Small instances go straight to balls: one at a time they cost no more than floats."""
    for instance in draw_many(domain.instances, PROBE_CASES, number):
        batch = single(instance, SINGLE, "Hypothesis strategy")
        for claim in claims:
            if admits(claim.assuming, batch).all():
                with explained(claim, batch):
                    result = decide_case(claim, instance, claim.weight)
                _count(tallies[claim.id], claim, batch, 0, result)
            else:
                tallies[claim.id].excluded += 1


def _decide_structure(
    claims: Sequence[Claim],
    structure: Any,
    rng: np.random.Generator,
    tallies: dict[str, Tally],
    task: Task,
) -> None:
    """A probe first; its share of escalations says how large the main batch may be.

    Experiments end with the probe: how many are drawn must not depend on how they end.
    """
    limit, probe = limit_of(structure), probe_of(structure, rng)
    escalated = _decide(claims, probe, rng, tallies, task)
    experiments = any(claim.trials is not None for claim in claims)
    if limit <= PROBE_CASES or not probe.size or experiments:
        return
    share = escalated / (probe.size * len(claims))
    size = int(min(limit, ESCALATIONS_PER_ROUND / max(share, 1e-9), _fitting(probe)))
    if size > PROBE_CASES:
        _decide(claims, structure.batch(rng, size), rng, tallies)


def _fitting(batch: Batch) -> int:
    numbers = sum(
        int(np.prod(a.shape[:-1])) for a in vars(batch.instances).values() if _is_array(a)
    )
    return max(PROBE_CASES, BATCH_NUMBERS // max(numbers, 1))


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _decide(
    claims: Sequence[Claim],
    batch: Batch,
    rng: np.random.Generator,
    tallies: dict[str, Tally],
    task: Task | None = None,
) -> int:
    """Decide a batch for all claims; returns the number of cases that left the float rung."""
    for claim in claims:
        tallies[claim.id].critical.update(batch.notes)
    if not batch.size:
        return 0
    escalated = 0
    admitted = [admits(claim.assuming, batch) for claim in claims]
    with np.errstate(all="ignore"):
        lifted = lift_batch(batch)
    for claim, mask in zip(claims, admitted, strict=True):
        tally = tallies[claim.id]
        tally.excluded += int(batch.size - mask.sum())
        if claim.census is not None and not mask.all():
            tally.critical.update(_outside(claim, batch, np.flatnonzero(~mask)))
        part = batch if mask.all() else batch.part(np.flatnonzero(mask))
        if task is not None and claim.trials is not None:
            tally.drawn += drawn_from(batch, claim.trials, task.seed)
        if not part.size:
            continue
        with explained(claim, part):
            result = decide_batch(claim, part, claim.weight, lifted if part is batch else None)
        if task is not None and claim.trials is not None:
            count_failures(tally.drawn, np.flatnonzero(mask), batch.size, result)
        escalated += len(result.escalated)
        _count_batch(tally, claim, part, result)
        consult_oracles(tally, claim, part, rng)
    return escalated


def _outside(claim: Claim, batch: Batch, excluded: Any) -> Counter[str]:
    """How many of the found points that do not count miss which assumption first."""
    counts: Counter[str] = Counter()
    left = batch.part(excluded)
    for assumption in claim.assuming:
        met = admits([assumption], left)
        if not met.all():
            counts[f"{batch.stratum}: not counted, {assumption.name} not met"] += int((~met).sum())
        if not met.any():
            break
        left = left.part(np.flatnonzero(met))
    return counts


def _count_batch(tally: Tally, claim: Claim, batch: Batch, result: BatchResult) -> None:
    held = result.held
    _add(tally, batch.stratum, int(held.sum()), int((held & result.nontrivial).sum()))
    tally.decisions[Decision.HOLDS.name] += int(held.sum())
    tally.rungs["unproved" if result.unproved else "float"] += int(held.sum())
    tally.unproved = tally.unproved or result.unproved
    tally.widen(result.lhs[held], result.rhs[held])
    says = held & result.nontrivial
    tally.spread.add(batch.stratum, result.relative_slack[says], result.lhs[says], result.rhs[says])
    closest = _closest(result.relative_slack, says)
    if closest is not None:
        case = result.result(closest)
        found = Witness(batch.case(closest), case, batch.stratum, batch.origin)
        tally.rough = lower(tally.rough, found)
    for index, case in result.escalated.items():
        _count(tally, claim, batch, index, case)
    if claim.census is not None:
        tally.critical.update(
            f"{batch.stratum}: {claim.census(batch.case(i))}" for i in range(batch.size)
        )


def _closest(relative: FloatArray, among: Any) -> int | None:
    usable = np.where(among & np.isfinite(relative), relative, np.inf)
    best = int(np.argmin(usable))
    return best if np.isfinite(usable[best]) else None


def _count(tally: Tally, claim: Claim, batch: Batch, index: int, case: CaseResult) -> None:
    _add(tally, batch.stratum, 1, int(case.nontrivial))
    tally.decisions[case.decision.name] += 1
    tally.rungs[case.rung] += 1
    tally.unproved = tally.unproved or case.unproved
    tally.widen([case.lhs], [case.rhs])
    witness = Witness(batch.case(index), case, batch.stratum, batch.origin)
    if case.refutes:
        tally.worst = lower(tally.worst, witness)
    elif case.decision is Decision.VIOLATED:
        tally.candidate = lower(tally.candidate, witness)
    elif case.decision is Decision.TIGHT:
        if not claim.expects_tie(witness.instance, batch.stratum):
            tally.unexpected_ties += 1
            tally.tie = tally.tie or witness
    elif case.nontrivial and case.decision in (Decision.HOLDS, Decision.EQUAL):
        tally.spread.add_case(batch.stratum, case.relative_slack, case.lhs, case.rhs)
        _remember(tally, witness)


def _add(tally: Tally, stratum: str, cases: int, nontrivial: int) -> None:
    tally.cases += cases
    tally.nontrivial += nontrivial
    count = tally.strata.setdefault(stratum, StratumCount())
    count.cases += cases
    count.nontrivial += nontrivial


def _remember(tally: Tally, witness: Witness) -> None:
    """Keep the closest case."""
    best = tally.tightest
    # Beyond equality there is rounding noise only.
    if best is None or best.result.decision is not Decision.EQUAL:
        tally.tightest = lower(best, witness)


def settle(tally: Tally, claim: Claim) -> None:
    """Take the slack of the case that is closest by floats from balls.

    Once at the end of a campaign: on a data set it costs as much as thousands of cases.
    """
    rough, tally.rough = tally.rough, None
    if rough is None or lower(tally.tightest, rough) is not rough:
        return
    _remember(tally, replace(rough, result=decide_case(claim, rough.instance, claim.weight)))


def consult_oracles(tally: Tally, claim: Claim, batch: Batch, rng: np.random.Generator) -> None:
    """One random case per batch: two enclosures of one number have to overlap."""
    index = int(rng.integers(batch.size))
    for oracle in claim.oracles:
        for quantity, first, second in oracle(batch.case(index), rng):
            if not (first.is_finite() and second.is_finite()):
                continue
            tally.oracle_checks += 1
            if not first.overlaps(second):
                tally.disagreements.append(
                    f"{quantity}: {first.str(20)} against {second.str(20)} ({batch.origin})"
                )
