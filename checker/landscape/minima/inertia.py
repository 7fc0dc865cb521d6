"""The inertia of ∇²F_θ at a found point: how many eigenvalues are proved to have a sign.

For a matrix Q with k columns, n_-(H) >= k if -QᵀHQ is positive definite: its k pivots in LDLᵀ are
positive, in balls. Q are approximate eigenvectors, in float64; bad ones prove less, never too much.
What is left may be zero: V enters F_θ through Vᵀw only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat

from checker.arithmetic.ball import working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import PROOF_PRECISION
from checker.arithmetic.existence.definite import is_positive_definite
from checker.instances.fields import FloatArray, map_arrays
from checker.landscape.budgets import MAX_INERTIA

# Eigenvalues below this share of the largest are not worth a proof: rounding noise.
_CLEAR = 1e-10


@dataclass(frozen=True)
class Inertia:
    """At least so many negative and positive eigenvalues of how many in all."""

    negative: int
    positive: int
    order: int


def inertia_of(point: Any) -> Inertia | None:
    """Proved bounds on the inertia of ∇²F_θ(w, V); None where the matrix is too large."""
    order = point.w.size + point.V.size
    with np.errstate(all="ignore"), working_precision(PROOF_PRECISION):
        if not point.w.any():
            return _at_w_zero(point)
        if order > MAX_INERTIA:
            return None
        hessian = map_arrays(point, lambda a: Bounded(np.asarray(a)[..., None])).hessian
        matrix = hessian.value[..., 0]
        if not np.isfinite(matrix).all():
            return Inertia(0, 0, order)
        values, vectors = np.linalg.eigh(matrix)
        clear = np.abs(values) > _CLEAR * np.abs(values).max()
        negative, positive = (
            _proved(hessian, vectors[:, clear & (s * values > 0)], s) for s in (-1, 1)
        )
        return Inertia(negative, positive, order)


def _proved(hessian: Bounded, Q: FloatArray, sign: int) -> int:
    """Columns of Q if s QᵀHQ is proved positive definite; else half as many are tried."""
    while Q.shape[1]:
        columns = Bounded.constant(Q)
        if _is_definite(columns.T @ (hessian @ columns), sign):
            return int(Q.shape[1])
        Q = Q[:, : Q.shape[1] // 2] if sign < 0 else Q[:, (Q.shape[1] + 1) // 2 :]
    return 0


def _is_definite(matrix: Bounded, sign: int) -> bool:
    values, radii = (np.asarray(x)[..., 0] for x in (matrix.value, matrix.radius))
    if not (np.isfinite(values).all() and np.isfinite(radii).all()):
        return False
    rows = [
        [arb(float(sign * v), float(r)) for v, r in zip(*row, strict=True)]
        for row in zip(values, np.broadcast_to(radii, values.shape), strict=True)
    ]
    return is_positive_definite(arb_mat(rows), 0.0)


def _at_w_zero(point: Any) -> Inertia:
    """At w = 0 the Hessian is [[A, I ⊗ bᵀ], [., 0]] with A >= 0: along D_i = (u_i, ∓t_i u_i bᵀ) the
    form is u_iᵀAu_j ∓ (t_i + t_j) ||b||² u_iᵀu_j, u_i eigenvectors of A.
    """
    at = map_arrays(point, lambda a: Bounded(np.asarray(a)[..., None]))
    order, A, b = point.w.size + point.V.size, at.hess_ww.value[..., 0], at.b.value[..., 0]
    square = float(b @ b)
    if not (np.isfinite(A).all() and square > 0):
        return Inertia(0, 0, order)
    alpha, U = np.linalg.eigh(A)
    t = Bounded.constant((np.abs(alpha) + np.sqrt(square)) / square)
    vectors = Bounded.constant(U)
    own, gram = vectors.T @ (at.hess_ww @ vectors), vectors.T @ vectors
    coupled = ((gram.T * t).T + gram * t) * (at.b @ at.b)
    return Inertia(
        len(alpha) * _is_definite(own - coupled, -1),
        len(alpha) * _is_definite(own + coupled, 1),
        order,
    )


def kind_of_found_point(point: Any) -> str:
    """Level and inertia of a found point, both proved, for the evidence."""
    with np.errstate(all="ignore"):
        gap = map_arrays(point, lambda a: Bounded(np.asarray(a)[..., None])).gap
    above, below = gap.lower[..., 0] > 0, gap.upper[..., 0] <= 0
    level = "above linear" if above else "not above linear" if below else "level with linear"
    inertia = inertia_of(point)
    if inertia is None:
        return f"{level}, Hessian too large for its inertia"
    return f"{level}, {'a' if inertia.negative else 'no'} negative eigenvalue proved"
