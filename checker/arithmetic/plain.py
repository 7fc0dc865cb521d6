"""Plain float64 batches: the formula as most people would run it, with no guarantee at all.

They serve the guided search and the benchmarks as a baseline; no verdict rests on them. `Traced`
is the same over autograd's NumPy, so that formulas can be differentiated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import autograd.numpy
import numpy as np

from checker.arithmetic import known
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.arrays.indexing import Index, before_batch
from checker.arithmetic.arrays.kernels import contract
from checker.arithmetic.function import Function, named
from checker.instances.fields import FloatArray


class Plain(Array):
    """A batch of scalars, vectors or matrices of shape (core..., B)."""

    __slots__ = ("value",)
    xp: ClassVar[Any] = np

    def __init__(self, value: Any) -> None:
        self.value = value

    @classmethod
    def constant(cls, value: Any) -> Self:
        return cls(known.rounded(value)[0][..., None])

    def floats(self) -> list[FloatArray]:
        # Under autograd a black box has no derivative: it counts as a constant.
        value = getattr(self.value, "_value", self.value)
        return [value[..., i] for i in range(value.shape[-1])]

    def known_floats(self) -> list[FloatArray] | None:
        return self.floats()

    @classmethod
    def stacked(cls, cases: Sequence[FloatArray]) -> Self:
        return cls(np.stack(cases, axis=-1))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape[:-1])

    def _permuted(self, axes: tuple[int, ...]) -> Self:
        return type(self)(self.xp.transpose(self.value, (*axes, len(axes))))

    def _reshaped(self, shape: tuple[int, ...]) -> Self:
        return type(self)(self.xp.reshape(self.value, (*shape, self.value.shape[-1])))

    def _take(self, index: Index) -> Self:
        return type(self)(self.value[before_batch(index)])

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        size = max(p.value.shape[-1] for p in parts)
        ones = np.ones(size)  # autograd knows products, not broadcast_to
        return cls(cls.xp.concatenate([p.value * ones for p in parts], axis))

    def outer(self, other: Self) -> Self:
        return type(self)(self.value[:, None] * other.value[None, :])

    def __neg__(self) -> Self:
        return type(self)(-self.value)

    def __abs__(self) -> Self:
        return type(self)(self.xp.abs(self.value))

    def _add(self, other: Self) -> Self:
        return type(self)(self.value + other.value)

    def _multiply(self, other: Self) -> Self:
        return type(self)(self.value * other.value)

    def _divide(self, other: Self) -> Self:
        return type(self)(self.value / other.value)

    def _contract(self, other: Self) -> Self:
        return type(self)(contract(self.value, other.value, self.xp))

    def total(self) -> Self:
        axes = tuple(range(len(self.shape)))
        return type(self)(self.xp.sum(self.value, axis=axes)) if axes else self

    def maximum(self, other: Self) -> Self:
        return type(self)(self.xp.maximum(self.value, other.value))

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        return (function.plain or function.formula)(*operands, **options)  # type: ignore[misc]

    def spectral_norm(self) -> Self:
        rows, columns = self.shape
        wide = self if rows <= columns else self.T
        norm: Self = named("sqrt")(wide._contract(wide.T).extreme_eigenvalues()[1])
        return norm

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        values = self._eigenvalues(self.xp.moveaxis(self.value, -1, 0))
        return type(self)(values[:, 0]), type(self)(values[:, -1])

    @staticmethod
    def _eigenvalues(stacked: Any) -> Any:
        return np.linalg.eigvalsh(stacked)

    def narrower(self, other: Self) -> Self:
        finite = np.isfinite(getattr(self.value, "_value", self.value))
        return type(self)(self.xp.where(finite, self.value, other.value))


class Traced(Plain):
    """The same under autograd: values may be autograd boxes."""

    __slots__ = ()
    xp = autograd.numpy

    @staticmethod
    def _eigenvalues(stacked: Any) -> Any:
        # autograd knows no eigvalsh.
        return autograd.numpy.linalg.eigh(stacked)[0]
