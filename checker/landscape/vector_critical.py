"""Critical points with several outputs, and the lower point next to each that is no minimum.

Nothing here is proved but what balls decide at the end: a fall of F along a proposed step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from scipy import optimize

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.functions import row_sums
from checker.arithmetic.instances import Dims, FloatArray, map_arrays, unchecked, with_fields
from checker.arithmetic.plain import Plain
from checker.constants import CONVERGED_GRADIENT, OPTIMISER_STEPS, ORACLE_PRECISION
from checker.landscape.residual import ResidualPoint
from checker.landscape.vector import VectorPoint

_TINY = float(np.finfo(float).smallest_subnormal)
_LENGTHS = 2.0 ** np.arange(2, -30, -1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundVectorPoint(ResidualPoint):
    """A point that a search returned, with the step that leaves it; see `escape.FoundPoint`.

    Attributes
    ----------
    step_W, step_V
        The step to a lower point, (K, d) and (d, m); zero where none was sought or found.
    drop
        F falls by at least this much along the step; positive, and tiny without a step.
    """

    step_W: Annotated[FloatArray, Dims("K", "d")]
    step_V: Annotated[FloatArray, Dims("d", "m")]
    drop: Annotated[FloatArray, Dims(domain="weight")]

    @cached_property
    def F_escaped(self) -> Any:
        """F(W + step_W, V + step_V, θ); the sums are taken in the arithmetic, not in floats."""
        fields = {name: getattr(self, name) for name in VectorPoint.__dataclass_fields__}
        moved = {"W": self.W + self.step_W, "V": self.V + self.step_V}
        return unchecked(VectorPoint, **{**fields, **moved}).F


# -- searches ---------------------------------------------------------------------------------


def minimise_vector(start: VectorPoint) -> VectorPoint | None:
    """A point where ∇F_θ(W, V) is small, found from `start` with θ fixed; None if there is none."""
    shapes = start.W.shape, start.V.shape
    found = _bfgs(lambda v: _at(start, v, shapes), _flat(start.W, start.V))
    return None if found is None else with_fields(start, **_named(found, shapes))


def best_on_features(point: VectorPoint) -> tuple[FloatArray, FloatArray]:
    """W* and S of a nearly best predictor x -> W* x + S z; no optimality is promised."""
    inputs = np.concatenate([point.X, point.Z], axis=1)
    K, d = point.W.shape
    W, V, Z = np.zeros((K, inputs.shape[1])), np.zeros((inputs.shape[1], 1)), np.zeros_like(inputs)
    frame = VectorPoint(inputs, point.Y, Z[:, :1], W, V, W, point.loss, point.weights)
    found = _bfgs(lambda v: _at(frame, v, (W.shape, V.shape)), _flat(W, V), steps=4)
    R = W if found is None else _named(found, (W.shape, V.shape))["W"]
    return R[:, :d].copy(), R[:, d:].copy()


def explicit_saddle(point: VectorPoint) -> VectorPoint | None:
    """W = 0 and V with E[l' xᵀ] + B Vᵀ = 0: critical, and a saddle where B != 0; None if K > m."""
    W = np.zeros_like(point.W)
    at = map_arrays(with_fields(point, W=W), lambda a: Plain(a[..., None]))
    A, B = at.A.value[..., 0], at.B.value[..., 0]
    if len(B) > B.shape[1] or not np.isfinite(B).all():
        return None
    return with_fields(point, W=W, V=-(np.linalg.pinv(B) @ A).T)


def _bfgs(point_at: Any, start: FloatArray, steps: int = 1) -> FloatArray | None:
    def value_and_slope(v: FloatArray) -> tuple[float, FloatArray]:
        at = point_at(v)
        value = float(at.F.value[0])
        slope = _flat(*(g.value[..., 0] for g in at.grad))
        return (value, slope) if np.isfinite(value) else (np.inf, np.zeros_like(v))

    options = {"maxiter": steps * OPTIMISER_STEPS, "gtol": CONVERGED_GRADIENT}
    with np.errstate(all="ignore"):
        found = optimize.minimize(value_and_slope, start, jac=True, method="BFGS", options=options)
        _, slope = value_and_slope(found.x)
    # BFGS stops at rounding noise in F, where the gradient is about the root of it.
    small = np.linalg.norm(slope) <= CONVERGED_GRADIENT**0.5 * (1 + np.linalg.norm(found.x))
    return found.x if small and np.isfinite(found.x).all() else None


def _at(frame: VectorPoint, v: FloatArray, shapes: Any) -> VectorPoint:
    named = {name: np.ascontiguousarray(a) for name, a in _named(v, shapes).items()}
    return map_arrays(with_fields(frame, **named), lambda a: Plain(a[..., None]))


def _flat(*blocks: FloatArray) -> FloatArray:
    return np.concatenate([block.ravel() for block in blocks])


def _named(v: FloatArray, shapes: Any) -> dict[str, FloatArray]:
    first = int(np.prod(shapes[0]))
    return {"W": v[:first].reshape(shapes[0]), "V": v[first:].reshape(shapes[1])}


# -- steps to a lower point -------------------------------------------------------------------


def with_vector_escape(point: VectorPoint, W_star: FloatArray, S: FloatArray) -> FoundVectorPoint:
    """The point, with a step to a lower one if it lies above its comparator."""
    fields = {name: getattr(point, name) for name in VectorPoint.__dataclass_fields__}
    zero = {"step_W": np.zeros_like(point.W), "step_V": np.zeros_like(point.V)}
    fields.update(zero, W_star=W_star, S=S, drop=np.array(_TINY))
    at_rest = unchecked(FoundVectorPoint, **fields)
    with working_precision(ORACLE_PRECISION), np.errstate(all="ignore"):
        if map_arrays(at_rest, Ball.constant).residual_gap.item <= 0:
            return at_rest
        return max(_proposals(at_rest), key=lambda p: float(p.drop), default=at_rest)


def _proposals(at_rest: FoundVectorPoint) -> Iterator[FoundVectorPoint]:
    """Steps along which balls prove a fall, each with half of it as `drop`."""
    ball = map_arrays(at_rest, Ball.constant)
    steps = [_gradient_step(ball), *_saddle_steps(at_rest)]
    for step_W, step_V in steps:
        candidate = with_fields(at_rest, step_W=step_W, step_V=step_V)
        fall = (ball.F - map_arrays(candidate, Ball.constant).F_escaped).item
        if fall > 0 and fall.is_finite():
            yield with_fields(candidate, drop=np.array(max(float(fall.mid()) / 2, _TINY)))


def _gradient_step(ball: Any) -> tuple[FloatArray, FloatArray]:
    """-∇F / λ with λ the trace of a bound on the Hessian; at a polished point floats are noise."""
    hidden = ball.X + ball.Z @ ball.V.T
    size = row_sums(hidden * hidden) + row_sums(ball.Z * ball.Z) * (ball.W * ball.W).total()
    curvature = ball.mean(ball.loss.trace(ball.prediction, ball.Y) * size) + 1
    W, V = (-g / curvature for g in ball.grad)
    return W.floats()[0], V.floats()[0]


def _saddle_steps(point: FoundVectorPoint) -> Iterator[tuple[FloatArray, FloatArray]]:
    """(-s a uᵀ, t u qᵀ), u nearly in the null space of W, a and q singular vectors of B = E[l' zᵀ].

    To second order F changes by -s t ||B|| and by s² times a curvature.
    """
    at = map_arrays(point, lambda a: Plain(a[..., None]))
    B = at.B.value[..., 0]
    if not np.isfinite(B).all():
        return
    u = np.linalg.svd(point.W)[2][-1]
    left, _, right = np.linalg.svd(B)
    a, q = left[:, 0], right[0]
    size = 1.0 + float(np.linalg.norm(point.V))
    W = -np.outer(a, u)[..., None] * (_LENGTHS * size)
    V = np.outer(u, q)[..., None] * size * np.ones_like(_LENGTHS)
    moved = with_fields(at, W=at.W + Plain(W), V=at.V + Plain(V))
    values = np.where(np.isfinite(moved.F.value), moved.F.value, np.inf)
    best = int(np.argmin(values))
    yield W[..., best].copy(), V[..., best].copy()


def kind_of_vector_point(point: FoundVectorPoint) -> str:
    """For the census: rank of W as its singular values show it, and the level of the point."""
    rank = int(np.linalg.matrix_rank(point.W))
    name = "full rank" if rank == len(point.W) else "lower rank"
    return f"{name}, " + ("above the comparator" if point.drop > _TINY else "level or below")
