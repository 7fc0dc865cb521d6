"""What a model returns against what its output layer returned. Extra `torch`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from checker.certification.adapters.layers import numbers
from checker.certification.adapters.sums import flattened
from checker.errors import InputError
from checker.instances.fields import FloatArray

Link = str | Callable[[Any], Any] | None

LINKS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": torch.sigmoid,
    "softmax": lambda p: torch.softmax(p, -1),
    "log_softmax": lambda p: torch.log_softmax(p, -1),
    "tanh": torch.tanh,
}

# The positions whose prediction a model returns, if its output layer has predicted at all.
_POSITIONS = ("mean", "first", "last")


def reduction(result: Any, left: Any, name: str, link: Link) -> str | None:
    """How the model's result comes from that of `name`: None, or which position is taken.

    `result` is what the model returned, a tensor or a mapping with `logits`; `left` is what the
    output layer returned. `link` is what the model does with it: None, one of `LINKS`, a function.

    Raises
    ------
    InputError
        If the model returns anything else: then its loss is not that of the output layer.
    """
    tensor = _tensor(result)
    if left is None:
        raise InputError(f"{name} returns no tensor")
    function = _function(link)
    if _same(function(left), tensor, exact=link is None):
        return None
    if left.ndim > 2:
        wide = left.reshape(len(left), -1, left.shape[-1])
        for where in _POSITIONS:
            taken = wide.mean(1) if where == "mean" else wide[:, 0 if where == "first" else -1]
            if _same(function(taken), tensor, exact=link is None and where != "mean"):
                return where
    raise InputError(
        f"the model does not return what {name} returns" + _difference(left, tensor),
        why="The certificate speaks of the loss of wᵀ(x + V f(x)), not of that of another function",
        hint="For a final function that your loss undoes, name it: link='sigmoid', 'softmax', ... "
        "or a function of what the layer returns; otherwise no theorem is about the model",
    )


def _tensor(result: Any) -> Any:
    if torch.is_tensor(result):
        return result
    if isinstance(result, Mapping) and "logits" in result:
        return result["logits"]
    if hasattr(result, "logits"):
        return result.logits
    if isinstance(result, tuple | list) and result and torch.is_tensor(result[0]):
        return result[0]
    raise InputError(
        f"the model returns a {type(result).__name__}, no tensor and nothing with logits",
        why="What it returns has to be compared with what its output layer returns",
        hint="Wrap the model in one that returns its prediction",
    )


def _function(link: Link) -> Callable[[Any], Any]:
    if link is None:
        return lambda p: p
    if isinstance(link, str):
        if link not in LINKS:
            raise InputError(f"unknown link {link!r}", hint=f"It is one of {', '.join(LINKS)}")
        return LINKS[link]
    return link


def _same(expected: Any, found: Any, *, exact: bool) -> bool:
    """The same numbers, in the less precise of both types; after a link up to a few roundings."""
    if not torch.is_tensor(expected) or expected.numel() != found.numel():
        return False
    a, b = numbers(expected).ravel(), numbers(found).ravel()
    kinds = [t.dtype for t in (expected, found) if t.is_floating_point()]
    eps = max((torch.finfo(kind).eps for kind in kinds), default=0.0)
    if exact and len(set(kinds)) == 1:
        return bool(np.array_equal(a, b, equal_nan=True))
    size = np.maximum(np.abs(a), 0.0 if exact else 1.0)
    return bool((np.abs(a - b) <= (1 if exact else 64) * eps * size).all())


def _difference(left: Any, tensor: Any) -> str:
    """What it might be, for the message."""
    if left.numel() != tensor.numel():
        return f": shapes {tuple(tensor.shape)} and {tuple(left.shape)}"
    for name, function in LINKS.items():
        if _same(function(left), tensor, exact=False):
            return f" but its {name}: pass link={name!r}"
    a, b = numbers(left).ravel(), numbers(tensor).ravel()
    if a.any():
        factor = float(a @ b / (a @ a))
        if np.abs(b - factor * a).max() <= 1e-5 * np.abs(b).max():
            return f" but {factor:.4g} times that"
    return f": {float(b[0]):.6g} where the layer returns {float(a[0]):.6g}"


def taken(h: FloatArray, where: str | None) -> FloatArray:
    """What enters the output layer at the positions that count."""
    return h if where is None else flattened(h, where)
