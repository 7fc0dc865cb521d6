"""What claims assert: `lhs >= rhs`, `lhs > rhs`, `x == y`, several of them, or under a premise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from checker.arithmetic.arrays.refused import Refused
from checker.errors import FormulaError


@dataclass(frozen=True, eq=False)
class Inequality(Refused):
    """The assertion `lhs >= rhs` between two numbers of one arithmetic (`Array`s).

    Attributes
    ----------
    lhs, rhs
        Its sides; arrays of one shape assert it entry by entry, see `conclusions`.
    strict
        Whether equality violates it.
    identity
        Whether it says x = y, see `equality`.
    given
        Premises: where one of them is violated, nothing is asserted.
    scale
        A number that the slack is measured against; None for the larger side.
    """

    lhs: Any
    rhs: Any
    strict: bool = False
    identity: bool = False
    given: tuple[Inequality, ...] = ()
    scale: Any = None

    @property
    def slack(self) -> Any:
        """`lhs - rhs`: negative exactly where the assertion fails; where it is strict, or 0."""
        return self.lhs - self.rhs


def at_least(x: Any, y: Any, zero: bool, *, strict: bool = False) -> Inequality:
    """x >= y of two arrays; `zero` says that y was written as the number 0.

    A difference is then compared by its terms: what is subtracted goes to the other side, so that
    its slack has a scale. Of other numbers the scale is 1 or their own size.
    """
    if not zero or x.shape:
        return Inequality(x, y, strict)
    plus, minus = x.summands
    if plus and minus:
        return Inequality(_sum(plus), _sum(minus), strict)
    return Inequality(x, y, strict, scale=abs(x).maximum(y + 1))


def at_most(x: Any, y: Any, zero: bool, *, strict: bool = False) -> Inequality:
    """y >= x; `zero` says that y was written as the number 0."""
    if not zero or x.shape:
        return Inequality(y, x, strict)
    plus, minus = x.summands
    if plus and minus:
        return Inequality(_sum(minus), _sum(plus), strict)
    return Inequality(y, x, strict, scale=abs(x).maximum(y + 1))


def equality(x: Any, y: Any) -> Inequality:
    """x = y as one inequality, x >= y + 2 |x - y|, which fails whichever of the two is greater.

    The slack is at most -|x - y|; it is 0 where they are equal.

    Examples
    --------
    >>> from checker import claim, decide, equality, matrices, trace
    >>> @claim
    ... def cyclic(A: matrices("n", "d"), B: matrices("d", "n")):
    ...     return equality(trace(A @ B), trace(B @ A))
    >>> decide(cyclic, A=[[1, 2]], B=[[3], [4]]).decision.name
    'EQUAL'
    """
    return Inequality(x, y + 2 * abs(x - y), identity=True)


def implies(premise: Any, conclusion: Any) -> Any:
    """Where the premise holds, so does the conclusion; elsewhere nothing is asserted.

    Both are what a claim may return: an inequality or several.

    Examples
    --------
    >>> from checker import claim, decide, implies, numbers
    >>> @claim
    ... def grows(x: numbers()):
    ...     return implies(x >= 1, x**2 >= x)
    >>> decide(grows, x=0.5).refutes
    False
    """
    premises = tuple(conclusions(premise))
    if isinstance(conclusion, tuple | list):
        return tuple(implies(premises, part) for part in conclusion)
    if not isinstance(conclusion, Inequality):
        raise _not_an_assertion(conclusion)
    return replace(conclusion, given=(*conclusion.given, *premises))


def conclusions(asserted: Any) -> list[Inequality]:
    """The single assertions of what a formula returned, each between two numbers.

    A tuple or list asserts all of its parts; arrays assert entry by entry, which is one assertion
    on the worst of them.

    Raises
    ------
    FormulaError
        For anything else, with what to write instead.
    """
    if isinstance(asserted, tuple | list):
        if not asserted:
            raise _not_an_assertion(asserted)
        return [part for each in asserted for part in conclusions(each)]
    if not isinstance(asserted, Inequality):
        raise _not_an_assertion(asserted)
    return [_scalar(asserted)]


def all_of(parts: list[Inequality]) -> Inequality:
    """Several assertions as one: the least slack is at least 0."""
    if len(parts) == 1:
        return parts[0]
    if any(p.given or p.strict for p in parts):
        raise FormulaError(
            "strict or conditional inequalities among several conclusions cannot be joined",
            hint="state them as claims of their own",
        )
    least = reduce(lambda x, y: -(-x).maximum(-y), (p.slack for p in parts))
    return Inequality(least, 0 * least, scale=abs(least).maximum(0 * least + 1))


def _scalar(part: Inequality) -> Inequality:
    """An inequality between arrays as one between the sides of the worst entry."""
    if max(getattr(side, "level", 0) for side in (part.lhs, part.rhs)) < 0:
        raise FormulaError(
            "the formula compares constants",
            why="the instance's fields have no part in it",
            hint="return `lhs >= rhs` built from the instance's fields",
        )
    if not (part.lhs.shape or part.rhs.shape):
        return part
    slack = part.slack
    if 0 in slack.shape:
        raise FormulaError(
            "the formula compares arrays without an entry",
            why="that asserts nothing",
            hint="compare arrays that have entries, and draw such: st.lists(..., min_size=1)",
        )
    size = abs(part.lhs).maximum(abs(part.rhs))
    least = reduce(lambda x, y: -(-x).maximum(-y), _entries(slack))
    scale = reduce(lambda x, y: x.maximum(y), _entries(size))
    return Inequality(least, 0 * least, part.strict, part.identity, part.given, scale)


def _entries(array: Any) -> Iterator[Any]:
    for part in array:
        yield from _entries(part) if part.shape else (part,)


def _sum(terms: tuple[Any, ...]) -> Any:
    return reduce(lambda x, y: x + y, terms)


def _not_an_assertion(returned: Any) -> FormulaError:
    if returned is None:
        return FormulaError(
            "the formula returns nothing",
            why="a claim is what its function returns",
            hint="end it with: return lhs >= rhs",
        )
    if isinstance(returned, bool):
        return FormulaError(
            f"the formula returns {returned}, a truth value",
            why="it compared plain numbers, which the instance's fields have no part in",
            hint="return `lhs >= rhs` built from the instance's fields",
        )
    return FormulaError(
        f"the formula returns {_kind(returned)}",
        why="a claim asserts an inequality, an equation, or several of them",
        hint="return `lhs >= rhs`, `lhs > rhs`, `x == y`, or a tuple of these, built from the "
        "instance's fields and the functions of docs/functions.md",
    )


def _kind(returned: Any) -> str:
    if isinstance(returned, tuple | list):
        return f"an empty {type(returned).__name__}"
    shape = getattr(returned, "shape", None)
    if isinstance(shape, tuple):
        return f"an array of shape {shape}" if shape else "a number"
    return f"a {type(returned).__name__}"
