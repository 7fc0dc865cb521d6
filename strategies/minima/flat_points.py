"""Points whose output weights miss a direction, W u = 0 (Kawaguchi and Bengio 2019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, unchecked
from checker.instances.protocols import limit_of
from checker.landscape.data import SHIPPED
from checker.landscape.residual_unit.comparators import FlatPoint
from checker.landscape.sample import Sample
from checker.search.budgets import MAX_BATCH
from strategies.corners import cornered
from strategies.dyadics import dyadics
from strategies.losses import NONCONVEX
from strategies.residual_unit.comparators import (
    DIFFERENTIABLE,
    WITH_KINKS,
    Pool,
    comparators,
    with_half,
)
from strategies.residual_unit.data import DATA_CASES, DataStructure, vector_data
from strategies.residual_unit.strata.changes import Fields, unchanged
from strategies.residual_unit.strata.data import DATA
from strategies.residual_unit.strata.several import MORE_OUTPUTS, VECTOR_STRATA
from strategies.residual_unit.strata.stratum import Stratum, everywhere
from strategies.residual_unit.structures import Structure, vector_structures

CASES = 30_000
_KEPT = ("gaussian", "mixed scales", "K = 1", "n = 1", "V = 0", "zero features", "lattice")
# After those that were there, whose seeds stay. Many inputs and features would cost too much: a
# point has two neighbours for each feature.
_FURTHER = {"m = 1", "m > d", "duplicated data", "equal labels", "saturated", "biases"}
_FURTHER |= {s.name for s in DATA}
_SMALL = 3


def _directions(d: int, size: int, rng: np.random.Generator) -> Any:
    """Per case: gaussian of any size, small integers, or the last unit vector."""
    last = np.eye(d)[-1][:, None] * np.ones(size)
    gaussian = rng.standard_normal((d, size)) * 10.0 ** rng.uniform(-2, 2, size)
    integers = rng.integers(-2, 3, (d, size)).astype(float)
    integers = np.where((integers != 0).any(axis=0), integers, last)
    return np.choose(rng.integers(3, size=size), [gaussian, integers, last])


def _zero_W(fields: Fields, rng: np.random.Generator) -> None:
    fields["M"] = np.zeros_like(fields["M"])


def _equality(fields: Fields, rng: np.random.Generator) -> None:
    """Integers with ∂F/∂W = ||u||² (W - W*) and E[l' zᵀ] = m (W* V - S) for the linear loss."""
    K, d, size = fields["M"].shape
    m = fields["V"].shape[1]
    shapes = {"M": (K, d), "u": (d,), "V": (d, m), "W_star": (K, d), "S": (K, m)}
    for name, shape in shapes.items():
        fields[name] = rng.integers(-1, 2, (*shape, size)).astype(float)
    fields["u"][0] = 1.0
    M, u, V, W_star = (fields[name] for name in ("M", "u", "V", "W_star"))
    square = (u**2).sum(axis=0)
    W = M * square - np.einsum("kdb,db,eb->keb", M, u, u)
    B = m * (np.einsum("kdb,dmb->kmb", W_star, V) - fields["S"])
    X = square * (W - W_star) - np.einsum("kmb,dmb->kdb", B, V)
    fields.update(X=X, Z=B, Y=K * np.eye(K)[..., None] * np.ones(size))


@dataclass(frozen=True, eq=False)
class FlatStructure:
    """Points of a stratum of `Structure`, with W made to miss a direction."""

    points: Structure | DataStructure
    # Empty for that of the points.
    name: str
    change: Callable[[Fields, np.random.Generator], None]

    @property
    def max_batch(self) -> int:
        """As for the points."""
        return limit_of(self.points, MAX_BATCH)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        drawn = self.points.batch(rng, size)
        fields: Fields = {
            n: getattr(drawn.instances, n) for n in ("X", "Y", "Z", "W", "V", "W_star")
        }
        fields["S"] = comparators(fields, rng)
        fields["M"] = fields.pop("W")
        fields["u"] = _directions(len(fields["V"]), size, rng)
        self.change(fields, rng)
        # The linear loss of the equality case comes without weights.
        weights = drawn.instances.weights
        point = unchecked(FlatPoint, **fields, loss=self.points.loss, weights=weights)
        return Batch(point, size, self.name or drawn.stratum, drawn.origin)


def _structures(
    stratum: Stratum, pool: Pool, name: str = "", change: Any = unchanged
) -> st.SearchStrategy[Any]:
    points = vector_structures(stratum, pool)
    return st.builds(FlatStructure, points, st.just(name), st.just(change))


_EQUALITY = Stratum(
    "equality",
    "as many samples as outputs, the linear loss",
    unchanged,
    everywhere(lambda at: len(at.X) == len(at.W)),
    lambda s: s._replace(n=s.K),
    loss="affine",
)


@st.composite
def small_flat_points(draw: st.DrawFn, pool: Pool | None = None) -> FlatPoint:
    """Points with n, d, m, K <= 3 in short dyadics."""
    numbers = draw(dyadics(6 * _SMALL**2))
    n, d, m, K = (draw(st.integers(1, _SMALL)) for _ in range(4))
    loss = draw(st.sampled_from(DIFFERENTIABLE) if pool is None else pool)
    u = numbers.array(d)
    return FlatPoint(
        X=numbers.array(n, d),
        Y=numbers.labels(loss.labels, n * K).reshape(n, K),
        Z=numbers.array(n, m),
        M=numbers.array(K, d),
        u=u if u.any() else np.eye(d)[0],
        V=numbers.array(d, m),
        W_star=numbers.array(K, d),
        S=np.zeros((K, m)),
        loss=loss,
    )


@cache
@cornered(FlatPoint)
def flat_points() -> Domain:
    """Points with W u = 0 for a u that is not 0; as many outputs as you like."""
    without = {
        "convex_loss": partial(_domain, with_half(NONCONVEX)),
        "differentiable_loss": partial(_domain, with_half(WITH_KINKS)),
    }
    return replace(_domain(None, without), on_data=_over, shipped=SHIPPED)


def _over(sample: Sample) -> Domain:
    structure = st.builds(
        FlatStructure, vector_data(sample), st.just(sample.name), st.just(unchanged)
    )
    return Domain(st.nothing(), {sample.name: structure}, cases=DATA_CASES)


def _domain(pool: Pool | None, without: dict[str, Any] | None = None) -> Domain:
    losses = st.sampled_from(DIFFERENTIABLE) if pool is None else pool
    kept = [s for s in VECTOR_STRATA if s.name in _KEPT]
    strata = {s.name: _structures(s, losses) for s in (*kept, MORE_OUTPUTS)}
    strata["W = 0"] = _structures(kept[0], losses, "W = 0", _zero_W)
    strata["equality"] = _structures(_EQUALITY, losses, "equality", _equality)
    strata |= {s.name: _structures(s, losses) for s in VECTOR_STRATA if s.name in _FURTHER}
    return Domain(
        small_flat_points(pool),
        strata,
        cases=CASES,
        without=without or {},
        told=frozenset({"equality"}),
    )
