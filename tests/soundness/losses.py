"""The losses of the domains, written again from their definitions and in other forms.

Each is value, slope and curvature in p; a value may leave out what does not depend on p, because
the claims only see differences of values. Polynomials are expanded, log(1 + e^x) goes through
artanh, the logistic function through e^(-log(1 + e^-x)), curvatures through sech.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from soundness.numbers import Numbers


class Formulas:
    """A loss over one kind of numbers, with its parameters as attributes."""

    def __init__(self, numbers: Numbers, parameters: Mapping[str, float]) -> None:
        self.numbers = numbers
        for name, value in parameters.items():
            setattr(self, name, numbers.number(Fraction(value)))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no parameter {name}")

    def value(self, p: Any, y: Any) -> Any:
        raise NotImplementedError

    def slope(self, p: Any, y: Any) -> Any:
        raise NotImplementedError

    def curvature(self, p: Any, y: Any) -> Any:
        raise NotImplementedError

    def constant(self, value: int) -> Any:
        return self.numbers.number(Fraction(value))

    def softplus(self, x: Any) -> Any:
        """log(1 + e^x) = max(x, 0) + 2 artanh(u / (2 + u)), u = e^-|x|."""
        positive = self.numbers.sign(x) > 0
        u = self.numbers.exp(-x if positive else x)
        tail = 2 * self.numbers.atanh(u / (2 + u))
        return x + tail if positive else tail

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + e^-x) = e^(-log(1 + e^-x))."""
        if self.numbers.sign(x) == 0:
            return self.constant(1) / 2
        return self.numbers.exp(-self.softplus(-x))

    def bump(self, x: Any) -> Any:
        """The derivative of the logistic function, sech(x/2)² / 4."""
        return self.numbers.sech(x / 2) ** 2 / 4


