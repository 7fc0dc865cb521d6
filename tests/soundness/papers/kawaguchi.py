"""Kawaguchi and Bengio (2019): points compared with predictors linear in [x; z]."""

from __future__ import annotations

from soundness.algebra import (
    Matrix,
    inner,
    minus,
    norm,
    outer,
    plus,
    product,
    scaled,
    solved,
    square,
    times,
    turned,
)
from soundness.papers.constants import smoothness
from soundness.papers.registry import Sides, reference
from soundness.papers.vector_sample import VectorUnit
from soundness.plain import Given
from soundness.reals import total


def _direction(at: VectorUnit, given: Given) -> tuple[Matrix, Matrix]:
    """(W - W*, W⁺(W*V - S))."""
    apart = minus(product(given.W_star, given.V), given.S)
    return minus(given.W, given.W_star), at.lifted(apart)


@reference("kawaguchi2019.lemma")
def lemma(given: Given) -> Sides:
    """<∇F, (W - W*, W⁺(W*V - S))> >= F - E l(W*x + S z)."""
    at = VectorUnit(given, S=given.S)
    in_W, in_V = _direction(at, given)
    return Sides(inner(in_W, at.G) + inner(in_V, at.gradient_V), at.gap)


@reference("kawaguchi2019.full_rank", "kawaguchi2019.full_rank_found")
def full_rank(given: Given) -> Sides:
    """||∇F|| times the length of that direction >= the same gap."""
    at = VectorUnit(given, S=given.S)
    return Sides(at.gradient_norm * norm(*_direction(at, given)), at.gap)


@reference("kawaguchi2019.rank_deficient", "kawaguchi2019.rank_deficient_found")
def rank_deficient(given: Given) -> Sides:
    """ḡ √(||W - W*||² + m/||u||² ||W*V - S||²) >= gap, at W = M(||u||² I - u uᵀ)."""
    W = minus(scaled(square(given.u), given.M), outer(times(given.M, given.u), given.u))
    at = VectorUnit(given, W=W, S=given.S)
    features = len(given.S[0])
    squares = []
    for j in range(features):
        for sign in (1, -1):
            moved = [[*row] for row in given.V]
            for row, entry in zip(moved, given.u, strict=True):
                row[j] = row[j] + sign * entry
            squares.append(square(VectorUnit(given, W=W, V=moved).G))
    apart = minus(product(given.W_star, given.V), given.S)
    size = square(minus(W, given.W_star)) + square(apart) * features / square(given.u)
    return Sides((total(squares) / len(squares)).sqrt() * size.sqrt(), at.gap)


@reference("kawaguchi2019.improvement")
def improvement(given: Given) -> Sides:
    """||∇F|| √(||W - W*||² + ||W⁺(W*V + tB*)||²) >= gap + t||B*||² - (β t²/2) E||B*z||²."""
    at = VectorUnit(given)
    B = at.through(at.Q, given.Z)
    spread = inner(at.weights, [square(times(B, z)) for z in given.Z])
    t = given.t
    decrease = t * square(B) - smoothness(given.loss) * t * t * spread / 2
    lifted = at.lifted(plus(product(given.W_star, given.V), scaled(t, B)))
    size = norm(minus(given.W, given.W_star), lifted)
    return Sides(at.gradient_norm * size, at.gap + decrease)


@reference("kawaguchi2019.squared")
def squared(given: Given) -> Sides:
    """F >= the least risk of a predictor linear in [x; z], by normal equations on [X, Z].

    For the squared loss and equal weights, where F has no others. The residual is orthogonal to
    all columns, so that the least sum of squares is <Y, Y - M C>.
    """
    at = VectorUnit(given)
    M = [[*x, *z] for x, z in zip(given.X, given.Z, strict=True)]
    C = solved(product(turned(M), M), product(turned(M), given.Y))
    least = inner(given.Y, minus(given.Y, product(M, C))) / (2 * len(M))
    return Sides(at.F, least)


@reference("kawaguchi2019.local_minima")
def local_minima(given: Given) -> Sides:
    """||∇Φ||²/(2μ) >= F - E l(W*x + S z), Φ in [W, W V] or F itself."""
    at = VectorUnit(given, S=given.S)
    if given.whole:
        slope = square(at.G) + square(at.gradient_V)
    else:
        slope = square(at.through(at.P, given.X)) + square(at.B)
    return Sides(slope / (2 * given.modulus), at.gap)
