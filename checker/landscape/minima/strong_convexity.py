"""Local minima of F_θ proved to exist near a found point, and the value there.

Two facts of calculus do the work.

1. Let G be μ-strongly convex on the ball of radius r around z, with ||∇G(z)|| < μ r. On the sphere
   <∇G(z'), z' - z> >= μ r² - ||∇G(z)|| r > 0, so G has a minimiser inside the ball, only one, and
   its value lies in [G(z) - ||∇G(z)||²/(2μ), G(z)].
2. Without regularisation F_θ(w, V) = G(w, Vᵀw) with G(w, q) = E l(wᵀx + qᵀf; y), which is convex.
   Where w != 0, every (w, q) is reached by some V; so above a minimiser (w, q) of G with w != 0
   there is a family of (w, V), all of them minimisers of F_θ over all (w, V).

V enters through Vᵀw only, so for d > 1 no minimiser of F_θ itself is isolated: that is why (w, q)
and not (w, V) is the space of the proof. With the term λ/2 (||w||² + ||V||²) it is (w, V).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb, arb_mat

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import ORACLE_PRECISION
from checker.arithmetic.existence.definite import is_positive_definite
from checker.instances.fields import FloatArray, fields_of, map_arrays, unchecked, with_fields
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample

# Newton steps with a gradient from balls and the Hessian of the start: three reach the last bit of
# a float from where an optimiser ends.
_POLISHES = 3
# A minimum further away, relative to the start, is not the point that was found.
_NEAR = 0.1

_TINY = arb((1, -500))


@dataclass(frozen=True)
class Minimum:
    """A proved minimiser near a point.

    Attributes
    ----------
    low, high
        Bounds on the value of F_θ at the minimiser.
    radius
        The minimiser is no further away than that, in (w, q), or in (w, V) with regularisation.
    modulus
        A lower bound on the curvature in that ball.
    is_global
        Whether it minimises F_θ over all (w, V), not only locally: for convex losses it does.
    """

    low: float
    high: float
    radius: float
    modulus: float
    is_global: bool


@dataclass(frozen=True, eq=False)
class Smooth:
    """A function in balls: its value, gradient and Hessian at a vector of balls."""

    value: Callable[[Ball], Any]
    gradient: Callable[[Ball], Ball]
    hessian: Callable[[Ball], Any]


def minimum_of(
    function: Smooth, start: FloatArray, is_global: bool
) -> tuple[FloatArray, Minimum] | None:
    """A point near `start` and the minimum proved near it; None where the proof fails."""
    with working_precision(ORACLE_PRECISION), np.errstate(all="ignore"):
        hessian = _floats(function.hessian(Ball.constant(start)))
        if not np.isfinite(hessian).all():
            return None
        values, vectors = np.linalg.eigh(hessian)
        if not values[0] > 0:
            return None
        z = start
        for _ in range(_POLISHES):
            gradient = function.gradient(Ball.constant(z)).floats()[0]
            z = z - vectors @ (vectors.T @ gradient / values)
        if not np.linalg.norm(z - start) <= _NEAR * (1 + np.linalg.norm(start)):
            return None
        return _proved(function, z, float(values[0]) / 2, is_global)


def _proved(
    function: Smooth, z: FloatArray, modulus: float, is_global: bool
) -> tuple[FloatArray, Minimum] | None:
    at = Ball.constant(z)
    slope = length_of(function.gradient(at))
    if not slope.is_finite():
        return None
    radius = (2 * slope / arb(modulus) + _TINY).upper()
    if not is_strongly_convex(function, at, modulus, radius):
        return None
    high = function.value(at)
    low = high - slope**2 / (2 * arb(modulus))
    bounds = _down(low.lower()), -_down(-(high.upper()))
    return z, Minimum(*bounds, -_down(-radius), modulus, is_global)


def is_strongly_convex(function: Smooth, at: Ball, modulus: float, radius: Any) -> bool:
    """Whether balls prove the function μ-strongly convex on the ball of a radius around a point."""
    around = Ball(np.array([x + arb(0, 1) * radius for x in at.entries], dtype=object))
    return is_positive_definite(function.hessian(around), modulus)


def length_of(vector: Ball) -> Any:
    """An upper bound on the Euclidean length, as an exact ball."""
    return _square(vector).sqrt().upper()


def _down(x: Any) -> float:
    """A float that is not above an exact ball."""
    near = float(x.mid())
    return near if arb(near) <= x else float(np.nextafter(near, -np.inf))


def _floats(matrix: Any) -> FloatArray:
    return np.array([[float(x.mid()) for x in row] for row in matrix.tolist()])


# -- the two spaces ---------------------------------------------------------------------------


def minimum_near(point: Point, ridge: float, skip: bool) -> tuple[Point, Minimum] | None:
    """A proved minimum of F_θ near a point, with the point moved there; None if none is proved.

    Parameters
    ----------
    point
        A nearly critical point; its X is 0 without the skip connection.
    ridge
        λ >= 0 in the term λ/2 (||w||² + ||V||²).
    skip
        Whether the unit has its skip connection.
    """
    if ridge:
        return _regularised(point, ridge)
    if not point.w.any():
        return None
    # Features that are copies of others add no freedom, and would make the Hessian singular.
    _, first, of = np.unique(point.Z, axis=1, return_index=True, return_inverse=True)
    copies = np.ravel(of)
    inner: Any = np.bincount(copies, point.V.T @ point.w)
    columns = np.hstack([point.X, point.Z[:, first]]) if skip else point.Z[:, first]
    start = np.concatenate([point.w, inner]) if skip else inner
    function = linear_objective(columns, point.y, point.weights, point.loss)
    found = minimum_of(function, start, point.loss.convex)
    if found is None:
        return None
    z, minimum = found
    w = z[: len(point.w)] if skip else point.w
    if not np.linalg.norm(w) > 2 * minimum.radius:
        return None
    missing = np.zeros(point.Z.shape[1])
    wanted = z[len(z) - len(first) :]
    missing[first] = wanted - np.bincount(copies, point.V.T @ w)
    moved = with_fields(point, w=w, V=point.V + np.outer(w, missing) / (w @ w))
    off = _off(moved, copies, wanted)
    return moved, replace(minimum, radius=float(np.nextafter(minimum.radius + off, np.inf)))


def _off(point: Point, copies: Any, wanted: FloatArray) -> float:
    """How far Vᵀw, summed over copies of a feature, is from what V was made for: V is rounded."""
    with working_precision(ORACLE_PRECISION):
        inner = (Ball.constant(point.V).T @ Ball.constant(point.w)).entries
        left = [-arb(float(x)) for x in wanted]
        for of, x in zip(copies, inner, strict=True):
            left[of] += x
        return float(np.nextafter(float(length_of(Ball(np.array(left, dtype=object)))), np.inf))


def linear_minimum(
    sample: Sample, loss: Loss, start: FloatArray, ridge: float = 0.0
) -> Minimum | None:
    """The proved minimum of F_lin(w) + λ/2 ||w||² near a start, (d,), or None."""
    function = linear_objective(sample.X, sample.y, sample.weights, loss, ridge)
    found = minimum_of(function, start, loss.convex)
    return None if found is None else found[1]


def linear_objective(
    columns: FloatArray,
    labels: FloatArray,
    sample_weights: FloatArray | None,
    loss: Loss,
    ridge: float = 0.0,
) -> Smooth:
    """E l(cᵀx; y) + λ/2 ||c||² as a function of c, with the rows of `columns` for x."""
    (n, size), factor = columns.shape, arb(ridge)
    X, y = Ball.constant(columns), Ball.constant(labels)
    exact = arb_mat(X.entries.tolist())
    weights = Ball.constant(np.ones(n) if sample_weights is None else sample_weights)
    count = n if sample_weights is None else 1

    def predicted(c: Ball) -> Ball:
        product = exact * arb_mat([[x] for x in c.entries])
        return Ball(np.array(product.entries(), dtype=object))

    def value(c: Ball) -> Any:
        losses = weights * loss.value(predicted(c), y)
        return sum(losses.entries, arb(0)) / count + factor / 2 * _square(c)

    def gradient(c: Ball) -> Ball:
        slopes = (weights * loss.slope(predicted(c), y)).entries
        mean = np.array((exact.transpose() * arb_mat([[x] for x in slopes])).entries(), object)
        return Ball(mean / count + c.entries * factor)

    def hessian(c: Ball) -> Any:
        curvature = (weights * loss.curvature(predicted(c), y)).entries
        scaled = arb_mat((X.entries * curvature[:, None]).tolist())
        return exact.transpose() * scaled / count + arb_mat(size, size, 1) * factor

    return Smooth(value, gradient, hessian)


def _square(z: Ball) -> Any:
    return sum((x * x for x in z.entries), arb(0))


def _regularised(point: Point, ridge: float) -> tuple[Point, Minimum] | None:
    d, m = point.V.shape
    frame = map_arrays(point, Ball.constant)

    def at(z: Ball) -> Any:
        w, V = Ball(z.entries[:d]), Ball(z.entries[d:].reshape(d, m))
        return unchecked(Point, **{**_fields(frame), "w": w, "V": V})

    def value(z: Ball) -> Any:
        return at(z).F.item + arb(ridge) / 2 * _square(z)

    def gradient(z: Ball) -> Ball:
        w, V = at(z).grad
        flat = np.concatenate([w.entries, V.entries.ravel()])
        return Ball(flat + z.entries * arb(ridge))

    def hessian(z: Ball) -> Any:
        return _hessian(at(z)) + arb_mat(d + d * m, d + d * m, 1) * arb(ridge)

    start = np.concatenate([point.w, point.V.ravel()])
    found = minimum_of(Smooth(value, gradient, hessian), start, False)
    if found is None:
        return None
    z, minimum = found
    return with_fields(point, w=z[:d], V=z[d:].reshape(d, m)), minimum


def _hessian(at: Any) -> Any:
    """∇²F_θ as one product of matrices, which Arb computes faster than entry by entry."""
    n, d = at.X.shape
    Z, w = at.Z.entries, at.w.entries
    features = (w[None, :, None] * Z[:, None, :]).reshape(n, -1)
    slopes = np.hstack([at._hidden.entries, features])
    curvature = at._curvature.entries[:, None]
    product = arb_mat(slopes.T.tolist()) * arb_mat((slopes * curvature).tolist())
    averaged = product / n if at.weights is None else product
    coupling = np.zeros((slopes.shape[1],) * 2, dtype=object)
    coupling[:d, d:] = at._coupling.entries
    coupling[d:, :d] = at._coupling.entries.T
    return averaged + arb_mat(coupling.tolist())


def _fields(point: Point) -> dict[str, Any]:
    return fields_of(Point, point)
