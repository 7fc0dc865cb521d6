"""The numbers in docs/shamir2018.md are those that the code proves."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.binomial import critical_failures
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import lambda_max, lambda_min
from checker.instances.fields import map_arrays
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.regularised import Regularised
from properties.shamir2018.exponent import observed, slope
from properties.shamir2018.figure1 import (
    DISC,
    FIGURE_1C,
    ON_DISC,
    Kind,
    Surface,
    constrained_minimum,
    stationary_points,
    threshold,
    valley_radius,
)
from properties.shamir2018.theorems import curvature_bound
from strategies.residual_unit.regularised import FIRST, FOURTH, NORM, centre
from strategies.sgd.problems import LEVEL_BITS, ODDS, RUNS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "shamir2018.md").read_text(encoding="utf-8")
MINUS = "−"


def _rows(heading: str) -> list[list[str]]:
    """Cells of the first table whose heading row starts with `heading`."""
    lines = PAGE.partition(f"\n| {heading} |")[2].splitlines()[2:]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


@pytest.mark.parametrize("row", _rows("k"), ids=lambda row: f"k={row[0]}")
def test_observed_exponents(row: list[str]) -> None:
    k = int(row[0])
    with working_precision(256):
        seen = observed(k)
        ratio = seen.gap / seen.epsilon.sqrt().sqrt()
        expected = [seen.epsilon, seen.gap, slope(k, k + 1) - 0.25]
        assert [row[1], row[2]] == [_plain(x) for x in expected[:2]]
        assert row[3] == f"{float(ratio.mid()):.4f}"
        assert row[4] == f"{MINUS}{_plain(-expected[2])}"


def _plain(ball: Any) -> str:
    mantissa, exponent = f"{float(ball.mid()):.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def test_the_page_has_rows() -> None:
    assert len(_rows("k")) >= 5
    assert min(len(_rows("λ")), len(_rows("ε"))) >= 4


def _printed(x: float) -> str:
    return f"{x:.5f}".replace("-", MINUS)


@pytest.mark.parametrize(("c", "regularisation"), [(1.0, 0.5), (0.5, 0.5)])
def test_stationary_points(c: float, regularisation: float) -> None:
    for point in stationary_points(Surface(c, regularisation)):
        w, v = point.middle
        kind = "minimum" if point.kind is Kind.MINIMUM else "saddle"
        value = float(point.value.mid())
        assert f"({_printed(w)}, {_printed(v)}), {_printed(value)}, {kind}" in PAGE


def test_constrained_minimum_and_thresholds() -> None:
    point = constrained_minimum(FIGURE_1C, DISC, ON_DISC)
    assert point is not None
    (w, v), value = point.middle, float(point.value.mid())
    assert f"({_printed(w)}, {_printed(v)}), {_printed(value)}, minimum on the circle" in PAGE
    assert f"multiplier {float(point.multiplier.mid()):.5f} > 0" in PAGE
    assert f"{math.floor(float(threshold().mid()) * 1e6) / 1e6}…" in PAGE
    assert f"radius is between 1 and {float(valley_radius()[0].mid()):.6f}…" in PAGE


def test_greatest_hessians() -> None:
    norms = [(13 + math.sqrt(25 + 4 * (12 + eps) ** 2)) / 2 for eps in (1, 10, 100, 1000)]
    assert ", ".join(f"{x:.2f}" for x in norms) in PAGE


def test_the_binomial_test() -> None:
    assert f"{RUNS} independent runs" in PAGE
    allowed = critical_failures(((RUNS, ODDS),), LEVEL_BITS)
    assert f"probability at most 1/{ODDS}, then more than {allowed} failures" in PAGE
    assert (ODDS, LEVEL_BITS) == (8, 30)
    assert "2⁻³⁰" in PAGE


# -- section 4 ------------------------------------------------------------------------------------


def _digits(x: Any, count: int = 5) -> str:
    """A ball, which is narrower than half a unit of the last digit, with some significant ones."""
    assert x.rad() < abs(x.mid()) * arb(10) ** (-count - 1)
    return f"{float(x.mid()):#.{count}g}".replace("-", MINUS, int(x < 0))


def _ridge_row(text: str) -> list[str]:
    surface = Surface(1.0, float(text))
    bad = stationary_points(surface)[-1]
    assert bad.kind is Kind.MINIMUM
    with working_precision(256):
        hessian = surface.hessian(Ball(np.array([bad.w, bad.v], dtype=object)))
        least, greatest = lambda_min(hessian).item, lambda_max(hessian).item
        rho = arb(surface.regularisation) / 2
        linear, fit = rho / (1 + rho), (bad.w * (1 + bad.v) - 1) ** 2
        return [
            text,
            f"({_printed(bad.middle[0])}, {_printed(bad.middle[1])})",
            f"{_digits(least)}, {_digits(greatest)}",
            f"{_digits(bad.value)}, {_digits(linear)}, {_digits(bad.value / linear, 4)}",
            f"{_digits(fit)}, {_digits(linear**2)}, {_digits(fit / linear**2, 4)}",
        ]


@pytest.mark.parametrize("row", _rows("λ"), ids=lambda row: row[0])
def test_a_small_ridge_leaves_the_bad_minimum(row: list[str]) -> None:
    assert row == _ridge_row(row[0])


def test_the_limits_of_the_quotients_and_the_range_of_the_ridge() -> None:
    """At λ = 0 the quotients are ||(w, v)||² and 1/q² = v/(1 + v)."""
    radius, _, v = valley_radius()
    with working_precision(256):
        limits = (radius**2, v / (1 + v))
        value, fit = (math.floor(float(x.mid()) * 1e4) / 1e4 for x in limits)
        assert f"their limits being {value}… and\n{fit}…" in PAGE
        assert 2 * threshold() > arb("0.78083")
    assert "every λ in (0, 0.78083c) the quotients are above 4.79 and 2.22" in PAGE


def _slope_row(text: str) -> list[str]:
    eps = Fraction(text)
    with working_precision(256):
        greatest = threshold(arb(fmpq(eps.numerator, eps.denominator)))
        reach = valley_radius(eps)[0]
        return [text, _digits(greatest), f"{float(1 / eps):g} to {_digits(reach)}"]


@pytest.mark.parametrize("row", _rows("ε"), ids=lambda row: row[0])
def test_thresholds_for_every_slope(row: list[str]) -> None:
    assert row == _slope_row(row[0])


def test_the_threshold_for_small_slopes() -> None:
    """At most 3 (ε/4)^(4/3), and close to it."""
    with working_precision(256):
        for k in (10, 20, 40):
            eps = arb((1, -3 * k))
            quotient = threshold(eps) / (3 * (eps / 4).root(3) ** 4)
            assert 1 - 4 * (eps / 4).root(3) ** 2 < quotient < 1
    assert "close to 2c · 3(ε/4)^(4/3) for small ε" in PAGE


def test_the_slope_from_which_on_the_bad_minimum_may_be_better() -> None:
    with working_precision(256):
        golden = (1 + arb(5).sqrt()) / 2
        bound = golden**2 * golden.sqrt()
        assert f"{math.floor(float(bound.mid()) * 1e4) / 1e4}…; for larger ε" in PAGE
        assert bound > arb("3.33")
        assert valley_radius(Fraction("3.3301"))[0] > 1 > valley_radius(Fraction("3.3302"))[0]


def _regulariser_row(name: str, shown: str) -> list[str]:
    given = {**centre(name), "h1": 0.0, "h2": 0.0}
    at = Regularised(**{field: np.array(value) for field, value in given.items()})
    with working_precision(256):
        ball = map_arrays(at, Ball.constant)
        w, v, u = ball.w.item, ball.v.item, ball.linear.item
        fit, linear = (w * (1 + v) - 1) ** 2, (u - 1) ** 2
        return [
            shown,
            f"({_printed(float(at.w))}, {_printed(float(at.v))})",
            f"{_digits(ball.here.item)}, {_digits(ball.at_linear.item)}",
            f"{_digits(fit)}, {_digits(linear)}",
        ]


STARTS = ("| 0.05 (", "| 0.2 (", "| 0.3 ‖")


def test_other_regularisers() -> None:
    names = {FOURTH: FOURTH, FIRST: FIRST, NORM: NORM.replace("||", "‖")}
    bar = "\\|"
    rows = [row for row in PAGE.replace(bar, "\0").splitlines() if row.startswith(STARTS)]
    found = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    expected = [_regulariser_row(name, shown) for name, shown in names.items()]
    assert [[cell.replace("\0", "|") for cell in row] for row in found] == expected


# -- errata ---------------------------------------------------------------------------------------


def test_slope_of_the_example_on_the_box() -> None:
    assert f"√13(6/ε + 1) = {6 * math.sqrt(13):.2f}/ε + {math.sqrt(13):.2f}" in PAGE


def test_usual_smoothed_hinges_have_jumps_of_curvature() -> None:
    """Quadratic for margins in (0, 1), linear below, 0 above: one-sided slopes of l'."""

    def slope(margin: Fraction) -> Fraction:
        return -min(max(1 - margin, Fraction(0)), Fraction(1))

    h = Fraction(1, 2**40)
    for margin, left, right in ((Fraction(0), 0, 1), (Fraction(1), 1, 0)):
        assert (slope(margin) - slope(margin - h)) / h == left
        assert (slope(margin + h) - slope(margin)) / h == right
    assert "jumps from 0 to 1 and back (at the margins 0 and 1)" in PAGE
    assert not OUTSIDE_ASSUMPTION_1["squared_hinge"].twice_differentiable
    assert LOSSES["smoothed_hinge"].twice_differentiable


