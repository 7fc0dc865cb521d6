"""Strata: the degenerate and extreme corners that a uniform search would hardly visit.

A stratum prescribes dimensions and then changes the arrays of a random batch so that every case
lies in it; `holds` says so of a finished batch, for the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from hypothesis.strategies import SearchStrategy

from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss

Fields: TypeAlias = dict[str, FloatArray]
Shape: TypeAlias = tuple[int, int, int]  # (n, d, m)


def unchanged(fields: Fields, rng: np.random.Generator) -> None:
    """Leave the gaussian arrays as they are."""


def _any_shape(shape: Shape) -> Shape:
    return shape


@dataclass(frozen=True, eq=False)
class Stratum:
    """A corner of the space of points.

    Attributes
    ----------
    name, description
        For the evidence and its reader.
    change
        Moves the arrays of a batch, each of shape (core..., B), into the stratum, in place.
    holds
        (point with batch arrays) -> one bool per case.
    shape
        Adapts the dimensions (n, d, m).
    loss
        The only loss of this stratum, by name; None for any.
    pool
        Number of samples -> its losses, in place of the domain's.
    weights
        Draws weights (n, size) for every case, in place of equal or random ones.
    noisy
        Whether every second label is replaced by one that differs from that before it.
    wide
        Whether it ignores a limit on d and m, and so does not suit a dense Hessian.
    """

    name: str
    description: str
    change: Callable[[Fields, np.random.Generator], None]
    holds: Callable[[Any], Any]
    shape: Callable[[Shape], Shape] = _any_shape
    loss: str | None = None
    pool: Callable[[int], SearchStrategy[Loss]] | None = None
    weights: Callable[[np.random.Generator, int, int], FloatArray] | None = None
    noisy: bool = False
    wide: bool = False


def powers(rng: np.random.Generator, size: int, low: float, high: float) -> FloatArray:
    """Powers of ten with exponents from an interval."""
    return np.asarray(10.0 ** rng.uniform(low, high, size))


def size_of(fields: Fields) -> int:
    """Number of cases."""
    return int(fields["w"].shape[-1])


def _mixed_scales(fields: Fields, rng: np.random.Generator) -> None:
    for name in ("X", "Z", "w", "V", "w_star"):
        fields[name] *= powers(rng, size_of(fields), -3, 3)


def _scale(name: str, low: float, high: float) -> Callable[[Fields, np.random.Generator], None]:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        fields[name] *= powers(rng, size_of(fields), low, high)

    return change


def _zero(name: str) -> Callable[[Fields, np.random.Generator], None]:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        fields[name][...] = 0.0

    return change


def _equal_comparator(fields: Fields, rng: np.random.Generator) -> None:
    fields["w_star"] = fields["w"].copy()


def _opposite_comparator(fields: Fields, rng: np.random.Generator) -> None:
    fields["w_star"] = -fields["w"]


def _orthogonal_comparator(fields: Fields, rng: np.random.Generator) -> None:
    """Disjoint supports: orthogonal exactly, not up to rounding."""
    mine = rng.permuted(np.arange(fields["w"].shape[0])[:, None].repeat(size_of(fields), 1), axis=0)
    fields["w"][mine > 0] = 0.0
    fields["w_star"][mine == 0] = 0.0


def _duplicate(fields: Fields, rng: np.random.Generator) -> None:
    """At most two distinct samples, of integers, with proportional inputs: rank one at most."""
    for name in ("X", "Z"):
        rows = np.rint(2 * fields[name])
        rows[1:] = rows[:1]
        fields[name] = rows
    fields["X"][1:] *= 2.0


def _equal_labels(fields: Fields, rng: np.random.Generator) -> None:
    fields["y"][1:] = fields["y"][:1]


def _saturate(fields: Fields, rng: np.random.Generator) -> None:
    """Predictions of several hundred: slopes and curvatures vanish or explode."""
    factor = rng.uniform(50, 300, size_of(fields))
    fields["w"] *= factor
    fields["w_star"] *= factor


def _no_gap(fields: Fields, rng: np.random.Generator) -> None:
    fields["w_star"] = fields["w"].copy()
    fields["V"][...] = 0.0


def _lattice(fields: Fields, rng: np.random.Generator) -> None:
    for name in ("X", "Z", "w", "V", "w_star"):
        fields[name] = rng.integers(-6, 7, fields[name].shape) / 2.0
    empty = ~fields["w"].any(axis=0)
    fields["w"][0, empty] = 1.0


def _integers(rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
    """Small integers, none of them all zero along the first axis."""
    drawn = rng.integers(-4, 5, shape).astype(float)
    drawn[0, ~drawn.any(axis=0)] = 1.0
    return drawn


def _theorem1_equality(fields: Fields, rng: np.random.Generator) -> None:
    """w* = -w, V = w qᵀ and the one data point x = (2 + |q|²) w, f = -q, loss y p with y = 1.

    Then b = VᵀW*/||w||², a = (w - w*) - V b, and both sides of Theorem 1 are equal.
    """
    w, q = _integers(rng, fields["w"].shape), _integers(rng, fields["V"].shape[1:])
    fields.update(w=w, w_star=-w, V=w[:, None] * q[None, :], Z=-q[None])
    fields["X"] = (w * (2 + (q**2).sum(axis=0)))[None]
    fields["y"][...] = 1.0


def _theorem2_equality(fields: Fields, rng: np.random.Generator) -> None:
    """V = w* qᵀ and the one data point f = VᵀW*, x = -s w* - V f, s >= 0, loss y p with y = 1."""
    w_star, q = _integers(rng, fields["w"].shape), _integers(rng, fields["V"].shape[1:])
    V, s = w_star[:, None] * q[None, :], rng.integers(0, 4, size_of(fields))
    f = q * (w_star**2).sum(axis=0)
    fields.update(w_star=w_star, V=V, Z=f[None])
    fields["X"] = (-s * w_star - w_star * (q * f).sum(axis=0))[None]
    fields["y"][...] = 1.0


def _all_zero(name: str) -> Callable[[Any], Any]:
    return lambda at: ~np.any(getattr(at, name) != 0, axis=tuple(range(getattr(at, name).ndim - 1)))


def _everywhere(condition: Callable[[Any], bool]) -> Callable[[Any], Any]:
    return lambda at: np.full(at.w.shape[-1], condition(at))


def _largest(values: FloatArray) -> Any:
    return np.abs(values).max(axis=tuple(range(values.ndim - 1)))


GENERAL = (
    Stratum(
        "gaussian",
        "independent standard normal numbers",
        unchanged,
        lambda at: np.isfinite(at.w).all(axis=0),
    ),
    Stratum(
        "mixed scales",
        "every array scaled by its own power of ten in [1e-3, 1e3]",
        _mixed_scales,
        lambda at: _largest(at.X) > 0,
    ),
    Stratum(
        "n = 1",
        "a single sample",
        unchanged,
        _everywhere(lambda at: at.X.shape[0] == 1),
        lambda s: (1, s[1], s[2]),
    ),
    Stratum(
        "d = 1",
        "scalar inputs",
        unchanged,
        _everywhere(lambda at: at.X.shape[1] == 1),
        lambda s: (s[0], 1, s[2]),
    ),
    Stratum(
        "m = 1",
        "a single feature",
        unchanged,
        _everywhere(lambda at: at.Z.shape[1] == 1),
        lambda s: (s[0], s[1], 1),
    ),
    Stratum(
        "m > d",
        "more features than inputs",
        unchanged,
        _everywhere(lambda at: at.Z.shape[1] > at.X.shape[1]),
        lambda s: (s[0], s[1], max(s[2], s[1] + 2)),
    ),
    Stratum("V = 0", "no residual part", _zero("V"), _all_zero("V")),
    Stratum("zero features", "f_θ = 0 at the sample", _zero("Z"), _all_zero("Z")),
    Stratum(
        "duplicated data",
        "proportional integer inputs, repeated features: rank one",
        _duplicate,
        lambda at: (at.Z == at.Z[:1]).all(axis=(0, 1)),
        lambda s: (max(s[0], 3), s[1], s[2]),
    ),
    Stratum(
        "equal labels",
        "all labels equal",
        _equal_labels,
        lambda at: (at.y == at.y[:1]).all(axis=0),
        lambda s: (max(s[0], 2), s[1], s[2]),
    ),
    Stratum(
        "saturated",
        "predictions of several hundred",
        _saturate,
        lambda at: _largest(at.w_star) > 0,
    ),
    Stratum(
        "lattice",
        "multiples of 1/2 up to 3",
        _lattice,
        lambda at: (2 * at.X == np.rint(2 * at.X)).all(axis=(0, 1)),
    ),
)

NONZERO_W = (
    *GENERAL,
    Stratum(
        "w = w*",
        "the comparator is the output layer",
        _equal_comparator,
        lambda at: (at.w == at.w_star).all(axis=0),
    ),
    Stratum(
        "w = -w*",
        "the comparator is its opposite",
        _opposite_comparator,
        lambda at: (at.w == -at.w_star).all(axis=0),
    ),
    Stratum(
        "w orthogonal to w*",
        "disjoint supports",
        _orthogonal_comparator,
        lambda at: ~(at.w * at.w_star).any(axis=0),
        lambda s: (s[0], max(s[1], 2), s[2]),
    ),
    Stratum(
        "w tiny",
        "||w|| between 1e-200 and 1e-8",
        _scale("w", -200, -8),
        lambda at: _largest(at.w) < 1e-6,
    ),
    Stratum(
        "w huge",
        "||w|| between 1e8 and 1e150",
        _scale("w", 8, 150),
        lambda at: _largest(at.w) > 1e3,
    ),
    Stratum(
        "gap exactly 0",
        "w* = w and V = 0, so F = F_lin(w*)",
        _no_gap,
        lambda at: (at.w == at.w_star).all(axis=0) & _all_zero("V")(at),
    ),
    Stratum(
        "equality",
        "the equality case of Theorem 1, in integers",
        _theorem1_equality,
        lambda at: (at.w == -at.w_star).all(axis=0),
        lambda s: (1, s[1], s[2]),
        loss="affine",
    ),
)

W_ZERO = (
    *GENERAL,
    Stratum("w* = 0", "gap exactly 0", _zero("w_star"), _all_zero("w_star")),
    Stratum(
        "w* tiny",
        "||w*|| between 1e-200 and 1e-8",
        _scale("w_star", -200, -8),
        lambda at: _largest(at.w_star) < 1e-6,
    ),
    Stratum(
        "w* huge",
        "||w*|| between 1e8 and 1e150",
        _scale("w_star", 8, 150),
        lambda at: _largest(at.w_star) > 1e3,
    ),
    Stratum(
        "equality",
        "the equality case of Theorem 2, in integers",
        _theorem2_equality,
        lambda at: _largest(at.V) > 0,
        lambda s: (1, s[1], s[2]),
        loss="affine",
    ),
)
