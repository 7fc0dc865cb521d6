"""λ_min of a Hessian that vanishes along some directions t: proved bounds from both sides.

In coordinates (x, t) the Hessian is [[K, Cᵀ], [C, 0]]. For μ > 0 a Schur complement in t gives

    λ_min >= -μ  if  M(μ) = K + μI - (1/μ) CᵀC ⪰ 0,

and if that matrix is only ⪰ -ηI, then λ_min >= -(μ + η), since μI - (1/μ) CᵀC grows with μ. A
Cholesky factor proves it (`normed`). From above, the vector x has the best t = Cx/λ and the
Rayleigh quotient

    λ(x) = (κ - √(κ² + 4 ||x||² ||Cx||²)) / (2 ||x||²),   κ = xᵀKx.

`curvature` reduces the Hessian of one output to this form, `several.curvature` that of several.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from checker.arithmetic.constants import UNIT_ROUNDOFF
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
from checker.certification.matrices.normed import Normed, least_eigenvalue, least_eigenvalue_floor
from checker.instances.fields import FloatArray


class ReducedHessian(ABC):
    """K, C and Schur complements."""

    K: Normed

    @property
    @abstractmethod
    def has_flat_part(self) -> bool:
        """Whether there are directions t, along which the Hessian vanishes: then λ_min <= 0."""

    @property
    @abstractmethod
    def flat_size(self) -> int:
        """How many entries Cx has."""

    @abstractmethod
    def flat(self, x: FloatArray) -> FloatArray:
        """Cx in floats."""

    @abstractmethod
    def flat_adjoint(self, t: FloatArray) -> FloatArray:
        """Cᵀt in floats."""

    @abstractmethod
    def schur(self, mu: float) -> Normed:
        """A matrix that is at most K + μI - (1/μ) CᵀC."""

    def floor(self, mu: float) -> float:
        """A proved lower bound on λ_min near -μ; -inf if μ is too small to be one."""
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
        flat = self.flat(x)
        rest = 4 * square * float(flat @ flat)
        root = float(np.sqrt(kappa * kappa + rest))
        # The two forms agree; the first does not cancel where κ > 0.
        return (-rest / (kappa + root) if kappa > 0 else kappa - root) / (2 * square)


@dataclass(frozen=True, eq=False)
class LeastEigenvalue:
    """What the second moments say of λ_min(∇²F_θ).

    Attributes
    ----------
    floor
        A proved lower bound.
    vector
        x of a direction of small curvature; None if there is none.
    alpha_max
        λ_max of ∂²F/∂w², proved bounds from below and above, where it is asked for.
    """

    floor: float
    vector: FloatArray | None
    alpha_max: tuple[float, float] | None = None


def lowest(matrix: Normed) -> FloatArray:
    """A least eigenvector in floats."""
    vectors: FloatArray = linalg.eigh(matrix.value, subset_by_index=[0, 0])[1]
    return vectors[:, 0]


def greatest(matrix: Normed) -> tuple[float, float]:
    """Bounds on λ_max from below and above."""
    below, above = least_eigenvalue(Normed(-matrix.value, matrix.radius))
    return -above, -below


def bracket(hessian: ReducedHessian, rng: np.random.Generator) -> tuple[float, FloatArray]:
    """A proved floor and a witness, closing in on -λ_min from both sides.

    M(μ) is positive semidefinite exactly from μ = -λ_min on, and inverse iteration with M above
    that value improves the witness. Only the last step is a proof.
    """
    best = _refined(hessian, _lanczos(hessian, rng))
    low = -hessian.rayleigh(best)
    noise = UNIT_ROUNDOFF * len(hessian.K.value) * hessian.K.frobenius + hessian.K.radius
    step = max(low * EIGENVALUE_RESOLUTION, noise)
    for _ in range(ENCLOSING_TRIALS):
        floor = hessian.floor(low + step)
        if floor > -np.inf:
            return floor, best
        step *= 4
    return -np.inf, best


def _lanczos(hessian: ReducedHessian, rng: np.random.Generator) -> FloatArray:
    """x of an approximate least eigenvector of [[K, Cᵀ], [C, 0]]."""
    order = len(hessian.K.value)

    def product(v: FloatArray) -> FloatArray:
        x, t = v[:order], v[order:]
        image = hessian.K.value @ x + hessian.flat_adjoint(t)
        return np.concatenate([image, hessian.flat(x)])

    size = order + hessian.flat_size
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


def _refined(hessian: ReducedHessian, x: FloatArray) -> FloatArray:
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


def _inverse_iteration(hessian: ReducedHessian, mu: float, x: FloatArray) -> FloatArray:
    """Steps with M(μ) and its derivative I + CᵀC/μ², until the value stands still."""
    factor = linalg.cho_factor(hessian.schur(mu).value, check_finite=False)
    value = hessian.rayleigh(x)
    for _ in range(INVERSE_STEPS):
        right = x + hessian.flat_adjoint(hessian.flat(x) / mu) / mu
        x = linalg.cho_solve(factor, right, check_finite=False)
        x = x / np.linalg.norm(x)
        value, before = hessian.rayleigh(x), value
        if before - value <= EIGENVALUE_RESOLUTION * abs(value):
            break
    return x
