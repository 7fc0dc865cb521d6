"""Shamir (2018), appendix B: Lemma 1 and Theorem 1 for K outputs."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    greatest_eigenvalue,
    inner,
    least_eigenvalue,
    minus,
    norm,
    product,
    spectral_norm_squared,
    square,
)
from soundness.papers.registry import Sides, reference
from soundness.papers.vector_sample import VectorUnit
from soundness.plain import Given
from soundness.reals import number


@reference("shamir2018.appendix_b_lemma1")
def lemma1(given: Given) -> Sides:
    """<(W - W*, W⁺W*V), ∇F> >= F - F_lin(W*)."""
    at = VectorUnit(given)
    lifted = at.lifted(product(given.W_star, given.V))
    along = inner(minus(given.W, given.W_star), at.G) + inner(lifted, at.gradient_V)
    return Sides(along, at.gap)


@reference("shamir2018.appendix_b_theorem1")
def theorem1(given: Given, a: Any, b: Any, c: Any) -> Sides:
    """||∇F|| >= gap / √(a||W||² + ||W*||²(b + c||V||²/σ_min(W)²))."""
    at = VectorUnit(given)
    ratio = spectral_norm_squared(given.V) / least_eigenvalue(at.rows_gram)
    inside = square(given.W) * a + square(given.W_star) * (number(b) + number(c) * ratio)
    return Sides(at.gradient_norm, at.gap / inside.sqrt())


@reference("shamir2018.appendix_b_theorem1_sharp")
def theorem1_sharp(given: Given) -> Sides:
    """||∇F|| √(||W - W*||² + ||W⁺W*V||²) >= gap."""
    at = VectorUnit(given)
    lifted = at.lifted(product(given.W_star, given.V))
    return Sides(at.gradient_norm * norm(minus(given.W, given.W_star), lifted), at.gap)


@reference("shamir2018.appendix_b_any_rank")
def any_rank(given: Given) -> Sides:
    """E<l', W(x + V f) - W* x> >= F - F_lin(W*), sample by sample."""
    at = VectorUnit(given)
    along = inner(given.W, at.G) - inner(given.W_star, at.through(at.P, given.X))
    return Sides(along, at.gap)


@reference("shamir2018.appendix_b_curvature")
def curvature(given: Given, c: Any) -> Sides:
    """The form Σ (cᵀ D h)² + 2 <D E, B> in (D, E), on the unit matrices."""
    block = [[number(0)] * 4 for _ in range(4)]
    for h, slope in zip(given.h, given.c, strict=True):
        row = [s * x for s in slope for x in h]
        block = [
            [old + a * b for old, b in zip(r, row, strict=True)]
            for r, a in zip(block, row, strict=True)
        ]
    whole = [[number(0)] * 8 for _ in range(8)]
    for i in range(4):
        whole[i][:4] = block[i]
    for k in range(2):
        for i in range(2):
            for a in range(2):
                whole[2 * k + i][4 + 2 * i + a] = whole[4 + 2 * i + a][2 * k + i] = number(
                    given.B[k][a]
                )
    least = -least_eigenvalue(whole)
    return Sides(
        least * least + least * greatest_eigenvalue(block), c * spectral_norm_squared(given.B)
    )
