"""Ball arithmetic: enclosures of exact rationals and of eigenvalues that are known."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic import functions
from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, slack_bits, working_precision
from checker.arithmetic.functions import difference, exp, log, maximum, minimum, sqrt

precisions = st.sampled_from([24, 53, 128, 512])
floats = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.integers() | floats | st.fractions()
seeds = st.integers(0, 2**32 - 1)


def _rational(x: Any) -> Any:
    exact = Fraction(x)
    return fmpq(exact.numerator, exact.denominator)


def _contains(ball: Any, truth: Any) -> bool:
    """Whether a finite ball contains a rational, in rationals."""
    return abs(truth - ball.mid().fmpq()) <= ball.rad().fmpq()


OPERATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "add": (operator.add, operator.add),
    "subtract": (operator.sub, operator.sub),
    "multiply": (operator.mul, operator.mul),
    "divide": (operator.truediv, lambda x, y: x / y if y else None),
    "maximum": (maximum, max),
    "minimum": (minimum, min),
    "absolute": (lambda a, _b: abs(a), lambda x, _y: abs(x)),
    "negative": (lambda a, _b: -a, lambda x, _y: -x),
    "cube": (lambda a, _b: a**3, lambda x, _y: x**3),
}


@pytest.mark.parametrize("name", OPERATIONS)
@settings(deadline=None, max_examples=50)
@given(numbers, numbers, precisions)
def test_operations_contain_rationals(name: str, x: Any, y: Any, bits: int) -> None:
    on_balls, on_rationals = OPERATIONS[name]
    truth = on_rationals(_rational(x), _rational(y))
    with working_precision(bits):
        found = on_balls(Ball.constant(x), Ball.constant(y)).item
    if truth is None:
        assert not found.is_finite()
    else:
        assert _contains(found, truth)


@settings(deadline=None, max_examples=50)
@given(seeds, precisions)
def test_contractions_and_sums_contain_rationals(seed: int, bits: int) -> None:
    rng = np.random.default_rng(seed)
    A, b = (rng.standard_normal(s) * 10.0 ** rng.uniform(-300, 300, s) for s in ((2, 3), 3))
    exact = np.vectorize(_rational, otypes=[object])
    with working_precision(bits):
        product, sum_ = Ball.constant(A) @ Ball.constant(b), Ball.constant(A).total()
        table = Ball.constant(b).outer(Ball.constant(b))
    for found, truth in zip(product.entries, exact(A) @ exact(b), strict=True):
        assert _contains(found, truth)
    assert _contains(sum_.item, exact(A).sum())
    for index, truth in np.ndenumerate(np.multiply.outer(exact(b), exact(b))):
        assert _contains(table.entries[index], truth)


@given(floats, precisions)
def test_floats_enter_exactly(x: float, bits: int) -> None:
    with working_precision(bits):
        assert Ball.constant(x).item.fmpq() == _rational(x)
        assert Ball.constant(np.array([x]))[0].item.fmpq() == _rational(x)


@given(floats)
def test_negation_and_absolute_value_do_not_round(x: float) -> None:
    with working_precision(20):
        assert (-Ball.constant(x)).item.fmpq() == -_rational(x)
        assert abs(Ball.constant(x)).item.fmpq() == abs(_rational(x))
        assert maximum(Ball.constant(x), -1).item.fmpq() == max(_rational(x), -1)


@given(st.fractions(min_value=0), precisions)
def test_square_roots_enclose(x: Fraction, bits: int) -> None:
    with working_precision(bits):
        root = sqrt(Ball.constant(x)).item
    middle, radius = root.mid().fmpq(), root.rad().fmpq()
    assert max(middle - radius, 0) ** 2 <= _rational(x) <= (middle + radius) ** 2


def test_square_root_of_a_ball_around_zero_is_an_enclosure() -> None:
    with working_precision(53):
        noise = Ball.constant(Fraction(1, 3)) - Ball.constant(Fraction(1, 3))
        root = sqrt(noise).item
    assert not noise.item.is_exact()
    assert root.is_finite()
    assert root.contains(0)


@pytest.mark.parametrize("make", [lambda x: sqrt(x), lambda x: log(x), lambda x: 1 / (x - x)])
def test_what_does_not_exist_is_not_finite(make: Callable[[Ball], Ball]) -> None:
    assert not make(Ball.constant(-1.0)).is_finite


def test_nan_spreads() -> None:
    nan, one = Ball.constant(np.nan), Ball.constant(1)
    for found in (nan + one, nan * 0, abs(nan), nan.maximum(one), one.maximum(nan), sqrt(nan)):
        assert not found.is_finite
    assert not nan.maximum(one - 1).is_finite
    assert not minimum(one - 1, nan).is_finite


def test_difference_is_exactly_zero_only_between_equal_arguments() -> None:
    x, y = Ball.constant(np.array([1.0, 1.0])), Ball.constant(np.array([1.0, 1.0 + 2.0**-52]))
    with working_precision(128):
        found = difference(exp, y, x)
        third = Ball.constant(Fraction(1, 3))
        inexact = difference(exp, third, third)
    assert found[0].item.is_zero()
    assert found[1].item > 0
    assert not inexact.item.is_zero()


@pytest.mark.parametrize(("start", "slope"), [(2.0, 3), (-2.0, -3)])
def test_absolute_value_of_a_series(start: float, slope: int) -> None:
    assert abs(Taylor.line(start, 3.0)).coefficient(1).item == slope


def test_series_have_no_derivative_at_a_kink() -> None:
    line = Taylor.line(0.0, 3.0)
    for found in (abs(line), line.maximum(Taylor.constant(0))):
        assert not found.coefficient(1).is_finite


# sigmoid, softplus and log cosh from other formulas at 600 bits: cancellation costs them at most
# the 2 * 40 / log(2) < 116 bits of exp(-2 |x|) for |x| <= 40.
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: 1 / (-x).exp(),
    "tanh": lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()),
    "sigmoid": lambda x: 1 - 1 / (1 + x.exp()),
    "softplus": lambda x: (1 + x.exp()).log(),
    "log_cosh": lambda x: ((x.exp() + (-x).exp()) / 2).log(),
    "log": lambda x: 2 * ((x - 1) / (x + 1)).atanh(),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=st.floats(2.0**-20, 40) | st.sampled_from([0.5, 1.0, 2.0]), sign=st.sampled_from([1, -1]))
@settings(deadline=None, max_examples=50)
def test_functions_agree_with_other_formulas(name: str, x: float, sign: int) -> None:
    x = x if name == "log" else sign * x
    with working_precision(128):
        found = getattr(functions, name)(Ball.constant(x)).item
    with working_precision(600):
        truth = FUNCTIONS[name](arb(x))
    assert found.overlaps(truth)
    # 128 bits, less 40 for log cosh near 0, where x²/2 stands beside numbers of size 1.
    assert found.rad() <= abs(truth) * arb((1, -80))


# -- precision ---------------------------------------------------------------------------------


def test_precision_returns_after_the_block() -> None:
    before = ctx.prec
    with working_precision(77):
        with working_precision(333):
            assert ctx.prec == 333
        assert ctx.prec == 77
    assert ctx.prec == before


def test_precision_returns_after_an_exception() -> None:
    before = ctx.prec

    def fail() -> None:
        with working_precision(333):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert ctx.prec == before


# -- eigenvalues -------------------------------------------------------------------------------


def _symmetric(eigenvalues: list[Fraction], rng: np.random.Generator) -> Any:
    """H diag(eigenvalues) H with the Householder reflection H of a random integer vector."""
    v = rng.integers(1, 6, len(eigenvalues))
    length = int(v @ v)
    H = [[Fraction(int(i == j)) - Fraction(2 * int(a * b), length) for j, b in enumerate(v)]
         for i, a in enumerate(v)]  # fmt: skip
    H = np.array(H, dtype=object)
    return H @ np.diag(np.array(eigenvalues, dtype=object)) @ H


eigenvalue_lists = st.lists(st.fractions(-9, 9, max_denominator=8), min_size=1, max_size=5)


@settings(deadline=None, max_examples=50)
@given(eigenvalue_lists, seeds, st.sampled_from([-300, 0, 300]), st.sampled_from([128, 512]))
def test_eigenvalues_are_enclosed(
    eigenvalues: list[Fraction], seed: int, scale: int, bits: int
) -> None:
    scaled = [x * Fraction(2) ** scale for x in eigenvalues]
    matrix = _symmetric(scaled, np.random.default_rng(seed))
    with working_precision(bits):
        least, greatest = Ball.constant(matrix).extreme_eigenvalues()
        norm = Ball.constant(matrix).spectral_norm()
    assert _contains(least.item, _rational(min(scaled)))
    assert _contains(greatest.item, _rational(max(scaled)))
    assert _contains(norm.item, _rational(max(abs(x) for x in scaled)))


@pytest.mark.parametrize("scale", [-300, 0, 300])
@pytest.mark.parametrize("eigenvalues", [[-1, 2, 5], [1, 1, 2], [3, 3, 3, 3], [0, 0, 1]])
def test_eigenvalue_enclosures_are_narrow(eigenvalues: list[int], scale: int) -> None:
    scaled = [Fraction(x) * Fraction(2) ** scale for x in eigenvalues]
    with working_precision(256):
        matrix = Ball.constant(_symmetric(scaled, np.random.default_rng(0)))
        least, greatest = matrix.extreme_eigenvalues()
    # A k-fold eigenvalue, taken for k simple ones, costs 1/k of the bits: 64 of 256 for k = 4.
    for found in (least, greatest):
        assert found.item.rad() <= arb((1, scale - 256 // 4 + 16))


def test_zero_rows_give_an_exact_zero() -> None:
    matrix = np.zeros((3, 3))
    matrix[1, 1] = 7.0
    least, greatest = Ball.constant(matrix).extreme_eigenvalues()
    assert least.item.is_zero()
    assert greatest.item.fmpq() == 7
    assert Ball.constant(np.zeros((2, 2))).extreme_eigenvalues()[1].item.is_zero()


def test_zero_rows_beside_a_dense_block() -> None:
    matrix = np.zeros((4, 4), dtype=object)
    matrix[np.ix_([0, 2, 3], [0, 2, 3])] = _symmetric(
        [Fraction(2), Fraction(3), Fraction(5)], np.random.default_rng(1)
    )
    least, greatest = Ball.constant(matrix).extreme_eigenvalues()
    assert least.item.contains(0)
    assert greatest.item.contains(5)


def test_matrix_of_balls_around_zero() -> None:
    with working_precision(128):
        third = exp(Ball.constant(np.full((2, 2), 1 / 3)))
        least, greatest = (third - third).extreme_eigenvalues()
    assert least.item.contains(0)
    assert greatest.item.contains(0)


def test_matrix_with_nan_has_no_eigenvalues() -> None:
    matrix = Ball.constant(np.array([[1.0, np.nan], [np.nan, 1.0]]))
    assert not any(found.is_finite for found in matrix.extreme_eigenvalues())
    assert not matrix.spectral_norm().is_finite


# -- choosing and measuring --------------------------------------------------------------------


def test_narrower_takes_the_smaller_radius_and_skips_what_is_unknown() -> None:
    wide, narrow, nan = (Ball.constant(0)._scalar(x) for x in (arb(1, 1), arb(1, 0.5), arb("nan")))
    for one, other in ((wide, narrow), (narrow, wide), (narrow, nan), (nan, narrow)):
        assert one.narrower(other).item.rad() == narrow.item.rad()


@given(st.integers(1, 2**60), st.integers(-2000, 2000))
def test_slack_bits_is_the_largest_power_of_two_above(mantissa: int, exponent: int) -> None:
    size = arb((mantissa, exponent))
    # abs and upper round, but only upwards and in the 53rd bit: allow for a power of two there.
    with working_precision(128):
        bits = slack_bits(-size)
        assert size <= arb((1, -bits))
        assert size >= arb((1, -bits - 1))


def test_slack_bits_of_zero_and_of_wide_balls() -> None:
    assert slack_bits(arb(0)) > 2**60
    assert slack_bits(arb(0, 1.0)) == 0 or slack_bits(arb(0, 1.0)) == -1
