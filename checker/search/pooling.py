"""The pooled test at the end of a campaign, and again for a saved one."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any

from checker.arithmetic.decide import decide_case
from checker.claims.claim import Claim, Domain
from checker.claims.pooled import Drawn, Pooled, proved_failures, sample_of
from checker.claims.verdict import Tally
from checker.instances.fields import single
from checker.search.experiments import experiments_again
from checker.search.guided.score import admits


def pool(claim: Claim, domain: Domain, tally: Tally, planned: int) -> None:
    """Test all experiments of the campaign together; what rejects the claim is proved again."""
    if claim.trials is None:
        return
    found = sample_of(tally.drawn, len(domain.strata), planned)
    tally.pooled = proved_again(claim, domain, found) if found.rejects else found


def proved_again(claim: Claim, domain: Domain, pooled: Pooled) -> Pooled:
    """The same with failures proved by balls or exact numbers, until there are too many.

    Experiments are drawn again from their seeds, tasks with the most failures first. One that is
    not what it was, or is outside the assumptions, has none.
    """
    proved = 0
    for task in sorted(tasks_of_pool(pooled), key=lambda t: -sum(e.failures for e in t)):
        if proved > pooled.critical:
            break
        if any(e.failures for e in task):
            instances = experiments_again(domain, task)
            proved += sum(_failures(claim, x) for x in instances if x is not None)
    return replace(pooled, proved=proved)


def tasks_of_pool(pooled: Pooled) -> list[list[Drawn]]:
    """The experiments of each task."""
    return [list(task) for _, task in groupby(pooled.experiments, lambda e: e.seed)]


def _failures(claim: Claim, instance: Any) -> int:
    if not admits(claim.assuming, single(instance, "")).all():
        return 0
    return proved_failures(decide_case(claim, instance, claim.weight))
