"""Shamir (2018), Remark 1: biases. A constant input 1 gives w and V their biases.

Every theorem on points is stated once more over points whose last input and last feature are 1.
They hold as special cases; what is checked is that nothing in them excludes such points. V keeps
its row for the constant input, which a network with biases need not have.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import norm, spectral_norm, sq, sqrt
from checker.claims.claim import Assumption, Claim, Domain, Source
from checker.claims.neighbours import changed, dropped, lowered, mutant, raised, scaled, times
from properties.shamir2018 import stationarity
from properties.shamir2018 import theorems as shamir
from properties.shamir2018.found import no_bad_local_minimum
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.residual_unit.biases import (
    biased_minima,
    biased_points,
    biased_points_at_w_zero,
    biased_region_points,
)

constant_input = Assumption(
    "constant_input",
    r"x_d = 1",
    lambda at: (at.X[:, -1] == 1).all(axis=0),
    definitional=True,
)


def with_biases(claim: Claim, domain: Domain) -> Claim:
    """The same claim over a domain with constant inputs and features."""
    label = claim.source.label if claim.source else claim.id
    key = claim.id.partition(".")[2]
    return replace(
        claim,
        id=f"{SHAMIR_2018.key}.remark1_{key}",
        title=f"with biases: {claim.title}",
        source=Source(SHAMIR_2018, f"Remark 1 with {label}", f"remark1_{key}"),
        domain=domain,
        # The audit drops the assumptions of the claim itself; once is enough.
        assuming=(constant_input, *(replace(a, definitional=True) for a in claim.assuming)),
    )


_POINTS, _AT_ZERO, _REGION = biased_points(), biased_points_at_w_zero(), biased_region_points()

lemma1 = with_biases(shamir.gradient_direction, _POINTS)
theorem1 = with_biases(shamir.gradient_bound, _POINTS)
theorem1_sharp = with_biases(shamir.sharp_gradient_bound, _POINTS)
theorem2_eigenvalue = with_biases(shamir.least_eigenvalue, _AT_ZERO)
theorem2 = with_biases(shamir.curvature_bound, _AT_ZERO)
theorem2_sharp = with_biases(shamir.sharp_curvature_bound, _AT_ZERO)
theorem3 = with_biases(stationarity.stationary_points, _REGION)
theorem3_at_t = with_biases(stationarity.stationary_points_at_t, _REGION)
corollary1 = with_biases(no_bad_local_minimum, biased_minima())

_EQUAL = "loss p, x = f = 1, w = 0, V = -1, w* = -1: both sides are 1"

lemma1_5_percent = scaled(lemma1, "5_percent", "equality for every affine loss")
corollary1_no_convexity = dropped(
    corollary1,
    "convex_loss",
    "no_convexity",
    "a minimum near some labels, from which the others are too far to pull",
)
theorem1_no_V_term = changed(
    theorem1, "no_V_term", "x = f = y = 1, w = 1/100, V = -1, w* = 1, squared loss", c=0
)
theorem1_sharp_half = times(
    theorem1_sharp, Fraction(1, 2), "half", "loss p, x = f = w = 1, w* = -1, V = 0: 2√2 against 2"
)
eigenvalue_below_millionth = raised(
    theorem2_eigenvalue, Fraction(1, 10**6), "below_minus_millionth", "λ_min = 0 where b = 0"
)
theorem2_c2_5_percent = lowered(theorem2, "c2", "5_percent", _EQUAL)
theorem2_sharp_5_percent = scaled(theorem2_sharp, "5_percent", _EQUAL)
theorem3_a_fiftieth = times(
    theorem3,
    Fraction(1, 50),
    "a_fiftieth",
    "loss -p, x = 1, f = 0, w = 0, V = 0, w* = 1, b = 1, r = 2: 18.5 against 1",
)
theorem3_at_t_quarter = times(
    theorem3_at_t,
    Fraction(1, 4),
    "a_quarter",
    "loss p, x = 1, f = 0, w = 1, V = 0, w* = 0, b = 2, r = 1, t = 1: 3.7 against 1",
)


@mutant(
    theorem1,
    "bias_not_trained",
    "the derivative in the bias of w counts: x = (0, 1), f = (0, 1), y = 1, w = (1, 0), V = 0, "
    "w* = (0, 1), squared loss: only ∂F/∂w_2 and ∂F/∂V_12 differ from 0",
)
def without_gradient_in_bias(at: Any) -> Any:
    last = at.w.shape[0] - 1
    in_w = sq(at.grad[0]) - at.grad[0][last] ** 2
    bound = sqrt(2 * sq(at.w) + sq(at.w_star) * (2 + spectral_norm(at.V) ** 2 / sq(at.w)))
    return sqrt(in_w + sq(norm(at.w) * at.b)) >= at.gap / bound
