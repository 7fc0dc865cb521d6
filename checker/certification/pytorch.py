"""From a PyTorch model to the arrays of a certificate. Extra `torch`.

The model computes head(R(x + V f(x))): a residual unit (`unit`), whose last linear layer (`last`)
is V and whose sum goes into the linear output layer (`output`), directly or through what is linear
(`adapters/sums.py`). Hooks record what enters each of the three, so that x, z = f(x) and the sum
are the model's own numbers, in its own precision. That the third is the sum of the other two, and
that the model returns what `output` returns, is checked with the error bounds of that precision.

A bias of V is a feature that is 1; the bias of the output is `output_bias`. In float32 or bfloat16
every number is exact in float64.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from checker.certification.adapters.labels import as_labels
from checker.certification.adapters.layers import Layer, channels_last, module_named, numbers
from checker.certification.adapters.own import require_own
from checker.certification.adapters.passes import Pass, evaluate, require_repeatable, split
from checker.certification.adapters.returned import Link, reduction, taken
from checker.certification.adapters.sums import Fold, Parts, fits, flattened, forms_of
from checker.certification.adapters.tail import between, folds, refusal
from checker.certification.certificate import Escape
from checker.errors import InputError
from checker.instances.fields import FloatArray

Batches = Iterable[Any]


@dataclass(frozen=True)
class OutputLayer:
    """The output layer of any model, on what enters it, for `checker.certify_head`.

    Attributes
    ----------
    model
        Any `torch.nn.Module`; called on the inputs of a batch.
    output
        Name of the linear output layer.
    freeze
        Evaluate in eval mode, whatever mode the model is in; without, training mode is refused.
    link
        What the model does with the output of that layer: None, "sigmoid", "softmax",
        "log_softmax", "tanh", or a function. The loss is that of the layer's output.
    """

    model: Any
    output: str
    freeze: bool = False
    link: Link = None

    def parameters(self) -> dict[str, FloatArray]:
        """w for one output or W for several, and its bias."""
        layer = Layer.of(self.model, self.output)
        require_own(self.model, (layer,))
        return _head(layer)

    def blocks(self, batches: Batches) -> Iterator[tuple[FloatArray, ...]]:
        """(X, y) of each batch (inputs, labels)."""
        layer, first = Layer.of(self.model, self.output), True
        for batch in batches:
            inputs, labels = split(batch)
            names = {self.output: module_named(self.model, self.output)}
            seen = evaluate(self.model, inputs, names, freeze=self.freeze)
            if first:
                again = evaluate(self.model, inputs, names, freeze=self.freeze)
                require_repeatable(seen, again)
                first = False
            h = _entering(layer, seen, self.link)[0]
            X = flattened(h, "tokens" if h.ndim > 2 else "rows")
            kept, y = as_labels(_plain(labels), len(X), len(layer.weight))
            yield X[kept], y

    def arrays(self, batches: Batches) -> dict[str, FloatArray]:
        """X, y, and w or W with its bias, for `checker.certify_head(**arrays, loss=...)`."""
        return {**_joined(self.blocks(batches), ("X", "y")), **self.parameters()}

    def inputs(self, batches: Batches, unit: str) -> dict[str, FloatArray]:
        """What enters `unit`, its mean over positions, in place of what enters the output layer.

        `checker.certify_head(**layer.inputs(batches, unit), loss=...).best.F_lin` is the least loss
        of a linear predictor on the inputs of that unit: the model's own F may be compared with it.
        """
        layer, rows = Layer.of(self.model, self.output), []
        for batch in batches:
            given, labels = split(batch)
            modules = {unit: module_named(self.model, unit)}
            seen = evaluate(self.model, given, modules, freeze=self.freeze)
            entered = seen.entered[unit]
            x = channels_last(entered, first=entered.ndim == 4)
            X = x if x.ndim == 2 else flattened(x, "mean")
            kept, y = as_labels(_plain(labels), len(X), len(layer.weight))
            rows.append((X[kept], y))
        joined = _joined(iter(rows), ("X", "y"))
        size, head = joined["X"].shape[1], self.parameters()
        zero = {k: np.zeros((*v.shape[:-1], size)) for k, v in head.items() if k in ("w", "W")}
        return {**joined, **zero, **{k: v for k, v in head.items() if k == "output_bias"}}

    def apply(self, lower: Escape) -> None:
        """Load a lower point of a certificate into the model."""
        Layer.of(self.model, self.output).write(np.atleast_2d(lower.w), _bias_of(lower))


@dataclass(frozen=True)
class ResidualNetwork:
    """A model and the names of three of its modules.

    Attributes
    ----------
    model
        Any `torch.nn.Module`; called on the inputs of a batch.
    unit
        Name of the residual unit, or of the first module in it: its input is x.
    last
        Name of its last linear layer, V, whose input is z = f(x).
    output
        Name of the linear output layer, w, whose input is x + V z.
    freeze
        Evaluate in eval mode, whatever mode the model is in; without, training mode is refused.
    link
        What the model does with the output of `output`, as for `OutputLayer`.
    """

    model: Any
    unit: str
    last: str
    output: str
    freeze: bool = False
    link: Link = None
    _given: dict[str, Fold] = field(default_factory=dict, repr=False, compare=False)

    def parameters(self, batch: Any = None) -> dict[str, FloatArray]:
        """V, w for one output or W for several, and output_bias if there is one.

        Where something is folded into V (`form`), that takes a `batch` to find out.
        """
        fold = Fold.none(len(self._layers()[0].weight))
        if batch is not None:
            fold = self._look(split(batch)[0])[2]
        self._given["fold"] = fold
        return self._parameters(fold)

    def form(self, batch: Any) -> str:
        """In which form the model is one of the theory's, in words."""
        _, form, fold = self._look(split(batch)[0])
        words = {
            "rows": "one vector per row",
            "tokens": "each position is a row",
            "mean": "the mean over positions",
            "first": "the first position",
            "last": "the last position",
        }
        return words[form] + (f", with {fold.name} folded into x and V" if fold.name else "")

    def blocks(self, batches: Batches) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """(X, Z, y) of each batch (inputs, labels)."""
        given = self._given.get("fold")
        for X, Z, y, fold in self._blocks(batches):
            if given is not None and not np.array_equal(given.scale, fold.scale):
                raise InputError(
                    f"{fold.name} is folded into V, and V was taken as it is",
                    hint="Pass a batch: network.parameters(batch)",
                )
            yield X, Z, y

    def arrays(self, batches: Batches) -> dict[str, FloatArray]:
        """X, Z, y and the parameters for `checker.certify(**arrays, loss=...)` or `numpy.savez`."""
        parts = list(self._blocks(batches))
        joined = _joined(iter([part[:3] for part in parts]), ("X", "Z", "y"))
        return {**joined, **self._parameters(parts[0][3])}

    def apply(self, lower: Escape, batch: Any = None) -> None:
        """Load a lower point of a certificate into the model: w, V and their biases.

        In the type of the model's parameters, so in float32 or less up to their rounding. Where
        something is folded into V, it takes a `batch` to find out what.
        """
        last, output = self._layers()
        given = self._given.get("fold", Fold.none(len(last.weight)))
        scale = (given if batch is None else self._look(split(batch)[0])[2]).scale[:, None]
        V, bias = lower.V, None
        if last.bias is not None:
            V, bias = V[:, :-1], (V[:, -1:] / scale)[:, 0]
        last.write(V / scale, bias)
        output.write(np.atleast_2d(lower.w), _bias_of(lower))

    def _layers(self) -> tuple[Layer, Layer]:
        last, output = Layer.of(self.model, self.last), Layer.of(self.model, self.output)
        V, W = last.weight, output.weight
        if len(V) != W.shape[1]:
            raise InputError(
                f"{self.last} returns {len(V)} numbers, and {self.output} takes {W.shape[1]}",
                why="The output of V is added to x, and w acts on the sum; what is concatenated, "
                "as in DenseNet, is not added",
                hint=f"Name the last linear layer of the residual unit instead of {self.last}",
            )
        require_own(self.model, (last, output))
        return last, output

    def _parameters(self, fold: Fold) -> dict[str, FloatArray]:
        last, output = self._layers()
        V = last.weight
        if last.bias is not None:
            V = np.column_stack([V, last.bias])
        return {"V": V if fold.trivial else fold.scale[:, None] * V, **_head(output)}

    def _blocks(self, batches: Batches) -> Iterator[tuple[Any, Any, Any, Fold]]:
        known: tuple[str, Fold] | None = None
        outputs = len(Layer.of(self.model, self.output).weight)
        for batch in batches:
            inputs, labels = split(batch)
            parts, form, fold = self._look(inputs, known)
            known = form, fold
            X, Z = fold.inputs(flattened(parts.x, form)), flattened(parts.z, form)
            if self._layers()[0].bias is not None:
                Z = np.hstack([Z, np.ones((len(Z), 1))])
            kept, y = as_labels(_plain(labels), len(X), outputs)
            yield X[kept], Z[kept], y, fold

    def _look(self, inputs: Any, known: tuple[str, Fold] | None = None) -> tuple[Parts, str, Fold]:
        """One pass: what was recorded, and the form and fold in which it is x + V z."""
        names = {name: module_named(self.model, name) for name in self._names}
        last, output = self._layers()
        seen = evaluate(self.model, inputs, names, freeze=self.freeze)
        if known is None:
            require_repeatable(seen, evaluate(self.model, inputs, names, freeze=self.freeze))
        h, where = _entering(output, seen, self.link)
        parts = self._parts(seen, last, h)
        forms = (where,) if where else forms_of(parts.x, parts.h)
        calls = between(seen, self.last, self.output)
        candidates = (
            [known]
            if known
            else [
                (f, g) for g in folds(self.model, calls, self.last, len(last.weight)) for f in forms
            ]
        )
        for form, fold in candidates:
            if fits(parts, form, fold):
                if not fold.scale.all():
                    raise InputError(
                        f"{fold.name} has entries 0: there the unit is switched off",
                        why="Then V does not move these coordinates, and no theorem is about it",
                    )
                return parts, form, fold
        if not np.isfinite(parts.h).all():  # the certificate names the entry
            return parts, forms[0] if forms else "rows", Fold.none(len(last.weight))
        raise refusal(self.model, calls, self.unit, self.last, self.output)

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.unit, self.last, self.output)))

    def _parts(self, seen: Pass, last: Layer, h: FloatArray) -> Parts:
        entered = [seen.entered[name] for name in (self.unit, self.last, self.output)]
        bias = np.zeros(len(last.weight)) if last.bias is None else last.bias
        return Parts(
            channels_last(entered[0], first=last.convolves),
            last.features(entered[1]),
            h,
            last.weight,
            bias,
            max(_eps(tensor) for tensor in entered),
            _product_eps(entered[1]),
        )


