"""Points over a given sample, with one output or several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.losses.coupled import (
    SQUARED,
    Radial,
    Separable,
    SoftmaxCrossEntropy,
    VectorLoss,
)
from checker.landscape.losses.outside import Huber
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.sample import Sample
from checker.search.budgets import MAX_BATCH
from strategies.losses import losses_for
from strategies.networks import feature_maps, features
from strategies.residual_unit.strata.stratum import of_one_output

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
class DataStructure:
    """Random points over a given sample: the data are shared by the whole batch.

    Half of the comparators W* are near the least-squares predictor, where F_lin is small and the
    bounds have something to say; the others are random. With `several`, labels are `outputs`.
    """

    sample: Sample
    m: int
    loss: Loss | VectorLoss
    network: str
    spread: float
    at_w_zero: bool = False
    several: bool = False
    max_batch: int = MAX_BATCH

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random points over the sample."""
        X, Y, d = self.sample.X[..., None], self._labels, self.sample.d
        scale = 10.0 ** rng.uniform(-self.spread, self.spread, (3, size))
        shape = (Y.shape[1], d, size)
        fields = {
            "X": X,
            "Y": Y[..., None],
            "Z": features(self.network, X, self.m, rng),
            "W": rng.standard_normal(shape) * scale[0] * (0.0 if self.at_w_zero else 1.0),
            "V": rng.standard_normal((d, self.m, size)) * scale[1],
            "W_star": self._comparators(rng, shape) * scale[2],
        }
        kind = VectorPoint if self.several else Point
        named = fields if self.several else of_one_output(fields)
        weights = None if self.sample.weights is None else self.sample.weights[..., None]
        point: Any = unchecked(kind, **named, loss=self.loss, weights=weights)
        return Batch(point, size, self.sample.name, self.description)

    @property
    def _labels(self) -> FloatArray:
        return outputs(self.sample) if self.several else self.sample.y[:, None]

    def _comparators(self, rng: np.random.Generator, shape: tuple[int, ...]) -> FloatArray:
        best = np.linalg.lstsq(self.sample.X, self._labels, rcond=None)[0].T[..., None]
        noise, size = rng.standard_normal(shape), shape[-1]
        near = best * rng.uniform(0.25, 1.5, size) + 0.01 * np.abs(best).max() * noise
        return np.where(rng.random(size) < 0.5, near, noise)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        sample = f"{self.sample.name} (n={self.sample.n} d={self.sample.d})"
        return f"{sample}, m={self.m}, {self.loss.name}, features: {self.network}"


def data_structures(sample: Sample, at_w_zero: bool = False) -> st.SearchStrategy[Any]:
    """Structures of points over a sample, with every loss that accepts its labels."""
    return st.builds(
        DataStructure,
        sample=st.just(sample),
        m=st.integers(1, 5),
        loss=losses_for(sample.y),
        network=feature_maps(),
        spread=st.sampled_from([0.0, 0.5, 1.5]),
        at_w_zero=st.just(at_w_zero),
    )


def vector_data(
    sample: Sample,
    losses: Iterable[VectorLoss] = MODERATE,
    networks: Any = None,
    max_batch: int = 8,
) -> st.SearchStrategy[Any]:
    """Structures of points with one or two outputs over a sample."""
    return st.builds(
        DataStructure,
        sample=st.just(sample),
        m=st.integers(1, 3),
        loss=st.sampled_from(fitting(losses, outputs(sample))),
        network=feature_maps() if networks is None else networks,
        spread=st.sampled_from([0.0, 0.5, 1.5]),
        several=st.just(True),
        max_batch=st.just(max_batch),
    )
