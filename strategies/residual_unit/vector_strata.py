"""Strata for points with several outputs: K <= d, since W has to have full row rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from checker.instances.fields import FloatArray
from checker.landscape.losses.coupled import LINEAR, VectorLoss

Fields: TypeAlias = dict[str, FloatArray]
Shape: TypeAlias = tuple[int, int, int, int]  # (n, d, m, K)

ARRAYS = ("X", "Z", "W", "V", "W_star")


@dataclass(frozen=True, eq=False)
class VectorStratum:
    """A corner of the space of points; as `residual_unit.strata.Stratum`, with K outputs."""

    name: str
    description: str
    change: Callable[[Fields, np.random.Generator], None]
    holds: Callable[[Any], Any]
    shape: Callable[[Shape], Shape] = lambda s: s
    loss: VectorLoss | None = None


def _size(fields: Fields) -> int:
    return int(fields["W"].shape[-1])


def _unchanged(fields: Fields, rng: np.random.Generator) -> None:
    """Leave the gaussian arrays as they are."""


def _scaled(names: tuple[str, ...], low: float, high: float) -> Any:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        for name in names:
            fields[name] *= 10.0 ** rng.uniform(low, high, _size(fields))

    return change


def _zero(name: str) -> Any:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        fields[name][...] = 0.0

    return change


def _copied(sign: float) -> Any:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        fields["W_star"] = sign * fields["W"]

    return change


def _no_gap(fields: Fields, rng: np.random.Generator) -> None:
    fields["W_star"] = fields["W"].copy()
    fields["V"][...] = 0.0


def _lattice(fields: Fields, rng: np.random.Generator) -> None:
    for name in ARRAYS:
        fields[name] = rng.integers(-6, 7, fields[name].shape) / 2.0


def _saturate(fields: Fields, rng: np.random.Generator) -> None:
    factor = rng.uniform(50, 300, _size(fields))
    fields["W"] *= factor
    fields["W_star"] *= factor


def signed_rows(K: int, d: int, size: int, rng: np.random.Generator) -> FloatArray:
    """K rows of a random signed permutation matrix of order d, (K, d, size)."""
    order = rng.permuted(np.arange(d)[:, None].repeat(size, 1), axis=0)[:K]
    chosen = order[:, None] == np.arange(d)[None, :, None]
    return np.where(chosen, rng.choice([-1.0, 1.0], (K, 1, size)), 0.0)


def _isometry(fields: Fields, rng: np.random.Generator) -> None:
    """All singular values of W equal: σ_min ||W||_F is as large as it can be."""
    K, d, size = fields["W"].shape
    fields["W"] = signed_rows(K, d, size, rng) * rng.integers(1, 5, size)


def _nearly_dependent(fields: Fields, rng: np.random.Generator) -> None:
    """The last row of W is the first one plus 1e-12 to 1e-3 of itself."""
    W = fields["W"]
    W[-1] = W[0] + W[-1] * 10.0 ** rng.uniform(-12, -3, _size(fields))


def _dependent(fields: Fields, rng: np.random.Generator) -> None:
    """W of rank one exactly: its rows are small multiples of the first."""
    W = fields["W"]
    factors = rng.integers(-2, 3, (len(W), 1, _size(fields))).astype(float)
    factors[0] = 1.0
    fields["W"] = factors * W[:1]


def _biases(fields: Fields, rng: np.random.Generator) -> None:
    """A constant input and a constant feature (Remark 1 of Shamir 2018)."""
    fields["X"][:, -1] = 1.0
    fields["Z"][:, -1] = 1.0


def _equality(fields: Fields, rng: np.random.Generator) -> None:
    """W = c Q, Q of orthonormal rows, W* = -W, V = v Qᵀ, n = K samples with labels n e_k.

    With the linear loss and B = -(v/c) I, x = 2 W - B Vᵀ, f = B the gradient is
    G = (W - W*, W⁺ W* V), and ||W*||_F ||V|| / σ_min(W) = ||G_V||_F: both sides are equal.
    """
    K, d, size = fields["W"].shape
    m = fields["V"].shape[1]
    Q, c = signed_rows(K, d, size, rng), 2.0 ** rng.integers(0, 2, size)
    v = c * rng.integers(-3, 4, size)
    features = np.eye(K, m)[..., None] * np.ones(size)
    fields.update(W=c * Q, W_star=-c * Q, Y=K * np.eye(K)[..., None] * np.ones(size))
    fields["V"] = v * np.einsum("kdb,kmb->dmb", Q, features)
    fields["Z"] = -(v / c) * features
    fields["X"] = (2 * c + v * v / c) * Q


def _largest(values: FloatArray) -> Any:
    return np.abs(values).max(axis=tuple(range(values.ndim - 1)))


def _everywhere(condition: Callable[[Any], bool]) -> Callable[[Any], Any]:
    return lambda at: np.full(at.W.shape[-1], condition(at))


def _at_least(K: int) -> Callable[[Shape], Shape]:
    return lambda s: (s[0], max(s[1], K), s[2], max(s[3], K))


VECTOR_STRATA = (
    VectorStratum(
        "gaussian",
        "independent standard normal numbers",
        _unchanged,
        lambda at: _largest(at.W) > 0,
    ),
    VectorStratum(
        "mixed scales",
        "every array scaled by its own power of ten in [1e-3, 1e3]",
        _scaled(ARRAYS, -3, 3),
        lambda at: _largest(at.X) > 0,
    ),
    VectorStratum(
        "K = 1",
        "one output: Theorem 1 itself",
        _unchanged,
        _everywhere(lambda at: len(at.W) == 1),
        lambda s: (*s[:3], 1),
    ),
    VectorStratum(
        "K = d",
        "as many outputs as inputs, at least two",
        _unchanged,
        _everywhere(lambda at: at.W.shape[0] == at.W.shape[1] > 1),
        lambda s: (s[0], max(s[1], 2), s[2], max(s[1], 2)),
    ),
    VectorStratum(
        "n = 1",
        "a single sample, at least two outputs",
        _unchanged,
        _everywhere(lambda at: len(at.X) == 1 < len(at.W)),
        lambda s: (1, max(s[1], 2), s[2], max(s[3], 2)),
    ),
    VectorStratum("V = 0", "no residual part", _zero("V"), lambda at: _largest(at.V) == 0),
    VectorStratum(
        "zero features", "f_θ = 0 at the sample", _zero("Z"), lambda at: _largest(at.Z) == 0
    ),
    VectorStratum(
        "lattice",
        "multiples of 1/2 up to 3",
        _lattice,
        lambda at: (2 * at.X == np.rint(2 * at.X)).all(axis=(0, 1)),
    ),
    VectorStratum(
        "saturated",
        "predictions of several hundred",
        _saturate,
        lambda at: _largest(at.W) > 1,
    ),
    VectorStratum(
        "orthonormal rows",
        "W with equal singular values, at least two",
        _isometry,
        lambda at: (np.count_nonzero(at.W, axis=1) == 1).all(axis=0),
        _at_least(2),
    ),
    VectorStratum(
        "nearly rank-deficient",
        "σ_min(W) is 1e-12 to 1e-3 of ||W||",
        _nearly_dependent,
        lambda at: _largest(at.W[-1] - at.W[0]) < 0.1 * _largest(at.W[0]) + 0.1,
        _at_least(2),
    ),
    VectorStratum(
        "W = W*",
        "the comparator is the output layer",
        _copied(1.0),
        lambda at: (at.W == at.W_star).all(axis=(0, 1)),
    ),
    VectorStratum(
        "W = -W*",
        "the comparator is its opposite",
        _copied(-1.0),
        lambda at: (at.W == -at.W_star).all(axis=(0, 1)),
    ),
    VectorStratum(
        "W tiny",
        "||W|| between 1e-150 and 1e-8",
        _scaled(("W",), -150, -8),
        lambda at: _largest(at.W) < 1e-6,
    ),
    VectorStratum(
        "W huge",
        "||W|| between 1e8 and 1e120",
        _scaled(("W",), 8, 120),
        lambda at: _largest(at.W) > 1e3,
    ),
    VectorStratum(
        "gap exactly 0",
        "W* = W and V = 0, so F = F_lin(W*)",
        _no_gap,
        lambda at: (at.W == at.W_star).all(axis=(0, 1)) & (_largest(at.V) == 0),
    ),
    VectorStratum(
        "biases",
        "a constant input and a constant feature",
        _biases,
        lambda at: (at.X[:, -1] == 1).all(axis=0) & (at.Z[:, -1] == 1).all(axis=0),
        lambda s: (s[0], max(s[1], 2), s[2], s[3]),
    ),
    VectorStratum(
        "equality",
        "the equality case, in integers",
        _equality,
        lambda at: (at.W == -at.W_star).all(axis=(0, 1)),
        lambda s: (s[3], s[1], max(s[2], s[3]), s[3]),
        loss=LINEAR,
    ),
)

RANK_DEFICIENT = (
    VectorStratum(
        "rank one",
        "at least two outputs, all rows of W proportional",
        _dependent,
        _everywhere(lambda at: len(at.W) > 1),
        _at_least(2),
    ),
)
