"""Points in a bounded region, with Lipschitz constants proved from the data (Theorem 3).

Shamir (2018), Definition 1 and Theorem 3: M is the convex open set ||w|| < b, ||V|| < b. With
p = wᵀ(x + V z) one has ||∇p|| <= g = √((||x|| + b||z||)² + b²||z||²), uᵀ∇²p u <= ||z|| for unit
u, and ∇³p = 0. So, with L1, L2, L3 the bounds on the derivatives of the loss over the values p
that M allows, F_θ, its gradient and its Hessian are Lipschitz with the constants
E[L1 g], E[L2 g² + L1||z||], E[L3 g³ + 3 L2 g||z||] (ours).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import lambda_min, maximum, minimum, sq, sqrt
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.bounds import derivative_bounds
from checker.landscape.residual_unit.one_output import Point


@dataclass(frozen=True, eq=False, kw_only=True)
class RegionPoint(Point):
    """A point of M, which is an ε-second-order partial stationary point for ε = `epsilon`.

    Attributes
    ----------
    radius
        b, the radius of M, above ||w|| and ||V||.
    comparator_radius
        r, the radius of the linear predictors compared with, at least ||w*||.
    t
        Where the proof changes from Theorem 1 (||w|| >= t) to Theorem 2; positive.
    extra
        Added to the proved Lipschitz constant of the Hessian: the theorem fixes μ2 > 0.
    """

    radius: Annotated[FloatArray, Dims(domain="positive")]
    comparator_radius: Annotated[FloatArray, Dims(domain="positive")]
    t: Annotated[FloatArray, Dims(domain="positive")]
    extra: Annotated[FloatArray, Dims(domain="positive")]

    def is_valid(self) -> bool:
        """Whether labels and weights are legal, and the radii positive."""
        positive = (
            np.all(x > 0) for x in (self.radius, self.comparator_radius, self.t, self.extra)
        )
        return super().is_valid() and all(positive)

    @cached_property
    def _sizes(self) -> tuple[Any, Any, Any]:
        """||x|| + b||z||, ||z|| and g per sample, (n,) each."""
        features = _row_norms(self.Z)
        hidden = _row_norms(self.X) + self.radius * features
        return hidden, features, sqrt(hidden**2 + (self.radius * features) ** 2)

    @cached_property
    def _loss_bounds(self) -> tuple[Any, Any, Any]:
        return derivative_bounds(self.loss, self.radius * self._sizes[0], self.y)

    @cached_property
    def mu0(self) -> Any:
        """A Lipschitz constant of F_θ on M."""
        _, _, g = self._sizes
        return self.mean(self._loss_bounds[0] * g)

    @cached_property
    def mu1(self) -> Any:
        """A Lipschitz constant of ∇F_θ on M."""
        _, features, g = self._sizes
        first, second, _ = self._loss_bounds
        return self.mean(second * g**2 + first * features)

    @cached_property
    def mu2(self) -> Any:
        """A positive Lipschitz constant of ∇²F_θ on M."""
        _, features, g = self._sizes
        _, second, third = self._loss_bounds
        return self.mean(third * g**3 + 3 * second * g * features) + self.extra

    @cached_property
    def epsilon(self) -> Any:
        """The least ε for which the point is an ε-SOPSP with these constants."""
        least = lambda_min(self.hessian)
        return maximum(self.grad_norm, sq(minimum(least, 0)) / self.mu2)


def _row_norms(matrix: Any) -> Any:
    ones = type(matrix).constant(np.ones(matrix.shape[1]))
    return sqrt((matrix * matrix) @ ones)
