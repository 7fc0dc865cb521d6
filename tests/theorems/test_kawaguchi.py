"""Kawaguchi and Bengio (2019): the theorems stand, and every false neighbour falls explicitly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.exact import Exact
from checker.claims.claim import Claim
from checker.claims.thresholds import MIN_NONTRIVIAL_CASES
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.instances.draws import draw_many
from checker.instances.fields import map_arrays, single
from checker.landscape.data import load_dataset
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.losses.coupled import LINEAR, SQUARED, Separable
from checker.landscape.residual_unit.comparators import (
    DescentPoint,
    FlatPoint,
    ResidualPoint,
    SquaredPoint,
)
from checker.landscape.sample import Sample
from checker.search.campaign import Task, run_task
from checker.search.verify import Plan, groups_of, verify
from properties.kawaguchi2019 import neighbours as mutants_kawaguchi
from properties.kawaguchi2019 import theorems as kawaguchi2019
from strategies.minima.vector_critical_points import vector_minima
from strategies.residual_unit.data import outputs

PREFIX = "kawaguchi2019."


def _claims(module: Any) -> dict[str, Claim]:
    found = (c for c in vars(module).values() if isinstance(c, Claim))
    return {c.id.removeprefix(PREFIX): c for c in found if c.id.startswith(PREFIX)}


THEOREMS = _claims(kawaguchi2019)
# Those at found points are in test_found.py.
FOUND = {name for name, c in THEOREMS.items() if c.domain.found}
MUTANTS = {
    name: c
    for name, c in _claims(mutants_kawaguchi).items()
    if c.must_be_refuted and name.partition(".")[0] not in FOUND
}


def made(kind: type, loss: Any, **arrays: Any) -> Any:
    """A point from nested lists; scalars are 1 by 1 matrices."""
    single_axis = {"u": 1, "t": 0}
    floats = {
        name: np.array(a, dtype=float, ndmin=single_axis.get(name, 2)) for name, a in arrays.items()
    }
    return kind(**floats, loss=Separable(loss_named(loss)) if isinstance(loss, str) else loss)


def one(x: Any, f: Any, y: Any, W: Any, V: Any, W_star: Any, S: Any, loss: str) -> ResidualPoint:
    return made(ResidualPoint, loss, X=x, Z=f, Y=y, W=W, V=V, W_star=W_star, S=S)


def flat(x: Any, f: Any, y: Any, V: Any, W_star: Any, S: Any, loss: str, u: Any = 1.0) -> FlatPoint:
    """W = 0."""
    M = 0 * np.atleast_2d(np.array(W_star, dtype=float))
    return made(FlatPoint, loss, X=x, Z=f, Y=y, M=M, u=u, V=V, W_star=W_star, S=S)


def step(x: Any, f: Any, y: Any, W: Any, V: Any, W_star: Any, t: Any, loss: str) -> DescentPoint:
    return made(DescentPoint, loss, X=x, Z=f, Y=y, W=W, V=V, W_star=W_star, t=t)


I2 = np.eye(2)
FLAT = one(2, 0, 1, 1, 0, -1, 0, "affine")
FAR = one(1, 0, 0, 6, 0, 0, 0, "geman_mcclure")
INNER = one(3, -1, 1, 1, 1, -1, 0, "affine")
NEAR_0 = one(1, 1, 1, 0.01, -1, 1, 0, "squared")
DEAD = flat(1, 1, 1, -1, 1, 0, "squared")
BEST = made(
    SquaredPoint, SQUARED, X=[[1], [1], [0], [0]], Z=[[0], [0], [1], [1]], W=1, V=2, W_star=0,
    Y=[[2], [0], [3], [1]],
)  # fmt: skip
HIDDEN = made(SquaredPoint, SQUARED, X=[[1], [0]], Z=[[1], [1]], W=1, V=1, W_star=0, Y=[[2], [1]])

COUNTEREXAMPLES = {
    "lemma.no_convexity": FAR,
    "full_rank.no_convexity": FAR,
    "rank_deficient.no_convexity": flat(1, 0, 0, 0, 1, 0, "double_well"),
    "improvement.no_convexity": step(1, 0, 0, 6, 0, 0, 1, "geman_mcclure"),
    "full_rank.more_outputs_than_inputs": one(
        0, 1, [0, -1], [[1], [0]], 0, [[1], [0]], [[0], [1]], "affine"
    ),
    "lemma.S_added": one(0, 1, -1, 1, 0, 0, 1, "affine"),
    "lemma.S_ignored": one(0, -1, 1, 1, 0, 0, 1, "affine"),
    "lemma.transpose_for_inverse": one(0, 1, 1, 2, 0, 0, 1, "affine"),
    "full_rank.no_V_block": INNER,
    "full_rank.spectral_norms": one(
        4 * I2, np.zeros((2, 1)), 2 * I2, I2, np.zeros((2, 1)), -I2, np.zeros((2, 1)), "affine"
    ),
    "full_rank.gradient_in_W_only": NEAR_0,
    "rank_deficient.at_the_point_alone": DEAD,
    "rank_deficient.one_side": flat(1, 1, 1, -2, 1, 0, "squared"),
    "rank_deficient.no_factor_m": made(
        FlatPoint, LINEAR, X=0, Z=[[1, 0]], Y=1, M=0, u=1, V=[[0, 0]], W_star=0, S=[[-1, 0]]
    ),
    "rank_deficient.no_length_of_u": flat(0, 1, 1, 0, 0, -1, "affine", u=0.5),
    "improvement.no_curvature": step(0, 1, 1, 1, 1, 0, 8, "squared"),
    "improvement.half_the_curvature": step(0, 1, 1, 1, 1, 0, 1, "squared"),
    "squared.features_not_projected": HIDDEN,
    "squared.no_improvement": HIDDEN,
    "lemma.lower_by_1e-6": FLAT,
    "lemma.lower_by_half_percent": FLAT,
    "full_rank.lower_by_1e-6": FLAT,
    "full_rank.lower_by_half_percent": FLAT,
    "rank_deficient.lower_by_1e-6": flat(1, 0, 1, 0, -1, 0, "affine"),
    "rank_deficient.lower_by_half_percent": flat(1, 0, 1, 0, -1, 0, "affine"),
    "improvement.lower_by_1e-6": step(2, 0, 1, 1, 0, -1, 1, "affine"),
    "improvement.lower_by_half_percent": step(2, 0, 1, 1, 0, -1, 1, "affine"),
    "squared.lower_by_1e-6": BEST,
    "squared.lower_by_half_percent": BEST,
    "squared.lower_by_5_percent": BEST,
}  # fmt: skip


def test_theorems_stand_and_are_tight(in_brief: Callable[[Claim], Claim]) -> None:
    claims = tuple(in_brief(c) for name, c in THEOREMS.items() if name not in FOUND)
    for evidence in verify(Plan(claims, cases=300, seed=1)):
        assert evidence.verdict is Verdict.STANDS, (evidence.claim.id, evidence.reason)
        assert evidence.tally.oracle_checks > 30
        assert evidence.tally.tightest is not None
        assert evidence.tally.tightest.result.decision is Decision.EQUAL


def test_every_mutant_has_a_counterexample() -> None:
    assert set(COUNTEREXAMPLES) == set(MUTANTS)


@pytest.mark.parametrize("name", MUTANTS)
def test_explicit_counterexample_violates_the_mutant_only(name: str) -> None:
    claim, instance = MUTANTS[name], COUNTEREXAMPLES[name]
    assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED
    batch = single(instance, "").instances
    assert all(bool(np.all(a.holds(x))) for a in claim.assuming for x in (instance, batch))
    theorem = THEOREMS[name.partition(".")[0]]
    applies = all(bool(np.all(a.holds(instance))) for a in theorem.assuming)
    if applies:
        assert decide_case(theorem, instance).decision in (Decision.HOLDS, Decision.EQUAL)


# Those that no neighbour of Shamir's theorems resembles.
OWN = ("full_rank.more_outputs_than_inputs", "rank_deficient.no_factor_m")


@pytest.mark.parametrize("name", OWN)
def test_search_refutes_what_is_new_here(name: str) -> None:
    (evidence,) = verify(Plan((MUTANTS[name],), cases=20_000, seed=1))
    assert evidence.verdict is Verdict.REFUTED, evidence.reason


# -- local minima -------------------------------------------------------------------------------


def test_exact_minima_of_rank_one_are_minima() -> None:
    """Their gradient is 0 exactly, and so are E[l' xᵀ] and E[l' zᵀ]: equality, proved."""
    claim = THEOREMS["local_minima"]
    structure = draw_many(vector_minima().strata["exact minimum of rank one"], 3, 5)[-1]
    batch = structure.batch(np.random.default_rng(2), 4)
    for index in range(batch.size):
        case = batch.case(index)
        at = map_arrays(case, Exact.constant)
        blocks = (*at.grad, at.A, at.B)
        assert all(x.sign == 0 for block in blocks for x in block.entries.flat)
        assert all(bool(np.all(a.holds(case))) for a in claim.assuming)
        assert decide_case(claim, case, claim.weight).decision is Decision.EQUAL


# -- bad input ----------------------------------------------------------------------------------


def test_shapes_that_do_not_fit_are_named() -> None:
    with pytest.raises(Exception, match=r"S has shape \(1, 1\), expected \(1, 2\)"):
        made(ResidualPoint, LINEAR, X=1, Z=[[1, 1]], Y=1, W=1, V=[[0, 0]], W_star=1, S=0)
    with pytest.raises(Exception, match=r"u has shape \(2,\), expected \(1,\)"):
        made(FlatPoint, LINEAR, X=1, Z=1, Y=1, M=1, u=[1, 0], V=0, W_star=1, S=0)


def test_a_step_that_goes_nowhere_is_refused() -> None:
    with pytest.raises(InputError, match=r"t must be a positive number, not -1.0"):
        made(DescentPoint, LINEAR, X=1, Z=1, Y=1, W=1, V=0, W_star=1, t=np.array(-1.0))


def test_outputs_over_data() -> None:
    """Indicators of two classes, y and |y| otherwise, one output for one input."""
    X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, 1.0]])
    assert outputs(Sample(X, np.array([2.0, 5.0, 2.0]))).tolist() == [[1, 0], [0, 1], [1, 0]]
    assert outputs(Sample(X, np.array([1.0, -2.0, 0.5]))).tolist() == [[1, 1], [-2, 2], [0.5, 0.5]]
    assert outputs(Sample(X[:, :1], np.array([1.0, -2.0, 0.5]))).shape == (3, 1)


@pytest.mark.parametrize("name", ["full_rank", "local_minima"])
def test_over_the_shipped_data(name: str) -> None:
    """Cross-entropy and squared loss, with two outputs; every point is decided."""
    claim = THEOREMS[name]
    assert claim.domain.on_data is not None
    over = claim.domain.on_data(load_dataset("breast_cancer"))
    tally = run_task([claim], over, Task("breast_cancer", 0, (1, 0)))[claim.id]
    assert tally.nontrivial > 0
    assert set(tally.decisions) <= {"HOLDS", "EQUAL"}


@pytest.mark.parametrize("name", sorted(THEOREMS.keys() - FOUND))
def test_every_case_is_legal(name: str) -> None:
    claim = THEOREMS[name]
    for strategy in claim.domain.strata.values():
        batch = draw_many(strategy, 3, 3)[-1].batch(np.random.default_rng(5), 4)
        case = batch.case(2)
        type(case)(**{f: getattr(case, f) for f in type(case).__dataclass_fields__})
        assert case.is_valid()


def test_data_alone_get_enough_cases_for_a_verdict() -> None:
    sample = load_dataset("diabetes")
    for cases, least in ((None, MIN_NONTRIVIAL_CASES), (500, 1)):
        (group,) = groups_of(Plan((THEOREMS["local_minima"],), cases=cases, sample=sample))
        (part,) = group.parts
        assert part.strata == ("diabetes",)
        assert part.cases >= least
        assert cases is None or part.cases == 1
