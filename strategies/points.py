"""Points of the landscape: small readable ones, and whole domains for campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claim import Domain
from checker.landscape.objective import Point
from checker.landscape.sample import Sample
from strategies.dyadics import dyadics
from strategies.losses import losses
from strategies.strata import NONZERO_W, W_ZERO, Stratum
from strategies.structures import MAX_DIM, data_structures, structures

MAX_N, MAX_D, MAX_M = 4, 3, 3
# A dense Hessian costs ten times as much as a closed form.
DENSE_CASES = 40_000

_NUMBERS = MAX_N * (MAX_D + 1 + MAX_M) + MAX_D * (2 + MAX_M)


@st.composite
def small_points(draw: st.DrawFn, at_w_zero: bool = False) -> Point:
    """Points with n <= 4, d <= 3, m <= 3 and short dyadic numbers, any loss of the catalogue.

    Shrinks to n = d = m = 1, the squared loss and zeros. With `at_w_zero`, w = 0.
    """
    numbers = draw(dyadics(_NUMBERS))
    n, d, m = (draw(st.integers(1, limit)) for limit in (MAX_N, MAX_D, MAX_M))
    loss = draw(losses())
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
def points() -> Domain:
    """Points with w != 0 over random data of every stratum (Lemma 1, Theorem 1).

    Always the same object, so that claims over it share batches.
    """
    return _domain(NONZERO_W, at_w_zero=False)


@cache
def points_at_w_zero(max_dim: int = MAX_DIM) -> Domain:
    """Points with w = 0 over random data of every stratum (Theorem 2).

    A small `max_dim` keeps the dense Hessian, of size d + dm, small.
    """
    return _domain(W_ZERO, at_w_zero=True, max_dim=max_dim)


def _domain(strata: Sequence[Stratum], at_w_zero: bool, max_dim: int = MAX_DIM) -> Domain:
    return Domain(
        instances=small_points(at_w_zero),
        strata={s.name: structures(s, at_w_zero, max_dim) for s in strata},
        on_data=None if max_dim < MAX_DIM else lambda x: points_over(x, at_w_zero=at_w_zero),
        cases=None if max_dim == MAX_DIM else DENSE_CASES,
    )


def points_over(sample: Sample, *, at_w_zero: bool = False) -> Domain:
    """Points over a given sample, one stratum named after it."""
    structure: st.SearchStrategy[Any] = data_structures(sample, at_w_zero)
    return Domain(instances=st.nothing(), strata={sample.name: structure})
