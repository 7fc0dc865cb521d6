"""The float rung against balls: do the proved bounds contain the numbers that they bound?

A verdict STANDS rests on float64 bounds for almost all cases, and nothing in a campaign would
notice if these were too small. So the gate compares both sides of random cases of every stratum
with their enclosures at 128 bits. A campaign of some thousand cases also has too few structures to
meet every loss; here many are drawn, with few cases each, and the oracles are asked for each.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

import numpy as np

from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.decide import (
    BatchResult,
    CaseResult,
    Decision,
    decide_with_balls,
    screen_batch,
)
from checker.claims.claim import Claim
from checker.claims.verdict import Tally
from checker.gate.budgets import RUNG_CASES, RUNG_STRUCTURES
from checker.instances.draws import draw_last
from checker.instances.fields import Batch
from checker.search.campaign import consult_oracles
from checker.search.engines.crew import Job
from checker.search.engines.recipe import Recipe, by_ids
from checker.search.engines.remote import crew_of
from checker.search.guided.score import admits
from checker.stopping import check


@dataclass(frozen=True)
class Probe:
    """What random cases of every stratum of a claim show.

    Attributes
    ----------
    known
        Share of the cases in which float64 knew both sides.
    bounds
        What is wrong with float64 bounds.
    disagreements
        Independent computations of one quantity that disagree.
    """

    known: float
    bounds: list[str]
    disagreements: list[str]


@dataclass(frozen=True)
class Probing(Job):
    """The probe of one claim, by its id."""

    name: str
    seed: int

    def subject(self) -> str:
        """The claim."""
        return self.name

    def done(self, place: Mapping[str, Claim]) -> Probe:
        """Do it."""
        return probe(place[self.name], self.seed)


def probes(
    claims: Sequence[Claim], seed: int, jobs: int, executor: Executor | None = None
) -> Iterator[tuple[int, Probe]]:
    """The probe of each claim, with its number, in order."""
    crew = crew_of(executor, by_ids(claims), lambda: Recipe.of(claims, by_ids))
    return crew.in_order([Probing(claim.id, seed) for claim in claims], jobs)


def probe(claim: Claim, seed: int) -> Probe:
    """Draw structures of every stratum, and compare on each what must agree."""
    drawn = compared = 0
    bounds, tally = [], Tally()
    for batch, rng in _batches(claim, seed):
        known, found = float_rung_faults(claim, batch)
        drawn, compared = drawn + batch.size, compared + known
        bounds += [f"{batch.stratum}: {text}" for text in found]
        consult_oracles(tally, claim, batch, rng)
    return Probe(compared / max(drawn, 1), bounds, tally.disagreements)


def _batches(claim: Claim, seed: int) -> Iterator[tuple[Batch, np.random.Generator]]:
    """Batches within the claim's assumptions, each with its generator."""
    strategies = enumerate(claim.domain.strata.values())
    for (index, strategy), number in product(strategies, range(RUNG_STRUCTURES)):
        rng = np.random.default_rng((seed, zlib.crc32(claim.id.encode()), index, number))
        structure = draw_last(strategy, int(rng.integers(2**32)))
        batch = structure and structure.batch(rng, RUNG_CASES)
        # A search for special points may come back without one.
        if not batch or not batch.size:
            continue
        admitted = batch.part(np.flatnonzero(admits(claim.assuming, batch)))
        if admitted.size:
            yield admitted, rng


def float_rung_faults(claim: Claim, batch: Batch) -> tuple[int, list[str]]:
    """(cases in which float64 knew both sides, what is wrong with its bounds)."""
    floats = screen_batch(claim, batch, claim.weight)
    known, faults = 0, []
    for index in range(batch.size):
        check()
        balls = decide_with_balls(claim, batch.case(index), BALL_PRECISIONS[0], claim.weight)
        finite = _finite(floats, index)
        known += finite
        faults += _faults(floats, index, finite, balls)
    return known, faults


def _finite(floats: BatchResult, index: int) -> bool:
    sides = (floats.lhs, floats.lhs_radius, floats.rhs, floats.rhs_radius)
    return all(math.isfinite(x[index]) for x in sides)


def _faults(floats: BatchResult, index: int, finite: bool, balls: CaseResult) -> list[str]:
    found = []
    if floats.held[index] and not finite:
        found.append("float64 proves a case of which it knows nothing")
    if floats.held[index] and balls.decision is Decision.VIOLATED:
        found.append("float64 proves a case that is violated")
    for name in ("lhs", "rhs") if finite else ():
        apart = _apart(floats, index, balls, name)
        if apart:
            found.append(apart)
    return found


def _apart(floats: BatchResult, index: int, balls: CaseResult, name: str) -> str:
    """What is wrong with the enclosure of a side; empty if it overlaps that of the balls."""
    value, radius = (float(getattr(floats, f"{name}{x}")[index]) for x in ("", "_radius"))
    middle, known = getattr(balls, name), getattr(balls, f"{name}_radius")
    if not (math.isfinite(middle) and math.isfinite(known)):
        return ""
    if abs(Fraction(value) - Fraction(middle)) <= Fraction(radius) + Fraction(known):
        return ""
    return f"{name} = {middle!r} is outside {value!r} ± {radius!r}"
