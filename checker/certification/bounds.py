"""The bounds of Lemma 1 and Theorems 1 to 3 on F(w, V, θ) - F_lin(u), u being a comparator.

Shamir (2018); the sharp forms and Theorem 3 with constants are ours. The derivations are in
`properties/shamir2018/theorems.py` and `properties/shamir2018/stationarity.py`, and the checker
attacks them there as claims. Here they are solved for the gap and evaluated once, with error
bounds, for a unit that may leave some coordinates of x alone (`network.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import (
    dot,
    frobenius,
    maximum,
    minimum,
    norm,
    outer,
    spectral_norm,
    sq,
    sqrt,
)
from checker.certification.moments import Moments, exact
from checker.certification.network import Network
from checker.instances.fields import FloatArray

_EXPONENTS = np.arange(-60.0, 4.0)


@dataclass(frozen=True, eq=False)
class Facts:
    """What the bounds are made of, enclosed.

    Attributes
    ----------
    at
        Expectations over the sample, without weight decay.
    net
        The point.
    V_norm, grad_norm
        ||V|| and ||∇F_θ(w, V)||.
    least
        λ_min(∇²F_θ(w, V)).
    alpha_max
        λ_max of ∂²F/∂w², where V moves x in a direction that w₁ does not see.
    radius
        Above ||w|| and ||V||: the region of Theorem 3.
    """

    at: Moments
    net: Network
    V_norm: Bounded
    grad_norm: Bounded
    least: Bounded
    alpha_max: Bounded | None
    radius: float


@dataclass(frozen=True, eq=False)
class Bound:
    """One theorem's upper bound on F(w, V, θ) - F_lin(u), or why it has none.

    Attributes
    ----------
    theorem
        Its name.
    value
        The bound; None where it does not apply.
    reason
        Why it does not.
    """

    theorem: str
    value: Bounded | None
    reason: str = ""


def gradient(at: Moments, net: Network) -> tuple[Bounded, Bounded]:
    """∂F/∂w = a + V b, (d,), and the norm of ∂F/∂V = w₁ bᵀ; with weight decay, r w and r V more."""
    in_w = at.a + exact(net.V) @ at.b
    if not net.ridge:
        return in_w, norm(exact(net.moving)) * norm(at.b)
    in_V = outer(exact(net.moving), at.b) + exact(net.V) * net.ridge
    return in_w + exact(net.w) * net.ridge, frobenius(in_V)


def gradient_norm(at: Moments, net: Network) -> Bounded:
    """||∇F_θ(w, V)||."""
    size: Bounded = norm(gradient(at, net))
    return size


def all_bounds(facts: Facts, u: FloatArray) -> list[Bound]:
    """Every bound at the comparator u."""
    found = [_lemma1(facts, u), *_theorem1(facts, u), *_theorem2(facts, u), _theorem3(facts, u)]
    return applicable(found, facts.net)


def applicable(found: list[Bound], net: Network) -> list[Bound]:
    """Those that speak of this objective; the first is Lemma 1, which needs no residual unit."""
    if net.ridge:
        return [Bound(b.theorem, None, "it is proved without weight decay") for b in found]
    if not net.moved:
        return [found[0], *(Bound(b.theorem, None, "there is no residual unit") for b in found[1:])]
    return found


def _lemma1(f: Facts, u: FloatArray) -> Bound:
    """<G, ∇F_θ> = wᵀ(a + V b) - uᵀa; holds for w = 0, too, by convexity."""
    value = dot(exact(f.net.w), gradient(f.at, f.net)[0]) - dot(exact(u), f.at.a)
    return Bound("Lemma 1", value)


def _theorem1(f: Facts, u: FloatArray) -> list[Bound]:
    names = ("Theorem 1", "Theorem 1, sharp form")
    if not f.net.moving.any():
        return [Bound(name, None, "it needs w ≠ 0") for name in names]
    w, w_star, V, size = exact(f.net.w), exact(u), exact(f.net.V), norm(exact(f.net.moving))
    # The ratio first: the squares may overflow where it does not.
    printed = sqrt(2 * sq(w) + sq(w_star) * (2 + sq(f.V_norm / size)))
    sharp = norm((w - w_star, (w_star @ V) / size))
    return [Bound(n, f.grad_norm * x) for n, x in zip(names, (printed, sharp), strict=True)]


def _theorem2(f: Facts, u: FloatArray) -> list[Bound]:
    names = ("Theorem 2", "Theorem 2, sharp form")
    if f.alpha_max is None:
        # The paper's is about w = 0; for d > 1 the proof holds at every w (`several.bounds`).
        holds = f.net.moved > 1 or not f.net.moving.any()
        reason = "λ_max(∂²F/∂w²) is not known" if holds else "it needs w = 0 or d > 1"
        return [Bound(name, None, reason) for name in names]
    w_star, size = exact(u), abs(f.least)
    # w is the bias, or 0, which is exact.
    apart = norm(exact(f.net.w) - w_star) if f.net.w.any() else norm(w_star)
    image = norm(w_star @ exact(f.net.V))
    printed = f.V_norm * sqrt(size * f.alpha_max + sq(size))
    # √(|λ| α + λ²) is at least ||b||, which is known better than λ.
    sharp = apart * f.grad_norm + image * norm(f.at.b)
    return [
        Bound(names[0], apart * f.grad_norm + norm(w_star) * printed),
        Bound(names[1], sharp),
    ]


def _theorem3(f: Facts, u: FloatArray) -> Bound:
    """Before the choice t = √ε, at the best of many t; the region is ||w||, ||V|| < radius."""
    name = "Theorem 3"
    if f.at.no_lipschitz:
        return Bound(name, None, f.at.no_lipschitz)
    mu0, mu1, mu2 = f.at.lipschitz
    mu2 = mu2 + 2.0**-500  # the theorem fixes μ2 > 0
    epsilon = maximum(f.grad_norm, sq(minimum(f.least, 0)) / mu2)
    b, r = exact(np.array(f.radius)), norm(exact(u))
    t = Bounded(_places(epsilon))
    s = minimum(sqrt(mu2 * epsilon) + mu2 * t, mu1)
    far = epsilon * sqrt(2 * sq(b) + sq(r) * (2 + sq(b / t)))
    # The coordinates that V does not move stay where they are when w₁ becomes 0.
    reach = r + b if f.net.frozen else r
    near = mu0 * t + reach * (epsilon + mu1 * t) + r * b * sqrt(mu1 * s + sq(s))
    value = maximum(far, near)
    best = int(np.argmin(np.where(np.isnan(value.upper), np.inf, value.upper)))
    return Bound(name, _case(value, best))


def _places(epsilon: Bounded) -> FloatArray:
    """Values of t around √ε to choose from; any t > 0 is valid."""
    size = np.nan_to_num(np.sqrt(epsilon.upper[0]), nan=1.0, posinf=1.0)
    return 2.0**_EXPONENTS * max(float(size), 2.0**-400)


def _case(batch: Bounded, index: int) -> Bounded:
    value = batch.value[..., index : index + 1]
    error = None if batch.error is None else batch.error[..., index : index + 1]
    return Bounded(value, error, batch.rounds)


def interval(below: float, above: float) -> Bounded:
    """The numbers between two proved bounds; raises if the bounds contradict each other."""
    if below > above:
        raise RuntimeError(f"a proved lower bound {below!r} is above an upper bound {above!r}")
    with np.errstate(all="ignore"):
        middle = np.array([below / 2 + above / 2])
        error = np.maximum(np.abs(above - middle), np.abs(middle - below))
        # One rounding each; the inflation of an error bound pays for relative ones only.
        slop = 2.0**-52 * (abs(below) + abs(above)) + 2.0**-1022
    return Bounded(middle, np.where(np.isfinite(middle), error + slop, np.inf), 8)


def vector_norm(v: FloatArray) -> Bounded:
    """||v|| of floats, of a matrix the Frobenius norm; exactly 0 for v = 0."""
    length = norm if v.ndim == 1 else frobenius
    size: Bounded = length(exact(v)) if v.any() else exact(np.zeros(()))
    return size


def operator_norm(V: FloatArray) -> Bounded:
    """||V||, exactly 0 for V = 0."""
    return spectral_norm(exact(V)) if V.any() else exact(np.zeros(()))


def largest(*values: Any) -> float:
    """A float above every one of the enclosed numbers."""
    return float(np.nextafter(max(float(x.upper[0]) for x in values) * (1 + 2.0**-40), np.inf))
