"""Feature maps by family; importing this package registers them all."""

from checker.landscape.networks import (
    attention,
    basis,
    convolution,
    linear,
    mlp,
    normalised,
    recurrent,
    residual,
)

__all__ = [
    "attention",
    "basis",
    "convolution",
    "linear",
    "mlp",
    "normalised",
    "recurrent",
    "residual",
]
