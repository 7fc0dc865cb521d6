"""Corners of structures that a family has already: its numbers, moved into each corner.

`checker.instances.corners.strata_of` draws the numbers of a class from its annotations alone. A
family of the catalogue knows more: which losses, networks, scales belong together. Here its own
structures draw, and a corner changes what they drew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis.strategies import SearchStrategy

from checker.instances.corners import MOST, Corner, corners_of, legal
from checker.instances.domains import domains_of
from checker.instances.fields import (
    Batch,
    FloatArray,
    dims_of,
    numbers_of,
    sizes_of,
    with_numbers,
)
from checker.instances.protocols import Structure, limit_of

# Cases of a corner at a time: as many as a probe. Each is asked of its class, one by one.
CORNER_BATCH = 16


@dataclass(frozen=True, eq=False)
class Cornered:
    """A structure whose cases are moved into a corner, but for the numbers that are `fixed`."""

    base: Structure
    corner: Corner
    fixed: frozenset[str] = frozenset()

    @property
    def max_batch(self) -> int:
        """As few as the structure makes at once, if these are fewer."""
        return min(CORNER_BATCH, limit_of(self.base, CORNER_BATCH))

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """At most `size` cases: those that the class accepts."""
        drawn = self.base.batch(rng, size)
        if not drawn.size:
            return drawn
        domains = domains_of(type(drawn.instances))
        numbers = _numbers_for(self.corner, drawn, self.fixed)
        with np.errstate(all="ignore"):
            self.corner.change(numbers, rng)
            moved = {n: a if (d := domains[n]) is None else d.into(a) for n, a in numbers.items()}
        made = with_numbers(drawn.instances, **moved)
        return legal(Batch(made, drawn.size, self.corner.name, drawn.origin, drawn.notes))


def cornered_strata(
    cls: type, base: SearchStrategy[Any], left_out: Iterable[str] = (), fixed: Iterable[str] = ()
) -> dict[str, SearchStrategy[Cornered]]:
    """Corner -> the structures of `base` in it, for every corner that is not left out.

    Where sizes matter, structures are drawn until one has them; of a batch it is seen which it has.

    Parameters
    ----------
    cls
        The class of the instances that `base` makes.
    base
        Structures of the family.
    left_out
        Names of corners.
    fixed
        Fields that keep their numbers: corners that would move them are left out.
    """
    kept = frozenset(fixed)
    return {
        corner.name: _in_corner(base, corner, kept)
        for corner in corners_of(cls)
        if corner.name not in set(left_out) and not kept & set(corner.fields)
    }


def _in_corner(
    base: SearchStrategy[Any], corner: Corner, fixed: frozenset[str]
) -> SearchStrategy[Cornered]:
    limits = {x: ends for x, ends in corner.sizes.items() if ends != (1, MOST)}
    fitting = base.filter(lambda s: _fits(s, limits)) if limits else base
    return fitting.map(lambda structure: Cornered(structure, corner, fixed))


def _fits(structure: Structure, limits: Mapping[str, tuple[int, int]]) -> bool:
    """Whether a dimension is 1 that has to be, or more; how much more is up to the family."""
    drawn = structure.batch(np.random.default_rng(0), 1)
    if not drawn.size:
        return False
    found = _sizes(drawn)
    return all((found[x] == 1) == (high == 1) for x, (_, high) in limits.items())


def _sizes(batch: Batch) -> dict[str, int]:
    return sizes_of(batch.instances, batch_axes=1)


def _numbers_for(corner: Corner, batch: Batch, fixed: frozenset[str]) -> dict[str, FloatArray]:
    """A copy of what the corner moves, one for each case; weights where there are none yet.

    A corner of all fields moves those whose domains say what they hold.
    """
    cls, given = type(batch.instances), numbers_of(batch.instances)
    dims, domains = dims_of(cls), domains_of(cls)
    moved = corner.fields or [name for name in dims if domains[name] and name not in fixed]
    numbers = {
        name: np.array(np.broadcast_to(a, (*a.shape[:-1], batch.size)))
        for name, a in given.items()
        if name in moved
    }
    for name in corner.adds:
        shape = dims[name].shape(_sizes(batch))
        numbers.setdefault(name, np.ones((*shape, batch.size)))
    return numbers
