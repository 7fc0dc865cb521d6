"""Found points: derivatives of the objective as it is, proofs of minima, and inertia."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.arithmetic.functions import dot, norm
from checker.errors import InputError
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.deep_residual.network import ACTIVATIONS
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import SQUARED
from checker.landscape.minima.found import FoundMinimum, FoundPoint, FoundVectorMinimum, found_point
from checker.landscape.minima.inertia import inertia_of
from checker.landscape.minima.near_points import minimised, with_constants
from checker.landscape.minima.proof import is_local_minimum, proof_of_minimum
from checker.landscape.residual_unit.one_output import Point

CHANGES = [
    {},
    {"skip": 0.0},
    {"skip": 0.75, "ridge": 0.375},
    *({"after": name, "ridge": 0.25} for name in ACTIVATIONS),
]


def point(seed: int, n: int = 4, d: int = 2, m: int = 2, loss: str = "logistic") -> Point:
    rng = np.random.default_rng(seed)
    shapes = {"X": (n, d), "Z": (n, m), "w": (d,), "V": (d, m), "w_star": (d,)}
    arrays = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    y = LOSSES[loss].labels.draw(rng, (n,))
    return Point(**arrays, y=y, loss=LOSSES[loss])


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_the_gradient_is_that_of_the_objective_as_it_is(change: dict[str, Any]) -> None:
    """Against Taylor series, which know values only."""
    at, rng = found_point(point(1), **change), np.random.default_rng(2)
    step_w, step_V = rng.standard_normal(at.w.shape), rng.standard_normal(at.V.shape)
    with working_precision(ORACLE_PRECISION):
        series = map_arrays(at, Taylor.constant)
        lines = {"w": Taylor.line(at.w, step_w), "V": Taylor.line(at.V, step_V)}
        slope = with_fields(series, **lines).F.coefficient(1).item
        balls: Any = map_arrays(at, Ball.constant)
        stated = dot(balls.grad, (Ball.constant(step_w), Ball.constant(step_V))).item
        assert slope.overlaps(stated)
        assert abs(slope - stated) < 1e-60
        assert abs(balls.grad_norm.item - norm(balls.grad).item) < 1e-60
        assert abs(balls.gap.item - (balls.F.item - balls.F_lin.item)) < 1e-60


def test_without_changes_it_is_the_point() -> None:
    plain = point(3)
    with working_precision(ORACLE_PRECISION):
        mine: Any = map_arrays(found_point(plain), Ball.constant)
        its: Any = map_arrays(plain, Ball.constant)
        for name in ("F", "F_lin", "gap", "grad_norm", "comparator_gap"):
            assert abs(getattr(mine, name).item - getattr(its, name).item) < 1e-60, name


def test_comparators_are_bounded_by_convexity() -> None:
    """Nothing within the stated reach is better by more than the bound."""
    at: Any = map_arrays(point(5), lambda a: Bounded(a[..., None]))
    rng, bound = np.random.default_rng(0), at.comparator_gap.upper[0]
    for size in (0.1, 1.0, 10.0):
        other = with_fields(point(5), w_star=point(5).w_star + size * rng.standard_normal(2))
        moved: Any = map_arrays(other, lambda a: Bounded(a[..., None]))
        assert (at.F_lin - moved.F_lin).upper[0] <= bound


# -- proofs of minima ---------------------------------------------------------------------------


def near(seed: int = 0, loss: str = "squared", **further: Any) -> FoundMinimum:
    """A minimum of F_θ, with μ and r from float64."""
    start = found_point(
        point(seed, n=9, loss=loss), FoundMinimum, modulus=1.0, radius=1.0, whole=False
    )
    found = with_constants(minimised(with_fields(start, **further)))
    assert found is not None
    return found


@pytest.mark.parametrize("loss", ["squared", "pseudo_huber", "log_cosh", "cross_entropy"])
def test_minima_are_proved(loss: str) -> None:
    assert is_local_minimum(near(loss=loss))


@pytest.mark.parametrize("change", [{"ridge": 0.25}, {"after": "tanh", "ridge": 0.1}], ids=str)
def test_minima_in_w_and_V_are_proved(change: dict[str, Any]) -> None:
    at = near(whole=True, **change)
    assert is_local_minimum(at)
    # In the other coordinates F is no such function.
    assert not is_local_minimum(with_fields(at, whole=False))


@pytest.mark.parametrize(
    "change",
    [
        {"modulus": 64.0},
        {"radius": 2.0**-60},
        {"w": np.array([1.0, 2.0])},
        {"w": np.zeros(2), "V": np.zeros((2, 2))},
        {"whole": True},  # V enters through Vᵀw only: no minimum over (w, V) is strict
    ],
    ids=lambda c: next(iter(c)),
)
def test_what_does_not_hold_is_not_proved(change: dict[str, Any]) -> None:
    assert not is_local_minimum(with_fields(near(), **change))


def test_the_proof_is_told_with_a_bound_that_is_one() -> None:
    at = near()
    text = proof_of_minimum(at)
    assert "(w, Vᵀw)" in text
    bound = Fraction(text.partition("at most ")[2].partition(" ")[0])
    gradient = at.linear_problems()[0].derivatives()[0]
    assert 0 < bound < Fraction(float(at.modulus)) * Fraction(float(at.radius))
    assert float(bound) >= 0.99 * np.linalg.norm(gradient)


def test_a_minimum_over_w_and_q_has_to_be_reached() -> None:
    """Near w = 0 the minimiser may have w = 0, where not every q is reached."""
    rows = {"X": np.array([[1.0], [0.0]]), "Z": np.array([[0.0], [1.0]]), "y": np.array([0.0, 1])}
    tiny = {"w": np.array([2.0**-20]), "V": np.array([[2.0**20]]), "w_star": np.zeros(1)}
    at = FoundMinimum(**rows, **tiny, loss=LOSSES["squared"], modulus=0.25, radius=1.0)
    assert not is_local_minimum(at)
    there = {"w": np.array([2.0**-2]), "V": np.array([[4.0]]), "y": np.array([2.0**-2, 1])}
    assert is_local_minimum(with_fields(at, **there))


def test_exact_minima_of_convex_losses_need_no_strong_convexity() -> None:
    """Two outputs, W of rank one, every sample twice with opposite residuals."""
    X, Z = np.array([[1.0, 2], [1, 2]]), np.ones((2, 1))
    W, V = np.array([[1.0, 1], [2, 2]]), np.array([[1.0], [0]])
    P = (X + Z @ V.T) @ W.T
    Y = P + np.array([[1.0, -1], [-1, 1]])
    at = FoundVectorMinimum(
        X=X, Z=Z, Y=Y, W=W, V=V, W_star=W, S=W @ V, loss=SQUARED, modulus=1.0, radius=1.0
    )
    assert is_local_minimum(at)
    # Nothing is said of strong convexity, which was not proved.
    assert proof_of_minimum(at).endswith("the objective is convex, and its gradient here is 0")
    assert not is_local_minimum(with_fields(at, Y=Y + np.array([[1.0, 0], [0, 0]])))


def test_wrong_constants_are_refused() -> None:
    fields = {f: getattr(near(), f) for f in FoundMinimum.__dataclass_fields__}
    with pytest.raises(InputError, match="modulus must be a positive number"):
        FoundMinimum(**{**fields, "modulus": np.array(0.0)})
    with pytest.raises(InputError, match="no activation 'cos'"):
        found_point_checked(after="cos")


def found_point_checked(**further: Any) -> FoundPoint:
    own = {name: getattr(point(1), name) for name in Point.__dataclass_fields__}
    return FoundPoint(**own, **further)


# -- inertia ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_inertia_is_that_of_the_dense_hessian(seed: int) -> None:
    at = point(seed, n=6, loss="squared")
    found = inertia_of(at)
    assert found is not None
    values = np.linalg.eigvalsh(
        map_arrays(at, lambda a: Bounded(a[..., None])).hessian.value[..., 0]
    )
    assert (found.negative, found.positive) == ((values < -1e-9).sum(), (values > 1e-9).sum())


@pytest.mark.parametrize("seed", range(3))
def test_at_w_zero_it_is_d_and_d(seed: int) -> None:
    """Blocks [[A, I ⊗ bᵀ], [., 0]] with b != 0: d negative and d positive eigenvalues."""
    at = with_fields(point(seed, d=3), w=np.zeros(3))
    found = inertia_of(at)
    assert found is not None
    assert (found.negative, found.positive, found.order) == (3, 3, 9)
    flat = with_fields(at, Z=np.zeros((4, 2)))
    assert inertia_of(flat).negative == 0  # type: ignore[union-attr]
