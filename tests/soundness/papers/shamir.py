"""Shamir (2018): Lemma 1 and its proof, Theorems 1 and 2, their sharp forms, sections 1 and 2."""

from __future__ import annotations

from typing import Any

from soundness.algebra import (
    dot,
    greatest_eigenvalue,
    inner,
    least_eigenvalue,
    minus,
    norm,
    outer,
    plus,
    scaled,
    spectral_norm,
    spectral_norm_squared,
    square,
    times,
    turned,
    zeros,
)
from soundness.papers.constants import smoothness
from soundness.papers.registry import Sides, reference
from soundness.papers.sample import SampleLoss, UnitPoint
from soundness.plain import Given
from soundness.reals import Real, number, total


def lemma1_direction(at: UnitPoint) -> tuple[Any, Any]:
    """G = (w - w*, w w*ᵀV/||w||²)."""
    lifted = times(turned(at.V), at.w_star)
    return minus(at.w, at.w_star), outer(scaled(1 / square(at.w), at.w), lifted)


def along_G(at: UnitPoint) -> Real:
    in_w, in_V = lemma1_direction(at)
    return inner(in_w, at.g) + inner(in_V, outer(at.w, at.b))


@reference("shamir2018.lemma1", "shamir2018.remark1_lemma1")
def lemma1(given: Given) -> Sides:
    """<G, ∇F> >= F - F_lin(w*)."""
    at = UnitPoint(given)
    return Sides(along_G(at), at.gap)


@reference("shamir2018.theorem1", "shamir2018.remark1_theorem1")
def theorem1(given: Given, a: Any, b: Any, c: Any) -> Sides:
    """||∇F|| >= (F - F_lin(w*)) / √(a||w||² + ||w*||²(b + c||V||²/||w||²))."""
    at = UnitPoint(given)
    ratio = spectral_norm_squared(at.V) / square(at.w)
    inside = square(at.w) * a + square(at.w_star) * (number(b) + number(c) * ratio)
    return Sides(at.gradient_norm, at.gap / inside.sqrt())


@reference(
    "shamir2018.theorem1_sharp", "shamir2018.remark1_theorem1_sharp", "shamir2018.theorem1_found"
)
def theorem1_sharp(given: Given) -> Sides:
    """||∇F|| ||G|| >= F - F_lin(w*), with ||G||² = ||w - w*||² + ||Vᵀw*||²/||w||²."""
    at = UnitPoint(given)
    lifted = times(turned(at.V), at.w_star)
    size = (square(minus(at.w, at.w_star)) + square(lifted) / square(at.w)).sqrt()
    return Sides(at.gradient_norm * size, at.gap)


@reference("shamir2018.theorem2_eigenvalue", "shamir2018.remark1_theorem2_eigenvalue")
def theorem2_eigenvalue(given: Given) -> Sides:
    """0 >= λ_min(∇²F), of the dense matrix."""
    return Sides(number(0), least_eigenvalue(UnitPoint(given).hessian))


def descent_at_zero(at: UnitPoint) -> tuple[Real, Real]:
    """α = λ_min(∂²F/∂w²) and |λ_min(∇²F)| at w = 0.

    The eigenvalues are those of [[A, ρ I], [ρ I, 0]] for A = ∂²F/∂w² and ρ = ||b||, and 0: for
    each eigenvalue a of A the roots of λ² - a λ - ρ². The least is (α - √(α² + 4ρ²))/2.
    """
    alpha, rho = least_eigenvalue(at.block), square(at.b)
    if rho.exact and rho.sign == 0:
        return alpha, number(0)
    root = (alpha * alpha + 4 * rho).sqrt()
    return alpha, 2 * rho / (alpha + root)


@reference("shamir2018.theorem2", "shamir2018.remark1_theorem2")
def theorem2(given: Given, c1: Any, c2: Any) -> Sides:
    """||w*|| (||∇F|| + ||V|| √(c1 |λ| ||∂²F/∂w²|| + c2 λ²)) >= F - F_lin(w*)."""
    at = UnitPoint(given)
    _, size = descent_at_zero(at)
    inside = size * greatest_eigenvalue(at.block) * c1 + size * size * c2
    curved = spectral_norm(at.V) * inside.sqrt()
    return Sides(norm(at.w_star) * (at.gradient_norm + curved), at.gap)


