"""Shamir (2018), "Are ResNets Provably Better than Linear Predictors?"

Setting: x in R^d, f_θ(x) in R^m arbitrary, F(w, V, θ) = E l(wᵀ(x + V f_θ(x)); y) over the sample,
F_lin(w) = E l(wᵀx; y), with l(.; y) convex and twice differentiable (Assumption 1). ||.|| is
Euclidean for vectors and spectral for matrices; the gradient norm is Euclidean over (w, V).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.functions import (
    dot,
    lambda_min,
    norm,
    outer,
    spectral_norm,
    sq,
    sqrt,
)
from checker.arithmetic.premise import Compared
from checker.claims.claim import Assumption, Paper, claim
from checker.landscape.oracles.residual_unit import (
    derivatives_along_a_line,
    equal_in_lemma1,
    least_eigenvalue_at_w_zero,
)
from strategies.residual_unit.points import points, points_at_w_zero

SHAMIR_2018 = Paper(
    key="shamir2018",
    authors="Ohad Shamir",
    title="Are ResNets Provably Better than Linear Predictors?",
    venue="NeurIPS 2018, arXiv:1804.06739",
    notation={
        r"F(w, V, \theta)": "E ℓ(wᵀ(x + V f_θ(x)); y), the mean loss of the residual unit over the "
        "sample; F_θ is the same at a fixed θ",
        r"F_{lin}(w)": "E ℓ(wᵀx; y), the mean loss of a linear predictor",
        "w^*": "any vector to compare with",
        r"\lambda_{\min}": "the least eigenvalue, of ∇²F_θ(0, V) where no matrix is named",
        r"\|\cdot\|": "Euclidean for vectors and for the gradient over (w, V) together, spectral "
        "for matrices",
    },
)

nonzero_w = Assumption(
    "nonzero_w",
    r"w \ne 0",
    Compared(lambda at: sq(at.w) > 0, test=lambda at: np.any(at.w != 0, axis=0)),
)

zero_w = Assumption("zero_w", r"w = 0", lambda at: ~np.any(at.w != 0, axis=0), definitional=True)

convex_loss = Assumption(
    "convex_loss", r"p \mapsto \ell(p; y) \text{ is convex}", lambda at: at.loss.convex
)

twice_differentiable_loss = Assumption(
    "twice_differentiable_loss",
    r"p \mapsto \ell(p; y) \text{ is twice differentiable}",
    lambda at: at.loss.twice_differentiable,
)

# For claims that look at another point over the same sample. Lemma 1 and Theorems 1 and 2 do not:
# they hold for losses of which no more is known than four numbers a sample.
loss_everywhere = Assumption(
    "loss_everywhere",
    r"\ell(p; y) \text{ is known for every } p",
    lambda at: at.loss_everywhere,
    definitional=True,
)


@claim(
    source=SHAMIR_2018.lemma(1),
    wording="printed",
    title="a direction along which the gradient sees the gap",
    statement=r"\langle \mathrm{vec}(G), \nabla F_\theta(w,V) \rangle \ge F(w,V,\theta) - "
    r"F_{lin}(w^*), \quad G = \left(w - w^*, \; \tfrac{w (w^*)^\top V}{\|w\|^2}\right)",
    given=points(),
    assuming=[nonzero_w, convex_loss, twice_differentiable_loss],
    kind="tight",
    equality_strata=frozenset({"w = w*", "gap exactly 0", "equality"}),
    nearly_equal=equal_in_lemma1,
    oracles=(derivatives_along_a_line,),
)
def gradient_direction(at: Any) -> Any:
    """Lemma 1.

    The slack is E[l'(p)(p - t) - l(p) + l(t)], p = wᵀ(x + V f), t = w*ᵀx, a mean of Bregman
    divergences. **Tight**: equality for every affine loss, and where p = t at every sample.
    """
    G = (at.w - at.w_star, outer(at.w, at.w_star @ at.V) / sq(at.w))
    return dot(G, at.grad) >= at.gap


@claim(
    source=SHAMIR_2018.theorem(1),
    wording="printed",
    title="a small gradient is nearly as good as linear",
    statement=r"\|\nabla F_\theta(w,V)\| \ge \frac{F(w,V,\theta) - F_{lin}(w^*)}"
    r"{\sqrt{2\|w\|^2 + \|w^*\|^2 \left(2 + \|V\|^2 / \|w\|^2\right)}}",
    given=points(),
    assuming=[nonzero_w, convex_loss, twice_differentiable_loss],
    constants={"a": 2, "b": 2, "c": 1},
    kind="tight",
    equality_strata=frozenset({"gap exactly 0", "equality"}),
    oracles=(derivatives_along_a_line,),
)
def gradient_bound(at: Any, a: Any, b: Any, c: Any) -> Any:
    """Theorem 1. Trivial where F <= F_lin(w*).

    **Tight**: equality for w* = -w, V = w qᵀ, one data point x = (2 + |q|²) w, f = -q and the
    loss l(p; y) = y p, y = 1 (the stratum "equality").
    """
    bound = sqrt(a * sq(at.w) + sq(at.w_star) * (b + c * spectral_norm(at.V) ** 2 / sq(at.w)))
    return at.grad_norm >= at.gap / bound


@claim(
    source=SHAMIR_2018.theorem(1).part("sharp", "sharp form"),
    wording="ours",
    title="Theorem 1 with ||G|| itself",
    statement=r"\|\nabla F_\theta(w,V)\| \ge \frac{F(w,V,\theta) - F_{lin}(w^*)}"
    r"{\sqrt{\|w - w^*\|^2 + \|V^\top w^*\|^2 / \|w\|^2}}",
    given=points(),
    assuming=[nonzero_w, convex_loss, twice_differentiable_loss],
    kind="tight",
    equality_strata=frozenset({"w = w*", "gap exactly 0", "equality"}),
    nearly_equal=equal_in_lemma1,
    oracles=(derivatives_along_a_line,),
)
def sharp_gradient_bound(at: Any) -> Any:
    """Theorem 1, sharp form: ours, by Cauchy-Schwarz from Lemma 1 without further estimates.

    Stated as ||∇F|| ||G|| >= F - F_lin(w*), which also covers G = 0 (then w* = w, Vᵀw = 0 and
    Lemma 1 gives F <= F_lin). **Tight** for every (w, V, w*): take b = VᵀW*/||w||²,
    a = (w - w*) - V b, one data point x = a, f = b and the loss y p, y = 1.
    """
    size = norm((at.w - at.w_star, (at.w_star @ at.V) / norm(at.w)))
    return at.grad_norm * size >= at.gap


@claim(
    source=SHAMIR_2018.theorem(2).part("eigenvalue", "first part"),
    wording="printed",
    title="no positive definite Hessian at w = 0",
    statement=r"\lambda_{\min}\left(\nabla^2 F_\theta(0, V)\right) \le 0",
    given=points_at_w_zero(max_dim=3),
    assuming=[zero_w, convex_loss, twice_differentiable_loss],
    kind="tight",
    weight=lambda at, inequality: sq(at.b),
    oracles=(derivatives_along_a_line, least_eigenvalue_at_w_zero),
)
def least_eigenvalue(at: Any) -> Any:
    """Theorem 2, first part, on the dense Hessian in (w, V), not on a formula for its spectrum.

    Says something where b = E[l'(0; y) f] != 0: then the least eigenvalue is negative.
    **Tight**: it is 0 where b = 0.
    """
    return 0 * sq(at.b) >= lambda_min(at.hessian)


@claim(
    source=SHAMIR_2018.theorem(2),
    wording="printed",
    title="little curvature at w = 0 is nearly as good as linear",
    statement=r"\|w^*\| \left( \|\nabla F_\theta(0,V)\| + \|V\| \sqrt{|\lambda_{\min}| \, "
    r"\left\|\tfrac{\partial^2 F_\theta(0,V)}{\partial w^2}\right\| + \lambda_{\min}^2} \right) "
    r"\ge F(0,V,\theta) - F_{lin}(w^*)",
    given=points_at_w_zero(),
    assuming=[zero_w, convex_loss, twice_differentiable_loss],
    constants={"c1": 1, "c2": 1},
    kind="tight",
    equality_strata=frozenset({"w* = 0", "equality"}),
    oracles=(derivatives_along_a_line, least_eigenvalue_at_w_zero),
)
def curvature_bound(at: Any, c1: Any, c2: Any) -> Any:
    """Theorem 2, second part; the product form also covers w* = 0.

    **Tight**: equality for V = w* qᵀ, one data point f = Vᵀ w*, x = -s w* - V f (s >= 0) and the
    loss y p, y = 1 (the stratum "equality").
    """
    lam = abs(at.lambda_min_at_w_zero)
    curved = sqrt(c1 * lam * spectral_norm(at.hess_ww) + c2 * lam**2)
    left = norm(at.w_star) * (at.grad_norm + spectral_norm(at.V) * curved)
    return left >= at.gap


@claim(
    source=SHAMIR_2018.theorem(2).part("sharp", "sharp form"),
    wording="ours",
    title="Theorem 2 with the least eigenvalue of the block",
    statement=r"\|w^*\| \, \|\nabla F_\theta(0,V)\| + \|V^\top w^*\| \sqrt{|\lambda_{\min}| \, "
    r"\lambda_{\min}\left(\tfrac{\partial^2 F_\theta(0,V)}{\partial w^2}\right) + "
    r"\lambda_{\min}^2} \ge F(0,V,\theta) - F_{lin}(w^*)",
    given=points_at_w_zero(),
    assuming=[zero_w, convex_loss, twice_differentiable_loss],
    kind="tight",
    equality_strata=frozenset({"w* = 0", "equality"}),
    oracles=(derivatives_along_a_line, least_eigenvalue_at_w_zero),
)
def sharp_curvature_bound(at: Any) -> Any:
    """Theorem 2, sharp form: ours. With α = λ_min(∂²F/∂w²) the spectrum at w = 0 gives
    ||b||² = λ_min² + α |λ_min| exactly, so ||∂²F/∂w²|| may be replaced by α, and ||V|| ||w*|| by
    ||Vᵀw*||. **Tight** as Theorem 2.
    """
    lam = abs(at.lambda_min_at_w_zero)
    curved = sqrt(lam * abs(at.lambda_min_ww) + lam**2)
    left = norm(at.w_star) * at.grad_norm + norm(at.w_star @ at.V) * curved
    return left >= at.gap
