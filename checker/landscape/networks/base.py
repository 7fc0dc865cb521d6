"""Feature maps f_theta: the base class and the registry.

Every map takes a flat parameter vector theta and a batch X of shape (N, d) to features of shape
(N, m). All are written with ``autograd.numpy``, so ``autograd.grad`` works in theta (and in X).
The maps are in :mod:`checker.landscape.networks`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from numbers import Integral
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import autograd
import autograd.numpy as anp
import numpy as np
import numpy.typing as npt
from autograd.tracer import isbox

from checker.errors import InputError

FloatArray = npt.NDArray[np.float64]

# Weights of the features -> ∂/∂theta of their weighted sum.
Pullback = Callable[[FloatArray], FloatArray]


class Block(NamedTuple):
    """One parameter array: its shape, and how many inputs each of its outputs sums over."""

    shape: tuple[int, ...]
    fan_in: int

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)


def dense(outputs: int, inputs: int) -> tuple[Block, Block]:
    """Weight and bias of an affine layer."""
    return Block((outputs, inputs), inputs), Block((outputs,), inputs)


def default_width(d: int, m: int) -> int:
    """Units of a hidden layer where nobody chose them."""
    return max(4, d + m)


def unpack(theta: FloatArray, layout: Sequence[Block]) -> list[FloatArray]:
    """Cut a flat theta into consecutive arrays with the shapes of `layout`."""
    parts, start = [], 0
    for block in layout:
        # The method, not a function of autograd, which costs as much as a small layer.
        parts.append(theta[start : start + block.size].reshape(block.shape))
        start += block.size
    return parts


@dataclass(frozen=True)
class Network(ABC):
    """A feature map f_theta: R^d -> R^m.

    Parameters
    ----------
    d
        Input dimension.
    m
        Number of features.

    Raises
    ------
    InputError
        If a hyperparameter has the wrong type or is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from checker.landscape.networks.linear import Constant
    >>> Constant(d=3, m=2).features(np.array([1.0, 2.0]), np.zeros((1, 3)))
    array([[1., 2.]])
    """

    kind: ClassVar[str]
    d: int
    m: int

    def __post_init__(self) -> None:
        for item in fields(self):
            _check_hyperparameter(
                self.kind, item.name, item.type, item.metadata, getattr(self, item.name)
            )

    @property
    def differentiable(self) -> bool:
        """Whether f is differentiable in theta everywhere."""
        return True

    @property
    @abstractmethod
    def layout(self) -> tuple[Block, ...]:
        """The parameter arrays, in the order in which theta stores them."""

    @property
    def size(self) -> int:
        """Number of parameters: the length of the flat theta."""
        return sum(block.size for block in self.layout)

    def initial(self, rng: np.random.Generator, scale: float = 1.0) -> FloatArray:
        """Random flat theta, shape (size,): Gaussian, standard deviation scale / sqrt(fan-in)."""
        sizes = [block.size for block in self.layout]
        deviations = [scale / math.sqrt(block.fan_in) for block in self.layout]
        theta: FloatArray = rng.standard_normal(self.size) * np.repeat(deviations, sizes)
        return theta

    def features(self, theta: FloatArray, X: FloatArray) -> FloatArray:
        """Features of every row of X.

        Parameters
        ----------
        theta
            Flat parameters, shape (size,).
        X
            Inputs, shape (N, d).

        Returns
        -------
        FloatArray
            Shape (N, m).

        Raises
        ------
        InputError
            If theta or X has the wrong shape.
        """
        theta, X = _as_float(theta), _as_float(X)
        if anp.ndim(X) != 2 or anp.shape(X)[1] != self.d:
            raise _shape_error("inputs X", f"(N, {self.d})", anp.shape(X), self.kind)
        if anp.shape(theta) != (self.size,):
            raise _shape_error("parameters theta", f"({self.size},)", anp.shape(theta), self.kind)
        return self._apply(unpack(theta, self.layout), X)

    def features_of(self, theta: Any, X: Any) -> Any:
        """Features in another arithmetic: object arrays of shapes (size,) and (N, d), to (N, m)."""
        return self._apply(unpack(theta, self.layout), X)

    def pullback(self, theta: FloatArray, X: FloatArray, cotangent: FloatArray) -> FloatArray:
        """∂/∂theta of the sum of cotangent * f_theta(X), shape (size,); by autograd.

        Parameters
        ----------
        theta, X
            As for ``features``.
        cotangent
            Weights of the features, shape (N, m).
        """
        if not self.size:
            return np.zeros(0)
        pulled, _ = autograd.make_vjp(lambda t: self.features(t, X))(theta)
        gradient: FloatArray = pulled(cotangent)
        return gradient

    def forward(self, theta: FloatArray, X: FloatArray) -> tuple[FloatArray, Pullback]:
        """The features, and the pullback there, which may know what the features went through."""
        return self.features(theta, X), partial(self.pullback, theta, X)

    @abstractmethod
    def _apply(self, parts: list[FloatArray], X: FloatArray) -> FloatArray:
        """Features (N, m) from parameter arrays shaped as in `layout` and X of shape (N, d)."""

    def describe(self) -> dict[str, object]:
        """JSON-able description; ``network_from`` gives an equal network back."""
        values = {item.name: _plain(getattr(self, item.name)) for item in fields(self)}
        return {"kind": self.kind, **values}


def _check_hyperparameter(
    kind: str, name: str, annotation: object, metadata: Mapping[str, Any], value: object
) -> None:
    if "choices" in metadata:
        choices = metadata["choices"]
        good, wanted = isinstance(value, str) and value in choices, f"one of {', '.join(choices)}"
    elif annotation == "int":
        good, wanted = _is_count(value), "an integer of at least 1"
    else:
        good = isinstance(value, tuple) and all(_is_count(entry) for entry in value)
        wanted = "a tuple of integers of at least 1"
    if not good:
        raise InputError(
            f"Network {kind!r} got {name} = {value!r}",
            why=f"{name} must be {wanted}",
            hint=f"Correct {name}",
        )


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def _plain(value: Any) -> object:
    # NumPy integers equal Python's but json refuses them.
    if isinstance(value, tuple):
        return [int(entry) for entry in value]
    return value if isinstance(value, str) else int(value)


def _as_float(array: FloatArray) -> FloatArray:
    # Converting a value that autograd traces would cut it out of the graph.
    return array if isbox(array) else np.asarray(array, dtype=np.float64)


def _shape_error(what: str, expected: str, actual: tuple[int, ...], kind: str) -> InputError:
    return InputError(
        f"The {what} have shape {actual}, expected {expected}",
        why=f"Network {kind!r} is built for that shape only",
        hint="Build the network for this dimension, or change the data",
    )


_NETWORKS: dict[str, type[Network]] = {}
_DEFAULTS: dict[str, Callable[[int, int], Network]] = {}

NETWORKS: Mapping[str, type[Network]] = MappingProxyType(_NETWORKS)
"""Class behind every name that ``make_network`` knows. ``NETWORKS[net.kind]`` is ``type(net)``."""


def register(name: str, network: type[Network], default: Callable[[int, int], Network]) -> None:
    """Make `name` known to ``make_network``; ``default(d, m)`` chooses the hyperparameters."""
    _NETWORKS[name], _DEFAULTS[name] = network, default


def make_network(kind: str, d: int, m: int) -> Network:
    """Network of the given kind with default hyperparameters, for any d, m of at least 1.

    Raises
    ------
    InputError
        If the kind is unknown, or d or m is no integer of at least 1.
    """
    _check_kind(kind, tuple(_DEFAULTS))
    # The defaults compute with d and m, so these must be sound before.
    _NETWORKS["constant"](d, m)
    return _DEFAULTS[kind](d, m)


def network_from(description: Mapping[str, object]) -> Network:
    """Network with the given description: the inverse of ``Network.describe``.

    Raises
    ------
    InputError
        If the kind is unknown, or a hyperparameter is missing, unknown, or of the wrong type.
    """
    if not isinstance(description, Mapping):
        raise InputError(f"A network description must be a mapping, not {description!r}")
    given: dict[str, Any] = dict(description)
    kind = given.pop("kind", None)
    classes = {network.kind: network for network in _NETWORKS.values()}
    _check_kind(kind, tuple(classes))
    _check_keys(kind, set(given), {item.name for item in fields(classes[kind])})
    for key, value in given.items():
        given[key] = tuple(value) if isinstance(value, list) else value
    return classes[kind](**given)


def _check_kind(kind: object, known: tuple[str, ...]) -> None:
    if not isinstance(kind, str) or kind not in known:
        raise InputError(
            f"Unknown kind of network: {kind!r}",
            why="There is no feature map of that name",
            hint=f"Choose one of {', '.join(known)}",
        )


def _check_keys(kind: str, given: set[str], wanted: set[str]) -> None:
    if given != wanted:
        raise InputError(
            f"Description of network {kind!r} lacks {sorted(wanted - given)} "
            f"and has unknown {sorted(given - wanted, key=repr)}",
            why="The network would not be the one that was described",
            hint=f"Give exactly kind, {', '.join(sorted(wanted))}",
        )


# Loaded last: they build on this module, and register their kinds here.
from checker.landscape import networks as _networks  # noqa: E402, F401
