"""Hardt and Ma (2017), "Identity Matters in Deep Learning".

Linear residual networks x -> (I + A_l) ... (I + A_1) x with labels y = R x + ξ, E ξ xᵀ = 0 and Σ =
E x xᵀ, squared loss f = E ||y - (I + A_l) ... (I + A_1) x||². With E = (I + A_l) ... (I + A_1) - R
and the least value C_opt = E ||ξ||²,

    f - C_opt = ||E Σ^(1/2)||_F²,      ∂f/∂A_i = 2 (P_{>i})ᵀ E Σ (P_{<i})ᵀ,

where P_{>i} and P_{<i} are the factors behind and before layer i. If ||A_i|| <= τ < 1, their l - 1
factors have singular values within [1 - τ, 1 + τ], so

    2 (1 - τ)^(l-1) ||E Σ||_F <= ||∂f/∂A_i||_F <= 2 (1 + τ)^(l-1) ||E Σ||_F,                (*)

and ||E Σ||_F² >= σ_min(Σ) ||E Σ^(1/2)||_F² gives the gradient bound. Inequality (2.3) as printed
has (1 - τ)^(l-1) σ_min(Σ)² (f - C_opt) instead: squaring (*) lost the factor 2 of the exponent, and
||E||² was taken for ||E Σ^(1/2)||². Theorem 2.2, that critical points there are global minima, is
not affected. (Read in the text of the ICLR version; later versions were not at hand.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import dot, filled, lambda_min, maximum, spectral_norm, sq
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.domains import interval
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import gradients, power, product, summed
from strategies.catalogue import domain_of, everywhere_in

HARDT_2017 = Paper(
    key="hardt2017",
    authors="Moritz Hardt, Tengyu Ma",
    title="Identity Matters in Deep Learning",
    venue="ICLR 2017, arXiv:1611.04231",
)


@dataclass(frozen=True, eq=False)
class LinearResNet:
    """A linear residual network with its target.

    Attributes
    ----------
    A
        A_1, ..., A_l, (l, d, d); a matrix of norm below 1 has entries within [-1, 1].
    R
        The target, (d, d).
    S
        Σ = E x xᵀ, (d, d).
    """

    A: Annotated[FloatArray, Dims("l", "d", "d", domain=interval(-1, 1))]
    R: Annotated[FloatArray, Dims("d", "d")]
    S: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]

    @cached_property
    def factors(self) -> list[Any]:
        """I + A_1, ..., I + A_l."""
        A: Any = self.A
        return [A[i] + np.eye(A.shape[1]) for i in range(A.shape[0])]

    @cached_property
    def error(self) -> Any:
        """E."""
        return product(self.factors) - self.R

    @cached_property
    def excess(self) -> Any:
        """f - C_opt = tr(E Σ Eᵀ)."""
        return dot(self.error @ self.S, self.error)

    @cached_property
    def squares(self) -> list[Any]:
        """||∂f/∂A_i||_F² for i = 1, ..., l."""
        return [4 * sq(g) for g in gradients(self.factors, self.error @ self.S)]

    @cached_property
    def tau(self) -> Any:
        """max ||A_i||."""
        A: Any = self.A
        return reduce(maximum, [spectral_norm(A[i]) for i in range(A.shape[0])])

    @cached_property
    def least(self) -> Any:
        """σ_min(Σ)."""
        S: Any = self.S
        return lambda_min(S)

    @property
    def l(self) -> int:  # noqa: E743
        """Depth."""
        return len(self.A)


def _singular(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Layers I + A = [[0, 1], [0, 1]], and an error that none of them sees."""
    depth = int(rng.integers(2, 4))
    layer = np.array([[0.0, 1.0], [0.0, 1.0]])
    blind = np.array([[1.0, 0.0], [-1.0, 0.0]])[..., None] * rng.integers(1, 9, size)
    A = np.broadcast_to((layer - np.eye(2))[None, ..., None], (depth, 2, 2, size))
    S = np.broadcast_to(np.eye(2)[..., None], (2, 2, size))
    return {"A": A.copy(), "R": layer[..., None] - blind, "S": S.copy()}


NETS = domain_of(LinearResNet, without={"near_identity": _singular})
EQUAL = everywhere_in(NETS)

near_identity = Assumption(
    "near_identity", r"\max_i \|A_i\| < 1", proved(lambda at: filled(at.tau, 1.0) > at.tau)
)


