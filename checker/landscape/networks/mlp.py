"""Multi-layer perceptrons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np

from checker.landscape.networks.activations import ACTIVATIONS, CHOICES
from checker.landscape.networks.base import (
    Block,
    FloatArray,
    Network,
    Pullback,
    default_width,
    dense,
    register,
    unpack,
)


@dataclass(frozen=True)
class MLP(Network):
    """Multi-layer perceptron: affine layers, the activation after all but the last."""

    kind: ClassVar[str] = "mlp"
    activation: str = field(metadata=CHOICES)
    hidden: tuple[int, ...]

    @property
    def differentiable(self) -> bool:
        """Whether the activation is (without hidden layers it is never applied)."""
        return ACTIVATIONS[self.activation].differentiable or not self.hidden

    @cached_property
    def layout(self) -> tuple[Block, ...]:
        """Weight and bias of every layer, from the input on."""
        widths = (self.d, *self.hidden, self.m)
        layers = (dense(after, before) for before, after in pairwise(widths))
        return tuple(block for layer in layers for block in layer)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        activate = ACTIVATIONS[self.activation].value
        h = X @ parts[0].T + parts[1]
        for weight, bias in zip(parts[2::2], parts[3::2], strict=True):
            h = activate(h) @ weight.T + bias
        return h

    def pullback(self, theta: FloatArray, X: FloatArray, cotangent: FloatArray) -> FloatArray:
        """By backpropagation."""
        return self.forward(theta, X)[1](cotangent)

    def forward(self, theta: FloatArray, X: FloatArray) -> tuple[FloatArray, Pullback]:
        """The features, and backpropagation through the layers that they went through."""
        parts, activation = unpack(theta, self.layout), ACTIVATIONS[self.activation]
        inputs, before = [X], [X @ parts[0].T + parts[1]]
        for weight, bias in zip(parts[2::2], parts[3::2], strict=True):
            inputs.append(activation.value(before[-1]))
            before.append(inputs[-1] @ weight.T + bias)

        def pull(cotangent: FloatArray) -> FloatArray:
            found, error = [], cotangent
            for index in reversed(range(len(inputs))):
                found.append(np.concatenate([(error.T @ inputs[index]).ravel(), error.sum(axis=0)]))
                if index:
                    error = (error @ parts[2 * index]) * activation.slope(before[index - 1])
            return np.concatenate(found[::-1])

        return before[-1], pull


def _mlp(activation: str, depth: int) -> Callable[[int, int], Network]:
    return lambda d, m: MLP(d, m, activation, (default_width(d, m),) * depth)


register("mlp", MLP, _mlp("tanh", depth=2))
for _name in ACTIVATIONS:
    register(f"mlp_{_name}", MLP, _mlp(_name, depth=1))
