"""False neighbours of the theorems of Zou, Long and Gu (2020)."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

from checker.arithmetic.functions import dot, lambda_max, lambda_min, sq, sqrt
from checker.landscape.deep_linear import largest_square
from properties import zou2020 as zou
from properties.mutants_base import mutant, scaled, without
from strategies.gaussian_draws import gaussian_ends
from strategies.linear_resnet_states import (
    hasty_states,
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


@mutant(
    DOMINANCE,
    "outside_the_ball",
    "W_1 = W_2 = -I: the gradient is 0, the loss is not",
    given=DOMINANCE.domain.without["in_ball"](),
    assuming=without(DOMINANCE, "in_ball"),
)
def dominance_outside(at: Any) -> Any:
    return DOMINANCE(at)


dominance_millionth = scaled(SHARP, "1e-6", _BOUNDARY)
gradient_millionth = scaled(GRADIENT, "1e-6", "d = k = m = 1, W_l = 1/(2L)")


@mutant(GRADIENT, "no_growth", "d = k = m = 1, W_l = 1/(2L): the factor tends to e")
def gradient_without_growth(at: Any) -> Any:
    return 2 * sq(at.Lambda * at.norm_X) * at.chain.excess >= zou.greatest(zou.squares(at))


# -- smoothness -------------------------------------------------------------------------------


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


@mutant(RATE, "sixteen_times", "isometric A, B, X and W = 0 gain about 2 e q")
def rate_sixteen_times(at: Any) -> Any:
    gain = at.chain.excess - at.after.excess
    return gain >= 16 * at.rate(at.step) * at.chain.excess


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


@mutant(
    RATE,
    "large_steps",
    "η = 100/K_0 overshoots",
    given=hasty_states(),
    assuming=without(RATE, "step_in_range"),
)
def rate_with_large_steps(at: Any) -> Any:
    return RATE(at)


@mutant(RATE, "step_without_L", "η = L/K_0 is too long for deep networks: L = 32")
def rate_with_step_without_L(at: Any) -> Any:
    step = at.L * at.step
    after = at.chain.stepped(step)
    return at.chain.excess - after.excess >= at.rate(step) * at.chain.excess


@mutant(
    PATH, "a_tenth", "d = k = m = 1, W = 0: c exceeds what a small step needs by 2 e^(3/2) = 8.96"
)
def path_with_a_tenth(at: Any) -> Any:
    room = at.reach * (sqrt(at.e0) - sqrt(at.after.excess)) / 10
    return room >= sqrt(largest_square(at.after.weights()))


@mutant(TRAJECTORY, "sixteen_times", "q is less than what isometric A, B and X give by about 2e")
def trajectory_sixteen_times(at: Any) -> Any:
    chains = at.path(zou.STEPS)
    fallen, start = chains[0].excess - chains[-1].excess, chains[0].excess
    return fallen >= (1 - (1 - 16 * at.rate(at.step)) ** zou.STEPS) * start


@mutant(IDENTITY, "e_squared", "e² = 7.389 leaves no room for √e_0 in K_0")
def rate_with_e_squared(at: Any) -> Any:
    rate = at.rate(1 / at.smoothness(at.chain.excess))
    return Fraction(738, 100) * rate * sq(at.norm_X) >= at.sigma / sq(at.Lambda)


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


@mutant(
    GAUSSIAN,
    "narrow",
    "a width of 1/900 of what the theorem asks for: about no draw meets the condition",
    given=gaussian_ends(30),
    assuming=without(GAUSSIAN, "wide_enough"),
)
def narrow_gaussians(at: Any) -> Any:
    return GAUSSIAN(at)
