"""Residual MLPs: the features of a residual unit may come from a deep residual network."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from checker.landscape.networks.activations import ACTIVATIONS, CHOICES
from checker.landscape.networks.base import (
    Block,
    FloatArray,
    Network,
    default_width,
    register,
    unpack,
)


@dataclass(frozen=True)
class ResidualMLP(Network):
    """Deep residual MLP: h <- E x, then h <- h + B_l σ(A_l h) per block, then f = C h.

    An entry of h sums over the inner units of all blocks, and so its fan-in counts: without that a
    random network of 20 blocks would enlarge its inputs a thousandfold.
    """

    kind: ClassVar[str] = "resnet_mlp"
    activation: str = field(metadata=CHOICES)
    blocks: int
    width: int
    inner: int

    @property
    def differentiable(self) -> bool:
        """Whether the activation is."""
        return ACTIVATIONS[self.activation].differentiable

    @property
    def layout(self) -> tuple[Block, ...]:
        """E (width, d); A_l (inner, width) and B_l (width, inner) per block; C (m, width)."""
        inward = Block((self.inner, self.width), self.width)
        outward = Block((self.width, self.inner), self.inner * self.blocks)
        embed = Block((self.width, self.d), self.d)
        read_out = Block((self.m, self.width), self.width)
        return (embed, *(inward, outward) * self.blocks, read_out)

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        activate = ACTIVATIONS[self.activation].value
        embed, *blocks, read_out = parts
        h = X @ embed.T
        for inward, outward in zip(blocks[::2], blocks[1::2], strict=True):
            h = h + activate(h @ inward.T) @ outward.T
        return h @ read_out.T

    def pullback(self, theta: FloatArray, X: FloatArray, cotangent: FloatArray) -> FloatArray:
        """By backpropagation."""
        activation = ACTIVATIONS[self.activation]
        embed, *blocks, read_out = unpack(theta, self.layout)
        pairs = list(zip(blocks[::2], blocks[1::2], strict=True))
        streams, before = [X @ embed.T], []
        for inward, outward in pairs:
            before.append(streams[-1] @ inward.T)
            streams.append(streams[-1] + activation.value(before[-1]) @ outward.T)
        found, error = [cotangent.T @ streams[-1]], cotangent @ read_out
        for (inward, outward), h, z in zip(
            reversed(pairs), reversed(streams[:-1]), reversed(before), strict=True
        ):
            back = (error @ outward) * activation.slope(z)
            found += [error.T @ activation.value(z), back.T @ h]
            error = error + back @ inward
        return np.concatenate([g.ravel() for g in [error.T @ X, *found[::-1]]])


register(
    "resnet_mlp",
    ResidualMLP,
    lambda d, m: ResidualMLP(d, m, "relu", blocks=3, width=default_width(d, m), inner=4),
)
register(
    "resnet_mlp_20",
    ResidualMLP,
    lambda d, m: ResidualMLP(d, m, "silu", blocks=20, width=default_width(d, m), inner=4),
)
