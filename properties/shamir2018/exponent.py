"""The exponent 1/4 of ε in Theorem 3 of Shamir (2018), observed over many decades of ε.

On the family `two_points` the gap F - F_lin(w*) and the least ε for which the point is an
ε-second-order stationary point are enclosed; the slope of log gap over log ε tends to 1/4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.instances.fields import map_arrays
from checker.landscape.residual_unit.region import RegionPoint
from strategies.residual_unit.regions import two_points

BITS = 256


@dataclass(frozen=True)
class Observed:
    """ε and the gap at c = 2^-k, as balls."""

    epsilon: Any
    gap: Any


def observed(k: int) -> Observed:
    """The family at c = 2^-k, in the region ||w||, ||V|| < 2."""
    fields = two_points(np.array([2.0**-k]))
    case: dict[str, Any] = {
        n: a[..., 0] if isinstance(a, np.ndarray) else a for n, a in fields.items()
    }
    radii: dict[str, Any] = {n: np.array(2.0) for n in ("radius", "comparator_radius", "t")}
    point = RegionPoint(**case, **radii, extra=np.array(2.0**-100))
    with working_precision(BITS):
        at = map_arrays(point, Ball.constant)
        return Observed(at.epsilon.item, at.gap.item)


def slope(first: int, second: int) -> Any:
    """(log gap - log gap') / (log ε - log ε') between c = 2^-first and 2^-second, a ball."""
    with working_precision(BITS):
        a, b = observed(first), observed(second)
        return (a.gap / b.gap).log() / (a.epsilon / b.epsilon).log()
