"""Single instances in closed forms: the arithmetic that proves equality at ties.

Where u = v, both sides of an inequality are often the same number, irrational and written in two
ways: balls cannot tell, and numbers r·√q do not reach. Here they are compared as closed forms.
"""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.objects import ObjectArray, require_symmetric
from checker.arithmetic.closed import functions as forms
from checker.arithmetic.closed.forms import UNKNOWN_FORM, Form
from checker.arithmetic.exact import UNKNOWN, Exact, Surd
from checker.arithmetic.function import Function


class NoClosedForm(ArithmeticError):
    """The formula uses a function of which no closed forms are known."""


class Closed(ObjectArray):
    """A scalar, vector or matrix of closed forms."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        if known.is_unknown(value):
            return UNKNOWN_FORM
        exact = known.rational(value)
        return Form.rational(fmpq(exact.numerator, exact.denominator))

    @staticmethod
    def to_float(entry: Any) -> float:
        return float(entry) if entry.known else math.nan

    def known_floats(self) -> list[NDArray[np.float64]] | None:
        exact = Exact(self._each(lambda x: UNKNOWN if x.ratio is None else Surd(x.ratio)).entries)
        return exact.known_floats()

    def __neg__(self) -> Self:
        return self._each(lambda x: -x)

    def __abs__(self) -> Self:
        return self._each(forms.absolute)

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, forms.larger)

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        compute = function.closed or function.formula
        if compute is None:
            raise NoClosedForm
        return compute(*operands, **options)

    def spectral_norm(self) -> Self:
        rows, columns = self.shape
        if min(rows, columns) == 1:
            return (self * self).total()._each(forms.sqrt)
        if self._is_symmetric:
            low, high = self.extreme_eigenvalues()
            return low.__abs__().maximum(high.__abs__())
        wide = self if rows <= columns else self.T
        _, greatest = (wide @ wide.T).extreme_eigenvalues()
        return greatest._each(forms.sqrt)

    @property
    def _is_symmetric(self) -> bool:
        rows, columns = self.shape
        return rows == columns and all(x.is_zero for x in (self - self.T).entries.flat)

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        require_symmetric(self, lambda x, y: x.order(y) in (-1, 1))
        low, high = forms.extreme_eigenvalues(self.entries.tolist())
        return self._scalar(low), self._scalar(high)

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        return self._pairwise(x - y, lambda entry, apart: apart if apart.is_zero else entry)

    def narrower(self, other: Self) -> Self:
        return self._pairwise(other, lambda x, y: x if x.known else y)
