"""The reduced function R(θ) = min over (w, q) of G(w, q, θ), q = Vᵀw: variable projection.

V enters F through q only, and G is convex in z = (w, q). So a critical point of F with w != 0 has
∂G/∂z = 0, which makes z a minimiser, and ∂G/∂θ = 0. By the envelope theorem ∇R(θ) = ∂G/∂θ there:
the critical points of R are those of F with w != 0, in fewer variables and far better conditioned.
By the implicit function theorem ∇²R is the Schur complement of ∂²G/∂z² in ∇²G.

G. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems
whose variables separate", SIAM J. Numer. Anal. 10 (1973).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy

from checker.census.budgets import DAMPING, DAMPING_TRIALS, HALVINGS, INNER_STEPS, NEWTON_STEPS
from checker.instances.fields import FloatArray
from checker.landscape.budgets import CONVERGED_GRADIENT, OPTIMISER_STEPS
from checker.landscape.minima.critical import Problem
from checker.landscape.networks.base import Pullback


@dataclass(frozen=True, eq=False)
class Inner:
    """The minimiser z over (w, q) at one θ, and what is needed of it."""

    problem: Problem
    theta: FloatArray

    @cached_property
    def _forward(self) -> tuple[FloatArray, Pullback]:
        return self.problem.network.forward(self.theta, self.problem.sample.X)

    @cached_property
    def columns(self) -> Any:
        """[X Z], or Z without the skip connection, (n, columns)."""
        Z = self._forward[0]
        return np.hstack([self.problem.sample.X, Z]) if self.problem.skip else Z

    @cached_property
    def z(self) -> Any:
        """(w, q), or q alone, flat."""
        return minimised_over(self.problem, self.columns)

    @property
    def q(self) -> Any:
        """What Vᵀw has to be, (m,)."""
        return self.z[-self.problem.network.m :]

    @cached_property
    def predictions(self) -> Any:
        """(n,)."""
        return self.columns @ self.z

    def gradient(self, z: FloatArray) -> FloatArray:
        """∂G/∂(z, θ) at this θ and any z."""
        problem = self.problem
        slopes = problem.slopes(self.columns @ z)
        inner = np.outer(slopes, z[-problem.network.m :])
        pulled = self._forward[1](inner)
        return np.concatenate([self.columns.T @ slopes, pulled])

    @cached_property
    def slope(self) -> FloatArray:
        """∇R(θ)."""
        return self.gradient(self.z)[len(self.z) :]

    @cached_property
    def _blocks(self) -> tuple[FloatArray, FloatArray]:
        """∂²G/∂θ² and dz/dθ, by central differences of the gradient of G in θ."""
        size, free = len(self.z), len(self.theta)
        rows = central_differences(
            lambda theta: Inner(self.problem, theta).gradient(self.z),
            self.theta,
            float(np.cbrt(np.finfo(float).eps)),
        )
        changes = np.reshape(rows, (free, size + free))
        mixed, own = changes[:, :size], changes[:, size:]
        curvatures = self.problem.curvatures(self.predictions)
        within = self.columns.T @ (self.columns * curvatures[:, None])
        if not np.isfinite(within).all():
            return np.full((free, free), np.nan), np.full((size, free), np.nan)
        follows = -np.linalg.pinv(within, hermitian=True) @ mixed.T
        return own + mixed @ follows, follows

    @cached_property
    def hessian(self) -> FloatArray:
        """∇²R(θ)."""
        schur = self._blocks[0]
        return (schur + schur.T) / 2

    def direction_at(self, v: FloatArray) -> FloatArray:
        """A direction at a lift v of z along which F curves as R along its lowest eigenvector."""
        theta = scipy.linalg.eigh(np.nan_to_num(self.hessian, posinf=0.0, neginf=0.0))[1][:, 0]
        z, d = self._blocks[1] @ theta, self.problem.sample.d
        w, V, _ = self.problem.split(v)
        moved = z[:d] if self.problem.skip else np.zeros(d)
        turned = np.outer(w, z[-len(self.q) :] - V.T @ moved) / (w @ w)
        return np.concatenate([moved, turned.ravel(), theta])

    def lifted(self) -> FloatArray:
        """A flat (w, V, θ) with Vᵀw = q; V has rank one."""
        d = self.problem.sample.d
        w = self.z[:d] if self.problem.skip else np.eye(d)[0]
        length = w @ w
        V = np.outer(w, self.q) / length if length else np.zeros((d, len(self.q)))
        return np.concatenate([w, V.ravel(), self.theta])


def central_differences(
    function: Callable[[FloatArray], FloatArray], at: FloatArray, step: float
) -> list[FloatArray]:
    """Derivatives of a function along every axis, one after the other."""
    return [(function(at + t) - function(at - t)) / (2 * step) for t in step * np.eye(len(at))]


def minimised_over(problem: Problem, columns: FloatArray, ridge: float = 0.0) -> FloatArray:
    """The minimiser of the convex z -> E l(columns z; y) + ridge/2 ||z||², about."""
    if not np.isfinite(columns).all():
        return np.full(columns.shape[1], np.nan)
    if problem.loss.kind != "squared":
        return _by_newton(_Convex(problem, columns, ridge))
    n, size, weights = problem.sample.n, columns.shape[1], problem.sample.weights
    roots = np.sqrt(np.full(n, 1 / n) if weights is None else weights)
    # The penalty is that of further rows with the label 0.
    rows = np.vstack([columns * roots[:, None], np.sqrt(ridge) * np.eye(size)])
    targets = np.concatenate([problem.sample.y * roots, np.zeros(size)])
    if not ridge:
        rows, targets = rows[:n], targets[:n]
    return np.asarray(np.linalg.lstsq(rows, targets, rcond=None)[0])


@dataclass(frozen=True, eq=False)
class _Convex:
    """z -> E l(columns z; y) + ridge/2 ||z||²."""

    problem: Problem
    columns: FloatArray
    ridge: float

    def value(self, z: FloatArray) -> float:
        return self.problem.risk(self.columns @ z) + self.ridge / 2 * float(z @ z)

    def gradient(self, z: FloatArray) -> FloatArray:
        slope: FloatArray = self.columns.T @ self.problem.slopes(self.columns @ z) + self.ridge * z
        return slope

    def hessian(self, z: FloatArray) -> FloatArray:
        curvatures = self.problem.curvatures(self.columns @ z)
        bend: FloatArray = self.columns.T @ (self.columns * curvatures[:, None])
        return bend + self.ridge * np.eye(len(z))


def _by_newton(convex: _Convex) -> FloatArray:
    z, gradient = _newton_descent(convex, np.zeros(convex.columns.shape[1]))
    if np.linalg.norm(gradient) > CONVERGED_GRADIENT:
        # Where the loss is flat, far from the labels, its curvature rounds to 0 and Newton's step
        # says nothing: first come nearer without it.
        z, _ = _newton_descent(convex, _by_gradients(convex, z))
    return _last_digits(convex, z)


def _newton_descent(convex: _Convex, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Newton steps, halved until the value falls; the end and the gradient there."""
    value = convex.value(z)
    for _ in range(INNER_STEPS):
        step, gradient = _newton_step(convex, z)
        for _ in range(HALVINGS):
            moved = convex.value(z + step)
            if moved < value:
                break
            step /= 2
        else:
            return z, gradient
        z, value = z + step, moved
    return z, _newton_step(convex, z)[1]


