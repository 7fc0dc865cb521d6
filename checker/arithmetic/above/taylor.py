"""Truncated Taylor series over balls: derivatives along a line, enclosed, from values alone.

The oracle for closed-form gradients and Hessians: F(w + t w', V + t V') evaluated in this
arithmetic has <∇F, (w', V')> as its coefficient of t, and half the curvature along the direction
as that of t². It uses a loss's value only, never its stated slope or curvature.
"""

from __future__ import annotations

from typing import Any, Self

from flint import arb, arb_series

from checker.arithmetic.arrays.objects import ObjectArray
from checker.arithmetic.ball import Ball
from checker.arithmetic.function import Function

ORDER = 3


class Taylor(ObjectArray):
    """A scalar, vector or matrix of power series c0 + c1 t + c2 t² over balls."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        return arb_series([Ball.convert(value)], ORDER)

    @staticmethod
    def to_float(entry: Any) -> float:
        return float(entry[0].mid())

    @classmethod
    def line(cls, start: Any, direction: Any) -> Self:
        """start + t * direction, entry by entry, for two float64 arrays of one shape."""
        point, step = Ball.constant(start), Ball.constant(direction)
        return cls(point._pairwise(step, lambda x, v: arb_series([x, v], ORDER)).entries)

    def coefficient(self, power: int) -> Ball:
        """The coefficients of t**power as balls."""
        return Ball(self._each(lambda s: s[power]).entries)

    def __neg__(self) -> Self:
        return self._each(lambda s: -s)

    def __abs__(self) -> Self:
        return self._each(lambda s: s if s[0] > 0 else -s if s[0] < 0 else _undefined())

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, _larger)

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        compute = function.series or function.formula
        if compute is None:
            raise NotImplementedError(f"Taylor series know no {function.name}")
        return compute(*operands, **options)

    def spectral_norm(self) -> Self:
        raise NotImplementedError("Taylor series check smooth objectives, which take no such norm")

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        raise NotImplementedError("Taylor series check smooth objectives, without eigenvalues")

    def narrower(self, other: Self) -> Self:
        return self


def _undefined() -> Any:
    return arb_series([arb("nan")] * ORDER, ORDER)


def _larger(s: Any, r: Any) -> Any:
    """Where the constant terms tie, both germs are possible; that is no derivative to compare."""
    return s if s[0] > r[0] else r if r[0] > s[0] else _undefined()
