"""Corollary 1 at proved minima: it can fail, and does where one of its assumptions does."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.arithmetic.decide import Decision, decide_alone
from checker.claims.claim import Claim
from checker.claims.verdict import Verdict
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays, single, with_fields
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.minima.found import FoundMinimum
from checker.landscape.minima.near_points import repaired, with_constants
from checker.landscape.minima.proof import local_minimum
from checker.search.guided.hunt import Budget, hunt
from checker.search.verify import Plan, verify
from properties.kawaguchi2019 import neighbours as mutants_kawaguchi
from properties.kawaguchi2019.theorems import full_rank_found, rank_deficient_found
from properties.kawaguchi2019.theorems import no_bad_local_minimum as no_bad_vector_minimum
from properties.shamir2018.found import no_bad_local_minimum, theorem1_found, theorem2_found
from properties.shamir2018.neighbours import found as mutants_found
from properties.yun2019 import neighbours as mutants_yun
from strategies.minima.found_points import Minima
from strategies.networks import FREE

LOSS = {**LOSSES, **OUTSIDE_ASSUMPTION_1}


def minimum(X: Any, y: Any, Z: Any, w: Any, V: Any, w_star: Any, **further: Any) -> FoundMinimum:
    """One input and one feature, squared loss, μ = r = 1 unless stated otherwise."""
    column = {name: np.reshape(np.array(a, float), (-1, 1)) for name, a in (("X", X), ("Z", Z))}
    numbers = {"w": [w], "V": [[v] for v in [V]], "w_star": [w_star], "y": y}
    loss = LOSS[further.pop("loss", "squared")]
    constants = {"modulus": 1.0, "radius": 1.0, **further}
    arrays = {name: np.array(a, float) for name, a in numbers.items()}
    return FoundMinimum(**column, **arrays, loss=loss, **constants)


# By hand: small proved minima above the level of w*, one for each assumption of Corollary 1.
COUNTEREXAMPLES = {
    "convex_loss": minimum(
        *([0, 0], [0, -1], [1, -0.25], 3, 1.3125, 0),
        loss="one_minus_gaussian",
        modulus=2.0**-6,
        radius=0.25,
    ),
    "skip_connection": minimum([0, -1], [0, -1], [1, 1], -0.1875, 3, 1, skip=0.0, modulus=0.5),
    "no_regularisation": minimum(
        *([0, 1], [0, 2], [0, -2], -0.9375, 1.21875, 1),
        ridge=0.5,
        whole=True,
        modulus=0.5,
        radius=2.0**-6,
    ),
    "no_activation_after": minimum(
        *([0, 1, 2], [0, 0, -2], [1, 0, 0], -1.27734375, 0, -1),
        after="tanh",
        whole=True,
        modulus=0.25,
        radius=2.0**-12,
    ),
    "twice_differentiable_loss": minimum([1, 0], [1, 0], [0, 1], 0, 2, 1, loss="absolute"),
}


@pytest.mark.parametrize("dropped", COUNTEREXAMPLES)
def test_each_assumption_is_needed(dropped: str) -> None:
    """The claim's own formula, violated at a minimum that balls prove."""
    case = COUNTEREXAMPLES[dropped]
    unmet = [a.name for a in no_bad_local_minimum.assuming if not np.all(a.holds(case))]
    assert unmet == [dropped]
    # Oracles speak of points within the assumptions.
    assert decide_alone(no_bad_local_minimum, case).decision is Decision.EXCLUDED
    without = dataclasses.replace(no_bad_local_minimum, assuming=())
    assert decide_alone(without, case).decision is Decision.VIOLATED


def test_a_strict_minimum_of_a_loss_that_is_not_convex_is_a_violation() -> None:
    """1 - exp(-(p - y)²/2), labels 0, 0, 8, 8, 8 and the prediction 0, with a step away of 1e-13
    that lowers F by 1e-27: what counts is the minimum near by.
    """
    ones = [1.0] * 5
    point = minimum(ones, [0, 0, 8, 8, 8], ones, 1, -1, 8, loss="one_minus_gaussian")
    case = with_constants(point)
    assert local_minimum.holds(case)
    # Oracles speak of points within the assumptions.
    assert decide_alone(no_bad_local_minimum, case).decision is Decision.EXCLUDED
    without = dataclasses.replace(no_bad_local_minimum, assuming=())
    assert decide_alone(without, case).decision is Decision.VIOLATED


# -- controls ---------------------------------------------------------------------------------

MODULES = (mutants_found, mutants_kawaguchi, mutants_yun)
CONTROLS = {
    c.id: c
    for module in MODULES
    for c in vars(module).values()
    if isinstance(c, Claim)
    and c.must_be_refuted
    and (c.domain.found or (c.of or "").endswith((".corollary1", ".local_minima")))
}


def test_the_controls_of_the_corollaries_have_its_formula() -> None:
    theorems = (no_bad_local_minimum, no_bad_vector_minimum)
    for theorem in theorems:
        own = [c for c in CONTROLS.values() if c.of == theorem.id]
        assert len(own) >= 4
        assert all(c.formula.__code__ is theorem.formula.__code__ for c in own)


# Minimising deep networks takes half a minute until one falls.
SLOW = ("yun2019.theorem_along_found.no_convexity",)
# With seed 1 they take ten seconds each.
SOON_WITH_SEED_2 = (".ridge", ".no_convexity_double_well", ".no_convexity_cauchy")


