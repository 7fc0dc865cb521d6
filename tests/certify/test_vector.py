"""Several outputs: every number of a certificate encloses what balls and rationals say of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb

import checker
from certify.instances import (
    BITS,
    DEGENERATE,
    arrays,
    holds,
    network,
    vector_arrays,
    vector_balls,
    vector_network,
)
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import frobenius, spectral_norm, sq, sqrt
from checker.certification.certificate import Enclosed, Verdict
from checker.certification.moments import Parameters
from checker.certification.network import Network
from checker.certification.several.bounds import SHARP, THEOREM
from checker.certification.several.escape import vector_escape
from checker.certification.several.moments import vector_moments
from checker.certification.source import open_source
from checker.errors import InputError
from checker.landscape.losses.coupled import vector_loss_named
from properties.shamir2018 import vector as shamir2018_vector

LOSSES = ("softmax", "radial", "squared", "logistic", "poisson", "affine")
SHAPES = ((12, 4, 2, 3), (7, 2, 3, 1), (6, 3, 1, 3))
LEMMA = "Appendix B, Lemma 1"


@pytest.mark.parametrize("loss", LOSSES)
def test_values_and_gradients(loss: str) -> None:
    for seed, shape in enumerate(SHAPES):
        point = vector_network(seed, shape, loss, weighted=bool(seed % 2))
        found = checker.certify(**vector_arrays(point))
        with working_precision(BITS):
            at = vector_balls(point, found.W_star)
            slope_W, slope_V = at.grad
            expected = {
                "F": at.F,
                "gradient": at.grad_norm,
                "gradient_W": frobenius(slope_W),
                "gradient_V": frobenius(slope_V),
                "W_norm": frobenius(at.W),
                "V_norm": spectral_norm(at.V),
                "sigma_min": sqrt(at.sigma_min_squared),
            }
            for name, ball in expected.items():
                assert holds(getattr(found, name), ball.item), name
            assert holds(found.best.F_lin, at.F_lin.item)
            assert holds(found.best.gap, at.gap.item)
            assert found.F.radius <= 1e-11 * max(1.0, abs(found.F.value))


@pytest.mark.parametrize("loss", LOSSES)
def test_bounds_are_those_of_the_claims(loss: str) -> None:
    """The same formulas as the claims that the checker attacks, on balls; and above the gap."""
    for seed, shape in enumerate(SHAPES):
        point = vector_network(seed, shape, loss, weighted=bool(seed % 2))
        found = checker.certify(**vector_arrays(point))
        for compared in (found.best, found.minimised):
            with working_precision(BITS):
                at = vector_balls(point, compared.u)
                ratio = sq(spectral_norm(at.V)) / at.sigma_min_squared
                expected = {
                    LEMMA: shamir2018_vector.vector_gradient_direction(at).lhs,
                    THEOREM: at.grad_norm * sqrt(2 * sq(at.W) + sq(at.W_star) * (2 + ratio)),
                    SHARP: shamir2018_vector.sharp_vector_gradient_bound(at).lhs,
                }
                assert set(expected) < set(compared.bounds)
                for name, ball in expected.items():
                    bound = compared.bounds[name]
                    assert isinstance(bound, Enclosed)
                    assert holds(bound, ball.item), name
                    assert bound.upper >= compared.gap.lower


def test_against_rationals() -> None:
    """Squared loss on integers, by fractions and the inverse of a 2 x 2 matrix written out."""
    rng = np.random.default_rng(5)
    n, d, m, K = 3, 3, 2, 2
    shapes = {"X": (n, d), "Z": (n, m), "y": (n, K), "W": (K, d), "V": (d, m)}
    given = {name: rng.integers(-3, 4, shape).astype(float) for name, shape in shapes.items()}
    U = np.array([[1.0, 0.0, -2.0], [0.0, 1.0, 1.0]])
    found = checker.certify(**given, loss="squared", against={"U": U})
    compared = next(c for c in (found.best, *found.others) if c.name == "U")
    X, Z, Y, W, V = (_fractions(given[name]) for name in shapes)
    exact_U = _fractions(U)
    R, L = (X + Z @ V.T) @ W.T - Y, X @ exact_U.T - Y
    A, B = R.T @ X / n, R.T @ Z / n
    gradient = A + B @ V.T, W.T @ B
    _encloses(found.F, (R * R).sum() / (2 * n))
    _encloses(compared.gap, ((R * R).sum() - (L * L).sum()) / (2 * n))
    square = sum((g * g).sum() for g in gradient)
    _encloses_root(found.gradient, square)
    (a, b), (_, c) = W @ W.T
    inverse = np.array([[c, -b], [-b, a]]) / (a * c - b * b)
    lifted = W.T @ inverse @ exact_U @ V
    lemma = ((W - exact_U) * gradient[0]).sum() + (lifted * gradient[1]).sum()
    _encloses(compared.bounds[LEMMA], lemma)
    G = ((W - exact_U) ** 2).sum() + (lifted**2).sum()
    _encloses_root(compared.bounds[SHARP], square * G)


def _fractions(values: Any) -> Any:
    return np.vectorize(Fraction, otypes=[object])(values)


def _encloses(x: Any, exact: Fraction) -> None:
    assert abs(exact - Fraction(x.value)) <= Fraction(x.radius)
    assert x.radius <= 1e-12 * max(1.0, abs(x.value))


def _encloses_root(x: Any, square: Fraction) -> None:
    low, high = Fraction(x.value) - Fraction(x.radius), Fraction(x.value) + Fraction(x.radius)
    assert 0 <= low**2 <= square <= high**2
    assert x.radius <= 1e-12 * max(1.0, x.value)


def test_the_hidden_weights_are_enclosed() -> None:
    """(W V)ᵀ, whose error every prediction inherits."""
    point = vector_network(9, (2, 5, 3, 3))
    hidden = Parameters.of(point.W, point.V).hidden
    exact = (_fractions(point.W) @ _fractions(point.V)).T
    for value, radius, x in zip(hidden.value.flat, hidden.radius.flat, exact.flat, strict=True):
        assert abs(Fraction(float(value)) - x) <= Fraction(float(radius))


def test_one_output_is_the_scalar_case() -> None:
    """Both enclosures hold the same number; the searches for w* need not agree."""
    point = network(1, (20, 3, 2))
    given = arrays(point)
    same = {"against": {"u": np.ones(3)}}, {"against": {"u": np.ones((1, 3))}}
    scalar = checker.certify(**given, **same[0])
    vector = checker.certify(
        **given | {"w": None, "W": point.w[None], "y": point.y[:, None]}, **same[1]
    )
    pairs = [(scalar.F, vector.F), (scalar.gradient, vector.gradient)]
    pairs += [(scalar.gradient_w, vector.gradient_W), (scalar.w_norm, vector.sigma_min)]
    first, second = scalar.others[0].bounds, vector.others[0].bounds
    for name in ("Lemma 1", "Theorem 1", "Theorem 1, sharp form"):
        pairs.append((first[name], second[f"Appendix B, {name}"]))  # type: ignore[arg-type]
    for x, y in pairs:
        assert max(x.lower, y.lower) <= min(x.upper, y.upper)
    assert scalar.verdict is vector.verdict


def test_blocks_say_the_same() -> None:
    point = vector_network(2, (12, 4, 2, 3), weighted=True)
    whole = checker.certify(**vector_arrays(point))
    parts = (point.X, point.Z, point.Y, point.weights)
    blocks = [tuple(a[i : i + 5] for a in parts) for i in range(0, 12, 5)]
    streamed = checker.certify(blocks, W=point.W, V=point.V, loss="softmax")
    for name in ("F", "F_at_zero", "gradient", "gradient_W", "gradient_V"):
        x, y = getattr(whole, name), getattr(streamed, name)
        assert abs(Fraction(x.value) - Fraction(y.value)) <= Fraction(x.radius) + Fraction(y.radius)
    assert streamed.n == 12


def test_rank_is_decided() -> None:
    """Rows 2^-40 apart are independent, though λ_min of their float Gram matrix says nothing."""
    given = vector_arrays(vector_network(3, (9, 3, 2, 2)))
    near = np.array([[1.0, 0.0, 1.0], [1.0, 2.0**-40, 1.0]])
    found = checker.certify(**given | {"W": near})
    assert found.rank == 2
    with working_precision(BITS):
        W = Ball.constant(near)
        exact = sqrt(checker_lambda_min(W @ W.T)).item
    assert 0 < found.sigma_min.lower
    assert arb(found.sigma_min.lower) <= exact <= arb(found.sigma_min.upper)
    assert isinstance(found.best.bounds[THEOREM], Enclosed)


def checker_lambda_min(matrix: Any) -> Any:
    """The lesser root of the characteristic polynomial of a 2 x 2 matrix."""
    (a, b), (_, c) = ([matrix[i][j] for j in range(2)] for i in range(2))
    return (a + c - sqrt(sq(a - c) + 4 * sq(b))) / 2


def test_dependent_rows_have_no_bound_but_a_verdict() -> None:
    given = vector_arrays(vector_network(4, (20, 3, 2, 2)))
    found = checker.certify(**given | {"W": np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0]])})
    assert (found.rank, found.sigma_min) == (1, Enclosed(0.0, 0.0, "exact"))
    assert found.best.bounds[THEOREM] == "it needs W of full row rank, and its rank is 1, not 2"
    assert isinstance(found.best.bounds[LEMMA], Enclosed)
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert "Kawaguchi" in found.why


def test_a_worse_critical_point_where_no_theorem_applies_is_told_by_its_curvature() -> None:
    """Rank W = d < K, the gradient is 0, but λ_min < 0 is proved."""
    found = checker.certify(**DEGENERATE)
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert found.why == "λ_min(∇²F_θ) < 0"
    assert found.gradient.lower <= 0
    _encloses(found.F, Fraction(2))
    assert abs(found.best.F_lin.value - 1.25) <= 1e-9


def test_a_gradient_decides_where_no_theorem_applies() -> None:
    found = checker.certify(**DEGENERATE | {"V": np.array([[3.0]])})
    assert found.verdict is Verdict.NOT_A_MINIMUM
    assert found.why == "the gradient is not 0"


def test_the_lower_point_is_lower() -> None:
    point = vector_network(6, (30, 4, 3, 3))
    found = checker.certify(**vector_arrays(point))
    assert found.escape is not None
    moved = vector_network(6, (30, 4, 3, 3))
    object.__setattr__(moved, "W", found.escape.w)
    object.__setattr__(moved, "V", found.escape.V)
    with working_precision(BITS):
        after = vector_balls(moved, found.W_star).F.item
        assert holds(found.escape.F_after, after)
        assert after < arb(found.F.lower)


def test_no_lower_point_at_a_minimum() -> None:
    """F is least at W = 1, and every direction goes up."""
    X, Z, Y = np.ones((2, 1)), np.ones((2, 1)), np.array([[0.0], [2.0]])
    W, V = np.ones((1, 1)), np.zeros((1, 1))
    source = open_source(X, Z, Y, None, (1, 1), vector_loss_named("squared"), 1)
    at = vector_moments(source, W, V)
    assert vector_escape(source, at.F, at, Network(W, V), np.array([[3.0]])) is None


def test_balls_settle_equality() -> None:
    """F = 0 exactly, on integers: no predictor is better, and float bounds leave that open."""
    rng = np.random.default_rng(0)
    X, Z, W = (rng.integers(-3, 4, shape).astype(float) for shape in ((10, 3), (10, 2), (2, 3)))
    given = {"X": X, "Z": Z, "y": X @ W.T, "W": W, "V": np.zeros((3, 2)), "loss": "squared"}
    found = checker.certify(**given, against={"itself": W})
    assert found.verdict is Verdict.NO_WORSE
    assert found.best.gap.upper <= 0
    assert found.best.gap.guarantee != "float-bound"


def test_features_not_given_prove_nothing() -> None:
    found = checker.certify(**vector_arrays(vector_network(8)), features_given=False)
    assert {found.F.guarantee, found.sigma_min.guarantee} == {"unproved"}
    assert "(unproved)" in found.sentence


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w": np.ones(4)}, "both w and W"),
        ({"W": np.ones((4, 3))}, "Pass W.T"),
        ({"W": np.ones(4)}, "pass w of shape"),
        ({"W": np.full((3, 4), np.inf)}, "W has entries that are not finite"),
        ({"V": None}, "V is missing"),
        ({"y": np.zeros(12)}, "one-hot"),
        ({"y": np.zeros((3, 12))}, "may be transposed"),
        ({"y": np.zeros((12, 2))}, "expected (12, 3)"),
        ({"y": np.full((12, 3), 2.0)}, "Y[0, 0] = 2.0 is outside the domain of the loss softmax"),
        ({"loss": "logistic", "y": np.zeros((12, 3))}, "Labels 0 and 1: use 'softmax'"),
        ({"loss": "hinge"}, "not twice differentiable"),
        ({"loss": "nonsense"}, "softmax, radial, or as a sum"),
        ({"loss": None}, "no loss"),
        ({"weights": np.zeros(12)}, "all weights are 0"),
        ({"against": {"u": np.ones(4)}}, "it needs shape (3, 4)"),
    ],
)
def test_bad_input(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as raised:
        checker.certify(**vector_arrays(vector_network(0)) | change)
    assert message in str(raised.value)


def test_a_loss_of_several_outputs_needs_W() -> None:
    point = vector_network(0)
    given = arrays(network(0))
    with pytest.raises(InputError, match="Pass W, not w"):
        checker.certify(**given | {"loss": point.loss})


def test_a_predictor_whose_norm_is_beyond_float64_is_compared() -> None:
    """An affine loss has no best predictor: what is found for tiny inputs is huge."""
    rng = np.random.default_rng(0)
    X, Z, V, W, y = (rng.standard_normal(s) for s in ((2, 2), (2, 1), (2, 1), (2, 2), (2, 2)))
    loss = vector_loss_named("affine")
    found = checker.certify(1e-150 * X, Z, y, V=V, W=W, loss=loss)
    assert np.isfinite(found.best.ball)
    assert found.best.ball >= np.abs(found.best.u).max()
