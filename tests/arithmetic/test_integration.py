"""Integrals and expectations: balls hold what is known in closed form, and nothing less is said."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from flint import acb, arb

from checker import (
    claim,
    cos,
    dot,
    exp,
    expectation,
    grad,
    integral,
    interval,
    log,
    maximum,
    norm,
    numbers,
    sign,
    sin,
    sq,
    sqrt,
    stack,
    tanh,
    total,
    vectors,
    verify,
    where,
)
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.plain import Plain
from checker.claims.verdict import Verdict
from checker.errors import FormulaError
from checker.explain.recording import record

A = 1.5

# An integral in the ball a = 3/2, and what it is.
Known = tuple[Callable[[Any], Any], Callable[[Any], Any]]
INTEGRALS: dict[str, Known] = {
    "constant": (lambda a: integral(lambda t: a, 0, 2), lambda a: 2 * a),
    "without a": (lambda a: a + integral(lambda t: t * t, 0, 3), lambda a: a + 9),
    "polynomial": (lambda a: integral(lambda t: a * t**3 - t, -1, 2), lambda a: arb(4.125)),
    "backwards": (lambda a: integral(lambda t: a * t, 1, 0), lambda a: -a / 2),
    "exp": (lambda a: integral(lambda t: exp(a * t), 0, 1), lambda a: (a.exp() - 1) / a),
    "ends": (lambda a: integral(lambda t: cos(t), -a, a), lambda a: 2 * a.sin()),
    "waves": (
        lambda a: integral(lambda t: sin(20 * a * t), 0, 1),
        lambda a: (1 - (20 * a).cos()) / (20 * a),
    ),
    "kink": (
        lambda a: integral(lambda t: maximum(t - a / 7, 0), -1, 1),
        lambda a: (1 - a / 7) ** 2 / 2,
    ),
    "kinks": (
        lambda a: integral(lambda t: abs(sin(t)), -a, a),
        lambda a: 2 * (1 - a.cos()),
    ),
    "step": (
        lambda a: integral(lambda t: where(t >= a / 7, a, 0), 0, 1),
        lambda a: a * (1 - a / 7),
    ),
    "infinite slope": (
        lambda a: integral(lambda t: sqrt(a * t), 0, 1),
        lambda a: 2 * a.sqrt() / 3,
    ),
    "quotient": (
        lambda a: integral(lambda t: 1 / (a + t), 0, 1),
        lambda a: ((1 + a) / a).log(),
    ),
    "variance": (lambda a: expectation(lambda t: (a * t) ** 2), lambda a: a * a),
    "relu": (
        lambda a: expectation(lambda t: maximum(a * t, 0)),
        lambda a: a / (2 * arb.pi()).sqrt(),
    ),
    "moments": (lambda a: expectation(lambda t: exp(a * t)), lambda a: (a * a / 2).exp()),
    "of a vector": (
        lambda a: expectation(lambda t: sq(stack([a, t]) * t)),
        lambda a: a * a + 3,
    ),
    "tanh": (
        lambda a: expectation(lambda t: tanh(a * t + 1)),
        lambda a: _by_arb(lambda z: (a * z + 1).tanh() * (-z * z / 2).exp()),
    ),
    "of a gradient": (lambda a: integral(lambda t: grad(lambda x: x**3, t), 0, a), lambda a: a**3),
}


def _by_arb(f: Callable[[Any], Any]) -> Any:
    """Of analytic functions times √2π the density, by Arb's own integration."""
    return acb.integral(lambda z, _: f(z), acb(-30), acb(30)).real / (2 * arb.pi()).sqrt()


@pytest.mark.parametrize("bits", [128, 512])
@pytest.mark.parametrize("name", INTEGRALS)
def test_balls_hold_what_is_known(name: str, bits: int) -> None:
    compute, known = INTEGRALS[name]
    with working_precision(bits):
        found, truth = compute(Ball.constant(A)).item, known(arb(A))
        assert found.overlaps(truth)
        assert truth.rad() < 1e-30
        assert found.rad() < (1e-10 if bits == 128 else 1e-28)


@pytest.mark.parametrize("kind", [Bounded, Plain])
def test_float64_has_a_value_without_a_bound(kind: Any) -> None:
    found = integral(lambda t: exp(kind.constant(A) * t), 0, 1)
    assert found.floats()[0] == pytest.approx(float((np.exp(A) - 1) / A))
    assert kind is Plain or np.isinf(found.error).all()


