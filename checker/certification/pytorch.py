"""From a PyTorch model to the arrays of a certificate. Extra `torch`.

The model computes head(x + V f(x)): a residual unit (`unit`), whose last linear layer (`last`) is V
and whose sum goes into the linear output layer (`output`). Hooks record what enters each of the
three, so that x, z = f(x) and x + V z are the model's own numbers, in its own precision. That the
third is the sum of the other two is checked with the error bound of that precision.

A bias of V is a feature that is 1, a bias of the output a coordinate of x that is 1 (Remark 1 of
the paper); V then gets a row of zeros. In float32 or bfloat16 every number is exact in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from checker.errors import InputError
from checker.instances.fields import FloatArray

Batches = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class ResidualNetwork:
    """A model and the names of three of its modules.

    Attributes
    ----------
    model
        Any `torch.nn.Module`; called on the inputs of a batch.
    unit
        Name of the residual unit, whose input is x.
    last
        Name of its last linear layer, V, whose input is z = f(x).
    output
        Name of the linear output layer, w, whose input is x + V z.
    freeze
        Evaluate in eval mode, whatever mode the model is in; without, training mode is refused.
    """

    model: Any
    unit: str
    last: str
    output: str
    freeze: bool = False

    def parameters(self) -> dict[str, FloatArray]:
        """V, and w for one output or W for several, with their biases."""
        last, head = self._linear(self.last), self._linear(self.output)
        V, W = numbers(last.weight), numbers(head.weight)
        if len(V) != W.shape[1]:
            raise InputError(
                f"{self.last} returns {len(V)} numbers, and {self.output} takes {W.shape[1]}",
                why="The output of V is added to x, and w acts on the sum",
                hint=f"Name the last linear layer of the residual unit instead of {self.last}",
            )
        if last.bias is not None:
            V = np.column_stack([V, numbers(last.bias)])
        if head.bias is not None:
            W = np.column_stack([W, numbers(head.bias)])
            V = np.vstack([V, np.zeros(V.shape[1])])
        return {"w": W[0], "V": V} if len(W) == 1 else {"W": W, "V": V}

    def blocks(self, batches: Batches) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """(X, Z, y) of each batch (inputs, labels)."""
        several = "W" in self.parameters()
        with self._evaluating(), torch.no_grad():
            for inputs, labels in batches:
                X, Z = self._captured(inputs)
                y = numbers(labels)
                yield X, Z, y if several else y.reshape(-1)

    def arrays(self, batches: Batches) -> dict[str, FloatArray]:
        """X, Z, y, V and w or W for `checker.certify(**arrays, loss=...)` or `numpy.savez`."""
        parts = list(self.blocks(batches))
        if not parts:
            raise InputError("there are no batches", why="An average over no points says nothing")
        X, Z, y = (np.concatenate(column) for column in zip(*parts, strict=True))
        return {"X": X, "Z": Z, "y": y, **self.parameters()}

    def _captured(self, inputs: Any) -> tuple[FloatArray, FloatArray]:
        names = (self.unit, self.last, self.output)
        seen: dict[str, Any] = {}
        with _hooks([(n, self._module(n)) for n in names], seen):
            self.model(inputs)
        missing = [name for name in names if name not in seen]
        if missing:
            raise InputError(f"the model does not call {', '.join(missing)}")
        x, z, h = (numbers(seen[name]) for name in names)
        for name, values in zip(names, (x, z, h), strict=True):
            if values.ndim != 2:
                raise InputError(
                    f"what enters {name} has shape {values.shape}",
                    why="The unit has to act on vectors, one per row",
                    hint="Flatten before the unit",
                )
        self._check_sum(x, z, h, max(torch.finfo(seen[name].dtype).eps for name in names))
        ones = np.ones((len(x), 1))
        Z = z if self._linear(self.last).bias is None else np.hstack([z, ones])
        X = x if self._linear(self.output).bias is None else np.hstack([x, ones])
        return X, Z

    def _check_sum(self, x: FloatArray, z: FloatArray, h: FloatArray, eps: float) -> None:
        """Whether h = x + V z + bias up to the roundings of the model's least precise number."""
        last = self._linear(self.last)
        V = numbers(last.weight)
        bias = 0.0 if last.bias is None else numbers(last.bias)
        fits = x.shape == h.shape == (len(z), len(V))
        if fits:
            size = np.abs(x) + np.abs(z) @ np.abs(V).T + np.abs(bias)
            # Products and sums over m + 2 terms; in float64, our own sum has as many roundings.
            steps = 2 * (z.shape[1] + 3) * eps
            fits = bool((np.abs(h - (x + z @ V.T + bias)) <= steps * size).all())
        if not fits and np.isfinite(h).all():
            raise InputError(
                f"what enters {self.output} is not x + V z, x entering {self.unit} and V = "
                f"{self.last}",
                why="Then the network is not wᵀ(x + V f(x)), and no theorem is about it",
                hint="Name the unit right before the output layer, and its last linear layer; a "
                "normalisation or activation after the sum is not allowed",
            )

    def _module(self, name: str) -> Any:
        modules = dict(self.model.named_modules())
        if name not in modules:
            raise InputError(
                f"the model has no module {name!r}",
                hint=f"Its modules are: {', '.join(n for n in modules if n)}",
            )
        return modules[name]

    def _linear(self, name: str) -> Any:
        module = self._module(name)
        if not isinstance(module, torch.nn.Linear):
            raise InputError(
                f"{name} is a {type(module).__name__}, not a linear layer",
                why="V and w have to be matrices: the last layer of the unit, and the output layer",
            )
        return module

    @contextmanager
    def _evaluating(self) -> Iterator[None]:
        training = [module for module in self.model.modules() if module.training]
        if training and not self.freeze:
            kinds = ", ".join(sorted({type(m).__name__ for m in training if _is_random(m)}))
            raise InputError(
                "the model is in training mode" + (f" and has {kinds}" if kinds else ""),
                why="Dropout and batch statistics make its features differ from what it computes",
                hint="Call model.eval() first, or pass freeze=True",
            )
        try:
            for module in training:
                module.training = False
            yield
        finally:
            for module in training:
                module.training = True


def _is_random(module: Any) -> bool:
    dropout = torch.nn.modules.dropout._DropoutNd
    normalisation = torch.nn.modules.batchnorm._BatchNorm
    return isinstance(module, dropout | normalisation)


def numbers(tensor: Any) -> FloatArray:
    """A tensor of any device and floating-point type in float64, no number changed."""
    values: FloatArray = torch.as_tensor(tensor).detach().to("cpu", torch.float64).numpy().copy()
    return values


@contextmanager
def _hooks(modules: list[tuple[str, Any]], seen: dict[str, Any]) -> Iterator[None]:
    """Record the first input of each module; a second call of a module is refused."""

    def hook(name: str) -> Callable[..., None]:
        def record(module: Any, arguments: tuple[Any, ...]) -> None:
            if name in seen:
                raise InputError(f"{name} is called twice in one pass: there is no one input")
            seen[name] = arguments[0]

        return record

    handles = [module.register_forward_pre_hook(hook(name)) for name, module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
