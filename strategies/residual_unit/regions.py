"""Points in bounded regions for Theorem 3 of Shamir (2018): random, near saddles, and tight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, fields_of, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.outside import GemanMcClure
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.region import RegionPoint
from strategies.corners import cornered
from strategies.losses import ALL
from strategies.residual_unit.strata.one_output import GENERAL
from strategies.residual_unit.structures import Structure, structures

CASES = 40_000
MAX_DIM = 2

Fields = dict[str, Any]
Change = Callable[[Fields, np.random.Generator], None]


def _random(fields: Fields, rng: np.random.Generator) -> None:
    """w of any size from 1 down to 1e-9."""
    fields["w"] = fields["w"] * 10.0 ** rng.uniform(-9, 0, fields["w"].shape[-1])


def _at_w_zero(fields: Fields, rng: np.random.Generator) -> None:
    fields["w"] = np.zeros_like(fields["w"])


def _near_saddle(fields: Fields, rng: np.random.Generator) -> None:
    """V = -a bᵀ/||b||² is critical at w = 0; w and V leave it by 1e-12 to 1e-1."""
    point = unchecked(Point, **{**fields, "w": np.zeros_like(fields["w"])})
    a, b = _mean_slopes(point)
    V = -a[:, None] * b[None] / np.maximum((b**2).sum(axis=0), 2.0**-60)
    size = 10.0 ** rng.uniform(-12, -1, V.shape[-1])
    fields["V"] = V + size * rng.standard_normal(V.shape)
    fields["w"] = size * rng.standard_normal(fields["w"].shape)


def _mean_slopes(point: Point) -> tuple[FloatArray, FloatArray]:
    """E[l'(0; y) x] and E[l'(0; y) z] in plain floats, (d, B) and (m, B)."""
    from checker.arithmetic.plain import Plain

    slope = point.loss.slope(Plain(np.zeros_like(point.y)), Plain(point.y)).value
    weighted = slope / len(point.y) if point.weights is None else slope * point.weights
    return (
        np.einsum("nb,ndb->db", weighted, point.X),
        np.einsum("nb,nmb->mb", weighted, point.Z),
    )


def two_points(c: FloatArray) -> Fields:
    """The family in which ε^(1/4) is attained: gap/ε^(1/4) stays away from 0 as c -> 0.

    Samples (x, f, y) = (δ, -δ, -c/δ) and (0, 1, 0), squared loss, (w, V) = (0, 1), w* = -1, with
    δ = c: the gradient is 0 and λ_min about -c²/2. Exact for
    powers of two.
    """
    one, zero = np.ones_like(c), np.zeros_like(c)
    return {
        "X": np.stack([c, zero])[:, None],
        "Z": np.stack([-c, one])[:, None],
        "y": np.stack([-one, zero]),
        "w": zero[None],
        "V": one[None, None],
        "w_star": -one[None],
        "loss": LOSSES["squared"],
        "weights": None,
    }


def _tight(fields: Fields, rng: np.random.Generator) -> None:
    fields.update(two_points(2.0 ** -rng.integers(0, 40, fields["w"].shape[-1]).astype(float)))


@dataclass(frozen=True, eq=False)
class RegionStructure:
    """A structure of points with a region just around each."""

    points: Structure
    name: str
    change: Change

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points of the region."""
        drawn = self.points.batch(rng, size)
        fields = fields_of(Point, drawn.instances)
        self.change(fields, rng)
        point = unchecked(RegionPoint, **fields, **region_around(fields, rng))
        return Batch(point, size, self.name, self.points.description)


def region_around(fields: Fields, rng: np.random.Generator) -> Fields:
    """b and r a little to much above what they have to be, t around √ε for many decades of ε."""
    size = fields["w"].shape[-1]
    largest = np.maximum(_length(fields["w"]), _length(fields["V"]))
    room = 1.0 + 10.0 ** rng.uniform(-6, 0.5, (2, size))
    return {
        "radius": np.maximum(largest, 2.0**-20) * room[0],
        "comparator_radius": np.maximum(_length(fields["w_star"]), 2.0**-20) * room[1],
        "t": 10.0 ** rng.uniform(-9, 1, size),
        "extra": 10.0 ** rng.uniform(-9, 0, size),
    }


def _length(a: FloatArray) -> FloatArray:
    length: FloatArray = np.sqrt((a * a).sum(axis=tuple(range(a.ndim - 1))))
    return length


def _far_from_the_label(fields: Fields, rng: np.random.Generator) -> None:
    """One input x for all samples, one label y = w*ᵀx that is large, w and V near 0.

    There a bounded loss is flat although it is far from its minimum.
    """
    size = fields["w"].shape[-1]
    y = 10.0 ** rng.uniform(1, 4, size)
    x = fields["X"][0] * (y * 10.0 ** rng.uniform(0, 3, size))
    fields["X"] = np.broadcast_to(x, fields["X"].shape).copy()
    fields["y"] = np.broadcast_to(y, fields["y"].shape).copy()
    fields["w_star"] = y * x / (x**2).sum(axis=0)
    near = 10.0 ** rng.uniform(-9, -4, size)
    fields["w"], fields["V"] = near * fields["w"], near * fields["V"]


_CHANGES = {
    "any distance from w = 0": _random,
    "w = 0": _at_w_zero,
    "near a saddle at w = 0": _near_saddle,
    "two points, exponent 1/4": _tight,
}


def _structures(
    name: str, change: Change, pool: st.SearchStrategy[Loss] | None = None
) -> st.SearchStrategy[Any]:
    # Theorem 3 needs bounds on three derivatives, which the catalogue has.
    catalogue = st.sampled_from(ALL) if pool is None else pool
    shapes = structures(GENERAL[0], max_dim=MAX_DIM, pool=catalogue)
    # Unbounded third derivatives of exp make the bound trivial at the scales 10^±1.5.
    calm = shapes.map(lambda s: replace(s, spread=0.0))
    return st.builds(RegionStructure, calm, st.just(name), st.just(change))


@cache
@cornered(RegionPoint)
def region_points() -> Domain:
    """Points of a region ||w||, ||V|| < b, with ε from 1e-12 to 1."""
    return Domain(
        instances=st.nothing(),
        strata={name: _structures(name, change) for name, change in _CHANGES.items()},
        # "two points" is where the exponent shows, not where equality is attained: it is not told.
        cases=CASES,
        without={"convex_loss": region_points_without_convexity},
    )


@cache
def region_points_without_convexity() -> Domain:
    """The same for r²/(1 + r²), and points at which that loss is flat and far from its minimum."""
    loss = st.just(GemanMcClure())
    changes = {"any distance from w = 0": _random, "far from the label": _far_from_the_label}
    strata = {name: _structures(name, change, loss) for name, change in changes.items()}
    return Domain(instances=st.nothing(), strata=strata, cases=CASES)
