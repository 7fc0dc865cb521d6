"""Points of symbols, whose losses are what the theorems see of them: numbers at the predictions.

A convex loss enters Lemma 1 and Theorems 1 and 2 through l(p), l(t), l'(p) and l''(p) at the
prediction p of the network and t of the comparator, with l(t) >= l(p) + l'(p)(t - p) and
l''(p) >= 0. These are the hypotheses here, and nothing else of a loss is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.errors import InputError
from checker.instances.fields import unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.one_output import Point
from checker.proofs.bridge import Premise, Size
from checker.proofs.symbols import Symbols


@dataclass(frozen=True)
class Told(Loss):
    """A loss that is known by numbers of the point at its predictions only."""

    kind = "told"

    def value(self, p: Any, y: Any) -> Any:
        if p is y.prediction:
            return y.values
        return _only(p, y.linear_prediction, y.values_there)

    def slope(self, p: Any, y: Any) -> Any:
        return _only(p, y.prediction, y.slopes)

    def curvature(self, p: Any, y: Any) -> Any:
        return _only(p, y.prediction, y.curvatures)


def _only(p: Any, place: Any, number: Any) -> Any:
    if p is not place:
        raise InputError("this loss is known at the predictions of the point only")
    return number


@dataclass(frozen=True, eq=False, kw_only=True)
class ToldPoint(Point):
    """A point with four numbers for the loss of each sample, (n,) each.

    Attributes
    ----------
    values, slopes, curvatures
        l(p), l'(p) and l''(p).
    values_there
        l(t).
    """

    values: Any
    values_there: Any
    slopes: Any
    curvatures: Any

    @property
    def targets(self) -> Any:
        return self


def point(size: Size) -> ToldPoint:
    """A point (w, V) of symbols."""
    return _point(size, lambda d: Symbols.named("w", (d,)))


def point_at_w_zero(size: Size) -> ToldPoint:
    """A point (0, V) of symbols."""
    return _point(size, lambda d: Symbols.constant(np.zeros(d)))


def _point(size: Size, w: Any) -> ToldPoint:
    n, d, m = size.dims
    return unchecked(
        ToldPoint,
        X=Symbols.named("x", (n, d)),
        y=None,
        Z=Symbols.named("f", (n, m)),
        w=w(d),
        V=Symbols.named("V", (d, m)),
        w_star=Symbols.named("u", (d,)),
        loss=Told(),
        weights=Symbols.named("om", (n,)) if size.weighted else None,
        values=Symbols.named("lp", (n,)),
        values_there=Symbols.named("lt", (n,)),
        slopes=Symbols.named("g", (n,)),
        curvatures=Symbols.named("c", (n,)),
    )


# -- premises --------------------------------------------------------------------------------------


def weights(at: Any) -> Iterator[Premise]:
    """om_i >= 0."""
    for i in range(0 if at.weights is None else len(at.weights)):
        yield Premise(f"weight_{i + 1}", 0, "<=", at.weights[i])


def tangents(at: Any) -> Iterator[Premise]:
    """l(t) >= l(p) + l'(p) (t - p), with the code's own p and t."""
    p, t = at.prediction, at.linear_prediction
    for i in range(len(p)):
        below = at.values[i] + at.slopes[i] * (t[i] - p[i])
        yield Premise(f"convex_{i + 1}", at.values_there[i], ">=", below)


def convex(at: Any) -> Iterator[Premise]:
    """Tangents, and l''(p) >= 0."""
    yield from tangents(at)
    for i in range(len(at.curvatures)):
        yield Premise(f"curved_{i + 1}", 0, "<=", at.curvatures[i])
