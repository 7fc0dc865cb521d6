"""Functions of one number: right in every arithmetic, by Python's decimals."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from checker.arithmetic import functions
from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.function import FUNCTIONS
from checker.arithmetic.functions import grad
from checker.arithmetic.plain import Plain, Traced
from checker.arithmetic.recorded import Recorded
from checker.explain.script_numbers import DecimalPrinter
from checker.explain.script_text import DECIMALS, prelude
from tests.arithmetic.functions.decimals import REFERENCE, pi, reference

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

TINY = [5e-324, 1e-310, 2.0**-1022, 1e-160, 1e-20]
ORDINARY = [2.0**-30, 0.1, 0.3678, 0.5, 1.0, 1.5, 2.0, math.pi, 6.5, 30.0]
POSITIVE = [*TINY, *ORDINARY]
BOTH = [0.0, *POSITIVE, *(-x for x in POSITIVE)]
HUGE = [1e16, 1e150, 1.7e308]
POINTS: dict[str, list[float]] = {
    **dict.fromkeys(REFERENCE, BOTH),
    "sqrt": [0.0, *POSITIVE, *HUGE],
    "cbrt": [*BOTH, *HUGE, -1e150, 27.0, -0.125],
    "log": [*POSITIVE, *HUGE, 1 - 2.0**-53],
    "log1p": [*(x for x in BOTH if x > -1), *HUGE, 2.0**-53 - 1],
    "xlogx": [0.0, *POSITIVE, *HUGE[:2]],
    "exp": [*BOTH, 709.7, -745.2, -1e6],
    "expm1": [*BOTH, 709.7, -745.2],
    "arctan": [*BOTH, *HUGE, -1e150],
    "erf": [*BOTH, 5.9, 5.999999, 6.0, 6.1, -27.0],
    "tanh": [*BOTH, 1e3],
    "sign": [*BOTH, *HUGE],
}
# What the tests compare with is right to that share.
SLIP = Fraction(1, 10**50)
# 2 ** -40 around each point: where the function ends there, the true argument lies inside.
WIDTH = 2.0**-40

every_function = pytest.mark.parametrize("name", REFERENCE)


def _encloses(low: Any, high: Any, truth: Fraction) -> bool:
    room = abs(truth) * SLIP
    return bool(low <= truth + room and truth - room <= high)


def _rational(x: float) -> Any:
    return Fraction(x) if math.isfinite(x) else x


@every_function
@pytest.mark.parametrize("inexact", [False, True])
def test_float_bounds_hold_the_value(name: str, inexact: bool) -> None:
    points = np.array(POINTS[name])
    known = 0
    for shift in (-1, 0, 1) if inexact else (0,):
        width = np.abs(points) * WIDTH
        if name == "log1p":
            width = np.minimum(width, (1 + points) / 2)
        x = Bounded(points, width if inexact else None)
        found = getattr(functions, name)(x)
        for i, point in enumerate(points):
            truth = reference(name, Fraction(point) + shift * Fraction(width[i]))
            low, high = float(found.lower[i]), float(found.upper[i])
            assert not math.isnan(low) or found.error is not None
            if math.isfinite(low) and math.isfinite(high):
                known += 1
                assert _encloses(Fraction(low), Fraction(high), truth), (point, shift, low, high)
                value, radius = Fraction(float(found.value[i])), Fraction(float(found.radius[i]))
                assert abs(truth - value) <= radius * (1 + SLIP) + abs(truth) * SLIP, point
    # Bounds that say nothing would pass.
    assert known >= 0.9 * len(points) * (3 if inexact else 1)


@every_function
def test_float_bounds_are_narrow(name: str) -> None:
    points = np.array([x for x in POINTS[name] if 1e-3 < abs(x) < 40])
    found = getattr(functions, name)(Bounded(points))
    truth = np.array([float(reference(name, Fraction(x))) for x in points])
    scale = np.maximum(np.abs(truth), 1.0 if name in ("sin", "cos") else 0.0)
    assert (found.radius <= 4e-13 * scale + 1e-300).all()


@every_function
def test_balls_hold_the_value_and_little_else(name: str) -> None:
    with working_precision(128):
        for point in POINTS[name]:
            entry = getattr(functions, name)(Ball.constant(point)).item
            truth = reference(name, Fraction(point))
            size = abs(truth) * SLIP
            apart = abs(entry - arb(fmpq(truth.numerator, truth.denominator)))
            assert apart.lower() <= arb(fmpq(size.numerator, size.denominator)) + entry.rad()
            assert entry.rad() <= arb(2) ** -100 * (1 + abs(entry)), point


@every_function
def test_wide_balls_hold_the_image(name: str) -> None:
    with working_precision(128):
        for point in POINTS[name]:
            entries = np.empty((), dtype=object)
            # Balls of the size of the point, and of the size of 1.
            for radius in (abs(point) / 4, 1e-3):
                entries[()] = arb(point, radius)
                found = getattr(functions, name)(Ball(entries)).item
                for part in (-1, Fraction(1, 3), 1):
                    inside = Fraction(point) + part * Fraction(radius)
                    defined = {"sqrt": inside >= 0, "xlogx": inside >= 0, "log": inside > 0}
                    if not defined.get(name, inside > -1 or name != "log1p"):
                        continue
                    truth = reference(name, inside)
                    assert not found.is_finite() or found.overlaps(
                        arb(fmpq(truth.numerator, truth.denominator))
                    ), (point, radius, part)


@every_function
def test_exact_numbers_are_right_or_unknown(name: str) -> None:
    points = [0, 1, -1, 8, -27, Fraction(9, 4), Fraction(8, 27), 2, Fraction(1, 3)]
    if name == "log1p":
        points.remove(-1)
    allowed = [x for x in points if x >= 0 or name not in ("sqrt", "log", "xlogx")]
    for point in allowed:
        found = getattr(functions, name)(Exact.constant(point)).item
        if name == "log" and point == 0:
            assert not found.known
        elif found.known:
            truth, square = reference(name, Fraction(point)), found.ratio**2 * found.radicand
            assert (found.ratio > 0) - (found.ratio < 0) == (truth > 0) - (truth < 0)
            assert abs(Fraction(int(square.p), int(square.q)) - truth**2) <= SLIP


EXACTLY_KNOWN = {
    "sqrt": (Fraction(9, 4), Fraction(3, 2)),
    "cbrt": (Fraction(-27, 8), Fraction(-3, 2)),
    "exp": (0, 1),
    "expm1": (0, 0),
    "log": (1, 0),
    "log1p": (0, 0),
    "xlogx": (0, 0),
    "tanh": (0, 0),
    "sigmoid": (0, Fraction(1, 2)),
    "log_cosh": (0, 0),
    "sin": (0, 0),
    "cos": (0, 1),
    "arctan": (0, 0),
    "erf": (0, 0),
    "sign": (-5, -1),
}


@pytest.mark.parametrize("name", EXACTLY_KNOWN)
def test_what_is_known_exactly(name: str) -> None:
    point, value = EXACTLY_KNOWN[name]
    found = getattr(functions, name)(Exact.constant(point)).item
    assert found.radicand == 1
    assert Fraction(int(found.ratio.p), int(found.ratio.q)) == value


@every_function
@pytest.mark.parametrize("kind", [Plain, Traced])
def test_plain_floats_are_near(name: str, kind: Any) -> None:
    points = np.array(POINTS[name])
    found = getattr(functions, name)(kind(points)).value
    truth = np.array([float(reference(name, Fraction(x))) for x in points])
    scale = np.maximum(np.abs(truth), 1.0 if name in ("log_cosh", "sigmoid") else 0.0)
    # The gradient of the search needs no more than that.
    assert (
        np.abs(found - truth) <= 1e-12 * scale + 1e-300 + (name in ("sin", "cos")) * 1e-12
    ).all()


SMOOTH = [name for name in REFERENCE if name != "sign"]


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_are_the_limit_of_differences(name: str) -> None:
    """By series, and by the rules: both against a quotient of differences of the reference."""
    function = getattr(functions, name)
    for point in (0.3, 1.0, 2.5, -0.7, -3.0):
        if point < 0 and name in ("sqrt", "log", "xlogx", "log1p"):
            continue
        step = Fraction(1, 10**30)
        high, low = (reference(name, Fraction(point) + s * step) for s in (1, -1))
        slope = (high - low) / (2 * step)
        with working_precision(128):
            series = function(Taylor.line(point, 1.0)).coefficient(1).item
            rule = grad(function, Ball.constant(point)).item
            for found in (series, rule):
                apart = abs(found - arb(fmpq(slope.numerator, slope.denominator)))
                assert apart < arb(10) ** -20, (point, found)
                assert found.rad() < arb(10) ** -20


@every_function
def test_scripts_compute_the_same(name: str) -> None:
    for point in (0.3, 1.0, 2.5, -0.7, 12.0, 0.0):
        if point <= 0 and name in ("sqrt", "log", "xlogx"):
            continue
        recorded = getattr(functions, name)(Recorded.leaf(np.array(point)))
        node = recorded.terms.item
        leaf = next(x for x in _below(node) if x.op == "leaf")
        printer = DecimalPrinter({leaf: "x"})
        text = f"x = {printer.leaf(leaf.value)}\nfound = {printer.text(node)}"
        computed: dict[str, Any] = {}
        with localcontext():
            exec("\n".join([*prelude(DECIMALS, text, 60), text]), computed)
        truth = reference(name, Fraction(point))
        assert abs(Fraction(Decimal(computed["found"])) - truth) <= Fraction(1, 10**50)


def _below(node: Any) -> list[Any]:
    return [node, *(x for operand in node.operands for x in _below(operand))]


def test_numbers_without_an_array() -> None:
    x = Ball.constant(2.0)
    with working_precision(128):
        circle = pi()
        assert abs(
            (functions.pi * x).item - 2 * arb(fmpq(circle.numerator, circle.denominator))
        ) < (arb(10) ** -30)
        growth = reference("exp", Fraction(1))
        found = (x - functions.e).item
        assert abs(2 - found - arb(fmpq(growth.numerator, growth.denominator))) < arb(10) ** -30
    bounded = functions.pi * Bounded(np.ones(3))
    assert (bounded.lower < math.pi).all()
    assert (bounded.upper > math.pi).all()
    assert (bounded.radius < 1e-14).all()
    assert (functions.sqrt(8) - 2 * functions.sqrt(2) + Exact.constant(0)).item.ratio == 0
    assert not (functions.pi + Exact.constant(0)).item.known


def test_a_function_of_ones_own_is_one_record() -> None:
    record = functions.entrywise(
        "test_cube",
        ball=lambda x: x**3,
        plain=lambda xp, x: x**3,
        slope=lambda x, _: 3 * x**2,
        script="def test_cube(x): return x**3\n",
    )
    try:
        assert record(Ball.constant([2.0])).entries[0] == 8
        assert grad(record, Ball.constant(2.0)).item == 12
        # Without a bound of its own, float64 decides nothing and leaves the case to balls.
        assert not np.isfinite(record(Bounded(np.array([2.0]))).upper).any()
        assert not record(Exact.constant(2)).item.known
        assert ctx.prec > 0
    finally:
        del FUNCTIONS["test_cube"]


def test_x_log_x_is_least_between_0_and_1() -> None:
    """Its least value lies inside the interval, not at an end."""
    turn = Fraction(0.36787944117144233)
    least = reference("xlogx", turn)
    for end in (0.5, 0.9, 3.0):
        found = functions.xlogx(Bounded(np.array([end / 2]), np.array([end / 2])))
        assert found.lower[0] <= least <= found.upper[0]
        with working_precision(128):
            entries = np.empty((), dtype=object)
            entries[()] = arb(end / 2, end / 2)
            ball = functions.xlogx(Ball(entries)).item
            assert ball.lower() <= arb(fmpq(least.numerator, least.denominator)) <= ball.upper()
