"""Critical points that searches end in: minima of F_θ with w != 0, and saddles with w = 0.

With θ fixed F_θ(w, V) = Φ(w, Vᵀw) with a convex Φ, so its critical points with w != 0 are the
minimisers of Φ, found by Newton's method; those with w = 0 are known explicitly. θ is gaussian,
trained for some steps, or minimised over, from many starts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.census.reduced import descended, minimised_over
from checker.instances.fields import Batch, FloatArray, numbers_of, with_fields
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.minima.critical import Problem, Search, find_saddle, saddle_at_w_zero
from checker.landscape.minima.found import FoundMinimum, found_point
from checker.landscape.minima.near_points import with_constants
from checker.landscape.networks.base import NETWORKS, make_network
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample
from strategies.minima.found_data import drawn_sample
from strategies.networks import FREE

# Affine losses have no minimum; every search would diverge.
TRAINABLE = tuple(loss for kind, loss in LOSSES.items() if kind != "affine")

# Gradient, relative to the data, at which Newton's method counts as having ended in a minimum.
_SMALL = 1e-7
# ||w|| of a found saddle, relative to 1 + ||V||, that is taken for 0.
_ZERO = 1e-4

_COUNTS = (4, 6, 8, 12, 16, 24, 48, 96, 200, 500, 1000)
SMALL, MIDDLE, LARGE = (1, 2, 3), (1, 2, 3, 4, 6, 8, 12, 16, 20), (20, 30, 40, 50)


@dataclass(frozen=True, eq=False)
class Searches:
    """Training problems of one shape; each batch draws one sample and searches it repeatedly.

    Attributes
    ----------
    sample
        A given sample, or None for one of the kind `data`.
    training
        Steps of descent over θ before the rest is solved for: 0 leaves θ gaussian.
    """

    data: str
    n: int
    d: int
    m: int
    loss: Loss
    network: str
    stratum: str
    training: int = 0
    sample: Sample | None = None
    max_batch: int = 16

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points; searches that end nowhere are counted in the notes."""
        sample = self.sample or drawn_sample(rng, self.data, self.n, self.d, self.loss)
        kind = "linear" if self.network == FREE else self.network
        problem = Problem(sample, self.loss, make_network(kind, sample.d, self.m))
        notes: Counter[str] = Counter()
        with np.errstate(all="ignore"):
            w_star = minimised_over(problem, sample.X)
            found = [self.find(problem, w_star, rng) for _ in range(size)]
        points = [p for p in found if not isinstance(p, str)]
        notes.update(f"{self.stratum}: {p}" for p in found if isinstance(p, str))
        return stacked(points, self.stratum, self.description, notes)

    def features(self, problem: Problem, rng: np.random.Generator) -> FloatArray:
        """Z, (n, m), for a θ of its own."""
        if self.network == FREE:
            return rng.standard_normal((problem.sample.n, self.m))
        theta = problem.network.initial(rng)
        if self.training and problem.network.size:
            theta = descended(problem, theta, int(rng.integers(1, self.training + 1)))
        return np.ascontiguousarray(problem.network.features(theta, problem.sample.X))

    def find(self, problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
        """A point, or why there is none."""
        raise NotImplementedError

    @property
    def description(self) -> str:
        """One line for the evidence."""
        data = self.sample.name if self.sample else f"{self.data}, n={self.n} d={self.d}"
        return f"{data}, m={self.m}, {self.loss.name}, network: {self.network}"


class Minima(Searches):
    """Minima of F_θ with w != 0."""

    def find(self, problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
        """The minimiser over (w, q), and a V with Vᵀw = q."""
        Z = self.features(problem, rng)
        columns = np.hstack([problem.sample.X, Z])
        if not np.isfinite(columns).all():
            return "features overflow"
        c = minimised_over(problem, columns)
        if not is_minimiser(problem, columns, c):
            return "not converged, or the infimum is not attained"
        w, q = c[: problem.sample.d], c[problem.sample.d :]
        if not w.any():
            return "w = 0"
        across = rng.standard_normal((len(w), self.m)) * rng.integers(0, 2)
        V = np.outer(w, q - across.T @ w) / (w @ w) + across
        s = problem.sample
        point = Point(s.X, s.y, Z, w, V, w_star, problem.loss, s.weights)
        made = found_point(point, FoundMinimum, modulus=1.0, radius=1.0, whole=False)
        return with_constants(made) or made


class SaddlesAtZero(Searches):
    """Members of the explicit family of critical points with w = 0."""

    def find(self, problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
        """(0, V) with V b = -a."""
        Z = self.features(problem, rng)
        if not np.isfinite(Z).all():
            return "features overflow"
        member = saddle_at_w_zero(problem.sample, problem.loss, Z, rng)
        if member is None:
            return "E[l'(0) f] = 0"
        s = problem.sample
        return found_point(Point(s.X, s.y, Z, *member, w_star, problem.loss, s.weights))


class FoundSaddles(Searches):
    """Saddles that a search for a zero of the gradient ended in, which have w = 0."""

    def find(self, problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
        """From near w = 0 the search often ends in a saddle, from elsewhere in a minimum."""
        start = problem.initial(rng, scale=float(rng.choice([0.1, 1.0])))
        v, outcome = find_saddle(problem, start)
        if outcome is not Search.CONVERGED:
            return outcome.value
        point = problem.point(v, w_star)
        if not np.linalg.norm(point.w) <= _ZERO * (1 + np.linalg.norm(point.V)):
            return "ended at w != 0, in a minimum"
        return found_point(with_fields(point, w=np.zeros_like(point.w)))


def is_minimiser(problem: Problem, columns: FloatArray, c: FloatArray) -> bool:
    """Whether Newton's method over c -> E l(columns c; y) counts as having ended in a minimum."""
    slope = columns.T @ problem.slopes(columns @ c)
    return bool(np.linalg.norm(slope) <= _SMALL * (1 + np.abs(columns).max()))


def stacked(points: list[Any], stratum: str, origin: str, notes: Counter[str]) -> Batch:
    """Instances of one shape as a batch."""
    if not points:
        return Batch(None, 0, stratum, origin, notes)
    numbers = [numbers_of(p) for p in points]
    arrays = {name: np.stack([x[name] for x in numbers], axis=-1) for name in numbers[0]}
    return Batch(with_fields(points[0], **arrays), len(points), stratum, origin, notes)


# -- shapes --------------------------------------------------------------------------------------


@st.composite
def searches(
    draw: st.DrawFn,
    /,
    kind: type[Searches],
    stratum: str,
    sizes: tuple[int, ...],
    most: int,
    **fixed: Any,
) -> Searches:
    """Shapes with n > d + m, where minima are strict, in most cases; all losses and networks."""
    d, m = draw(st.sampled_from(sizes)), draw(st.sampled_from(sizes))
    n = draw(
        st.sampled_from([k for k in (4, 6, 8, 12, 16, 24, 48, 96, 200, 500, 1000) if k <= most])
    )
    settings = {
        "data": "gaussian inputs",
        "network": draw(st.sampled_from(list(NETWORKS))),
        "loss": draw(st.sampled_from(TRAINABLE)),
        **fixed,
    }
    chosen = {k: draw(v) if isinstance(v, st.SearchStrategy) else v for k, v in settings.items()}
    n = max(n, min(d + m + 2, most)) if draw(st.integers(0, 9)) else n
    return kind(n=n, d=d, m=m, stratum=stratum, **chosen)
