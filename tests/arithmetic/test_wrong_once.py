"""Cases whose decision, or whose enclosure, was false once: the smallest that show it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from checker import claim, decide, numbers
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.closed import functions as forms
from checker.arithmetic.closed.arrays import Closed
from checker.arithmetic.closed.sums import limited_work
from checker.arithmetic.decide import Decision, screen_batch
from checker.arithmetic.functions import (
    exp,
    grad,
    lambda_max,
    lambda_min,
    log,
    power,
    sort,
    sqrt,
    stack,
    where,
    xlogx,
)
from checker.errors import FormulaError
from checker.instances.fields import single


@dataclass(frozen=True, eq=False)
class _Number:
    x: np.ndarray[Any, Any]


@claim
def entropy_of_what_is_unknown(x: numbers(), y: numbers()) -> Any:
    """x² and y² are infinite as floats; their difference is 0."""
    return 1 >= xlogx(x * x - y * y + 5)


@claim
def power_of_a_small_number(n: numbers()) -> Any:
    """(4 - √15)¹⁷² is positive, though its first term is the greater one by a hair."""
    x = (4 - sqrt(15)) ** 172
    return 1 - x + 0 * n >= 1 + exp(log(x))


@claim
def power_of_zero(x: numbers(), a: numbers()) -> Any:
    """0⁰ at a = 2, where √2 + √3 = √(5 + 2√6); it is not undefined."""
    z = sqrt(a) + sqrt(a + 1) - sqrt(5 + 2 * sqrt(6 * (a - 1)))
    return power(0 * x, z) >= 0.5


@claim
def derivative_at_a_switch(b: numbers(), y: numbers()) -> Any:
    """The switch does not depend on t, so at b = 0 the branch is the first one."""
    return grad(lambda t: where(b >= 0, t * t, 5 * t), y) == 2 * y


@claim
def two_derivatives_at_once(x: numbers(), z: numbers()) -> Any:
    """d/da of (d/dy (y a) at x), where x is no argument of either: 1, not 0."""
    return grad(lambda a: grad(lambda y: y * a, x), z) <= 0.5


@claim
def spectrum_of_two_signs(x: numbers()) -> Any:
    """[[0, x], [x, 0]] has the eigenvalues ±x."""
    A = stack([stack([0 * x, x]), stack([x, 0 * x])])
    return lambda_max(A) == -lambda_min(A)


@pytest.mark.parametrize(
    ("asked", "values", "right"),
    [
        (entropy_of_what_is_unknown, {"x": 1e200, "y": 1e200}, Decision.VIOLATED),
        (power_of_a_small_number, {"n": 1.0}, Decision.VIOLATED),
        (derivative_at_a_switch, {"b": 0.0, "y": 5.0}, Decision.EQUAL),
        (spectrum_of_two_signs, {"x": 3.0}, Decision.EQUAL),
    ],
)
def test_the_right_decision(asked: Any, values: dict[str, float], right: Decision) -> None:
    assert decide(asked, **values).decision is right


def test_a_power_that_exists_is_not_called_undefined() -> None:
    assert decide(power_of_zero, x=1.0, a=2.0).decision is not Decision.UNDEFINED


def test_two_derivatives_in_one_are_refused() -> None:
    with pytest.raises(FormulaError, match="two different derivatives"):
        decide(two_derivatives_at_once, x=1.0, z=2.0)


@pytest.mark.parametrize("change", [xlogx, sqrt, exp, sort])
def test_what_is_unknown_stays_unknown(change: Callable[[Any], Any]) -> None:
    unknown = Bounded(np.array([[math.nan], [math.nan]]))
    found = change(unknown)
    assert not np.isfinite([found.upper, found.lower]).any()


def test_infinite_entries_of_a_case_are_unknown() -> None:
    assert not np.isfinite(Bounded.stacked([np.array([math.inf, 1.0])]).upper[0]).any()


def test_no_form_passes_for_floats_that_it_is_not() -> None:
    """√2 is no float, so its rounding is not known to be the number itself."""
    with limited_work():
        root = forms.sqrt(forms.rational(2))
        assert Closed.constant(2.0).known_floats() == [np.array(2.0)]
        found = Closed.constant(0.0)._each(lambda _: root).known_floats()
        assert found is None or not np.isfinite(found[0]).any()


def _screened(formula: Callable[[Any], Any]) -> Any:
    return screen_batch(formula, single(_Number(np.array(1.0)), ""))


def test_no_number_holds_and_no_middle_alone_refutes() -> None:
    """∞ - ∞ proves nothing; nor does a negative value whose error is greater than it."""
    unknown = _screened(lambda at: (1e200 * at.x) ** 2 - (1e200 * at.x) ** 2 >= 0)
    assert not unknown.held.any()
    cancelled = _screened(lambda at: (1e16 + at.x) - 1e16 >= 1)
    assert cancelled.relative_slack[0] < 0
    assert not cancelled.failed.any()
