"""Closed forms: numbers that are equal have one form, and what differs is never taken for equal."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import claim, decide, eigenvalues, symmetric, vectors
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.closed.arrays import Closed
from checker.arithmetic.closed.sums import limited_work
from checker.arithmetic.decide import Decision
from checker.arithmetic.functions import (
    dot,
    exp,
    lambda_max,
    lambda_min,
    log,
    log_cosh,
    maximum,
    norm,
    sigmoid,
    softplus,
    spectral_norm,
    sq,
    sqrt,
    tanh,
    total,
)

U = [1.5, -2.25, 0.3]
SYMMETRIC = [[1, 2, 0], [2, -3, 1], [0, 1, 5]]
GENERAL = [[1, 2, 0], [4, -3, 1], [0, 1, 5]]


def softmax(x: Any) -> Any:
    return exp(x) / total(exp(x))


def log_sum_exp(x: Any) -> Any:
    return log(total(exp(x)))


def in_both(formula: Callable[[Callable[[Any], Any]], Any]) -> tuple[Any, Any]:
    """A number as a closed form and as a ball of 512 bits."""
    with limited_work():
        form = formula(Closed.constant).item
        assert form.known
        # Signs are asked for within the limit, too.
        _ = form.sign
    with working_precision(512):
        return form, formula(Ball.constant).item


TIES: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
    "Jensen": lambda c: total(exp(c([2.7] * 3))) / 3 - exp(total(c([2.7] * 3)) / 3),
    "log-sum-exp along (1, 1, 1)": lambda c: (
        log_sum_exp(c(U) + Fraction(3, 4)) - (log_sum_exp(c(U)) + log_sum_exp(c(U) + 1.5)) / 2
    ),
    "entropy of the uniform": lambda c: total(c([1] * 3) / 3 * log(c([1] * 3) / 3)) + log(c(3)),
    "softmax forgets a shift": lambda c: norm(softmax(c(U)) - softmax(c(U) + 2)),
    "softmax sums to 1": lambda c: total(softmax(c(U))) - 1,
    "Cauchy-Schwarz": lambda c: (
        norm(exp(c(U))) * norm(2 * exp(c(U))) - dot(exp(c(U)), 2 * exp(c(U)))
    ),
    "Weyl at A = B": lambda c: (
        lambda_max(c(SYMMETRIC) + c(SYMMETRIC)) - 2 * lambda_max(c(SYMMETRIC))
    ),
    "shifted": lambda c: lambda_max(c(SYMMETRIC) + 3 * np.eye(3)) - lambda_max(c(SYMMETRIC)) - 3,
    "mirrored": lambda c: lambda_max(-c(SYMMETRIC)) + lambda_min(c(SYMMETRIC)),
    "singular values of the transpose": lambda c: (
        spectral_norm(c(GENERAL)) - spectral_norm(c(GENERAL).T)
    ),
    "roots": lambda c: (sqrt(c(2)) + sqrt(c(3))) ** 2 - 5 - 2 * sqrt(c(6)),
    "one over a sum of roots": lambda c: 1 / (sqrt(c(2)) + sqrt(c(3))) - sqrt(c(3)) + sqrt(c(2)),
    "root of a square": lambda c: (
        sqrt(3 * (exp(c(2)) - exp(c(3))) ** 2) - sqrt(c(3)) * (exp(c(3)) - exp(c(2)))
    ),
    "sigmoid": lambda c: sigmoid(c(U)[0]) + sigmoid(-c(U)[0]) - 1,
    "softplus": lambda c: softplus(c(U)[0]) - c(U)[0] - softplus(-c(U)[0]),
    "tanh": lambda c: tanh(c(U)[0]) - 2 * sigmoid(2 * c(U)[0]) + 1,
    "log cosh": lambda c: log_cosh(c(U)[0]) - log_cosh(-c(U)[0]),
    "power": lambda c: exp(7 * log(c(0.5)) / 2) - sqrt(c(0.5)) ** 7,
    "logarithm of a product": lambda c: log(c(12)) - 2 * log(c(2)) - log(c(3)),
    "whole and other powers": lambda c: c(1.5) ** Fraction(5, 2) - c(1.5) ** 2 * sqrt(c(1.5)),
    "0 to a power": lambda c: c(0) ** Fraction(1, 2) + c(0) ** 3 + c(0) ** 0 - 1,
    "greater of equals": lambda c: maximum(exp(c(1)), exp(c(3)) / exp(c(2))) - exp(c(1)),
}


@pytest.mark.parametrize("formula", TIES.values(), ids=TIES.keys())
def test_equal_numbers_have_one_form(formula: Any) -> None:
    form, ball = in_both(formula)
    assert form.is_zero
    assert ball.contains(0)


@pytest.mark.parametrize("formula", TIES.values(), ids=TIES.keys())
def test_a_number_nearby_has_another(formula: Any) -> None:
    # 2^-300 is beyond the first precision at which signs are told.
    form, _ = in_both(lambda c: formula(c) + Fraction(1, 2**300))
    assert not form.is_zero
    assert form.sign == 1


def _expressions() -> st.SearchStrategy[Callable[[Any], Any]]:
    """Formulas of some numbers: random trees, with few leaves so that forms often agree."""
    leaf = st.sampled_from([1, 2, Fraction(1, 2), -3, Fraction(5, 4)]).map(lambda x: lambda c: c(x))
    unary = st.sampled_from(
        [
            *(exp, tanh, sigmoid, softplus, abs),
            lambda x: sqrt(x * x),
            lambda x: -x,
            # Of what is negative, such as the logarithm of √2 - 1, too.
            lambda x: sqrt(abs(x)),
            lambda x: log(abs(x)),
        ]
    )
    binary = st.sampled_from(
        [
            lambda x, y: x + y,
            lambda x, y: x - y,
            lambda x, y: x * y,
            lambda x, y: log(exp(x) + exp(y)),
            lambda x, y: x / sqrt(1 + y * y),
        ]
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(lambda f, x: lambda c: f(x(c)), unary, inner),
            st.builds(lambda f, x, y: lambda c: f(x(c), y(c)), binary, inner, inner),
        ),
        max_leaves=6,
    )


def test_the_root_of_a_negative_logarithm_has_its_sign() -> None:
    form, ball = in_both(lambda c: sqrt(-log(sqrt(c(2)) - 1)))
    assert form.ball.overlaps(ball)
    assert form.sign == 1


@given(_expressions(), _expressions())
@settings(max_examples=60, deadline=None)
def test_forms_agree_with_balls(first: Any, second: Any) -> None:
    """Whatever the formula: the form's ball overlaps that of the formula, and 0 is 0."""
    for formula in (first, lambda c: first(c) - second(c), lambda c: first(c) - first(c)):
        with limited_work():
            form = formula(Closed.constant).item
        with working_precision(256):
            ball = formula(Ball.constant).item
            if not form.known or not ball.is_finite():
                continue
            assert form.ball.overlaps(ball)
            if form.is_zero:
                assert ball.contains(0)
            assert form.sign in (None, 0) or form.sign * ball >= 0 or ball.contains(0)


