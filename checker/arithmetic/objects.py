"""Arrays of Python number objects: what balls, exact numbers and Taylor series have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.array import Array
from checker.arithmetic.indexing import Index

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
