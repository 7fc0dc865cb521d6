"""The parameters of the model and no others: an output bias, weight decay, an output layer alone.

The exact numbers come from the enlarged network, in which the bias is a coordinate that is 1: the
row of V at that coordinate is held at 0, and left out of its gradient and Hessian.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import checker
from certify.instances import BITS, holds
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import frobenius, norm, spectral_norm, sq, sqrt
from checker.certification.certificate import Enclosed, Verdict
from checker.errors import InputError
from checker.instances.fields import map_arrays
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import vector_loss_named
from checker.landscape.minima.critical import plain
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

NAMES = ("logistic", "squared", "log_cosh", "poisson")


def _model(seed: int, loss: str = "logistic", shape: Any = (20, 3, 2)) -> dict[str, Any]:
    """The arguments of `certify` for a model with an output bias; w = 0 at some seeds."""
    (n, d, m), rng = shape, np.random.default_rng(seed)
    X, Z, V = (rng.standard_normal(s) for s in ((n, d), (n, m), (d, m)))
    w = np.zeros(d) if seed % 4 == 3 else rng.standard_normal(d)
    y = LOSSES[loss].labels.draw(rng, (n,))
    weights = rng.random(n) if seed % 3 == 2 else None
    bias = 0.0 if seed % 8 == 7 else rng.standard_normal()
    return {
        "X": X, "Z": Z, "y": y, "w": w, "V": V, "loss": loss, "weights": weights,
        "output_bias": bias,
    }  # fmt: skip


def _enlarged(given: dict[str, Any], u: Any = None) -> Point:
    X, w, V = (given[name] for name in ("X", "w", "V"))
    d, m = V.shape
    return Point(
        np.hstack([X, np.ones((len(X), 1))]), given["y"], given["Z"],
        np.append(w, given["output_bias"]), np.vstack([V, np.zeros(m)]),
        np.zeros(d + 1) if u is None else u, LOSSES[given["loss"]], given["weights"],
    )  # fmt: skip


def _own(given: dict[str, Any]) -> Any:
    """The coordinates (w, bias, rows of V) of the enlarged Hessian that are parameters."""
    d, m = given["V"].shape
    return np.r_[: d + 1, d + 1 : d + 1 + d * m]


@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("seed", range(8))
def test_gradient_and_least_eigenvalue_are_those_of_the_model(seed: int, loss: str) -> None:
    given = _model(seed, loss, ((20, 3, 2), (9, 1, 3))[seed % 2])
    found = checker.certify(**given)
    own, point = _own(given), _enlarged(given)
    with working_precision(BITS):
        at = map_arrays(point, Ball.constant)
        in_V = norm(at.w[: len(given["w"])]) * norm(at.b)
        assert holds(found.F, at.F.item)
        assert holds(found.gradient_w, norm(at.grad[0]).item)
        assert holds(found.gradient_V, in_V.item)
        assert holds(found.gradient, norm((at.grad[0], in_V)).item)
    dense = plain(point).hessian.value[..., 0][np.ix_(own, own)]
    size = 1 + np.abs(dense).max()
    least = float(np.linalg.eigvalsh(dense)[0])
    assert found.least_eigenvalue.lower - 1e-12 * size <= least
    assert least <= found.least_eigenvalue.upper + 1e-12 * size
    assert found.least_eigenvalue.radius <= 1e-6 * size


@pytest.mark.parametrize("loss", NAMES)
@pytest.mark.parametrize("seed", range(8))
def test_every_bound_is_above_the_gap(seed: int, loss: str) -> None:
    """Theorems 1 and 2 as derived in `network.py`, by balls; Lemma 1 as a sum over the sample."""
    given = _model(seed, loss)
    u = np.random.default_rng(seed).standard_normal(len(given["w"]) + 1)
    found = checker.certify(**given, against={"u": u})
    zero = not given["w"].any()
    for compared in (found.best, found.minimised, *found.others):
        for bound in compared.bounds.values():
            assert isinstance(bound, str) or bound.upper >= compared.gap.lower
        bounds = compared.bounds
        assert isinstance(bounds["Theorem 2" if zero else "Theorem 1"], Enclosed)
        with working_precision(BITS):
            at = map_arrays(_enlarged(given, compared.u), Ball.constant)
            w, w_star, rows = at.w, at.w_star, norm(at.w[: len(given["w"])])
            lemma = at.w @ at.grad[0] - at.w_star @ at.a
            assert holds(bounds["Lemma 1"], lemma.item)
            size = norm((at.grad[0], rows * norm(at.b)))
            if zero:
                sharp = norm(w - w_star) * size + norm(w_star @ at.V) * norm(at.b)
                assert holds(bounds["Theorem 2, sharp form"], sharp.item)
                continue
            ratio = sq(spectral_norm(at.V) / rows)
            printed = size * sqrt(2 * sq(w) + sq(w_star) * (2 + ratio))
            assert holds(bounds["Theorem 1"], printed.item)
            sharp = size * norm((w - w_star, (w_star @ at.V) / rows))
            assert holds(bounds["Theorem 1, sharp form"], sharp.item)


@pytest.mark.parametrize("seed", range(8))
def test_the_lower_point_is_one_of_the_model(seed: int) -> None:
    given = _model(seed, "logistic")
    found = checker.certify(**given)
    assert found.verdict is Verdict.NOT_A_MINIMUM
    lower = found.escape
    assert lower is not None
    assert lower.w.shape == given["w"].shape
    assert lower.V.shape == given["V"].shape
    moved = given | {"w": lower.w, "V": lower.V, "output_bias": lower.bias[0]}
    with working_precision(BITS):
        after, before = (map_arrays(_enlarged(g), Ball.constant).F.item for g in (moved, given))
        assert holds(lower.F_after, after)
        assert after < before


# A strict local minimum that is worse than linear: 4 outputs, d = m = 1, rank W = d < K. Rows of
# opposite sign follow; then no bias has a gradient.
_X = [-0.742513823559219, 1.418268177090344, -0.7009686083163591, 0.07687642037207117]
_Z = [1.087239546987494, -0.3394025315066373, 0.11939845364182768, 0.008291458257637847]
_Y = [
    [1.5673801497156998, 5.903211466358245, -14.98110969516109, -5.241536415606123],
    [20.654515515395616, -19.53671992920557, -6.369180758175333, 7.984601436032075],
    [-18.410235590487787, -8.617729447622898, -8.035588090146334, 15.672879034808048],
    [-8.68700743750224, 6.320544196043966, -6.298731222291609, 0.10451314470000908],
]
_START = [1.3027158484005879, 3.4096270548255783, -8.773581167378971, -2.977230623863215]
_V = 2.255513482375232


def _strict_minimum() -> dict[str, Any]:
    """The same after Newton steps on the nine parameters (W, bias, V), the bias staying 0."""
    X, Z, Y = np.array([*_X, *_X]), np.array([*_Z, *_Z]), np.array([*_Y, *_Y])
    signs = np.repeat([1.0, -1.0], 4)
    X, Z, Y = X * signs, Z * signs, Y * signs[:, None]
    W, V = np.array(_START), _V
    for _ in range(8):
        gradient, hessian = _derivatives(X, Z, Y, W, V)
        step = np.linalg.solve(hessian, gradient)
        W, V = W - step[:4], V - step[8]
    return {
        "X": X[:, None], "Z": Z[:, None], "y": Y, "W": W[:, None], "V": np.array([[V]]),
        "output_bias": np.zeros(4), "loss": "log_cosh",
    }  # fmt: skip


def _derivatives(X: Any, Z: Any, Y: Any, W: Any, V: float) -> tuple[Any, Any]:
    """Gradient and Hessian of the mean of Σ log cosh(W_k (x + V z) + b_k - y_k), in (W, b, V)."""
    n, K = Y.shape
    h, gradient, hessian = X + V * Z, np.zeros(9), np.zeros((9, 9))
    for x, z, y in zip(h, Z, Y, strict=True):
        t = np.tanh(W * x - y)
        rows = np.zeros((K, 9))
        rows[:, :4], rows[:, 4:8], rows[:, 8] = x * np.eye(K), np.eye(K), W * z
        gradient += t @ rows / n
        hessian += (rows.T * (1 - t**2)) @ rows / n
        hessian[:4, 8] += t * z / n
        hessian[8, :4] += t * z / n
    return gradient, hessian


def test_a_strict_minimum_worse_than_linear_is_not_denied() -> None:
    given = _strict_minimum()
    arrays = [given[name] for name in ("X", "Z")]
    gradient, hessian = _derivatives(
        arrays[0][:, 0], arrays[1][:, 0], given["y"], given["W"][:, 0], given["V"][0, 0]
    )
    assert np.abs(gradient).max() <= 1e-13
    assert np.linalg.eigvalsh(hessian)[0] > 0.1
    found = checker.certify(**given)
    assert found.best.gap.lower > 2
    assert (found.rank, found.d, found.K) == (1, 1, 4)
    assert found.verdict is Verdict.WORSE
    assert "rank d = 1 < K = 4" in found.sentence


def _vector_model(seed: int) -> dict[str, Any]:
    rng, (n, d, m, K) = np.random.default_rng(seed), ((20, 3, 2, 2), (12, 2, 3, 4))[seed % 2]
    X, Z, V, W = (rng.standard_normal(s) for s in ((n, d), (n, m), (d, m), (K, d)))
    y = vector_loss_named("softmax").draw(rng, (n, K))
    bias = rng.standard_normal(K)
    return {"X": X, "Z": Z, "y": y, "W": W, "V": V, "output_bias": bias, "loss": "softmax"}


def _enlarged_vector(given: dict[str, Any], U: Any) -> VectorPoint:
    X, W, V = (given[name] for name in ("X", "W", "V"))
    return VectorPoint(
        np.hstack([X, np.ones((len(X), 1))]), given["y"], given["Z"],
        np.column_stack([W, given["output_bias"]]), np.vstack([V, np.zeros(V.shape[1])]),
        U, vector_loss_named("softmax"),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_several_outputs_with_a_bias(seed: int) -> None:
    given = _vector_model(seed)
    found = checker.certify(**given)
    with working_precision(BITS):
        at = map_arrays(_enlarged_vector(given, found.W_star), Ball.constant)
        slope_W, slope_V = at.grad
        own = slope_V[: len(given["V"])]
        assert holds(found.F, at.F.item)
        assert holds(found.gradient_W, frobenius(slope_W).item)
        assert holds(found.gradient_V, frobenius(own).item)
        assert holds(found.W_norm, frobenius(at.W[:, : len(given["V"])]).item)
    assert found.rank == min(given["W"].shape)
    for bound in found.best.bounds.values():
        assert isinstance(bound, str) or bound.upper >= found.best.gap.lower
    lower = found.escape
    assert lower is not None
    moved = given | {"W": lower.w, "V": lower.V, "output_bias": lower.bias[:, 0]}
    with working_precision(BITS):
        after = map_arrays(_enlarged_vector(moved, found.W_star), Ball.constant).F.item
        assert holds(lower.F_after, after)


@pytest.mark.parametrize("seed", range(8))
def test_weight_decay_changes_objective_gradient_and_hessian(seed: int) -> None:
    given, r = _model(seed), 0.25
    found = checker.certify(**given, ridge=r)
    own, point = _own(given), plain(_enlarged(given))
    bare = checker.certify(**given)
    square = sum(float(np.vdot(p, p)) for p in (given["w"], given["V"], given["output_bias"]))
    assert abs(found.F.value - bare.F.value - r / 2 * square) <= 1e-12
    slope = np.concatenate([g.value[..., 0].ravel() for g in point.grad])[own]
    theta = np.concatenate([given["w"], [given["output_bias"]], given["V"].ravel()])
    assert abs(found.gradient.value - np.linalg.norm(slope + r * theta)) <= 1e-12
    dense = point.hessian.value[..., 0][np.ix_(own, own)] + r * np.eye(len(own))
    least = np.linalg.eigvalsh(dense)[0]
    assert abs(found.least_eigenvalue.value - least) <= found.least_eigenvalue.radius + 1e-12
    u = found.w_star
    expected = float(checker.certify(**given, against={"u": u}).others[-1].F_lin.value)
    assert abs(found.best.F_lin.value - expected - r / 2 * float(u @ u)) <= 1e-12
    # J_lin is r-strongly convex: its gradient says how far w* is from best.
    assert found.best.gradient.upper <= 1e-4
    assert all(isinstance(bound, str) for bound in found.best.bounds.values())
    if found.verdict is Verdict.WORSE:
        assert "weight decay" in found.sentence
        assert found.escape is not None


def test_a_minimum_with_weight_decay_is_not_denied() -> None:
    """Gradient steps to a minimum of the regularised objective, which is above the linear level."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    Z = np.tanh(X @ rng.standard_normal((3, 2)))
    y = np.sign(X @ [1.0, -1.0, 0.5] + 0.5 * rng.standard_normal(40))
    w, V, r = np.zeros(3), np.zeros((3, 2)), 0.5
    for _ in range(400):
        p = (X + Z @ V.T) @ w
        slope = -y / (1 + np.exp(y * p)) / len(y)
        in_w = slope @ (X + Z @ V.T) + r * w
        V = V - np.outer(w, slope @ Z) - r * V
        w = w - in_w
    found = checker.certify(X, Z, y, w, V, "logistic", ridge=r)
    assert found.gradient.upper <= 1e-12
    assert found.verdict is not Verdict.NOT_A_MINIMUM
    assert found.least_eigenvalue.lower > 0


