"""One evaluation of a model, with what enters some of its modules and what it returns.

Extra `torch`. The mode of the model, its hooks and the gradient mode are as before once a pass is
over: nothing is changed while a generator waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

from checker.errors import InputError


@dataclass
class Pass:
    """What was seen.

    Attributes
    ----------
    entered
        Name -> what entered the module, a copy.
    left
        Name -> what the module returned.
    order
        The modules without children that were called, in order.
    returned
        What the model returned.
    """

    entered: dict[str, Any] = field(default_factory=dict)
    left: dict[str, Any] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    returned: Any = None


def evaluate(model: Any, inputs: Any, modules: Mapping[str, Any], *, freeze: bool) -> Pass:
    """The model at the inputs, a tensor, or a mapping or tuple of arguments.

    Raises
    ------
    InputError
        In training mode without `freeze`; for a module that is called twice, or never.
    """
    seen = Pass()
    with _evaluating(model, freeze=freeze), torch.no_grad(), _hooks(model, modules, seen):
        seen.returned = _called(model, inputs)
    missing = [name for name in modules if name not in seen.entered]
    if missing:
        raise InputError(
            f"the model does not call {', '.join(missing)}",
            hint="Name a module that runs, not a container of modules such as a ModuleDict",
        )
    return seen


def require_repeatable(first: Pass, second: Pass) -> None:
    """Refuse a model that gives other numbers at the same inputs, such as dropout as a function.

    Raises
    ------
    InputError
        With the module at which the passes differ.
    """
    for name, values in first.entered.items():
        again = second.entered[name]
        if values.shape != again.shape or not torch.equal(values.nan_to_num(), again.nan_to_num()):
            raise InputError(
                f"what enters {name} differs between two passes over the same inputs",
                why="Then there is no one f, and no one loss",
                hint="Dropout as a function needs training=self.training",
            )


def split(batch: Any) -> tuple[Any, Any]:
    """Inputs and labels of a batch: a pair, or a mapping with `labels`.

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(batch, Mapping):
        for name in ("labels", "label", "targets"):
            if name in batch:
                return {k: v for k, v in batch.items() if k != name}, batch[name]
        raise InputError(f"a batch has no labels, only {', '.join(map(str, batch))}")
    if isinstance(batch, tuple | list) and len(batch) == 2:
        return batch[0], batch[1]
    found = f"{len(batch)} parts" if isinstance(batch, tuple | list) else type(batch).__name__
    raise InputError(
        f"a batch is {found}, not a pair (inputs, labels)",
        why="Batches are a list or loader of pairs, or of mappings with labels",
        hint="Pass [(inputs, labels)] for a single batch",
    )


def _called(model: Any, inputs: Any) -> Any:
    if isinstance(inputs, Mapping):
        return model(**inputs)
    return model(*inputs) if isinstance(inputs, tuple | list) else model(inputs)


@contextmanager
def _evaluating(model: Any, *, freeze: bool) -> Iterator[None]:
    training = [module for module in model.modules() if module.training]
    if training and not freeze:
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


@contextmanager
def _hooks(model: Any, modules: Mapping[str, Any], seen: Pass) -> Iterator[None]:
    """Record what enters and leaves; a copy, since x += f(x) changes what was seen."""

    def entering(name: str) -> Callable[..., None]:
        def record(module: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
            if name in seen.entered:
                raise InputError(f"{name} is called twice in one pass: there is no one input")
            tensors = [a for a in (*arguments, *named.values()) if torch.is_tensor(a)]
            if not tensors:
                raise InputError(f"{name} is called without a tensor")
            seen.entered[name] = tensors[0].detach().clone()

        return record

    def leaving(name: str) -> Callable[..., None]:
        def record(module: Any, arguments: Any, result: Any) -> None:
            if torch.is_tensor(result):
                seen.left[name] = result.detach().clone()

        return record

    def calling(name: str) -> Callable[..., None]:
        return lambda *_: seen.order.append(name)

    handles = []
    try:
        for name, module in modules.items():
            handles.append(module.register_forward_pre_hook(entering(name), with_kwargs=True))
            handles.append(module.register_forward_hook(leaving(name)))
        for name, module in model.named_modules():
            if not any(True for _ in module.children()):
                handles.append(module.register_forward_pre_hook(calling(name)))
        yield
    finally:
        for handle in handles:
            handle.remove()
