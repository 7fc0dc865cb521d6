"""What a model does between its last linear layer of the unit and its output layer. Extra `torch`.

Maps of the form h ↦ α h + β, entry by entry, are read off their modules (a batch norm in eval mode,
`Affine` of ResMLP, a LayerScale) or parameters (the gate of ReZero); whether they act on V z or on
the sum is found by trying (`sums.fits`). Anything else ends the theory, and is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from checker.certification.adapters.layers import numbers
from checker.certification.adapters.passes import Pass
from checker.certification.adapters.sums import Fold
from checker.errors import InputError
from checker.instances.fields import FloatArray

Affine = tuple[FloatArray, FloatArray]

_LINEAR = (
    "Identity",
    "Flatten",
    "AdaptiveAvgPool",
    "FastAdaptive",
    "AvgPool",
    "Dropout",
    "DropPath",
    "Unflatten",
)


def between(seen: Pass, last: str, output: str) -> list[str]:
    """The modules without children that are called between the two."""
    order = seen.order
    start = order.index(last) + 1 if last in order else 0
    end = order.index(output) if output in order else len(order)
    return order[start:end]


def folds(model: Any, names: list[str], last: str, d: int) -> Iterator[Fold]:
    """Candidates, nothing to fold first."""
    modules = dict(model.named_modules())
    affine = [(name, found) for name in names if (found := affine_map(modules[name], d))]
    gates = [("", np.ones(d)), *_gates(model, last, d)]
    for gate_name, gate in gates:
        for cut in range(len(affine), -1, -1):
            inside, after = (_composed(part) for part in (affine[:cut], affine[cut:]))
            words = [f"the gate {gate_name}"] if gate_name else []
            words += [f"{type(modules[name]).__name__} {name}" for name, _ in affine]
            scales = tuple(np.broadcast_to(x, d) for x in (*inside, *after))
            yield Fold(
                gate * scales[0], gate * scales[1], scales[2], scales[3], " and ".join(words)
            )


def _composed(maps: list[tuple[str, Affine]]) -> Affine:
    scale, shift = np.ones(1), np.zeros(1)
    for _, (a, b) in maps:
        scale, shift = a * scale, a * shift + b
    return scale, shift


def affine_map(module: Any, d: int) -> Affine | None:
    """(α, β) of a module h ↦ α h + β; None if it is not known to be one."""
    if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
        return _batch_norm(module, d)
    kind, own = type(module).__name__, dict(module.named_parameters(recurse=False))
    if kind == "Affine" and set(own) == {"alpha", "beta"}:
        scale, shift = (numbers(own[name]).ravel() for name in ("alpha", "beta"))
        return (scale, shift) if len(scale) == d else None
    if kind.startswith("LayerScale") and len(own) == 1:
        scale = numbers(next(iter(own.values()))).ravel()
        return (scale, np.zeros(d)) if len(scale) == d else None
    return None


def _batch_norm(module: Any, d: int) -> Affine | None:
    if module.training or module.running_mean is None or len(module.running_mean) != d:
        return None
    mean, variance = numbers(module.running_mean), numbers(module.running_var)
    scale = 1 / np.sqrt(variance + module.eps)
    if module.weight is not None:
        scale = scale * numbers(module.weight)
    shift = -mean * scale
    return scale, shift if module.bias is None else shift + numbers(module.bias)


def _gates(model: Any, last: str, d: int) -> Iterator[tuple[str, FloatArray]]:
    """Parameters of 1 or d numbers in the modules around the last layer that scale its output."""
    modules = dict(model.named_modules())
    path = last.split(".")
    for depth in range(len(path) - 1, -1, -1):
        around = ".".join(path[:depth])
        # Of several, that of the last branch comes last.
        for name, parameter in reversed(list(modules[around].named_parameters(recurse=False))):
            if parameter.numel() in (1, d):
                yield (
                    f"{around}.{name}".lstrip("."),
                    np.broadcast_to(numbers(parameter).ravel(), d).copy(),
                )


def refusal(model: Any, names: list[str], unit: str, last: str, output: str) -> InputError:
    """Why the model is none of the theory's, with the module that ends it."""
    modules = dict(model.named_modules())
    ending = [name for name in names if not _is_linear(modules[name])]
    if ending:
        kinds = [f"{type(modules[name]).__name__} {name}" for name in dict.fromkeys(ending)]
        verb = "acts" if len(kinds) == 1 else "act"
        return InputError(
            f"{' and '.join(kinds[-3:])} {verb} between {last} and {output}",
            why="The theory ends there: from the sum x + V z on, a network has to be linear",
            hint="What still holds is about the output layer alone, on the features that enter "
            f"it: OutputLayer(model, output={output!r})",
        )
    return InputError(
        f"what enters {output} is not x + V z, x entering {unit} and V = {last}",
        why="Then the network is not wᵀ(x + V f(x)), and no theorem is about it",
        hint="Name the unit right before the output layer, and its last linear layer; a "
        "normalisation or activation after the sum, also as a function, is not allowed. "
        f"OutputLayer(model, output={output!r}) certifies the output layer alone",
    )


def _is_linear(module: Any) -> bool:
    kind = type(module).__name__
    known = kind.startswith(_LINEAR) or affine_map(module, _size(module)) is not None
    return known or isinstance(module, torch.nn.Linear)


def _size(module: Any) -> int:
    tensors = (*module.parameters(recurse=False), *module.buffers(recurse=False))
    return max((tensor.numel() for tensor in tensors), default=0)
