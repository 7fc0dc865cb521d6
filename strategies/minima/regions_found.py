"""Regions around critical points that searches end in, for Theorem 3 of Shamir (2018)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, fields_of, unchecked
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.region import RegionPoint
from strategies.minima.found_points import (
    SMALL,
    FoundSaddles,
    Minima,
    SaddlesAtZero,
    Searches,
    searches,
)
from strategies.residual_unit.regions import region_around

CASES = 600

# Their derivatives are moderate: with others the Lipschitz constants make the bound say nothing.
CALM = ("squared", "logistic", "cross_entropy", "pseudo_huber", "log_cosh", "smoothed_hinge")


@dataclass(frozen=True, eq=False)
class FoundRegion:
    """Found points of a training problem, each with a region just around it."""

    inner: Searches
    max_batch: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points."""
        drawn = self.inner.batch(rng, size)
        if not drawn.size:
            return drawn
        fields = fields_of(Point, drawn.instances)
        region = region_around(fields, rng)
        # A small t: the proof changes sides close to w = 0, where the bound says something.
        region["t"] = 10.0 ** rng.uniform(-9, -4, drawn.size)
        point = unchecked(RegionPoint, **fields, **region)
        return Batch(point, drawn.size, drawn.stratum, drawn.origin, drawn.notes)


@cache
def found_region_points() -> Domain:
    """Minima, found saddles, and members of the explicit family at w = 0.

    Mostly minima: at saddles ε is no small number, and the bound says little.
    """
    losses = st.sampled_from([LOSSES[kind] for kind in CALM])
    kinds: dict[str, tuple[type[Searches], int]] = {
        "minimum": (Minima, 16),
        "found saddle": (FoundSaddles, 3),
        "explicit family": (SaddlesAtZero, 3),
    }
    strata: dict[str, st.SearchStrategy[Any]] = {
        name: st.builds(FoundRegion, searches(kind, name, SMALL, 24, loss=losses), st.just(most))
        for name, (kind, most) in kinds.items()
    }
    return Domain(instances=st.nothing(), strata=strata, cases=CASES, found=True)
