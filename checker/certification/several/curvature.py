"""λ_min(∇²F_θ(W, V)) for K outputs from second moments, in dK + rm dimensions, r = rank W.

**Structure** (derived here). Let h = x + V z and L = ∂²l/∂p². For a direction (D, E), (K, d)
and (d, m), the prediction changes by p₁ + D E z, p₁ = D h + W E z, so

    ∇²F_θ[(D, E), (D, E)] = E <p₁, L p₁> + 2 <D E, B>,   B = E[l' zᵀ].

Let the columns of R be an orthonormal basis of the rows of W. E = R E₁ + E₂, RᵀE₂ = 0: as W E₂ = 0,
E₂ enters through 2 <E₂, DᵀB> alone. With Π = I - R Rᵀ, x = (D, E₁) and C D = Π DᵀB the Hessian is

    [[K, Cᵀ], [C, 0]],   CᵀC D = B Bᵀ D Π,

the form of `reduced`. K follows from G = E[g gᵀ ⊗ L], g = (x; z) (`gram`). For K = 1 this is
`curvature`. By convexity of the loss, always λ_min >= -||B||:
2 <D E, B> >= -||B|| (||D||² + ||E||²).

**R in floats.** R is the exact product W_Iᵀ S of floats, W_I being r independent rows of W and
S near the inverse of the factor of their QR decomposition. Its columns span the rows of W if
||RᵀR - I|| <= δ < 1, which is proved by that bound; but they are orthonormal only up to δ:
||E||² >= (1 - δ) ||E₁||² + ||E₂||². So M(μ) has μ(1 - δ) at E₁, and if it is ⪰ -ηI, then
λ_min >= -(μ + η/(1 - δ)). For r = d, R = I.

Coordinates: (row of Dᵀ, output), then (column of E₁, row of E₁). Coordinates of x that V does not
move are rows of Dᵀ that R does not meet, and 0 in Π (`network.py`); W stands for W₁.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from checker.arithmetic.bounded import Bounded, gamma
from checker.arithmetic.constants import UNDERFLOW, UNIT_ROUNDOFF
from checker.certification.matrices.normed import Normed, least_eigenvalue, upward
from checker.certification.matrices.reduced import (
    LeastEigenvalue,
    ReducedHessian,
    bracket,
    greatest,
    lowest,
)
from checker.certification.network import Network
from checker.certification.one.curvature import floor_at_zero
from checker.certification.several.moments import VectorMoments
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class VectorCurvature(ReducedHessian):
    """∇²F_θ(W, V) in its reduced form.

    Attributes
    ----------
    K
        The matrix of the module's docstring, of order dK + rm.
    hidden
        Its first part, ∂²F/∂W², of order dK.
    B
        E[l' zᵀ], (K, m).
    R
        (d, r).
    defect
        δ.
    flat_space
        Π, (d, d).
    """

    K: Normed
    hidden: Normed
    B: Normed
    R: Normed
    defect: float
    flat_space: Normed

    @property
    def has_flat_part(self) -> bool:
        return bool(self.flat_space.value.any())

    @property
    def is_closed(self) -> bool:
        """Whether it is the Hessian of one output at w = 0, where λ_min has a closed form."""
        at_zero = self.K is self.hidden and len(self.B.value) == 1
        return at_zero and bool(self.flat_space.value.diagonal().all())

    @property
    def flat_size(self) -> int:
        return int(len(self.R.value) * len(self._factor))

    @cached_property
    def _factor(self) -> FloatArray:
        """T with TᵀT = B Bᵀ, (min(K, m), K): ||C D|| = ||Π Dᵀ Tᵀ||."""
        factor: FloatArray = np.linalg.qr(self.B.value.T)[1]
        return factor

    @property
    def _outer(self) -> int:
        return len(self.hidden.value)

    def inner_part(self, x: FloatArray) -> FloatArray:
        """Dᵀ of x, (d, K)."""
        return x[: self._outer].reshape(len(self.R.value), -1)

    def flat(self, x: FloatArray) -> FloatArray:
        image: FloatArray = self.flat_space.value @ self.inner_part(x) @ self._factor.T
        return image.ravel()

    def flat_adjoint(self, t: FloatArray) -> FloatArray:
        image = np.zeros(len(self.K.value))
        matrix = t.reshape(len(self.R.value), -1)
        image[: self._outer] = (self.flat_space.value @ matrix @ self._factor).ravel()
        return image

    @cached_property
    def _square(self) -> Normed:
        """CᵀC = Π ⊗ B Bᵀ, of order dK."""
        space, outputs = self.flat_space, self.B @ self.B.T
        value: FloatArray = np.kron(space.value, outputs.value).astype(np.float64, copy=False)
        inherited = space.spectral * outputs.radius + space.radius * (
            outputs.spectral + outputs.radius
        )
        rounding = UNIT_ROUNDOFF * space.frobenius * outputs.frobenius + UNDERFLOW * len(value)
        return Normed(value, upward(inherited + rounding))

    def schur(self, mu: float) -> Normed:
        change = np.zeros_like(self.K.value)
        np.fill_diagonal(change, mu)
        inside = np.arange(self._outer, len(change))
        change[inside, inside] *= 1 - self.defect
        off = 2 * UNIT_ROUNDOFF * mu
        if self.has_flat_part:
            part = change[: self._outer, : self._outer]
            part -= self._square.value / mu
            # A quotient and a difference for each entry.
            rounded = UNIT_ROUNDOFF * (self._square.frobenius / mu + Normed(part).frobenius)
            off += self._square.radius / mu + rounded + UNDERFLOW * len(part)
        return self.K + Normed(change, upward(2 * off))

    def floor(self, mu: float) -> float:
        below = super().floor(mu)
        # What is below -μ counts 1/(1 - δ) times.
        rest = min(below + mu, 0.0)
        return below if not self.defect else float(below + 4 * self.defect * rest)

    def direction(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(D, E) in floats, with the best part E₂."""
        D = self.inner_part(x).T
        inside = x[self._outer :].reshape(self.B.value.shape[1], -1 if len(x) > self._outer else 0)
        E = self.R.value @ inside.T
        value = self.rayleigh(x)
        if self.has_flat_part and value < 0:
            E = E + self.flat_space.value @ D.T @ self.B.value / value
        return D.copy(), E


def vector_curvature(at: VectorMoments, net: Network, rank: int) -> VectorCurvature | None:
    """The reduced Hessian, `rank` being that of W₁; None if nothing is known of it."""
    if at.G is None:
        return None
    basis = _basis(net, rank)
    if basis is None:
        return None
    R, defect, space = basis
    r, m = rank, net.V.shape[1]
    hidden, mixed, pure = _hidden(at.G, net.V, len(net.w))
    B = _normed(at.B)
    if not r:
        return VectorCurvature(hidden, hidden, B, R, defect, space)
    N = Normed(net.moving) @ R
    cross = _at_outputs(N, mixed.T, m).T + _coupling(R, B)
    pure = _at_outputs(N, _at_outputs(N, pure, m).T, m).symmetric()
    value = np.block([[hidden.value, cross.value], [cross.value.T, pure.value]])
    whole = Normed(value, upward(hidden.radius + cross.radius + pure.radius))
    return VectorCurvature(whole, hidden, B, R, defect, space)


def enclose_vector(
    hessian: VectorCurvature, B_norm: Bounded, rng: np.random.Generator
) -> LeastEigenvalue:
    """As `curvature.enclose`."""
    trivial = -float(B_norm.upper[0])
    if not (np.isfinite(hessian.K.value).all() and np.isfinite(hessian.K.radius)):
        return LeastEigenvalue(trivial if np.isfinite(trivial) else -np.inf, None)
    highest = greatest(hessian.hidden)
    if not hessian.has_flat_part:
        floor = max(least_eigenvalue(hessian.K)[0], trivial)
        return LeastEigenvalue(floor, lowest(hessian.K), highest)
    if hessian.is_closed:
        return LeastEigenvalue(floor_at_zero(hessian.hidden, B_norm), lowest(hessian.K), highest)
    floor, vector = bracket(hessian, rng)
    return LeastEigenvalue(max(floor, trivial), vector, highest)


def _normed(matrix: Bounded) -> Normed:
    return Normed(matrix.value[..., 0], Normed(matrix.radius[..., 0]).frobenius)


def _basis(net: Network, rank: int) -> tuple[Normed, float, Normed] | None:
    """R, δ and Π; None if the rows of W are too near to dependent ones."""
    W, D = net.moving, net.w.shape[1]
    mask = np.diag((np.arange(D) < net.moved).astype(np.float64))
    if rank in (0, net.moved):
        R = Normed(np.eye(D)[:, :rank])
        return R, 0.0, Normed(mask if not rank else np.zeros((D, D)))
    with np.errstate(all="ignore"):
        chosen = linalg.qr(W.T, pivoting=True, mode="r")[1][:rank]
        rows = W[np.sort(chosen)]
        factor = np.linalg.qr(rows.T)[1]
        try:
            inverse = linalg.solve_triangular(factor, np.eye(rank), check_finite=False)
        except np.linalg.LinAlgError:
            return None
        if not np.isfinite(inverse).all():
            return None
        R = Normed(np.ascontiguousarray(rows.T)) @ Normed(inverse)
        off = R.T @ R + Normed(-np.eye(rank))
        defect = upward(off.frobenius + off.radius)
        if not defect < 0.25:
            return None
        # The projector R(RᵀR)⁻¹Rᵀ is within δ/(1 - δ) ||R||² of R Rᵀ, ||R||² <= 1 + δ.
        space = Normed(mask) + (R @ R.T).scaled(-1.0)
        return R, defect, Normed(space.value, upward(space.radius + 2 * defect))


def _hidden(G: Normed, V: FloatArray, K: int) -> tuple[Normed, Normed, Normed]:
    """E[h hᵀ ⊗ L], E[h zᵀ ⊗ L] and E[z zᵀ ⊗ L], h = x + V z."""
    outer = len(V) * K
    xx, xz, zz = (
        Normed(np.ascontiguousarray(part), G.radius)
        for part in (G.value[:outer, :outer], G.value[:outer, outer:], G.value[outer:, outer:])
    )
    mixed = xz + _at_columns(V, zz)
    hidden = xx + _at_columns(V, xz.T) + _at_columns(V, mixed.T).T
    return hidden.symmetric(), mixed, zz


def _at_columns(V: FloatArray, A: Normed) -> Normed:
    """(V ⊗ I) A: the sums have m terms, and || |V ⊗ I| || = || |V| || <= ||V||_F."""
    m = V.shape[1]
    outputs = len(A.value) // m
    value = (V @ A.value.reshape(m, -1)).reshape(len(V) * outputs, -1)
    return _product(Normed(V), A, value, m)


def _at_outputs(N: Normed, A: Normed, m: int) -> Normed:
    """(I ⊗ Nᵀ) A for A with the coordinates (column, output): sums of K terms."""
    K, r = N.value.shape
    value = np.matmul(N.value.T, A.value.reshape(m, K, -1)).reshape(m * r, -1)
    return _product(N, A, value, K)


def _product(factor: Normed, A: Normed, value: FloatArray, terms: int) -> Normed:
    """A product of this value, as in `normed`; the factor stands for itself ⊗ I."""
    rounding = gamma(terms) * factor.frobenius * A.frobenius
    inherited = factor.spectral * A.radius + factor.radius * (A.spectral + A.radius)
    return Normed(value, upward(rounding + inherited + UNDERFLOW * terms * value.size))


def _coupling(R: Normed, B: Normed) -> Normed:
    """The form <D R E₁, B>: R_ia B_kj at ((i, k), (j, a)), a rearrangement of R ⊗ B.

    Rearranged, only Frobenius norms bound the spectral norm.
    """
    (d, r), (K, m) = R.value.shape, B.value.shape
    value = np.einsum("ia,kj->ikja", R.value, B.value).reshape(d * K, m * r)
    # A bound on a spectral norm is one on a Frobenius norm √rank times as large.
    wide, tall = R.radius * np.sqrt(min(d, r)), B.radius * np.sqrt(min(K, m))
    inherited = R.frobenius * tall + wide * (B.frobenius + tall)
    rounding = UNIT_ROUNDOFF * R.frobenius * B.frobenius + UNDERFLOW * value.size
    return Normed(value, upward(2 * (inherited + rounding)))
