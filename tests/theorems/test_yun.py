"""Yun, Sra and Jadbabaie (2019): the statements stand, and their false neighbours fall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flint import arb

from checker.arithmetic.ball import working_precision
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import lambda_min, sq
from checker.claims.claim import Claim
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.deep_residual.curvature import CurvedResidual, curvature_along, dense_hessian
from checker.landscape.deep_residual.motivating import (
    FIRST,
    LABELS,
    POINTS,
    OneNeuron,
    Spread,
    affine_risk,
)
from checker.landscape.deep_residual.network import ACTIVATIONS, CoveredResidual, DeepResidual, Pass
from checker.landscape.deep_residual.signs import SignedNetworks
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.oracles.deep_residual import network_curvature_along_a_line
from checker.search.campaign import Task, run_task
from checker.search.guided.hunt import Budget, hunt
from checker.search.verify import Plan, verify
from properties.yun2019 import examples as yun2019_examples
from properties.yun2019 import neighbours as mutants_yun
from properties.yun2019 import theorems as yun2019

PREFIX = "yun2019."


def _claims(module: Any) -> dict[str, Claim]:
    found = (c for c in vars(module).values() if isinstance(c, Claim))
    return {c.id.removeprefix(PREFIX): c for c in found if c.id.startswith(PREFIX)}


MODULES = (yun2019, yun2019_examples, mutants_yun)
CLAIMS = {name: c for module in MODULES for name, c in _claims(module).items()}
THEOREMS = {name: c for name, c in CLAIMS.items() if c.of is None}
# One case of these costs a minimisation: test_found.py has them and their false neighbours.
AT_CRITICAL_POINTS = {"theorem_curvature_found", "theorem_along_found"}
MUTANTS = {
    name: c
    for name, c in CLAIMS.items()
    if c.must_be_refuted and name.partition(".")[0] not in AT_CRITICAL_POINTS
}


@pytest.mark.parametrize("name", sorted(THEOREMS.keys() - AT_CRITICAL_POINTS))
def test_theorem_stands(name: str, in_brief: Callable[[Claim], Claim]) -> None:
    (evidence,) = verify(Plan((in_brief(THEOREMS[name]),), cases=64, seed=1))
    assert evidence.verdict is Verdict.STANDS, evidence.reason


@pytest.mark.parametrize("name", MUTANTS)
def test_search_refutes_the_mutant(name: str) -> None:
    found = hunt(MUTANTS[name], (0, 1), Budget(evaluations=100_000), reduce=False).found
    assert found is not None
    assert found.result.refutes


# -- motivating examples --------------------------------------------------------------------------


def exact(values: Any) -> Any:
    return Exact.constant(np.array(values, dtype=float))


def fraction(number: Any) -> Fraction:
    """A rational of the exact arithmetic."""
    return Fraction(int(number.item.ratio.p), int(number.item.ratio.q))


def test_risks_of_the_second_example() -> None:
    """25/78, 8/21 and 0 on the inputs and the two representations; blocks as in the docstring."""
    second = FIRST - 4 * np.maximum(FIRST - 3.5, 0)
    assert np.array_equal(FIRST, POINTS + np.maximum(POINTS - 2, 0))
    assert np.array_equal(second, LABELS)
    risks = [fraction(affine_risk(exact(h), exact(LABELS))) for h in (POINTS, FIRST, second)]
    assert risks == [Fraction(25, 78), Fraction(8, 21), 0]


def test_risks_of_the_first_example() -> None:
    """A line has 8ρ²/15; a residual network ρ² (12ρ² + 82ρ + 215)/(21ρ² + 156ρ + 420)."""
    for rho in (Fraction(1, 2), Fraction(1)):
        line = OneNeuron(*map(np.array, (float(rho), 1.0, 1.0, float(1 + 2 * rho / 5), 0.0)))
        object.__setattr__(line, "b2", np.array(-float(rho) - float(line.w2)))
        expected = rho**2 * (12 * rho**2 + 82 * rho + 215) / (21 * rho**2 + 156 * rho + 420)
        spread = map_arrays(Spread(np.array(float(rho))), Exact.constant)
        assert fraction(spread.residual_risk) == expected < 8 * rho**2 / 15
        assert fraction(map_arrays(line, Exact.constant).risk) >= 8 * rho**2 / 15


# The docstring's table: coefficients of (1 - s)², 2 s (1 - s), s² of A, B and C, for k = 0, ..., 4.
PROOF = [
    [["0", "0", "4/3"], ["0", "0", "20/3"], ["0", "0", "25/3"]],
    [["4/3", "4", "32/5"], ["20/3", "14", "24"], ["25/3", "10", "19"]],
    [["32/5", "2", "4/5"], ["24", "11", "10"], ["19", "16", "19"]],
    [["4/5", "6/5", "4/3"], ["10", "7", "20/3"], ["19", "10", "25/3"]],
    [["4/3", "0", "0"], ["20/3", "0", "0"], ["25/3", "0", "0"]],
]


def excess(hidden: list[Fraction], rho: Fraction) -> Fraction:
    """6 (risk - 8ρ²/15) q of the best w_2 h + b_2, q = Σ (h - mean h)²."""
    y = [x + rho * s for x, s in enumerate((-1, -1, 1, -1, 1, 1))]
    h, y = ([a - Fraction(sum(z)) / 6 for a in z] for z in (hidden, y))
    q, along = sum(a * a for a in h), sum(a * b for a, b in zip(h, y, strict=True))
    return q * (sum(b * b for b in y) - Fraction(16, 5) * rho**2) - along**2


def bernstein(coefficients: list[str], s: Fraction) -> Fraction:
    first, second, third = map(Fraction, coefficients)
    return first * (1 - s) ** 2 + 2 * second * s * (1 - s) + third * s**2


@pytest.mark.parametrize("k", range(5))
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_proof_for_one_neuron_and_every_rho(k: int, mirrored: bool) -> None:
    """Both sides have degree 2 at most in s and in ρ: 3 · 3 places make an identity, 4 · 4 more."""
    for s in (Fraction(i, 3) for i in range(4)):
        place = 5 - (k + s) if mirrored else k + s
        sign = -1 if mirrored else 1
        hidden = [max(sign * (x - place), Fraction(0)) for x in range(6)]
        for rho in map(Fraction, range(4)):
            A, B, C = (bernstein(c, s) for c in PROOF[k])
            assert excess(hidden, rho) == A * rho**2 + B * rho + C
    assert all(Fraction(x) >= 0 for quadratic in PROOF[k] for x in quadratic)


def test_the_docstring_has_the_coefficients_of_the_proof() -> None:
    lines = [line.split("   ") for line in (yun2019_examples.__doc__ or "").splitlines()]
    rows = [[c.strip() for c in line if c.strip()] for line in lines]
    table = [row[1:] for row in rows if row and row[0] in set("01234")]
    assert table == [[", ".join(quadratic) for quadratic in row] for row in PROOF]


def test_no_pattern_of_one_neuron_beats_the_line() -> None:
    """Knots on a fine grid, both orientations, output weights by least squares in rationals."""
    for rho in (0.125, 1.0, 4.0, 4096.0):
        y = np.arange(6) + rho * np.array([-1, -1, 1, -1, 1, 1])
        for knot in np.arange(-1, 5, 0.125):
            for sign in (1.0, -1.0):
                hidden = np.maximum(sign * (np.arange(6.0) - knot), 0)
                if len(set(hidden)) > 1:
                    risk = fraction(affine_risk(exact(hidden), exact(y)))
                    assert risk >= Fraction(8, 15) * Fraction(rho) ** 2


# -- main theorem ---------------------------------------------------------------------------------

# A strict local minimum of two tanh blocks with d = m = 1: its gradient is 1e-15, its Hessian
# positive definite, and its risk above that of the best linear predictor.
SPURIOUS = {
    "X": [1.53, -3.28, -1.17, 2.96, 2.18, 0.64, 2.38, 1.83],
    "y": [-0.14007, 0.09765, 0.06781, -0.33448, 0.04123, -0.20236, -0.22071, -0.03356],
    "w": 0.41000602649854,
    "V": [-2.43001356812311, -0.979995175617699],
    "U": [2.06991365455233, 1.9899579793746],
}


def spurious() -> CoveredResidual:
    X, y = (np.array(SPURIOUS[name]) for name in ("X", "y"))
    V, U = (np.array(SPURIOUS[name])[:, None, None] for name in ("V", "U"))
    one = np.ones(1)
    return CoveredResidual(
        X=X[:, None],
        y=y,
        U=U,
        V=V,
        w=SPURIOUS["w"] * one,
        u=one * (X @ y) / (X @ X),
        loss=loss_named("squared"),
        activation="tanh",
        v=one,
        C=np.zeros((2, 1)),
    )


def test_without_coverage_a_deep_network_has_a_minimum_worse_than_linear() -> None:
    claim = MUTANTS["theorem_along.no_coverage"]
    result = decide_case(claim, spurious())
    assert result.decision is Decision.VIOLATED
    # The relative slack is -1: the gradient contributes nothing.
    assert result.relative_slack < -0.99
    assert decide_case(THEOREMS["theorem_along"], spurious()).decision is not Decision.VIOLATED


def test_predictions_agree_where_the_later_blocks_do_not_see_v() -> None:
    """And disagree without that: the neighbours of the main theorem are what they claim to be."""
    rng = np.random.default_rng(3)
    shapes = {"X": (2, 2), "y": (2,), "U": (2, 1, 2), "V": (2, 2, 1), "w": (2,), "u": (2,)}
    fields = {n: rng.integers(-2, 3, s).astype(float) for n, s in shapes.items()}
    fields.update(v=np.array([1.0, 2.0]), C=np.zeros((2, 1)), U=np.ones((2, 1, 2)))
    fields.update(X=np.array([[1.0, 0.0], [1.0, 3.0]]), w=np.array([1.0, 0.0]))
    fields["V"][1] = [[1.0], [0.0]]
    point = CoveredResidual(**fields, loss=loss_named("squared"), activation="square")
    at = map_arrays(point, Exact.constant)
    for covered in (True, False):
        own = at.passed(at.w_across, covered=covered).prediction
        apart = [
            x.sign
            for network in at.neighbours(covered)
            for x in (network.prediction - own).entries.flat
        ]
        assert any(apart) is not covered


# -- negative curvature ---------------------------------------------------------------------------


def saddle() -> CurvedResidual:
    """x = y = φ = 1, w = 0, V = -1, so h = 0: critical with R = 1/2, and u = 1 has risk 0."""
    one = np.ones(1)
    return CurvedResidual(
        X=np.ones((1, 1)),
        y=one,
        U=np.ones((1, 1, 1)),
        V=-np.ones((1, 1, 1)),
        w=0 * one,
        u=one,
        loss=loss_named("squared"),
        activation="square",
        v=one,
        C=np.zeros((1, 1)),
        alpha=np.array(1.0),
    )


def test_the_saddle_of_one_block() -> None:
    """f = w (1 + V): f = t² along D = (1, 1), so <D, ∇²R D> = 2 l' = -2, and λ_min = -1."""
    at = map_arrays(saddle(), Exact.constant)
    network = at.passed(at.w_across)
    assert fraction(sq((network.gradient_w, *network.gradients_V))) == 0
    assert fraction(at.curvature(network)) == -2
    assert fraction(at.forced(network)) == 2 * Fraction(1, 2)
    assert fraction(lambda_min(dense_hessian(network))) == -1


