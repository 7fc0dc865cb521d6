"""Theorem 4: paths, recorded runs and experiments stand; false neighbours fall."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from scipy.stats import binom, binomtest

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.binomial import critical_failures
from checker.arithmetic.decide import Decision, decide_case
from checker.claims.claim import Claim
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays, numbers_of, single
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.sgd.experiment import most_failures
from checker.landscape.sgd.online import Box, Disc, Region, ShortPath
from checker.landscape.sgd.projected import ARBITRARY, AUTOGRAD
from checker.testing import Checker
from properties.shamir2018.neighbours import sgd as mutants_sgd
from properties.shamir2018.sgd import (
    excess_range,
    path_regret,
    path_regret_in_domain,
    run_regret,
    stochastic_descent,
)
from strategies.sgd.problems import experiments

PREFIX = "shamir2018.theorem4"
BY_AUTOGRAD, BY_VECTORS = (f"θ moved by {how}" for how in (AUTOGRAD, ARBITRARY))


def _mutants() -> dict[str, Claim]:
    found = (c for c in vars(mutants_sgd).values() if isinstance(c, Claim))
    return {c.id.removeprefix(PREFIX).lstrip("_."): c for c in found if c.must_be_refuted}


MUTANTS = _mutants()
POOLED = "no_distance_term_from_either_end"
STATISTICAL = [n for n, c in MUTANTS.items() if c.of == stochastic_descent.id and n != POOLED]


def path(
    X: Any,
    y: Any,
    w: Any,
    w_star: Any,
    loss: str = "affine",
    radius: float = 1.0,
    step: float = 1.0,
    region: Region = Box(),  # noqa: B008
    c: float = 2.0,
) -> ShortPath:
    """A path of scalars without features."""
    X = np.array(X, dtype=float).reshape(-1, 1)
    return ShortPath(
        X=X,
        F=np.zeros_like(X),
        y=np.array(y, dtype=float).ravel(),
        w=np.array([w], dtype=float),
        v=np.zeros(1),
        w_star=np.array([w_star], dtype=float),
        radius=np.array(radius),
        step=np.array(step),
        c=np.array(c),
        region=region,
        loss=loss_named(loss),
    )


ACROSS = path(1, 1, w=1, w_star=-1, step=2)
ACROSS_DISC = path(1, 1, w=1, w_star=-1, step=2, region=Disc())
IN_FOUR_STEPS = path([1] * 4, [1] * 4, w=1, w_star=-1, step=0.5, region=Disc(), c=1)
FITS_IN_TURN = path([1, 1], [-1, 1], w=1, w_star=-1, loss="squared", region=Disc())
FAR_LABELS = path([1, 1], [-4096, 4096], w=1, w_star=-1, loss="pseudo_huber", region=Disc())
THEOREMS = {"regret": path_regret, "path": path_regret_in_domain, "range": excess_range}
COUNTEREXAMPLES = {
    "regret.no_gradient_term": ACROSS,
    "regret.no_distance_term": ACROSS,
    "regret.a_lower_by_1e-6": ACROSS,
    "regret.c_lower_by_1e-6": ACROSS,
    "regret.last_gradient_only": path([1, 0], [1, 0], w=1, w_star=-1, step=2),
    "regret.no_convexity": path(1, 0, w=16, w_star=0, loss="cauchy", radius=16, step=256),
    "regret.comparator_outside": path([1] * 40, [-1] * 40, w=1, w_star=4),
    "path.first_lower_by_5_percent": IN_FOUR_STEPS,
    "path.second_lower_by_5_percent": ACROSS_DISC,
    "path.half_the_diameter": ACROSS_DISC,
    "path.bound_of_the_best_c": IN_FOUR_STEPS,
    "range.largest_loss_10_percent_lower": FITS_IN_TURN,
    "range.b_lower_by_5_percent": FAR_LABELS,
    "range.largest_loss_once": FITS_IN_TURN,
    "range.no_sign": path([1, 1], [-1, 1], w=1, w_star=-1, region=Disc()),
    "path.no_growth_with_T": path([1, 0], [1, 0], w=1, w_star=-1, region=Disc()),
}


def test_paths_stand(check_claim: Checker, in_brief: Callable[[Claim], Claim]) -> None:
    paths = map(in_brief, (path_regret, path_regret_in_domain))
    found = check_claim(*paths, cases=1000, seed=1)
    for evidence in (*found, check_claim(in_brief(excess_range), cases=1000, seed=1)):
        assert evidence.tally.tightest is not None
        assert evidence.tally.tightest.result.decision is Decision.EQUAL


def test_recorded_runs_stand(check_claim: Checker) -> None:
    evidence = check_claim(run_regret, cases=80, seed=1)
    assert all(count.cases for count in evidence.tally.strata.values())


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_explicit_counterexample_violates_the_mutant_only(name: str) -> None:
    claim, instance = MUTANTS[name], COUNTEREXAMPLES[name]
    assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED
    batch = single(instance, "").instances
    assert all(bool(np.all(a.holds(x))) for a in claim.assuming for x in (instance, batch))
    theorem = THEOREMS[name.partition(".")[0]]
    if all(bool(np.all(a.holds(instance))) for a in theorem.assuming):
        assert decide_case(theorem, instance).decision in (Decision.HOLDS, Decision.EQUAL)


def test_every_mutant_is_refuted_in_some_test() -> None:
    assert {*COUNTEREXAMPLES, *STATISTICAL, *BY_SEARCH, POOLED} == set(MUTANTS)


BY_SEARCH = ["run.gradient_term_over_T", "run.three_quarters"]


@pytest.mark.parametrize(
    "name", [*STATISTICAL, BY_SEARCH[0], pytest.param(BY_SEARCH[1], marks=pytest.mark.nightly)]
)
def test_search_refutes_the_mutant(name: str, check_claim: Checker) -> None:
    assert check_claim(MUTANTS[name], cases=32, seed=1).counterexample is not None


def test_failures_of_three_eighths_of_the_runs_are_seen_in_all_together(
    check_claim: Checker,
) -> None:
    evidence = check_claim(MUTANTS[POOLED], cases=8, seed=1)
    assert evidence.tally.worst is None
    assert evidence.tally.pooled.refutes
    assert evidence.tally.pooled.failures > 128 / 4


# -- experiments ---------------------------------------------------------------------------------


def _experiment(stratum: str, seed: int) -> Any:
    structure: Any = draw_last(experiments().strata[stratum], seed)
    return structure.batch(np.random.default_rng(seed), 1).case(0)


@pytest.mark.parametrize("stratum", experiments().strata)
def test_experiments_meet_their_premises_and_do_not_fail(stratum: str, nightly: bool) -> None:
    for seed in range(2 if nightly else 1):
        case = _experiment(stratum, seed)
        batch = single(case, "").instances
        for a in stochastic_descent.assuming:
            assert np.all(a.holds(case)), a.name
            assert np.all(a.holds(batch)), a.name
        result = decide_case(stochastic_descent, case, stochastic_descent.weight)
        assert result.decision is Decision.HOLDS
        assert result.nontrivial


def test_the_same_seed_gives_the_same_experiment() -> None:
    first, second = (numbers_of(_experiment(BY_VECTORS, 5)) for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_runs_of_an_experiment_differ() -> None:
    case = _experiment(BY_AUTOGRAD, 1)
    assert len({case.W[..., r].tobytes() for r in range(case.runs)}) == case.runs


@pytest.mark.parametrize("field", ["W", "F", "step", "c", "residual"])
def test_a_changed_experiment_is_none(field: str) -> None:
    case = _experiment(BY_VECTORS, 2)
    moved = dataclasses.replace(case, **{field: getattr(case, field) * (1 + 2.0**-50)})
    (simulated,) = (a for a in stochastic_descent.assuming if a.name == "as_simulated")
    assert simulated.holds(case)
    assert not simulated.holds(moved)


@pytest.mark.parametrize("name", ["step", "c", "lipschitz", "radius", "w_star"])
def test_premises_notice_what_breaks_them(name: str) -> None:
    """A step, a constant, a domain or a comparator that Theorem 4 does not allow."""
    case = _experiment(BY_VECTORS, 3)
    value = getattr(case, name)
    moved = dataclasses.replace(
        case, **{name: value / 2 if name != "w_star" else value + 4 * case.radius}
    )
    proofs = {a.name: np.all(a.holds(moved)) for a in stochastic_descent.assuming}
    expected = {
        "step": "prescribed_step",
        "lipschitz": "lipschitz_constant",
        "radius": "in_domain",
        "w_star": "comparator_in_domain",
        "c": "prescribed_step",
    }
    assert not proofs[expected[name]]


@pytest.mark.parametrize(("runs", "odds", "bits"), [(16, 8, 30), (40, 10, 20), (5, 2, 3)])
def test_critical_number_of_failures_is_that_of_the_binomial_test(
    runs: int, odds: int, bits: int
) -> None:
    """Against SciPy's tail and its test, where the level is away from a jump of the tail."""
    k = critical_failures(((runs, odds),), bits)
    assert binom.sf(k, runs, 1 / odds) <= 2.0**-bits < binom.sf(k - 1, runs, 1 / odds)
    assert binomtest(k + 1, runs, 1 / odds, "greater").pvalue <= 2.0**-bits
    assert binomtest(k, runs, 1 / odds, "greater").pvalue > 2.0**-bits


