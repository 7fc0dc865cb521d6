"""Independent computations of what the closed forms claim, as enclosures that must overlap.

Two enclosures of one number that do not overlap prove that one of the computations is broken.
That is a fault of the checker (ORACLE_BROKEN), never a counterexample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import dot, lambda_min
from checker.arithmetic.instances import map_arrays, with_fields
from checker.arithmetic.taylor import Taylor
from checker.constants import BALL_PRECISIONS, MAX_DENSE_ORACLE, ORACLE_PRECISION
from checker.landscape.objective import Point

Comparison = tuple[str, Any, Any]


def derivatives_along_a_line(point: Point, rng: np.random.Generator) -> list[Comparison]:
    """∇F_θ and ∇²F_θ along a random direction: closed form against a Taylor series of F alone.

    The series uses the loss's value only, so a wrong slope or curvature shows as well.
    """
    if point.X.shape[0] * (point.w.size + point.V.size) ** 2 > MAX_DENSE_ORACLE**3:
        return []
    step_w = rng.integers(-4, 5, point.w.shape).astype(float)
    step_V = rng.integers(-4, 5, point.V.shape).astype(float)
    with working_precision(ORACLE_PRECISION):
        ball = map_arrays(point, Ball.constant)
        series = _along(point, step_w, step_V).F
        direction = (Ball.constant(step_w), Ball.constant(step_V))
        slope, curvature = dot(ball.grad, direction), _curvature(ball, step_w, step_V)
        return [
            ("F", ball.F.item, series.coefficient(0).item),
            ("directional derivative of F", slope.item, series.coefficient(1).item),
            ("curvature of F along a line", curvature.item, (2 * series.coefficient(2)).item),
        ]


def least_eigenvalue_at_w_zero(point: Point, rng: np.random.Generator) -> list[Comparison]:
    """λ_min(∇²F_θ(0, V)): closed form against the spectrum of the dense Hessian."""
    if point.w.size + point.V.size > MAX_DENSE_ORACLE:
        return []
    with working_precision(ORACLE_PRECISION):
        ball = map_arrays(point, Ball.constant)
        dense = lambda_min(ball.hessian)
        return [("least eigenvalue at w = 0", ball.lambda_min_at_w_zero.item, dense.item)]


def _along(point: Point, step_w: Any, step_V: Any) -> Point:
    series = map_arrays(point, Taylor.constant)
    w, V = Taylor.line(point.w, step_w), Taylor.line(point.V, step_V)
    return with_fields(series, w=w, V=V)


def _curvature(ball: Point, step_w: Any, step_V: Any) -> Any:
    direction = Ball.constant(np.concatenate([step_w, step_V.ravel()]))
    return direction @ (ball.hessian @ direction)


def affine_beyond_precision(point: Point) -> bool:
    """Whether the loss is affine to more bits than the cap at both predictions of every sample.

    Losses with exponentially flat tails (logistic, log-cosh, ...) come within exp(-|p|) of an
    affine loss, the equality case of Lemma 1; for |p| of thousands no precision separates them.
    """
    with working_precision(ORACLE_PRECISION):
        at = map_arrays(point, Ball.constant)
        curvatures = (
            at.loss.curvature(p, at.y) for p in (at.prediction, at.linear_prediction)
        )
        limit = arb(2) ** -(BALL_PRECISIONS[-1] // 2)
        return all(abs(c) < limit for x in curvatures for c in x.entries.flat)
