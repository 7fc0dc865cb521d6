"""A stratum: a degenerate or extreme corner that a uniform search would hardly visit.

A stratum prescribes dimensions and then changes the arrays of a random batch so that every case
lies in it; what it says of a finished batch is checked of every batch. All are written for K
outputs, in capital letters; one output is K = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from hypothesis.strategies import SearchStrategy

from checker.instances.fields import FloatArray
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.unit import ONE_OUTPUT, UnitPoint
from strategies.residual_unit.strata.changes import Change, Fields


class Shape(NamedTuple):
    """Samples, inputs, features, outputs."""

    n: int
    d: int
    m: int
    K: int = 1


def _any_shape(shape: Shape) -> Shape:
    return shape


@dataclass(frozen=True, eq=False)
class Stratum:
    """A corner of the space of points.

    Attributes
    ----------
    name, description
        For the evidence and its reader.
    change
        Moves the arrays of a batch, each of shape (core..., B), into the stratum, in place.
    inside
        (X, Y, Z, W, V, W_star, loss and weights of a batch) -> one bool per case.
    shape
        Adapts the dimensions.
    loss
        The only loss of this stratum, by name; None for any. Several outputs have its sum.
    pool
        Number of samples -> its losses, in place of the domain's.
    weights
        Draws weights (n, size) for every case, in place of equal or random ones.
    noisy
        Whether every second label is replaced by one that differs from that before it.
    wide
        Whether it ignores a limit on d and m, and so does not suit a dense Hessian.
    """

    name: str
    description: str
    change: Change
    inside: Callable[[Any], Any]
    shape: Callable[[Shape], Shape] = _any_shape
    loss: str | None = None
    pool: Callable[[int], SearchStrategy[Loss]] | None = None
    weights: Callable[[np.random.Generator, int, int], FloatArray] | None = None
    noisy: bool = False
    wide: bool = False

    def holds(self, point: UnitPoint) -> Any:
        """Which cases of a batch lie in it."""
        loss = getattr(point.loss, "each", point.loss)
        return self.inside(SimpleNamespace(**in_capitals(point), loss=loss, weights=point.weights))


def in_capitals(point: UnitPoint) -> Fields:
    """The arrays of a batch of points, with one output or several, as those of K outputs."""
    Y, W, W_star = (getattr(point, name) for name in point.letters)
    if point.letters is ONE_OUTPUT:
        Y, W, W_star = Y[:, None], W[None], W_star[None]
    return {"X": point.X, "Y": Y, "Z": point.Z, "W": W, "V": point.V, "W_star": W_star}


def of_one_output(fields: Fields) -> Fields:
    """The arrays of K = 1 outputs in the letters of one."""
    kept = {name: fields[name] for name in ("X", "Z", "V")}
    return {**kept, "y": fields["Y"][:, 0], "w": fields["W"][0], "w_star": fields["W_star"][0]}


def all_zero(name: str) -> Callable[[Any], Any]:
    """Whether an array is 0."""
    return lambda at: ~np.any(getattr(at, name) != 0, axis=tuple(range(getattr(at, name).ndim - 1)))


def everywhere(condition: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """What holds for a whole batch or for none of it."""
    return lambda at: np.full(at.W.shape[-1], condition(at))


def largest(values: FloatArray) -> Any:
    """The largest entry in absolute value, per case."""
    return np.abs(values).max(axis=tuple(range(values.ndim - 1)))
