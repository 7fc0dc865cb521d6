"""From a point to a lower one nearby: the descent that a non-minimum must have.

Steps are proposed in float64, and by Newton's method from a gradient of 256 bits; which proposal
counts, and by how much the objective falls, is decided by balls.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.batch import Bounded
from checker.arithmetic.functions import lambda_min, sqrt
from checker.arithmetic.instances import Dims, FloatArray, map_arrays, unchecked, with_fields
from checker.arithmetic.plain import Plain
from checker.constants import ORACLE_PRECISION
from checker.landscape.critical import plain
from checker.landscape.objective import Point

# Lengths that are tried along each direction, relative to the size of the point.
_LENGTHS = 2.0 ** np.arange(0, -30, -1.0)

_TINY = float(np.finfo(float).smallest_subnormal)


@dataclass(frozen=True, eq=False, kw_only=True)
class FoundPoint(Point):
    """A point that a search for critical points returned, with the step that leaves it.

    Attributes
    ----------
    step_w, step_V
        The step to a lower point, (d,) and (d, m); zero where none was sought or found.
    drop
        F falls by at least this much along the step; positive, and tiny without a step.
    """

    step_w: Annotated[FloatArray, Dims("d")]
    step_V: Annotated[FloatArray, Dims("d", "m")]
    drop: Annotated[FloatArray, Dims(domain="weight")]

    @cached_property
    def F_escaped(self) -> Any:
        """F(w + step_w, V + step_V, θ); the sums are taken in the arithmetic, not in floats."""
        fields = {name: getattr(self, name) for name in Point.__dataclass_fields__}
        moved = {"w": self.w + self.step_w, "V": self.V + self.step_V}
        return unchecked(Point, **{**fields, **moved}).F


def with_escape(point: Point) -> FoundPoint:
    """The point, with a step to a lower one if it lies above its linear comparator."""
    at_rest = _found(point, np.zeros(point.w.size + point.V.size), _TINY)
    with working_precision(ORACLE_PRECISION), np.errstate(all="ignore"):
        if map_arrays(point, Ball.constant).gap.item <= 0:
            return at_rest
        falls = [(_proved_fall(p), p) for p in _proposals(point, at_rest)]
    return max(falls, key=lambda pair: pair[0], default=(0.0, at_rest))[1]


def _found(point: Point, step: FloatArray, drop: float) -> FoundPoint:
    d, m = point.V.shape
    fields = {name: getattr(point, name) for name in Point.__dataclass_fields__}
    steps = {"step_w": step[:d], "step_V": step[d:].reshape(d, m)}
    return unchecked(FoundPoint, **fields, **steps, drop=np.array(drop))


def _proved_fall(candidate: FoundPoint) -> float:
    at = map_arrays(candidate, Ball.constant)
    surplus = at.F.item - at.F_escaped.item - at.drop.item
    return float(candidate.drop) if surplus >= 0 else -1.0


def _proposals(point: Point, at_rest: FoundPoint) -> Iterator[FoundPoint]:
    """Candidates, each with half of the fall that its own estimate promises."""
    gradient = _gradient_from_balls(point)
    hessian = plain(point).hessian.value[..., 0]
    yield at_rest
    if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
        return
    values, vectors = np.linalg.eigh(hessian)
    size = 1.0 + float(np.linalg.norm(np.concatenate([point.w, point.V.ravel()])))
    for direction in (vectors[:, 0], -vectors[:, 0], -gradient):
        length = float(np.linalg.norm(direction))
        if length > 0:
            yield _best_along(point, direction * (size / length))
    for step in (-np.linalg.pinv(hessian) @ gradient, -gradient / max(np.abs(values).max(), _TINY)):
        yield _found(point, step, max(-float(gradient @ step) / 4, _TINY))


def _gradient_from_balls(point: Point) -> FloatArray:
    """∇F_θ rounded from balls: at a polished point float64 would return rounding noise."""
    w, V = map_arrays(point, Ball.constant).grad
    entries = [*w.entries.flat, *V.entries.flat]
    return np.array([float(x.mid()) if x.is_finite() else np.nan for x in entries])


def _best_along(point: Point, direction: FloatArray) -> FoundPoint:
    """The length along a direction with the lowest F, all lengths evaluated as one batch."""
    d, m = point.V.shape
    steps = direction[:, None] * _LENGTHS
    w, V = point.w[:, None] + steps[:d], point.V[..., None] + steps[d:].reshape(d, m, -1)
    start = plain(point)
    values = with_fields(start, w=Plain(w), V=Plain(V)).F.value
    values = np.where(np.isfinite(values), values, np.inf)
    best = int(np.argmin(values))
    fall = float(start.F.value[0] - values[best])
    return _found(point, steps[:, best].copy(), max(fall / 2, _TINY))


def kind_of_critical_point(point: Point) -> str:
    """Proved curvature and level of a found point, for the census.

    A point that is only nearly critical has λ_min slightly below 0 near a degenerate minimum. With
    ε = ||∇F_θ||, λ_min >= -sqrt(ε) is called second-order (Definition 1 with μ2 = 1).
    """
    with np.errstate(all="ignore"):
        at = map_arrays(point, lambda a: Bounded(a[..., None]))
        least, slack = lambda_min(at.hessian), sqrt(at.grad_norm)
        gap, threshold = at.gap, least + slack
    curvature = (
        "strict saddle"
        if threshold.upper[0] < 0
        else "positive definite"
        if least.lower[0] > 0
        else "second-order up to the gradient"
    )
    level = (
        "above linear"
        if gap.lower[0] > 0
        else "not above linear"
        if gap.upper[0] <= 0
        else "level with linear"
    )
    return f"{curvature}, {level}"
