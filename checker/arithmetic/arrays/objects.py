"""Arrays of Python number objects: what balls, exact numbers and Taylor series have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import combinations
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.arrays.indexing import Index
from checker.errors import FormulaError

Objects = NDArray[Any]


class ObjectArray(Array):
    """A scalar, vector or matrix whose entries are number objects with `+ - * /`."""

    __slots__ = ("entries",)

    def __init__(self, entries: Objects) -> None:
        self.entries = entries

    @classmethod
    @abstractmethod
    def convert(cls, value: Any) -> Any:
        """One known number as an entry of this arithmetic."""

    @staticmethod
    @abstractmethod
    def to_float(entry: Any) -> float:
        """A float near an entry; NaN if there is none."""

    def floats(self) -> list[NDArray[np.float64]]:
        return [np.vectorize(self.to_float, otypes=[np.float64])(self.entries)]

    @classmethod
    def stacked(cls, cases: Sequence[NDArray[np.float64]]) -> Self:
        (only,) = cases
        return cls.constant(only)

    @classmethod
    def constant(cls, value: Any) -> Self:
        if known.is_short(value):
            entries = np.empty((), dtype=object)
            entries[()] = cls.convert(value)
            return cls(entries)
        values = known.numbers(value).astype(object)
        entries = np.empty(values.shape, dtype=object)
        for index, entry in np.ndenumerate(values):
            entries[index] = cls.convert(entry)
        return cls(entries)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.entries.shape

    def _permuted(self, axes: tuple[int, ...]) -> Self:
        return type(self)(self.entries.transpose(axes))

    def _reshaped(self, shape: tuple[int, ...]) -> Self:
        return type(self)(self.entries.reshape(shape))

    def _take(self, index: Index) -> Self:
        return self._wrap(self.entries[index])

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        return cls(np.concatenate([p.entries for p in parts], axis))

    def outer(self, other: Self) -> Self:
        return self._wrap(np.multiply.outer(self.entries, other.entries))

    def total(self) -> Self:
        return self._wrap(self.entries.sum())

    def _add(self, other: Self) -> Self:
        return self._wrap(self.entries + other.entries)

    def _multiply(self, other: Self) -> Self:
        return self._wrap(self.entries * other.entries)

    def _divide(self, other: Self) -> Self:
        return self._wrap(self.entries / other.entries)

    def _contract(self, other: Self) -> Self:
        return self._wrap(self.entries @ other.entries)

    def _wrap(self, result: Any) -> Self:
        # NumPy hands back the bare object where the result has no axes.
        return type(self)(result) if isinstance(result, np.ndarray) else self._scalar(result)

    def _scalar(self, entry: Any) -> Self:
        entries = np.empty((), dtype=object)
        entries[()] = entry
        return type(self)(entries)

    def _each(self, function: Callable[[Any], Any]) -> Self:
        entries = np.empty(self.shape, dtype=object)
        for index, entry in np.ndenumerate(self.entries):
            entries[index] = function(entry)
        return type(self)(entries)

    def _pairwise(self, other: Self, function: Callable[[Any, Any], Any]) -> Self:
        left, right = np.broadcast_arrays(self.entries, other.entries)
        entries = np.empty(left.shape, dtype=object)
        for index, entry in np.ndenumerate(left):
            entries[index] = function(entry, right[index])
        return type(self)(entries)

    @property
    def item(self) -> Any:
        """The one entry of a scalar."""
        return self.entries.item()


# -- symmetric matrices ---------------------------------------------------------------------------

# Eigenvalues are those of symmetric matrices; of others they need not be real. A matrix is refused
# where its entries show that it is not symmetric: by disjoint balls, or exactly; float64 then knows
# nothing of it, and leaves the case to balls. Where enclosures overlap, what is enclosed are the
# eigenvalues of its symmetric part, which is all of a symmetric matrix. The closest case of a claim
# that takes eigenvalues is evaluated exactly, too.

_ASKED: ContextVar[list[str] | None] = ContextVar("_ASKED", default=None)


@contextmanager
def noticed_eigenvalues() -> Iterator[list[str]]:
    """Not empty once eigenvalues have been asked for in the block."""
    before = _ASKED.get()
    asked: list[str] = []
    _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.set(before)


def require_symmetric(matrix: Any, differ: Callable[[Any, Any], bool]) -> None:
    """Raise FormulaError for an array of objects that is seen not to be a symmetric matrix.

    `differ` says of two entries whether they are proved to be different.
    """
    require_spectrum(matrix)
    entries = matrix.entries
    for i, j in combinations(range(len(entries)), 2):
        if differ(entries[i, j], entries[j, i]):
            raise FormulaError(
                "eigenvalues need a symmetric matrix, and of this one the entries "
                f"[{i}, {j}] and [{j}, {i}] differ",
                why="eigenvalues of other matrices need not be real",
                hint="use (A + A.T) / 2, spectral_norm(A) for the greatest singular value, or an "
                'argument A: symmetric("n")',
            )


def require_spectrum(matrix: Any) -> None:
    """Note that eigenvalues are asked for; raise FormulaError unless the matrix is square."""
    asked = _ASKED.get()
    if asked is not None:
        asked.append("eigenvalues")
    require_square(matrix, "a function of eigenvalues")


def require_square(matrix: Any, what: str) -> int:
    """The order of a square matrix; raises FormulaError for another array."""
    if len(matrix.shape) != 2 or matrix.shape[0] != matrix.shape[1]:
        raise FormulaError(
            f"{what} takes a square matrix, not an array of shape {matrix.shape}",
            hint="for singular values use spectral_norm(matrix) or singular_values(matrix)",
        )
    return int(matrix.shape[0])
