"""tanh, sigmoid, softplus and log cosh: accurate and without overflow on both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, fmpq

from checker.arithmetic.ball import _absolute, _negated
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.closed import functions as forms
from checker.arithmetic.constants import ELEMENTARY_ERROR, UNDERFLOW, UNIT_ROUNDOFF
from checker.arithmetic.function import Function, entrywise
from checker.arithmetic.functions.exponentials import special

_LOG_2 = float(np.log(2.0))


def _tanh(x: Bounded) -> Bounded:
    value = np.tanh(x.value)
    return x._lipschitz(value, ELEMENTARY_ERROR)


def _sigmoid(x: Bounded) -> Bounded:
    z = np.exp(-np.abs(x.value))
    value = np.where(x.value >= 0, 1.0, z) / (1.0 + z)
    # z enters numerator and denominator; the sum and the quotient round once each.
    relative = 2 * x._growth() + 4 * UNIT_ROUNDOFF
    return x._made(value, (value + UNDERFLOW) * relative + UNDERFLOW, 64)


def _softplus(x: Bounded) -> Bounded:
    z = np.log1p(np.exp(-np.abs(x.value)))
    value = np.maximum(x.value, 0.0) + z
    return x._lipschitz(value, 2 * ELEMENTARY_ERROR + 2 * UNIT_ROUNDOFF)


def _log_cosh(x: Bounded) -> Bounded:
    size = np.abs(x.value)
    near = np.log1p(2.0 * np.sinh(np.minimum(size, 1.0) / 2) ** 2)
    far = size + np.log1p(np.exp(-2.0 * size)) - _LOG_2
    value = np.where(size < 1.0, near, far)
    # near: sinh squared, a product, log1p; far >= 0.43 loses at most a factor 5 to log 2.
    return x._lipschitz(value, 16 * ELEMENTARY_ERROR)


def _sigmoid_ball(x: Any) -> Any:
    if x > 0:
        return 1 / (1 + _negated(x).exp())
    growth = x.exp()
    return growth / (1 + growth)


def _softplus_ball(x: Any) -> Any:
    return x.exp().log1p() if x < 0 else x + _negated(x).exp().log1p()


def _log_cosh_ball(x: Any) -> Any:
    size = _absolute(x)
    if size < 1:
        return (2 * (size / 2).sinh() ** 2).log1p()
    return size + (-2 * size).exp().log1p() - arb(2).log()


def _sigmoid_series(s: Any) -> Any:
    return 1 / (1 + (-s).exp()) if s[0] > 0 else s.exp() / (1 + s.exp())


def _softplus_series(s: Any) -> Any:
    return (1 + s.exp()).log() if s[0] < 0 else s + (1 + (-s).exp()).log()


tanh = entrywise(
    "tanh",
    bounded=_tanh,
    ball=lambda x: x.tanh(),
    exact=special({0: 0}),
    closed=forms.tanh,
    series=lambda s: 2 * _sigmoid_series(2 * s) - 1,
    plain=lambda xp, x: xp.tanh(x),
    slope=lambda _, value: 1 - value * value,
    script="def tanh(x): return 1 - 2 / (exp(2 * x) + 1)\n",
)

sigmoid: Function = entrywise(
    "sigmoid",
    bounded=_sigmoid,
    ball=_sigmoid_ball,
    exact=special({0: fmpq(1, 2)}),
    closed=forms.sigmoid,
    series=_sigmoid_series,
    plain=lambda xp, x: 0.5 * (1.0 + xp.tanh(0.5 * x)),
    slope=lambda x, value: value * sigmoid(-x),
    script="def sigmoid(x): return 1 / (1 + exp(-x))\n",
)

softplus = entrywise(
    "softplus",
    bounded=_softplus,
    ball=_softplus_ball,
    closed=forms.softplus,
    series=_softplus_series,
    plain=lambda xp, x: xp.logaddexp(0.0, x),
    slope=lambda x, _: sigmoid(x),
    script="def softplus(x): return max(x, 0) + log(1 + exp(-abs(x)))\n",
)

log_cosh = entrywise(
    "log_cosh",
    bounded=_log_cosh,
    ball=_log_cosh_ball,
    exact=special({0: 0}),
    closed=forms.log_cosh,
    series=lambda s: _softplus_series(2 * s) - s - arb(2).log(),
    plain=lambda xp, x: xp.logaddexp(0.0, 2.0 * x) - x - _LOG_2,
    slope=lambda x, _: tanh(x),
    script="def log_cosh(x): return abs(x) + log((1 + exp(-2 * abs(x))) / 2)\n",
)
