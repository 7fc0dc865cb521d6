"""The objective: closed forms against Taylor series, exact loops, autograd and dense spectra."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from autograd import grad
from flint import arb
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import dot, lambda_min
from checker.arithmetic.plain import Traced
from checker.errors import InputError
from checker.instances.fields import map_arrays, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point
from strategies.losses import ALL

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
seeds = st.integers(0, 2**32 - 1)
dims = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
every_loss = pytest.mark.parametrize("loss", ALL, ids=lambda loss: loss.name)
SQUARED = LOSSES["squared"]
BITS = 256


def _point(
    seed: int, shape: tuple[int, int, int], loss: Loss = SQUARED, weighted: bool = False
) -> Point:
    (n, d, m), rng = shape, np.random.default_rng(seed)
    X, Z, w, V, w_star = (rng.standard_normal(s) for s in ((n, d), (n, m), d, (d, m), d))
    weights = rng.random(n) if weighted else None
    return Point(X, loss.labels.draw(rng, (n,)), Z, w, V, w_star, loss, weights)


def _at_w_zero(point: Point) -> Point:
    return dataclasses.replace(point, w=np.zeros_like(point.w))


def _balls(point: Point) -> Any:
    return map_arrays(point, Ball.constant)


def _assert_same(left: Any, right: Any, bits: int = BITS // 3 - 20) -> None:
    """Two narrow enclosures of one number: they overlap, and could hardly do so by chance."""
    assert left.overlaps(right)
    for ball in (left, right):
        assert ball.rad() <= (1 + abs(ball)) * arb((1, -bits))


# -- derivatives -------------------------------------------------------------------------------


@every_loss
@settings(deadline=None, max_examples=8)
@given(seed=seeds, shape=dims, weighted=st.booleans())
def test_closed_forms_are_directional_derivatives(
    loss: Loss, seed: int, shape: tuple[int, int, int], weighted: bool
) -> None:
    point = _point(seed, shape, loss, weighted)
    rng = np.random.default_rng(seed)
    step = rng.integers(-4, 5, point.w.shape) * 0.5, rng.integers(-4, 5, point.V.shape) * 0.5
    with working_precision(BITS):
        fields = {f.name: getattr(point, f.name) for f in dataclasses.fields(point)}
        lifted = {k: Taylor.constant(v) for k, v in fields.items() if isinstance(v, np.ndarray)}
        moving = {"w": Taylor.line(point.w, step[0]), "V": Taylor.line(point.V, step[1])}
        series = unchecked(Point, **{**fields, **lifted, **moving}).F
        ball, direction = _balls(point), tuple(Ball.constant(s) for s in step)
        whole = Ball.constant(np.concatenate([step[0], step[1].ravel()]))
        _assert_same(ball.F.item, series.coefficient(0).item)
        _assert_same(dot(ball.grad, direction).item, series.coefficient(1).item)
        curvature = whole @ (ball.hessian @ whole)
        _assert_same(curvature.item, 2 * series.coefficient(2).item)
        in_w = direction[0] @ (ball.hess_ww @ direction[0])
        d = shape[1]
        block = Ball(ball.hessian.entries[:d, :d])
        _assert_same(in_w.item, (direction[0] @ (block @ direction[0])).item)


@every_loss
@pytest.mark.parametrize("weighted", [False, True])
def test_autograd_gradient_is_the_closed_form(loss: Loss, weighted: bool) -> None:
    point = _point(5, (4, 2, 3), loss, weighted)
    fields = {f.name: getattr(point, f.name) for f in dataclasses.fields(point)}
    lifted = {
        k: Traced(v[..., None]) if isinstance(v, np.ndarray) else v for k, v in fields.items()
    }

    def objective(w: Any, V: Any) -> Any:
        at = unchecked(Point, **{**lifted, "w": Traced(w[..., None]), "V": Traced(V[..., None])})
        return at.F.value[0]

    slopes = [grad(objective, i)(point.w, point.V) for i in (0, 1)]
    with working_precision(BITS):
        closed = _balls(point).grad
        size = _balls(point).grad_norm.item
        direction = tuple(Ball.constant(s) for s in slopes)
        # Parallel (equality in Cauchy-Schwarz) and of one length. Autograd's numbers have seen at
        # most 2^6 roundings on terms that cancel by at most 2^7 here: an error of 2^(13 - 53)
        # relative to the gradient, squared where the sine of an angle is.
        along = dot(closed, direction).item
        assert along**2 >= size**2 * dot(direction, direction).item * (1 - arb((1, -80)))
        ratio = along / size**2
        assert abs(ratio - 1) <= arb((1, -40))


# -- exact reference ---------------------------------------------------------------------------


def _reference(point: Point) -> dict[str, Any]:
    """F, F_lin, gradient and Hessian of the squared loss, by loops over samples and coordinates.

    p = Σ_i w_i (x_i + Σ_j V_ij z_j) is linear in w and in V: ∂p/∂w_i = x_i + Σ_j V_ij z_j,
    ∂p/∂V_ij = w_i z_j, ∂²p/∂w_i∂V_ij = z_j. With r = p - y, F = Σ c r²/2, ∂F = Σ c r ∂p and
    ∂²F = Σ c (∂p ∂pᵀ + r ∂²p).
    """
    exact = np.vectorize(Fraction, otypes=[object])
    X, y, Z, w, V, w_star = (
        exact(getattr(point, name)) for name in ("X", "y", "Z", "w", "V", "w_star")
    )
    (n, d), m = X.shape, Z.shape[1]
    size = d + d * m
    F = F_lin = Fraction(0)
    gradient = [Fraction(0)] * size
    hessian = [[Fraction(0)] * size for _ in range(size)]
    for s in range(n):
        c = Fraction(1, n) if point.weights is None else Fraction(point.weights[s])
        first = [X[s, i] + sum(V[i, j] * Z[s, j] for j in range(m)) for i in range(d)]
        first += [w[i] * Z[s, j] for i in range(d) for j in range(m)]
        r = sum(w[i] * first[i] for i in range(d)) - y[s]
        F += c * r**2 / 2
        F_lin += c * (sum(w_star[i] * X[s, i] for i in range(d)) - y[s]) ** 2 / 2
        for a in range(size):
            gradient[a] += c * r * first[a]
            for b in range(size):
                hessian[a][b] += c * first[a] * first[b]
        for i in range(d):
            for j in range(m):
                hessian[i][d + i * m + j] += c * r * Z[s, j]
                hessian[d + i * m + j][i] += c * r * Z[s, j]
    return {"F": F, "F_lin": F_lin, "grad": gradient, "hessian": hessian}


def _fractions(found: Any) -> Any:
    assert all(x.known and x.radicand == 1 for x in found.entries.flat)
    numbers = [Fraction(int(x.ratio.p), int(x.ratio.q)) for x in found.entries.flat]
    return np.array(numbers, dtype=object).reshape(found.shape)


@settings(deadline=None, max_examples=25)
@given(seeds, dims, st.booleans())
def test_exact_arithmetic_equals_loops(
    seed: int, shape: tuple[int, int, int], weighted: bool
) -> None:
    point = _point(seed, shape, weighted=weighted)
    expected, at = _reference(point), map_arrays(point, Exact.constant)
    d = shape[1]
    assert _fractions(at.F).item() == expected["F"]
    assert _fractions(at.F_lin).item() == expected["F_lin"]
    blocks = [*_fractions(at.grad[0]), *_fractions(at.grad[1]).ravel()]
    assert blocks == expected["grad"]
    assert _fractions(at.hessian).tolist() == expected["hessian"]
    assert _fractions(at.hess_ww).tolist() == [row[:d] for row in expected["hessian"][:d]]


@settings(deadline=None, max_examples=25)
@given(seeds, dims)
def test_gradient_norm_is_that_of_the_blocks(seed: int, shape: tuple[int, int, int]) -> None:
    point = _point(seed, shape)
    squared = sum(x**2 for x in _reference(point)["grad"])
    with working_precision(BITS):
        found = _balls(point).grad_norm.item
        _assert_same(found**2, Ball.convert(squared))


# -- spectrum at w = 0 -------------------------------------------------------------------------

SPECIAL = ["random", "zero features", "zero V", "duplicated samples", "zero inputs"]


@pytest.mark.parametrize("special", SPECIAL)
@settings(deadline=None, max_examples=15)
@given(seed=seeds, shape=dims, loss=st.sampled_from(ALL))
def test_least_eigenvalue_at_w_zero(
    special: str, seed: int, shape: tuple[int, int, int], loss: Loss
) -> None:
    point = _at_w_zero(_point(seed, shape, loss))
    changes: dict[str, dict[str, Any]] = {
        "random": {},
        "zero features": {"Z": np.zeros_like(point.Z)},
        "zero V": {"V": np.zeros_like(point.V)},
        "duplicated samples": {"X": np.repeat(point.X[:1], shape[0], axis=0)},
        "zero inputs": {"X": np.zeros_like(point.X)},
    }
    with working_precision(BITS):
        at = _balls(dataclasses.replace(point, **changes[special]))
        closed, dense = at.lambda_min_at_w_zero.item, lambda_min(at.hessian).item
        assert closed.is_finite()
        assert dense.is_finite()
        # Balls around 0 lose half of the bits to square roots, clusters two thirds.
        _assert_same(closed, dense, 50)
        assert not closed > 0


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 2), (2, 3, 1), (2, 2, 3), (1, 3, 2)])
def test_dense_least_eigenvalue_in_every_shape(shape: tuple[int, int, int]) -> None:
    with working_precision(BITS):
        at = _balls(_at_w_zero(_point(11, shape)))
        _assert_same(at.lambda_min_at_w_zero.item, lambda_min(at.hessian).item, 50)


def test_least_eigenvalue_does_not_cancel() -> None:
    # d = m = n = 1, l'' = 1: α = x² = 2^40 and ρ = |y z| = 2^-20, so λ = -ρ²/α = -2^-80 to within
    # a relative error of ρ²/α² = 2^-120; (α - √(α² + 4ρ²))/2 is 0 in floats.
    one = np.ones((1, 1))
    point = Point(2.0**20 * one, one[0], 2.0**-20 * one, 0 * one[0], 0 * one, one[0], SQUARED)
    found = map_arrays(point, lambda a: Bounded(a[..., None])).lambda_min_at_w_zero
    assert -(2.0**-79) < found.lower[0] <= found.upper[0] < -(2.0**-81)


def test_least_eigenvalue_where_everything_vanishes() -> None:
    zero = np.zeros((1, 1))
    point = Point(zero, zero[0], zero, zero[0], zero, zero[0], SQUARED)
    assert _balls(point).lambda_min_at_w_zero.item.is_zero()
    assert map_arrays(point, Exact.constant).lambda_min_at_w_zero.item.sign == 0


# -- all arithmetics ---------------------------------------------------------------------------

QUANTITIES = ("F", "F_lin", "a", "b", "grad_norm", "hess_ww", "hessian", "lambda_min_ww")


def _overlap(bounded: Any, ball: Any) -> None:
    """Float enclosures contain what balls of 256 bits enclose, and are finite."""
    for index, entry in np.ndenumerate(ball.entries):
        lower, upper = bounded.lower[index].item(), bounded.upper[index].item()
        assert math.isfinite(lower)
        assert math.isfinite(upper)
        assert not entry < arb(lower)
        assert not entry > arb(upper)


@pytest.mark.parametrize("quantity", QUANTITIES)
@settings(deadline=None, max_examples=25)
@given(seeds, dims, st.sampled_from(ALL), st.booleans())
def test_float_enclosures_contain_balls(
    quantity: str, seed: int, shape: tuple[int, int, int], loss: Loss, weighted: bool
) -> None:
    point = _point(seed, shape, loss, weighted)
    with working_precision(BITS):
        ball = getattr(_balls(point), quantity)
    _overlap(getattr(map_arrays(point, lambda a: Bounded(a[..., None])), quantity), ball)


@settings(deadline=None, max_examples=25)
@given(seeds, dims, st.sampled_from(ALL))
def test_least_eigenvalue_in_floats_contains_balls(
    seed: int, shape: tuple[int, int, int], loss: Loss
) -> None:
    point = _at_w_zero(_point(seed, shape, loss))
    with working_precision(BITS):
        ball = _balls(point).lambda_min_at_w_zero
    # α + √(α² + 4 ρ²) near 0 has no finite float enclosure.
    assume(abs(ball.item) > arb((1, -20)))
    _overlap(map_arrays(point, lambda a: Bounded(a[..., None])).lambda_min_at_w_zero, ball)


@settings(deadline=None, max_examples=20)
@given(seeds, st.sampled_from([1, 2, 4, 8]))
def test_no_weights_are_equal_weights(seed: int, n: int) -> None:
    point = _point(seed, (n, 2, 2))
    equal = dataclasses.replace(point, weights=np.full(n, 1.0 / n))
    left, right = (map_arrays(p, Exact.constant) for p in (point, equal))
    for quantity in ("F", "F_lin", "a", "b", "hess_ww", "hessian"):
        found, other = (_fractions(getattr(p, quantity)) for p in (left, right))
        assert np.array_equal(found, other)


def test_weights_need_not_sum_to_one() -> None:
    point = _point(3, (3, 2, 2), weighted=True)
    double = dataclasses.replace(point, weights=2.0 * point.weights)
    single_F, double_F = (_fractions(map_arrays(p, Exact.constant).F) for p in (point, double))
    assert double_F == 2 * single_F


# -- validation --------------------------------------------------------------------------------


def _fields(**changes: Any) -> dict[str, Any]:
    X, Z, V = np.ones((3, 2)), np.ones((3, 4)), np.ones((2, 4))
    good = {"X": X, "y": np.ones(3), "Z": Z, "w": np.ones(2), "V": V, "w_star": np.ones(2)}
    return {**good, "loss": LOSSES["logistic"], **changes}


def test_valid_fields_are_accepted() -> None:
    assert Point(**_fields(weights=np.ones(3))).weights is not None


@pytest.mark.parametrize(
    ("name", "shape", "expected"),
    [
        ("y", (2,), r"\(3,\)"),
        ("y", (3, 1), r"\(3,\)"),
        ("Z", (2, 4), r"\(3, 4\)"),
        ("w", (3,), r"\(2,\)"),
        ("V", (4, 2), r"\(2, 4\)"),
        ("w_star", (2, 1), r"\(2,\)"),
        ("weights", (2,), r"\(3,\)"),
    ],
)
def test_wrong_shapes(name: str, shape: tuple[int, ...], expected: str) -> None:
    found = str(shape).replace("(", r"\(").replace(")", r"\)")
    with pytest.raises(InputError, match=f"^{name} has shape {found}, expected {expected}"):
        Point(**_fields(**{name: np.ones(shape)}))


@pytest.mark.parametrize("name", ["X", "Z"])
@pytest.mark.parametrize("value", [np.ones(3), np.ones((3, 2, 1)), np.ones((3, 0)), [[1.0]], 1.0])
def test_samples_that_are_no_matrices(name: str, value: Any) -> None:
    with pytest.raises(InputError, match=f"^{name} must be a non-empty array with 2 axes"):
        Point(**_fields(**{name: value}))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["y", "Z", "w", "V", "w_star", "weights"])
def test_numbers_that_are_not_finite(name: str, bad: float) -> None:
    values = np.ones(3) if name == "weights" else _fields()[name].copy()
    values.flat[-1] = bad
    last = ", ".join(str(n - 1) for n in values.shape)
    with pytest.raises(InputError, match=rf"^{name}\[{last}\] is not a finite number"):
        Point(**_fields(**{name: values}))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_not_finite(bad: float) -> None:
    X = np.ones((3, 2))
    X[1, 0] = bad
    with pytest.raises(InputError, match=r"^X\[1, 0\] is not a finite number"):
        Point(**_fields(X=X))


def test_labels_outside_the_domain() -> None:
    with pytest.raises(InputError, match=r"label 0\.0 in row 2.*logistic.*cross_entropy"):
        Point(**_fields(y=np.array([1.0, 1.0, 0.0])))


def test_negative_weights() -> None:
    with pytest.raises(InputError, match=r"weights\[1\] is negative: -0\.5"):
        Point(**_fields(weights=np.array([1.0, -0.5, 0.5])))
