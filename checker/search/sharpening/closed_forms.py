"""Closed forms near a number: a short fraction, its root, a multiple of π or e.

The simplest fraction between two numbers is found by continued fractions. It counts as a find only
where a random interval of that width would hardly contain one so short.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from checker.arithmetic.ball import Ball, dyadic, working_precision
from checker.arithmetic.functions import e, pi, sqrt

# A form is believed where fewer than one in so many random intervals has one as short.
_ODDS = 1000
# Roots and multiples are tried as well, so that there are more of them.
_WEIGHTS = {"fraction": 1, "root": 4, "multiple": 16}
_BITS = 256


@dataclass(frozen=True)
class Form:
    """A number in closed form.

    Attributes
    ----------
    text
        As people write it.
    value
        For a formula: a fraction, or a number that waits for an arithmetic.
    rough
        A fraction near it.
    height
        Numerator times denominator, more for rarer kinds: how many forms are as short.
    """

    text: str
    value: Any
    rough: Fraction
    height: int


def closed_form(low: Fraction, high: Fraction) -> Form | None:
    """The shortest closed form in an interval; None where none is short enough to be believed.

    >>> closed_form(Fraction("0.14814814"), Fraction("0.14814835")).text
    '4/27'
    >>> closed_form(Fraction("1.41421356"), Fraction("1.41421397")).text
    '√2'
    >>> closed_form(Fraction("1.09983931"), Fraction("1.09983951")) is None
    True
    """
    if low <= 0 <= high:
        return Form("0", Fraction(0), Fraction(0), 1)
    if high < 0:
        found = closed_form(-high, -low)
        return found and Form(f"-{found.text}", -found.value, -found.rough, found.height)
    shortest = min(_forms(low, high), key=lambda form: form.height)
    width = (high - low) / low
    return shortest if shortest.height * width * _ODDS <= 1 else None


def _forms(low: Fraction, high: Fraction) -> Iterator[Form]:
    q, middle = simplest(low, high), (low + high) / 2
    yield Form(str(q), q, q, _height(q, "fraction"))
    q = simplest(low**2, high**2)
    yield Form(_root_text(q), sqrt(q), middle, _height(q, "root"))
    for name, value in (("π", pi), ("e", e)):
        q = _ratio(low, high, value)
        yield Form(_multiple_text(q, name), q * value, middle, _height(q, "multiple"))


def _height(q: Fraction, kind: str) -> int:
    return q.numerator * q.denominator * _WEIGHTS[kind]


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the least denominator in a closed interval of positive numbers."""
    whole = math.ceil(low)
    if whole <= high:
        return Fraction(whole)
    below = math.floor(low)
    return below + 1 / simplest(1 / (high - below), 1 / (low - below))


def _ratio(low: Fraction, high: Fraction, value: Any) -> Fraction:
    """The simplest multiple of a number between two, by the middle of its enclosure."""
    with working_precision(_BITS):
        number = dyadic(value.within(Ball.constant(0)).item.mid())
    return simplest(low / number, high / number)


def _root_text(q: Fraction) -> str:
    return f"√{q}" if q.denominator == 1 else f"√({q})"


def _multiple_text(q: Fraction, name: str) -> str:
    factor = "" if q.numerator == 1 else str(q.numerator)
    return f"{factor}{name}" + ("" if q.denominator == 1 else f"/{q.denominator}")
