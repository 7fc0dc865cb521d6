"""Critical points of F over (w, V, θ): found by optimisers, or constructed at w = 0.

What an optimiser returns is a point with a small gradient, no more. It is polished by Newton's
method in (w, V) with θ fixed, which is all that the theorems ask for; gradient and least
eigenvalue are enclosed afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
import scipy

from checker.arithmetic.plain import Plain, Traced
from checker.instances.fields import FloatArray, map_arrays, with_fields
from checker.landscape.budgets import CONVERGED_GRADIENT, DIVERGING_GROWTH, OPTIMISER_STEPS
from checker.landscape.losses.base import Loss
from checker.landscape.networks.base import Network
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.sample import Sample
from checker.stopping import check


class Search(Enum):
    """What became of one search for a critical point."""

    CONVERGED = "converged"
    DIVERGING = "diverging: the infimum is not attained"
    UNCONVERGED = "not converged within the budget"


@dataclass(frozen=True, eq=False)
class Problem:
    """A training problem: sample, loss and feature map; parameters are one flat (w, V, θ).

    Attributes
    ----------
    skip
        Whether the unit has its skip connection: x -> wᵀ(x + V f_θ(x)), else x -> wᵀ V f_θ(x).
    ridge
        λ >= 0 in the term λ/2 (||w||² + ||V||²), which the theorems do not allow.
    """

    sample: Sample
    loss: Loss
    network: Network
    skip: bool = True
    ridge: float = 0.0

    @property
    def _sizes(self) -> tuple[int, int]:
        return self.sample.d, self.sample.d * self.network.m

    def split(self, v: Any) -> tuple[Any, Any, Any]:
        """w (d,), V (d, m) and θ out of the flat vector."""
        d, dm = self._sizes
        return v[:d], v[d : d + dm].reshape((d, self.network.m)), v[d + dm :]

    def initial(self, rng: np.random.Generator, scale: float = 1.0) -> FloatArray:
        """A random start."""
        d, dm = self._sizes
        theta = self.network.initial(rng)
        return np.concatenate([scale * rng.standard_normal(d + dm), theta])

    def value(self, v: Any) -> Any:
        """F(w, V, θ), differentiable by autograd."""
        check()
        w, V, theta = self.split(v)
        Z = self.network.features(theta, self.sample.X)
        p = self._inputs @ w + Z @ (V.T @ w)
        losses = self.loss.value(Traced(p[:, None]), Traced(self.sample.y[:, None])).value[:, 0]
        weights = self.sample.weights
        mean = (losses.sum() / len(losses)) if weights is None else (losses * weights).sum()
        return mean + self.ridge / 2 * ((w**2).sum() + (V**2).sum()) if self.ridge else mean

    @cached_property
    def _inputs(self) -> FloatArray:
        """What the skip connection adds: X, or 0."""
        return self.sample.X if self.skip else np.zeros_like(self.sample.X)

    def gradient(self, v: FloatArray) -> FloatArray:
        """∇F over (w, V, θ), flat as v."""
        w, V, theta = self.split(v)
        X, Z = self._inputs, self.network.features(theta, self.sample.X)
        q = V.T @ w
        slopes = self.slopes(X @ w + Z @ q)
        back = Z.T @ slopes
        pulled = self.network.pullback(theta, self.sample.X, np.outer(slopes, q))
        parts = (X.T @ slopes + V @ back, np.outer(w, back).ravel(), pulled)
        gradient = np.concatenate(parts)
        gradient[: sum(self._sizes)] += self.ridge * v[: sum(self._sizes)]
        return gradient

    def risk(self, p: FloatArray) -> float:
        """E l(p; y) for predictions p (n,), without regularisation."""
        losses = self.loss.value(Plain(p[:, None]), Plain(self.sample.y[:, None])).value[:, 0]
        return float(self._averaged(losses).sum())

    def slopes(self, p: FloatArray) -> FloatArray:
        """dF/dp_i, (n,), for predictions p (n,)."""
        # Every search asks for it, and so hears of the end of the run.
        check()
        slopes = self.loss.slope(Plain(p[:, None]), Plain(self.sample.y[:, None])).value[:, 0]
        return self._averaged(slopes)

    def curvatures(self, p: FloatArray) -> FloatArray:
        """d²F/dp_i², (n,), for predictions p (n,)."""
        at = Plain(p[:, None]), Plain(self.sample.y[:, None])
        return self._averaged(self.loss.curvature(*at).value[:, 0])

    def _averaged(self, values: FloatArray) -> FloatArray:
        weights = self.sample.weights
        return values / len(values) if weights is None else values * weights

    def point(self, v: FloatArray, w_star: FloatArray) -> Point:
        """The point of F_θ at v, with its comparator; its X is 0 without the skip connection."""
        w, V, theta = self.split(v)
        Z = np.ascontiguousarray(self.network.features(theta, self.sample.X))
        X, y, weights = self._inputs, self.sample.y, self.sample.weights
        return Point(X, y, Z, w.copy(), V.copy(), w_star, self.loss, weights)


def minimise(
    problem: Problem, start: FloatArray, steps: int = OPTIMISER_STEPS
) -> tuple[FloatArray, Search]:
    """Minimise F over (w, V, θ) by L-BFGS from a start, then polish in (w, V)."""
    with np.errstate(all="ignore"):
        first = _descend(problem, start, steps)
        polished, outcome = polish(problem, first)
        # The polish may run uphill to a saddle; then the minimiser's own point is worth more.
        if outcome is Search.CONVERGED and problem.value(polished) <= problem.value(first):
            return polished, outcome
        last = _descend(problem, first, steps)
        grown = np.linalg.norm(last) > DIVERGING_GROWTH * np.linalg.norm(first)
        if grown and problem.value(last) < problem.value(first):
            return last, Search.DIVERGING
        return polish(problem, last)


def _descend(problem: Problem, start: FloatArray, steps: int) -> FloatArray:
    options = {"maxiter": steps, "maxcor": 20, "ftol": 0.0, "gtol": CONVERGED_GRADIENT}
    found = scipy.optimize.minimize(
        problem.value, start, jac=problem.gradient, method="L-BFGS-B", options=options
    )
    reached: FloatArray = found.x
    return reached


def find_saddle(problem: Problem, start: FloatArray) -> tuple[FloatArray, Search]:
    """Solve ∇F_θ(w, V) = 0 from a start by least squares on the gradient; θ stays as it is.

    Saddles attract this search as much as minima do.
    """
    with np.errstate(all="ignore"):
        return polish(problem, start)


def polish(problem: Problem, v: FloatArray) -> tuple[FloatArray, Search]:
    """Newton's method (Levenberg-Marquardt) on ∇F_θ = 0 in (w, V)."""
    d, dm = problem._sizes
    theta = v[d + dm :]
    frame = problem.point(v, np.zeros(d))
    if not np.isfinite(frame.Z).all():
        return v, Search.UNCONVERGED
    solved = scipy.optimize.root(
        lambda u: _gradient(_moved(frame, u)) + problem.ridge * u,
        v[: d + dm],
        jac=lambda u: _hessian(_moved(frame, u)) + problem.ridge * np.eye(len(u)),
        method="lm",
        options={"xtol": 0.0, "ftol": 0.0, "gtol": 0.0, "maxiter": OPTIMISER_STEPS},
    )
    found = np.concatenate([solved.x, theta])
    return found, _judged(problem.ridge, frame, v[: d + dm], solved.x)


