"""The smallest counterexample: a scan of small instances, then the greedy reducer."""

from __future__ import annotations

from contextlib import suppress

from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.search.shrink import shrink, with_step
from checker.search.smallest import smaller_violation
from checker.stopping import Stopped


def reduced(claim: Claim, witness: Witness, deadline: float | None = None) -> Witness:
    """A violation as small as both ways make it, every step proved.

    The reducer gives up at the `deadline`, a value of `time.monotonic`.
    """
    start = with_step(witness, "found")
    with suppress(Stopped):
        start = smaller_violation(claim, start) or start
    return shrink(claim, start, deadline)
