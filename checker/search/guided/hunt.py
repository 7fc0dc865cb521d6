"""Hunt for a violation of one claim: island after island, within a budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from checker.claims.claim import Assumption, Claim, Domain
from checker.claims.pooled import Pooled, sample_of
from checker.claims.verdict import Tally, Witness, lower
from checker.errors import Fault
from checker.search.budgets import (
    AIMED_EVALUATIONS,
    DATA_PATIENCE,
    FEW_STRATA,
    MAX_FOUND_CASES,
    MAX_ROUNDS,
    SWEEP_AFTER,
)
from checker.search.campaign import run_task, tasks_of
from checker.search.faults import apart
from checker.search.guided.climb import Find, Island, explore
from checker.search.pooling import pool
from checker.search.reduction.reduce import reduced
from checker.stopping import stopped, working_on


@dataclass(frozen=True)
class Budget:
    """Limits of a hunt: candidates evaluated, and wall-clock seconds; None for no limit.

    With `evaluations` alone the result depends on the seed only.
    """

    evaluations: int | None = None
    seconds: float | None = None


def affordable(domain: Domain, evaluations: int) -> int:
    """How many candidates a hunt takes where nobody said how many: fewer where Hypothesis draws
    them one by one."""
    return evaluations if domain.moves else min(evaluations, AIMED_EVALUATIONS)


@dataclass(eq=False)
class Hunt:
    """What a hunt found.

    Attributes
    ----------
    evaluations, meaningful, outside
        Candidates bounded; those that met the assumptions with a known slack; of these, those
        outside the `watched` assumption.
    drawn_outside
        Candidates outside the `watched` assumption that met the others, whatever their slack.
    violation
        The reduced counterexample, its violation proved; None if there is none.
    found
        The violating case as the search found it.
    tightest
        The non-trivial case nearest to equality, decided by the ladder.
    seconds
        Time to the first proved violation, or of the whole hunt; without the reduction.
    cut
        Whether it was told to stop before its own budget was spent.
    fault
        Why the hunt could not go on, or None.
    pooled
        For a claim about probabilities: the test of all experiments together.
    """

    evaluations: int = 0
    meaningful: int = 0
    outside: int = 0
    drawn_outside: int = 0
    islands: int = 0
    seconds: float = 0.0
    violation: Witness | None = None
    found: Witness | None = None
    tightest: Witness | None = None
    contradictions: list[str] = field(default_factory=list)
    cut: bool = False
    fault: Fault | None = None
    pooled: Pooled | None = None

    def add(self, find: Find) -> None:
        """Count one island."""
        self.islands += 1
        self.evaluations += find.evaluations
        self.meaningful += find.meaningful
        self.outside += find.outside
        self.drawn_outside += find.drawn_outside
        self.found = self.found or find.violation
        self.contradictions += [find.contradiction] if find.contradiction else []
        self.tightest = lower(self.tightest, find.tightest)

    @property
    def unproved(self) -> str:
        """The unproved step that the closest case rests on, or an empty string."""
        closest = self.found or self.tightest
        return closest.result.unproved if closest else ""

    @property
    def over(self) -> bool:
        """Whether more islands would change nothing."""
        ended = self.found is not None or self.fault is not None or self.rejected
        return ended or bool(self.contradictions)

    @property
    def rejected(self) -> bool:
        """Whether all experiments together refute the claim."""
        return self.pooled is not None and self.pooled.refutes


def hunt(
    claim: Claim,
    seed: Sequence[int],
    budget: Budget,
    *,
    domain: Domain | None = None,
    watched: Assumption | None = None,
    reduce: bool = True,
) -> Hunt:
    """Search until a violation is proved or the budget is spent; at least one island.

    `domain` replaces the claim's own; cases outside the `watched` assumption are counted.
    """
    if (domain or claim.domain).found:
        return _by_searches(claim, seed, budget, domain or claim.domain, reduce)
    working_on(claim.id)
    if claim.trials is not None:
        experiments = _by_experiments(claim, seed, budget, domain or claim.domain, reduce)
        if experiments.over:
            return experiments
    result = Hunt()
    started = time.monotonic()
    deadline = None if budget.seconds is None else started + budget.seconds
    domain = domain or claim.domain
    due = 0 if len(domain.strata) <= FEW_STRATA else SWEEP_AFTER
    while not (result.over or result.cut or (result.islands and _spent(result, budget))):
        if result.islands == due:
            due = -1
            _sweep(claim, seed, domain, result)
        else:
            island = Island.number(result.islands, tuple(seed), deadline)
            with apart([claim], {claim.id: result}):
                result.add(explore(claim, domain, island, watched))
        result.seconds = time.monotonic() - started
        result.cut = stopped() and not result.over
    if result.found is not None:
        result.violation = reduced(claim, result.found) if reduce else result.found
    return result


def _sweep(claim: Claim, seed: Sequence[int], domain: Domain, result: Hunt) -> None:
    """Some cases of every stratum, as the campaign draws them: where one stratum alone violates a
    claim, islands that begin in others may be long about it. Oracles are the campaign's."""
    alone = replace(claim, oracles=())
    for task in tasks_of(domain, seed, range(1)) if domain.strata else ():
        tally = run_task([alone], domain, task)[claim.id]
        result.evaluations += tally.cases
        result.meaningful += tally.cases
        result.found, result.fault = tally.worst, tally.fault
        result.contradictions += tally.disagreements
        if result.over or stopped():
            return


