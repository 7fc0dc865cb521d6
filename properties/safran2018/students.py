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

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any

import numpy as np
import scipy

from checker.arithmetic.functions import (
    arctan,
    concatenate,
    dot,
    outer,
    pi,
    sq,
    sqrt,
    where,
)
from checker.arithmetic.plain import Plain
from checker.instances.fields import Dims, FloatArray, unchecked


@dataclass(frozen=True, eq=False)
class Pair:
    """Two vectors of which neither is 0."""

    w: Any
    v: Any

    @cached_property
    def p(self) -> Any:
        """wᵀv."""
        return dot(self.w, self.v)

    @cached_property
    def sizes(self) -> tuple[Any, Any]:
        """|w|², |v|²."""
        return sq(self.w), sq(self.v)

    @cached_property
    def area(self) -> Any:
        """A."""
        return sqrt(self.sizes[0] * self.sizes[1] - self.p * self.p)

    @cached_property
    def half_angle(self) -> Any:
        """θ/2; 0 where a vector is 0, and p with it."""
        base = sqrt(self.sizes[0] * self.sizes[1]) + self.p
        opposite = where(self.p < 0, pi / 2, 0 * self.p)
        return where(base > 0, arctan(self.area / base), opposite)

    @cached_property
    def phi(self) -> Any:
        """π - θ."""
        return pi - 2 * self.half_angle

    def slope(self) -> Any:
        """2π ∂/∂w, (k,)."""
        return self.area / self.sizes[0] * self.w + self.phi * self.v

    def curvature(self) -> Any:
        """2π ∂²/∂w², (k, k)."""
        u = self.v - self.p / self.sizes[0] * self.w
        flat = np.eye(self.w.shape[0]) - outer(self.w, self.w) / self.sizes[0]
        return outer(u, u) / self.area + self.area / self.sizes[0] * flat

    def mixed(self) -> Any:
        """2π ∂²/∂w∂v, (k, k)."""
        both = outer(self.w, self.v) + outer(self.v, self.w)
        own = outer(self.w, self.w) / self.sizes[0] + outer(self.v, self.v) / self.sizes[1]
        return self.phi * np.eye(self.w.shape[0]) + (both - self.p * own) / self.area


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
    def teachers(self) -> list[Any]:
        """e_1, ..., e_k."""
        return list(self.W.lift(np.eye(self.W.shape[1])))

    @cached_property
    def rows(self) -> list[Any]:
        """w_1, ..., w_n."""
        return list(self.W)

    def _pairs(self, c: Any) -> Iterator[tuple[Any, Pair]]:
        """Factor and pair of every term of 2 F but E(w_iᵀx)₊²."""
        rows, teachers = self.rows, self.teachers
        for vectors in (rows, teachers):
            for i, w in enumerate(vectors):
                yield from ((2, Pair(w, v)) for v in vectors[:i])
        yield from ((-2 * c, Pair(w, v)) for w in rows for v in teachers)

    def risk(self, c: Any = 1) -> Any:
        """E ½(Σ_i (w_iᵀx)₊ - Σ_j (x_j)₊)², with c times the mixed term."""
        # Areas first: at the teacher they cancel exactly.
        terms = [(factor * x.area, factor * x.p, x) for factor, x in self._pairs(c)]
        own = sq(self.W) + self.W.shape[1]
        areas, inner = (sum((t[i] for t in terms[1:]), terms[0][i]) for i in (0, 1))
        turned = [p * x.half_angle for _, p, x in terms]
        return (areas - 2 * sum(turned[1:], turned[0])) / (4 * pi) + (own + inner) / 4

    def gradient(self) -> Any:
        """∇F, row by row, (n k,)."""
        return concatenate([self._row(i) for i in range(len(self.rows))], 0)

    def _row(self, i: int) -> Any:
        w, others = self.rows[i], self.rows[:i] + self.rows[i + 1 :]
        slopes = [Pair(w, v).slope() for v in others]
        slopes += [-Pair(w, e).slope() for e in self.teachers]
        return w / 2 + sum(slopes[1:], slopes[0]) / (2 * pi)

    def hessian(self) -> Any:
        """∇²F, (n k, n k)."""
        n = len(self.rows)
        mixed = {
            (i, j): Pair(self.rows[i], self.rows[j]).mixed() for i in range(n) for j in range(i)
        }
        lines = []
        for i in range(n):
            blocks = [mixed[i, j] if j < i else mixed[j, i].T for j in range(n) if j != i]
            blocks.insert(i, self._own_block(i))
            lines.append(concatenate(blocks, 1))
        return concatenate(lines, 0) / (2 * pi)

    def _own_block(self, i: int) -> Any:
        """2π ∂²F/∂w_i²."""
        w, others = self.rows[i], self.rows[:i] + self.rows[i + 1 :]
        parts = [Pair(w, v).curvature() for v in others]
        parts += [-Pair(w, e).curvature() for e in self.teachers]
        return pi * np.eye(w.shape[0]) + sum(parts[1:], parts[0])


def student(z: Any, k: int) -> Student:
    """The student whose neurons stand one behind the other in a vector."""
    made: Student = unchecked(Student, W=z.reshape(-1, k))
    return made


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
