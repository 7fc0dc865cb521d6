"""Real numbers for the references: c √r with rational c and r >= 0 as long as that is possible,
else a ball of the precision that the caller has set.

So formulas are written once, as in the papers, and equality is known wherever it is one of such
numbers. Nothing here is the product's; only the library FLINT is common to both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpz

from soundness.losses import Formulas
from soundness.losses_outside import ALL_FORMULAS
from soundness.numbers import Undecided

_ONE = fmpq(1)

# Longer fractions become balls: in deep products exactness would cost more than it tells.
_LONGEST = 4000


class Real:
    """c √r, or a ball where `ball` is not None."""

    __slots__ = ("ball", "c", "r")

    def __init__(self, c: Any = None, r: Any = _ONE, ball: Any = None) -> None:
        self.c, self.r, self.ball = c, r, ball

    @property
    def exact(self) -> bool:
        """Whether the number is known exactly."""
        return self.ball is None

    @property
    def rational(self) -> bool:
        """Whether it is known to be a fraction."""
        return self.ball is None and (self.r == 1 or self.c == 0)

    @property
    def enclosed(self) -> Any:
        """The number as a ball."""
        if self.ball is not None:
            return self.ball
        return arb(self.c) if self.r == 1 else arb(self.c) * arb(self.r).sqrt()

    def _with(self, other: Any) -> Any:
        return other if isinstance(other, Real) else number(other)

    def __neg__(self) -> Real:
        return Real(-self.c, self.r) if self.ball is None else Real(ball=-self.ball)

    def __add__(self, other: Any) -> Real:
        other = self._with(other)
        if self.ball is None and other.ball is None:
            found = _sum(self, other)
            if found is not None:
                return found
        return Real(ball=self.enclosed + other.enclosed)

    def __sub__(self, other: Any) -> Real:
        return self + -self._with(other)

    def __rsub__(self, other: Any) -> Real:
        return self._with(other) - self

    def __mul__(self, other: Any) -> Real:
        other = self._with(other)
        if self.ball is None and other.ball is None:
            return _product(self.c * other.c, self.r, other.r)
        if (self.ball is None and self.c == 0) or (other.ball is None and other.c == 0):
            return Real(fmpq(0))
        return Real(ball=self.enclosed * other.enclosed)

    def __truediv__(self, other: Any) -> Real:
        other = self._with(other)
        if other.ball is not None:
            return Real(ball=self.enclosed / other.ball)
        if other.c == 0:
            raise ZeroDivisionError("a quotient of the claim is not defined here")
        return self * Real(1 / (other.c * other.r), other.r)

    def __rtruediv__(self, other: Any) -> Real:
        return self._with(other) / self

    def __pow__(self, n: int) -> Real:
        if self.ball is not None and n:
            return Real(ball=self.ball**n)
        found = Real(_ONE)
        for _ in range(n):
            found = found * self
        return found

    def __abs__(self) -> Real:
        return Real(abs(self.c), self.r) if self.ball is None else Real(ball=abs(self.ball))

    __radd__, __rmul__ = __add__, __mul__

    @property
    def sign(self) -> int:
        """-1, 0 or 1; raises Undecided where the ball does not tell."""
        if self.ball is None:
            return int(self.c > 0) - int(self.c < 0)
        if self.ball > 0:
            return 1
        if self.ball < 0:
            return -1
        if self.ball.is_zero():
            return 0
        raise Undecided

    def sqrt(self) -> Real:
        """The root of a number that is not negative, though its ball may reach below 0."""
        if self.ball is None and self.r == 1:
            if self.c < 0:
                raise ZeroDivisionError("the root of a negative number")
            return _product(_ONE, self.c, _ONE)
        return Real(ball=self.enclosed.nonnegative_part().sqrt())


def _sum(x: Real, y: Real) -> Real | None:
    if x.c == 0 or y.c == 0:
        return y if x.c == 0 else x
    if x.r == y.r:
        return _short(x.c + y.c, x.r)
    root = _root(x.r * y.r)
    return None if root is None else _short(x.c + y.c * root / x.r, x.r)


def _product(c: Any, r: Any, s: Any) -> Real:
    """c √(r s)."""
    if r == s:
        return _short(c * r, _ONE)
    inside = r * s
    root = _root(inside)
    return _short(c, inside) if root is None else _short(c * root, _ONE)


def _short(c: Any, r: Any) -> Real:
    found = Real(c, r)
    return found if c.height_bits() <= _LONGEST else Real(ball=found.enclosed)


def _root(q: Any) -> Any:
    """√q for the square of a fraction, else None."""
    top, bottom = q.p, q.q
    if top.is_square() and bottom.is_square():
        return fmpq(top.isqrt(), bottom.isqrt())
    return None


def number(x: Any) -> Real:
    """An integer, float or fraction, exactly."""
    if isinstance(x, Real):
        return x
    if isinstance(x, fmpq):
        return Real(x)
    if isinstance(x, arb):
        return Real(ball=x)
    if isinstance(x, int):
        return Real(fmpq(x))
    top, bottom = x.as_integer_ratio()
    return Real(fmpq(fmpz(top), fmpz(bottom)))


def numbers(x: Any) -> Any:
    """The same for nested lists."""
    return [numbers(y) for y in x] if isinstance(x, list) else number(x)


# -- functions ------------------------------------------------------------------------------------


def apply(name: str, x: Real, at_zero: int) -> Real:
    """A function of FLINT's balls, which is a known integer at 0."""
    if x.ball is None and x.c == 0:
        return number(at_zero)
    return Real(ball=getattr(x.enclosed, name)())


def exp(x: Any) -> Real:
    return apply("exp", number(x), 1)


def maximum(x: Any, y: Any) -> Real:
    """The greater one; a ball around both where they cannot be told apart."""
    x, y = number(x), number(y)
    try:
        return x if (x - y).sign >= 0 else y
    except Undecided:
        return Real(ball=x.enclosed.max(y.enclosed))


def minimum(x: Any, y: Any) -> Real:
    return -maximum(-number(x), -number(y))


def greatest(values: Iterable[Any]) -> Real:
    first, *rest = values
    for value in rest:
        first = maximum(first, value)
    return number(first)


def total(values: Iterable[Any]) -> Real:
    found = number(0)
    for value in values:
        found = found + value
    return found


class Reals:
    """What the formulas of losses ask of their numbers."""

    def number(self, x: Fraction) -> Real:
        return number(x)

    def sign(self, x: Real) -> int:
        return x.sign

    def exp(self, x: Real) -> Real:
        return apply("exp", x, 1)

    def sinh(self, x: Real) -> Real:
        return apply("sinh", x, 0)

    def expm1(self, x: Real) -> Real:
        return apply("expm1", x, 0)

    def log1p(self, x: Real) -> Real:
        return apply("log1p", x, 0)

    def atanh(self, x: Real) -> Real:
        return apply("atanh", x, 0)

    def sech(self, x: Real) -> Real:
        return apply("sech", x, 1)

    def sqrt(self, x: Real) -> Real:
        return x.sqrt()


REALS: Any = Reals()


def loss_of(kind: str, parameters: Mapping[str, float]) -> Formulas:
    """A loss by name and numbers."""
    return ALL_FORMULAS[kind](REALS, parameters)
