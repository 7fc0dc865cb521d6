"""Global minima of F by symmetry, and saddles, for Definition 1 of Shamir (2018).

Every sample stands twice, with labels whose losses balance at the prediction: no values of w, V and
θ can then be better, since f_θ is the same at both. That uses values of the loss only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import outer, sq
from checker.instances.fields import Dims, FloatArray, unchecked, with_fields
from checker.landscape.losses.base import Loss
from checker.landscape.residual_unit.one_output import Point


@dataclass(frozen=True, eq=False, kw_only=True)
class PairedPoint:
    """A point whose labels are, twice per sample, its prediction p plus and minus r.

    Attributes
    ----------
    X, Z
        Inputs and features, (k, d) and (k, m), each counted twice.
    r
        Residuals, (k,).
    w, V
        Parameters, (d,) and (d, m).
    loss
        The loss l.
    """

    X: Annotated[FloatArray, Dims("k", "d")]
    Z: Annotated[FloatArray, Dims("k", "m")]
    r: Annotated[FloatArray, Dims("k", domain="label")]
    w: Annotated[FloatArray, Dims("d")]
    V: Annotated[FloatArray, Dims("d", "m")]
    loss: Loss

    @cached_property
    def one_sided(self) -> Point:
        """The point over the samples with the labels p + r alone."""
        point = self._over(self.r)
        return with_fields(point, y=point.prediction + self.r)

    @cached_property
    def point(self) -> Point:
        """The point over all samples, the one with p - r right after the one with p + r."""
        half = self.one_sided
        return with_fields(
            half,
            X=doubled(half.X),
            Z=doubled(half.Z),
            y=interleaved(half.y, half.prediction - self.r),
        )

    def _over(self, y: Any) -> Point:
        return unchecked(
            Point,
            X=self.X,
            y=y,
            Z=self.Z,
            w=self.w,
            V=self.V,
            w_star=0 * self.w,
            loss=self.loss,
            weights=None,
        )


class SaddlePoint(PairedPoint):
    """A critical point with w = 0 that is none of the minima: labels r, V = -a bᵀ/||b||²."""

    @cached_property
    def point(self) -> Point:
        """a + V b = 0 and w = 0, so that the gradient vanishes; meant for b != 0."""
        start = with_fields(self._over(self.r), w=0 * self.w)
        return with_fields(start, V=-outer(start.a, start.b) / sq(start.b))


def doubled(matrix: Any) -> Any:
    """Each row twice, one below the other."""
    return type(matrix).constant(np.repeat(np.eye(matrix.shape[0]), 2, axis=0)) @ matrix


def interleaved(u: Any, v: Any) -> Any:
    """u_1, v_1, u_2, v_2, ..."""
    first = np.zeros((2 * u.shape[0], u.shape[0]))
    first[::2] = np.eye(u.shape[0])
    make = type(u).constant
    return make(first) @ u + make(np.roll(first, 1, axis=0)) @ v
