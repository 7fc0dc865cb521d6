"""Networks with batch or layer normalisation."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

import autograd.numpy as anp
import numpy as np

from checker.landscape.networks.activations import ACTIVATIONS, CHOICES
from checker.landscape.networks.base import (
    Block,
    FloatArray,
    Network,
    default_width,
    dense,
    register,
)

# Added to every variance, so that networks are differentiable where it vanishes; Keras has it.
EPSILON = 1e-3


def standardised(z: FloatArray, axis: int, over: slice = slice(None)) -> FloatArray:
    """(z - mean) / √(variance + ε), both along an axis; statistics are those of z[over]."""
    centred = z - anp.mean(_part(z, over), axis=axis, keepdims=True)
    part = _part(centred, over)
    normal: FloatArray = centred / anp.sqrt(
        anp.mean(part * part, axis=axis, keepdims=True) + EPSILON
    )
    return normal


def _part(z: FloatArray, over: slice) -> FloatArray:
    """z[over]; where that is all of z, autograd need not know of it."""
    return z if over == slice(None) else z[over]


@dataclass(frozen=True)
class Normalised(Network):
    """An MLP whose layers are h <- σ(γ n(W h) + β), n being a normalisation; affine at the end."""

    activation: str = field(metadata=CHOICES)
    hidden: tuple[int, ...]

    @property
    def differentiable(self) -> bool:
        """Whether the activation is (without hidden layers it is never applied)."""
        return ACTIVATIONS[self.activation].differentiable or not self.hidden

    @property
    def layout(self) -> tuple[Block, ...]:
        """W, γ and β of every hidden layer, then weight and bias of the last one."""
        widths = (self.d, *self.hidden)
        layers = (
            (Block((after, before), before), Block((after,), 1), Block((after,), 1))
            for before, after in pairwise(widths)
        )
        return (*(block for layer in layers for block in layer), *dense(self.m, widths[-1]))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        activate, rows = ACTIVATIONS[self.activation].value, anp.shape(X)[0]
        *layers, weight, bias = parts
        h = self._inputs(X)
        for inward, gain, shift in zip(layers[::3], layers[1::3], layers[2::3], strict=True):
            h = activate(self._normal(h @ inward.T, rows) * gain + shift)
        return h[:rows] @ weight.T + bias

    def _inputs(self, X: FloatArray) -> FloatArray:
        """What passes through the layers: X first, and then whatever statistics need."""
        return X

    @abstractmethod
    def _normal(self, z: FloatArray, rows: int) -> FloatArray:
        """Pre-activations, normalised; the first `rows` belong to X."""


@dataclass(frozen=True)
class LayerNorm(Normalised):
    """MLP with layer normalisation: mean and variance over the units of a layer, per sample.

    Ba, Kiros and Hinton (2016).
    """

    kind: ClassVar[str] = "layer_norm"

    def _normal(self, z: FloatArray, rows: int) -> FloatArray:
        return standardised(z, axis=1)


@dataclass(frozen=True)
class BatchNorm(Normalised):
    """MLP with batch normalisation: mean and variance of each unit over a fixed reference batch.

    The batch is ±√d e_1, ..., ±√d e_d, which has mean 0 and covariance I; so samples do not see
    each other, as in evaluation mode, while derivatives in θ run through the statistics, as in
    training (virtual batch normalisation: Salimans et al. 2016; Ioffe and Szegedy 2015).
    """

    kind: ClassVar[str] = "batch_norm"

    def _inputs(self, X: FloatArray) -> FloatArray:
        axes = np.sqrt(self.d) * np.eye(self.d)
        inputs: FloatArray = anp.concatenate([X, axes, -axes])
        return inputs

    def _normal(self, z: FloatArray, rows: int) -> FloatArray:
        return standardised(z, axis=0, over=slice(rows, None))


register("batch_norm", BatchNorm, lambda d, m: BatchNorm(d, m, "relu", (default_width(d, m),) * 2))
register("layer_norm", LayerNorm, lambda d, m: LayerNorm(d, m, "gelu", (default_width(d, m),) * 2))
