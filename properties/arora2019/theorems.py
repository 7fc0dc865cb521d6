"""Arora, Cohen, Golowich and Hu (2019), "A Convergence Analysis of Gradient Descent for Deep Linear
Neural Networks".

Loss ||W_N ... W_1 - Φ||_F²/2 (whitened data), G = W - Φ. Layers are balanced where W_{j+1}ᵀ W_{j+1}
= W_j W_jᵀ; for square layers all such are W_j = V_j diag(s) V_{j-1}ᵀ with orthogonal V_0, ..., V_N
and one s >= 0, so W = V_N diag(s^N) V_0ᵀ. Here N = 3. Recalled from the paper: the end-to-end
dynamics (first derived in Arora, Cohen and Hazan 2018), the deficiency margin and its use; its
constants (256, 6144) are not checked here. Proofs:

Margin. σ_min(W) >= σ_min(Φ) - ||W - Φ|| (Weyl), so a loss below (σ_min(Φ) - c)²/2 keeps σ_min(W) >=
c.

Gradient. ||P_{>j}ᵀ G P_{<j}ᵀ||_F >= s_min^(N-1) ||G||_F for balanced layers, and at most
s_max^(N-1).

End-to-end. The layers' gradients move W by Σ_j P_{>j} P_{>j}ᵀ G P_{<j}ᵀ P_{<j}, to first order in
η, and P_{>j} P_{>j}ᵀ = (W Wᵀ)^((N-j)/N), P_{<j}ᵀ P_{<j} = (Wᵀ W)^((j-1)/N).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import (
    lambda_min,
    maximum,
    minimum,
    norm,
    positive_part,
    sq,
    sqrt,
)
from checker.claims.claim import Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import (
    agree,
    before,
    behind,
    columns_times,
    gradients,
    product,
    summed,
)
from strategies.catalogue import domain_of, everywhere_in, identities_of

ARORA_2019 = Paper(
    key="arora2019",
    authors="Sanjeev Arora, Nadav Cohen, Noah Golowich, Wei Hu",
    title="A Convergence Analysis of Gradient Descent for Deep Linear Neural Networks",
    venue="ICLR 2019, arXiv:1810.02281",
)


@dataclass(frozen=True, eq=False)
class Balanced:
    """Three balanced layers W_j = V_j diag(s) V_{j-1}ᵀ.

    Attributes
    ----------
    V0, V1, V2, V3
        Orthogonal matrices, (d, d).
    s
        Singular values that the layers share, (d,).
    Phi
        Target, (d, d).
    """

    V0: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    V1: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    V2: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    V3: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    s: Annotated[FloatArray, Dims("d", domain="nonnegative")]
    Phi: Annotated[FloatArray, Dims("d", "d")]

    @cached_property
    def layers(self) -> list[Any]:
        """W_1, W_2, W_3."""
        bases = [self.V0, self.V1, self.V2, self.V3]
        pairs = zip(bases[1:], bases, strict=False)
        return [columns_times(left, self.s) @ right.T for left, right in pairs]

    @cached_property
    def G(self) -> Any:
        """W - Φ."""
        return product(self.layers) - self.Phi

    @cached_property
    def squares(self) -> list[Any]:
        """Squared norms of the layers' gradients."""
        return [sq(g) for g in gradients(self.layers, self.G)]

    @cached_property
    def extremes(self) -> tuple[Any, Any]:
        """Least and greatest of s."""
        values = [self.s[i] for i in range(len(self.s))]
        return reduce(minimum, values), reduce(maximum, values)

    def root(self, V: Any, exponent: int) -> Any:
        """V diag(s^(2 exponent)) Vᵀ: the power exponent/N of W Wᵀ for V_3, of Wᵀ W for V_0."""
        if not exponent:
            return type(V).constant(np.eye(V.shape[0]))
        return columns_times(V, self.s ** (2 * exponent)) @ V.T


@dataclass(frozen=True, eq=False)
class DeficiencyMargin:
    """An end-to-end matrix and its target.

    Attributes
    ----------
    W, D
        The matrix, and what the target has on top of it, (d, d) each.
    """

    W: Annotated[FloatArray, Dims("d", "d")]
    D: Annotated[FloatArray, Dims("d", "d")]

    @cached_property
    def deficiency(self) -> Any:
        """The greatest margin c with ||W - Φ||_F <= σ_min(Φ) - c."""
        return sigma_min(self.W + self.D) - norm((self.D,))


def sigma_min(matrix: Any) -> Any:
    """Least singular value of a square matrix."""
    return sqrt(positive_part(lambda_min(matrix @ matrix.T)))


BALANCED, EXACT = domain_of(Balanced), identities_of(Balanced)
MARGINS = domain_of(DeficiencyMargin)
EQUAL = everywhere_in(BALANCED) | everywhere_in(MARGINS)


