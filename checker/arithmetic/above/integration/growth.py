"""How fast an expression may grow in the variable t: a bound A exp(B |t|) for all t.

It says how much of an expectation over a normal number lies beyond some |t|, where the integrand
cannot be looked at. Constants and t itself are bounded linearly, too, by C + D |t|, which is what a
bound on exp(x) needs.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from flint import arb

from checker.arithmetic.above.integration.pieces import Variable
from checker.arithmetic.ball import Ball
from checker.arithmetic.function import Function
from checker.errors import FormulaError

ZERO, ONE = arb(0), arb(1)


@dataclass(frozen=True)
class Bound:
    """|x| <= size exp(rate |t|), and, where `line` is (C, D), |x| <= C + D |t|.

    Attributes
    ----------
    least
        |x| is at least this, so that there may be a division by x.
    """

    size: Any
    rate: Any
    line: tuple[Any, Any] | None = None
    least: Any = ZERO

    @classmethod
    def linear(cls, start: Any, slope: Any, least: Any = ZERO) -> Bound:
        """C + D |t| <= max(C, D) exp(|t|)."""
        if slope.is_zero():
            return cls(start, ZERO, (start, slope), least)
        return cls(start.max(slope), ONE, (start, slope), least)

    def __add__(self, other: Bound) -> Bound:
        if self.line is not None and other.line is not None:
            return Bound.linear(self.line[0] + other.line[0], self.line[1] + other.line[1])
        return Bound(self.size + other.size, self.rate.max(other.rate))

    def __mul__(self, other: Bound) -> Bound:
        least = self.least * other.least
        for one, two in ((self, other), (other, self)):
            if one.line is not None and two.line is not None and one.line[1].is_zero():
                return Bound.linear(one.line[0] * two.line[0], one.line[0] * two.line[1], least)
        return Bound(self.size * other.size, self.rate + other.rate, least=least)

    def __truediv__(self, other: Bound) -> Bound:
        if not other.least > 0:
            raise _unbounded("a division by what may come near 0")
        return self * Bound.linear(1 / other.least, ZERO)

    def __neg__(self) -> Bound:
        return self

    def root(self) -> Bound:
        """√|x|."""
        return Bound(self.size.sqrt(), self.rate / 2, least=self.least.sqrt())

    def exponential(self) -> Bound:
        """exp(x) <= exp(C) exp(D |t|)."""
        if self.line is None:
            raise _unbounded("exp of what is not bounded linearly")
        return Bound(self.line[0].exp(), self.line[1])

    def tail(self, beyond: Any) -> Any:
        """At least E |x| over normal t with |t| > `beyond`: 2 A exp(B²/2) Q(beyond - B)."""
        chance = ((beyond - self.rate) / arb(2).sqrt()).erfc() / 2
        return 2 * self.size * (self.rate * self.rate / 2).exp() * chance


# sup |f| of bounded functions, and f(0) of those whose slope is at most 1 in size.
_BOUNDED = {**dict.fromkeys(("tanh", "sin", "cos", "erf", "sign", "sigmoid"), 1.0), "arctan": 1.6}
_LIPSCHITZ = {"softplus": 0.7, "log_cosh": 0.0}


class Growth(Variable):
    """Bounds on how numbers grow."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        return cls.of_ball(Ball.convert(value))

    @staticmethod
    def of_ball(ball: Any) -> Any:
        least = abs(ball).lower() if ball.is_finite() else ZERO
        return Bound.linear(arb(abs(ball).upper()), ZERO, arb(least) if least > 0 else ZERO)

    @staticmethod
    def to_float(entry: Any) -> float:
        return float(entry.size.mid())

    def __neg__(self) -> Self:
        return self

    def __abs__(self) -> Self:
        return self

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, operator.add)

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        name = function.name
        if name in ("select", "branch"):
            _, first, second, third = operands
            return first.maximum(second).maximum(third)
        if name in _BOUNDED:
            return self._each(lambda _: Bound.linear(arb(_BOUNDED[name]), ZERO))
        if name in _LIPSCHITZ:
            return self._each(lambda x: x + Bound.linear(arb(_LIPSCHITZ[name]), ZERO))
        if name in ("exp", "sqrt"):
            return self._each(lambda x: x.exponential() if name == "exp" else x.root())
        if function.formula is None:
            raise _unbounded(name)
        return function.formula(*operands, **options)

    def spectral_norm(self) -> Self:
        raise _unbounded("a spectral norm")

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        raise _unbounded("eigenvalues")

    def narrower(self, other: Self) -> Self:
        return self


def variable() -> Growth:
    """t itself."""
    entries = np.empty((), dtype=object)
    entries[()] = Bound.linear(ZERO, ONE)
    return Growth(entries)


def _unbounded(what: str) -> FormulaError:
    return FormulaError(
        f"nothing is known of how fast the integrand grows, because of {what}",
        why="an expectation over a normal number goes to infinity",
        hint="take the integral over an interval, integral(f, low, high)",
    )
