"""Independent computations of what the closed forms claim, as enclosures that must overlap.

Two enclosures of one number that do not overlap prove that one of the computations is broken.
That is a fault of the checker (ORACLE_BROKEN), never a counterexample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import BALL_PRECISIONS, ORACLE_PRECISION
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import dot, lambda_min
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.budgets import MAX_DENSE_ORACLE
from checker.landscape.residual_unit.one_output import Point

Comparison = tuple[str, Any, Any]


def derivatives_along_a_line(point: Point, rng: np.random.Generator) -> list[Comparison]:
    """∇F_θ and ∇²F_θ along a random direction: closed form against a Taylor series of F alone.

    The series uses the loss's value only, so a wrong slope or curvature shows as well. A loss that
    is not known along the line has no such oracle.
    """
    if not point.loss_everywhere:
        return []
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


def equal_in_lemma1(point: Point) -> bool:
    """Whether Lemma 1 is an equality at this point, exactly or beyond every precision.

    At each sample either both predictions are the same number, or the loss is affine there to more
    bits than the cap: losses with exponentially flat tails (logistic, log-cosh, ...) come within
    exp(-|p|) of an affine loss, and for |p| of thousands no precision separates them. A loss that
    is known at both predictions only is given by rational numbers: there equality is decided.
    """
    if not point.loss_everywhere:
        return False
    exact = map_arrays(point, Exact.constant)
    apart = exact.prediction - exact.linear_prediction
    with working_precision(ORACLE_PRECISION):
        at = map_arrays(point, Ball.constant)
        flat = [
            at.loss.curvature(p, at.targets).entries for p in (at.prediction, at.linear_prediction)
        ]
        limit = arb(2) ** -(BALL_PRECISIONS[-1] // 2)
        return all(
            gap.ratio == 0 or all(abs(c[i]) < limit for c in flat)
            for i, gap in enumerate(apart.entries)
        )
