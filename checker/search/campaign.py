"""Campaigns: batches over strata, every case decided, counted into a tally per claim.

A campaign is a fixed sequence of tasks (round after round over all strata), each with a seed of
its own, so that the result depends on the seed and the budget of cases only, never on the number
of processes. Claims over the same domain share batches and the terms computed on them.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checker.arithmetic.arrays.objects import noticed_eigenvalues
from checker.arithmetic.checks.agreement import disagreement
from checker.arithmetic.decide import (
    BatchResult,
    CaseResult,
    Decision,
    decide_batch,
    decide_case,
    decide_exactly,
    lift_batch,
)
from checker.claims.claim import Claim, Domain
from checker.claims.verdict import StratumCount, Tally, Witness, lower
from checker.errors import InputError
from checker.instances.draws import draw_last, draw_many, joined
from checker.instances.fields import (
    Batch,
    FloatArray,
    finite_cases,
    is_finite,
    numbers_of,
    require_instance,
    single,
)
from checker.instances.protocols import Structure, limit_of
from checker.search.budgets import BATCH_NUMBERS, ESCALATIONS_PER_ROUND, MAX_BATCH, PROBE_CASES
from checker.search.experiments import count_failures, drawn_from, probe_of
from checker.search.faults import apart, explained
from checker.search.guided.score import admits
from checker.stopping import Stopped, check, working_on

# Name of the only stratum of a domain that yields single instances.
SINGLE = "drawn"


@dataclass(frozen=True)
class Task:
    """One structure of one stratum, the unit of work of a campaign.

    It is first tried at `probe` cases, which are all where these are fewer than usual.
    """

    stratum: str
    round: int
    seed: tuple[int, ...]
    probe: int = PROBE_CASES


def tasks_of(
    domain: Domain, stem: Sequence[int], rounds: range, probe: int = PROBE_CASES
) -> Iterator[Task]:
    """The tasks of some rounds over all strata of a domain, in their fixed order."""
    names = list(domain.strata) or [SINGLE]
    return (
        Task(name, r, (*stem, r, index), probe) for r in rounds for index, name in enumerate(names)
    )


def run_task(claims: Sequence[Claim], domain: Domain, task: Task) -> dict[str, Tally]:
    """Draw the structure of a task, fill it, decide every case for every claim.

    When the work has to stop, the tallies hold what was decided until then.
    """
    tallies = {claim.id: Tally() for claim in claims}
    if not claims:
        return tallies
    rng = np.random.default_rng(task.seed)
    number = int(rng.integers(2**32))
    working_on("")
    with suppress(Stopped), apart(claims, tallies):
        if task.stratum not in domain.strata:
            _decide_singles(claims, domain, (number, task.round > 0), rng, tallies)
        elif (structure := draw_last(domain.strata[task.stratum], number)) is not None:
            _decide_structure(claims, structure, rng, task, tallies)
    return tallies


def _decide_singles(
    claims: Sequence[Claim],
    domain: Domain,
    draw: tuple[int, bool],
    rng: np.random.Generator,
    tallies: dict[str, Tally],
) -> None:
    """Instances of one shape are decided together, others one at a time, by balls.

    Hypothesis draws the simplest example first, whatever the seed: later tasks leave it out, unless
    there is no other.
    """
    number, later = draw
    drawn = draw_many(domain.instances, PROBE_CASES + later, number, domain.tried)
    drawn = drawn[later:] or drawn
    for instance in drawn:
        require_instance(instance)
    batches = [single(x, SINGLE, "Hypothesis strategy") for x in drawn if is_finite(x)]
    for claim in (c for c in claims if tallies[c.id].fault is None):
        tallies[claim.id].not_finite += len(drawn) - len(batches)
        working_on(claim.id)
        with apart([claim], tallies):
            _decide_single(claim, batches, number, tallies[claim.id])


def _decide_single(claim: Claim, batches: Sequence[Batch], number: int, tally: Tally) -> None:
    admitted = []
    for batch in batches:
        check()
        if admits(claim.assuming, batch).all():
            admitted.append(batch)
        else:
            tally.excluded += 1
    for batch in joined(admitted):
        check()
        with explained(claim, batch):
            if batch.size == 1:
                _count(tally, claim, batch, 0, decide_case(claim, batch.case(0), claim.weight))
            else:
                _count_batch(tally, claim, batch, decide_batch(claim, batch, claim.weight))
    if admitted and claim.oracles:
        rng = np.random.default_rng((number, zlib.crc32(claim.id.encode())))
        consult_oracles(tally, claim, admitted[int(rng.integers(len(admitted)))], rng)


def _decide_structure(
    claims: Sequence[Claim],
    structure: Any,
    rng: np.random.Generator,
    task: Task,
    tallies: dict[str, Tally],
) -> None:
    """A probe first; its share of escalations says how large the main batch of a claim may be.

    Experiments end with the probe: how many are drawn must not depend on how they end.
    """
    if not isinstance(structure, Structure):
        raise InputError(
            f"a stratum draws {type(structure).__name__}, which has no method batch(rng, size)",
            hint="Structures of strata make their cases: see checker.claims.claim.Domain",
        )
    limit, probe = limit_of(structure, MAX_BATCH), probe_of(structure, rng, task.probe)
    escalated = _decide(claims, probe, task, tallies)
    claims = [claim for claim in claims if claim.trials is None]
    if limit <= PROBE_CASES or task.probe < PROBE_CASES or not probe.size or not claims:
        return
    most = min(limit, _fitting(probe))
    sizes = {c.id: _main_size(escalated.get(c.id, 0) / probe.size, most) for c in claims}
    for size in sorted({size for size in sizes.values() if size > PROBE_CASES}):
        working_on("")
        check()
        batch = structure.batch(np.random.default_rng((*task.seed, size)), size)
        _decide([c for c in claims if sizes[c.id] == size], batch, task, tallies)


def _main_size(share: float, most: int) -> int:
    """Cases of which few enough leave the float rung; a power of 2, which other claims share."""
    if share * most <= ESCALATIONS_PER_ROUND:
        return most
    return int(2 ** np.floor(np.log2(ESCALATIONS_PER_ROUND / share)))


def _fitting(batch: Batch) -> int:
    """How many cases fit into the cache; by the fields alone, not by what a claim has cached."""
    numbers = sum(int(np.prod(a.shape[:-1])) for a in numbers_of(batch.instances).values())
    return max(PROBE_CASES, BATCH_NUMBERS // max(numbers, 1))


def _decide(
    claims: Sequence[Claim], batch: Batch, task: Task, tallies: dict[str, Tally]
) -> dict[str, int]:
    """Decide a batch for all claims; returns how many cases left the float rung, by claim."""
    for claim in claims:
        tallies[claim.id].critical.update(batch.notes)
    if not batch.size:
        return {}
    finite = finite_cases(batch)
    for claim in claims:
        tallies[claim.id].not_finite += int(batch.size - finite.sum())
    batch = batch if finite.all() else batch.part(np.flatnonzero(finite))
    if not batch.size:
        return {}
    escalated = {}
    with np.errstate(all="ignore"):
        lifted = lift_batch(batch)
    for claim in (c for c in claims if tallies[c.id].fault is None):
        check()
        working_on(claim.id)
        with apart([claim], tallies):
            escalated[claim.id] = _decide_all(claim, batch, lifted, task, tallies[claim.id])
    return escalated


def _decide_all(claim: Claim, batch: Batch, lifted: Any, task: Task, tally: Tally) -> int:
    """Decide a batch for one claim; `lifted` are the batch's arrays with error bounds."""
    mask = admits(claim.assuming, batch)
    tally.excluded += int(batch.size - mask.sum())
    if claim.census is not None and not mask.all():
        tally.critical.update(_outside(claim, batch, np.flatnonzero(~mask)))
    part = batch if mask.all() else batch.part(np.flatnonzero(mask))
    if claim.trials is not None:
        tally.drawn += drawn_from(batch, claim.trials, task.seed)
    if not part.size:
        return 0
    with explained(claim, part):
        result = decide_batch(claim, part, claim.weight, lifted if part is batch else None)
    if claim.trials is not None:
        count_failures(tally.drawn, np.flatnonzero(mask), batch.size, result)
    _count_batch(tally, claim, part, result)
    if claim.oracles:
        own = (*task.seed, batch.size, zlib.crc32(claim.id.encode()))
        consult_oracles(tally, claim, part, np.random.default_rng(own))
    return len(result.escalated)


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
    if case.decision is Decision.EXCLUDED:
        tally.excluded += 1
        return
    _add(tally, batch.stratum, 1, int(case.nontrivial))
    tally.decisions[case.decision.name] += 1
    tally.rungs[case.rung] += 1
    tally.widen([case.lhs], [case.rhs])
    witness = Witness(batch.case(index), case, batch.stratum, batch.origin)
    if case.decision is Decision.ORACLE_BROKEN:
        tally.disagreements.append(f"{case.unproved} ({batch.origin})")
        return
    tally.unproved = tally.unproved or case.unproved
    if case.refutes:
        tally.worst = lower(tally.worst, witness)
    elif case.decision is Decision.VIOLATED:
        tally.candidate = lower(tally.candidate, witness)
    elif case.decision is Decision.TIGHT:
        if not claim.expects_tie(witness.instance, batch.stratum):
            tally.unexpected_ties += 1
            tally.tie = tally.tie or witness
    elif case.decision is Decision.UNDEFINED:
        tally.note_undefined(witness)
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
    with apart([claim], {claim.id: tally}), noticed_eigenvalues() as asked:
        _remember(tally, replace(rough, result=decide_case(claim, rough.instance, claim.weight)))
        if asked:
            # That the matrix is not symmetric may show in exact numbers alone.
            decide_exactly(claim, rough.instance, claim.weight)


def consult_oracles(tally: Tally, claim: Claim, batch: Batch, rng: np.random.Generator) -> None:
    """One random case per batch: two enclosures of one number have to overlap."""
    index = int(rng.integers(batch.size))
    for oracle in claim.oracles:
        for quantity, first, second in oracle(batch.case(index), rng):
            tally.oracle_checks += int(first.is_finite() and second.is_finite())
            found = disagreement(quantity, first, second)
            tally.disagreements += [f"{text} ({batch.origin})" for text in found]
