"""The pass over the data for comparators and for the curvature along a direction, K outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import dot, row_sums, sq
from checker.arithmetic.plain import Plain
from checker.certification.budgets import LANCZOS_PASSES
from checker.certification.moments import (
    Parameters,
    Sums,
    averaged,
    exact,
    vector_block_point,
)
from checker.certification.network import Network
from checker.certification.several.moments import VectorMoments
from checker.certification.source import Source
from checker.certification.survey import linear_sums, linear_values
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class VectorDirection:
    """The direction (D, E), (K, d) and (d, m); E is 0 in the rows that are no parameters."""

    name: str
    D: FloatArray
    E: FloatArray

    @property
    def size(self) -> float:
        """Its norm."""
        return float(np.sqrt(np.vdot(self.D, self.D) + np.vdot(self.E, self.E)))

    def scaled(self, factor: float) -> VectorDirection:
        """A multiple."""
        return VectorDirection(self.name, factor * self.D, factor * self.E)


def vector_survey(
    source: Source,
    net: Network,
    at: VectorMoments,
    comparators: list[FloatArray],
    curved: VectorDirection | None,
) -> tuple[list[tuple[Bounded, Bounded]], float]:
    """F_lin(U) and ∇F_lin(U) for each comparator U, and a proved upper bound on λ_min, in one pass.

    The bound is the Rayleigh quotient of the Hessian along a direction, inf without one:
    (E <p₁, ∂²l/∂p² p₁> + 2 <D E, B>) / ||(D, E)||².
    """
    sums, parameters = Sums(), Parameters.of(net.w, net.V)
    change = None if curved is None else _change(curved, net)
    for block in source:
        sums.add(**linear_sums(block, comparators, source.loss))
        if change is not None:
            here = vector_block_point(block, parameters, source.loss)
            p = here.X @ change[0] + here.Z @ change[1]
            bent = row_sums(p * here.loss.product(here.prediction, here.Y, p))
            sums.add(curvature=here.mean(bent))
    means = sums.means(source)
    ceiling = np.inf
    if curved is not None:
        D, E = exact(curved.D), exact(curved.E)
        quotient = (means["curvature"] + 2 * dot(D @ E, at.B)) / (sq(D) + sq(E))
        ceiling = float(quotient.upper[0])
    return linear_values(means, len(comparators)), ceiling


def _change(way: VectorDirection, net: Network) -> tuple[Bounded, Bounded]:
    """Dᵀ and (D V + W₁ E)ᵀ: what x and z are multiplied by in p₁."""
    D, E = exact(way.D), exact(way.E)
    return exact(way.D.T), (D @ exact(net.V) + exact(net.moving) @ E).T


class HessianOnData:
    """Products of ∇²F_θ with directions in floats, a pass over the data each."""

    def __init__(self, source: Source, at: VectorMoments, net: Network) -> None:
        self._source, self._net, self._B = source, net, at.B.value[..., 0]

    def product(self, D: FloatArray, E: FloatArray) -> tuple[FloatArray, FloatArray]:
        """∇²F_θ (D, E): with S = E[∂²l/∂p² p₁ (x; z)ᵀ], S_x + S_z Vᵀ + B Eᵀ and W₁ᵀ S_z + Dᵀ B."""
        net, source = self._net, self._source
        in_z, hidden = D @ net.V + net.moving @ E, net.w @ net.V
        S_x, S_z = np.zeros_like(D), np.zeros_like(self._B)
        for block in source.rough():
            P = block.X @ net.w.T + block.Z @ hidden.T
            p = block.X @ D.T + block.Z @ in_z.T
            batch = (Plain(a[..., None]) for a in (P, block.y, p))
            bent: Any = source.loss.product(*batch).value[..., 0]
            weighted = block.weights[:, None] * bent
            S_x += weighted.T @ block.X
            S_z += weighted.T @ block.Z
        S_x, S_z = (averaged(S, source) for S in (S_x, S_z))
        own = net.moving.T @ S_z + D.T @ self._B
        own[net.moved :] = 0.0
        return S_x + S_z @ net.V.T + self._B @ E.T, own

    def least(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """(D, E) of small curvature, by some steps of Lanczos with full reorthogonalisation."""
        (K, d), m = self._net.w.shape, self._net.V.shape[1]
        basis = [_unit(self._start(rng))]
        alphas: list[float] = []
        betas: list[float] = []
        for _ in range(LANCZOS_PASSES):
            D, E = basis[-1][: K * d].reshape(K, d), basis[-1][K * d :].reshape(d, m)
            image = np.concatenate([part.ravel() for part in self.product(D, E)])
            alphas.append(float(basis[-1] @ image))
            for v in basis:
                image -= (v @ image) * v
            betas.append(float(np.linalg.norm(image)))
            if not (betas[-1] > 1e-12 * abs(alphas[0]) and np.isfinite(betas[-1])):
                break
            basis.append(image / betas[-1])
        steps = len(alphas)
        if not np.isfinite(alphas).all():
            return basis[0][: K * d].reshape(K, d), basis[0][K * d :].reshape(d, m)
        vectors = linalg.eigh_tridiagonal(alphas, betas[: steps - 1])[1]
        found = sum(c * v for c, v in zip(vectors[:, 0], basis[:steps], strict=True))
        return found[: K * d].reshape(K, d), found[K * d :].reshape(d, m)

    def _start(self, rng: np.random.Generator) -> FloatArray:
        """D = v uᵀ, E = -u cᵀ of the proof of Theorem 2, u where W is least, and some noise."""
        net = self._net
        left, _, right = np.linalg.svd(self._B, full_matrices=False)
        u = np.zeros(net.w.shape[1])
        if net.moved:
            u[: net.moved] = np.linalg.svd(net.moving[:, : net.moved])[2][-1]
        D, E = np.outer(left[:, 0], u), -np.outer(u, right[0])
        noise = rng.standard_normal(D.size), np.zeros_like(E)
        noise[1][: net.moved] = rng.standard_normal((net.moved, E.shape[1]))
        start: FloatArray = np.concatenate([D.ravel(), E.ravel()])
        mixed = _unit(np.concatenate([part.ravel() for part in noise]))
        return start + 0.1 * mixed


def _unit(v: FloatArray) -> FloatArray:
    scaled = v / np.abs(v).max()
    return np.asarray(scaled / np.linalg.norm(scaled))