@claim(
    source=HARDT_2017.part("gradient", "(2.3), corrected"),
    wording="ours",
    title="near the identity a small gradient means a small excess loss",
    statement=r"\|\nabla f\|_F^2 \ge 4\ell(1-\tau)^{2(\ell-1)} \sigma_{\min}(\Sigma) (f - C_{opt})",
    given=NETS,
    assuming=[near_identity],
    constants={"c": 4},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient_bound(at: Any, c: Any) -> Any:
    """Theorem 2.2 follows for Σ of full rank. **Tight**: A_i = -τ I, Σ = s I."""
    near = power(1 - at.tau, 2 * (at.l - 1))
    return summed(at.squares) >= c * at.l * near * at.least * at.excess


@claim(
    source=HARDT_2017.part("layer", "proof of (2.3), one layer"),
    wording="reconstructed",
    title="near the identity no layer's gradient vanishes alone",
    statement=r"\|\partial f/\partial A_i\|_F \ge 2(1-\tau)^{\ell-1} \|E\Sigma\|_F",
    given=NETS,
    assuming=[near_identity],
    constants={"c": 4},
    kind="tight",
    equality_strata=EQUAL,
)
def layer_bound(at: Any, c: Any) -> Any:
    """Squared, for the layer with the least gradient. **Tight**: A_i = -τ I."""
    least = -reduce(maximum, [-g for g in at.squares])
    return least >= c * power(1 - at.tau, 2 * (at.l - 1)) * sq(at.error @ at.S)


@claim(
    source=HARDT_2017.part("layer_above", "the same proof, from above"),
    wording="ours",
    title="the gradient of a layer is at most that of a linear map times (1 + τ)^(l-1)",
    statement=r"2(1+\tau)^{\ell-1} \|E\Sigma\|_F \ge \|\partial f/\partial A_i\|_F",
    given=NETS,
    constants={"c": 4},
    kind="tight",
    equality_strata=EQUAL,
)
def layer_from_above(at: Any, c: Any) -> Any:
    """Squared; for every τ. **Tight**: A_i = τ I, and for one layer."""
    far = power(1 + at.tau, 2 * (at.l - 1))
    return c * far * sq(at.error @ at.S) >= reduce(maximum, at.squares)


@claim(
    source=HARDT_2017.part("singular", "proof of Theorem 2.2, the product"),
    wording="reconstructed",
    title="near the identity the product of the layers keeps its singular values",
    statement=r"\sigma_{\min}\big((I+A_\ell) \cdots (I+A_1)\big) \ge (1-\tau)^\ell",
    given=NETS,
    assuming=[near_identity],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def product_is_regular(at: Any, c: Any) -> Any:
    """Squared. **Tight**: A_i = -τ I."""
    P = product(at.factors)
    return lambda_min(P @ P.T) >= c * power(1 - at.tau, 2 * at.l)


# -- false neighbours -----------------------------------------------------------------------------

_SINGULAR = "A_i = -1 in one of several layers: the others' gradients vanish"


@mutant(
    gradient_bound,
    "as_printed",
    "d = 1, Σ = 1, l = 2, A_1 = A_2 = -1/2: 2E² for at least 4E²; and l = 1, Σ = 2: 16E² for 32E²",
)
def as_printed(at: Any, c: Any = 4) -> Any:
    near = power(1 - at.tau, at.l - 1)
    bound = c * at.l * near * at.least * at.least * at.excess
    return summed(at.squares) >= bound


@mutant(gradient_bound, "exponent_as_printed", "d = 1, Σ = 1, l = 2, A = -1/2: 2E² for 4E²")
def exponent_as_printed(at: Any, c: Any = 4) -> Any:
    near = power(1 - at.tau, at.l - 1)
    return summed(at.squares) >= c * at.l * near * at.least * at.excess


@mutant(gradient_bound, "sigma_as_printed", "l = 1, d = 1, Σ = 2: 16E² for at least 32E²")
def sigma_as_printed(at: Any, c: Any = 4) -> Any:
    near = power(1 - at.tau, 2 * (at.l - 1))
    bound = c * at.l * near * at.least * at.least * at.excess
    return summed(at.squares) >= bound


gradient_millionth = scaled(gradient_bound, "1e-6", "A_i = -τ I, Σ = s I")
gradient_more = changed(gradient_bound, "c_4.01", "one layer, Σ = s I", c=Fraction(401, 100))
gradient_far = dropped(gradient_bound, "near_identity", "far_from_identity", _SINGULAR)
layer_millionth = scaled(layer_bound, "1e-6", "one layer, or A_i = -τ I")
layer_more = changed(layer_bound, "c_4.01", "one layer", c=Fraction(401, 100))
layer_far = dropped(layer_bound, "near_identity", "far_from_identity", _SINGULAR)
above_millionth = scaled(layer_from_above, "1e-6", "one layer, or A_i = τ I")
above_less = changed(layer_from_above, "c_3.99", "one layer", c=Fraction(399, 100))
above_half = changed(layer_from_above, "half", "one layer", c=2)
singular_millionth = scaled(product_is_regular, "1e-6", "A_i = -τ I")
singular_more = changed(product_is_regular, "c_1.01", "A_i = -τ I", c=Fraction(101, 100))
singular_far = dropped(
    product_is_regular, "near_identity", "far_from_identity", "A_i = -1 + B with B of rank 1"
)
