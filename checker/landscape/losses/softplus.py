"""Points whose samples have convex losses of their own, made of softplus functions.

The coefficients are numbers of the instance, as the data are: they differ from sample to sample
and from case to case, the guided search moves them and the reducer shortens them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from checker.arithmetic.functions import sigmoid, softplus
from checker.instances.fields import Dims, FloatArray, fields_of, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import Affine
from checker.landscape.over_sample import check_fields, shape_of
from checker.landscape.residual_unit.one_output import Point


class Coefficients(NamedTuple):
    """What `SoftplusSum` is told of the samples: (n,) or, of the terms, (k, n)."""

    linear: Any
    root: Any
    heights: Any
    rates: Any
    shifts: Any

    @property
    def terms(self) -> Iterator[tuple[Any, Any, Any]]:
        """Square of the height, rate and shift of each term, (n,) each."""
        for j in range(self.heights.shape[0]):
            yield self.heights[j] ** 2, self.rates[j], self.shifts[j]


@dataclass(frozen=True)
class SoftplusSum(Loss):
    """y p + (q p)²/2 + Σ_j a_j² softplus(b_j p + c_j) with numbers y, q, a, b, c of each sample.

    l'' = q² + Σ_j (a_j b_j)² σ(b_j p + c_j) σ(-b_j p - c_j) >= 0 for any real numbers, so every
    choice of them is convex and infinitely often differentiable. Steep terms (b large) come near
    any convex function: l'' is then almost 0 on one side of a bend and as large as you like in it.
    """

    kind = "softplus_sum"
    bounded_below = False

    @property
    def parts(self) -> tuple[Loss, ...]:
        return ()

    def value(self, p: Any, y: Coefficients) -> Any:
        total = y.linear * p + (y.root * p) ** 2 / 2
        for height, rate, shift in y.terms:
            total = total + height * softplus(rate * p + shift)
        return total

    def slope(self, p: Any, y: Coefficients) -> Any:
        total = y.linear + y.root**2 * p
        for height, rate, shift in y.terms:
            total = total + height * rate * sigmoid(rate * p + shift)
        return total

    def curvature(self, p: Any, y: Coefficients) -> Any:
        total = y.root**2
        for height, rate, shift in y.terms:
            s = rate * p + shift
            total = total + height * rate**2 * (sigmoid(s) * sigmoid(-s))
        return total


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftplusPoint(Point):
    """A point whose sample i has the loss y_i p + (q_i p)²/2 + Σ_j a_ji² softplus(b_ji p + c_ji).

    Attributes
    ----------
    root
        q, (n,).
    heights, rates, shifts
        a, b and c, (k, n).
    """

    root: Annotated[FloatArray, Dims("n")]
    heights: Annotated[FloatArray, Dims("k", "n")]
    rates: Annotated[FloatArray, Dims("k", "n")]
    shifts: Annotated[FloatArray, Dims("k", "n")]

    def __post_init__(self) -> None:
        super().__post_init__()
        n, terms = len(self.X), shape_of(self, "heights", 2)
        expected = {"root": (n,), **dict.fromkeys(("heights", "rates", "shifts"), (terms[0], n))}
        check_fields(self, expected, f"there are {n} samples and {terms[0]} terms")

    @property
    def targets(self) -> Coefficients:
        """The labels and the other coefficients of the losses."""
        return Coefficients(self.y, self.root, self.heights, self.rates, self.shifts)

    def simpler(self) -> Iterator[Point]:
        """The linear parts of the losses only."""
        yield with_affine_losses(self, self.y)


def with_affine_losses(point: Point, slopes: FloatArray) -> Point:
    """The point without numbers of its own for the losses, which become s -> slope s."""
    named = fields_of(Point, point)
    return unchecked(Point, **{**named, "y": slopes, "loss": Affine()})
