"""Hypothesis strategies for feature maps f_θ and the batches of features that they give."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import FloatArray
from checker.landscape.network import NETWORKS, make_network

# Features that no network computed: any numbers are the features of some f_θ, and independent
# ones are the hardest for a false claim.
FREE = "free"

KINDS: tuple[str, ...] = (FREE, *NETWORKS)


def feature_maps() -> st.SearchStrategy[str]:
    """Names of feature maps, "free" among them; shrinks to "free"."""
    return st.sampled_from(KINDS)


def features(kind: str, X: FloatArray, m: int, rng: np.random.Generator) -> FloatArray:
    """Features Z of shape (n, m, B) for inputs X of shape (n, d, B), one θ for the whole batch.

    What a network computes in floats is taken as it is: it is a legal instance of the theorem.
    An overflow becomes 0, for the same reason.
    """
    n, d, size = X.shape
    if kind == FREE:
        return rng.standard_normal((n, m, size))
    network = make_network(kind, d, m)
    theta = network.initial(rng)
    rows = np.moveaxis(X, -1, 0).reshape(size * n, d)
    with np.errstate(all="ignore"):
        values = np.asarray(network.features(theta, rows)).reshape(size, n, m)
    finite = np.where(np.isfinite(values), values, 0.0)
    return np.ascontiguousarray(np.moveaxis(finite, 0, -1))
