"""A linear layer of PyTorch as a matrix: `Linear`, a convolution, `Conv1D` of Hugging Face.

A convolution is linear in its kernel: at each position its output is V z, z being the patch under
the kernel. Extra `torch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from checker.errors import InputError
from checker.instances.fields import FloatArray

_CONVOLUTIONS = (torch.nn.Conv1d, torch.nn.Conv2d)


def _kind(module: Any) -> str:
    """The name of its class, with where it is from if others are called so, too."""
    kind = type(module)
    return f"{kind.__module__}.{kind.__name__}" if "Linear" in kind.__name__ else kind.__name__


@dataclass(frozen=True)
class Layer:
    """A linear layer and its name in the model."""

    name: str
    module: Any

    @classmethod
    def of(cls, model: Any, name: str) -> Layer:
        """The layer of that name.

        Raises
        ------
        InputError
            If it is no linear layer, or its matrix is not a parameter but computed from some.
        """
        module = module_named(model, name)
        layer = cls(name, module)
        plain = isinstance(module, torch.nn.Linear) or layer.transposed
        if not plain and not layer.convolves:
            raise InputError(
                f"{name} is a {_kind(module)}, not a linear layer of PyTorch with a float weight",
                why="V and w have to be matrices: the last layer of the unit, and the output layer",
                hint="Linear, Conv1d and Conv2d with groups=1 and zero padding, and Conv1D of "
                "transformers are",
            )
        if hasattr(module, "parametrizations") or hasattr(module, "weight_g"):
            raise InputError(
                f"the weight of {name} is computed from other parameters",
                why="A certificate speaks of the weight itself: spectral or weight norm restrict "
                "or bend the directions in which it can move",
                hint="torch.nn.utils.parametrize.remove_parametrizations makes it a parameter",
            )
        return layer

    @property
    def convolves(self) -> bool:
        """Whether it is a convolution that is handled."""
        module = self.module
        plain = isinstance(module, _CONVOLUTIONS)
        return plain and module.groups == 1 and module.padding_mode == "zeros"

    @property
    def transposed(self) -> bool:
        """Whether it is `Conv1D` of transformers, whose weight is stored as (inputs, outputs)."""
        return type(self.module).__name__ == "Conv1D" and hasattr(self.module, "nf")

    @property
    def weight(self) -> FloatArray:
        """The matrix, (outputs, inputs)."""
        values = numbers(self.module.weight)
        return values.T.copy() if self.transposed else values.reshape(len(values), -1)

    @property
    def bias(self) -> FloatArray | None:
        """The bias, (outputs,), or None."""
        return None if self.module.bias is None else numbers(self.module.bias)

    def write(self, weight: FloatArray, bias: FloatArray | None) -> None:
        """Put numbers in place of the parameters, rounded to the type that they have."""
        with torch.no_grad():
            matrix = weight.T if self.transposed else weight
            own = self.module.weight
            own.copy_(torch.from_numpy(np.ascontiguousarray(matrix)).reshape(own.shape))
            if bias is not None:
                self.module.bias.copy_(torch.from_numpy(np.ascontiguousarray(bias)))

    def require(self, entered: FloatArray, left: Any, eps: float, product_eps: float) -> None:
        """Refuse a layer that returns something else than its weight times what entered it.

        `entered` is what its matrix acts on; eps as in `sums.Parts`. A subclass may scale, noise
        or quantise.
        """
        p, W = channels_last(left, first=self.convolves), self.weight
        bias = np.zeros(len(W)) if self.bias is None else self.bias
        size = np.abs(entered) @ np.abs(W).T
        allowed = 2 * (W.shape[1] + 3) * eps * (size + np.abs(bias)) + 4 * product_eps * size
        expected = entered @ W.T + bias
        known = p.shape == expected.shape and np.isfinite(expected).all()
        if known and not (np.abs(p - expected) <= allowed).all():
            raise InputError(
                f"{self.name}, a {type(self.module).__name__}, does not return W h + bias",
                why="It is not a linear layer, or its weight is not the one that it uses",
            )

    def features(self, entering: Any) -> FloatArray:
        """What the matrix acts on: (n, m), or (n, positions, m)."""
        if not self.convolves:
            return channels_last(entering, first=False)
        wide = entering.detach().to("cpu", torch.float64)
        module = self.module
        if isinstance(module, torch.nn.Conv1d):
            wide = wide.unsqueeze(2)
        pad = _padded(module)
        kernel, dilation, stride = (
            _two(getattr(module, name)) for name in ("kernel_size", "dilation", "stride")
        )
        wide = torch.nn.functional.pad(wide, pad)
        patches = torch.nn.functional.unfold(wide, kernel, dilation=dilation, stride=stride)
        return np.ascontiguousarray(patches.numpy().transpose(0, 2, 1))


def _two(sizes: Any) -> tuple[int, int]:
    """Of a convolution along one axis, that of the second."""
    first, *rest = sizes
    return (first, rest[0]) if rest else (1, first)


def _padded(module: Any) -> list[int]:
    """The padding as `torch.nn.functional.pad` takes it: left, right, top, bottom."""
    if module.padding == "valid":
        return [0, 0, 0, 0]
    if module.padding == "same":
        both = list(module._reversed_padding_repeated_twice)
        return both if len(both) == 4 else [*both, 0, 0]
    down, across = _two(module.padding) if len(module.padding) > 1 else (0, module.padding[0])
    return [across, across, down, down]


def channels_last(values: Any, *, first: bool) -> FloatArray:
    """(n, c), or (n, positions, c) with all positions in one axis; `first` for (n, c, ...)."""
    array = numbers(values)
    if array.ndim <= 2:
        return array
    if first:
        return np.ascontiguousarray(array.reshape(*array.shape[:2], -1).transpose(0, 2, 1))
    return array.reshape(len(array), -1, array.shape[-1])


def numbers(tensor: Any) -> FloatArray:
    """A tensor of any device and floating-point type in float64, no number changed."""
    values = torch.as_tensor(tensor).detach()
    if values.is_meta:
        raise InputError("the model is on the meta device, where there are no numbers")
    if values.is_complex():
        raise InputError("the numbers are complex", why="The theorems are about real networks")
    found: FloatArray = values.to("cpu", torch.float64).numpy().copy()
    return found


def module_named(model: Any, name: str) -> Any:
    """A module of the model.

    Raises
    ------
    InputError
        If there is none of that name; with those that there are.
    """
    modules = dict(model.named_modules())
    if name not in modules:
        raise InputError(
            f"the model has no module {name!r}",
            hint=f"Its modules are: {', '.join(n for n in modules if n)}",
        )
    return modules[name]
