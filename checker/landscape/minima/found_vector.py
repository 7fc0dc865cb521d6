"""Found points with K outputs, and the minima that are proved to be next to them.

What `checker.landscape.minima.found` is for one output. Of a loss of several outputs proofs take
those that are sums over the outputs: with R = [W, W V], E l(R [x; f]; y) is then a sum over rows
of R.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import sq
from checker.arithmetic.plain import Plain
from checker.instances.fields import Dims, FloatArray, map_arrays, unchecked, with_fields
from checker.landscape.losses.coupled import Separable
from checker.landscape.minima.near_points import Certified, LinearProblem
from checker.landscape.over_sample import require_positive
from checker.landscape.residual_unit.comparators import ResidualPoint
from checker.landscape.residual_unit.several_outputs import VectorPoint


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundVectorMinimum(Certified, ResidualPoint):
    """A point with a minimum of F_θ near it, to be proved.

    Attributes
    ----------
    modulus, radius
        μ and r, as in `FoundMinimum`.
    whole
        Whether the ball is one in (W, V), as it has to be for K > d. Else it is one in (W, W V).
    """

    modulus: Annotated[FloatArray | float, Dims(domain="positive")]
    radius: Annotated[FloatArray | float, Dims(domain="positive")]
    whole: bool = False

    parameters = ("W", "V")
    comparators = ("W_star", "S")

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "modulus")
        require_positive(self, "radius")

    def is_valid(self) -> bool:
        """Whether labels, weights, μ and r are in their domains."""
        return super().is_valid() and bool(np.all(self.modulus > 0) and np.all(self.radius > 0))

    def linear_problems(self) -> list[LinearProblem]:
        """One problem per output, in the rows of [W, W V]; none where F is no such sum."""
        if self.whole or not isinstance(self.loss, Separable):
            return []
        columns, each = np.hstack([self.X, self.Z]), self.loss.each
        return [
            LinearProblem(columns, y, self.weights, each, ((row,), (self.V.T, row)))
            for row, y in zip(self.W, self.Y.T, strict=True)
        ]

    @cached_property
    def uncertainty(self) -> Any:
        """||∇||²/(2μ): the minimum's value is at least F minus that; 0 at a kink."""
        if not self.loss.twice_differentiable:
            return 0 * sq(self.W)
        return sq(self.grad if self.whole else (self.A, self.B)) / (2 * self.modulus)


def found_vector_minimum(point: VectorPoint, **further: Any) -> FoundVectorMinimum:
    """The point as one near a minimum; μ and r are still to be found."""
    own = {name: getattr(point, name) for name in VectorPoint.__dataclass_fields__}
    certified = {"modulus": 1.0, "radius": 1.0, "whole": False}
    return unchecked(FoundVectorMinimum, **{**own, **certified, **further})


def explicit_saddle(point: VectorPoint) -> VectorPoint | None:
    """W = 0 and V with E[l' xᵀ] + B Vᵀ = 0: critical, and a saddle where B != 0; None if K > m."""
    W = np.zeros_like(point.W)
    at: Any = map_arrays(with_fields(point, W=W), lambda a: Plain(a[..., None]))
    A, B = at.A.value[..., 0], at.B.value[..., 0]
    if len(B) > B.shape[1] or not np.isfinite(B).all():
        return None
    return with_fields(point, W=W, V=-(np.linalg.pinv(B) @ A).T)