def integer_network(L: int) -> CurvedResidual:
    """Small integers, n = d = m = 2, rational activation."""
    rng = np.random.default_rng(L)
    shapes = {"X": (2, 2), "y": (2,), "U": (L, 2, 2), "V": (L, 2, 2), "w": (2,), "u": (2,)}
    fields = {n: rng.integers(-2, 3, s).astype(float) for n, s in shapes.items()}
    fields.update(v=np.array([1.0, -1.0]), C=np.ones((L, 2)), alpha=np.array(0.5))
    return CurvedResidual(**fields, loss=loss_named("squared"), activation="square")


@pytest.mark.parametrize("L", [1, 2, 3])
def test_hessian_of_a_deep_network(L: int) -> None:
    """Symmetric, and <D, ∇²R D> is the second difference of the polynomial t -> R(θ + t D)."""
    at = map_arrays(integer_network(L), Exact.constant)
    network, D = at.passed(at.w_across, covered=False), at.direction()
    hessian = dense_hessian(network)
    assert not any(x.sign for x in (hessian - hessian.T).entries.flat)
    assert fraction(curvature_along(network, D)) == second_derivative(
        [fraction(moved(network, D, t).risk) for t in range(2 * (2**L + 1) + 1)]
    )


def moved(network: Pass, D: Any, t: int) -> Pass:
    """The network at θ + t D."""
    w, *V = D
    blocks = zip(network.V, V, strict=True)
    return Pass(network.at, network.U, [a + t * b for a, b in blocks], network.w + t * w)


