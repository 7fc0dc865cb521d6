"""What all arithmetics whose numbers are made of arrays of another have alike."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Self

from checker.arithmetic.arrays.array import Array
from checker.arithmetic.arrays.indexing import Index


class MadeOf(Array):
    """Arrays that are made of some of another arithmetic, each of the same shape."""

    @abstractmethod
    def _each(self, change: Callable[[Any], Any]) -> Self:
        """A linear map of the entries, such as taking some of them, on each of these arrays."""

    def _permuted(self, axes: tuple[int, ...]) -> Self:
        return self._each(lambda a: a._permuted(axes))

    def _reshaped(self, shape: tuple[int, ...]) -> Self:
        return self._each(lambda a: a._reshaped(shape))

    def _take(self, index: Index) -> Self:
        return self._each(lambda a: a._take(index))

    def total(self) -> Self:
        return self._each(lambda a: a.total())

    def settled(self) -> Self:
        return self._each(lambda a: a.settled())

    def __neg__(self) -> Self:
        return self._each(lambda a: -a)