def test_critical_number_is_exact_at_the_jump() -> None:
    """P(Bin(3, 1/2) > 2) = 1/8 is not more than 2^-3."""
    assert critical_failures(((3, 2),), 3) == 2
    assert critical_failures(((3, 2),), 4) == 3
    assert Fraction(1, 8) <= Fraction(1, 2**3)


def _failing(share: float) -> Any:
    """An experiment of which some runs start and stay far above the linear level."""
    structure: Any = draw_last(MUTANTS["any_comparator"].domain.strata["far comparator"], 1)
    case = structure.batch(np.random.default_rng(0), 1).case(0)
    residual = np.zeros(case.runs)
    residual[: round((1 - share) * case.runs)] = 1e3
    return dataclasses.replace(case, residual=residual)


@pytest.mark.parametrize(("share", "decision"), [(0.75, "HOLDS"), (1.0, "VIOLATED")])
def test_the_test_counts_failures(share: float, decision: str) -> None:
    """12 failures of 16 are allowed at the level 2^-30, 13 are not."""
    case = _failing(share)
    assert most_failures(case.trials) == 12
    result = decide_case(stochastic_descent, case, stochastic_descent.weight)
    assert result.decision.name == decision
    assert math.floor(result.rhs) == round(share * case.runs)


def test_the_bound_of_an_experiment_by_hand() -> None:
    """(2/c + c/2) b L/√T + r √(2 ln 8/T), r = log(1 + exp(b √(1 + 2^-20))), in balls."""
    case = _experiment("c = 2/√T", 1)
    with working_precision(128):
        b, L, c = (arb(float(x)) for x in (case.radius, case.lipschitz, case.c))
        r = (1 + (b * (1 + arb((1, -20))).sqrt()).exp()).log()
        at = map_arrays(case, Ball.constant)
        assert r < 2 * b * L
        assert at.regret_bound(2, 0.5).item.overlaps((2 / c + c / 2) * b * L / 16)
        assert at.deviation.item.overlaps(r * (2 * arb(8).log() / 256).sqrt())
        assert at.deviation.item.rad() < arb((1, -90))


# -- claims on single paths -----------------------------------------------------------------------


def test_from_one_end_to_the_other_in_one_step() -> None:
    """A step of 2 from w = 1 to w* = -1 and the loss p: all sides are 2 b L √T = 2."""
    for claim in (path_regret, path_regret_in_domain):
        result = decide_case(claim, ACROSS_DISC)
        assert (result.decision, result.lhs) == (Decision.EQUAL, 2.0)


def test_from_one_end_to_the_other_in_four_steps() -> None:
    """w = 1, 1/2, 0, -1/2 and the loss p against w* = -1: 5 = (2/c + c/2) b L √T for c = 1."""
    for claim in (path_regret, path_regret_in_domain):
        result = decide_case(claim, IN_FOUR_STEPS)
        assert (result.decision, result.lhs) == (Decision.EQUAL, 5.0)
