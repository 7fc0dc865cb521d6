"""Zou, Long and Gu (2020), "On the Global Convergence of Training Deep Linear ResNets".

The paper (abstract): gradient descent on W in B (I + W_L) ... (I + W_1) A x from W = 0, with A, B
fixed, converges at a linear rate to the global minimum under a condition on A, B and the first
loss; certain gaussian and modified identity A and B meet it. Its body was not at hand: the form of
the condition is recalled, all constants and proofs are ours.

Notation: E = L(W) - L*, e_0 at the start; Λ = ||A|| ||B||; s = σ_min(A)² σ_min(B)² σ_r(X)²,
r = min(n, d); the ball is max ||W_l|| <= 1/(2L). P_{>l}, P_{<l} are the products of the I + W_j
behind and before layer l, so ∂L/∂W_l = (B P_{>l})ᵀ (Φ - Φ*) X Xᵀ (P_{<l} A)ᵀ.

Gradients. In the ball the L - 1 factors of P_{>l} and P_{<l} together have singular values in
[(1 - 1/(2L))^(L-1), (1 + 1/(2L))^(L-1)], within [e^(-1/2), e^(1/2)], and ||R Xᵀ||_F is between
σ_r √(2E) and ||X|| √(2E) for R = (Φ - Φ*) X.

Smoothness. By telescoping, Φ(W + D) - Φ(W) has norm at most e^(1/2) Λ Σ||D_l||, and what is left
after the terms linear in D at most e^(1/2) Λ Σ_{i<j} ||D_i|| ||D_j|| <= e^(1/2) Λ (L/2) ||D||².

One step. Let c = 2√2 e^(3/2) Λ ||X|| / (L s). Suppose E <= e_0, max ||W_l||_F <= c(√e_0 - √E)
(trivial at W = 0), c √e_0 <= 1/(2L), η <= 1/K(e_0), and q = η L s / e (<= 1/e²). Since
η ||∂L/∂W_l||_F <= η √(2e) Λ ||X|| √E = (q/2) c √E, the step stays in the ball; by smoothness
E⁺ <= E - (η/2) ||∇L||² <= (1 - q) E; and (q/2) c √E <= c (√E - √E⁺) shows that the same holds after
the step. So by induction E_t <= (1 - q)^t e_0 for all t.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from checker.arithmetic.functions import dot, maximum, minimum, sq, sqrt
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim
from checker.landscape.deep_linear.network import largest_norm, largest_square
from checker.landscape.oracles.deep_linear import gradient_along_a_line
from checker.landscape.sgd.experiment import most_failures
from strategies.deep_linear.gaussian_ends import gaussian_ends
from strategies.deep_linear.states import (
    ball_points,
    descent_states,
    displaced_networks,
    modified_identities,
    stochastic_states,
    zero_starts,
)

ZOU_2020 = Paper(
    key="zou2020",
    authors="Difan Zou, Philip M. Long, Quanquan Gu",
    title="On the Global Convergence of Training Deep Linear ResNets",
    venue="ICLR 2020, arXiv:2003.01094",
    notation={
        "L(W)": "½ ‖B(I + W_L) ⋯ (I + W_1)A X - Y‖², squared Frobenius norm; L is also the number "
        "of layers",
        "L^*": "the least value of L(W) over all linear maps in place of the network",
        r"\nabla_l": "the gradient with respect to W_l",
        r"\sigma_r(X)": "the r-th singular value of X, r = min(n, d)",
    },
)

# Steps of a trajectory that is computed in the arithmetic itself.
STEPS = 3


def _in_ball(at: Any, weights: Any) -> Any:
    return 0 * at.norm_X + 1 >= 2 * at.L * largest_norm(weights)


in_ball = Assumption(
    "in_ball", r"\max_l \|W_l\| \le 1/(2L)", proved(lambda at: _in_ball(at, at.chain.weights()))
)

displaced_in_ball = Assumption(
    "displaced_in_ball",
    r"\max_l \|W_l + D_l\| \le 1/(2L)",
    proved(lambda at: _in_ball(at, at.displaced.weights())),
)

starts_at_zero = Assumption(
    "starts_at_zero",
    r"W(0) = 0",
    lambda at: ~np.any(at.W != 0, axis=(0, 1, 2)),
    definitional=True,
)

step_in_range = Assumption(
    "step_in_range", r"\eta \le 1/K_0", proved(lambda at: 0 * at.share + 1 >= at.share)
)

condition = Assumption(
    "condition",
    r"\sigma_{\min}^2(A) \sigma_{\min}^2(B) / (\|A\| \|B\|) \ge 4\sqrt{2} e^{3/2} \|X\| "
    r"\sqrt{e_0} / \sigma_r(X)^2",
    proved(lambda at: _condition(at, at.e0)),
)

condition_at_start = Assumption(
    "condition", condition.statement, proved(lambda at: _condition(at, at.chain.excess))
)


def _condition(at: Any, start: Any) -> Any:
    return 0 * start + 1 >= 2 * at.L * at.reach * sqrt(start)


def _room(at: Any, excess: Any) -> Any:
    """c (√e_0 - √E)."""
    return at.reach * (sqrt(at.e0) - sqrt(excess))


invariant = Assumption(
    "invariant",
    r"\max_l \|W_l\|_F \le c (\sqrt{e_0} - \sqrt{E})",
    proved(lambda at: _room(at, at.chain.excess) >= sqrt(largest_square(at.chain.weights()))),
)


# -- gradients ----------------------------------------------------------------------------------


def squares(at: Any) -> list[Any]:
    """||∂L/∂W_l||_F² for every layer."""
    return [sq(gradient) for gradient in at.chain.gradients()]


def _worst_factor(at: Any, sign: int) -> Fraction:
    """(1 ± 1/(2L))^(2(L - 1))."""
    factor: Fraction = (1 + Fraction(sign, 2 * at.L)) ** (2 * (at.L - 1))
    return factor


def least(values: list[Any]) -> Any:
    """The least of some numbers."""
    return reduce(minimum, values)


def greatest(values: list[Any]) -> Any:
    """The greatest of some numbers."""
    return -least([-v for v in values])


@claim(
    source=ZOU_2020.part("dominance", "gradient dominance"),
    wording="ours",
    title="in the ball every layer's gradient sees the loss",
    statement=r"\|\nabla_l L(W)\|_F^2 \ge \tfrac{2}{e} \sigma_{\min}^2(A) \sigma_{\min}^2(B) "
    r"\sigma_r^2(X) (L(W) - L^*)",
    given=ball_points(),
    assuming=[in_ball],
    kind="bound",
    equality_strata=frozenset({"W = -I/(2L)"}),
    oracles=(gradient_along_a_line,),
)
def gradient_dominance(at: Any) -> Any:
    """For every layer l. The constant e is the right one as L -> ∞."""
    return least(squares(at)) >= 2 * at.sigma * at.chain.excess / at.e


@claim(
    source=ZOU_2020.part("dominance_sharp", "gradient dominance, sharp form"),
    wording="ours",
    title="gradient dominance with the best constant for each depth",
    statement=r"\|\nabla_l L(W)\|_F^2 \ge 2 \left(1 - \tfrac{1}{2L}\right)^{2(L-1)} "
    r"\sigma_{\min}^2(A) \sigma_{\min}^2(B) \sigma_r^2(X) (L(W) - L^*)",
    given=ball_points(),
    assuming=[in_ball],
    kind="tight",
    equality_strata=frozenset({"W = -I/(2L)", "W = I/(2L)"}),
    oracles=(gradient_along_a_line,),
)
def sharp_gradient_dominance(at: Any) -> Any:
    """**Tight** for every depth: W_l = -I/(2L), A, B and X with equal singular values."""
    return least(squares(at)) >= 2 * _worst_factor(at, -1) * at.sigma * at.chain.excess


@claim(
    source=ZOU_2020.part("gradient", "upper bound on gradients"),
    wording="ours",
    title="in the ball the loss bounds every layer's gradient",
    statement=r"2 \left(1 + \tfrac{1}{2L}\right)^{2(L-1)} \|A\|^2 \|B\|^2 \|X\|^2 (L(W) - L^*) "
    r"\ge \|\nabla_l L(W)\|_F^2",
    given=ball_points(),
    assuming=[in_ball],
    kind="tight",
    equality_strata=frozenset({"W = -I/(2L)", "W = I/(2L)"}),
    oracles=(gradient_along_a_line,),
)
def gradient_upper_bound(at: Any) -> Any:
    """At most 2e Λ² ||X||² E. **Tight** for every depth: W_l = I/(2L) and equal singular values."""
    bound = 2 * _worst_factor(at, 1) * sq(at.Lambda * at.norm_X) * at.chain.excess
    return bound >= greatest(squares(at))


@claim(
    source=ZOU_2020.part("smoothness", "smoothness"),
    wording="ours",
    title="between points of the ball the loss is smooth",
    statement=r"L(W) + \langle \nabla L(W), D \rangle + \tfrac{K}{2} \|D\|_F^2 \ge L(W + D), "
    r"\quad K = L \Lambda \|X\| (\sqrt{2e(L(W) - L^*)} + e \Lambda \|X\|)",
    given=displaced_networks(),
    assuming=[in_ball, displaced_in_ball],
    constants={"c": 1},
    kind="bound",
    weight=lambda at, inequality: size_of_step(at),
)
def smoothness(at: Any, c: Any) -> Any:
    """K is L times what one layer has, since all layers move at once."""
    excess, slopes = at.chain.excess, at.chain.gradients()
    first = reduce(lambda a, b: a + b, (dot(g, at.D[i]) for i, g in enumerate(slopes)))
    curved = c * at.smoothness(excess) * size_of_step(at) / 2
    return first + curved >= at.displaced.excess - excess


def size_of_step(at: Any) -> Any:
    """||D||_F²."""
    return reduce(lambda a, b: a + b, (sq(at.D[index]) for index in range(at.L)))


# -- gradient descent -----------------------------------------------------------------------------


@claim(
    source=ZOU_2020.part("rate", "convergence, one step"),
    wording="ours",
    title="every step of gradient descent shrinks the loss by the factor 1 - q",
    statement=r"L(W_t) - L(W_{t+1}) \ge q (L(W_t) - L^*), \quad q = \eta L "
    r"\sigma_{\min}^2(A) \sigma_{\min}^2(B) \sigma_r^2(X) / e",
    given=descent_states(),
    assuming=[invariant, condition, step_in_range],
    kind="bound",
    weight=lambda at, inequality: at.chain.excess,
    oracles=(gradient_along_a_line,),
)
def one_step(at: Any) -> Any:
    """From every state that meets the invariant, so that a rounded iterate is as good as any."""
    return at.chain.excess - at.after.excess >= at.rate(at.step) * at.chain.excess


@claim(
    source=ZOU_2020.part("path", "convergence, the path stays short"),
    wording="ours",
    title="the invariant of gradient descent survives a step",
    statement=r"c (\sqrt{e_0} - \sqrt{L(W_{t+1}) - L^*}) \ge \max_l \|W_l(t+1)\|_F, \quad "
    r"c = \frac{2\sqrt{2} e^{3/2} \|A\| \|B\| \|X\|}{L \sigma_{\min}^2(A) \sigma_{\min}^2(B) "
    r"\sigma_r^2(X)}",
    given=descent_states(),
    assuming=[invariant, condition, step_in_range],
    kind="bound",
    weight=lambda at, inequality: at.chain.excess,
    oracles=(gradient_along_a_line,),
)
def path_length(at: Any) -> Any:
    """With `rate` the induction: the invariant holds at W = 0, and implies the ball."""
    return _room(at, at.after.excess) >= sqrt(largest_square(at.after.weights()))


@claim(
    source=ZOU_2020.part("trajectory", "convergence from W = 0"),
    wording="ours",
    title="gradient descent from 0 converges at a linear rate",
    statement=rf"L(0) - L(W_{STEPS}) \ge \left(1 - (1 - q)^{STEPS}\right) (L(0) - L^*)",
    given=zero_starts(),
    assuming=[starts_at_zero, condition_at_start, step_in_range],
    kind="bound",
    weight=lambda at, inequality: at.chain.excess,
    oracles=(gradient_along_a_line,),
)
def trajectory(at: Any) -> Any:
    """The trajectory is computed in the arithmetic itself: no rounding is left over."""
    chains = at.path(STEPS)
    fallen, start = chains[0].excess - chains[-1].excess, chains[0].excess
    return fallen >= (1 - (1 - at.rate(at.step)) ** STEPS) * start


modified_identity = Assumption(
    "modified_identity",
    r"A = \alpha [I; 0], \; B = \beta [0, I], \; m \ge d + k",
    lambda at: (
        at.A.shape[0] >= at.A.shape[1] + at.B.shape[0]
        and _is_modified_identity(at.A) & _is_modified_identity(at.B[:, ::-1].swapaxes(0, 1))
    ),
    definitional=True,
)


def _is_modified_identity(A: Any) -> Any:
    """Whether the top of A is a positive multiple of I (or of its mirror image), the rest 0."""
    d = A.shape[1]
    eyes = np.eye(*A.shape[:2]), np.eye(*A.shape[:2])[:, ::-1]
    scale = np.abs(A[:d]).max(axis=(0, 1))
    shaped = [np.all(A == _like(eye, A) * scale, axis=(0, 1)) for eye in eyes]
    return (scale > 0) & (shaped[0] | shaped[1])


def _like(eye: Any, A: Any) -> Any:
    return eye if A.ndim == 2 else eye[..., None]


@claim(
    source=ZOU_2020.part("identity", "modified identity transformations"),
    wording="ours",
    title="modified identities: the rate does not depend on the depth",
    statement=r"7.64 \, q \, \kappa \ge 1, \quad \kappa = \|X\|^2 / \sigma_r^2(X), \; \eta = 1/K_0",
    given=modified_identities(),
    assuming=[starts_at_zero, modified_identity, condition_at_start],
    kind="bound",
)
def depth_independent_rate(at: Any) -> Any:
    """The abstract's width d + k: B A = 0, e_0 = ||Φ* X||²/2, and the condition is
    α β >= 25.36 ||X|| √e_0 / σ_r², which scaling meets. Then K_0 <= L Λ² ||X||² (e + √(2e)/25.35),
    so E_T <= ε for T = 7.64 κ ln(e_0/ε), whatever L.
    """
    rate = at.rate(1 / at.smoothness(at.chain.excess))
    X = at.sigma / sq(at.Lambda)
    return Fraction(764, 100) * rate * sq(at.norm_X) >= X


# -- stochastic gradient descent ------------------------------------------------------------------

stays_in_ball = Assumption(
    "in_ball",
    r"\max_l \|W_l\| \le 1/(2L), \text{ before the step and after it for every sample}",
    proved(lambda at: _in_ball(at, [w for c in (at.chain, *at.successors) for w in c.weights()])),
)


@claim(
    source=ZOU_2020.part("sgd_step", "stochastic gradient descent, one step in the mean"),
    wording="ours",
    title="in the mean a step of SGD shrinks the loss by the factor 1 - q",
    statement=r"L(W_t) - \mathbb{E}[L(W_{t+1}) \mid W_t] \ge q (L(W_t) - L^*), \quad \eta \le "
    r"\frac{\sigma_{\min}^2(A) \sigma_{\min}^2(B) \sigma_r^2(X)}{e^2 K \|A\|^2 \|B\|^2 "
    r"(\|X\|^2 + n \max_i \|x_i\|^2)}",
    given=stochastic_states(),
    assuming=[stays_in_ball, step_in_range],
    kind="bound",
    weight=lambda at, inequality: at.chain.excess,
    oracles=(gradient_along_a_line,),
)
def stochastic_step(at: Any) -> Any:
    """For a realisable problem (L* = 0) and batches of one sample; the mean over the n samples is
    exact, so nothing statistical is left. As long as all iterates stay in the ball,
    E[L(W_t) - L*] <= (1 - q)^t e_0. E||G||² <= 2 e L Λ² (||X||² + n max||x_i||²) E is the proof.
    """
    values = [chain.excess for chain in at.successors]
    mean = reduce(lambda a, b: a + b, values) / len(values)
    return at.chain.excess - mean >= at.rate(at.step) * at.chain.excess


# -- gaussian transformations ---------------------------------------------------------------------

as_drawn = Assumption(
    "as_drawn",
    r"\text{the draws are independent and as they were made}",
    lambda at: at.written() == at.digest,
    definitional=True,
    decided=True,
)

wide_enough = Assumption(
    "wide_enough",
    r"\sqrt{m} \ge \max\{10(\sqrt{\max(d,k)} + t), \; 72.74 \|X\| (\sqrt{k}\|X\|_F + t\|X\|) / "
    r"\sigma_r^2(X)\}",
    proved(lambda at: sqrt(at.width) >= maximum(*at.enough_width)),
)

large_enough = Assumption(
    "large_enough",
    r"\alpha \beta m \ge 66.13 \|X\| \|\Phi^* X\|_F / \sigma_r^2(X)",
    proved(lambda at: at.alpha * at.beta * at.width >= at.enough_scale),
)


@claim(
    source=ZOU_2020.part("gaussian", "gaussian transformations"),
    wording="ours",
    title="wide gaussian transformations meet the condition with high probability",
    statement=r"P\left( \text{the condition on } A, B \text{ fails} \right) \le 5 e^{-t^2/2}",
    given=gaussian_ends(),
    assuming=[as_drawn, wide_enough, large_enough],
    kind="bound",
    weight=lambda at, inequality: 0 * at.alpha + at.draws - inequality.lhs,
    trials=lambda at: at.trials,
)
def gaussian_transformations(at: Any) -> Any:
    """An exact binomial test: of N independent draws more than k fail with a probability of at most
    2^-30 for k = `most_failures`; a draw counts as failed where enclosures prove it.

    The width is Ω(κ² (k r + ln(1/δ)) + d + k). Proof: singular values of A / (α √m) are in
    [0.9, 1.1] (Davidson and Szarek), the same for B, ||B A X||_F <= β (√k ||A X||_F + t ||A X||),
    each with probability 1 - exp(-t²/2), and √e_0 <= (||B A X||_F + ||Φ* X||_F) / √2.
    """
    k = most_failures(at.trials)
    return 0 * at.alpha + k + 0.5 >= at.failures
