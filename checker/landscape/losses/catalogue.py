"""The catalogue of convex, twice differentiable losses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from checker.arithmetic.functions import (
    exp,
    filled,
    log_cosh,
    minimum,
    positive_part,
    sigmoid,
    softplus,
    sqrt,
    tanh,
)
from checker.arithmetic.known import rational
from checker.errors import InputError
from checker.landscape.losses.base import POSITIVE, SHARE, Labels, Loss, Parameters
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1


@dataclass(frozen=True)
class Squared(Loss):
    """(p - y)² / 2."""

    kind = "squared"
    non_negative = True
    rational = True

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return 0.5 * (p - y) ** 2

    def slope(self, p: Any, y: Any) -> Any:
        return p - y

    def curvature(self, p: Any, y: Any) -> Any:
        return filled(p, 1.0)


@dataclass(frozen=True)
class Quartic(Loss):
    """(p - y)⁴ / 4; its curvature vanishes at p = y."""

    kind = "quartic"
    non_negative = True
    rational = True

    def value(self, p: Any, y: Any) -> Any:
        return 0.25 * (p - y) ** 4

    def slope(self, p: Any, y: Any) -> Any:
        return (p - y) ** 3

    def curvature(self, p: Any, y: Any) -> Any:
        return 3 * (p - y) ** 2


@dataclass(frozen=True)
class Affine(Loss):
    """y p: the loss for which Lemma 1 is an equality."""

    kind = "affine"
    rational = True
    bounded_below = False

    @property
    def smoothness(self) -> float:
        return 0.0

    def value(self, p: Any, y: Any) -> Any:
        return y * p

    def slope(self, p: Any, y: Any) -> Any:
        return y

    def curvature(self, p: Any, y: Any) -> Any:
        return filled(p, 0.0)


@dataclass(frozen=True)
class Logistic(Loss):
    """log(1 + exp(-y p)), labels ±1."""

    kind = "logistic"
    non_negative = True
    monotone = True
    labels = Labels.SIGN

    @property
    def lipschitz(self) -> float:
        return 1.0

    @property
    def smoothness(self) -> float:
        return 0.25

    def value(self, p: Any, y: Any) -> Any:
        return softplus(-(y * p))

    def slope(self, p: Any, y: Any) -> Any:
        return -(y * sigmoid(-(y * p)))

    def curvature(self, p: Any, y: Any) -> Any:
        return sigmoid(p) * sigmoid(-p)


@dataclass(frozen=True)
class CrossEntropy(Loss):
    """softplus(p) - y p, labels in [0, 1] (soft labels allowed)."""

    kind = "cross_entropy"
    non_negative = True
    labels = Labels.UNIT

    @property
    def lipschitz(self) -> float:
        return 1.0

    @property
    def smoothness(self) -> float:
        return 0.25

    def value(self, p: Any, y: Any) -> Any:
        return softplus(p) - y * p

    def slope(self, p: Any, y: Any) -> Any:
        return sigmoid(p) - y

    def curvature(self, p: Any, y: Any) -> Any:
        return sigmoid(p) * sigmoid(-p)


@dataclass(frozen=True)
class PseudoHuber(Loss):
    """δ² (√(1 + (r/δ)²) - 1), r = p - y, in a form without cancellation."""

    delta: float = 1.0
    kind = "pseudo_huber"
    parameters: ClassVar[Parameters] = {"delta": POSITIVE}
    non_negative = True

    @property
    def lipschitz(self) -> float:
        return self.delta

    def _stretch(self, p: Any, y: Any) -> Any:
        return sqrt(1 + ((p - y) / self.delta) ** 2)

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return (p - y) ** 2 / (1 + self._stretch(p, y))

    def slope(self, p: Any, y: Any) -> Any:
        return (p - y) / self._stretch(p, y)

    def curvature(self, p: Any, y: Any) -> Any:
        return 1 / self._stretch(p, y) ** 3


@dataclass(frozen=True)
class LogCosh(Loss):
    """log cosh(p - y)."""

    kind = "log_cosh"
    non_negative = True

    @property
    def lipschitz(self) -> float:
        return 1.0

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return log_cosh(p - y)

    def slope(self, p: Any, y: Any) -> Any:
        return tanh(p - y)

    def curvature(self, p: Any, y: Any) -> Any:
        return 4 * sigmoid(2 * (p - y)) * sigmoid(-2 * (p - y))


def ramp(s: Any, width: float) -> tuple[Any, Any, Any]:
    """(h, h', h'') at s for the function with h'' = 0 below 0, 1 above `width`, linear between.

    With a = max(s, 0), b = max(s - width, 0) and c = a - b = min(a, width) the value is
    (a³ - b³) / (6 width), written without the difference of cubes.
    """
    a = positive_part(s)
    b, c = positive_part(a - width), minimum(a, width)
    exact = rational(width)
    return c * (a**2 + a * b + b**2) / (6 * exact), c * (a + b) / (2 * exact), c / width


@dataclass(frozen=True)
class SmoothedHinge(Loss):
    """Squared hinge smoothed to be twice differentiable: its curvature rises from 0 to 1 over
    margins s = 1 - y p in [0, width]; labels ±1. The smoothed hinges in use are quadratic between
    two lines: their curvature jumps, so Assumption 1 of Shamir (2018) excludes them.
    """

    width: float = 0.5
    kind = "smoothed_hinge"
    parameters: ClassVar[Parameters] = {"width": POSITIVE}
    non_negative = True
    labels = Labels.SIGN
    rational = True

    @property
    def smoothness(self) -> float:
        return 1.0

    def value(self, p: Any, y: Any) -> Any:
        return ramp(1 - y * p, self.width)[0]

    def slope(self, p: Any, y: Any) -> Any:
        return -(y * ramp(1 - y * p, self.width)[1])

    def curvature(self, p: Any, y: Any) -> Any:
        return ramp(1 - y * p, self.width)[2]


@dataclass(frozen=True)
class Exponential(Loss):
    """exp(-y p), labels ±1."""

    kind = "exponential"
    non_negative = True
    monotone = True
    labels = Labels.SIGN

    def value(self, p: Any, y: Any) -> Any:
        return exp(-(y * p))

    def slope(self, p: Any, y: Any) -> Any:
        return -(y * exp(-(y * p)))

    def curvature(self, p: Any, y: Any) -> Any:
        return exp(-(y * p))


@dataclass(frozen=True)
class Poisson(Loss):
    """exp(p) - y p, the negative log-likelihood of counts up to a constant; y >= 0."""

    kind = "poisson"
    labels = Labels.NON_NEGATIVE

    def value(self, p: Any, y: Any) -> Any:
        return exp(p) - y * p

    def slope(self, p: Any, y: Any) -> Any:
        return exp(p) - y

    def curvature(self, p: Any, y: Any) -> Any:
        return exp(p)


@dataclass(frozen=True)
class Gamma(Loss):
    """p + y exp(-p), the gamma negative log-likelihood with log link up to a constant; y > 0."""

    kind = "gamma"
    labels = Labels.POSITIVE

    def value(self, p: Any, y: Any) -> Any:
        return p + y * exp(-p)

    def slope(self, p: Any, y: Any) -> Any:
        return 1 - y * exp(-p)

    def curvature(self, p: Any, y: Any) -> Any:
        return y * exp(-p)


@dataclass(frozen=True)
class SmoothedQuantile(Loss):
    """τ r + softplus(-β r) / β, r = y - p: the pinball loss at level τ, smoothed at scale 1/β."""

    tau: float = 0.25
    beta: float = 4.0
    kind = "smoothed_quantile"
    parameters: ClassVar[Parameters] = {"tau": SHARE, "beta": POSITIVE}
    non_negative = True

    @property
    def lipschitz(self) -> float:
        rest = 1 - self.tau
        # 1 - tau may round down.
        exact = rational(rest) == 1 - rational(self.tau)
        return max(self.tau, rest if exact else math.nextafter(rest, math.inf))

    @property
    def smoothness(self) -> float:
        return self.beta / 4

    def value(self, p: Any, y: Any) -> Any:
        return self.tau * (y - p) + softplus(self.beta * (p - y)) / self.beta

    def slope(self, p: Any, y: Any) -> Any:
        return sigmoid(self.beta * (p - y)) - self.tau

    def curvature(self, p: Any, y: Any) -> Any:
        r = self.beta * (p - y)
        return self.beta * sigmoid(r) * sigmoid(-r)


LOSSES: dict[str, Loss] = {
    loss.kind: loss
    for loss in (
        Squared(),
        Logistic(),
        CrossEntropy(),
        PseudoHuber(),
        LogCosh(),
        SmoothedHinge(),
        Exponential(),
        Poisson(),
        SmoothedQuantile(),
        Affine(),
        Quartic(),
        Gamma(),
    )
}


# The simplest first: what the reducer tries in place of another loss.
SIMPLEST_LOSSES: tuple[Loss, ...] = (LOSSES["affine"], LOSSES["squared"])


def loss_named(name: str) -> Loss:
    """The loss with this name, default parameters, of the catalogue or outside Assumption 1.

    Raises
    ------
    InputError
        When no loss has this name.
    """
    if name in OUTSIDE_ASSUMPTION_1:
        return OUTSIDE_ASSUMPTION_1[name]
    if name not in LOSSES:
        raise InputError(f"unknown loss {name!r}", hint=f"known losses: {', '.join(LOSSES)}")
    return LOSSES[name]
