"""Premises that are inequalities: a case meets them where the ladder proves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision, decide_case, screen_batch
from checker.arithmetic.inequality import Inequality
from checker.instances.fields import Batch, dims_of, numbers_of
from checker.instances.rounding import apart, nearest

_PROVED = (Decision.HOLDS, Decision.EQUAL)


@dataclass(frozen=True, eq=False)
class Proved:
    """The test of an assumption that asserts an inequality, for one instance or a batch.

    Where the class of the instance annotates an array with `Dims`, one axis more than these tells a
    batch; an instance of which nothing is declared always comes in a batch.
    """

    inequality: Callable[[Any], Inequality]

    def __call__(self, at: Any) -> Any:
        size = _batch_size(at)
        if size is None:
            return decide_case(self.inequality, at).decision in _PROVED
        batch = Batch(at, size, "")
        with np.errstate(all="ignore"):
            result = screen_batch(self.inequality, batch)
        proofs = np.array(result.held)
        # Of most cases float64 knows that they are outside: an equation holds nowhere by chance.
        for index in np.flatnonzero(~result.held & ~result.failed):
            case = decide_case(self.inequality, batch.case(int(index)))
            proofs[index] = case.decision in _PROVED
        return proofs


@dataclass(frozen=True, eq=False)
class Compared(Proved):
    """A premise that comparisons of the floats themselves decide, without the ladder.

    Attributes
    ----------
    test
        Of one instance or a batch: true exactly where the inequality holds.
    """

    test: Callable[[Any], Any]

    def __call__(self, at: Any) -> Any:
        return self.test(at)


def proved(inequality: Callable[[Any], Inequality]) -> Proved:
    """The test of an assumption that asserts an inequality."""
    return Proved(inequality)


def case_by_case(test: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """A test of one instance as one of instances and batches alike; see `Proved`."""

    def holds(at: Any) -> Any:
        size = _batch_size(at)
        if size is None:
            return test(at)
        batch = Batch(at, size, "")
        return np.array([test(batch.case(i)) for i in range(size)])

    return holds


def shortfall(holds: Callable[[Any], Any], instance: Any) -> str:
    """By how much one instance misses an assumption: a phrase, empty where nothing is known."""
    if not isinstance(holds, Proved) or isinstance(holds, Compared):
        return ""
    result = decide_case(holds.inequality, instance)
    if result.decision in _PROVED:
        return ""
    if not (np.isfinite(result.lhs_radius) and np.isfinite(result.rhs_radius)):
        return "one side is infinite"
    low = Fraction(result.lhs) + Fraction(result.lhs_radius)
    high = Fraction(result.rhs) - Fraction(result.rhs_radius)
    if not low < high:
        return "the sides agree to the last digit of a float"
    less, more = apart(low, high)
    missed = f"{less} is not at least {more}"
    # Close numbers say more by their digits than by their quotient.
    factor = nearest(result.rhs / result.lhs, 4) if result.lhs > 0 else "1"
    return missed if factor == "1" else f"{missed}, missed by a factor of {factor}"


def _batch_size(at: Any) -> int | None:
    """Number of cases, or None for a single instance."""
    dims, numbers = dims_of(type(at)), numbers_of(at)
    further = [a.ndim - len(dims[name].names) for name, a in numbers.items() if name in dims]
    if further and min(further) == 0:
        return None
    return max(int(a.shape[-1]) for a in numbers.values())
