"""Feature maps of one layer: Fourier features, radial basis functions, maxout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import autograd.numpy as anp

from checker.landscape.networks.base import Block, FloatArray, Network, dense, register


@dataclass(frozen=True)
class Fourier(Network):
    """Fourier features f(x) = cos(Omega x + phase), Omega and phase being parameters."""

    kind: ClassVar[str] = "fourier"

    @property
    def layout(self) -> tuple[Block, ...]:
        """Frequencies Omega, shape (m, d), and phases, shape (m,)."""
        return (Block((self.m, self.d), self.d), Block((self.m,), 1))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        omega, phase = parts
        features: FloatArray = anp.cos(X @ omega.T + phase)
        return features


@dataclass(frozen=True)
class RadialBasis(Network):
    """Gaussian bumps f_i(x) = exp(-s_i² ||x - c_i||²) (Broomhead and Lowe 1988)."""

    kind: ClassVar[str] = "rbf"

    @property
    def layout(self) -> tuple[Block, ...]:
        """Centres c_i, shape (m, d), and inverse widths s_i, shape (m,)."""
        return (Block((self.m, self.d), 1), Block((self.m,), self.d))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        centres, sharpness = parts
        apart = X[:, None, :] - centres
        features: FloatArray = anp.exp(-sharpness * sharpness * anp.sum(apart * apart, axis=2))
        return features


@dataclass(frozen=True)
class Maxout(Network):
    """Max-pooling over groups of affine pieces: f_i(x) = max_p (a_ip . x + b_ip)."""

    kind: ClassVar[str] = "maxpool"
    pieces: int

    @property
    def differentiable(self) -> bool:
        """False: kinks where two pieces tie (one piece would have no tie)."""
        return self.pieces == 1

    @property
    def layout(self) -> tuple[Block, ...]:
        """Weight and bias of all pieces, those of one feature being adjacent."""
        return dense(self.m * self.pieces, self.d)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        weight, bias = parts
        groups = anp.reshape(X @ weight.T + bias, (anp.shape(X)[0], self.m, self.pieces))
        # Two at a time: the derivative of np.max compares numbers that balls cannot tell apart.
        return reduce(anp.maximum, (groups[:, :, piece] for piece in range(self.pieces)))


register("fourier", Fourier, Fourier)
register("rbf", RadialBasis, RadialBasis)
register("maxpool", Maxout, lambda d, m: Maxout(d, m, pieces=3))
