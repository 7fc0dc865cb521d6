"""Large matrices with one error bound each, and proofs that they are positive semidefinite.

`Normed` stands for an exact matrix A known by floats Â with ||A - Â||_2 <= radius. One number for
the whole matrix: products then cost one BLAS call, where bounds for every entry would double the
work. Rounding errors enter through Frobenius norms, since for floats of any sign
|| |Â| |B̂| ||_2 <= ||Â||_F ||B̂||_F; u = 2^-53, γ_k = k u / (1 - k u).

* sums: ||fl(Â + B̂) - (Â + B̂)|| <= u ||fl(Â + B̂)||_F; subnormal sums are exact.
* products over k terms: γ_k ||Â||_F ||B̂||_F + underflow, inherited ||Â|| r_B + r_A (||B̂|| + r_B).
* **positive semidefinite**: for *any* matrix R, A = RᵀR + (A - RᵀR), so
  λ_min(A) >= -||Â - RᵀR||_F - radius. R is the Cholesky factor that LAPACK returns, of which
  nothing is assumed; the residual S = fl(Â - fl(RᵀR)) is computed, and
  ||Â - RᵀR||_F <= ||S||_F + u ||S||_F + γ_N ||R||_F² + underflow. A shift of the diagonal by a
  number is rounded, too; that error is known exactly.

(Higham 2002, sections 2.2 and 3.5; a posteriori, unlike Rump's a priori criterion in BIT 46, 2006.)

Bounds are computed in floats from non-negative terms: every function below does fewer than 2¹⁰
roundings, norms 2¹⁶ (row by row), and `upward` pays for 2²² of them. Underflow in a product of
floats is at most 2^-1075 each; UNDERFLOW per term covers it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from checker.arithmetic.bounded import gamma
from checker.arithmetic.constants import BOUND_INFLATION, UNDERFLOW, UNIT_ROUNDOFF
from checker.instances.fields import FloatArray


def upward(bound: float) -> float:
    """A bound that its own roundings no longer understate."""
    return bound * BOUND_INFLATION + UNDERFLOW


@dataclass(frozen=True, eq=False)
class Normed:
    """A matrix with a bound on the spectral norm of its error.

    Attributes
    ----------
    value
        The floats.
    radius
        Bound on ||exact - value||_2.
    size
        Bound on ||value||_2, if one better than the Frobenius norm is known.
    """

    value: FloatArray
    radius: float = 0.0
    size: float = float("inf")

    @cached_property
    def frobenius(self) -> float:
        """An upper bound on ||value||_F."""
        rows = np.einsum("ij,ij->i", self.value, self.value)
        return upward(float(np.sqrt(rows.sum() * BOUND_INFLATION + self.value.size * UNDERFLOW)))

    @cached_property
    def spectral(self) -> float:
        """An upper bound on ||value||_2."""
        return min(self.size, self.frobenius)

    @property
    def T(self) -> Normed:
        return Normed(self.value.T, self.radius, self.size)

    def __add__(self, other: Normed) -> Normed:
        value = self.value + other.value
        rounding = UNIT_ROUNDOFF * Normed(value).frobenius
        return Normed(value, upward(self.radius + other.radius + rounding))

    def __matmul__(self, other: Normed) -> Normed:
        inner = self.value.shape[1]
        value = self.value @ other.value
        rounding = gamma(inner) * self.frobenius * other.frobenius
        inherited = self.spectral * other.radius + self.radius * (other.spectral + other.radius)
        # An overflowed sum stands for anything; its infinite norm makes the radius infinite, too.
        underflow = UNDERFLOW * inner * value.size
        return Normed(value, upward(rounding + inherited + underflow))

    def scaled(self, factor: float) -> Normed:
        """The product with an exact number."""
        value = self.value * factor
        rounding = UNIT_ROUNDOFF * Normed(value).frobenius + UNDERFLOW * value.size
        return Normed(value, upward(self.radius * abs(factor) + rounding))

    def symmetric(self) -> Normed:
        """The upper half of the floats, twice; ||new - old||_F is added to the radius."""
        upper = np.triu(self.value)
        mirrored = upper + np.triu(upper, 1).T
        moved = Normed(mirrored - self.value)
        return Normed(mirrored, upward(self.radius + moved.frobenius * (1 + UNIT_ROUNDOFF)))


def least_eigenvalue_floor(matrix: Normed, shift: float) -> float:
    """A proved lower bound on λ_min of a symmetric matrix, near `shift`; -inf if that is too high.

    A Cholesky factor R of (matrix - shift I) is checked as described above.
    """
    value = matrix.value
    order = len(value)
    moved = value.copy()
    moved[np.diag_indices(order)] -= shift
    try:
        R = scipy.linalg.cholesky(moved, check_finite=True)
    except (np.linalg.LinAlgError, ValueError):
        return -np.inf
    residual = moved - R.T @ R
    moving = float(np.abs(_difference_error(np.diag(value), shift, np.diag(moved))).max())
    product = gamma(order) * Normed(R).frobenius ** 2 + UNDERFLOW * order * order * order
    deviation = Normed(residual).frobenius * (1 + 2 * UNIT_ROUNDOFF) + product + moving
    floor = np.nextafter(shift - upward(deviation + matrix.radius), -np.inf)
    return float(floor) if np.isfinite(floor) else -np.inf


def _difference_error(a: FloatArray, shift: float, moved: FloatArray) -> FloatArray:
    """The rounding errors of a - shift, exactly (TwoSum, Higham 2002, section 4.3)."""
    taken = moved - a
    error: FloatArray = (a - (moved - taken)) + (-shift - taken)
    return error


def rayleigh_ceiling(matrix: Normed, x: FloatArray) -> float:
    """A proved upper bound on λ_min of a symmetric matrix: the Rayleigh quotient at floats x != 0.

    xᵀÂx is off by at most γ_2N ||x||² ||Â||_F, xᵀx by γ_N ||x||².
    """
    size = len(x)
    square, form = float(x @ x), float(x @ (matrix.value @ x))
    if not square > 0:
        return np.inf
    off = gamma(2 * size + 4) * matrix.frobenius + matrix.radius
    quotient = form / square
    slop = upward(off + gamma(2 * size + 4) * abs(quotient) + size * size * UNDERFLOW / square)
    return float(np.nextafter(quotient + slop, np.inf))


def least_eigenvalue(matrix: Normed) -> tuple[float, float]:
    """Proved bounds from below and above on λ_min of a symmetric matrix; infinite at worst."""
    if not np.isfinite(matrix.value).all() or not np.isfinite(matrix.radius):
        return -np.inf, np.inf
    try:
        values, vectors = scipy.linalg.eigh(matrix.value, subset_by_index=[0, 0])
    except (np.linalg.LinAlgError, ValueError):
        return -np.inf, np.inf
    below = _widening(lambda shift: least_eigenvalue_floor(matrix, shift), values[0], matrix)
    return below, rayleigh_ceiling(matrix, vectors[:, 0])


def _widening(floor: Callable[[float], float], estimate: float, matrix: Normed) -> float:
    """The first floor that is proved below an estimate, further away at each trial."""
    step = len(matrix.value) * UNIT_ROUNDOFF * matrix.frobenius
    for _ in range(16):
        found = floor(float(estimate - step))
        if found > -np.inf:
            return found
        step *= 8
    return -np.inf
