"""Points with several outputs and comparators linear in [x; f_θ(x)] (Kawaguchi and Bengio 2019)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.claims.claim import Domain
from checker.instances.fields import Batch, fields_of, map_arrays, unchecked
from checker.instances.protocols import limit_of
from checker.landscape.data import SHIPPED
from checker.landscape.losses.base import Loss
from checker.landscape.losses.coupled import SQUARED, Separable, VectorLoss
from checker.landscape.losses.outside import Huber, SquaredHinge
from checker.landscape.residual_unit.comparators import DescentPoint, ResidualPoint, SquaredPoint
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.sample import Sample, require_equal_weights
from checker.search.budgets import MAX_BATCH
from strategies.corners import cornered
from strategies.losses import KINKED, NONCONVEX
from strategies.networks import FREE
from strategies.residual_unit.data import DATA_CASES, MODERATE, DataStructure, vector_data
from strategies.residual_unit.strata.changes import Fields
from strategies.residual_unit.strata.several import MORE_OUTPUTS, RANK_DEFICIENT, VECTOR_STRATA
from strategies.residual_unit.strata.stratum import Shape, Stratum
from strategies.residual_unit.structures import Structure, vector_structures
from strategies.residual_unit.vector_points import VECTOR_LOSSES, VECTOR_SAME, small_vector_points

CASES = 40_000
TOLD = frozenset({"equality"})

# The theorems of this paper ask for one derivative only.
ONCE: tuple[Loss, ...] = (Huber(), Huber(delta=0.125), SquaredHinge())
DIFFERENTIABLE: tuple[VectorLoss, ...] = (*VECTOR_LOSSES, *(Separable(each) for each in ONCE))
WITH_KINKS: tuple[Loss, ...] = tuple(x for x in KINKED if not x.differentiable)
SMOOTH = tuple(loss for loss in DIFFERENTIABLE if loss.smoothness is not None)

Pool = st.SearchStrategy[VectorLoss]
Change = Callable[[Fields, VectorLoss, np.random.Generator], None]


@dataclass(frozen=True, eq=False)
class ExtendedStructure:
    """Points of a stratum with further fields, as a class of points that has them."""

    points: Structure | DataStructure
    kind: type[VectorPoint]
    change: Change

    @property
    def max_batch(self) -> int:
        """As for the points."""
        return limit_of(self.points, MAX_BATCH)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        drawn = self.points.batch(rng, size)
        fields = fields_of(VectorPoint, drawn.instances)
        self.change(fields, drawn.instances.loss, rng)
        return Batch(unchecked(self.kind, **fields), size, drawn.stratum, drawn.origin)


def _extended(
    stratum: Stratum, pool: Pool, kind: type[VectorPoint], change: Change
) -> st.SearchStrategy[Any]:
    points = vector_structures(stratum, pool)
    return st.builds(ExtendedStructure, points, st.just(kind), st.just(change))


def _over(
    kind: type[VectorPoint], change: Change, losses: Sequence[VectorLoss] = MODERATE
) -> Callable[[Sample], Domain]:
    """The same points over a given sample."""

    def domain(sample: Sample) -> Domain:
        points = vector_data(sample, losses)
        structure = st.builds(ExtendedStructure, points, st.just(kind), st.just(change))
        return Domain(st.nothing(), {sample.name: structure}, cases=DATA_CASES)

    return domain


# -- comparators on [x; z] --------------------------------------------------------------------


def _shape(fields: Fields) -> tuple[int, int, int]:
    return len(fields["W"]), fields["V"].shape[1], fields["W"].shape[-1]


def _with_S(stratum: str) -> Change:
    def change(fields: Fields, loss: VectorLoss, rng: np.random.Generator) -> None:
        K, m, size = _shape(fields)
        fields["S"] = comparators(fields, rng)
        if stratum == "gap exactly 0":
            fields["S"] = np.zeros((K, m, size))
        if stratum == "equality":
            _residual_equality(fields, rng)

    return change


def comparators(fields: Fields, rng: np.random.Generator) -> Any:
    """Per case: S = 0 (linear in x), S = W* V (a unit with the same V, rounded), or any S."""
    K, m, size = _shape(fields)
    free = rng.standard_normal((K, m, size)) * 10.0 ** rng.uniform(-2, 1, size)
    unit = np.einsum("kdb,dmb->kmb", fields["W_star"], fields["V"])
    return np.choose(rng.integers(3, size=size), [free, 0 * free, unit])


def _residual_equality(fields: Fields, rng: np.random.Generator) -> None:
    """W = c Q, W* = -c Q, V = v Qᵀ E, S = s E, E = [I 0]: with D = W* V - S = -(cv + s) E,
    features D / c² and inputs 2 c Q - (D / c²) Vᵀ the linear loss has the gradient (W - W*, W⁺ D).
    """
    K, m, size = _shape(fields)
    c = np.sqrt((fields["W"][0] ** 2).sum(axis=0))
    v = rng.integers(-3, 4, size).astype(float)
    s = rng.integers(-3, 4, size).astype(float)
    E = np.eye(K, m)[..., None]
    Q = fields["W"] / c
    B = -(c * v + s) / c**2 * E
    V = v * np.einsum("kdb,kmb->dmb", Q, E * np.ones(size))
    X = 2 * fields["W"] - np.einsum("kmb,dmb->kdb", B, V)
    fields.update(W_star=-fields["W"], V=V, S=s * E, Z=B, X=X)


@st.composite
def small_residual_points(draw: st.DrawFn, pool: Pool | None = None) -> ResidualPoint:
    """Points with n, d, m <= 3 and K <= d in short dyadics."""
    at = draw(small_vector_points(st.sampled_from(DIFFERENTIABLE) if pool is None else pool))
    K, m = len(at.W), at.V.shape[1]
    S = draw(st.lists(st.integers(-8, 8), min_size=K * m, max_size=K * m))
    return ResidualPoint(**_fields(at), S=np.array(S, dtype=float).reshape(K, m) / 2)


def _fields(at: VectorPoint) -> dict[str, Any]:
    return fields_of(VectorPoint, at)


@cache
@cornered(ResidualPoint, same=VECTOR_SAME)
def residual_points() -> Domain:
    """Points with W of full row rank (almost always), compared on [x; z]."""
    without = {
        "convex_loss": partial(_residual_domain, with_half(NONCONVEX), VECTOR_STRATA),
        "differentiable_loss": partial(_residual_domain, with_half(WITH_KINKS), VECTOR_STRATA),
        "full_row_rank": partial(_residual_domain, None, (*RANK_DEFICIENT, MORE_OUTPUTS)),
    }
    domain = _residual_domain(None, VECTOR_STRATA, without)
    return replace(domain, on_data=_over(ResidualPoint, _with_S("data")), shipped=SHIPPED)


def with_half(further: Sequence[Loss], usual: Sequence[VectorLoss] = DIFFERENTIABLE) -> Pool:
    """As often one of these losses as one of the usual convex ones."""
    return st.one_of(st.sampled_from([Separable(each) for each in further]), st.sampled_from(usual))


def _residual_domain(
    pool: Pool | None, strata: Sequence[Stratum], without: dict[str, Any] | None = None
) -> Domain:
    losses = st.sampled_from(DIFFERENTIABLE) if pool is None else pool
    return Domain(
        instances=small_residual_points(pool),
        strata={s.name: _extended(s, losses, ResidualPoint, _with_S(s.name)) for s in strata},
        cases=CASES,
        without=without or {},
        told=TOLD,
    )


# -- steps from the linear predictor into the features ----------------------------------------


def _with_t(stratum: str) -> Change:
    def change(fields: Fields, loss: VectorLoss, rng: np.random.Generator) -> None:
        size = fields["W"].shape[-1]
        if stratum == "equality":
            _descent_equality(fields, rng)
            return
        fields["t"] = np.ones(size)
        best = _best_step(unchecked(DescentPoint, **fields))
        fields["t"] = np.where((best > 0) & np.isfinite(best), best, 1.0)
        fields["t"] *= 10.0 ** rng.uniform(-1.0, 0.3, size)

    return change


def _best_step(point: Any) -> Any:
    """||B*||² / (β E||B* z||²), for which the decrease is largest, in plain floats."""
    with np.errstate(all="ignore"):
        at = map_arrays(point, Plain)
        square = (at.B_star.value**2).sum(axis=(0, 1))
        # decrease = t a - t² c at t = 1.
        curved = square - at.decrease.value
        return np.broadcast_to(square / (2 * curved), point.t.shape)


def _descent_equality(fields: Fields, rng: np.random.Generator) -> None:
    """W = 2 Q, W* = -2 Q, V = v Qᵀ E, t = 2 or 3: with B = W* V / (4 - t) = B* and inputs
    4 Q - B Vᵀ the linear loss has the gradient (W - W*, W⁺(W* V + t B)).
    """
    K, m, size = _shape(fields)
    Q = fields["W"] / np.sqrt((fields["W"][0] ** 2).sum(axis=0))
    t = rng.integers(2, 4, size).astype(float)
    v = rng.integers(-3, 4, size).astype(float)
    E = np.eye(K, m)[..., None]
    B = -2 * v / (4 - t) * E
    V = v * np.einsum("kdb,kmb->dmb", Q, E * np.ones(size))
    X = 4 * Q - np.einsum("kmb,dmb->kdb", B, V)
    fields.update(W=2 * Q, W_star=-2 * Q, V=V, Z=B, X=X, t=t)


@st.composite
def small_descent_points(draw: st.DrawFn, pool: Pool | None = None) -> DescentPoint:
    """Points with n, d, m <= 3, K <= d in short dyadics, and a dyadic step."""
    at = draw(small_vector_points(st.sampled_from(SMOOTH) if pool is None else pool))
    return DescentPoint(**_fields(at), t=np.array(draw(st.integers(1, 32)) / 8))


@cache
@cornered(DescentPoint, same=VECTOR_SAME)
def descent_points() -> Domain:
    """Points with W of full row rank and a β-smooth loss, and a step from W* into the features."""
    wider = with_half([x for x in NONCONVEX if x.smoothness is not None], SMOOTH)
    without = {"convex_loss": partial(_descent_domain, wider)}
    domain = _descent_domain(None, without)
    smooth = [x for x in MODERATE if x.smoothness is not None]
    return replace(domain, on_data=_over(DescentPoint, _with_t("data"), smooth), shipped=SHIPPED)


def _descent_domain(pool: Pool | None, without: dict[str, Any] | None = None) -> Domain:
    losses = st.sampled_from(SMOOTH) if pool is None else pool
    # Losses for each sample are not known to be smooth.
    known = [s for s in VECTOR_STRATA if s.pool is None]
    strata = {s.name: _extended(s, losses, DescentPoint, _with_t(s.name)) for s in known}
    return Domain(small_descent_points(pool), strata, cases=CASES, without=without or {}, told=TOLD)


# -- the squared loss -------------------------------------------------------------------------


def _as_squared(fields: dict[str, Any], loss: VectorLoss, rng: np.random.Generator) -> None:
    fields.update(loss=SQUARED, weights=None)


def _paired(fields: dict[str, Any], loss: VectorLoss, rng: np.random.Generator) -> None:
    """Every sample twice, with opposite residuals: E[l' xᵀ] = 0 and E[l' zᵀ] = 0, a minimum."""
    _as_squared(fields, loss, rng)
    at = map_arrays(unchecked(VectorPoint, **fields), Plain)
    P, half = at.prediction.value, len(fields["X"]) // 2
    residual = rng.integers(-3, 4, P[:half].shape).astype(float)
    for name in ("X", "Z"):
        fields[name][half : 2 * half] = fields[name][:half]
    fields["Y"][:half] = P[:half] + residual
    fields["Y"][half : 2 * half] = P[:half] - residual


def _tall(s: Shape) -> Shape:
    """Enough samples, an even number, for [X, Z] to have independent columns."""
    return s._replace(n=2 * (s.d + s.m + 1))


def _tall_stratum(name: str) -> Stratum:
    found = next(s for s in VECTOR_STRATA if s.name == name)
    return replace(found, shape=lambda s: _tall(found.shape(s)))


def _squared_structures(name: str, change: Change) -> st.SearchStrategy[Any]:
    pool: Pool = st.just(SQUARED)
    drawn = _extended(_tall_stratum(name), pool, SquaredPoint, change)
    return drawn.map(_without_network)


def _without_network(structure: ExtendedStructure) -> ExtendedStructure:
    # Features of a network often depend linearly on the inputs.
    return replace(structure, points=replace(structure.points, network=FREE))


_FURTHER_SQUARED = ("d = 1", "m = 1", "m > d", "W huge", "equal labels", "heavy tails")


@cache
@cornered(SquaredPoint, without={"n = 1": "[X, Z] has independent columns: n > d + m"})
def squared_points() -> Domain:
    """Points for the squared loss with independent columns of [X, Z] (almost always)."""
    strata = {name: _squared_structures(name, _as_squared) for name in ("gaussian", "W tiny")}
    strata["lattice"] = _squared_structures("lattice", _paired)
    strata |= {name: _squared_structures(name, _as_squared) for name in _FURTHER_SQUARED}
    return Domain(
        st.nothing(),
        strata,
        on_data=_squared_on,
        shipped=SHIPPED,
        cases=CASES // 4,
        told=frozenset({"lattice"}),
    )


def _squared_on(sample: Sample) -> Domain:
    require_equal_weights(sample, "the least squares of this claim")
    # Collinear inputs, as in breast_cancer, take a second per case in balls.
    points = vector_data(sample, [SQUARED], st.just("mlp_tanh"), max_batch=1)
    structure = st.builds(ExtendedStructure, points, st.just(SquaredPoint), st.just(_as_squared))
    return Domain(st.nothing(), {sample.name: structure}, cases=2)


@cache
def wide_points() -> Domain:
    """Points with one more output than inputs."""
    return _residual_domain(None, (MORE_OUTPUTS,))
