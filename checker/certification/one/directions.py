"""Directions in (w, V), their curvature on the data, and how far to go along them.

All directions of interest have the form (δ, Δ), Δ = wσᵀ + τcᵀ + κV: the negative gradient is
(-(a + Vb), -wbᵀ), with weight decay r (-(a + Vb + r w), -wbᵀ - r V), that of Lemma 1 is
(w* - w, -w(w*)ᵀV/||w||²), and directions of least curvature are (δ, ŵsᵀ + t bᵀ/β)
(`one/curvature.py`). In Δ, w is 0 at the coordinates that V does not move. Along
(δ, Δ) the prediction at length t is p + t p₁ + t² p₂,

    p₁ = xᵀδ + zᵀ(Vᵀδ + Δᵀw) = xᵀδ + zᵀ(Vᵀδ + ||w||² σ + (wᵀτ) c + κ Vᵀw),
    p₂ = zᵀΔᵀδ               = zᵀ((δᵀw) σ + (δᵀτ) c + κ Vᵀδ),

so that one pass over the data serves every length. Lengths are chosen in floats; what is chosen is
rounded to a point (w', V') of floats, and F is enclosed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.functions import dot, sq
from checker.arithmetic.plain import Plain
from checker.certification.matrices.reduced import LeastEigenvalue
from checker.certification.moments import BlockPoint, Moments, averaged, exact
from checker.certification.network import Network
from checker.certification.one.curvature import Curvature
from checker.certification.source import Block, Source
from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss

_EXPONENTS = np.arange(6.0, -40.0, -1.0)


@dataclass(frozen=True, eq=False)
class Direction:
    """The direction (δ, wσᵀ + τcᵀ + κV), exactly; w is 0 at the coordinates that V leaves.

    Attributes
    ----------
    name
        What it is, in words.
    delta, tau
        (d,) each.
    sigma, c
        (m,) each.
    kappa
        κ; 0 for a direction whose curvature is asked for.
    """

    name: str
    delta: FloatArray
    sigma: FloatArray
    tau: FloatArray
    c: FloatArray
    kappa: float = 0.0

    def slope_vectors(self, w: Any, V: Any) -> tuple[Any, Any]:
        """The vectors that z is multiplied by in p₁ and in p₂, (m,) each, in any arithmetic."""
        delta, sigma, tau, c = (type(w).constant(v) for v in self._parts)
        shadow = V.T @ delta
        first = shadow + sq(w) * sigma + dot(w, tau) * c
        second = dot(delta, w) * sigma + dot(delta, tau) * c
        if not self.kappa:
            return first, second
        return first + (V.T @ w) * self.kappa, second + shadow * self.kappa

    def coupling(self, w: Any, b: Any) -> Any:
        """δᵀΔb, in any arithmetic."""
        delta, sigma, tau, c = (type(w).constant(v) for v in self._parts)
        return dot(delta, w) * dot(sigma, b) + dot(delta, tau) * dot(c, b)

    def square(self, w: Any) -> Any:
        """||δ||² + ||wσᵀ + τcᵀ||²: without κ."""
        delta, sigma, tau, c = (type(w).constant(v) for v in self._parts)
        cross = 2 * dot(w, tau) * dot(sigma, c)
        return sq(delta) + sq(w) * sq(sigma) + cross + sq(tau) * sq(c)

    @property
    def _parts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        return self.delta, self.sigma, self.tau, self.c

    def point(self, net: Network, t: float) -> tuple[FloatArray, FloatArray]:
        """The point at length t, rounded to floats."""
        matrix = np.outer(net.moving, self.sigma) + np.outer(self.tau, self.c)
        return net.w + t * self.delta, net.V + t * (matrix + self.kappa * net.V)


def directions(
    at: Moments,
    net: Network,
    w_star: FloatArray,
    hessian: Curvature,
    least: LeastEigenvalue,
) -> list[Direction]:
    """The candidates: least curvature first (both signs are tried), Lemma 1, steepest descent."""
    a, b = at.a.value[:, 0], at.b.value[:, 0]
    w, V, none_w, none_V = net.w, net.V, np.zeros(len(net.w)), np.zeros(net.V.shape[1])
    slope = a + V @ b + net.ridge * w
    found = [Direction("steepest descent", -slope, -b, none_w, none_V, -net.ridge)]
    square = float(net.moving @ net.moving)
    if square > 0 or not net.moved:
        pull = -(V.T @ w_star) / (square or 1.0)
        name = "the direction of Lemma 1" if net.moved else "the way to the best output layer"
        found.append(Direction(name, w_star - w, pull, none_w, none_V))
    if least.vector is not None:
        found.insert(0, _least_curvature(hessian, least.vector, b))
    finite = (v for v in found if all(np.isfinite(x).all() for x in v._parts))
    return [v for v in finite if v.delta.any() or v.sigma.any() or v.tau.any()]


LEAST_CURVATURE = "negative curvature"


def _least_curvature(hessian: Curvature, x: FloatArray, b: FloatArray) -> Direction:
    d, m = len(hessian.w), len(b)
    delta, s = x[:d], x[d:]
    value, beta = hessian.rayleigh(x), float(np.linalg.norm(b))
    omega = float(np.linalg.norm(hessian.w))
    sigma = s / omega if omega > 0 else np.zeros(m)
    tau = hessian.projected(delta) * (beta / value) if value < 0 else np.zeros(d)
    c = b / beta if beta > 0 else np.zeros(m)
    return Direction(LEAST_CURVATURE, delta.copy(), sigma, tau, c)


def curvature_sum(at: BlockPoint, direction: Direction, moving: FloatArray) -> Any:
    """The sum over a block of l'' p₁², rigorously; `moving` is w where V moves x, else 0."""
    first, _ = direction.slope_vectors(exact(moving), at.V)
    change = at.X @ exact(direction.delta) + at.Z @ first
    return dot(at.curvature, change * change)


def quotient(direction: Direction, curvature: Any, w: FloatArray, b: Any) -> Any:
    """The Rayleigh quotient of ∇²F_θ: (E l'' p₁² + 2 δᵀΔb) / ||(δ, Δ)||², rigorously."""
    return (curvature + 2 * direction.coupling(exact(w), b)) / direction.square(exact(w))


class LineSearch:
    """Predictions along directions, block by block, and the best length afterwards."""

    def __init__(self, net: Network, candidates: list[Direction]) -> None:
        self._candidates, self._net = candidates, net
        w, V = net.w, net.V
        moving, matrix = Plain.constant(net.moving), Plain.constant(V)
        pairs = [v.slope_vectors(moving, matrix) for v in candidates]
        hidden = [x.value[:, 0] for pair in pairs for x in pair]
        self._in_z = np.column_stack([V.T @ w, *hidden])
        self._in_x = np.column_stack([w, *(v.delta for v in candidates)])
        self._blocks: list[tuple[FloatArray, FloatArray]] = []
        self._labels: list[tuple[FloatArray, FloatArray]] = []

    def add(self, block: Block) -> None:
        """Predictions of one block."""
        self._blocks.append((block.X @ self._in_x, block.Z @ self._in_z))
        self._labels.append((block.y[:, None], block.weights[:, None]))

    def best(self, loss: Loss, source: Source) -> list[tuple[float, Direction, float]]:
        """Lowest F, direction and length (in floats) per direction, the lowest first."""
        in_x, in_z = (np.concatenate(parts) for parts in zip(*self._blocks, strict=True))
        y, weights = (np.concatenate(parts) for parts in zip(*self._labels, strict=True))
        base = in_x[:, 0] + in_z[:, 0]
        found = []
        for i, direction in enumerate(self._candidates):
            first = in_x[:, 1 + i] + in_z[:, 1 + 2 * i]
            second = in_z[:, 2 + 2 * i]
            for t in self._lengths(direction):
                p = base + t * first + t * t * second
                total = float((loss.value(Plain(p[:, None]), Plain(y)).value * weights).sum())
                found.append((averaged(total, source) + self._penalty(direction, t), direction, t))
        finite = [f for f in found if np.isfinite(f[0])]
        return sorted(finite, key=lambda f: f[0])

    def _penalty(self, direction: Direction, t: float) -> float:
        return self._net.rough_penalty(*direction.point(self._net, t)) if self._net.ridge else 0.0

    def _lengths(self, direction: Direction) -> FloatArray:
        """Powers of two times the size of the point, both ways."""
        w, V = self._net.w, self._net.V
        size = 1.0 + float(np.sqrt(w @ w + np.vdot(V, V)))
        own = float(np.sqrt(direction.square(Plain.constant(self._net.moving)).value[0]))
        if not (own > 0 and np.isfinite(own)):
            return np.empty(0)
        lengths: FloatArray = size / own * 2.0**_EXPONENTS
        both = direction.name == LEAST_CURVATURE
        return np.concatenate([lengths, -lengths]) if both else lengths
