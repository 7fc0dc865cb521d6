"""The smallest counterexample: a scan of small instances, then the greedy reducer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from checker.arithmetic.checks.agreement import disagreements
from checker.arithmetic.decide import screen_batch
from checker.arithmetic.existence.formulas import noticed_existence
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.errors import Caught
from checker.instances.fields import single
from checker.search.budgets import BRIEF_ATTEMPTS, SHRINK_ATTEMPTS
from checker.search.reduction.drawn import smallest_drawn
from checker.search.reduction.shrink import shrink, with_step
from checker.search.reduction.smallest import smaller_violation
from checker.stopping import Stopped


def reduced(
    claim: Claim,
    witness: Witness,
    deadline: float | None = None,
    attempts: int = SHRINK_ATTEMPTS,
) -> Witness:
    """A violation as small as both ways make it, every step proved; as it was found where an oracle
    disagrees at the end.

    The reducer gives up at the `deadline`, a value of `time.monotonic`, and after `attempts`.
    """
    start = best = with_step(witness, "found")
    if _is_costly(claim, witness):
        attempts = min(attempts, BRIEF_ATTEMPTS)
    # A proved violation is not lost to a step that tries to make it smaller, nor to the clock.
    if not claim.domain.moves:
        with suppress(Stopped), Caught():
            best = smallest_drawn(claim, best, deadline)
        return start if any(disagreements(claim.oracles, best.instance)) else best
    with suppress(Stopped):
        with Caught() as caught:
            best = smaller_violation(claim, best) or best
        if caught.error is not None:
            best = replace(best, raised=best.raised + 1)
    with Caught():
        best = shrink(claim, best, deadline, attempts)
    return start if any(disagreements(claim.oracles, best.instance)) else best


def _is_costly(claim: Claim, witness: Witness) -> bool:
    """Whether each case is a search, for a point that has to exist."""
    with noticed_existence() as asked, Caught():
        screen_batch(claim, single(witness.instance, witness.stratum, witness.origin))
    return bool(asked)
