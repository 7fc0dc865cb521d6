"""Whether a point with its μ and r has a minimum of the objective near it: decided by balls.

1. Let Φ be μ-strongly convex on the ball of radius r around c with ||∇Φ(c)|| < μ r. Then Φ has a
   minimiser in the ball, no further away than ||∇Φ(c)||/μ, and min Φ >= Φ(c) - ||∇Φ(c)||²/(2μ).
2. F(w, V) = Φ(w, Vᵀw), Φ(w, q) = E l(wᵀx + qᵀf; y). Where w != 0 every (w, q) is reached, so above
   a local minimiser of Φ with w != 0 there are local minimisers of F, with the same value. (For K
   outputs: (W, W V), where W has full row rank.) A point with ∇Φ = 0 exactly is one itself.
3. Where the objective has no such form, the ball is one in (w, V) itself, and derivatives come from
   Taylor series over balls, from values alone.
4. Convex Φ with ∇Φ(c) = 0 exactly: c is a minimiser, strong convexity or not.
5. Kinks, w = 0 and d = m = 1: if both one-sided derivatives of w -> F(w, V) are positive at w = 0,
   they are for V' near V, and w -> F(w, V') is convex: F(w, V') >= F(0, V') = F(0, V).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, arb_mat, arb_series

from checker.arithmetic.above.taylor import ORDER, Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import PROOF_PRECISION
from checker.arithmetic.existence.definite import is_positive_definite
from checker.arithmetic.premise import case_by_case
from checker.claims.claim import Assumption
from checker.instances.fields import map_arrays, with_fields
from checker.instances.rounding import at_most, exact_number
from checker.landscape.minima.near_points import LinearProblem, repaired
from checker.landscape.minima.strong_convexity import (
    Smooth,
    is_strongly_convex,
    length_of,
    linear_objective,
)


def is_local_minimum(at: Any) -> bool:
    """Whether balls prove a local minimum of F near this instance, at its μ and r."""
    if not at.loss.twice_differentiable:
        return _is_minimum_at_kink(at)
    with working_precision(PROOF_PRECISION), np.errstate(all="ignore"):
        problems = at.linear_problems()
        if not problems:
            return at.whole and _is_minimum_in_parameters(at)
        functions = [_in_coefficients(problem) for problem in problems]
        slope = _slope(functions)
        if at.loss.convex and slope == 0:
            return True
        return _near_minimum(functions, slope, at) and _is_lifted(slope, at)


def _is_minimum_in_parameters(at: Any) -> bool:
    try:
        functions = [_in_parameters(at)]
        return _near_minimum(functions, _slope(functions), at)
    except ValueError:
        # A series over a ball too wide: a quotient whose denominator may be 0.
        return False


def _near_minimum(functions: list[tuple[Smooth, Ball]], slope: Any, at: Any) -> bool:
    """Strong convexity in the product of the balls, and a gradient that is small enough."""
    modulus, radius = float(at.modulus), arb(float(at.radius))
    if not slope < arb(modulus) * radius:
        return False
    return all(is_strongly_convex(f, c, modulus, radius) for f, c in functions)


def _slope(functions: list[tuple[Smooth, Ball]]) -> Any:
    """An upper bound on ||∇Φ||."""
    return sum((length_of(f.gradient(c)) ** 2 for f, c in functions), arb(0)).sqrt().upper()


def _is_lifted(slope: Any, at: Any) -> bool:
    """Whether the minimiser of Φ is reached: its w is not 0, its W has full row rank."""
    W = np.atleast_2d(getattr(at, at.parameters[0]))
    if len(W) > W.shape[1]:
        return False
    rows = Ball.constant(W)
    distance = slope / arb(float(at.modulus))
    gram = arb_mat((rows @ rows.T).entries.tolist())
    return is_positive_definite(gram, (distance**2).upper())


def _in_coefficients(problem: LinearProblem) -> tuple[Smooth, Ball]:
    function = linear_objective(problem.design, problem.y, problem.weights, problem.loss)
    c = [x.item for x in problem.coefficients(Ball)]
    return function, Ball(np.array(c, dtype=object))


def _in_parameters(at: Any) -> tuple[Smooth, Ball]:
    """F as a function of all parameters; derivatives along axes and pairs of them."""
    names = at.parameters
    arrays = [np.asarray(getattr(at, name), dtype=float) for name in names]
    start = np.concatenate([a.ravel() for a in arrays])
    cuts = np.cumsum([a.size for a in arrays])[:-1]

    def moved(frame: Any, kind: Any, entries: Any) -> Any:
        parts = zip(names, np.split(entries, cuts), arrays, strict=True)
        return with_fields(frame, **{n: kind(part.reshape(a.shape)) for n, part, a in parts})

    balls, series = map_arrays(at, Ball.constant), map_arrays(at, Taylor.constant)

    def along(z: Ball, *axes: int) -> Any:
        """The Taylor coefficients of F along a sum of axes."""
        # NumPy would take a series for a sequence.
        steps = np.empty(len(z.entries), dtype=object)
        for i, x in enumerate(z.entries):
            steps[i] = arb_series([x, int(i in axes)], ORDER)
        return moved(series, Taylor, steps).F

    def value(z: Ball) -> Any:
        return moved(balls, Ball, z.entries).F.item

    def gradient(z: Ball) -> Ball:
        slopes = [along(z, i).coefficient(1).item for i in range(len(start))]
        return Ball(np.array(slopes, dtype=object))

    def hessian(z: Ball) -> Any:
        own = [2 * along(z, i).coefficient(2).item for i in range(len(start))]
        rows = [[arb(0)] * len(start) for _ in start]
        for i in range(len(start)):
            rows[i][i] = own[i]
            for j in range(i):
                both = 2 * along(z, i, j).coefficient(2).item
                rows[i][j] = rows[j][i] = (both - own[i] - own[j]) / 2
        return arb_mat(rows)

    return Smooth(value, gradient, hessian), Ball.constant(start)


def _is_minimum_at_kink(at: Any) -> bool:
    """The loss |p - y| with small integers, whose sums are exact in float64."""
    w, V = (np.asarray(getattr(at, name)) for name in at.parameters)
    y = np.ravel(at.y if hasattr(at, "y") else at.Y)
    small = all(np.array_equal(a, np.clip(np.rint(a), -1e6, 1e6)) for a in (at.X, y, at.Z, V))
    loss = getattr(at.loss, "each", at.loss)
    known = loss.kind == "absolute" and at.weights is None and V.shape == (1, 1)
    plain = not (getattr(at, "ridge", 0) or getattr(at, "after", "")) and w.size == 1
    if not (small and known and plain) or w.any() or getattr(at, "skip", 1.0) != 1:
        return False
    q = at.X[:, 0] + V[0, 0] * at.Z[:, 0]
    pull, push = np.abs(q[y == 0]).sum(), (np.sign(y) * q).sum()
    return bool(pull - abs(push) > 0)


def proof_of_minimum(at: Any) -> str:
    """What `is_local_minimum` proves of an instance, in a sentence; numbers rounded to its side."""
    if not at.loss.twice_differentiable:
        return "w = 0, and both one-sided derivatives of F in w are positive there"
    with working_precision(PROOF_PRECISION):
        problems = at.linear_problems()
        functions = [_in_coefficients(p) for p in problems] or [_in_parameters(at)]
        slope = _slope(functions)
    place = "(w, Vᵀw)" if problems and at.parameters[0] == "w" else "(W, W V)"
    place = place if problems else f"({', '.join(at.parameters)})"
    if problems and at.loss.convex and slope == 0:
        return f"as a function of {place} the objective is convex, and its gradient here is 0"
    above = 0.0 if slope == 0 else float(np.nextafter(float(slope), np.inf))
    modulus, radius = exact_number(float(at.modulus)), exact_number(float(at.radius))
    return (
        f"as a function of {place} the objective has a gradient of at most {at_most(above, 3)} "
        f"here, which is less than μ r, and is μ-strongly convex on the ball of radius r around "
        f"it, μ = {modulus}, r = {radius}; by Gaussian elimination in balls"
    )


local_minimum = Assumption(
    "local_minimum",
    r"\text{a local minimum of } F_\theta \text{ is proved to be within } \|\nabla\|/\mu",
    case_by_case(is_local_minimum),
    repair=repaired,
    proof=proof_of_minimum,
    decided=True,
)