def test_without_weight_decay_the_same_point_is_no_minimum() -> None:
    """The verdict on the plain objective stands: the argument decides which one is meant."""
    given = _model(0)
    assert checker.certify(**given).verdict is Verdict.NOT_A_MINIMUM
    bent = checker.certify(**given, ridge=1e-3)
    assert (bent.verdict, bent.why) == (Verdict.NOT_A_MINIMUM, "λ_min(∇²F_θ) < 0")
    # A ridge beyond |λ_min| leaves nothing that excludes a minimum.
    assert checker.certify(**given, ridge=10.0).verdict is Verdict.WORSE


@pytest.mark.parametrize("bias", [None, 0.5])
def test_an_output_layer_alone(bias: float | None) -> None:
    """Convex: worse than another output layer means no minimum; its Hessian is E l'' x xᵀ."""
    given = _model(1)
    X, y, w = (given[name] for name in ("X", "y", "w"))
    found = checker.certify_head(X, y, w, "logistic", output_bias=bias)
    inputs = X if bias is None else np.hstack([X, np.ones((len(X), 1))])
    weights = w if bias is None else np.append(w, bias)
    p = inputs @ weights
    s = 1 / (1 + np.exp(y * p))
    assert abs(found.F.value - np.logaddexp(0, -y * p).mean()) <= 1e-12
    assert abs(found.gradient.value - np.linalg.norm((-y * s) @ inputs / len(y))) <= 1e-12
    dense = (inputs.T * (s * (1 - s))) @ inputs / len(y)
    least = found.least_eigenvalue
    assert abs(np.linalg.eigvalsh(dense)[0] - least.value) <= least.radius + 1e-12
    assert (found.m, found.d) == (0, 3)
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert found.escape is not None
    assert found.escape.V.size == 0
    # What is found is the best layer: certified itself, it is level or no worse.
    u = found.w_star
    best = u[:3], (None if bias is None else u[3])
    again = checker.certify_head(X, y, best[0], "logistic", output_bias=best[1], start=u)
    assert again.best.gap.upper <= 1e-9


def test_an_output_layer_alone_of_several_outputs() -> None:
    """Convex whatever the rank of W, also with weight decay."""
    given = _vector_model(1)
    for ridge in (0.0, 0.1):
        found = checker.certify_head(
            given["X"], given["y"], W=given["W"], loss="softmax",
            output_bias=given["output_bias"], ridge=ridge,
        )  # fmt: skip
        assert found.verdict is Verdict.NOT_A_MINIMUM
        assert found.why == "the objective is convex in the output layer"
        assert found.escape is not None
        assert found.escape.F_after.upper < found.F.lower


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"output_bias": [1.0, 2.0]}, "one finite number per output"),
        ({"output_bias": np.nan}, "one finite number per output"),
        ({"ridge": -1.0}, "is not a weight decay"),
        ({"ridge": np.nan}, "is not a weight decay"),
        ({"ridge": "0.1"}, "is not a weight decay"),
        ({"V": None}, "certify_head"),
        ({"against": {"u": np.ones(3)}}, "it needs shape (4,)"),
    ],
)
def test_bad_input(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        checker.certify(**_model(0) | change)
    assert message in str(raised.value)
