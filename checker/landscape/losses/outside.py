"""Losses outside Assumption 1 of Shamir (2018): not convex, or not twice differentiable.

They serve the ablation of assumptions and the false neighbours; no theorem is claimed for them.
Where a derivative does not exist, a loss states which number stands for it: always the limit from
the side on which the loss is flat, or the mean of both limits (`Absolute`). Each is a subgradient
(or one-sided curvature) unless the class says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from checker.arithmetic.functions import (
    exp,
    filled,
    log,
    maximum,
    minimum,
    positive_part,
    sigmoid,
    vanishing_with,
)
from checker.landscape.losses.base import POSITIVE, Labels, Loss, Parameters


def sign(r: Any) -> Any:
    """-1, 0 or 1, entry by entry; where enclosures cannot tell r from 0, they cannot tell this."""
    return vanishing_with(r / abs(r), r)


def step(s: Any) -> Any:
    """1 where s > 0, else 0, entry by entry."""
    return vanishing_with(positive_part(s) / abs(s), s)


# -- convex, with a kink ----------------------------------------------------------------------


@dataclass(frozen=True)
class Absolute(Loss):
    """|p - y|; at the kink p = y the slope is 0, the mean of both sides."""

    kind = "absolute"
    rational = True
    differentiable = False
    twice_differentiable = False

    @property
    def lipschitz(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return abs(p - y)

    def slope(self, p: Any, y: Any) -> Any:
        return sign(p - y)

    def curvature(self, p: Any, y: Any) -> Any:
        return filled(p, 0.0)


@dataclass(frozen=True)
class Hinge(Loss):
    """max(0, 1 - y p), labels ±1; at the kink y p = 1 the slope is 0, that of the flat side."""

    kind = "hinge"
    labels = Labels.SIGN
    rational = True
    differentiable = False
    twice_differentiable = False

    @property
    def lipschitz(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return positive_part(1 - y * p)

    def slope(self, p: Any, y: Any) -> Any:
        return -(y * step(1 - y * p))

    def curvature(self, p: Any, y: Any) -> Any:
        return filled(p, 0.0)


@dataclass(frozen=True)
class HingeWrongSlope(Hinge):
    """max(0, 1 - y p) with the slope -2 y at the kink: **no subgradient**, they are -y [0, 1].

    An implementation that adds the slopes of both sides, or differentiates max(0, s) by a wrong
    table, does this. For false neighbours only.
    """

    kind = "hinge_wrong_slope"

    def slope(self, p: Any, y: Any) -> Any:
        s = 1 - y * p
        return -(y * (step(s) + 2 * (1 - step(s) - step(-s))))


# -- convex, once differentiable --------------------------------------------------------------


@dataclass(frozen=True)
class Huber(Loss):
    """r² / 2 for |r| <= δ and δ |r| - δ² / 2 beyond, r = p - y; curvature 0 at |r| = δ."""

    delta: float = 1.0
    kind = "huber"
    parameters: ClassVar[Parameters] = {"delta": POSITIVE}
    rational = True
    twice_differentiable = False

    @property
    def lipschitz(self) -> float:
        return self.delta

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        size = abs(p - y)
        inner = minimum(size, self.delta)
        return inner * (size - inner / 2)

    def slope(self, p: Any, y: Any) -> Any:
        return maximum(minimum(p - y, self.delta), -self.delta)

    def curvature(self, p: Any, y: Any) -> Any:
        return step(self.delta - abs(p - y))


@dataclass(frozen=True)
class SquaredHinge(Loss):
    """max(0, 1 - y p)² / 2, labels ±1; curvature 0 at y p = 1."""

    kind = "squared_hinge"
    labels = Labels.SIGN
    rational = True
    twice_differentiable = False

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return positive_part(1 - y * p) ** 2 / 2

    def slope(self, p: Any, y: Any) -> Any:
        return -(y * positive_part(1 - y * p))

    def curvature(self, p: Any, y: Any) -> Any:
        return step(1 - y * p)


# -- smooth, not convex -----------------------------------------------------------------------


@dataclass(frozen=True)
class GemanMcClure(Loss):
    """r² / (1 + r²), r = p - y: bounded, convex for r² <= 1/3 only."""

    kind = "geman_mcclure"
    rational = True
    convex = False

    @property
    def smoothness(self) -> float:
        return 2.0

    def value(self, p: Any, y: Any) -> Any:
        square = (p - y) ** 2
        return square / (1 + square)

    def slope(self, p: Any, y: Any) -> Any:
        return 2 * (p - y) / (1 + (p - y) ** 2) ** 2

    def curvature(self, p: Any, y: Any) -> Any:
        square = (p - y) ** 2
        return (2 - 6 * square) / (1 + square) ** 3


@dataclass(frozen=True)
class DoubleWell(Loss):
    """(r² - 1)² / 4, r = p - y: two minima, a maximum between them."""

    kind = "double_well"
    rational = True
    convex = False

    def value(self, p: Any, y: Any) -> Any:
        return ((p - y) ** 2 - 1) ** 2 / 4

    def slope(self, p: Any, y: Any) -> Any:
        return (p - y) * ((p - y) ** 2 - 1)

    def curvature(self, p: Any, y: Any) -> Any:
        return 3 * (p - y) ** 2 - 1


@dataclass(frozen=True)
class OneMinusGaussian(Loss):
    """1 - exp(-r² / 2), r = p - y (Welsch): bounded, convex for |r| <= 1 only."""

    kind = "one_minus_gaussian"
    convex = False

    def _bell(self, p: Any, y: Any) -> Any:
        return exp(-((p - y) ** 2) / 2)

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return 1 - self._bell(p, y)

    def slope(self, p: Any, y: Any) -> Any:
        return (p - y) * self._bell(p, y)

    def curvature(self, p: Any, y: Any) -> Any:
        return (1 - (p - y) ** 2) * self._bell(p, y)


@dataclass(frozen=True)
class Cauchy(Loss):
    """log(1 + r²) / 2, r = p - y: unbounded, convex for |r| <= 1 only."""

    kind = "cauchy"
    convex = False

    @property
    def lipschitz(self) -> float:
        return 0.5

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return log(1 + (p - y) ** 2) / 2

    def slope(self, p: Any, y: Any) -> Any:
        return (p - y) / (1 + (p - y) ** 2)

    def curvature(self, p: Any, y: Any) -> Any:
        square = (p - y) ** 2
        return (1 - square) / (1 + square) ** 2


@dataclass(frozen=True)
class SigmoidLoss(Loss):
    """1 / (1 + exp(y p)), labels ±1: a smooth count of errors, monotone and bounded."""

    kind = "sigmoid"
    labels = Labels.SIGN
    convex = False

    @property
    def lipschitz(self) -> float:
        return 0.25

    def value(self, p: Any, y: Any) -> Any:
        return sigmoid(-(y * p))

    def slope(self, p: Any, y: Any) -> Any:
        return -(y * sigmoid(p) * sigmoid(-p))

    def curvature(self, p: Any, y: Any) -> Any:
        return sigmoid(p) * sigmoid(-p) * (sigmoid(y * p) - sigmoid(-(y * p)))


OUTSIDE_ASSUMPTION_1: dict[str, Loss] = {
    loss.kind: loss
    for loss in (
        Absolute(),
        Hinge(),
        Huber(),
        SquaredHinge(),
        GemanMcClure(),
        DoubleWell(),
        OneMinusGaussian(),
        Cauchy(),
        SigmoidLoss(),
        HingeWrongSlope(),
    )
}
