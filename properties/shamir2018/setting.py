"""Shamir (2018), sections 1 and 2: what the residual unit can express, and which of F and F_lin is
convex.

F_lin and, over a finite sample, F are twice differentiable in (w, V) because every loss is
(Assumption 1): derivatives pass under a finite sum. That is no claim of its own, the oracle of the
claims below compares the closed forms with Taylor series of the values. For general distributions
it takes more than Assumption 1: with P(y = k) = 2^-k and l''(0; k) = 4^k on a width of 8^-k, F is
finite and E l''(0; y) is not.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import difference, outer, sq
from checker.claims.claim import Assumption, Source, claim
from checker.claims.neighbours import changed, dropped, mutant, without
from checker.instances.fields import with_fields
from checker.landscape.oracles.residual_unit import derivatives_along_a_line, equal_in_lemma1
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss, loss_everywhere, nonzero_w
from strategies.residual_unit.points import (
    points_for_identities,
    points_with_losses_everywhere,
    points_with_smooth_losses,
)


def section(number: int, part: str, note: str) -> Source:
    """A statement of the text of a section."""
    return Source(SHAMIR_2018, f"Section {number}, {note}", f"section{number}_{part}")


# -- depth cannot harm ---------------------------------------------------------------------------


@claim(
    source=section(1, "expressivity", "equation (1)"),
    wording="printed",
    title="depth cannot harm: the linear predictor is among the networks",
    statement=r"F(w, 0, \theta) = F_{lin}(w) \quad \text{for all } w, \theta, \text{ hence } "
    r"\inf_{w,V,\theta} F \le \inf_w F_{lin}",
    given=points_for_identities(),
    constants={"c": 0},
    kind="tight",
    weight=lambda at, inequality: sq(at.w),
)
def expressivity(at: Any, c: Any) -> Any:
    """wᵀ(x + 0 f_θ(x)) = wᵀx at every sample, whatever the loss and the features are.

    Stated as ||w||² >= ||w||² + |F(w, c V, θ) - F_lin(w)| with c = 0, which fails whichever of the
    two is greater. **Tight** everywhere: both are the same number, proved from equal predictions.
    """
    linear = with_fields(at, V=c * at.V, w_star=at.w)
    return sq(at.w) >= sq(at.w) + abs(linear.gap)


expressivity_at_any_V = changed(
    expressivity,
    "any_V",
    "x = f = y = 1, w = 1, squared loss: V = 0 predicts 1 and V = 1 predicts 2; with y = 2 it is "
    "F_lin that is greater",
    c=1,
)


@mutant(
    expressivity,
    "no_skip_connection",
    "x -> wᵀV f_θ(x) predicts 0 at V = 0: x = y = 1, w = 1, squared loss",
)
def expressivity_without_skip(at: Any) -> Any:
    linear = with_fields(at, V=0 * at.V, X=0 * at.X)
    value = at.loss.value
    apart = at.mean(difference(lambda p: value(p, at.targets), linear.prediction, at.X @ at.w))
    return sq(at.w) >= sq(at.w) + abs(apart)


# -- F_lin is convex -----------------------------------------------------------------------------


@claim(
    source=section(2, "linear_convex", "after Assumption 1"),
    wording="printed",
    title="F_lin is convex",
    statement=r"F_{lin}(w) + F_{lin}(w^*) \ge 2 F_{lin}\left(\tfrac{w + w^*}{2}\right)",
    given=points_with_losses_everywhere(),
    assuming=[convex_loss],
    constants={"a": 0},
    kind="tight",
    equality_strata=frozenset({"w = w*", "gap exactly 0", "equality"}),
    nearly_equal=lambda at: equal_in_lemma1(with_fields(at, V=0 * at.V)),
    weight=lambda at, inequality: sq(at.X @ (at.w - at.w_star)),
    oracles=(derivatives_along_a_line,),
)
def linear_is_convex(at: Any, a: Any) -> Any:
    """Midpoint convexity, from values only; F_lin is continuous, so that it is convexity.

    Stated as F_lin(w) - F_lin(m) >= a E((w - w*)ᵀx)² + F_lin(m) - F_lin(w*), m the midpoint, with
    a = 0: it need not be strong. **Tight**: equality for affine losses, and where both predict the
    same.
    """
    middle = with_fields(at, V=0 * at.V, w_star=(at.w + at.w_star) / 2)
    first, second = middle.gap, with_fields(middle, w=at.w_star).gap
    return first >= a * at.mean((at.X @ (at.w - at.w_star)) ** 2) - second


@mutant(
    linear_is_convex,
    "of_the_network",
    "F instead of F_lin, between (w, V) and (w*, -V): x = f = 1, y = 2, squared loss, F is 0 at "
    "(1, 1), 2 at (-1, -1) and 2 at the midpoint (0, 0)",
)
def network_is_convex(at: Any) -> Any:
    middle = with_fields(at, w=(at.w + at.w_star) / 2, V=0 * at.V)
    other = with_fields(at, w=at.w_star, V=-at.V)
    return at.F + other.F >= 2 * middle.F


linear_is_strongly_convex = changed(
    linear_is_convex, "strongly", "an affine loss has no curvature at all", a=2.0**-20
)


linear_without_convex_loss = dropped(
    linear_is_convex,
    "convex_loss",
    "no_convexity",
    "double_well: x = y = 1 and predictions on both sides of a local maximum",
    assuming=[*without(linear_is_convex, "convex_loss"), loss_everywhere],
)


# -- F is not ------------------------------------------------------------------------------------

smooth_loss = Assumption(
    "smooth_loss",
    r"0 \le \ell'' \le c",
    lambda at: at.loss.convex and (at.loss.smoothness or 0) > 0,
    definitional=True,
)


def _has_features(at: Any) -> Any:
    seen = (at.Z != 0).any(axis=1)
    return (seen if at.weights is None else seen & (at.weights > 0)).any(axis=0)


some_feature = Assumption(
    "some_feature", r"\mathbb{E}\|f_\theta\|^2 > 0", _has_features, definitional=True
)


def _gain(at: Any) -> Any:
    """||b||² / (2 c E||f||²) at w = 0."""
    pull = with_fields(at, w=0 * at.w).b
    return sq(pull) / (2 * at.loss.smoothness * at.mean(squared_rows(at.Z)))


def squared_rows(matrix: Any) -> Any:
    """Squared length of each row."""
    return (matrix * matrix) @ np.ones(matrix.shape[1])


def _spread(at: Any) -> Any:
    """(c / 2) E(wᵀ(x + V f))²."""
    return at.loss.smoothness * at.mean(at.prediction**2) / 2


def _mean_of_ends(at: Any) -> Any:
    """(F(z+) + F(z-)) / 2, z± = (±w, V ∓ τ w bᵀ/||w||²), τ = 1/(c E||f||²)."""
    pull = with_fields(at, w=0 * at.w).b / (at.loss.smoothness * at.mean(squared_rows(at.Z)))
    step = outer(at.w, pull) / sq(at.w)
    ahead = with_fields(at, V=at.V - step)
    behind = with_fields(at, w=-at.w, V=at.V + step)
    return (ahead.F + behind.F) / 2


@claim(
    source=section(2, "not_convex", "F is not convex"),
    wording="ours",
    title="F is above the chord at w = 0, whatever V is",
    statement=r"F(0, V, \theta) \ge \frac{F(z_+) + F(z_-)}{2} + \frac{\|b\|^2}{2c\,\mathbb{E}"
    r"\|f_\theta\|^2} - \frac{c}{2} \mathbb{E}\left(w^\top(x + V f_\theta)\right)^2, \quad z_\pm = "
    r"\left(\pm w, V \mp \tfrac{w b^\top}{\|w\|^2 c \, \mathbb{E}\|f_\theta\|^2}\right), \; "
    r"b = \mathbb{E}\, \ell'(0; y) f_\theta",
    given=points_with_smooth_losses(),
    assuming=[replace(nonzero_w, definitional=True), smooth_loss, some_feature],
    constants={"a": 1, "c": 1},
    kind="bound",
    weight=lambda at, inequality: _gain(at) - _spread(at),
    oracles=(derivatives_along_a_line,),
)
def not_convex(at: Any, a: Any, c: Any) -> Any:
    """Midpoint convexity fails at every (0, V) with b != 0: as w -> 0 the last term vanishes. Ours.

    With τ = 1/(c E||f||²) the two ends predict ±wᵀ(x + V f) - τ bᵀf, and l'' <= c gives
    l(p) <= l(0) + l'(0) p + (c/2) p². On average over the two signs that is
    E l(0) - τ ||b||² + (c/2)(τ² E(bᵀf)² + E(wᵀ(x + V f))²), and E(bᵀf)² <= ||b||² E||f||².
    **Tight**: equality for the squared loss and one feature.
    """
    centre = with_fields(at, w=0 * at.w)
    return centre.F >= _mean_of_ends(at) + a * _gain(at) - c * _spread(at)


@mutant(not_convex, "convex", "F is not convex: this is the midpoint inequality that it violates")
def convex_after_all(at: Any) -> Any:
    return _mean_of_ends(at) >= with_fields(at, w=0 * at.w).F


more_gain = changed(
    not_convex,
    "gain_5_percent_more",
    "equality for the squared loss and one feature: x = 0, f = y = 1, V = 0 has the gain 1/2",
    a=Fraction(105, 100),
)

less_spread = changed(
    not_convex,
    "half_the_spread",
    "equality for the squared loss and one feature: x = f = 1, y = 0, V = 0 has the spread w²/2",
    c=0.5,
)


@mutant(
    not_convex,
    "of_the_linear_predictor",
    "F_lin in the place of F is convex: squared loss, x = y = f = 1, w = 1/8, V = 0",
)
def linear_not_convex(at: Any) -> Any:
    zero = with_fields(at, w=0 * at.w)
    ends = (with_fields(at, w_star=at.w).F_lin + with_fields(at, w_star=-at.w).F_lin) / 2
    return zero.F >= ends + _gain(at) - _spread(at)
