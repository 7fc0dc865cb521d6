"""Convolutional feature maps: x as a sequence, or as a small image."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from typing import ClassVar

import autograd.numpy as anp
import numpy as np
import numpy.typing as npt

from checker.landscape.networks.activations import ACTIVATIONS, CHOICES
from checker.landscape.networks.base import Block, FloatArray, Network, dense, register

IndexArray = npt.NDArray[np.int_]


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
        return (*dense(self.filters, self.kernel), Block((self.m, flat), flat))

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
class Conv2d(Network):
    """2-D convolution over x as an image, activation, 2x2 pooling, then a linear read-out.

    x fills, row by row, an image of ⌊√d⌋ rows and as many columns as needed; pixels left over are
    0, and so is all beyond the border. A pooling cell that reaches beyond the border sees the pixel
    at the border again (LeCun et al. 1998 for the architecture).
    """

    kind: ClassVar[str] = "conv2d"
    activation: str = field(metadata=CHOICES)
    pooling: str = field(metadata={"choices": ("average", "max")})
    filters: int
    kernel_rows: int
    kernel_columns: int

    @property
    def differentiable(self) -> bool:
        """Whether the activation is, and no maximum is taken over several pixels."""
        alone = self.pooling == "average" or self.d == 1
        return ACTIVATIONS[self.activation].differentiable and alone

    @property
    def layout(self) -> tuple[Block, ...]:
        """Filters (filters, kernel rows * columns), biases, read-out (m, cells * filters)."""
        rows, columns = image_shape(self.d)
        flat = math.ceil(rows / 2) * math.ceil(columns / 2) * self.filters
        kernel = dense(self.filters, self.kernel_rows * self.kernel_columns)
        return (*kernel, Block((self.m, flat), flat))

    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        filters, bias, read_out = parts
        rows = anp.shape(X)[0]
        # One more pixel, 0, stands for all that are not in x.
        pixels = anp.concatenate([X, np.zeros((rows, 1))], axis=1)
        maps = ACTIVATIONS[self.activation].value(pixels[:, self._windows()] @ filters.T + bias)
        pooled = anp.reshape(self._pooled(maps), (rows, read_out.shape[1]))
        features: FloatArray = pooled @ read_out.T
        return features

    def _windows(self) -> IndexArray:
        """Indices of the pixels that each position sees, shape (positions, kernel size)."""
        rows, columns = image_shape(self.d)
        image = np.full((rows + self.kernel_rows, columns + self.kernel_columns), self.d)
        top, left = self.kernel_rows // 2, self.kernel_columns // 2
        inside = np.minimum(np.arange(rows * columns), self.d).reshape(rows, columns)
        image[top : top + rows, left : left + columns] = inside
        kernel = (self.kernel_rows, self.kernel_columns)
        seen = np.lib.stride_tricks.sliding_window_view(image, kernel)[:rows, :columns]
        return seen.reshape(rows * columns, -1)

    def _pooled(self, maps: FloatArray) -> FloatArray:
        """Maxima or averages over cells of 2x2 positions, shape (N, cells, filters)."""
        rows, columns = image_shape(self.d)
        corners = []
        for down, right in product(range(2), repeat=2):
            row = np.minimum(np.arange(0, rows, 2) + down, rows - 1)
            column = np.minimum(np.arange(0, columns, 2) + right, columns - 1)
            corners.append(maps[:, (row[:, None] * columns + column).ravel()])
        if self.pooling == "max":
            return reduce(anp.maximum, corners)
        return sum(corners[1:], start=corners[0]) / 4.0


def image_shape(d: int) -> tuple[int, int]:
    """Rows and columns of the most nearly square image with at least d pixels and ⌊√d⌋ rows."""
    rows = math.isqrt(d)
    return rows, math.ceil(d / rows)


def _conv2d(d: int, m: int, activation: str, pooling: str) -> Network:
    rows, columns = image_shape(d)
    return Conv2d(d, m, activation, pooling, 3, min(3, rows), min(3, columns))


register("conv1d", Conv1d, lambda d, m: Conv1d(d, m, 4, min(3, d), "circular"))
register("conv2d", Conv2d, lambda d, m: _conv2d(d, m, "tanh", "average"))
register("conv2d_maxpool", Conv2d, lambda d, m: _conv2d(d, m, "relu", "max"))
