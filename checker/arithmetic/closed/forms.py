"""Closed forms: sums of rationals, roots, exponentials and logarithms, over products of such sums.

Equal numbers that were written in different ways mostly get the same form, so that their difference
is 0 without a term. What is 0 as a form is 0; whatever else a form is, its sign is told by balls
alone. So a relation that is missed leaves a case open, and proves nothing wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flint import fmpq

from checker.arithmetic.ball import working_precision
from checker.arithmetic.closed.sums import PRECISIONS, UNIT, Monomial, Sum, work

# Sums below, each with its exponent, by their keys.
Bottom = Mapping[str, tuple[Sum, int]]


class Form:
    """A sum over a product of sums, or unknown; the sums below are not 0, and have content 1."""

    def __init__(self, top: Sum | None, bottom: Bottom | None = None) -> None:
        self.top, self.bottom = top, dict(bottom or {})
        # The last number that this one was compared with, and their difference.
        self._compared: tuple[Form, Form] | None = None

    @classmethod
    def rational(cls, number: Any) -> Form:
        """A rational number."""
        return cls(Sum({UNIT: number} if number else {}))

    @property
    def known(self) -> bool:
        """Whether there is a form at all."""
        return self.top is not None

    @property
    def is_zero(self) -> bool:
        """Whether it is 0 without a term."""
        return self.top is not None and not self.top.terms

    @property
    def ratio(self) -> Any:
        """The rational number that it is, or None."""
        if self.top is None or self.bottom:
            return None
        if not self.top.terms:
            return fmpq(0)
        only = self.top.single
        return only[1] if only is not None and only[0] == UNIT else None

    @cached_property
    def key(self) -> str:
        """Equal for equal forms."""
        assert self.top is not None
        below = "".join(f"|{k}^{e}" for k, (_, e) in sorted(self.bottom.items()))
        return f"({self.top.key}{below})"

    @property
    def ball(self) -> Any:
        """An enclosure at the working precision; of a known form only."""
        assert self.top is not None
        value = self.top.ball
        for factor, exponent in self.bottom.values():
            value /= factor.ball**exponent
        return value

    @cached_property
    def approximate(self) -> Any:
        """The middle of an enclosure."""
        with working_precision(PRECISIONS[0]):
            return self.ball.mid()

    @cached_property
    def sign(self) -> int | None:
        """-1, 0 or 1, proved; None where balls do not tell, or nothing is known."""
        if self.top is None:
            return None
        sign = self.top.sign
        for factor, exponent in self.bottom.values():
            if exponent % 2 and sign:
                sign = None if factor.sign is None else sign * factor.sign
        return sign

    def order(self, other: Form) -> int | None:
        """-1, 0 or 1 as this is less than, equal to or greater than the other; None if unknown."""
        return self._less(other).sign

    def _less(self, other: Form) -> Form:
        """The difference, computed once: a second time there may be no work left for it."""
        if self._compared is None or self._compared[0] is not other:
            self._compared = other, self - other
        return self._compared[1]

    def apart(self, other: Form) -> float:
        """The relative difference of ordered numbers, approximate; 0 only where they are equal."""
        order = self.order(other)
        if not order:
            return 0.0
        with working_precision(PRECISIONS[-1]):
            size = abs(self.ball).max(abs(other.ball))
            return order * max(abs(float((self._less(other).ball / size).mid())), math.ulp(0.0))

    def __float__(self) -> float:
        return float(self.approximate)

    def __neg__(self) -> Form:
        return Form(None if self.top is None else self.top.scaled(fmpq(-1)), self.bottom)

    def __add__(self, other: Form) -> Form:
        if self.top is None or other.top is None:
            return UNKNOWN_FORM
        bottom = dict(self.bottom)
        for k, (factor, e) in other.bottom.items():
            bottom[k] = (factor, max(e, bottom.get(k, (factor, 0))[1]))
        left, right = self._over(bottom), other._over(bottom)
        if left is None or right is None:
            return UNKNOWN_FORM
        return Form(left.plus(right), bottom).reduced()

    def __sub__(self, other: Form) -> Form:
        return self + (-other)

    def __mul__(self, other: Form) -> Form:
        if self.top is None or other.top is None:
            return UNKNOWN_FORM
        ratio = other.ratio if self.ratio is None else self.ratio
        if ratio is not None:
            rest = self if self.ratio is None else other
            assert rest.top is not None
            return Form(rest.top.scaled(ratio), rest.bottom if ratio else None)
        bottom = dict(self.bottom)
        for k, (factor, e) in other.bottom.items():
            bottom[k] = (factor, e + bottom.get(k, (factor, 0))[1])
        product = self.top.times(other.top)
        return Form(product, bottom).reduced() if product is not None else UNKNOWN_FORM

    def __truediv__(self, other: Form) -> Form:
        return self * other.inverse()

    def inverse(self) -> Form:
        """1 over the form, unknown unless it is proved not to be 0."""
        if self.is_zero:
            return no_value("a division by 0")
        if self.top is None or not self.sign:
            return UNKNOWN_FORM
        above = Form.rational(fmpq(1))
        for factor, exponent in self.bottom.values():
            for _ in range(exponent):
                above = above * Form(factor)
        return above * _one_over(self.top)

    def _over(self, bottom: Bottom) -> Sum | None:
        """The top over a larger bottom."""
        top = self.top
        for k, (factor, e) in bottom.items():
            for _ in range(e - self.bottom.get(k, (factor, 0))[1]):
                top = None if top is None else top.times(factor)
        return top

    def reduced(self) -> Form:
        """The same without a factor below that the top is a multiple of."""
        if self.top is None or not self.top.terms:
            return Form(self.top)
        for k, (factor, e) in self.bottom.items():
            if len(factor.terms) != len(self.top.terms):
                continue
            content = self.top.content
            bare, done = self.top.without(content)
            sign = 1 if bare.key == k else -1 if bare.scaled(fmpq(-1)).key == k else 0
            if done and sign:
                rest = {**self.bottom, k: (factor, e - 1)}
                left = Sum({Monomial(1, content[1]): content[0] * sign})
                return Form(left, {j: x for j, x in rest.items() if x[1]}).reduced()
        return self


def _one_over(divisor: Sum) -> Form:
    """1 over a sum that is not 0."""
    only = divisor.single
    if only is None:
        return _one_over_several(divisor)
    monomial, factor = only
    atoms = tuple((a, e if a.name == "root" else -e) for a, e in monomial.atoms)
    power = None if monomial.power is None else -monomial.power
    inverse = Form(
        Sum({Monomial(monomial.radicand, power, atoms): 1 / (factor * monomial.radicand)})
    )
    # One over a root is the root over what it is of.
    for atom, _ in monomial.atoms:
        if atom.name == "root" and atom.inner is not None:
            inverse = inverse * _one_over(atom.inner)
    return inverse


def _one_over_several(divisor: Sum) -> Form:
    factor, power = divisor.content
    bare, done = divisor.without((factor, power))
    if not done:
        return UNKNOWN_FORM
    negative = bare.scaled(fmpq(-1))
    # Of x - y and y - x one goes below.
    sign, bare = (1, bare) if bare.key < negative.key else (-1, negative)
    above = Sum({Monomial(1, None if power is None else -power): sign / factor})
    return Form(above, {bare.key: (bare, 1)})


UNKNOWN_FORM = Form(None)


def no_value(operation: str) -> Form:
    """The result of an operation that has none."""
    work().undefined = work().undefined or operation
    return UNKNOWN_FORM
