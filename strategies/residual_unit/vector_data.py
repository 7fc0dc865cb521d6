"""Points with several outputs over a given sample."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import (
    SQUARED,
    Radial,
    Separable,
    SoftmaxCrossEntropy,
    VectorLoss,
)
from checker.landscape.losses.outside import Huber
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.sample import Sample
from strategies.networks import feature_maps, features

DATA_CASES = 48

# Losses whose slopes stay moderate on any data: steeper ones only overflow.
MODERATE: tuple[VectorLoss, ...] = (
    SQUARED,
    SoftmaxCrossEntropy(),
    Radial(),
    Separable(LOSSES["cross_entropy"]),
    Separable(Huber()),
)


def outputs(sample: Sample) -> FloatArray:
    """Labels (n, K): indicators of two classes, else y and |y|; K = 1 for a single input."""
    y = sample.y
    classes = np.unique(y)
    if len(classes) == 2:
        both = np.stack([y == classes[0], y == classes[1]], axis=1).astype(float)
    else:
        both = np.stack([y, np.abs(y)], axis=1)
    return both[:, : min(2, sample.d)]


def fitting(losses: Iterable[VectorLoss], Y: FloatArray) -> list[VectorLoss]:
    """The losses that accept these labels; softmax of a single output is constant."""
    usable = [x for x in losses if np.all(x.labels.accepts(Y))]
    return [x for x in usable if Y.shape[1] > 1 or x.kind != "softmax"]


@dataclass(frozen=True, eq=False)
class VectorDataStructure:
    """Random points over a sample; half of the comparators are near the least squares."""

    sample: Sample
    m: int
    loss: VectorLoss
    network: str
    spread: float
    max_batch: int = 8

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random points over the sample."""
        X, Y = self.sample.X[..., None], outputs(self.sample)[..., None]
        d, K = self.sample.d, Y.shape[1]
        scale = 10.0 ** rng.uniform(-self.spread, self.spread, (2, size))
        point = unchecked(
            VectorPoint,
            X=X,
            Y=Y,
            Z=features(self.network, X, self.m, rng),
            W=rng.standard_normal((K, d, size)) * scale[0],
            V=rng.standard_normal((d, self.m, size)) * scale[1],
            W_star=self._comparators(rng, size),
            loss=self.loss,
            weights=None if self.sample.weights is None else self.sample.weights[..., None],
        )
        return Batch(point, size, self.sample.name, self.description)

    def _comparators(self, rng: np.random.Generator, size: int) -> FloatArray:
        Y = outputs(self.sample)
        best = np.linalg.lstsq(self.sample.X, Y, rcond=None)[0].T[..., None]
        near = best * rng.uniform(0.25, 1.5, size)
        return np.where(rng.random(size) < 0.5, near, rng.standard_normal(near.shape))

    @property
    def description(self) -> str:
        """One line for the evidence."""
        sample = f"{self.sample.name} (n={self.sample.n} d={self.sample.d})"
        return f"{sample}, m={self.m}, {self.loss.name}, features: {self.network}"


def vector_data(
    sample: Sample,
    losses: Iterable[VectorLoss] = MODERATE,
    networks: Any = None,
    max_batch: int = 8,
) -> st.SearchStrategy[Any]:
    """Structures of points with one or two outputs over a sample."""
    return st.builds(
        VectorDataStructure,
        sample=st.just(sample),
        m=st.integers(1, 3),
        loss=st.sampled_from(fitting(losses, outputs(sample))),
        network=feature_maps() if networks is None else networks,
        spread=st.sampled_from([0.0, 0.5, 1.5]),
        max_batch=st.just(max_batch),
    )
