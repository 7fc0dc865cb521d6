"""The smallest counterexample: a scan of small instances, then the greedy reducer."""

from __future__ import annotations

from checker.arithmetic.agreement import disagreements
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.search.shrink import shrink, with_step
from checker.search.smallest import smaller_violation


def reduced(claim: Claim, witness: Witness, deadline: float | None = None) -> Witness:
    """A violation as small as both ways make it, every step proved; as it was found where an oracle
    disagrees at the end.

    The reducer gives up at the `deadline`, a value of `time.monotonic`.
    """
    start = with_step(witness, "found")
    small = shrink(claim, smaller_violation(claim, start) or start, deadline)
    return start if any(disagreements(claim.oracles, small.instance)) else small
