"""Derivatives of F over all of (w, V, θ), enclosed: the network's own code runs on balls.

∂F/∂θ by automatic differentiation over balls; curvature along one direction D by Taylor series
over balls, which bounds the least eigenvalue: λ_min(∇²F) <= DᵀHD / ||D||². D is an approximate
eigenvector, in float64: a bad one makes the bound worse, never wrong.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import autograd
import numpy as np
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.arrays.guarded import Guarded, Open
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.census.enclosed import UNKNOWN, Enclosed
from checker.instances.fields import FloatArray, map_arrays, with_fields
from checker.landscape.minima.critical import Problem


@dataclass(frozen=True)
class Whole:
    """What is proved of the derivatives over (w, V, θ).

    Attributes
    ----------
    gradient_theta, gradient
        ||∂F/∂θ|| and ||∇F||.
    curvature
        DᵀHD / ||D||², an upper bound on λ_min of the Hessian.
    """

    gradient_theta: Enclosed
    gradient: Enclosed
    curvature: Enclosed


def whole_derivatives(problem: Problem, v: FloatArray, direction: FloatArray) -> Whole:
    """Enclosures at a flat (w, V, θ); unbounded where an input sits at a kink of the network."""
    with working_precision(ORACLE_PRECISION):
        in_theta, in_all = _unless_open(lambda: _gradients(problem, v), (UNKNOWN, UNKNOWN))
        curvature = _unless_open(lambda: _curvature(problem, v, direction), UNKNOWN)
    return Whole(in_theta, in_all, curvature)


def _unless_open(compute: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return compute()
    # NumPy reports a function that balls lack as a TypeError.
    except (Open, TypeError):
        return otherwise


def _gradients(problem: Problem, v: FloatArray) -> tuple[Enclosed, Enclosed]:
    frame = map_arrays(problem.point(v, np.zeros(problem.sample.d)), Ball.constant)
    X = Guarded.array(Ball.constant(problem.sample.X))
    theta = Guarded.array(Ball.constant(problem.split(v)[2]))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Output seems independent of input")
        pull, features = autograd.make_vjp(lambda t: problem.network.features_of(t, X))(theta)
    at: Any = with_fields(frame, Z=Ball(Guarded.bare(features)))
    slopes = at.loss.slope(at.prediction, at.y).entries
    averaged = slopes / problem.sample.n if at.weights is None else slopes * at.weights.entries
    cotangent = Ball(np.multiply.outer(averaged, (at.V.T @ at.w).entries))
    own = _square(Guarded.bare(pull(Guarded.array(cotangent)))) if theta.size else arb(0)
    w, V = at.grad
    rest = _square(w.entries + problem.ridge * at.w.entries)
    rest += _square(V.entries + problem.ridge * at.V.entries)
    return Enclosed.of(own.sqrt()), Enclosed.of((own + rest).sqrt())


def _curvature(problem: Problem, v: FloatArray, direction: FloatArray) -> Enclosed:
    frame = map_arrays(problem.point(v, np.zeros(problem.sample.d)), Taylor.constant)
    lines = zip(problem.split(v), problem.split(direction), strict=True)
    w, V, theta = (Taylor.line(start, step) for start, step in lines)
    X = Guarded.array(Taylor.constant(problem.sample.X))
    features = Taylor(Guarded.bare(problem.network.features_of(Guarded.array(theta), X)))
    at: Any = with_fields(frame, w=w, V=V, Z=features)
    parts = problem.split(Ball.constant(direction).entries)
    ridge = arb(problem.ridge) * (_square(parts[0]) + _square(parts[1]))
    second = 2 * at.F.coefficient(2).item + ridge
    return Enclosed.of(second / sum(map(_square, parts)))


def _square(entries: Any) -> Any:
    return sum((x * x for x in np.ravel(entries)), arb(0))
