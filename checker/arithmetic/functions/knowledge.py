"""What a formula may say about its numbers beyond their values: equal where arguments are equal,
two formulas of one number, steps of a long loop, and functions that ran in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.array import Array
from checker.arithmetic.functions.shapes import filled
from checker.errors import InputError

A = TypeVar("A", bound=Array)


def difference(f: Callable[[A], A], x: A, y: A) -> A:
    """f(x) - f(y) entry by entry, exactly 0 where x = y exactly.

    Without it, equality of two transcendental values could not be proved by enclosures.
    """
    return (f(x) - f(y)).zero_where_equal(x, y)


def vanishing_with(x: A, y: A) -> A:
    """x, which is known to be 0 wherever y is; may use that knowledge."""
    return x.zero_where_equal(y, filled(y, 0.0))


def tighter(x: A, y: A) -> A:
    """Two formulas for the same number: the narrower enclosure, case by case.

    Only for formulas that agree wherever both are defined; that is the caller's proof.
    """
    return x.narrower(y)


def settled(x: A) -> A:
    """x, for a loop of many steps.

    A bound on a product of two uncertain numbers carries the roundings of both, so their number
    doubles from step to step, and after some twenty steps the bound would say nothing. Here it is
    enlarged once for all roundings so far.
    """
    return x.settled()


def black_box(function: Callable[..., Any], *arguments: A) -> A:
    """function(*arguments) computed in float64, without a bound: everything that follows from it
    is marked `unproved`.

    `function` gets float64 arrays of one instance (no batch axis) and returns one. A violation that
    rests on it refutes nothing, it is a candidate.

    Raises
    ------
    InputError
        When the result is no array of real numbers.
    """
    name = getattr(function, "__name__", type(function).__name__)
    columns = [argument.floats() for argument in arguments]
    size = max(map(len, columns))
    full = (c * size if len(c) == 1 else c for c in columns)
    results = [_real(name, function(*case)) for case in zip(*full, strict=True)]
    made = type(arguments[0]).stacked(results)
    return made.marked(f"{name} was computed in float64 without an error bound")


def _real(name: str, value: Any) -> Any:
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iuf":
        raise InputError(
            f"the black box {name} returned {type(value).__name__}, not an array of real numbers"
        )
    return numbers.astype(np.float64)
