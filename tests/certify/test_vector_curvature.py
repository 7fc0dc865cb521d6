"""λ_min and Theorem 2 for several outputs, against Hessians from values in balls."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from flint import arb

import checker
from certify.instances import BITS, vector_arrays, vector_balls, vector_hessian, vector_network
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import lambda_max, lambda_min, spectral_norm, sq, sqrt
from checker.certification.certificate import Enclosed
from checker.certification.matrices.normed import Normed
from checker.certification.moments import exact
from checker.certification.network import Network
from checker.certification.several import gram as vector_gram
from checker.certification.several.bounds import SHARP_2, THEOREM_2, THEOREM_3, nuclear_norm
from checker.certification.several.curvature import (
    VectorCurvature,
    _coupling,
    _product,
    enclose_vector,
)
from checker.certification.several.moments import vector_moments
from checker.certification.source import open_source
from checker.errors import InputError
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import Separable, SoftmaxCrossEntropy, VectorLoss
from checker.landscape.oracle_loss import check_vector_derivatives
from checker.landscape.residual_unit.several_outputs import VectorPoint

# (n, d, m, K): fewer outputs than inputs, as many, and more.
SHAPES = ((5, 3, 2, 2), (4, 2, 2, 2), (5, 2, 1, 3))
CASES = ("full", "zero", "dependent")


def points(case: str, loss: str) -> list[VectorPoint]:
    """Points with W as drawn, 0, or with its last row a multiple of the first."""
    found = []
    for seed, shape in enumerate(SHAPES):
        point = vector_network(seed, shape, loss, weighted=bool(seed % 2))
        W = {"full": point.W, "zero": 0 * point.W}.get(case)
        if W is None:
            W = point.W.copy()
            W[-1] = -2 * W[0]
        found.append(replace(point, W=W))
    return found


@lru_cache
def dense(case: str, loss: str) -> list[Any]:
    """The Hessians at `points`."""
    with working_precision(BITS):
        return [vector_hessian(point) for point in points(case, loss)]


@pytest.mark.parametrize(
    ("case", "loss"),
    [*((case, "softmax") for case in CASES), ("full", "radial"), ("dependent", "logistic")],
)
def test_the_least_eigenvalue_is_that_of_the_dense_hessian(case: str, loss: str) -> None:
    for i, point in enumerate(points(case, loss)):
        found = checker.certify(**vector_arrays(point)).least_eigenvalue  # type: ignore[attr-defined]
        with working_precision(BITS):
            exact_value = lambda_min(dense(case, loss)[i]).item
        assert arb(found.lower) <= exact_value <= arb(found.upper)
        assert found.radius <= 1e-7


def test_without_second_moments_it_is_enclosed_by_norms(monkeypatch: pytest.MonkeyPatch) -> None:
    """λ_min >= -||B||, and a direction found by passes over the data."""
    monkeypatch.setattr(vector_gram, "MAX_REDUCED_ORDER", 0)
    for case in CASES:
        for i, point in enumerate(points(case, "softmax")):
            found = checker.certify(**vector_arrays(point))
            least = found.least_eigenvalue  # type: ignore[attr-defined]
            with working_precision(BITS):
                exact_value = lambda_min(dense(case, "softmax")[i]).item
                trivial = -spectral_norm(vector_balls(point, point.W).B).item
            assert arb(least.lower) <= exact_value <= arb(least.upper)
            assert abs(trivial - least.lower) <= 1e-9
            # Few steps of Lanczos find the end of so small a spectrum.
            assert exact_value >= least.upper - 1e-3


def test_theorem_2_at_every_point_with_a_kernel() -> None:
    for case in CASES:
        for i, point in enumerate(points(case, "softmax")):
            found = checker.certify(**vector_arrays(point))
            kernel = found.rank < found.d  # type: ignore[attr-defined]
            for compared in (found.best, found.minimised):
                values = [compared.bounds[name] for name in (THEOREM_2, SHARP_2)]
                if not kernel:
                    assert all("rank below d" in str(value) for value in values)
                    continue
                printed, sharp = values
                assert isinstance(printed, Enclosed)
                assert isinstance(sharp, Enclosed)
                expected = _theorem2(point, compared.u, dense(case, "softmax")[i])
                assert arb(printed.lower) <= expected[0] <= arb(printed.upper)
                assert arb(sharp.lower) <= expected[1] <= arb(sharp.upper)
                assert compared.gap.lower <= sharp.upper <= printed.upper


def _theorem2(point: VectorPoint, U: Any, hessian: Any) -> tuple[Any, Any]:
    """Both forms in balls, the nuclear norm by the eigenvalues of a Gram matrix."""
    with working_precision(BITS):
        at = vector_balls(point, U)
        size = point.W.size
        least, most = lambda_min(hessian), lambda_max(Ball(hessian.entries[:size, :size]))
        W, V = Ball.constant(point.W), Ball.constant(point.V)
        u = Ball.constant(U)
        apart = sqrt(sq(W - u)) * at.grad_norm
        curved = sqrt(abs(least) * most + sq(least))
        printed = apart + spectral_norm(V) * _nuclear(u) * curved
        return printed.item, (apart + _nuclear(u @ V) * spectral_norm(at.B)).item


def _nuclear(matrix: Any) -> Any:
    """||M||_* of a matrix with two rows or two columns: √(||M||² + 2 √det(M Mᵀ))."""
    rows = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    gram = rows @ rows.T
    if rows.shape[0] == 1:
        return sqrt(gram[0][0])
    (a, b), (_, c) = ([gram[i][j] for j in range(2)] for i in range(2))
    determinant = a * c - sq(b)
    return sqrt(a + c + 2 * sqrt(abs(determinant)))


def test_theorem_2_takes_the_nuclear_norm() -> None:
    """Affine loss, W = 0, V = U = B = I: the gap is 2, and ||V|| ||U||_F |λ| is √2 only."""
    one = np.eye(2)
    # For l = y p, A = E[y xᵀ] = -I and B = E[y zᵀ] = I, so the gradient is 0.
    found = checker.certify(-2 * one, 2 * one, one, W=0 * one, V=one, loss="affine",
                            against={"I": one})  # fmt: skip
    compared = next(c for c in (found.best, *found.others) if c.name == "I")
    printed = compared.bounds[THEOREM_2]
    assert isinstance(printed, Enclosed)
    assert abs(compared.gap.value - 2) <= 1e-12
    assert abs(printed.value - 2) <= 1e-6
    assert printed.upper >= compared.gap.lower


@pytest.mark.parametrize(
    ("shape", "says"),
    [((8, 3, 2, 2), "Theorem 2"), ((8, 2, 2, 2), "Theorem 1"), ((8, 2, 2, 3), "false for K > d")],
)
def test_theorem_3_holds_up_to_d_outputs(shape: Any, says: str) -> None:
    found = checker.certify(**vector_arrays(vector_network(0, shape)))
    assert says in str(found.best.bounds[THEOREM_3])


@pytest.mark.parametrize("seed", range(6))
def test_one_output_says_the_same_in_both_forms(seed: int) -> None:
    """certify(W=w[None]) is as narrow as certify(w=w), at w = 0, too, with a bias and a ridge."""
    from certify.instances import arrays, network

    loss = ("squared", "logistic", "poisson")[seed % 3]
    point = network(seed, (20, 3, 2), loss, w_zero=seed % 2 == 1)
    more: dict[str, Any] = {"ridge": 0.25 * (seed == 4)}
    if seed in (2, 3, 4):
        more["output_bias"] = 0.5
    given = arrays(point) | more
    one = checker.certify(**given)
    several = checker.certify(**given | {"w": None, "W": point.w[None], "y": point.y[:, None]})
    assert one.verdict is several.verdict
    assert one.sentence.replace("w*", "W*").split(":")[0] == several.sentence.split(":")[0]
    names = {"gradient_w": "gradient_W", "w_norm": "W_norm"}
    for name in ("F", "F_at_zero", "gradient", "gradient_w", "gradient_V", "V_norm", "w_norm"):
        _as_narrow(getattr(one, name), getattr(several, names.get(name, name)))
    _as_narrow(one.least_eigenvalue, several.least_eigenvalue)
    _as_narrow(several.W_norm, several.sigma_min)  # type: ignore[attr-defined]
    for first, second in ((one.best, several.best), (one.minimised, several.minimised)):
        assert abs(first.gap.value - second.gap.value) <= 1e-6
        for name, bound in first.bounds.items():
            other = second.bounds[f"Appendix B, {name}"]
            if name != "Theorem 3":
                assert isinstance(bound, str) == isinstance(other, str), name
            if isinstance(bound, Enclosed) and isinstance(other, Enclosed):
                assert other.radius <= 4 * bound.radius + 1e-14 * (1 + abs(bound.value)), name


def _as_narrow(x: Enclosed, y: Enclosed) -> None:
    assert max(x.lower, y.lower) <= min(x.upper, y.upper)
    assert y.radius <= 2 * x.radius + 1e-150


def test_classes_of_ten_outputs_are_enclosed_with_a_bias() -> None:
    """More outputs than inputs, classes as integers: against the same as one-hot rows."""
    rng = np.random.default_rng(1)
    X, Z, V, W = (rng.standard_normal(s) for s in ((30, 4), (30, 3), (4, 3), (10, 4)))
    y = rng.integers(10, size=30)
    given: dict[str, Any] = {"W": W, "V": V, "loss": "softmax", "output_bias": np.arange(10.0)}
    found = checker.certify(X, Z, y, **given)
    rows = checker.certify(X, Z, np.eye(10)[y], **given)
    assert found.least_eigenvalue == rows.least_eigenvalue  # type: ignore[attr-defined]
    assert found.least_eigenvalue.radius <= 1e-8  # type: ignore[attr-defined]


# -- each term of the bounds --------------------------------------------------------------------


def test_reduced_hessian_against_balls() -> None:
    """The form of (D, E₁) is that of the Hessian at (D, R E₁), within the radius."""
    point = vector_network(5, (9, 3, 2, 2), "softmax")
    hessian = _curvature(point)
    R, size = hessian.R.value, point.W.size
    rng = np.random.default_rng(0)
    with working_precision(BITS):
        H = vector_hessian(point)
        for _ in range(5):
            x = np.rint(8 * rng.standard_normal(len(hessian.K.value)))
            D, inside = x[:size].reshape(3, 2).T, x[size:].reshape(2, 2).T
            E = Ball.constant(R) @ Ball.constant(inside)
            flat = [arb(b) for b in D.flat] + [E[i][j].item for i in range(3) for j in range(2)]
            v = Ball(np.array(flat, dtype=object))
            exact_form = (v @ (H @ v)).item
            here = Ball.constant(x)
            form = (here @ (Ball.constant(hessian.K.value) @ here)).item
            assert abs(form - exact_form) <= hessian.K.radius * float(x @ x)


def _curvature(point: VectorPoint) -> VectorCurvature:
    from checker.certification.several.curvature import vector_curvature

    sizes = (point.X.shape[1], point.Z.shape[1])
    source = open_source(point.X, point.Z, point.Y, None, sizes, point.loss, len(point.W))
    at = vector_moments(source, point.W, point.V)
    found = vector_curvature(at, Network(point.W, point.V), len(point.W))
    assert found is not None
    return found


def test_second_moments_against_balls() -> None:
    """Entry by entry, and the radius is more than nothing."""
    point = vector_network(3, (40, 2, 2, 3), "softmax", weighted=True)
    source = open_source(point.X, point.Z, point.Y, point.weights, (2, 2), point.loss, 3)
    G = vector_moments(source, point.W, point.V).G
    assert G is not None
    with working_precision(BITS):
        at = vector_balls(point, point.W)
        g = np.hstack([point.X, point.Z])
        weights = Ball.constant(point.weights)
        L = [
            at.loss.product(at.prediction, at.Y, Ball.constant(np.tile(e, (40, 1))))
            for e in np.eye(3)
        ]
        rows = np.empty((12, 12), dtype=object)
        for i in range(4):
            for j in range(4):
                pair = Ball.constant(g[:, i]) * Ball.constant(g[:, j]) * weights
                for k, h in np.ndindex(3, 3):
                    rows[3 * i + k, 3 * j + h] = (pair @ L[h].T[k]).item
        off = spectral_norm(Ball(rows) - Ball.constant(G.value)).item
    assert 0 < off <= G.radius <= 1e-11


def test_sums_of_second_moments_that_lose_every_last_digit() -> None:
    """Equal rows: each addition of 1/3 and 1/9 drops digits; more than other terms pay for."""
    n, third = 8192, 1 / 3
    loss = Separable(LOSSES["squared"])
    source = open_source(
        np.ones((n, 1)), np.full((n, 1), third), np.ones((n, 2)), None, (1, 1), loss, 2
    )
    G = vector_moments(source, np.ones((2, 1)), np.ones((1, 1))).G
    assert G is not None
    row = np.array([Fraction(1), Fraction(third)])
    off = np.kron(np.outer(row, row), np.eye(2, dtype=int)) - np.vectorize(
        Fraction, otypes=[object]
    )(G.value)
    size = np.linalg.norm(off.astype(float), 2)
    assert 4 * 2.0**-53 * np.linalg.norm(G.value, 2) < size <= G.radius


def test_inherited_errors_of_second_moments() -> None:
    """Predictions that cancel have errors far above the rounding of l'' = 3 (p - y)² itself."""
    point = vector_network(1, (23, 3, 2, 2), "quartic")
    W = point.W * 2.0**40
    Y = (point.X + point.Z @ point.V.T) @ W.T
    source = open_source(point.X, point.Z, Y, None, (3, 2), point.loss, 2)
    G = vector_moments(source, W, point.V).G
    assert G is not None
    exactly = np.vectorize(Fraction, otypes=[object])
    X, Z, V, rows, labels = (exactly(a) for a in (point.X, point.Z, point.V, W, Y))
    bends = 3 * ((X + Z @ V.T) @ rows.T - labels) ** 2
    g = np.hstack([X, Z])
    for k in range(2):
        exact_G = g.T @ (bends[:, [k]] * g) / len(g)
        off = exactly(G.value[k::2, k::2]) - exact_G
        assert 0 < abs(off).max() <= G.radius


def test_products_inherit_errors() -> None:
    """|f a - f̂ â| for f = f̂ ± r, a = â ± s, where the ends are attained."""
    one = np.array([[2.0]])
    for r, s in ((0.5, 0.0), (0.0, 0.25), (0.5, 0.25)):
        found = _product(Normed(one, r), Normed(one, s), one * one, 1)
        assert found.radius >= (2 + r) * (2 + s) - 4
        coupled = _coupling(Normed(one, r), Normed(one, s))
        assert coupled.radius >= (2 + r) * (2 + s) - 4


def _flat(K: float, B: float, radius: float = 0.0, defect: float = 0.0) -> VectorCurvature:
    """K in one dimension of D, and one flat direction."""
    part = Normed(np.array([[K]]))
    none = Normed(np.zeros((1, 0)))
    return VectorCurvature(
        part, part, Normed(np.array([[B]]), radius), none, defect, Normed(np.eye(1))
    )


@pytest.mark.parametrize("mu", [0.5, 0.9, 1.2, 1.45, 1.6])
def test_the_floor_pays_for_the_error_of_B(mu: float) -> None:
    """B is 1 ± 1/2 and K = 0: λ_min may be -3/2."""
    assert _flat(0.0, 1.0, 0.5).floor(mu) <= -1.5


@pytest.mark.parametrize("mu", [0.5, 1.1, 2.0])
def test_the_floor_is_below_a_rational(mu: float) -> None:
    """[[3, 2], [2, 0]] has the least eigenvalue -1."""
    floor = _flat(3.0, 2.0).floor(mu)
    assert floor <= -1.0
    assert mu < 1 or floor >= -mu - 1e-12


def test_a_basis_that_is_not_orthonormal_costs() -> None:
    """With ||E||² >= (1 - δ) ||E₁||², [[0, 1], [1, 0]] may reach -1/√(1 - δ)."""
    K = Normed(np.array([[0.0, 1.0], [1.0, 0.0]]))
    one = Normed(np.eye(1))
    hessian = VectorCurvature(K, one, one, one, 0.19, Normed(np.zeros((1, 1))))
    for mu in (0.5, 0.9, 1.0, 1.1, 1.2):
        assert hessian.floor(mu) <= -1 / 0.9 + 1e-12


def test_the_trivial_floor_takes_the_norm_from_above() -> None:
    unknown = _flat(float("nan"), 1.0)
    size = Bounded(np.array([1.0]), np.array([0.5]))
    assert enclose_vector(unknown, size, np.random.default_rng(0)).floor <= -1.5


def test_nuclear_norms() -> None:
    rng = np.random.default_rng(0)
    for shape in ((2, 4), (5, 3), (1, 4)):
        M = np.rint(4 * rng.standard_normal(shape))
        found = nuclear_norm(exact(M))
        with working_precision(BITS):
            rows = Ball.constant(M if shape[0] <= shape[1] else M.T)
            values = [sqrt(lambda_min(rows @ rows.T))] if shape[0] == 1 else None
        if values is None:
            expected = float(np.linalg.svd(M)[1].sum())
            assert abs(found.value[0] - expected) <= 1e-12 * expected
        assert found.radius[0] <= 1e-12 * found.value[0]
    assert nuclear_norm(exact(np.zeros((2, 3)))).upper[0] == 0
    # Nothing but an error: a matrix of norm up to 1/2 in each entry.
    with np.errstate(all="ignore"):
        unknown = nuclear_norm(Bounded(np.zeros((2, 2, 1)), np.full((2, 2, 1), 0.5)))
    assert unknown.upper[0] >= 1.0


class Bent(SoftmaxCrossEntropy):
    """A softmax whose stated Hessian is twice the right one."""

    kind = "bent"

    def product(self, P: Any, Y: Any, Q: Any) -> Any:
        return 2 * super().product(P, Y, Q)


class Silent(SoftmaxCrossEntropy):
    """A softmax that states no Hessian."""

    kind = "silent"

    def product(self, P: Any, Y: Any, Q: Any) -> Any:
        return None


def test_a_hessian_that_is_not_that_of_the_value_is_refused() -> None:
    with pytest.raises(InputError, match="states a derivative"):
        check_vector_derivatives(Bent())
    losses: list[VectorLoss] = [Silent(), Separable(LOSSES["logistic"])]
    for loss in losses:
        check_vector_derivatives(loss)


def test_a_loss_without_a_hessian_has_the_bounds_of_norms() -> None:
    point = vector_network(0, (8, 3, 2, 2))
    found = checker.certify(**vector_arrays(point) | {"loss": Silent()})
    least = found.least_eigenvalue  # type: ignore[attr-defined]
    B = (vector_balls(point, point.W)).B
    assert 0 <= least.upper <= 1e-9
    assert abs(least.lower + float(spectral_norm(B).item.mid())) <= 1e-9
