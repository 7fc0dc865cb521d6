"""Losses by the names that engineers use, and loss objects of PyTorch, without PyTorch.

What is certified is a loss of the catalogue; what the caller's own value is in its terms (a factor
of 2, a mean over the outputs) is said in words. Labels 0 and 1 are those of `cross_entropy`, which
is the binary cross-entropy of a logit; classes are those of `softmax`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from checker.errors import InputError
from checker.landscape.losses.base import Loss
from checker.landscape.losses.coupled import VectorLoss

# What a loss function or class is called -> one word of this module.
_CALLED = {
    "bce": "bce",
    "binary_cross_entropy_with_logits": "bce",
    "BCEWithLogitsLoss": "bce",
    "binary_cross_entropy": "probabilities",
    "BCELoss": "probabilities",
    "mse": "mse",
    "mse_loss": "mse",
    "MSELoss": "mse",
    "ce": "ce",
    "cross_entropy": "ce",
    "CrossEntropyLoss": "ce",
    "nll_loss": "log_probabilities",
    "NLLLoss": "log_probabilities",
    "soft_margin_loss": "soft_margin",
    "SoftMarginLoss": "soft_margin",
    "L1Loss": "absolute",
    "l1_loss": "absolute",
    "HuberLoss": "huber",
    "SmoothL1Loss": "huber",
    "smooth_l1_loss": "huber",
    "huber_loss": "huber",
}
_WORDS = ("bce", "mse", "ce")


@dataclass(frozen=True)
class Translated:
    """A loss of the catalogue by name, and what the caller's own loss is in its terms."""

    loss: Any
    said: str = ""


def translated(loss: Any, outputs: int | None) -> Translated:
    """The catalogue's loss for what the caller has named; any other loss as it is.

    `outputs` is K, or None for one output.

    Raises
    ------
    InputError
        For options that change the loss, and for a loss of the other number of outputs.
    """
    if isinstance(loss, str):
        return _of(loss, outputs, "mean") if loss in _WORDS else Translated(loss)
    if loss is None or isinstance(loss, Loss | VectorLoss):
        return Translated(loss)
    name, foreign = _name(loss)
    if name not in _CALLED or not foreign:
        if foreign:
            raise InputError(
                f"the loss {name} is not known here",
                hint="Pass the name of a loss, or one of your own: docs/certify.md has the names",
            )
        raise InputError(
            f"{loss!r:.40} is not a loss",
            hint="Pass its name, a checker loss, or a loss object of PyTorch",
        )
    _require_plain(loss, name)
    return _of(_CALLED[name], outputs, getattr(loss, "reduction", "mean"))


def is_of_classes(loss: Any) -> bool:
    """Whether the labels of a loss are classes, so that it has several outputs."""
    if isinstance(loss, str):
        return loss in ("ce", "softmax")
    if isinstance(loss, Loss | VectorLoss):
        return False
    return _CALLED.get(_name(loss)[0]) in ("ce", "log_probabilities")


def _name(loss: Any) -> tuple[str, bool]:
    """The name of a function, or of the class of an object, and whether it is PyTorch's."""
    function = callable(loss) and hasattr(loss, "__name__")
    owner = loss if function else type(loss)
    home = getattr(owner, "__module__", None) or ""
    # Functions of torch's compiled part have no module that says so.
    builtin = function and type(loss).__name__ == "builtin_function_or_method"
    return owner.__name__, home.startswith("torch") or builtin


def _require_plain(loss: Any, name: str) -> None:
    if getattr(loss, "weight", None) is not None or getattr(loss, "pos_weight", None) is not None:
        raise InputError(
            f"{name} has weights of its own",
            why="They depend on the class, and a certificate weighs the rows",
            hint="Pass them row by row: weights=class_weight[y] / n",
        )
    if getattr(loss, "label_smoothing", 0.0):
        raise InputError(
            f"{name} smooths the labels by {loss.label_smoothing:g}",
            hint="Smooth them yourself: (1 - s) * numpy.eye(K)[y] + s / K, and pass 'softmax'",
        )


def _of(word: str, outputs: int | None, reduction: str) -> Translated:
    """The loss for a word, and its factor."""
    builders: dict[str, Callable[[], Translated]] = {
        "bce": lambda: Translated("cross_entropy", _factor("BCEWithLogitsLoss", 1, outputs)),
        "probabilities": lambda: Translated("cross_entropy", _factor("BCELoss", 1, outputs)),
        "mse": lambda: Translated("squared", _factor("MSELoss", 2, outputs)),
        "soft_margin": lambda: Translated("logistic", _factor("SoftMarginLoss", 1, outputs)),
        "ce": lambda: _softmax("CrossEntropyLoss", outputs),
        "log_probabilities": lambda: _softmax("NLLLoss of log_softmax", outputs),
    }
    found = builders[word]() if word in builders else Translated(word)
    if reduction == "sum":
        found = Translated(found.loss, f"{found.said}; its sum is n times as much".lstrip("; "))
    return found


def _softmax(name: str, outputs: int | None) -> Translated:
    if outputs is None:
        raise InputError(
            f"{name} of one output is 0, whatever the network",
            why="Its softmax has one class",
            hint="For one logit and labels 0 and 1 pass 'bce'",
        )
    return Translated("softmax", f"the mean of {name} is F")


def _factor(name: str, factor: int, outputs: int | None) -> str:
    """PyTorch takes the mean over outputs, too; the catalogue the sum, and half of the square."""
    K = outputs or 1
    if K % factor == 0:
        K, factor = K // factor, 1
    value = ("" if factor == 1 else f"{factor} ") + "F" + ("" if K == 1 else f" / {K}")
    return f"the mean of {name} is {value}"
