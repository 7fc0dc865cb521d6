"""Float64 kernels on batch-last arrays: shape (core..., B), or (core..., 1) when shared.

With the batch axis last, a scalar of shape (B,) broadcasts against a vector of shape (k, B), and
every elementwise loop runs over contiguous memory. A shared left factor (real data, one network
for the whole batch) turns the product into one BLAS call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from checker.arithmetic.instances import FloatArray

_SUBSCRIPTS = {
    (1, 1): "jb,jb->b",
    (1, 2): "jb,jkb->kb",
    (2, 1): "ijb,jb->ib",
    (2, 2): "ijb,jkb->ikb",
}


def contract(a: Any, b: Any, xp: Any = np) -> Any:
    """Sum over the last core axis of `a` and the first of `b`, case by case."""
    if a.shape[-1] == 1 and a.ndim == 3:
        flat = a[:, :, 0] @ b.reshape(b.shape[0], -1)
        return flat.reshape((a.shape[0], *b.shape[1:]))
    if a.shape[-1] == 1 and b.ndim == 3:
        return contract(xp.swapaxes(b, 0, 1), a, xp)
    if b.shape[-1] == 1 and b.ndim == 3 and a.ndim == 2:
        return b[:, :, 0].T @ a
    return xp.einsum(_SUBSCRIPTS[a.ndim - 1, b.ndim - 1], a, b)


def approximate_eigenvectors(symmetric: FloatArray) -> FloatArray:
    """Eigenvectors of each (k, k, B) matrix, in columns; nothing is promised about their accuracy.

    Non-finite matrices get the identity, so that one bad case does not abort its batch.
    """
    stacked = np.moveaxis(symmetric, -1, 0)
    finite = np.isfinite(stacked).all(axis=(1, 2), keepdims=True)
    safe = np.where(finite, stacked, np.eye(stacked.shape[1]))
    return np.ascontiguousarray(np.moveaxis(np.linalg.eigh(safe)[1], 0, -1))
