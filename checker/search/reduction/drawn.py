"""Searching and shrinking within a bare strategy: Hypothesis moves its own choices.

What such a strategy cannot draw lies outside what was asked, and only the strategy knows what it
can. So `hypothesis.target` climbs towards a violation on the choices that the strategy makes, and
what violates the claim is drawn again and shrunk by them: every candidate is one of its examples.
"""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, find, given, seed, settings, target
from hypothesis.errors import NoSuchExample, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import Caught
from checker.instances.fields import single
from checker.search.budgets import AIMED_EXAMPLES, DRAWN_AGAIN
from checker.search.guided.population import populations_of
from checker.search.guided.score import admits
from checker.search.reduction.shrink import with_step

_QUIET: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}
_AIMED = [Phase.generate, Phase.target]
_SHRUNK = settings(max_examples=DRAWN_AGAIN, phases=[Phase.generate, Phase.shrink], **_QUIET)


def smallest_drawn(claim: Claim, witness: Witness, deadline: float | None = None) -> Witness:
    """The simplest violation that Hypothesis finds in the claim's strategy; as it was found if it
    finds none again."""
    best = witness

    def violates(instance: Any) -> bool:
        nonlocal best
        if deadline is not None and time.monotonic() > deadline:
            return False
        with Caught():
            if not admits(claim.assuming, single(instance, "")).all():
                return False
            result = decide_alone(claim, instance, claim.weight)
            if result.decision is not Decision.VIOLATED:
                return False
            best = Witness(instance, result, witness.stratum, witness.origin, witness.path)
            return True
        return False

    try:
        find(claim.domain.instances, violates, settings=_SHRUNK, random=random.Random(0))
    except (NoSuchExample, Unsatisfiable):
        return witness
    return best if best is witness else with_step(best, "drawn again and shrunk by Hypothesis")


class _Over(BaseException):
    """Ends the examples."""


def aim(search: Any, strategy: SearchStrategy[Any], effort: int, origin: str) -> None:
    """Rate examples of the strategy, drawn and moved, until the search is over or has had enough.

    `search` is the state of an island; it rates populations, and knows when it is over.
    """

    @seed(int(search.rng.integers(2**32)))
    @settings(max_examples=AIMED_EXAMPLES * effort, phases=_AIMED, **_QUIET)
    @given(strategy)
    def attempt(example: Any) -> None:
        if search.over:
            raise _Over
        for population in populations_of([example], "drawn", origin):
            score, _ = search.rate(population)
            # Hypothesis climbs upwards.
            if np.isfinite(score):
                target(-score)

    if strategy.is_empty:
        return
    try:
        attempt()
    except (_Over, Unsatisfiable):
        return
