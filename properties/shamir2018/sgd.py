"""Shamir (2018), Theorem 4: stochastic gradient descent with a skip connection to the output.

The paper hides constants in O(...); they are derived here. Let z_t = (w_t, v_t), u = (w*, 0) in M1,
g_t = ∇h_t(z_t). Projections do not increase distances to points of M1, so

    ||z_{t+1} - u||² <= ||z_t - η g_t - u||² = ||z_t - u||² - 2 η <g_t, z_t - u> + η² ||g_t||²,

and h_t(z_t) - h_t(u) <= <g_t, z_t - u> by convexity. The sum over t is `regret`. h_t(u) is
l(w*ᵀx_t; y_t), whatever θ_t is: so θ may move in any way. With ||z_t - u|| <= 2b, ||g_t|| <= L and
η = c b/(L√T), for any c > 0, the regret is at most (2b)²/(2η) + η T L²/2 = (2/c + c/2) b L√T; the
paper's Θ leaves c open, c = 2 is the best choice.

D_t = [F(z_t, θ_t) - h_t(z_t)] - [F_lin(w*) - h_t(u)] has mean 0 given the past. For losses in
[0, r] the difference h(z) - h(u) lies in [-m, m] for every sample, m = min(r, 2bL), so that D_t
lies in an interval of length 2m (`excess_range`; for |l| <= r, as the paper has it, 2r stands for
r). By Azuma and Hoeffding P(Σ D_t >= s) <= exp(-s²/(2 T m²)), so with probability 1 - δ

    (1/T) Σ F(z_t, θ_t) <= F_lin(w*) + (2/c + c/2) b L/√T + min(r, 2bL) √(2 ln(1/δ)/T),

and the best iterate is no worse than the average. No bound r is needed: 2bL is always one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from checker.arithmetic.functions import filled, maximum, minimum, sqrt
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, claim
from checker.landscape.sgd.experiment import most_failures
from checker.landscape.sgd.projected import INNER
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss
from strategies.sgd.paths import (
    FOUR_STEPS,
    ONE_STEP,
    OPPOSITE,
    paths_of_positive_losses,
    recorded_runs,
    short_paths,
)
from strategies.sgd.problems import experiments

# Lengths in floats, with room for their rounding.
_ROOM = 1 + 2.0**-40

comparator_in_domain = Assumption(
    "comparator_in_domain",
    r"(w^*, 0) \in M_1",
    proved(lambda at: 0 * at.radius >= at.region.excess(at.w_star, 0 * at.F[0], at.radius)),
)

start_in_domain = Assumption(
    "start_in_domain",
    r"(w_1, v_1) \in M_1",
    proved(lambda at: 0 * at.radius >= at.region.excess(at.w, at.v, at.radius)),
)

non_negative_loss = Assumption("non_negative_loss", r"\ell \ge 0", lambda at: at.loss.non_negative)


@claim(
    source=SHAMIR_2018.theorem(4).part("regret", "regret of a path"),
    wording="ours",
    title="projected descent on (w, v), whatever θ does",
    statement=r"\frac{\|z_1 - (w^*, 0)\|^2}{2\eta} + \frac{\eta}{2} \sum_t \|\nabla h_t(z_t)\|^2 "
    r"\ge \sum_t h_t(z_t) - \ell(w^{*\top} x_t; y_t)",
    given=short_paths(),
    assuming=[comparator_in_domain, convex_loss],
    constants={"a": 1, "c": 1},
    kind="tight",
    equality_strata=frozenset({ONE_STEP, FOUR_STEPS, "ends at the comparator"}),
)
def path_regret(at: Any, a: Any, c: Any) -> Any:
    """The path is computed in the arithmetic itself, so that no rounding is left over.

    **Tight**: equality for linear losses where no projection acts and the path ends at the
    comparator.
    """
    path = at.path(at.step)
    first = a * at.squared_distance(path[0]) / at.step
    return (first + c * at.step * at.gradients(path)) / 2 >= at.regret(path)


@claim(
    source=SHAMIR_2018.theorem(4).part("path", "regret with its step"),
    wording="ours",
    title="the regret of T steps is of order √T",
    statement=r"\left(\frac{2}{c} + \frac{c}{2}\right) b L \sqrt{T} \ge \sum_t h_t(z_t) - "
    r"\ell(w^{*\top} x_t; y_t), \quad \eta = \frac{c \, b}{L\sqrt{T}}, \; c > 0",
    given=short_paths(),
    assuming=[comparator_in_domain, start_in_domain, convex_loss],
    constants={"first": 2, "second": 0.5},
    kind="tight",
    equality_strata=frozenset({ONE_STEP, FOUR_STEPS}),
)
def path_regret_in_domain(at: Any, first: Any, second: Any) -> Any:
    """For any factor c; L is a proved Lipschitz constant of every h_t on the ball of radius b.

    **Tight** for c = 2/√T: from one end of the domain to the other in T steps of a linear loss.
    """
    root = sqrt(filled(at.b, float(at.T)))
    path = at.path(at.c * at.b / (at.lipschitz * root))
    return (first / at.c + second * at.c) * at.b * at.lipschitz * root >= at.regret(path)


@claim(
    source=SHAMIR_2018.theorem(4).part("range", "range of the noise"),
    wording="ours",
    title="what one sample can change is at most min(r, 2bL) either way",
    statement=r"2\min\{r, 2bL\} \ge \max_{i,j} \left[h_i(z) - h_i(u)\right] - \left[h_j(z) - "
    r"h_j(u)\right], \quad z, u = (w^*, 0) \in M_1, \; 0 \le \ell \le r",
    given=paths_of_positive_losses(),
    assuming=[
        comparator_in_domain,
        start_in_domain,
        replace(convex_loss, definitional=True),
        non_negative_loss,
    ],
    constants={"a": 2, "b": 4},
    kind="tight",
    equality_strata=frozenset({OPPOSITE}),
)
def excess_range(at: Any, a: Any, b: Any) -> Any:
    """The interval of Azuma's inequality; r is the largest loss on the ball of radius b, which a
    convex loss attains at its ends.

    **Tight** in r: squared loss, samples that z and u fit in turn. 2bL is approached by losses that
    are almost linear over the domain.
    """
    z = (at.w, at.v)
    losses = [at.excess_loss(t, z) for t in range(at.T)]
    most, least = reduce(maximum, losses), reduce(minimum, losses)
    return minimum(a * at.largest_loss, b * at.b * at.lipschitz) >= most - least


@claim(
    source=SHAMIR_2018.theorem(4).part("run", "runs of SGD"),
    wording="ours",
    title="the regret of recorded runs of stochastic gradient descent",
    statement=r"\frac{\|z_1 - (w^*, 0)\|^2 + \rho}{2\eta} + \frac{\eta}{2} \sum_t "
    r"\|\nabla h_t(z_t)\|^2 \ge \sum_t h_t(z_t) - \ell(w^{*\top} x_t; y_t)",
    given=recorded_runs(),
    # The same assumptions as for short paths, where the audit drops them in turn.
    assuming=[replace(a, definitional=True) for a in (comparator_in_domain, convex_loss)],
    kind="bound",
)
def run_regret(at: Any) -> Any:
    """The same for iterates that a program wrote down in floats, with ρ = Σ ||e_t|| (2 ||Π_t - u||
    + ||e_t||), e_t the measured distance of an iterate from the exact step; ρ is about 1e-15.
    """
    first = (at.squared_distance(at.iterate(0)) + at.residual) / at.step
    return (first + at.step * at.gradients) / 2 >= at.regret


# -- the statement about probabilities ----------------------------------------------------------
#
# All premises are definitional: an experiment is made for them, and mutants_sgd.py has domains
# of experiments made without one of them.

as_simulated = Assumption(
    "as_simulated",
    r"\text{the runs are independent and as they were simulated}",
    lambda at: at.written() == at.digest,
    definitional=True,
    decided=True,
)


def _within(at: Any) -> Any:
    """Whether every iterate lies in M1 and every feature within its bound."""
    excess = at.region.kind
    lengths = {
        "disc": np.sqrt((at.W**2).sum(axis=0) + (at.V**2).sum(axis=0)),
        "two discs": np.sqrt(np.maximum((at.W**2).sum(axis=0), (at.V**2).sum(axis=0))),
        "box": np.maximum(np.abs(at.W).max(axis=0), np.abs(at.V).max(axis=0)),
    }[excess]
    features = np.sqrt((at.F**2).sum(axis=1))
    inside = (lengths * _ROOM <= at.radius).all(axis=(0, 1))
    return inside & (features * _ROOM <= at.feature_radius).all(axis=(0, 1, 2))


in_domain = Assumption(
    "in_domain",
    r"(w_t, v_t) \in M_1, \; \|f_{\theta_t}(x)\| \le R",
    _within,
    definitional=True,
    decided=True,
)

prescribed_step = Assumption(
    "prescribed_step",
    r"\eta = c \, b / (L\sqrt{T})",
    proved(
        lambda at: 0 * at.b >= abs(at.step * at.lipschitz * sqrt(filled(at.b, at.T)) - at.c * at.b)
    ),
    definitional=True,
)

lipschitz_constant = Assumption(
    "lipschitz_constant",
    r"z \mapsto \ell \text{ is } L\text{-Lipschitz}",
    proved(lambda at: at.lipschitz >= at.needed_lipschitz),
    definitional=True,
)

comparator_within = Assumption(
    "comparator_in_domain",
    r"(w^*, 0) \in M_1",
    # The runs are projected onto a slightly smaller domain, to which the theorem is applied.
    proved(lambda at: 0 * at.b >= at.region.excess(at.w_star, 0 * at.w_star, at.radius * INNER)),
    definitional=True,
)


@claim(
    source=SHAMIR_2018.theorem(4),
    wording="ours",
    title="SGD is as good as linear with high probability",
    statement=r"P\left( \frac{1}{T} \sum_t F(w_t,v_t,\theta_t) > \min_{(u,0) \in M_1} F_{lin}(u) "
    r"+ \left(\frac{2}{c} + \frac{c}{2}\right) \frac{bL}{\sqrt{T}} + \min\{r, 2bL\} "
    r"\sqrt{\frac{2\ln(1/\delta)}{T}} \right) \le \delta, \quad 0 \le \ell \le r",
    given=experiments(),
    assuming=[
        as_simulated,
        in_domain,
        comparator_within,
        prescribed_step,
        lipschitz_constant,
        replace(convex_loss, definitional=True),
        replace(non_negative_loss, definitional=True),
    ],
    constants={"first": 2, "second": 0.5},
    kind="bound",
    weight=lambda at, _: 2 * at.b * at.lipschitz - at.regret_bound(2, 0.5) - at.deviation,
    trials=lambda at: at.trials,
)
def stochastic_descent(at: Any, first: Any, second: Any) -> Any:
    """Theorem 4 with explicit constants, as an exact binomial test.

    One case is an experiment of N independent runs. With failures of probability δ at most, more
    than k of them have a probability of at most 2^-30 for k = `most_failures`. The inequality
    is k + 1/2 >= failures + nearness/4 with nearness in [0, 1], which shows how near the worst run
    came: it is violated if and only if there are more than k failures, and that rejects the claim
    at the level 2^-30. A run counts as failed only where enclosures prove it, against a w* in M1.
    """
    k = most_failures(at.trials)
    bound = at.regret_bound(first, second) + at.deviation
    return 0 * at.b + k + 0.5 >= at.failures(bound) + at.nearness(bound) / 4
