"""Exact numbers r√q: arithmetic, order and what stays unknown."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic import functions
from checker.arithmetic.exact import (
    UNKNOWN,
    Exact,
    Surd,
    relative_difference,
    sign_of_difference,
)
from checker.arithmetic.functions import exp, log, sqrt

ratios = st.fractions(-20, 20, max_denominator=12)
radicands = st.fractions(Fraction(1, 12), 20, max_denominator=12)
floats = st.floats(allow_nan=False, allow_infinity=False)


def rational(x: Any) -> Any:
    return Exact.constant(x).item.ratio


surds = st.builds(lambda r, q: Surd(rational(r), rational(q)), ratios, radicands)


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def _square(x: Surd) -> Fraction:
    """sign(x) x², which orders real numbers as they are."""
    return x.sign * _fraction(x.ratio) ** 2 * _fraction(x.radicand)


@given(floats)
def test_floats_enter_exactly(x: float) -> None:
    number = Exact.constant(x).item
    assert _fraction(number.ratio) == Fraction(x)
    assert number.radicand == 1


@given(st.fractions() | st.integers())
def test_rationals_enter_exactly(x: Fraction | int) -> None:
    assert _fraction(Exact.constant(x).item.ratio) == x


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_unknown(value: float) -> None:
    assert not Exact.constant(np.array([1.0, value]))[1].item.known


@given(surds, surds)
def test_products(x: Surd, y: Surd) -> None:
    assert abs(_square(x * y)) == abs(_square(x) * _square(y))
    assert (x * y).sign == x.sign * y.sign


@given(surds, surds)
def test_quotients(x: Surd, y: Surd) -> None:
    quotient = x / y
    if y.sign == 0:
        assert not quotient.known
    else:
        assert abs(_square(quotient)) == abs(_square(x) / _square(y))
        assert quotient.sign == x.sign * y.sign


@given(ratios, ratios, radicands, st.fractions(Fraction(1, 6), 6, max_denominator=6))
def test_sums_of_like_roots(r: Fraction, s: Fraction, q: Fraction, k: Fraction) -> None:
    # s √(q k²) = s k √q.
    x, y = Surd(rational(r), rational(q)), Surd(rational(s), rational(q * k**2))
    for total in (x + y, y + x):
        assert total.known
        assert total.sign == (r + s * k > 0) - (r + s * k < 0)
        assert abs(_square(total)) == (r + s * k) ** 2 * q
    assert (x - x).sign == 0


@pytest.mark.parametrize(("q", "s"), [(2, 3), (1, 2), (5, 10)])
def test_sums_of_unlike_roots_are_unknown(q: int, s: int) -> None:
    assert not (Surd(fmpq(1), fmpq(q)) + Surd(fmpq(1), fmpq(s))).known


@given(surds)
def test_adding_zero_keeps_any_root(x: Surd) -> None:
    zero = Surd(fmpq(0), fmpq(3))
    assert sign_of_difference(x + zero, x) == 0
    assert sign_of_difference(zero + x, x) == 0


@given(st.fractions())
def test_square_roots_of_rationals(x: Fraction) -> None:
    root = sqrt(Exact.constant(x)).item
    assert root.known == (x >= 0)
    if x >= 0:
        assert _square(root) == x
        assert root.sign == (x > 0)


def test_nested_roots_are_unknown() -> None:
    root = sqrt(Exact.constant(2))
    assert not sqrt(root).item.known
    assert not sqrt(root - root - 1).item.known


def test_roots_of_squares_are_rational() -> None:
    assert sqrt(Exact.constant(Fraction(9, 16))).item.radicand == 1
    assert sqrt(sqrt(Exact.constant(2)) * sqrt(Exact.constant(8))).item.ratio == 2


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "sigmoid", "softplus", "log_cosh", "sqrt"])
def test_unknown_spreads_through_functions(name: str) -> None:
    assert not getattr(functions, name)(exp(Exact.constant(3))).item.known


def test_unknown_spreads_through_operations() -> None:
    x, one = exp(Exact.constant(3)), Exact.constant(1)
    for found in (x + one, one - x, x * 0, one / x, x / one, -x, abs(x), x.maximum(one), x**2):
        assert not found.item.known
    assert not one.maximum(x).item.known
    assert str(UNKNOWN) == "unknown"


def test_unknown_entries_spread_through_matrices() -> None:
    matrix = Exact.constant(np.array([[1.0, np.nan], [2.0, 3.0]]))
    assert not matrix.spectral_norm().item.known
    assert not any(x.item.known for x in matrix.extreme_eigenvalues())
    product = matrix @ Exact.constant(np.array([1.0, 1.0]))
    assert [x.known for x in product.entries] == [False, True]
    assert not matrix.total().item.known


AT_ZERO = {"exp": 1, "tanh": 0, "sigmoid": Fraction(1, 2), "log_cosh": 0}


@pytest.mark.parametrize("name", AT_ZERO)
def test_functions_are_known_at_zero_only(name: str) -> None:
    assert _fraction(getattr(functions, name)(Exact.constant(0)).item.ratio) == AT_ZERO[name]
    assert not getattr(functions, name)(Exact.constant(2.0**-1074)).item.known


def test_logarithm_is_known_at_one_only() -> None:
    assert log(Exact.constant(1)).item.ratio == 0
    for x in (0, -1, Fraction(1, 2)):
        assert not log(Exact.constant(x)).item.known
    assert not log(sqrt(Exact.constant(2))).item.known


# -- order -------------------------------------------------------------------------------------


@given(surds, surds)
def test_order_is_that_of_signed_squares(x: Surd, y: Surd) -> None:
    left, right = _square(x), _square(y)
    assert sign_of_difference(x, y) == (left > right) - (left < right)
    assert sign_of_difference(y, x) == -sign_of_difference(x, y)


@given(surds, surds)
def test_maximum_is_the_greater(x: Surd, y: Surd) -> None:
    wrap = Exact.constant(0)._scalar
    found = wrap(x).maximum(wrap(y)).item
    assert _square(found) == max(_square(x), _square(y))
    assert _square(abs(wrap(x)).item) == abs(_square(x))


def test_close_numbers_are_ordered() -> None:
    # 1414213562373095048801688724209698078570² < 2 * 10^78 < (... + 1)², by isqrt.
    below = Fraction(math.isqrt(2 * 10**78), 10**39)
    root = sqrt(Exact.constant(2)).item
    assert sign_of_difference(root, Exact.constant(below).item) == 1
    assert sign_of_difference(root, Exact.constant(below + Fraction(1, 10**39)).item) == -1


@given(surds, surds)
def test_relative_difference_is_zero_only_at_equality(x: Surd, y: Surd) -> None:
    found = relative_difference(x, y)
    assert (found > 0) - (found < 0) == sign_of_difference(x, y)
    assert -2.0 <= found <= 2.0


def test_relative_difference_of_near_numbers() -> None:
    one = Exact.constant(1).item
    # (1 - (1 - h)) / 1 = h, two roundings of the square's half.
    for power in (10, 60, 300):
        h = Fraction(1, 2**power)
        found = Fraction(relative_difference(one, Exact.constant(1 - h).item))
        assert abs(found / h - 1) <= Fraction(1, 2**50)
    assert relative_difference(one, Exact.constant(1 + Fraction(1, 2**5000)).item) < 0


@given(ratios, radicands)
def test_float_value_is_near(r: Fraction, q: Fraction) -> None:
    found = Fraction(float(Surd(rational(r), rational(q))))
    # Four roundings of at most 2^-52 each, doubled by squaring.
    assert abs(found**2 - r**2 * q) <= 8 * r**2 * q / 2**52


def test_float_value_beyond_the_range_of_floats() -> None:
    huge = Exact.constant(1e200) * 1e200
    assert float(huge.item) == math.inf
    assert float((-huge).item) == -math.inf
    assert float((sqrt(huge) / sqrt(huge)).item) == 1.0
    # r = 2^-1500 and q = 2^3001 are out of range, r √q = √2 is not.
    balanced = float(Surd(fmpq(1, 2**1500), fmpq(2**3001)))
    assert abs(Fraction(balanced) ** 2 - 2) <= Fraction(8, 2**52)


# -- eigenvalues -------------------------------------------------------------------------------


def _symmetric(eigenvalues: list[int], rng: np.random.Generator) -> Any:
    """H diag(eigenvalues) H with the Householder reflection H of a random integer vector."""
    v = [Fraction(int(x)) for x in rng.integers(1, 6, len(eigenvalues))]
    length = sum(x * x for x in v)
    H = np.array(
        [[(i == j) - 2 * a * b / length for j, b in enumerate(v)] for i, a in enumerate(v)],
        dtype=object,
    )
    return H @ np.diag(np.array(eigenvalues, dtype=object)) @ H


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_integer_eigenvalues(eigenvalues: list[int], seed: int) -> None:
    matrix = Exact.constant(_symmetric(eigenvalues, np.random.default_rng(seed)))
    least, greatest = matrix.extreme_eigenvalues()
    assert _fraction(least.item.ratio) == min(eigenvalues)
    assert _fraction(greatest.item.ratio) == max(eigenvalues)
    assert _square(matrix.spectral_norm().item) == max(x**2 for x in eigenvalues)


@pytest.mark.parametrize(
    ("rational_one", "known"),
    [(1.0, (False, False)), (3.0, (False, True)), (0.25, (True, False))],
)
def test_irrational_extreme_eigenvalues_are_unknown(rational_one: float, known: Any) -> None:
    # [[1, 1], [1, 2]] has the eigenvalues (3 ± √5)/2, about 0.38 and 2.62.
    matrix = np.array([[rational_one, 0, 0], [0, 1.0, 1.0], [0, 1.0, 2.0]])
    found = Exact.constant(matrix).extreme_eigenvalues()
    assert tuple(x.item.known for x in found) == known


def test_irrational_entries_have_no_known_eigenvalues() -> None:
    matrix = sqrt(Exact.constant(2)) * Exact.constant(np.eye(2))
    assert not any(x.item.known for x in matrix.extreme_eigenvalues())


def test_norm_of_a_row_is_a_surd() -> None:
    for shape in ((1, 3), (3, 1)):
        norm = Exact.constant(np.array([1.0, 2.0, 3.0]).reshape(shape)).spectral_norm().item
        assert _square(norm) == 14


def test_narrower_takes_the_known() -> None:
    one, unknown = Exact.constant(1), exp(Exact.constant(1))
    assert one.narrower(unknown).item.known
    assert unknown.narrower(one).item.known
