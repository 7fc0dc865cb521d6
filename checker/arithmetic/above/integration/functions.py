"""Integrals over an interval, and expectations over a finite set or a normal number."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.above.derivatives import name_of
from checker.arithmetic.above.integration import growth
from checker.arithmetic.above.integration.pieces import Written, entry_as, value_of
from checker.arithmetic.above.integration.quadrature import bits_wanted, integral_ball
from checker.arithmetic.ball import Ball
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import UNKNOWN
from checker.arithmetic.function import Function, highest, named
from checker.arithmetic.recorded import Node, Recorded
from checker.errors import FormulaError

Integrand = Callable[[Any], Any]

# Nodes of the sums that stand for integrals where nothing is proved.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_NORMAL_NODES, _NORMAL_WEIGHTS = np.polynomial.hermite_e.hermegauss(40)
_NORMAL_WEIGHTS = _NORMAL_WEIGHTS / _NORMAL_WEIGHTS.sum()


def integral(f: Integrand, low: Any, high: Any) -> Any:
    """∫ f(t) dt over t from `low` to `high`; f makes one number of one number.

    Balls enclose it: by Taylor series on pieces of the interval, which are halved where the series
    is not good enough, also around kinks. Float64 has a value without a bound, so that every case
    is left to balls. There is no derivative of it.

    Raises
    ------
    FormulaError
        Where an end is not one number, or the integrand has no Taylor series.
    """
    home = highest((low, high, _tried(f, (low + high) / 2)))
    ends = home.lift(low), home.lift(high)
    if any(end.shape != () for end in ends):
        raise FormulaError(
            f"an integral is taken between two numbers, not arrays of shapes "
            f"{ends[0].shape} and {ends[1].shape}"
        )
    return _integral(*ends, f=f)


def expectation(f: Integrand, over: Any = "normal", weights: Any = None) -> Any:
    """E f(X). X takes the values `over` with probabilities proportional to `weights` (equal ones
    if None), or is a standard normal number where `over` is "normal".

    A finite set is enumerated, and f may make arrays of its values; to go through all signs:
    expectation(f, itertools.product((-1, 1), repeat=3)). Over a normal number f makes one number of
    one number; balls enclose the integral up to some |t|, as `integral` does, and the rest by a
    bound A exp(B |t|) on f that holds for all t.

    Raises
    ------
    FormulaError
        Where no such bound is known, or there are no values.
    """
    if isinstance(over, str):
        if over != "normal" or weights is not None:
            raise FormulaError(
                f"an expectation is not known over {over!r} with weights",
                hint='use over="normal" without weights, or a list of values',
            )
        return _normal(highest((_tried(f, 0.5),)).lift(0.0), f=f)
    values = list(over)
    if not values:
        raise FormulaError("an expectation is taken over no values")
    found = [f(value) for value in values]
    if weights is None:
        return reduce(lambda a, b: a + b, found) / len(values)
    if len(weights) != len(values):
        raise FormulaError(f"there are {len(weights)} weights for {len(values)} values")
    terms = [w * x for w, x in zip(weights, found, strict=True)]
    return reduce(lambda a, b: a + b, terms) / reduce(lambda a, b: a + b, list(weights))


def _tried(f: Integrand, at: Any) -> Any:
    """f somewhere: its arithmetic is that of the formula's numbers in it."""
    with np.errstate(all="ignore"):
        return f(at)


# -- float64, autograd and scripts: a sum, without a bound -----------------------------------------


def _sum(low: Any, high: Any, *, f: Integrand) -> Any:
    """Gauss and Legendre's."""
    half, middle = (high - low) / 2, (high + low) / 2
    terms = [
        f(middle + half * node) * weight for node, weight in zip(_NODES, _WEIGHTS, strict=True)
    ]
    return half * reduce(lambda a, b: a + b, terms)


def _normal_sum(zero: Any, *, f: Integrand) -> Any:
    """Gauss and Hermite's."""
    pairs = zip(_NORMAL_NODES, _NORMAL_WEIGHTS, strict=True)
    return reduce(lambda a, b: a + b, [f(zero + node) * weight for node, weight in pairs])


def _unbounded(compute: Callable[..., Any]) -> Callable[..., Any]:
    def bounded(*operands: Bounded, f: Integrand) -> Bounded:
        found = compute(*operands, f=f)
        return Bounded(found.value, np.full_like(found.value, np.inf))

    return bounded


def _unknown(operand: Any, *_: Any, f: Integrand) -> Any:
    return operand._each(lambda _: UNKNOWN)


# -- balls ----------------------------------------------------------------------------------------


def _ball(low: Ball, high: Ball, *, f: Integrand) -> Ball:
    start, end = low.item, high.item
    turned = start > end
    found = integral_ball(f, *((end, start) if turned else (start, end)))
    return low._scalar(-found if turned else found)


def _normal_ball(zero: Ball, *, f: Integrand) -> Ball:
    bound = value_of(f(growth.variable()), growth.Growth)
    # Beyond it the density is below 2^-bits, whatever the rate.
    beyond = arb(int(np.ceil(np.sqrt(1.4 * bits_wanted()))) + 2) + arb(bound.rate.upper()).ceil()

    def weighted(t: Any) -> Any:
        return f(t) * named("exp")(-t * t / 2)

    inside = integral_ball(weighted, -beyond, beyond) / (2 * arb.pi()).sqrt()
    return zero._scalar(inside + arb(0, 1) * bound.tail(beyond))


# -- for reports ----------------------------------------------------------------------------------


def _recorded(name: str, ball: Callable[..., Ball], compute: Callable[..., Any]) -> Any:
    """Its value as a ball, and in a script the sum."""

    def recorded(*operands: Recorded, f: Integrand) -> Recorded:
        found = ball(*(x.ball for x in operands), f=f)
        terms = compute(*(Written(x.terms.entries) for x in operands), f=f)
        first = operands[0]
        unknown = first.exact._each(lambda _: UNKNOWN)
        written = entry_as(type(first.terms), value_of(terms, Written))
        node = Node(name, tuple(x.node for x in operands), name_of(f))
        return Recorded(node, found, unknown, written)

    return recorded


def _record(name: str, ball: Callable[..., Ball], compute: Callable[..., Any]) -> Function:
    """Enclosed by `ball`; `compute` is the sum that stands for it elsewhere."""
    return Function(
        name,
        bounded=_unbounded(compute),
        ball=ball,
        exact=_unknown,
        plain=compute,
        terms=compute,
        recorded=_recorded(name, ball, compute),
    )


_integral = _record("integral", _ball, _sum)
_normal = _record("expectation", _normal_ball, _normal_sum)
