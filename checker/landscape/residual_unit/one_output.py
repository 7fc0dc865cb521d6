"""The objective of a residual unit at one point, with closed-form derivatives in (w, V).

Shamir (2018), section 2: F(w, V, θ) = E l(wᵀ(x + V f_θ(x)); y), F_lin(w) = E l(wᵀx; y), and
F_θ(w, V) is F with θ fixed. Only the features z = f_θ(x) at the sample enter, so a point carries
them as numbers Z. At distinct inputs *any* numbers are the features of some f_θ, and no proof uses
more than the pairs (x, z). That is why features computed in floats by a network are a legal, exact
instance, and why no rounding error of a network matters. (See docs/rigor.md on repeated inputs.)

Every formula is linear in the weights, so the theorems hold for any non-negative weights; that
weights sum to 1 only up to rounding is harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import (
    difference,
    hstack,
    lambda_min,
    minimum,
    norm,
    outer,
    sqrt,
    tighter,
    vanishing_with,
    vstack,
)
from checker.instances.fields import Dims, FloatArray, with_fields
from checker.landscape.losses.base import Loss, check_convex
from checker.landscape.losses.catalogue import SIMPLEST_LOSSES
from checker.landscape.losses.per_sample import PerSample
from checker.landscape.residual_unit.unit import ONE_OUTPUT, UnitPoint, with_simpler_losses


@dataclass(frozen=True, eq=False)
class Point(UnitPoint):
    """A point (w, V) of the landscape of F_θ, with its sample, loss and a linear comparator.

    Attributes
    ----------
    X
        Inputs, (n, d).
    y
        Labels, (n,), in the domain of the loss.
    Z
        Features f_θ(x) at the sample, (n, m).
    w, V
        Parameters, (d,) and (d, m).
    w_star
        The linear predictor that F is compared with, (d,).
    loss
        The loss l.
    weights
        Non-negative sample weights, (n,); None for 1/n each.
    """

    letters = ONE_OUTPUT

    X: Annotated[FloatArray, Dims("n", "d")]
    y: Annotated[FloatArray, Dims("n", domain="label")]
    Z: Annotated[FloatArray, Dims("n", "m")]
    w: Annotated[FloatArray, Dims("d")]
    V: Annotated[FloatArray, Dims("d", "m")]
    w_star: Annotated[FloatArray, Dims("d")]
    loss: Loss
    weights: Annotated[FloatArray | None, Dims("n", domain="weight")] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.loss.check_labels(self.y)
        check_convex(self.loss)

    def simpler(self) -> Iterator[Point]:
        """The same point with a simpler loss of the catalogue, for the reducer."""
        yield from with_simpler_losses(self, SIMPLEST_LOSSES, self.y)
        if isinstance(self.loss, PerSample):
            for loss in self.loss.simpler(SIMPLEST_LOSSES):
                yield with_fields(self, loss=loss)

    def gap_to(self, Q: Any) -> Any:
        """F(w, V, θ) - E l(q; y) for other predictions q, (n,)."""
        return self.mean(difference(lambda p: self.loss.value(p, self.targets), self.prediction, Q))

    # -- first derivatives ----------------------------------------------------------------------

    @cached_property
    def a(self) -> Any:
        """E[l' x], (d,)."""
        return self._moment(self.X)

    @cached_property
    def b(self) -> Any:
        """E[l' z], (m,)."""
        return self._moment(self.Z)

    @property
    def moments(self) -> tuple[Any, Any]:
        return self.a, self.b

    @cached_property
    def grad(self) -> tuple[Any, Any]:
        """∇F_θ(w, V) in its blocks ∂F/∂w = a + V b, (d,), and ∂F/∂V = w bᵀ, (d, m)."""
        return self.a + self.V @ self.b, outer(self.w, self.b)

    @cached_property
    def grad_norm(self) -> Any:
        """||∇F_θ(w, V)||, from ||a + V b||² + ||w||² ||b||²."""
        return norm((self.grad[0], norm(self.w) * self.b))

    # -- second derivatives ---------------------------------------------------------------------

    @cached_property
    def _hidden(self) -> Any:
        """Rows x + V z, (n, d)."""
        return self.X + self.Z @ self.V.T

    @cached_property
    def _curvature(self) -> Any:
        return self._weighted(self.loss.curvature(self.prediction, self.targets))

    @cached_property
    def hess_ww(self) -> Any:
        """∂²F_θ/∂w² = E[l'' (x + V z)(x + V z)ᵀ], (d, d)."""
        return self._averaged((self._hidden.T * self._curvature) @ self._hidden)

    @cached_property
    def hessian(self) -> Any:
        """∇²F_θ(w, V) as a dense matrix, (d + dm, d + dm), coordinates (w, rows of V)."""
        d = self.X.shape[1]
        features = hstack(*(self.Z * self.w[i] for i in range(d)))
        mixed = self._averaged((self._hidden.T * self._curvature) @ features) + self._coupling
        pure = self._averaged((features.T * self._curvature) @ features)
        return vstack(hstack(self.hess_ww, mixed), hstack(mixed.T, pure))

    @cached_property
    def _coupling(self) -> Any:
        """I ⊗ bᵀ, (d, dm): the part of the mixed derivative that does not involve l''."""
        identity = type(self.b).constant(np.eye(self.X.shape[1]))
        return hstack(*(outer(identity[i], self.b) for i in range(self.X.shape[1])))

    @cached_property
    def lambda_min_ww(self) -> Any:
        """λ_min(∂²F_θ/∂w²)."""
        return lambda_min(self.hess_ww)

    @cached_property
    def lambda_min_at_w_zero(self) -> Any:
        """λ_min(∇²F_θ(0, V)) in closed form; meaningful at w = 0 only.

        With α = λ_min(∂²F/∂w²) >= 0 and ρ = ||b|| it is (α - √(α² + 4ρ²))/2, which cancels, or
        -2ρ²/(α + √(α² + 4ρ²)), which is 0/0 for α = ρ = 0 (ours). Without
        convexity α may be negative; then it is the least eigenvalue where ρ = 0.
        """
        alpha, rho = self.lambda_min_ww, norm(self.b)
        root = sqrt(alpha**2 + 4 * rho**2)
        size = tighter(2 * rho**2 / (alpha + root), (root - alpha) / 2)
        least = -vanishing_with(size, rho)
        return least if self.loss.convex else minimum(alpha, least)
