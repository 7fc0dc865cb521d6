"""A premise that is code for float64, run on the numbers of an instance as the rationals they are.

`lambda at: at.p.sum(axis=0) == 1` holds in float64 for numbers whose sum is not 1. Of one instance
that violates a claim the same code is asked again, with numbers that do not round.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np

from checker.errors import Caught
from checker.instances.fields import numbers_of, with_fields


class Precise:
    """A rational number that takes part in `+ - * / **` and comparisons, and is never rounded."""

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Fraction) -> None:
        self.value = value

    def __abs__(self) -> Precise:
        return Precise(abs(self.value))

    def __neg__(self) -> Precise:
        return Precise(-self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __pow__(self, exponent: Any) -> Any:
        return Precise(self.value**exponent) if isinstance(exponent, int) else NotImplemented

    def conjugate(self) -> Precise:
        """Itself: `np.vdot` and the like ask for it."""
        return self


def _exact(value: Any) -> Fraction | None:
    if isinstance(value, Precise):
        return value.value
    if isinstance(value, Rational | np.bool_):
        return Fraction(int(value)) if isinstance(value, np.bool_) else Fraction(value)
    try:
        return Fraction(*map(int, value.as_integer_ratio()))
    except (AttributeError, OverflowError, ValueError):
        return None


def _binary(name: str, *, compares: bool = False, reflected: bool = False) -> Callable[..., Any]:
    operation = getattr(operator, name)

    def method(self: Precise, other: Any) -> Any:
        number = _exact(other)
        if number is None:
            return NotImplemented
        pair = (number, self.value) if reflected else (self.value, number)
        return operation(*pair) if compares else Precise(operation(*pair))

    return method


for _name in ("add", "sub", "mul", "truediv"):
    setattr(Precise, f"__{_name}__", _binary(_name))
    setattr(Precise, f"__r{_name}__", _binary(_name, reflected=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Precise, f"__{_name}__", _binary(_name, compares=True))


# An array of floats as one of such numbers.
_EACH = np.frompyfunc(lambda number: Precise(Fraction(number)), 1, 1)


def precisely(holds: Callable[[Any], Any], instance: Any) -> bool | None:
    """Whether an instance meets a test, in rational numbers; None where it cannot be run on them.

    It cannot where it rounds, takes roots, or calls functions of NumPy that want floats.
    """
    met: Any = None
    with Caught():
        exact = {n: _EACH(a) for n, a in numbers_of(instance).items()}
        met = np.asarray(holds(with_fields(instance, **exact)))
    if met is None or met.dtype != bool or met.size != 1:
        return None
    return bool(met.item())


def rounded_premises(assumptions: Iterable[Any], instance: Any) -> tuple[list[str], list[str]]:
    """Of assumptions that float64 takes for met: names of those that are not, and of those of which
    nothing better is known."""
    missed: list[str] = []
    unproved: list[str] = []
    for assumption in assumptions:
        if assumption.decided:
            continue
        met = precisely(assumption.holds, instance)
        if met is not True:
            (unproved if met is None else missed).append(assumption.name)
    return missed, unproved
