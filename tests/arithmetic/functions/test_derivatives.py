"""grad and hessian of a formula's own expression, against closed forms, in every arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import (
    black_box,
    det,
    diag,
    dot,
    exp,
    grad,
    hessian,
    inverse,
    kl,
    lambda_max,
    log,
    logsumexp,
    maximum,
    norm,
    outer,
    sigmoid,
    softmax,
    softplus,
    sort,
    sq,
    sqrt,
    stack,
    tanh,
    total,
    where,
)
from checker.arithmetic.plain import Plain, Traced
from checker.arithmetic.recorded import Recorded
from checker.errors import FormulaError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

A = np.array([[2.0, 1.0, 0.0], [1.0, -3.0, 0.5], [0.0, 0.5, 4.0]])
X = np.array([1.5, -0.25, 2.0])

# Name -> (f, its gradient as a formula, its Hessian as a formula or None).
Formula = Callable[[Any], Any]
CLOSED: dict[str, tuple[Formula, Formula, Formula | None]] = {
    "square": (sq, lambda x: 2 * x, lambda x: x.lift(2 * np.eye(3))),
    "form": (lambda x: x @ (A @ x) / 2, lambda x: A @ x, lambda x: x.lift(A)),
    "form, other way": (lambda x: dot(x @ A, x) / 2, lambda x: A @ x, lambda x: x.lift(A)),
    "cubes": (lambda x: total(x**3), lambda x: 3 * x**2, lambda x: diag(6 * x)),
    "reciprocals": (lambda x: total(1 / x), lambda x: -(x**-2), lambda x: diag(2 * x**-3)),
    "quotient": (lambda x: x[0] / x[2], lambda x: stack([1 / x[2], 0, -x[0] / x[2] ** 2]), None),
    "exp": (lambda x: total(exp(x)), exp, lambda x: diag(exp(x))),
    "log": (lambda x: total(log(x * x)), lambda x: 2 / x, lambda x: diag(-2 / x**2)),
    "norm": (
        norm,
        lambda x: x / norm(x),
        lambda x: (np.eye(3) - outer(x, x) / sq(x)) / norm(x),
    ),
    "softplus": (
        lambda x: total(softplus(x)),
        sigmoid,
        lambda x: diag(sigmoid(x) * sigmoid(-x)),
    ),
    "logsumexp": (
        logsumexp,
        softmax,
        lambda x: diag(softmax(x)) - outer(softmax(x), softmax(x)),
    ),
    "tanh": (lambda x: total(tanh(x)), lambda x: 1 - tanh(x) ** 2, None),
    "root": (lambda x: sqrt(1 + sq(x)), lambda x: x / sqrt(1 + sq(x)), None),
    "maximum": (
        lambda x: total(maximum(x, 0)),
        lambda x: where(x > 0, 1, 0),
        lambda x: 0 * outer(x, x),
    ),
    "absolute": (lambda x: total(abs(x)), lambda x: where(x > 0, 1, -1), None),
    "sorted": (lambda x: sort(x)[-1], lambda x: stack([0, 0, 1]) + 0 * x, None),
    "Huber": (
        lambda x: total(where(abs(x) <= 1, x**2 / 2, abs(x) - Fraction(1, 2))),
        lambda x: where(abs(x) <= 1, x, where(x > 0, 1, -1)),
        None,
    ),
    "joined": (
        lambda x: total(stack([x[0] * x, x]) ** 2),
        lambda x: (
            stack([2 * x[0] * sq(x) + 2 * x[0] ** 3, *[2 * x[0] ** 2 * x[i] for i in (1, 2)]])
            + 2 * x
        ),
        None,
    ),
    "constant": (lambda x: 3, lambda x: 0 * x, None),
    "real power": (lambda x: total((x**2) ** 1.5), lambda x: 3 * x * abs(x), None),
    "number to a power": (lambda x: total(2**x), lambda x: log(2) * 2**x, None),
}


def _apart(kind: Any, found: Any, expected: Any) -> Any:
    difference = found - expected
    assert difference.shape == found.shape
    return difference


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms(name: str) -> None:
    f, slope, curvature = CLOSED[name]
    pairs = [(grad, slope), *([(hessian, curvature)] if curvature else [])]
    for derivative, expected in pairs:
        with working_precision(128):
            x = Ball.constant(X)
            apart = derivative(f, x) - expected(x)
            for entry in apart.entries.flat:
                assert entry.contains(0)
                assert entry.rad() < arb(2) ** -90
        batch = Bounded(np.stack([X, 2 * X, X[::-1].copy()], axis=-1))
        if name != "sorted":
            bounded = derivative(f, batch) - expected(batch)
            assert ((bounded.lower <= 0) & (bounded.upper >= 0)).all()
            assert (bounded.radius < 1e-10).all()
        exact = derivative(f, Exact.constant(X)) - expected(Exact.constant(X))
        assert all(e.ratio == 0 for e in exact.entries.flat if e.known)
        for kind in (Plain, Traced):
            plain = derivative(f, kind(X[:, None])) - expected(kind(X[:, None]))
            assert np.allclose(plain.value, 0, atol=1e-12)
        recorded = derivative(f, Recorded.leaf(X))
        assert all(e.contains(0) for e in (recorded.ball - expected(Ball.constant(X))).entries.flat)


@pytest.mark.parametrize("name", ["square", "form", "cubes", "reciprocals", "quotient", "joined",
                                  "norm", "maximum", "absolute", "Huber"])  # fmt: skip
def test_rational_derivatives_are_exact(name: str) -> None:
    f, slope, _ = CLOSED[name]
    x = Exact.constant([3, Fraction(-1, 3), 4] if name != "norm" else [3, 0, 4])
    apart = grad(f, x) - slope(x)
    assert all(e.known and e.ratio == 0 for e in apart.entries.flat)


def test_matrices() -> None:
    M = Exact.constant([[2, 1], [Fraction(1, 3), 5]])
    cofactors = det(M) * inverse(M).T
    assert all(e.ratio == 0 for e in (grad(det, M) - cofactors).entries.flat)
    found = grad(lambda m: total(inverse(m)), M)
    ones = np.ones((2, 2))
    expected = -(inverse(M).T @ ones @ inverse(M).T)
    assert all(e.ratio == 0 for e in (found - expected).entries.flat)


def test_blocks() -> None:
    w, V = Exact.constant([1, 2]), Exact.constant([[1, 0, 2], [3, 1, 0]])
    gw, gV = grad(lambda w, V: sq(w @ V) / 2, (w, V))
    assert all(e.ratio == 0 for e in (gw - V @ (w @ V)).entries.flat)
    assert all(e.ratio == 0 for e in (gV - outer(w, w @ V)).entries.flat)


def test_a_number_has_a_slope_and_a_curvature() -> None:
    x = Exact.constant(3)
    assert grad(lambda t: t**4, x).item.ratio == 108
    assert hessian(lambda t: t**4, x).item.ratio == 108
    assert grad(lambda t: grad(lambda s: s**3 * t, t), x).item.ratio == 81
    assert hessian(lambda t: 1 / t, x).item.ratio * 27 == 2


def test_where_branches_meet_there_is_no_derivative_unless_they_agree() -> None:
    zero = Exact.constant([0, 0])
    assert not any(e.known for e in grad(lambda x: total(abs(x)), zero).entries)
    assert not any(e.known for e in grad(norm, zero).entries)
    assert [e.ratio for e in grad(lambda x: total(x * abs(x)), zero).entries] != [1, 1]
    with working_precision(128):
        assert not grad(lambda x: total(maximum(x, 0)), Ball.constant([0.0])).is_finite
        # Both branches are x² / 2 to the second order.
        huber = CLOSED["Huber"][0]
        assert [float(e) for e in grad(huber, Ball.constant([1.0, -1.0])).entries] == [1, -1]
        assert grad(lambda x: total(maximum(x, x)), Ball.constant([2.0])).entries[0] == 1
    jump = grad(lambda x: total(where(x >= 0, x + 1, x)), zero)
    assert not any(e.known for e in jump.entries)


def test_what_has_no_derivative_says_so() -> None:
    x = Ball.constant([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(FormulaError, match="no derivative of eigenvalues"):
        grad(lambda_max, x)
    with pytest.raises(FormulaError, match="no derivative of black_box"):
        grad(lambda v: total(black_box(np.sin, v)), x)
    with pytest.raises(FormulaError, match=r"one number as its value, not shape \(2, 2\)"):
        grad(lambda v: v, x)
    with pytest.raises(FormulaError, match=r"a vector or a number, not an array of shape \(2, 2\)"):
        hessian(total, x)


def test_what_is_unproved_has_unproved_derivatives() -> None:
    x = Ball.constant([1.0, 2.0]).marked("guessed")
    assert grad(lambda v: total(v**3), x).unproved == "guessed"


def test_kl_has_the_gradient_of_the_textbook() -> None:
    p, q = Ball.constant([0.25, 0.75]), Ball.constant([0.5, 0.5])
    with working_precision(128):
        apart = grad(lambda p: kl(p, q), p) - (log(p / q) + 1)
        assert all(e.contains(0) and e.rad() < 1e-30 for e in apart.entries)