def second_derivative(values: list[Fraction]) -> Fraction:
    """p''(0) of the polynomial with the values p(0), p(1), ..., by Newton's divided differences."""
    differences = []
    while values:
        differences.append(values[0])
        values = [b - a for a, b in pairwise(values)]
    total, basis = Fraction(0), [Fraction(1), Fraction(0), Fraction(0)]
    for k, difference in enumerate(differences):
        total += 2 * difference * basis[2]
        # The next basis polynomial is the last one times (t - k)/(k + 1), up to degree 2.
        shifted = [Fraction(0), *basis[:2]]
        basis = [(b - k * a) / (k + 1) for a, b in zip(basis, shifted, strict=True)]
    return total


def test_both_alternatives_at_found_critical_points() -> None:
    """As good as linear, and negative curvature; nothing else."""
    claim = THEOREMS["theorem_curvature_found"]
    kinds: Counter[str] = Counter()
    for number in range(2):
        task = Task("found, w orthogonal to v", number, (5, number))
        tally = run_task([claim], claim.domain, task)[claim.id]
        assert tally.worst is None
        assert tally.candidate is None
        kinds += tally.critical
    assert sum(count for kind, count in kinds.items() if "as good as" in kind) >= 1
    assert sum(count for kind, count in kinds.items() if "negative curvature" in kind) >= 1
    assert not any("no curvature" in kind for kind in kinds)


