"""The smallest violation that a bare strategy draws.

What such a strategy cannot draw lies outside what was asked, and only the strategy knows what it
can. So Hypothesis draws again, and shrinks what violates the claim by its own choices.
"""

from __future__ import annotations

import random
import time
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import Caught
from checker.instances.fields import single
from checker.search.budgets import DRAWN_AGAIN
from checker.search.score import admits
from checker.search.shrink import with_step

_QUIET: dict[str, Any] = {
    "max_examples": DRAWN_AGAIN,
    "database": None,
    "deadline": None,
    "phases": [Phase.generate, Phase.shrink],
    "suppress_health_check": list(HealthCheck),
}


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
        find(claim.domain.instances, violates, settings=settings(**_QUIET), random=random.Random(0))
    except (NoSuchExample, Unsatisfiable):
        return witness
    return best if best is witness else with_step(best, "drawn again and shrunk by Hypothesis")
