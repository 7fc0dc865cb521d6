"""Values, gradients and Hessians of a program on many boxes at once, as intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from checker.proofs.boxes.intervals import (
    FUNCTIONS,
    Floats,
    Interval,
    absolute,
    add,
    constant,
    exponential,
    hull,
    hyperbolic,
    inverse,
    logistic,
    mul,
    neg,
    power,
)
from checker.proofs.boxes.program import Step

# (least, greatest) number of each variable, (d, boxes).
Box = tuple[Floats, Floats]


@dataclass(frozen=True)
class Jet:
    """A number with its derivatives; those that are left out are 0.

    Attributes
    ----------
    first
        Variable -> derivative.
    second
        (i, j) with i <= j -> second derivative.
    """

    value: Interval
    first: Mapping[int, Interval] = field(default_factory=dict)
    second: Mapping[tuple[int, int], Interval] = field(default_factory=dict)


def jets(steps: Sequence[Step], box: Box, order: int) -> list[Jet]:
    """The jets of all steps; `order` 0 has values alone, 1 gradients, 2 Hessians."""
    found: list[Jet] = []
    with np.errstate(all="ignore"):
        for step in steps:
            found.append(_jet(step, found, box, order))
    return found


def _jet(step: Step, known: Sequence[Jet], box: Box, order: int) -> Jet:
    op, *operands = step
    size = box[0].shape[1]
    if op == "const":
        return Jet(constant(Fraction(operands[0]), size))
    if op == "var":
        (k,) = operands
        one = {k: constant(Fraction(1), size)} if order else {}
        return Jet((box[0][k], box[1][k]), one)
    if op == "pow":
        base, n = known[operands[0]], operands[1]
        return _composed(base, _power_rule(n), order)
    parts = [known[k] for k in operands]
    if op == "add":
        return _sum(*parts)
    if op == "mul":
        return _product(parts[0], parts[1], order)
    if op == "div":
        return _product(parts[0], _composed(parts[1], _inverse_rule, order), order)
    if op == "max":
        return _maximum(parts[0], parts[1], order)
    if op == "neg":
        return _each(parts[0], neg)
    return _composed(parts[0], _RULES[op], order)


def _each(x: Jet, change: Callable[[Interval], Interval]) -> Jet:
    first = {k: change(v) for k, v in x.first.items()}
    return Jet(change(x.value), first, {k: change(v) for k, v in x.second.items()})


def _merged(x: Mapping[Any, Interval], y: Mapping[Any, Interval]) -> dict[Any, Interval]:
    return {**x, **{k: add(x[k], v) if k in x else v for k, v in y.items()}}


def _sum(x: Jet, y: Jet) -> Jet:
    return Jet(add(x.value, y.value), _merged(x.first, y.first), _merged(x.second, y.second))


def _scaled(parts: Mapping[Any, Interval], factor: Interval) -> dict[Any, Interval]:
    return {k: mul(v, factor) for k, v in parts.items()}


def _crossed(
    x: Mapping[int, Interval], y: Mapping[int, Interval]
) -> dict[tuple[int, int], Interval]:
    """x_i y_j + x_j y_i for i < j, and x_i y_i."""
    found: dict[tuple[int, int], Interval] = {}
    for i, a in x.items():
        for j, b in y.items():
            place, product = (min(i, j), max(i, j)), mul(a, b)
            found[place] = add(found[place], product) if place in found else product
    return found


def _doubled(parts: Mapping[tuple[int, int], Interval]) -> dict[tuple[int, int], Interval]:
    """What is counted once on the diagonal stands for two equal terms."""
    return {(i, j): add(v, v) if i == j else v for (i, j), v in parts.items()}


def _product(x: Jet, y: Jet, order: int) -> Jet:
    first = _merged(_scaled(x.first, y.value), _scaled(y.first, x.value)) if order else {}
    second: Mapping[tuple[int, int], Interval] = {}
    if order > 1:
        own = _merged(_scaled(x.second, y.value), _scaled(y.second, x.value))
        second = _merged(own, _doubled(_crossed(x.first, y.first)))
    return Jet(mul(x.value, y.value), first, second)


# A function and its first two derivatives, as far as they are asked for.
Rule = Callable[[Interval, int], list[Interval]]


def _composed(x: Jet, rule: Rule, order: int) -> Jet:
    values = rule(x.value, order if x.first else 0)
    first = _scaled(x.first, values[1]) if len(values) > 1 else {}
    second: Mapping[tuple[int, int], Interval] = {}
    if len(values) > 2:
        squares = {(i, j): mul(x.first[i], x.first[j]) for i in x.first for j in x.first if i <= j}
        second = _merged(_scaled(x.second, values[1]), _scaled(squares, values[2]))
    return Jet(values[0], first, second)


def _inverse_rule(x: Interval, order: int) -> list[Interval]:
    one = inverse(x)
    two = constant(Fraction(2), len(x[0]))
    return [one, neg(power(one, 2)), mul(two, power(one, 3))][: order + 1]


def _power_rule(n: int) -> Rule:
    def rule(x: Interval, order: int) -> list[Interval]:
        values = [power(x, n)]
        for k in range(1, order + 1):
            factor = Fraction(n if k == 1 else n * (n - 1))
            rest = power(x, n - k) if n > k else constant(Fraction(1), len(x[0]))
            values.append(mul(constant(factor, len(x[0])), rest))
        return values

    return rule


def _root_rule(x: Interval, order: int) -> list[Interval]:
    root = FUNCTIONS["sqrt"](x)
    half = inverse(add(root, root))
    return [root, half, neg(mul(half, inverse(add(x, x))))][: order + 1]


def _exp_rule(x: Interval, order: int) -> list[Interval]:
    return [exponential(x)] * (order + 1)


def _log_rule(x: Interval, order: int) -> list[Interval]:
    one = inverse(x)
    return [FUNCTIONS["log"](x), one, neg(power(one, 2))][: order + 1]


def _tanh_rule(x: Interval, order: int) -> list[Interval]:
    t = hyperbolic(x)
    slope = add(constant(Fraction(1), len(x[0])), neg(power(t, 2)))
    return [t, slope, neg(mul(add(t, t), slope))][: order + 1]


def _sigmoid_rule(x: Interval, order: int) -> list[Interval]:
    s, rest = logistic(x), logistic(neg(x))
    slope = mul(s, rest)
    return [s, slope, mul(slope, add(rest, neg(s)))][: order + 1]


def _softplus_rule(x: Interval, order: int) -> list[Interval]:
    return [FUNCTIONS["softplus"](x), *_sigmoid_rule(x, order)][: order + 1]


def _log_cosh_rule(x: Interval, order: int) -> list[Interval]:
    return [FUNCTIONS["log_cosh"](x), *_tanh_rule(x, order)][: order + 1]


def _abs_rule(x: Interval, order: int) -> list[Interval]:
    """The slope of |x| is any number of [-1, 1] where x may be 0; there is no second derivative."""
    low, high = np.where(x[0] >= 0, 1.0, -1.0), np.where(x[1] <= 0, -1.0, 1.0)
    bent = low < high
    none = np.where(bent, -np.inf, 0.0), np.where(bent, np.inf, 0.0)
    return [absolute(x), (low, high), none][: order + 1]


_RULES: Mapping[str, Rule] = {
    "abs": _abs_rule,
    "sqrt": _root_rule,
    "exp": _exp_rule,
    "log": _log_rule,
    "tanh": _tanh_rule,
    "sigmoid": _sigmoid_rule,
    "softplus": _softplus_rule,
    "log_cosh": _log_cosh_rule,
}


def _maximum(x: Jet, y: Jet, order: int) -> Jet:
    left, right = x.value[0] >= y.value[1], y.value[0] >= x.value[1]
    value = np.maximum(x.value[0], y.value[0]), np.maximum(x.value[1], y.value[1])

    def chosen(a: Interval, b: Interval, between: Interval) -> Interval:
        first = (
            np.where(left, p, np.where(right, q, r)) for p, q, r in zip(a, b, between, strict=True)
        )
        low, high = first
        return low, high

    zero = constant(Fraction(0), len(value[0]))
    first = {}
    for k in {*x.first, *y.first} if order else ():
        a, b = x.first.get(k, zero), y.first.get(k, zero)
        first[k] = chosen(a, b, hull(a, b))
    unknown = np.full_like(value[0], -np.inf), np.full_like(value[0], np.inf)
    second = {}
    for i in first if order > 1 else ():
        for j in first:
            if i <= j:
                a, b = x.second.get((i, j), zero), y.second.get((i, j), zero)
                second[i, j] = chosen(a, b, unknown)
    return Jet(value, first, second)
