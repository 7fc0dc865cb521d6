"""Points with several outputs: small readable ones, and domains for campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.errors import InputError
from checker.landscape.losses.coupled import Radial, Separable, SoftmaxCrossEntropy, VectorLoss
from checker.landscape.residual_unit.several_outputs import VectorPoint
from strategies.corners import cornered
from strategies.dyadics import dyadics
from strategies.losses import ALL, KINKED, NONCONVEX
from strategies.residual_unit.strata.several import (
    MORE_OUTPUTS,
    RANK_DEFICIENT,
    VECTOR_KINKS,
    VECTOR_STRATA,
)
from strategies.residual_unit.strata.stratum import Stratum
from strategies.residual_unit.structures import vector_structures

CASES = 40_000

# Strata built from the known equality case.
TOLD = frozenset({"equality", "W = -W*", "orthonormal rows"})

# Corners of a point that are strata by another name.
VECTOR_SAME = {
    "W = W_star": "W = W*",
    "W = -W_star": "W = -W*",
    "Z = 0": "zero features",
    "Y equal along n": "equal labels",
}

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


@cache
@cornered(VectorPoint, same=VECTOR_SAME)
def vector_points() -> Domain:
    """Points with W of full row rank (almost always) over every stratum; always the same object."""
    without = {name: partial(vector_points_without, name) for name in _WITHOUT}
    return _domain(VECTOR_STRATA, None, without)


@cache
@cornered(VectorPoint, same=VECTOR_SAME)
def vector_points_of_any_rank() -> Domain:
    """Points of every stratum, those with W of rank one and with more outputs than inputs, too."""
    names = ("convex_loss", "twice_differentiable_loss")
    strata = (*VECTOR_STRATA, *RANK_DEFICIENT, MORE_OUTPUTS)
    return _domain(strata, None, {name: partial(vector_points_without, name) for name in names})


_WITHOUT: dict[str, tuple[Sequence[Stratum], tuple[VectorLoss, ...]]] = {
    "convex_loss": (VECTOR_STRATA, tuple(Separable(each) for each in NONCONVEX)),
    "twice_differentiable_loss": (
        (*VECTOR_STRATA, *VECTOR_KINKS),
        tuple(Separable(each) for each in KINKED),
    ),
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
    strata: Sequence[Stratum],
    pool: st.SearchStrategy[VectorLoss] | None,
    without: dict[str, Any],
) -> Domain:
    losses = vector_losses() if pool is None else pool
    return Domain(
        instances=small_vector_points(pool),
        strata={s.name: vector_structures(s, losses) for s in strata},
        cases=CASES,
        without=without,
        told=TOLD,
    )
