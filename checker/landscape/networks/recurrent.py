"""Recurrent networks that read x entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import autograd.numpy as anp
import numpy as np

from checker.landscape.networks.activations import sigmoid
from checker.landscape.networks.base import Block, FloatArray, Network, register


def _cell(outputs: int, width: int) -> tuple[Block, Block, Block]:
    """Recurrence matrix, input weights and biases: each output sums over h, x_t and the bias."""
    fan_in = width + 1
    return (Block((outputs, width), fan_in), Block((outputs,), fan_in), Block((outputs,), fan_in))


@dataclass(frozen=True)
class Recurrent(Network):
    """Simple recurrent network: h_t = tanh(A h_{t-1} + a x_t + b), h_0 = 0, f = C h_d.

    Elman (1990).
    """

    kind: ClassVar[str] = "rnn"
    width: int

    @property
    def layout(self) -> tuple[Block, ...]:
        """A (width, width), a and b (width,), read-out C (m, width)."""
        return (*_cell(self.width, self.width), Block((self.m, self.width), self.width))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        recurrence, weights, bias, read_out = parts
        h = np.zeros((anp.shape(X)[0], self.width))
        for t in range(self.d):
            h = anp.tanh(h @ recurrence.T + X[:, t, None] * weights + bias)
        return h @ read_out.T


@dataclass(frozen=True)
class LSTM(Network):
    """Long short-term memory: c_t = s(i) c_{t-1} + s(j) tanh(k), h_t = s(o) tanh(c_t), f = C h_d.

    (i, j, k, o) = A h_{t-1} + a x_t + b, s the sigmoid, c_0 = h_0 = 0 (Hochreiter and Schmidhuber
    1997, with the forget gate of Gers, Schmidhuber and Cummins 2000).
    """

    kind: ClassVar[str] = "lstm"
    width: int

    @property
    def layout(self) -> tuple[Block, ...]:
        """A (4 width, width), a and b (4 width,), read-out C (m, width)."""
        return (*_cell(4 * self.width, self.width), Block((self.m, self.width), self.width))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        recurrence, weights, bias, read_out = parts
        h = c = np.zeros((anp.shape(X)[0], self.width))
        for t in range(self.d):
            gates = h @ recurrence.T + X[:, t, None] * weights + bias
            keep, write, new, show = (gates[:, i::4] for i in range(4))
            c = sigmoid(keep) * c + sigmoid(write) * anp.tanh(new)
            h = sigmoid(show) * anp.tanh(c)
        return h @ read_out.T


register("rnn", Recurrent, lambda d, m: Recurrent(d, m, width=4))
register("lstm", LSTM, lambda d, m: LSTM(d, m, width=3))
