"""Projected online gradient descent for x -> wᵀx + vᵀf_θ(x): paths, and what is measured on them.

Shamir (2018), section 5: the parameters are z = (w, v) in M1 and θ in M2, and
h_t(z) = l(wᵀx_t + vᵀf_{θ_t}(x_t); y_t) is convex in z. M = M1 x M2 is a product, so projecting onto
M projects z and θ apart, and z_{t+1} = Π(z_t - η ∇h_t(z_t)) whatever θ does. Only the features
f_t = f_{θ_t}(x_t) enter: any numbers are the features of some θ, as in `objective.py`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any, ClassVar

import numpy as np

from checker.arithmetic.functions import difference, dot, maximum, minimum, norm, sq
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.base import Loss, check_convex
from checker.landscape.losses.bounds import derivative_bounds
from checker.landscape.over_sample import check_fields, require_positive, shape_of

Z = tuple[Any, Any]


def largest_within(loss: Loss, reach: Any, y: Any) -> Any:
    """max l(p; y) over |p| <= reach, for a convex loss."""
    return maximum(loss.value(reach, y), loss.value(-reach, y))


@dataclass(frozen=True)
class Region(ABC):
    """A shape of M1; its size is a radius r > 0. Every one is closed, convex and contains 0."""

    kind: ClassVar[str]

    @abstractmethod
    def project(self, w: Any, v: Any, r: Any) -> Z:
        """The nearest point of M1."""

    @abstractmethod
    def excess(self, w: Any, v: Any, r: Any) -> Any:
        """A number that is at most 0 exactly on M1."""

    @abstractmethod
    def reach(self, d: int, m: int) -> float:
        """b / r, for a bound b on ||(w, v)|| over M1; short in binary."""


@dataclass(frozen=True)
class Disc(Region):
    """||(w, v)|| <= r."""

    kind = "disc"

    def project(self, w: Any, v: Any, r: Any) -> Z:
        stretch = maximum(norm((w, v)) / r, 1)
        return w / stretch, v / stretch

    def excess(self, w: Any, v: Any, r: Any) -> Any:
        return sq((w, v)) - sq(r)

    def reach(self, d: int, m: int) -> float:
        return 1.0


@dataclass(frozen=True)
class TwoDiscs(Region):
    """||w|| <= r and ||v|| <= r."""

    kind = "two discs"

    def project(self, w: Any, v: Any, r: Any) -> Z:
        return w / maximum(norm(w) / r, 1), v / maximum(norm(v) / r, 1)

    def excess(self, w: Any, v: Any, r: Any) -> Any:
        return maximum(sq(w), sq(v)) - sq(r)

    def reach(self, d: int, m: int) -> float:
        return 1.5  # at least √2


@dataclass(frozen=True)
class Box(Region):
    """Every coordinate in [-r, r]: rational numbers stay rational."""

    kind = "box"

    def project(self, w: Any, v: Any, r: Any) -> Z:
        return minimum(maximum(w, -r), r), minimum(maximum(v, -r), r)

    def excess(self, w: Any, v: Any, r: Any) -> Any:
        sizes = [abs(u[i]) for u in (w, v) for i in range(u.shape[0])]
        return reduce(maximum, sizes) - r

    def reach(self, d: int, m: int) -> float:
        return float(math.isqrt(d + m - 1) + 1)  # at least √(d + m)


REGIONS: tuple[Region, ...] = (Disc(), TwoDiscs(), Box())


@dataclass(frozen=True, eq=False, kw_only=True)
class Stream:
    """T convex functions h_t of z = (w, v), and a linear predictor w* that is compared with.

    Attributes
    ----------
    X
        The sample drawn at each step, (T, d).
    y
        Its label, (T,).
    F
        Its features f_{θ_t}(x_t), (T, m).
    w_star
        The comparator, (d,).
    radius
        Size of M1.
    region
        Shape of M1.
    loss
        The loss l.
    """

    X: Annotated[FloatArray, Dims("T", "d")]
    y: Annotated[FloatArray, Dims("T", domain="label")]
    F: Annotated[FloatArray, Dims("T", "m")]
    w_star: Annotated[FloatArray, Dims("d")]
    radius: Annotated[FloatArray, Dims(domain="positive")]
    region: Region
    loss: Loss

    def __post_init__(self) -> None:
        (T, d), m = shape_of(self, "X", 2), shape_of(self, "F", 2)[1]
        why = f"there are T = {T} steps, d = {d} inputs and m = {m} features"
        check_fields(self, self._shapes(T, d, m), why)
        require_positive(self, "radius")
        self.loss.check_labels(self.y)
        check_convex(self.loss)

    def _shapes(self, T: int, d: int, m: int) -> dict[str, tuple[int, ...]]:
        return {"X": (T, d), "y": (T,), "F": (T, m), "w_star": (d,), "radius": ()}

    def is_valid(self) -> bool:
        """Whether labels and the radius are legal; for the reducer, which changes them."""
        return bool(np.all(self.loss.labels.accepts(self.y)) and np.all(self.radius > 0))

    @property
    def T(self) -> int:
        """Number of steps."""
        return int(self.X.shape[0])

    @cached_property
    def b(self) -> Any:
        """A bound on ||(w, v)|| over M1."""
        return self.region.reach(self.X.shape[1], self.F.shape[1]) * self.radius

    @cached_property
    def lipschitz(self) -> Any:
        """L: every h_t is L-Lipschitz on the ball of radius b, by a proved bound on l'."""
        return reduce(maximum, (self._steepness(t) for t in range(self.T)))

    def _steepness(self, t: int) -> Any:
        slope = self.loss.lipschitz
        if slope is None:
            slope = derivative_bounds(self.loss, self._reach(t), self.y[t])[0]
        return slope * self._length(t)

    def _length(self, t: int) -> Any:
        """||(x_t, f_t)||."""
        return norm((self.X[t], self.F[t]))

    def _reach(self, t: int) -> Any:
        """A bound on the predictions of M1 at step t."""
        return self.b * self._length(t)

    @cached_property
    def largest_loss(self) -> Any:
        """r: every h_t is at most r on the ball of radius b, by convexity at its ends."""
        losses = (largest_within(self.loss, self._reach(t), self.y[t]) for t in range(self.T))
        return reduce(maximum, losses)

    def excess_loss(self, t: int, z: Z) -> Any:
        """h_t(z) - h_t(w*, 0); the second term does not depend on θ_t."""
        prediction = dot(self.X[t], z[0]) + dot(self.F[t], z[1])
        linear = dot(self.X[t], self.w_star)
        return difference(lambda p: self.loss.value(p, self.y[t]), prediction, linear)

    def gradient(self, t: int, z: Z) -> Z:
        """∇h_t(z)."""
        prediction = dot(self.X[t], z[0]) + dot(self.F[t], z[1])
        slope = self.loss.slope(prediction, self.y[t])
        return slope * self.X[t], slope * self.F[t]

    def descended(self, t: int, z: Z, step: Any) -> Z:
        """Π(z - step ∇h_t(z))."""
        g = self.gradient(t, z)
        return self.region.project(z[0] - step * g[0], z[1] - step * g[1], self.radius)

    def squared_distance(self, z: Z) -> Any:
        """||z - (w*, 0)||²."""
        return sq((z[0] - self.w_star, z[1]))


