"""Numbers of a formula that no array stands beside: `sqrt(2)`, `pi`, `e`, `log(10)`.

They wait for an arithmetic. Beside an array they become numbers of its arithmetic, known there as
well as that knows anything: enclosed by balls, with a bound in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from flint import arb, arb_series
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.arrays.indexing import Index
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import BALL_PRECISIONS, UNIT_ROUNDOFF
from checker.arithmetic.exact import UNKNOWN, Exact
from checker.arithmetic.function import Function, alone
from checker.arithmetic.plain import Plain


@alone
class Deferred(Array):
    """A known number or array that waits for an arithmetic."""

    level = -1

    def __init__(self, within: Callable[[Any], Any], shape: tuple[int, ...]) -> None:
        self.within, self._shape = within, shape

    @classmethod
    def of(cls, value: Any) -> Self:
        """A known number or array of numbers."""
        known.require_finite(value)
        return cls(lambda like: like.lift(value), np.shape(known.numbers(value)))

    @classmethod
    def constant(cls, value: Any) -> Self:
        return cls.of(value)

    def _later(self, compute: Callable[..., Any], *operands: Any) -> Any:
        """What `compute` makes of the operands in an arithmetic; its shape by plain floats."""

        def within(like: Any) -> Any:
            return compute(*(like.lift(x) if isinstance(x, Array) else x for x in operands))

        with np.errstate(all="ignore"):
            tried = within(Plain.constant(0.0))
        if isinstance(tried, tuple):
            parts = range(len(tried))
            return tuple(type(self)(_part(within, i), tried[i].shape) for i in parts)
        return type(self)(within, tried.shape)

    def floats(self) -> list[NDArray[np.float64]]:
        found: list[NDArray[np.float64]] = self.within(Plain.constant(0.0)).floats()
        return found

    def known_floats(self) -> list[NDArray[np.float64]] | None:
        return self.within(Exact.constant(0)).known_floats()  # type: ignore[no-any-return]

    @classmethod
    def stacked(cls, cases: Sequence[NDArray[np.float64]]) -> Self:
        (only,) = cases
        return cls.of(only)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._shape

    def __repr__(self) -> str:
        """The numbers exactly where they are known, else to 15 digits."""
        exact = self.within(Exact.constant(0)).entries
        with working_precision(BALL_PRECISIONS[0]):
            balls = self.within(Ball.constant(0)).entries
            texts = np.empty(self._shape, dtype=object)
            for index in np.ndindex(self._shape):
                texts[index] = _text(exact[index], balls[index])
        return str(texts.item()) if not self._shape else _nested(texts.tolist())

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        return self._later(lambda *xs: function(*xs, **options), *operands)

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        made: Self = parts[0]._later(lambda *xs: type(xs[0]).concatenate(xs, axis), *parts)
        return made

    def _method(self, name: str, *operands: Any) -> Any:
        return self._later(lambda x, *rest: getattr(x, name)(*rest), self, *operands)

    def _permuted(self, axes: tuple[int, ...]) -> Self:
        return self._method("_permuted", axes)  # type: ignore[no-any-return]

    def _reshaped(self, shape: tuple[int, ...]) -> Self:
        return self._method("_reshaped", shape)  # type: ignore[no-any-return]

    def _take(self, index: Index) -> Self:
        return self._method("_take", index)  # type: ignore[no-any-return]

    def _add(self, other: Self) -> Self:
        return self._method("_add", other)  # type: ignore[no-any-return]

    def _multiply(self, other: Self) -> Self:
        return self._method("_multiply", other)  # type: ignore[no-any-return]

    def _divide(self, other: Self) -> Self:
        return self._method("_divide", other)  # type: ignore[no-any-return]

    def _contract(self, other: Self) -> Self:
        return self._method("_contract", other)  # type: ignore[no-any-return]

    def __neg__(self) -> Self:
        return self._method("__neg__")  # type: ignore[no-any-return]

    def __abs__(self) -> Self:
        return self._method("__abs__")  # type: ignore[no-any-return]

    def total(self) -> Self:
        return self._method("total")  # type: ignore[no-any-return]

    def maximum(self, other: Self) -> Self:
        return self._method("maximum", other)  # type: ignore[no-any-return]

    def spectral_norm(self) -> Self:
        return self._method("spectral_norm")  # type: ignore[no-any-return]

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        return self._method("extreme_eigenvalues")  # type: ignore[no-any-return]

    def narrower(self, other: Self) -> Self:
        return self._method("narrower", other)  # type: ignore[no-any-return]

    def outer(self, other: Self) -> Self:
        return self._method("outer", other)  # type: ignore[no-any-return]

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        return self._method("zero_where_equal", x, y)  # type: ignore[no-any-return]


def _text(exact: Any, ball: Any) -> str:
    if not exact.known:
        digits: str = ball.str(15, radius=False)
        return digits
    return str(exact).removeprefix("1·")


def _nested(texts: Any) -> str:
    return texts if isinstance(texts, str) else f"[{', '.join(_nested(t) for t in texts)}]"


def _part(within: Callable[[Any], Any], index: int) -> Callable[[Any], Any]:
    return lambda like: within(like)[index]


def _constant(name: str, text: str, nearest: float, ball: Callable[[], Any], script: str) -> Any:
    """A number by its name: the value at 0 of a record whose argument does not matter."""

    def bounded(x: Any) -> Any:
        value = np.full_like(x.value, nearest)
        return type(x)(value, np.abs(value) * UNIT_ROUNDOFF, 1)

    function = Function(
        name,
        bounded=bounded,
        ball=lambda x: x._each(lambda _: ball()),
        exact=lambda x: x._each(lambda _: UNKNOWN),
        series=lambda x: x._each(lambda s: arb_series([ball()], 3)),
        plain=lambda x: type(x)(np.full(np.shape(x.value), nearest)),
        terms=lambda x: x._named(name),
        tangent=lambda operands, value: lambda change: 0 * change,
        text=text,
        script=script,
        stands_alone=True,
    )
    return function(0)


_SCRIPT_PI = """\
def pi(_=0):  # the recipe of Python's documentation of decimals
    last, t, total, n, na, d, da = 0, D(3), D(3), 1, 0, 0, 24
    while total != last:
        last = total
        n, na = n + na, na + 8
        d, da = d + da, da + 32
        t = t * n / d
        total += t
    return total
"""

pi = _constant("pi", "π", float(np.pi), arb.pi, _SCRIPT_PI)
e = _constant("e", "e", float(np.e), arb.const_e, "def e(_=0): return D(1).exp()\n")
