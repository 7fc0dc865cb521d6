"""Many independent runs of projected SGD as one instance, judged by an exact binomial test.

Theorem 4 of Shamir (2018) says that a run fails with probability at most δ. Of N independent runs
the number of failures is then at most binomially distributed: more than `most_failures` have a
probability of at most 2^-`level_bits` (`checker.arithmetic.binomial`). Each run is decided by
enclosures.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.binomial import Trials, critical_failures
from checker.arithmetic.functions import (
    dot,
    filled,
    log,
    maximum,
    minimum,
    positive_part,
    sq,
    sqrt,
    total,
    vanishing_with,
)
from checker.instances.fields import Dims, FloatArray
from checker.landscape.losses.base import Loss
from checker.landscape.sgd.online import Region, largest_within


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment:
    """N runs of T steps over one sample.

    Attributes
    ----------
    X, y
        The sample, (n, d) and (n,): every step draws one row uniformly.
    w_star
        The linear predictor compared with, (d,).
    W, V
        The iterates (w_t, v_t) of every run, (d, T, N) and (m, T, N).
    F
        Features f_{θ_t}(x) of every sample at every step of every run, (n, m, T, N).
    residual
        Per run, a proved bound on what rounding adds to the bound below, (N,).
    radius, step, c, lipschitz, feature_radius
        Size of M1, η, the factor c of η = c b/(L√T), L, and a bound on ||f_θ(x)|| over M2; scalars.
    digest
        Checksum of all of these. No search may change an experiment: it would be none.
    region, loss
        Shape of M1, loss.
    odds
        δ = 1 / odds.
    level_bits
        The level of the test is 2^-level_bits.
    """

    X: Annotated[FloatArray, Dims("n", "d", domain="recorded")]
    y: Annotated[FloatArray, Dims("n", domain="recorded")]
    w_star: Annotated[FloatArray, Dims("d", domain="recorded")]
    W: Annotated[FloatArray, Dims("d", "T", "N", domain="recorded")]
    V: Annotated[FloatArray, Dims("m", "T", "N", domain="recorded")]
    F: Annotated[FloatArray, Dims("n", "m", "T", "N", domain="recorded")]
    residual: Annotated[FloatArray, Dims("N", domain="recorded")]
    radius: Annotated[FloatArray, Dims(domain="recorded")]
    step: Annotated[FloatArray, Dims(domain="recorded")]
    c: Annotated[FloatArray, Dims(domain="recorded")]
    lipschitz: Annotated[FloatArray, Dims(domain="recorded")]
    feature_radius: Annotated[FloatArray, Dims(domain="recorded")]
    digest: Annotated[FloatArray, Dims(domain="recorded")]
    region: Region
    loss: Loss
    odds: int
    level_bits: int

    @property
    def n(self) -> int:
        """Number of samples."""
        return int(self.X.shape[0])

    @property
    def T(self) -> int:
        """Number of steps."""
        return int(self.W.shape[1])

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.W.shape[2])

    @property
    def trials(self) -> Trials:
        """The runs, as what they are tested."""
        return Trials(self.runs, self.odds, self.level_bits)

    @cached_property
    def b(self) -> Any:
        """A bound on ||(w, v)|| over M1."""
        return self.region.reach(self.W.shape[0], self.V.shape[0]) * self.radius

    @cached_property
    def needed_lipschitz(self) -> Any:
        """max |l'| √(max ||x||² + feature_radius²): every h_t is Lipschitz with this constant."""
        return self._steepest_loss * sqrt(self._longest_input + sq(self.feature_radius))

    @property
    def _steepest_loss(self) -> float:
        slope = self.loss.lipschitz
        return math.inf if slope is None else slope

    @cached_property
    def _longest_input(self) -> Any:
        """max ||x||² over the sample."""
        return reduce(maximum, (sq(self.X[i]) for i in range(self.n)))

    @cached_property
    def average_F(self) -> Any:
        """(1/T) Σ_t F(w_t, v_t, θ_t) of each run, (N,)."""
        values = reduce(
            lambda a, x: a + x,
            (self.loss.value(self._prediction(i), self.y[i]) for i in range(self.n)),
        )
        return (values.T @ np.ones(self.T)) / (self.n * self.T)

    def _prediction(self, i: int) -> Any:
        """wᵀx_i + vᵀf(x_i) at every step of every run, (T, N)."""
        terms = [self.X[i][j] * self.W[j] for j in range(self.W.shape[0])]
        terms += [self.F[i][j] * self.V[j] for j in range(self.V.shape[0])]
        return reduce(lambda a, x: a + x, terms)

    @cached_property
    def F_lin(self) -> Any:
        """F_lin(w*)."""
        return total(self.loss.value(self.X @ self.w_star, self.y)) / self.n

    @cached_property
    def largest_loss(self) -> Any:
        """r: the loss is at most r over M1, M2 and the sample, for a convex loss."""
        reach = self._largest_prediction
        losses = (largest_within(self.loss, reach, self.y[i]) for i in range(self.n))
        return reduce(maximum, losses)

    @cached_property
    def _largest_prediction(self) -> Any:
        return self.b * sqrt(self._longest_input + sq(self.feature_radius))

    @cached_property
    def _root_of_T(self) -> Any:
        return sqrt(filled(self.b, self.T))

    def regret_bound(self, first: Any, second: Any) -> Any:
        """(first/c + second c) b L/√T."""
        return (first / self.c + second * self.c) * self.b * self.lipschitz / self._root_of_T

    @cached_property
    def deviation(self) -> Any:
        """min(r, 2 b L) √(2 ln(1/δ)/T), for losses in [0, r]."""
        log_odds = log(filled(self.b, float(self.odds)))
        most = minimum(self.largest_loss, 2 * self.b * self.lipschitz)
        return most * sqrt(2 * log_odds) / self._root_of_T

    def nearness(self, bound: Any) -> Any:
        """The largest of the runs' shares (average - F_lin(w*)) / bound, within [0, 1]."""
        shares = (self.average_F - self.F_lin) / bound
        return minimum(reduce(maximum, (shares[r] for r in range(self.runs)), 0 * self.b), 1)

    def failures(self, bound: Any) -> Any:
        """Number of runs whose average exceeds F_lin(w*) + bound + residual."""
        beyond = self.average_F - (self.F_lin + bound) - self.residual
        return total(indicator_of_positive(beyond))

    def written(self) -> Any:
        """Checksums of the arrays, one per case where they have a batch axis."""
        return checksums(self, _SUMMED)


