"""λ_min(∇²F_θ(w, V)) from the second moments alone, in d + m dimensions instead of d + dm.

**Structure** (derived here). Let h = x + V z, ω = ||w||, ŵ = w/ω, and for a direction (δ, Δ) write
Δ = ŵ sᵀ + U with ŵᵀU = 0 (for w = 0: Δ = U). The prediction changes by hᵀδ + ω zᵀs + δᵀΔz, so

    ∇²F_θ[(δ, Δ), (δ, Δ)] = E l''(hᵀδ + ω zᵀs)² + 2 (ŵᵀδ)(sᵀb) + 2 δᵀU b,   b = E[l' z],

which depends on the data through G = E[l'' (x; z)(x; z)ᵀ] and b only. U enters through Ub alone:
with β = ||b||, U = t bᵀ/β + U', U'b = 0, the part U' contributes nothing (eigenvalue 0, of
multiplicity (d-1)(m-1), or d(m-1) at w = 0). With x = (δ, s) and P = I - ŵŵᵀ (w = 0: P = I) on the
δ half,

    ∇²F_θ ≅ [[K, βP], [βP, 0]] ⊕ 0,   K = TᵀGT + [[0, ŵbᵀ], [bŵᵀ, 0]],   T = [[I, 0], [Vᵀ, ωI]].

**Both bounds.** For μ > 0 a Schur complement in t gives

    λ_min(∇²F_θ) >= -μ  if  K + μI - (β²/μ) P ⪰ 0,

and if that matrix is only ⪰ -ηI, then λ_min >= -(μ + η), since μI - (β²/μ)P grows with μ. A
Cholesky factor proves it. Besides, always λ_min >= -β: 2 δᵀΔb >= -β(||δ||² + ||Δ||²) and l'' >= 0.
From above, the vector x = (δ, s) has the best t = βPδ/λ and the Rayleigh quotient

    λ(x) = (κ - √(κ² + 4 ||x||² β² ||Pδ||²)) / (2 ||x||²),   κ = xᵀKx;

the direction that it gives is evaluated on the data with error bounds (`checker/certification/
directions.py`). Where the t part exists (d > 1 or w = 0), λ_min <= 0 always.

Coordinates of x that V does not move (the bias) are entries of δ that t and s do not meet: w stands
for w₁, and P is 0 there (`checker/certification/networks/network.py`).

At w = 0, if V moves every coordinate, this is the closed form of Theorem 2,
-2β²/(α + √(α² + 4β²)) with α = λ_min(∂²F/∂w²), and that is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import UNIT_ROUNDOFF
from checker.arithmetic.functions import norm, outer, sq, sqrt
from checker.certification.budgets import (
    EIGENVALUE_RESOLUTION,
    ENCLOSING_TRIALS,
    INVERSE_STEPS,
    LANCZOS_RESTARTS,
    LANCZOS_TOLERANCE,
    MAX_DENSE_ORDER,
    REFINING_SHARES,
    REFINING_TRIALS,
)
from checker.certification.moments import Moments, exact
from checker.certification.normed import (
    Normed,
    least_eigenvalue,
    least_eigenvalue_floor,
    upward,
)
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class Curvature:
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

    def floor(self, mu: float) -> float:
        """A proved lower bound on λ_min(∇²F_θ) near -μ; -inf if μ is too small to be one."""
        below = least_eigenvalue_floor(self.schur(mu), 0.0)
        return float(np.nextafter(-mu + min(below, 0.0), -np.inf))

    def rayleigh(self, x: FloatArray) -> float:
        """λ(x) in floats, for x of any length; inf where x is no direction."""
        largest = np.abs(x).max()
        if not (np.isfinite(largest) and largest > 0):
            return np.inf
        x = x / largest  # else squares underflow
        square = float(x @ x)
        kappa = float(x @ (self.K.value @ x))
        flat = self.projected(x[: len(self.w)])
        rest = 4 * square * float(self.beta.value[0]) ** 2 * float(flat @ flat)
        root = float(np.sqrt(kappa * kappa + rest))
        # The two forms agree; the first does not cancel where κ > 0.
        return (-rest / (kappa + root) if kappa > 0 else kappa - root) / (2 * square)


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


@dataclass(frozen=True, eq=False)
class LeastEigenvalue:
    """What the second moments say of λ_min(∇²F_θ).

    Attributes
    ----------
    floor
        A proved lower bound.
    vector
        (δ, s) of a direction of small curvature, (d+m,) or (d,) at w = 0; None if there is none.
    alpha_max
        λ_max of ∂²F/∂w², proved bounds from below and above; at w = 0 only.
    """

    floor: float
    vector: FloatArray | None
    alpha_max: tuple[float, float] | None = None


def enclose(hessian: Curvature, rng: np.random.Generator) -> LeastEigenvalue:
    """Lanczos for a direction, then a Cholesky factor for the bound from below."""
    trivial = -float(hessian.beta.upper[0])
    if not (np.isfinite(hessian.K.value).all() and np.isfinite(hessian.K.radius)):
        return LeastEigenvalue(trivial if np.isfinite(trivial) else -np.inf, None)
    highest = _greatest(hessian.K) if hessian.at_zero else None
    if hessian.at_zero and not hessian.frozen:
        return LeastEigenvalue(_floor_at_zero(hessian), _lowest(hessian.K), highest)
    if not hessian.has_flat_part:
        floor = max(least_eigenvalue(hessian.K)[0], trivial)
        return LeastEigenvalue(floor, _lowest(hessian.K), highest)
    floor, vector = _bracket(hessian, _lanczos(hessian, rng))
    return LeastEigenvalue(max(floor, trivial), vector, highest)


def _lowest(matrix: Normed) -> FloatArray:
    vectors: FloatArray = linalg.eigh(matrix.value, subset_by_index=[0, 0])[1]
    return vectors[:, 0]


def _greatest(matrix: Normed) -> tuple[float, float]:
    """Bounds on λ_max from below and above."""
    below, above = least_eigenvalue(Normed(-matrix.value, matrix.radius))
    return -above, -below


def _floor_at_zero(hessian: Curvature) -> float:
    """The closed form -2β²/(α + √(α² + 4β²)), which grows with α and falls with β."""
    # ∂²F/∂w² is positive semidefinite.
    alpha = max(least_eigenvalue(hessian.K)[0], 0.0)
    low, rho = exact(np.array(alpha)), hessian.beta
    floor = -2 * sq(rho) / (low + sqrt(sq(low) + 4 * sq(rho))) if rho.lower[0] > 0 else -rho
    return float(floor.lower[0])


def _lanczos(hessian: Curvature, rng: np.random.Generator) -> FloatArray:
    """(δ, s) of an approximate least eigenvector of [[K, βP], [βP, 0]]."""
    d, order = len(hessian.w), len(hessian.K.value)
    beta = float(hessian.beta.value[0])

    def product(v: FloatArray) -> FloatArray:
        x, t = v[:order], v[order:]
        image = hessian.K.value @ x
        image[:d] += beta * hessian.projected(t)
        return np.concatenate([image, beta * hessian.projected(x[:d])])

    size = order + d
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    if size <= MAX_DENSE_ORDER:
        dense = np.column_stack([product(e) for e in np.eye(size)])
        chosen = linalg.eigh(dense + dense.T)[1][:, 0]
    else:
        chosen = _arpack(operator, rng.standard_normal(size))
    head: FloatArray = chosen[:order]
    return head if head.any() else np.ones(order)


def _arpack(operator: Any, start: FloatArray) -> FloatArray:
    """The best vector that Lanczos has after a bounded number of restarts."""
    try:
        found: FloatArray = eigsh(
            operator, 1, which="SA", v0=start, maxiter=LANCZOS_RESTARTS, tol=LANCZOS_TOLERANCE
        )[1]
        return found[:, 0]
    except ArpackError as error:
        vectors = getattr(error, "eigenvectors", np.empty((0, 0)))
        return vectors[:, 0] if vectors.size else start


def _bracket(hessian: Curvature, start: FloatArray) -> tuple[float, FloatArray]:
    """A proved floor and a witness, closing in on -λ_min from both sides.

    M(μ) = K + μI - (β²/μ)P is positive semidefinite exactly from μ = -λ_min on, and inverse
    iteration with M above that value improves the witness. Only the last step is a proof.
    """
    best = _refined(hessian, start)
    low = -hessian.rayleigh(best)
    noise = UNIT_ROUNDOFF * len(hessian.K.value) * hessian.K.frobenius + hessian.K.radius
    step = max(low * EIGENVALUE_RESOLUTION, noise)
    for _ in range(ENCLOSING_TRIALS):
        floor = hessian.floor(low + step)
        if floor > -np.inf:
            return floor, best
        step *= 4
    return -np.inf, best


def _refined(hessian: Curvature, x: FloatArray) -> FloatArray:
    """Inverse iteration at (1 + share) times the best value, share falling while that works."""
    share = REFINING_SHARES[0]
    for _ in range(REFINING_TRIALS):
        mu = -hessian.rayleigh(x) * (1 + share)
        if not mu > 0 or share < REFINING_SHARES[1]:
            return x
        try:
            image = _inverse_iteration(hessian, mu, x)
        except (np.linalg.LinAlgError, ArithmeticError):
            share *= 8  # not positive definite: μ is still below -λ_min; or beyond floats
            continue
        x = max(x, image, key=lambda v: -hessian.rayleigh(v))
        share /= 64
    return x


def _inverse_iteration(hessian: Curvature, mu: float, x: FloatArray) -> FloatArray:
    """Steps with M(μ) and its derivative I + (β/μ)²P, until the value stands still."""
    d = len(hessian.w)
    factor = linalg.cho_factor(hessian.schur(mu).value, check_finite=False)
    value = hessian.rayleigh(x)
    for _ in range(INVERSE_STEPS):
        right = x.copy()
        right[:d] += (float(hessian.beta.value[0]) / mu) ** 2 * hessian.projected(x[:d])
        x = linalg.cho_solve(factor, right, check_finite=False)
        x = x / np.linalg.norm(x)
        value, before = hessian.rayleigh(x), value
        if before - value <= EIGENVALUE_RESOLUTION * abs(value):
            break
    return x