def _by_experiments(
    claim: Claim, seed: Sequence[int], budget: Budget, domain: Domain, reduce: bool
) -> Hunt:
    """As many experiments as the domain plans for, each decided, and all of them together."""
    tally, started, empty = Tally(), time.monotonic(), 0
    planned = domain.cases or claim.domain.cases or MAX_FOUND_CASES
    most = min(planned, budget.evaluations or planned)
    for task in tasks_of(domain, seed, range(MAX_ROUNDS)):
        found = run_task([claim], domain, task)[claim.id]
        tally.merge(found)
        empty = 0 if found.drawn else empty + 1
        late = budget.seconds is not None and time.monotonic() - started >= budget.seconds
        whole = sample_of(tally.drawn, len(domain.strata), most).complete
        if tally.worst is not None or whole or late or empty > DATA_PATIENCE or stopped():
            break
    if tally.worst is None:
        pool(claim, domain, tally, planned)
    result = Hunt(evaluations=tally.cases, meaningful=tally.cases, found=tally.worst)
    result.pooled, result.tightest = tally.pooled, tally.tightest
    result.contradictions += tally.disagreements
    result.seconds = time.monotonic() - started
    if result.found is not None:
        result.violation = reduced(claim, result.found) if reduce else result.found
    return result


def _by_searches(
    claim: Claim, seed: Sequence[int], budget: Budget, domain: Domain, reduce: bool
) -> Hunt:
    """Further searches for points, where the guided search has nothing to move."""
    result, started, empty = Hunt(), time.monotonic(), 0
    most = min(x for x in (budget.evaluations, domain.cases, MAX_FOUND_CASES) if x is not None)
    for task in tasks_of(domain, seed, range(MAX_ROUNDS)):
        tally = run_task([claim], domain, task)[claim.id]
        empty = 0 if tally.cases else empty + 1
        result.evaluations += tally.cases
        result.meaningful += tally.cases
        result.contradictions += tally.disagreements
        result.fault = tally.fault
        result.found = tally.worst
        result.tightest = lower(result.tightest, tally.tightest)
        result.seconds = time.monotonic() - started
        late = budget.seconds is not None and result.seconds >= budget.seconds
        result.cut = stopped() and not result.over
        if result.over or late or result.evaluations >= most or empty > DATA_PATIENCE or result.cut:
            break
    if result.found is not None:
        result.violation = reduced(claim, result.found) if reduce else result.found
    return result


def count_hunt(tally: Tally, found: Hunt) -> None:
    """Add a hunt to a campaign's tally: its violation, its closest case, its contradictions."""
    tally.climbed += found.evaluations
    tally.climbed_met += found.meaningful
    if found.found is not None and found.found.result.refutes:
        tally.worst = tally.worst or found.found
    tally.candidate = lower(tally.candidate, found.found if tally.worst is None else None)
    tally.unproved = tally.unproved or found.unproved
    tally.disagreements += found.contradictions
    tally.fault = tally.fault or found.fault
    tally.reached = lower(tally.reached, found.tightest)
    tally.tightest = lower(tally.tightest, found.tightest)


def _spent(result: Hunt, budget: Budget) -> bool:
    if budget.evaluations is not None and result.evaluations >= budget.evaluations:
        return True
    # An island without a single candidate will not be followed by a better one.
    hopeless = result.evaluations == 0
    return hopeless or (budget.seconds is not None and result.seconds >= budget.seconds)
