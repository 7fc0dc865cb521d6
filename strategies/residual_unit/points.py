"""Points of the landscape: small readable ones, and whole domains for campaigns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.errors import InputError
from checker.landscape.data import SHIPPED
from checker.landscape.losses.base import Loss
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample
from strategies.corners import cornered
from strategies.dyadics import dyadics
from strategies.losses import ALL, KINKED, NONCONVEX, losses, losses_with
from strategies.own_losses import BELOW_TANGENT, OWN_LOSSES, LossStratum, own_losses
from strategies.residual_unit.data import data_structures
from strategies.residual_unit.forms import forms
from strategies.residual_unit.strata.data import DATA_NONZERO_W, DATA_W_ZERO
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.strata.stratum import Stratum
from strategies.residual_unit.strata.wider import (
    KINKS_NONZERO_W,
    KINKS_W_ZERO,
    W_EXACTLY_ZERO,
    WRONG_SLOPE,
)
from strategies.residual_unit.structures import MAX_DIM, structures

_NONZERO_W, _W_ZERO = (*NONZERO_W, *DATA_NONZERO_W), (*W_ZERO, *DATA_W_ZERO)

MAX_N, MAX_D, MAX_M = 4, 3, 3
# A dense Hessian costs ten times as much as a closed form.
DENSE_CASES = 40_000
# An identity is decided in exact numbers, case by case.
IDENTITY_CASES = 1_000

# Strata built from the known equality cases of the theorems.
TOLD = frozenset({"equality", "w = -w*"})

# Corners of a point that are strata by another name.
_SAME_AT_ANY_W = {"Z = 0": "zero features", "y equal along n": "equal labels"}
SAME = {
    **_SAME_AT_ANY_W,
    "w = w_star": "w = w*",
    "w = -w_star": "w = -w*",
    "w orthogonal to w_star": "w orthogonal to w*",
}
SAME_AT_W_ZERO = {
    **_SAME_AT_ANY_W,
    "w_star = 0": "w* = 0",
    "w_star tiny": "w* tiny",
    "w_star huge": "w* huge",
}

_NUMBERS = MAX_N * (MAX_D + 1 + MAX_M) + MAX_D * (2 + MAX_M)


@st.composite
def small_points(
    draw: st.DrawFn, at_w_zero: bool = False, pool: st.SearchStrategy[Loss] | None = None
) -> Point:
    """Points with n <= 4, d <= 3, m <= 3 and short dyadic numbers, any loss of the catalogue.

    Shrinks to n = d = m = 1, the squared loss and zeros. With `at_w_zero`, w = 0; with `pool`,
    losses come from there.
    """
    numbers = draw(dyadics(_NUMBERS))
    n, d, m = (draw(st.integers(1, limit)) for limit in (MAX_N, MAX_D, MAX_M))
    loss = draw(losses() if pool is None else pool)
    return Point(
        X=numbers.array(n, d),
        y=numbers.labels(loss.labels, n),
        Z=numbers.array(n, m),
        V=numbers.array(d, m),
        w_star=numbers.array(d),
        w=np.zeros(d) if at_w_zero else numbers.array(d),
        loss=loss,
    )


@cache
@cornered(Point, same=SAME)
def points() -> Domain:
    """Points with w != 0 over random data of every stratum (Lemma 1, Theorem 1).

    Always the same object, so that claims over it share batches.
    """
    return _domain(
        _NONZERO_W,
        at_w_zero=False,
        without={name: partial(points_without, name) for name in _WITHOUT},
    )


@cache
def points_with_losses_everywhere() -> Domain:
    """The points of `points()` but for losses that are known at two predictions only: for claims
    that speak of further ones.
    """
    drawn = points()
    known = {name: s for name, s in drawn.strata.items() if name != "losses as seen"}
    return replace(drawn, strata=known)


@cache
@cornered(Point, same=SAME_AT_W_ZERO, fixed={"w": "w = 0 in Theorem 2"})
def points_at_w_zero(max_dim: int = MAX_DIM) -> Domain:
    """Points with w = 0 over random data of every stratum (Theorem 2).

    A small `max_dim` keeps the dense Hessian, of size d + dm, small.
    """
    return _domain(
        _W_ZERO,
        at_w_zero=True,
        max_dim=max_dim,
        without={n: partial(points_at_w_zero_without, n, max_dim) for n in _WITHOUT_AT_W_ZERO},
    )


@cache
@cornered(Point, same=SAME)
def points_for_identities(rational: bool = False) -> Domain:
    """The points of `points()`, fewer of them: identities are decided in exact numbers.

    With `rational`, only losses whose slopes are rational. The affine loss y p is among them, whose
    slopes are *any* numbers, the labels: an identity in the slopes holds for every loss if it does
    for this one.
    """
    pool = st.sampled_from([x for x in ALL if x.rational]) if rational else losses()
    return Domain(
        instances=small_points(pool=pool),
        strata={s.name: structures(s, pool=pool) for s in NONZERO_W},
        cases=IDENTITY_CASES,
        told=TOLD,
    )


@cache
@cornered(Point, same=SAME)
def points_with_smooth_losses() -> Domain:
    """Points with features, and losses with 0 < sup l'' < infinity."""
    pool = st.sampled_from([x for x in ALL if x.smoothness])
    strata = [s for s in NONZERO_W if s.loss is None and s.name != "zero features"]
    return Domain(
        instances=small_points(pool=pool),
        strata={s.name: structures(s, pool=pool) for s in strata},
        cases=DENSE_CASES,
    )


def _domain(
    strata: Sequence[Stratum],
    at_w_zero: bool,
    max_dim: int = MAX_DIM,
    without: Mapping[str, Callable[[], Domain]] | None = None,
) -> Domain:
    return Domain(
        instances=small_points(at_w_zero),
        strata=_strata(strata, at_w_zero, max_dim),
        on_data=None if max_dim < MAX_DIM else lambda x: points_over(x, at_w_zero=at_w_zero),
        shipped=SHIPPED,
        cases=None if max_dim == MAX_DIM else DENSE_CASES,
        without=without or {},
        told=TOLD,
        forms=forms(at_w_zero),
    )


def _strata(
    strata: Sequence[Stratum],
    at_w_zero: bool,
    max_dim: int,
    pool: st.SearchStrategy[Loss] | None = None,
    own: Sequence[LossStratum] = OWN_LOSSES,
) -> dict[str, st.SearchStrategy[Any]]:
    fitting = (s for s in strata if max_dim == MAX_DIM or not s.wide)
    return {
        **{s.name: structures(s, at_w_zero, max_dim, pool) for s in fitting},
        **{s.name: own_losses(s, at_w_zero, max_dim) for s in own},
    }


# -- with one assumption dropped --------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Wider:
    """What changes in a domain when an assumption is dropped."""

    strata: tuple[Stratum, ...]
    losses: tuple[Loss, ...] = ()
    at_w_zero: bool = False
    own: tuple[LossStratum, ...] = OWN_LOSSES


_WITHOUT = {
    "convex_loss": _Wider(_NONZERO_W, NONCONVEX, own=(*OWN_LOSSES, BELOW_TANGENT)),
    "twice_differentiable_loss": _Wider((*_NONZERO_W, *KINKS_NONZERO_W), KINKED),
    "nonzero_w": _Wider((*_NONZERO_W, *W_EXACTLY_ZERO)),
}

_WITHOUT_AT_W_ZERO = {
    "convex_loss": _Wider(_W_ZERO, NONCONVEX, at_w_zero=True, own=(*OWN_LOSSES, BELOW_TANGENT)),
    "twice_differentiable_loss": _Wider((*_W_ZERO, *KINKS_W_ZERO), KINKED, at_w_zero=True),
    "zero_w": _Wider(_W_ZERO),
}


@cache
def points_without(assumption: str) -> Domain:
    """The points of `points()` and those that one assumption of Lemma 1 and Theorem 1 excludes.

    Without "convex_loss" half of the losses are not convex, without "twice_differentiable_loss"
    half of them have a kink in l or l' (and two strata meet it), without "nonzero_w" one stratum
    has w = 0, where the formulas of those claims are not defined.
    """
    return _widened(assumption, _WITHOUT, MAX_DIM)


@cache
def points_at_w_zero_without(assumption: str, max_dim: int = MAX_DIM) -> Domain:
    """As `points_without`, for Theorem 2: without "zero_w" the output layer does not vanish."""
    return _widened(assumption, _WITHOUT_AT_W_ZERO, max_dim)


def _widened(assumption: str, known: Mapping[str, _Wider], max_dim: int) -> Domain:
    if assumption not in known:
        raise InputError(
            f"there is no domain without the assumption {assumption!r}",
            hint=f"known: {', '.join(known)}",
        )
    wider = known[assumption]
    pool = losses_with(wider.losses) if wider.losses else losses()
    return Domain(
        instances=small_points(wider.at_w_zero, pool),
        strata=_strata(wider.strata, wider.at_w_zero, max_dim, pool, wider.own),
        cases=None if max_dim == MAX_DIM else DENSE_CASES,
        told=TOLD,
    )


@cache
def points_with_wrong_slopes() -> Domain:
    """Points whose predictions meet the kink of a loss with a wrong slope there."""
    strata = {s.name: structures(s) for s in WRONG_SLOPE}
    pool = st.just(loss_named("hinge_wrong_slope"))
    return Domain(instances=small_points(pool=pool), strata=strata)


# -- over given data --------------------------------------------------------------------------


def points_over(sample: Sample, *, at_w_zero: bool = False) -> Domain:
    """Points over a given sample, one stratum named after it."""
    structure: st.SearchStrategy[Any] = data_structures(sample, at_w_zero)
    return Domain(instances=st.nothing(), strata={sample.name: structure})
