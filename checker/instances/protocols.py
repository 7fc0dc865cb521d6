"""What structures and instances are asked for, beyond being dataclasses of numbers.

A structure has to have `batch`. All else is optional: it is asked for by name, and a class that has
nothing to say leaves it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from checker.instances.fields import Batch
from checker.instances.plane import Plane


@runtime_checkable
class Structure(Protocol):
    """Everything about a batch but its numbers, which come from a generator."""

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """At most `size` cases; fewer where attempts give none."""
        ...


@runtime_checkable
class Limited(Structure, Protocol):
    """A structure whose cases are costly."""

    @property
    def max_batch(self) -> int:
        """How many it makes at once at most."""
        ...


@runtime_checkable
class Checked(Protocol):
    """An instance whose class ties its numbers together, beyond shapes and domains."""

    def is_valid(self) -> bool:
        """Whether they are as it asks; the reducer and the search leave the others alone."""
        ...


@runtime_checkable
class Simplifiable(Protocol):
    """An instance that knows what is simpler in fields that are no numbers, such as its loss."""

    def simpler(self) -> Iterable[Any]:
        """The same with simpler ones, the simplest first."""
        ...


@runtime_checkable
class Refusing(Protocol):
    """An instance whose numbers belong together, such as those of a recorded run."""

    def check_change(self) -> None:
        """Raise InputError where none of them may be changed alone."""
        ...


@runtime_checkable
class Pictured(Protocol):
    """An instance that can be drawn."""

    def plane(self) -> Plane | None:
        """A function on a plane, or None."""
        ...


@runtime_checkable
class Following(Protocol):
    """A field that holds no numbers and has an entry for each index of a dimension."""

    def kept(self, dim: str, indices: Sequence[int]) -> Any:
        """The same for some of the indices."""
        ...


def limit_of(structure: Structure, otherwise: int) -> int:
    """How many cases a structure makes at once at most."""
    return int(structure.max_batch) if isinstance(structure, Limited) else otherwise