def test_a_distribution_without_a_second_derivative() -> None:
    """The terms k >= n of 8ⁿ F'(8⁻ⁿ) = 8ⁿ Σ 2⁻ᵏ l'(8⁻ⁿ; k), a geometric series, in rationals."""

    def slope(p: Fraction, k: int) -> Fraction:
        width = Fraction(1, 8**k)
        inside = min(p, width)
        return 4**k * (inside - inside**2 / (2 * width))

    for n in range(1, 12):
        p = Fraction(1, 8**n)
        assert all(slope(p, k) == Fraction(1, 2 ** (k + 1)) for k in range(n, n + 30))
        series = 8**n * Fraction(1, 4**n) / 2 / (1 - Fraction(1, 4))
        assert series == Fraction(2, 3) * 2**n
        assert sum(slope(Fraction(1), k) / 2**k for k in range(1, 60)) < Fraction(1, 6)
    assert "F′(8⁻ⁿ)/8⁻ⁿ ≥ (2/3)·2ⁿ" in PAGE


def test_theorem_2_needs_a_comparator_other_than_zero() -> None:
    one, zero = np.ones((1, 1)), np.zeros(1)
    at = Point(
        X=one, y=one[0], Z=one, w=zero, V=one, w_star=zero, loss=LOSSES["squared"], weights=None
    )
    assert decide_case(curvature_bound, at).decision is Decision.EQUAL
    assert map_arrays(at, Ball.constant).gap.item == 0
    assert "the product form here is 0 ≥ 0 there" in PAGE
