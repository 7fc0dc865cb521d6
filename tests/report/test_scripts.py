"""Scripts show a violation on their own: run without the checker, they print both sides."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import exp, norm, sq, total
from checker.claims.claim import Claim, claim
from checker.explain.script import MAX_LINES, script
from checker.explain.script_text import VIOLATED
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.residual_unit.one_output import Point
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.neighbours import constants as mutants_constants

ALLOWED = {"sys", "fractions", "decimal", "math", "numpy"}


def point(*, seed: int, n: int, d: int, m: int, loss: str, at_w_zero: bool = False) -> Point:
    """Short dyadic numbers; labels that every loss allows."""
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> FloatArray:
        return rng.integers(-12, 13, shape) / 4

    w = np.zeros(d) if at_w_zero else numbers(d) + 0.125
    y = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    return Point(numbers(n, d), y, numbers(n, m), w, numbers(d, m), numbers(d), loss_named(loss))


def run(text: str) -> tuple[int, dict[str, Fraction]]:
    """Exit status, and what the script computed, without any package of this project."""
    shown = text.replace("sys.exit(", "print('SIDES', *(str(v) for v in (lhs, rhs)))\nsys.exit(")
    done = subprocess.run(
        [sys.executable, "-I", "-c", shown if "lhs_squared" not in text else text],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    found = re.search(r"SIDES (\S+) (\S+)", done.stdout)
    sides = dict(zip(("lhs", "rhs"), map(Fraction, found.groups()), strict=True)) if found else {}
    return done.returncode, sides


CASES = [
    (shamir2018.gradient_direction, "squared", False),
    (shamir2018.gradient_direction, "logistic", False),
    (shamir2018.gradient_bound, "affine", False),
    (shamir2018.gradient_bound, "squared", False),
    (shamir2018.gradient_bound, "log_cosh", False),
    (shamir2018.curvature_bound, "squared", True),
    (shamir2018.curvature_bound, "logistic", True),
    (mutants_constants.theorem1_smaller_constant, "affine", False),
]


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("of", "loss", "at_w_zero"), CASES, ids=[f"{c.id}-{name}" for c, name, _ in CASES]
)
def test_a_script_decides_as_the_ladder_does(
    of: Claim, loss: str, at_w_zero: bool, seed: int
) -> None:
    at = point(
        seed=seed, n=2, d=1 if at_w_zero else 1 + seed, m=1 + seed, loss=loss, at_w_zero=at_w_zero
    )
    result = decide_case(of, at, of.weight)
    text = script(of, at)
    assert text is not None
    assert text.count("\n") < MAX_LINES
    status, sides = run(text)
    assert status == (VIOLATED if result.decision is Decision.VIOLATED else 0)
    for name, value in sides.items():
        expected, radius = getattr(result, name), getattr(result, f"{name}_radius")
        assert abs(value - Fraction(expected)) <= Fraction(radius) + Fraction(1, 10**20)


def test_scripts_need_the_standard_library_or_numpy_only() -> None:
    for of, loss, at_w_zero in CASES:
        text = script(of, point(seed=3, n=2, d=1, m=1, loss=loss, at_w_zero=at_w_zero))
        assert text is not None
        nodes = list(ast.walk(ast.parse(text)))
        names = {alias.name for x in nodes if isinstance(x, ast.Import) for alias in x.names}
        names |= {str(x.module) for x in nodes if isinstance(x, ast.ImportFrom)}
        assert names <= ALLOWED


def test_numbers_of_a_script_are_those_of_the_instance() -> None:
    at = Point(
        X=np.array([[0.1]]),
        y=np.array([1.0]),
        Z=np.array([[5e-324]]),
        w=np.array([1 / 3]),
        V=np.array([[-1e22]]),
        w_star=np.array([2.0**-30]),
        loss=loss_named("affine"),
    )
    text = script(shamir2018.gradient_bound, at)
    assert text is not None
    for line in text.splitlines():
        name, _, literal = line.partition(" = ")
        if name in ("X", "Z", "w", "V", "w_star"):
            value = eval(literal, {"Q": Fraction, "float": float})
            assert value == Fraction(getattr(at, name).item())


@dataclass(frozen=True, eq=False)
class Vector:
    x: Annotated[FloatArray, Dims("k")]


@claim(given=st.just(Vector(np.ones(1))), id="test.hardly_violated")
def hardly_violated(at: Any) -> Any:
    # 1 + 2^-200 is far below what floats, or 60 digits, tell from 1.
    return 1 + 0 * total(at.x) >= 1 + sq(at.x[0])


def test_a_violation_far_below_float64_is_shown_exactly() -> None:
    at = Vector(np.array([2.0**-100]))
    text = script(hardly_violated, at)
    assert text is not None
    assert run(text)[0] == VIOLATED


@claim(given=st.just(Vector(np.ones(1))), id="test.exp_above_its_tangent")
def exp_below_its_tangent(at: Any) -> Any:
    return 1 + at.x[0] >= exp(at.x[0])


def test_decimals_state_a_margin_that_is_proved() -> None:
    text = script(exp_below_its_tangent, Vector(np.array([2.0**-40])))
    assert text is not None
    assert "proved by enclosures" in text
    assert run(text)[0] == VIOLATED
    # slack x²/2 = 4e-25: the margin stays below it, the error far below the margin.
    margin = float(re.findall(r'margin = D\("(.*?)"\)', text)[0])
    error = float(re.findall(r"within (\S+) of", text)[0])
    assert 1e-35 < margin < 4e-25
    assert error < margin / 100


def test_no_script_is_better_than_a_long_one() -> None:
    assert script(shamir2018.curvature_bound, point(seed=0, n=9, d=4, m=4, loss="squared")) is None


@claim(given=st.just(Vector(np.ones(2))), id="test.lambda")
def names_that_python_reserves(at: Any) -> Any:
    Q = norm(at.x)
    return 2 * Q >= Q * Q + 1


def test_a_quantity_may_have_a_name_that_the_script_uses() -> None:
    text = script(names_that_python_reserves, Vector(np.array([3.0, 4.0])))
    assert text is not None
    assert run(text)[0] == VIOLATED


@claim(given=st.just(Vector(np.ones(2))), id="test.sides")
def sides(at: Any) -> Any:
    return at.x[0] * norm(at.x[2:4]) >= at.x[1] * norm(at.x[4:6])


@claim(given=st.just(Vector(np.ones(2))), id="test.division")
def division_by_a_product(at: Any) -> Any:
    return at.x[0] / (at.x[1] * at.x[2]) >= at.x[3]


@claim(given=st.just(Vector(np.ones(2))), id="test.square_of_a_negative_root")
def square_of_a_root(at: Any) -> Any:
    t = at.x[0] * norm(at.x[1:3])
    return t * t >= at.x[3]


@claim(given=st.just(Vector(np.ones(1))), id="test.tangent_from_below")
def exp_above_itself(at: Any) -> Any:
    return exp(at.x[0]) >= exp(at.x[1]) + 0 * at.x[0]


SMALL = 2.0**-300
CORNERS = [
    # √2 and √5 are squared away, with their signs.
    (sides, [-1, 1, 1, 1, 2, 1], 1),
    (sides, [-1, -1, 1, 1, 2, 1], 0),
    (sides, [-2, -1, 1, 1, 2, 1], 1),
    (sides, [1, -1, 1, 1, 2, 1], 0),
    # Equality is no violation.
    (sides, [1, 1, 1, 1, 1, 1], 0),
    (division_by_a_product, [6, 3, 2, 1], 0),
    (division_by_a_product, [6, 3, 2, 1.5], 1),
    (square_of_a_root, [-1, 1, 1, 1.5], 0),
    (square_of_a_root, [-1, 1, 1, 2.5], 1),
    # More digits than the least, and numbers that three digits do not hold.
    (exp_above_itself, [0, SMALL], 1),
    (exp_above_itself, [SMALL, 0], 0),
    (exp_above_itself, [1.0625, 1.0624], 0),
    (exp_above_itself, [1.0624, 1.0625], 1),
]


@pytest.mark.parametrize(("of", "x", "status"), CORNERS)
def test_corners(of: Claim, x: list[float], status: int) -> None:
    at = Vector(np.array(x, dtype=float))
    text = script(of, at)
    assert text is not None
    assert run(text)[0] == (VIOLATED if status else 0)
    assert (decide_case(of, at, of.weight).decision is Decision.VIOLATED) == (status == 1)


def test_a_script_of_decimals_compares_with_its_margin() -> None:
    """Two ways to the same number differ in the last digit; that is no violation."""
    text = script(exp_above_itself, Vector(np.array([0.0, SMALL])))
    assert text is not None
    spoilt = re.sub(r"^rhs = .*$", 'rhs = lhs + D("1e-150")', text, flags=re.MULTILINE)
    assert spoilt != text
    assert run(spoilt)[0] == 0
