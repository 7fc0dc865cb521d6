"""Strata of data sets that a sceptic would draw: many samples or inputs, outliers, condition
numbers up to 1e12, collinear columns, weights over many decades, label noise, one-hot inputs, and
another loss for each sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.instances.fields import FloatArray
from strategies.losses import losses_of_samples
from strategies.residual_unit.strata.changes import ARRAYS, Fields, powers, size_of, unchanged
from strategies.residual_unit.strata.stratum import Shape, Stratum, everywhere

# Powers of ten between the least and the greatest singular value of ill-conditioned inputs, and how
# much of it random factors may take away.
_DECADES, _SLACK = 12.0, 4.0


def _cauchy(fields: Fields, rng: np.random.Generator) -> None:
    """Student's t with 1 (Cauchy) to 3 degrees of freedom; the largest input far from all others.

    Without that, a tenth of small Cauchy samples would look like gaussian ones.
    """
    freedom = rng.integers(1, 4)
    for name in ARRAYS:
        fields[name] = rng.standard_t(freedom, fields[name].shape)
    # Else the comparator loses to w = 0 on the outlier, and Theorem 2 says nothing.
    fields["W_star"] *= powers(rng, size_of(fields), -4, 0)
    flat = fields["X"].reshape(-1, size_of(fields))
    flat[np.abs(flat).argmax(axis=0), np.arange(size_of(fields))] *= 100.0


def _has_outlier(at: Any) -> Any:
    second, first = np.sort(np.abs(at.X.reshape(-1, at.X.shape[-1])), axis=0)[-2:]
    return first >= 50 * second


def _spread_columns(fields: Fields, rng: np.random.Generator) -> None:
    """Column scales from 1e-6 to 1e6, both ends attained, in a random order."""
    d = fields["X"].shape[1]
    scales = 10.0 ** rng.uniform(-_DECADES / 2, _DECADES / 2, (d, size_of(fields)))
    scales[0], scales[1] = 10.0 ** (-_DECADES / 2), 10.0 ** (_DECADES / 2)
    fields["X"] *= rng.permuted(scales, axis=0)


def _spread_and_rotated(fields: Fields, rng: np.random.Generator) -> None:
    """As `_spread_columns`, then rotated: no column shows the condition number any more."""
    _spread_columns(fields, rng)
    d = fields["X"].shape[1]
    rotation = np.linalg.qr(rng.standard_normal((size_of(fields), d, d)))[0]
    fields["X"] = np.einsum("ndb,bde->neb", fields["X"], rotation)


def _ill_conditioned(at: Any) -> Any:
    values = np.linalg.svd(np.moveaxis(at.X, -1, 0), compute_uv=False)
    return values[:, 0] >= 10.0 ** (_DECADES - _SLACK) * values[:, -1]


def _collinear(fields: Fields, rng: np.random.Generator) -> None:
    """Columns c_j x with distinct integers c_j and short dyadic x: collinear without rounding."""
    X = np.rint(8 * fields["X"]) / 8
    X[0, 0] = np.where(X[0, 0] == 0, 1.0, X[0, 0])
    d, size = X.shape[1:]
    factors = np.arange(-d, d + 1.0)
    factors = factors[factors != 0]
    drawn = rng.permuted(np.repeat(factors[:, None], size, axis=1), axis=0)[:d]
    fields["X"] = X[:, :1] * drawn


def _collinear_and_distinct(at: Any) -> Any:
    one = at.X[:, :1]
    collinear = (at.X * one[:1] == one * at.X[:1]).all(axis=(0, 1))
    d = at.X.shape[1]
    pairs = [(at.X[:, i] != at.X[:, j]).any(axis=0) for i in range(d) for j in range(i)]
    return collinear & np.all(pairs, axis=0)


def _one_hot(fields: Fields, rng: np.random.Generator) -> None:
    n, d, size = fields["X"].shape
    hot = rng.integers(d, size=(n, 1, size))
    fields["X"] = (np.arange(d)[:, None] == hot).astype(float)


def _binary(fields: Fields, rng: np.random.Generator) -> None:
    """Inputs and features 0 or 1, from nearly all 0 to half of them, case by case."""
    share = rng.choice([0.1, 0.5], size_of(fields))
    for name in ("X", "Z"):
        fields[name] = (rng.random(fields[name].shape) < share).astype(float)


def _repeated_rows(fields: Fields, rng: np.random.Generator) -> None:
    for name in ("X", "Z"):
        fields[name][1::2] = fields[name][::2]


def _noisy_pairs(at: Any) -> Any:
    same = (at.X[1::2] == at.X[::2]).all(axis=(0, 1)) & (at.Z[1::2] == at.Z[::2]).all(axis=(0, 1))
    return same & (at.Y[1::2] != at.Y[::2]).any(axis=1).all(axis=0)


def _dominated(rng: np.random.Generator, n: int, size: int) -> FloatArray:
    """One weight takes almost all; the others are powers of two down to 1e-14. The sum is exactly
    1.
    """
    weights = 2.0 ** -rng.integers(8, 48, (n, size)).astype(float)
    weights[0] = 1.0 - weights[1:].sum(axis=0)
    return np.ascontiguousarray(rng.permuted(weights, axis=0))


def _one_dominates(at: Any) -> Any:
    return at.weights.max(axis=0) > 30 * (at.weights.sum(axis=0) - at.weights.max(axis=0))


def _with_zeros(rng: np.random.Generator, n: int, size: int) -> FloatArray:
    """Powers of two, about half of them replaced by 0, but not all and not none."""
    weights = 2.0 ** -rng.integers(1, 12, (n, size)).astype(float)
    weights *= rng.random((n, size)) < 0.5
    weights[0], weights[1] = 0.5, 0.0
    return np.ascontiguousarray(rng.permuted(weights, axis=0))


def _some_weights_zero(at: Any) -> Any:
    return (at.weights == 0).any(axis=0) & at.weights.any(axis=0)


def _of_shape(n: int = 1, d: int = 1) -> Any:
    """At least so many samples and inputs."""
    return lambda s: s._replace(n=max(s.n, n), d=max(s.d, d))


def _holds_for_shape(condition: Any) -> Any:
    return everywhere(lambda at: condition(*at.X.shape[:2], at.Z.shape[1]))


def _tall(s: Shape) -> Shape:
    return Shape(80 + 20 * s.n, min(s.d, 3), min(s.m, 3), min(s.K, s.d, 3))


def _conditioned(s: Shape) -> Shape:
    return s._replace(n=s.d + 5, d=max(s.d, 2))


def _many_inputs(most: int) -> Stratum:
    """d and m up to `most`, in steps of a sixth of it."""
    step = most // 6
    return Stratum(
        "d >> n",
        "at most 4 samples, many inputs and features",
        unchanged,
        _holds_for_shape(lambda n, d, m: n <= 4 and min(d, m) >= step),
        lambda s: Shape(min(s.n, 4), step * s.d, step * s.m, s.K),
        wide=True,
    )


DATA = (
    Stratum(
        "n >> d",
        "100 to 200 samples, at most 3 inputs and features",
        unchanged,
        _holds_for_shape(lambda n, d, m: n >= 100 and max(d, m) <= 3),
        _tall,
    ),
    Stratum(
        "heavy tails",
        "all numbers from Student's t with 1 to 3 degrees of freedom, one input far out",
        _cauchy,
        _has_outlier,
        _of_shape(n=2),
    ),
    Stratum(
        "ill-conditioned columns",
        "columns of X over 12 decades",
        _spread_columns,
        _ill_conditioned,
        _conditioned,
    ),
    Stratum(
        "ill-conditioned, rotated",
        "singular values of X over 12 decades, in no direction of an axis",
        _spread_and_rotated,
        _ill_conditioned,
        _conditioned,
    ),
    Stratum(
        "collinear columns",
        "columns of X are different multiples of one",
        _collinear,
        _collinear_and_distinct,
        _of_shape(d=2),
    ),
    Stratum(
        "one-hot inputs",
        "each input is a unit vector",
        _one_hot,
        lambda at: (
            ((at.X == 1).sum(axis=1) == 1).all(axis=0)
            & ((at.X == 0) | (at.X == 1)).all(axis=(0, 1))
        ),
        _of_shape(n=2, d=2),
    ),
    Stratum(
        "binary inputs",
        "inputs and features 0 or 1, often sparse",
        _binary,
        lambda at: ((at.X == 0) | (at.X == 1)).all(axis=(0, 1)),
    ),
    Stratum(
        "label noise",
        "every sample twice, with different labels",
        _repeated_rows,
        _noisy_pairs,
        lambda s: s._replace(n=s.n + s.n % 2),
        noisy=True,
    ),
    Stratum(
        "one sample dominates",
        "weights over up to 14 decades",
        unchanged,
        _one_dominates,
        _of_shape(n=2),
        weights=_dominated,
    ),
    Stratum(
        "zero weights",
        "some samples have the weight 0",
        unchanged,
        _some_weights_zero,
        _of_shape(n=2),
        weights=_with_zeros,
    ),
    Stratum(
        "a loss for each sample",
        "losses of the catalogue and beside it, drawn for each sample",
        unchanged,
        everywhere(lambda at: len(set(at.loss.parts)) > 1),
        _of_shape(n=2),
        pool=losses_of_samples,
    ),
)

DATA_NONZERO_W = (*DATA, _many_inputs(48))
# A block ∂²F/∂w² of order 48 takes balls a second.
DATA_W_ZERO = (*DATA, _many_inputs(24))
