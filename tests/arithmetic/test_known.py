"""Constants enter every arithmetic as the numbers that they are, or not at all."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.arrays.guarded import Guarded
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.decide import Decision, decide_case, decide_exactly, screen_batch
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import filled, total
from checker.arithmetic.known import rational
from checker.arithmetic.plain import Plain
from checker.arithmetic.recorded import Recorded
from checker.claims.claim import claim
from checker.errors import FormulaError
from checker.instances.fields import Dims, FloatArray, single
from checker.search.guided.hunt import Budget, hunt
from tests.arithmetic.every_arithmetic import ARITHMETICS

ONE, TINY = np.longdouble(1), np.longdouble(2) ** -60
SMALL = Decimal("0.9999999999999999999")

longdoubles = st.builds(
    lambda m, k: np.longdouble(m) * np.longdouble(2) ** k,
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-80, 80),
)
values = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.fractions(),
    st.builds(Fraction, st.integers(-(10**400), 10**400), st.integers(1, 10**400)),
    st.decimals(allow_nan=False, allow_infinity=False),
    longdoubles,
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(np.float32),
    st.floats(width=16, allow_nan=False, allow_infinity=False).map(np.float16),
    st.integers(-(2**63), 2**63 - 1).map(np.int64),
    st.integers(0, 2**64 - 1).map(np.uint64),
    st.booleans(),
    st.booleans().map(np.bool_),
)


def truth(value: Any) -> Fraction:
    """By another way than the checker: through integers and their quotients."""
    if isinstance(value, np.longdouble):
        high = float(value)
        return Fraction(high) + Fraction(float(value - np.longdouble(high)))
    if isinstance(value, Decimal):
        sign, digits, exponent = value.as_tuple()
        size = int("".join(map(str, digits))) * Fraction(10) ** int(exponent)
        return -size if sign else size
    if isinstance(value, np.generic):
        return Fraction(value.item())
    return Fraction(value)


def _forms(value: Any) -> list[tuple[Any, tuple[int, ...]]]:
    return [(value, ()), (np.array(value), ()), ([value], (1,)), (np.array([value, value]), (2,))]


@settings(deadline=None, max_examples=200)
@example(10**400)
@example(Fraction(10**401, 10))
@example(Fraction(1, 10**400))
@example(ONE + TINY)
@example(SMALL)
@example(Decimal("0.1"))
@example(np.uint64(2**64 - 1))
@example(2**53 + 1)
@given(values)
def test_every_arithmetic_has_the_same_number(value: Any) -> None:
    wanted = truth(value)
    assert rational(value) == wanted
    for form, shape in _forms(value):
        _check_bounded(Bounded.constant(form), wanted)
        assert set(Plain.constant(form).value.flat) == {_nearest(wanted)}
        made = [kind.constant(form) for kind in (Exact, Ball, Taylor, Recorded)]
        assert {x.shape for x in made} == {shape}
        exact, ball, taylor, recorded = (x if not shape else x[0] for x in made)
        assert _fraction(exact.item.ratio) == wanted
        assert recorded.terms.item.value == _fraction(recorded.exact.item.ratio) == wanted
        for enclosed in (ball.item, taylor.item[0], recorded.ball.item):
            assert _contains(enclosed, wanted)
            assert enclosed.is_exact() == (wanted.denominator & (wanted.denominator - 1) == 0)


def _contains(ball: Any, x: Fraction) -> bool:
    # Arb's own test would round x first.
    middle, radius = (_fraction(part.fmpq()) for part in (ball.mid(), ball.rad()))
    return abs(middle - x) <= radius


def _fraction(x: Any) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def _nearest(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def _check_bounded(found: Bounded, wanted: Fraction) -> None:
    with np.errstate(invalid="ignore"):
        lower = found.lower
    for value, radius in zip(found.value.flat, np.ravel(found.radius), strict=True):
        if math.isfinite(value) and math.isfinite(radius):
            assert abs(Fraction(float(value)) - wanted) <= Fraction(float(radius))
        else:
            assert abs(wanted) > 2**1023
            assert not np.isfinite(lower).any()
    if found.error is None:
        assert {Fraction(float(v)) for v in found.value.flat} == {wanted}


NO_NUMBERS: list[tuple[Any, str]] = [
    ("1", "is of type str"),
    (None, "is of type NoneType"),
    (object(), "is of type object"),
    ([1, [2]], "is of type list"),
    (np.datetime64("2020-01-01"), "is of type date"),
    (np.ma.masked_array([1.0, 2.0], [True, False]), "has masked entries"),
    (math.nan, "is nan"),
    (math.inf, "is inf"),
    (-math.inf, "is -inf"),
    (np.array([1.0, math.inf]), "is inf"),
    (np.float32(math.inf), "is inf"),
    (np.longdouble(math.nan), "is nan"),
    (Decimal("NaN"), "is NaN"),
    (Decimal("Infinity"), "is Infinity"),
]


@pytest.mark.parametrize("name", ARITHMETICS)
@pytest.mark.parametrize(("value", "message"), NO_NUMBERS, ids=lambda x: str(x)[:20])
def test_what_is_no_exact_number_is_refused_alike(name: str, value: Any, message: str) -> None:
    x = ARITHMETICS[name].lifted([np.array(2.0)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for use in (lambda: x + value, lambda: x >= value, lambda: x @ value):
            with pytest.raises(FormulaError, match=f"a constant of the formula {message}"):
                use()


@pytest.mark.parametrize("name", ["Bounded", "Plain", "Ball", "Exact", "Taylor", "Recorded"])
def test_filled_refuses_what_is_not_finite(name: str) -> None:
    x = ARITHMETICS[name].lifted([np.array([2.0, 3.0])])
    with pytest.raises(FormulaError, match="a constant of the formula is inf"):
        filled(x, math.inf)


def test_infinities_in_arrays_from_elsewhere_are_unknown() -> None:
    for value in (math.inf, -math.inf, math.nan):
        for kind in (Bounded, Plain):
            assert np.isnan((1 / kind.constant(np.array(value))).value).all()
        assert not (1 / Ball.constant(value)).is_finite
        assert not (1 / Exact.constant(value)).item.known


def test_numpy_code_on_balls_takes_constants_exactly() -> None:
    with working_precision(128):
        long = np.int64(2**60 + 1)
        for value in (np.float32(0.1), ONE + TINY, Fraction(1, 3), Decimal("0.1"), long):
            found = (Guarded(Ball.constant(0).item) + value).item
            assert _contains(found, truth(value))
            assert found.rad() <= 2.0**-100


# -- decisions ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    x: Annotated[FloatArray, Dims()]
    y: Annotated[FloatArray, Dims()]


HOLDS, EQUAL, VIOLATED = Decision.HOLDS, Decision.EQUAL, Decision.VIOLATED
SUM = ONE + np.longdouble(2) ** -53 + TINY

DECIDED: list[tuple[Any, float, float, Decision]] = [
    (lambda at: at.x + at.y >= SUM, 1.0, 2.0**-53 + 2.0**-58, HOLDS),
    (lambda at: ONE - TINY >= at.x, 1.0, 0.0, VIOLATED),
    (lambda at: SMALL >= at.x, 1.0, 0.0, VIOLATED),
    (lambda at: at.x <= Decimal("0.1"), 0.1, 0.0, VIOLATED),
    (lambda at: at.x >= Decimal("0.1"), 0.1, 0.0, HOLDS),
    (lambda at: at.x <= Fraction(1, 10), 0.1, 0.0, VIOLATED),
    (lambda at: at.x >= ONE + TINY, 1.0, 0.0, VIOLATED),
    (lambda at: at.x >= total(type(at.x).constant(np.array([ONE + TINY]))), 1.0, 0.0, VIOLATED),
    (lambda at: at.x >= 2**53 + 1, 2.0**53, 0.0, VIOLATED),
    (lambda at: at.x >= np.int64(2**53 + 1), 2.0**53, 0.0, VIOLATED),
    (lambda at: at.x >= np.uint64(2**64 - 1), 2.0**64 - 2048, 0.0, VIOLATED),
    (lambda at: at.x >= 10**400, 1.0, 0.0, VIOLATED),
    (lambda at: 10**400 >= at.x, 1.0, 0.0, HOLDS),
    (lambda at: at.x >= np.float16(0.1), float(np.float16(0.1)), 0.0, EQUAL),
    (lambda at: at.x >= True, 1.0, 0.0, EQUAL),
]


@pytest.mark.parametrize(("formula", "x", "y", "decision"), DECIDED)
def test_constants_are_not_rounded_on_the_way(
    formula: Any, x: float, y: float, decision: Decision
) -> None:
    instance = Pair(np.array(x), np.array(y))
    exact = decide_exactly(formula, instance)
    assert exact is not None
    assert decide_case(formula, instance).decision is exact.decision is decision
    with np.errstate(all="ignore"):
        assert not (decision is VIOLATED and screen_batch(formula, single(instance, "")).held[0])


pairs = st.builds(Pair, *[st.floats(-100, 100).map(np.array)] * 2)


@pytest.mark.parametrize(
    "constant",
    [
        10**400,
        pytest.param(Fraction(10**401, 10), marks=pytest.mark.nightly),
        pytest.param(np.longdouble("1e400"), marks=pytest.mark.nightly),
    ],
)
def test_the_guided_search_goes_on_beyond_the_range_of_floats(constant: Any) -> None:
    @claim(given=pairs, id="user.large")
    def large(at: Any) -> Any:
        return constant >= at.x

    @claim(given=pairs, id="user.larger")
    def larger(at: Any) -> Any:
        return at.x >= constant * (1 + at.y**2)

    assert hunt(large, (0,), Budget(100)).found is None
    found = hunt(larger, (0,), Budget(100)).found
    assert found is not None
    assert found.result.refutes
