"""Whether an instance is one of its class: shapes, domains, its own test, and its constructor."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from checker.errors import InputError
from checker.instances.domains import number_domain
from checker.instances.fields import dims_of, numbers_of


def sizes_of(instance: Any) -> dict[str, int]:
    """Size of every named dimension.

    Raises
    ------
    InputError
        When an array has another number of axes than its annotation, or two fields that share a
        dimension are not equally long.
    """
    found: dict[str, tuple[int, str]] = {}
    numbers = numbers_of(instance)
    for field, dims in dims_of(type(instance)).items():
        shape = numbers[field].shape if field in numbers else None
        if shape is None:
            continue
        if len(shape) != len(dims.names):
            raise InputError(
                f"{field} has shape {shape}",
                why=f"It is declared as {field}({', '.join(dims.names) or 'one number'})",
            )
        for name, size in zip(dims.names, shape, strict=True):
            before, other = found.setdefault(name, (size, field))
            if before != size:
                raise InputError(
                    f"{other} has size {before} along {name!r}, {field} has {size}",
                    why="Fields that share a dimension have the same size there",
                )
    return {name: size for name, (size, _) in found.items()}


def fault(instance: Any) -> str:
    """What is wrong with an instance, in a sentence; empty for a legal one."""
    try:
        sizes_of(instance)
    except InputError as error:
        return f"{error.what}. {error.why}"
    numbers, dims = numbers_of(instance), dims_of(type(instance))
    for name, values in numbers.items():
        if not np.isfinite(values).all():
            return f"{name} has entries that are infinite or NaN"
        domain = number_domain(dims[name].domain) if name in dims else None
        if domain is not None and not np.all(domain.holds(values[..., None])):
            return f"{name}: {domain.says}"
    if not getattr(instance, "is_valid", lambda: True)():
        return f"{type(instance).__name__}.is_valid() says no"
    return _refused(instance)


def is_legal(instance: Any) -> bool:
    """Whether an instance is one of its class."""
    return not fault(instance)


def _refused(instance: Any) -> str:
    """What the constructor says against these fields, or that it changes them."""
    given = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance) if f.init}
    try:
        made = type(instance)(**given)
    except Exception as error:
        return f"{type(instance).__name__} refuses it: {error}"
    kept, now = numbers_of(instance), numbers_of(made)
    same = kept.keys() == now.keys() and all(np.array_equal(kept[n], now[n]) for n in kept)
    return "" if same else f"{type(instance).__name__} changes its numbers"
