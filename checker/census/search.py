"""Searches for critical points of F over (w, V, θ), a task for every start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy

from checker.arithmetic.checks.environment import require_sound_arithmetic
from checker.census.budgets import (
    CENSUS_DEFLATIONS,
    CENSUS_EVALUATIONS,
    CENSUS_STEPS,
    SAME_PREDICTIONS,
)
from checker.census.enclosed import Enclosed
from checker.census.point import CensusPoint, Linear, examined, linear_value
from checker.census.reduced import Inner, descended, minimised_over, stationary
from checker.census.symmetry import copied_units
from checker.instances.fields import FloatArray
from checker.landscape.budgets import CONVERGED_GRADIENT
from checker.landscape.minima.critical import (
    Problem,
    Search,
    find_saddle,
    minimise,
    saddle_at_w_zero,
)
from checker.landscape.minima.strong_convexity import linear_minimum

Found = list[tuple[FloatArray, Search]]
Finder = Callable[[Problem, np.random.Generator], Found]


def linear_level(problem: Problem) -> Linear:
    """inf F_lin, enclosed by strong convexity near its minimiser, else bounded from above only.

    With regularisation, the level of the best regularised linear predictor, which is F at V = 0.
    """
    require_sound_arithmetic()
    sample, loss = problem.sample, problem.loss
    with np.errstate(all="ignore"):
        w = minimised_over(problem, sample.X, problem.ridge)
    found = linear_minimum(sample, loss, w, problem.ridge)
    if found is not None and found.is_global:
        return Linear(Enclosed(found.low, found.high), w)
    return Linear(Enclosed(-np.inf, linear_value(sample, loss, w, problem.ridge).high), w)


def found_from(problem: Problem, seed: int, start: int) -> Found:
    """What the search from one start returns; methods take turns."""
    rng = np.random.default_rng([seed, start])
    with np.errstate(all="ignore"):
        found = methods_for(problem)[_method(problem, start)](problem, rng)
    return [(v, outcome) for v, outcome in found if np.isfinite(v).all()]


def judged(problem: Problem, linear: Linear, start: int, found: Found) -> list[CensusPoint]:
    """The points of one start with all that can be proved of them."""
    method = _method(problem, start)
    points = (examined(problem, linear, v, outcome, method, start) for v, outcome in found)
    return [p for p in points if p is not None]


def _method(problem: Problem, start: int) -> str:
    methods = list(methods_for(problem))
    return methods[start % len(methods)]


def methods_for(problem: Problem) -> dict[str, Finder]:
    """What is tried on a problem, in turn.

    Regularisation makes F depend on more of V than Vᵀw: the reduced function is not for it. With θ
    fixed and no regularisation the critical points are known: minima of a convex function, and
    those with w = 0. Without the skip connection the former may be bad, at any θ: shown, too.
    """
    fixed: dict[str, Finder] = {"gradient norm, θ fixed": _saddle}
    if problem.ridge:
        return {"minimisation": _minimum, "gradient norm": _stationary, **fixed}
    return {
        "minimisation": _reduced_minimum,
        "gradient norm": _reduced_stationary,
        "symmetric start": _symmetric,
        "explicit, w = 0": _explicit,
        **({} if problem.skip else fixed),
    }


def _minimum(problem: Problem, rng: np.random.Generator) -> Found:
    return [minimise(problem, problem.initial(rng), CENSUS_STEPS)]


def _reduced_minimum(problem: Problem, rng: np.random.Generator) -> Found:
    return [_polished(problem, descended(problem, problem.network.initial(rng), CENSUS_STEPS))]


def _polished(problem: Problem, theta: FloatArray) -> tuple[FloatArray, Search]:
    """The critical point of R near the end of a descent, to the last digit, or that end itself."""
    end = Inner(problem, theta)
    return ((stationary(problem, theta) or end).lifted(), Search.CONVERGED)


def _symmetric(problem: Problem, rng: np.random.Generator) -> Found:
    """Minimise among networks of which two units are copies.

    A critical point among these is one among all: often a saddle, where one unit does the work of
    two. K. Fukumizu, S. Amari, "Local minima and plateaus in hierarchical structures of multilayer
    perceptrons", Neural Networks 13 (2000).
    """
    tied = copied_units(problem.network, rng)
    return [
        _polished(problem, descended(problem, problem.network.initial(rng), CENSUS_STEPS, tied))
    ]


def _reduced_stationary(problem: Problem, rng: np.random.Generator) -> Found:
    """Several solutions of ∇R(θ) = 0 from one start, each away from those before by deflation."""
    # Descent passes by saddles; the search takes over at a random stage of it.
    start = problem.network.initial(rng, scale=float(rng.choice([0.3, 1.0, 3.0])))
    steps = int(rng.choice([0, 1, 3, 10, 30, 60]))
    start = descended(problem, start, steps) if steps else start
    known: list[FloatArray] = []
    found: Found = []
    for _ in range(CENSUS_DEFLATIONS):
        inner = stationary(problem, start, known)
        if inner is None:
            return found
        found.append((inner.lifted(), Search.CONVERGED))
        known.append(inner.predictions)
    return found


def _saddle(problem: Problem, rng: np.random.Generator) -> Found:
    """From near w = 0 the search often ends in a saddle, from elsewhere in a minimum."""
    return [find_saddle(problem, problem.initial(rng, scale=float(rng.choice([0.1, 1.0]))))]


def _explicit(problem: Problem, rng: np.random.Generator) -> Found:
    v = problem.initial(rng)
    point = problem.point(v, np.zeros(problem.sample.d))
    member = saddle_at_w_zero(replace(problem.sample, X=point.X), problem.loss, point.Z, rng)
    if member is None:
        return []
    w, V = member
    return [(np.concatenate([w, V.ravel(), problem.split(v)[2]]), Search.CONVERGED)]


def _stationary(problem: Problem, rng: np.random.Generator) -> Found:
    """Solve ∇F = 0 over (w, V, θ) by least squares, several times, away from what was found.

    Deflation: the residual is multiplied by 1 + 1/distance², so that a known point is no zero any
    more. Distances are those of the predictions, in which copies by symmetry coincide.
    P. Farrell, A. Birkisson, S. Funke, "Deflation techniques for finding distinct solutions of
    nonlinear partial differential equations", SIAM J. Sci. Comput. 37 (2015).
    """
    start = problem.initial(rng, scale=float(rng.choice([0.1, 1.0])))
    # Descent passes by saddles; the least squares take over at a random stage of it.
    options = {"maxiter": int(rng.integers(5, 60))}
    start = scipy.optimize.minimize(
        problem.value, start, jac=problem.gradient, method="L-BFGS-B", options=options
    ).x
    known: list[FloatArray] = []
    found: Found = []
    for _ in range(CENSUS_DEFLATIONS):
        v = _solved(problem, start, known)
        size = np.linalg.norm(problem.gradient(v))
        if size <= np.sqrt(CONVERGED_GRADIENT) * (1 + np.linalg.norm(v)):
            found.append((v, Search.CONVERGED))
            known.append(_predictions(problem, v))
    return found


def _solved(problem: Problem, start: FloatArray, known: list[FloatArray]) -> FloatArray:
    def residual(v: FloatArray) -> FloatArray:
        gradient = problem.gradient(v)
        here = _predictions(problem, v)
        for other in known:
            gradient = gradient * (1 + 1 / max(((here - other) ** 2).mean(), SAME_PREDICTIONS**2))
        finite: FloatArray = np.nan_to_num(gradient, nan=1e9, posinf=1e9, neginf=-1e9)
        return finite

    options = {"maxiter": CENSUS_EVALUATIONS, "xtol": 1e-14, "ftol": 0.0, "gtol": 0.0}
    solved: FloatArray = scipy.optimize.root(residual, start, method="lm", options=options).x
    return solved


def _predictions(problem: Problem, v: FloatArray) -> FloatArray:
    point = problem.point(v, np.zeros(problem.sample.d))
    predicted: FloatArray = point.X @ point.w + point.Z @ (point.V.T @ point.w)
    return predicted
