"""Simplifications of an instance: fewer indices, zeros, shorter numbers, one number at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from checker.instances.fields import (
    Dims,
    FloatArray,
    dims_of,
    is_whole,
    method_of,
    numbers_of,
    others_kept,
    simpler_versions,
    sizes_of,
    with_fields,
    with_numbers,
)
from checker.instances.legal import movable


def positive_zeros(instance: Any) -> Iterator[Any]:
    numbers = numbers_of(instance)
    if any((np.signbit(a) & (a == 0)).any() for a in numbers.values()):
        yield with_fields(instance, **{name: a + 0.0 for name, a in numbers.items()})


def fewer_indices(instance: Any) -> Iterator[Any]:
    """The instance without one index of one named dimension, in all fields that share it."""
    for name, size in sizes_of(instance).items():
        for index in range(size - 1, -1, -1) if size > 1 else ():
            yield _without(instance, name, size, [index])


def fewer_at_once(instance: Any) -> Iterator[Any]:
    """The instance without the half, then the quarters of the indices of a dimension."""
    for name, size in sizes_of(instance).items():
        for parts in (2, 4) if size >= 2 * MANY_INDICES else ():
            for block in np.array_split(np.arange(size)[::-1], parts):
                yield _without(instance, name, size, block)


# A dimension that is at least twice as large is halved first.
MANY_INDICES = 4


def _without(instance: Any, name: str, size: int, indices: Any) -> Any:
    dims, numbers = dims_of(type(instance)), numbers_of(instance)
    fewer = {
        field: _deleted(values, indices, dims[field], name)
        for field, values in numbers.items()
        if field in dims and any(name == dim for dim, _ in dims[field].axes)
    }
    left = [i for i in range(size) if i not in indices]
    return with_fields(with_numbers(instance, **fewer), **others_kept(instance, name, left))


def _deleted(values: Any, indices: Any, dims: Dims, name: str) -> Any:
    """The array without indices of a dimension, which a square matrix has twice."""
    for axis in (axis for axis, (dim, _) in enumerate(dims.axes) if dim == name):
        values = np.delete(values, indices, axis)
    return values


def changeable(instance: Any) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Fields that may be changed; those that only the class can judge where it has a test."""
    domains, checked = movable(type(instance)), method_of(instance, "is_valid") is not None
    for field, values in numbers_of(instance).items():
        if checked or field in domains:
            yield field, values


def changed(instance: Any, numbers: Mapping[str, FloatArray]) -> Iterator[Any]:
    """The instance with other numbers in some fields, taken back into their domains; nothing if
    that is where they were."""
    domains, before = movable(type(instance)), numbers_of(instance)
    new = {
        field: domains[field].into(a[..., None])[..., 0] if field in domains else a
        for field, a in numbers.items()
    }
    if any(is_whole(instance, field) and (np.rint(a) != a).any() for field, a in new.items()):
        return
    if not all(np.array_equal(a, before[field]) for field, a in new.items()):
        yield with_numbers(instance, **new)


def without_optional(instance: Any) -> Iterator[Any]:
    """The instance without one optional array, such as the weights of a sample."""
    for field in dataclasses.fields(instance):
        if field.default is None and getattr(instance, field.name) is not None:
            yield with_fields(instance, **{field.name: None})


def _replaced(
    instance: Any, field: str, values: np.ndarray[Any, Any], index: Any, x: float
) -> Iterator[Any]:
    new = values.copy()
    new[index] = x
    return changed(instance, {field: new})


def zeros(instance: Any) -> Iterator[Any]:
    for field, values in changeable(instance):
        if values.size > 1 and values.any():
            yield from changed(instance, {field: np.zeros_like(values)})
        for index in np.ndindex(values.shape):
            if values[index] != 0:
                yield from _replaced(instance, field, values, index, 0.0)


def simpler_numbers(instance: Any) -> Iterator[Any]:
    for field, values in changeable(instance):
        for index in np.ndindex(values.shape):
            for x in simpler(float(values[index])):
                yield from _replaced(instance, field, values, index, x)


def simpler(x: float) -> Iterator[float]:
    """Simpler numbers than x: small integers first, then coarser dyadics near it."""
    mine = complexity(x)
    near = [float(np.round(x * 2**k) / 2**k) for k in range(-4, 12)] if abs(x) < 2**40 else []
    magnitude = float(np.copysign(2.0 ** np.floor(np.log2(abs(x))), x)) if x else 0.0
    fraction, exponent = np.frexp(x)
    fewer = (float(np.ldexp(np.round(fraction * 2.0**b), exponent - b)) for b in _BITS)
    for candidate in (*_SHORT, np.trunc(x / 2), *near, magnitude, *fewer):
        if candidate != 0 and complexity(float(candidate)) < mine:
            yield float(candidate)


# Significant bits that are tried where no coarse number does.
_BITS = (3, 6, 9, 12, 15, 18, 22, 26, 31, 36, 42)
_SHORT = tuple(sign * size for size in (1.0, 2.0, 0.5, 0.25, 0.125) for sign in (1.0, -1.0))


def complexity(x: float) -> tuple[int, float, bool]:
    """Bits of the denominator, then magnitude, then sign."""
    denominator = x.as_integer_ratio()[1]
    return denominator.bit_length(), abs(x), x < 0


def simpler_others(instance: Any) -> Iterator[Any]:
    yield from simpler_versions(instance)
