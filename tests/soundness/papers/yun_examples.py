"""Yun, Sra and Jadbabaie (2019): the two small data sets."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from soundness.algebra import Vector, solved
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, maximum, number, numbers, total

_SIGNS = (-1, -1, 1, -1, 1, 1)


def _labels(rho: Real) -> Vector:
    return [i + sign * rho for i, sign in enumerate(_SIGNS)]


@reference("yun2019.example1_neuron")
def one_neuron(at: Given) -> Sides:
    """(1/6) Σ(w2[w1 x + b1]_+ + b2 - y)² >= 8ρ²/15."""
    errors = [
        at.w2 * maximum(at.w1 * i + at.b1, 0) + at.b2 - y for i, y in enumerate(_labels(at.rho))
    ]
    return Sides(total(e * e for e in errors) / 6, Fraction(8, 15) * at.rho * at.rho)


def _least_risk(h: Sequence[Real], y: Vector) -> Real:
    """The least (1/n) Σ(w h + c - y)², from the equations for w and c."""
    n = len(y)
    A = [[total(x * x for x in h), total(h)], [total(h), number(n)]]
    right = [[total(x * z for x, z in zip(h, y, strict=True))], [total(y)]]
    (w,), (c,) = solved(A, right)
    return total((w * x + c - z) ** 2 for x, z in zip(h, y, strict=True)) / n


def _residual_risk(rho: Real) -> Real:
    """Of w(x + (ρ/2)[x - 3]_+) + c."""
    h = [number(i) + rho / 2 * max(i - 3, 0) for i in range(6)]
    return _least_risk(h, _labels(rho))


@reference("yun2019.example1_residual")
def residual_network(at: Given) -> Sides:
    """8ρ²/15 >= R_2 + ρ²(135 + 18ρ - 12ρ²)/(15(21ρ² + 156ρ + 420))."""
    rho = at.rho
    gain = (135 + 18 * rho - 12 * rho**2) / (15 * (21 * rho**2 + 156 * rho + 420))
    return Sides(Fraction(8, 15) * rho**2, _residual_risk(rho) + rho**2 * gain)


@reference("yun2019.example1_range")
def range_of_rho(at: Given) -> Sides:
    """8ρ²/15 >= R_2."""
    return Sides(Fraction(8, 15) * at.rho**2, _residual_risk(at.rho))


def _risk(at: Given, h: Sequence[float]) -> Real:
    """(1/3) Σ(w h + c - y)², y = (1, 3, 2)."""
    pairs = zip(numbers(list(h)), (1, 3, 2), strict=True)
    return total((at.w * x + at.c - y) ** 2 for x, y in pairs) / 3


@reference("yun2019.example2_inputs")
def line_on_inputs(at: Given) -> Sides:
    """Risk on x = (1, 5/2, 3) >= 25/78."""
    return Sides(_risk(at, (1.0, 2.5, 3.0)), number(Fraction(25, 78)))


@reference("yun2019.example2_hidden")
def line_on_first_block(at: Given) -> Sides:
    """Risk on h_1 = x + [x - 2]_+ >= 8/21."""
    h = [x + max(x - 2, 0.0) for x in (1.0, 2.5, 3.0)]
    return Sides(_risk(at, h), number(Fraction(8, 21)))
