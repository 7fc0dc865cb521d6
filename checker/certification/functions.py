"""From plain functions to the arrays of a certificate: JAX, Flax, NumPy or anything with DLPack.

The network is W(x + V f(x)), or wᵀ(x + V f(x)) for one output, given by its parts: f, V and the
output layer. f is called once per batch on what the batch holds; the certificate is about the
numbers that it returns. The network itself may be given, too (`predict`): then its outputs are
compared with the prediction of the parts, up to the roundings of its own precision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from checker.certification.adapters.labels import as_labels
from checker.certification.certificate import Escape
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
        The output layer: w, (d,) or (1, d), or W, (K, d): the transpose of a `kernel` of Flax.
    stem
        From the inputs of a batch to x; by default they are x.
    predict
        The whole network, from the inputs of a batch to (k,), (k, 1) or (k, K); None if it is not
        to be compared.
    V_bias, output_bias
        Biases, (d,) and a number or (K,): that of V is a feature that is 1.

    Examples
    --------
    >>> import numpy as np
    >>> import checker
    >>> from checker.certification.functions import ResidualFunction
    >>> network = ResidualFunction(features=np.tanh, V=np.zeros((1, 1)), output=np.ones(1))
    >>> X = np.array([[1.0], [2.0], [-1.0]])
    >>> found = checker.certify(**network.arrays([(X, X[:, 0])]), loss="squared")
    >>> found.verdict.name
    'NO_WORSE'
    """

    features: Callable[[Any], Any]
    V: Any
    output: Any
    stem: Callable[[Any], Any] | None = None
    predict: Callable[[Any], Any] | None = None
    V_bias: Any = None
    output_bias: Any = None

    def parameters(self) -> dict[str, FloatArray]:
        """V with its bias as a column, w or W, and output_bias if there is one."""
        V, W = numbers(self.V, "V"), numbers(self.output, "output")
        W = W[0] if W.ndim == 2 and len(W) == 1 else W
        if V.ndim != 2 or W.ndim not in (1, 2) or W.shape[-1] != len(V):
            raise InputError(
                f"V has shape {V.shape} and the output layer has shape {W.shape}",
                why="The network is W(x + V f(x)): V is (d, m), and W is (d,) or (K, d)",
                hint="Kernels of Flax are stored as (inputs, outputs): pass kernel.T",
            )
        if self.V_bias is not None:
            V = np.column_stack([V, _bias(self.V_bias, "V_bias", (len(V),))])
        named = {"w" if W.ndim == 1 else "W": W, "V": V}
        if self.output_bias is None:
            return named
        return {**named, "output_bias": _bias(self.output_bias, "output_bias", W.shape[:-1])}

    def blocks(self, batches: Batches) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """(X, Z, y) of each batch (inputs, labels)."""
        outputs = len(self.parameters().get("W", [0]))
        for number, (inputs, labels) in enumerate(batches):
            X, Z = self._arrays(inputs, twice=number == 0)
            kept, y = as_labels(_plain(labels), len(X), outputs)
            yield X[kept], Z[kept], y

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
        return x, z if self.V_bias is None else np.hstack([z, np.ones((len(x), 1))])

    def apply(self, lower: Escape) -> ResidualFunction:
        """The network at a lower point of a certificate: its V, output layer and biases replaced.

        The arrays are NumPy's, in float64 and in the shapes that were given.
        """
        V, V_bias = (lower.V, None) if self.V_bias is None else (lower.V[:, :-1], lower.V[:, -1])
        output = lower.w.reshape(np.shape(self.output))
        bias = lower.bias.reshape(np.shape(self.output_bias)) if lower.bias.size else None
        return replace(self, V=V, output=output, V_bias=V_bias, output_bias=bias)

    def _check_prediction(self, x: FloatArray, z: FloatArray, inputs: Any, eps: float) -> None:
        """Whether predict = W(x + V z) up to the roundings of the least precise number."""
        assert self.predict is not None
        returned = self.predict(inputs)
        p, eps = numbers(returned, "the prediction"), max(eps, _precision(returned))
        parameters = self.parameters()
        V, W = parameters["V"], np.atleast_2d(parameters["w" if "w" in parameters else "W"])
        bias = parameters.get("output_bias", np.zeros(len(W)))
        z = z if self.V_bias is None else np.hstack([z, np.ones((len(x), 1))])
        expected = (x + z @ V.T) @ W.T + bias
        size = (np.abs(x) + np.abs(z) @ np.abs(V).T) @ np.abs(W).T + np.abs(bias)
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


def _plain(labels: Any) -> Any:
    """Labels in float64, or the integers that they are: then they may be classes."""
    kind = getattr(labels, "dtype", None)
    return np.asarray(labels) if str(kind).startswith(("int", "uint")) else numbers(labels, "y")


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
