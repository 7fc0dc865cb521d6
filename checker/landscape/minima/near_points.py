"""Minima near points: found in float64, with the constants that balls then have to prove.

Nothing here is proved. `checker.landscape.minima.proof` takes a point with its μ and r and decides
whether the objective has a minimum there.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import matmul
from typing import Annotated, Any

import numpy as np
import scipy

from checker.arithmetic.arrays.array import Array
from checker.arithmetic.functions import sq
from checker.arithmetic.plain import Plain
from checker.instances.fields import Dims, FloatArray, map_arrays, with_fields
from checker.landscape.budgets import NEARLY_CRITICAL, OPTIMISER_STEPS
from checker.landscape.losses.base import Loss
from checker.landscape.over_sample import require_positive
from checker.landscape.residual_unit.unit import UnitPoint

# The least radius that is tried: where the gradient is 0 any other would do.
_LEAST = 2.0**-30


@dataclass(frozen=True, eq=False)
class LinearProblem:
    """E l(cᵀx; y) as a function of c, with the rows of `columns` for x.

    Columns that are 0 or equal to another one add no freedom, and would make the Hessian singular:
    what counts is the sum of the coefficients of equal columns.

    Attributes
    ----------
    blocks
        The coefficients, one block after the other, each as a product of matrices and a vector.
    """

    columns: FloatArray
    y: FloatArray
    weights: FloatArray | None
    loss: Loss
    blocks: tuple[tuple[FloatArray, ...], ...]

    @cached_property
    def _distinct(self) -> tuple[Any, Any]:
        """Which columns stay, and for each column its representative's place, or -1."""
        _, first, of = np.unique(self.columns, axis=1, return_index=True, return_inverse=True)
        keep = self.columns[:, first].any(axis=0)
        place = np.where(keep, np.cumsum(keep) - 1, -1)
        return first[keep], place[np.ravel(of)]

    @cached_property
    def design(self) -> FloatArray:
        """The distinct columns, (n, k)."""
        found: FloatArray = self.columns[:, self._distinct[0]]
        return found

    def coefficients(self, kind: type[Array]) -> list[Any]:
        """c of the distinct columns, as numbers of an arithmetic."""
        blocks = [reduce(matmul, map(kind.constant, block)) for block in self.blocks]
        entries = [block[i] for block in blocks for i in range(block.shape[0])]
        sums: list[Any] = [kind.constant(0.0)] * self.design.shape[1]
        for x, place in zip(entries, self._distinct[1], strict=True):
            if place >= 0:
                sums[place] = sums[place] + x
        return sums

    def _averaged(self, values: Any) -> Any:
        return values / len(values) if self.weights is None else values * self.weights

    def derivatives(self) -> tuple[FloatArray, FloatArray]:
        """Gradient and Hessian in the reduced coefficients, in float64."""
        c = np.array([x.value[0] for x in self.coefficients(Plain)])
        at = Plain((self.design @ c)[:, None]), Plain(self.y[:, None])
        slopes = self._averaged(_flat(self.loss.slope(*at), len(self.y)))
        curvatures = self._averaged(_flat(self.loss.curvature(*at), len(self.y)))
        return self.design.T @ slopes, self.design.T @ (self.design * curvatures[:, None])


def _flat(values: Any, size: int) -> FloatArray:
    return np.broadcast_to(values.value[:, 0], (size,))


@dataclass(frozen=True, eq=False, kw_only=True)
class Certified(UnitPoint):
    """A point with a minimum of the objective near it, to be proved.

    Attributes
    ----------
    modulus, radius
        μ and r: the objective is said to be μ-strongly convex on the ball of radius r around the
        point, with ||∇|| < μ r. Then it has a minimum there, no lower than by ||∇||²/(2μ).
    whole
        Whether the ball is one in (W, V). Else it is one in (W, W V), on which alone the
        predictions depend, linearly.
    """

    modulus: Annotated[FloatArray | float, Dims(domain="positive")]
    radius: Annotated[FloatArray | float, Dims(domain="positive")]
    whole: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        require_positive(self, "modulus")
        require_positive(self, "radius")

    def is_valid(self) -> bool:
        """Whether labels, weights, μ, r and whatever else the point has are in their domains."""
        return super().is_valid() and bool(np.all(self.modulus > 0) and np.all(self.radius > 0))

    @property
    def parameters(self) -> tuple[str, str]:
        """The fields that F depends on."""
        return self.letters.output, "V"

    @property
    def comparators(self) -> tuple[str, ...]:
        """The fields that it does not depend on."""
        return (self.letters.comparator,)

    def linear_problems(self) -> list[LinearProblem]:
        """Problems, one per output, of which F is the sum; none where there is no such form."""
        raise NotImplementedError

    @cached_property
    def uncertainty(self) -> Any:
        """||∇||²/(2μ): the minimum's value is at least F minus that.

        0 where the loss has a kink: there the point itself is the minimum, or nothing is proved.
        """
        if not self.loss.twice_differentiable:
            return 0 * sq(self.output)
        # The gradient in (W, W V) is (E[l' xᵀ], E[l' zᵀ]).
        return sq(self.grad if self.whole else self.moments) / (2 * self.modulus)


