"""Shamir (2018), section 5: regret of projected descent on h_t(w, v) = l(wᵀx_t + vᵀf_t; y_t)."""

from __future__ import annotations

import math
from typing import Any

from soundness.algebra import Vector, dot, minus, norm, plus, scaled, square
from soundness.papers.constants import derivative_bounds, steepness
from soundness.papers.registry import Sides, reference
from soundness.papers.sample import SampleLoss
from soundness.plain import Given
from soundness.reals import Real, greatest, maximum, minimum, number, total

Place = tuple[Vector, Vector]


class _Stream:
    def __init__(self, at: Given) -> None:
        self.at, self.steps = at, range(len(at.X))
        self.losses = [SampleLoss(at.loss, y) for y in at.y]
        d, m, kind = len(at.X[0]), len(at.F[0]), at.region.kind
        # √2 <= 3/2, and √(d + m) rounded up.
        stretch = {"disc": 1, "two discs": 1.5, "box": math.isqrt(d + m - 1) + 1}[kind]
        self.b = at.radius * stretch

    def predicted(self, t: int, z: Place) -> Real:
        return dot(self.at.X[t], z[0]) + dot(self.at.F[t], z[1])

    def excess(self, t: int, z: Place) -> Real:
        """h_t(z) - h_t(w*, 0)."""
        p, q = self.predicted(t, z), dot(self.at.X[t], self.at.w_star)
        apart = p - q
        if apart.exact and apart.sign == 0:
            return number(0)
        return self.losses[t].value(p) - self.losses[t].value(q)

    def gradient(self, t: int, z: Place) -> Place:
        slope = self.losses[t].slope(self.predicted(t, z))
        return scaled(slope, self.at.X[t]), scaled(slope, self.at.F[t])

    def moved(self, t: int, z: Place, step: Real) -> Place:
        """Π(z - step ∇h_t(z))."""
        in_w, in_v = self.gradient(t, z)
        return self._projected(plus(z[0], in_w, -step), plus(z[1], in_v, -step))

    def _projected(self, w: Vector, v: Vector) -> Place:
        r, kind = self.at.radius, self.at.region.kind
        if kind == "box":
            first, second = ([maximum(minimum(x, r), -r) for x in u] for u in (w, v))
            return first, second
        sizes = (norm(w, v),) * 2 if kind == "disc" else (norm(w), norm(v))
        shrink = [1 / maximum(size / r, 1) for size in sizes]
        return scaled(shrink[0], w), scaled(shrink[1], v)

    def path(self, step: Real) -> list[Place]:
        places = [(self.at.w, self.at.v)]
        for t in self.steps[:-1]:
            places.append(self.moved(t, places[-1], step))
        return places

    def squared_distance(self, z: Place) -> Real:
        return square(minus(z[0], self.at.w_star)) + square(z[1])

    def regret(self, places: list[Place]) -> Real:
        return total(self.excess(t, places[t]) for t in self.steps)

    def pulls(self, places: list[Place]) -> Real:
        """Σ ||∇h_t||²."""
        return total(square([*self.gradient(t, places[t])]) for t in self.steps)

    @property
    def lengths(self) -> list[Real]:
        return [norm(x, f) for x, f in zip(self.at.X, self.at.F, strict=True)]

    @property
    def lipschitz(self) -> Real:
        most = steepness(self.at.loss)
        return greatest(
            size * (derivative_bounds(self.at.loss, self.b * size, y)[0] if most is None else most)
            for size, y in zip(self.lengths, self.at.y, strict=True)
        )

    @property
    def largest_loss(self) -> Real:
        ends = []
        for size, loss in zip(self.lengths, self.losses, strict=True):
            ends += [loss.value(self.b * size), loss.value(-self.b * size)]
        return greatest(ends)


@reference("shamir2018.theorem4_regret")
def path_regret(at: Given, a: Any, c: Any) -> Sides:
    """(a||z_1 - u||²/η + cη Σ||∇h_t||²)/2 >= the regret."""
    stream = _Stream(at)
    places = stream.path(at.step)
    first = stream.squared_distance(places[0]) * a / at.step
    return Sides((first + at.step * c * stream.pulls(places)) / 2, stream.regret(places))


@reference("shamir2018.theorem4_path")
def path_regret_in_domain(at: Given, first: Any, second: Any) -> Sides:
    """(first/c + second c) b L √T >= the regret for the step c b/(L√T)."""
    stream = _Stream(at)
    root, L = number(len(at.X)).sqrt(), stream.lipschitz
    places = stream.path(at.c * stream.b / (L * root))
    factor = number(first) / at.c + at.c * second
    return Sides(factor * stream.b * L * root, stream.regret(places))


@reference("shamir2018.theorem4_range")
def excess_range(at: Given, a: Any, b: Any) -> Sides:
    """min{a r, b bL} >= max - min of h_t(z) - h_t(u)."""
    stream = _Stream(at)
    falls = [stream.excess(t, (at.w, at.v)) for t in stream.steps]
    most = minimum(stream.largest_loss * a, stream.b * stream.lipschitz * b)
    return Sides(most, greatest(falls) + greatest(-x for x in falls))


@reference("shamir2018.theorem4_run")
def run_regret(at: Given) -> Sides:
    """As `path_regret` for recorded iterates, with Σ||e_t||(2||Π_t - u|| + ||e_t||) added."""
    stream = _Stream(at)
    places = list(zip(at.W, at.V, strict=True))
    rounded = []
    for t in stream.steps:
        exact = stream.moved(t, places[t], at.step)
        error = norm(minus(places[t + 1][0], exact[0]), minus(places[t + 1][1], exact[1]))
        rounded.append(error * (2 * stream.squared_distance(exact).sqrt() + error))
    first = (stream.squared_distance(places[0]) + total(rounded)) / at.step
    return Sides((first + at.step * stream.pulls(places)) / 2, stream.regret(places))
