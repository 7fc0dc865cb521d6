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
from checker.landscape.losses.coupled import Separable, VectorLoss
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.residual_unit.unit import UnitPoint
from strategies.losses import losses
from strategies.networks import FREE, feature_maps, features
from strategies.residual_unit.strata.changes import Fields
from strategies.residual_unit.strata.stratum import Shape, Stratum, of_one_output

# Random structures have up to this many samples, inputs and features: with one output, several.
MAX_DIM, MAX_VECTOR_DIM = 6, 4

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
    K
        Outputs of a `VectorPoint`; None for a `Point`.
    """

    n: int
    d: int
    m: int
    loss: Loss | VectorLoss
    network: str
    stratum: Stratum
    spread: float
    bias: bool
    weighted: bool
    at_w_zero: bool
    K: int | None = None

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases of this structure."""
        fields = self._gaussian(rng, size)
        self.stratum.change(fields, rng)
        if self.stratum.noisy:
            fields["Y"][1::2] = self.loss.labels.another(fields["Y"][::2])
        if self.at_w_zero:
            self._to_w_zero(fields)
        kind = Point if self.K is None else VectorPoint
        named = of_one_output(fields) if self.K is None else fields
        weights = self._weights(rng, size)
        point: Any = unchecked(kind, **named, loss=self.loss, weights=weights)
        return Batch(point, size, self._name_of(point), self.description)

    def _to_w_zero(self, fields: Fields) -> None:
        """Of one output."""
        fields["W"][...] = 0.0
        y = Plain(fields["Y"][:, 0])
        # Slopes overflow, and those at a kink are 0/0; there w* stays.
        with np.errstate(all="ignore"):
            slope = self.loss.slope(Plain(np.zeros_like(y.value)), y).value
            face_downhill(fields["X"], fields["W_star"][0], slope)

    def _name_of(self, point: UnitPoint) -> str:
        """The stratum's name, unless most cases lie elsewhere: then none is hit, and a run says so.

        Not all, because a gaussian number may undo the scale of "w huge" now and then.
        """
        inside = np.mean(self.stratum.holds(point)) > 0.5
        return self.stratum.name if inside else f"outside {self.stratum.name}"

    @property
    def description(self) -> str:
        """One line for the evidence."""
        shape = f"n={self.n} d={self.d} m={self.m}" + (f" K={self.K}" if self.K else "")
        extras = [f"spread 10^±{self.spread}"] + ["bias"] * self.bias + ["weights"] * self.weighted
        return f"{shape}, {self.loss.name}, features: {self.network}, " + ", ".join(extras)

    def _gaussian(self, rng: np.random.Generator, size: int) -> Fields:
        n, d, m, K = self.n, self.d, self.m, self.K or 1
        X = rng.standard_normal((n, d, size))
        if self.bias:
            X[:, -1] = 1.0
        fields = {
            "X": X,
            "Y": labels_of(self.loss, rng, (n, K, size)),
            "Z": features(self.network, X, m, rng),
            "W": rng.standard_normal((K, d, size)),
            "V": rng.standard_normal((d, m, size)),
            "W_star": rng.standard_normal((K, d, size)),
        }
        scaled = ["W", "V", "W_star"] + ["Y"] * (self.loss.labels is Labels.REAL)
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


def labels_of(
    loss: Loss | VectorLoss, rng: np.random.Generator, shape: tuple[int, ...]
) -> FloatArray:
    """Random labels (n, K, ...): a loss of several outputs may couple them."""
    return loss.draw(rng, shape) if isinstance(loss, VectorLoss) else loss.labels.draw(rng, shape)


def face_downhill(X: FloatArray, w_star: FloatArray, slope: FloatArray) -> None:
    """Turn each w* so that F_lin falls from 0 along it: elsewhere Theorem 2 says nothing.

    `slope` has the slopes of the losses at 0, (n, B); X is (n, d, B), w_star (d, B).
    """
    uphill = np.einsum("nb,ndb,db->b", slope, X, w_star) > 0
    w_star[:, uphill] *= -1.0


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
    n, d, m, _ = stratum.shape(Shape(*draw(st.tuples(*(st.integers(1, k) for k in limits)))))
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


@st.composite
def vector_structures(
    draw: st.DrawFn, stratum: Stratum, pool: st.SearchStrategy[VectorLoss]
) -> Structure:
    """Structures with K outputs, n, d, m up to 4 and K <= d, unless the stratum asks for more."""
    d = draw(st.integers(1, MAX_VECTOR_DIM))
    n, m = draw(st.integers(1, MAX_VECTOR_DIM)), draw(st.integers(1, MAX_VECTOR_DIM))
    n, d, m, K = stratum.shape(Shape(n, d, m, draw(st.integers(1, d))))
    return Structure(
        n,
        d,
        m,
        draw(_prescribed(stratum, n).map(Separable) if _prescribes(stratum) else pool),
        FREE if stratum.loss else draw(feature_maps()),
        stratum,
        0.0 if stratum.loss else draw(st.sampled_from([0.0, 0.5, 1.5])),
        False,
        stratum.loss is None and draw(st.booleans()),
        False,
        K,
    )


def _losses(stratum: Stratum, n: int, pool: st.SearchStrategy[Loss] | None) -> Any:
    if _prescribes(stratum):
        return _prescribed(stratum, n)
    return losses() if pool is None else pool


def _prescribes(stratum: Stratum) -> bool:
    return stratum.loss is not None or stratum.pool is not None


def _prescribed(stratum: Stratum, n: int) -> st.SearchStrategy[Loss]:
    if stratum.pool is not None:
        return stratum.pool(n)
    return st.just(loss_named(str(stratum.loss)))
