"""Bounds of the field operations, roots and constants, on numbers that use them up.

Each case is exact in fractions, and built so that dropping one term of its bound loses it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import MAX_ROUNDINGS
from checker.arithmetic.functions import exp, log, sigmoid, sqrt, tanh

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
TINY = Fraction(2) ** -1074
HALF_ULP = Fraction(2) ** -53


def number(value: float, error: float | None = None, rounds: int = 0) -> Bounded:
    return Bounded(np.array([value]), None if error is None else np.array([error]), rounds)


def assert_within(found: Bounded, truth: Fraction) -> None:
    """The bound, exactly; and the outward rounded ends."""
    value, radius = float(found.value[0]), float(found.radius[0])
    low, high = float(found.lower[0]), float(found.upper[0])
    if np.isfinite(radius):
        assert abs(truth - Fraction(value)) <= Fraction(radius)
    assert not low > truth
    assert not high < truth


# Name -> the operation and the exact result of numbers that its operands stand for.
FIELD: dict[str, tuple[Callable[[], Bounded], Fraction]] = {
    "sum, tie": (lambda: number(1.0) + number(2.0**-53), 1 + HALF_ULP),
    "sum, left end": (lambda: number(1.0, 0.5) + number(2.0), Fraction(7, 2)),
    "sum, right end": (lambda: number(2.0) + number(1.0, 0.5), Fraction(7, 2)),
    "sum, both ends": (lambda: number(1.0, 0.5) + number(2.0, 1.0), Fraction(9, 2)),
    "product, rounding": (
        lambda: number(1 + 2.0**-52) * number(1 + 2.0**-1),
        (1 + 2 * HALF_ULP) * Fraction(3, 2),
    ),
    "product, both ends": (lambda: number(2.0, 0.5) * number(3.0, 0.25), Fraction(65, 8)),
    "product, left end": (lambda: number(2.0, 0.5) * number(3.0), Fraction(15, 2)),
    "product, right end": (lambda: number(2.0) * number(3.0, 0.25), Fraction(13, 2)),
    "product, errors alone": (lambda: number(0.0, 0.5) * number(0.0, 0.25), Fraction(1, 8)),
    "product, underflow": (lambda: number(2.0**-1074) * number(0.5), TINY / 2),
    "product, underflow of the bound": (
        lambda: number(0.0, 2.0**-1074) * number(0.5),
        TINY / 2,
    ),
    "quotient, rounding": (lambda: number(1.0) / number(3.0), Fraction(1, 3)),
    "quotient, underflow": (lambda: number(2.0**-1074) / number(2.0), TINY / 2),
    "quotient, numerator": (lambda: number(1.0, 0.5) / number(2.0), Fraction(3, 4)),
    "quotient, denominator": (lambda: number(1.0) / number(2.0, 1.0), Fraction(1)),
    "quotient, both": (lambda: number(1.0, 0.5) / number(2.0, 1.0), Fraction(3, 2)),
    "quotient, denominator that may vanish": (
        lambda: number(1.0) / number(1.0, 1.0),
        Fraction(2) ** 600,
    ),
    "quotient, denominator of either sign": (lambda: number(1.0) / number(1.0, 2.0), Fraction(10)),
    # The quotient 2^-1080 underflows; the denominator may be 2^60 times smaller.
    "quotient, underflow that the denominator enlarges": (
        lambda: number(2.0**-980) / number(2.0**100, 2.0**100 - 2.0**40 - 2.0**72),
        Fraction(2) ** -980 / (Fraction(2) ** 40 + Fraction(2) ** 72),
    ),
    "quotient, the same by far": (
        lambda: number(2.0**-980) / number(2.0**100, 2.0**100 - 2.0**73),
        Fraction(2) ** -980 / Fraction(2) ** 73,
    ),
    # |v| e_b underflows, and is divided by 2^-1000.
    "quotient, underflow within its bound": (
        lambda: number(2.0**-1040) / number(2.0**-1000, 2.0**-1037),
        Fraction(2) ** -1040 / (Fraction(2) ** -1000 - Fraction(2) ** -1037),
    ),
    "square root, inherited": (lambda: sqrt(number(1.0, 1.0)), Fraction(0)),
    "square root of an error alone": (lambda: sqrt(number(0.0, 4.0)), Fraction(2)),
    "square root, argument below zero": (lambda: sqrt(number(-4.0, 8.0)), Fraction(2)),
    "absolute value": (lambda: abs(number(-1.0, 3.0)), Fraction(4)),
    "negative": (lambda: -number(1.0, 3.0), Fraction(-4)),
    "maximum, left": (lambda: number(1.0, 3.0).maximum(number(0.0)), Fraction(4)),
    "maximum, right": (lambda: number(0.0).maximum(number(1.0, 3.0)), Fraction(4)),
    "maximum, the smaller one's": (lambda: number(2.0, 0.5).maximum(number(1.0, 3.0)), Fraction(4)),
    "narrower": (lambda: number(1.0, 3.0).narrower(number(5.0, 4.0)), Fraction(4)),
}


@pytest.mark.parametrize("name", FIELD)
def test_a_bound_that_is_used_up_still_holds(name: str) -> None:
    make, truth = FIELD[name]
    assert_within(make(), truth)


def test_root_of_a_rounded_square() -> None:
    """No square root is a tie; 2^52 numbers suffice to come within 1% of half an ulp."""
    x = 1.0 + np.arange(1, 200) * 2.0**-52
    found = sqrt(Bounded(x))
    for i, v in enumerate(x):
        low, high = (Fraction(found.value[i]) + s * Fraction(found.radius[i]) for s in (-1, 1))
        assert low**2 <= Fraction(v) <= high**2


def test_roots_near_zero_are_enclosed_by_something_finite() -> None:
    for value in (0.0, -1.0):
        root = sqrt(number(value, 2.0))
        assert np.sqrt(2.0 + value) <= root.upper[0] < 2.0


@pytest.mark.parametrize("error", [2.0**-55, 2.0**-54 * (1 + 2.0**-20)])
def test_ends_are_rounded_outwards(error: float) -> None:
    """1 - e rounds to 1, 1 + e too: nextafter has to make up for it."""
    found = number(1.0, error)
    assert Fraction(float(found.lower[0])) <= 1 - Fraction(error)
    assert Fraction(float(found.upper[0])) >= 1 + Fraction(error)


# -- what pays for the roundings of a bound -----------------------------------------------------


def true_radius(error: float, rounds: int) -> arb:
    """What a bound that was rounded so often may stand for."""
    return arb(error) * (1 + arb(2) ** -53) ** rounds


@pytest.mark.parametrize("error", [1.0, 1.0 + 2.0**-52, 2.0 - 2.0**-52, 1e-300, 1e300])
def test_inflation_pays_for_all_roundings(error: float) -> None:
    found = number(0.0, error, MAX_ROUNDINGS)
    with ctx.workprec(300):
        for end in (found.radius[0], found.upper[0], -found.lower[0]):
            assert true_radius(error, MAX_ROUNDINGS) <= arb(float(end))


def test_a_denominator_that_vanishes_but_for_roundings() -> None:
    """The error stands for (1 - u)(1 + u)^4 > 1, so the denominator may be 0."""
    quotient = number(1.0) / number(1.0, 1.0 - 2.0**-53, rounds=4)
    assert not quotient.upper[0] < np.inf


@pytest.mark.parametrize("error", [300.0, 700.0])
def test_exponentials_enlarge_the_roundings_of_a_bound(error: float) -> None:
    rounds = MAX_ROUNDINGS - 64
    found = exp(number(0.0, error, rounds))
    with ctx.workprec(300):
        assert true_radius(error, rounds).exp() - 1 <= arb(float(found.radius[0]))


def test_log_of_an_argument_that_vanishes_but_for_roundings() -> None:
    assert not log(number(1.0, 1.0 - 2.0**-40, MAX_ROUNDINGS // 2)).lower[0] > -np.inf


LONG = MAX_ROUNDINGS - 3
STEPS: dict[str, Callable[[Bounded, Bounded], Bounded]] = {
    "sum": lambda a, b: a + b,
    "product": lambda a, b: a * b,
    "quotient": lambda a, b: a / b,
    "root": lambda a, _b: sqrt(a),
    "exp": lambda a, _b: exp(a),
    "log": lambda a, _b: log(a),
    "tanh": lambda a, _b: tanh(a),
    "sigmoid": lambda a, _b: sigmoid(a),
}


def assert_proves_nothing(found: Bounded) -> None:
    assert not np.isfinite(found.radius).any()
    assert not np.isfinite(found.lower).any()
    assert not np.isfinite(found.upper).any()


@pytest.mark.parametrize("name", STEPS)
def test_roundings_are_counted_whichever_operand_brings_them(name: str) -> None:
    spent, fresh = number(1.0, 0.25, LONG), number(1.0, 0.25)
    for pair in [(spent, fresh), (fresh, spent)][: 2 if name in list(STEPS)[:3] else 1]:
        assert_proves_nothing(STEPS[name](*pair))


def test_roundings_of_long_sums_are_counted() -> None:
    a = Bounded(np.ones((100, 1)), np.ones((100, 1)), MAX_ROUNDINGS - 50)
    for found in (a @ Bounded(a.value), Bounded(a.value) @ a, a.total()):
        assert_proves_nothing(found)


def test_a_product_of_errors_has_the_roundings_of_both() -> None:
    half = Bounded(np.ones((1, 1)), np.full((1, 1), 0.25), MAX_ROUNDINGS // 2)
    for found in (half * half, half @ half, half.outer(half)):
        assert_proves_nothing(found)
    for found in (half * Bounded(half.value), half @ Bounded(half.value), half + half):
        assert np.isfinite(found.radius).all()


@pytest.mark.parametrize("order", [1, -1])
def test_what_passes_through_unchanged_keeps_its_count(order: int) -> None:
    pair = [number(1.0, 0.25, 7), number(2.0, 0.5)][::order]
    joined = Bounded.concatenate([x._map(lambda a: a[None]) for x in pair], 0)
    for found in (joined, pair[0].maximum(pair[1]), pair[0].narrower(pair[1])):
        assert found.rounds == 7
    assert (-number(1.0, 0.25, 7)).rounds == abs(number(1.0, 0.25, 7)).rounds == 7


def test_a_settled_bound_pays_for_its_roundings_and_starts_again() -> None:
    rounds = MAX_ROUNDINGS - 64
    for error in (1.0, float(TINY)):
        found = number(1.0, error, rounds).settled()
        assert found.error is not None
        assert true_radius(error, rounds) <= arb(float(found.error[0]))
        assert found.rounds < 8
    exact = number(1.0)
    assert exact.settled() is exact


# -- constants ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        2**53 + 1,
        1 + HALF_ULP,
        Fraction(1, 3),
        TINY / 2,
        -TINY / 3,
        Fraction(2) ** -1060 / 3,
        np.longdouble(1) + np.longdouble(2) ** -60,
    ],
)
def test_constants_know_their_rounding(value: int | Fraction | np.longdouble) -> None:
    assert_within(Bounded.constant(value), Fraction(*value.as_integer_ratio()))


def test_one_part_of_several_with_an_error() -> None:
    for parts in ([number(1.0, 0.5), number(2.0)], [number(2.0), number(1.0, 0.5)]):
        joined = Bounded.concatenate([p._map(lambda a: a[None]) for p in parts], 0)
        assert sorted(joined.radius[:, 0]) == [0.0, 0.5 * (1 + 2.0**-30)]
