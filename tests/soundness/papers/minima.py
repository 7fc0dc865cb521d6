"""That a minimum is near: the premise of Corollary 1 and of Kawaguchi's theorem, proved again."""

from __future__ import annotations

from soundness.algebra import Matrix, Vector, least_eigenvalue, product, times, turned
from soundness.papers.curvature_bounds import LinearFit, distinct_columns
from soundness.papers.sample import weights_of
from soundness.plain import Given
from soundness.reals import Real, total


def _fits(given: Given) -> list[tuple[LinearFit, Vector]]:
    """E l(cᵀ[x; z]; y) at c = (w, Vᵀw), one for each output."""
    rows = [[*x, *z] for x, z in zip(given.X, given.Z, strict=True)]
    weights, spec = weights_of(given, len(rows)), given.loss
    if "w" in given.fields:
        outputs = [(given.w, given.y, spec)]
    else:
        columns = turned(given.Y)
        outputs = [(w, y, spec.parts[0]) for w, y in zip(given.W, columns, strict=True)]
    found = []
    for w, y, loss in outputs:
        kept, c = distinct_columns(rows, [*w, *times(turned(given.V), w)])
        found.append((LinearFit(loss, kept, y, weights), c))
    return found


def has_minimum(given: Given) -> bool | None:
    """Whether there is a local minimum of F next to the point, with its μ and r; None where the
    ball is one in all parameters, of which nothing is said here.

    ∇Φ = 0 exactly: the point itself, by convexity. Else Φ is μ-strongly convex on the ball and
    ||∇Φ|| < μ r: a minimiser is within ||∇Φ||/μ, and some V reaches it if W keeps full rank there.
    """
    if given.whole:
        return None
    fits = _fits(given)
    slope = total(total(g * g for g in fit.gradient(c)) for fit, c in fits).sqrt()
    if slope.exact and slope.sign == 0:
        return True
    modulus, radius = given.modulus, given.radius
    if not (modulus * radius - slope).enclosed > 0:
        return False
    if not all(fit.is_strongly_convex(c, modulus, radius) for fit, c in fits):
        return False
    return _keeps_rank(given.W if "W" in given.fields else [given.w], slope / modulus)


def _keeps_rank(W: Matrix, distance: Real) -> bool:
    """σ_min(W) > the distance: no matrix that near has lower rank."""
    if len(W) > len(W[0]):
        return False
    least = least_eigenvalue(product(W, turned(W)))
    return bool((least - distance * distance).enclosed > 0)