@pytest.mark.parametrize(
    "name", [pytest.param(x, marks=pytest.mark.nightly) if x in SLOW else x for x in CONTROLS]
)
def test_found_points_refute_it(name: str) -> None:
    seed = 2 if name.endswith(SOON_WITH_SEED_2) else 1
    found = hunt(CONTROLS[name], (0, seed), Budget(400), reduce=False)
    assert found.violation is not None, (found.evaluations, found.seconds)
    case = found.violation.instance
    assert all(bool(np.all(a.holds(case))) for a in CONTROLS[name].assuming)


def test_a_counterexample_is_reduced_and_keeps_its_proof() -> None:
    control = CONTROLS["shamir2018.corollary1.no_skip_connection"]
    (evidence,) = verify(Plan((control,), seed=0))
    assert evidence.verdict is Verdict.REFUTED
    assert evidence.counterexample is not None
    case = evidence.counterexample.instance
    assert case.X.shape[0] <= 3
    assert case.V.shape == (1, 1)
    assert local_minimum.holds(case)


def test_the_reducer_follows_a_minimum_to_its_new_place() -> None:
    case = COUNTEREXAMPLES["skip_connection"]
    changed = with_fields(case, y=np.array([0.0, -1.5]))
    assert not local_minimum.holds(changed)
    moved = repaired(changed, case)
    assert local_minimum.holds(moved)
    assert not np.array_equal(moved.w, case.w) or not np.array_equal(moved.V, case.V)
    # A change of the parameters alone is kept.
    coarse = with_fields(case, w=np.array([-0.25]))
    assert repaired(coarse, case).w.tolist() == [-0.25]


# -- the theorems -----------------------------------------------------------------------------


def _of_strata(claim: Claim, count: int, first: int = 0) -> Claim:
    """The claim on some of its strata: every case costs a minimisation."""
    names = list(claim.domain.strata)[first : first + count]
    strata = {name: claim.domain.strata[name] for name in names}
    domain = dataclasses.replace(claim.domain, strata=strata, shipped={})
    return dataclasses.replace(claim, domain=domain)


ONE_OF_A_KIND = (no_bad_local_minimum, full_rank_found)
OTHERS = (theorem1_found, theorem2_found, no_bad_vector_minimum, rank_deficient_found)


@pytest.mark.parametrize(
    "claim",
    [*ONE_OF_A_KIND, *(pytest.param(c, marks=pytest.mark.nightly) for c in OTHERS)],
    ids=lambda c: c.id,
)
def test_it_stands_at_few_found_points(claim: Claim, nightly: bool) -> None:
    cases = 40 if nightly else 20
    asked = claim if nightly else _of_strata(claim, 2, len(claim.domain.strata) // 3)
    (evidence,) = verify(Plan((asked,), cases=cases, seed=3))
    assert evidence.counterexample is None
    assert evidence.tally.cases >= cases
    assert set(evidence.tally.decisions) <= {"HOLDS", "EQUAL"}
    assert evidence.tally.nontrivial > 10


def test_points_outside_the_premise_are_counted_apart_with_the_reason() -> None:
    (evidence,) = verify(Plan((_of_strata(no_bad_local_minimum, 1),), cases=20, seed=1))
    tally = evidence.tally
    apart = sum(n for kind, n in tally.critical.items() if "local_minimum not met" in kind)
    assert apart == tally.excluded > 0


def test_the_result_does_not_depend_on_the_number_of_processes() -> None:
    claim = _of_strata(theorem2_found, 3)
    one, two = (verify(Plan((claim,), cases=16, seed=5, jobs=jobs)) for jobs in (1, 2))
    for first, second in zip(one, two, strict=True):
        assert first.tally.cases == second.tally.cases
        assert first.tally.critical == second.tally.critical
        assert first.tally.decisions == second.tally.decisions


def test_found_minima_are_minima_at_sampled_neighbours() -> None:
    """F at random neighbours, in balls, against the lower bound on the value of the minimum."""
    searches = Minima("gaussian inputs", 12, 2, 3, LOSSES["log_cosh"], FREE, "free features")
    batch = searches.batch(np.random.default_rng(0), 4)
    assert batch.size == 4
    rng = np.random.default_rng(1)
    for case in (batch.case(i) for i in range(batch.size)):
        assert local_minimum.holds(case)
        least = _bounds(case)[0]
        for size in 10.0 ** rng.uniform(-12, -1, 8):
            step_w, step_V = rng.standard_normal(case.w.shape), rng.standard_normal(case.V.shape)
            moved = with_fields(case, w=case.w + size * step_w, V=case.V + size * step_V)
            assert _bounds(moved)[1] >= least


def _bounds(case: Any) -> tuple[Any, Any]:
    """The bound on the value of the minimum, and F."""
    with working_precision(ORACLE_PRECISION):
        at: Any = map_arrays(case, Ball.constant)
        return (at.F.item - at.uncertainty.item).upper(), at.F.item.lower()


@pytest.mark.parametrize(
    "count", [pytest.param(99, id="all", marks=pytest.mark.nightly), pytest.param(2, id="few")]
)
def test_every_found_case_is_legal_and_replays(count: int) -> None:
    for claim in (no_bad_local_minimum, theorem2_found, no_bad_vector_minimum):
        for strategy in _of_strata(claim, count).domain.strata.values():
            structure: Any = draw_last(strategy, 1)
            batch = structure.batch(np.random.default_rng(2), 2)
            for index in range(batch.size):
                case = batch.case(index)
                again = type(case)(**{n: getattr(case, n) for n in case.__dataclass_fields__})
                assert again.is_valid()
                assert single(again, "").size == 1
