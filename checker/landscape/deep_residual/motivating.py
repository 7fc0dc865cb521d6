"""The two small data sets of Yun, Sra and Jadbabaie (2019) that motivate their theorems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import positive_part, total
from checker.instances.fields import Dims, FloatArray

# Inputs, and the signs with which ρ enters the labels x + ρ s.
INPUTS = np.arange(6.0)
SIGNS = np.array([-1.0, -1.0, 1.0, -1.0, 1.0, 1.0])

# Second example: inputs, labels, and both representations of a residual network that fits them.
POINTS, LABELS = np.array([1.0, 2.5, 3.0]), np.array([1.0, 3.0, 2.0])
FIRST = np.array([1.0, 3.0, 4.0])


@dataclass(frozen=True, eq=False)
class OneNeuron:
    """x -> w2 [w1 x + b1]_+ + b2 on the first data set; every field is a number.

    Attributes
    ----------
    rho
        ρ of the data set, positive.
    w1, b1, w2, b2
        Parameters.
    """

    rho: Annotated[FloatArray, Dims(domain="positive")]
    w1: Annotated[FloatArray, Dims()]
    b1: Annotated[FloatArray, Dims()]
    w2: Annotated[FloatArray, Dims()]
    b2: Annotated[FloatArray, Dims()]

    def is_valid(self) -> bool:
        """Whether ρ is positive."""
        return bool(np.all(self.rho > 0))

    @cached_property
    def risk(self) -> Any:
        """Mean squared error (without a factor 1/2)."""
        rho: Any = self.rho
        hidden = positive_part(self.w1 * inputs(rho) + self.b1)
        errors = self.w2 * hidden + self.b2 - labels(rho)
        return total(errors * errors) / len(INPUTS)


def inputs(like: Any) -> Any:
    """The inputs 0, ..., 5 in the arithmetic of a number."""
    return type(like).constant(INPUTS)


def labels(rho: Any) -> Any:
    """x + ρ s: -ρ, 1 - ρ, 2 + ρ, 3 - ρ, 4 + ρ, 5 + ρ."""
    return inputs(rho) + rho * type(rho).constant(SIGNS)


def affine_risk(h: Any, y: Any) -> Any:
    """Least mean squared error of w h + c, from the normal equations; h must not be constant."""
    n = h.shape[0]
    h, y = h - total(h) / n, y - total(y) / n
    along = total(h * y)
    return (total(y * y) - along * along / total(h * h)) / n


@dataclass(frozen=True, eq=False)
class Spread:
    """A value of ρ alone, positive."""

    rho: Annotated[FloatArray, Dims(domain="positive")]

    def is_valid(self) -> bool:
        """Whether ρ is positive."""
        return bool(np.all(self.rho > 0))

    @cached_property
    def residual_risk(self) -> Any:
        """Risk of w(x + (ρ/2) [x - 3]_+) + c with the best w and c."""
        rho: Any = self.rho
        x = inputs(rho)
        return affine_risk(x + rho / 2 * positive_part(x - 3), labels(rho))


@dataclass(frozen=True, eq=False)
class AffineReadout:
    """An affine function w h + c of the inputs or of a representation of the second data set."""

    w: Annotated[FloatArray, Dims()]
    c: Annotated[FloatArray, Dims()]

    def risk(self, h: FloatArray) -> Any:
        """Mean squared error of w h + c."""
        w: Any = self.w
        errors = w * type(w).constant(h) + self.c - type(w).constant(LABELS)
        return total(errors * errors) / len(LABELS)
