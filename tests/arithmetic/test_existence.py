"""`exists_minimum` and its relatives: yes, no, and neither where it is open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checker import claim, decide, exists_minimum, exists_saddle, exists_zero, numbers, sq, vectors
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.existence.critical import Sought
from checker.arithmetic.existence.formulas import noticed_existence
from checker.errors import FormulaError

YES, NO, OPEN = 1.0, -1.0, 0.0


def told(asserted: Any) -> float:
    """1, -1, or 0 where it is open."""
    number = asserted.lhs.item
    return float(number.mid()) if number.is_exact() else OPEN


def at(*near: float) -> Ball:
    return Ball.constant(np.array(near))


def well(x: Any) -> Any:
    """(x² - 1)²: minima at ±1, a maximum at 0."""
    return (x[0] ** 2 - 1) ** 2


def pass_(z: Any) -> Any:
    """A saddle at 0."""
    return z[0] ** 2 - z[1] ** 2


CASES = [
    (exists_minimum(well, at(0.9), 0.2), YES),
    (exists_minimum(well, at(0.0), 0.9), NO),
    (exists_minimum(well, at(0.0), 3.0), YES),
    (exists_saddle(well, at(0.9), 3.0), NO),
    (exists_minimum(well, at(0.9), 0.2, value=(-0.1, 0.1)), YES),
    (exists_minimum(well, at(0.9), 0.2, value=(0.1, None)), NO),
    (exists_minimum(well, at(0.9), 0.2, value=(None, -0.1)), NO),
    # The value is 0, which no ball tells from a bound 0.
    (exists_minimum(lambda x: well(x) + 0.1, at(0.9), 0.2, value=(0.1, 1)), OPEN),
    (exists_minimum(lambda x: well(x) + 0.1, at(0.9), 0.2, value=(0, 0.1)), OPEN),
    (exists_minimum(lambda x: (x[0] - 1) ** 2, at(0.0), 1 - 2.0**-40), NO),
    (exists_minimum(lambda x: (x[0] - 1) ** 2, at(0.0), 1 + 2.0**-40), YES),
    (exists_minimum(lambda x: (x[0] - 1) ** 2, at(0.0), -1.0), NO),
    # Critical in a box's middle and on common sides of its parts.
    (exists_minimum(pass_, at(0.0, 0.0), 1.0), NO),
    (exists_saddle(pass_, at(0.0, 0.0), 1.0), YES),
    (exists_saddle(pass_, at(0.25, -0.5), 0.5), YES),
    (exists_saddle(lambda z: sq(z), at(0.0, 0.0), 1.0), NO),
    (exists_minimum(lambda x: x[0] ** 3, at(0.0), 1.0), OPEN),
    (exists_minimum(lambda x: x[0] ** 4, at(0.0), 1.0), OPEN),
    (exists_zero(lambda z: [sq(z) - 25, z[0] - z[1] - 1], at(4.1, 3.1), 0.2), YES),
    (exists_zero(lambda z: [sq(z) - 25, z[0] - z[1] - 1], at(0.0, 0.0), 2.5), NO),
    (exists_zero(lambda z: [sq(z) + 1, z[0]], at(0.0, 0.0), 9.0), NO),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_answers(number: int) -> None:
    asserted, expected = CASES[number]
    assert told(asserted) == expected


def test_quadratic_functions_with_known_minimisers() -> None:
    """(x - c)ᵀ D (x - c) in rotated axes: a minimum where D > 0 and c is in the box."""
    rng, answers = np.random.default_rng(0), []
    for _ in range(12):
        c, d = rng.uniform(-1, 1, 2), rng.choice([-2.0, 1.0, 3.0], 2)

        def f(z: Any, c: Any = c, d: Any = d) -> Any:
            x, y = z[0] - c[0], z[1] - c[1]
            return d[0] * (x + y) ** 2 + d[1] * (x - y) ** 2

        inside = bool((np.abs(c) < 0.5).all())
        with working_precision(128):
            found = told(exists_minimum(f, at(0, 0), 0.5)), told(exists_saddle(f, at(0, 0), 0.5))
        definite, indefinite = bool((d > 0).all()), bool(d[0] * d[1] < 0)
        assert found == (
            YES if definite and inside else NO,
            YES if indefinite and inside else NO,
        )
        answers.append(found)
    assert len(set(answers)) == 3


def test_what_was_asked_for_is_noticed() -> None:
    with noticed_existence() as asked:
        exists_saddle(pass_, at(0.0, 0.0), 1.0)
    exists_minimum(well, at(0.9), 0.2)
    assert asked == [Sought.SADDLE]


@claim
def tilted(a: numbers(), near: vectors(1)) -> Any:
    return exists_minimum(lambda x: well(x) + a * x[0], near, 0.25)


def test_arguments_of_a_claim_are_arguments_of_the_function() -> None:
    """The minimum of (x² - 1)² + a x near 1 vanishes beyond a = 8/√27 = 1.5396."""
    held, fell = decide(tilted, a=1.5, near=[0.75]), decide(tilted, a=1.6, near=[0.75])
    assert (held.lhs, held.decision.name) == (1, "HOLDS")
    assert (fell.lhs, fell.decision.name) == (-1, "VIOLATED")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: exists_minimum(lambda x: x, at(1.0, 2.0), 1), "not \\(2,\\)"),
        (lambda: exists_zero(lambda x: x[0], at(1.0, 2.0), 1), "as many equations as unknowns"),
        (lambda: exists_minimum(well, Ball.constant(1.0), 1), "the point is a vector"),
        (lambda: exists_minimum(well, at(1.0), 1, value=(1, 0)), "no value lies between"),
        (lambda: exists_minimum(well, at(1.0), 1, value=0.5), "value=\\(a, b\\)"),
    ],
)
def test_what_makes_no_sense_is_said(ask: Any, message: str) -> None:
    with pytest.raises(FormulaError, match=message):
        ask()
