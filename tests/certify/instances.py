"""Networks to certify, and their numbers by balls, which share no code with the certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball
from checker.instances.fields import map_arrays, unchecked
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import vector_loss_named
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint

BITS = 256


def network(
    seed: int,
    shape: tuple[int, int, int] = (12, 3, 2),
    loss: str = "logistic",
    *,
    weighted: bool = False,
    w_zero: bool = False,
    scale: float = 1.0,
) -> Point:
    """A random network over a random sample; its w_star is irrelevant."""
    (n, d, m), rng = shape, np.random.default_rng(seed)
    X, Z, w, V = (scale * rng.standard_normal(s) for s in ((n, d), (n, m), d, (d, m)))
    weights = rng.random(n) if weighted else None
    chosen = LOSSES[loss]
    w = np.zeros(d) if w_zero else w
    return Point(X, chosen.labels.draw(rng, (n,)), Z, w, V, np.zeros(d), chosen, weights)


def arrays(point: Point) -> dict[str, Any]:
    """The arguments of `certify`."""
    names = ("X", "Z", "y", "w", "V", "loss", "weights")
    return {name: getattr(point, name) for name in names}


def balls(point: Point, w_star: Any = None) -> Any:
    """The point in balls, with another comparator if one is given."""
    fields = arrays(point) | {"w_star": point.w_star if w_star is None else w_star}
    return map_arrays(Point(**fields), Ball.constant)


def holds(enclosed: Any, ball: Any) -> bool:
    """Whether the narrow ball of the exact number is certainly inside value ± radius."""
    assert ball.rad() <= (1 + abs(ball)) * arb((1, -100))
    return bool(abs(ball - enclosed.value) <= arb(enclosed.radius))


def vector_network(
    seed: int,
    shape: tuple[int, int, int, int] = (12, 4, 2, 3),
    loss: str = "softmax",
    *,
    weighted: bool = False,
) -> VectorPoint:
    """A random network with K outputs over a random sample, shape (n, d, m, K)."""
    (n, d, m, K), rng = shape, np.random.default_rng(seed)
    X, Z, W, V = (rng.standard_normal(s) for s in ((n, d), (n, m), (K, d), (d, m)))
    weights = rng.random(n) if weighted else None
    chosen = vector_loss_named(loss)
    return VectorPoint(X, chosen.draw(rng, (n, K)), Z, W, V, 0 * W, chosen, weights)


def vector_arrays(point: VectorPoint) -> dict[str, Any]:
    """The arguments of `certify`."""
    names = ("X", "Z", "W", "V", "loss", "weights")
    return {"y": point.Y, **{name: getattr(point, name) for name in names}}


def vector_balls(point: VectorPoint, W_star: Any) -> Any:
    """The point in balls, with another comparator."""
    return map_arrays(replace(point, W_star=W_star), Ball.constant)


def vector_hessian(point: VectorPoint) -> Any:
    """∇²F_θ(W, V) in balls, entries of W first, from values of F along lines alone."""
    (K, d), m = point.W.shape, point.V.shape[1]
    size = K * d + d * m
    lines = np.eye(size)
    along = {
        (i, j): _bend(point, lines[i] + (i != j) * lines[j])
        for i in range(size)
        for j in range(i + 1)
    }
    rows = np.empty((size, size), dtype=object)
    for (i, j), bend in along.items():
        # <e + f, H (e + f)> = <e, H e> + <f, H f> + 2 <e, H f>
        rows[i, j] = rows[j, i] = bend if i == j else (bend - along[i, i] - along[j, j]) / 2
    return Ball(rows)


def _bend(point: VectorPoint, way: Any) -> Any:
    """The second derivative of F along a direction in (W, V)."""
    cut = point.W.size
    D, E = way[:cut].reshape(point.W.shape), way[cut:].reshape(point.V.shape)
    fields = {name: Taylor.constant(getattr(point, name)) for name in ("X", "Y", "Z", "W_star")}
    weights = None if point.weights is None else Taylor.constant(point.weights)
    parts = {"W": Taylor.line(point.W, D), "V": Taylor.line(point.V, E)}
    at = unchecked(VectorPoint, **fields, **parts, weights=weights, loss=point.loss)
    return 2 * at.F.coefficient(2).item


# W has rank d = 1 < K = 2 and the gradient is 0, but F = 2 > F_lin(u) = 5/4 at u = (1, 2): the
# residuals at the rows (x, z) = (1, 0), (0, 1) are (0, -2) and (0, 2).
DEGENERATE: dict[str, Any] = {
    "X": np.array([[1.0], [0.0]]),
    "Z": np.array([[0.0], [1.0]]),
    "y": np.array([[1.0, 2.0], [1.0, -2.0]]),
    "W": np.array([[1.0], [0.0]]),
    "V": np.array([[1.0]]),
    "loss": "squared",
}