@pytest.mark.parametrize("stratum", ["exact saddle at w = 0", "exact minimum"])
def test_constructed_critical_points_are_exact(stratum: str) -> None:
    structure = draw_last(THEOREMS["theorem_curvature_found"].domain.strata[stratum], 7)
    batch = structure.batch(np.random.default_rng(7), 6)
    assert batch.size >= 3
    for index in range(batch.size):
        at = map_arrays(batch.case(index), Exact.constant)
        network = at.passed(at.w_across)
        assert fraction(sq((network.gradient_w, *network.gradients_V))) == 0


def test_found_minima_are_as_good_as_linear() -> None:
    claim = THEOREMS["theorem_along_found"]
    tally = run_task([claim], claim.domain, Task("found minimiser", 0, (1, 0)))[claim.id]
    assert tally.nontrivial == tally.cases >= 3
    assert set(tally.decisions) <= {"HOLDS", "EQUAL"}


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_curvature_agrees_with_taylor_series(activation: str) -> None:
    point = with_fields(integer_network(3), activation=activation)
    ((_, found, series),) = network_curvature_along_a_line(point, np.random.default_rng(1))
    assert found.overlaps(series)
    assert found.is_finite()
    assert found != 0


# -- Rademacher averages --------------------------------------------------------------------------


def test_the_lower_bound_of_the_class_is_the_known_one() -> None:
    """Orthonormal inputs, L = 1: (1/n)(√n + M² E√max(n₊, n₋)), here n = 2, M = 1."""
    patterns = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]])
    majority = np.where(patterns.sum(axis=1) >= 0, 1.0, -1.0)[:, None]
    a = np.maximum(patterns * majority, 0)[:, None]
    point = SignedNetworks(np.eye(2), np.ones(1), a, a)
    result = decide_case(yun2019.rademacher, point)
    with working_precision(256):
        both = arb(2).sqrt()
        # Two patterns have one sign only, of two the majority is a single input.
        one = arb(5).sqrt() / 2
        assert abs(arb(result.rhs) - (both + one) / 2) <= arb(result.rhs_radius)
    assert result.rhs_radius <= 1e-12 * result.rhs


# -- bad input ------------------------------------------------------------------------------------


