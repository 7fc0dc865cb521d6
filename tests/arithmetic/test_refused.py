"""What Python and NumPy would silently do with enclosures ends in one clear error, everywhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from checker.errors import FormulaError
from tests.arithmetic.every_arithmetic import ARITHMETICS

every_arithmetic = pytest.mark.parametrize("name", ARITHMETICS)


def _scalar(name: str, value: float = 2.0) -> Any:
    return ARITHMETICS[name].lifted([np.array(value)])


def _vector(name: str) -> Any:
    return ARITHMETICS[name].lifted([np.array([1.0, 2.0, 3.0])])


TRUTHS: dict[str, Callable[[Any], Any]] = {
    "chained": lambda x: 0 <= x <= 1000,
    "chained other way": lambda x: 3 >= x >= 1,
    "and": lambda x: (x >= 0) and (x >= 1),
    "or": lambda x: (x >= 0) or (x >= 1),
    "not": lambda x: not (x >= 0),
    "if": lambda x: x if x >= 0 else -x,
    "number": lambda x: 1 if x else 0,
    "all": lambda x: all([x >= 0, x >= 1]),
    "any": lambda x: any([x >= 0, x >= 1]),
    "filter": lambda x: list(filter(None, [x])),
    "max": lambda x: max(x, -x),
    "min": lambda x: min(x, -x),
    "sorted": lambda x: sorted([x, -x]),
    "in": lambda x: x in [0, 1],
    "index": lambda x: [0, 1].index(x),
}
# (comparison, the sides with the greater one first, strict, identity) at x = 2.
COMPARED: dict[str, tuple[Callable[[Any], Any], tuple[float, float], bool, bool]] = {
    ">": (lambda x: x > 1, (2, 1), True, False),
    "<": (lambda x: x < 3, (3, 2), True, False),
    "> reflected": (lambda x: 3 > x, (3, 2), True, False),
    "< of NumPy": (lambda x: np.float64(1) < x, (2, 1), True, False),
    "==": (lambda x: x == 1, (2, 3), False, True),
    "== reflected": (lambda x: 1 == x, (2, 3), False, True),
    "== of NumPy": (lambda x: np.float64(1) == x, (2, 3), False, True),
}
NO_NUMBERS: dict[str, Callable[[Any], Any]] = {
    "== of inequalities": lambda x: (x >= 0) == True,  # noqa: E712
    "!=": lambda x: x != 0,
    "inequality > number": lambda x: (x >= 0) > 1,
    "inequality >= inequality": lambda x: (x >= 0) >= (x >= 1),
}


@every_arithmetic
@pytest.mark.parametrize("use", TRUTHS)
def test_nothing_has_a_truth_value(name: str, use: str) -> None:
    with pytest.raises(FormulaError, match=r"as a truth value.*return a tuple: a >= b, b >= c"):
        TRUTHS[use](_scalar(name))


@every_arithmetic
@pytest.mark.parametrize(
    "use",
    [lambda x: (x >= 0) & (x >= 1), lambda x: (x >= 0) | (x >= 1), lambda x: ~(x >= 0)],
    ids=["&", "|", "~"],
)
def test_inequalities_are_not_joined_by_operators(name: str, use: Callable[[Any], Any]) -> None:
    with pytest.raises(FormulaError, match=r"return a tuple: a >= b, b >= c"):
        use(_scalar(name))


@every_arithmetic
def test_an_assertion_asks_for_a_truth_value(name: str) -> None:
    with pytest.raises(FormulaError, match="as a truth value"):
        assert _scalar(name) >= 0


# Terms of a script are no numbers.
@pytest.mark.parametrize("name", [x for x in ARITHMETICS if x != "Terms"])
@pytest.mark.parametrize("use", COMPARED)
def test_comparisons_of_numbers_mean_what_they_say(name: str, use: str) -> None:
    compare, sides, strict, identity = COMPARED[use]
    found = compare(_scalar(name))
    assert [float(np.ravel(side.floats()[0])[0]) for side in (found.lhs, found.rhs)] == list(sides)
    assert (found.strict, found.identity) == (strict, identity)


@every_arithmetic
@pytest.mark.parametrize("use", NO_NUMBERS)
def test_inequalities_are_no_numbers(name: str, use: str) -> None:
    with pytest.raises(FormulaError, match=r"compares (by|an inequality)"):
        NO_NUMBERS[use](_scalar(name))


# What NumPy's functions are not, here: name -> (call, words of the advice).
REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "tensordot": (lambda v: np.tensordot(v, v), "use einsum("),
    "heaviside": (lambda v: np.heaviside(v, 0.5), "use where(x >= 0, a, b)"),
    "floor": (np.floor, "use an integer field"),
    "eigh": (lambda v: np.linalg.eigh(v[:, None] * v), "use eigenvalues(A)"),
    "svd with vectors": (np.linalg.svd, "call svd(a, compute_uv)"),
    "isclose": (lambda v: np.isclose(v, v), "x == y, which is decided exactly"),
    "argmax": (np.argmax, "use amax(x)"),
    "average": (np.average, "use mean(x)"),
    "any": (np.any, "a tuple of comparisons"),
    "sum with keepdims": (lambda v: np.sum(v, keepdims=True), "call sum(a, axis)"),
    "norm along an axis": (lambda v: np.linalg.norm(v, axis=0), "call norm(x, ord)"),
    "add with out": (lambda v: np.add(v, v, out=np.zeros(3)), "use + - * / @"),
    "multiply.reduce": (np.multiply.reduce, "use + - * / @"),
    "arcsin": (np.arcsin, "use + - * / @"),
}


@every_arithmetic
@pytest.mark.parametrize("function", REFUSED)
def test_functions_that_are_not_there_name_the_equivalent(name: str, function: str) -> None:
    call, instead = REFUSED[function]
    with pytest.raises(FormulaError) as caught:
        call(_vector(name))
    assert "of NumPy" in str(caught.value)
    assert instead in str(caught.value)


@every_arithmetic
@pytest.mark.parametrize("make", [np.array, np.asarray, lambda v: np.array([v, v]), list.__len__])
def test_arrays_of_numpy_are_not_made_of_enclosures(name: str, make: Callable[[Any], Any]) -> None:
    if make is list.__len__:
        with pytest.raises(FormulaError, match="into a float"):
            math.sqrt(_scalar(name))
        return
    with pytest.raises(FormulaError, match="makes a NumPy array of its numbers"):
        make(_vector(name))


# NumPy's numbers and arrays on either side of an operator; Python's own numbers give the truth.
KNOWN = [np.float64(3), np.int64(3), np.array(3.0), np.float32(3), Fraction(3), 3.0, np.bool_(True)]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    ">=": lambda x, y: (x >= y).slack,
    "<=": lambda x, y: (x <= y).slack,
}


@pytest.mark.parametrize("name", [n for n in ARITHMETICS if n != "Terms"])
@pytest.mark.parametrize("operator", OPERATORS)
def test_operators_with_numpy_on_either_side(name: str, operator: str) -> None:
    apply, x = OPERATORS[operator], _scalar(name, 12.0)
    kind, read = type(x), ARITHMETICS[name].read
    for known in KNOWN:
        plain = float(known)
        for found, wanted in (
            (apply(x, known), apply(x, kind.constant(plain))),
            (apply(known, x), apply(kind.constant(plain), x)),
        ):
            assert type(found) is kind
            assert read(found)[0] == read(wanted)[0]


@pytest.mark.parametrize("name", [n for n in ARITHMETICS if n != "Terms"])
def test_products_with_arrays_on_either_side(name: str) -> None:
    v, read = _vector(name), ARITHMETICS[name].read
    assert read(v @ np.ones(3))[0] == read(np.ones(3) @ v)[0] == 6
    assert np.array_equal(read(np.eye(3) @ v)[0], [1, 2, 3])
    assert np.array_equal(read(np.arange(3) * v)[0], [0, 2, 6])
    assert np.shape(v) == (3,)
    assert np.ndim(v) == 1
