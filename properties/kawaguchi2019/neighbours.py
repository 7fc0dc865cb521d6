"""False neighbours of the theorems of Kawaguchi and Bengio (2019)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import (
    dot,
    frobenius,
    norm,
    solve_positive_definite,
    spectral_norm,
    sq,
    sqrt,
)
from checker.claims.neighbours import dropped, mutant, scaled, times, without
from checker.landscape.minima.proof import local_minimum
from properties.kawaguchi2019 import theorems as kawaguchi
from properties.shamir2018.neighbours.found import exactly_critical
from strategies.minima.found_controls import exactly_critical_points
from strategies.minima.one_output import one_output
from strategies.residual_unit.comparators import wide_points

LEMMA, FULL = kawaguchi.residual_direction, kawaguchi.residual_gradient_bound
FLAT, BETTER = kawaguchi.flat_gradient_bound, kawaguchi.guaranteed_improvement

SQUARED, MINIMA = kawaguchi.squared_improvement, kawaguchi.no_bad_local_minimum

_FAR = "loss r²/(1 + r²), x = 1, f = 0, y = 0, W = 6, W* = 0"
_DEAD = "W = 0, V = -1, x = f = y = 1, squared loss: critical, F = 1/2, and W* = 1 has risk 0"


# -- assumptions dropped ----------------------------------------------------------------------


lemma_without_convexity = dropped(LEMMA, "convex_loss", "no_convexity", _FAR)
full_rank_without_convexity = dropped(FULL, "convex_loss", "no_convexity", _FAR)


flat_without_convexity = dropped(
    FLAT,
    "convex_loss",
    "no_convexity",
    "W = 0, loss (r² - 1)²/4, x = 1, f = y = 0, W* = 1: a maximum",
)
improvement_without_convexity = dropped(BETTER, "convex_loss", "no_convexity", _FAR)


@mutant(
    FULL,
    "more_outputs_than_inputs",
    "W⁺ = (WᵀW)⁻¹Wᵀ is a left inverse only: W = (1, 0)ᵀ, V = 0, x = 0, f = 1, S = (0, 1)ᵀ and a "
    "label along S: ∂F/∂V = WᵀB = 0, the second output is never reached",
    given=wide_points(),
    assuming=without(FULL, "full_row_rank"),
)
def full_rank_for_wide_outputs(at: Any) -> Any:
    rows = solve_positive_definite(at.W.T @ at.W, at.W.T @ at.D)
    squares = [sq(row) for row in rows]
    return at.grad_norm * sqrt(sq(at.W - at.W_star) + sum(squares[1:], squares[0])) >= (
        at.residual_gap
    )


# -- the direction ----------------------------------------------------------------------------


@mutant(LEMMA, "S_added", "W = 1, W* = 0, V = 0, x = 0, f = 1, S = 1, loss -p: 1 for -1 in V")
def lemma_with_S_added(at: Any) -> Any:
    return dot((at.W - at.W_star, at.lift(at.W_star @ at.V + at.S)), at.grad) >= at.residual_gap


@mutant(LEMMA, "S_ignored", "the direction of appendix B of Shamir (2018) knows nothing of S")
def lemma_without_S(at: Any) -> Any:
    return dot((at.W - at.W_star, at.lifted), at.grad) >= at.residual_gap


@mutant(LEMMA, "transpose_for_inverse", "W Wᵀ is not I: W = 1/2, W* = -1, V = 1, x = 3, f = -1")
def lemma_with_transpose(at: Any) -> Any:
    return dot((at.W - at.W_star, at.W.T @ at.D), at.grad) >= at.residual_gap


@mutant(FULL, "no_V_block", "W = 1, W* = -1, V = 1, S = 0, x = 3, f = -1, loss p")
def full_rank_without_V(at: Any) -> Any:
    return at.grad_norm * frobenius(at.W - at.W_star) >= at.residual_gap


@mutant(FULL, "spectral_norms", "W = I, W* = -I, V = 0, S = 0: ||2I|| = 2, ||2I||_F = √8")
def full_rank_with_spectral_norms(at: Any) -> Any:
    W, V = at.direction
    return at.grad_norm * sqrt(spectral_norm(W) ** 2 + spectral_norm(V) ** 2) >= at.residual_gap


@mutant(FULL, "gradient_in_W_only", "K = 1: x = f = y = 1, W = 1/100, V = -1, W* = 1, squared")
def full_rank_with_gradient_in_W(at: Any) -> Any:
    return frobenius(at.grad[0]) * norm(at.direction) >= at.residual_gap


# -- lower rank -------------------------------------------------------------------------------


def _flat_size(at: Any, factor: Any) -> Any:
    point = at.point
    return sqrt(sq(point.W - point.W_star) + factor * sq(point.D) / sq(at.u))


@mutant(FLAT, "at_the_point_alone", _DEAD)
def flat_at_the_point_alone(at: Any) -> Any:
    return at.point.grad_norm * _flat_size(at, at.V.shape[1]) >= at.point.residual_gap


@mutant(
    FLAT,
    "one_side",
    "at V + u e_jᵀ alone the gradients may cancel: W = 0, V = -2, u = 1, x = f = y = 1",
)
def flat_on_one_side(at: Any) -> Any:
    squares = [sq(plus.grad[0]) for plus, _ in at.neighbours]
    mean = sum(squares[1:], squares[0]) / len(squares)
    return sqrt(mean) * _flat_size(at, at.V.shape[1]) >= at.point.residual_gap


@mutant(FLAT, "no_factor_m", "equality has the factor m: linear loss, B = m D")
def flat_without_m(at: Any) -> Any:
    return sqrt(at.mean_square_gradient) * _flat_size(at, 1) >= at.point.residual_gap


@mutant(FLAT, "no_length_of_u", "a short u reaches nowhere: W = 0, V = -1, x = f = y = 1")
def flat_without_length(at: Any) -> Any:
    size = _flat_size(at, at.V.shape[1] * sq(at.u))
    return sqrt(at.mean_square_gradient) * size >= at.point.residual_gap


# -- improvement ------------------------------------------------------------------------------


@mutant(BETTER, "no_curvature", "squared loss: long steps do not gain t ||B*||²")
def improvement_without_curvature(at: Any) -> Any:
    return at.grad_norm * norm(at.direction) >= at.gap + at.t * sq(at.B_star)


@mutant(BETTER, "half_the_curvature", "x = 0, f = y = 1, W* = 0, squared loss: t = 1 gains 1/2")
def improvement_with_half_the_curvature(at: Any) -> Any:
    gain = (at.decrease + at.t * sq(at.B_star)) / 2
    return at.grad_norm * norm(at.direction) >= at.gap + gain


@mutant(SQUARED, "features_not_projected", "f = x + noise: the part of f along x counts twice")
def squared_with_whole_features(at: Any) -> Any:
    residual, new = at.off_inputs(at.Y), at.off_inputs(at.Z)
    cross = new.T @ residual
    rows = solve_positive_definite(at.Z.T @ at.Z, cross)
    improvement = sum((dot(cross[i], row) for i, row in enumerate(rows)), 0 * sq(at.V))
    return at.F >= (sq(residual) - improvement) / (2 * at.X.shape[0])


@mutant(SQUARED, "no_improvement", "W = V = 1 on x = 0, f = y = 1 fits what no W* can")
def squared_without_improvement(at: Any) -> Any:
    return at.F >= sq(at.off_inputs(at.Y)) / (2 * at.X.shape[0])


# -- equality cases ---------------------------------------------------------------------------

lemma_millionth = scaled(LEMMA, "1e-6", "equality for every linear loss")
full_rank_millionth = scaled(FULL, "1e-6", "W = 1, W* = -1, V = S = 0, x = 2, f = 0, loss p")
flat_millionth = scaled(FLAT, "1e-6", "W = 0, W* = -1, V = S = 0, x = 1, f = 0, loss p")
improvement_millionth = scaled(BETTER, "1e-6", "W = 1, W* = -1, V = 0, x = 2, f = 0, loss p")
squared_millionth = scaled(SQUARED, "1e-6", "W and W V from least squares")

lemma_less = scaled(LEMMA, "half_percent", "equality for every linear loss")
full_rank_less = scaled(FULL, "half_percent", "W = 1, W* = -1, V = S = 0, x = 2, f = 0, loss p")
flat_less = scaled(FLAT, "half_percent", "W = 0, W* = -1, V = S = 0, x = 1, f = 0, loss p")
improvement_less = scaled(BETTER, "half_percent", "W = 1, W* = -1, V = 0, x = 2, f = 0, loss p")
squared_less = scaled(SQUARED, "half_percent", "W and W V from least squares")
squared_even_less = scaled(SQUARED, "5_percent", "W and W V from least squares")

# -- local minima -----------------------------------------------------------------------------

minima_with_more_outputs = dropped(
    MINIMA,
    "no_more_outputs_than_inputs",
    "more_outputs_than_inputs",
    "K = 2, d = 1: samples (x, f) = (1, 0), (0, 1) with labels (2, 1), (2, -1), squared loss: "
    "W = (2, 0)ᵀ, V = 1 is a strict local minimum with F = 1/2, and [x; f] fits both",
)

minima_with_kinks = dropped(
    MINIMA,
    "differentiable_loss",
    "loss_with_kink",
    "|p - y| with x = (1, 0), f = (0, 1), y = (1, 0), W = 0, V = 2: a local minimum of value 1/2",
)

minima_without_convexity = dropped(
    MINIMA,
    "convex_loss",
    "no_convexity",
    "labels far from each other: near a few of them lies a minimum, the others pull no more",
)

every_critical_point = mutant(
    MINIMA,
    "every_critical_point",
    _DEAD,
    given=one_output(exactly_critical_points),
    assuming=[exactly_critical if a is local_minimum else a for a in MINIMA.assuming],
)(MINIMA.formula)

full_rank_without_convexity_found = dropped(
    kawaguchi.full_rank_found,
    "convex_loss",
    "no_convexity",
    "the same minima: no gradient, and above the best predictor on [x; f(x)]",
)

rank_deficient_half = times(
    kawaguchi.rank_deficient_found,
    Fraction(1, 100),
    "a_hundredth",
    "saddles at W = 0 lie above the best predictor on [x; f(x)], by less than the bound",
)

at_the_point_alone_found = mutant(
    kawaguchi.rank_deficient_found,
    "at_the_point_alone",
    "saddles at W = 0 have no gradient, and lie above",
)(flat_at_the_point_alone.formula)
