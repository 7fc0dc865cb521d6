"""Numbers a + b s + c t + d st with s² = t² = 0: derivatives along one direction or two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from soundness.reals import Real, number

ZERO = number(0)


class Jet:
    """Value, both first derivatives and the mixed second one."""

    __slots__ = ("a", "b", "c", "d")

    def __init__(self, a: Any, b: Any = ZERO, c: Any = ZERO, d: Any = ZERO) -> None:
        self.a, self.b, self.c, self.d = a, b, c, d

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.a + other, self.b, self.c, self.d)
        return Jet(self.a + other.a, self.b + other.b, self.c + other.c, self.d + other.d)

    def __neg__(self) -> Jet:
        return Jet(-self.a, -self.b, -self.c, -self.d)

    def __sub__(self, other: Any) -> Jet:
        return self + -other

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.a * other, self.b * other, self.c * other, self.d * other)
        a, b, c, d = other.a, other.b, other.c, other.d
        mixed = self.a * d + self.b * c + self.c * b + self.d * a
        return Jet(self.a * a, self.a * b + self.b * a, self.a * c + self.c * a, mixed)

    __radd__, __rmul__ = __add__, __mul__

    def through(self, derivatives: tuple[Real, Real, Real]) -> Jet:
        """f of this number, given f, f' and f'' at its value."""
        value, first, second = derivatives
        mixed = first * self.d + second * (self.b * self.c)
        return Jet(value, first * self.b, first * self.c, mixed)


def lifted(x: Any, s: Any = None, t: Any = None) -> Any:
    """Nested lists of numbers as jets, with directions of the same shape or none."""
    if isinstance(x, list):
        none = [None] * len(x)
        rows = zip(x, none if s is None else s, none if t is None else t, strict=True)
        return [lifted(*row) for row in rows]
    return Jet(x, ZERO if s is None else s, ZERO if t is None else t)


def jet_dot(u: list[Any], v: list[Any]) -> Any:
    found: Any = ZERO
    for x, y in zip(u, v, strict=True):
        found = y * x + found if isinstance(y, Jet) else x * y + found
    return found


Function = Callable[[Real], tuple[Real, Real, Real]]
