"""Independent derivatives of deep residual networks; see `oracles.residual_unit`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import BALL_PRECISIONS, ORACLE_PRECISION
from checker.arithmetic.functions import dot
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.budgets import MAX_DENSE_ORACLE
from checker.landscape.deep_residual.curvature import curvature_along
from checker.landscape.deep_residual.network import CoveredResidual, DeepResidual, Pass
from checker.landscape.oracles.residual_unit import Comparison


def network_gradient_along_a_line(
    point: DeepResidual, rng: np.random.Generator
) -> list[Comparison]:
    """∂R/∂w and all ∂R/∂V_l along a random direction, against a Taylor series of R."""
    if point.X.size * point.V.size > MAX_DENSE_ORACLE**2:
        return []
    with working_precision(ORACLE_PRECISION):
        network, direction, line = _along(point, rng)
        gradient = (network.gradient_w, *network.gradients_V)
        return [
            ("R", network.risk.item, line.coefficient(0).item),
            (
                "directional derivative of R",
                dot(gradient, direction).item,
                line.coefficient(1).item,
            ),
        ]


def network_curvature_along_a_line(
    point: DeepResidual, rng: np.random.Generator
) -> list[Comparison]:
    """<D, ∇²R D> in a random direction, against a Taylor series of R."""
    if point.X.size * point.V.size > MAX_DENSE_ORACLE**2:
        return []
    with working_precision(ORACLE_PRECISION):
        network, direction, line = _along(point, rng)
        curvature = curvature_along(network, direction)
        return [("curvature of R", curvature.item, 2 * line.coefficient(2).item)]


def equal_across(point: CoveredResidual) -> bool:
    """Whether no precision may separate the sides of the main theorem at w orthogonal to v.

    It follows from the convexity of l between two predictions, which is an equality where these are
    the same number, or where the loss is affine to more bits than the cap. What is left then is the
    angle between a gradient and a difference: none for d = 1, and for w = u.
    """
    return _equal_by_convexity(point, lambda at: at.w_across)


def equal_along(point: CoveredResidual) -> bool:
    """The same at w itself; where wᵀ v = 0, the right side is 0, and so may be the gradient."""
    with working_precision(2 * ORACLE_PRECISION):
        at: Any = map_arrays(point, Ball.constant)
        across = bool((at.w @ at.v).item.is_zero())
    return across or _equal_by_convexity(point, lambda at: at.w)


def _equal_by_convexity(point: CoveredResidual, place: Callable[[Any], Any]) -> bool:
    # Products of four floats are exact.
    with working_precision(2 * ORACLE_PRECISION):
        at = map_arrays(point, Ball.constant)
        network = at.passed(place(at))
        predicted = (network.prediction, at.compared(network))
        flat = [at.loss.curvature(p, at.y).entries for p in predicted]
        limit = arb(2) ** -(BALL_PRECISIONS[-1] // 2)
        return all(
            gap.is_zero() or all(abs(c[i]) < limit for c in flat)
            for i, gap in enumerate(at.apart_from(network).entries)
        )


def _along(point: DeepResidual, rng: np.random.Generator) -> tuple[Pass, tuple[Any, ...], Any]:
    """The network in balls, a random direction in (w, V), and R along it as a Taylor series."""
    step_w = rng.integers(-4, 5, point.w.shape).astype(float)
    step_V = rng.integers(-4, 5, point.V.shape).astype(float)
    moved = {"w": Taylor.line(point.w, step_w), "V": Taylor.line(point.V, step_V)}
    line: Any = with_fields(map_arrays(point, Taylor.constant), **moved).network.risk
    direction = (Ball.constant(step_w), *map(Ball.constant, step_V))
    return map_arrays(point, Ball.constant).network, direction, line