def test_bad_networks_are_named() -> None:
    fields: dict[str, Any] = {"X": np.ones((1, 1)), "y": np.ones(1), "w": np.ones(1)}
    fields.update(u=np.ones(1), loss=loss_named("squared"), activation="tanh")
    with pytest.raises(InputError, match="depth 0 is the linear predictor itself"):
        DeepResidual(**fields, U=np.ones((0, 1, 1)), V=np.ones((0, 1, 1)))
    with pytest.raises(InputError, match=r"V has shape \(1, 1, 2\), expected \(1, 1, 1\)"):
        DeepResidual(**fields, U=np.ones((1, 1, 1)), V=np.ones((1, 1, 2)))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("alpha", np.array(0.0), "alpha must be a positive number, not 0.0"),
        ("alpha", np.ones(2), r"alpha must be a positive number, not of shape \(2,\)"),
        ("v", np.ones(2), r"v has shape \(2,\), expected \(1,\)"),
        ("C", np.ones((2, 1)), r"C has shape \(2, 1\), expected \(1, 1\)"),
        ("activation", "relu", "there is no activation 'relu'"),
    ],
)
def test_bad_directions_and_activations_are_named(field: str, value: Any, message: str) -> None:
    fields = {name: getattr(saddle(), name) for name in CurvedResidual.__dataclass_fields__}
    with pytest.raises(InputError, match=message):
        CurvedResidual(**{**fields, field: value})


def test_a_direction_of_length_zero_is_no_evidence() -> None:
    """Every statement with v divides by ||v|| in its proof."""
    assert yun2019.nonzero_v.holds(saddle())
    assert not yun2019.nonzero_v.holds(with_fields(saddle(), v=np.zeros(1)))


def test_the_range_in_which_the_residual_network_is_better_is_exact() -> None:
    """(3 + √189)/4 = 4.18693174...: the premise and the sign of the gain change there together."""
    claim = yun2019_examples.better_up_to_the_crossing
    inside, beyond = (Spread(np.array(rho)) for rho in (4.1869317, 4.1869318))
    assert yun2019_examples.up_to_the_crossing.holds(inside)
    assert not yun2019_examples.up_to_the_crossing.holds(beyond)
    assert decide_case(claim, inside).decision is Decision.HOLDS
    assert decide_case(claim, beyond).decision is Decision.VIOLATED


# -- where both sides are 0 -------------------------------------------------------------------


def _simplest(loss: str, activation: str = "tanh", **changes: Any) -> DeepResidual:
    one, none = np.ones(1), np.zeros((1, 1, 1))
    fields = {"X": np.ones((1, 1)), "y": one, "U": none, "V": none, "w": one, "u": one}
    return DeepResidual(**{**fields, **changes}, loss=loss_named(loss), activation=activation)


@pytest.mark.parametrize("loss", ["logistic", "cross_entropy", "log_cosh", "pseudo_huber"])
def test_near_the_identity_equality_is_proved_at_the_simplest_point(loss: str) -> None:
    claim = yun2019.risk_near_identity
    assert decide_case(claim, _simplest(loss), claim.weight).decision is Decision.EQUAL
    moved = _simplest(loss, V=np.full((1, 1, 1), 0.5), U=np.ones((1, 1, 1)))
    assert decide_case(claim, moved, claim.weight).decision is Decision.HOLDS


def test_a_comparator_that_is_the_network_itself_has_no_gap() -> None:
    """w = u, V_lᵀ u = c_l: features that are no rational numbers cancel."""
    at = CoveredResidual(
        X=np.array([[0.0, -2.0], [-2.0, 1.0]]),
        y=np.array([0.25, 1.5]),
        U=np.array([[[-1.0, -2.0]]]),
        V=np.array([[[-1.0], [-1.0]]]),
        w=np.array([2.0, -2.0]),
        u=np.array([2.0, -2.0]),
        v=np.array([0.0, 2.0]),
        C=np.zeros((1, 1)),
        loss=loss_named("gamma"),
        activation="sigmoid",
    )
    decision = decide_case(yun2019.along, at, yun2019.along.weight).decision
    assert decision is Decision.EQUAL
    assert yun2019.along.expects_tie(at, "gaussian")
    assert not yun2019.along.expects_tie(with_fields(at, u=np.array([1.0, -2.0])), "gaussian")
    assert yun2019.across.expects_tie(with_fields(at, loss=loss_named("affine")), "gaussian")
    assert not yun2019.across.expects_tie(at, "gaussian")
