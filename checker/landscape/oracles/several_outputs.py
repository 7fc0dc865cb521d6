"""Independent computations for points with several outputs; see `oracles.one_output`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import BALL_PRECISIONS, ORACLE_PRECISION
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import dot
from checker.instances.fields import map_arrays, with_fields
from checker.landscape.budgets import MAX_DENSE_ORACLE
from checker.landscape.residual_unit.several_outputs import VectorPoint

Comparison = tuple[str, Any, Any]


def vector_derivative_along_a_line(
    point: VectorPoint, rng: np.random.Generator
) -> list[Comparison]:
    """∇F_θ along a random direction: closed form against a Taylor series of F alone.

    The second coefficient of the loss's own series checks its trace, too: Σ_k ∂²l/∂p_k².
    """
    if point.X.shape[0] * (point.W.size + point.V.size) > MAX_DENSE_ORACLE**2:
        return []
    step_W = rng.integers(-4, 5, point.W.shape).astype(float)
    step_V = rng.integers(-4, 5, point.V.shape).astype(float)
    with working_precision(ORACLE_PRECISION):
        ball = map_arrays(point, Ball.constant)
        series = map_arrays(point, Taylor.constant)
        line = with_fields(series, W=Taylor.line(point.W, step_W), V=Taylor.line(point.V, step_V)).F
        slope = dot(ball.grad, (Ball.constant(step_W), Ball.constant(step_V)))
        return [
            ("F", ball.F.item, line.coefficient(0).item),
            ("directional derivative of F", slope.item, line.coefficient(1).item),
            *_traces(ball),
        ]


def _traces(ball: VectorPoint) -> list[Comparison]:
    """The trace of the loss's Hessian at each prediction, against Taylor series in each output."""
    stated = ball.loss.trace(ball.prediction, ball.Y).entries
    K = ball.prediction.shape[1]
    found = sum(_second_derivatives(ball, k) for k in range(K))
    return [("trace of l''", stated[i], found[i]) for i in range(len(stated))]


def _second_derivatives(ball: VectorPoint, k: int) -> Any:
    P = np.empty(ball.prediction.shape, dtype=object)
    for index, p in np.ndenumerate(ball.prediction.entries):
        P[index] = Taylor.line(0.0, float(index[1] == k)).item + p
    labels: Any = ball.Y
    Y = Taylor(labels.entries + Taylor.constant(np.zeros(P.shape)).entries)
    return 2 * ball.loss.value(Taylor(P), Y).coefficient(2).entries


def equal_in_vector_lemma1(point: VectorPoint) -> bool:
    """Whether the analogue of Lemma 1 is an equality here, exactly or beyond every precision.

    As for one output (`equal_in_lemma1`): at each sample both predictions are equal, or the loss is
    affine at both to more bits than the cap, as softmax is where one class dominates.
    """
    return equal_between(point, lambda at: at.linear_prediction)


def equal_between(point: VectorPoint, comparator: Callable[[Any], Any]) -> bool:
    """The same for any comparator, given by its predictions at a point in some arithmetic."""
    exact = map_arrays(point, Exact.constant)
    apart = exact.prediction - comparator(exact)
    with working_precision(ORACLE_PRECISION):
        at = map_arrays(point, Ball.constant)
        flat = [at.loss.trace(p, at.Y).entries for p in (at.prediction, comparator(at))]
        limit = arb(2) ** -(BALL_PRECISIONS[-1] // 2)
        return all(
            all(x.ratio == 0 for x in row) or all(abs(t[i]) < limit for t in flat)
            for i, row in enumerate(apart.entries)
        )
