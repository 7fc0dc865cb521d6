"""Softmax self-attention over the entries of x."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import autograd.numpy as anp
import numpy as np
from autograd.tracer import isbox

from checker.landscape.networks.activations import ACTIVATIONS
from checker.landscape.networks.base import Block, FloatArray, Network, register
from checker.landscape.networks.normalised import standardised


def _tokens(parts: list[FloatArray], X: FloatArray) -> FloatArray:
    """x_i e + p_i for each entry of x, shape (N, d, width)."""
    embedding, positions = parts
    return X[:, :, None] * embedding + positions


def _square(width: int) -> Block:
    return Block((width, width), width)


def _attended(tokens: FloatArray, matrices: list[FloatArray], heads: int) -> FloatArray:
    """Softmax(Q Kᵀ/√width) V of every head, side by side, shape (N, d, heads * width)."""
    queries, keys, values = (_split(tokens @ matrix.T, heads) for matrix in matrices)
    scale = math.sqrt(anp.shape(queries)[-1])
    mixed = _softmax(queries @ anp.swapaxes(keys, 2, 3) / scale) @ values
    joined: FloatArray = anp.reshape(anp.swapaxes(mixed, 1, 2), anp.shape(tokens))
    return joined


def _split(tokens: FloatArray, heads: int) -> FloatArray:
    """(N, d, heads * width) to (N, heads, d, width)."""
    rows, d, width = anp.shape(tokens)
    apart: FloatArray = anp.swapaxes(anp.reshape(tokens, (rows, d, heads, width // heads)), 1, 2)
    return apart


def _softmax(logits: FloatArray) -> FloatArray:
    """Softmax along the last axis; finite for all finite logits whose differences are finite."""
    shifted = anp.exp(logits - np.max(_floats(logits), axis=-1, keepdims=True))
    weights: FloatArray = shifted / anp.sum(shifted, axis=-1, keepdims=True)
    return weights


def _floats(logits: Any) -> FloatArray:
    """Any floats near the logits: a shift changes nothing, so none of its derivatives matters."""
    while isbox(logits):
        logits = logits._value
    if logits.dtype == object:
        logits = np.frompyfunc(lambda entry: entry.nearby(), 1, 1)(logits)
    return np.asarray(logits, dtype=np.float64)


@dataclass(frozen=True)
class Attention(Network):
    """Softmax self-attention heads over the entries of x, mean-pooled, linear read-out.

    Entry i becomes the token x_i e + p_i with learned embedding e and positions p_i (Vaswani et
    al. 2017). Embeddings have heads * width entries; each head sees its own part of the queries,
    keys and values.
    """

    kind: ClassVar[str] = "attention"
    width: int
    heads: int

    @property
    def layout(self) -> tuple[Block, ...]:
        """Embedding e, positions p, query, key and value matrices, read-out."""
        width = self.heads * self.width
        return (
            Block((width,), 1),
            Block((self.d, width), 1),
            *(_square(width),) * 3,
            Block((self.m, width), width),
        )

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        *embedding, query, key, value, read_out = parts
        tokens = _attended(_tokens(embedding, X), [query, key, value], self.heads)
        features: FloatArray = anp.mean(tokens, axis=1) @ read_out.T
        return features


@dataclass(frozen=True)
class Transformer(Network):
    """Stacked transformer blocks over the entries of x, mean-pooled, linear read-out.

    Tokens t as for ``Attention``; per block t <- t + O heads(n(t)), then t <- t + B gelu(A n(t)),
    n being layer normalisation without parameters (pre-norm: Xiong et al. 2020).
    """

    kind: ClassVar[str] = "transformer"
    width: int
    heads: int
    blocks: int

    @property
    def layout(self) -> tuple[Block, ...]:
        """Embedding, positions; query, key, value, O, A and B of every block; read-out."""
        width = self.heads * self.width
        return (
            Block((width,), 1),
            Block((self.d, width), 1),
            *(_square(width),) * (6 * self.blocks),
            Block((self.m, width), width),
        )

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        tokens = _tokens(parts[:2], X)
        for first in range(2, len(parts) - 1, 6):
            *heads, outward, inner, after = parts[first : first + 6]
            tokens = tokens + _attended(_normal(tokens), heads, self.heads) @ outward.T
            tokens = tokens + ACTIVATIONS["gelu"].value(_normal(tokens) @ inner.T) @ after.T
        features: FloatArray = anp.mean(tokens, axis=1) @ parts[-1].T
        return features


def _normal(tokens: FloatArray) -> FloatArray:
    return standardised(tokens, axis=2)


register("attention", Attention, lambda d, m: Attention(d, m, width=4, heads=1))
register("multihead_attention", Attention, lambda d, m: Attention(d, m, width=2, heads=3))
register("transformer", Transformer, lambda d, m: Transformer(d, m, width=2, heads=2, blocks=2))
