"""Points with several outputs: small readable ones, and domains for campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.errors import InputError
from checker.instances.fields import Batch, unchecked
from checker.landscape.losses.base import Labels
from checker.landscape.losses.coupled import Radial, Separable, SoftmaxCrossEntropy, VectorLoss
from checker.landscape.residual_unit.several_outputs import VectorPoint
from strategies.corners import cornered
from strategies.dyadics import dyadics
from strategies.losses import ALL, KINKED, NONCONVEX
from strategies.networks import FREE, feature_maps, features
from strategies.residual_unit.vector_strata import (
    RANK_DEFICIENT,
    VECTOR_STRATA,
    Fields,
    VectorStratum,
)

CASES = 40_000
MAX_DIM = 4

# Strata built from the known equality case.
TOLD = frozenset({"equality", "W = -W*", "orthonormal rows"})

# Corners of a point that are strata by another name.
VECTOR_SAME = {"W = W_star": "W = W*", "W = -W_star": "W = -W*", "Z = 0": "zero features"}

# The simplest first: Hypothesis shrinks towards them.
VECTOR_LOSSES: tuple[VectorLoss, ...] = (
    SoftmaxCrossEntropy(),
    Radial(),
    *(Separable(each) for each in ALL),
)

_SMALL = 3
_NUMBERS = 6 * _SMALL**2


def vector_losses() -> st.SearchStrategy[VectorLoss]:
    """Losses of several outputs; as often one that couples them as a sum over the outputs."""
    return st.one_of(st.sampled_from(VECTOR_LOSSES[:2]), st.sampled_from(VECTOR_LOSSES[2:]))


@st.composite
def small_vector_points(
    draw: st.DrawFn, pool: st.SearchStrategy[VectorLoss] | None = None
) -> VectorPoint:
    """Points with n, d, m <= 3 and K <= d in short dyadics; shrinks to one of everything."""
    numbers = draw(dyadics(_NUMBERS))
    n, d, m = (draw(st.integers(1, _SMALL)) for _ in range(3))
    K = draw(st.integers(1, d))
    loss = draw(vector_losses() if pool is None else pool)
    return VectorPoint(
        X=numbers.array(n, d),
        Y=numbers.labels(loss.labels, n * K).reshape(n, K),
        Z=numbers.array(n, m),
        W=numbers.array(K, d),
        V=numbers.array(d, m),
        W_star=numbers.array(K, d),
        loss=loss,
    )


@dataclass(frozen=True, eq=False)
class VectorStructure:
    """A structure of random points with K outputs in one stratum; see `structures.Structure`."""

    n: int
    d: int
    m: int
    K: int
    loss: VectorLoss
    network: str
    stratum: VectorStratum
    spread: float
    weighted: bool

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases of this structure."""
        fields = self._gaussian(rng, size)
        self.stratum.change(fields, rng)
        weights = rng.dirichlet(np.ones(self.n), size).T.copy() if self.weighted else None
        point = unchecked(VectorPoint, **fields, loss=self.loss, weights=weights)
        return Batch(point, size, self.stratum.name, self.description)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        shape = f"n={self.n} d={self.d} m={self.m} K={self.K}"
        extras = [f"spread 10^±{self.spread}"] + ["weights"] * self.weighted
        return f"{shape}, {self.loss.name}, features: {self.network}, " + ", ".join(extras)

    def _gaussian(self, rng: np.random.Generator, size: int) -> Fields:
        n, d, m, K = self.n, self.d, self.m, self.K
        X = rng.standard_normal((n, d, size))
        shapes = {"W": (K, d), "V": (d, m), "W_star": (K, d)}
        fields = {
            "X": X,
            "Y": self.loss.draw(rng, (n, K, size)),
            "Z": features(self.network, X, m, rng),
            **{name: rng.standard_normal((*s, size)) for name, s in shapes.items()},
        }
        scaled = [*shapes] + ["Y"] * (self.loss.labels is Labels.REAL)
        for name in scaled if self.spread else ():
            fields[name] *= 10.0 ** rng.uniform(-self.spread, self.spread, size)
        return fields


@st.composite
def vector_structures(
    draw: st.DrawFn, stratum: VectorStratum, pool: st.SearchStrategy[VectorLoss] | None = None
) -> VectorStructure:
    """Structures in a stratum, n, d, m up to 4 and K <= d, unless it asks for more."""
    d = draw(st.integers(1, MAX_DIM))
    drawn = (draw(st.integers(1, MAX_DIM)), d, draw(st.integers(1, MAX_DIM)))
    n, d, m, K = stratum.shape((*drawn, draw(st.integers(1, d))))
    return VectorStructure(
        n,
        d,
        m,
        K,
        stratum.loss or draw(vector_losses() if pool is None else pool),
        FREE if stratum.loss else draw(feature_maps()),
        stratum,
        0.0 if stratum.loss else draw(st.sampled_from([0.0, 0.5, 1.5])),
        stratum.loss is None and draw(st.booleans()),
    )


@cache
@cornered(VectorPoint, same=VECTOR_SAME)
def vector_points() -> Domain:
    """Points with W of full row rank (almost always) over every stratum; always the same object."""
    without = {name: partial(vector_points_without, name) for name in _WITHOUT}
    return _domain(VECTOR_STRATA, None, without)


_WITHOUT: dict[str, tuple[Sequence[VectorStratum], tuple[VectorLoss, ...]]] = {
    "convex_loss": (VECTOR_STRATA, tuple(Separable(each) for each in NONCONVEX)),
    "twice_differentiable_loss": (VECTOR_STRATA, tuple(Separable(each) for each in KINKED)),
    "full_row_rank": (RANK_DEFICIENT, ()),
}


@cache
def vector_points_without(assumption: str) -> Domain:
    """Points outside one assumption: half of the losses without it, or W of rank one."""
    if assumption not in _WITHOUT:
        raise InputError(
            f"there is no domain without the assumption {assumption!r}",
            hint=f"known: {', '.join(_WITHOUT)}",
        )
    strata, further = _WITHOUT[assumption]
    pool = st.one_of(st.sampled_from(further), vector_losses()) if further else None
    return _domain(strata, pool, {})


def _domain(
    strata: Sequence[VectorStratum],
    pool: st.SearchStrategy[VectorLoss] | None,
    without: dict[str, Any],
) -> Domain:
    return Domain(
        instances=small_vector_points(pool),
        strata={s.name: vector_structures(s, pool) for s in strata},
        cases=CASES,
        without=without,
        told=TOLD,
    )
