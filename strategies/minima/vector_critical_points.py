"""Critical points with several outputs: minima of F_θ, found and exact, and saddles at W = 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.census.reduced import descended, minimised_over
from checker.claims.claim import Domain
from checker.instances.fields import Batch, FloatArray, unchecked, with_fields
from checker.landscape.data import SHIPPED
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import SQUARED, Separable
from checker.landscape.minima.critical import Problem
from checker.landscape.minima.found import explicit_saddle, found_vector_minimum
from checker.landscape.minima.near_points import minimised, with_constants
from checker.landscape.networks.base import NETWORKS, make_network
from checker.landscape.residual_unit.comparators import FlatPoint
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.sample import Sample
from strategies.minima.found_controls import minima_at_kinks, minima_of_bounded_losses
from strategies.minima.found_data import DATA, HARD
from strategies.minima.found_points import LARGE, MIDDLE, SMALL, TRAINABLE, is_minimiser, stacked
from strategies.minima.one_output import one_output
from strategies.networks import feature_maps, features
from strategies.residual_unit.data import outputs

CASES, AT_ZERO_CASES, DATA_CASES = 400, 120, 6


@dataclass(frozen=True, eq=False)
class VectorSearches:
    """Training problems with K outputs; `sample` None draws one of the kind `data` for every point.

    `training` steps of descent over θ come first, for the first of the outputs.
    """

    n: int
    d: int
    m: int
    K: int
    loss: Separable
    network: str
    stratum: str
    sample: Sample | None = None
    max_batch: int = 8
    data: str = "gaussian inputs"
    training: int = 0

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points; searches that end nowhere are counted in the notes."""
        with np.errstate(all="ignore"):
            found = [self.find(self._start(rng), rng) for _ in range(size)]
        notes = Counter(f"{self.stratum}: {p}" for p in found if isinstance(p, str))
        points = [p for p in found if not isinstance(p, str)]
        return stacked(points, self.stratum, self.description, notes)

    def find(self, start: VectorPoint, rng: np.random.Generator) -> Any:
        """A point, or why there is none."""
        raise NotImplementedError

    def _start(self, rng: np.random.Generator) -> VectorPoint:
        X, Y, weights = self._drawn(rng)
        Z = self._trained(X, Y, weights, rng) if self.training else self._features(X, rng)
        W, V = rng.standard_normal((self.K, X.shape[1])), rng.standard_normal((X.shape[1], self.m))
        return VectorPoint(X, Y, np.ascontiguousarray(Z), W, V, 0 * W, self.loss, weights)

    def _drawn(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        if self.sample is not None:
            # As many numbers are drawn as for a random sample.
            self.loss.draw(rng, (self.sample.n, self.K))
            return self.sample.X, outputs(self.sample), self.sample.weights
        X, weights = DATA[self.data](rng, self.n, self.d)
        return X, self.loss.draw(rng, (len(X), self.K)), weights

    def _features(self, X: FloatArray, rng: np.random.Generator) -> FloatArray:
        return features(self.network, X[..., None], self.m, rng)[..., 0]

    def _trained(
        self, X: FloatArray, Y: FloatArray, weights: FloatArray | None, rng: np.random.Generator
    ) -> FloatArray:
        network = make_network(self.network, X.shape[1], self.m)
        theta = network.initial(rng)
        if network.size:
            problem = Problem(Sample(X, Y[:, 0], weights), self.loss.each, network)
            theta = descended(problem, theta, int(rng.integers(1, self.training + 1)))
        return network.features(theta, X)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        data = self.sample.name if self.sample else f"{self.data}, n={self.n} d={self.d}"
        return f"{data}, m={self.m} K={self.K}, {self.loss.name}, features: {self.network}"


def best_on_features(point: VectorPoint) -> FloatArray:
    """R, (K, d + m), of a nearly best predictor x -> R [x; z], one output after the other."""
    columns = np.hstack([point.X, point.Z])
    loss: Any = point.loss
    network = make_network("linear", point.X.shape[1], 1)
    samples = (Sample(point.X, y, point.weights) for y in point.Y.T)
    problems = (Problem(sample, loss.each, network) for sample in samples)
    return np.array([minimised_over(problem, columns) for problem in problems])


def _compared(point: VectorPoint, R: FloatArray, **further: Any) -> Any:
    d = point.X.shape[1]
    comparator = {"W_star": R[:, :d].copy(), "S": R[:, d:].copy()}
    return found_vector_minimum(point, **{**comparator, **further})


class VectorMinima(VectorSearches):
    """Minima of F_θ with W of full row rank: the best predictor on [x; z] as a residual unit."""

    def find(self, start: VectorPoint, rng: np.random.Generator) -> Any:
        """W and W V from Newton's method, one output after the other."""
        R, d = best_on_features(start), start.X.shape[1]
        columns, loss = np.hstack([start.X, start.Z]), self.loss.each
        network = make_network("linear", d, 1)
        for y, row in zip(start.Y.T, R, strict=True):
            problem = Problem(Sample(start.X, y, start.weights), loss, network)
            if not is_minimiser(problem, columns, row):
                return "not converged, or the infimum is not attained"
        W, inverse = R[:, :d], np.linalg.pinv(R[:, :d])
        free = rng.standard_normal(start.V.shape) * rng.integers(0, 2)
        V = inverse @ R[:, d:] + free - inverse @ (W @ free)
        made = _compared(with_fields(start, W=W.copy(), V=V), R)
        return with_constants(made) or made


class VectorDescents(VectorSearches):
    """Minima that BFGS over (W, V) ends in."""

    whole = False

    def find(self, start: VectorPoint, rng: np.random.Generator) -> Any:
        """From a random start."""
        end = minimised(_compared(start, best_on_features(start), whole=self.whole))
        if end is None:
            return "not converged, or the infimum is not attained"
        return with_constants(end) or "no strict minimum"


class WideDescents(VectorDescents):
    """The same for more outputs than inputs, where F is no function of W V alone that is reached
    everywhere: proofs are in (W, V).
    """

    whole = True


class ExactMinima(VectorSearches):
    """W of rank one in integers, every sample twice with opposite residuals: ∇F = 0 exactly, and
    E[l' xᵀ] = 0, E[l' zᵀ] = 0 make it the minimum over all predictors linear in [x; z].
    """

    def find(self, start: VectorPoint, rng: np.random.Generator) -> Any:
        """The comparator is the point itself, so that equality holds."""
        K, d = start.W.shape
        half, m = max(len(start.X) // 2, 1), start.V.shape[1]
        X, Z, V = (rng.integers(-3, 4, s).astype(float) for s in ((half, d), (half, m), (d, m)))
        W = np.outer(rng.integers(-2, 3, K), rng.integers(-2, 3, d)).astype(float)
        P = (X + Z @ V.T) @ W.T
        residual = rng.integers(-3, 4, P.shape).astype(float)
        twice = {name: np.concatenate([a, a]) for name, a in (("X", X), ("Z", Z))}
        Y = np.concatenate([P + residual, P - residual])
        point = with_fields(start, **twice, Y=Y, W=W, V=V, loss=SQUARED, weights=None)
        return _compared(point, np.hstack([W, W @ V]))


class SaddlesAtZero(VectorSearches):
    """Critical points with W = 0, and a short u: every W u = 0."""

    def find(self, start: VectorPoint, rng: np.random.Generator) -> Any:
        """A `FlatPoint` with M = 0."""
        found = explicit_saddle(start)
        if found is None:
            return "K > m, or E[l'(0) zᵀ] is not finite"
        R, d = best_on_features(start), start.X.shape[1]
        same = {name: getattr(found, name) for name in ("X", "Y", "Z", "V", "loss", "weights")}
        u = rng.standard_normal(d) * 2.0**-10
        comparator = {"W_star": R[:, :d].copy(), "S": R[:, d:].copy()}
        return unchecked(FlatPoint, M=np.zeros_like(found.W), u=u, **comparator, **same)


_FEW = (*SMALL, 6, 12)
_SUMS = tuple(Separable(loss) for loss in TRAINABLE)


@st.composite
def vector_searches(
    draw: st.DrawFn,
    /,
    kind: type[VectorSearches],
    stratum: str,
    sizes: tuple[int, ...],
    most: int,
    losses: tuple[Separable, ...] = _SUMS,
    **fixed: Any,
) -> VectorSearches:
    """K <= d, as the theorem asks, two outputs or more as often as one; n > d + m."""
    d, m = draw(st.sampled_from(sizes)), draw(st.sampled_from(sizes))
    n = draw(st.sampled_from([k for k in (6, 8, 12, 24, 48, 96, 200, 500, 1000) if k <= most]))
    # Features are a function of the input: where inputs are repeated they are not free.
    networks = st.sampled_from(list(NETWORKS)) if fixed else feature_maps()
    return kind(
        n=max(n, d + m + 2),
        d=d,
        m=m,
        K=draw(st.integers(1, min(d, 4))),
        loss=draw(st.sampled_from(losses)),
        network=draw(networks),
        stratum=stratum,
        **{k: draw(v) if isinstance(v, st.SearchStrategy) else v for k, v in fixed.items()},
    )


def _problems_on(sample: Sample, kind: type[VectorSearches]) -> Domain:
    Y = outputs(sample)
    moderate = ("squared", "log_cosh", "pseudo_huber", "cross_entropy")
    fitting = [x for x in _SUMS if x.each.kind in moderate and np.all(x.labels.accepts(Y))]
    structure: st.SearchStrategy[Any] = st.builds(
        kind,
        n=st.just(sample.n),
        d=st.just(sample.d),
        m=st.integers(2, 3),  # the explicit saddle needs m >= K
        K=st.just(Y.shape[1]),
        loss=st.sampled_from(fitting),
        network=st.sampled_from(["mlp_relu", "mlp_tanh"]),
        stratum=st.just(sample.name),
        sample=st.just(sample),
        max_batch=st.just(2),
    )
    return Domain(st.nothing(), {sample.name: structure}, cases=DATA_CASES, found=True)


@cache
def vector_minima() -> Domain:
    """Minima of F_θ(W, V) of random problems and of given data."""
    small = tuple(Separable(LOSSES[kind]) for kind in ("squared", "log_cosh", "pseudo_huber"))
    strata = {
        "found minimum": vector_searches(VectorMinima, "found minimum", MIDDLE, 200),
        "descent over (W, V)": vector_searches(
            VectorDescents, "descent over (W, V)", SMALL, 12, small
        ),
        "exact minimum of rank one": vector_searches(
            ExactMinima, "exact minimum of rank one", SMALL, 8
        ),
        "θ trained": vector_searches(VectorMinima, "θ trained", SMALL, 48, training=10),
        "hard data": vector_searches(VectorMinima, "hard data", _FEW, 200, data=HARD),
        "n to 1000": vector_searches(VectorMinima, "n to 1000", LARGE, 1000, max_batch=1),
    }
    on_data = partial(_problems_on, kind=VectorMinima)
    without: dict[str, Callable[[], Domain]] = {
        "no_more_outputs_than_inputs": wide_minima,
        "convex_loss": partial(one_output, minima_of_bounded_losses),
        "differentiable_loss": partial(one_output, minima_at_kinks),
    }
    return Domain(
        st.nothing(),
        strata,
        on_data=on_data,
        shipped=SHIPPED,
        cases=CASES,
        found=True,
        without=without,
    )


@cache
def vector_saddles() -> Domain:
    """Critical points at W = 0."""
    strata = {
        "W = 0": vector_searches(SaddlesAtZero, "W = 0", MIDDLE, 200),
        "hard data": vector_searches(SaddlesAtZero, "hard data", _FEW, 48, data=HARD),
    }
    on_data = partial(_problems_on, kind=SaddlesAtZero)
    return Domain(
        st.nothing(), strata, on_data=on_data, shipped=SHIPPED, cases=AT_ZERO_CASES, found=True
    )


@st.composite
def _wide(draw: st.DrawFn, stratum: str) -> WideDescents:
    """d = 1 and two or three outputs."""
    return WideDescents(
        n=draw(st.integers(4, 8)),
        d=1,
        m=draw(st.integers(1, 2)),
        K=draw(st.integers(2, 3)),
        loss=SQUARED,
        network=draw(feature_maps()),
        stratum=stratum,
    )


@cache
def wide_minima() -> Domain:
    """Found minima with more outputs than inputs."""
    return Domain(st.nothing(), {"K > d": _wide("K > d")}, cases=AT_ZERO_CASES, found=True)
