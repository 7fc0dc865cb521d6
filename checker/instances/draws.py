"""Draw from a Hypothesis strategy with an explicit seed, by public means only."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

_QUIET: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


def draw_many(strategy: SearchStrategy[T], count: int, number: int) -> list[T]:
    """Up to `count` examples; the same number gives the same ones (for one Hypothesis version).

    Fewer come back when the strategy has no more distinct ones, and none when it is empty.
    """
    found: list[T] = []

    @seed(number)
    @settings(max_examples=count, **_QUIET)
    @given(strategy)
    def collect(example: T) -> None:
        found.append(example)

    if not strategy.is_empty:
        try:
            collect()
        except Unsatisfiable:
            return found
    return found


def draw_last(strategy: SearchStrategy[T], number: int, among: int = 3) -> T | None:
    """One random example: Hypothesis draws the simplest one first, so the last of a few."""
    found = draw_many(strategy, among, number)
    return found[-1] if found else None
