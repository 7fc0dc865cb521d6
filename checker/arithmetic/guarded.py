"""Balls and Taylor series as entries of NumPy object arrays, so that ordinary NumPy code runs on
them, and automatic differentiation through it.

NumPy calls an entry's operators and its methods `exp`, `tanh`, ...; code with branches compares
entries. A comparison that the balls leave open raises `Open`: both branches are possible then.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic.objects import ObjectArray


class Open(ArithmeticError):
    """A comparison whose answer the enclosures do not tell."""


class Guarded:
    """One entry: an `arb`, or an `arb_series` that stands for its value at 0."""

    __slots__ = ("item",)

    def __init__(self, item: Any) -> None:
        self.item = item

    @classmethod
    def array(cls, numbers: ObjectArray) -> NDArray[np.object_]:
        """The entries of a ball or Taylor array, wrapped."""
        wrapped = np.empty(numbers.shape, dtype=object)
        for index in np.ndindex(numbers.shape):
            wrapped[index] = cls(numbers.entries[index])
        return wrapped

    @staticmethod
    def bare(wrapped: NDArray[np.object_]) -> NDArray[np.object_]:
        """The entries without their wrappers."""
        entries = np.empty(wrapped.shape, dtype=object)
        for index, entry in np.ndenumerate(wrapped):
            entries[index] = _bare(entry)
        return entries

    def __add__(self, other: Any) -> Self:
        return type(self)(self.item + _bare(other))

    def __sub__(self, other: Any) -> Self:
        return type(self)(self.item - _bare(other))

    def __rsub__(self, other: Any) -> Self:
        return type(self)(_bare(other) - self.item)

    def __mul__(self, other: Any) -> Self:
        return type(self)(self.item * _bare(other))

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Self:
        return type(self)(self.item / _bare(other))

    def __rtruediv__(self, other: Any) -> Self:
        return type(self)(_bare(other) / self.item)

    def __neg__(self) -> Self:
        return type(self)(-self.item)

    def __pow__(self, power: int) -> Self:
        if int(power) != power or power < 0:
            raise Open(f"power {power} of an enclosure")
        result = type(self)(self.item * 0 + 1)
        for _ in range(int(power)):
            result = result * self
        return result

    # -- functions that NumPy looks up by name ----------------------------------------------------

    def exp(self) -> Self:
        return type(self)(self.item.exp())

    def sin(self) -> Self:
        return type(self)(self.item.sin())

    def cos(self) -> Self:
        return type(self)(self.item.cos())

    def cosh(self) -> Self:
        return (self.exp() + (-self).exp()) / 2

    def tanh(self) -> Self:
        """By the exponential of minus the modulus, so that nothing overflows."""
        if self > 0:
            small = (-2 * self).exp()
            return (1 - small) / (1 + small)
        small = (2 * self).exp()
        return (small - 1) / (1 + small)

    def sqrt(self) -> Self:
        return type(self)(self.item.sqrt())

    # -- comparisons ------------------------------------------------------------------------------

    def __lt__(self, other: Any) -> bool:
        return _sign(self, other) < 0

    def __gt__(self, other: Any) -> bool:
        return _sign(self, other) > 0

    def __le__(self, other: Any) -> bool:
        return self is other or _sign(self, other) < 0

    def __ge__(self, other: Any) -> bool:
        return self is other or _sign(self, other) > 0

    def __eq__(self, other: Any) -> bool:
        return self is other or _sign(self, other) == 0

    def __ne__(self, other: Any) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]


def _bare(value: Any) -> Any:
    if isinstance(value, Guarded):
        return value.item
    return value if isinstance(value, int) else float(value)


def _sign(one: Any, other: Any) -> int:
    """The sign of one - other, provided that it is not 0: at a tie neither branch is safe."""
    difference = one.item - _bare(other)
    value = difference if hasattr(difference, "mid") else difference[0]
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise Open("two enclosed numbers overlap")
