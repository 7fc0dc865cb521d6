"""Points whose last input and last feature are constant: biases (Remark 1 of Shamir 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, with_fields
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.region import RegionPoint
from strategies.corners import cornered
from strategies.minima.found_controls import biased_minima_without_convexity
from strategies.minima.found_points import MIDDLE, SMALL, Minima, searches
from strategies.residual_unit.regions import region_points
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.strata.stratum import Stratum
from strategies.residual_unit.structures import MAX_DIM, structures

CASES, FOUND = 10_000, 100

# Strata that a constant input and feature leave as they are.
_KEPT = ("gaussian", "n = 1", "m = 1", "m > d", "V = 0", "equal labels", "lattice", "w tiny")


_BIASES = {"X": "the last input is 1", "Z": "the last feature is 1"}


@dataclass(frozen=True, eq=False)
class WithBiases:
    """A structure whose points get a constant last input and a constant last feature."""

    inner: Any

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points."""
        drawn = self.inner.batch(rng, size)
        X, Z = drawn.instances.X.copy(), drawn.instances.Z.copy()
        X[:, -1] = Z[:, -1] = 1.0
        return Batch(
            with_fields(drawn.instances, X=X, Z=Z), size, drawn.stratum, f"{drawn.origin}, biases"
        )


def _domain(strata: Sequence[Stratum], at_w_zero: bool, max_dim: int = MAX_DIM) -> Domain:
    return Domain(
        instances=st.nothing(),
        strata={
            s.name: structures(s, at_w_zero, max_dim).map(WithBiases)
            for s in strata
            if s.name in _KEPT
        },
        cases=CASES,
    )


@cache
@cornered(Point, fixed=_BIASES)
def biased_points() -> Domain:
    """Points with w != 0 and biases."""
    return _domain(NONZERO_W, at_w_zero=False)


@cache
@cornered(Point, fixed={**_BIASES, "w": "w = 0 in Theorem 2"})
def biased_points_at_w_zero() -> Domain:
    """Points with w = 0 and biases; small ones, since a dense Hessian is needed, too."""
    return _domain(W_ZERO, at_w_zero=True, max_dim=3)


@cache
@cornered(RegionPoint, fixed=_BIASES)
def biased_region_points() -> Domain:
    """Points of Theorem 3 with biases."""
    drawn = region_points().strata
    names = ("any distance from w = 0", "w = 0")
    return Domain(
        instances=st.nothing(), strata={n: drawn[n].map(WithBiases) for n in names}, cases=CASES
    )


@cache
def biased_minima() -> Domain:
    """Minima of problems with a constant input, with w != 0."""
    strata = {
        name: searches(Minima, name, sizes, most, data="constant input")
        for name, sizes, most in (("small", SMALL, 24), ("n to 200", MIDDLE, 200))
    }
    without = {"convex_loss": biased_minima_without_convexity}
    return Domain(st.nothing(), strata, cases=FOUND, found=True, without=without)
