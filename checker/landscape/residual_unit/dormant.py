"""A residual unit that sleeps near θ = 0: the sample at which F has a spurious local minimum.

Shamir (2018), section 2: F "can easily have spurious local minima". The sample consists of pairs
(x_j, y_j) and (-x_j, y_j), and f_θ(x) = [θ - c]_+ g(x) with an even g and c > 0, so that f_θ = 0
for θ <= c. The simplest of the kind is x = -1, 0, 0, 1 with y = g = x² and c = 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import outer, positive_part, sq, vstack
from checker.instances.fields import Dims, FloatArray, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.one_output import Point


@dataclass(frozen=True, eq=False, kw_only=True)
class DormantUnit:
    """A sample of mirrored pairs, a unit that sleeps for θ <= c, and parameters (w, V, θ).

    Attributes
    ----------
    X
        One input of each pair, (k, d); the other is its negative.
    y
        The label of both, (k,).
    G
        g(x) at both, (k, m).
    w, V, theta
        Parameters, (d,), (d, m) and a scalar.
    c
        The threshold, positive.
    loss
        The loss l.
    """

    X: Annotated[FloatArray, Dims("k", "d")]
    y: Annotated[FloatArray, Dims("k", domain="label")]
    G: Annotated[FloatArray, Dims("k", "m")]
    w: Annotated[FloatArray, Dims("d")]
    V: Annotated[FloatArray, Dims("d", "m")]
    theta: Annotated[FloatArray, Dims()]
    c: Annotated[FloatArray, Dims(domain="positive")]
    loss: Loss

    def is_valid(self) -> bool:
        """Whether labels and the threshold are legal; for the reducer, which changes them."""
        return bool(np.all(self.loss.labels.accepts(self.y)) and np.all(self.c > 0))

    def at(self, V: Any, awake: Any) -> Point:
        """The point (w, V) with the features awake · g, compared with w* = 0."""
        X: Any = self.X
        y: Any = self.y
        half = awake * self.G
        return unchecked(
            Point,
            X=vstack(X, -X),
            y=type(y).concatenate((y, y), 0),
            Z=vstack(half, half),
            w=self.w,
            V=V,
            w_star=0 * self.w,
            loss=self.loss,
            weights=None,
        )

    @cached_property
    def here(self) -> Point:
        """The point (w, V, θ); its `gap` is F(w, V, θ) - F(0, 0, 0), since w* = 0 predicts 0."""
        beyond: Any = self.theta - self.c
        return self.at(self.V, positive_part(beyond))

    @cached_property
    def lower(self) -> Point:
        """(w, -w bᵀ/(||w||² κ E||g||² (θ - c)), θ), κ a bound on l'' and θ > c.

        The predictions are ±wᵀx - bᵀg/(κ E||g||²).
        """
        beyond: Any = self.theta - self.c
        push = outer(self.w, self.pull) / (sq(self.w) * self._kappa * self._mean_square)
        return self.at(-push / beyond, positive_part(beyond))

    @cached_property
    def pull(self) -> Any:
        """b = E[l'(0; y) g], (m,)."""
        slopes = self.loss.slope(0 * self.y, self.y)
        return (slopes @ self.G) / self.X.shape[0]

    @cached_property
    def gain(self) -> Any:
        """||b||² / (2 κ E||g||²)."""
        return sq(self.pull) / (2 * self._kappa * self._mean_square)

    @cached_property
    def spread(self) -> Any:
        """(κ / 2) E(wᵀx)²."""
        return self._kappa * sq(self.X @ self.w) / (2 * self.X.shape[0])

    @property
    def _kappa(self) -> Any:
        return self.loss.smoothness

    @cached_property
    def _mean_square(self) -> Any:
        """E||g||²."""
        return sq(self.G) / self.X.shape[0]