@given(
    st.lists(st.integers(-4, 4), min_size=9, max_size=9),
    st.fractions(-3, 3, max_denominator=4).filter(bool),
    st.integers(-3, 3),
)
@settings(max_examples=40, deadline=None)
def test_eigenvalues_move_with_the_matrix(entries: Any, factor: Fraction, shift: int) -> None:
    a = np.array(entries).reshape(3, 3)
    matrix = Closed.constant(a + a.T)
    with limited_work():
        moved = factor * matrix + shift * np.eye(3)
        ends = lambda_min(matrix), lambda_max(matrix)
        low, high = (factor * x + shift for x in (ends if factor > 0 else ends[::-1]))
        assert (lambda_min(moved) - low).item.is_zero
        assert (lambda_max(moved) - high).item.is_zero
    with working_precision(128):
        ball = lambda_max(Ball.constant(a + a.T)).item
        assert ends[1].item.ball.overlaps(ball)


def test_too_much_work_leaves_everything_unknown() -> None:
    with limited_work():
        many = sum(exp(Closed.constant(Fraction(k, 7))) for k in range(1, 60))
        power = (many**6).item
    assert not power.known


@pytest.mark.parametrize(
    "formula",
    [
        lambda c: 1 / (exp(c(1)) - exp(c(1))),
        lambda c: sqrt(exp(c(1)) - 3),
        lambda c: log(exp(c(1)) - exp(c(1))),
        lambda c: sq(c([float("inf"), 1.0])),
    ],
)
def test_what_does_not_exist_is_unknown(formula: Any) -> None:
    with limited_work():
        assert not formula(Closed.constant).item.known


def test_numbers_too_long_for_decimal_digits() -> None:
    root = in_both(lambda c: sqrt(c(2**20_000 + 1)) - sqrt(c(2**20_000 + 1)))[0]
    assert root.is_zero


def test_logarithms_of_what_is_near_1_have_a_sign() -> None:
    """softplus(x) - x = log(1 + e^-x) is positive and 10^-434294 at x = 10^6."""
    for x, sign in ((10**6, 1), (-(10**6), 1)):
        form, _ = in_both(lambda c, x=x: softplus(c(x)) - maximum(c(x), c(0)))
        assert form.sign == sign
    form, _ = in_both(lambda c: log(1 - exp(c(-(10**6)))))
    assert form.sign == -1


@pytest.mark.parametrize("size", [1, 2, 3])
def test_eigenvalues_of_a_matrix_moved_by_a_multiple_of_the_identity(size: int) -> None:
    """Ties of Weyl's inequality, which no precision separates."""
    A = np.array([[1, -0.5, 0.25], [-0.5, 0, 2], [0.25, 2, 3]])[:size, :size]

    @claim
    def weyl(A: symmetric("k"), B: symmetric("k")):  # type: ignore
        return [eigenvalues(A + B)[i] >= eigenvalues(A)[i] + lambda_min(B) for i in (0, -1)]

    at = weyl.formula.instances(A, -np.eye(size))
    assert decide(weyl, at).decision is Decision.EQUAL


def test_a_norm_of_one_number_is_its_size() -> None:
    @claim
    def holder(u: vectors("k"), v: vectors("k")):  # type: ignore
        return norm(u, 3) * norm(v, Fraction(3, 2)) >= dot(u, v)

    at = holder.formula.instances(np.array([0.1]), np.array([0.3]))
    assert decide(holder, at).decision is Decision.EQUAL
