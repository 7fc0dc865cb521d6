"""Points with losses as the theorems see them: by four numbers for each sample.

Lemma 1 and Theorems 1 and 2 of Shamir (2018) speak of a sample's loss l only through l(p), l'(p)
and l''(p) at the prediction p of the network and l(t) at the prediction t = w*ᵀx of the comparator.
Which four numbers can these be? With t != p write

    l(t) = l(p) + l'(p) (t - p) + e (t - p)²/2,    e = 2 ∫_0^1 (1 - s) l''(p + s (t - p)) ds.

For l convex and twice continuously differentiable, e >= 0, and e > 0 wherever l''(p) > 0. These are
all restrictions: l'' may be any continuous function >= 0, so it can have any value at p and, by a
narrow peak there and a bump elsewhere, any weighted mean e > 0; and l'' = 0 gives e = 0. For t = p
there is no restriction, and e does not matter.

So curvature κ² and mean curvature ρ², with ρ != 0 where κ != 0, make every legal quadruple and no
other, for real numbers without signs to be watched. No catalogue of losses is harder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, NamedTuple

import numpy as np

from checker.errors import InputError
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.base import Loss
from checker.landscape.losses.softplus import with_affine_losses
from checker.landscape.over_sample import check_fields
from checker.landscape.residual_unit.one_output import Point


class Sight(NamedTuple):
    """What `Seen` is told of the samples, (n,) each: p and t, and the numbers of the loss there."""

    prediction: Any
    comparator: Any
    value: Any
    slope: Any
    root_curvature: Any
    root_rise: Any


@dataclass(frozen=True)
class Seen(Loss):
    """A loss known by l(p), l'(p), l''(p) = κ² and l(t) = l(p) + l'(p)(t - p) + ρ²(t - p)²/2.

    Elsewhere it has no value, and to ask for one is an error. Convex: see the module.
    """

    kind = "seen"
    rational = True
    bounded_below = False
    sign: ClassVar[int] = 1

    @property
    def parts(self) -> tuple[Loss, ...]:
        return ()

    def value(self, p: Any, y: Sight) -> Any:
        if p is not y.comparator:
            return _at_prediction(p, y, y.value)
        step = y.comparator - y.prediction
        return y.value + y.slope * step + self.sign * (y.root_rise * step) ** 2 / 2

    def slope(self, p: Any, y: Sight) -> Any:
        return _at_prediction(p, y, y.slope)

    def curvature(self, p: Any, y: Sight) -> Any:
        return _at_prediction(p, y, y.root_curvature**2)


@dataclass(frozen=True)
class SeenBelow(Seen):
    """As `Seen`, but l(t) = l(p) + l'(p)(t - p) - ρ²(t - p)²/2 lies below the tangent at p."""

    kind = "seen_below"
    convex = False
    sign = -1


def _at_prediction(p: Any, y: Sight, number: Any) -> Any:
    if p is not y.prediction:
        raise _unknown()
    return number


def _unknown() -> InputError:
    return InputError(
        "this loss is known at the predictions of the point and of its comparator only",
        why="the theorems see no more of it",
        hint="a claim that speaks of other points needs the assumption "
        "properties.shamir2018.theorems.loss_everywhere",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class SeenPoint(Point):
    """A point with four numbers for the loss of each sample; a label is the value l(p).

    The numbers belong to this point and its comparator. A formula that makes a copy with other
    parameters or inputs would give the copy other losses: that is an error, and claims that
    compare such copies assume `loss_everywhere`.

    Attributes
    ----------
    slopes
        l'(p), (n,).
    root_curvature
        κ with l''(p) = κ², (n,).
    root_rise
        ρ with l(t) = l(p) + l'(p)(t - p) + ρ²(t - p)²/2, (n,); not 0 where κ is not 0.
    """

    loss_everywhere = False

    slopes: Annotated[FloatArray, Dims("n")]
    root_curvature: Annotated[FloatArray, Dims("n")]
    root_rise: Annotated[FloatArray, Dims("n")]

    def __post_init__(self) -> None:
        super().__post_init__()
        n, names = len(self.X), ("slopes", "root_curvature", "root_rise")
        check_fields(self, dict.fromkeys(names, (n,)), f"there are {n} samples")
        if not isinstance(self.loss, Seen):
            raise InputError(f"the loss {self.loss.name} is not known by four numbers a sample")
        if not self.is_valid():
            raise InputError("root_rise is 0 where root_curvature is not", why=_CURVED)

    def is_valid(self) -> bool:
        """Whether a convex loss can have these numbers; of others nothing is asked."""
        legal = (not self.loss.convex) | (self.root_curvature == 0) | (self.root_rise != 0)
        return super().is_valid() and bool(np.all(legal))

    def check_change(self) -> None:
        """Raise InputError where a formula, which has numbers of some arithmetic, makes a copy."""
        if not isinstance(self.X, np.ndarray):
            raise _unknown()

    @property
    def targets(self) -> Sight:
        """The numbers that the loss is known by."""
        return Sight(
            self.prediction,
            self.linear_prediction,
            self.y,
            self.slopes,
            self.root_curvature,
            self.root_rise,
        )

    def simpler(self) -> Iterator[Point]:
        """Affine losses with these slopes."""
        yield with_affine_losses(self, self.slopes)

    def plane(self) -> None:
        """No picture: the loss is not known around this point."""
        return None


_CURVED = "a convex loss with l''(p) > 0 is above its tangent at p everywhere else"
