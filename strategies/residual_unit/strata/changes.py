"""What moves a random batch of points into a stratum, with K outputs; one output is K = 1.

Each function changes arrays of shape (core..., B) in place: X (n, d), Y (n, K), Z (n, m), W (K, d),
V (d, m) and W* (K, d).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from checker.instances.fields import FloatArray

Fields: TypeAlias = dict[str, FloatArray]
Change: TypeAlias = Callable[[Fields, np.random.Generator], None]

ARRAYS = ("X", "Z", "W", "V", "W_star")


def unchanged(fields: Fields, rng: np.random.Generator) -> None:
    """Leave the gaussian arrays as they are."""


def powers(rng: np.random.Generator, size: int, low: float, high: float) -> FloatArray:
    """Powers of ten with exponents from an interval."""
    return np.asarray(10.0 ** rng.uniform(low, high, size))


def size_of(fields: Fields) -> int:
    """Number of cases."""
    return int(fields["W"].shape[-1])


def mixed_scales(fields: Fields, rng: np.random.Generator) -> None:
    """Every array times its own power of ten."""
    for name in ARRAYS:
        fields[name] *= powers(rng, size_of(fields), -3, 3)


def scaled(name: str, low: float, high: float) -> Change:
    """One array times a power of ten."""

    def change(fields: Fields, rng: np.random.Generator) -> None:
        fields[name] *= powers(rng, size_of(fields), low, high)

    return change


def zero(name: str) -> Change:
    """One array set to 0."""

    def change(fields: Fields, rng: np.random.Generator) -> None:
        fields[name][...] = 0.0

    return change


# -- the comparator -------------------------------------------------------------------------------


def equal_comparator(fields: Fields, rng: np.random.Generator) -> None:
    """W* = W."""
    fields["W_star"] = fields["W"].copy()


def opposite_comparator(fields: Fields, rng: np.random.Generator) -> None:
    """W* = -W."""
    fields["W_star"] = -fields["W"]


def orthogonal_comparator(fields: Fields, rng: np.random.Generator) -> None:
    """Disjoint supports, K inputs for W: orthogonal exactly, not up to rounding."""
    K, d, size = fields["W"].shape
    order = rng.permuted(np.arange(d)[:, None].repeat(size, 1), axis=0)
    fields["W"][:, order >= K] = 0.0
    fields["W_star"][:, order < K] = 0.0


def no_gap(fields: Fields, rng: np.random.Generator) -> None:
    """W* = W and V = 0."""
    fields["W_star"] = fields["W"].copy()
    fields["V"][...] = 0.0


def saturate(fields: Fields, rng: np.random.Generator) -> None:
    """Predictions of several hundred: slopes and curvatures vanish or explode."""
    factor = rng.uniform(50, 300, size_of(fields))
    fields["W"] *= factor
    fields["W_star"] *= factor


# -- the sample -----------------------------------------------------------------------------------


def duplicate(fields: Fields, rng: np.random.Generator) -> None:
    """At most two distinct samples, of integers, with proportional inputs: rank one at most."""
    for name in ("X", "Z"):
        rows = np.rint(2 * fields[name])
        rows[1:] = rows[:1]
        fields[name] = rows
    fields["X"][1:] *= 2.0


def equal_labels(fields: Fields, rng: np.random.Generator) -> None:
    """The labels of the first sample for all of them."""
    fields["Y"][1:] = fields["Y"][:1]


def lattice(fields: Fields, rng: np.random.Generator) -> None:
    """Multiples of 1/2; W is not 0."""
    for name in ARRAYS:
        fields[name] = rng.integers(-6, 7, fields[name].shape) / 2.0
    fields["W"][0, 0, ~fields["W"].any(axis=(0, 1))] = 1.0


def biases(fields: Fields, rng: np.random.Generator) -> None:
    """A constant input and a constant feature (Remark 1 of Shamir 2018)."""
    fields["X"][:, -1] = 1.0
    fields["Z"][:, -1] = 1.0


# -- W with several rows --------------------------------------------------------------------------


def signed_rows(K: int, d: int, size: int, rng: np.random.Generator) -> FloatArray:
    """K rows of a random signed permutation matrix of order d, (K, d, size)."""
    order = rng.permuted(np.arange(d)[:, None].repeat(size, 1), axis=0)[:K]
    chosen = order[:, None] == np.arange(d)[None, :, None]
    return np.where(chosen, rng.choice([-1.0, 1.0], (K, 1, size)), 0.0)


def isometry(fields: Fields, rng: np.random.Generator) -> None:
    """All singular values of W equal: σ_min ||W||_F is as large as it can be."""
    K, d, size = fields["W"].shape
    fields["W"] = signed_rows(K, d, size, rng) * rng.integers(1, 5, size)


def nearly_dependent(fields: Fields, rng: np.random.Generator) -> None:
    """The last row of W is the first one plus 1e-12 to 1e-3 of itself."""
    W = fields["W"]
    W[-1] = W[0] + W[-1] * powers(rng, size_of(fields), -12, -3)


def dependent(fields: Fields, rng: np.random.Generator) -> None:
    """W of rank one exactly: its rows are small multiples of the first."""
    W = fields["W"]
    factors = rng.integers(-2, 3, (len(W), 1, size_of(fields))).astype(float)
    factors[0] = 1.0
    fields["W"] = factors * W[:1]


# -- equality -------------------------------------------------------------------------------------


def _integers(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Small integers, none of them all zero along the first axis."""
    drawn = rng.integers(-4, 5, shape).astype(float)
    drawn[0, ~drawn.any(axis=0)] = 1.0
    return drawn


def theorem1_equality(fields: Fields, rng: np.random.Generator) -> None:
    """w* = -w, V = w qᵀ and the one data point x = (2 + |q|²) w, f = -q, loss y p with y = 1.

    Then b = VᵀW*/||w||², a = (w - w*) - V b, and both sides of Theorem 1 are equal.
    """
    w, q = _integers(rng, fields["W"].shape[1:]), _integers(rng, fields["V"].shape[1:])
    fields.update(W=w[None], W_star=-w[None], V=w[:, None] * q[None, :], Z=-q[None])
    fields["X"] = (w * (2 + (q**2).sum(axis=0)))[None]
    fields["Y"][...] = 1.0


def theorem2_equality(fields: Fields, rng: np.random.Generator) -> None:
    """V = w* qᵀ and the one data point f = VᵀW*, x = -s w* - V f, s >= 0, loss y p with y = 1."""
    w_star, q = _integers(rng, fields["W"].shape[1:]), _integers(rng, fields["V"].shape[1:])
    V, s = w_star[:, None] * q[None, :], rng.integers(0, 4, size_of(fields))
    f = q * (w_star**2).sum(axis=0)
    fields.update(W_star=w_star[None], V=V, Z=f[None])
    fields["X"] = (-s * w_star - w_star * (q * f).sum(axis=0))[None]
    fields["Y"][...] = 1.0


def equality_of_several_outputs(fields: Fields, rng: np.random.Generator) -> None:
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
