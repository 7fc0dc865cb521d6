"""A lower point for K outputs: along -∇F_θ, negative curvature, or Lemma 1's direction.

Along (D, E) the prediction at length t is p + t p₁ + t² p₂, p₁ = D(x + V z) + W E z, p₂ = D E z, so
that one pass serves every length. Lengths are chosen in floats, on some of the rows where there are
many numbers; the chosen point is rounded to floats, and F is enclosed there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.plain import Plain
from checker.certification.budgets import LENGTH_NUMBERS
from checker.certification.certificate import Escape
from checker.certification.moments import averaged
from checker.certification.network import Network
from checker.certification.several.moments import VectorMoments
from checker.certification.several.survey import VectorDirection
from checker.certification.source import Block, Source
from checker.certification.survey import lower_point
from checker.instances.fields import FloatArray

_EXPONENTS = np.arange(4.0, -40.0, -1.0)


def vector_escape(
    source: Source,
    F: Bounded,
    at: VectorMoments,
    net: Network,
    W_star: FloatArray,
    curved: VectorDirection | None = None,
) -> Escape | None:
    """The lowest point along the directions whose objective is proved to be lower, if one is."""
    ways = [way for way in _directions(at, net, W_star, curved) if 0 < way.size < np.inf]
    found = _lengths(source, net, ways)
    points = ((way.name, net.w + t * way.D, net.V + t * way.E) for way, t in found)
    return lower_point(source, F, net, points)


def _directions(
    at: VectorMoments, net: Network, W_star: FloatArray, curved: VectorDirection | None
) -> list[VectorDirection]:
    A, B = at.A.value[..., 0], at.B.value[..., 0]
    in_W, in_V = A + B @ net.V.T + net.ridge * net.w, net.moving.T @ B + net.ridge * net.V
    lift = np.linalg.pinv(net.moving) @ W_star @ net.V
    name = "the direction of Lemma 1" if net.moved else "the way to the best output layer"
    found = [
        VectorDirection("steepest descent", -in_W, -in_V),
        VectorDirection(name, W_star - net.w, -lift),
    ]
    return found if curved is None else [curved, curved.scaled(-1.0), *found]


def _lengths(
    source: Source, net: Network, ways: list[VectorDirection]
) -> list[tuple[VectorDirection, float]]:
    """Directions and lengths, by their value of the objective in floats."""
    W, V = net.w, net.V
    own = 1.0 + float(np.sqrt(np.vdot(W, W) + np.vdot(V, V)))
    steps = [own / way.size * 2.0**_EXPONENTS for way in ways]
    totals = np.zeros((len(ways), len(_EXPONENTS)))
    most = max(LENGTH_NUMBERS // (len(W) * len(_EXPONENTS)), 1)
    stride = max(source.n // most, 1)
    for block in source:
        some = Block(*(a[::stride] for a in (block.X, block.Z, block.y, block.weights)))
        for i, way in enumerate(ways):
            totals[i] += stride * _values(some, source.loss, W, V, way, steps[i])
    if net.ridge:
        totals = averaged(totals, source)
        for i, way in enumerate(ways):
            totals[i] += [net.rough_penalty(W + t * way.D, V + t * way.E) for t in steps[i]]
    order = np.argsort(totals, axis=None)
    places = [np.unravel_index(k, totals.shape) for k in order]
    return [(ways[i], float(steps[i][j])) for i, j in places if np.isfinite(totals[i, j])]


def _values(
    block: Block, loss: Any, W: FloatArray, V: FloatArray, way: VectorDirection, steps: FloatArray
) -> FloatArray:
    """Weighted sums of the loss over a block, in floats, one per length."""
    base = block.X @ W.T + block.Z @ (W @ V).T
    first = block.X @ way.D.T + block.Z @ (way.D @ V + W @ way.E).T
    second = block.Z @ (way.D @ way.E).T
    P = base[..., None] + first[..., None] * steps + second[..., None] * steps**2
    losses: Any = loss.value(Plain(P), Plain(block.y[..., None])).value
    return np.asarray(block.weights @ losses)