@reference(
    "shamir2018.theorem2_sharp", "shamir2018.remark1_theorem2_sharp", "shamir2018.theorem2_found"
)
def theorem2_sharp(given: Given) -> Sides:
    """||w*|| ||∇F|| + ||Vᵀw*|| √(|λ| α + λ²) >= F - F_lin(w*); the root is ||b||."""
    at = UnitPoint(given)
    lifted = times(turned(at.V), at.w_star)
    return Sides(norm(at.w_star) * at.gradient_norm + norm(lifted) * norm(at.b), at.gap)


# -- the steps of the proof of Lemma 1 ------------------------------------------------------------


def _equal(x: Real, y: Real) -> Sides:
    """x = y as x >= y + 2|x - y|."""
    return Sides(x, y + 2 * abs(x - y))


@reference("shamir2018.lemma1_split")
def lemma1_split(given: Given, c: Any) -> Sides:
    """<G, ∇F> = E[l' w*ᵀV z] + E[l' (w - w*)ᵀ(x + c V z)]."""
    at = UnitPoint(given)
    moved = minus(at.w, at.w_star)
    terms = []
    for x, z, slope in zip(given.X, given.Z, at.slopes, strict=True):
        unit = times(at.V, z)
        terms.append(slope * (dot(at.w_star, unit) + dot(moved, plus(x, unit, number(c)))))
    return _equal(along_G(at), at.mean(terms))


@reference("shamir2018.lemma1_prediction")
def lemma1_prediction(given: Given, c: Any) -> Sides:
    """<G, ∇F> = E[l' (p - w*ᵀ(x + c V z))]."""
    at = UnitPoint(given)
    terms = []
    for x, z, p, slope in zip(given.X, given.Z, at.p, at.slopes, strict=True):
        seen = plus(x, times(at.V, z), number(c))
        terms.append(slope * (p - dot(at.w_star, seen)))
    return _equal(along_G(at), at.mean(terms))


@reference("shamir2018.lemma1_subgradient")
def lemma1_subgradient(given: Given, a: Any) -> Sides:
    """l'(p)(p - q) >= l(p) - l(q)."""
    loss, apart = SampleLoss(given.loss, given.y), given.p - given.q
    fall = number(0)
    if not (apart.exact and apart.sign == 0):
        fall = loss.value(given.p) - loss.value(given.q)
    return Sides(loss.slope(given.p) * apart * a, fall)


# -- sections 1 and 2 -----------------------------------------------------------------------------


@reference("shamir2018.section1_expressivity")
def expressivity(given: Given, c: Any) -> Sides:
    """||w||² >= ||w||² + |F(w, c V) - F_lin(w)|."""
    at = UnitPoint(given, V=scaled(number(c), given.V), w_star=given.w)
    size = square(at.w)
    return Sides(size, size + abs(at.gap))


@reference("shamir2018.section2_linear_convex")
def linear_is_convex(given: Given, a: Any) -> Sides:
    """F_lin(w) - F_lin(m) >= a E((w - w*)ᵀx)² - (F_lin(w*) - F_lin(m)), m the midpoint."""
    nothing = zeros(len(given.V), len(given.V[0]))
    middle = scaled(number(1) / 2, plus(given.w, given.w_star))
    first = UnitPoint(given, V=nothing, w_star=middle)
    second = UnitPoint(given, w=given.w_star, V=nothing, w_star=middle)
    moved = [dot(x, minus(given.w, given.w_star)) for x in given.X]
    spread = first.mean([u * u for u in moved])
    return Sides(first.gap, spread * a - second.gap)


