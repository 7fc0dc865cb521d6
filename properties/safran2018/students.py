"""Two-layer ReLU networks with gaussian inputs, and critical points of their risk.

The kernel (Cho and Saul 2009; derived again here): for gaussian x the pair (wᵀx, vᵀx) is gaussian
with covariance (|w|², p; p, |v|²), p = wᵀv = |w||v| cos θ, and in polar coordinates of the plane

    E[(wᵀx)₊ (vᵀx)₊] = |w||v|/π ∫ cos⁺t cos⁺(t - θ) dt = (|w||v| sin θ + (π - θ) p)/(2π).

With A = |w||v| sin θ = √(|w|²|v|² - p²) and θ = 2 arctan(A/(|w||v| + p)) that is
A/(2π) + p/2 - pθ/(2π). Its derivatives, with φ = π - θ, u = v - p w/|w|² (of length A/|w|):

    ∂/∂w = (A w/|w|² + φ v)/(2π),
    ∂²/∂w² = (u uᵀ/A + (A/|w|²)(I - w wᵀ/|w|²))/(2π),
    ∂²/∂w∂v = (φ I + (w vᵀ + v wᵀ)/A - (p/A)(w wᵀ/|w|² + v vᵀ/|v|²))/(2π).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any

import numpy as np
import scipy

from checker.arithmetic.functions import (
    arctan,
    concatenate,
    filled,
    outer,
    pi,
    row_sums,
    sqrt,
    total,
    where,
)
from checker.arithmetic.plain import Plain
from checker.instances.fields import Dims, FloatArray, unchecked


def half_angle(area: Any, sizes: Any, p: Any) -> Any:
    """θ/2 entry by entry, from A, |w||v| and p; 0 where a vector is 0, and p with it."""
    base = sizes + p
    opposite = where(p < 0, pi / 2, 0 * p)
    return where(base > 0, arctan(area / base), opposite)


@dataclass(frozen=True, eq=False)
class Kernel:
    """A, p and θ/2 of pairs, entry by entry."""

    area: Any
    p: Any
    half: Any

    @cached_property
    def phi(self) -> Any:
        """π - θ."""
        return pi - 2 * self.half

    @cached_property
    def twice(self) -> Any:
        """2π times the kernel."""
        return self.area + self.phi * self.p


def _others(order: int) -> FloatArray:
    """1 but for the diagonal, where it is 0."""
    return 1 - np.eye(order)


@dataclass(frozen=True, eq=False)
class Student:
    """Neurons w_1, ..., w_n that learn the teacher Σ_j (x_j)₊.

    Attributes
    ----------
    W
        The w_i as rows, (n, k).
    """

    W: Annotated[FloatArray, Dims("n", "k")]

    @cached_property
    def squares(self) -> Any:
        """|w_i|², (n,)."""
        return row_sums(self.W * self.W)

    @cached_property
    def among(self) -> Kernel:
        """Of the pairs of neurons, (n, n); the diagonal means nothing."""
        p, square = self.W @ self.W.T, outer(self.squares, self.squares)
        area = sqrt(square - p * p + np.eye(p.shape[0]))
        return Kernel(area, p, half_angle(area, sqrt(square), p))

    @cached_property
    def taught(self) -> Kernel:
        """Of w_i and e_j, (n, k)."""
        square = outer(self.squares, filled(self.W[0], 1.0))
        area = sqrt(square - self.W * self.W)
        return Kernel(area, self.W, half_angle(area, sqrt(square), self.W))

    def risk(self, c: Any = 1) -> Any:
        """E ½(Σ_i (w_iᵀx)₊ - Σ_j (x_j)₊)², with c times the mixed term."""
        n, k = self.W.shape
        # Areas first, which cancel exactly at the teacher.
        pairs = ((x.area, x.p, x.p * x.half) for x in (self.among, self.taught))
        areas, inner, turned = (
            total(_others(n) * own) - 2 * c * total(mixed)
            for own, mixed in zip(*pairs, strict=True)
        )
        own = total(self.squares) + k
        return (areas + k * (k - 1) - 2 * turned) / (4 * pi) + (own + inner) / 4

    @cached_property
    def _outward(self) -> Any:
        """(Σ_j A(w_i, w_j) - Σ_j A(w_i, e_j))/|w_i|², (n,)."""
        areas = row_sums(_others(self.W.shape[0]) * self.among.area) - row_sums(self.taught.area)
        return areas / self.squares

    def gradient(self) -> Any:
        """∇F, row by row, (n k,)."""
        n, k = self.W.shape
        pulled = (_others(n) * self.among.phi) @ self.W - self.taught.phi
        outward = outer(self._outward, filled(self.W[0], 1.0)) * self.W
        return (self.W / 2 + (outward + pulled) / (2 * pi)).reshape(n * k)

    def hessian(self) -> Any:
        """∇²F, (n k, n k)."""
        n = self.W.shape[0]
        mixed = {(i, j): self._mixed(i, j) for i in range(n) for j in range(i)}
        lines = []
        for i in range(n):
            blocks = [mixed[i, j] if j < i else mixed[j, i].T for j in range(n) if j != i]
            blocks.insert(i, self._own(i))
            lines.append(concatenate(blocks, 1))
        return concatenate(lines, 0) / (2 * pi)

    @cached_property
    def _squared(self) -> list[Any]:
        """w_i w_iᵀ/|w_i|²."""
        return [outer(w, w) / s for w, s in zip(self.W, self.squares, strict=True)]

    def _own(self, i: int) -> Any:
        """2π ∂²F/∂w_i²."""
        n, k = self.W.shape
        w, s = self.W[i], self.squares[i]
        across = self.W - outer(self.among.p[i] / s, w)
        teaching = np.eye(k) - outer(w / s, w)
        pushed = self._weighted(across, _others(n)[i] / self.among.area[i])
        pulled = self._weighted(teaching, 1 / self.taught.area[i])
        return pi * np.eye(k) + pushed - pulled + self._outward[i] * (np.eye(k) - self._squared[i])

    @staticmethod
    def _weighted(rows: Any, weights: Any) -> Any:
        """Σ_j weight_j u_j u_jᵀ of rows u_j."""
        return rows.T @ (outer(weights, filled(rows[0], 1.0)) * rows)

    def _mixed(self, i: int, j: int) -> Any:
        """2π ∂²F/∂w_i∂w_j."""
        area, p = self.among.area[i, j], self.among.p[i, j]
        both = outer(self.W[i], self.W[j]) + outer(self.W[j], self.W[i])
        own = self._squared[i] + self._squared[j]
        return self.among.phi[i, j] * np.eye(self.W.shape[1]) + (both - p * own) / area


def student(z: Any, k: int) -> Student:
    """The student whose neurons stand one behind the other in a vector."""
    made: Student = unchecked(Student, W=z.reshape(-1, k))
    return made


# How far from it points are taken.
NEAR = 2.0**-17

# -- the symmetric critical point ------------------------------------------------------------------


def symmetric(numbers: FloatArray, k: int) -> FloatArray:
    """Neurons a e_i + b Σ e_j + c e_k for i < k, and d Σ e_j + e e_k: what the permutations of the
    first k - 1 coordinates and neurons leave as it is."""
    a, b, c, d, e = numbers
    W = np.full((k, k), b)
    np.fill_diagonal(W, a)
    W[:-1, -1], W[-1, :-1], W[-1, -1] = c, d, e
    return W


@cache
def critical_point(k: int) -> FloatArray:
    """The float matrix nearest to a symmetric critical point of the risk above 0, (k, k)."""

    def system(numbers: FloatArray) -> FloatArray:
        at = student(Plain(symmetric(numbers, k).reshape(-1, 1)), k)
        g = at.gradient().value.reshape(k, k)
        return np.array([g[0, 0], g[0, 1], g[0, -1], g[-1, 0], g[-1, -1]])

    start = np.array([0.95, -0.08, 0.35, 0.27, -0.57])
    found = scipy.optimize.root(system, start, tol=1e-13)
    return symmetric(found.x, k)


def permuted(
    rng: np.random.Generator, k: int, size: int, apart: float
) -> tuple[FloatArray, FloatArray]:
    """Near that critical point with neurons and coordinates in any order, (k, k, size), and the
    unit vector of the coordinate that was the last one, (k, size)."""
    cases, last = [], []
    for _ in range(size):
        rows, columns = rng.permutation(k), rng.permutation(k)
        cases.append(critical_point(k)[rows][:, columns])
        last.append(int(np.flatnonzero(columns == k - 1)[0]))
    W = np.stack(cases, axis=-1)
    return W + apart * rng.uniform(-1, 1, W.shape), np.eye(k)[:, last]


def place_of(W: FloatArray) -> int | None:
    """The column that was the last one, if W is near that critical point, in any order, by 2⁻¹⁷ in
    each entry; else None. Exact: floats that near are subtracted without rounding."""
    k = W.shape[-1]
    if W.shape != (k, k) or k < 3:
        return None
    wanted = critical_point(k)
    for row, column in np.ndindex(k, k):
        # Where the others have their greatest entries, their order is that of the coordinates.
        rest = np.delete(np.arange(k), row)
        among = np.where(np.arange(k) == column, -np.inf, W[rest])
        order = [*map(int, among.argmax(axis=1)), int(column)]
        if sorted(order) != list(range(k)):
            continue
        if (np.abs(W[[*rest, row]][:, order] - wanted) <= NEAR).all():
            return int(column)
    return None
