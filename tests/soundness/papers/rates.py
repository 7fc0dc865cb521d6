"""Ghadimi and Lan (2013), Karimi et al. (2016): rates of gradient descent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from soundness.algebra import (
    Vector,
    least_eigenvalue,
    plus,
    solved,
    spectral_norm_squared,
    square,
    times,
    turned,
)
from soundness.papers.meant import gram_of, log_cosh, tanh
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, greatest, maximum, total


@reference("ghadimi2013.step")
def step(at: Given, c: Any) -> Sides:
    pairs = list(zip(at.h, at.s, strict=True))
    L = greatest(maximum(abs(h), abs(h + s)) for h, s in pairs)

    def value(x: Vector) -> Real:
        return total(h * z * z / 2 + s * log_cosh(z) for (h, s), z in zip(pairs, x, strict=True))

    def slope(x: Vector) -> Vector:
        return [h * z + s * tanh(z) for (h, s), z in zip(pairs, x, strict=True)]

    g = slope(at.x)
    after = plus(at.x, g, -1 / L)
    return Sides(L * (value(at.x) - value(after)), c * square(g) + square(slope(after)) / 4)


def _least_gradient(at: Given, c: Any, second: Fraction) -> Sides:
    squares = [square(g) for g in at.G]
    T = len(at.further)
    fall = total(squares[:-1]) / 2 + second * total(squares[1:]) + total(at.further)
    return Sides(c * fall / T, -greatest(-x for x in squares))


@reference("ghadimi2013.rate")
def rate(at: Given, c: Any) -> Sides:
    return _least_gradient(at, c, Fraction(0))


@reference("ghadimi2013.exact_rate")
def exact_rate(at: Given, c: Any) -> Sides:
    return _least_gradient(at, c, Fraction(1, 4))


class _Composite:
    """Σ m r²/2 + s log cosh r, r = A z."""

    def __init__(self, at: Given) -> None:
        self.at, self.sigma = at, least_eigenvalue(gram_of(at.A))
        self.smooth = (at.m + at.s) * spectral_norm_squared(at.A)

    def value(self, z: Vector) -> Real:
        return total(self.at.m * r * r / 2 + self.at.s * log_cosh(r) for r in times(self.at.A, z))

    @property
    def gradient(self) -> Vector:
        pulled = [self.at.m * r + self.at.s * tanh(r) for r in times(self.at.A, self.at.z)]
        return times(turned(self.at.A), pulled)

    @property
    def distance(self) -> Real:
        r = times(self.at.A, self.at.z)
        found = solved(gram_of(self.at.A), [[x] for x in r])
        return total(x * y[0] for x, y in zip(r, found, strict=True))


@reference("karimi2016.pl")
def pl(given: Given, c: Any) -> Sides:
    at = _Composite(given)
    return Sides(square(at.gradient), c * given.m * at.sigma * at.value(given.z))


@reference("karimi2016.rate")
def linear_rate(given: Given, c: Any) -> Sides:
    at = _Composite(given)
    after = plus(given.z, at.gradient, -1 / at.smooth)
    room = at.smooth - c * given.m * at.sigma
    return Sides(room * at.value(given.z), at.smooth * at.value(after))


@reference("karimi2016.growth")
def growth(given: Given, c: Any) -> Sides:
    at = _Composite(given)
    return Sides(at.value(given.z), c * given.m * at.sigma * at.distance / 2)


@reference("karimi2016.error_bound")
def error_bound(given: Given, c: Any) -> Sides:
    at = _Composite(given)
    return Sides(square(at.gradient), c * (given.m * at.sigma) ** 2 * at.distance)
