"""The float rung against balls: do the proved bounds contain the numbers that they bound?

A verdict STANDS rests on float64 bounds for almost all cases, and nothing in a campaign would
notice if these were too small. So the gate compares both sides of random cases of every stratum
with their enclosures at 128 bits.
"""

from __future__ import annotations

import math
import zlib
from fractions import Fraction

import numpy as np

from checker.arithmetic.decide import (
    BatchResult,
    CaseResult,
    Decision,
    decide_with_balls,
    screen_batch,
)
from checker.arithmetic.instances import Batch
from checker.claim import Claim
from checker.constants import BALL_PRECISIONS, RUNG_CASES
from checker.search.draws import draw_last
from checker.search.score import admits


def rung_faults(claim: Claim, seed: int) -> tuple[float, list[str]]:
    """(share of cases in which float64 knew both sides, faults) over all strata of a claim."""
    drawn, compared, faults = 0, 0, []
    for index, (name, strategy) in enumerate(claim.domain.strata.items()):
        stem = (seed, zlib.crc32(claim.id.encode()), index)
        structure = draw_last(strategy, int(np.random.default_rng(stem).integers(2**32)))
        if structure is None:
            continue
        batch = structure.batch(np.random.default_rng(stem), RUNG_CASES)
        admitted = batch.part(np.flatnonzero(admits(claim.assuming, batch)))
        known, found = float_rung_faults(claim, admitted)
        drawn, compared = drawn + admitted.size, compared + known
        faults += [f"{name}: {text}" for text in found]
    return compared / max(drawn, 1), faults


def float_rung_faults(claim: Claim, batch: Batch) -> tuple[int, list[str]]:
    """(cases in which float64 knew both sides, what is wrong with its bounds)."""
    if not batch.size:
        return 0, []
    floats = screen_batch(claim, batch, claim.weight)
    known, faults = 0, []
    for index in range(batch.size):
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
    return f"{name} = {middle!r} is outside {value!r} ± {radius:.1e}"
