"""Activations σ with their slopes, entry by entry; they run on floats, balls and Taylor series.

On balls NumPy finds `exp`, `tanh`, ... as methods of the entries. The functions that NumPy lacks
are primitives of autograd here, which call the entries' methods themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive
from scipy import special

from checker.landscape.networks.base import FloatArray

Function = Callable[[Any], Any]


class Activation(NamedTuple):
    """σ, differentiable by autograd, and σ'.

    The slope is written by hand, since autograd takes ten times as long for small networks; at a
    kink it is the mean of both sides, as autograd has it.
    """

    value: Function
    slope: Function
    differentiable: bool = True


def _primitive(method: str, floats: Function, slope: Function) -> Function:
    """A function that NumPy lacks: `floats` on floats, the method of that name on other entries."""

    def function(z: Any) -> Any:
        if np.asarray(z).dtype != object:
            return floats(z)
        return np.frompyfunc(lambda entry: getattr(entry, method)(), 1, 1)(z)

    traced: Function = primitive(function)
    defvjp(traced, lambda _, z: lambda g: g * slope(z))
    return traced


def _sigmoid_slope(z: FloatArray) -> FloatArray:
    return sigmoid(z) * sigmoid(-z)  # type: ignore[no-any-return]


sigmoid = _primitive("sigmoid", special.expit, _sigmoid_slope)
softplus = _primitive("softplus", lambda z: np.logaddexp(0.0, z), sigmoid)
# A primitive of its own: a float in place of √π would make derivatives over balls wrong.
_erf_slope: Function = _primitive(
    "erf_slope",
    lambda z: 2.0 / math.sqrt(math.pi) * np.exp(-z * z),
    lambda z: -2.0 * z * _erf_slope(z),
)
erf = _primitive("erf", special.erf, _erf_slope)


def _normal_distribution(z: FloatArray) -> FloatArray:
    return 0.5 * (1.0 + erf(z / math.sqrt(2.0)))  # type: ignore[no-any-return]


def _below(z: FloatArray) -> FloatArray:
    """z where it is not positive, else 0: what the exponential of an ELU may see."""
    return anp.where(z > 0.0, 0.0 * z, z)  # type: ignore[no-any-return]


def _elu(scale: float, alpha: float) -> Activation:
    """scale z for z > 0, else scale α (e^z - 1)."""
    return Activation(
        lambda z: scale * anp.where(z > 0.0, z, alpha * (anp.exp(_below(z)) - 1.0)),
        lambda z: scale * anp.where(z > 0.0, 1.0, alpha * anp.exp(_below(z))),
        differentiable=alpha == 1.0,
    )


# Klambauer et al. (2017): normal inputs keep mean 0 and variance 1.
_SELU = {"scale": 1.0507009873554805, "alpha": 1.6732632423543772}

# Maas, Hannun and Ng (2013).
_LEAK = 0.01

ACTIVATIONS: Mapping[str, Activation] = {
    "relu": Activation(lambda z: anp.maximum(z, 0.0), lambda z: np.heaviside(z, 0.5), False),
    "tanh": Activation(anp.tanh, lambda z: 1.0 - np.tanh(z) ** 2),
    # Hendrycks and Gimpel (2016): z Φ(z).
    "gelu": Activation(
        lambda z: z * _normal_distribution(z),
        lambda z: _normal_distribution(z) + z * _erf_slope(z / math.sqrt(2.0)) / math.sqrt(8.0),
    ),
    "sin": Activation(anp.sin, np.cos),
    "step": Activation(lambda z: anp.where(z > 0.0, 1.0, 0.0), np.zeros_like, False),
    "sigmoid": Activation(sigmoid, _sigmoid_slope),
    "softplus": Activation(softplus, sigmoid),
    "leaky_relu": Activation(
        lambda z: anp.maximum(z, _LEAK * z),
        lambda z: _LEAK + (1.0 - _LEAK) * np.heaviside(z, 0.5),
        False,
    ),
    # Clevert, Unterthiner and Hochreiter (2016), α = 1: its slope is continuous.
    "elu": _elu(scale=1.0, alpha=1.0),
    "selu": _elu(**_SELU),
    # Also called swish (Ramachandran, Zoph and Le 2017).
    "silu": Activation(lambda z: z * sigmoid(z), lambda z: sigmoid(z) + z * _sigmoid_slope(z)),
    "hard_tanh": Activation(
        lambda z: anp.maximum(anp.minimum(z, 1.0), -1.0),
        lambda z: np.heaviside(z + 1.0, 0.5) * np.heaviside(1.0 - z, 0.5),
        False,
    ),
    "arctan": Activation(anp.arctan, lambda z: 1.0 / (1.0 + z * z)),
}

CHOICES = {"choices": tuple(ACTIVATIONS)}
"""Metadata of a hyperparameter that names an activation."""