def _entering(layer: Layer, seen: Pass, link: Link) -> tuple[FloatArray, str | None]:
    """What enters the output layer where the model's result comes from, and which positions."""
    entered, left = seen.entered[layer.name], seen.left.get(layer.name)
    where = reduction(seen.returned, left, layer.name, link)
    h = layer.features(entered)
    layer.require(h, left, max(_eps(entered), _eps(left)), _product_eps(entered))
    return taken(h, where), where


def _eps(tensor: Any) -> float:
    return float(torch.finfo(tensor.dtype).eps) if tensor.is_floating_point() else 0.0


def _product_eps(tensor: Any) -> float:
    """To how many bits a product of float32 matrices rounds its factors: TF32 or bfloat16."""
    if tensor.dtype is not torch.float32:
        return 0.0
    allowed = torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32
    precision = torch.get_float32_matmul_precision()
    if precision == "medium":
        return 2.0**-8
    fast = precision == "high" or (tensor.is_cuda and allowed)
    return 2.0**-11 if fast else 0.0


def _head(layer: Layer) -> dict[str, FloatArray]:
    W, bias = layer.weight, layer.bias
    named: dict[str, FloatArray] = {"w": W[0]} if len(W) == 1 else {"W": W}
    return named if bias is None else {**named, "output_bias": bias}


def _bias_of(lower: Escape) -> FloatArray | None:
    return lower.bias.ravel() if lower.bias.size else None


def _plain(labels: Any) -> Any:
    """Labels as an array, of integers if they are integers: then they may be classes."""
    tensor = torch.as_tensor(labels)
    if tensor.is_floating_point() or tensor.is_complex():
        return numbers(tensor)
    return tensor.detach().cpu().numpy()


def _joined(parts: Iterator[Any], names: tuple[str, ...]) -> dict[str, FloatArray]:
    rows = list(parts)
    if not rows:
        raise InputError("there are no batches", why="An average over no points says nothing")
    return {
        name: np.concatenate(column)
        for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
