"""What is printed of proved numbers, parsed exactly: intervals contain, bounds keep their side."""

from __future__ import annotations

import math
import re
from decimal import localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from checker.instances.rounding import (
    apart,
    at_least,
    at_most,
    between,
    correct,
    exact_fraction,
    exact_number,
    nearest,
    plus_minus,
)
from flint import arb
from hypothesis import example, given
from hypothesis import strategies as st

from checker.arithmetic.ball import working_precision
from checker.census.enclosed import Enclosed as Between
from checker.certification.certificate import Enclosed
from checker.explain.steps import enclosure_text
from checker.instances.text import side

floats = st.floats(allow_nan=False, allow_infinity=False)
radii = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
fractions = st.fractions()
digits = st.integers(1, 20)


def interval(text: str) -> tuple[Fraction, Fraction]:
    """Both ends of `m ± r` or `m (exactly)`; nothing else is an interval."""
    found = re.fullmatch(r"(-?\d\S*) (?:± (\d\S*)|\(exactly\))", text)
    assert found is not None, text
    middle, radius = Fraction(found[1]), Fraction(found[2] or 0)
    return middle - radius, middle + radius


@given(floats | fractions, digits)
@example(0.1, 1)
@example(-0.0, 1)
@example(5e-324, 1)
@example(math.nextafter(math.inf, 0), 1)
@example(-9.995, 3)
@example(Fraction(10) ** 400 + 1, 6)
def test_bounds_are_on_their_side(x: Any, digits: int) -> None:
    below, above = Fraction(at_least(x, digits)), Fraction(at_most(x, digits))
    assert below <= Fraction(x) <= above
    # And no further away than a unit of the last digit.
    assert above - below <= abs(above if x > 0 else below) * Fraction(10) ** (1 - digits)
    assert Fraction(nearest(x, digits)) in (below, above)


@given(floats, radii | st.just(0.0))
@example(0.1, 0.0)
@example(0.5, 0.0)
@example(0.0, 5e-324)
@example(5e-324, 0.0)
@example(1.0, 1e-17)
@example(1e-300, 1e300)
@example(1.591801718998145, 1e-16)
@example(math.nextafter(math.inf, 0), math.nextafter(math.inf, 0))
def test_intervals_contain_what_was_proved(value: float, radius: float) -> None:
    exact, off = Fraction(value), Fraction(radius)
    for text in (plus_minus(value, radius), side(value, radius), str(Enclosed(value, radius))):
        low, high = interval(text)
        assert low <= exact - off
        assert exact + off <= high
        # "exactly" means the decimal, not the float that it would be read as.
        assert "exactly" not in text or (low == exact == high)
        # Rounding costs little: one digit of the radius, the last digits of the middle.
        assert high - low <= 5 * off + 8 * Fraction(math.ulp(value))


@given(floats, floats)
@example(-5e-324, 5e-324)
@example(1.0, 1.0 + 2.0**-52)
@example(-1e308, 1.5e308)
def test_intervals_between_bounds(one: float, other: float) -> None:
    known = Between(*sorted((one, other)))
    for text in (between(known.low, known.high), correct(known.low, known.high, 9)):
        if "±" not in text and "exactly" not in text:
            # Both ends, and so all numbers between, are rounded to this decimal.
            assert text == nearest(known.low, 9) == nearest(known.high, 9)
            continue
        low, high = interval(text)
        assert low <= Fraction(known.low)
        assert Fraction(known.high) <= high


@given(floats | fractions, floats | fractions, st.integers(1, 9))
@example(1.0, 1.0 + 2.0**-52, 6)
@example(0.0, 5e-324, 6)
def test_numbers_that_differ_are_printed_apart(one: Any, other: Any, digits: int) -> None:
    low, high = sorted((Fraction(one), Fraction(other)))
    if low == high:
        return
    less, more = map(Fraction, apart(low, high, digits))
    assert low <= less < more <= high


@given(fractions)
@example(Fraction(1, 3))
@example(Fraction(1999999999, 10**9))
def test_fractions_are_exact(x: Fraction) -> None:
    assert Fraction(exact_fraction(x)) == x


@given(floats)
def test_floats_are_exact(x: float) -> None:
    text = exact_number(x)
    assert (float.fromhex(text) if "p" in text else Fraction(text)) == x


@given(st.integers(-(2**300), 2**300), st.integers(-400, 400), st.integers(0, 2**30))
def test_balls_are_inside_their_text(mantissa: int, exponent: int, radius: int) -> None:
    with working_precision(400):
        ball = arb((mantissa, exponent), (radius, exponent))
        text = enclosure_text(ball)
        if "±" in text:
            low, high = interval(text)
        else:
            low = high = Fraction(text)
        top, bottom = ball.upper().man_exp(), ball.lower().man_exp()
        assert low <= int(bottom[0]) * Fraction(2) ** int(bottom[1])
        assert int(top[0]) * Fraction(2) ** int(top[1]) <= high


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (at_most(1.4357, 3), "1.44"),
        (at_least(1.4357, 3), "1.43"),
        (at_most(-(2.0**-24), 2), "-5.9e-8"),
        (at_most(0.0), "0"),
        (at_most(math.inf), "inf"),
        (at_least(-math.inf), "-inf"),
        (plus_minus(0.1, 0.0), "0.1 ± 6e-18"),
        (plus_minus(-3.0, 0.0), "-3 (exactly)"),
        (plus_minus(1e-20, 2e-13), "0 ± 3e-13"),
        (exact_fraction(Fraction(19, 7)), "19/7"),
        (side(1.5, math.nan), "1.5"),
        (side(math.nan, math.nan), "nan"),
    ],
)
def test_how_it_looks(text: str, expected: str) -> None:
    assert text == expected


def test_the_decimal_context_of_the_caller_does_not_matter() -> None:
    with localcontext() as context:
        context.prec = 2
        assert plus_minus(1.5917, 1e-9) == "1.5917 ± 2e-9"
        assert np.isclose(float(at_most(1.23456789, 8)), 1.2345679)
