"""Ghadimi and Lan, Karimi: constants against functions that attain them, sets of minimisers."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np

from catalogue.drawn import drawn, floats, gradient
from properties.ghadimi2013 import theorems as ghadimi
from properties.karimi2016 import theorems as karimi


def triangle(x: Fraction) -> tuple[Fraction, Fraction]:
    """Value and slope of a 1-smooth f on the line: the slope is 1 at integers, 1/2 between."""
    whole = x.numerator // x.denominator
    rest = x - whole
    up = max(rest - Fraction(1, 2), Fraction(0))
    slope = 1 - rest + 2 * up
    value = Fraction(3, 4) * whole + rest - rest**2 / 2 + up**2
    return value, slope


def test_a_function_attains_four_thirds() -> None:
    """Its slope is 1-Lipschitz; steps of length 1 meet the slope 1 and fall by 3/4."""
    assert triangle(Fraction(1, 2)) == (Fraction(3, 8), Fraction(1, 2))
    places = [Fraction(k, 16) for k in range(-64, 65)]
    slopes = [triangle(x)[1] for x in places]
    assert max(abs(a - b) for a, b in pairwise(slopes)) <= Fraction(1, 16)
    values = [triangle(x)[0] for x in places]
    means = [(a + b) / 32 for a, b in pairwise(slopes)]
    assert [b - a for a, b in pairwise(values)] == means
    x, T = Fraction(4), 3
    start = triangle(x)[0]
    for _ in range(T):
        assert triangle(x)[1] == 1
        x -= triangle(x)[1]
    assert Fraction(4, 3) * (start - triangle(x)[0]) / T == 1


def test_ghadimi_slopes_and_curvature() -> None:
    at = drawn(ghadimi.SMOOTH, 3, d=2)
    x, h, s = floats(at.x), floats(at.h), floats(at.s)

    def f(x: np.ndarray) -> float:
        return float((h * x**2 / 2 + s * np.log(np.cosh(x))).sum())

    assert np.isclose(f(x), floats(at.value(at.x)))
    assert np.allclose(gradient(f, x), floats(at.slope(at.x)), atol=1e-6)
    z = np.linspace(-5, 5, 1001)
    curvature = np.abs(h[:, None] + s[:, None] / np.cosh(z) ** 2)
    assert curvature.max() <= floats(at.L) + 1e-12


def test_karimi_gradient_and_distance() -> None:
    at = drawn(karimi.PROBLEMS, 2, n=2, d=3)
    A, z, m, s = floats(at.A), floats(at.z), floats(at.m), floats(at.s)

    def f(z: np.ndarray) -> float:
        r = A @ z
        return float(m * (r @ r) / 2 + s * np.log(np.cosh(r)).sum())

    assert np.allclose(gradient(f, z), floats(at.gradient), rtol=1e-4, atol=1e-5)
    nearest = z - np.linalg.pinv(A) @ A @ z
    assert np.isclose(floats(at.squared_distance), ((z - nearest) ** 2).sum())
    assert np.isclose(floats(at.sigma), np.linalg.svd(A, compute_uv=False)[-1] ** 2)