def _by_gradients(convex: _Convex, z: FloatArray) -> FloatArray:
    found = scipy.optimize.minimize(
        convex.value,
        z,
        jac=convex.gradient,
        method="L-BFGS-B",
        options={"maxiter": OPTIMISER_STEPS, "ftol": 0.0, "gtol": CONVERGED_GRADIENT},
    )
    reached: FloatArray = found.x
    return reached if np.isfinite(reached).all() else z


def _newton_step(convex: _Convex, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A step of Newton's method, and the gradient."""
    gradient, hessian = convex.gradient(z), convex.hessian(z)
    if not (np.isfinite(hessian).all() and np.isfinite(gradient).all()):
        return np.full_like(z, np.nan), gradient
    return -np.linalg.pinv(hessian, hermitian=True) @ gradient, gradient


def _last_digits(convex: _Convex, z: FloatArray) -> FloatArray:
    """Further steps while the gradient falls, where the value has no digits left to tell."""
    step, gradient = _newton_step(convex, z)
    for _ in range(HALVINGS):
        further, after = _newton_step(convex, z + step)
        if not np.linalg.norm(after) < np.linalg.norm(gradient):
            break
        z, step, gradient = z + step, further, after
    return z


def reduced_value(problem: Problem, theta: FloatArray) -> tuple[float, FloatArray]:
    """R(θ) and ∇R(θ)."""
    inner = Inner(problem, theta)
    return problem.risk(inner.predictions), inner.slope


def descended(problem: Problem, theta: FloatArray, steps: int, tied: Any = None) -> FloatArray:
    """Minimise R from θ by L-BFGS; among all θ = φ[tied] if that is given."""
    of = np.arange(len(theta)) if tied is None else tied
    start = theta[np.unique(of, return_index=True)[1]]
    if not len(start):
        return theta

    def function(free: FloatArray) -> tuple[float, FloatArray]:
        value, slope = reduced_value(problem, free[of])
        return value, np.bincount(of, slope).astype(np.float64)

    options = {"maxiter": steps, "maxcor": 20, "ftol": 0.0, "gtol": CONVERGED_GRADIENT}
    found = scipy.optimize.minimize(function, start, jac=True, method="L-BFGS-B", options=options)
    reached: FloatArray = found.x[of]
    return reached


def stationary(
    problem: Problem, theta: FloatArray, known: list[FloatArray] | None = None
) -> Inner | None:
    """A critical point of R near θ, of any index, away from the `known` predictions; or None.

    Levenberg-Marquardt on ∇R = 0 with the exact Hessian and deflation. Saddles attract it as much
    as minima do.
    """
    inner, damping = Inner(problem, theta), DAMPING
    # Without parameters R is a constant.
    for _ in range(NEWTON_STEPS if len(theta) else 0):
        if not np.isfinite(inner.slope).all() or not np.isfinite(inner.hessian).all():
            return None
        damping, moved = _damped(inner, damping, known or [])
        # At a critical point steps help until the last digit.
        if moved is None:
            break
        inner = moved
    small = CONVERGED_GRADIENT * (1 + np.linalg.norm(inner.z))
    return inner if np.linalg.norm(inner.slope) <= small else None


def _damped(inner: Inner, damping: float, known: list[FloatArray]) -> tuple[float, Inner | None]:
    """A step that makes the deflated gradient smaller, and the damping for the next one."""
    values, vectors = scipy.linalg.eigh(inner.hessian)
    along, scale = vectors.T @ inner.slope, np.abs(values).max(initial=0.0)
    before = _deflated(inner, known)
    for _ in range(DAMPING_TRIALS if before else 0):
        step = -vectors @ (values * along / (values**2 + damping * scale**2))
        moved = Inner(inner.problem, inner.theta + step * _deflation(inner, step, known))
        if _deflated(moved, known) < before:
            return damping / 10, moved
        damping *= 10
    return damping, None


def _deflated(inner: Inner, known: list[FloatArray]) -> float:
    return float(np.linalg.norm(inner.slope) * np.exp(_log_deflator(inner, known)))


def _deflation(inner: Inner, step: FloatArray, known: list[FloatArray]) -> float:
    """What multiplying ∇R by M(θ) = Π (1 + 1/distance²) makes of a Newton step.

    The step of Newton's method for M ∇R is 1/(1 - d(log M) step) times that for ∇R.
    P. Farrell, A. Birkisson, S. Funke, "Deflation techniques for finding distinct solutions of
    nonlinear partial differential equations", SIAM J. Sci. Comput. 37 (2015).
    """
    if not known:
        return 1.0
    short = float(np.cbrt(np.finfo(float).eps))
    moved = Inner(inner.problem, inner.theta + short * step)
    change = (_log_deflator(moved, known) - _log_deflator(inner, known)) / short
    return float(np.clip(1 / (1 - change), -10.0, 10.0)) if change != 1 else 1.0


def _log_deflator(inner: Inner, known: list[FloatArray]) -> float:
    distances = (((inner.predictions - other) ** 2).mean() for other in known)
    return float(sum(np.log1p(1 / max(d, np.finfo(float).tiny)) for d in distances))
