"""Independent computations of what the closed forms claim, as enclosures that must overlap.

Two enclosures of one number that do not overlap prove that one of the computations is broken.
That is a fault of the checker (ORACLE_BROKEN), never a counterexample. Points have one output or
several.
"""

from __future__ import annotations

from collections.abc import Callable
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
from checker.landscape.losses.coupled import VectorLoss
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.residual_unit.unit import UnitPoint

Comparison = tuple[str, Any, Any]


def derivatives_along_a_line(point: UnitPoint, rng: np.random.Generator) -> list[Comparison]:
    """∇F_θ along a random direction, and what is stated of ∇²F_θ, against a Taylor series of F.

    The series uses the loss's value only, so a wrong slope or curvature shows as well. A loss that
    is not known along the line has no such oracle.
    """
    if not point.loss_everywhere or _is_too_large(point):
        return []
    output = point.letters.output
    step_W = rng.integers(-4, 5, point.output.shape).astype(float)
    step_V = rng.integers(-4, 5, point.V.shape).astype(float)
    moved = {output: Taylor.line(point.output, step_W), "V": Taylor.line(point.V, step_V)}
    with working_precision(ORACLE_PRECISION):
        ball: Any = map_arrays(point, Ball.constant)
        line = with_fields(map_arrays(point, Taylor.constant), **moved).F
        slope = dot(ball.grad, (Ball.constant(step_W), Ball.constant(step_V)))
        return [
            ("F", ball.F.item, line.coefficient(0).item),
            ("directional derivative of F", slope.item, line.coefficient(1).item),
            *_second_derivatives(ball, step_W, step_V, line),
        ]


def _is_too_large(point: UnitPoint) -> bool:
    size, n = point.output.size + point.V.size, point.X.shape[0]
    if isinstance(point, Point):
        return bool(n * size**2 > MAX_DENSE_ORACLE**3)
    return bool(n * size > MAX_DENSE_ORACLE**2)


def _second_derivatives(ball: UnitPoint, step_W: Any, step_V: Any, line: Any) -> list[Comparison]:
    """One output states its Hessian, several the trace of that of the loss."""
    if isinstance(ball, VectorPoint):
        return _traces(ball)
    direction = Ball.constant(np.concatenate([step_W, step_V.ravel()]))
    point: Any = ball
    curvature = direction @ (point.hessian @ direction)
    return [("curvature of F along a line", curvature.item, (2 * line.coefficient(2)).item)]


def _traces(ball: VectorPoint) -> list[Comparison]:
    """The trace of the loss's Hessian at each prediction, against Taylor series in each output."""
    stated = ball.loss.trace(ball.prediction, ball.Y).entries
    K = ball.prediction.shape[1]
    found = sum(_second_in_output(ball, k) for k in range(K))
    return [("trace of l''", stated[i], found[i]) for i in range(len(stated))]


def _second_in_output(ball: VectorPoint, k: int) -> Any:
    P = np.empty(ball.prediction.shape, dtype=object)
    for index, p in np.ndenumerate(ball.prediction.entries):
        P[index] = Taylor.line(0.0, float(index[1] == k)).item + p
    labels: Any = ball.Y
    Y = Taylor(labels.entries + Taylor.constant(np.zeros(P.shape)).entries)
    return 2 * ball.loss.value(Taylor(P), Y).coefficient(2).entries


def least_eigenvalue_at_w_zero(point: Point, rng: np.random.Generator) -> list[Comparison]:
    """λ_min(∇²F_θ(0, V)): closed form against the spectrum of the dense Hessian."""
    if point.w.size + point.V.size > MAX_DENSE_ORACLE:
        return []
    with working_precision(ORACLE_PRECISION):
        ball = map_arrays(point, Ball.constant)
        dense = lambda_min(ball.hessian)
        return [("least eigenvalue at w = 0", ball.lambda_min_at_w_zero.item, dense.item)]


def equal_in_lemma1(point: UnitPoint) -> bool:
    """Whether Lemma 1 is an equality at this point, exactly or beyond every precision.

    At each sample either both predictions are the same, or the loss is affine there to more bits
    than the cap: losses with exponentially flat tails (logistic, log-cosh, softmax where one class
    dominates) come within exp(-|p|) of an affine loss, and for |p| of thousands no precision
    separates them. A loss that is known at both predictions only is given by rational numbers:
    there equality is decided.
    """
    return point.loss_everywhere and equal_between(point, lambda at: at.linear_prediction)


def equal_between(point: UnitPoint, comparator: Callable[[Any], Any]) -> bool:
    """The same for any comparator, given by its predictions at a point in some arithmetic."""
    exact: Any = map_arrays(point, Exact.constant)
    apart = exact.prediction - comparator(exact)
    with working_precision(ORACLE_PRECISION):
        at: Any = map_arrays(point, Ball.constant)
        flat = [_bends(at, p) for p in (at.prediction, comparator(at))]
        limit = arb(2) ** -(BALL_PRECISIONS[-1] // 2)
        return all(
            all(x.ratio == 0 for x in np.ravel(row)) or all(abs(bend[i]) < limit for bend in flat)
            for i, row in enumerate(apart.entries)
        )


def _bends(at: Any, P: Any) -> Any:
    """The second derivative of the loss per sample, for several outputs its trace."""
    several = isinstance(at.loss, VectorLoss)
    return (at.loss.trace if several else at.loss.curvature)(P, at.targets).entries
