"""Simplifications that change several numbers at once, which no change of one of them could reach.

Equal numbers stay equal, differences or sums stay what they are, a field becomes a constant, a
diagonal or of rank one. Each candidate is simpler than the instance, so that the reducer ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from checker.instances.fields import FloatArray, numbers_of
from checker.search.reduction.moves import changeable, changed, complexity, simpler

Numbers = dict[str, FloatArray]

# Pairs are tried among so many numbers at most.
_PAIRED = 12
# Of so many values that occur more than once, the simpler ones are tried.
_REPEATED = 4
_GRIDS = (0, 1, 3, 6)


def together(instance: Any) -> Iterator[Any]:
    """The instance with all numbers, those of a field, or equal ones changed at once."""
    fields = dict(changeable(instance))
    yield from _simpler(instance, _of_fields(fields))


def in_pairs(instance: Any) -> Iterator[Any]:
    """The instance with two numbers changed: by the same, or so that their sum stays."""
    fields = dict(changeable(instance))
    places = [(name, i) for name, a in fields.items() for i in np.ndindex(a.shape)]
    if len(places) <= _PAIRED:
        yield from _simpler(instance, _of_pairs(fields, places))


def _simpler(instance: Any, candidates: Iterator[Mapping[str, FloatArray]]) -> Iterator[Any]:
    before = _measure(instance)
    for numbers in candidates:
        for candidate in changed(instance, numbers):
            if _measure(candidate) < before:
                yield candidate


def _measure(instance: Any) -> tuple[Any, ...]:
    """Bits, magnitude and signs of all numbers, then their order: less is simpler."""
    flat = [float(x) for a in numbers_of(instance).values() for x in a.flat]
    bits = sum(complexity(x)[0] for x in flat if math.isfinite(x))
    return bits, sum(map(abs, flat)), sum(x < 0 for x in flat), flat


# -- fields -----------------------------------------------------------------------------------


def _of_fields(fields: Numbers) -> Iterator[Numbers]:
    for name, a in fields.items():
        if a.size > 1:
            yield from ({name: new} for new in _shaped(a))
    for group in (fields, *({name: a} for name, a in fields.items())):
        if sum(a.size for a in group.values()) > 1:
            yield from _scaled(group)
            yield from _shifted(group)
            yield from _rounded(group)
            yield {name: -a for name, a in group.items()}
    yield from _equal(fields)
    yield from ({name: np.sort(a, axis=-1)} for name, a in fields.items() if a.ndim)


def _shaped(a: FloatArray) -> Iterator[FloatArray]:
    """Constant, diagonal, of equal rows or columns, of rank one."""
    yield from (np.full_like(a, x) for x in (1.0, -1.0, float(a.flat[0])))
    if a.ndim == 2:
        if a.shape[0] == a.shape[1]:
            yield from (np.eye(len(a)), a * np.eye(len(a)))
        yield np.repeat(a[:1], len(a), axis=0)
        yield np.repeat(a[:, :1], a.shape[1], axis=1)
        yield np.outer(a[:, 0], a[0])


def _scaled(group: Numbers) -> Iterator[Numbers]:
    """By a common factor: so that some number becomes 1, or the greatest about 1."""
    flat = np.concatenate([a.ravel() for a in group.values()])
    sizes = np.unique(np.abs(flat[(flat != 0) & np.isfinite(flat)]))
    if not sizes.size:
        return
    powers = 2.0 ** np.floor(np.log2(sizes[[0, -1]]))
    for factor in dict.fromkeys((*sizes[[0, -1]].tolist(), *powers.tolist())):
        with np.errstate(all="ignore"):
            yield {name: a / factor for name, a in group.items()}


def _shifted(group: Numbers) -> Iterator[Numbers]:
    flat = np.concatenate([a.ravel() for a in group.values()])
    for by in _shifts(float(flat.min()), float(flat.max())):
        yield {name: a - by for name, a in group.items()}


def _shifts(low: float, high: float) -> Iterator[float]:
    """What may be taken off two numbers, the most first: until the less is 0, 1 or half."""
    for end in dict.fromkeys((low, high)):
        if math.isfinite(end):
            yield from (end, end - math.copysign(1.0, end), float(np.trunc(end / 2)))


def _rounded(group: Numbers) -> Iterator[Numbers]:
    for k in _GRIDS:
        yield {name: np.round(a * 2.0**k) / 2.0**k for name, a in group.items()}


def _equal(fields: Numbers) -> Iterator[Numbers]:
    """Numbers of one size, in all fields, replaced by a simpler one of their signs."""
    flat = np.abs(np.concatenate([a.ravel() for a in fields.values()] or [np.zeros(0)]))
    sizes, counts = np.unique(flat[np.isfinite(flat)], return_counts=True)
    often = sizes[(counts > 1) & (sizes > 0)]
    for size in often[np.argsort(-counts[(counts > 1) & (sizes > 0)])][:_REPEATED]:
        for x in (x for x in simpler(float(size)) if x > 0):
            yield {
                name: np.where(np.abs(a) == size, np.copysign(x, a), a)
                for name, a in fields.items()
            }


# -- pairs ------------------------------------------------------------------------------------


def _of_pairs(fields: Numbers, places: list[tuple[str, Any]]) -> Iterator[Numbers]:
    for (a, i), (b, j) in combinations(places, 2):
        x, y = float(fields[a][i]), float(fields[b][j])
        moved = [(x - by, y - by) for by in _shifts(*sorted((x, y), key=abs))]
        for new in (*moved, (0.0, x + y), (x + y, 0.0)):
            numbers = {name: fields[name].copy() for name in (a, b)}
            numbers[a][i], numbers[b][j] = new
            yield numbers
