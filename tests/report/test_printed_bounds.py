"""Printed sides and radii are on the proved side: what is shown contains what is known."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest

from checker.instances.text import side

NUMBERS = [1.0, 1 / 3, -2.0 / 7, 1e-300, 0.1, 123456789.123456789, 1.59180171899815]
RADII = [1e-16, 1.0001e-9, 9.99e-5, 1.5e-300, 2.5, 5e-324, 0.0]


@pytest.mark.parametrize("x", NUMBERS)
@pytest.mark.parametrize("radius", RADII)
def test_printed_interval_contains_the_known_one(x: float, radius: float) -> None:
    text = side(x, radius)
    if radius == 0:
        assert text.endswith(" (exactly)")
        assert float(text.removesuffix(" (exactly)")) == x
        return
    middle, shown = re.fullmatch(r"(\S+) ± (\S+)", text).groups()  # type: ignore[union-attr]
    # The digits are those of the float itself; the radius is not below the proved one.
    assert float(middle) == x
    assert Fraction(shown) >= Fraction(radius)


def test_unknown_radius_is_not_shown() -> None:
    assert side(1.0, np.inf) == "1"
    assert side(1.0, np.nan) == "1"
