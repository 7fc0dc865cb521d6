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

from checker.arithmetic.functions import (
    lambda_min,
    norm,
    outer,
    row_sums,
    solve_positive_definite,
    vanishing_with,
)
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.coupled import SIMPLEST_VECTOR_LOSSES, VectorLoss
from checker.landscape.residual_unit.unit import SEVERAL_OUTPUTS, UnitPoint, with_simpler_losses


@dataclass(frozen=True, eq=False)
class VectorPoint(UnitPoint):
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

    letters = SEVERAL_OUTPUTS

    X: Annotated[FloatArray, Dims("n", "d")]
    Y: Annotated[FloatArray, Dims("n", "K", domain="label")]
    Z: Annotated[FloatArray, Dims("n", "m")]
    W: Annotated[FloatArray, Dims("K", "d")]
    V: Annotated[FloatArray, Dims("d", "m")]
    W_star: Annotated[FloatArray, Dims("K", "d")]
    loss: VectorLoss
    weights: Annotated[FloatArray | None, Dims("n", domain="weight")] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.loss.check(self.Y)

    def simpler(self) -> Iterator[VectorPoint]:
        """The same point with a simpler loss, for the reducer."""
        yield from with_simpler_losses(self, SIMPLEST_VECTOR_LOSSES, self.Y)

    def gap_to(self, Q: Any) -> Any:
        """F(W, V, θ) - E l(q; y) for other predictions Q, (n, K); exactly 0 where they agree."""
        P = self.prediction
        apart = self.loss.value(P, self.Y) - self.loss.value(Q, self.Y)
        return self.mean(vanishing_with(apart, row_sums(abs(P - Q))))

    # -- first derivatives ----------------------------------------------------------------------

    @cached_property
    def A(self) -> Any:
        """E[l' xᵀ], (K, d)."""
        return self._moment(self.X)

    @cached_property
    def B(self) -> Any:
        """E[l' zᵀ], (K, m)."""
        return self._moment(self.Z)

    @property
    def moments(self) -> tuple[Any, Any]:
        return self.A, self.B

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
