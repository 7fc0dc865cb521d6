"""Draw from a Hypothesis strategy with an explicit seed.

By itself Hypothesis tries, now and then, numbers that stand in the source of the modules that are
loaded and lie outside of site-packages. Then other files change what a seed draws, and processes
that have loaded other modules draw other cases. Here it sees the numbers of one claim.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from types import CodeType
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

from checker.instances.fields import Batch, is_whole, numbers_of, with_numbers

T = TypeVar("T")

QUIET: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}

# Where Hypothesis keeps the numbers that it tries, and which of them a choice may be.
_KNOWN = hasattr(providers, "CONSTANTS_CACHE") and hasattr(
    getattr(providers, "HypothesisProvider", None), "_local_constants"
)

# What it sees is kept in its modules, so one at a time.
_SEEING = RLock()
_KEPT_CHOICES = 1024


def draw_many(
    strategy: SearchStrategy[T], count: int, number: int, tried: Iterable[float] = ()
) -> list[T]:
    """Up to `count` examples; the same number gives the same ones (for one Hypothesis version).

    Fewer come back when the strategy has no more distinct ones, and none when it is empty.
    """
    found: list[T] = []

    @seed(number)
    @settings(max_examples=count, phases=[Phase.generate], **QUIET)
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    if not strategy.is_empty:
        try:
            with seeing(tried):
                collect()
        except Unsatisfiable:
            return found
    return found


def draw_last(strategy: SearchStrategy[T], number: int, among: int = 3) -> T | None:
    """One random example: Hypothesis draws the simplest one first, so the last of a few."""
    found = draw_many(strategy, among, number)
    return found[-1] if found else None


@contextmanager
def seeing(numbers: Iterable[float]) -> Iterator[None]:
    """Let Hypothesis try these numbers, and none that stand in source files.

    A Hypothesis that keeps them elsewhere draws as it does by itself; a test tells when that comes.
    """
    if not _KNOWN:
        yield
        return
    from hypothesis.internal.constants_ast import Constants

    tried = Constants(
        integers={x for x in numbers if isinstance(x, int)},
        floats={x for x in numbers if isinstance(x, float)},
    )
    with (
        _SEEING,
        patch.object(providers.HypothesisProvider, "_local_constants", tried),
        patch.object(providers, "CONSTANTS_CACHE", LRUCache(_KEPT_CHOICES)),
    ):
        yield


def numbers_in(*functions: Callable[..., Any]) -> tuple[float, ...]:
    """The numbers that stand in the code of functions, and of functions within them."""
    codes = [getattr(f, "__code__", None) for f in functions]
    found = dict.fromkeys(x for code in codes if code is not None for x in _numbers(code))
    return tuple(found)


def _numbers(code: CodeType) -> Iterator[float]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _numbers(constant)
        elif isinstance(constant, int | float) and not isinstance(constant, bool):
            yield constant


# -- drawn instances as batches -------------------------------------------------------------------


def joined(batches: Sequence[Batch]) -> list[Batch]:
    """Single cases of one stratum, those joined that differ in their numbers alone."""
    groups: dict[Any, list[Batch]] = {}
    for batch in batches:
        groups.setdefault(_kind(batch.instances), []).append(batch)
    return [_joined(group) if len(group) > 1 else group[0] for group in groups.values()]


def _kind(instance: Any) -> tuple[Any, ...]:
    """What instances of one batch share: shapes, kinds of numbers, and all other fields."""
    numbers = numbers_of(instance)
    shapes = tuple((n, a.shape[:-1], is_whole(instance, n)) for n, a in numbers.items())
    fields = (f.name for f in dataclasses.fields(instance))
    others = tuple((n, getattr(instance, n)) for n in fields if n not in numbers)
    try:
        hash(others)
    except TypeError:
        others = tuple((name, id(value)) for name, value in others)
    return type(instance), shapes, others


def _joined(group: list[Batch]) -> Batch:
    parts = [numbers_of(batch.instances) for batch in group]
    made = {name: np.concatenate([p[name] for p in parts], axis=-1) for name in parts[0]}
    whole = with_numbers(group[0].instances, **made)
    return dataclasses.replace(group[0], instances=whole, size=len(group))
