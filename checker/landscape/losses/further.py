"""Convex, twice differentiable losses beside the usual catalogue: hardly smooth, or asymmetric.

Each docstring proves convexity by l'' >= 0. They serve the search for counterexamples; commands
that take a loss by name offer the catalogue only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from checker.arithmetic.functions import exp, sigmoid, softplus, sqrt
from checker.arithmetic.known import rational
from checker.landscape.losses.base import NON_NEGATIVE, POSITIVE, REAL, Labels, Loss, Parameters
from checker.landscape.losses.catalogue import ramp


@dataclass(frozen=True)
class FiveHalves(Loss):
    """|r|^(5/2), r = p - y. l'' = 15/4 √|r| >= 0 is continuous, not differentiable at r = 0."""

    kind = "five_halves"

    def value(self, p: Any, y: Any) -> Any:
        return (p - y) ** 2 * sqrt(abs(p - y))

    def slope(self, p: Any, y: Any) -> Any:
        return 2.5 * (p - y) * sqrt(abs(p - y))

    def curvature(self, p: Any, y: Any) -> Any:
        return 3.75 * sqrt(abs(p - y))


@dataclass(frozen=True)
class SmoothedExpectile(Loss):
    """∬ l'' with l'' = `low` for r <= 0, `high` for r >= `width` and linear between, r = p - y.

    Expectile regression (Newey and Powell 1987) has width 0, which is not twice differentiable.
    l'' lies between `low` and `high`, both non-negative; it is not differentiable at two places.
    """

    low: float = 0.125
    high: float = 0.875
    width: float = 0.5
    kind = "smoothed_expectile"
    parameters: ClassVar[Parameters] = {
        "low": NON_NEGATIVE,
        "high": NON_NEGATIVE,
        "width": POSITIVE,
    }
    rational = True

    @property
    def smoothness(self) -> float:
        return max(self.low, self.high)

    @property
    def _rise(self) -> Any:
        return rational(self.high) - rational(self.low)

    def value(self, p: Any, y: Any) -> Any:
        return rational(self.low) / 2 * (p - y) ** 2 + self._rise * ramp(p - y, self.width)[0]

    def slope(self, p: Any, y: Any) -> Any:
        return self.low * (p - y) + self._rise * ramp(p - y, self.width)[1]

    def curvature(self, p: Any, y: Any) -> Any:
        return self.low + self._rise * ramp(p - y, self.width)[2]


@dataclass(frozen=True)
class Linex(Loss):
    """exp(α r) - α r - 1, r = p - y (Varian 1975): exponential on one side, linear on the other.

    l'' = α² exp(α r) > 0.
    """

    alpha: float = 0.5
    kind = "linex"
    parameters: ClassVar[Parameters] = {"alpha": REAL}

    def value(self, p: Any, y: Any) -> Any:
        r = self.alpha * (p - y)
        return exp(r) - r - 1

    def slope(self, p: Any, y: Any) -> Any:
        return self.alpha * (exp(self.alpha * (p - y)) - 1)

    def curvature(self, p: Any, y: Any) -> Any:
        return rational(self.alpha) ** 2 * exp(self.alpha * (p - y))


@dataclass(frozen=True)
class NegativeBinomial(Loss):
    """(y + k) softplus(p) - y p: negative log-likelihood of counts with mean k exp(p), up to a
    constant; y >= 0.

    l'' = (y + k) σ(p) σ(-p) > 0.
    """

    k: float = 1.5
    kind = "negative_binomial"
    parameters: ClassVar[Parameters] = {"k": POSITIVE}
    labels = Labels.NON_NEGATIVE

    def value(self, p: Any, y: Any) -> Any:
        return (y + self.k) * softplus(p) - y * p

    def slope(self, p: Any, y: Any) -> Any:
        return (y + self.k) * sigmoid(p) - y

    def curvature(self, p: Any, y: Any) -> Any:
        return (y + self.k) * sigmoid(p) * sigmoid(-p)


@dataclass(frozen=True)
class Tweedie(Loss):
    """2 exp(p/2) + 2 y exp(-p/2): Tweedie deviance of power 3/2 with log link, halved and up to a
    constant; y >= 0.

    l'' = (exp(p/2) + y exp(-p/2)) / 2 > 0.
    """

    kind = "tweedie"
    labels = Labels.NON_NEGATIVE

    def value(self, p: Any, y: Any) -> Any:
        return 2 * exp(p / 2) + 2 * y * exp(-p / 2)

    def slope(self, p: Any, y: Any) -> Any:
        return exp(p / 2) - y * exp(-p / 2)

    def curvature(self, p: Any, y: Any) -> Any:
        return (exp(p / 2) + y * exp(-p / 2)) / 2


FURTHER: tuple[Loss, ...] = (
    SmoothedExpectile(),
    # Flat on one side of the label, steep on the other.
    SmoothedExpectile(low=0.0, high=64.0, width=2.0**-6),
    FiveHalves(),
    Linex(),
    Linex(alpha=-0.25),
    NegativeBinomial(),
    Tweedie(),
)
