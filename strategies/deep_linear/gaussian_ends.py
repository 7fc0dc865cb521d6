"""Experiments with gaussian A and B for deep linear networks (Zou, Long and Gu 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.claims.claim import Domain
from checker.instances.fields import Batch, map_arrays, unchecked, with_fields
from checker.landscape.deep_linear.gaussian_ends import GaussianEnds, draw_ends

# Draws per experiment; a draw fails with probability 1/odds at most, the level is 2^-30.
DRAWS, LEVEL_BITS = 48, 30


@dataclass(frozen=True, eq=False)
class GaussianStructure:
    """Draws of gaussian A and B at a multiple of the width that the theorem asks for."""

    n: int
    d: int
    k: int
    odds: int
    narrower: float
    smaller: float

    # As many as a probe: experiments end with it.
    max_batch = 16

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` experiments over random data; one width for all."""
        X = rng.standard_normal((self.n, self.d, size))
        Phi = rng.standard_normal((self.k, self.d, size))
        fields = {"X": X, "Phi": Phi, "alpha": np.ones(size), "beta": np.ones(size)}
        empty = {name: np.ones((1, 1, 1, size)) for name in ("R", "C", "T")}
        rest = {"odds": self.odds, "level_bits": LEVEL_BITS}
        one = np.ones(size)
        bare = unchecked(GaussianEnds, **fields, **empty, width=one, digest=one, **rest)
        at = map_arrays(bare, Plain)
        root = max(float(bound.value.max()) for bound in at.enough_width)
        width = np.ceil((root / self.narrower) ** 2 * (1 + 2.0**-20)) + self.d + self.k
        ends = draw_ends(rng, DRAWS, (self.d, self.k, size), width)
        # α β m as large as asked for; a power of two scales A exactly.
        scale = at.enough_scale.value * (1 + 2.0**-20) / (width * self.smaller)
        alpha = 2.0 ** np.ceil(np.log2(scale))
        fields.update(ends, R=ends["R"] * alpha, alpha=alpha, width=width * np.ones(size))
        drawn = unchecked(GaussianEnds, **fields, digest=np.zeros(size), **rest)
        signed = with_fields(drawn, digest=drawn.written())
        return Batch(signed, size, "draws", self.description)

    @property
    def description(self) -> str:
        """One line for the evidence."""
        return f"n={self.n} d={self.d} k={self.k}, {DRAWS} draws, δ = 1/{self.odds}"


@cache
def gaussian_ends(narrower: float = 1, smaller: float = 1) -> Domain:
    """Experiments with gaussian A and B of sufficient width and scale, or narrower by a factor in
    √m, or smaller by a factor in α β.
    """
    structure: st.SearchStrategy[Any] = st.builds(
        GaussianStructure,
        n=st.integers(1, 3),
        d=st.integers(1, 2),
        k=st.integers(1, 2),
        odds=st.sampled_from([4, 8, 16]),
        narrower=st.just(narrower),
        smaller=st.just(smaller),
    )
    without = {
        "wide_enough": lambda: gaussian_ends(30),
        "large_enough": lambda: gaussian_ends(1, 1000),
    }
    return Domain(st.nothing(), {"draws": structure}, cases=64, without=without)