@reference("shamir2018.section2_not_convex")
def not_convex(given: Given, a: Any, c: Any) -> Sides:
    """F(0, V) >= (F(z+) + F(z-))/2 + a ||b||²/(2κ E||z||²) - c (κ/2) E(wᵀ(x + V z))²."""
    at, kappa = UnitPoint(given), smoothness(given.loss)
    centre = UnitPoint(given, w=[number(0)] * len(given.w))
    spread = at.mean([square(z) for z in given.Z])
    step = outer(scaled(1 / square(at.w), at.w), scaled(1 / (kappa * spread), centre.b))
    ahead = UnitPoint(given, V=minus(at.V, step))
    behind = UnitPoint(given, w=scaled(-1, at.w), V=plus(at.V, step))
    gain = square(centre.b) / (2 * kappa * spread)
    loss = kappa * at.mean([p * p for p in at.p]) / 2
    return Sides(centre.F, (ahead.F + behind.F) / 2 + gain * a - loss * c)


def _dormant(given: Given) -> tuple[Any, Any, Any, Any]:
    """b = E[l'(0; y) g], κ, E||g||² and how far θ is beyond c, at least 0."""
    zero = number(0)
    slopes = [SampleLoss(given.loss, y).slope(zero) for y in given.y]
    n = len(slopes)
    pull = [dot(slopes, column) / n for column in turned(given.G)]
    beyond = given.theta - given.c
    awake = beyond if beyond.sign > 0 else zero
    return pull, total(square(g) for g in given.G) / n, beyond, awake


def _dormant_gap(given: Given, V: Any, awake: Real) -> Real:
    """F(w, V, θ) - F(0, 0, 0) over the pairs ±x, with the features awake · g(x)."""
    lifted = times(turned(V), given.w)
    falls = []
    for x, y, g in zip(given.X, given.y, given.G, strict=True):
        loss, zero = SampleLoss(given.loss, y), number(0)
        inside = awake * dot(lifted, g)
        for p in (dot(x, given.w) + inside, inside - dot(x, given.w)):
            still = p.exact and p.sign == 0
            falls.append(zero if still else loss.value(p) - loss.value(zero))
    return total(falls) / len(falls)


@reference("shamir2018.section2_local_minimum")
def local_minimum(given: Given, a: Any) -> Sides:
    """F(w, V, θ) - F(0, 0, 0) >= a ||w||²."""
    _, _, _, awake = _dormant(given)
    return Sides(_dormant_gap(given, given.V, awake), square(given.w) * a)


@reference("shamir2018.section2_lower_point")
def lower_point(given: Given, a: Any, b: Any) -> Sides:
    """b (κ/2) E(wᵀx)² >= F(w, V_w, θ) - F(0, 0, 0) + a ||b||²/(2κ E||g||²)."""
    pull, spread, beyond, awake = _dormant(given)
    kappa = smoothness(given.loss)
    factor = 1 / (kappa * spread * beyond)
    V = scaled(-factor / square(given.w), outer(given.w, pull))
    gain = square(pull) / (2 * kappa * spread)
    width = kappa * total(dot(x, given.w) ** 2 for x in given.X) / (2 * len(given.X))
    return Sides(width * b, _dormant_gap(given, V, awake) + gain * a)


@reference("shamir2018.definition1")
def definition1(given: Given, margin: Any) -> Sides:
    """Σ||x||² >= Σ||x||² + ||∇F|| + [margin tr ∇²F - λ_min(∇²F)]_+ for labels p ± r, twice each."""
    half = UnitPoint(given.replaced(y=given.r, weights=None), w_star=given.w)
    labels = [s for p, r in zip(half.p, given.r, strict=True) for s in (p + r, p - r)]
    doubled = {name: [row for row in getattr(given, name) for _ in (0, 1)] for name in ("X", "Z")}
    at = UnitPoint(given.replaced(y=labels, weights=None, **doubled), w_star=given.w)
    size = total(square(x) for x in at.at.X)
    H = at.hessian
    trace = total(row[i] for i, row in enumerate(H))
    missing = trace * margin - least_eigenvalue(H)
    lacking = missing if _positive(missing) else number(0)
    return Sides(size, size + at.gradient_norm + lacking)


def _positive(x: Real) -> bool:
    """Whether x > 0; a ball around 0 counts, and then stands for itself."""
    return x.sign > 0 if x.exact else not x.ball <= 0
