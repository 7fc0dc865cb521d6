"""One critical point of a census: enclosures, and what is proved of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.checks.environment import require_sound_arithmetic
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.arithmetic.functions import lambda_min, norm
from checker.census.budgets import CENSUS_GRADIENT, CENSUS_WHOLE, RUNAWAY
from checker.census.enclosed import UNKNOWN, Enclosed
from checker.census.reduced import Inner, central_differences
from checker.census.whole import Whole, whole_derivatives
from checker.instances.fields import FloatArray, map_arrays, with_fields
from checker.landscape.losses.base import Loss
from checker.landscape.minima.critical import Problem, Search
from checker.landscape.minima.strong_convexity import Minimum, minimum_near
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample


class Kind(Enum):
    """What is known of a point; members carry the sentence that the user reads."""

    MINIMUM = "local minimum of F_θ, proved: a minimiser exists within the stated radius"
    SADDLE_IN_THETA = "such a minimum of F_θ, but a strict saddle over (w, V, θ), both proved"
    SADDLE = "strict saddle: nearly critical, a negative eigenvalue of the Hessian proved"
    DEGENERATE = "neither proved: no negative curvature beyond the gradient, no definite Hessian"
    FALLING = "not critical: F is lower at (2w, V), proved; a minimum may be near, far or nowhere"
    DIVERGING = "not critical: F falls for ever along the ray through it, its infimum not attained"


class Level(Enum):
    """Where a value lies, compared with the best linear predictor; open without a lower bound."""

    ABOVE = "above linear"
    LEVEL = "level with linear"
    BELOW = "not above linear"
    OPEN = "open"


@dataclass(frozen=True, eq=False)
class CensusPoint:
    """A point (w, V, θ) that a search returned.

    Attributes
    ----------
    method, start
        How it was found, and the number of the start.
    kind, level
        What is proved of it.
    value
        F there, or at the proved minimiser near it.
    gradient
        ||∇F_θ(w, V)||, with θ fixed.
    curvature
        λ_min(∇²F_θ(w, V)), with θ fixed.
    whole
        ||∂F/∂θ||, ||∇F|| and an upper bound on λ_min(∇²F) over (w, V, θ), proved; unbounded where
        an input sits at a kink of f_θ.
    minimum
        The proved minimum, or None.
    parameters
        The flat (w, V, θ).
    predictions
        What the unit predicts at the sample: equal for copies of one point.
    size_theta
        ||θ||.
    """

    method: str
    start: int
    kind: Kind
    level: Level
    value: Enclosed
    gradient: Enclosed
    curvature: Enclosed
    whole: Whole
    minimum: Minimum | None
    parameters: FloatArray
    predictions: FloatArray
    size_theta: float

    @property
    def runaway(self) -> bool:
        """Whether the search ran off in θ, to an infimum that is not attained."""
        return self.size_theta > RUNAWAY

    @property
    def also_in_theta(self) -> bool:
        """Whether F is nearly critical over (w, V, θ), proved."""
        return self.whole.gradient.high <= CENSUS_GRADIENT

    @property
    def least_curvature(self) -> Enclosed:
        """An upper bound on λ_min over (w, V, θ), from the Hessian in (w, V) or from all of it."""
        known = self.curvature.high <= self.whole.curvature.high
        return self.curvature if known else self.whole.curvature


@dataclass(frozen=True)
class Linear:
    """The linear level: inf F_lin lies in `value`; nothing is known below where `low` is -inf."""

    value: Enclosed
    predictor: FloatArray


def examined(
    problem: Problem, linear: Linear, v: FloatArray, outcome: Search, method: str, start: int
) -> CensusPoint | None:
    """A found point with all that can be proved of it; None where nothing was found.

    Raises
    ------
    InputError
        When floating point or balls are not what the proofs assume.
    """
    require_sound_arithmetic()
    if not np.isfinite(v).all():
        return None
    point = problem.point(v, linear.predictor)
    near = None if outcome is Search.DIVERGING else minimum_near(point, problem.ridge, problem.skip)
    point, minimum = (point, None) if near is None else near
    moved = np.concatenate([point.w, point.V.ravel(), problem.split(v)[2]])
    gradient, curvature = _derivatives(point, problem.ridge)
    critical = gradient.high <= CENSUS_GRADIENT * (1 + np.linalg.norm(v))
    if not critical and outcome is not Search.DIVERGING:
        return None
    kind = _kind(point, problem, minimum, gradient, curvature if critical else UNKNOWN)
    if not critical and kind is Kind.DEGENERATE:
        return None
    whole = _whole(problem, moved)
    value = _value(point, problem.ridge) if minimum is None else Enclosed(minimum.low, minimum.high)
    return CensusPoint(
        method=method,
        start=start,
        kind=_kind_over_all(kind, whole),
        level=_level(value, linear),
        value=value,
        gradient=gradient,
        curvature=curvature,
        whole=whole,
        minimum=minimum,
        parameters=moved,
        predictions=point.X @ point.w + point.Z @ (point.V.T @ point.w),
        size_theta=float(np.linalg.norm(problem.split(v)[2])),
    )


def _kind(
    point: Point,
    problem: Problem,
    minimum: Minimum | None,
    gradient: Enclosed,
    curvature: Enclosed,
) -> Kind:
    if minimum is not None:
        return Kind.MINIMUM
    # A point that is only nearly critical may have λ_min slightly below 0 near a minimum: as in
    # Definition 1 (with μ2 = 1) the curvature has to exceed the root of the gradient.
    if _negative(curvature, gradient):
        return Kind.SADDLE
    if not problem.ridge and _falls_for_ever(point):
        return Kind.DIVERGING
    return Kind.FALLING if _falls_along_its_ray(point, problem.ridge) else Kind.DEGENERATE


def _kind_over_all(kind: Kind, whole: Whole) -> Kind:
    """What the Hessian over all parameters adds."""
    saddle = _negative(whole.curvature, whole.gradient)
    if saddle and kind is Kind.MINIMUM:
        return Kind.SADDLE_IN_THETA
    return Kind.SADDLE if saddle and kind is Kind.DEGENERATE else kind


def _negative(curvature: Enclosed, gradient: Enclosed) -> bool:
    return bool(curvature.high < -np.sqrt(gradient.high))


def _level(value: Enclosed, linear: Linear) -> Level:
    if value.low > linear.value.high:
        return Level.ABOVE
    if not np.isfinite(linear.value.low):
        return Level.OPEN
    return Level.BELOW if value.high <= linear.value.low else Level.LEVEL


def _derivatives(point: Point, ridge: float) -> tuple[Enclosed, Enclosed]:
    """||∇F_θ|| and λ_min(∇²F_θ) by float64 with error bounds."""
    with np.errstate(all="ignore"):
        at: Any = map_arrays(point, lambda a: Bounded(a[..., None]))
        w, V = at.grad
        if ridge:
            w, V = w + ridge * at.w, V + ridge * at.V
        at_zero = not point.w.any()
        least = at.lambda_min_at_w_zero if at_zero and not ridge else lambda_min(at.hessian)
        return _enclosed(norm((w, V))), _enclosed(least + ridge)


def _enclosed(number: Bounded) -> Enclosed:
    return Enclosed(float(number.lower[..., 0]), float(number.upper[..., 0]))


def _value(point: Point, ridge: float) -> Enclosed:
    with working_precision(ORACLE_PRECISION):
        value = _value_in_balls(point, ridge)
        return Enclosed.of(value)


def _value_in_balls(point: Point, ridge: float) -> Any:
    at: Any = map_arrays(point, Ball.constant)
    squares = sum((x * x for x in (*at.w.entries, *at.V.entries.flat)), start=0)
    return at.F.item + squares * ridge / 2


def linear_value(sample: Sample, loss: Loss, w: FloatArray, ridge: float) -> Enclosed:
    """F_lin(w) + λ/2 ||w||²: the objective at (w, 0)."""
    nothing, V = np.zeros((sample.n, 1)), np.zeros((sample.d, 1))
    point = Point(sample.X, sample.y, nothing, w, V, w, loss, sample.weights)
    return _value(point, ridge)


def _falls_along_its_ray(point: Point, ridge: float) -> bool:
    """Whether F(2w, V) < F(w, V): then a convex G has no minimiser at (w, Vᵀw)."""
    with working_precision(ORACLE_PRECISION):
        here = _value_in_balls(point, ridge)
        further = _value_in_balls(with_fields(point, w=2 * point.w), ridge)
        return bool(further < here)


def _falls_for_ever(point: Point) -> bool:
    """Whether t -> G(c + t z) falls for every c, z = (w, Vᵀw): then G has no minimiser anywhere.

    It does where the loss is strictly monotone, so that l' has the same sign at every prediction,
    and l'(p; y) p <= 0 for the predictions p at z of all samples, not 0 for one of them.
    """
    if not point.loss.monotone:
        return False
    with working_precision(ORACLE_PRECISION):
        at: Any = map_arrays(point, Ball.constant)
        pulls = (at.loss.slope(at.prediction, at.y) * at.prediction).entries
        counted = pulls if point.weights is None else pulls[point.weights > 0]
        return all(x <= 0 for x in counted) and any(x < 0 for x in counted)


def _whole(problem: Problem, v: FloatArray) -> Whole:
    if problem.sample.n * problem.network.size > CENSUS_WHOLE:
        return Whole(UNKNOWN, UNKNOWN, UNKNOWN)
    with np.errstate(all="ignore"):
        return whole_derivatives(problem, v, _lowest_direction(problem, v))


def _lowest_direction(problem: Problem, v: FloatArray) -> FloatArray:
    """Roughly the eigenvector of λ_min over (w, V, θ)."""
    if problem.network.size and not problem.ridge and problem.split(v)[0].any():
        return Inner(problem, problem.split(v)[2]).direction_at(v)
    step = np.cbrt(np.finfo(float).eps) * (1 + np.linalg.norm(v) / np.sqrt(len(v)))
    rows = central_differences(problem.gradient, v, float(step))
    hessian = np.nan_to_num(np.array(rows), nan=0.0, posinf=0.0, neginf=0.0)
    direction: FloatArray = np.linalg.eigh((hessian + hessian.T) / 2)[1][:, 0]
    return direction
