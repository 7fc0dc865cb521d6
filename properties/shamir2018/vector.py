"""Shamir (2018), Remark 2 and appendix B: several outputs, x -> W(x + V f_θ(x)), W in R^{K x d}.

The paper's supplement was not at hand: statements and constants are derived here. Let W have full
row rank, W⁺ = Wᵀ(W Wᵀ)⁻¹ and G = (W - W*, W⁺ W* V). Since ∂F/∂W = E[l' (x + V f)ᵀ],
∂F/∂V = Wᵀ E[l' fᵀ] and W W⁺ = I,

    <G, ∇F> = E<l', W(x + V f) - W* x> >= F - F_lin(W*)

by convexity. Cauchy-Schwarz gives the sharp form, and with ||W - W*||² <= 2||W||² + 2||W*||² and
||W⁺ W* V||_F <= ||W*||_F ||V|| / σ_min(W) the printed form. For K = 1 both are Theorem 1.

At W of any rank, A = E[l' xᵀ] and B = E[l' fᵀ], convexity says

    <W - W*, ∂F/∂W> + <W* V, B> = E<l', W(x + V f) - W* x> >= F - F_lin(W*),

for <W, A + B Vᵀ> - <W*, A> = <W - W*, A + B Vᵀ> + <W* V, B>. Theorem 2 for K outputs is this and
a bound on ||B||: where W u = 0 for a unit vector u, the Hessian along D = s v uᵀ, E = -τ u cᵀ is at
most α s² - 2 ||B|| s τ, v and c the singular vectors of B to ||B||, α = λ_max(∂²F/∂W²); so
λ = λ_min(∇²F_θ) is at most the negative root of λ² - α λ = ||B||², and ||B||² <= λ² + |λ| α. With
<M, B> <= ||M||_* ||B|| the gap is at most ||W - W*|| ||∇F|| + ||V|| ||W*||_* √(|λ| α + λ²). (The
Frobenius norm in place of the nuclear one is wrong: `checker/certification/several/bounds.py`.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import (
    concatenate,
    dot,
    hstack,
    lambda_max,
    lambda_min,
    norm,
    outer,
    spectral_norm,
    sq,
    sqrt,
    vstack,
)
from checker.arithmetic.rank import has_full_row_rank
from checker.claims.claim import Assumption, Source, claim
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import summed
from checker.landscape.oracles.residual_unit import (
    derivatives_along_a_line,
    equal_in_lemma1,
)
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss, twice_differentiable_loss
from strategies.catalogue import domain_of, everywhere_in
from strategies.residual_unit.vector_points import vector_points, vector_points_of_any_rank

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


# -- W of any rank ----------------------------------------------------------------------------


@claim(
    source=Source(SHAMIR_2018, "Appendix B, Lemma 1 at any rank", "appendix_b_any_rank"),
    wording="ours",
    title="several outputs: what bounds the gap where the output layer has any rank",
    statement=r"\langle W - W^*, \partial F/\partial W \rangle + \langle W^* V, B \rangle \ge "
    r"F(W,V,\theta) - F_{lin}(W^*), \quad B = E\, \ell' f_\theta(x)^\top",
    given=vector_points_of_any_rank(),
    assuming=(convex_loss, twice_differentiable_loss),
    kind="tight",
    equality_strata=frozenset({"gap exactly 0", "equality"}),
    nearly_equal=equal_in_lemma1,
    oracles=(derivatives_along_a_line,),
)
def gap_at_any_rank(at: Any) -> Any:
    """Lemma 1 without W⁺. **Tight**: equality for every linear loss."""
    return dot(at.W - at.W_star, at.grad[0]) + dot(at.W_star @ at.V, at.B) >= at.gap


@dataclass(frozen=True, eq=False)
class AtZero:
    """Second derivatives of F_θ at W = 0, for two outputs, inputs and features.

    Attributes
    ----------
    h
        Rows x + V f, (n, 2).
    c
        The Hessian of the loss in the predictions at a sample is c cᵀ, (n, 2).
    B
        E[l' fᵀ], (2, 2).
    """

    h: Annotated[FloatArray, Dims("n", 2)]
    c: Annotated[FloatArray, Dims("n", 2)]
    B: Annotated[FloatArray, Dims(2, 2)]

    @cached_property
    def block(self) -> Any:
        """∂²F/∂W² = Σ (c ⊗ h)(c ⊗ h)ᵀ, rows of W one after the other."""
        rows = [concatenate([c[0] * h, c[1] * h]) for c, h in zip(self.c, self.h, strict=True)]
        return summed([outer(row, row) for row in rows])

    @cached_property
    def hessian(self) -> Any:
        """In (W, V): F is linear in V there, and ∂²F/∂W_ki ∂V_ja = B_ka for i = j, else 0."""
        nothing = 0 * self.B
        coupling = vstack(
            *(
                hstack(self.B[k][None] * (1 - i), self.B[k][None] * i)
                for k in range(2)
                for i in range(2)
            )
        )
        corner = vstack(hstack(nothing, nothing), hstack(nothing, nothing))
        return vstack(hstack(self.block, coupling), hstack(coupling.T, corner))


# Spectra of order 8 take a hundredth of a second.
AT_ZERO = domain_of(AtZero, cases=400)


@claim(
    source=Source(SHAMIR_2018, "Appendix B, Theorem 2, curvature", "appendix_b_curvature"),
    wording="ours",
    title="several outputs: the least eigenvalue at W = 0 bounds what the features would change",
    statement=r"\lambda_{\min}^2 + |\lambda_{\min}| \, \lambda_{\max}\left("
    r"\tfrac{\partial^2 F_\theta(0,V)}{\partial W^2}\right) \ge \|B\|^2",
    given=AT_ZERO,
    constants={"c": 1},
    kind="tight",
    equality_strata=everywhere_in(AT_ZERO),
)
def curvature_of_several_outputs(at: Any, c: Any) -> Any:
    """Theorem 2 for K outputs, the part on second derivatives. **Tight**: no curvature in W."""
    least = abs(lambda_min(at.hessian))
    return least**2 + least * lambda_max(at.block) >= c * spectral_norm(at.B) ** 2
