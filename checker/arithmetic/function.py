"""What a function is, said once: a record with its value in every arithmetic.

A new function is one file that makes one record. Either it has a `formula` in terms of functions
that exist, which then runs in every arithmetic, or it says itself what it is in each of them.
`entrywise` makes records of functions of one number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

# Name -> record, for operators, reports and scripts, which know functions by their names.
FUNCTIONS: dict[str, Function] = {}

# The arithmetic of numbers that no array stands beside; it registers itself.
_ALONE: list[Any] = []


class Operand:
    """What a formula computes with.

    Attributes
    ----------
    level
        Of two operands the one of the lower level is lifted into the arithmetic of the other:
        constants that wait for an arithmetic (-1), numbers (0), their derivatives (1, 2, ...).
    unproved
        Why the numbers are not proved, such as a function that ran in float64 without a bound;
        empty where they are. It spreads to every result that is computed from them.
    logarithm_of
        x, where the numbers were computed as log x: their product with x is 0 at x = 0.
    """

    level: int = 0
    unproved: str = ""
    logarithm_of: Any = None

    def lift(self, value: Any) -> Any:
        """A known number, array or operand of a lower level in this operand's arithmetic."""
        raise NotImplementedError

    # -- functions that NumPy's arrays have as methods ------------------------------------------

    def sum(self, axis: int | None = None) -> Any:
        """Sum of all entries, or along an axis."""
        return named("sum")(self, axis=axis)

    def mean(self, axis: int | None = None) -> Any:
        """Mean of all entries, or along an axis."""
        return named("mean")(self, axis=axis)

    def max(self, axis: int | None = None) -> Any:
        """Greatest entry, or along an axis."""
        return named("amax")(self, axis=axis)

    def min(self, axis: int | None = None) -> Any:
        """Least entry, or along an axis."""
        return named("amin")(self, axis=axis)

    def prod(self, axis: int | None = None) -> Any:
        """Product of all entries, or along an axis."""
        return named("prod")(self, axis=axis)

    def var(self, axis: int | None = None) -> Any:
        """Mean squared deviation from the mean, of all entries or along an axis."""
        return named("var")(self, axis=axis)

    def std(self, axis: int | None = None) -> Any:
        """Standard deviation of all entries, or along an axis."""
        return named("std")(self, axis=axis)

    def trace(self) -> Any:
        """Sum of the diagonal."""
        return named("trace")(self)

    def cumsum(self) -> Any:
        """Sums of the first 1, 2, ... entries."""
        return named("cumsum")(self)

    def clip(self, low: Any, high: Any) -> Any:
        """The nearest number between two others."""
        return named("clip")(self, low, high)


@dataclass(frozen=True, eq=False)
class Function:
    """A function that formulas may call, whatever the arithmetic of its arguments.

    Attributes
    ----------
    name
        Under which reports, scripts and other records know it.
    formula
        It in terms of other functions: what an arithmetic uses that knows nothing better.
    bounded, ball, exact, closed, series, plain, terms
        It on arrays of one arithmetic: float64 with a proved bound on the error, balls, exact
        numbers (unknown where missing), closed forms (none where missing), Taylor series, plain
        floats (under autograd, too), and expressions for scripts.
    recorded
        It on numbers with their history, where a report should tell more than its name.
    tangent
        (operands, value) -> a function of the operands' derivatives: the derivative of the value.
    text
        What a report calls it, where not `name`.
    script
        Python that defines `name` for Decimals in a script.
    rational
        It on fractions, where it is rational there.
    stands_alone
        Whether it is a number: its argument does not matter and is not written.
    scripted
        Whether a script of the standard library can compute it.
    """

    name: str
    formula: Callable[..., Any] | None = None
    bounded: Callable[..., Any] | None = None
    ball: Callable[..., Any] | None = None
    exact: Callable[..., Any] | None = None
    closed: Callable[..., Any] | None = None
    series: Callable[..., Any] | None = None
    plain: Callable[..., Any] | None = None
    terms: Callable[..., Any] | None = None
    recorded: Callable[..., Any] | None = None
    tangent: Callable[..., Callable[..., Any]] | None = None
    text: str = ""
    script: str = ""
    rational: Callable[..., Any] | None = None
    stands_alone: bool = False
    scripted: bool = True

    def __post_init__(self) -> None:
        FUNCTIONS[self.name] = self

    def __call__(self, *operands: Any, **options: Any) -> Any:
        if len(operands) == 1 and isinstance(operands[0], Operand):
            result = operands[0]._applied(self, operands, options)  # type: ignore[attr-defined]
            if self.name == "log":
                result.logarithm_of = operands[0]
            return result
        home = highest(operands)
        return home._applied(self, tuple(home.lift(x) for x in operands), options)


