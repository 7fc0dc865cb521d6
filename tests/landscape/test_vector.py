"""Several outputs: losses, gradient and pseudo-inverse against independent computations."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from autograd import grad
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.decide import decide_case
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import dot, solve_positive_definite
from checker.arithmetic.plain import Traced
from checker.arithmetic.rank import has_full_row_rank
from checker.errors import InputError
from checker.instances.codec import decode_instance, encode_instance
from checker.instances.fields import map_arrays, unchecked
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import (
    SQUARED,
    Radial,
    Separable,
    SoftmaxCrossEntropy,
    VectorLoss,
    log_sum_exp,
)
from checker.landscape.oracles.residual_unit import derivatives_along_a_line
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint
from properties.shamir2018.theorems import gradient_bound, sharp_gradient_bound
from properties.shamir2018.vector import sharp_vector_gradient_bound, vector_gradient_bound
from strategies.residual_unit.vector_points import VECTOR_LOSSES

BITS = 256
seeds = st.integers(0, 2**32 - 1)
every_loss = pytest.mark.parametrize("loss", VECTOR_LOSSES, ids=lambda x: x.name)


def _point(
    seed: int,
    loss: VectorLoss = SQUARED,
    shape: tuple[int, int, int, int] = (3, 3, 2, 2),
    weighted: bool = False,
) -> VectorPoint:
    """A point with entries k/8, |k| <= 16: small enough for sums and products to be exact."""
    (n, d, m, K), rng = shape, np.random.default_rng(seed)
    shapes = {"X": (n, d), "Z": (n, m), "W": (K, d), "V": (d, m), "W_star": (K, d)}
    arrays = {name: rng.integers(-16, 17, s) / 8.0 for name, s in shapes.items()}
    weights = rng.integers(1, 5, n) / 8.0 if weighted else None
    return VectorPoint(**arrays, Y=loss.draw(rng, (n, K)), loss=loss, weights=weights)


# -- losses ------------------------------------------------------------------------------------


@every_loss
@pytest.mark.parametrize("K", [1, 2, 3])
def test_slopes_and_traces_belong_to_the_value(loss: VectorLoss, K: int) -> None:
    """By Taylor series of the value alone; this is the oracle that campaigns consult, too."""
    for seed in range(3):
        point = _point(seed, loss, (2, 3, 2, K))
        compared = derivatives_along_a_line(point, np.random.default_rng(seed))
        known = [c for c in compared if c[1].is_finite() and c[2].is_finite()]
        assert len(known) >= 3
        for quantity, first, second in known:
            assert first.overlaps(second), quantity


@dataclasses.dataclass(frozen=True)
class _WrongSlope(SoftmaxCrossEntropy):
    def slope(self, P: Any, Y: Any) -> Any:
        return super().slope(P, Y) * (1 + 2.0**-40)


@dataclasses.dataclass(frozen=True)
class _WrongTrace(SoftmaxCrossEntropy):
    def trace(self, P: Any, Y: Any) -> Any:
        return super().trace(P, Y) * (1 + 2.0**-40)


@pytest.mark.parametrize(
    ("loss", "what"), [(_WrongSlope(), "directional"), (_WrongTrace(), "trace")]
)
def test_the_oracle_sees_a_wrong_derivative(loss: VectorLoss, what: str) -> None:
    compared = derivatives_along_a_line(_point(1, loss), np.random.default_rng(1))
    assert {q.partition(" ")[0] for q, a, b in compared if not a.overlaps(b)} == {what}


@every_loss
def test_losses_are_convex_on_a_grid(loss: VectorLoss) -> None:
    """No midpoint lies above its chord, in balls, for two outputs that move together."""
    rng = np.random.default_rng(0)
    places = rng.integers(-24, 25, (12, 2)) / 4.0
    with working_precision(128):
        for y in np.moveaxis(loss.draw(rng, (1, 2, 4)), -1, 0):
            at = {tuple(p): _value(loss, p, y) for p in places}
            for p, q in combinations(places, 2):
                assert not 2 * _value(loss, (p + q) / 2, y) > at[tuple(p)] + at[tuple(q)]


def _value(loss: VectorLoss, p: Any, y: Any) -> Any:
    return loss.value(Ball.constant(np.reshape(p, (1, 2))), Ball.constant(y))[0].item


def test_softmax_of_two_classes_is_the_logistic_loss_of_their_difference() -> None:
    P, Y = np.array([[3.0, -2.0], [0.5, 40.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    with working_precision(BITS):
        found = SoftmaxCrossEntropy().value(Ball.constant(P), Ball.constant(Y))
        logistic = LOSSES["logistic"].value(Ball.constant(P[:, 0] - P[:, 1]), Y[:, 0] - Y[:, 1])
        assert all(a.overlaps(b) for a, b in zip(found.entries, logistic.entries, strict=True))
        assert all(a.rad() < arb((1, -200)) for a in found.entries)


def test_log_sum_exp_neither_overflows_nor_cancels() -> None:
    P = np.array([[1e3, 1e3, -1e3], [-1e3, -1e3 - 1.0, -1e3]])
    floats = log_sum_exp(Bounded(P[..., None]))
    with working_precision(BITS):
        balls = log_sum_exp(Ball.constant(P))
        for i, ball in enumerate(balls.entries):
            assert abs(ball - arb(floats.value[i, 0])) <= arb(floats.radius[i, 0])
    assert np.all(floats.radius < 1e-12 * np.abs(floats.value))


# -- gradient ----------------------------------------------------------------------------------


@every_loss
def test_autograd_gradient_is_the_closed_form(loss: VectorLoss) -> None:
    point = _point(5, loss)
    fields = {f.name: getattr(point, f.name) for f in dataclasses.fields(point)}
    lifted = {k: Traced(v[..., None]) if k in "XYZ" else v for k, v in fields.items()}
    lifted["W_star"] = Traced(point.W_star[..., None])

    def objective(W: Any, V: Any) -> Any:
        moved = {"W": Traced(W[..., None]), "V": Traced(V[..., None])}
        return unchecked(VectorPoint, **{**lifted, **moved}).F.value[0]

    slopes = tuple(Ball.constant(grad(objective, i)(point.W, point.V)) for i in (0, 1))
    with working_precision(BITS):
        closed = map_arrays(point, Ball.constant).grad
        # Parallel and of one length, up to autograd's roundings: see test_objective.py.
        along, size = dot(closed, slopes).item, dot(closed, closed).item
        assert along**2 >= size * dot(slopes, slopes).item * (1 - arb((1, -80)))
        assert abs(along / size - 1) <= arb((1, -40))


def _reference(point: VectorPoint) -> dict[str, Any]:
    """F, F_lin and the gradient of Σ_k (p_k - y_k)²/2, by loops over every index, in fractions."""
    exact = np.vectorize(Fraction, otypes=[object])
    X, Y, Z, W, V, W_star = (exact(getattr(point, k)) for k in ("X", "Y", "Z", "W", "V", "W_star"))
    (n, d), m, K = X.shape, Z.shape[1], len(W)
    F = F_lin = Fraction(0)
    grad_W, grad_V = (np.full(a.shape, Fraction(0), dtype=object) for a in (W, V))
    for s in range(n):
        c = Fraction(1, n) if point.weights is None else Fraction(point.weights[s])
        hidden = [X[s, i] + sum(V[i, j] * Z[s, j] for j in range(m)) for i in range(d)]
        for k in range(K):
            r = sum(W[k, i] * hidden[i] for i in range(d)) - Y[s, k]
            F += c * r**2 / 2
            F_lin += c * (sum(W_star[k, i] * X[s, i] for i in range(d)) - Y[s, k]) ** 2 / 2
            for i in range(d):
                grad_W[k, i] += c * r * hidden[i]
                for j in range(m):
                    grad_V[i, j] += c * r * W[k, i] * Z[s, j]
    return {"F": F, "F_lin": F_lin, "grad_W": grad_W, "grad_V": grad_V}


def _fractions(found: Any) -> Any:
    assert all(x.known and x.radicand == 1 for x in found.entries.flat)
    numbers = [Fraction(int(x.ratio.p), int(x.ratio.q)) for x in found.entries.flat]
    return np.array(numbers, dtype=object).reshape(found.shape)


@settings(deadline=None, max_examples=20)
@given(seeds, st.tuples(*[st.integers(1, 3)] * 4), st.booleans())
def test_exact_arithmetic_equals_loops(seed: int, shape: Any, weighted: bool) -> None:
    point = _point(seed, shape=shape, weighted=weighted)
    expected, at = _reference(point), map_arrays(point, Exact.constant)
    assert _fractions(at.F).item() == expected["F"]
    assert _fractions(at.F_lin).item() == expected["F_lin"]
    assert _fractions(at.gap).item() == expected["F"] - expected["F_lin"]
    assert (_fractions(at.grad[0]) == expected["grad_W"]).all()
    assert (_fractions(at.grad[1]) == expected["grad_V"]).all()


@pytest.mark.parametrize("loss", VECTOR_LOSSES[:4], ids=lambda x: x.name)
def test_float_enclosures_contain_balls(loss: VectorLoss) -> None:
    cases = [_point(seed, loss, (2, 3, 2, 2)) for seed in range(20)]
    names = ("X", "Y", "Z", "W", "V", "W_star")
    arrays = {n: Bounded(np.stack([getattr(c, n) for c in cases], -1)) for n in names}
    batch = unchecked(VectorPoint, **arrays, loss=loss, weights=None)
    for i, case in enumerate(cases):
        with working_precision(BITS):
            at = map_arrays(case, Ball.constant)
            for name in ("F", "F_lin", "gap", "grad_norm", "sigma_min_squared"):
                bounded, ball = getattr(batch, name), getattr(at, name).item
                assert ball >= arb(bounded.lower[i]), name
                assert ball <= arb(bounded.upper[i]), name


# -- K = 1 -------------------------------------------------------------------------------------


def _with_one_output(point: Point) -> VectorPoint:
    return VectorPoint(
        X=point.X,
        Y=point.y[:, None],
        Z=point.Z,
        W=point.w[None],
        V=point.V,
        W_star=point.w_star[None],
        loss=Separable(point.loss),
    )


@settings(deadline=None, max_examples=20)
@given(seeds, st.tuples(*[st.integers(1, 3)] * 3), st.sampled_from(["squared", "affine"]))
def test_one_output_is_theorem_1(seed: int, shape: Any, loss: str) -> None:
    """Both sides are the same numbers: equality is proved both ways, in exact numbers."""
    (n, d, m), rng = shape, np.random.default_rng(seed)
    shapes = {"X": (n, d), "Z": (n, m), "w": d, "V": (d, m), "w_star": d}
    arrays = {name: rng.integers(-16, 17, s) / 8.0 for name, s in shapes.items()}
    arrays["w"][0] += 4.0
    point = Point(**arrays, y=rng.integers(-8, 9, n) / 8.0, loss=LOSSES[loss])
    vector = _with_one_output(point)
    for scalar, several in (
        (gradient_bound, vector_gradient_bound),
        (sharp_gradient_bound, sharp_vector_gradient_bound),
    ):
        first, second = decide_case(scalar, point), decide_case(several, vector)
        assert (first.decision, first.nontrivial) == (second.decision, second.nontrivial)
    one, many = map_arrays(point, Exact.constant), map_arrays(vector, Exact.constant)
    assert _fractions(one.gap) == _fractions(many.gap)
    for theirs, mine in zip(one.grad, many.grad, strict=True):
        assert (_fractions(theirs).ravel() == _fractions(mine).ravel()).all()


# -- pseudo-inverse, singular values, rank ------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(seeds, st.integers(1, 3))
def test_lifted_solves_its_equation_and_lies_in_the_row_space(seed: int, K: int) -> None:
    """W U = W* V and U = Wᵀ(...): the two properties that define W⁺ W* V."""
    point = _point(seed, shape=(1, 3, 2, K))
    if not has_full_row_rank(point.W):
        return
    at = map_arrays(point, Exact.constant)
    assert (_fractions(at.W @ at.lifted) == _fractions(at.W_star @ at.V)).all()
    rows = solve_positive_definite(at.gram, at.W @ at.lifted)
    again = sum(np.multiply.outer(_fractions(at.W[k]), _fractions(r)) for k, r in enumerate(rows))
    assert (again == _fractions(at.lifted)).all()


def test_a_singular_system_is_not_solved() -> None:
    matrix, right = np.ones((2, 2, 1)), np.ones((2, 1, 1))
    with np.errstate(all="ignore"):
        rows = solve_positive_definite(Bounded(matrix), Bounded(right))
    assert not any(np.isfinite(row.radius).any() for row in rows)
    exact = solve_positive_definite(Exact.constant(matrix[..., 0]), Exact.constant(right[..., 0]))
    assert not any(x.known for row in exact for x in row.entries)


def test_least_singular_value_of_a_diagonal_matrix() -> None:
    point = dataclasses.replace(_point(0), W=np.array([[3.0, 0, 0], [0, -0.5, 0]]))
    assert _fractions(map_arrays(point, Exact.constant).sigma_min_squared) == Fraction(1, 4)


RANKS = [
    ([[1.0, 2.0], [2.0, 4.0]], False),
    ([[1.0, 2.0], [2.0, 4.0 + 2.0**-50]], True),
    ([[1.0, 2.0], [2.0**-900, 0.0]], True),
    ([[0.1, 0.3], [0.2, 0.6]], False),
    ([[0.1, 0.2, 0.3], [0.2, 0.4, 0.6000000000000001]], True),
    ([[0.0, 0.0]], False),
    ([[1.0], [2.0]], False),
]


@pytest.mark.parametrize(("W", "full"), RANKS)
def test_rank_is_decided_exactly(W: Any, full: bool) -> None:
    matrix = np.array(W)
    assert has_full_row_rank(matrix) is full
    batch = has_full_row_rank(np.repeat(matrix[..., None], 3, -1))
    assert batch.tolist() == [full] * 3


# -- instances ---------------------------------------------------------------------------------


@every_loss
def test_points_are_saved_and_restored(loss: VectorLoss) -> None:
    point = _point(2, loss)
    again = decode_instance(encode_instance(point))
    assert again.loss == loss
    assert all(np.array_equal(getattr(again, n), getattr(point, n)) for n in ("X", "Y", "W"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Y": np.zeros((3, 3))}, "Y has shape"),
        ({"W_star": np.zeros((1, 3))}, "W_star has shape"),
        ({"V": np.full((3, 2), np.nan)}, "not a finite number"),
        ({"weights": np.array([1.0, -1.0, 1.0])}, "negative"),
        ({"loss": SoftmaxCrossEntropy(), "Y": np.full((3, 2), 2.0)}, "outside the domain"),
        ({"X": np.zeros(3)}, "2 axes"),
    ],
)
def test_bad_fields_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        dataclasses.replace(_point(0), **changes)


def test_radial_loss_couples_the_outputs() -> None:
    far, near = np.array([[3.0, 0.0]]), np.array([[3.0, 4.0]])
    slope = Radial().slope(Bounded(near[..., None]), Bounded(np.zeros((1, 2, 1)))).value[0, 0, 0]
    alone = Radial().slope(Bounded(far[..., None]), Bounded(np.zeros((1, 2, 1)))).value[0, 0, 0]
    assert slope < alone
