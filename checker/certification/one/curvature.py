"""λ_min(∇²F_θ(w, V)) from the second moments alone, in d + m dimensions instead of d + dm.

**Structure** (derived here). Let h = x + V z, ω = ||w||, ŵ = w/ω, and for a direction (δ, Δ) write
Δ = ŵ sᵀ + U with ŵᵀU = 0 (for w = 0: Δ = U). The prediction changes by hᵀδ + ω zᵀs + δᵀΔz, so

    ∇²F_θ[(δ, Δ), (δ, Δ)] = E l''(hᵀδ + ω zᵀs)² + 2 (ŵᵀδ)(sᵀb) + 2 δᵀU b,   b = E[l' z],

which depends on the data through G = E[l'' (x; z)(x; z)ᵀ] and b only. U enters through Ub alone:
with β = ||b||, U = t bᵀ/β + U', U'b = 0, the part U' contributes nothing (eigenvalue 0, of
multiplicity (d-1)(m-1), or d(m-1) at w = 0). With x = (δ, s) and P = I - ŵŵᵀ (w = 0: P = I) on the
δ half,

    ∇²F_θ ≅ [[K, βP], [βP, 0]] ⊕ 0,   K = TᵀGT + [[0, ŵbᵀ], [bŵᵀ, 0]],   T = [[I, 0], [Vᵀ, ωI]].

`reduced` bounds λ_min of this form, C being βP. Besides, always λ_min >= -β:
2 δᵀΔb >= -β(||δ||² + ||Δ||²) and l'' >= 0. The direction that is found is evaluated on the data
with error bounds (`one/directions.py`). Where the t part exists (d > 1 or w = 0),
λ_min <= 0 always.

Coordinates of x that V does not move (the bias) are entries of δ that t and s do not meet: w stands
for w₁, and P is 0 there (`checker/certification/network.py`).

At w = 0, if V moves every coordinate, this is the closed form of Theorem 2,
-2β²/(α + √(α² + 4β²)) with α = λ_min(∂²F/∂w²), and that is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import UNIT_ROUNDOFF
from checker.arithmetic.functions import norm, outer, sq, sqrt
from checker.certification.matrices.normed import Normed, least_eigenvalue, upward
from checker.certification.matrices.reduced import (
    LeastEigenvalue,
    ReducedHessian,
    bracket,
    greatest,
    lowest,
)
from checker.certification.moments import Moments, exact
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class Curvature(ReducedHessian):
    """∇²F_θ(w, V) in its reduced form.

    Attributes
    ----------
    K
        The matrix of the module's docstring, (d+m, d+m); at w = 0 only ∂²F/∂w², (d, d).
    b
        E[l' z], (m,).
    w
        Parameters, (d,), 0 at the coordinates that V does not move.
    frozen
        How many of the last coordinates those are.
    """

    K: Normed
    b: Bounded
    w: FloatArray
    frozen: int = 0

    @cached_property
    def beta(self) -> Bounded:
        """||b||."""
        size: Bounded = norm(self.b)
        return size

    @property
    def at_zero(self) -> bool:
        """Whether w = 0."""
        return not self.w.any()

    @property
    def has_flat_part(self) -> bool:
        """Whether there are directions t, along which ∇²F_θ vanishes: then λ_min <= 0."""
        moved = len(self.w) - self.frozen
        return moved > 1 or (moved == 1 and self.at_zero)

    @cached_property
    def unit(self) -> FloatArray:
        """ŵ in floats; 0 at w = 0."""
        if self.at_zero:
            return self.w
        scaled = self.w / np.abs(self.w).max()  # else squares of small entries underflow
        return np.asarray(scaled / np.linalg.norm(scaled))

    @cached_property
    def mask(self) -> FloatArray:
        """1 at the coordinates that V moves, 0 at the others."""
        return (np.arange(len(self.w)) < len(self.w) - self.frozen).astype(np.float64)

    def projected(self, delta: FloatArray) -> FloatArray:
        """Pδ in floats."""
        flat: FloatArray = self.mask * delta - self.unit * (self.unit @ delta)
        return flat if self.has_flat_part else np.zeros_like(flat)

    @property
    def flat_size(self) -> int:
        return len(self.w)

    def flat(self, x: FloatArray) -> FloatArray:
        return float(self.beta.value[0]) * self.projected(x[: len(self.w)])

    def flat_adjoint(self, t: FloatArray) -> FloatArray:
        image = np.zeros(len(self.K.value))
        image[: len(self.w)] = float(self.beta.value[0]) * self.projected(t)
        return image

    def schur(self, mu: float) -> Normed:
        """K + μI - (β²/μ)P, with a float β above the exact one: that only lowers it."""
        d = len(self.w)
        beta = float(self.beta.upper[0])
        weight = upward(upward(beta * beta) / mu) if self.has_flat_part else 0.0
        change = np.zeros_like(self.K.value)
        np.fill_diagonal(change, mu)
        change[:d, :d] += weight * (np.outer(self.unit, self.unit) - np.diag(self.mask))
        # ŵŵᵀ is off by 2 ||ŵ - fl|| + ..., four roundings per entry and one each to scale and add.
        off = weight * (2 * (d + 8) * UNIT_ROUNDOFF + d * 2.0**-1000) + UNIT_ROUNDOFF * (
            mu + weight
        )
        return self.K + Normed(change, upward(4 * off))


def curvature(
    at: Moments, w: FloatArray, V: FloatArray, V_norm: float, frozen: int = 0
) -> Curvature:
    """The reduced Hessian from the second moments; w is 0 at the coordinates that V leaves."""
    A, mixed, Gzz = _hidden_moments(at, V, V_norm)
    if not w.any():
        return Curvature(A, at.b, w, frozen)
    omega = norm(exact(w))
    coupling = outer(exact(w) / omega, at.b)
    scale = float(omega.value[0])
    off = float(omega.radius[0])
    cross = _with_factor(mixed, scale, off) + _normed(coupling)
    pure = _with_factor(_with_factor(Gzz, scale, off), scale, off)
    value = np.block([[A.value, cross.value], [cross.value.T, pure.value]])
    K = Normed(value, upward(A.radius + cross.radius + pure.radius))
    return Curvature(K, at.b, w, frozen)


def _hidden_moments(at: Moments, V: FloatArray, V_norm: float) -> tuple[Normed, Normed, Normed]:
    """E[l'' h hᵀ], E[l'' h zᵀ] and E[l'' z zᵀ], h = x + V z."""
    d = len(V)
    factor = Normed(V, 0.0, V_norm)
    xx, xz, zz = (
        Normed(np.ascontiguousarray(part), at.G_radius)
        for part in (at.G[:d, :d], at.G[:d, d:], at.G[d:, d:])
    )
    mixed = xz + factor @ zz
    hidden = xx + factor @ xz.T + mixed @ factor.T
    return hidden.symmetric(), mixed, zz


def _with_factor(matrix: Normed, value: float, off: float) -> Normed:
    """The product with a number known as value ± off."""
    scaled = matrix.scaled(value)
    return Normed(scaled.value, upward(scaled.radius + off * (matrix.spectral + matrix.radius)))


def _normed(matrix: Bounded) -> Normed:
    """Bounds of entries as one bound: the Frobenius norm of the error bounds."""
    return Normed(matrix.value[..., 0], Normed(matrix.radius[..., 0]).frobenius)


def enclose(hessian: Curvature, rng: np.random.Generator) -> LeastEigenvalue:
    """Lanczos for a direction, then a Cholesky factor for the bound from below."""
    trivial = -float(hessian.beta.upper[0])
    if not (np.isfinite(hessian.K.value).all() and np.isfinite(hessian.K.radius)):
        return LeastEigenvalue(trivial if np.isfinite(trivial) else -np.inf, None)
    d = len(hessian.w)
    block = Normed(np.ascontiguousarray(hessian.K.value[:d, :d]), hessian.K.radius)
    highest = greatest(block) if hessian.has_flat_part else None
    if hessian.at_zero and not hessian.frozen:
        return LeastEigenvalue(floor_at_zero(hessian.K, hessian.beta), lowest(hessian.K), highest)
    if not hessian.has_flat_part:
        floor = max(least_eigenvalue(hessian.K)[0], trivial)
        return LeastEigenvalue(floor, lowest(hessian.K), highest)
    floor, vector = bracket(hessian, rng)
    return LeastEigenvalue(max(floor, trivial), vector, highest)


def floor_at_zero(block: Normed, beta: Bounded) -> float:
    """The closed form -2β²/(α + √(α² + 4β²)), which grows with α and falls with β."""
    # ∂²F/∂w² is positive semidefinite.
    alpha = max(least_eigenvalue(block)[0], 0.0)
    low = exact(np.array(alpha))
    floor = -2 * sq(beta) / (low + sqrt(sq(low) + 4 * sq(beta))) if beta.lower[0] > 0 else -beta
    return float(floor.lower[0])