def entrywise(
    name: str,
    *,
    ball: Callable[[Any], Any],
    plain: Callable[[Any, Any], Any],
    slope: Callable[[Any, Any], Any],
    bounded: Callable[[Any], Any] | None = None,
    exact: Callable[[Any], Any] | None = None,
    closed: Callable[[Any], Any] | None = None,
    series: Callable[[Any], Any] | None = None,
    text: str = "",
    script: str = "",
) -> Function:
    """The record of a function of one number, applied to each entry.

    Parameters
    ----------
    ball, exact, closed, series
        Of one entry: an `arb`, a `Surd`, a `Form`, an `arb_series`.
    plain
        (NumPy or autograd's NumPy, float64 array) -> float64 array.
    bounded
        Of an array with error bounds; without it every case is left to balls.
    slope
        (x, f(x)) -> f'(x), a formula.

    Examples
    --------
    >>> from checker import entrywise
    >>> bell = entrywise(
    ...     "bell",
    ...     ball=lambda x: (-x * x).exp(),
    ...     plain=lambda xp, x: xp.exp(-x * x),
    ...     slope=lambda x, value: -2 * x * value,
    ... )
    >>> print(bell(1))
    0.367879441171442
    >>> from checker.arithmetic.function import FUNCTIONS
    >>> del FUNCTIONS["bell"]  # a name is given once; this one was for the example
    """

    def tangent(operands: Any, value: Any) -> Callable[[Any], Any]:
        factor = slope(operands[0], value)
        return lambda change: factor * change

    def each(function: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
        return None if function is None else lambda x: x._each(function)

    def left_to_balls(x: Any) -> Any:
        return type(x)(plain(np, x.value), np.full_like(x.value, np.inf))

    return Function(
        name,
        bounded=bounded or left_to_balls,
        ball=each(ball),
        exact=each(exact),
        closed=each(closed),
        series=each(series),
        plain=lambda x: type(x)(plain(x.xp, x.value)),
        terms=lambda x: x._named(name),
        tangent=tangent,
        text=text,
        script=script,
    )


def composed(name: str, **known: Any) -> Callable[[Callable[..., Any]], Function]:
    """Decorator: the record of a function that is a formula; `known` are further attributes.

    Examples
    --------
    >>> from checker import composed, exp
    >>> from checker.arithmetic.function import FUNCTIONS
    >>> @composed("swish")
    ... def swish(x):
    ...     return x / (1 + exp(-x))
    >>> print(swish(0))
    0
    >>> del FUNCTIONS["swish"]  # a name is given once; this one was for the example
    """

    def record(formula: Callable[..., Any]) -> Function:
        made = Function(name, formula, **known)
        # What `amax?` shows in a notebook, instead of what any function is.
        object.__setattr__(made, "__doc__", formula.__doc__ or Function.__doc__)
        return made

    return record


def alone(kind: Any) -> Any:
    """Class decorator: the arithmetic of known numbers without an array beside them."""
    _ALONE.append(kind)
    return kind


def highest(operands: Iterable[Any]) -> Any:
    """The operand into whose arithmetic the others are lifted; lists count by their entries."""
    found = None
    for x in operands:
        if isinstance(x, Operand):
            if found is None or x.level > found.level:
                found = x
            continue
        own = highest(x) if isinstance(x, list | tuple) else x
        if isinstance(own, Operand) and (found is None or own.level > found.level):
            found = own
    return found if found is not None else _ALONE[0].of(0)


def named(name: str) -> Function:
    """The function of that name."""
    if name not in FUNCTIONS:
        import_module("checker.arithmetic.functions")
    return FUNCTIONS[name]
