"""Populations: many candidates of one structure, changed all at once.

The guided search sees an instance as named arrays of numbers, and stays in the domains that their
annotations declare. Fields that only the class can judge (labels, weights) are exchanged between
candidates; fields without an annotation stay as they were drawn, as all fields do of which only a
strategy knows what it draws.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.instances.fields import (
    Batch,
    FloatArray,
    dimensions_of,
    dims_of,
    is_whole,
    numbers_of,
    others_kept,
    with_fields,
    with_numbers,
)
from checker.instances.legal import movable

Numbers = dict[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Population:
    """`size` candidates of one structure.

    Attributes
    ----------
    prototype
        An instance that carries everything but the numbers (the loss, names).
    numbers
        Field -> array of shape (core..., size).
    stratum, origin
        Where the structure came from.
    frozen
        Fields that must not change: every change breaks an assumption (w, where w = 0), they are
        given (real data), or only their strategy knows what else it draws.
    cut
        Whether it has fewer indices than what was drawn.
    """

    prototype: Any
    numbers: Numbers
    size: int
    stratum: str
    origin: str
    frozen: frozenset[str] = frozenset()
    cut: bool = False

    @classmethod
    def of(cls, batch: Batch) -> Population:
        """The cases of a batch; what the whole batch shares, such as data, stays as it is."""
        given = numbers_of(batch.instances)
        shared = frozenset(n for n, a in given.items() if a.shape[-1] == 1 < batch.size)
        numbers = {
            name: np.array(np.broadcast_to(a, (*a.shape[:-1], batch.size)))
            for name, a in given.items()
        }
        return cls(batch.instances, numbers, batch.size, batch.stratum, batch.origin, shared)

    @property
    def batch(self) -> Batch:
        """The candidates as a batch."""
        instances = with_numbers(self.prototype, **self.numbers)
        return Batch(instances, self.size, self.stratum, self.origin)

    @property
    def free(self) -> list[str]:
        """Names of the fields that may change."""
        domains = movable(type(self.prototype))
        return [n for n in self.numbers if n in domains and n not in self.frozen]

    @property
    def opaque(self) -> list[str]:
        """Names of the fields of which the class alone knows what they may hold."""
        declared, domains = dims_of(type(self.prototype)), movable(type(self.prototype))
        known = (n for n in self.numbers if n in declared and n not in domains)
        return sorted(n for n in known if n not in self.frozen)

    def within(self) -> Population:
        """The candidates with every number taken back into its domain."""
        domains, numbers = movable(type(self.prototype)), dict(self.numbers)
        for name in self.free:
            if domains[name].name != "real":
                numbers[name] = domains[name].into(numbers[name])
            if is_whole(self.prototype, name):
                numbers[name] = np.rint(numbers[name])
        return dataclasses.replace(self, numbers=numbers)

    def with_numbers(self, numbers: Numbers) -> Population:
        """The same structure with other candidates."""
        size = next(iter(numbers.values())).shape[-1] if numbers else 0
        return dataclasses.replace(self, numbers=numbers, size=size)

    def take(self, indices: Any) -> Population:
        """The chosen candidates."""
        return self.with_numbers({n: a[..., indices] for n, a in self.numbers.items()})

    def joined(self, others: Sequence[Population]) -> Population:
        """This population and others of the same structure."""
        parts = [self.numbers, *(o.numbers for o in others)]
        return self.with_numbers({n: np.concatenate([p[n] for p in parts], -1) for n in parts[0]})

    def flat(self) -> FloatArray:
        """All free numbers, (count, size)."""
        return np.concatenate([self.numbers[n].reshape(-1, self.size) for n in self.free])

    def with_flat(self, flat: FloatArray) -> Population:
        """The candidates with these free numbers; others are repeated in order."""
        repeats = flat.shape[1] // self.size
        numbers = {n: np.tile(a, repeats) for n, a in self.numbers.items()}
        start = 0
        for name in self.free:
            core = self.numbers[name].shape[:-1]
            count = int(np.prod(core))
            numbers[name] = flat[start : start + count].reshape(*core, flat.shape[1])
            start += count
        return self.with_numbers(numbers).within()

    def smallest(self) -> Population:
        """The candidates with one index left along every named dimension, two along `T+1`."""
        dims = dims_of(type(self.prototype))
        numbers = {
            name: a[tuple(slice(bool(dim) + longer) for dim, longer in dims[name].axes)]
            if name in dims
            else a
            for name, a in self.numbers.items()
        }
        prototype = self.prototype
        for dim in dimensions_of(type(prototype)):
            prototype = with_fields(prototype, **others_kept(prototype, dim, [0]))
        small = dataclasses.replace(self, prototype=prototype, cut=True)
        return small.with_numbers({n: np.ascontiguousarray(a) for n, a in numbers.items()}).within()


def populations_of(instances: Sequence[Any], stratum: str, origin: str) -> Iterator[Population]:
    """Single instances, gathered by structure: the same shapes and the same other fields."""
    groups: dict[Any, list[Any]] = {}
    for instance in instances:
        numbers = numbers_of(instance)
        others = tuple(
            repr(getattr(instance, f.name))
            for f in dataclasses.fields(instance)
            if f.name not in numbers
        )
        shapes = tuple((name, a.shape) for name, a in numbers.items())
        groups.setdefault((type(instance), others, shapes), []).append(instance)
    for members in groups.values():
        stacked = [numbers_of(x) for x in members]
        numbers = {name: np.stack([x[name] for x in stacked], axis=-1) for name in stacked[0]}
        if numbers:
            yield Population(members[0], numbers, len(members), stratum, origin)


# -- changes ----------------------------------------------------------------------------------


def offspring(
    parents: Population, rng: np.random.Generator, count: int, steps: FloatArray
) -> tuple[Population, FloatArray]:
    """`count` changed copies of each parent, in order of the parents, and their step sizes."""
    children = parents.take(np.repeat(np.arange(parents.size), count))
    steps = np.repeat(steps, count) * np.exp(0.5 * rng.standard_normal(children.size))
    numbers = dict(children.numbers)
    for name in children.free:
        numbers[name] = _perturbed(numbers[name], rng, steps)
    _special_moves(numbers, children, rng)
    return children.with_numbers(numbers).within(), steps


def _perturbed(a: FloatArray, rng: np.random.Generator, steps: FloatArray) -> FloatArray:
    """Gaussian steps: relative to each entry or to the field, in all entries or a few."""
    size = a.shape[-1]
    typical = np.sqrt((a**2).mean(axis=tuple(range(a.ndim - 1)))) if a.ndim > 1 else np.abs(a)
    typical = np.where(typical > 0, typical, 1.0)
    scale = np.where(rng.random(size) < 0.5, np.abs(a), typical)
    density = rng.choice([0.0, 0.2, 1.0], size)
    change: FloatArray = steps * scale * rng.standard_normal(a.shape)
    return np.where(rng.random(a.shape) < density, a + change, a)


def _special_moves(numbers: Numbers, of: Population, rng: np.random.Generator) -> None:
    """On a few candidates each: a whole field rescaled, zeroed in part, rounded, copied."""
    for name in of.free:
        a = numbers[name]
        for share, move in _MOVES:
            chosen = np.flatnonzero(rng.random(of.size) < share)
            if chosen.size:
                a[..., chosen] = move(a[..., chosen], rng)
    for first, second in _alike(of):
        chosen = np.flatnonzero(rng.random(of.size) < 0.02)
        sign = rng.choice([-1.0, 1.0], chosen.size)
        numbers[first][..., chosen] = sign * numbers[second][..., chosen]
    for name in of.opaque:
        chosen = np.flatnonzero(rng.random(of.size) < 0.1)
        numbers[name] = numbers[name].copy()
        numbers[name][..., chosen] = of.numbers[name][..., rng.integers(of.size, size=chosen.size)]


def _rescaled(a: FloatArray, rng: np.random.Generator) -> FloatArray:
    factors: FloatArray = a * 10.0 ** rng.uniform(-2, 2, a.shape[-1])
    return factors


def _zeroed(a: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.where(rng.random(a.shape) < rng.choice([0.3, 1.0], a.shape[-1]), 0.0, a)


def _rounded(a: FloatArray, rng: np.random.Generator) -> FloatArray:
    grid = 2.0 ** rng.integers(0, 4, a.shape[-1])
    return np.rint(a * grid) / grid


def _flipped(a: FloatArray, rng: np.random.Generator) -> FloatArray:
    return np.where(rng.random(a.shape) < 0.3, -a, a)


_MOVES = ((0.02, _rescaled), (0.02, _zeroed), (0.02, _rounded), (0.02, _flipped))


def _alike(population: Population) -> list[tuple[str, str]]:
    """Pairs of free fields with the same dimensions, such as w and w*."""
    dims = dims_of(type(population.prototype))
    named = [n for n in population.free if n in dims and dims[n].names]
    return [(a, b) for a in named for b in named if a != b and dims[a].names == dims[b].names]


def in_small_integers(population: Population) -> Population:
    """The candidates with free fields rounded to integers."""
    return population.with_numbers(
        {n: np.rint(1.5 * a) if n in population.free else a for n, a in population.numbers.items()}
    ).within()
