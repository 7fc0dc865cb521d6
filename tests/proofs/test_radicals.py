"""Formulas as products of powers of polynomials: comparisons are true where they should be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest

from checker.claims.form import Form
from checker.instances.fields import Dims
from checker.proofs.boxes.program import Problem, Step
from checker.proofs.radicals import Factors, Numbers, sides
from checker.proofs.smt import solver

z3 = solver()
BITS = 400
VALUES = [Fraction(k, 2) for k in (-6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 8)]
UNARY, BINARY = ("neg", "sqrt", "abs"), ("add", "add", "mul", "mul", "div", "max")


def _problem(steps: list[Step], names: list[str], box: list[tuple[float, float]]) -> Problem:
    form = Form(object, {name: Dims() for name in names})
    return Problem(form, tuple(names), tuple(box), tuple(steps), ())


def _random(rng: np.random.Generator) -> list[Step]:
    """A program in which later steps are made of earlier ones."""
    steps: list[Step] = [("var", 0), ("var", 1), ("var", 2), ("const", "2"), ("const", "-1/3")]
    for _ in range(int(rng.integers(4, 12))):
        old = [int(rng.integers(len(steps))) for _ in range(2)]
        kind = int(rng.integers(10))
        if kind < 3:
            steps.append((UNARY[int(rng.integers(len(UNARY)))], old[0]))
        elif kind == 3:
            steps.append(("pow", old[0], int(rng.integers(2, 4))))
        else:
            steps.append((BINARY[int(rng.integers(len(BINARY)))], *old))
    return steps


def _values(steps: list[Step], point: list[Fraction]) -> list[Any] | None:
    """Arb's numbers, or None where something is undefined or its sign is not known."""
    known: list[Any] = []
    for op, *operands in steps:
        if op in ("var", "const"):
            value = point[operands[0]] if op == "var" else Fraction(operands[0])
            known.append(flint.arb(flint.fmpq(value.numerator, value.denominator)))
            continue
        if op == "pow":
            known.append(known[operands[0]] ** operands[1])
            continue
        parts = [known[k] for k in operands]
        if (op == "div" and parts[1].contains(0)) or (op == "sqrt" and not parts[0] >= 0):
            return None
        known.append(_OPERATIONS[op](*parts))
    return known


_OPERATIONS: dict[str, Any] = {
    "neg": lambda x: -x,
    "abs": abs,
    "sqrt": lambda x: x.sqrt(),
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "max": lambda x, y: x.max(y),
}


def _truth(steps: list[Step], values: list[Any]) -> bool | None:
    """Whether the last number is at least the one before, or None where that is not known."""
    x, y = values[-1], values[-2]
    if x.is_exact() and y.is_exact():
        return bool(x >= y)
    return True if x > y else False if x < y else None


@pytest.mark.skipif(z3 is None, reason="needs the extra prove")
def test_comparisons_are_those_of_the_numbers() -> None:
    """At random points of random programs the condition x >= y is met if and only if it is true."""
    rng, seen = np.random.default_rng(0), {True: 0, False: 0, "roots": 0, "quotients": 0}
    before, flint.ctx.prec = flint.ctx.prec, BITS
    try:
        while min(seen[True], seen[False]) < 150:
            steps, sign = _random(rng), bool(rng.integers(2))
            low = [0.0 if sign else -np.inf] * 3
            point = [VALUES[int(rng.integers(len(VALUES)))] for _ in range(3)]
            point = [abs(x) for x in point] if sign else point
            values = _values(steps, point)
            truth = None if values is None else _truth(steps, values)
            if truth is None:
                continue
            assert _conditions(steps, point, low) == (truth, not truth), (steps, point)
            seen[truth] += 1
            seen["roots"] += any(op == "sqrt" for op, *_ in steps)
            seen["quotients"] += any(op == "div" for op, *_ in steps)
    finally:
        flint.ctx.prec = before
    assert min(seen["roots"], seen["quotients"]) > 100


