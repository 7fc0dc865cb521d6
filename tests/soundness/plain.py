"""Instances as plain numbers: what the references are given, and all that they are given.

`plainly` is the only bridge from the product: a dataclass becomes nested lists of floats, names and
integers, a loss its kind and its parameters. The references compute with `Given`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from soundness.reals import numbers


@dataclass(frozen=True)
class LossSpec:
    """A loss: its kind, its parameters, and the losses that it is made of."""

    kind: str
    parameters: Mapping[str, float] = field(default_factory=dict)
    parts: tuple[LossSpec, ...] = ()


class Given:
    """Fields of an instance; those that are numbers come as `Real` numbers, in nested lists."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.fields = dict(fields)

    def __getattr__(self, name: str) -> Any:
        if name == "fields" or name not in self.fields:
            raise AttributeError(name)
        value = self.fields[name]
        made = numbers(value) if isinstance(value, float | list) else value
        setattr(self, name, made)
        return made

    def replaced(self, **changes: Any) -> Given:
        """The same with other fields; `Real` numbers may be among them."""
        made = Given(self.fields)
        for name, value in changes.items():
            made.fields[name] = None
            setattr(made, name, value)
        return made


def plainly(instance: Any) -> Given:
    """An instance of the product as plain numbers."""
    values = {f.name: getattr(instance, f.name) for f in dataclasses.fields(instance)}
    return Given({name: _plain(value) for name, value in values.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.asarray(value, dtype=float).tolist()
    if dataclasses.is_dataclass(value):
        return loss_spec(value)
    return value


def loss_spec(loss: Any) -> LossSpec:
    """A loss of the product by its kind and its numbers."""
    own = {f.name: getattr(loss, f.name) for f in dataclasses.fields(loss)}
    parts = [x for v in own.values() for x in (v if isinstance(v, tuple) else (v,))]
    inner = tuple(loss_spec(x) for x in parts if dataclasses.is_dataclass(x))
    parameters = {name: v for name, v in own.items() if isinstance(v, float | int)}
    return LossSpec(loss.kind, parameters, inner)
