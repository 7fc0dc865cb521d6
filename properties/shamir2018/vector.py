"""Shamir (2018), Remark 2 and appendix B: several outputs, x -> W(x + V f_θ(x)), W in R^{K x d}.

The paper's supplement was not at hand: statements and constants are derived here. Let W have full
row rank, W⁺ = Wᵀ(W Wᵀ)⁻¹ and G = (W - W*, W⁺ W* V). Since ∂F/∂W = E[l' (x + V f)ᵀ],
∂F/∂V = Wᵀ E[l' fᵀ] and W W⁺ = I,

    <G, ∇F> = E<l', W(x + V f) - W* x> >= F - F_lin(W*)

by convexity. Cauchy-Schwarz gives the sharp form, and with ||W - W*||² <= 2||W||² + 2||W*||² and
||W⁺ W* V||_F <= ||W*||_F ||V|| / σ_min(W) the printed form. For K = 1 both are Theorem 1.
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import dot, norm, spectral_norm, sq, sqrt
from checker.arithmetic.rank import has_full_row_rank
from checker.claims.claim import Assumption, Source, claim
from checker.landscape.oracles.residual_unit import (
    derivatives_along_a_line,
    equal_in_lemma1,
)
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss, twice_differentiable_loss
from strategies.residual_unit.vector_points import vector_points

full_row_rank = Assumption(
    "full_row_rank",
    r"\operatorname{rank} W = K",
    lambda at: has_full_row_rank(at.W),
    decided=True,
)

_ASSUMING = (full_row_rank, convex_loss, twice_differentiable_loss)
_G = r"G = \left(W - W^*, \; W^+ W^* V\right)"


@claim(
    source=Source(SHAMIR_2018, "Appendix B, Lemma 1", "appendix_b_lemma1"),
    wording="ours",
    title="several outputs: a direction along which the gradient sees the gap",
    statement=r"\langle \mathrm{vec}(G), \nabla F_\theta(W,V) \rangle \ge F(W,V,\theta) - "
    rf"F_{{lin}}(W^*), \quad {_G}",
    given=vector_points(),
    assuming=_ASSUMING,
    kind="tight",
    equality_strata=frozenset({"W = W*", "gap exactly 0", "equality"}),
    nearly_equal=equal_in_lemma1,
    oracles=(derivatives_along_a_line,),
)
def vector_gradient_direction(at: Any) -> Any:
    """Lemma 1 for K outputs. **Tight**: equality for every linear loss."""
    return dot((at.W - at.W_star, at.lifted), at.grad) >= at.gap


@claim(
    source=Source(SHAMIR_2018, "Appendix B, Theorem 1", "appendix_b_theorem1"),
    wording="ours",
    title="several outputs: a small gradient is nearly as good as linear",
    statement=r"\|\nabla F_\theta(W,V)\| \ge \frac{F(W,V,\theta) - F_{lin}(W^*)}"
    r"{\sqrt{2\|W\|_F^2 + \|W^*\|_F^2 \left(2 + \|V\|^2 / \sigma_{\min}(W)^2\right)}}",
    given=vector_points(),
    assuming=_ASSUMING,
    constants={"a": 2, "b": 2, "c": 1},
    kind="tight",
    equality_strata=frozenset({"gap exactly 0", "equality"}),
    nearly_equal=equal_in_lemma1,
    oracles=(derivatives_along_a_line,),
)
def vector_gradient_bound(at: Any, a: Any, b: Any, c: Any) -> Any:
    """Theorem 1 for K outputs.

    **Tight** for every K: equality where W has equal singular values, W* = -W, V is a multiple of
    Wᵀ (up to an isometry), and for a linear loss (the stratum "equality").
    """
    ratio = spectral_norm(at.V) ** 2 / at.sigma_min_squared
    bound = sqrt(a * sq(at.W) + sq(at.W_star) * (b + c * ratio))
    return at.grad_norm >= at.gap / bound


@claim(
    source=Source(SHAMIR_2018, "Appendix B, Theorem 1, sharp form", "appendix_b_theorem1_sharp"),
    wording="ours",
    title="several outputs: Theorem 1 with ||G|| itself",
    statement=r"\|\nabla F_\theta(W,V)\| \, \sqrt{\|W - W^*\|_F^2 + \|W^+ W^* V\|_F^2} \ge "
    r"F(W,V,\theta) - F_{lin}(W^*)",
    given=vector_points(),
    assuming=_ASSUMING,
    kind="tight",
    equality_strata=frozenset({"W = W*", "gap exactly 0", "equality"}),
    nearly_equal=equal_in_lemma1,
    oracles=(derivatives_along_a_line,),
)
def sharp_vector_gradient_bound(at: Any) -> Any:
    """Theorem 1 for K outputs, sharp form. **Tight** for every (W, V, W*), by a linear loss."""
    return at.grad_norm * norm((at.W - at.W_star, at.lifted)) >= at.gap
