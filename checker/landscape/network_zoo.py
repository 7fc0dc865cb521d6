"""Nonlinear feature maps f_theta: Fourier, maxout, MLP, residual, convolution, attention."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

import autograd.numpy as anp
import numpy as np
from autograd.scipy.special import erf

from checker.landscape.network import Block, FloatArray, Network, register, unpack


def _dense(outputs: int, inputs: int) -> tuple[Block, Block]:
    """Weight and bias of an affine layer."""
    return Block((outputs, inputs), inputs), Block((outputs,), inputs)


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
        return _dense(self.m * self.pieces, self.d)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        weight, bias = parts
        groups = anp.reshape(X @ weight.T + bias, (anp.shape(X)[0], self.m, self.pieces))
        features: FloatArray = anp.max(groups, axis=2)
        return features


def _relu(z: FloatArray) -> FloatArray:
    return anp.maximum(z, 0.0)  # type: ignore[no-any-return]


def _gelu(z: FloatArray) -> FloatArray:
    return 0.5 * z * (1.0 + erf(z / math.sqrt(2.0)))  # type: ignore[no-any-return]


def _step(z: FloatArray) -> FloatArray:
    return anp.where(z > 0.0, 1.0, 0.0)  # type: ignore[no-any-return]


ACTIVATIONS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "relu": _relu,
    "tanh": anp.tanh,
    "gelu": _gelu,
    "sin": anp.sin,
    "step": _step,
}
SMOOTH_ACTIVATIONS = frozenset({"tanh", "gelu", "sin"})

# Derivatives by hand, since autograd takes ten times as long for small networks; at the kink of
# relu the mean of both sides, as autograd has it.
_SLOPES: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "relu": lambda z: np.heaviside(z, 0.5),
    "tanh": lambda z: 1.0 - np.tanh(z) ** 2,
    "gelu": lambda z: (
        0.5 * (1.0 + erf(z / math.sqrt(2.0))) + z * np.exp(-(z**2) / 2.0) / math.sqrt(2 * math.pi)
    ),
    "sin": np.cos,
    "step": np.zeros_like,
}


@dataclass(frozen=True)
class MLP(Network):
    """Multi-layer perceptron: affine layers, the activation after all but the last."""

    kind: ClassVar[str] = "mlp"
    activation: str = field(metadata={"choices": tuple(ACTIVATIONS)})
    hidden: tuple[int, ...]

    @property
    def differentiable(self) -> bool:
        """Whether the activation is smooth (without hidden layers it is never applied)."""
        return self.activation in SMOOTH_ACTIVATIONS or not self.hidden

    @property
    def layout(self) -> tuple[Block, ...]:
        """Weight and bias of every layer, from the input on."""
        widths = (self.d, *self.hidden, self.m)
        layers = (_dense(after, before) for before, after in pairwise(widths))
        return tuple(block for layer in layers for block in layer)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        activate = ACTIVATIONS[self.activation]
        h = X @ parts[0].T + parts[1]
        for weight, bias in zip(parts[2::2], parts[3::2], strict=True):
            h = activate(h) @ weight.T + bias
        return h

    def pullback(self, theta: FloatArray, X: FloatArray, cotangent: FloatArray) -> FloatArray:
        """By backpropagation."""
        parts, activate = unpack(theta, self.layout), ACTIVATIONS[self.activation]
        inputs, before = [X], []
        for weight, bias in zip(parts[:-2:2], parts[1:-2:2], strict=True):
            before.append(inputs[-1] @ weight.T + bias)
            inputs.append(activate(before[-1]))
        found, error = [], cotangent
        for index in reversed(range(len(inputs))):
            found.append(np.concatenate([(error.T @ inputs[index]).ravel(), error.sum(axis=0)]))
            if index:
                error = (error @ parts[2 * index]) * _SLOPES[self.activation](before[index - 1])
        return np.concatenate(found[::-1])


@dataclass(frozen=True)
class ResidualMLP(Network):
    """Deep residual MLP: h <- E x, then h <- h + B_l relu(A_l h) per block, then f = C h."""

    kind: ClassVar[str] = "resnet_mlp"
    blocks: int
    width: int
    inner: int

    @property
    def differentiable(self) -> bool:
        """False: kinks of relu."""
        return False

    @property
    def layout(self) -> tuple[Block, ...]:
        """E (width, d); A_l (inner, width) and B_l (width, inner) per block; C (m, width)."""
        block = (
            Block((self.inner, self.width), self.width),
            Block((self.width, self.inner), self.inner),
        )
        embed, read_out = (
            Block((self.width, self.d), self.d),
            Block((self.m, self.width), self.width),
        )
        return (embed, *block * self.blocks, read_out)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        embed, *blocks, read_out = parts
        h = X @ embed.T
        for inward, outward in zip(blocks[::2], blocks[1::2], strict=True):
            h = h + _relu(h @ inward.T) @ outward.T
        return h @ read_out.T


@dataclass(frozen=True)
class Conv1d(Network):
    """1-D convolution over x as a one-channel sequence, tanh, then a linear read-out.

    Filter f at position i sees x[i - kernel // 2], ..., `kernel` entries in all. Beyond the ends
    of x, ``circular`` padding wraps around and ``zero`` padding reads 0.
    """

    kind: ClassVar[str] = "conv1d"
    filters: int
    kernel: int
    padding: str = field(metadata={"choices": ("circular", "zero")})

    @property
    def layout(self) -> tuple[Block, ...]:
        """Filters (filters, kernel), biases (filters,), read-out (m, d * filters)."""
        flat = self.d * self.filters
        return (*_dense(self.filters, self.kernel), Block((self.m, flat), flat))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        filters, bias, read_out = parts
        maps = anp.tanh(self._windows(X) @ filters.T + bias)
        flat = anp.reshape(maps, (anp.shape(X)[0], self.d * self.filters))
        features: FloatArray = flat @ read_out.T
        return features

    def _windows(self, X: FloatArray) -> FloatArray:
        """Entries of x that each position sees, shape (N, d, kernel)."""
        offsets = np.arange(self.kernel) - self.kernel // 2
        at = np.arange(self.d)[:, None] + offsets[None, :]
        windows = X[:, at % self.d]
        if self.padding == "zero":
            windows = anp.where((at >= 0) & (at < self.d), windows, 0.0)
        return windows


@dataclass(frozen=True)
class Attention(Network):
    """One softmax self-attention head over the entries of x, mean-pooled, linear read-out.

    Entry i becomes the token x_i e + p_i with learned embedding e and positions p_i.
    """

    kind: ClassVar[str] = "attention"
    width: int

    @property
    def layout(self) -> tuple[Block, ...]:
        """Embedding e, positions p, query, key and value matrices, read-out (m, width)."""
        square = Block((self.width, self.width), self.width)
        return (
            Block((self.width,), 1),
            Block((self.d, self.width), 1),
            *(square, square, square),
            Block((self.m, self.width), self.width),
        )

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        embedding, positions, query, key, value, read_out = parts
        tokens = X[:, :, None] * embedding + positions
        keys = anp.swapaxes(tokens @ key.T, 1, 2)
        weights = _softmax((tokens @ query.T) @ keys / math.sqrt(self.width))
        pooled = anp.mean(weights @ (tokens @ value.T), axis=1)
        features: FloatArray = pooled @ read_out.T
        return features


def _softmax(logits: FloatArray) -> FloatArray:
    """Softmax along the last axis; finite for all finite logits whose differences are finite."""
    shifted = anp.exp(logits - anp.max(logits, axis=-1, keepdims=True))
    weights: FloatArray = shifted / anp.sum(shifted, axis=-1, keepdims=True)
    return weights


def _width(d: int, m: int) -> int:
    return max(4, d + m)


def _mlp(activation: str, depth: int) -> Callable[[int, int], Network]:
    return lambda d, m: MLP(d, m, activation, (_width(d, m),) * depth)


register("fourier", Fourier, Fourier)
register("maxpool", Maxout, lambda d, m: Maxout(d, m, pieces=3))
register("mlp", MLP, _mlp("tanh", depth=2))
for _name in ACTIVATIONS:
    register(f"mlp_{_name}", MLP, _mlp(_name, depth=1))
register("resnet_mlp", ResidualMLP, lambda d, m: ResidualMLP(d, m, 3, _width(d, m), 4))
register("conv1d", Conv1d, lambda d, m: Conv1d(d, m, 4, min(3, d), "circular"))
register("attention", Attention, lambda d, m: Attention(d, m, width=4))
