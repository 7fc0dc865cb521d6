"""Zou, Long and Gu (2020): the theorems stand, and every false neighbour falls explicitly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.plain import Plain
from checker.claims.claim import Claim
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.instances.codec import encode_instance
from checker.instances.draws import draw_many
from checker.instances.fields import map_arrays, single, with_fields
from checker.landscape.data import DATASETS, load_dataset
from checker.landscape.deep_linear.conditions import Condition, conditions, require_conditions
from checker.landscape.deep_linear.gaussian_ends import draw_ends
from checker.landscape.deep_linear.network import DeepLinear
from checker.landscape.deep_linear.steps import (
    DescentState,
    DisplacedNetwork,
    StochasticState,
    ZeroStart,
)
from checker.report.replay import replay
from checker.search.verify import Plan, verify
from properties.zou2020 import neighbours as mutants_zou
from properties.zou2020 import theorems as zou2020
from strategies.deep_linear.gaussian_ends import gaussian_ends
from strategies.deep_linear.networks import IDENTITY, LinearShape
from strategies.deep_linear.states import descent_states

PREFIX = "zou2020."


def _claims(module: Any) -> dict[str, Claim]:
    found = (c for c in vars(module).values() if isinstance(c, Claim))
    return {c.id.removeprefix(PREFIX): c for c in found if c.id.startswith(PREFIX)}


THEOREMS = _claims(zou2020)
MUTANTS = {name: c for name, c in _claims(mutants_zou).items() if c.must_be_refuted}


def net(
    kind: Any, W: Any, Phi: Any, A: Any = 1.0, B: Any = 1.0, X: Any = 1.0, **further: Any
) -> Any:
    """A network from scalars, vectors of layers (m = 1) or matrices."""
    layers = np.array(W, dtype=float)
    layers = layers[:, None, None] if layers.ndim == 1 else layers
    matrices = {"X": X, "Phi": Phi, "A": A, "B": B}
    fields = {name: np.array(a, dtype=float, ndmin=2) for name, a in matrices.items()}
    return kind(**fields, W=layers, **{n: np.array(a, dtype=float) for n, a in further.items()})


I2 = np.eye(2)
WEAK = np.diag([1.0, 1 / 16])
LOW, HIGH = net(DeepLinear, [-0.25] * 2, 0), net(DeepLinear, [0.25] * 2, 0)
DEAD = net(DeepLinear, [-1, -1], 1)
FITTED = net(DisplacedNetwork, [0] * 4, 1, D=np.full((4, 1, 1), 1 / 64))
STATE = net(DescentState, [0], 65, A=8, B=8, e0=0.6, share=1)
START = net(ZeroStart, [0], 65, A=8, B=8, share=1)

COUNTEREXAMPLES = {
    "dominance.norm_of_X": net(DeepLinear, [0 * I2], np.diag([1, 2]), I2, I2, WEAK),
    "dominance.norms_of_A_and_B": net(DeepLinear, [0 * I2], WEAK + np.diag([0, 1]), WEAK, I2, I2),
    "dominance.no_factor_1_over_e": LOW,
    "dominance.a_quarter": net(DeepLinear, [0], 0),
    "dominance.outside_the_ball": DEAD,
    "dominance_sharp.lower_by_1e-6": LOW,
    "dominance_sharp.lower_by_half_percent": LOW,
    "dominance_sharp.lower_by_5_percent": LOW,
    "gradient.lower_by_1e-6": HIGH,
    "gradient.lower_by_half_percent": HIGH,
    "gradient.lower_by_5_percent": HIGH,
    "gradient.no_growth": HIGH,
    "smoothness.no_factor_L": FITTED,
    "smoothness.no_curvature_at_0": FITTED,
    "smoothness.a_quarter": net(DisplacedNetwork, [0], 1, D=np.full((1, 1, 1), 1 / 64)),
    "rate.sixteen_times": STATE,
    "rate.three_times": net(DescentState, [-63 / 1024] * 8, 0.6018, e0=0.0015145, share=1),
    "rate.norm_of_X": net(
        DescentState, [0 * I2], 64 * I2 + np.diag([0, 1 / 16]), 8 * I2, 8 * I2, WEAK,
        e0=1.2e-5, share=1,
    ),
    "rate.no_condition": net(DescentState, [-1, -1], 1, e0=1, share=1),
    "rate.large_steps": with_fields(STATE, share=np.array(64.0)),
    "rate.step_without_L": net(DescentState, [0] * 32, 65, A=8, B=8, e0=0.6, share=1),
    "path.a_tenth": net(DescentState, [0], 65, A=8, B=8, e0=0.5 * (1 + 2.0**-40), share=2.0**-10),
    "trajectory.sixteen_times": START,
    "identity.e_squared": net(
        ZeroStart, [0 * I2], 1, A=[[8], [0]], B=[[0, 8]], share=1
    ),
    "sgd_step.sixteen_times": net(StochasticState, [0], 1.125, share=1),
    "sgd_step.step_of_gradient_descent": net(
        StochasticState, [0], 2, X=np.eye(32, 1), share=1
    ),
}  # fmt: skip


STATES = ("rate", "path")


@pytest.mark.parametrize(
    "names", [STATES, *([n] for n in THEOREMS if n not in (*STATES, "gaussian"))], ids=", ".join
)
def test_theorem_stands(names: Sequence[str], in_brief: Callable[[Claim], Claim]) -> None:
    claims = tuple(in_brief(THEOREMS[n]) for n in names)
    for evidence in verify(Plan(claims, cases=64, seed=1)):
        assert evidence.verdict is Verdict.STANDS, evidence.reason


@pytest.mark.parametrize("name", ["rate", "path", "trajectory"])
def test_depth_100_and_both_data_sets_are_among_the_strata(name: str) -> None:
    """For rate and path at iterates that gradient descent reached, whose layers are not 0."""
    domain = THEOREMS[name].domain
    assert domain.on_data is not None
    depths = {"diabetes": 100, "breast_cancer": 16}
    assert set(depths) == set(DATASETS)
    over = [domain.on_data(load_dataset(d)).strata[f"{d}, L = {L}"] for d, L in depths.items()]
    deepest = "deepest" if name == "trajectory" else "recorded, deepest"
    for strategy in (domain.strata[deepest], *over):
        structure = draw_many(strategy, 1, 0)[0]
        case = structure.batch(np.random.default_rng(0), 1).case(0)
        assert case.L >= 16
        assert case.W.any() == (name != "trajectory")
        assert all(a.holds(case) for a in THEOREMS[name].assuming)


@pytest.mark.parametrize("name", ["dominance_sharp", "gradient"])
def test_gradient_bounds_are_equalities_on_the_boundary(name: str) -> None:
    point = LOW if name == "dominance_sharp" else HIGH
    result = decide_case(THEOREMS[name], point)
    assert (result.decision, result.guarantee) == (Decision.EQUAL, "ball(128 bits)")


def test_every_mutant_has_a_counterexample() -> None:
    assert set(COUNTEREXAMPLES) | {"gaussian.narrow"} == set(MUTANTS)


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_explicit_counterexample_violates_the_mutant_only(name: str) -> None:
    claim, instance = MUTANTS[name], COUNTEREXAMPLES[name]
    assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED
    batch = single(instance, "").instances
    assert all(bool(np.all(a.holds(x))) for a in claim.assuming for x in (instance, batch))
    theorem = THEOREMS[name.partition(".")[0]]
    if all(bool(np.all(a.holds(instance))) for a in theorem.assuming):
        assert decide_case(theorem, instance).decision in (Decision.HOLDS, Decision.EQUAL)


# -- real trajectories ---------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 10, 100])
def test_a_trajectory_of_any_depth_stays_in_the_invariant(depth: int) -> None:
    """Iterates that gradient descent in floats reached are decided one by one."""
    structure = draw_many(descent_states().strata["recorded iterates"], 1, 0)[0]
    shape = LinearShape(3, 2, 1, 3, depth, IDENTITY, 0.5, 0.0)
    batch = type(structure)(shape, DescentState, "t", structure.fill).batch(
        np.random.default_rng(depth), 3
    )
    for index in range(batch.size):
        case = batch.case(index)
        assert case.W.any()
        for name in ("rate", "path"):
            claim = THEOREMS[name]
            assert all(a.holds(case) for a in claim.assuming)
            assert decide_case(claim, case).decision is Decision.HOLDS


def test_gradient_descent_without_the_condition_stalls() -> None:
    """A = B = 1, target -1: depth 1 arrives, depth 2 ends at W = -1 with half of the least loss."""
    for depth, left in ((1, 0.0), (2, 0.5), (3, 0.5)):
        point = net(ZeroStart, [0] * depth, -1, share=1)
        at: Any = map_arrays(point, lambda a: Plain(a[..., None]))
        chain = at.chain
        for _ in range(4000):
            chain = chain.stepped(at.step)
        assert abs(float(chain.excess.value[0]) - left) < 0.01
        assert not zou2020.condition_at_start.holds(point)


# -- gaussian transformations ----------------------------------------------------------------------


@pytest.mark.parametrize(("narrower", "expected"), [(1, Decision.HOLDS), (30, Decision.VIOLATED)])
def test_the_binomial_test_tells_wide_from_narrow(narrower: float, expected: Decision) -> None:
    claim, rng = THEOREMS["gaussian"], np.random.default_rng(0)
    structures = draw_many(gaussian_ends(narrower).strata["draws"], 8, 1)
    cases = [structure.batch(rng, 1).case(0) for structure in structures]
    for case in cases:
        assert zou2020.as_drawn.holds(case)
        assert bool(zou2020.wide_enough.holds(case)) is (narrower == 1)
    # Some dimensions leave room even where they are thirty times too narrow.
    found = {decide_case(claim, case, claim.weight).decision for case in cases}
    assert expected in found
    assert found == {expected} or narrower > 1
    chosen = with_fields(case, R=case.R[1:], C=case.C[1:], T=case.T[1:])
    assert not zou2020.as_drawn.holds(chosen)


def test_bartlett_factors_have_the_law_of_gaussian_matrices() -> None:
    """Means of ||A||_F², ||B||_F² and ||B A||_F² for m = 6, d = 2, k = 1: 12, 6 and 12."""
    ends = draw_ends(np.random.default_rng(0), 20_000, (2, 1, 1), 6.0)
    R, C, T = (ends[name][..., 0] for name in ("R", "C", "T"))
    products = np.einsum("nkd,nde->nke", C, R)
    squares = [
        (R**2).sum((1, 2)),
        (C**2).sum((1, 2)) + (T**2).sum((1, 2)),
        (products**2).sum((1, 2)),
    ]
    for values, mean in zip(squares, (12, 6, 12), strict=True):
        assert abs(values.mean() - mean) < 5 * values.std() / len(values) ** 0.5


# -- bad input ---------------------------------------------------------------------------------


def test_bad_networks_are_named() -> None:
    with pytest.raises(InputError, match="depth 0 has no layer to train"):
        net(DeepLinear, np.zeros((0, 1, 1)), 1)
    with pytest.raises(InputError, match="width m = 1 is less than 2"):
        net(DeepLinear, [0], [[1, 1]], A=[[1, 1]], X=[[1, 1]])
    with pytest.raises(InputError, match=r"W has shape \(1, 1, 1\), expected \(1, 2, 2\)"):
        net(DeepLinear, [0], 1, A=[[1], [1]], B=[[1, 1]])


def test_a_step_above_the_range_is_no_evidence() -> None:
    fast = with_fields(STATE, share=np.array(1.5))
    assert zou2020.step_in_range.holds(STATE)
    assert not zou2020.step_in_range.holds(fast)
    assert not zou2020.condition.holds(with_fields(STATE, e0=np.array(10.0)))


# -- which condition, and by how much --------------------------------------------------------------


def by_name(*problem: Any) -> dict[str, Condition]:
    return {c.name: c for c in conditions(*problem)}


ENDS = np.eye(2, 1), np.array([[0.0, 64.0]])
SCALAR = np.ones((1, 1)), np.array([[1.0]])


def test_conditions_are_met_or_missed_by_known_factors() -> None:
    """A = 1, B = 64, X = 1, Y = 1: e_0 = 1/2, so 4 e^(3/2) <= 64; K_0 = 64 L (√e + 64 e)."""
    K_0 = 64 * 3 * (np.sqrt(np.e) + 64 * np.e)
    found = by_name(*ENDS, *SCALAR, 3, 2 / K_0)
    assert found["condition"].holds
    assert abs(found["condition"].factor / (4 * np.exp(1.5) / 64) - 1) < 2.0**-40
    assert not found["step_in_range"].holds
    assert abs(found["step_in_range"].factor / 2 - 1) < 2.0**-40
    weak = by_name(ENDS[0], ENDS[1] / 64, *SCALAR, 3, 1e-9)
    assert "missed by a factor of 17.93" in str(weak["condition"])
    assert weak["step_in_range"].holds


def test_only_what_the_inputs_explain_counts_at_the_start() -> None:
    """Y = X Φ* + N, N orthogonal to X, has the same e_0 as X Φ*."""
    X, N = np.array([[1.0], [1.0]]), np.array([[3.0], [-3.0]])
    pair = [by_name(*ENDS, X, Y, 2, 1e-9)["condition"].factor for Y in (X, X + N)]
    assert abs(pair[0] / pair[1] - 1) < 2.0**-40


def test_bad_problems_are_named_before_anything_is_computed() -> None:
    X = np.array([[1.0, 2.0], [2.0, 4.0]])
    with pytest.raises(InputError, match="rank of X fails: 1, needed 2"):
        require_conditions(np.eye(3, 2), np.eye(1, 3, 2), X, np.ones((2, 1)), 2, 0.1)
    # Nothing else is said where σ_r = 0.
    of_rank_1 = by_name(np.eye(3, 2), np.eye(1, 3, 2), X, np.ones((2, 1)), 2, 0.1)
    assert set(of_rank_1) == {"rank of A", "rank of B", "rank of X"}
    with pytest.raises(InputError, match="is missed by a factor of 17"):
        require_conditions(ENDS[0], ENDS[1] / 64, *SCALAR, 3, 1e-9)
    with pytest.raises(InputError, match="depth 0"):
        conditions(*ENDS, *SCALAR, 0, 0.1)
    with pytest.raises(InputError, match=r"Y has shape \(1, 2\), expected \(1, 1\)"):
        conditions(*ENDS, np.ones((1, 1)), np.ones((1, 2)), 1, 0.1)
    with pytest.raises(InputError, match="positive number, not -1"):
        conditions(*ENDS, *SCALAR, 1, -1)
    require_conditions(*ENDS, *SCALAR, 3, 1e-9)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"share": 1.5}, {"step_in_range": "1 is not at least 1.5, missed by a factor of 1.5"}),
        ({"e0": 10.0}, {"condition": "1 is not at least 1.25267, missed by a factor of 1.253"}),
        (
            {"X": [[0.0]]},
            {"invariant": "one side is infinite", "condition": "one side is infinite"},
        ),
    ],
)
def test_a_replayed_case_says_which_assumption_it_misses_and_by_how_much(
    changes: dict[str, Any], expected: dict[str, str]
) -> None:
    case = with_fields(STATE, **{n: np.array(a) for n, a in changes.items()})
    replayed = replay(zou2020.one_step, "case", {"instance": encode_instance(case)})
    assert dict(zip(replayed.unmet, replayed.shortfalls, strict=True)) == expected
    assert not replayed.agrees
    assert not replayed.refutes
