"""Feature maps f_theta that are linear in theta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import autograd.numpy as anp
import numpy as np

from checker.landscape.networks.base import Block, FloatArray, Network, register


@dataclass(frozen=True)
class Constant(Network):
    """f(x) = theta: learned constants that ignore x."""

    kind: ClassVar[str] = "constant"

    @property
    def layout(self) -> tuple[Block, ...]:
        """The constants."""
        return (Block((self.m,), 1),)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        features: FloatArray = anp.ones((anp.shape(X)[0], 1)) * parts[0]
        return features


@dataclass(frozen=True)
class Scaling(Network):
    """f_i(x) = theta_i x_{i mod d}: a scaled identity, repeated or cut to m features."""

    kind: ClassVar[str] = "scaling"

    @property
    def layout(self) -> tuple[Block, ...]:
        """The scale factors."""
        return (Block((self.m,), 1),)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        return X[:, np.arange(self.m) % self.d] * parts[0]


@dataclass(frozen=True)
class Linear(Network):
    """f(x) = A x."""

    kind: ClassVar[str] = "linear"

    @property
    def layout(self) -> tuple[Block, ...]:
        """The matrix A, shape (m, d)."""
        return (Block((self.m, self.d), self.d),)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        return X @ parts[0].T


for _linear in (Constant, Scaling, Linear):
    register(_linear.kind, _linear, _linear)
