"""Independent derivatives of deep residual networks; see `checker.landscape.oracle`."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import dot
from checker.arithmetic.instances import map_arrays, with_fields
from checker.arithmetic.taylor import Taylor
from checker.constants import MAX_DENSE_ORACLE, ORACLE_PRECISION
from checker.landscape.deep_residual import DeepResidual
from checker.landscape.oracle_vector import Comparison


def network_gradient_along_a_line(
    point: DeepResidual, rng: np.random.Generator
) -> list[Comparison]:
    """∂R/∂w and all ∂R/∂V_l along a random direction, against a Taylor series of R."""
    if point.X.size * point.V.size > MAX_DENSE_ORACLE**2:
        return []
    step_w = rng.integers(-4, 5, point.w.shape).astype(float)
    step_V = rng.integers(-4, 5, point.V.shape).astype(float)
    with working_precision(ORACLE_PRECISION):
        network = map_arrays(point, Ball.constant).network
        moved = {"w": Taylor.line(point.w, step_w), "V": Taylor.line(point.V, step_V)}
        line: Any = with_fields(map_arrays(point, Taylor.constant), **moved).network.risk
        slopes = zip(network.gradients_V, step_V, strict=True)
        along = sum((dot(g, D) for g, D in slopes), dot(network.gradient_w, step_w))
        return [
            ("R", network.risk.item, line.coefficient(0).item),
            ("directional derivative of R", along.item, line.coefficient(1).item),
        ]