class ResidualExperiment(Experiment):
    """The same for one input and one feature and the network x -> w(x + v f_θ(x)).

    Theorem 4 does not speak of it; it serves a false neighbour.
    """

    def _prediction(self, i: int) -> Any:
        return self.W[0] * (self.X[i][0] + self.F[i][0] * self.V[0])

    @cached_property
    def needed_lipschitz(self) -> Any:
        """max |l'| ||(x + v f, w f)|| over M1 and the sample."""
        inner = self.b * self.feature_radius
        sides = sqrt(self._longest_input) + inner, inner
        return self._steepest_loss * sqrt(dot(sides, sides))

    @cached_property
    def _largest_prediction(self) -> Any:
        return self.b * (sqrt(self._longest_input) + self.b * self.feature_radius)


_SUMMED = (
    *("X", "y", "w_star", "W", "V", "F", "residual"),
    *("radius", "step", "c", "lipschitz", "feature_radius"),
)


def checksum(arrays: Any) -> float:
    """CRC-32 of float64 arrays, exact as a float."""
    return float(reduce(lambda c, a: zlib.crc32(np.ascontiguousarray(a).tobytes(), c), arrays, 0))


def checksums(experiment: Any, names: Sequence[str]) -> Any:
    """Checksums of an experiment's arrays, one per case where its digest has a batch axis."""
    arrays = [getattr(experiment, name) for name in names]
    if np.ndim(experiment.digest) == 0:
        return checksum(arrays)
    size = len(experiment.digest)
    full = [np.broadcast_to(a, (*a.shape[:-1], size)) for a in arrays]
    return np.array([checksum([a[..., i] for a in full]) for i in range(size)])


def indicator_of_positive(x: Any) -> Any:
    """1 where x > 0, else 0."""
    return vanishing_with(positive_part(x) / abs(x), x)


def most_failures(trials: Trials) -> int:
    """More failures of one experiment have a probability of at most 2^-level_bits."""
    return critical_failures(((trials.runs, trials.odds),), trials.level_bits)
