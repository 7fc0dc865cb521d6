"""The guided search: from random structures downhill on the relative slack.

An *island* draws a structure per stratum, keeps those that come nearest to a violation, evolves
their candidates (large and discrete moves, labels, weights) and then descends by batched L-BFGS on
slack plus error bound. Whatever looks violated is decided by the ladder; nothing is refuted by
float64. Islands are independent and fixed by their seed, so they can run on all cores.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Assumption, Claim, Domain
from checker.claims.verdict import Witness
from checker.errors import Caught
from checker.instances.draws import draw_last, draw_many
from checker.instances.fields import FloatArray, dims_of, single
from checker.instances.legal import is_legal
from checker.instances.protocols import limit_of
from checker.search.budgets import (
    ALREADY_TIGHT,
    BLIND_CASES,
    CHILDREN,
    DESCENT_STEPS,
    GENERATIONS,
    ISLANDS_PER_EFFORT,
    KEPT_STRUCTURES,
    MAX_EFFORT,
    PARENTS,
    START_CASES,
)
from checker.search.faults import explained
from checker.search.guided.aimed import aim
from checker.search.guided.descent import descend
from checker.search.guided.population import (
    Population,
    in_small_integers,
    offspring,
    populations_of,
)
from checker.search.guided.score import Scores, admits, scored, slack_gradient, with_frozen_fields
from checker.stopping import Stopped, stopped

ORIGIN = "guided search"
_HOLDING = (Decision.HOLDS, Decision.EQUAL)
_SETTLED = (*_HOLDING, Decision.VIOLATED)


@dataclass(frozen=True)
class Island:
    """One independent search.

    Attributes
    ----------
    seed
        Fixes the result unless the deadline cuts it short.
    effort
        How long it may take, in multiples of the least.
    deadline
        Value of `time.monotonic` at which it stops, or None.
    """

    seed: tuple[int, ...]
    effort: int
    deadline: float | None = None

    @classmethod
    def number(cls, index: int, stem: tuple[int, ...], deadline: float | None = None) -> Island:
        """The island with this index; later ones make more effort."""
        effort = min(2 ** (index // ISLANDS_PER_EFFORT), MAX_EFFORT)
        return cls((*stem, index), effort, deadline)


@dataclass(frozen=True, eq=False)
class Find:
    """What an island found.

    Attributes
    ----------
    evaluations
        Candidates whose slack was bounded.
    meaningful
        How many of them met the assumptions with a known slack.
    outside
        How many of these lie outside the watched assumption.
    drawn_outside
        How many candidates lie outside the watched assumption and meet the others, whether or not
        their slack is known.
    violation
        A case whose violation is proved, or None.
    tightest
        The non-trivial case nearest to equality, decided by the ladder.
    contradiction
        A sentence if the float bounds proved what the ladder denies: the arithmetic is broken.
    """

    evaluations: int
    meaningful: int
    outside: int
    drawn_outside: int
    violation: Witness | None
    tightest: Witness | None
    contradiction: str = ""


def explore(
    claim: Claim, domain: Domain, island: Island, watched: Assumption | None = None
) -> Find:
    """Search one island; stops at the first proved violation.

    `watched` is an assumption that the claim does not make: cases outside it are counted.
    """
    rng = np.random.default_rng(island.seed)
    search = _Search(claim, rng, island.deadline, watched)
    with suppress(Stopped):
        _explore(search, domain, island.effort)
    return search.find


def _explore(search: _Search, domain: Domain, effort: int) -> None:
    claim, rng = search.claim, search.rng
    if not domain.strata:
        aim(search, domain.instances, effort, ORIGIN)
        return
    rated: list[tuple[float, bool, Population]] = []
    meant = [a for a in claim.assuming if a.definitional]
    for population in starts(domain, rng):
        # Of other objects the formula does not speak; it may raise there.
        if not admits(meant, population.batch).any():
            continue
        with _let_go(claim, population.cut):
            score, best = search.rate(with_frozen_fields(claim, population, domain))
            rated.append((score, _is_smallest(best), best))
        if search.over:
            return
    for population in _nearest(rated):
        with _let_go(claim, True):
            evolved = search.evolve(population, GENERATIONS * effort)
            if not search.over:
                search.descend(evolved, DESCENT_STEPS * effort)
        if search.over:
            break


def _let_go(claim: Claim, moved: bool) -> AbstractContextManager[Any]:
    """A block for candidates that nobody drew: where the formula of a user raises, they go."""
    return Caught() if moved and claim.source is None else nullcontext()


def _is_smallest(population: Population) -> bool:
    return all(np.prod(a.shape[:-1]) == 1 for a in population.numbers.values())


def _nearest(rated: Sequence[tuple[float, bool, Population]]) -> list[Population]:
    """The nearest to a violation, small and large ones in turn.

    In one dimension almost every bound is nearly attained, yet there all norms are the same. And
    what is at equality already (an affine loss, V = 0) has nowhere to descend: it comes last.
    """
    order = sorted(rated, key=lambda item: (item[0] < ALREADY_TIGHT, item[0]))
    sizes = ([p for _, small, p in order if small is wanted] for wanted in (True, False))
    turns = chain.from_iterable(zip_longest(*sizes))
    return [p for p in turns if p is not None][:KEPT_STRUCTURES]


def improve(claim: Claim, witness: Witness, seed: tuple[int, ...], effort: int = 4) -> Find:
    """Descend from a case and its neighbours to the worst violation that can be reached."""
    rng = np.random.default_rng(seed)
    search = _Search(claim, rng, None, None, stops=False)
    start = Population.of(single(witness.instance, witness.stratum, witness.origin))
    start = with_frozen_fields(claim, start, claim.domain)
    nearby, _ = offspring(start, rng, PARENTS - 1, np.full(1, 0.01))
    with suppress(Stopped):
        search.descend(start.joined([nearby]), DESCENT_STEPS * effort)
    return search.find


def starts(domain: Domain, rng: np.random.Generator) -> Iterator[Population]:
    """A structure per stratum, in a random order, and its smallest version."""
    number = int(rng.integers(2**32))
    names = [name for name in domain.strata if name not in domain.told]
    if not names:
        drawn = draw_many(domain.instances, START_CASES, number, domain.tried)
        yield from populations_of(drawn, "drawn", ORIGIN)
        return
    for index in rng.permutation(len(names)):
        structure = draw_last(domain.strata[names[index]], (number + int(index)) % 2**32)
        if structure is not None:
            yield from _versions(structure, rng)


def _versions(structure: Any, rng: np.random.Generator) -> Iterator[Population]:
    size = min(START_CASES, limit_of(structure, START_CASES))
    batch = structure.batch(rng, size)
    if not batch.size:
        return
    population = Population.of(batch)
    yield population
    if set(dims_of(type(batch.instances))) >= set(population.numbers):
        smallest = population.smallest()
        yield smallest.joined([in_small_integers(smallest)])


class _Search:
    """State of one island."""

    def __init__(
        self,
        claim: Claim,
        rng: np.random.Generator,
        deadline: float | None,
        watched: Assumption | None,
        *,
        stops: bool = True,
    ) -> None:
        self.claim, self.rng, self.deadline, self.watched = claim, rng, deadline, watched
        self.stops = stops
        self.evaluations = self.meaningful = self.outside = self.drawn_outside = 0
        self.violation: Witness | None = None
        self.tightest: Witness | None = None
        self.closest = np.inf
        self.contradiction = ""

    @property
    def over(self) -> bool:
        late = self.deadline is not None and time.monotonic() > self.deadline
        return late or stopped() or (self.stops and self.settled)

    @property
    def settled(self) -> bool:
        return self.violation is not None or bool(self.contradiction)

    @property
    def find(self) -> Find:
        return Find(
            self.evaluations,
            self.meaningful,
            self.outside,
            self.drawn_outside,
            self.violation,
            self.tightest,
            self.contradiction,
        )

    def scores(self, population: Population) -> Scores:
        """Scores of a population; certifies what looks violated, remembers what is tight."""
        with explained(self.claim, population.batch):
            scores = scored(self.claim, population)
        self.evaluations += population.size
        beyond = self._beyond(population)
        self.meaningful += int(scores.valued.sum())
        self.outside += int((scores.valued & beyond).sum())
        self.drawn_outside += int(((scores.valued | scores.unknown) & beyond).sum())
        if self.stops:
            self._look_at(population, scores)
        return scores

    def _beyond(self, population: Population) -> NDArray[np.bool_]:
        """Which candidates lie outside the watched assumption."""
        if self.watched is None:
            return np.zeros(population.size, dtype=bool)
        return ~admits([self.watched], population.batch)

    def _look_at(self, population: Population, scores: Scores) -> None:
        """Certify what looks violated, remember what is tight."""
        for index in np.argsort(scores.upper)[:3]:
            if scores.upper[index] < 0 and not self.settled:
                self._certify(population, int(index), below=True)
        self._remember(population, scores)

    def _certify(
        self, population: Population, index: int, *, below: bool = False
    ) -> Decision | None:
        """Decide one candidate; `below` says that float64 bounds prove a violation."""
        witness = self._decided(population, index)
        if witness is None:
            return None
        if witness.result.decision is Decision.ORACLE_BROKEN:
            self.contradiction = f"{witness.result.unproved} ({witness.origin})"
        elif witness.result.decision is Decision.VIOLATED:
            self.violation = witness
        elif below and witness.result.decision in _HOLDING and not witness.result.unproved:
            self.contradiction = (
                "float64 bounds prove a violation which higher precision refutes: "
                f"{witness.stratum}, {witness.origin}"
            )
        return witness.result.decision

    def _decided(self, population: Population, index: int) -> Witness | None:
        instance = population.batch.case(index)
        if not is_legal(instance):
            return None
        result = decide_case(self.claim, instance, self.claim.weight)
        origin = f"{ORIGIN}; {population.origin}" if population.origin != ORIGIN else ORIGIN
        return Witness(instance, result, population.stratum, origin)

    def _remember(self, population: Population, scores: Scores) -> None:
        """Decide the non-trivial candidate nearest to equality if it is a new record."""
        usable = np.where(scores.nontrivial, scores.upper, np.inf)
        index = int(np.argmin(usable))
        if self.settled or not usable[index] < 0.5 * self.closest:
            return
        self.closest = max(float(usable[index]), 0.0)
        witness = self._decided(population, index)
        if witness is None:
            return
        if witness.result.decision is Decision.ORACLE_BROKEN:
            self.contradiction = f"{witness.result.unproved} ({witness.origin})"
        elif witness.result.decision is Decision.VIOLATED:
            self.violation = witness
        elif witness.result.decision in _HOLDING:
            best = self.tightest
            if best is None or witness.result.relative_slack < best.result.relative_slack:
                self.tightest = witness

    def rate(self, population: Population) -> tuple[float, Population]:
        """The best score of a population, and its best candidates."""
        scores = self.scores(population)
        self._look_where_floats_are_blind(population, scores)
        order = np.argsort(scores.upper)[:PARENTS]
        return float(scores.upper[order[0]]), population.take(order)

    def _look_where_floats_are_blind(self, population: Population, scores: Scores) -> None:
        """Decide some cases of which float64 knows nothing: exact kinks and ties."""
        beyond = self._beyond(population)
        for index in np.flatnonzero(scores.unknown)[:BLIND_CASES]:
            if not self.settled:
                decision = self._certify(population, int(index))
                new = beyond[index] and not scores.valued[index]
                self.outside += int(new and decision in _SETTLED)

    def evolve(self, parents: Population, generations: int) -> Population:
        """Evolution: each parent is replaced by its best child if that is better."""
        if not parents.free:
            return parents
        parents = parents.take(np.arange(PARENTS) % parents.size)
        best = self.scores(parents).upper
        steps = np.full(PARENTS, 0.5)
        for _ in range(generations):
            children, tried = offspring(parents, self.rng, CHILDREN, steps)
            scores = self.scores(children).upper.reshape(PARENTS, CHILDREN)
            if self.over:
                break
            winner = np.arange(PARENTS) * CHILDREN + scores.argmin(axis=1)
            better = scores.min(axis=1) < best
            steps = np.where(better, tried[winner], 0.7 * steps)
            best = np.minimum(best, scores.min(axis=1))
            both = parents.joined([children])
            parents = both.take(np.where(better, PARENTS + winner, np.arange(PARENTS)))
        return parents

    def descend(self, population: Population, iterations: int) -> None:
        """Quasi-Newton descent of every candidate; stops early once a violation is proved."""
        if not population.free:
            return

        def values(flat: FloatArray) -> FloatArray:
            return self.scores(population.with_flat(flat)).upper

        def gradients(flat: FloatArray) -> FloatArray:
            return slack_gradient(self.claim, population.with_flat(flat))

        # Squares of numbers beyond 1e154 overflow; a step that is no number is never better.
        with np.errstate(all="ignore"):
            flat, _ = descend(values, gradients, population.flat(), iterations, lambda: self.over)
        if not self.stops:
            final = population.with_flat(flat)
            self._look_at(final, self.scores(final))
