"""Example 1, Remark 3, Remark 1 and Figure 1: proved points, exact identities, bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb

from checker import decide
from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.existence.krawczyk import enclosed_zero
from checker.arithmetic.functions import dot, norm, outer
from checker.claims.claim import Claim
from checker.instances.draws import draw_last
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.residual_unit.example1 import Example1
from checker.testing import Checker
from properties.shamir2018 import biases as shamir2018_biases
from properties.shamir2018 import example1 as shamir2018_example1
from properties.shamir2018.bad_minimum import Ravine, bad_minimum, before_the_fold, six_times
from properties.shamir2018.figure1 import (
    DISC,
    FIGURE_1B,
    FIGURE_1C,
    ON_DISC,
    Kind,
    Surface,
    constrained_minimum,
    stationary_point,
    stationary_points,
    threshold,
    valley_radius,
)

BITS = 256


def _claims(module: Any, *, false: bool) -> list[Claim]:
    own = (c for c in vars(module).values() if isinstance(c, Claim))
    return [c for c in own if c.must_be_refuted == false]


BIASED = [c for c in _claims(shamir2018_biases, false=False) if "remark1" in c.id]


def _at(eps: float, s: float, u: float, h: Any = (1.0, 1.0)) -> Example1:
    return Example1(*(np.array(x, dtype=float) for x in (eps, s, u, *h)))


# -- Example 1 and Remark 3 -----------------------------------------------------------------------


@pytest.mark.parametrize("claim", _claims(shamir2018_example1, false=False), ids=lambda c: c.id)
def test_claims_of_the_example_stand(
    claim: Claim, check_claim: Checker, in_brief: Callable[[Claim], Claim]
) -> None:
    assert check_claim(in_brief(claim), cases=120, seed=1).tally.cases >= 120


COUNTEREXAMPLES = {
    "example1_gap.printed_place": _at(0.5, 0, -1),
    "example1_gap.lower_by_1e-6": _at(0.5, 0, -1),
    "remark3_constant.any_epsilon": _at(100, -2, 2),
    "remark3_constant.lower_by_5_percent": _at(1, -2, 2),
    "remark3_constant.outside_the_box": _at(1, 4, 4),
    "remark3_constant.of_the_function": _at(2**-10, -2, 2),
    "remark3_hessian.smaller": _at(1, -2, 2),
    "remark3_third.half": _at(1, 2, 2),
    "example1_curvature.positive": _at(0.5, 0, -1),
    "example1_curvature.c_lower_by_1e-6": _at(0.5, 0, -1),
    "example1_derivatives.lower_by_1e-6": _at(0.5, 1, 1),
    "example1_derivatives.factor_1_forgotten": _at(0.5, 1, 1),
}
MUTANTS = {c.id.partition(".")[2]: c for c in _claims(shamir2018_example1, false=True)}


def test_every_mutant_has_a_counterexample() -> None:
    assert set(COUNTEREXAMPLES) == set(MUTANTS)


def test_the_bad_minimum_exists_beyond_the_fold_and_is_a_saddle_before_it() -> None:
    """By hand at c = 1, q = 1/4: the Hessian has the determinant 0.316 - 1.929² < 0."""
    beyond, before = (Ravine(np.array(1.0), np.array(q)) for q in (0.6, 0.25))
    assert decide(bad_minimum, beyond).decision is Decision.HOLDS
    assert decide(six_times, beyond).decision is Decision.VIOLATED
    missed = decide(bad_minimum, before).missed
    assert missed.startswith("beyond_the_fold: 0.25 is not at least 0.484375")
    assert decide(before_the_fold, before).decision is Decision.VIOLATED


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_explicit_counterexample_violates_the_mutant(name: str) -> None:
    claim, instance = MUTANTS[name], COUNTEREXAMPLES[name]
    assert decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED
    assert all(bool(np.all(a.holds(instance))) for a in claim.assuming)


def test_the_exponent_one_quarter_is_observed() -> None:
    """Over 35 decades of ε the slope of log gap over log ε is 1/4 up to c/8, in balls; the
    exponents 1/3 and 1/2 are excluded."""
    from properties.shamir2018.exponent import observed, slope

    for k in range(2, 31, 4):
        with working_precision(BITS):
            c = arb((1, -k))
            assert abs(slope(k, k + 1) - arb(1) / 4) <= c / 8
    with working_precision(BITS):
        first, last = observed(0).epsilon, observed(30).epsilon
        assert first / last > arb(10) ** 35
        assert all(observed(k).gap > 0 for k in (0, 30))


def test_third_derivative_is_that_of_the_objective() -> None:
    """D³F[h, h, h] as the slope of the curvature hᵀ∇²F h along h, by a Taylor series."""
    rng = np.random.default_rng(0)
    for _ in range(10):
        eps, s, u = rng.uniform(0.1, 3), *rng.uniform(-2, 2, 2)
        h = rng.standard_normal(2)
        with working_precision(BITS):
            ball = map_arrays(_at(eps, s, u, h), Ball.constant)
            at = ball.point
            series = with_fields(
                at,
                **{n: _series(getattr(at, n), 0.0) for n in ("X", "Z", "y", "w_star")},
                w=_series(at.w, h[0]),
                V=_series(at.V, h[1]),
            )
            direction = Taylor.constant(h)
            slope = dot(outer(direction, direction), series.hessian).coefficient(1).item
            assert slope.overlaps(ball.third_derivative.item)
            assert slope.rad() < arb((1, -100))


def _series(balls: Any, step: float) -> Any:
    line = Taylor.line(np.zeros(balls.shape), np.full(balls.shape, step))
    return Taylor(line.entries + balls.entries)


@pytest.mark.parametrize(
    ("eps", "norm"), [(0.1, 18.86), (1, 19.74), (10, 28.64), (100, 118.53), (1000, 1018.50)]
)
def test_greatest_hessian_of_the_errata_table(eps: float, norm: float) -> None:
    """The numbers in docs/shamir2018.md are those of the closed form, rounded."""
    exact = (13 + math.sqrt(25 + 4 * (12 + eps) ** 2)) / 2
    assert f"{exact:.2f}" == f"{norm:.2f}"


# -- Remark 1 -------------------------------------------------------------------------------------


def test_every_theorem_on_points_is_stated_with_biases() -> None:
    from properties.shamir2018 import stationarity as shamir2018_stationarity
    from properties.shamir2018 import theorems as shamir2018

    plain = _claims(shamir2018, false=False) + _claims(shamir2018_stationarity, false=False)
    keys = {c.id.partition(".")[2] for c in plain if c.id.startswith("shamir2018.")}
    assert {c.id.partition("remark1_")[2] for c in BIASED} == keys | {"corollary1"}


@pytest.mark.parametrize("claim", BIASED, ids=lambda c: c.id)
def test_points_with_biases_have_constant_inputs(claim: Claim) -> None:
    for strategy in claim.domain.strata.values():
        structure: Any = draw_last(strategy, 2)
        batch = structure.batch(np.random.default_rng(3), 4)
        if batch.size:
            assert np.all(batch.instances.X[:, -1] == 1.0)
            # Not every found point has a minimum that is proved.
            plain = [a for a in claim.assuming if a.proof is None]
            assert all(np.all(a.holds(batch.instances)) for a in plain)


def test_theorem_1_stands_with_biases_and_needs_their_gradient(
    check_claim: Checker, in_brief: Callable[[Claim], Claim]
) -> None:
    for claim in (shamir2018_biases.theorem1, shamir2018_biases.theorem2):
        assert check_claim(in_brief(claim), cases=100, seed=1).tally.nontrivial > 0
    check_claim(shamir2018_biases.without_gradient_in_bias, cases=2000, seed=1)


# -- Krawczyk's test ---------------------------------------------------------------------------


def _square_minus(number: float) -> Any:
    return (lambda x: x * x - number), (lambda x: 2 * outer(x, Ball.constant(np.ones(1))))


def test_a_zero_is_enclosed() -> None:
    system, jacobian = _square_minus(2.0)
    with working_precision(128):
        box = enclosed_zero(system, jacobian, np.array([1.41]), 0.1)
        assert box is not None
        assert box[0].item.overlaps(arb(2).sqrt())


@pytest.mark.parametrize(
    ("number", "near", "radius"), [(-1.0, 0.5, 0.1), (2.0, 1.0, 0.01), (0.0, 0.0, 0.5)]
)
def test_where_there_is_no_simple_zero_nothing_is_proved(
    number: float, near: float, radius: float
) -> None:
    system, jacobian = _square_minus(number)
    with working_precision(128):
        assert enclosed_zero(system, jacobian, np.array([near]), radius) is None


# -- Figure 1 ----------------------------------------------------------------------------------

THREE = [(0.6596, 0.3277, "MINIMUM"), (-0.2725, -1.0694, "SADDLE"), (-0.9828, -1.6027, "MINIMUM")]
TABLE = [(1.0, 0.5, THREE), (0.5, 0.5, [(0.5986, 0.2799, "MINIMUM")]), (0.5, 0.25, THREE)]


@pytest.mark.parametrize(("c", "regularisation", "expected"), TABLE)
def test_stationary_points_of_the_regularised_figure(
    c: float, regularisation: float, expected: Any
) -> None:
    """All of them, each enclosed and its kind proved."""
    found = stationary_points(Surface(c, regularisation))
    assert [(*(f"{x:.4f}" for x in p.middle), p.kind.name) for p in found] == [
        (f"{w:.4f}", f"{v:.4f}", kind) for w, v, kind in expected
    ]


def test_the_bad_minimum_is_above_the_good_one_and_above_linear() -> None:
    """F_lin is 0 at u = 1, or λ/2 with its regularisation."""
    good, _, bad = stationary_points(FIGURE_1B)
    assert bad.value > good.value
    assert bad.value > FIGURE_1B.regularisation / 2


@pytest.mark.parametrize(("share", "count"), [(0.999, 3), (1.001, 1)])
def test_the_bad_minimum_exists_up_to_the_threshold(share: float, count: int) -> None:
    with working_precision(BITS):
        limit = threshold()
        assert 0 < limit < 1
    for c in (0.5, 1.0, 3.0):
        surface = Surface(c, share * 2 * c * float(limit.mid()))
        kinds = [p.kind for p in stationary_points(surface)]
        assert kinds == [Kind.MINIMUM, Kind.SADDLE, Kind.MINIMUM][:count]


def test_the_constrained_minimum_is_on_the_circle() -> None:
    point = constrained_minimum(FIGURE_1C, DISC, ON_DISC)
    assert point is not None
    assert point.kind is Kind.MINIMUM
    assert point.multiplier > 0
    assert point.value > 0
    assert tuple(f"{x:.4f}" for x in point.middle) == ("-1.0756", "-1.6861")
    assert (point.w**2 + point.v**2).overlaps(arb(4))


def test_nothing_is_proved_at_a_maximum_on_the_circle() -> None:
    """At the opposite multiplier's sign the point is stationary but no minimum."""
    point = constrained_minimum(FIGURE_1C, DISC, np.array([1.0756, 1.6861, -3.0]))
    assert point is None or point.kind is not Kind.MINIMUM


