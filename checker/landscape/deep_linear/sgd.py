"""Runs of stochastic gradient descent on deep linear networks, judged by an exact binomial test.

Zou, Long and Gu (2020). A run is W_l <- W_l - η n ∂L_i/∂W_l from W = 0, with a sample i drawn
uniformly at each step. An experiment carries its draws only; every formula computes the iterates
from them in its own arithmetic, so that what is judged is the algorithm and not a rounding of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any, cast

from checker.arithmetic.binomial import Trials
from checker.arithmetic.functions import (
    maximum,
    minimum,
    outer,
    settled,
    sq,
    sqrt,
)
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.network import Chain, DeepLinear, largest_square
from checker.landscape.deep_linear.steps import sampling_noise
from checker.landscape.sgd.experiment import checksums, indicator_of_positive


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearSgd(DeepLinear):
    """N independent runs of T steps from W = 0; no search may change them.

    Attributes
    ----------
    noise
        What the best linear map leaves of the labels, Y - X Φ*ᵀ, (n, k), orthogonal to X; the
        theorem asks for 0.
    drawn
        The samples drawn, (T, N, n): a 1 for the sample, 0 for the others.
    share
        The step η = share · σ_min(A)² σ_min(B)² σ_r(X)² / (e² K Λ² N²), K as in `smoothness_bound`.
    digest
        Checksum of all of these: chosen draws, or a problem chosen after them, would be no
        experiment.
    odds, level_bits
        The theorem allows a run to fail with probability 1/odds; the test is at 2^-level_bits.
    """

    X: Annotated[FloatArray, Dims("n", "d", domain="recorded")]
    Phi: Annotated[FloatArray, Dims("k", "d", domain="recorded")]
    A: Annotated[FloatArray, Dims("m", "d", domain="recorded")]
    B: Annotated[FloatArray, Dims("k", "m", domain="recorded")]
    W: Annotated[FloatArray, Dims("L", "m", "m", domain="recorded")]
    noise: Annotated[FloatArray, Dims("n", "k", domain="recorded")]
    drawn: Annotated[FloatArray, Dims("T", "N", "n", domain="recorded")]
    share: Annotated[FloatArray, Dims(domain="recorded")]
    digest: Annotated[FloatArray, Dims(domain="recorded")]
    odds: int
    level_bits: int

    @property
    def T(self) -> int:
        """Number of steps."""
        return int(self.drawn.shape[0])

    @property
    def runs(self) -> int:
        """Number of runs."""
        return int(self.drawn.shape[1])

    @property
    def trials(self) -> Trials:
        """The runs, as what they are tested."""
        return Trials(self.runs, self.odds, self.level_bits)

    @cached_property
    def e0(self) -> Any:
        """E at W = 0."""
        return self.chain.excess

    @cached_property
    def length_X(self) -> Any:
        """||X||_F."""
        X: Any = self.X
        return sqrt(sq(X))

    @cached_property
    def smoothness_bound(self) -> Any:
        """K at any W of the ball: √(2E) <= √(2 e_0) + (√e - 1) Λ ||X||_F there, since
        ||Φ(W) - Φ(0)|| <= ((1 + 1/(2L))^L - 1) Λ.
        """
        root, size = sqrt(self.e), self.Lambda * self.norm_X
        spread = sqrt(2 * self.e0) + (root - 1) * self.Lambda * self.length_X
        return self.L * size * (root * spread + self.e * size)

    @cached_property
    def step(self) -> Any:
        """η."""
        size = sq(self.e * self.Lambda) * self.smoothness_bound * sampling_noise(self)
        return self.share * self.sigma / size

    @cached_property
    def exit_odds(self) -> Any:
        """2 L c_F √e_0, c_F = 2 √2 e^(3/2) Λ ||X||_F / (L s): bounds P(the path is longer than
        1/(2L)).
        """
        return 2 * self.L * self.reach * self.length_X / self.norm_X * sqrt(self.e0)

    def drawn_gradients(self, chain: Chain, drawn: Any) -> list[Any]:
        """n times the gradient of the drawn sample, for every layer."""
        X, noise, n = self.X, self.noise, self.X.shape[0]
        x = X.T @ drawn
        return chain.pulled_back(n * outer(chain.error @ x - noise.T @ drawn, x))

    def worst(self, run: int, rate: Any, step: Any, path_share: float = 1.0) -> Any:
        """The largest over t <= T of E_t / (2 odds (1 - q)^t e_0) and of 2 L S_t / `path_share`.

        S_t is the length of the path: the sum of max_l ||W_l(s+1) - W_l(s)||_F over s < t. At most
        1: the run did what the theorem says.
        """
        worst, allowed = 0 * self.e0, 2 * self.odds * self.e0
        for chain, path in self.iterates(run, step):
            allowed = settled(allowed * (1 - rate))
            beyond = maximum(chain.excess / allowed, 2 * self.L * path / path_share)
            worst = maximum(worst, beyond)
        return worst

    def iterates(self, run: int, step: Any) -> Iterator[tuple[Chain, Any]]:
        """W_t and S_t of a run, t = 1...T."""
        chain, path, drawn = self.chain, 0 * self.e0, cast(Any, self.drawn)
        for t in range(self.T):
            gradients = self.drawn_gradients(chain, drawn[t][run])
            path = path + step * sqrt(largest_square(gradients))
            chain = chain.stepped(step, gradients)
            yield chain, path

    def written(self) -> Any:
        """Checksums of the arrays, one per case where they have a batch axis."""
        return checksums(self, _SUMMED)


_SUMMED = ("X", "Phi", "A", "B", "W", "noise", "drawn", "share")


def failed(outcomes: list[Any]) -> Any:
    """How many outcomes are above 1."""
    return reduce(lambda a, b: a + b, (indicator_of_positive(x - 1) for x in outcomes))


def nearest(outcomes: list[Any]) -> Any:
    """The largest outcome, within [0, 1]."""
    return minimum(reduce(maximum, outcomes), 1)
