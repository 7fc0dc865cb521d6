"""NumPy's own spelling: `np.linalg.norm(u)`, `np.exp(u)`, `np.sum(A, axis=0)` in every arithmetic.

NumPy hands its functions over to arrays that are not its own (`__array_ufunc__`,
`__array_function__`); here is what they then mean.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from checker.arithmetic.arrays.refused import SPELLED
from checker.arithmetic.function import highest
from checker.arithmetic.functions.branches import clip, maximum, minimum, sign, where
from checker.arithmetic.functions.exponentials import exp, expm1, log, log1p
from checker.arithmetic.functions.matrices import det, diag, inverse, matrix_power, solve, trace
from checker.arithmetic.functions.products import dot, einsum, kron, norm, outer
from checker.arithmetic.functions.reductions import (
    amax,
    amin,
    cumsum,
    mean,
    prod,
    sort,
    std,
    sum_along,
    var,
)
from checker.arithmetic.functions.roots import cbrt, sqrt
from checker.arithmetic.functions.shapes import concatenate, filled, hstack, stack, vstack
from checker.arithmetic.functions.sigmoids import softplus, tanh
from checker.arithmetic.functions.spectra import eigenvalues, singular_values
from checker.arithmetic.functions.trigonometric import arctan, cos, sin


def _inner(a: Any, b: Any) -> Any:
    """np.dot of vectors and matrices is a product."""
    home = highest((a, b))
    a, b = home.lift(a), home.lift(b)
    return a * b if not (a.ndim and b.ndim) else a @ b


def _power(x: Any, y: Any) -> Any:
    return highest((x, y)).lift(x) ** y


def _vdot(a: Any, b: Any) -> Any:
    return dot(highest((a, b)).lift(a).ravel(), highest((a, b)).lift(b).ravel())


def _svd(a: Any, *, compute_uv: bool) -> Any:
    if compute_uv:
        raise TypeError("singular vectors")
    return singular_values(a)[::-1]


# -- of one or two numbers ------------------------------------------------------------------------

_NUMBERS: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys((np.absolute, np.fabs), abs),
    np.negative: lambda x: -x,
    np.conjugate: lambda x: x.conj(),
    np.positive: lambda x: x,
    np.square: lambda x: x**2,
    np.reciprocal: lambda x: 1 / x,
    **dict.fromkeys((np.power, np.float_power), _power),
    **dict.fromkeys((np.maximum, np.fmax), maximum),
    **dict.fromkeys((np.minimum, np.fmin), minimum),
    np.logaddexp: lambda x, y: x + softplus(y - x),
    np.log2: lambda x: log(x) / log(2),
    np.log10: lambda x: log(x) / log(10),
    np.exp2: lambda x: 2**x,
    np.sinh: lambda x: (exp(x) - exp(-x)) / 2,
    np.cosh: lambda x: (exp(x) + exp(-x)) / 2,
    np.tan: lambda x: sin(x) / cos(x),
    np.hypot: lambda x, y: sqrt(x**2 + y**2),
    np.sqrt: sqrt,
    np.cbrt: cbrt,
    np.exp: exp,
    np.expm1: expm1,
    np.log: log,
    np.log1p: log1p,
    np.tanh: tanh,
    np.sin: sin,
    np.cos: cos,
    np.arctan: arctan,
    np.sign: sign,
}

# -- of whole arrays, under the names of NumPy's parameters ---------------------------------------

_ARRAYS: dict[Any, Callable[..., Any]] = {
    np.real: lambda val: val.real,
    np.imag: lambda val: val.imag,
    np.sum: lambda a, axis=None: sum_along(a, axis=axis),
    np.mean: lambda a, axis=None: mean(a, axis=axis),
    np.var: lambda a, axis=None: var(a, axis=axis),
    np.std: lambda a, axis=None: std(a, axis=axis),
    np.prod: lambda a, axis=None: prod(a, axis=axis),
    **dict.fromkeys((np.max, np.amax), lambda a, axis=None: amax(a, axis=axis)),
    **dict.fromkeys((np.min, np.amin), lambda a, axis=None: amin(a, axis=axis)),
    np.cumsum: lambda a: cumsum(a),
    np.sort: lambda a: sort(a),
    np.clip: lambda a, a_min, a_max: clip(a, a_min, a_max),
    np.where: lambda condition, x, y: where(condition, x, y),
    **dict.fromkeys((np.dot, np.inner), lambda a, b: _inner(a, b)),
    np.vdot: lambda a, b: _vdot(a, b),
    np.outer: lambda a, b: outer(a, b),
    np.kron: lambda a, b: kron(a, b),
    np.einsum: einsum,
    np.trace: lambda a: trace(a),
    **dict.fromkeys((np.diag, np.diagonal), lambda v: diag(v)),
    np.transpose: lambda a: a.transpose(),
    np.reshape: lambda a, shape: a.reshape(shape),
    np.ravel: lambda a: a.ravel(),
    np.concatenate: lambda arrays, axis=0: concatenate(arrays, axis),
    np.stack: lambda arrays, axis=0: stack(arrays, axis),
    np.vstack: lambda tup: vstack(*tup),
    np.hstack: lambda tup: hstack(*tup),
    np.zeros_like: lambda a: filled(a, 0),
    np.ones_like: lambda a: filled(a, 1),
    np.full_like: lambda a, fill_value: filled(a, fill_value),
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a: a.size,
    # NumPy's norm of a matrix is Frobenius', as its users know.
    np.linalg.norm: lambda x, ord=None: norm(x, "fro" if ord is None and x.ndim == 2 else ord),
    np.linalg.det: lambda a: det(a),
    np.linalg.inv: lambda a: inverse(a),
    np.linalg.solve: lambda a, b: solve(a, b),
    np.linalg.eigvalsh: lambda a: eigenvalues(a),
    np.linalg.svd: _svd,
    np.linalg.matrix_power: lambda a, n: matrix_power(a, n),
}

SPELLED.update(_NUMBERS | _ARRAYS)
