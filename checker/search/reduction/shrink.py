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
from checker.instances.fields import (
    Dims,
    dims_of,
    is_whole,
    method_of,
    numbers_of,
    others_kept,
    simpler_versions,
    single,
    sizes_of,
    with_fields,
    with_numbers,
)
from checker.instances.legal import is_legal, movable
from checker.search.budgets import KEPT_SEVERITY, SHRINK_ATTEMPTS
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


def _positive_zeros(instance: Any) -> Iterator[Any]:
    numbers = numbers_of(instance)
    if any((np.signbit(a) & (a == 0)).any() for a in numbers.values()):
        yield with_fields(instance, **{name: a + 0.0 for name, a in numbers.items()})


def fewer_indices(instance: Any) -> Iterator[Any]:
    """The instance without one index of one named dimension, in all fields that share it."""
    dims, numbers, sizes = dims_of(type(instance)), numbers_of(instance), sizes_of(instance)
    for name, size in sizes.items():
        for index in range(size - 1, -1, -1) if size > 1 else ():
            fewer = {
                field: _deleted(values, index, dims[field], name)
                for field, values in numbers.items()
                if field in dims and any(name == dim for dim, _ in dims[field].axes)
            }
            left = [i for i in range(size) if i != index]
            yield with_fields(with_numbers(instance, **fewer), **others_kept(instance, name, left))


def _deleted(values: Any, index: int, dims: Dims, name: str) -> Any:
    """The array without an index of a dimension, which a square matrix has twice."""
    for axis in (axis for axis, (dim, _) in enumerate(dims.axes) if dim == name):
        values = np.delete(values, index, axis)
    return values


def _changeable(instance: Any) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Fields that may be changed; those that only the class can judge where it has a test."""
    domains, checked = movable(type(instance)), method_of(instance, "is_valid") is not None
    for field, values in numbers_of(instance).items():
        if checked or field in domains:
            yield field, values


def _changed(instance: Any, field: str, values: np.ndarray[Any, Any]) -> Iterator[Any]:
    """The instance with other numbers in a field, taken back into its domain; nothing if that is
    where they were."""
    domain = movable(type(instance)).get(field)
    if domain is not None:
        values = domain.into(values[..., None])[..., 0]
    if is_whole(instance, field) and (np.rint(values) != values).any():
        return
    if not np.array_equal(values, numbers_of(instance)[field]):
        yield with_numbers(instance, **{field: values})


def _without_optional(instance: Any) -> Iterator[Any]:
    """The instance without one optional array, such as the weights of a sample."""
    for field in dataclasses.fields(instance):
        if field.default is None and getattr(instance, field.name) is not None:
            yield with_fields(instance, **{field.name: None})


def _replaced(
    instance: Any, field: str, values: np.ndarray[Any, Any], index: Any, x: float
) -> Iterator[Any]:
    changed = values.copy()
    changed[index] = x
    return _changed(instance, field, changed)


def _zeros(instance: Any) -> Iterator[Any]:
    for field, values in _changeable(instance):
        if values.size > 1 and values.any():
            yield from _changed(instance, field, np.zeros_like(values))
        for index in np.ndindex(values.shape):
            if values[index] != 0:
                yield from _replaced(instance, field, values, index, 0.0)


def _simpler_numbers(instance: Any) -> Iterator[Any]:
    for field, values in _changeable(instance):
        for index in np.ndindex(values.shape):
            for x in _simpler(float(values[index])):
                yield from _replaced(instance, field, values, index, x)


def _simpler(x: float) -> Iterator[float]:
    """Simpler numbers than x: small integers first, then coarser dyadics near it."""
    mine = _complexity(x)
    near = [float(np.round(x * 2**k) / 2**k) for k in range(-4, 12)] if abs(x) < 2**40 else []
    magnitude = float(np.copysign(2.0 ** np.floor(np.log2(abs(x))), x)) if x else 0.0
    fraction, exponent = np.frexp(x)
    fewer = (float(np.ldexp(np.round(fraction * 2.0**b), exponent - b)) for b in _BITS)
    for candidate in (*_SHORT, np.trunc(x / 2), *near, magnitude, *fewer):
        if candidate != 0 and _complexity(float(candidate)) < mine:
            yield float(candidate)


# Significant bits that are tried where no coarse number does.
_BITS = (3, 6, 9, 12, 15, 18, 22, 26, 31, 36, 42)
_SHORT = tuple(sign * size for size in (1.0, 2.0, 0.5, 0.25, 0.125) for sign in (1.0, -1.0))


def _complexity(x: float) -> tuple[int, float, bool]:
    """Bits of the denominator, then magnitude, then sign."""
    denominator = x.as_integer_ratio()[1]
    return denominator.bit_length(), abs(x), x < 0


def _simpler_others(instance: Any) -> Iterator[Any]:
    yield from simpler_versions(instance)


# Kinds of simplification by the name that the path of a reduction shows.
_KINDS: dict[str, Callable[[Any], Iterator[Any]]] = {
    "signs of zeros": _positive_zeros,
    "weights dropped": _without_optional,
    "rows and dimensions dropped": fewer_indices,
    "simpler loss": _simpler_others,
    "numbers set to zero": _zeros,
    "shorter numbers": _simpler_numbers,
}