def test_a_sum_that_meets_no_array_is_about_zero() -> None:
    """E t² = 1, wherever the number is used."""
    found = expectation(lambda t: t * t).within(Plain.constant(0.0))
    assert found.floats()[0] == pytest.approx(1.0)


def test_a_number_from_zero_on_may_be_zero_on_all_of_the_piece() -> None:
    with working_precision(128):
        k = Ball.constant(0.0)._each(lambda _: arb(0, 1).nonnegative_part())
        for f in (lambda t: sign(k + 0 * t), lambda t: where(k > 0 * t, 1, 0)):
            assert integral(f, 1, 2).item.contains(0)


def test_a_finite_set_is_enumerated() -> None:
    with working_precision(128):
        a = Ball.constant([3.0, 4.0])
        mean = expectation(lambda s: abs(dot(a, list(s))), product((-1, 1), repeat=2))
        weighted = expectation(lambda x: x * a, [1, 2], weights=[1, 3])
    assert mean.floats()[0] == 4.0
    assert weighted.floats()[0].tolist() == [5.25, 7.0]


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (lambda a: expectation(lambda t: log(1 + a * t * t)), "how fast the integrand grows"),
        (lambda a: expectation(lambda t: exp(a * t * t)), "not bounded linearly"),
        (lambda a: expectation(lambda t: a / t), "may come near 0"),
        (lambda a: expectation(lambda t: a * t, "uniform"), "not known over 'uniform'"),
        (lambda a: expectation(lambda t: a * t, []), "over no values"),
        (lambda a: expectation(lambda t: a * t, [1, 2], weights=[1]), "1 weights for 2 values"),
        (lambda a: integral(lambda t: stack([a, t]), 0, 1), "has to be one number"),
        (lambda a: integral(lambda t: a, stack([a, a]), 1), "between two numbers"),
        (lambda a: grad(lambda x: integral(lambda t: x * t, 0, 1), a), "no derivative"),
        (
            lambda a: integral(lambda s: integral(lambda t: a * s * t, 0, 1), 0, 1),
            "integrand calls integral",
        ),
    ],
)
def test_what_there_is_no_integral_of(formula: Any, said: str) -> None:
    with working_precision(128), pytest.raises(FormulaError, match=said):
        formula(Ball.constant(A))


def test_an_integral_that_does_not_exist_is_not_known() -> None:
    with working_precision(128):
        assert not integral(lambda t: 1 / (Ball.constant(A) * t), -1, 1).item.is_finite()


# -- in claims ------------------------------------------------------------------------------------


@claim
def jensen(a: numbers()):
    return expectation(lambda t: exp(a * t)) >= 1 + a**2 / 2


@claim
def jensen_too_much(a: numbers()):
    return expectation(lambda t: exp(a * t)) >= 1 + a**2


@claim
def midpoint(a: interval(-3, 3), c: interval(2**-20, 3)):
    return integral(lambda t: exp(t), a, a + c) / c >= exp(a + c / 2)


@claim
def endpoints(a: interval(-3, 3), c: interval(2**-20, 3)):
    return integral(lambda t: exp(t), a, a + c) / c >= (exp(a) + exp(a + c)) / 2


def _mean_of_signs(a: Any) -> Any:
    return expectation(lambda s: abs(dot(a, list(s))), product((-1, 1), repeat=3))


@claim
def khintchine(a: vectors(3)):
    return expectation(lambda s: abs(dot(a, list(s))), product((-1, 1), repeat=3)) >= norm(
        a
    ) / sqrt(2)


@claim
def khintchine_too_much(a: vectors(3)):
    return (
        expectation(lambda s: abs(dot(a, list(s))), product((-1, 1), repeat=3)) >= norm(a) * 3 / 4
    )


@pytest.mark.parametrize("true", [midpoint, khintchine])
def test_true_statements_stand(true: Any) -> None:
    assert verify(true, cases=48).verdict is Verdict.STANDS


@pytest.mark.parametrize("false", [jensen_too_much, endpoints, khintchine_too_much])
def test_false_statements_fall(false: Any) -> None:
    assert verify(false, cases=500).verdict is Verdict.REFUTED


def test_a_report_names_the_integral() -> None:
    instance = jensen.formula.instances(a=np.array(1.0))
    recording = record(jensen, instance)
    assert recording is not None
    assert recording.lhs.node.op == "expectation"
    assert float(recording.lhs.ball.item.mid()) == pytest.approx(np.exp(0.5))
    assert total(recording.lhs).ball.item.rad() < 1e-10
