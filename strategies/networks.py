"""Hypothesis strategies for feature maps f_θ and the batches of features that they give."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from checker.instances.fields import FloatArray
from checker.landscape.networks.base import NETWORKS, Network, make_network

# Features that no network computed: any numbers are the features of some f_θ, and independent
# ones are the hardest for a false claim.
FREE = "free"

# What follows the name of a feature map whose θ was fitted to a target.
TRAINED = ", trained"

KINDS: tuple[str, ...] = (FREE, *NETWORKS, *(name + TRAINED for name in NETWORKS))

# How often free features are drawn, compared with any other kind.
_FREE_WEIGHT = 8

# Few steps and rows: a batch of points has one θ, and deciding the batch takes some 20 ms.
_STEPS = 3
_ROWS = 32


def feature_maps() -> st.SearchStrategy[str]:
    """Names of feature maps, "free" among them, trained or not; shrinks to "free"."""
    return st.sampled_from((FREE,) * _FREE_WEIGHT + KINDS[1:])


def features(kind: str, X: FloatArray, m: int, rng: np.random.Generator) -> FloatArray:
    """Features Z of shape (n, m, B) for inputs X of shape (n, d, B), one θ for the whole batch.

    What a network computes in floats is taken as it is: it is a legal instance of the theorem.
    An overflow becomes 0, for the same reason.
    """
    n, d, size = X.shape
    if kind == FREE:
        return rng.standard_normal((n, m, size))
    network = make_network(kind.removesuffix(TRAINED), d, m)
    theta = network.initial(rng)
    rows = np.moveaxis(X, -1, 0).reshape(size * n, d)
    with np.errstate(all="ignore"):
        if kind.endswith(TRAINED):
            first = rows[:_ROWS]
            theta = trained(network, theta, first, target(first, m, rng))
        values = np.asarray(network.features(theta, rows)).reshape(size, n, m)
    finite = np.where(np.isfinite(values), values, 0.0)
    return np.ascontiguousarray(np.moveaxis(finite, 0, -1))


def trained(network: Network, theta: FloatArray, X: FloatArray, target: FloatArray) -> FloatArray:
    """θ after a few steps of gradient descent on Σ (f_θ(X) - target)², which falls.

    Steps are a share of ||θ||, and a smaller one where the error would grow.
    """
    apart = network.features(theta, X) - target
    share = 0.25
    for _ in range(_STEPS):
        slope = network.pullback(theta, X, apart)
        length = np.linalg.norm(slope)
        if not 0.0 < length < np.inf:
            return theta
        moved = theta - share * np.linalg.norm(theta) / length * slope
        apart_there = network.features(moved, X) - target
        if (apart_there**2).sum() < (apart**2).sum():
            theta, apart = moved, apart_there
        else:
            share /= 4.0
    return theta


def target(X: FloatArray, m: int, rng: np.random.Generator) -> FloatArray:
    """What m features are to become at X (N, d): linear in x, a sine of that, or noise.

    So trained features repeat the inputs, add to them, or memorise the samples.
    """
    linear = X @ rng.standard_normal((X.shape[1], m))
    noise = rng.standard_normal(linear.shape)
    return (linear, np.sin(3.0 * linear), noise)[rng.integers(3)]
