"""Throughput as a ratio within one run: decided cases/s over two references.

"plain" is the same formula in float64 without bounds, on cases that are there already; "numpy"
draws as many numbers and takes a norm, and shares no code with the checker. A slower machine slows
all of them down. Times are processor times, and each ratio is a median over structures, so that
other work on the machine matters little.
"""

from __future__ import annotations

import statistics
import time
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from checker.arithmetic.decide import decide_batch
from checker.arithmetic.lifting import lifted
from checker.arithmetic.plain import Plain
from checker.claims.claim import Claim
from checker.gate.budgets import THROUGHPUT_CASES, THROUGHPUT_ROUNDS, THROUGHPUT_SECONDS
from checker.instances.draws import draw_last
from checker.instances.fields import Batch
from checker.instances.protocols import limit_of


def throughput(claim: Claim, seed: int) -> dict[str, float]:
    """Reference -> decided cases/s over its cases/s; empty for a domain without large batches."""
    planned = claim.domain.cases
    few = planned is not None and planned < THROUGHPUT_CASES
    if few or not claim.domain.strata or claim.domain.found:
        return {}
    strategy = next(iter(claim.domain.strata.values()))
    rounds = [_round(claim, strategy, (seed, r)) for r in range(THROUGHPUT_ROUNDS)]
    medians = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
    # Three significant digits: costly claims have ratios far below 1.
    return {name: float(f"{ratio:.3g}") for name, ratio in medians.items()}


def _round(claim: Claim, strategy: Any, stem: tuple[int, ...]) -> dict[str, float]:
    number = zlib.crc32(repr((claim.id, stem)).encode())
    structure: Any = draw_last(strategy, number)
    rng = np.random.default_rng(stem)
    size = min(limit_of(structure, THROUGHPUT_CASES), THROUGHPUT_CASES)
    made: Batch = structure.batch(rng, size)
    arrays = (a for a in vars(made.instances).values() if isinstance(a, np.ndarray))
    numbers = sum(a.size for a in arrays) // made.size + 1

    def decided() -> None:
        decide_batch(claim, structure.batch(rng, size), claim.weight)

    def plain() -> None:
        with np.errstate(all="ignore"):
            inequality = claim(lifted(made.instances, Plain))
            np.count_nonzero(inequality.lhs.value >= inequality.rhs.value)

    def numpy() -> None:
        x = rng.standard_normal((numbers, made.size))
        np.sqrt((x * x).sum(axis=0))

    rate = _rate(decided)
    return {"plain": rate / _rate(plain), "numpy": rate / _rate(numpy)}


def _rate(work: Callable[[], None]) -> float:
    """Runs per second of processor time, after one that does not count."""
    work()
    start, runs = time.process_time(), 0
    while time.process_time() - start < THROUGHPUT_SECONDS:
        work()
        runs += 1
    return runs / (time.process_time() - start)
