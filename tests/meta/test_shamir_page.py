"""The numbers in docs/shamir2018.md are those that the code proves."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from checker.arithmetic.ball import working_precision
from checker.landscape.experiment import critical_failures
from properties.shamir2018_exponent import observed, slope
from properties.shamir2018_figure1 import (
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
from strategies.sgd_problems import LEVEL_BITS, ODDS, RUNS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "shamir2018.md").read_text(encoding="utf-8")
MINUS = "−"


def _rows(heading: str) -> list[list[str]]:
    """Cells of the first table whose heading row starts with `heading`."""
    lines = PAGE.partition(f"| {heading} |")[2].splitlines()[2:]
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


def test_the_page_has_exponents() -> None:
    assert len(_rows("k")) >= 5


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
    assert f"{float(valley_radius()[0].mid()):.6f}…" in PAGE


def test_greatest_hessians() -> None:
    norms = [(13 + math.sqrt(25 + 4 * (12 + eps) ** 2)) / 2 for eps in (1, 10, 100, 1000)]
    assert ", ".join(f"{x:.2f}" for x in norms) in PAGE


def test_the_binomial_test() -> None:
    assert f"{RUNS} independent runs" in PAGE
    allowed = critical_failures(RUNS, ODDS, LEVEL_BITS)
    assert f"probability at most 1/{ODDS}, then more than {allowed} failures" in PAGE
    assert (ODDS, LEVEL_BITS) == (8, 30)
    assert "2⁻³⁰" in PAGE
