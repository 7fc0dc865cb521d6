"""From plain functions to the arrays of a certificate: JAX, Flax, NumPy or anything with DLPack.

The network is W(x + V f(x)), or wᵀ(x + V f(x)) for one output, given by its parts: f, V and the
output layer. f is called once per batch on what the batch holds; the certificate is about the
numbers that it returns. The network itself may be given, too (`predict`): then its outputs are
compared with the prediction of the parts, up to the roundings of its own precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.certification.source import as_array, widened
from checker.errors import InputError
from checker.instances.fields import FloatArray

Batches = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class ResidualFunction:
    """A residual network as functions and arrays.

    Attributes
    ----------
    features
        f, from the inputs of a batch (k, d) to features (k, m), such as
        `lambda x: unit.apply(params, x)` in evaluation mode; called twice on the first batch, to
        see that it is deterministic.
    V
        The last linear layer of the unit, (d, m): the transpose of a `kernel` of Flax.
    output
        The output layer: w, (d,), or W, (K, d).
    stem
        From the inputs of a batch to x; by default they are x.
    predict
        The whole network, from the inputs of a batch to (k,), (k, 1) or (k, K); None if it is not
        to be compared.
    V_bias, output_bias
        Biases, (d,) and a number or (K,): a feature and a coordinate of x that are 1 (Remark 1 of
        the paper).
    """

    features: Callable[[Any], Any]
    V: Any
    output: Any
    stem: Callable[[Any], Any] | None = None
    predict: Callable[[Any], Any] | None = None
    V_bias: Any = None
    output_bias: Any = None

    def parameters(self) -> dict[str, FloatArray]:
        """V, and w or W, with their biases."""
        V, W = numbers(self.V, "V"), numbers(self.output, "output")
        if V.ndim != 2 or W.ndim not in (1, 2) or W.shape[-1] != len(V):
            raise InputError(
                f"V has shape {V.shape} and the output layer has shape {W.shape}",
                why="The network is W(x + V f(x)): V is (d, m), and W is (d,) or (K, d)",
                hint="Kernels of Flax are stored as (inputs, outputs): pass kernel.T",
            )
        if self.V_bias is not None:
            V = np.column_stack([V, _bias(self.V_bias, "V_bias", (len(V),))])
        if self.output_bias is not None:
            bias = _bias(self.output_bias, "output_bias", W.shape[:-1])
            W = np.concatenate([W, bias[..., None]], axis=-1)
            V = np.vstack([V, np.zeros(V.shape[1])])
        return {"w" if W.ndim == 1 else "W": W, "V": V}

    def blocks(self, batches: Batches) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """(X, Z, y) of each batch (inputs, labels)."""
        several = "W" in self.parameters()
        for number, (inputs, labels) in enumerate(batches):
            X, Z = self._arrays(inputs, twice=number == 0)
            y = numbers(labels, "labels")
            yield X, Z, y if several else y.reshape(-1)

    def arrays(self, batches: Batches) -> dict[str, FloatArray]:
        """X, Z, y, V and w or W for `checker.certify(**arrays, loss=...)` or `numpy.savez`."""
        parts = list(self.blocks(batches))
        if not parts:
            raise InputError("there are no batches", why="An average over no points says nothing")
        X, Z, y = (np.concatenate(column) for column in zip(*parts, strict=True))
        return {"X": X, "Z": Z, "y": y, **self.parameters()}

    def _arrays(self, inputs: Any, *, twice: bool) -> tuple[FloatArray, FloatArray]:
        returned = self.features(inputs)
        given = inputs if self.stem is None else self.stem(inputs)
        x, z = numbers(given, "X"), numbers(returned, "Z")
        if x.ndim != 2 or z.ndim != 2 or len(x) != len(z):
            raise InputError(
                f"the inputs have shape {x.shape} and the features {z.shape}",
                why="The unit has to act on vectors, one per row",
                hint="Flatten before the unit, and map over rows with jax.vmap",
            )
        if twice and not np.array_equal(z, numbers(self.features(inputs), "Z"), equal_nan=True):
            raise InputError(
                "the features differ between two calls on the same inputs",
                why="Dropout or other noise makes them differ from what the network computes",
                hint="Apply the model in evaluation mode (deterministic=True)",
            )
        if self.predict is not None:
            self._check_prediction(x, z, inputs, max(_precision(a) for a in (given, returned)))
        ones = np.ones((len(x), 1))
        Z = z if self.V_bias is None else np.hstack([z, ones])
        return (x if self.output_bias is None else np.hstack([x, ones])), Z

    def _check_prediction(self, x: FloatArray, z: FloatArray, inputs: Any, eps: float) -> None:
        """Whether predict = W(x + V z) up to the roundings of the least precise number."""
        assert self.predict is not None
        returned = self.predict(inputs)
        p, eps = numbers(returned, "the prediction"), max(eps, _precision(returned))
        parameters = self.parameters()
        V, W = parameters["V"], np.atleast_2d(next(v for k, v in parameters.items() if k != "V"))
        ones = np.ones((len(x), 1))
        x = x if self.output_bias is None else np.hstack([x, ones])
        z = z if self.V_bias is None else np.hstack([z, ones])
        expected = (x + z @ V.T) @ W.T
        size = (np.abs(x) + np.abs(z) @ np.abs(V).T) @ np.abs(W).T
        # Sums over m + 2 and d + 1 terms, one after the other; twice, since ours are rounded, too.
        steps = 2 * (z.shape[1] + x.shape[1] + 6) * eps
        fits = p.size == expected.size
        if fits and np.isfinite(expected).all():
            fits = bool((np.abs(p.reshape(expected.shape) - expected) <= steps * size).all())
        if not fits:
            raise InputError(
                "the network does not return W(x + V f(x))",
                why="Then no theorem is about it",
                hint="A bias that was left out, a kernel that is not transposed, or a "
                "normalisation after the sum",
            )


def numbers(value: Any, name: str) -> FloatArray:
    """An array of any library in float64, no number changed; bfloat16 is widened by its library."""
    if _is_narrow(value):
        value = value.astype(np.float32)
    return np.array(widened(as_array(value, name), name))


def _is_narrow(value: Any) -> bool:
    """Whether it is bfloat16, which NumPy lacks and float32 holds."""
    return str(getattr(value, "dtype", "")) == "bfloat16"


def _precision(value: Any) -> float:
    """The distance from 1 to the next number of its type."""
    kind = np.dtype(np.float64) if _is_narrow(value) else as_array(value, "it").dtype
    eps = float(np.finfo(kind if kind.kind == "f" else np.float64).eps)
    return 2.0**-7 if _is_narrow(value) else eps


def _bias(value: Any, name: str, shape: tuple[int, ...]) -> FloatArray:
    bias = numbers(value, name)
    if bias.size != int(np.prod(shape)):
        raise InputError(f"{name} has shape {bias.shape}, expected {shape}")
    return bias.reshape(shape)
