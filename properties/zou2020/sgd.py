"""Zou, Long and Gu (2020): stochastic gradient descent over many steps, with high probability.

The paper's body was not at hand; statement, constants and proof are ours. The problem is realisable
(L* = 0), a step takes one sample i, uniform among n: W_l <- W_l - η n ∂L_i/∂W_l. Notation as in
`zou2020.theorems`; q = η L s / e, c_F = 2√2 e^(3/2) Λ ||X||_F / (L s), K is a smoothness for the
whole ball (`LinearSgd.smoothness_bound`) and η <= s / (e² K Λ² N²), N² = ||X||² + n max ||x_i||².

S_t is the sum over s < t of max_l ||W_l(s+1) - W_l(s)||_F, and σ the first t with S_t > 1/(2L). For
t < σ the iterate lies in the ball.

Values. For t < σ let G be n times the drawn gradient. E||G||² <= 2 e L Λ² N² E_t. The quadratic
E_t - η <∇L, G> + (K/2) η² ||G||² bounds E_{t+1} if W_{t+1} lies in the ball, and is at least
E_t - ||∇L||²/(2K) >= 0 if it does not, since ||∇L||² <= 2 e L Λ² ||X||² E_t <= 2 K E_t. So
E[E_{t+1} 1{t+1 < σ}] <= E_t - η ||∇L||² + (K/2) η² E||G||² <= (1 - q) E_t: the non-negative process
M_t = (1 - q)^-t E_t 1{t < σ} is a supermartingale, and Ville's inequality says
P(M_t > e_0/δ for some t) <= δ.

Lengths. max_l ||G_l||_F <= √e Λ n ||x_i|| ||R_i||, R_i = (Φ - Φ*) x_i, whose mean is at most
√e Λ ||X||_F √(2E) by Cauchy and Schwarz. So a step has mean length at most (q/2) c_F √E_t, and
E √E_{t+1} <= √(1 - q) √E_t <= (1 - q/2) √E_t: S_t + c_F √E_t falls in the mean until σ
(`sgd_path`). So E S_{min(t, σ)} <= c_F √e_0 for every t, and by Markov P(σ < ∞) <= 2 L c_F √e_0.

Together: if 2 L c_F √e_0 <= δ/2, then with probability 1 - δ, for all t at once, all iterates are
in the ball and E_t <= 2 (1 - q)^t e_0 / δ.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np

from checker.arithmetic.functions import sq, sqrt
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, claim
from checker.landscape.deep_linear.network import largest_square
from checker.landscape.deep_linear.sgd import failed, nearest
from checker.landscape.oracles.deep_linear import gradient_along_a_line
from checker.landscape.sgd.experiment import most_failures
from properties.zou2020.theorems import (
    ZOU_2020,
    starts_at_zero,
    stays_in_ball,
    step_in_range,
)
from strategies.deep_linear.sgd import sgd_experiments
from strategies.deep_linear.states import stochastic_states


@claim(
    source=ZOU_2020.part("sgd_path", "stochastic gradient descent, the path in the mean"),
    wording="ours",
    title="the length of SGD's path is paid for by the fall of √E, in the mean",
    statement=r"c_F \left( \sqrt{E(W_t)} - \mathbb{E} \sqrt{E(W_{t+1})} \right) \ge "
    r"\mathbb{E} \max_l \|W_l(t+1) - W_l(t)\|_F, \quad "
    r"c_F = \frac{2\sqrt{2} e^{3/2} \|A\| \|B\| \|X\|_F}"
    r"{L \sigma_{\min}^2(A) \sigma_{\min}^2(B) \sigma_r^2(X)}",
    given=stochastic_states(),
    assuming=[stays_in_ball, step_in_range],
    kind="bound",
    weight=lambda at, inequality: at.chain.excess,
    oracles=(gradient_along_a_line,),
)
def stochastic_path(at: Any) -> Any:
    """The mean over the n samples is exact. With `sgd_step` it is the proof of `sgd`."""
    return paid_for(at, 1)


def paid_for(at: Any, size: Any) -> Any:
    """The same with c_F times `size`."""
    price = size * at.reach * sqrt(sq(at.X)) / at.norm_X
    n = at.X.shape[0]
    fall = _sum(sqrt(at.chain.excess) - sqrt(chain.excess) for chain in at.successors) / n
    moves = (
        [w - v for w, v in zip(chain.factors, at.chain.factors, strict=True)]
        for chain in at.successors
    )
    return price * fall >= _sum(sqrt(largest_square(move)) for move in moves) / n


def _sum(terms: Iterable[Any]) -> Any:
    return reduce(lambda a, b: a + b, terms)


# -- the statement about probabilities ----------------------------------------------------------


def _one_sample_per_step(at: Any) -> Any:
    of_one = (at.drawn == 0) | (at.drawn == 1)
    return np.all(of_one, axis=(0, 1, 2)) & np.all(at.drawn.sum(axis=2) == 1, axis=(0, 1))


as_drawn = Assumption(
    "as_drawn",
    r"\text{the samples are drawn independently, one per step, and as they were drawn}",
    lambda at: _one_sample_per_step(at) & (at.written() == at.digest),
    definitional=True,
    decided=True,
)

realisable = Assumption(
    "realisable",
    r"Y = \Phi^* X",
    lambda at: ~np.any(at.noise != 0, axis=(0, 1)),
)

sgd_condition = Assumption(
    "condition",
    r"\sigma_{\min}^2(A) \sigma_{\min}^2(B) / (\|A\| \|B\|) \ge 8\sqrt{2} e^{3/2} \|X\|_F "
    r"\sqrt{e_0} / (\delta \sigma_r(X)^2)",
    proved(lambda at: 0 * at.e0 + 1 >= 2 * at.odds * at.exit_odds),
)


@claim(
    source=ZOU_2020.part("sgd", "stochastic gradient descent"),
    wording="ours",
    title="SGD from 0 converges at a linear rate with high probability",
    statement=r"P\left( \exists t: \max_l \|W_l(t)\| > \tfrac{1}{2L} \text{ or } L(W_t) > "
    r"\tfrac{2}{\delta} (1 - q)^t L(0) \right) \le \delta",
    given=sgd_experiments(),
    assuming=[as_drawn, starts_at_zero, realisable, sgd_condition, step_in_range],
    constants={"c": 1},
    kind="bound",
    weight=lambda at, inequality: 0 * at.e0 + at.runs - inequality.lhs,
    trials=lambda at: at.trials,
)
def stochastic_descent(at: Any, c: Any) -> Any:
    """An exact binomial test of independent runs, each computed in the arithmetic itself.

    A run fails if its path is longer than 1/(2L), which is necessary for leaving the ball, or if
    E_t exceeds its bound for some t <= T: the proof allows this with probability δ. More than k of
    N runs then fail with probability 2^-30 at most, k = `most_failures`; a run counts as failed
    where enclosures prove it. The inequality is k + 1/2 >= failures + nearness/4 with nearness in
    [0, 1], which shows how near the worst run came. The rate is c q.
    """
    rate = c * at.rate(at.step)
    outcomes = [at.worst(run, rate, at.step) for run in range(at.runs)]
    return no_more_than_allowed(at, outcomes)


def no_more_than_allowed(at: Any, outcomes: list[Any]) -> Any:
    """k + 1/2 >= failures + nearness/4."""
    k = most_failures(at.trials)
    return 0 * at.e0 + k + 0.5 >= failed(outcomes) + nearest(outcomes) / 4
