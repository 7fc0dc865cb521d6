"""False neighbours of what is said of stochastic gradient descent in Zou, Long and Gu (2020)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import settled
from checker.claims.neighbours import changed, mutant, times
from properties.zou2020 import sgd
from strategies.deep_linear.sgd import informative_experiments

PATH, SGD = sgd.stochastic_path, sgd.stochastic_descent


@mutant(PATH, "a_tenth", "d = k = m = n = 1: c_F exceeds what a small step needs by 8.96")
def path_with_a_tenth(at: Any) -> Any:
    return sgd.paid_for(at, Fraction(1, 10))


sgd_at_64_times_the_rate = changed(
    SGD, "rate_64_times", "isometric A, B and one input gain about 2 e q, not 64 q", c=64
)
path_an_eighth = times(
    PATH, Fraction(1, 8), "an_eighth", "c_F exceeds what a small step needs by 8.96"
)


@mutant(SGD, "far_shorter_path", "the layers have to move by about √(2 e_0) / (Λ ||X||)")
def sgd_with_a_shorter_path(at: Any) -> Any:
    outcomes = [at.worst(run, at.rate(at.step), at.step, 2.0**-16) for run in range(at.runs)]
    return sgd.no_more_than_allowed(at, outcomes)


@mutant(
    SGD,
    "mean_of_the_last_iterate",
    "E_T <= (1 - q)^T e_0 in the mean, but a run that misses the one informative sample of 6 for "
    "9 steps stays at e_0: 19 % do, three times as many as δ = 1/16 allows",
    given=informative_experiments(6, 9),
)
def sgd_by_its_mean(at: Any) -> Any:
    allowed = at.e0
    for _ in range(at.T):
        allowed = settled(allowed * (1 - at.rate(at.step)))
    last = (list(at.iterates(run, at.step))[-1][0].excess for run in range(at.runs))
    return sgd.no_more_than_allowed(at, [excess / allowed for excess in last])


@mutant(
    SGD,
    "step_of_gradient_descent",
    "one informative sample of 24: a step is 24 times as long as that of gradient descent",
    given=informative_experiments(),
)
def sgd_with_step_of_gradient_descent(at: Any) -> Any:
    step = 1 / at.smoothness(at.e0)
    outcomes = [at.worst(run, at.rate(step), step) for run in range(at.runs)]
    return sgd.no_more_than_allowed(at, outcomes)
