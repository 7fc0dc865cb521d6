"""Deep linear residual networks x -> B (I + W_L) ... (I + W_1) A x, trained in W_1, ..., W_L.

Zou, Long and Gu (2020). With Φ(W) = B (I + W_L) ... (I + W_1) A and the labels Y = Φ* X + N,
N Xᵀ = 0, the squared loss ||Φ(W) X - Y||_F² / 2 is E(W) + L*, E(W) = ||(Φ(W) - Φ*) X||_F² / 2,
and L* = ||N||_F² / 2 does not depend on W. So an instance carries Φ* and no labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import (
    exp,
    filled,
    lambda_min,
    maximum,
    settled,
    spectral_norm,
    sq,
    sqrt,
)
from checker.errors import InputError
from checker.instances.fields import Dims, FloatArray
from checker.landscape.over_sample import check_fields, shape_of


class Chain:
    """The network with given factors I + W_l, as matrices in some arithmetic."""

    def __init__(self, factors: Sequence[Any], at: DeepLinear) -> None:
        self.factors, self.at = list(factors), at

    @cached_property
    def _inner(self) -> list[Any]:
        """(I + W_{l-1}) ... (I + W_1) A for l = 1, ..., L + 1."""
        parts = [self.at.A]
        for factor in self.factors:
            parts.append(factor @ parts[-1])
        return parts

    @cached_property
    def _outer(self) -> list[Any]:
        """B (I + W_L) ... (I + W_{l+1}) for l = 1, ..., L."""
        parts = [self.at.B]
        for factor in reversed(self.factors[1:]):
            parts.append(parts[-1] @ factor)
        return parts[::-1]

    @cached_property
    def error(self) -> Any:
        """Φ(W) - Φ*, (k, d)."""
        return self.at.B @ self._inner[-1] - self.at.Phi

    @cached_property
    def excess(self) -> Any:
        """E(W) = L(W) - L*."""
        return sq(self.error @ self.at.X.T) / 2

    def gradients(self, X: Any = None) -> list[Any]:
        """∂L/∂W_l for l = 1, ..., L, (m, m) each; over other samples X, (n, d), if given."""
        X = self.at.X if X is None else X
        return self.pulled_back((self.error @ X.T) @ X)

    def pulled_back(self, slope: Any) -> list[Any]:
        """∂<slope, Φ(W)>/∂W_l for l = 1, ..., L, (m, m) each; slope of shape (k, d)."""
        return [
            outer.T @ (slope @ inner.T)
            for outer, inner in zip(self._outer, self._inner, strict=False)
        ]

    def stepped(self, step: Any, gradients: Sequence[Any] | None = None) -> Chain:
        """The network after W_l <- W_l - step times gradient."""
        slopes = self.gradients() if gradients is None else gradients
        moved = (f - step * g for f, g in zip(self.factors, slopes, strict=True))
        return Chain([settled(factor) for factor in moved], self.at)

    def weights(self) -> list[Any]:
        """W_1, ..., W_L."""
        eye = np.eye(self.at.A.shape[0])
        return [factor - eye for factor in self.factors]


@dataclass(frozen=True, eq=False)
class DeepLinear:
    """A deep linear residual network with its data.

    Attributes
    ----------
    X
        Inputs, (n, d), one per row.
    Phi
        Φ*, (k, d): the best linear map for these inputs and their labels.
    A, B
        Fixed transformations, (m, d) and (k, m).
    W
        Trained layers W_1, ..., W_L, (L, m, m).
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    Phi: Annotated[FloatArray, Dims("k", "d")]
    A: Annotated[FloatArray, Dims("m", "d")]
    B: Annotated[FloatArray, Dims("k", "m")]
    W: Annotated[FloatArray, Dims("L", "m", "m")]

    def __post_init__(self) -> None:
        (n, d), (m, _), k = shape_of(self, "X", 2), shape_of(self, "A", 2), len(self.B)
        if np.ndim(self.W) == 3 and len(self.W) == 0:
            raise InputError(
                "a deep linear network of depth 0 has no layer to train",
                why=f"W has shape {self.W.shape}",
                hint="give W at least one layer, shape (L, m, m)",
            )
        L = shape_of(self, "W", 3)[0]
        if m < max(d, k):
            raise InputError(
                f"the width m = {m} is less than {max(d, k)}",
                why=f"A has to have full column rank d = {d}, B full row rank k = {k}",
            )
        expected = {"X": (n, d), "Phi": (k, d), "A": (m, d), "B": (k, m), "W": (L, m, m)}
        check_fields(self, expected, f"d = {d}, k = {k}, m = {m}, L = {L}")

    def is_valid(self) -> bool:
        """Whether A can have full column rank and B full row rank; for the reducer."""
        return bool(self.A.shape[0] >= max(self.Phi.shape[:2]))

    @property
    def L(self) -> int:
        """Depth."""
        return int(self.W.shape[0])

    @cached_property
    def chain(self) -> Chain:
        """The network itself."""
        eye = np.eye(self.A.shape[0])
        return Chain([self.W[index] + eye for index in range(self.L)], self)

    # -- sizes ------------------------------------------------------------------------------------

    @cached_property
    def Lambda(self) -> Any:
        """||A|| ||B||."""
        A, B = _numbers(self.A, self.B)
        return spectral_norm(A) * spectral_norm(B)

    @cached_property
    def norm_X(self) -> Any:
        """||X||."""
        return spectral_norm(*_numbers(self.X))

    @cached_property
    def sigma(self) -> Any:
        """σ_min(A)² σ_min(B)² σ_r(X)², r = min(n, d); 0 at lower ranks."""
        A, B, X = _numbers(self.A, self.B, self.X)
        grams = (A.T @ A, B @ B.T, X @ X.T if X.shape[0] <= X.shape[1] else X.T @ X)
        return reduce(lambda x, y: x * y, map(lambda_min, grams))

    @cached_property
    def e(self) -> Any:
        """2.71828..."""
        return exp(filled(self.norm_X, 1.0))

    def smoothness(self, excess: Any) -> Any:
        """K = L Λ ||X|| (√(2 e E) + e Λ ||X||): L is K-smooth between points of the ball."""
        scale = self.Lambda * self.norm_X
        return self.L * scale * (sqrt(2 * self.e * excess) + self.e * scale)

    def rate(self, step: Any) -> Any:
        """q = η L σ_min(A)² σ_min(B)² σ_r(X)² / e."""
        return step * self.L * self.sigma / self.e

    @cached_property
    def reach(self) -> Any:
        """c = 2 √2 e^(3/2) Λ ||X|| / (L σ_min(A)² σ_min(B)² σ_r(X)²): ||W_l||_F moves by at most c
        times the fall of √E.
        """
        root = sqrt(2 * self.e) * self.e
        return 2 * root * self.Lambda * self.norm_X / (self.L * self.sigma)


def _numbers(*fields: Any) -> Any:
    """Fields as what they are inside a formula: arrays of some arithmetic."""
    return fields


def largest_norm(weights: Sequence[Any]) -> Any:
    """max_l ||W_l||, spectral."""
    return reduce(maximum, (spectral_norm(W) for W in weights))


def largest_square(weights: Sequence[Any]) -> Any:
    """max_l ||W_l||_F²."""
    return reduce(maximum, (sq(W) for W in weights))
