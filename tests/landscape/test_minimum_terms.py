"""Each term of the proofs of minima and of inertia, where it decides; all numbers by hand."""

from __future__ import annotations

import dataclasses
import re
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import PROOF_PRECISION
from checker.arithmetic.existence.definite import is_positive_definite
from checker.landscape.losses.catalogue import LOSSES, loss_named
from checker.landscape.losses.coupled import SQUARED
from checker.landscape.minima.found import FoundMinimum, found_vector_minimum
from checker.landscape.minima.inertia import _is_definite, inertia_of
from checker.landscape.minima.near_points import LinearProblem
from checker.landscape.minima.proof import (
    _in_parameters,
    _is_lifted,
    is_local_minimum,
    proof_of_minimum,
)
from checker.landscape.minima.strong_convexity import (
    Smooth,
    _down,
    _proved,
    is_strongly_convex,
    length_of,
    minimum_of,
)
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint


def matrix(rows: list[list[Any]]) -> Any:
    return arb_mat([[x if isinstance(x, arb) else arb(x) for x in row] for row in rows])


@pytest.mark.parametrize(
    ("rows", "modulus", "proved"),
    [
        ([[1]], 0.0, True),
        ([[1]], 1.0, False),
        ([[1]], 2.0, False),
        ([[0]], 0.0, False),
        ([[arb(1, 0.5)]], 0.0, True),
        ([[arb(1, 2)]], 0.0, False),
        # Off the diagonal: [[1, x], [x, 1]] is singular for x = 1.
        ([[1, arb(0, 1)], [arb(0, 1), 1]], 0.0, False),
        ([[1, arb(0, 0.5)], [arb(0, 0.5), 1]], 0.0, True),
        # The row with the wide ball decides, wherever it is.
        ([[arb(1, 3), 0], [0, 1]], 0.0, False),
        ([[1, 0], [0, arb(1, 3)]], 0.0, False),
        ([[1, 2], [2, 1]], 0.0, False),
        ([[2, 1], [1, 2]], 0.5, True),
        ([[2, 1], [1, 2]], 1.0, False),
        ([[arb("nan")]], 0.0, False),
    ],
)
def test_positive_definite_where_every_matrix_in_the_balls_is(
    rows: list[list[Any]], modulus: float, proved: bool
) -> None:
    with working_precision(PROOF_PRECISION):
        assert is_positive_definite(matrix(rows), modulus) is proved


def along_a_line(value: Any, slope: Any, curvature: Any) -> Smooth:
    """A function of one number."""
    return Smooth(
        lambda z: value(z.entries[0]),
        lambda z: Ball(np.array([slope(z.entries[0])], dtype=object)),
        lambda z: arb_mat([[curvature(z.entries[0])]]),
    )


# x²/2 - x⁴/12 is convex for |x| < 1 only.
CAPPED = along_a_line(lambda x: x * x / 2 - x**4 / 12, lambda x: x - x**3 / 3, lambda x: 1 - x * x)
PARABOLA = along_a_line(lambda x: x * x / 2, lambda x: x, lambda x: arb(1))


@pytest.mark.parametrize(("radius", "proved"), [(0.5, True), (0.9, False), (2.0, False)])
def test_strong_convexity_is_needed_in_the_whole_ball(radius: float, proved: bool) -> None:
    with working_precision(PROOF_PRECISION):
        at = Ball.constant(np.zeros(1))
        assert is_strongly_convex(CAPPED, at, 0.5, arb(radius)) is proved


def test_length_is_from_above() -> None:
    with working_precision(PROOF_PRECISION):
        vector = Ball(np.array([arb(3, 1), arb(4)], dtype=object))
        assert length_of(vector) >= arb(32).sqrt()
        assert length_of(vector).rad() == 0


def test_bounds_are_rounded_outwards() -> None:
    with working_precision(400):
        for x in (arb(1) + arb(2) ** -54, arb(1) - arb(2) ** -55, arb(1) / 3, -arb(1) / 3):
            assert arb(_down(x.mid())) <= x.mid()
        assert _down(arb(0.5)) == 0.5


