"""Critical points with several outputs: found ones, explicit saddles, explicit minima."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, numbers_of, with_fields
from checker.claim import Domain
from checker.landscape.sample import Sample
from checker.landscape.vector import VectorPoint
from checker.landscape.vector_critical import (
    FoundVectorPoint,
    best_on_features,
    explicit_saddle,
    minimise_vector,
    with_vector_escape,
)
from checker.landscape.vector_losses import SQUARED, Radial, SoftmaxCrossEntropy, VectorLoss
from strategies.networks import feature_maps, features
from strategies.vector_data import fitting, outputs

# One case costs two minimisations.
CASES = 60

Finder = Callable[[VectorPoint, np.random.Generator], VectorPoint | None]


def _minimiser(start: VectorPoint, rng: np.random.Generator) -> VectorPoint | None:
    return minimise_vector(start)


def _from_low_rank(start: VectorPoint, rng: np.random.Generator) -> VectorPoint | None:
    """From all rows of W equal and nearly 0, where the saddles are."""
    return minimise_vector(with_fields(start, W=0.01 * np.repeat(start.W[:1], len(start.W), 0)))


def _saddle(start: VectorPoint, rng: np.random.Generator) -> VectorPoint | None:
    return explicit_saddle(start)


def _exact_minimum(start: VectorPoint, rng: np.random.Generator) -> VectorPoint | None:
    """W of rank one in integers, every sample twice with opposite residuals: ∇F = 0 exactly, and
    E[l' xᵀ] = 0, E[l' zᵀ] = 0 make it the minimum over all predictors linear in [x; z].
    """
    K, d = start.W.shape
    half, m = max(len(start.X) // 2, 1), start.V.shape[1]
    X, Z, V = (rng.integers(-3, 4, s).astype(float) for s in ((half, d), (half, m), (d, m)))
    W = np.outer(rng.integers(-2, 3, K), rng.integers(-2, 3, d)).astype(float)
    P = (X + Z @ V.T) @ W.T
    residual = rng.integers(-3, 4, P.shape).astype(float)
    twice = {name: np.concatenate([a, a]) for name, a in (("X", X), ("Z", Z))}
    Y = np.concatenate([P + residual, P - residual])
    return with_fields(start, **twice, Y=Y, W=W, V=V, loss=SQUARED, weights=None)


FINDERS: dict[str, Finder] = {
    "found minimiser": _minimiser,
    "found from low rank": _from_low_rank,
    "explicit saddle at W = 0": _saddle,
    "exact minimum of rank one": _exact_minimum,
}


@dataclass(frozen=True, eq=False)
class VectorProblem:
    """A training problem with K outputs; `sample` None draws a random one for every point."""

    sample: Sample | None
    n: int
    d: int
    m: int
    K: int
    loss: VectorLoss
    network: str
    finder: str
    stratum: str
    max_batch: int = 6

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points; searches without a result are counted in the notes."""
        notes: Counter[str] = Counter()
        points: list[FoundVectorPoint] = []
        for _ in range(size):
            found = FINDERS[self.finder](self._start(rng), rng)
            if found is None:
                notes[f"{self.finder}: not converged"] += 1
            else:
                points.append(with_vector_escape(found, *best_on_features(found)))
        return self._stacked(points, notes)

    def _start(self, rng: np.random.Generator) -> VectorPoint:
        X = rng.standard_normal((self.n, self.d)) if self.sample is None else self.sample.X
        Y = self._labels(rng)
        Z = features(self.network, X[..., None], self.m, rng)[..., 0]
        W, V = rng.standard_normal((self.K, X.shape[1])), rng.standard_normal((X.shape[1], self.m))
        return VectorPoint(X, Y, np.ascontiguousarray(Z), W, V, 0 * W, self.loss)

    def _labels(self, rng: np.random.Generator) -> Any:
        if self.sample is None:
            return self.loss.draw(rng, (self.n, self.K))
        return outputs(self.sample)

    def _stacked(self, points: list[FoundVectorPoint], notes: Counter[str]) -> Batch:
        if not points:
            return Batch(None, 0, self.stratum, self.description, notes)
        numbers = [numbers_of(p) for p in points]
        stacked = {name: np.stack([x[name] for x in numbers], axis=-1) for name in numbers[0]}
        made = with_fields(points[0], **stacked)
        return Batch(made, len(points), self.stratum, self.description, notes)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        data = self.sample.name if self.sample else f"random n={self.n} d={self.d}"
        return f"{data}, m={self.m} K={self.K}, {self.loss.name}, features: {self.network}"


_LOSSES: tuple[VectorLoss, ...] = (SQUARED, SoftmaxCrossEntropy(), Radial())


@st.composite
def _problems(draw: st.DrawFn, finder: str) -> VectorProblem:
    """K <= d, as the theorem asks, two outputs or more as often as one."""
    d = draw(st.integers(2, 3))
    return VectorProblem(
        sample=None,
        n=draw(st.integers(4, 8)),
        d=d,
        m=draw(st.integers(1, 3)),
        K=draw(st.integers(1, d)),
        loss=draw(st.sampled_from(_LOSSES)),
        network=draw(feature_maps()),
        finder=finder,
        stratum=finder,
    )


def _problems_on(sample: Sample) -> st.SearchStrategy[Any]:
    Y = outputs(sample)
    return st.builds(
        VectorProblem,
        sample=st.just(sample),
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(2, 3),  # the explicit saddle needs m >= K
        K=st.just(Y.shape[1]),
        loss=st.sampled_from(fitting(_LOSSES, Y)),
        network=st.sampled_from(["mlp_relu", "mlp_tanh"]),
        finder=st.sampled_from(["explicit saddle at W = 0", "found minimiser"]),
        stratum=st.just(sample.name),
        max_batch=st.just(2),
    )


@cache
def vector_critical_points() -> Domain:
    """Critical points in (W, V) of random problems and of given data."""
    return Domain(
        instances=st.nothing(),
        strata={finder: _problems(finder) for finder in FINDERS},
        on_data=lambda s: Domain(st.nothing(), {s.name: _problems_on(s)}, cases=6),
        cases=CASES,
    )
