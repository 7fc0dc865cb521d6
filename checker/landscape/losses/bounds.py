"""Proved bounds on the derivatives of each loss over |p| <= reach, not sampled.

Theorem 3 of Shamir (2018) asks for Lipschitz constants of F_θ, its gradient and its Hessian; they
follow from bounds on l', l'' and on the Lipschitz constant of l''.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from checker.arithmetic.functions import exp, filled, maximum, sqrt
from checker.errors import InputError
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import (
    Affine,
    CrossEntropy,
    Exponential,
    Gamma,
    LogCosh,
    Logistic,
    Poisson,
    PseudoHuber,
    Quartic,
    SmoothedHinge,
    SmoothedQuantile,
    Squared,
)
from checker.landscape.losses.outside import GemanMcClure

Bounds = tuple[Any, Any, Any]


@singledispatch
def derivative_bounds(loss: Loss, reach: Any, y: Any) -> Bounds:
    """Bounds on |l'|, |l''| and the Lipschitz constant of l'' for |p| <= reach, (n,) each.

    `reach` and the labels `y` have shape (n,). Raises InputError for a loss without bounds.
    """
    raise InputError(
        f"no bounds on the derivatives of the loss {loss.name} are known",
        hint="Register a function with checker.landscape.losses.bounds.derivative_bounds.register",
    )


def _constant(like: Any, value: float) -> Any:
    return filled(like, value)


def _sigmoid_third(reach: Any) -> Any:
    """max |σ''| = 1/(6√3), attained where tanh² = 1/3."""
    return 1 / (6 * sqrt(_constant(reach, 3.0)))


@derivative_bounds.register
def _(loss: Squared, reach: Any, y: Any) -> Bounds:
    return reach + abs(y), _constant(reach, 1.0), _constant(reach, 0.0)


@derivative_bounds.register
def _(loss: Quartic, reach: Any, y: Any) -> Bounds:
    size = reach + abs(y)
    return size**3, 3 * size**2, 6 * size


@derivative_bounds.register
def _(loss: Affine, reach: Any, y: Any) -> Bounds:
    return abs(y), _constant(reach, 0.0), _constant(reach, 0.0)


@derivative_bounds.register(Logistic)
@derivative_bounds.register(CrossEntropy)
def _(loss: Loss, reach: Any, y: Any) -> Bounds:
    return _constant(reach, 1.0), _constant(reach, 0.25), _sigmoid_third(reach)


@derivative_bounds.register
def _(loss: PseudoHuber, reach: Any, y: Any) -> Bounds:
    # l''' = -3 s / (δ (1 + s²)^(5/2)), s = r / δ; its size is greatest at s = 1/2.
    third = 3 * sqrt(_constant(reach, 0.8)) * 0.64 / (2 * loss.delta)
    # 0.64 rounds below 16/25.
    return _constant(reach, loss.delta), _constant(reach, 1.0), third * (1 + 2.0**-50)


@derivative_bounds.register
def _(loss: LogCosh, reach: Any, y: Any) -> Bounds:
    # l''' = -2 tanh / cosh², greatest where tanh² = 1/3.
    third = 4 / (3 * sqrt(_constant(reach, 3.0)))
    return _constant(reach, 1.0), _constant(reach, 1.0), third


@derivative_bounds.register
def _(loss: SmoothedHinge, reach: Any, y: Any) -> Bounds:
    # The slope is at most the margin, and l'' rises from 0 to 1 over the width.
    return 1 + reach, _constant(reach, 1.0), 1 / _constant(reach, loss.width)


@derivative_bounds.register
def _(loss: Exponential, reach: Any, y: Any) -> Bounds:
    most = exp(reach)
    return most, most, most


@derivative_bounds.register
def _(loss: Poisson, reach: Any, y: Any) -> Bounds:
    most = exp(reach)
    return most + y, most, most


@derivative_bounds.register
def _(loss: Gamma, reach: Any, y: Any) -> Bounds:
    most = y * exp(reach)
    return 1 + most, most, most


@derivative_bounds.register
def _(loss: SmoothedQuantile, reach: Any, y: Any) -> Bounds:
    tau = _constant(reach, loss.tau)
    return (
        maximum(tau, 1 - tau),
        _constant(reach, loss.beta) / 4,
        _constant(reach, loss.beta) ** 2 * _sigmoid_third(reach),
    )


@derivative_bounds.register
def _(loss: GemanMcClure, reach: Any, y: Any) -> Bounds:
    # With s = 1 + r²: |l'| = 2|r|/s², |l''| = |2 - 6r²|/s³ and |l'''| = 24|r||r² - 1|/s⁴, where
    # |r| <= √s, |2 - 6r²| <= 6s and |r² - 1| <= s; and |r| is at least |y| - reach.
    s = 1 + maximum(abs(y) - reach, 0) ** 2
    return 2 / (s * sqrt(s)), 6 / s**2, 24 / (s**2 * sqrt(s))
