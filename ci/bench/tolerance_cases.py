"""The families of cases on which tolerances are compared with proofs, and how they are drawn."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from checker.instances.fields import Batch
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import loss_named
from strategies.residual_unit.strata.changes import ARRAYS, Fields
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.strata.stratum import Shape, Stratum
from strategies.residual_unit.structures import Structure

STRUCTURES = 20  # per family


def _times(factor: float, *names: str) -> Callable[[Fields, np.random.Generator], None]:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        for name in names or ARRAYS:
            fields[name] *= factor

    return change


def _subnormal(fields: Fields, rng: np.random.Generator) -> None:
    for name in ARRAYS:
        shape = fields[name].shape
        sign = rng.choice((-1.0, 1.0), shape)
        fields[name] = np.asarray(sign * rng.integers(1, 2**20, shape) * 2.0**-1074)


def _steep(fields: Fields, rng: np.random.Generator) -> None:
    """At w = 0 with ∇F = 0, ||E[l' f]|| about 1e-3 and ∂²F/∂w² about 1e8 times the identity."""
    size = fields["W"].shape[-1]
    h, v = rng.integers(2**12, 2**15, (2, size)).astype(float)
    # Not along the axes, where some LAPACK kernels meet zeros and make no error at all.
    across, along = np.array([[0.8, 0.6], [-0.6, 0.8]])
    hidden = np.array([across, -across, along, -along])
    fields["X"] = hidden[..., None] * h - 2 * v
    fields["Z"], fields["V"] = np.ones((4, 2, size)), np.tile(v, (2, 2, 1))
    fields["Y"] = np.full((4, 1, size), 1e-3)
    fields["W_star"] = np.tile(-(10.0 ** rng.uniform(-10, -9, size)), (1, 2, 1))


def _family(
    name: str,
    *changes: Callable[[Fields, np.random.Generator], None],
    shape: Callable[[Any], Any] = lambda s: s,
    loss: str | None = None,
) -> Stratum:
    def change(fields: Fields, rng: np.random.Generator) -> None:
        for one in changes:
            one(fields, rng)

    return Stratum(name, name, change, lambda at: True, shape, loss)


def _scaled_equality(of: Stratum, factor: float, *names: str) -> Stratum:
    """The equality case with both sides times factor², up to the rounding of its numbers."""
    name = f"equality, data · {factor:.0e}"
    return _family(name, of.change, _times(factor, *names), shape=of.shape, loss=of.loss)


EVERYWHERE = (
    *(_family(f"all arrays · {f:.0e}", _times(f)) for f in (1e-7, 1e-12, 1e150)),
    _family("subnormal numbers", _subnormal),
)
T1_SCALED = [_scaled_equality(NONZERO_W[-1], f, "X", "W", "V", "W_star") for f in (1e-6, 1e-12)]
T2_SCALED = [_scaled_equality(W_ZERO[-1], f, "X", "Z", "W_star") for f in (1e-6, 1e-12)]
TINY_W = _family("w · 1e-160", _times(1e-160, "W"))
TINY_COMPARATOR = _family("w* · 1e-160", _times(1e-160, "W_star"))
STEEP = _family("large curvature", _steep, shape=lambda s: Shape(4, 2, 2), loss="squared")
AFFINE = _family("affine loss", loss="affine")
AT_W = (*NONZERO_W, *EVERYWHERE, TINY_W, AFFINE, *T1_SCALED)
AT_ZERO = (*W_ZERO, *EVERYWHERE, TINY_COMPARATOR, *T2_SCALED, STEEP)


def batches(
    family: Stratum, at_zero: bool, cases: int, seed: int, pool: Sequence[Loss]
) -> Iterator[Batch]:
    """`cases` cases of a family in up to STRUCTURES structures, the same for a seed."""
    rng = np.random.default_rng([seed, zlib.crc32(family.name.encode()), at_zero])
    for part in np.array_split(np.arange(cases), min(cases, STRUCTURES)):
        drawn = int(rng.integers(1, 5)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
        loss = loss_named(family.loss) if family.loss else pool[int(rng.integers(len(pool)))]
        spread = float(rng.choice([0.0, 0.5, 1.5]))
        weighted = family.loss is None and bool(rng.integers(2))
        n, d, m, _ = family.shape(Shape(*drawn))
        made = Structure(n, d, m, loss, "free", family, spread, False, weighted, at_zero)
        yield made.batch(rng, part.size)