def _conditions(steps: list[Step], point: list[Fraction], low: list[float]) -> tuple[bool, bool]:
    """Whether x >= y can be met, and its negation, at the point."""
    variables = [z3.Real(name) for name in "abc"]
    problem = _problem(steps, list("abc"), [(x, np.inf) for x in low])
    numbers = Numbers(z3, problem, variables)
    condition = numbers.at_least(numbers[len(steps) - 1], numbers[len(steps) - 2])
    there = [v == z3.Q(x.numerator, x.denominator) for v, x in zip(variables, point, strict=True)]
    return tuple(  # type: ignore[return-value]
        _sat([*there, *numbers.facts, each]) for each in (condition, z3.Not(condition))
    )


def _sat(conditions: list[Any]) -> bool:
    asked = z3.SolverFor("QF_NRA")
    asked.add(*conditions)
    said = asked.check()
    assert said != z3.unknown
    return bool(said == z3.sat)


# Pairs x, y at a, b, c where one of them is 0 by a root, or by a factor 0.
_AT_ZERO: list[tuple[list[Step], list[int], bool]] = [
    # a √b >= c with b = 0: the sign of a does not matter.
    ([("sqrt", 1), ("mul", 0, 3)], [-1, 0, 0], True),
    ([("sqrt", 1), ("mul", 0, 3)], [1, 0, 1], False),
    ([("sqrt", 1), ("mul", 0, 3), ("neg", 4)], [1, 0, 0], True),
    # √b >= √a with both 0.
    ([("sqrt", 0), ("sqrt", 1)], [0, 0, 5], True),
    # 0 a + b >= c.
    ([("const", "0"), ("mul", 3, 0), ("add", 4, 1)], [7, 2, 1], True),
    # √(a² b) + 1 >= c with a = 0 and b < 0.
    ([("pow", 0, 2), ("mul", 3, 1), ("sqrt", 4), ("const", "1"), ("add", 5, 6)], [0, -1, 1], True),
    ([("pow", 0, 2), ("mul", 3, 1), ("sqrt", 4), ("const", "1"), ("add", 5, 6)], [0, -1, 2], False),
]


@pytest.mark.skipif(z3 is None, reason="needs the extra prove")
@pytest.mark.parametrize(("made", "point", "truth"), _AT_ZERO)
def test_zeros(made: list[Step], point: list[int], truth: bool) -> None:
    """x is the last number, and y the variable c, or the number before where x and y are roots."""
    variables: list[Step] = [("var", k) for k in range(3)]
    steps = [*variables, *made]
    other = 3 if made[-1][0] == "sqrt" and len(made) == 2 else 2
    numbers = Numbers(
        z3, _problem(steps, list("abc"), [(-np.inf, np.inf)] * 3), [z3.Real(x) for x in "abc"]
    )
    condition = numbers.at_least(numbers[len(steps) - 1], numbers[other])
    there = [z3.Real(name) == x for name, x in zip("abc", point, strict=True)]
    found = [_sat([*there, *numbers.facts, c]) for c in (condition, z3.Not(condition))]
    assert found == [truth, not truth]


@pytest.mark.skipif(z3 is None, reason="needs the extra prove")
def test_what_is_divided_by_and_roots_go() -> None:
    """x / √(x² + y²) >= z has no unknown number but x, y and z."""
    steps: list[Step] = [
        ("var", 0), ("var", 1), ("var", 2), ("pow", 0, 2), ("pow", 1, 2), ("add", 3, 4),
        ("sqrt", 5), ("div", 0, 6), ("neg", 2), ("add", 7, 8),
    ]  # fmt: skip
    problem = _problem(steps, list("abc"), [(-np.inf, np.inf)] * 3)
    numbers = Numbers(z3, problem, [z3.Real(name) for name in "abc"])
    left, right = sides(problem, 9)
    assert (left, right) == (7, 2)
    numbers.at_least(numbers[7], numbers[2])
    assert numbers.facts == []
    assert numbers[7] == Factors(1, {0: Fraction(1), 5: Fraction(-1, 2)})
