"""Linear predictors to compare with: the best one, and the one that makes a bound strongest.

Both are minima of convex functions of u, found by L-BFGS (SciPy) with one pass over X per step.
Nothing is assumed of what it returns: the theorems hold for every comparator, and F_lin is enclosed
there. How far the best one is from optimal is bounded by convexity: with g = ∇F_lin(u),

    F_lin(u) - min_{||v|| <= r} F_lin(v) <= gᵀu + r ||g||,

the duality gap of the problem on the ball (that of Frank and Wolfe).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from checker.arithmetic.plain import Plain
from checker.certification.budgets import LINEAR_DECREASE, LINEAR_STEPS
from checker.certification.moments import averaged
from checker.certification.source import Source, widened
from checker.errors import InputError
from checker.instances.fields import FloatArray

BEST = "best linear predictor found"
MINIMISED = "minimum of F_lin and the sharp bound"

# u -> value and gradient of a convex term that is added to F_lin.
Term = Callable[[FloatArray], tuple[float, FloatArray]]


def one_thread() -> AbstractContextManager[Any]:
    """One BLAS thread inside, also where NumPy was loaded with more.

    The steps of L-BFGS are small products, in which threads only wait for each other: on a busy
    machine ten times as long.
    """
    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits


class LinearProblem:
    """F_lin over the sample, in plain floats, with a change of variables that tames its Hessian.

    Of the predictor u, (d,), or the transpose of U, (d, K).
    """

    def __init__(self, source: Source, moment: FloatArray) -> None:
        """`moment` is E[x xᵀ], over some of the rows; it decides the speed only, (d, d)."""
        self._source = source
        self._factor = _regular_factor(moment)

    def minimise(self, start: FloatArray, term: Term | None = None) -> FloatArray:
        """An approximate minimum of F_lin + term, the best point seen; of the shape of `start`."""
        best: list[Any] = [np.inf, start]

        def value(v: FloatArray) -> tuple[float, FloatArray]:
            u = self._solved(v.reshape(start.shape))
            total, gradient = self._value(u)
            if term is not None:
                extra, slope = term(u)
                total, gradient = total + extra, gradient + slope
            if total < best[0] and np.isfinite(total) and np.isfinite(u).all():
                best[:] = [total, u]
            return total, self._solved(gradient, transposed=True).ravel()

        # Without a least value any comparator is as good as a far one.
        steps = LINEAR_STEPS if self._source.loss.bounded_below else 1
        options = {"maxiter": steps, "maxcor": 20, "ftol": LINEAR_DECREASE, "gtol": 0.0}
        with np.errstate(all="ignore"), one_thread():
            scipy.optimize.minimize(
                value, (self._factor @ start).ravel(), jac=True, method="L-BFGS-B", options=options
            )
        found: FloatArray = best[1]
        return found

    def _solved(self, v: FloatArray, *, transposed: bool = False) -> FloatArray:
        solution: FloatArray = scipy.linalg.solve_triangular(
            self._factor, v, trans=int(transposed), check_finite=False
        )
        return solution

    def _value(self, u: FloatArray) -> tuple[float, FloatArray]:
        total, gradient = 0.0, np.zeros_like(u)
        for block in self._source.rough():
            p, y = Plain((block.X @ u)[..., None]), Plain(block.y[..., None])
            losses = self._source.loss.value(p, y).value[:, 0]
            slopes = np.broadcast_to(self._source.loss.slope(p, y).value[..., 0], block.y.shape)
            total += float(block.weights @ losses)
            gradient += ((block.weights * slopes.T) @ block.X).T
        return averaged(total, self._source), averaged(gradient, self._source)


def predictors(
    source: Source,
    moment: FloatArray,
    start: FloatArray,
    ridge: float,
    term: Term | None,
    *,
    brief: bool,
) -> dict[str, FloatArray]:
    """The best linear predictor, and the one that makes F_lin plus the sharp bound least.

    The sharp bound is `term`, a function of u or of the transpose of U; it is for ridge = 0.
    """
    problem = LinearProblem(source, moment)
    best = problem.minimise(start.T, ridge_term(ridge) if ridge else None)
    if ridge or brief:
        return {BEST: best.T}
    return {BEST: best.T, MINIMISED: problem.minimise(best, term).T}


def coefficients(
    predictor: Any, name: str, shape: tuple[int, ...], *, bias: bool = False
) -> FloatArray:
    """The coefficients of a linear predictor: an array, or a fitted linear model of scikit-learn.

    `shape` is (d,), or (K, d) for K outputs; with `bias`, the last entry of a row is the bias.

    Raises
    ------
    InputError
        For a model that is not fitted, for an intercept without `bias`, and for wrong sizes.
    """
    if hasattr(predictor, "fit") and not hasattr(predictor, "coef_"):
        raise InputError(f"the model {name} is not fitted or not linear: it has no coef_")
    intercept = np.asarray(getattr(predictor, "intercept_", 0.0), dtype=np.float64)
    if intercept.any() and not bias:
        raise InputError(
            f"the model {name} has an intercept, and the network no output bias",
            why="Linear predictors are u ↦ uᵀx; with output_bias they have a bias, too",
            hint="Fit it with fit_intercept=False on the X that you certify",
        )
    u = widened(getattr(predictor, "coef_", predictor), name)
    if bias and hasattr(predictor, "coef_"):
        u = np.atleast_2d(u)
        u = np.hstack([u, np.broadcast_to(intercept.reshape(-1, 1), (len(u), 1))])
    u = u.ravel() if len(shape) == 1 else u
    if u.shape != shape or not np.isfinite(u).all():
        raise InputError(
            f"the predictor {name} has shape {u.shape}, or entries that are not finite; it needs "
            f"shape {shape}"
        )
    return u


def _regular_factor(moment: FloatArray) -> FloatArray:
    """An upper triangular R with RᵀR near the moment, however singular that is."""
    d = len(moment)
    size = float(np.trace(moment)) / d
    if not (np.isfinite(moment).all() and size > 0):
        return np.eye(d)
    for ridge in 10.0 ** np.arange(-10.0, 3.0, 2.0):
        try:
            factor: FloatArray = scipy.linalg.cholesky(moment + ridge * size * np.eye(d))
        except np.linalg.LinAlgError:
            continue
        return factor
    return np.eye(d)


def ridge_term(ridge: float) -> Term:
    """Weight decay r/2 ||u||² with its gradient, for u of any shape."""
    return lambda u: (ridge / 2 * float(np.vdot(u, u)), ridge * u)


def sharp_term(
    w: FloatArray, moving: FloatArray, V: FloatArray, grad_norm: float, b_norm: float
) -> Term:
    """The sharp bound on F - F_lin(u) as a convex function of u, with a subgradient.

    With w₁ = `moving`, w where V moves x: for w₁ != 0 that of Theorem 1,
    ||∇F|| √(||w - u||² + ||Vᵀu||²/||w₁||²); for w₁ = 0 that of Theorem 2,
    ||w - u|| ||∇F|| + ||Vᵀu|| ||b||.
    """
    square = float(moving @ moving)

    def at(u: FloatArray) -> tuple[float, FloatArray]:
        image, apart = V.T @ u, u - w
        if square > 0:
            size = float(np.sqrt(apart @ apart + image @ image / square))
            slope = (apart + V @ image / square) / size if size > 0 else np.zeros_like(u)
            return grad_norm * size, grad_norm * slope
        length, shadow = float(np.linalg.norm(apart)), float(np.linalg.norm(image))
        slope = grad_norm * apart / length if length > 0 else np.zeros_like(u)
        if shadow > 0:
            slope = slope + b_norm * (V @ image) / shadow
        return length * grad_norm + shadow * b_norm, slope

    return at
