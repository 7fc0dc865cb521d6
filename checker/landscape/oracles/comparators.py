"""Independent computations for comparators on [x; f_θ(x)]; see `oracles.residual_unit`."""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.instances.fields import map_arrays
from checker.landscape.oracles.residual_unit import Comparison, equal_between
from checker.landscape.residual_unit.comparators import DescentPoint, FlatPoint


def residual_lemma_is_equality(point: Any) -> bool:
    """Whether the loss is affine between the predictions of point and comparator, or they agree."""
    return equal_between(point, _comparison)


def _comparison(at: Any) -> Any:
    if isinstance(at, DescentPoint):
        return at.linear_prediction - at.t * (at.Z @ at.B_star.T)
    return at.comparison


def equal_values_nearby(point: FlatPoint, rng: np.random.Generator) -> list[Comparison]:
    """F at V ± u e_jᵀ against F at V; and the mean square of ∂F/∂W against its closed form."""
    with working_precision(ORACLE_PRECISION):
        at: Any = map_arrays(point, Ball.constant)
        first = at.point
        sides = [x for pair in at.neighbours for x in pair]
        B, gradient = first.B, first.grad[0]
        squares = (gradient * gradient).total() + (B * B).total() * (at.u * at.u).total() / len(
            at.neighbours
        )
        return [
            ("mean square of the gradients", at.mean_square_gradient.item, squares.item),
            *(("F at an equal point", x.F.item, first.F.item) for x in sides),
        ]