class Squared(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return p * (p - 2 * y) / 2

    def slope(self, p: Any, y: Any) -> Any:
        return p - y

    def curvature(self, p: Any, y: Any) -> Any:
        return self.constant(1)


class Quartic(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return p * (p * (p * (p - 4 * y) + 6 * y * y) - 4 * y * y * y) / 4

    def slope(self, p: Any, y: Any) -> Any:
        return p * (p * (p - 3 * y) + 3 * y * y) - y * y * y

    def curvature(self, p: Any, y: Any) -> Any:
        return 3 * (p * (p - 2 * y) + y * y)


class Affine(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return y * p

    def slope(self, p: Any, y: Any) -> Any:
        return y

    def curvature(self, p: Any, y: Any) -> Any:
        return self.constant(0)


class SmoothedHinge(Formulas):
    """0 for s <= 0, s³ / (6 width) up to the width, s²/2 - s width/2 + width²/6 beyond."""

    def _piece(self, s: Any) -> int:
        sign, numbers = self.numbers.sign, self.numbers
        return 0 if sign(s) <= 0 else 1 if numbers.sign(s - self.width) < 0 else 2

    def value(self, p: Any, y: Any) -> Any:
        s, width = 1 - y * p, self.width
        pieces = (0 * s, s * s * s / (6 * width), s * s / 2 - s * width / 2 + width * width / 6)
        return pieces[self._piece(s)]

    def slope(self, p: Any, y: Any) -> Any:
        s = 1 - y * p
        return -y * (0 * s, s * s / (2 * self.width), s - self.width / 2)[self._piece(s)]

    def curvature(self, p: Any, y: Any) -> Any:
        s = 1 - y * p
        return (self.constant(0), s / self.width, self.constant(1))[self._piece(s)]


class Logistic(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return self.softplus(-y * p)

    def slope(self, p: Any, y: Any) -> Any:
        return -y * self.sigmoid(-y * p)

    def curvature(self, p: Any, y: Any) -> Any:
        return self.bump(p)


class CrossEntropy(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return (1 - y) * self.softplus(p) + y * self.softplus(-p)

    def slope(self, p: Any, y: Any) -> Any:
        return (1 - y) * self.sigmoid(p) - y * self.sigmoid(-p)

    def curvature(self, p: Any, y: Any) -> Any:
        return self.bump(p)


class PseudoHuber(Formulas):
    """δ √(δ² + r²), up to the constant δ²."""

    def _root(self, p: Any, y: Any) -> Any:
        return self.numbers.sqrt(self.delta * self.delta + (p - y) * (p - y))

    def value(self, p: Any, y: Any) -> Any:
        return self.delta * self._root(p, y)

    def slope(self, p: Any, y: Any) -> Any:
        return self.delta * (p - y) / self._root(p, y)

    def curvature(self, p: Any, y: Any) -> Any:
        ratio = self.delta / self._root(p, y)
        return ratio * ratio * ratio


class LogCosh(Formulas):
    """log(1 + sinh² r) / 2 for |r| < 1, and |r| + log(1 + e^(-2|r|)) - log 2 beyond."""

    def value(self, p: Any, y: Any) -> Any:
        r, numbers = p - y, self.numbers
        if numbers.sign(1 - r * r) > 0:
            return numbers.log1p(numbers.sinh(r) ** 2) / 2
        size = r * numbers.sign(r)
        log_2 = 2 * numbers.atanh(self.constant(1) / 3)
        return size + numbers.log1p(numbers.exp(-2 * size)) - log_2

    def slope(self, p: Any, y: Any) -> Any:
        r, numbers = p - y, self.numbers
        sign = numbers.sign(r)
        below = numbers.expm1(-2 * r * sign)
        return -sign * below / (2 + below)

    def curvature(self, p: Any, y: Any) -> Any:
        return self.numbers.sech(p - y) ** 2


class Exponential(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return self.numbers.exp(-y * p)

    def slope(self, p: Any, y: Any) -> Any:
        return -y * self.numbers.exp(-y * p)

    def curvature(self, p: Any, y: Any) -> Any:
        return self.numbers.exp(-y * p)


class Poisson(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return self.numbers.exp(p) - y * p

    def slope(self, p: Any, y: Any) -> Any:
        return self.numbers.exp(p) - y

    def curvature(self, p: Any, y: Any) -> Any:
        return self.numbers.exp(p)


class Gamma(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return p + y * self.numbers.exp(-p)

    def slope(self, p: Any, y: Any) -> Any:
        return 1 - y * self.numbers.exp(-p)

    def curvature(self, p: Any, y: Any) -> Any:
        return y * self.numbers.exp(-p)


class SmoothedQuantile(Formulas):
    """(τ - 1) r + log(1 + e^(β r)) / β, r = y - p: the pinball loss seen from the other side."""

    def value(self, p: Any, y: Any) -> Any:
        r = y - p
        return (self.tau - 1) * r + self.softplus(self.beta * r) / self.beta

    def slope(self, p: Any, y: Any) -> Any:
        return (1 - self.tau) - self.sigmoid(self.beta * (y - p))

    def curvature(self, p: Any, y: Any) -> Any:
        return self.beta * self.bump(self.beta * (y - p))


class FiveHalves(Formulas):
    """√|r|⁵."""

    def _root(self, p: Any, y: Any, power: int) -> Any:
        size = (p - y) * self.numbers.sign(p - y)
        return self.numbers.sqrt(size**power)

    def value(self, p: Any, y: Any) -> Any:
        return self._root(p, y, 5)

    def slope(self, p: Any, y: Any) -> Any:
        return 5 * self._root(p, y, 3) * self.numbers.sign(p - y) / 2

    def curvature(self, p: Any, y: Any) -> Any:
        return 15 * self._root(p, y, 1) / 4


class SmoothedExpectile(Formulas):
    """low r²/2, and (high - low) times 0, r³ / (6 width) or r²/2 - r width/2 + width²/6."""

    def _above(self, r: Any, *pieces: Any) -> Any:
        sign, steps = self.numbers.sign, self.high - self.low
        return steps * pieces[0 if sign(r) <= 0 else 1 if sign(r - self.width) < 0 else 2]

    def value(self, p: Any, y: Any) -> Any:
        r, width = p - y, self.width
        far = r * r / 2 - r * width / 2 + width * width / 6
        return self.low * r * r / 2 + self._above(r, 0 * r, r * r * r / (6 * width), far)

    def slope(self, p: Any, y: Any) -> Any:
        r, width = p - y, self.width
        return self.low * r + self._above(r, 0 * r, r * r / (2 * width), r - width / 2)

    def curvature(self, p: Any, y: Any) -> Any:
        r = p - y
        return self.low + self._above(r, 0 * r, r / self.width, self.constant(1))


class Linex(Formulas):
    def value(self, p: Any, y: Any) -> Any:
        return self.numbers.exp(self.alpha * (p - y)) - self.alpha * p

    def slope(self, p: Any, y: Any) -> Any:
        return self.alpha * self.numbers.expm1(self.alpha * (p - y))

    def curvature(self, p: Any, y: Any) -> Any:
        return self.alpha * self.alpha * self.numbers.exp(self.alpha * (p - y))


class NegativeBinomial(Formulas):
    """y log(1 + e^-p) + k log(1 + e^p)."""

    def value(self, p: Any, y: Any) -> Any:
        return y * self.softplus(-p) + self.k * self.softplus(p)

    def slope(self, p: Any, y: Any) -> Any:
        return self.k * self.sigmoid(p) - y * self.sigmoid(-p)

    def curvature(self, p: Any, y: Any) -> Any:
        return (y + self.k) * self.bump(p)


class Tweedie(Formulas):
    """2 (h + y/h), h = e^(p/2)."""

    def value(self, p: Any, y: Any) -> Any:
        h = self.numbers.exp(p / 2)
        return 2 * (h + y / h)

    def slope(self, p: Any, y: Any) -> Any:
        h = self.numbers.exp(p / 2)
        return h - y / h

    def curvature(self, p: Any, y: Any) -> Any:
        h = self.numbers.exp(p / 2)
        return (h + y / h) / 2


FORMULAS: dict[str, type[Formulas]] = {
    "squared": Squared,
    "quartic": Quartic,
    "affine": Affine,
    "smoothed_hinge": SmoothedHinge,
    "logistic": Logistic,
    "cross_entropy": CrossEntropy,
    "pseudo_huber": PseudoHuber,
    "log_cosh": LogCosh,
    "exponential": Exponential,
    "poisson": Poisson,
    "gamma": Gamma,
    "smoothed_quantile": SmoothedQuantile,
    "five_halves": FiveHalves,
    "smoothed_expectile": SmoothedExpectile,
    "linex": Linex,
    "negative_binomial": NegativeBinomial,
    "tweedie": Tweedie,
}
