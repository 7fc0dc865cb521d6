"""Safran and Shamir (2018): the kernel by quadrature, derivatives by differences, proved minima."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy

from catalogue.drawn import gradient
from checker import decide
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import exists_minimum
from checker.arithmetic.plain import Plain
from checker.instances.fields import FloatArray, unchecked
from properties.safran2018.students import Student, critical_point, permuted, place_of, student
from properties.safran2018.theorems import Longer, minimum, minimum_at_five, saddle, saddle_at_six

RNG = np.random.default_rng(5)


def kernel(w: FloatArray, v: FloatArray) -> float:
    """E (wᵀx)₊ (vᵀx)₊ as an integral over the angle in the plane of w and v."""
    sizes = np.linalg.norm(w) * np.linalg.norm(v)
    angle = np.arccos(np.clip(w @ v / sizes, -1, 1))

    def density(t: float) -> float:
        return max(np.cos(t), 0) * max(np.cos(t - angle), 0)

    kinks = [-np.pi / 2, np.pi / 2, angle - np.pi / 2]
    return float(sizes / np.pi * scipy.integrate.quad(density, -np.pi, np.pi, points=kinks)[0])


def risk(W: FloatArray) -> float:
    """F from the integrals."""
    teachers = np.eye(W.shape[1])
    return 0.5 * sum(
        sign * kernel(w, v)
        for rows, columns, sign in ((W, W, 1), (W, teachers, -2), (teachers, teachers, 1))
        for w in rows
        for v in columns
    )


def at(W: FloatArray) -> Student:
    return student(Plain(W.reshape(-1, 1)), W.shape[1])


def closed(W: FloatArray) -> float:
    with np.errstate(all="ignore"):
        return float(at(W).risk().value[0])


def test_the_kernel_is_that_of_gaussian_inputs() -> None:
    """By Monte Carlo, to three standard errors, and by quadrature."""
    W = RNG.standard_normal((2, 3))
    outputs = np.maximum(RNG.standard_normal((200_000, 3)) @ np.vstack([W, np.eye(3)]).T, 0)
    losses = (outputs @ [1, 1, -1, -1, -1]) ** 2 / 2
    error = losses.std() / np.sqrt(len(losses))
    assert abs(losses.mean() - risk(W)) < 4 * error < 0.1 * risk(W)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (3, 2)])
def test_closed_forms_agree_with_integrals_and_differences(shape: tuple[int, int]) -> None:
    W = RNG.standard_normal(shape)
    assert closed(W) == pytest.approx(risk(W), rel=1e-7)
    if shape == (1, 1):
        return
    slopes = at(W).gradient().value[:, 0]
    np.testing.assert_allclose(slopes, gradient(closed, W).ravel(), atol=1e-7)

    def slope(i: int) -> Any:
        return lambda V: float(at(V).gradient().value[i, 0])

    rows = [gradient(slope(i), W).ravel() for i in range(W.size)]
    np.testing.assert_allclose(at(W).hessian().value[..., 0], rows, atol=1e-6)


def test_a_further_neuron_changes_the_risk_as_stated() -> None:
    W, t = RNG.standard_normal((3, 4)), 0.3
    e = np.eye(4)[2]
    longer: Any = unchecked(
        Longer, W=Plain(W[..., None]), e=Plain(e[:, None]), t=Plain(np.array([t]))
    )
    change = risk(np.vstack([W, t * e])) - risk(W)
    assert t * longer.pull.value[0] + t * t / 4 == pytest.approx(change, rel=1e-6)


VALUES = {6: 0.025081, 7: 0.023203, 8: 0.021508}
LATER = {9: 0.020014, 10: 0.018702, 12: 0.016524, 15: None, 20: None}


@pytest.mark.parametrize(
    "k", [6, *(pytest.param(k, marks=pytest.mark.nightly) for k in (7, 8, *LATER))]
)
def test_spurious_minima_are_proved(k: int) -> None:
    """Within 2⁻⁴⁰ of the float point, with the value to 12 digits."""
    W = critical_point(k)
    value = (VALUES | LATER)[k] or closed(W)

    def of(name: str) -> Any:
        return lambda z: getattr(student(z, k), name)()

    with working_precision(128):
        proved = exists_minimum(
            of("risk"),
            Ball.constant(W.ravel()),
            2.0**-40,
            value=(value - 5e-7, value + 5e-7),
            derivatives=(of("gradient"), of("hessian")),
        )
    assert float(proved.lhs.item) == 1


def test_the_same_point_is_a_saddle_below_six() -> None:
    for k, of, other in ((5, saddle, minimum_at_five), (6, minimum, saddle_at_six)):
        case = Student(W=critical_point(k))
        assert decide_case(of, case).decision is Decision.HOLDS
        assert decide_case(other, case).decision is Decision.VIOLATED


def test_premises_say_which_condition_is_missed_and_by_how_much() -> None:
    W = critical_point(6)
    assert place_of(W[::-1][:, ::-1]) == 0
    assert place_of(W) == 5
    for missed in (W + 2.0**-16, np.eye(6), W[:5], np.zeros((6, 6))):
        assert place_of(missed) is None
    for k in range(3, 9):
        near, last = permuted(RNG, k, 5, 2.0**-18)
        places = [place_of(near[..., i]) for i in range(5)]
        # For k = 3 every coordinate could be the last one.
        assert None not in places if k == 3 else places == list(last.argmax(axis=0))
    told = decide(minimum, Student(W=critical_point(5)))
    assert told.decision is Decision.EXCLUDED
    assert told.missed == "from_6: 5 is not at least 6, missed by a factor of 1.2"
