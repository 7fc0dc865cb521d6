"""Structures: everything about a batch of points but its numbers.

Hypothesis draws a structure (dimensions, loss, feature map, scales), NumPy fills it with as many
cases as wanted from an explicit generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.instances.fields import Batch, FloatArray, unchecked
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample
from strategies.losses import losses, losses_for
from strategies.networks import FREE, feature_maps, features
from strategies.residual_unit.strata import Fields, Stratum

# Random structures have up to this many samples, inputs and features.
MAX_DIM = 6

# Weights are multiples of this, so that they sum to 1 exactly.
_WEIGHT_UNIT = 1024


@dataclass(frozen=True, eq=False)
class Structure:
    """A structure of random points in one stratum.

    Attributes
    ----------
    n, d, m
        Samples, inputs, features.
    loss
        The loss of every case.
    network
        Feature map by name, or "free".
    stratum
        The stratum that every case lies in.
    spread
        Scales of w, V, w* and the labels are 10**uniform(-spread, spread), case by case.
    bias
        Whether the last coordinate of x is 1 (Remark 1 of Shamir 2018).
    weighted
        Whether the sample carries random weights instead of 1/n.
    at_w_zero
        Whether w = 0 (Theorem 2).
    """

    n: int
    d: int
    m: int
    loss: Loss
    network: str
    stratum: Stratum
    spread: float
    bias: bool
    weighted: bool
    at_w_zero: bool

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases of this structure."""
        fields = self._gaussian(rng, size)
        self.stratum.change(fields, rng)
        if self.stratum.noisy:
            fields["y"][1::2] = self.loss.labels.another(fields["y"][::2])
        if self.at_w_zero:
            fields["w"][...] = 0.0
            y = Plain(fields["y"])
            # Slopes overflow, and those at a kink are 0/0; there w* stays.
            with np.errstate(all="ignore"):
                face_downhill(fields, self.loss.slope(Plain(np.zeros_like(y.value)), y).value)
        weights = self._weights(rng, size)
        point = unchecked(Point, **fields, loss=self.loss, weights=weights)
        return Batch(point, size, self._name_of(point), self.description)

    def _name_of(self, point: Point) -> str:
        """The stratum's name, unless most cases lie elsewhere: then none is hit, and a run says so.

        Not all, because a gaussian number may undo the scale of "w huge" now and then.
        """
        inside = np.mean(self.stratum.holds(point)) > 0.5
        return self.stratum.name if inside else f"outside {self.stratum.name}"

    @property
    def description(self) -> str:
        """One line for the evidence."""
        extras = [f"spread 10^±{self.spread}"] + ["bias"] * self.bias + ["weights"] * self.weighted
        return (
            f"n={self.n} d={self.d} m={self.m}, {self.loss.name}, features: {self.network}, "
            + ", ".join(extras)
        )

    def _gaussian(self, rng: np.random.Generator, size: int) -> Fields:
        n, d, m = self.n, self.d, self.m
        X = rng.standard_normal((n, d, size))
        if self.bias:
            X[:, -1] = 1.0
        fields = {
            "X": X,
            "y": self.loss.labels.draw(rng, (n, size)),
            "Z": features(self.network, X, m, rng),
            "w": rng.standard_normal((d, size)),
            "V": rng.standard_normal((d, m, size)),
            "w_star": rng.standard_normal((d, size)),
        }
        scaled = ["w", "V", "w_star"] + ["y"] * (self.loss.labels is Labels.REAL)
        for name in scaled if self.spread else ():
            fields[name] *= 10.0 ** rng.uniform(-self.spread, self.spread, size)
        return fields

    def _weights(self, rng: np.random.Generator, size: int) -> FloatArray | None:
        if self.stratum.weights is not None:
            return self.stratum.weights(rng, self.n, size)
        if not self.weighted:
            return None
        counts = rng.multinomial(_WEIGHT_UNIT, [1 / self.n] * self.n, size)
        return np.ascontiguousarray(counts.T / _WEIGHT_UNIT)


def face_downhill(fields: Fields, slope: FloatArray) -> None:
    """Turn each w* so that F_lin falls from 0 along it: elsewhere Theorem 2 says nothing.

    `slope` has the slopes of the losses at 0, (n, B).
    """
    uphill = np.einsum("nb,ndb,db->b", slope, fields["X"], fields["w_star"]) > 0
    fields["w_star"][:, uphill] *= -1.0


@st.composite
def structures(
    draw: st.DrawFn,
    stratum: Stratum,
    at_w_zero: bool = False,
    max_dim: int = MAX_DIM,
    pool: st.SearchStrategy[Loss] | None = None,
) -> Structure:
    """Structures in a stratum; shrinks to n = d = m = 1, squared loss, free features.

    d and m go up to `max_dim`, n up to MAX_DIM, unless the stratum asks for more. Losses come from
    `pool`, by default the catalogue, unless the stratum prescribes one.
    """
    limits = (MAX_DIM, max_dim, max_dim)
    n, d, m = stratum.shape(draw(st.tuples(*(st.integers(1, k) for k in limits))))
    return Structure(
        n,
        d,
        m,
        draw(_losses(stratum, n, pool)),
        FREE if stratum.loss else draw(feature_maps()),
        stratum,
        draw(st.sampled_from([0.0, 0.5, 1.5])),
        draw(st.booleans()) and d > 1,
        draw(st.booleans()),
        at_w_zero,
    )


def _losses(stratum: Stratum, n: int, pool: st.SearchStrategy[Loss] | None) -> Any:
    if stratum.loss:
        return st.just(loss_named(stratum.loss))
    if stratum.pool is not None:
        return stratum.pool(n)
    return losses() if pool is None else pool


@dataclass(frozen=True, eq=False)
class DataStructure:
    """Random points over a given sample: the data are shared by the whole batch.

    Half of the comparators w* are near the least-squares predictor, where F_lin is small and the
    bounds have something to say; the others are random.
    """

    sample: Sample
    m: int
    loss: Loss
    network: str
    spread: float
    at_w_zero: bool

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random points over the sample."""
        X, d = self.sample.X[..., None], self.sample.d
        scale = 10.0 ** rng.uniform(-self.spread, self.spread, (3, size))
        point = unchecked(
            Point,
            X=X,
            y=self.sample.y[..., None],
            Z=features(self.network, X, self.m, rng),
            w=rng.standard_normal((d, size)) * scale[0] * (0.0 if self.at_w_zero else 1.0),
            V=rng.standard_normal((d, self.m, size)) * scale[1],
            w_star=self._comparators(rng, size) * scale[2],
            loss=self.loss,
            weights=None if self.sample.weights is None else self.sample.weights[..., None],
        )
        return Batch(point, size, self.sample.name, self.description)

    def _comparators(self, rng: np.random.Generator, size: int) -> FloatArray:
        best = np.linalg.lstsq(self.sample.X, self.sample.y, rcond=None)[0]
        noise = rng.standard_normal((self.sample.d, size))
        near = best[:, None] * rng.uniform(0.25, 1.5, size) + 0.01 * np.abs(best).max() * noise
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
