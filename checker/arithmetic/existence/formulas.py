"""Existence in formulas: `exists_minimum(f, near, radius, value=(a, b))` and its relatives.

Each asserts that its box, all points whose coordinates differ from those of `near` by at most
`radius`, holds a point of a kind. As a number that is 1 where there is one and -1 where there is
none, and the assertion is that it is at least 0. Balls decide it; float64 and exact numbers leave
every case to them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.above.derivatives import grad, hessian, jacobian
from checker.arithmetic.ball import Ball
from checker.arithmetic.exact import UNKNOWN, Exact
from checker.arithmetic.existence.critical import Question, Sought, answer
from checker.arithmetic.function import Function, highest
from checker.arithmetic.functions.branches import minimum
from checker.arithmetic.functions.products import norm
from checker.arithmetic.functions.spectra import lambda_max, lambda_min
from checker.arithmetic.inequality import Inequality
from checker.arithmetic.recorded import Node, Recorded, Terms
from checker.errors import FormulaError

Value = tuple[Any, Any] | None
Map = Callable[[Any], Any]
Maps = tuple[Map, Map]


_ASKED: ContextVar[list[Sought] | None] = ContextVar("_ASKED", default=None)


@contextmanager
def noticed_existence() -> Iterator[list[Sought]]:
    """What existence has been asked for in the block: such cases cost a search each."""
    before, asked = _ASKED.get(), list[Sought]()
    _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.set(before)


def exists_minimum(
    f: Map, near: Any, radius: Any, value: Value = None, *, derivatives: Maps | None = None
) -> Inequality:
    """f, of a vector, has a strict local minimum within `radius` of `near` in each coordinate.

    Parameters
    ----------
    f
        An expression in functions that have derivatives; it may use the arguments of the claim.
    near, radius
        A vector and a number, which may be arguments of the claim, too.
    value
        (a, b): the value at the minimum lies in [a, b]. An end may be None.
    derivatives
        Gradient and Hessian of f, (k,) and (k, k), where closed forms are faster than `grad` and
        `hessian`. They are what is decided then; let an oracle of the claim compare them with f.

    Examples
    --------
    >>> from checker import claim, decide, exists_minimum, interval
    >>> @claim
    ... def bottom(a: interval(-1, 1)):
    ...     return exists_minimum(lambda z: (z[0] - a) ** 2 + z[1] ** 2, near=(0, 0), radius=2)
    >>> decide(bottom, a=0.5).decision.name
    'HOLDS'
    """
    return _asserted(Sought.MINIMUM, f, near, radius, value, derivatives)


def exists_saddle(
    f: Map, near: Any, radius: Any, value: Value = None, *, derivatives: Maps | None = None
) -> Inequality:
    """f has a critical point with curvature of both signs there, see `exists_minimum`.

    Examples
    --------
    >>> from checker import claim, decide, exists_saddle, interval
    >>> @claim
    ... def pass_between(a: interval(1, 2)):
    ...     return exists_saddle(lambda z: z[0] ** 2 - a * z[1] ** 2, near=(0, 0), radius=1)
    >>> decide(pass_between, a=1).decision.name
    'HOLDS'
    """
    return _asserted(Sought.SADDLE, f, near, radius, value, derivatives)


def exists_zero(F: Map, near: Any, radius: Any) -> Inequality:
    """F(x) = 0 for some x there, where F makes a vector of as many entries as x has.

    Examples
    --------
    >>> from checker import claim, decide, exists_zero, interval
    >>> @claim
    ... def root(a: interval(1, 2)):
    ...     return exists_zero(lambda z: z**2 - a, near=(1.2,), radius=0.5)
    >>> decide(root, a=2).decision.name
    'HOLDS'
    """
    return _asserted(Sought.ZERO, F, near, radius, None, None)


def _asserted(
    sought: Sought, f: Map, near: Any, radius: Any, value: Value, derivatives: Maps | None
) -> Inequality:
    asked = _ASKED.get()
    if asked is not None:
        asked.append(sought)
    point = highest((near,)).lift(near)
    if point.ndim != 1 or not point.size:
        raise FormulaError(
            f"{sought.value} is asked near an array of shape {point.shape}",
            why="the point is a vector",
            hint="reshape inside: exists_minimum(lambda v: f(v.reshape(2, 3)), A.ravel(), r)",
        )
    result = _result(sought, f(point), point)
    low, high = _bounds(sought, value)
    given = [x for x in (low, high) if x is not None]
    # The result of f tells the arithmetic, where `near` and the bounds are plain numbers.
    first = result if result.ndim == 0 else result[0]
    first_two = derivatives or (lambda x: grad(f, x), lambda x: hessian(f, x))
    maps = (f, *first_two) if sought is not Sought.ZERO else (f, f, lambda x: jacobian(f, x))
    number = _FUNCTIONS[sought](
        first, point, radius, *given, maps=maps, low=low is not None, high=high is not None
    )
    return number >= 0  # type: ignore[no-any-return]


def _result(sought: Sought, returned: Any, point: Any) -> Any:
    """What the function returned, if it has the shape that is asked for."""
    result = highest((returned,)).lift(returned)
    shape, wanted = result.shape, point.shape if sought is Sought.ZERO else ()
    if shape != wanted:
        raise FormulaError(
            f"{sought.value} takes a function whose values have the shape {wanted}, not {shape}",
            why="a system has as many equations as unknowns"
            if sought is Sought.ZERO
            else "minima and saddles are those of a number",
        )
    return result


def _bounds(sought: Sought, value: Value) -> tuple[Any, Any]:
    if value is None:
        return None, None
    try:
        low, high = value
    except (TypeError, ValueError) as error:
        raise FormulaError(
            f"{sought.value} takes value=(a, b), the ends of an interval, not {value!r}",
            hint="value=(a, None) has no upper end",
        ) from error
    plain = isinstance(low, int | float) and isinstance(high, int | float)
    if plain and low > high:
        raise FormulaError(f"no value lies between {low} and {high}", hint="value=(low, high)")
    return low, high


# -- in each arithmetic ---------------------------------------------------------------------------


def _split(bounds: tuple[Any, ...], low: bool, high: bool) -> tuple[Any, Any]:
    return (bounds[0] if low else None), (bounds[-1] if high else None)


def _ball_of(sought: Sought) -> Callable[..., Ball]:
    def ball(
        first: Ball, near: Ball, radius: Ball, *bounds: Ball, maps: Any, low: bool, high: bool
    ) -> Ball:
        return _answered(sought, maps, near, radius, _split(bounds, low, high), lambda x: x)

    return ball


def _recorded_of(sought: Sought) -> Callable[..., Recorded]:
    """As balls; what f computes on the way is no part of a report."""

    def within(box: Ball) -> Recorded:
        unknown = Exact(box._each(lambda _: UNKNOWN).entries)
        return Recorded(Node("leaf", shape=box.shape), box, unknown, Terms.leaf(box.floats()[0]))

    def recorded(first: Any, *operands: Any, maps: Any, low: bool, high: bool) -> Recorded:
        near, radius, *bounds = (x.ball for x in operands)
        ends = _split(tuple(bounds), low, high)
        number = _answered(sought, maps, near, radius, ends, within)
        node = Node(sought.value, tuple(x.node for x in operands))
        entry = Node(sought.value, tuple(x for o in operands for x in o.terms.entries.flat))
        unknown = Exact(number._each(lambda _: UNKNOWN).entries)
        return Recorded(node, number, unknown, Terms.constant(0.0)._each(lambda _: entry))

    return recorded


def _answered(
    sought: Sought, maps: Any, near: Ball, radius: Ball, ends: tuple[Any, Any], within: Any
) -> Ball:
    """1, -1 or the interval between them; `within` makes numbers of f's arithmetic of balls."""

    def of(compute: Map) -> Callable[[Ball], Ball]:
        def computed(x: Ball) -> Ball:
            home = within(x)
            made = home.lift(compute(home))
            return made.ball if isinstance(made, Recorded) else made

        return computed

    value, system, slopes = (of(x) for x in maps)
    question = Question(sought, system, slopes, None if sought is Sought.ZERO else value, *ends)
    told = answer(question, near, radius)
    return near._scalar(arb(told) if told else arb(0, 1))


def _bounded(first: Any, *_operands: Any, **_options: Any) -> Any:
    """Nothing is known in float64."""
    return type(first)(np.zeros_like(first.value), np.full_like(first.value, np.inf))


def _plain_of(sought: Sought) -> Callable[..., Any]:
    """What the guided search climbs on, positive about where there is one; it proves nothing."""

    def plain(
        first: Any, near: Any, radius: Any, *bounds: Any, maps: Any, low: bool, high: bool
    ) -> Any:
        value, slope, H = (near.lift(x(near)) for x in maps)
        if sought is Sought.ZERO:
            return radius - norm(value)
        least = lambda_min(H)
        kind = least if sought is Sought.MINIMUM else minimum(-least, lambda_max(H))
        margin = minimum(kind, radius * kind - norm(slope))
        start, end = _split(bounds, low, high)
        margin = margin if start is None else minimum(margin, value - start)
        margin = margin if end is None else minimum(margin, end - value)
        return margin / (1 + abs(margin))

    return plain


_FUNCTIONS = {
    sought: Function(
        sought.value,
        bounded=_bounded,
        ball=_ball_of(sought),
        plain=_plain_of(sought),
        recorded=_recorded_of(sought),
        scripted=False,
    )
    for sought in Sought
}
