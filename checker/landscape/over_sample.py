"""What points over a finite sample share: the expectation, and checks of their arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from checker.arithmetic.functions import total
from checker.errors import InputError


class OverSample:
    """Expectations over a sample with rows X and optional weights."""

    X: Any
    weights: Any

    def mean(self, values: Any) -> Any:
        """E of one number per sample, (n,) -> ()."""
        return self._averaged(total(self._weighted(values)))

    def has_legal_weights(self) -> bool:
        """Whether the weights are absent, or non-negative and not all 0."""
        return self.weights is None or bool(np.all(self.weights >= 0) and self.weights.any())

    def _weighted(self, values: Any) -> Any:
        return values if self.weights is None else self.weights * values

    def _averaged(self, weighted_sum: Any) -> Any:
        """The division by n comes last: sums that cancel then cancel exactly, in balls too."""
        return weighted_sum / self.X.shape[0] if self.weights is None else weighted_sum


def shape_of(point: Any, name: str, ndim: int) -> tuple[int, ...]:
    """Shape of a field; raises InputError unless it is a non-empty array with `ndim` axes."""
    values = getattr(point, name)
    shape: tuple[int, ...] = np.shape(values)
    if not isinstance(values, np.ndarray) or len(shape) != ndim or 0 in shape:
        raise InputError(f"{name} must be a non-empty array with {ndim} axes, not of shape {shape}")
    return shape


def check_fields(point: Any, expected: Mapping[str, tuple[int, ...]], why: str) -> None:
    """Raise InputError unless the fields have these shapes and finite entries."""
    for name, shape in expected.items():
        _check(name, getattr(point, name), shape, why)


def check_weights(weights: Any, n: int) -> None:
    """Raise InputError unless weights are absent, or n finite, non-negative numbers."""
    if weights is None:
        return
    _check("weights", weights, (n,), f"there are {n} samples")
    if (weights < 0).any():
        row = int(np.flatnonzero(weights < 0)[0])
        raise InputError(f"weights[{row}] is negative: {float(weights[row])!r}")


def _check(name: str, values: Any, shape: tuple[int, ...], why: str) -> None:
    if np.shape(values) != shape:
        raise InputError(f"{name} has shape {np.shape(values)}, expected {shape}", why=why)
    if not np.isfinite(values).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise InputError(f"{name}[{', '.join(map(str, where))}] is not a finite number")


def require_positive(point: Any, name: str) -> None:
    """Raise InputError unless the scalar field is a positive finite number."""
    value = getattr(point, name)
    if np.shape(value) != () or not np.isfinite(value) or not value > 0:
        shown = f"{float(value)!r}" if np.shape(value) == () else f"of shape {np.shape(value)}"
        raise InputError(f"{name} must be a positive number, not {shown}")
