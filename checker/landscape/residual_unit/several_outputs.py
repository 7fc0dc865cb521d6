"""A point of the landscape of a residual unit with K outputs, x -> W(x + V f_θ(x)).

Remark 2 and appendix B of Shamir (2018). F(W, V, θ) = E l(W(x + V f_θ(x)); y) with y in R^K and a
loss convex in its K predictions; F_lin(W) = E l(W x; y). As for one output, the features at the
sample enter as numbers Z. The gradient norm is Euclidean over (W, V).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import (
    lambda_min,
    norm,
    outer,
    row_sums,
    solve_positive_definite,
    vanishing_with,
)
from checker.instances.fields import Dims, FloatArray, with_fields
from checker.landscape.losses.coupled import SIMPLEST_VECTOR_LOSSES, VectorLoss
from checker.landscape.over_sample import OverSample, check_fields, check_weights, shape_of


@dataclass(frozen=True, eq=False)
class VectorPoint(OverSample):
    """A point (W, V) of F_θ with K outputs, its sample, loss and a linear comparator.

    Attributes
    ----------
    X
        Inputs, (n, d).
    Y
        Labels, (n, K), in the domain of the loss.
    Z
        Features f_θ(x) at the sample, (n, m).
    W, V
        Parameters, (K, d) and (d, m).
    W_star
        The linear predictor that F is compared with, (K, d).
    loss
        The loss l.
    weights
        Non-negative sample weights, (n,); None for 1/n each.
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    Y: Annotated[FloatArray, Dims("n", "K", domain="label")]
    Z: Annotated[FloatArray, Dims("n", "m")]
    W: Annotated[FloatArray, Dims("K", "d")]
    V: Annotated[FloatArray, Dims("d", "m")]
    W_star: Annotated[FloatArray, Dims("K", "d")]
    loss: VectorLoss
    weights: Annotated[FloatArray | None, Dims("n", domain="weight")] = None

    def __post_init__(self) -> None:
        (n, d), m, K = shape_of(self, "X", 2), shape_of(self, "Z", 2)[1], shape_of(self, "W", 2)[0]
        expected = {"X": (n, d), "Y": (n, K), "Z": (n, m), "W": (K, d), "V": (d, m)}
        why = f"X has shape {(n, d)}, Z has {m} columns and W has {K} rows"
        check_fields(self, {**expected, "W_star": (K, d)}, why)
        check_weights(self.weights, n)
        self.loss.check(self.Y)

    def is_valid(self) -> bool:
        """Whether labels and weights are in their domains; for the reducer, which changes them."""
        return self.has_legal_weights() and bool(np.all(self.loss.labels.accepts(self.Y)))

    def simpler(self) -> Iterator[VectorPoint]:
        """The same point with a simpler loss, for the reducer."""
        for loss in SIMPLEST_VECTOR_LOSSES:
            if loss == self.loss:
                return
            yield with_fields(self, loss=loss)

    # -- values ---------------------------------------------------------------------------------

    @cached_property
    def prediction(self) -> Any:
        """W(x + V z) per sample, (n, K)."""
        return self.X @ self.W.T + self.Z @ (self.V.T @ self.W.T)

    @cached_property
    def linear_prediction(self) -> Any:
        """W* x per sample, (n, K)."""
        return self.X @ self.W_star.T

    @cached_property
    def F(self) -> Any:
        """F(W, V, θ)."""
        return self.mean(self.loss.value(self.prediction, self.Y))

    @cached_property
    def F_lin(self) -> Any:
        """F_lin(W*)."""
        return self.mean(self.loss.value(self.linear_prediction, self.Y))

    @cached_property
    def gap(self) -> Any:
        """F(W, V, θ) - F_lin(W*), exactly 0 where both predict the same at every sample."""
        return self.gap_to(self.linear_prediction)

    def gap_to(self, Q: Any) -> Any:
        """F(W, V, θ) - E l(q; y) for other predictions Q, (n, K); exactly 0 where they agree."""
        P = self.prediction
        apart = self.loss.value(P, self.Y) - self.loss.value(Q, self.Y)
        return self.mean(vanishing_with(apart, row_sums(abs(P - Q))))

    # -- first derivatives ----------------------------------------------------------------------

    @cached_property
    def _slope(self) -> Any:
        """Weighted ∂l/∂p, (K, n)."""
        return self._weighted(self.loss.slope(self.prediction, self.Y).T)

    @cached_property
    def A(self) -> Any:
        """E[l' xᵀ], (K, d)."""
        return self._averaged(self._slope @ self.X)

    @cached_property
    def B(self) -> Any:
        """E[l' zᵀ], (K, m)."""
        return self._averaged(self._slope @ self.Z)

    @cached_property
    def grad(self) -> tuple[Any, Any]:
        """∇F_θ(W, V) in its blocks ∂F/∂W = A + B Vᵀ, (K, d), and ∂F/∂V = Wᵀ B, (d, m)."""
        return self.A + self.B @ self.V.T, self.W.T @ self.B

    @cached_property
    def grad_norm(self) -> Any:
        """||∇F_θ(W, V)||."""
        return norm(self.grad)

    # -- W and its pseudo-inverse ---------------------------------------------------------------

    @cached_property
    def gram(self) -> Any:
        """W Wᵀ, (K, K)."""
        return self.W @ self.W.T

    @cached_property
    def sigma_min_squared(self) -> Any:
        """Square of the least of the K singular values of W."""
        return lambda_min(self.gram)

    @cached_property
    def lifted(self) -> Any:
        """W⁺ W* V, (d, m)."""
        return self.lift(self.W_star @ self.V)

    def lift(self, matrix: Any) -> Any:
        """W⁺ times a matrix (K, m), W⁺ = Wᵀ(W Wᵀ)⁻¹: defined where W has full row rank."""
        rows = solve_positive_definite(self.gram, matrix)
        first, *further = (outer(self.W[k], row) for k, row in enumerate(rows))
        return sum(further, first)
