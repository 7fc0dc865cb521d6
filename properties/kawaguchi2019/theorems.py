"""Kawaguchi and Bengio (2019), "Depth with Nonlinearity Creates No Bad Local Minima in ResNets".

The paper (abstract; its body was not at hand): for vector outputs and any depth, all local minima
of x -> W(x + V z), z = f_θ(x), are no worse than the global minimum of linear predictors, and are
guaranteed to improve further through the residual representation z. Its condition is recalled as
K <= d, K outputs and d inputs. Everything quantitative here is ours, derived below; depth plays no
part, since z is arbitrary.

Setting: l(.; y) convex and differentiable; A = E[l' xᵀ], B = E[l' zᵀ], so ∂F/∂W = A + B Vᵀ and
∂F/∂V = WᵀB. The comparator is x -> W* x + S z, and D = W* V - S. By convexity

    F - E l(W* x + S z; y) <= <A, W - W*> + <B, W V - S> = <∂F/∂W, W - W*> + <B, D>.        (*)

W of full row rank: W W⁺ = I, so <B, D> = <WᵀB, W⁺D> and the right side is <∇F, (W - W*, W⁺D)>.

W u = 0, u != 0 (always possible for K < d, and for K = d at a W of lower rank): F is the same at
all V + u qᵀ, where ∂F/∂W is ∂F/∂W + B q uᵀ. The mean of ||∂F/∂W||² over V ± u e_jᵀ, j = 1..m, is
therefore ||∂F/∂W||² + ||u||² ||B||²/m, and (*) with Cauchy-Schwarz bounds the gap by its root.

At a local minimum and for K <= d one of the two applies with gradients 0 (all V ± u e_jᵀ with
small u are local minima, too): F is the minimum over all predictors linear in [x; z].
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from checker.arithmetic.functions import dot, norm, sq, sqrt
from checker.arithmetic.rank import has_full_row_rank
from checker.claims.claim import Assumption, Paper, Source, claim
from checker.landscape.losses.coupled import SQUARED
from checker.landscape.minima.proof import local_minimum
from checker.landscape.oracles.comparators import equal_values_nearby, residual_lemma_is_equality
from checker.landscape.oracles.residual_unit import derivatives_along_a_line
from properties.shamir2018.found import says_something, says_something_at_zero
from properties.shamir2018.theorems import convex_loss
from properties.shamir2018.vector import full_row_rank
from strategies.minima.flat_points import flat_points
from strategies.minima.vector_critical_points import vector_minima, vector_saddles
from strategies.residual_unit.comparators import descent_points, residual_points, squared_points

KAWAGUCHI_2019 = Paper(
    key="kawaguchi2019",
    authors="Kenji Kawaguchi, Yoshua Bengio",
    title="Depth with Nonlinearity Creates No Bad Local Minima in ResNets",
    venue="Neural Networks 118 (2019), arXiv:1810.09038",
    notation={
        r"F(W, V, \theta)": "E ℓ(W(x + V f_θ(x)); y), the mean loss over the sample, of K outputs; "
        "F_θ is the same at a fixed θ",
        "W^*, S": "the predictor W* x + S f_θ(x) to compare with; F_lin(W*) has S = 0",
        "W^+": "the pseudo-inverse of W",
        "m": "the number of features, entries of f_θ(x)",
    },
)

differentiable_loss = Assumption(
    "differentiable_loss",
    r"p \mapsto \ell(p; y) \text{ is differentiable}",
    lambda at: at.loss.differentiable,
)

nonzero_u = Assumption(
    "nonzero_u", r"u \ne 0", lambda at: np.any(at.u != 0, axis=0), definitional=True
)

smooth_loss = Assumption(
    "smooth_loss",
    r"\nabla_p \ell \text{ is } \beta\text{-Lipschitz}",
    lambda at: at.loss.smoothness is not None,
    definitional=True,
)

squared_loss = Assumption(
    "squared_loss",
    r"\ell(p; y) = \|p - y\|^2 / 2, \text{ equal weights}",
    lambda at: at.loss == SQUARED and at.weights is None,
    definitional=True,
)

independent_columns = Assumption(
    "independent_columns",
    r"\operatorname{rank} [X\;Z] = d + m",
    lambda at: has_full_row_rank(np.concatenate([at.X, at.Z], axis=1).swapaxes(0, 1)),
    definitional=True,
    decided=True,
)

_RANK = (full_row_rank, convex_loss, differentiable_loss)
_GAP = r"F(W,V,\theta) - \mathbb{E}\,\ell(W^* x + S f_\theta(x); y)"
_EQUAL = frozenset({"W = W*", "gap exactly 0", "equality"})


def _part(key: str, note: str) -> Source:
    return Source(KAWAGUCHI_2019, f"abstract, {note}", key)


@claim(
    source=_part("lemma", "direction"),
    wording="ours",
    title="a direction along which the gradient sees the gap to predictors on [x; f(x)]",
    statement=r"\langle \nabla F_\theta(W,V), (W - W^*, \; W^+(W^* V - S)) \rangle \ge " + _GAP,
    given=residual_points(),
    assuming=_RANK,
    kind="tight",
    equality_strata=_EQUAL,
    nearly_equal=residual_lemma_is_equality,
    oracles=(derivatives_along_a_line,),
)
def residual_direction(at: Any) -> Any:
    """**Tight**: equality for every linear loss. S = 0 is appendix B of Shamir (2018)."""
    return dot(at.grad, at.direction) >= at.residual_gap


@claim(
    source=_part("full_rank", "W of full row rank"),
    wording="ours",
    title="a small gradient is nearly as good as linear in [x; f(x)]",
    statement=r"\|\nabla F_\theta(W,V)\| \sqrt{\|W - W^*\|_F^2 + \|W^+(W^* V - S)\|_F^2} \ge "
    + _GAP,
    given=residual_points(),
    assuming=_RANK,
    kind="tight",
    equality_strata=_EQUAL,
    nearly_equal=residual_lemma_is_equality,
    oracles=(derivatives_along_a_line,),
)
def residual_gradient_bound(at: Any) -> Any:
    """Every critical point with rank W = K is as good as the best predictor linear in [x; f(x)].

    **Tight** for every (W, V, W*, S) by a linear loss.
    """
    return at.grad_norm * norm(at.direction) >= at.residual_gap


@claim(
    source=_part("rank_deficient", "W of lower rank"),
    wording="ours",
    title="points of equal value nearby with small gradients are nearly as good as linear",
    statement=r"W u = 0 \implies \bar g \sqrt{\|W - W^*\|_F^2 + \tfrac{m}{\|u\|^2} \|W^* V - "
    r"S\|_F^2} \ge " + _GAP + r", \quad \bar g^2 = \frac{1}{2m} \sum_{j,\pm} \left\| "
    r"\tfrac{\partial F_\theta}{\partial W}(W, V \pm u e_j^\top) \right\|_F^2",
    given=flat_points(),
    assuming=[nonzero_u, convex_loss, differentiable_loss],
    kind="tight",
    equality_strata=frozenset({"equality"}),
    oracles=(equal_values_nearby,),
)
def flat_gradient_bound(at: Any) -> Any:
    """F is the same at all 2m points V ± u e_jᵀ, however long u is; K may exceed d.

    **Tight** for every (W, V, W*, S, u) by a linear loss (the stratum "equality").
    """
    point = at.point
    size = sqrt(sq(point.W - point.W_star) + at.V.shape[1] * sq(point.D) / sq(at.u))
    return sqrt(at.mean_square_gradient) * size >= point.residual_gap


@claim(
    source=_part("improvement", "improvement by residual representations"),
    wording="ours",
    title="the features improve on the linear predictor by a guaranteed amount",
    statement=r"\|\nabla F_\theta(W,V)\| \sqrt{\|W - W^*\|_F^2 + \|W^+(W^* V + t B_*)\|_F^2} \ge "
    r"F(W,V,\theta) - F_{lin}(W^*) + t \|B_*\|_F^2 - \tfrac{\beta t^2}{2} \mathbb{E}\|B_* "
    r"f_\theta(x)\|^2, \quad B_* = \mathbb{E}[\nabla_p\ell(W^* x; y) f_\theta(x)^\top]",
    given=descent_points(),
    # A loss with Lipschitz derivatives is differentiable.
    assuming=[full_row_rank, convex_loss, smooth_loss],
    kind="tight",
    equality_strata=frozenset({"equality"}),
    nearly_equal=residual_lemma_is_equality,
    oracles=(derivatives_along_a_line,),
)
def guaranteed_improvement(at: Any) -> Any:
    """For every t; at a critical point F <= F_lin(W*) - ||B*||⁴ / (2β E||B* z||²) with the best t.

    The comparator x -> W* x - t B* z is a gradient step from the linear predictor: by the descent
    lemma its risk is at most F_lin(W*) - t||B*||² + (β t²/2) E||B* z||². Strictly better than
    linear unless B* = 0. **Tight** by a linear loss, where β = 0.
    """
    return at.grad_norm * norm(at.direction) >= at.gap + at.decrease


@claim(
    source=_part("squared", "improvement for the squared loss"),
    wording="ours",
    title="squared loss: what the features can improve, exactly",
    statement=r"F(W,V,\theta) \ge \tfrac{1}{2n}\left( \|Y(I - P_X)\|_F^2 - "
    r"\|Y P_{Z(I - P_X)}\|_F^2 \right)",
    given=squared_points(),
    assuming=[squared_loss, independent_columns],
    kind="tight",
    equality_strata=frozenset({"lattice"}),
    oracles=(derivatives_along_a_line,),
)
def squared_improvement(at: Any) -> Any:
    """The right side is the minimum over predictors linear in [x; f(x)], so that at local minima
    (K <= d) it is the value itself: better than linear by ||Y P_{Z(I - P_X)}||²/(2n) exactly.

    **Tight**: equality where [W, W V] is the least-squares solution (the stratum "lattice").
    """
    return at.F >= at.best_value


no_more_outputs_than_inputs = Assumption(
    "no_more_outputs_than_inputs", r"K \le d", lambda at: at.W.shape[0] <= at.W.shape[1]
)


@claim(
    source=_part("local_minima", "local minima"),
    wording="ours",
    title="every local minimum is as good as the best predictor on [x; f(x)]",
    statement=r"(W,V) \text{ a local minimum of } F_\theta \implies F(W,V,\theta) \le "
    r"\inf_{W^*, S} \mathbb{E}\,\ell(W^* x + S f_\theta(x); y)",
    given=vector_minima(),
    assuming=[no_more_outputs_than_inputs, convex_loss, differentiable_loss, local_minimum],
    kind="bound",
    equality_strata=frozenset({"exact minimum of rank one"}),
    weight=says_something,
    oracles=(derivatives_along_a_line,),
)
def no_bad_local_minimum(at: Any) -> Any:
    """The paper's theorem with the residual representation on the right, where the paper's abstract
    has the linear predictors (S = 0) and a further improvement. At local minima that are proved to
    exist next to found points, as Corollary 1 of Shamir (2018).
    """
    return at.uncertainty >= at.residual_gap


full_rank_found = replace(
    residual_gradient_bound,
    id=f"{KAWAGUCHI_2019.key}.full_rank_found",
    source=_part("full_rank_found", "W of full row rank, at found points"),
    title="found points with W of full row rank are as good as linear in [x; f(x)]",
    domain=vector_minima(),
    weight=says_something,
)


def _says_something_at_zero(at: Any, inequality: Any) -> Any:
    return says_something_at_zero(at.point, inequality)


rank_deficient_found = replace(
    flat_gradient_bound,
    id=f"{KAWAGUCHI_2019.key}.rank_deficient_found",
    source=_part("rank_deficient_found", "W of lower rank, at found points"),
    title="saddles with W = 0: points of equal value nearby have gradients",
    domain=vector_saddles(),
    weight=_says_something_at_zero,
)