@claim(
    source=ARORA_2019.part("margin", "Definition 2 and Claim 1, deficiency margin"),
    wording="reconstructed",
    title="a deficiency margin bounds the singular values of every better matrix from below",
    statement=r"\|W - \Phi\|_F \le \sigma_{\min}(\Phi) - c \implies \sigma_{\min}(W) \ge c",
    given=MARGINS,
    constants={"k": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def margin(at: Any, k: Any) -> Any:
    """For the greatest such c; by Weyl. **Tight**: d = 1, D > 0."""
    return sigma_min(at.W) >= k * at.deficiency


@claim(
    source=ARORA_2019.part("gradient", "proof of Theorem 1, from below"),
    wording="reconstructed",
    title="balanced layers of full rank pass the gradient on",
    statement=r"\|\nabla\|^2 \ge N s_{\min}^{2(N-1)} \|W - \Phi\|_F^2, \quad s_{\min} = "
    r"\sigma_{\min}(W)^{1/N}",
    given=BALANCED,
    constants={"c": 3},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient_from_below(at: Any, c: Any) -> Any:
    """For N = 3. **Tight**: s constant."""
    least, _ = at.extremes
    return summed(at.squares) >= c * least**4 * sq(at.G)


@claim(
    source=ARORA_2019.part("gradient_above", "the same from above"),
    wording="ours",
    title="balanced layers pass on no more of the gradient than their norm allows",
    statement=r"N \|W\|^{2(N-1)/N} \|W - \Phi\|_F^2 \ge \|\nabla\|^2",
    given=BALANCED,
    constants={"c": 3},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient_from_above(at: Any, c: Any) -> Any:
    """For N = 3. **Tight**: s constant."""
    _, greatest = at.extremes
    return c * greatest**4 * sq(at.G) >= summed(at.squares)


@claim(
    source=ARORA_2019.part("end_to_end", "end-to-end dynamics of balanced layers"),
    wording="reconstructed",
    title="how gradient flow on balanced layers moves their product",
    statement=r"\sum_j P_{>j} P_{>j}^\top G P_{<j}^\top P_{<j} = \sum_j (WW^\top)^{(N-j)/N} G "
    r"(W^\top W)^{(j-1)/N}",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def end_to_end(at: Any, c: Any) -> Any:
    """An identity; N = 3."""
    pairs = zip(behind(at.layers), before(at.layers), strict=True)
    moved = [(out @ out.T) @ at.G @ (inner.T @ inner) for out, inner in pairs]
    powers = [at.root(at.V3, 2 - j) @ at.G @ at.root(at.V0, j) for j in range(3)]
    return agree((summed(moved), c * summed(powers)))


@claim(
    source=ARORA_2019.part("alignment", "first-order change of the loss"),
    wording="ours",
    title="the loss falls along the end-to-end direction by the squared gradient",
    statement=r"\Big\langle G, \sum_j (WW^\top)^{(N-j)/N} G (W^\top W)^{(j-1)/N}\Big\rangle = "
    r"\|\nabla\|^2",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def alignment(at: Any, c: Any) -> Any:
    """An identity; N = 3."""
    powers = [at.root(at.V3, 2 - j) @ at.G @ at.root(at.V0, j) for j in range(3)]
    along = (at.G * (powers[0] + powers[1] + powers[2])).total()
    return along == c * summed(at.squares)


# -- false neighbours -----------------------------------------------------------------------------

margin_more = changed(margin, "1.01", "d = 1, D > 0", k=Fraction(101, 100))
margin_millionth = scaled(margin, "1e-6", "d = 1, D > 0")
margin_double = changed(margin, "double", "d = 1, D > 0", k=2)


@mutant(margin, "of_the_target", "a margin of the target alone: W = 0")
def margin_of_target(at: Any, k: Any = 1) -> Any:
    return sigma_min(at.W) >= sigma_min(at.W + at.D)


below_more = changed(gradient_from_below, "3.01", "s constant", c=Fraction(301, 100))
below_millionth = scaled(gradient_from_below, "1e-6", "s constant")
below_four = changed(gradient_from_below, "four", "three layers, not four", c=4)
above_less = changed(gradient_from_above, "2.99", "s constant", c=Fraction(299, 100))
above_millionth = scaled(gradient_from_above, "1e-6", "s constant")
above_two = changed(gradient_from_above, "two", "three layers, not two", c=2)


@mutant(gradient_from_below, "by_norm", "s_max in place of s_min: d = 2, s = (0, 1)")
def below_by_norm(at: Any, c: Any = 3) -> Any:
    return summed(at.squares) >= c * at.extremes[1] ** 4 * sq(at.G)


end_near = changed(end_to_end, "1.001", "an identity", c=Fraction(1001, 1000))
end_double = changed(end_to_end, "double", "an identity", c=2)
end_none = changed(end_to_end, "at_rest", "the product moves", c=0)


@mutant(end_to_end, "exponents_exchanged", "s not constant: W Wᵀ and Wᵀ W change places")
def exchanged(at: Any, c: Any = 1) -> Any:
    pairs = zip(behind(at.layers), before(at.layers), strict=True)
    moved = [(out @ out.T) @ at.G @ (inner.T @ inner) for out, inner in pairs]
    powers = [at.root(at.V0, 2 - j) @ at.G @ at.root(at.V3, j) for j in range(3)]
    return moved[0] + moved[1] + moved[2] == powers[0] + powers[1] + powers[2]


alignment_near = changed(alignment, "1.001", "an identity", c=Fraction(1001, 1000))
alignment_third = changed(alignment, "a_third", "three layers", c=Fraction(1, 3))
alignment_millionth = scaled(alignment, "1e-6", "an identity")
