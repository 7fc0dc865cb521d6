"""Shamir (2018), appendix B: Lemma 1 and Theorem 1 for K outputs."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
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
