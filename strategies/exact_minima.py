"""Local minima and critical points, exactly so, at which a theorem's conclusion fails.

For false neighbours of Kawaguchi and Bengio (2019): more outputs than inputs, and the families of
one output that refute the neighbours of Corollary 1 of Shamir (2018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.instances import Batch, unchecked
from checker.claim import Assumption, Domain
from checker.landscape.objective import Point
from checker.landscape.residual import ResidualPoint
from checker.landscape.vector_losses import SQUARED, Separable


@dataclass(frozen=True, eq=False)
class WideMinima:
    """K = 2 outputs, d = m = 1, samples (x, z) = (1, 0) and (0, 1), squared loss, integers.

    W = 2p, residuals g and -v g with g ⟂ p, ||g|| = ||p||: the gradient is 0 and the Hessian
    [[(1 + v²) I, -v-g terms], [., ||W||²]] has the Schur complement (||W||² - ||g||²)/(1 + v²) > 0,
    a strict local minimum of value > 0; the comparator x -> Y_1 x + Y_2 z has the value 0.
    """

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` strict local minima."""
        p = rng.integers(1, 4, (2, size)) * rng.choice([-1.0, 1.0], (2, size))
        v = rng.integers(-3, 4, size).astype(float)
        g = np.stack([-p[1], p[0]])
        Y = np.stack([2 * p + v * g, 2 * p * v - g])
        eye = np.eye(2)[..., None] * np.ones(size)
        fields = {"X": eye[:, :1], "Z": eye[:, 1:], "Y": Y, "W": 2 * p[:, None], "V": v[None, None]}
        point = unchecked(
            ResidualPoint,
            **fields,
            W_star=Y[0][:, None],
            S=Y[1][:, None],
            loss=SQUARED,
            weights=None,
        )
        return Batch(point, size, "K = 2, d = 1", "two samples, squared loss")


def is_strict_minimum(at: Any) -> Any:
    """Gradient 0 and a positive Schur complement at a point of `WideMinima`, in small integers."""
    sizes = [np.shape(getattr(at, name))[:2] for name in ("X", "Z", "W", "V")]
    if sizes != [(2, 1), (2, 1), (2, 1), (1, 1)] or at.loss != SQUARED or at.weights is not None:
        return np.zeros(np.shape(at.V)[2:], dtype=bool)
    arrays = (at.X, at.Z, at.Y, at.W, at.V)
    small = [np.all((a == np.rint(a)) & (np.abs(a) < 1e4), axis=(0, 1)) for a in arrays]
    design = (at.X[0] == 1) & (at.X[1] == 0) & (at.Z[0] == 0) & (at.Z[1] == 1)
    w, v = at.W[:, 0], at.V[0, 0]
    first, second = w - at.Y[0], w * v - at.Y[1]
    critical = np.all(first + v * second == 0, axis=0) & ((w * second).sum(axis=0) == 0)
    strict = (w**2).sum(axis=0) > (second**2).sum(axis=0)
    return np.logical_and.reduce([*small, design[0], critical, strict])


@cache
def wide_minima() -> Domain:
    """Strict local minima with more outputs than inputs."""
    return Domain(st.nothing(), {"K = 2, d = 1": st.builds(WideMinima)})


# -- one output, as a case of several ---------------------------------------------------------


@dataclass(frozen=True, eq=False)
class OneOutput:
    """The points of a structure with one output as points with K = 1; S = 0."""

    points: Any

    @property
    def max_batch(self) -> int:
        """As the structure's own."""
        return int(getattr(self.points, "max_batch", 256))

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """`size` points."""
        drawn = self.points.batch(rng, size)
        at = drawn.instances
        m = at.V.shape[1]
        point = unchecked(
            ResidualPoint,
            X=at.X,
            Y=at.y[:, None],
            Z=at.Z,
            W=at.w[None],
            V=at.V,
            W_star=at.w_star[None],
            S=np.zeros((1, m, drawn.size)),
            loss=Separable(at.loss),
            weights=at.weights,
        )
        return Batch(point, drawn.size, drawn.stratum, drawn.origin)


@cache
def one_output(domain: Callable[[], Domain]) -> Domain:
    """The strata of a domain of points with one output, as points with K = 1."""
    strata = {
        name: st.builds(OneOutput, structures) for name, structures in domain().strata.items()
    }
    return Domain(st.nothing(), strata)


def as_premise(assumption: Assumption) -> Assumption:
    """A premise on points with one output as one on points with K = 1."""
    return Assumption(
        assumption.name,
        assumption.statement,
        lambda at: at.W.shape[0] == 1 and assumption.holds(_point(at)),
    )


def _point(at: Any) -> Point:
    return unchecked(
        Point,
        X=at.X,
        y=at.Y[:, 0],
        Z=at.Z,
        w=at.W[0],
        V=at.V,
        w_star=at.W_star[0],
        loss=at.loss.each,
        weights=at.weights,
    )
