"""Independent derivatives of deep linear networks; see `oracles.residual_unit`."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.arithmetic.functions import dot
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.budgets import MAX_DENSE_ORACLE
from checker.landscape.deep_linear.network import DeepLinear
from checker.landscape.oracles.residual_unit import Comparison


def gradient_along_a_line(point: DeepLinear, rng: np.random.Generator) -> list[Comparison]:
    """The gradient in all layers along a random direction, against a Taylor series of the loss."""
    if point.W.size + point.X.size > MAX_DENSE_ORACLE**2:
        return []
    step = rng.integers(-4, 5, point.W.shape).astype(float)
    with working_precision(ORACLE_PRECISION):
        at: Any = map_arrays(point, Ball.constant)
        series = with_fields(map_arrays(point, Taylor.constant), W=Taylor.line(point.W, step))
        line: Any = series.chain.excess
        slopes = at.chain.gradients()
        along = reduce(lambda a, b: a + b, (dot(g, D) for g, D in zip(slopes, step, strict=True)))
        return [
            ("L(W) - L*", at.chain.excess.item, line.coefficient(0).item),
            ("directional derivative of L", along.item, line.coefficient(1).item),
        ]
