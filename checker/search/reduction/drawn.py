"""Shrinking within a bare strategy: Hypothesis draws a violation again, and shrinks it.

What such a strategy cannot draw lies outside what was asked, and only the strategy knows what it
can: every candidate is one of its examples.
"""

from __future__ import annotations

import random
import time
from typing import Any

from hypothesis import Phase, find, settings
from hypothesis.errors import NoSuchExample, Unsatisfiable

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import Caught
from checker.instances.draws import QUIET, seeing
from checker.instances.fields import single
from checker.search.budgets import DRAWN_AGAIN
from checker.search.guided.score import admits
from checker.search.reduction.shrink import with_step

_SHRUNK = settings(max_examples=DRAWN_AGAIN, phases=[Phase.generate, Phase.shrink], **QUIET)


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
        with seeing(claim.domain.tried):
            find(claim.domain.instances, violates, settings=_SHRUNK, random=random.Random(0))
    except (NoSuchExample, Unsatisfiable):
        return witness
    return best if best is witness else with_step(best, "drawn again and shrunk by Hypothesis")
