"""False neighbours of the theorems of Zou, Long and Gu (2020)."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

from checker.arithmetic.functions import dot, lambda_max, lambda_min, sq, sqrt
from checker.claims.neighbours import changed, dropped, mutant, scaled, times
from properties.zou2020 import theorems as zou
from strategies.deep_linear.states import (
    one_informative_sample,
    states_anywhere,
)

DOMINANCE, SHARP, GRADIENT = (
    zou.gradient_dominance,
    zou.sharp_gradient_dominance,
    zou.gradient_upper_bound,
)
SMOOTH, RATE, PATH, TRAJECTORY = zou.smoothness, zou.one_step, zou.path_length, zou.trajectory
IDENTITY, SGD, GAUSSIAN = (
    zou.depth_independent_rate,
    zou.stochastic_step,
    zou.gaussian_transformations,
)

_BOUNDARY = "d = k = m = 1, W_l = -1/(2L): the factor tends to 1/e"


def _dominance(at: Any, size: Any) -> Any:
    return zou.least(zou.squares(at)) >= 2 * size * at.chain.excess / at.e


# -- gradients --------------------------------------------------------------------------------


@mutant(
    DOMINANCE, "norm_of_X", "X = diag(1, 1/16): what Φ - Φ* does to the weak input hardly counts"
)
def dominance_with_norm_of_X(at: Any) -> Any:
    X = at.X if at.X.shape[0] <= at.X.shape[1] else at.X.T
    gram = X @ X.T
    product = at.sigma / lambda_min(gram) * lambda_max(gram)
    return _dominance(at, product)


@mutant(DOMINANCE, "norms_of_A_and_B", "A with one weak column, Φ - Φ* along it")
def dominance_with_norms(at: Any) -> Any:
    X = at.X if at.X.shape[0] <= at.X.shape[1] else at.X.T
    return _dominance(at, sq(at.Lambda) * lambda_min(X @ X.T))


@mutant(DOMINANCE, "no_factor_1_over_e", _BOUNDARY)
def dominance_without_factor(at: Any) -> Any:
    return zou.least(zou.squares(at)) >= 2 * at.sigma * at.chain.excess


dominance_quarter = times(
    DOMINANCE, Fraction(1, 4), "a_quarter", "L = 1: the factor is 1, and 1/4 < 1/e"
)


dominance_outside = dropped(
    DOMINANCE, "in_ball", "outside_the_ball", "W_1 = W_2 = -I: the gradient is 0, the loss is not"
)


dominance_less = scaled(SHARP, "half_percent", _BOUNDARY)
dominance_even_less = scaled(SHARP, "5_percent", _BOUNDARY)
gradient_less = scaled(GRADIENT, "half_percent", "d = k = m = 1, W_l = 1/(2L)")
gradient_even_less = scaled(GRADIENT, "5_percent", "d = k = m = 1, W_l = 1/(2L)")
dominance_millionth = scaled(SHARP, "1e-6", _BOUNDARY)
gradient_millionth = scaled(GRADIENT, "1e-6", "d = k = m = 1, W_l = 1/(2L)")


@mutant(GRADIENT, "no_growth", "d = k = m = 1, W_l = 1/(2L): the factor tends to e")
def gradient_without_growth(at: Any) -> Any:
    return 2 * sq(at.Lambda * at.norm_X) * at.chain.excess >= zou.greatest(zou.squares(at))


# -- smoothness -------------------------------------------------------------------------------

smoothness_a_quarter = changed(
    SMOOTH,
    "a_quarter",
    "L = 1: the loss is quadratic, and K exceeds its curvature by e",
    c=Fraction(1, 4),
)


def _smooth(at: Any, K: Any) -> Any:
    excess, slopes = at.chain.excess, at.chain.gradients()
    first = reduce(lambda a, b: a + b, (dot(g, at.D[i]) for i, g in enumerate(slopes)))
    return first + K * zou.size_of_step(at) / 2 >= at.displaced.excess - excess


@mutant(SMOOTH, "no_factor_L", "all layers move at once: d = k = m = 1, W = 0, D_l all equal")
def smoothness_of_one_layer(at: Any) -> Any:
    return _smooth(at, at.smoothness(at.chain.excess) / at.L)


@mutant(SMOOTH, "no_curvature_at_0", "L = 1: the loss is quadratic, E = 0 leaves K = 0")
def smoothness_without_square(at: Any) -> Any:
    scale = at.Lambda * at.norm_X
    return _smooth(at, at.L * scale * sqrt(2 * at.e * at.chain.excess))


# -- gradient descent -------------------------------------------------------------------------


_GAIN = "isometric A, B, X and W = 0 gain about 2 e q"

rate_three_times = times(
    RATE, Fraction(1, 3), "three_times", "A = B = X = 1, W_l = -c I near the edge of the condition"
)
rate_sixteen_times = times(RATE, Fraction(1, 16), "sixteen_times", _GAIN)


@mutant(RATE, "norm_of_X", "X = diag(1, 1/16): the weak input is learnt at its own rate")
def rate_with_norm_of_X(at: Any) -> Any:
    X = at.X if at.X.shape[0] <= at.X.shape[1] else at.X.T
    gram = X @ X.T
    rate = at.rate(at.step) * lambda_max(gram) / lambda_min(gram)
    return at.chain.excess - at.after.excess >= rate * at.chain.excess


@mutant(
    RATE,
    "no_condition",
    "W_l = -I: all gradients are 0; A = B = 1, target -1 ends there for L >= 2",
    given=states_anywhere(),
    assuming=[],
)
def rate_without_condition(at: Any) -> Any:
    return RATE(at)


rate_with_large_steps = dropped(RATE, "step_in_range", "large_steps", "η = 100/K_0 overshoots")


@mutant(RATE, "step_without_L", "η = L/K_0 is too long for deep networks: L = 32")
def rate_with_step_without_L(at: Any) -> Any:
    step = at.L * at.step
    after = at.chain.stepped(step)
    return at.chain.excess - after.excess >= at.rate(step) * at.chain.excess


path_with_a_tenth = times(
    PATH,
    Fraction(1, 10),
    "a_tenth",
    "d = k = m = 1, W = 0: c exceeds what a small step needs by 2 e^(3/2) = 8.96",
)


trajectory_sixteen_times = times(TRAJECTORY, Fraction(1, 16), "sixteen_times", _GAIN)
rate_with_e_squared = times(
    IDENTITY, Fraction(738, 764), "e_squared", "e² = 7.389 leaves no room for √e_0 in K_0"
)


sgd_sixteen_times = times(SGD, Fraction(1, 16), "sixteen_times", _GAIN)

# -- randomness -------------------------------------------------------------------------------


@mutant(
    SGD,
    "step_of_gradient_descent",
    "one informative sample of 32: a step is 32 times as long as that of gradient descent",
    given=one_informative_sample(),
    assuming=[zou.in_ball, zou.step_in_range],
)
def sgd_with_step_of_gradient_descent(at: Any) -> Any:
    step = 1 / at.smoothness(at.chain.excess)
    values = [chain.excess for chain in at.after_samples(step)]
    mean = reduce(lambda a, b: a + b, values) / len(values)
    return at.chain.excess - mean >= at.rate(step) * at.chain.excess


narrow_gaussians = dropped(
    GAUSSIAN,
    "wide_enough",
    "narrow",
    "a width of 1/900 of what the theorem asks for: about no draw meets the condition",
)
