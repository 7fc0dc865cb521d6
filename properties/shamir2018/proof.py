"""Shamir (2018), the steps of the proof of Lemma 1, each a claim of its own.

With G of Lemma 1, p = wᵀ(x + V f) and l' = l'(p; y), the paper writes

    <G, ∇F> = E[l' w*ᵀV f] + E[l' (w - w*)ᵀ(x + V f)] = E[l' (p - w*ᵀx)] >= E[l(p) - l(w*ᵀx)],

the last step by convexity, l'(p)(p - q) >= l(p) - l(q). Identities are stated by `equality`, which
fails whichever side is greater, and decided in exact numbers: for losses with rational slopes,
among them the affine one, whose slopes are any numbers. They are linear in the slopes and so hold
for every loss.
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import dot, outer, sq
from checker.arithmetic.inequality import equality
from checker.claims.claim import Source, claim
from checker.claims.neighbours import LOWERED, changed, dropped, mutant
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss, nonzero_w
from strategies.residual_unit.points import points_for_identities
from strategies.residual_unit.predictions import predictions


def _step(part: str, note: str) -> Source:
    return SHAMIR_2018.lemma(1).part(part, f"proof, {note}")


def _along_G(at: Any) -> Any:
    """<G, ∇F_θ(w, V)>."""
    G = (at.w - at.w_star, outer(at.w, at.w_star @ at.V) / sq(at.w))
    return dot(G, at.grad)


def _slopes(at: Any) -> Any:
    return at.loss.slope(at.prediction, at.y)


def _seen(at: Any, inequality: Any) -> Any:
    return abs(inequality.lhs)


@claim(
    source=_step("split", "first step"),
    wording="printed",
    title="the gradient along G, split into its two blocks",
    statement=r"\langle G, \nabla F_\theta(w,V) \rangle = \mathbb{E}\left[\ell' w^{*\top} V "
    r"f_\theta(x)\right] + \mathbb{E}\left[\ell' (w - w^*)^\top (x + V f_\theta(x))\right]",
    given=points_for_identities(rational=True),
    assuming=[nonzero_w],
    constants={"c": 1},
    kind="tight",
    weight=_seen,
)
def split_along_G(at: Any, c: Any) -> Any:
    """The left side from the closed form of the gradient, the right side sample by sample.

    The block in V is w E[l' fᵀ], and <w w*ᵀV/||w||², w bᵀ> = w*ᵀV b. **Tight** everywhere. The
    second term is E[l' (w - w*)ᵀ(x + c V f)] with c = 1.
    """
    residual = at.Z @ (at.w_star @ at.V)
    hidden = (at.X + c * (at.Z @ at.V.T)) @ (at.w - at.w_star)
    return equality(_along_G(at), at.mean(_slopes(at) * residual) + at.mean(_slopes(at) * hidden))


@claim(
    source=_step("prediction", "second step"),
    wording="printed",
    title="the gradient along G sees the predictions only",
    statement=r"\langle G, \nabla F_\theta(w,V) \rangle = \mathbb{E}\left[\ell' \left(w^\top "
    r"(x + V f_\theta(x)) - w^{*\top} x\right)\right]",
    given=points_for_identities(rational=True),
    assuming=[nonzero_w],
    constants={"c": 0},
    kind="tight",
    weight=_seen,
)
def prediction_along_G(at: Any, c: Any) -> Any:
    """w*ᵀV f cancels against -w*ᵀV f of the second term. **Tight** everywhere.

    The comparator is w*ᵀ(x + c V f) with c = 0.
    """
    comparator = at.linear_prediction + c * (at.Z @ (at.w_star @ at.V))
    return equality(_along_G(at), at.mean(_slopes(at) * (at.prediction - comparator)))


@claim(
    source=_step("subgradient", "third step"),
    wording="printed",
    title="convexity at one sample",
    statement=r"\ell'(p; y)(p - q) \ge \ell(p; y) - \ell(q; y)",
    given=predictions(),
    assuming=[convex_loss],
    constants={"a": 1},
    kind="tight",
    weight=lambda at, inequality: abs(at.p - at.q),
)
def subgradient(at: Any, a: Any) -> Any:
    """The slack is a Bregman divergence. **Tight**: equality for affine losses, and for p = q."""
    return a * at.slope * (at.p - at.q) >= at.fall


# -- false neighbours: a mutated step -------------------------------------------------------------


@mutant(
    split_along_G,
    "w_in_the_first_term",
    "E[l' wᵀV f] instead of E[l' w*ᵀV f]: affine loss, w = f = V = 1, w* = 2, x = 0 and y = ±1, "
    "one sign for each direction",
)
def split_with_w(at: Any) -> Any:
    residual = at.Z @ (at.w @ at.V)
    hidden = (at.X + at.Z @ at.V.T) @ (at.w - at.w_star)
    return equality(_along_G(at), at.mean(_slopes(at) * (residual + hidden)))


split_without_residual = changed(
    split_along_G,
    "no_residual_part",
    "E[l' (w - w*)ᵀx] forgets V f: affine loss, w = 2, w* = f = V = 1, x = 0, y = ±1",
    c=0,
)


@mutant(
    split_along_G,
    "inverse_norm_not_squared",
    "G with ||w|| in the place of ||w||²: affine loss, w = 2, w* = f = V = 1, x = 0, y = ±1",
)
def split_of_another_G(at: Any) -> Any:
    G = (at.w - at.w_star, outer(at.w, at.w_star @ at.V))
    residual = at.Z @ (at.w_star @ at.V)
    hidden = (at.X + at.Z @ at.V.T) @ (at.w - at.w_star)
    return equality(dot(G, at.grad), at.mean(_slopes(at) * (residual + hidden)))


prediction_against_network = changed(
    prediction_along_G,
    "comparator_with_features",
    "the comparator is w*ᵀx, not w*ᵀ(x + V f): affine loss, w = w* = f = V = 1, x = 0, y = ±1",
    c=1,
)


@mutant(
    prediction_along_G,
    "slope_at_the_comparator",
    "l' belongs to p, not to w*ᵀx: squared loss, w = x = 1, V = f = w* = y = 0 gives 1 and 0; by "
    "convexity it is always the left side that is greater",
)
def prediction_with_other_slope(at: Any) -> Any:
    slopes = at.loss.slope(at.linear_prediction, at.y)
    return equality(_along_G(at), at.mean(slopes * (at.prediction - at.linear_prediction)))


@mutant(
    subgradient,
    "slope_at_q",
    "the slope at q bounds l(p) - l(q) from below: squared loss, p = 1, q = y = 0 gives 0 >= 1/2",
)
def slope_at_q(at: Any) -> Any:
    return at.loss.slope(at.q, at.y) * (at.p - at.q) >= at.fall


half_the_slope = changed(
    subgradient, "half_the_slope", "affine loss, p = 1, q = 0, y = 1: 1/2 >= 1", a=0.5
)

slope_a_millionth_lower = changed(
    subgradient,
    "slope_lower_by_1e-6",
    "affine loss, p = 1, q = 0, y = 1: equality",
    a=LOWERED["1e-6"],
)

subgradient_without_convexity = dropped(
    subgradient,
    "convex_loss",
    "no_convexity",
    "geman_mcclure is bounded: p = 0, y = 100, q = 99, l'(0)(0 - 99) < l(0) - l(99) = 0.5",
)
