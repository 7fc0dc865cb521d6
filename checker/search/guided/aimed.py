"""Searching within a bare strategy: its own choices are moved towards a violation.

What such a strategy cannot draw lies outside what was asked, and only the strategy knows what it
can. So `hypothesis.target` climbs on the choices that the strategy makes; it moves them by whole
numbers, so from the best examples a derivative-free descent moves the floats among the choices by
fractions of them. Every candidate is an example of the strategy.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy
from hypothesis import Phase, given, seed, settings, target
from hypothesis.control import BuildContext, current_build_context
from hypothesis.errors import StopTest, Unsatisfiable, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.strategies import SearchStrategy

from checker.instances.draws import QUIET, seeing
from checker.instances.fields import FloatArray
from checker.search.budgets import (
    AIMED_EXAMPLES,
    REFINED_EXAMPLES,
    REFINED_FLOATS,
    REFINED_STARTS,
)
from checker.search.guided.population import populations_of

_AIMED = [Phase.generate, Phase.target]

# Beyond any ratio of sides, yet a number: parabolas need one.
_WORST = 1e300

# What a strategy chose, in order.
Choices = tuple[Any, ...]


class _Over(BaseException):
    """Ends the examples."""


def aim(search: Any, strategy: SearchStrategy[Any], effort: int, origin: str) -> None:
    """Rate examples of the strategy, drawn and moved, until the search is over or has had enough.

    `search` is the state of an island; it rates populations, and knows when it is over.
    """
    if strategy.is_empty:
        return
    try:
        for choices in _climbed(search, strategy, AIMED_EXAMPLES * effort, origin):
            _Refined(search, strategy, choices, origin).descend(REFINED_EXAMPLES * effort)
    except _Over:
        return


def _climbed(
    search: Any, strategy: SearchStrategy[Any], examples: int, origin: str
) -> list[Choices]:
    """The choices of the best examples, after Hypothesis has climbed on them."""
    best: list[tuple[float, int, Choices]] = []

    @seed(int(search.rng.integers(2**32)))
    @settings(max_examples=examples, phases=_AIMED, **QUIET)
    @given(strategy)
    def attempt(example: Any) -> None:
        score = _rated(search, example, origin)
        # Hypothesis climbs upwards.
        if math.isfinite(score):
            target(-score)
            entry = (-score, -len(best), tuple(current_build_context().data.choices))
            (heapq.heappush if len(best) < REFINED_STARTS else heapq.heappushpop)(best, entry)

    try:
        with seeing(search.claim.domain.tried):
            attempt()
    except Unsatisfiable:
        return []
    return [choices for _, _, choices in sorted(best, reverse=True)]


def _rated(search: Any, example: Any, origin: str) -> float:
    """The score of an example, the less the nearer to a violation."""
    if search.over:
        raise _Over
    scores = [search.rate(p)[0] for p in populations_of([example], "drawn", origin)]
    return min(scores, default=math.inf)


class _Refined:
    """Floats among the choices of an example, which move while the other choices stay."""

    def __init__(
        self, search: Any, strategy: SearchStrategy[Any], choices: Choices, origin: str
    ) -> None:
        self.search, self.strategy, self.origin = search, strategy, origin
        self.choices, self.nodes = choices, self._made(choices)[1]
        self.places = [i for i, node in enumerate(self.nodes) if node.type == "float"]

    def descend(self, examples: int) -> None:
        """Powell's method: line searches along directions that become conjugate."""
        if not 0 < len(self.places) <= REFINED_FLOATS:
            return
        start = np.array([self.choices[i] for i in self.places], dtype=float)
        if not np.isfinite(start).all():
            return
        with np.errstate(all="ignore"):
            scipy.optimize.minimize(
                self._score,
                start,
                method="Powell",
                options={"maxfev": examples, "xtol": 1e-14, "ftol": 0.0},
            )

    def _score(self, floats: FloatArray) -> float:
        if self.search.over:
            raise _Over
        choices = list(self.choices)
        for place, x in zip(self.places, floats, strict=True):
            choices[place] = _allowed(float(x), self.nodes[place].constraints)
        example, _ = self._made(choices)
        return _WORST if example is None else _ratio(_rated(self.search, example, self.origin))

    def _made(self, choices: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        """What the strategy makes of these choices, None where it refuses them; and what each of
        them may be."""
        data = ConjectureData.for_choices(choices)
        with BuildContext(data, is_final=False, wrapped_test=aim):
            try:
                example = data.draw(self.strategy)
            except (StopTest, UnsatisfiedAssumption):
                return None, ()
        return example, data.nodes


def _ratio(score: float) -> float:
    """The ratio of the sides for the difference over their sum: a square is a parabola again.

    Near its greatest value, 1, the relative slack of a square above a small number is flat.
    """
    if not -1.0 < score < 1.0:
        return -1.0 if score <= -1.0 else _WORST
    return (1.0 + score) / (1.0 - score)


def _allowed(x: float, constraints: Any) -> float:
    """The nearest float that the choice may be."""
    x = min(max(x, constraints["min_value"]), constraints["max_value"])
    return 0.0 if abs(x) < constraints["smallest_nonzero_magnitude"] else x
