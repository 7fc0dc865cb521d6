"""Whether symmetric matrices of balls are positive definite, or curve downward somewhere."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from flint import arb

from checker.arithmetic.ball import Ball


def is_positive_definite(matrix: Any, modulus: float) -> bool:
    """Whether every symmetric matrix in the balls, minus `modulus` times I, is positive definite.

    By Gaussian elimination in balls of the matrix of the midpoints, shifted by the largest row sum
    of the radii as well: all pivots are positive. Eliminating the balls themselves would make them
    wider from pivot to pivot.
    """
    balls = np.array(matrix.tolist(), dtype=object)
    if not all(x.is_finite() for x in balls.flat):
        return False
    spread = reduce(_larger, (sum((x.rad() for x in row), arb(0)).upper() for row in balls), arb(0))
    rows = np.array([x.mid() for x in balls.flat], dtype=object).reshape(balls.shape)
    rows = (rows + rows.T) / 2
    for i in range(len(rows)):
        rows[i, i] = rows[i, i] - arb(modulus) - spread
    for i in range(len(rows)):
        if not rows[i, i] > 0:
            return False
        factors = rows[i + 1 :, i] / rows[i, i]
        rows[i + 1 :, i + 1 :] -= np.outer(factors, rows[i, i + 1 :])
    return True


def _larger(x: Any, y: Any) -> Any:
    return y if y > x else x


def curves_down(hessian: Ball) -> bool:
    """Whether vᵀHv < 0 is proved for some v: the eigenvector of the least eigenvalue in floats, or
    an axis."""
    middle = hessian.floats()[0]
    if not np.isfinite(middle).all():
        return False
    if any(x < 0 for x in np.diagonal(hessian.entries)):
        return True
    v = Ball.constant(np.linalg.eigh((middle + middle.T) / 2)[1][:, 0])
    return bool((v @ (hessian @ v)).item < 0)
