"""Whether matrices have full row rank: decided, not estimated."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import lambda_min
from checker.instances.fields import FloatArray


def has_full_row_rank(W: FloatArray) -> Any:
    """Whether the rows are linearly independent, for one matrix (K, d) or a batch (K, d, B).

    Positive lower bounds on λ_min(W Wᵀ) decide most of a batch, rational elimination the rest.
    """
    batch = W[..., None] if W.ndim == 2 else W
    if len(batch) > batch.shape[1]:
        full = np.zeros(batch.shape[-1], dtype=bool)
    else:
        rows = Bounded(batch)
        with np.errstate(all="ignore"):
            full = lambda_min(rows @ rows.T).lower > 0
        for index in np.flatnonzero(~full):
            full[index] = _rank(batch[..., index]) == len(batch)
    return bool(full[0]) if W.ndim == 2 else full


def rank_of(W: FloatArray) -> int:
    """The rank of a matrix of floats, (K, d)."""
    for rows in (W, W.T):
        if len(rows) <= rows.shape[1] and has_full_row_rank(rows):
            return len(rows)
    return _rank(W)


def _rank(matrix: FloatArray) -> int:
    return int(fmpq_mat([[_rational(float(x)) for x in row] for row in matrix]).rank())


def _rational(x: float) -> Any:
    exact = Fraction(x)
    return fmpq(exact.numerator, exact.denominator)