@pytest.mark.parametrize("z", [1e-3, -1e-5, 0.25])
def test_minimum_of_a_parabola_is_within_its_bounds(z: float) -> None:
    """At z the gradient is z: the minimiser 0 is z away, and its value is 0, by z²/2 lower."""
    with working_precision(PROOF_PRECISION):
        found = _proved(PARABOLA, np.array([z]), 0.5, True)
    assert found is not None
    assert found[1].low <= 0 <= found[1].high
    assert found[1].radius >= abs(z)


def test_no_minimum_where_the_gradient_is_large() -> None:
    """x²/2 - x⁴/12 at 0.9 falls to 0, but not through a ball where it is strongly convex."""
    with working_precision(PROOF_PRECISION):
        assert _proved(CAPPED, np.array([0.9]), 0.5, True) is None
    assert minimum_of(CAPPED, np.array([1.5]), True) is None


def lifted(W: list[list[float]], slope: float, modulus: float) -> bool:
    at = SimpleNamespace(W=np.array(W), parameters=("W", "V"), modulus=np.array(modulus))
    with working_precision(PROOF_PRECISION):
        return _is_lifted(arb(slope), at)


def test_a_minimiser_is_lifted_where_its_w_is_not_zero() -> None:
    """It is up to ||∇||/μ = 1 away."""
    assert lifted([[1.5, 0.0]], 0.5, 0.5)
    assert not lifted([[1.0, 0.0]], 0.5, 0.5)
    assert not lifted([[0.5, 0.5]], 0.5, 0.5)
    assert lifted([[2.0, 0.0], [0.0, 2.0]], 0.5, 0.5)
    assert not lifted([[2.0, 0.0], [0.0, 0.5]], 0.5, 0.5)
    # More rows than columns: no full row rank.
    assert not lifted([[2.0], [3.0]], 0.5, 0.5)


# -- is_local_minimum ------------------------------------------------------------------------------


def scalar(w: float, modulus: float, radius: float, loss: str = "squared") -> FoundMinimum:
    """(w - 0)²/2 at one sample x = 1, y = 0 without features: Φ(w) = w²/2, gradient w."""
    own: dict[str, Any] = {
        "X": np.ones((1, 1)),
        "Z": np.zeros((1, 1)),
        "y": np.zeros(1),
        "w": np.array([w]),
        "V": np.zeros((1, 1)),
        "w_star": np.zeros(1),
        "loss": loss_named(loss),
    }
    names = {f.name for f in dataclasses.fields(FoundMinimum)}
    assert set(own) <= names
    return FoundMinimum(**own, modulus=modulus, radius=radius)


@pytest.mark.parametrize(
    ("modulus", "radius", "proved"),
    [
        (0.5, 2.25, True),  # gradient 1 < μ r = 1.125
        (0.5, 2.0, False),  # 1 = μ r
        (0.5, 1.5, False),  # 1 > μ r, and < 2 μ r
        (1.5, 2.0, False),  # Φ'' = 1 is no 1.5
        (0.5, 3.0, True),
    ],
)
def test_gradient_and_modulus_decide(modulus: float, radius: float, proved: bool) -> None:
    """Φ(q) = (1 + q - 4)²/2 at w = 3: lifted, since the minimiser is w = 4, 1 away."""
    at = dataclasses.replace(scalar(3.0, modulus, radius), y=np.array([4.0]))
    assert is_local_minimum(at) is proved


def test_a_minimiser_at_w_zero_is_not_lifted() -> None:
    """Φ(w) = w²/2 from w = 1: its minimiser is w = 0, where V says nothing."""
    assert not is_local_minimum(scalar(1.0, 0.5, 2.25))


def test_a_maximum_is_none() -> None:
    """The double well at p = y: gradient exactly 0, curvature -1."""
    assert not is_local_minimum(scalar(0.0, 0.5, 1.0, "double_well"))


