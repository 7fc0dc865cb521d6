"""Points above the linear level that are provably local minima, where Assumption 1 fails.

Corollary 1 of Shamir (2018) says that there are none under Assumption 1. Both families have
d = m = 1 and integers, so that their premises are decided exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, FloatArray, unchecked
from checker.claim import Domain
from checker.landscape.losses_outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.objective import Point


def _point(kind: str, **fields: FloatArray) -> Point:
    return unchecked(Point, **fields, loss=OUTSIDE_ASSUMPTION_1[kind], weights=None)


@dataclass(frozen=True, eq=False)
class KinkStructure:
    """Points with w = 0 and the loss |p - y|, labels -1, 0 and 1: label 0 meets the kink.

    At w = 0 the objective is E|y - w (x + V f)|. Samples with label 0 pull w back to 0 from both
    sides, whatever the others say, if their |x + V f| is large enough.
    """

    n: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points; whether each is a local minimum is for the premise to say."""
        n = self.n
        y = rng.integers(-1, 2, (n, size)).astype(float)
        X, Z = (rng.integers(-2, 3, (n, 1, size)).astype(float) for _ in range(2))
        V = rng.integers(-4, 5, (1, 1, size)).astype(float)
        w_star = rng.integers(-4, 5, (1, size)) / 2.0
        w = np.zeros((1, size))
        point = _point("absolute", X=X, y=y, Z=Z, w=w, V=V, w_star=w_star)
        return Batch(point, size, "kinks at w = 0", f"n={n} d=1 m=1, absolute")


@dataclass(frozen=True, eq=False)
class HollowStructure:
    """Points with x + V f = 0 at every sample, labels symmetric about 0, a bounded loss.

    All predictions are 0 and stay equal nearby; a few labels 0 make that a local minimum, while
    most labels are far away on both sides and only one side could be fitted.
    """

    pairs: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points; whether each is a local minimum is for the premise to say."""
        far = rng.integers(1, 12, (self.pairs, size)).astype(float)
        y = np.concatenate([far, -far, np.zeros((1, size))])
        V = rng.integers(1, 4, (1, 1, size)) * rng.choice([-1.0, 1.0], (1, 1, size))
        Z = np.ones((len(y), 1, size))
        w = rng.integers(-3, 4, (1, size)).astype(float)
        w_star = rng.integers(-12, 13, (1, size)).astype(float)
        X = -V * Z
        point = _point("geman_mcclure", X=X, y=y, Z=Z, w=w, V=V, w_star=w_star)
        return Batch(point, size, "x + V f = 0", f"n={len(y)} d=1 m=1, geman_mcclure")

    max_batch = 256


@cache
def minima_at_kinks() -> Domain:
    """Candidates for bad local minima of a convex loss with a kink."""
    structure: st.SearchStrategy[Any] = st.builds(KinkStructure, n=st.integers(2, 5))
    return Domain(st.nothing(), {"kinks at w = 0": structure})


@cache
def minima_of_bounded_losses() -> Domain:
    """Candidates for bad local minima of a smooth loss that is not convex."""
    structure: st.SearchStrategy[Any] = st.builds(HollowStructure, pairs=st.integers(1, 4))
    return Domain(st.nothing(), {"x + V f = 0": structure})
