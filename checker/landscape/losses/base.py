"""Losses p -> l(p; y): what every loss declares, and the catalogue by name.

A loss states value, slope dl/dp and curvature d²l/dp² as formulas in any arithmetic. Assumption 1
of Shamir (2018) asks that each is convex and twice differentiable in the prediction p.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import combinations
from typing import Any, ClassVar, TypeAlias

import numpy as np

from checker.arithmetic.ball import Ball, working_precision
from checker.errors import InputError
from checker.instances.fields import FloatArray


class Labels(Enum):
    """Labels that a loss accepts; the value is the wording used in messages."""

    REAL = "any real number"
    SIGN = "-1 or 1"
    UNIT = "between 0 and 1"
    NON_NEGATIVE = "0 or more"
    POSITIVE = "more than 0"

    def accepts(self, y: FloatArray) -> Any:
        """Which labels are in the domain, entry by entry."""
        return np.isfinite(y) & _ACCEPTS[self](y)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        """Random labels of the domain."""
        labels: FloatArray = _DRAWS[self](rng, shape)
        return labels

    def another(self, y: FloatArray) -> FloatArray:
        """Labels of the domain that differ from these, entry by entry."""
        labels: FloatArray = _ANOTHER[self](y)
        return labels


_ACCEPTS: dict[Labels, Callable[[FloatArray], Any]] = {
    Labels.REAL: lambda y: np.ones_like(y, dtype=bool),
    Labels.SIGN: lambda y: np.abs(y) == 1,
    Labels.UNIT: lambda y: (y >= 0) & (y <= 1),
    Labels.NON_NEGATIVE: lambda y: y >= 0,
    Labels.POSITIVE: lambda y: y > 0,
}

_DRAWS: dict[Labels, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    Labels.REAL: lambda rng, shape: rng.standard_normal(shape),
    Labels.SIGN: lambda rng, shape: 2.0 * rng.integers(0, 2, shape) - 1.0,
    Labels.UNIT: lambda rng, shape: rng.random(shape),
    Labels.NON_NEGATIVE: lambda rng, shape: rng.poisson(2.0, shape).astype(float),
    Labels.POSITIVE: lambda rng, shape: rng.exponential(1.0, shape) + 2.0**-10,
}


_ANOTHER: dict[Labels, Callable[[FloatArray], Any]] = {
    Labels.REAL: lambda y: y + np.maximum(1.0, np.abs(y)),
    Labels.SIGN: lambda y: -y,
    Labels.UNIT: lambda y: np.where(y < 0.5, 1.0, 0.0),
    Labels.NON_NEGATIVE: lambda y: 2 * y + 1.0,
    Labels.POSITIVE: lambda y: 2 * y,
}


# Domain of a parameter: least and greatest value, and the wording used in messages.
Allowed: TypeAlias = tuple[float, float, str]
Parameters: TypeAlias = Mapping[str, Allowed]
_MOST = sys.float_info.max
REAL: Allowed = (-_MOST, _MOST, "a finite number")
POSITIVE: Allowed = (math.ulp(0.0), _MOST, "a finite number greater than 0")
NON_NEGATIVE: Allowed = (0.0, _MOST, "a finite number of at least 0")
SHARE: Allowed = (0.0, 1.0, "between 0 and 1")


@dataclass(frozen=True)
class Loss(ABC):
    """A loss with its properties.

    Parameters are floats and exact by definition. What a formula computes from them alone, it
    computes with `known.rational`: where Python's floats round 6 * width, and 2 * width not alike,
    the slope is not the derivative of the value any more.

    Attributes
    ----------
    parameters
        The domain of each parameter.
    labels
        Domain of y.
    rational
        Whether rational p and y give rational value, slope and curvature, so that equality can
        be decided exactly.
    bounded_below
        Whether p -> l(p; y) is bounded below for every label of the domain.
    non_negative
        Whether l(p; y) >= 0 for every prediction and every label of the domain.
    differentiable
        In p, once.
    monotone
        Whether p -> l(p; y) is strictly monotone for every label.
    convex, twice_differentiable
        Assumption 1. A loss that states convexity falsely is caught by `check_convex`.

    Examples
    --------
    >>> from checker.landscape.losses.catalogue import Squared
    >>> Squared().value(3.0, 1.0)
    2.0
    """

    kind: ClassVar[str]
    parameters: ClassVar[Parameters] = {}
    labels: ClassVar[Labels] = Labels.REAL
    rational: ClassVar[bool] = False
    bounded_below: ClassVar[bool] = True
    non_negative: ClassVar[bool] = False
    differentiable: ClassVar[bool] = True
    monotone: ClassVar[bool] = False
    convex: ClassVar[bool] = True
    twice_differentiable: ClassVar[bool] = True

    def __post_init__(self) -> None:
        for name, (least, most, wording) in self.parameters.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(f"the loss {self.kind} has {name} = {value!r}, not {wording}")

    @property
    def lipschitz(self) -> float | None:
        """A Lipschitz constant of p -> l(p; y) valid for every label, or None."""
        return None

    @property
    def smoothness(self) -> float | None:
        """An upper bound on d²l/dp² valid for every label, or None."""
        return None

    @abstractmethod
    def value(self, p: Any, y: Any) -> Any:
        """l(p; y), entry by entry."""

    @abstractmethod
    def slope(self, p: Any, y: Any) -> Any:
        """dl/dp."""

    @abstractmethod
    def curvature(self, p: Any, y: Any) -> Any:
        """d²l/dp²."""

    @property
    def name(self) -> str:
        """Name with parameters, as in `pseudo_huber(delta=1.0)`."""
        parts = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self))
        inside = ", ".join(parts)
        return f"{self.kind}({inside})" if inside else self.kind

    @property
    def parts(self) -> tuple[Loss, ...]:
        """The losses whose convexity `check_convex` tests: this one, unless it consists of others
        or is convex by construction.
        """
        return (self,)

    def check_labels(self, y: FloatArray) -> None:
        """Raise InputError unless every label is in the domain of this loss."""
        bad = ~self.labels.accepts(y)
        if not bad.any():
            return
        row = int(np.flatnonzero(bad)[0])
        hint = ""
        if self.labels is Labels.SIGN and set(np.unique(y)) <= {0.0, 1.0}:
            hint = "Labels 0 and 1: use the loss 'cross_entropy', or map them by y -> 2y - 1"
        raise InputError(
            f"label {float(y[row])!r} in row {row} is outside the domain of the loss {self.name}",
            why=f"its labels must be {self.labels.value}",
            hint=hint,
        )


def require_assumption_1(loss: Any) -> None:
    """Raise InputError unless a loss, of one output or of several, states Assumption 1."""
    if not (loss.convex and loss.twice_differentiable):
        lacking = "convex" if not loss.convex else "twice differentiable"
        raise InputError(
            f"the loss {loss.name} is not {lacking}",
            why="The theorems assume a loss that is convex and twice differentiable",
        )


# Predictions and labels at which losses are tested.
SPREAD = (-40.0, -9.0, -3.0, -1.5, -1.0, -0.5, -0.125, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0, 50.0)


@lru_cache(maxsize=256)
def check_convex(loss: Loss) -> None:
    """Raise InputError if a midpoint test proves that a loss declared convex is not.

    Uses values only, in ball arithmetic: l((a+b)/2) > (l(a)+l(b))/2 refutes convexity. Passing
    proves nothing; the declaration stays the author's word.
    """
    with working_precision(128):
        for part in (part for part in loss.parts if part.convex):
            for y in (v for v in SPREAD if part.labels.accepts(np.array(v))):
                _check_midpoints(part, y)


def _check_midpoints(loss: Loss, y: float) -> None:
    """All chords at once: a call for each would cost a second for a loss of many terms."""
    chords = [*combinations(SPREAD, 2)]
    points = sorted({*SPREAD, *((a + b) / 2 for a, b in chords)})
    found = loss.value(Ball.constant(np.array(points)), Ball.constant(np.full(len(points), y)))
    at = dict(zip(points, found.entries.flat, strict=True))
    for a, b in chords:
        if at[(a + b) / 2] * 2 > at[a] + at[b]:
            raise InputError(
                f"the loss {loss.name} is declared convex but is not",
                why=f"for y = {y!r} its value at p = {(a + b) / 2!r} is above the chord from "
                f"p = {a!r} to p = {b!r}",
                hint="set convex = False, or use claims that do not assume convexity",
            )