@pytest.mark.parametrize("off", [0.0, 2.0])
def test_every_output_has_to_be_at_its_minimum(off: float) -> None:
    """X = I, two outputs: W = 3 I fits y = 3 I, and not y = (3, 3 + off)."""
    point = VectorPoint(
        X=np.eye(2),
        Y=np.array([[3.0, 0.0], [0.0, 3.0 + off]]),
        Z=np.zeros((2, 1)),
        W=3 * np.eye(2),
        V=np.zeros((2, 1)),
        W_star=np.zeros((2, 2)),
        loss=SQUARED,
    )
    at = found_vector_minimum(point, modulus=0.25, radius=1.0)
    # ∇Φ is (0, off/2), and not below μ r = 1/4 for off = 2.
    assert is_local_minimum(at) is (off == 0)


def test_hessian_in_all_parameters_has_its_mixed_derivatives() -> None:
    """F = (w (1 + v))²/2 + λ/2 (w² + v²) at (1, 0): [[1 + λ, 2], [2, 1 + λ]], indefinite."""
    at = dataclasses.replace(scalar(1.0, 0.125, 1.0), Z=np.ones((1, 1)), ridge=0.5)
    assert not at.linear_problems()
    with working_precision(PROOF_PRECISION):
        function, start = _in_parameters(at)
        found = [[float(x.mid()) for x in row] for row in function.hessian(start).tolist()]
    assert found == [[1.5, 2.0], [2.0, 1.5]]
    assert not is_local_minimum(dataclasses.replace(at, radius=64.0))


def test_equal_columns_add_up() -> None:
    """x = 1 and z = 1: the coefficient of the column is w + Vᵀw, not the last of the two."""
    problem = LinearProblem(
        np.array([[1.0, 1.0, 0.0]]),
        np.zeros(1),
        None,
        LOSSES["squared"],
        ((np.array([3.0]),), (np.array([[2.0, 5.0]]).T, np.array([1.0]))),
    )
    with working_precision(PROOF_PRECISION):
        (only,) = problem.coefficients(Ball)
    assert problem.design.tolist() == [[1.0]]
    assert only.item == 5


@pytest.mark.parametrize("x", [1.0001, 0.12341, 3.0, 1e-300, 1.9999999])
def test_gradient_in_words_is_not_below_the_bound(x: float) -> None:
    """Φ(w) = w²/2 has the gradient w, and the decimal that is printed is read exactly."""
    found = re.search(r"a gradient of at most (\S+) here", proof_of_minimum(scalar(x, 0.5, 2.25)))
    assert found is not None
    assert Fraction(x) <= Fraction(found[1]) <= Fraction(x) * Fraction(101, 100)


# -- inertia ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "radius", "sign", "proved"),
    [
        (1.0, 0.5, 1, True),
        (1.0, 2.0, 1, False),
        (-1.0, 0.5, 1, False),
        (-1.0, 0.5, -1, True),
        (1.0, 0.5, -1, False),
        (0.0, 0.0, 1, False),
        (np.inf, 0.0, 1, False),
        (1.0, np.inf, 1, False),
    ],
)
def test_sign_of_an_eigenvalue(value: float, radius: float, sign: int, proved: bool) -> None:
    entry = Bounded(np.array([[[value]]]), np.array([[[radius]]]))
    with working_precision(PROOF_PRECISION):
        assert _is_definite(entry, sign) is proved


@pytest.mark.parametrize("curved", [0.0, 1.0])
def test_at_w_zero_the_coupling_decides(curved: float) -> None:
    """d = m = 1, w = 0: H = [[a, b], [b, 0]], of which one eigenvalue is negative for b != 0."""
    at = Point(
        X=np.ones((1, 1)) * curved,
        Z=np.ones((1, 1)),
        y=np.array([4.0]),
        w=np.zeros(1),
        V=np.zeros((1, 1)),
        w_star=np.zeros(1),
        loss=LOSSES["squared"],
    )
    found = inertia_of(at)
    assert found is not None
    assert (found.negative, found.positive, found.order) == (1, 1, 2)
