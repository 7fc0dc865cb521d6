"""Small violations by a scan: the least dimensions, small integers, all cases at once.

A violation that lives on an equation (a kink, an equality case) cannot be reduced index by index,
since every step leaves it. Often small integers satisfy the same equation in one dimension.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.instances.fields import (
    FloatArray,
    dims_of,
    simpler_versions,
    single,
)
from checker.instances.legal import is_legal
from checker.search.budgets import KEPT_SEVERITY, SCAN_CASES, SCAN_PROOFS
from checker.search.guided.population import Population
from checker.search.guided.score import scored, with_frozen_fields
from checker.search.reduction.shrink import with_step


def smaller_violation(claim: Claim, witness: Witness) -> Witness | None:
    """A proved violation in one dimension and small integers, about as grave; None if none shows.

    Tried with what the class calls simpler in fields that are no numbers (a loss), then as it is.
    Labels stay as they are.
    """
    for instance in (*simpler_versions(witness.instance), witness.instance):
        found = _scanned(claim, witness, instance)
        if found is not None:
            return found
    return None


def _scanned(claim: Claim, witness: Witness, prototype: Any) -> Witness | None:
    start = Population.of(single(prototype, witness.stratum, witness.origin))
    if not set(dims_of(type(prototype))) >= set(start.numbers):
        return None
    start = with_frozen_fields(claim, start, claim.domain).smallest()
    # Random numbers do not meet assumptions that tie down most fields, such as a zero gradient.
    if len(start.free) <= len(start.frozen):
        return None
    threshold = KEPT_SEVERITY * witness.result.relative_slack
    for index, scan in _candidates(claim, start, threshold):
        instance = scan.batch.case(index)
        if not is_legal(instance):
            continue
        result = decide_alone(claim, instance, claim.weight)
        if result.decision is Decision.VIOLATED and result.relative_slack <= threshold:
            small = Witness(instance, result, witness.stratum, witness.origin, witness.path)
            return with_step(small, "scan of small integers")
    return None


def _candidates(
    claim: Claim, start: Population, threshold: float
) -> Iterator[tuple[int, Population]]:
    """Cases worth a proof, the simplest first: violated in float64, or unknown to it."""
    rng = np.random.default_rng(0)
    numbers = {name: np.repeat(a, SCAN_CASES, axis=-1) for name, a in start.numbers.items()}
    for name in start.free:
        numbers[name] = _small_integers(rng, numbers[name].shape)
    for name, dims in dims_of(type(start.prototype)).items():
        if dims.domain == "positive":
            numbers[name] = 1 + np.abs(_small_integers(rng, numbers[name].shape))
    scan = start.with_numbers(numbers).within()
    scan = scan.take(np.unique(_columns(scan), axis=1, return_index=True)[1])
    scores = scored(claim, scan)
    for chosen in (np.flatnonzero(scores.upper <= threshold), np.flatnonzero(scores.unknown)):
        for index in chosen[np.argsort(_sizes(scan)[chosen], kind="stable")][:SCAN_PROOFS]:
            yield int(index), scan


def _small_integers(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Mostly 0 and ±1: equality cases couple many numbers, seldom more than one is large."""
    small = rng.random(shape) < 0.6
    return np.where(small, rng.integers(-1, 2, shape), rng.integers(-4, 5, shape)) * 1.0


def _sizes(population: Population) -> FloatArray:
    """Sum of the magnitudes of all numbers, per case; signs decide between equals."""
    flat = _columns(population)
    size: FloatArray = (np.abs(flat) + (flat < 0) / 64).sum(axis=0)
    return size


def _columns(population: Population) -> FloatArray:
    """All numbers, a column per case."""
    return np.concatenate([a.reshape(-1, population.size) for a in population.numbers.values()])
