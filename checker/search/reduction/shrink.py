"""Reduce a violating instance to the smallest one that still violates the claim, every step proved.

Greedy: drop indices along named dimensions, set numbers to zero, then to the coarsest dyadic grid
that keeps the violation. A step counts only if the violation is proved for the new instance, its
assumptions hold, and it keeps a set share of its severity.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import ReductionStep, Witness
from checker.errors import Caught
from checker.instances.fields import numbers_of, single
from checker.instances.legal import is_legal
from checker.search.budgets import KEPT_SEVERITY, SHRINK_ATTEMPTS
from checker.search.reduction.joint import in_pairs, together
from checker.search.reduction.moves import (
    fewer_at_once,
    fewer_indices,
    positive_zeros,
    simpler_numbers,
    simpler_others,
    without_optional,
    zeros,
)
from checker.stopping import Stopped, check


def shrink(
    claim: Claim,
    witness: Witness,
    deadline: float | None = None,
    attempts: int = SHRINK_ATTEMPTS,
) -> Witness:
    """The smallest violating instance that the reducer reaches; `witness` itself at worst.

    With a `deadline` of `time.monotonic`, or when the work has to stop, it gives up early.
    """
    best = witness if witness.path else with_step(witness, "found")
    threshold = KEPT_SEVERITY * witness.result.relative_slack

    def keeps(instance: Any) -> bool:
        nonlocal best
        late = deadline is not None and time.monotonic() > deadline
        if late or not _admitted(claim, instance, quick=True):
            return False
        result = decide_alone(claim, instance, claim.weight)
        if result.decision is not Decision.VIOLATED or not result.relative_slack <= threshold:
            return False
        if not _admitted(claim, instance, quick=False):
            return False
        path = best.path
        best = Witness(instance, result, witness.stratum, witness.origin, path)
        best = with_step(best, reducer.action)
        return True

    repairs = [a.repair for a in claim.assuming if a.repair is not None]
    reducer = Reducer(witness.instance, keeps, repairs[0] if repairs else None, attempts)
    with suppress(Stopped):
        reducer.run()
    return dataclasses.replace(best, raised=witness.raised + reducer.raised)


def with_step(witness: Witness, action: str) -> Witness:
    """The witness with one more step on its path; steps of one kind in a row become one."""
    step = ReductionStep(action, count_numbers(witness.instance), witness.result.relative_slack)
    before = witness.path
    if len(before) > 1 and before[-1].action == action:
        before = before[:-1]
    return dataclasses.replace(witness, path=(*before, step))


def count_numbers(instance: Any) -> int:
    """How many numbers an instance consists of."""
    return sum(a.size for a in numbers_of(instance).values())


def _admitted(claim: Claim, instance: Any, quick: bool) -> bool:
    """Whether an instance meets the premises, those with a proof of their own or the others."""
    if not is_legal(instance):
        return False
    batch = single(instance, "")
    assumptions = (a for a in claim.assuming if (a.repair is None) is quick)
    return all(bool(np.all(a.holds(batch.instances))) for a in assumptions)


def reduce_instance(instance: Any, keeps: Callable[[Any], bool]) -> Any:
    """The smallest instance reached by steps that each keep a property."""
    reducer = Reducer(instance, keeps)
    reducer.run()
    return reducer.best


class Reducer:
    """Greedy reduction: all kinds of simplification, until none succeeds any more.

    Attributes
    ----------
    best
        The smallest instance so far.
    action
        The kind of simplification that is being tried.
    raised
        How many candidates raised an exception: these are not kept, and nobody's fault, since
        candidates need not lie in the domain that the user thought of.
    """

    def __init__(
        self,
        instance: Any,
        keeps: Callable[[Any], bool],
        repair: Callable[[Any, Any], Any] | None = None,
        most: int = SHRINK_ATTEMPTS,
    ) -> None:
        self.best, self.keeps, self.repair, self.most = instance, keeps, repair, most
        self.attempts, self.action, self.raised = 0, "", 0

    def run(self) -> None:
        """Reduce as far as possible."""
        before = None
        while self.best is not before and self.attempts < self.most:
            before = self.best
            for self.action, candidates in _KINDS.items():
                self._exhaust(candidates)

    def _exhaust(self, candidates: Any) -> None:
        improved = True
        while improved and self.attempts < self.most:
            improved = False
            # Making candidates may raise, too: classes have a say in it.
            with Caught() as caught:
                improved = any(self._accept(c) for c in candidates(self.best))
            self.raised += caught.error is not None

    def _accept(self, candidate: Any) -> bool:
        check()
        self.attempts += 1
        kept, instance = False, candidate
        with Caught() as caught:
            if self.repair is not None:
                instance = self.repair(candidate, self.best)
            kept = instance is not None and self.attempts <= self.most
            kept = kept and self.keeps(instance)
        if caught.error is not None:
            self.raised += 1
            return False
        if kept:
            self.best = instance
        return kept


# Kinds of simplification by the name that the path of a reduction shows.
_KINDS: dict[str, Callable[[Any], Iterator[Any]]] = {
    "signs of zeros": positive_zeros,
    "weights dropped": without_optional,
    "halves of dimensions dropped": fewer_at_once,
    "rows and dimensions dropped": fewer_indices,
    "simpler loss": simpler_others,
    "numbers set to zero": zeros,
    "numbers changed together": together,
    "shorter numbers": simpler_numbers,
    "pairs of numbers changed": in_pairs,
}