def test_in_a_larger_disc_the_valley_is_reached() -> None:
    """The point of the valley w(1 + v) = 1, w < 0, nearest to 0 has the norm 2.1908."""
    radius, w, v = valley_radius()
    with working_precision(BITS):
        assert (w * (1 + v)).overlaps(arb(1))
        assert abs(radius - arb("2.19080002593")) < arb((1, -35))
    for share, bad in ((0.98, True), (1.02, False)):
        near = np.array([share * float(w.mid()), share * float(v.mid()), 0.0])
        point = constrained_minimum(FIGURE_1C, share * float(radius.mid()), near)
        assert (point is not None and point.kind is Kind.MINIMUM) == bad


def test_the_saddle_of_the_figure_itself_is_proved() -> None:
    """F at (0, -1): a saddle, as Example 1 with ε = 1 says."""
    point = stationary_point(FIGURE_1C, np.array([0.0, -1.0]))
    assert point is not None
    assert point.kind is Kind.SADDLE
    assert point.middle == (0.0, -1.0)


def test_the_gradient_of_the_figure_is_that_of_its_value() -> None:
    rng = np.random.default_rng(0)
    for _ in range(10):
        place, step = rng.standard_normal((2, 2))
        with working_precision(BITS):
            at, h = Ball.constant(place), Ball.constant(step)
            tiny = arb((1, -100))
            moved = Ball(at.entries + h.entries * tiny)
            change = (FIGURE_1B.value(moved) - FIGURE_1B.value(at)).item / tiny
            slope = dot(FIGURE_1B.gradient(at), h).item
            assert abs(change - slope) < arb((1, -80)) * (1 + abs(norm(h).item) ** 4) * 100