@dataclass(frozen=True, eq=False, kw_only=True)
class ShortPath(Stream):
    """A path of few steps, computed in the arithmetic at hand: no rounding is left over.

    Attributes
    ----------
    w, v
        The first iterate, (d,) and (m,).
    step
        A step size η > 0.
    c
        The factor c > 0 of the step size c b/(L√T), for statements on that one.
    """

    w: Annotated[FloatArray, Dims("d")]
    v: Annotated[FloatArray, Dims("m")]
    step: Annotated[FloatArray, Dims(domain="positive")]
    c: Annotated[FloatArray, Dims(domain="positive")]

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "step")
        require_positive(self, "c")

    def _shapes(self, T: int, d: int, m: int) -> dict[str, tuple[int, ...]]:
        return {**super()._shapes(T, d, m), "w": (d,), "v": (m,), "step": (), "c": ()}

    def is_valid(self) -> bool:
        """As for streams, and the step and its factor are positive."""
        return super().is_valid() and bool(np.all(self.step > 0) and np.all(self.c > 0))

    def path(self, step: Any) -> list[Z]:
        """The iterates z_1, ..., z_T for a step size."""
        iterates: list[Z] = [(self.w, self.v)]
        for t in range(self.T - 1):
            iterates.append(self.descended(t, iterates[-1], step))
        return iterates

    def regret(self, path: list[Z]) -> Any:
        """Σ_t h_t(z_t) - h_t(w*, 0)."""
        return reduce(lambda a, x: a + x, (self.excess_loss(t, z) for t, z in enumerate(path)))

    def gradients(self, path: list[Z]) -> Any:
        """Σ_t ||∇h_t(z_t)||²."""
        return reduce(lambda a, x: a + x, (sq(self.gradient(t, z)) for t, z in enumerate(path)))
