"""Experiments of claims about probabilities: drawn, counted, and drawn again from their seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from checker.arithmetic.binomial import Trials
from checker.arithmetic.decide import BatchResult
from checker.claims.claim import Domain
from checker.claims.pooled import Drawn, checksum_of, proved_failures
from checker.instances.draws import draw_last
from checker.instances.fields import Batch
from checker.instances.protocols import Structure, limit_of
from checker.search.budgets import PROBE_CASES


def probe_of(structure: Structure, rng: np.random.Generator, most: int = PROBE_CASES) -> Batch:
    """The first batch of a structure."""
    return structure.batch(rng, min(most, limit_of(structure, most)))


def drawn_from(batch: Batch, trials: Callable[[Any], Trials], seed: tuple[int, ...]) -> list[Drawn]:
    """The experiments of a batch, without failures so far."""
    runs = trials(batch.instances)
    return [
        Drawn(batch.stratum, seed, i, runs, 0, checksum_of(batch.case(i)))
        for i in range(batch.size)
    ]


def count_failures(found: list[Drawn], admitted: Any, size: int, result: BatchResult) -> None:
    """Put down the failures of the admitted experiments among the last `size`."""
    first = len(found) - size
    for place, index in enumerate(admitted):
        failures = proved_failures(result.result(place))
        found[first + int(index)] = replace(found[first + int(index)], failures=failures)


def experiments_again(domain: Domain, drawn: Sequence[Drawn]) -> list[Any]:
    """Experiments of one task of an earlier campaign; None where its seed gives another one."""
    first = drawn[0]
    rng = np.random.default_rng(first.seed)
    number = int(rng.integers(2**32))
    strategy = domain.strata.get(first.stratum)
    structure = None if strategy is None else draw_last(strategy, number)
    if structure is None:
        return [None] * len(drawn)
    batch = probe_of(structure, rng)
    found = [batch.case(e.index) if e.index < batch.size else None for e in drawn]
    return [
        x if x is not None and checksum_of(x) == e.checksum else None
        for x, e in zip(found, drawn, strict=True)
    ]