def _judged(ridge: float, frame: Point, start: FloatArray, end: FloatArray) -> Search:
    if not np.isfinite(end).all():
        return Search.UNCONVERGED
    size, before = np.linalg.norm(end), np.linalg.norm(start)
    gradient = _gradient(_moved(frame, end)) + ridge * end
    if np.linalg.norm(gradient) <= CONVERGED_GRADIENT * (1 + size):
        # Levenberg-Marquardt runs after a gradient that vanishes at infinity, too.
        runaway = size > 1 / CONVERGED_GRADIENT**0.25 and size > DIVERGING_GROWTH * before
        return Search.DIVERGING if runaway else Search.CONVERGED
    return Search.DIVERGING if size > 10 * DIVERGING_GROWTH * (1 + before) else Search.UNCONVERGED


def _moved(frame: Point, u: FloatArray) -> Point:
    d, m = frame.V.shape
    return plain(with_fields(frame, w=u[:d], V=u[d:].reshape(d, m)))


def plain(point: Point) -> Point:
    """A point in plain float64, as a batch of one."""
    return map_arrays(point, lambda a: Plain(a[..., None]))


def _gradient(at: Point) -> FloatArray:
    w, V = at.grad
    return np.concatenate([w.value[..., 0], V.value[..., 0].ravel()])


def _hessian(at: Point) -> FloatArray:
    matrix: FloatArray = at.hessian.value[..., 0]
    return matrix


def saddle_at_w_zero(
    sample: Sample, loss: Loss, Z: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray] | None:
    """A member (w, V) of the explicit family of critical points with w = 0, or None.

    At w = 0 the gradient is (a + V b, 0) with a = E[l'(0; y) x] and b = E[l'(0; y) f], so
    V = -a bᵀ/||b||² + N with N b = 0 are all of them when b != 0.
    """
    d, m = sample.d, Z.shape[1]
    w, V = np.zeros(d), np.zeros((d, m))
    at = plain(Point(sample.X, sample.y, Z, w, V, w, loss, sample.weights))
    a, b = at.a.value[:, 0], at.b.value[:, 0]
    if not np.isfinite(b).all() or not b.any():
        return None
    free = rng.standard_normal((d, m)) * rng.integers(0, 2)
    free -= np.outer(free @ b, b) / (b @ b)
    return np.zeros(d), -np.outer(a, b) / (b @ b) + free
