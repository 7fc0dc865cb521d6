"""Are w and V parameters of the model, free to move, and used nowhere else? Extra `torch`."""

from __future__ import annotations

from typing import Any

from checker.certification.adapters.layers import Layer
from checker.errors import InputError


def require_own(model: Any, layers: tuple[Layer, ...]) -> None:
    """Refuse weights that are shared with another part of the model, and frozen ones.

    Raises
    ------
    InputError
        With the names of both parts.
    """
    ours = {
        f"{layer.name}.{kind}".lstrip("."): getattr(layer.module, kind)
        for layer in layers
        for kind in ("weight", "bias")
        if getattr(layer.module, kind) is not None
    }
    everywhere = dict(model.named_parameters(remove_duplicate=False))
    for name, tensor in ours.items():
        place = _storage(tensor)
        for other, parameter in everywhere.items():
            twice = other != name and not _same_path(model, other, name)
            if twice and _storage(parameter) == place:
                raise InputError(
                    f"{name} and {other} are the same weights",
                    why="The theorems move w and V and nothing else: a change of tied weights "
                    "changes f, too, and a point can be a minimum for them",
                    hint="OutputLayer certifies the output layer alone, if it is not tied itself",
                )
    fixed = [name for name, tensor in ours.items() if not tensor.requires_grad]
    trained = any(parameter.requires_grad for parameter in everywhere.values())
    if fixed and trained:
        raise InputError(
            f"{', '.join(fixed)} is frozen (requires_grad is False)",
            why="The theorems move all of w, V and their biases; without some of them a point can "
            "be a minimum although it is worse than linear",
            hint="Set requires_grad_(True) if it is trained, or freeze the whole model if all of "
            "it is only evaluated",
        )


def _storage(tensor: Any) -> tuple[Any, ...]:
    """Where the numbers are; an empty tensor is nowhere."""
    if tensor.numel() == 0 or tensor.is_meta:
        return (id(tensor),)
    return tensor.device, tensor.untyped_storage().data_ptr()


def _same_path(model: Any, first: str, second: str) -> bool:
    """Whether two names lead to the same attribute of the same module, registered twice."""
    (one, a), (two, b) = (name.rpartition(".")[::2] for name in (first, second))
    if a != b:
        return False
    modules = dict(model.named_modules(remove_duplicate=False))
    return modules.get(one) is modules.get(two)
