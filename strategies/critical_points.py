"""Critical points of random and given problems: found by optimisers, or constructed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, FloatArray, numbers_of, unchecked, with_fields
from checker.claim import Domain
from checker.landscape.critical import (
    Problem,
    Search,
    find_saddle,
    linear_predictor,
    minimise,
    saddle_at_w_zero,
)
from checker.landscape.escape import FoundPoint, with_escape
from checker.landscape.loss import Labels, Loss
from checker.landscape.losses import LOSSES
from checker.landscape.network import NETWORKS, make_network
from checker.landscape.objective import Point
from checker.landscape.sample import Sample
from strategies.losses import losses_for

# One case costs a minimisation, so a campaign on found points plans for this many.
CASES = 80

Finder = Callable[[Problem, FloatArray, np.random.Generator], tuple[Any, Search]]


def _minimiser(problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
    v, outcome = minimise(problem, problem.initial(rng))
    return problem.point(v, w_star), outcome


def _saddle(problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
    """From near w = 0 the search often ends in a saddle, from elsewhere in a minimum."""
    v, outcome = find_saddle(problem, problem.initial(rng, scale=float(rng.choice([0.1, 1.0]))))
    return problem.point(v, w_star), outcome


def _explicit(problem: Problem, w_star: FloatArray, rng: np.random.Generator) -> Any:
    v = problem.initial(rng)
    point = problem.point(v, w_star)
    member = saddle_at_w_zero(problem.sample, problem.loss, point.Z, rng)
    if member is None:
        return point, Search.UNCONVERGED
    return with_fields(point, w=member[0], V=member[1]), Search.CONVERGED


FINDERS: dict[str, Finder] = {
    "found minimiser": _minimiser,
    "found saddle": _saddle,
    "explicit family at w = 0": _explicit,
}


@dataclass(frozen=True, eq=False)
class ProblemStructure:
    """A training problem whose critical points of one kind are sought.

    `sample` None draws a random one of n samples and d inputs for every batch.
    """

    sample: Sample | None
    n: int
    d: int
    m: int
    loss: Loss
    network: str
    finder: str
    stratum: str

    max_batch = 6

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points; searches that diverge or fail are counted in the notes."""
        sample = self.sample or self._random_sample(rng)
        problem = Problem(sample, self.loss, make_network(self.network, sample.d, self.m))
        w_star = linear_predictor(sample, self.loss)
        notes: Counter[str] = Counter()
        points: list[FoundPoint] = []
        for _ in range(size):
            point, outcome = FINDERS[self.finder](problem, w_star, rng)
            if outcome is Search.CONVERGED:
                points.append(with_escape(point))
            else:
                notes[f"{self.finder}: {outcome.value}"] += 1
        return _stacked(points, self.stratum, self.description, notes)

    def _random_sample(self, rng: np.random.Generator) -> Sample:
        y = self.loss.labels.draw(rng, (self.n,))
        return Sample(rng.standard_normal((self.n, self.d)), y, name="random sample")

    @property
    def description(self) -> str:
        """One line for the evidence."""
        data = self.sample.name if self.sample else f"random n={self.n} d={self.d}"
        return f"{data}, m={self.m}, {self.loss.name}, network: {self.network}, {self.finder}"


def _stacked(points: list[FoundPoint], stratum: str, origin: str, notes: Counter[str]) -> Batch:
    if not points:
        return Batch(None, 0, stratum, origin, notes)
    numbers = [numbers_of(p) for p in points]
    stacked = {name: np.stack([x[name] for x in numbers], axis=-1) for name in numbers[0]}
    return Batch(with_fields(points[0], **stacked), len(points), stratum, origin, notes)


# Affine losses have no minimum; every search would diverge.
TRAINABLE = tuple(loss for kind, loss in LOSSES.items() if kind != "affine")


def problems(finder: str) -> st.SearchStrategy[Any]:
    """Random training problems whose critical points of one kind are sought."""
    return st.builds(
        ProblemStructure,
        sample=st.none(),
        n=st.integers(3, 8),
        d=st.integers(1, 3),
        m=st.integers(1, 3),
        loss=st.sampled_from(TRAINABLE),
        network=st.sampled_from(list(NETWORKS)),
        finder=st.just(finder),
        stratum=st.just(finder),
    )


def _problems_on(sample: Sample) -> st.SearchStrategy[Any]:
    return st.builds(
        ProblemStructure,
        sample=st.just(sample),
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(1, 3),
        loss=losses_for(sample.y).filter(lambda loss: loss.kind not in ("affine", "quartic")),
        network=st.sampled_from(["linear", "mlp_relu", "mlp_tanh", "fourier"]),
        finder=st.sampled_from(list(FINDERS)),
        stratum=st.just(sample.name),
    )


@cache
def critical_points() -> Domain:
    """Critical points of random problems: minimisers, saddles, the explicit family at w = 0."""
    return Domain(
        instances=st.nothing(),
        strata={finder: problems(finder) for finder in FINDERS},
        on_data=lambda sample: Domain(
            st.nothing(), {sample.name: _problems_on(sample)}, cases=CASES // 8
        ),
        cases=CASES,
    )


@dataclass(frozen=True, eq=False)
class ExactCriticalStructure:
    """Points with w = 0 whose gradient in (w, V) is exactly 0, in short dyadics.

    V, Z and the labels are drawn; the last input is solved for, so that E[l'(0; y) x] = -V b. That
    takes a loss with l'(0; y) = -y or -y/2 and labels ±1, so that the division is exact.
    """

    n: int
    d: int
    m: int
    loss: Loss

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` exactly critical points."""
        n, d, m = self.n, self.d, self.m
        X, Z, V = (
            rng.integers(-3, 4, (*shape, size)).astype(float) for shape in ((n, d), (n, m), (d, m))
        )
        y = Labels.SIGN.draw(rng, (n, size))
        b = np.einsum("nb,nmb->mb", y, Z)
        rest = np.einsum("nb,ndb->db", y[:-1], X[:-1])
        X[-1] = -y[-1] * (np.einsum("dmb,mb->db", V, b) + rest)
        w_star = rng.integers(-8, 9, (d, size)) / 8.0
        w = np.zeros((d, size))
        point = unchecked(
            Point, X=X, y=y, Z=Z, w=w, V=V, w_star=w_star, loss=self.loss, weights=None
        )
        return Batch(point, size, "exactly critical", f"n={n} d={d} m={m}, {self.loss.name}")


@cache
def exactly_critical_points() -> Domain:
    """Points with w = 0 and ∇F_θ(w, V) = 0 exactly."""
    small = st.integers(1, 3)
    structure: st.SearchStrategy[Any] = st.builds(
        ExactCriticalStructure,
        n=small,
        d=small,
        m=small,
        loss=st.sampled_from([LOSSES["squared"], LOSSES["logistic"]]),
    )
    return Domain(st.nothing(), {"exactly critical": structure})
