"""Factors of the constant of Theorem 3 of Shamir (2018), over many decades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import Batch, Dims, FloatArray, unchecked
from strategies.corners import cornered

CASES = 20_000
NAMES = ("b", "r", "mu0", "mu1", "mu2")


@dataclass(frozen=True, eq=False, kw_only=True)
class Factors:
    """b, r, μ0, μ1, μ2 of Theorem 3, and what one of them is multiplied by; all positive."""

    b: Annotated[FloatArray, Dims(domain="positive")]
    r: Annotated[FloatArray, Dims(domain="positive")]
    mu0: Annotated[FloatArray, Dims(domain="positive")]
    mu1: Annotated[FloatArray, Dims(domain="positive")]
    mu2: Annotated[FloatArray, Dims(domain="positive")]
    s: Annotated[FloatArray, Dims(domain="positive")]

    def is_valid(self) -> bool:
        """Whether all are positive; for the reducer, which changes them."""
        return all(bool(np.all(getattr(self, name) > 0)) for name in (*NAMES, "s"))


def _any(rng: np.random.Generator, size: int) -> FloatArray:
    return np.asarray(10.0 ** rng.uniform(-6, 6, (len(NAMES), size)))


def _one_large(rng: np.random.Generator, size: int) -> FloatArray:
    """One factor that dwarfs the others, so that its own growth shows."""
    factors = np.ones((len(NAMES), size))
    factors[rng.integers(len(NAMES), size=size), np.arange(size)] = 10.0 ** rng.uniform(3, 9, size)
    return factors


def _moderate(rng: np.random.Generator, size: int) -> FloatArray:
    return np.asarray(10.0 ** rng.uniform(-1, 1, (len(NAMES), size)))


STRATA: dict[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "1e-6 to 1e6": _any,
    "one large, the others 1": _one_large,
    "0.1 to 10": _moderate,
}


@dataclass(frozen=True)
class FactorStructure:
    """Factors of one stratum; s on both sides of 1, as near as 2^-20."""

    name: str

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` random cases."""
        fields: dict[str, Any] = dict(zip(NAMES, STRATA[self.name](rng, size), strict=True))
        s = 1 + 10.0 ** rng.uniform(-6, 3, size)
        return Batch(
            unchecked(Factors, **fields, s=np.where(rng.random(size) < 0.25, 1 / s, s)),
            size,
            self.name,
        )


@cache
@cornered(Factors)
def factors() -> Domain:
    """Factors of every stratum."""
    strata: Any = {name: st.just(FactorStructure(name)) for name in STRATA}
    return Domain(st.nothing(), strata, cases=CASES)
