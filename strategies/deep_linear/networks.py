"""Deep linear residual networks with data of controlled condition (Zou, Long and Gu 2020)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.instances.fields import Batch, FloatArray, map_arrays, unchecked
from checker.landscape.deep_linear.network import DeepLinear
from strategies.residual_unit.strata.changes import signed_rows

Fields = dict[str, Any]

# A and B of full rank, by name: how their entries are drawn.
GAUSSIAN, IDENTITY, ISOMETRY = "gaussian", "modified identity", "isometries"


@dataclass(frozen=True, eq=False)
class LinearShape:
    """Sizes and kinds of a deep linear network, and how it is filled with numbers.

    Attributes
    ----------
    n, d, k, m, L
        Samples, inputs, outputs, width (at least d and k), depth.
    ends
        How A and B are drawn.
    condition
        Columns of X are scaled by up to 10^-condition.
    scale
        A and B are scaled by 10^uniform(-scale, scale).
    """

    n: int
    d: int
    k: int
    m: int
    L: int
    ends: str
    condition: float
    scale: float

    def data(self, rng: np.random.Generator, size: int) -> Fields:
        """X, Φ*, A and B, without layers."""
        X = rng.standard_normal((self.n, self.d, size))
        X *= 10.0 ** -rng.uniform(0, self.condition, (self.d, size))
        fields = {"X": X, "Phi": rng.standard_normal((self.k, self.d, size))}
        return {**fields, **self.transformations(rng, size)}

    def transformations(self, rng: np.random.Generator, size: int) -> Fields:
        """A and B."""
        m, d, k = self.m, self.d, self.k
        factors: Any = 10.0 ** rng.uniform(-self.scale, self.scale, (2, size))
        if self.ends == GAUSSIAN:
            A, B = rng.standard_normal((m, d, size)), rng.standard_normal((k, m, size))
        elif self.ends == IDENTITY:
            A, B = (np.repeat(a[..., None], size, -1) for a in modified_identity(d, k, m))
        else:
            factors = 2.0 ** rng.integers(-2, 3, (2, size))
            A, B = signed_rows(d, m, size, rng).swapaxes(0, 1), signed_rows(k, m, size, rng)
        return {"A": factors[0] * A, "B": factors[1] * B}

    @property
    def description(self) -> str:
        """One line for the evidence."""
        sizes = f"n={self.n} d={self.d} k={self.k} m={self.m} L={self.L}"
        return f"{sizes}, A and B: {self.ends}, condition 10^{self.condition}"


def modified_identity(d: int, k: int, m: int) -> tuple[FloatArray, FloatArray]:
    """A = [I; 0], (m, d), and B = [0, I], (k, m): B A = 0 for m >= d + k."""
    return np.eye(m, d), np.eye(k, m, m - k)


@st.composite
def shapes(
    draw: st.DrawFn, depths: tuple[int, ...] = (1, 2, 3, 5, 8), ends: str | None = None
) -> LinearShape:
    """Shapes with n, d, k <= 3; as wide as the ends ask for, or one more."""
    d, k = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    kind = ends or draw(st.sampled_from([GAUSSIAN, IDENTITY, ISOMETRY]))
    least = d + k if kind == IDENTITY else max(d, k)
    return LinearShape(
        n=draw(st.integers(1, 4)),
        d=d,
        k=k,
        m=least + draw(st.integers(0, 1)),
        L=draw(st.sampled_from(depths)),
        ends=kind,
        condition=draw(st.sampled_from([0.0, 0.5, 1.5])),
        scale=draw(st.sampled_from([0.0, 0.5])),
    )


# -- layers -----------------------------------------------------------------------------------


def layers(shape: LinearShape, radius: Any, rng: np.random.Generator, size: int) -> FloatArray:
    """Random layers (L, m, m, size): half of them gaussian, half ± I, the largest ||W_l|| about
    `radius`, in the Frobenius norm.
    """
    L, m = shape.L, shape.m
    gaussian = rng.standard_normal((L, m, m, size))
    signs = rng.choice([-1.0, 1.0], (L, 1, 1, size)) * np.eye(m)[None, :, :, None]
    W = np.where(rng.random(size) < 0.5, gaussian, signs)
    lengths = np.sqrt((W**2).sum(axis=(1, 2)))
    W *= rng.uniform(0.2, 1.0, (L, 1, 1, size)) / lengths.max(axis=0)
    filled: FloatArray = W * radius
    return filled


def boundary_layers(
    shape: LinearShape, sign: float, rng: np.random.Generator, size: int
) -> FloatArray:
    """W_l = ± I / (2L): on the boundary of the ball, exactly for L a power of two."""
    eye = np.eye(shape.m)[None, :, :, None] * np.ones((shape.L, 1, 1, size))
    return sign * eye / (2 * shape.L)


Fill = Callable[[LinearShape, np.random.Generator, int], Fields]


@dataclass(frozen=True, eq=False)
class LinearStructure:
    """Networks of one shape: `fill` adds layers and whatever else the class needs."""

    shape: LinearShape
    kind: type[DeepLinear]
    stratum: str
    fill: Fill
    max_batch: int = 256

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` cases."""
        with np.errstate(all="ignore"):
            fields = self.fill(self.shape, rng, size)
        made = unchecked(self.kind, **fields)
        return Batch(made, size, self.stratum, self.shape.description)


def structures(
    kind: type[DeepLinear], stratum: str, fill: Fill, drawn: st.SearchStrategy[LinearShape]
) -> st.SearchStrategy[Any]:
    """Structures of a stratum."""
    return st.builds(LinearStructure, drawn, st.just(kind), st.just(stratum), st.just(fill))


def power_of_two(shape: LinearShape) -> LinearShape:
    """The same with isometric ends, a square X without scales, and a depth of 1, 2, 4 or 8."""
    L = 2 ** min(shape.L.bit_length() - 1, 3)
    return replace(shape, n=shape.d, L=L, ends=ISOMETRY, condition=0.0)


def plain(kind: type[DeepLinear], fields: Fields) -> Any:
    """The networks in plain floats."""
    return map_arrays(unchecked(kind, **fields), Plain)
