"""Deep linear networks with what one step of (stochastic) gradient descent needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import maximum, outer, sq
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.network import Chain, DeepLinear


@dataclass(frozen=True, eq=False, kw_only=True)
class DisplacedNetwork(DeepLinear):
    """Two networks: W and W + D, D of shape (L, m, m)."""

    D: Annotated[FloatArray, Dims("L", "m", "m")]

    @cached_property
    def displaced(self) -> Chain:
        """The network at W + D."""
        factors = (f + self.D[index] for index, f in enumerate(self.chain.factors))
        return Chain(list(factors), self)


@dataclass(frozen=True, eq=False, kw_only=True)
class DescentState(DeepLinear):
    """A state of gradient descent that started at W = 0 with the excess loss e_0.

    Attributes
    ----------
    e0
        e_0, positive.
    share
        The step η = share / K_0, K_0 the smoothness at e_0; the theorem allows shares up to 1.
    """

    e0: Annotated[FloatArray, Dims(domain="positive")]
    share: Annotated[FloatArray, Dims(domain="positive")]

    def is_valid(self) -> bool:
        """Whether e_0 and the share are positive."""
        return super().is_valid() and bool(np.all(self.e0 > 0) and np.all(self.share > 0))

    @cached_property
    def step(self) -> Any:
        """η."""
        return self.share / self.smoothness(self.e0)

    @cached_property
    def after(self) -> Chain:
        """The network after one step."""
        return self.chain.stepped(self.step)


@dataclass(frozen=True, eq=False, kw_only=True)
class ZeroStart(DeepLinear):
    """Gradient descent from W = 0; the layers W carry no numbers of their own.

    Attributes
    ----------
    share
        The step η = share / K_0.
    """

    share: Annotated[FloatArray, Dims(domain="positive")]

    def is_valid(self) -> bool:
        """Whether the share is positive."""
        return super().is_valid() and bool(np.all(self.share > 0))

    @cached_property
    def step(self) -> Any:
        """η."""
        return self.share / self.smoothness(self.chain.excess)

    def path(self, steps: int) -> list[Chain]:
        """The networks at times 0, ..., `steps`."""
        chains = [self.chain]
        for _ in range(steps):
            chains.append(chains[-1].stepped(self.step))
        return chains


@dataclass(frozen=True, eq=False, kw_only=True)
class StochasticState(DeepLinear):
    """A state of stochastic gradient descent with one sample per step.

    Attributes
    ----------
    share
        The step η = share · σ_min(A)² σ_min(B)² σ_r(X)² / (e² K Λ² N²), K the smoothness at E(W),
        N² = ||X||² + n max ||x_i||².
    """

    share: Annotated[FloatArray, Dims(domain="positive")]

    def is_valid(self) -> bool:
        """Whether the share is positive."""
        return super().is_valid() and bool(np.all(self.share > 0))

    @cached_property
    def noise(self) -> Any:
        """N²."""
        return sampling_noise(self)

    @cached_property
    def step(self) -> Any:
        """η."""
        size = sq(self.e * self.Lambda) * self.smoothness(self.chain.excess) * self.noise
        return self.share * self.sigma / size

    @cached_property
    def successors(self) -> list[Chain]:
        """The networks after a step with n times the gradient of each sample: equally likely."""
        return self.after_samples(self.step)

    def after_samples(self, step: Any) -> list[Chain]:
        """The same for any step."""
        n = self.X.shape[0]
        gradients = (self.chain.gradients(_single(self.X[i])) for i in range(n))
        return [self.chain.stepped(n * step, g) for g in gradients]


def sampling_noise(at: DeepLinear) -> Any:
    """N² = ||X||² + n max ||x_i||²: E||G||² <= 2 e L Λ² N² E for n times the gradient G of a sample
    drawn uniformly.
    """
    X: Any = at.X
    n = X.shape[0]
    return sq(at.norm_X) + n * reduce(maximum, (sq(X[i]) for i in range(n)))


def _single(row: Any) -> Any:
    """A row as a matrix of one row."""
    return outer(type(row).constant(np.ones(1)), row)
