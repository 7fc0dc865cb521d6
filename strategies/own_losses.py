"""Points whose losses are made of random numbers, other ones for each sample and case.

Two kinds: random convex functions, sums of softplus functions with bends where it matters; and
losses as the theorems see them, four numbers a sample that some convex function has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.instances.fields import Batch, FloatArray, fields_of, map_arrays, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import Affine
from checker.landscape.losses.seen import Seen, SeenBelow, SeenPoint
from checker.landscape.losses.softplus import SoftplusPoint, SoftplusSum
from checker.landscape.residual_unit.one_output import Point
from strategies.residual_unit.strata.changes import Fields
from strategies.residual_unit.strata.one_output import GENERAL, NONZERO_W
from strategies.residual_unit.strata.stratum import Stratum
from strategies.residual_unit.structures import MAX_DIM, Structure, face_downhill, structures

# Strata of the points themselves; a stratum of losses takes all of them in turn.
_BASES = ("gaussian", "mixed scales", "n = 1", "lattice", "w tiny", "w = w*", "w = -w*")

_MOST_TERMS = 3

# Gives the arrays that a class of points needs more than `Point`, from those of a point.
Draw = Callable[[Point, np.random.Generator], Fields]


@dataclass(frozen=True, eq=False)
class LossStratum:
    """A kind of losses, with the meaning of `Stratum`: `holds` says what every case has."""

    name: str
    description: str
    point: type[Point]
    loss: Loss
    draw: Draw
    holds: Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class OwnLosses:
    """The points of a structure with random losses in place of its own."""

    points: Structure
    stratum: LossStratum

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        drawn = self.points.batch(rng, size).instances
        fields = fields_of(Point, drawn)
        own = self.stratum.draw(drawn, rng)
        if self.points.stratum.name == "lattice":
            own, fields["y"] = {n: _halves(a) for n, a in own.items()}, _halves(fields["y"])
        fields |= own
        point = unchecked(self.stratum.point, **{**fields, "loss": self.stratum.loss})
        if self.points.at_w_zero:
            plain = map_arrays(point, Plain)
            slope = plain.loss.slope(plain.prediction, plain.targets).value
            face_downhill(point.X, point.w_star, slope)
        inside = np.mean(self.stratum.holds(point)) > 0.5
        name = self.stratum.name if inside else f"outside {self.stratum.name}"
        origin = f"{self.points.description}, {self.points.stratum.name}, own losses"
        return Batch(point, size, name, origin)


def _halves(a: FloatArray) -> FloatArray:
    """Multiples of 1/2, 0 for 0 only."""
    rounded: FloatArray = np.sign(a) * np.ceil(2 * np.abs(a)) / 2
    return rounded


def _scaled(
    rng: np.random.Generator, shape: tuple[int, ...], low: float, high: float, zeros: float = 0.0
) -> FloatArray:
    """Gaussian numbers times powers of ten of their own, a share of them 0."""
    numbers = rng.standard_normal(shape) * 10.0 ** rng.uniform(low, high, shape)
    return np.where(rng.random(shape) < zeros, 0.0, numbers)


def _softplus_terms(point: Point, rng: np.random.Generator) -> Fields:
    """Terms of height² 1e-3 to 1e3, with bends of widths 1e-2 to 10: at a prediction, between the
    predictions of network and comparator, or anywhere.
    """
    plain = map_arrays(point, Plain)
    p, t = (np.broadcast_to(x.value, point.y.shape) for x in
            (plain.prediction, plain.linear_prediction))  # fmt: skip
    terms = (int(rng.integers(1, _MOST_TERMS + 1)), *p.shape)
    rates = _scaled(rng, terms, -1, 2)
    between = p + rng.random(terms) * (t - p)
    places = np.choose(rng.integers(3, size=terms), [p + 0 * rates, between, 0 * rates])
    shifts = -rates * places + rng.standard_normal(terms)
    return {
        "root": _scaled(rng, p.shape, -2, 1, zeros=0.5),
        "heights": _scaled(rng, terms, -1.5, 1.5),
        "rates": rates,
        "shifts": shifts,
    }


def _four_numbers(point: Point, rng: np.random.Generator) -> Fields:
    """Slopes of six decades; above the tangent by nothing, a little or a lot; curvature alike."""
    shape = point.y.shape
    rise = _scaled(rng, shape, -3, 1, zeros=0.3)
    curvature = _scaled(rng, shape, -3, 3, zeros=0.3)
    return {
        "slopes": _scaled(rng, shape, -1.5, 1.5, zeros=0.1),
        "root_rise": rise,
        # Where a convex loss is on its tangent, it has no curvature.
        "root_curvature": np.where(rise == 0, 0.0, curvature),
    }


def _below(point: Point, rng: np.random.Generator) -> Fields:
    """As `_four_numbers`, and the first sample is not on its tangent."""
    fields = _four_numbers(point, rng)
    first = fields["root_rise"][0]
    first[first == 0] = 1.0
    return fields


RANDOM_CONVEX = LossStratum(
    "random convex losses",
    "sums of softplus functions, each sample and case with its own",
    SoftplusPoint,
    SoftplusSum(),
    _softplus_terms,
    lambda at: (at.heights != 0).any(axis=(0, 1)),
)

AS_SEEN = LossStratum(
    "losses as seen",
    "four numbers a sample that some convex function has",
    SeenPoint,
    Seen(),
    _four_numbers,
    lambda at: ((at.root_curvature == 0) | (at.root_rise != 0)).all(axis=0),
)

BELOW_TANGENT = LossStratum(
    "losses as seen, below the tangent",
    "four numbers a sample that no convex function has",
    SeenPoint,
    SeenBelow(),
    _below,
    lambda at: (at.root_rise != 0).any(axis=0),
)

OWN_LOSSES = (RANDOM_CONVEX, AS_SEEN)


def own_losses(
    stratum: LossStratum, at_w_zero: bool = False, max_dim: int = MAX_DIM
) -> st.SearchStrategy[OwnLosses]:
    """Structures of points with losses of this kind."""
    known: tuple[Stratum, ...] = GENERAL if at_w_zero else NONZERO_W
    bases = [s for s in known if s.name in _BASES]
    affine = st.just(Affine())
    points = st.one_of([structures(base, at_w_zero, max_dim, affine) for base in bases])
    return st.builds(OwnLosses, points, st.just(stratum))
