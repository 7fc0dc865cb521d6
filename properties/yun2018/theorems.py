"""Yun, Sra and Jadbabaie (ICLR 2018), "Global Optimality Conditions for Deep Neural Networks".

Deep linear networks, loss f = ||W X - Y||_F²/2, W = W_2 W_1 (W_2 may be a product itself). With the
best linear map Φ, Y = Φ X + N with N Xᵀ = 0, the gradient in W is S = (W - Φ) X Xᵀ and the excess
of the loss is ||(W - Φ) X||_F²/2. Section 3.4 (seen) bounds the first layer's gradient from below,

    ||∂f/∂W_1||_F = ||W_2ᵀ S||_F >= σ_min(W_2) ||S||_F        (more hidden units than outputs),

so critical points with W_2 of full row rank are global minima (Theorem 2.1); likewise for the last
layer and W_1 of full column rank. With ||S||_F² >= σ_min(X Xᵀ) ||(W - Φ) X||_F² the squared
gradient bounds the excess: an inequality of Polyak and Łojasiewicz, whose constants are ours. All
are written in squares, σ_min² as the least eigenvalue of W_2 W_2ᵀ or W_1ᵀ W_1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import lambda_max, lambda_min, sq
from checker.claims.claim import Paper, claim
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from strategies.catalogue import domain_of, everywhere_in, over_data

YUN_2018 = Paper(
    key="yun2018",
    authors="Chulhee Yun, Suvrit Sra, Ali Jadbabaie",
    title="Global Optimality Conditions for Deep Neural Networks",
    venue="ICLR 2018, arXiv:1707.02444",
)


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Two linear layers with their data.

    Attributes
    ----------
    W1, W2
        Layers, (h, d) and (k, h).
    Phi
        The best linear map, (k, d).
    X
        Inputs, one sample per column, (d, n).
    """

    W1: Annotated[FloatArray, Dims("h", "d")]
    W2: Annotated[FloatArray, Dims("k", "h")]
    Phi: Annotated[FloatArray, Dims("k", "d")]
    X: Annotated[FloatArray, Dims("d", "n")]

    @cached_property
    def slope(self) -> Any:
        """S, (k, d)."""
        return self._error @ self.X.T

    @cached_property
    def _error(self) -> Any:
        return (self.W2 @ self.W1 - self.Phi) @ self.X

    @cached_property
    def excess(self) -> Any:
        """The loss minus the least loss."""
        return sq(self._error) / 2

    @cached_property
    def first(self) -> Any:
        """||∂f/∂W_1||_F²."""
        return sq(self.W2.T @ self.slope)

    @cached_property
    def last(self) -> Any:
        """||∂f/∂W_2||_F²."""
        return sq(self.slope @ self.W1.T)

    @cached_property
    def passes(self) -> tuple[Any, Any]:
        """σ_min²(W_2), 0 if there are more outputs than hidden units; σ_min²(W_1) likewise."""
        W1: Any = self.W1
        W2: Any = self.W2
        return lambda_min(W2 @ W2.T), lambda_min(W1.T @ W1)


LINEAR = over_data(domain_of(LinearFit), LinearFit, lambda sample: {"X": sample.X.T}, h=3, k=1)
EQUAL = everywhere_in(LINEAR)


@claim(
    source=YUN_2018.part("first_layer", "section 3.4, first layer"),
    wording="reconstructed",
    title="full row rank behind the first layer: its gradient sees the whole error",
    statement=r"\|\partial f/\partial W_1\|_F \ge \sigma_{\min}(W_2) \|(W X - Y) X^\top\|_F",
    given=LINEAR,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def first_layer(at: Any, c: Any) -> Any:
    """**Tight**: W_2 with orthogonal rows of one length."""
    return at.first >= c * at.passes[0] * sq(at.slope)


@claim(
    source=YUN_2018.part("last_layer", "section 3.4, last layer"),
    wording="reconstructed",
    title="full column rank before the last layer: its gradient sees the whole error",
    statement=r"\|\partial f/\partial W_2\|_F \ge \sigma_{\min}(W_1) \|(W X - Y) X^\top\|_F",
    given=LINEAR,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def last_layer(at: Any, c: Any) -> Any:
    """**Tight**: W_1 with orthogonal columns of one length."""
    return at.last >= c * at.passes[1] * sq(at.slope)


@claim(
    source=YUN_2018.part("gradient", "Theorem 2.1, quantitative"),
    wording="ours",
    title="the squared gradient of two linear layers bounds the excess loss",
    statement=r"\|\nabla f\|^2 \ge 2 \left(\sigma_{\min}^2(W_1) + \sigma_{\min}^2(W_2)\right) "
    r"\sigma_{\min}(XX^\top) (f - f^*)",
    given=LINEAR,
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient(at: Any, c: Any) -> Any:
    """**Tight**: multiples of orthogonal matrices."""
    passed = at.passes[0] + at.passes[1]
    return at.first + at.last >= c * passed * lambda_min(at.X @ at.X.T) * at.excess


@claim(
    source=YUN_2018.part("gradient_above", "the same from above"),
    wording="ours",
    title="the excess loss bounds the squared gradient",
    statement=r"2 \left(\|W_1\|^2 + \|W_2\|^2\right) \|X\|^2 (f - f^*) \ge \|\nabla f\|^2",
    given=LINEAR,
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient_above(at: Any, c: Any) -> Any:
    """**Tight**: multiples of orthogonal matrices."""
    passed = lambda_max(at.W2 @ at.W2.T) + lambda_max(at.W1.T @ at.W1)
    return c * passed * lambda_max(at.X @ at.X.T) * at.excess >= at.first + at.last


# -- false neighbours -----------------------------------------------------------------------------

first_more = changed(first_layer, "1.01", "numbers", c=Fraction(101, 100))
first_millionth = scaled(first_layer, "1e-6", "numbers")
first_double = changed(first_layer, "double", "numbers", c=2)
last_more = changed(last_layer, "1.01", "numbers", c=Fraction(101, 100))
last_millionth = scaled(last_layer, "1e-6", "numbers")
last_double = changed(last_layer, "double", "numbers", c=2)
gradient_more = changed(gradient, "2.01", "numbers", c=Fraction(201, 100))
gradient_millionth = scaled(gradient, "1e-6", "numbers")
gradient_double = changed(gradient, "four", "numbers", c=4)
above_less = changed(gradient_above, "1.99", "numbers", c=Fraction(199, 100))
above_millionth = scaled(gradient_above, "1e-6", "numbers")
above_half = changed(gradient_above, "one", "numbers", c=1)


@mutant(first_layer, "by_norm", "||W_2|| for σ_min(W_2): more outputs than hidden units")
def first_by_norm(at: Any, c: Any = 1) -> Any:
    return at.first >= lambda_max(at.W2 @ at.W2.T) * sq(at.slope)


@mutant(
    first_layer, "least_nonzero", "W_2ᵀ W_2 for W_2 W_2ᵀ: an output that no hidden unit reaches"
)
def first_by_columns(at: Any, c: Any = 1) -> Any:
    return at.first >= lambda_min(at.W2.T @ at.W2) * sq(at.slope)