def repaired(candidate: Any, before: Any) -> Any:
    """An instance that is a change of another one, with μ and r that fit it; None if none do.

    Where more than the parameters was changed, also moved to the minimum near by.
    """
    if not candidate.loss.twice_differentiable:
        return candidate
    names = {f.name for f in dataclasses.fields(candidate)}
    changed = {n for n in names if not _same(getattr(candidate, n), getattr(before, n))}
    if changed <= {"modulus", "radius", *candidate.comparators}:
        return candidate
    own = changed <= {*candidate.parameters, "modulus", "radius"}
    moved = candidate if own else minimised(candidate)
    return None if moved is None else with_constants(moved)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray | float):
        return np.array_equal(one, other)
    return bool(one == other)


# -- descent over the parameters ------------------------------------------------------------------


class _Parameters:
    """F and ∇F of a point in plain float64, as functions of its flat parameters."""

    def __init__(self, point: Any) -> None:
        self.point, self.names = point, point.parameters
        arrays = [np.asarray(getattr(point, name), dtype=float) for name in self.names]
        self.shapes, self.cuts = [a.shape for a in arrays], np.cumsum([a.size for a in arrays])[:-1]
        self.start = np.concatenate([a.ravel() for a in arrays])
        self._frame = map_arrays(point, _plain)

    def _named(self, v: FloatArray) -> dict[str, FloatArray]:
        parts = zip(self.names, np.split(v, self.cuts), self.shapes, strict=True)
        return {name: part.reshape(shape) for name, part, shape in parts}

    def moved(self, v: FloatArray) -> Any:
        """The point with other parameters."""
        return with_fields(self.point, **self._named(v))

    def value_and_slope(self, v: FloatArray) -> tuple[float, FloatArray]:
        """F and ∇F; (inf, 0) where F is not finite."""
        named = {name: _plain(part) for name, part in self._named(v).items()}
        at = with_fields(self._frame, **named)
        value, slope = float(at.F.value[0]), np.concatenate([np.ravel(g.value) for g in at.grad])
        return (value, slope) if np.isfinite(value) else (np.inf, np.zeros_like(v))

    def slope(self, v: FloatArray) -> FloatArray:
        """∇F."""
        return self.value_and_slope(v)[1]

    def hessian(self) -> FloatArray:
        """At the start, by central differences of the gradient."""
        steps = float(np.cbrt(np.finfo(float).eps)) * np.eye(len(self.start))
        ends = [(self.slope(self.start + t), self.slope(self.start - t)) for t in steps]
        rows = np.array([(up - down) / (2 * steps[0, 0]) for up, down in ends])
        return np.asarray((rows + rows.T) / 2)


def _plain(values: Any) -> Plain:
    return Plain(np.asarray(values, dtype=float)[..., None])


def minimised(point: Any, steps: int = OPTIMISER_STEPS) -> Any:
    """The point moved to where BFGS over its parameters ends, or None where that is nowhere."""
    F = _Parameters(point)
    options = {"maxiter": steps, "gtol": NEARLY_CRITICAL}
    with np.errstate(all="ignore"):
        end = scipy.optimize.minimize(
            F.value_and_slope, F.start, jac=True, method="BFGS", options=options
        ).x
        # BFGS may stop before, at rounding noise in F, where the gradient is about the root of it.
        critical = np.linalg.norm(F.slope(end)) <= 100 * NEARLY_CRITICAL * (1 + np.linalg.norm(end))
    return F.moved(end) if critical and np.isfinite(end).all() else None


def with_constants(point: Any) -> Any:
    """The point with powers of two for μ and r: half of λ_min and twice ||∇||/μ, about.

    None where the Hessian is not positive definite.
    """
    with np.errstate(all="ignore"):
        gradient, least = _gradient_and_least_curvature(point)
    if not (least > 0 and np.isfinite(gradient)):
        return None
    modulus = 2.0 ** np.floor(np.log2(least / 1.5))
    radius = 2.0 ** np.ceil(np.log2(max(2 * gradient / modulus, _LEAST)))
    return with_fields(point, modulus=float(modulus), radius=float(radius))


def _gradient_and_least_curvature(point: Any) -> tuple[float, float]:
    problems = point.linear_problems()
    if problems:
        pairs = [problem.derivatives() for problem in problems]
        if not all(np.isfinite(h).all() for _, h in pairs):
            return np.nan, np.nan
        least = min(float(np.linalg.eigvalsh(h)[0]) if h.size else 0.0 for _, h in pairs)
        return float(np.sqrt(sum((g**2).sum() for g, _ in pairs))), least
    F = _Parameters(point)
    slope, hessian = F.slope(F.start), F.hessian()
    if not np.isfinite(hessian).all():
        return np.nan, np.nan
    return float(np.linalg.norm(slope)), float(np.linalg.eigvalsh(hessian)[0])
