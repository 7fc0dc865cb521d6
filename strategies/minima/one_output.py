"""Domains of found points with one output, as domains of points with K = 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, unchecked
from checker.instances.protocols import limit_of
from checker.landscape.losses.coupled import Separable
from checker.landscape.minima.found import FoundVectorMinimum
from strategies.residual_unit.strata.stratum import in_capitals


@dataclass(frozen=True, eq=False)
class OneOutput:
    """The points of a structure with one output as points with K = 1; S = 0."""

    points: Any

    @property
    def max_batch(self) -> int:
        """As the structure's own."""
        return limit_of(self.points, 256)

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points."""
        drawn = self.points.batch(rng, size)
        at = drawn.instances
        if at is None:
            return Batch(None, 0, drawn.stratum, drawn.origin, drawn.notes)
        point = unchecked(
            FoundVectorMinimum,
            **in_capitals(at),
            S=np.zeros((1, at.V.shape[1], drawn.size)),
            loss=Separable(at.loss),
            **{name: getattr(at, name) for name in ("weights", "modulus", "radius", "whole")},
        )
        return Batch(point, drawn.size, drawn.stratum, drawn.origin, drawn.notes)


@cache
def one_output(domain: Callable[[], Domain]) -> Domain:
    """The strata of a domain of minima with one output, as points with K = 1."""
    drawn = domain()
    strata = {name: st.builds(OneOutput, structures) for name, structures in drawn.strata.items()}
    return Domain(st.nothing(), strata, cases=drawn.cases, found=drawn.found)
