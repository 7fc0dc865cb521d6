"""False neighbours are false: each has an explicit small counterexample, and it violates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim
from checker.instances.fields import single
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.residual_unit.one_output import Point
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.neighbours import assumptions, constants, curvature, gradient, network
from properties.shamir2018.neighbours import open as mutants_neighbours


def _claims(*modules: Any) -> dict[str, Claim]:
    found = (c for module in modules for c in vars(module).values() if isinstance(c, Claim))
    return {c.id.removeprefix("shamir2018."): c for c in found}


THEOREMS = _claims(shamir2018)
MUTANTS = _claims(assumptions, constants, curvature, gradient, network)
NEIGHBOURS = _claims(mutants_neighbours)


def point(x: Any, f: Any, y: Any, w: Any, V: Any, w_star: Any, loss: str, **further: Any) -> Point:
    """A point from nested lists; numbers are vectors of one entry, or a matrix of one."""
    d = np.size(w)
    arrays = {"w": np.reshape(w, d), "w_star": np.reshape(w_star, d), "y": np.ravel(y)}
    n = arrays["y"].size
    arrays |= {"X": np.reshape(x, (n, d)), "Z": np.reshape(f, (n, -1)), "V": np.reshape(V, (d, -1))}
    floats = {name: np.array(a, dtype=float) for name, a in arrays.items()}
    return Point(**floats, loss=loss_named(loss), **further)


def affine(x: Any, f: Any, w: Any, V: Any, w_star: Any) -> Point:
    """One data point and the loss p."""
    return point([x], [f], 1, w, V, w_star, "affine")


ONES = [[1, 1], [1, 1]]
FLAT = affine(x=2, f=0, w=1, V=0, w_star=-1)
EQUAL = affine(x=3, f=-1, w=1, V=1, w_star=-1)
LARGE_V = affine(x=66, f=-8, w=1, V=8, w_star=-1)
LARGE_W_STAR = affine(x=35, f=-8, w=1, V=4, w_star=-2)
RANK_ONE = affine(x=[4, 4], f=[-1, -1], w=[1, 1], V=ONES, w_star=[-1, -1])
NO_V = point(1, 1, 1, 0.01, -1, 1, "squared")
FAR = point(1, 0, 0, 6, 0, 0, "geman_mcclure")

EQUAL_AT_0 = affine(x=-2, f=1, w=0, V=1, w_star=1)
LONG_W_STAR = affine(x=-2, f=1, w=0, V=1, w_star=2)
RANK_ONE_AT_0 = affine(x=[-4, -4], f=[2, 2], w=[0, 0], V=ONES, w_star=[1, 1])


def curved(w_star: float) -> Point:
    return point([1, 0], [-1, 3], [-0.2, 0], 0, 1, w_star, "squared")


CURVED, HARDLY_LINEAR = curved(-0.2), curved(-(2.0**-23))

COUNTEREXAMPLES: dict[str, Point] = {
    "lemma1.no_inverse_norm": affine(x=3, f=-1, w=0.5, V=1, w_star=-1),
    "lemma1.inverse_norm_not_squared": affine(x=3, f=-1, w=0.5, V=1, w_star=-1),
    "lemma1.no_V_block": EQUAL,
    "lemma1.V_block_subtracted": EQUAL,
    "lemma1.w_plus_w_star": EQUAL,
    "lemma1.w_and_w_star_exchanged_in_V_block": affine([1, 0], 1, [1, 0], [0, 1], [0, 1]),
    "lemma1.gradient_at_w_star": point(1, 0, 0, 1, 0, 0, "squared"),
    "lemma1.no_convexity": FAR,
    "lemma1.wrong_subgradient": point(1, 0, 1, 1, 0, 0, "hinge_wrong_slope"),
    "theorem1.constant_1.9": FLAT,
    "theorem1.young_below": affine(x=3, f=0, w=2, V=0, w_star=-1),
    "theorem1.no_V_term": NO_V,
    "theorem1.no_w_term": EQUAL,
    "theorem1.no_w_star_term": EQUAL,
    "theorem1.V_not_divided_by_w": affine(x=4.5, f=-4, w=0.25, V=1, w_star=-0.25),
    "theorem1.w_and_w_star_exchanged": LARGE_W_STAR,
    "theorem1.V_largest_entry": RANK_ONE,
    "theorem1.V_root_mean_square": RANK_ONE,
    "theorem1.V_least_singular_value": RANK_ONE,
    "theorem1.larger_block_of_gradient": EQUAL,
    "theorem1.largest_entry_of_gradient": EQUAL,
    "theorem1.gradient_in_w_only": NO_V,
    "theorem1.gradient_in_V_only": EQUAL,
    "theorem1.no_skip_connection": point(1, 0, 1, 1, 0, 1, "squared"),
    "theorem1.saturating_last_layer": point(1, 20, 1, 1, -1, 1, "squared"),
    "theorem1.comparator_on_one_sample": point([1, 1], [0, 0], [1, -1], 0.125, 0, 1, "squared"),
    "theorem1.comparator_with_other_weights": point(
        [1, 1, 1], [0] * 3, [1, -1, 0], 0.125, 0, 0, "squared", weights=np.array([0.5, 0.5, 0])
    ),
    "theorem1.no_convexity": FAR,
    "theorem1.limit_at_w_zero": point(1, 1, 1, 0, -1, 1, "squared"),
    "theorem1_sharp.constant_0.99": FLAT,
    "theorem1_sharp.no_V_term": EQUAL,
    "theorem1_sharp.w_in_V_term": LARGE_W_STAR,
    "theorem1_sharp.w_plus_w_star": EQUAL,
    "theorem1_sharp.orthogonal_difference": EQUAL,
    "theorem1_sharp.features_forgotten": point(1, 1, 1, 1, -1, 1, "squared"),
    "theorem1_sharp.no_convexity": FAR,
    "theorem2_eigenvalue.below_minus_b": point(0, 1, 1, 0, 1, 0, "squared"),
    "theorem2_eigenvalue.below_minus_millionth_of_b": point(0, 1, 2**-10, 0, 1024, 0, "squared"),
    "theorem2_eigenvalue.below_minus_millionth": point(1, 0, 0, 0, 0, 0, "squared"),
    "theorem2_eigenvalue.of_block_in_w": point(1, 0, 0, 0, 0, 0, "squared"),
    "theorem2_eigenvalue.formula_with_norm_of_block": point(
        [[3, 0], [0, 0.125], [0, 0]], [0, 0, 1], [0, 0, 3], [0, 0], [0, 0], [0, 0], "squared"
    ),
    "theorem2_eigenvalue.at_any_w": point([1, 0], [0, 1], [1, 1], 1, 1, 0, "squared"),
    "theorem2.no_squared_eigenvalue": EQUAL_AT_0,
    "theorem2.no_curvature_product": CURVED,
    "theorem2.no_V_term": EQUAL_AT_0,
    "theorem2.no_gradient_term": EQUAL_AT_0,
    "theorem2.without_w_star_norm": LONG_W_STAR,
    "theorem2.eigenvalue_of_block": EQUAL_AT_0,
    "theorem2.V_largest_entry": RANK_ONE_AT_0,
    "theorem2.V_root_mean_square": RANK_ONE_AT_0,
    "theorem2.V_least_singular_value": RANK_ONE_AT_0,
    "theorem2.largest_entry_of_gradient": affine([-1, -1], 0, [0, 0], [0, 0], [1, 1]),
    "theorem2.no_convexity": point(1, 0, 0, 0, 0, 1, "double_well"),
    "theorem2.at_any_w": point(1, 0, 0, 1, 0, 0, "squared"),
    "theorem2_sharp.without_w_star_norm": LONG_W_STAR,
    "theorem2_sharp.no_curvature_product": CURVED,
    "theorem2_sharp.gradient_towards_w_star": EQUAL_AT_0,
}

# Mutants that only lower a constant, by the constant: where it is needed in full.
LOWERED = {
    "lemma1.lower": FLAT,
    "theorem1.a_lower": FLAT,
    "theorem1.b_lower": FLAT,
    "theorem1.c_lower": LARGE_V,
    "theorem1_sharp.lower": FLAT,
    "theorem2.c1_lower": HARDLY_LINEAR,
    "theorem2.c2_lower": EQUAL_AT_0,
    "theorem2_sharp.lower": EQUAL_AT_0,
}


def _counterexample(name: str) -> Point:
    return COUNTEREXAMPLES.get(name) or LOWERED[name.partition("_by_")[0]]


def test_there_are_no_counterexamples_to_unknown_mutants() -> None:
    assert set(COUNTEREXAMPLES) <= set(MUTANTS)
    assert {name.partition("_by_")[0] for name in MUTANTS} >= set(LOWERED)


@pytest.mark.parametrize("name", MUTANTS)
def test_explicit_counterexample_violates_the_mutant(name: str) -> None:
    claim, instance = MUTANTS[name], _counterexample(name)
    assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED


@pytest.mark.parametrize("name", MUTANTS)
def test_explicit_counterexample_meets_the_assumptions(name: str) -> None:
    claim, instance = MUTANTS[name], _counterexample(name)
    assert all(bool(np.all(a.holds(instance))) for a in claim.assuming)
    batch = single(instance, "").instances
    assert all(bool(np.all(a.holds(batch))) for a in claim.assuming)


@pytest.mark.parametrize("name", MUTANTS)
def test_theorem_holds_at_the_counterexample_if_it_applies(name: str) -> None:
    instance = _counterexample(name)
    theorem = THEOREMS[name.partition(".")[0]]
    if not theorem.census and all(bool(np.all(a.holds(instance))) for a in theorem.assuming):
        assert decide_case(theorem, instance).decision in (Decision.HOLDS, Decision.EQUAL)


def test_mutants_and_neighbours_say_why_and_of_what() -> None:
    for name, claim in {**MUTANTS, **NEIGHBOURS}.items():
        assert claim.why
        assert claim.of == THEOREMS[name.partition(".")[0]].id


def test_only_mutants_are_known_to_be_false() -> None:
    assert all(c.must_be_refuted for c in MUTANTS.values())
    assert {c.kind for c in NEIGHBOURS.values()} == {"neighbour"}
    assert not set(MUTANTS) & set(NEIGHBOURS)
