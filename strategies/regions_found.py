"""Regions around critical points that searches end in, for Theorem 3 of Shamir (2018)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, unchecked
from checker.claim import Domain
from checker.landscape.objective import Point
from checker.landscape.region import RegionPoint
from strategies.found_points import (
    SMALL,
    FoundSaddles,
    Minima,
    SaddlesAtZero,
    Searches,
    searches,
)
from strategies.regions import region_around

CASES = 300


@dataclass(frozen=True, eq=False)
class FoundRegion:
    """Found points of a training problem, each with a region just around it."""

    inner: Searches

    max_batch = 6

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Up to `size` points."""
        drawn = self.inner.batch(rng, size)
        if not drawn.size:
            return drawn
        fields = {name: getattr(drawn.instances, name) for name in Point.__dataclass_fields__}
        region = region_around(fields, rng)
        # A small t: the proof changes sides close to w = 0, where the bound says something.
        region["t"] = 10.0 ** rng.uniform(-9, -4, drawn.size)
        point = unchecked(RegionPoint, **fields, **region)
        return Batch(point, drawn.size, drawn.stratum, drawn.origin, drawn.notes)


@cache
def found_region_points() -> Domain:
    """Minima, found saddles, and members of the explicit family at w = 0."""
    kinds = {"minimum": Minima, "found saddle": FoundSaddles, "explicit family": SaddlesAtZero}
    strata = {n: searches(kind, n, SMALL, 24).map(FoundRegion) for n, kind in kinds.items()}
    return Domain(instances=st.nothing(), strata=strata, cases=CASES, found=True)
