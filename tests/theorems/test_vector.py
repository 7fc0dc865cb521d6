"""Several outputs: the theorems stand, and every false neighbour falls by an explicit instance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.ball import Ball
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.exact import Exact
from checker.claims.claim import Claim
from checker.instances.draws import draw_many
from checker.instances.fields import FloatArray, map_arrays, numbers_of, single
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.losses.coupled import LINEAR, SQUARED, Separable
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.testing import Checker
from properties.shamir2018 import vector as shamir2018_vector
from properties.shamir2018.neighbours import vector as mutants_vector
from strategies.residual_unit.strata.changes import unchanged
from strategies.residual_unit.strata.several import (
    MORE_OUTPUTS,
    RANK_DEFICIENT,
    VECTOR_KINKS,
    VECTOR_STRATA,
)
from strategies.residual_unit.strata.stratum import Stratum
from strategies.residual_unit.structures import vector_structures
from strategies.residual_unit.vector_points import (
    vector_losses,
    vector_points,
    vector_points_without,
)

PREFIX = "shamir2018.appendix_b_"


def _claims(module: Any) -> dict[str, Claim]:
    """Those about points; `curvature` is about matrices."""
    found = [c for c in vars(module).values() if isinstance(c, Claim)]
    own = [c for c in found if not c.id.startswith(f"{PREFIX}curvature")]
    return {c.id.removeprefix(PREFIX): c for c in own}


THEOREMS = _claims(shamir2018_vector)
MUTANTS = {name: c for name, c in _claims(mutants_vector).items() if c.must_be_refuted}


def linear(W: Any, V: Any, W_star: Any) -> VectorPoint:
    """The data and linear loss for which ∇F = G: the sharp form is an equality there.

    B = (W Wᵀ)⁻¹ W* V, A = W - W* - B Vᵀ, and sample k has x = A_k, f = B_k, label K e_k.
    """
    W, V, W_star = (np.atleast_2d(np.array(a, dtype=float)) for a in (W, V, W_star))
    B = np.linalg.solve(W @ W.T, W_star @ V)
    K = len(W)
    A = W - W_star - B @ V.T
    return VectorPoint(X=A, Y=K * np.eye(K), Z=B, W=W, V=V, W_star=W_star, loss=LINEAR)


def one(x: Any, f: Any, y: Any, W: Any, V: Any, W_star: Any, loss: str) -> VectorPoint:
    """One sample."""
    arrays = {"X": x, "Z": f, "Y": y, "W": W, "V": V, "W_star": W_star}
    floats = {n: np.atleast_2d(np.array(a, dtype=float)) for n, a in arrays.items()}
    return VectorPoint(**floats, loss=Separable(loss_named(loss)))


I2 = np.eye(2)
FLAT, STEEP, UNIT = linear(1, 0, -1), linear(1, 8, -1), linear(1, 1, -1)
FLAT_2 = linear(I2, 0 * I2, -I2)
SMALL = linear(0.25, 1, -0.25)
NEAR_0 = one(1, 1, 1, 0.01, -1, 1, "squared")
FAR = one(1, 0, 0, 6, 0, 0, "geman_mcclure")

COUNTEREXAMPLES = {
    "lemma1.no_convexity": FAR,
    "theorem1.no_convexity": FAR,
    "theorem1_sharp.no_convexity": FAR,
    "theorem1.least_nonzero_singular_value": one(
        1, 1, [0, 1], [[1], [0]], -1, [[0], [1]], "squared"
    ),
    "theorem1.sigma_max": linear(np.diag([8, 1]), [[0], [8]], np.diag([0, -8])),
    "theorem1.frobenius_for_sigma_min": linear(I2, 8 * I2, -I2),
    "theorem1.spectral_norm_of_W": FLAT_2,
    "theorem1.spectral_norm_of_W_star": FLAT_2,
    "theorem1.no_V_term": NEAR_0,
    "theorem1.V_not_divided": SMALL,
    "theorem1.gradient_in_W_only": NEAR_0,
    "lemma1.transpose_for_inverse": one(3, -1, 1, 0.5, 1, -1, "affine"),
    "lemma1.inverse_of_norm": linear(I2, I2, -I2),
    "lemma1.no_V_block": UNIT,
    "theorem1_sharp.transpose_for_inverse": SMALL,
    "theorem1_sharp.spectral_norms": FLAT_2,
    "theorem1_sharp.no_V_term": UNIT,
    "theorem1.a_lower_by_5_percent": FLAT,
    "theorem1.a_lower_by_1e-6": FLAT,
    "theorem1.b_lower_by_5_percent": FLAT,
    "theorem1.b_lower_by_1e-6": FLAT,
    "theorem1.c_lower_by_5_percent": STEEP,
    "theorem1.c_lower_by_1e-6": STEEP,
    "lemma1.lower_by_1e-6": FLAT,
    "theorem1_sharp.lower_by_1e-6": FLAT,
    "any_rank.no_convexity": FAR,
    "any_rank.no_V_term": UNIT,
    "any_rank.gradient_of_linear": linear(1, 1, 0.5),
    "any_rank.lower_by_5_percent": FLAT,
    "any_rank.lower_by_half_percent": FLAT,
    "any_rank.lower_by_1e-6": FLAT,
}


def test_theorems_stand(check_claim: Checker, in_brief: Callable[[Claim], Claim]) -> None:
    for evidence in check_claim(*map(in_brief, THEOREMS.values()), cases=1000, seed=1):
        assert evidence.tally.oracle_checks > 50
        assert evidence.tally.tightest is not None
        assert evidence.tally.tightest.result.decision is Decision.EQUAL


@pytest.mark.parametrize("v", [0, 1, 3])
def test_equality_is_attained_with_several_outputs(v: int) -> None:
    """W = I, W* = -I, V = vI: the gradient and the bound are √(8 + 2v²)."""
    point, claim = linear(I2, v * I2, -I2), shamir2018_vector.vector_gradient_bound
    result = decide_case(claim, point)
    assert (result.decision, result.guarantee) == (Decision.EQUAL, "exact")
    size = claim(map_arrays(point, Exact.constant)).lhs.item
    assert size.ratio**2 * size.radicand == 8 + 2 * v**2


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("claim", THEOREMS.values(), ids=lambda c: c.id)
def test_theorem_holds_on_small_dyadics(claim: Claim, data: Any) -> None:
    instance = data.draw(claim.domain.instances)
    if all(bool(a.holds(instance)) for a in claim.assuming):
        assert decide_case(claim, instance).decision is not Decision.VIOLATED


def test_every_mutant_has_a_counterexample() -> None:
    assert set(COUNTEREXAMPLES) == set(MUTANTS)


@pytest.mark.parametrize("name", MUTANTS)
def test_explicit_counterexample_violates_the_mutant_only(name: str) -> None:
    claim, instance = MUTANTS[name], COUNTEREXAMPLES[name]
    assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED
    batch = single(instance, "").instances
    assert all(bool(np.all(a.holds(x))) for a in claim.assuming for x in (instance, batch))
    theorem = THEOREMS[name.partition(".")[0]]
    if all(bool(np.all(a.holds(instance))) for a in theorem.assuming):
        assert decide_case(theorem, instance).decision in (Decision.HOLDS, Decision.EQUAL)


# Those that only several outputs refute; the others fall like their scalar namesakes.
GENUINE = ("theorem1.least_nonzero_singular_value", "theorem1_sharp.spectral_norms")


@pytest.mark.parametrize("name", GENUINE)
def test_search_refutes_what_only_several_outputs_refute(name: str, check_claim: Checker) -> None:
    evidence = check_claim(MUTANTS[name], cases=20_000, seed=1)
    assert evidence.counterexample is not None
    assert len(evidence.counterexample.instance.W) >= 2


# -- what the domain promises -------------------------------------------------------------------


EVERY = (*VECTOR_STRATA, *RANK_DEFICIENT, MORE_OUTPUTS, *VECTOR_KINKS)


@pytest.mark.parametrize("stratum", EVERY, ids=lambda s: s.name)
def test_every_case_lies_in_its_stratum(stratum: Stratum) -> None:
    for structure in draw_many(vector_structures(stratum, vector_losses()), 8, 3):
        batch = structure.batch(np.random.default_rng(5), 7)
        assert np.all(stratum.holds(batch.instances))
        assert batch.stratum == stratum.name
        assert structure.K <= structure.d or stratum is MORE_OUTPUTS
        assert all(np.isfinite(a).all() for a in numbers_of(batch.instances).values())
        case = batch.case(3)
        VectorPoint(**{f: getattr(case, f) for f in VectorPoint.__dataclass_fields__})


def test_full_row_rank_is_met_but_for_the_domain_without_it() -> None:
    rank = shamir2018_vector.full_row_rank
    for domain, expected in ((vector_points(), 0.9), (vector_points_without("full_row_rank"), 0)):
        met = []
        for strategy in domain.strata.values():
            structure = draw_many(strategy, 3, 1)[-1]
            at = structure.batch(np.random.default_rng(0), 20).instances
            met.append(np.mean(rank.holds(at)))
        assert (np.mean(met) > expected) if expected else not any(met)


@pytest.mark.parametrize("name", ["W = -W*", "equal labels", "zero features"])
def test_a_stratum_whose_cases_lie_elsewhere_is_not_hit(name: str) -> None:
    stratum = next(s for s in VECTOR_STRATA if s.name == name)
    broken = replace(stratum, change=unchanged)
    structure = draw_many(vector_structures(broken, st.just(SQUARED)), 5, 3)[-1]
    free = replace(structure, network="free")
    assert free.batch(np.random.default_rng(5), 7).stratum == f"outside {name}"


# -- second derivatives at W = 0 ------------------------------------------------------------------


def test_the_hessian_at_zero_is_that_of_a_network() -> None:
    """Against differences of F(W, V) with losses (cᵀp)²/2 + sᵀp, at W = 0."""
    rng = np.random.default_rng(0)
    X, Z, V = (rng.standard_normal(shape) for shape in ((3, 2), (3, 2), (2, 2)))
    c, s = rng.standard_normal((3, 2)), rng.standard_normal((3, 2))

    def F(at: FloatArray) -> float:
        W, step = at[:4].reshape(2, 2), at[4:].reshape(2, 2)
        p = (X + Z @ (V + step).T) @ W.T
        return float(((c * p).sum(axis=1) ** 2 / 2 + (s * p).sum(axis=1)).sum())

    at = shamir2018_vector.AtZero(h=X + Z @ V.T, c=c, B=s.T @ Z)
    (found,) = map_arrays(at, Ball.constant).hessian.floats()
    own = np.asarray(found, dtype=float).reshape(8, 8)
    # Of a step along two coordinates F has no odd terms that these differences keep.
    e = np.eye(8)
    crossed = [[(F(a + b) - F(a - b) - F(b - a) + F(-a - b)) / 4 for b in e] for a in e]
    assert np.allclose(own, crossed, atol=1e-12)


def test_what_the_least_eigenvalue_bounds() -> None:
    """No curvature: λ = -||B||. With it the bound is not attained, and c = 1.01 too large at 0."""
    zero, B = np.zeros((1, 2)), np.diag([3.0, 1.0])
    flat = shamir2018_vector.AtZero(h=zero, c=zero, B=B)
    claim = shamir2018_vector.curvature_of_several_outputs
    assert decide_case(claim, flat).decision in (Decision.EQUAL, Decision.TIGHT)
    assert decide_case(mutants_vector.curvature_more, flat).decision is Decision.VIOLATED
    assert decide_case(mutants_vector.curvature_by_frobenius, flat).decision is Decision.VIOLATED
    curved = shamir2018_vector.AtZero(h=np.array([[1.0, 0.0]]), c=np.array([[1.0, 1.0]]), B=B)
    assert decide_case(claim, curved).decision is Decision.HOLDS
