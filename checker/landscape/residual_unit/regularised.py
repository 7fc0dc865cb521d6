"""Example 1 of Shamir (2018), ε = 1, c = 1, with other regularisers than ridge.

G(w, v) = (w(1 + v) - 1)² + κ_4 (w⁴ + v⁴) + κ_1 (|w| + |v|) + κ_n ||(w, v)||
          + (κ_w/2) w² + (κ_v/2) v²
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import norm
from checker.instances.fields import Dims, FloatArray
from checker.landscape.residual_unit.example1 import scalar_point

Number = Annotated[FloatArray, Dims()]
Given = Annotated[FloatArray, Dims(domain="given")]


@dataclass(frozen=True, eq=False)
class Regularised:
    """A centre (w, v) near a local minimum, a step (h1, h2) from it, and a linear predictor.

    Attributes
    ----------
    fourth, first, norm, in_w, in_v
        The coefficients κ_4, κ_1, κ_n, κ_w and κ_v.
    w, v
        The centre.
    growth
        Least curvature in the ball around the centre.
    linear
        A linear predictor, near the best one.
    h1, h2
        The step.
    """

    fourth: Given
    first: Given
    norm: Given
    in_w: Given
    in_v: Given
    w: Given
    v: Given
    growth: Given
    linear: Given
    h1: Number
    h2: Number

    def value(self, w: Any, v: Any) -> Any:
        """G(w, v)."""
        fit = 2 * scalar_point(0 * w + 1, w, v).F
        fourth, first = w**4 + v**4, abs(w) + abs(v)
        squares = (self.in_w * w * w + self.in_v * v * v) / 2
        return fit + self.fourth * fourth + self.first * first + self.norm * norm((w, v)) + squares

    @cached_property
    def here(self) -> Any:
        """G at the centre."""
        return self.value(self.w, self.v)

    @cached_property
    def there(self) -> Any:
        """G at the moved point."""
        return self.value(self.w + self.h1, self.v + self.h2)

    @cached_property
    def at_linear(self) -> Any:
        """G at the linear predictor, v = 0."""
        return self.value(self.linear, 0 * self.linear)
