"""A lower point for K outputs, along -∇F_θ or along the direction of appendix B's Lemma 1.

Along (D, E) the prediction at length t is p + t p₁ + t² p₂, p₁ = D(x + V z) + W E z, p₂ = D E z, so
that one pass serves every length. Lengths are chosen in floats; the chosen point is rounded to
floats, and F is enclosed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.plain import Plain
from checker.certification.certificate import Enclosed, Escape
from checker.certification.moments import averaged
from checker.certification.networks.network import Network
from checker.certification.source import Block, Source
from checker.certification.vector_moments import VectorMoments, vector_value_at
from checker.instances.fields import FloatArray

_EXPONENTS = np.arange(4.0, -40.0, -1.0)

# Lower points that are tried, the lowest in floats first.
_TRIED = 3


@dataclass(frozen=True, eq=False)
class VectorDirection:
    """The direction (D, E), (K, d) and (d, m)."""

    name: str
    D: FloatArray
    E: FloatArray

    @property
    def size(self) -> float:
        """Its norm."""
        return float(np.sqrt(np.vdot(self.D, self.D) + np.vdot(self.E, self.E)))


def vector_escape(
    source: Source, F: Bounded, at: VectorMoments, net: Network, W_star: FloatArray
) -> Escape | None:
    """The lowest point along the directions whose objective is proved to be lower, if one is."""
    ways = [way for way in _directions(at, net, W_star) if 0 < way.size < np.inf]
    for way, t in _lengths(source, net, ways)[:_TRIED]:
        W, V = net.w + t * way.D, net.V + t * way.E
        if not (np.isfinite(W).all() and np.isfinite(V).all()):
            continue
        after = vector_value_at(source, W, V)
        after = after + net.penalty(W, V) if net.ridge else after
        if after.upper[0] < F.lower[0]:
            parts = net.split(W, V, bias=source.bias)
            return Escape(way.name, Enclosed.of(F), Enclosed.of(after), *parts)
    return None


def _directions(at: VectorMoments, net: Network, W_star: FloatArray) -> list[VectorDirection]:
    A, B = at.A.value[..., 0], at.B.value[..., 0]
    in_W, in_V = A + B @ net.V.T + net.ridge * net.w, net.moving.T @ B + net.ridge * net.V
    lift = np.linalg.pinv(net.moving) @ W_star @ net.V
    name = "the direction of Lemma 1" if net.moved else "the way to the best output layer"
    return [
        VectorDirection("steepest descent", -in_W, -in_V),
        VectorDirection(name, W_star - net.w, -lift),
    ]


def _lengths(
    source: Source, net: Network, ways: list[VectorDirection]
) -> list[tuple[VectorDirection, float]]:
    """Directions and lengths, by their value of the objective in floats."""
    W, V = net.w, net.V
    own = 1.0 + float(np.sqrt(np.vdot(W, W) + np.vdot(V, V)))
    steps = [own / way.size * 2.0**_EXPONENTS for way in ways]
    totals = np.zeros((len(ways), len(_EXPONENTS)))
    for block in source:
        for i, way in enumerate(ways):
            totals[i] += _values(block, source.loss, W, V, way, steps[i])
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
