"""Sections 1 and 2, Definition 1, the proof of Lemma 1 and the remark after Theorem 3."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.exact import Exact
from checker.arithmetic.inequality import Inequality, equality
from checker.claims.claim import Claim
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays, single, with_fields
from checker.landscape.losses.catalogue import LOSSES, loss_named
from checker.landscape.residual_unit.dormant import DormantUnit
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.paired import PairedPoint, SaddlePoint
from checker.landscape.residual_unit.predictions import Predictions
from checker.testing import Checker
from properties.shamir2018 import definition1 as shamir2018_definition1
from properties.shamir2018 import growth as shamir2018_growth
from properties.shamir2018 import proof as shamir2018_proof
from properties.shamir2018 import setting as shamir2018_setting
from properties.shamir2018 import spurious as shamir2018_spurious
from strategies.residual_unit.factors import Factors
from strategies.residual_unit.second_order import paired_minima

MODULES = (
    shamir2018_setting,
    shamir2018_spurious,
    shamir2018_definition1,
    shamir2018_proof,
    shamir2018_growth,
)
OWN = [
    c
    for module in MODULES
    for c in vars(module).values()
    if isinstance(c, Claim)
    and c.formula.__module__ in (module.__name__, "checker.claims.neighbours")
]
THEOREMS = {c.id: c for c in OWN if not c.must_be_refuted}
MUTANTS = {c.id.removeprefix("shamir2018."): c for c in OWN if c.must_be_refuted}


def _array(x: Any, *shape: int) -> Any:
    return np.array(x, dtype=float).reshape(shape)


def point(x: float, f: float, y: float, w: float, V: float, w_star: float, loss: str) -> Point:
    """One sample, one input, one feature."""
    return Point(
        X=_array(x, 1, 1),
        Z=_array(f, 1, 1),
        y=_array(y, 1),
        w=_array(w, 1),
        V=_array(V, 1, 1),
        w_star=_array(w_star, 1),
        loss=loss_named(loss),
    )


def dormant(
    x: Any, y: Any, g: Any, w: float, V: float, theta: float, loss: str = "squared"
) -> DormantUnit:
    """One input, one feature, the threshold 5."""
    k = np.size(x)
    return DormantUnit(
        X=_array(x, k, 1),
        y=_array(y, k),
        G=_array(g, k, 1),
        w=_array(w, 1),
        V=_array(V, 1, 1),
        theta=np.array(theta),
        c=np.array(5.0),
        loss=loss_named(loss),
    )


def paired(
    x: float, f: float, r: float, w: float, V: float, loss: str, made: Any = PairedPoint
) -> Any:
    arrays = {"X": _array(x, 1, 1), "Z": _array(f, 1, 1), "r": _array(r, 1)}
    return made(**arrays, w=_array(w, 1), V=_array(V, 1, 1), loss=loss_named(loss))


def predictions(p: float, q: float, y: float, loss: str) -> Predictions:
    return Predictions(np.array(p), np.array(q), np.array(y), loss_named(loss))


def factors(s: float, **large: float) -> Factors:
    values = {"b": 1.0, "r": 1.0, "mu0": 1.0, "mu1": 1.0, "mu2": 1.0, **large, "s": s}
    return Factors(**{name: np.array(x) for name, x in values.items()})


SIMPLEST: Any = ([0, 1], [0, 1], [0, 1])

# Pairs of instances are on either side of an identity.
COUNTEREXAMPLES: dict[str, tuple[Any, ...]] = {
    "section1_expressivity.any_V": (
        point(1, 1, 1, 1, 1, 0, "squared"),
        point(1, 1, 2, 1, 1, 0, "squared"),
    ),
    "section1_expressivity.no_skip_connection": (
        point(1, 0, 1, 1, 0, 0, "squared"),
        point(1, 0, 0, 1, 0, 0, "squared"),
    ),
    "section2_linear_convex.of_the_network": (point(1, 1, 2, 1, 1, -1, "squared"),),
    "section2_linear_convex.strongly": (point(1, 0, 1, 1, 0, 0, "affine"),),
    "section2_linear_convex.no_convexity": (point(1, 0, 0, 1, 0, -1, "double_well"),),
    "section2_not_convex.convex": (point(1, 1, 1, 0.125, 0, 0, "squared"),),
    "section2_not_convex.gain_5_percent_more": (point(0, 1, 1, 1, 0, 0, "squared"),),
    "section2_not_convex.half_the_spread": (point(1, 1, 0, 1, 0, 0, "squared"),),
    "section2_not_convex.of_the_linear_predictor": (point(1, 1, 1, 0.125, 0, 0, "squared"),),
    "section2_local_minimum.twice_the_radius": (dormant(*SIMPLEST, 0.125, 8, 6),),
    "section2_local_minimum.without_mirror_images": (dormant(1, 1, 0, 1, 0, 0),),
    "section2_local_minimum.strict": (dormant(1, 1, 0, 1, 0, 0, "affine"),),
    "section2_local_minimum.no_convexity": (dormant(1, 0, 0, 0.5, 0, 0, "double_well"),),
    "section2_lower_point.gain_5_percent_more": (dormant(0, 1, 1, 1, 0, 6),),
    "section2_lower_point.half_the_spread": (dormant(1, 0, 1, 1, 0, 6),),
    "section2_lower_point.within_radius": (dormant(*SIMPLEST, 0.125, 0, 4),),
    "definition1.every_critical_point": (paired(1, 1, 1, 0, 0, "squared", SaddlePoint),),
    "definition1.one_of_each_pair": (paired(1, 0, 1, 1, 0, "squared"),),
    "definition1.positive_definite": (paired(1, 1, 1, 0, 0, "squared"),),
    "definition1.no_convexity": (paired(1, 0, 3, 1, 0, "geman_mcclure"),),
    "lemma1_split.w_in_the_first_term": (
        point(0, 1, 1, 1, 1, 2, "affine"),
        point(0, 1, -1, 1, 1, 2, "affine"),
    ),
    "lemma1_split.no_residual_part": (
        point(0, 1, 1, 2, 1, 1, "affine"),
        point(0, 1, -1, 2, 1, 1, "affine"),
    ),
    "lemma1_split.inverse_norm_not_squared": (
        point(0, 1, 1, 2, 1, 1, "affine"),
        point(0, 1, -1, 2, 1, 1, "affine"),
    ),
    "lemma1_prediction.comparator_with_features": (
        point(0, 1, 1, 1, 1, 1, "affine"),
        point(0, 1, -1, 1, 1, 1, "affine"),
    ),
    "lemma1_prediction.slope_at_the_comparator": (point(1, 0, 0, 1, 0, 0, "squared"),),
    "lemma1_subgradient.slope_at_q": (predictions(1, 0, 0, "squared"),),
    "lemma1_subgradient.half_the_slope": (predictions(1, 0, 1, "affine"),),
    "lemma1_subgradient.slope_lower_by_1e-6": (predictions(1, 0, 1, "affine"),),
    "lemma1_subgradient.no_convexity": (predictions(0, 99, 100, "geman_mcclure"),),
    "theorem3_linear.b_and_r_together": (factors(4),),
    "theorem3_linear.b_like_the_root": (factors(4, b=1e9),),
    "theorem3_linear.r_like_the_root": (factors(4, r=1e9),),
    "theorem3_linear.mu0_like_the_root": (factors(4, mu0=1e9),),
    "theorem3_linear.mu1_like_the_root": (factors(4, mu1=1e9),),
    "theorem3_linear.curvature_like_the_fourth_root": (factors(16, mu2=1e9),),
    "theorem3_linear.smaller_factors": (factors(0.5),),
    "theorem3_linear.slope_5_percent_lower": (factors(1.01),),
}


@pytest.mark.parametrize("name", THEOREMS)
def test_claims_stand(name: str, check_claim: Checker, in_brief: Callable[[Claim], Claim]) -> None:
    evidence = check_claim(in_brief(THEOREMS[name]), cases=160, seed=1)
    claim = evidence.claim
    assert evidence.tally.oracle_checks > 0 or not claim.oracles


# Every one has an explicit counterexample; the search finds one for each statement by day.
BY_DAY = {c.of: name for name, c in reversed(MUTANTS.items())}.values()


@pytest.mark.parametrize(
    "name", [n if n in BY_DAY else pytest.param(n, marks=pytest.mark.nightly) for n in MUTANTS]
)
def test_search_refutes_the_mutant(name: str, check_claim: Checker) -> None:
    assert check_claim(MUTANTS[name], seed=1).counterexample is not None


def test_every_theorem_has_mutants_and_every_mutant_a_counterexample() -> None:
    assert {c.of for c in MUTANTS.values()} == set(THEOREMS)
    assert set(COUNTEREXAMPLES) == set(MUTANTS)


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_explicit_counterexample_violates_the_mutant_only(name: str) -> None:
    claim, theorem = MUTANTS[name], THEOREMS[str(MUTANTS[name].of)]
    for instance in COUNTEREXAMPLES[name]:
        assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED
        batch = single(instance, "").instances
        assert all(bool(np.all(a.holds(x))) for a in claim.assuming for x in (instance, batch))
        if all(bool(np.all(a.holds(instance))) for a in theorem.assuming):
            decided = decide_case(theorem, instance).decision
            saddle = isinstance(instance, SaddlePoint)
            assert saddle or decided in (Decision.HOLDS, Decision.EQUAL)


# -- identities fail in both directions -----------------------------------------------------------


@pytest.mark.parametrize(("x", "y"), [(1.0, 1.5), (1.5, 1.0), (-1.0, 0.0), (0.0, -1.0)])
def test_equality_fails_whichever_side_is_greater(x: float, y: float) -> None:
    def slack(a: float, b: float) -> Any:
        return equality(Exact.constant(a), Exact.constant(b)).slack.item

    assert slack(x, y).sign < 0
    assert slack(x, x).sign == slack(y, y).sign == 0


@pytest.mark.parametrize("name", [n for n, found in COUNTEREXAMPLES.items() if len(found) == 2])
def test_counterexamples_to_identities_lie_on_both_sides(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shamir2018_proof, "equality", Inequality)
    signs = {_signed(name, map_arrays(x, Exact.constant)).sign for x in COUNTEREXAMPLES[name]}
    assert signs == {-1, 1}


def _signed(name: str, at: Any) -> Any:
    """Left side minus right side of a false identity."""
    if name == "section1_expressivity.any_V":
        return with_fields(at, w_star=at.w).gap.item
    if name == "section1_expressivity.no_skip_connection":
        return with_fields(at, w=0 * at.w, w_star=at.w).gap.item
    return MUTANTS[name](at).slack.item


# -- minima ---------------------------------------------------------------------------------------


def test_the_simplest_spurious_minimum() -> None:
    """F(0, 0, 0) = 1/4, and F = 1/256 at w = 1/8 beyond the radius: the infimum is 0."""
    at = map_arrays(dormant(*SIMPLEST, 0.125, 8, 6), Exact.constant)
    assert str(at.here.F_lin.item) == "1/4"
    assert str(at.here.F.item) == str(at.lower.F.item) == "1/256"


@pytest.mark.parametrize("stratum", paired_minima().strata)
def test_paired_points_are_minima(stratum: str) -> None:
    """No neighbour in (w, V), near or far, has a smaller value: exactly, or in balls."""
    rng = np.random.default_rng(0)
    for seed in range(4):
        structure: Any = draw_last(paired_minima().strata[stratum], seed)
        case = structure.batch(rng, 1).case(0)
        for step in (2.0**-20, 2.0**-3, 1.0, 8.0):
            moved_w = case.w + step * rng.integers(-3, 4, case.w.shape)
            moved_V = case.V + step * rng.integers(-3, 4, case.V.shape)

            def rise(at: Any, w: Any = moved_w, V: Any = moved_V) -> Any:
                here = at.point
                number = type(here.w)
                there = with_fields(here, w=number.constant(w), V=number.constant(V))
                return there.F >= here.F

            assert decide_case(rise, case).decision is not Decision.VIOLATED


def test_pairs_do_not_balance_for_every_loss() -> None:
    """Away from w = 0 the logistic loss wants a prediction of 0, and labels ±1."""
    (balanced, _) = shamir2018_definition1.minimum_is_stationary.assuming
    case = paired(1, 0, 1, 1, 0, "squared")
    assert balanced.holds(case)
    assert not balanced.holds(dataclasses.replace(case, loss=LOSSES["logistic"]))
    assert not balanced.holds(dataclasses.replace(case, loss=LOSSES["poisson"], w=0 * case.w))


@pytest.mark.parametrize("loss", LOSSES.values(), ids=str)
def test_losses_that_call_themselves_non_negative_are(loss: Any) -> None:
    rng = np.random.default_rng(5)
    labels = loss.labels.draw(rng, (40,))
    found = [
        decide_case(lambda at: at.loss.value(at.p, at.y) >= 0, predictions(p, 0, y, loss.kind))
        for p, y in zip(10 * rng.standard_normal(40), labels, strict=True)
    ]
    never = all(r.decision is not Decision.VIOLATED for r in found)
    assert never == loss.non_negative
