"""Yun, Sra and Jadbabaie (2019), "Are deep ResNets provably better than linear predictors?"

The abstract claims: a data set on which a fully connected network has only local minima no better
than linear while a residual network has better ones; representations that get worse for a linear
predictor on the way to a global minimum; a condition on the blocks under which critical points of
deep residual networks are at least as good as linear or have a negative eigenvalue; bounds on risk
and Rademacher complexity near the identity that do not depend on depth. The body was not at hand:
data sets are reconstructed from public summaries, proofs and constants are ours.

Main theorem. h_l = h_{l-1} + V_l φ_l, φ_l = σ(U_l h_{l-1}), f = wᵀ h_L. Let U_l v = 0 for l >= 2
("parameter coverage"). V_l -> V_l + v cᵀ adds v cᵀφ_l to every later h; the later φ do not see it.
So f moves by (wᵀv) cᵀφ_l exactly, and vᵀ ∂R/∂V_l = (wᵀv) b_lᵀ with b_l = E[l' φ_l]. By convexity

    R - E l(uᵀx + Σ c_lᵀφ_l) <= <∂R/∂w, w - u> + Σ <b_l, V_lᵀu - c_l>.

If wᵀv != 0, Cauchy-Schwarz bounds this by the gradient. If wᵀv = 0, R is the same at all
V_l ± v e_jᵀ, where ∂R/∂w is ∂R/∂w ± b_{l,j} v, and the mean of its squares over all M = L m
features is ||∂R/∂w||² + ||v||² Σ||b_l||²/M. At a local minimum either bound is 0.

A negative eigenvalue. If wᵀv = 0, then V_l -> V_l + t v c_l'ᵀ, w -> w + t α v moves f by
t α vᵀh_L + t² α ||v||² Σ c_l'ᵀφ_l exactly. With c_l' = c_l - V_lᵀu and D = (α v, v c_l'ᵀ),

    <D, ∇²R D> = α² E[l'' (vᵀh_L)²] - 2 α ||v||² Σ <b_l, V_lᵀu - c_l>,

where the sum is at least the gap minus <∂R/∂w, w - u>. So at a critical point above the comparator
the Hessian has a negative eigenvalue. With κ = -λ_min the best α gives Theorem 2 of Shamir (2018):
the sum is at most √(κ² + κ E[l'' (vᵀh_L)²]/||v||²) √Σ||V_lᵀu - c_l||².
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.functions import filled, lambda_min, norm, sq, sqrt
from checker.claims.claim import Assumption, Paper, Source, claim
from checker.landscape.budgets import FOUND_SHARE
from checker.landscape.deep_residual.curvature import dense_hessian, kind_of_deep_point
from checker.landscape.deep_residual.network import pulled
from checker.landscape.oracles.deep_residual import (
    equal_across,
    equal_along,
    network_curvature_along_a_line,
    network_gradient_along_a_line,
)
from properties.shamir2018.theorems import convex_loss, twice_differentiable_loss
from strategies.deep_residual.critical import minimisers, saddles_and_minima
from strategies.deep_residual.curvature import curved_networks, dense_networks
from strategies.deep_residual.motivating import signed_networks
from strategies.deep_residual.networks import covered_networks, near_identities

YUN_2019 = Paper(
    key="yun2019",
    authors="Chulhee Yun, Suvrit Sra, Ali Jadbabaie",
    title="Are deep ResNets provably better than linear predictors?",
    venue="NeurIPS 2019, arXiv:1907.03922",
    notation={
        r"h_l": "h_{l-1} + V_l φ_l with φ_l = σ(U_l h_{l-1}) and h_0 = x: the layers",
        r"R(\theta)": "E ℓ(wᵀh_L; y), the mean loss over the sample",
        "u, c_l": "the predictor uᵀx + Σ c_lᵀφ_l to compare with",
        "v": "a vector with U_l v = 0 for all l ≥ 2",
    },
)


def source(key: str, note: str) -> Source:
    """A statement of the paper: key, and what of the paper it is."""
    return Source(YUN_2019, note, key)


# -- main theorem ---------------------------------------------------------------------------------

nonzero_v = Assumption(
    "nonzero_v", r"v \ne 0", lambda at: np.any(at.v != 0, axis=0), definitional=True
)

_COMPARED = r"R(\theta) - \mathbb{E}\,\ell(u^\top x + \textstyle\sum_l c_l^\top \varphi_l; y)"


@claim(
    source=source("theorem_across", "main theorem, v orthogonal to w"),
    wording="ours",
    title="deep networks: nearby points of equal risk with small gradients are nearly linear",
    statement=r"U_l v = 0 \; (l \ge 2), \; w^\top v = 0 \implies \bar g \sqrt{\|w - u\|^2 + "
    r"\tfrac{M}{\|v\|^2} \textstyle\sum_l \|V_l^\top u - c_l\|^2} \ge " + _COMPARED + r", \quad "
    r"\bar g^2 = \tfrac{1}{2M} \sum_{l,j,\pm} \|\nabla_w R(V_l \pm v e_j^\top)\|^2",
    given=covered_networks(),
    assuming=[nonzero_v, convex_loss],
    kind="tight",
    equality_strata=frozenset({"linear loss", "lattice", "one block"}),
    nearly_equal=equal_across,
    oracles=(network_gradient_along_a_line,),
)
def across(at: Any) -> Any:
    """Computed by running the deep network at all 2M parameters; M = L m features.

    No condition on U_1, none on the rank of E[l'' h hᵀ].
    """
    features = at.V.shape[0] * at.V.shape[2]
    size = at.length_apart(at.w_across, features / sq(at.v))
    return sqrt(at.mean_square_gradient()) * size >= at.gap(at.passed(at.w_across))


@claim(
    source=source("theorem_along", "main theorem, v not orthogonal to w"),
    wording="ours",
    title="deep networks: a small gradient along v is nearly as good as linear",
    statement=r"U_l v = 0 \; (l \ge 2) \implies \sqrt{\|\nabla_w R\|^2 + \textstyle\sum_l \|v^\top "
    r"\nabla_{V_l} R\|^2} \sqrt{(w^\top v)^2 \|w - u\|^2 + \textstyle\sum_l \|V_l^\top u - "
    r"c_l\|^2} \ge |w^\top v| \left(" + _COMPARED + r"\right)",
    given=covered_networks(),
    assuming=[nonzero_v, convex_loss],
    kind="tight",
    equality_strata=frozenset({"linear loss", "lattice", "one block"}),
    nearly_equal=equal_along,
    oracles=(network_gradient_along_a_line,),
)
def along(at: Any) -> Any:
    """Gradients in V_l by backpropagation through all later blocks."""
    network = at.passed(at.w)
    along_w = at.w @ at.v
    size = sqrt(sq(along_w) * sq(at.w - at.u) + sq(tuple(at.apart)))
    return pulled(network, at.v) * size >= abs(along_w) * at.gap(network)


_CURVED = (
    r"U_l v = 0 \; (l \ge 2), \; w^\top v = 0, \; \alpha > 0 \implies "
    r"-\langle D, \nabla^2 R \, D \rangle \ge 2 \alpha \|v\|^2 g - "
    r"\alpha^2 \, \mathbb{E}[\ell'' (v^\top h_L)^2], \quad "
    r"D = (\alpha v, \; -v (V_l^\top u - c_l)^\top), \quad "
    r"g = " + _COMPARED + r" - \|\nabla_w R\| \|w - u\|"
)


@claim(
    source=source("theorem_curvature", "main theorem, a negative eigenvalue"),
    wording="ours",
    title="deep networks: a gap that the gradient does not explain forces negative curvature",
    statement=_CURVED,
    given=curved_networks(),
    assuming=[nonzero_v, convex_loss, twice_differentiable_loss],
    kind="tight",
    equality_strata=frozenset({"linear loss", "lattice", "one block"}),
    nearly_equal=equal_across,
    oracles=(network_gradient_along_a_line, network_curvature_along_a_line),
)
def curved(at: Any) -> Any:
    """<D, ∇²R D> by differentiating backpropagation through all blocks along D; for every α > 0.

    At a critical point above the comparator the right side is positive for small α: a negative
    eigenvalue.
    """
    network = at.passed(at.w_across)
    return -at.curvature(network) >= at.forced(network)


@claim(
    source=source("theorem_eigenvalue", "main theorem, the least eigenvalue"),
    wording="ours",
    title="deep networks: little negative curvature is nearly as good as linear",
    statement=r"U_l v = 0 \; (l \ge 2), \; w^\top v = 0 \implies \|\nabla_w R\| \|w - u\| + "
    r"\sqrt{\kappa^2 + \kappa \, \mathbb{E}[\ell'' (v^\top h_L)^2] / \|v\|^2} \, "
    r"\sqrt{\textstyle\sum_l \|V_l^\top u - c_l\|^2} \ge "
    + _COMPARED
    + r", \quad \kappa = -\lambda_{\min}(\nabla^2 R(w, V))",
    given=dense_networks(),
    assuming=[nonzero_v, convex_loss, twice_differentiable_loss],
    constants={"c1": 1, "c2": 1},
    kind="tight",
    equality_strata=frozenset({"lattice", "one block"}),
    nearly_equal=equal_across,
    oracles=(network_gradient_along_a_line, network_curvature_along_a_line),
)
def least_eigenvalue_of_deep_network(at: Any, c1: Any, c2: Any) -> Any:
    """From the dense Hessian of the deep network in (w, V). Theorem 2 of Shamir (2018) is one block
    at w = 0, where every v will do.
    """
    network = at.passed(at.w_across)
    kappa = abs(lambda_min(dense_hessian(network)))
    curved = c2 * sq(kappa) + c1 * kappa * at.curvature_in_w(network) / sq(at.v)
    reach = norm(network.gradient_w) * norm(at.w_across - at.u)
    return reach + sqrt(curved) * norm(tuple(at.apart)) >= at.gap(network)


def _says_something_at_saddle(at: Any, inequality: Any) -> Any:
    """What the gradient explains of the gap is small, and the comparator as good as best."""
    network = at.passed(at.w_across)
    explained = norm(network.gradient_w) * norm(network.w - at.u)
    return at.says_something(network, explained, FOUND_SHARE)


def _says_something_at_minimum(at: Any, inequality: Any) -> Any:
    """The bound on |wᵀv| times the gap is small against |wᵀv| times the values."""
    network = at.passed(at.w)
    return at.says_something(network, inequality.lhs / abs(at.w @ at.v), FOUND_SHARE)


@claim(
    source=source("theorem_curvature_found", "main theorem, at critical points with wᵀv = 0"),
    wording="ours",
    title="critical points of deep networks: as good as linear, or a negative eigenvalue",
    statement=_CURVED,
    given=saddles_and_minima(),
    assuming=[nonzero_v, convex_loss, twice_differentiable_loss],
    kind="bound",
    weight=_says_something_at_saddle,
    census=kind_of_deep_point,
    oracles=(network_gradient_along_a_line, network_curvature_along_a_line),
)
def curved_at_critical_points(at: Any) -> Any:
    """At constructed critical points, some of them exact, and at found ones. The comparator is
    nearly the best predictor linear in (x, φ_1, ..., φ_L); α is the best one for it.
    """
    return curved.formula(at)


@claim(
    source=source("theorem_along_found", "main theorem, at critical points with wᵀv ≠ 0"),
    wording="ours",
    title="found minima of deep networks are as good as linear",
    statement=along.statement,
    given=minimisers(),
    assuming=[nonzero_v, convex_loss],
    kind="bound",
    weight=_says_something_at_minimum,
    oracles=(network_gradient_along_a_line,),
)
def along_at_critical_points(at: Any) -> Any:
    """As above. What is left of the gradient, which only floats made small, is in the bound."""
    return along.formula(at)


# -- near the identity ----------------------------------------------------------------------------

lipschitz_loss = Assumption(
    "lipschitz_loss",
    r"p \mapsto \ell(p; y) \text{ is } \mu\text{-Lipschitz}",
    lambda at: at.loss.lipschitz is not None,
)


def slope_of(at: Any) -> Any:
    """μ; 1 where the loss states none, for the claim without that assumption."""
    return 1.0 if at.loss.lipschitz is None else at.loss.lipschitz


@claim(
    source=source("near_identity", "risk near the identity"),
    wording="ours",
    title="near the identity critical points are nearly as good as linear, at any depth",
    statement=r"R_{lin}(u) + \|\nabla_w R\| \|w - u\| + \mu \|u\| \left( \textstyle\prod_l (1 + "
    r"\|V_l\|\|U_l\|) - 1 \right) \mathbb{E}\|x\| \ge R(\theta)",
    given=near_identities(),
    assuming=[convex_loss, lipschitz_loss],
    kind="bound",
    weight=lambda at, inequality: at.risk_gap,
    oracles=(network_gradient_along_a_line,),
)
def risk_near_identity(at: Any) -> Any:
    """At critical points the term with ∇_w R vanishes. w -> E l(wᵀ h_L) is convex, so R(θ) <=
    E l(uᵀ h_L) + ||∇_w R|| ||w - u||, and ||h_L - x|| <= (Π (1 + ρ_l) - 1) ||x||.
    """
    near = slope_of(at) * norm(at.u) * at.distortion * at.mean_length
    far = norm(at.network.gradient_w) * norm(at.w - at.u)
    return far + near >= at.risk_gap


@claim(
    source=source("rademacher", "Rademacher complexity near the identity"),
    wording="ours",
    title="near the identity the Rademacher average does not grow with depth",
    statement=r"\frac{B \prod_l (1 + 2 M_l^2)}{\sqrt{n}} \ge \frac{1}{2^n n} \sum_\varepsilon "
    r"\left\| \textstyle\sum_i \varepsilon_i h_L^{(\varepsilon)}(x_i) \right\|",
    given=signed_networks(),
    kind="bound",
)
def rademacher(at: Any) -> Any:
    """The right side is a lower bound on Rad_n for ||w|| <= 1 and ||V_l||_F, ||U_l||_F <= M_l, by
    one network per sign pattern: deterministic. The supremum itself is not computed. Proof by
    peeling: one layer adds at most 2 M_l² times what is there (contraction with absolute values).
    """
    n = at.X.shape[0]
    return at.radius * at.growth(2) / sqrt(filled(at.radius, n)) >= at.lower_bound
