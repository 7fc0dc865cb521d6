"""Balls and Taylor series as entries of NumPy object arrays, so that ordinary NumPy code runs on
them, and automatic differentiation through it.

NumPy calls an entry's operators and its methods `exp`, `tanh`, ...; code with branches compares
entries. A comparison that the balls leave open raises `Open`: both branches are possible then.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from flint import arb
from numpy.typing import NDArray

from checker.arithmetic.arrays.objects import ObjectArray
from checker.arithmetic.ball import Ball


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

    def __pow__(self, power: float) -> Self:
        """Integer and half-integer powers; derivatives of roots have the power -1/2."""
        if power < 0:
            return 1 / self**-power
        if power != int(power):
            if 2 * power != int(2 * power):
                raise Open(f"power {power} of an enclosure")
            return self ** int(power) * self.sqrt()
        result = type(self)(self.item * 0 + 1)
        for _ in range(int(power)):
            result = result * self
        return result

    def nearby(self) -> float:
        """Some float nearby, for what may depend on any such float.

        Not `__float__`: NumPy would call that unasked, and the enclosure would be lost.
        """
        return float(_constant(self.item).mid())

    # -- functions that NumPy looks up by name ----------------------------------------------------

    def exp(self) -> Self:
        return type(self)(self.item.exp())

    def sin(self) -> Self:
        return type(self)(self.item.sin())

    def cos(self) -> Self:
        return type(self)(self.item.cos())

    def cosh(self) -> Self:
        return (self.exp() + (-self).exp()) / 2

    def log(self) -> Self:
        return type(self)(self.item.log())

    def sqrt(self) -> Self:
        return type(self)(self.item.sqrt())

    def arctan(self) -> Self:
        return type(self)(self.item.atan())

    def erf(self) -> Self:
        return type(self)(self.item.erf())

    def erf_slope(self) -> Self:
        """2 exp(-x²)/√π."""
        return type(self)(2 * (-self.item * self.item).exp() / arb.pi().sqrt())

    # Two formulas each, both true everywhere: one of them does not overflow.

    def tanh(self) -> Self:
        small = (-2 * self._outward()).exp()
        return self._facing((1 - small) / (1 + small), (small - 1) / (1 + small))

    def sigmoid(self) -> Self:
        small = (-self._outward()).exp()
        return self._facing(1 / (1 + small), small / (1 + small))

    def softplus(self) -> Self:
        rest = (1 + (-self._outward()).exp()).log()
        return self._facing(self + rest, rest)

    def _outward(self) -> Self:
        """The number or its negative, whichever is positive in the middle."""
        return self._facing(self, -self)

    def _facing(self, positive: Self, negative: Self) -> Self:
        return positive if self.nearby() > 0 else negative

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
    return value if isinstance(value, int | float) else Ball.convert(value)


def _constant(item: Any) -> Any:
    """The ball of the value itself."""
    return item if hasattr(item, "mid") else item[0]


def _sign(one: Any, other: Any) -> int:
    """The sign of one - other, provided that it is not 0: at a tie neither branch is safe."""
    value = _constant(one.item - _bare(other))
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise Open("two enclosed numbers overlap")
