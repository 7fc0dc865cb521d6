"""What a formula may say about its numbers beyond their values: equal where arguments are equal,
two formulas of one number, steps of a long loop, and functions that ran in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np

from checker.arithmetic.arrays.array import Array
from checker.arithmetic.function import highest
from checker.arithmetic.functions.shapes import filled
from checker.errors import FormulaError, InputError

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

    Examples
    --------
    >>> import numpy as np
    >>> from checker import black_box, claim, decide, vectors
    >>> @claim
    ... def bounded(u: vectors("k")):
    ...     return black_box(lambda x: np.sinc(x).max(), u) <= 0.5
    >>> found = decide(bounded, u=[0.0, 1.0])
    >>> found.decision.name, found.refutes
    ('VIOLATED', False)
    """
    name = _name_of(function)
    columns = [argument.floats() for argument in arguments]
    results = [_real(name, _called(function, case)) for case in _cases(columns)]
    made = type(arguments[0]).stacked(results)
    return made.marked(f"{name} was computed in float64 without an error bound")


def program(function: Callable[..., Any], *arguments: Any) -> Any:
    """What `function` returns for the very floats of the instance: the program is the subject.

    A claim about code: that a mean in float64 lies between the least and the greatest number, or
    that a softmax adds up to 1. Inputs and outputs are exact numbers, so a violation refutes, with
    the bits. `function` gets float64 arrays of one instance (no batch axis), copies, and returns a
    number or an array, which counts as what it is: a float32 is a number, too. NaN and infinities
    are no numbers, and what follows from them is undefined.

    Raises
    ------
    FormulaError
        For an argument that is no field of the instance but computed from fields: code would get
        its rounded value, and the claim would be about another number. Where the code returns
        something else on the same input, there is nothing to decide.

    Examples
    --------
    >>> import numpy as np
    >>> from checker import claim, decide, program, vectors
    >>> @claim
    ... def adds_up(u: vectors("k")):
    ...     return program(np.sum, u) == u.sum()
    >>> decide(adds_up, u=[0.1, 0.2, 0.3]).refutes
    True
    """
    name, home = _name_of(function), highest(arguments)
    lifted = [home.lift(argument) for argument in arguments]
    columns = [x.known_floats() for x in lifted]
    if any(column is None for column in columns):
        raise FormulaError(
            f"the program {name} is called with a number that was computed",
            why="code gets floats, and what the formula computes is a real number",
            hint=f"pass fields of the instance as they are, and compute inside {name}",
        )
    cases = list(_cases(columns))
    results = [_output(name, function, case) for case in cases]
    if len(cases) == 1 and not _same(results[0], _output(name, function, cases[0])):
        raise FormulaError(
            f"the program {name} returns different numbers for the same input",
            why="what it computes depends on more than its arguments, and no case replays",
            hint="pass a seed as a field, or take out what is random",
        )
    made = type(home).stacked(results)
    reason = next((x.unproved for x in lifted if x.unproved), "")
    return (made.marked(reason) if reason else made).known_as("program", lifted, name)


def _name_of(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _cases(columns: list[Any]) -> Iterator[tuple[Any, ...]]:
    """The arguments of each case; those that all cases share are repeated."""
    size = max(map(len, columns))
    return zip(*(c * size if len(c) == 1 else c for c in columns), strict=True)


def _called(function: Callable[..., Any], case: Iterable[Any]) -> Any:
    """What it returns; that a search meets overflows is no news for whoever reads its output."""
    with np.errstate(all="ignore"):
        return function(*case)


def _output(name: str, function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    given = np.asarray(_called(function, [x.copy() for x in case]))
    numbers = _real(name, given)
    if given.dtype.kind in "iu" and (numbers.astype(given.dtype) != given).any():
        raise InputError(f"the program {name} returned an integer that is not a float")
    return numbers


def _same(one: Any, other: Any) -> bool:
    return bool(one.shape == other.shape and one.tobytes() == other.tobytes())


def _real(name: str, value: Any) -> Any:
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "iuf":
        raise InputError(
            f"the black box {name} returned {type(value).__name__}, not an array of real numbers"
        )
    return numbers.astype(np.float64)
