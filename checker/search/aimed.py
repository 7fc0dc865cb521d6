"""The guided search over a bare strategy: Hypothesis moves its own choices towards a violation.

What such a strategy cannot draw lies outside what was asked, so nothing is moved but the choices
that it makes: `hypothesis.target` climbs on them, and every candidate is one of its examples.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings, target
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

from checker.search.budgets import AIMED_EXAMPLES
from checker.search.population import populations_of

_QUIET: dict[str, Any] = {
    "database": None,
    "deadline": None,
    "phases": [Phase.generate, Phase.target],
    "suppress_health_check": list(HealthCheck),
}


class _Over(BaseException):
    """Ends the examples."""


def aim(search: Any, strategy: SearchStrategy[Any], effort: int, origin: str) -> None:
    """Rate examples of the strategy, drawn and moved, until the search is over or has had enough.

    `search` is the state of an island; it rates populations, and knows when it is over.
    """

    @seed(int(search.rng.integers(2**32)))
    @settings(max_examples=AIMED_EXAMPLES * effort, **_QUIET)
    @given(strategy)
    def attempt(example: Any) -> None:
        if search.over:
            raise _Over
        for population in populations_of([example], "drawn", origin):
            score, _ = search.rate(population)
            # Hypothesis climbs upwards.
            if np.isfinite(score):
                target(-score)

    if strategy.is_empty:
        return
    try:
        attempt()
    except (_Over, Unsatisfiable):
        return
