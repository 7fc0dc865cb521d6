"""Shamir (2018), Theorem 3: points that are nearly second-order stationary are nearly as good as
linear. The paper hides the constants in a polynomial; they are derived here.

Proof. Let ||w|| >= t: Theorem 1 with ||w*|| <= r, ||w||, ||V|| <= b gives the first term. Let
||w|| < t: the segment to (0, V) lies in M, so F(w, V) <= F(0, V) + μ0 t,
||∇F(0, V)|| <= ε + μ1 t, λ_min(0, V) >= -√(μ2 ε) - μ2 t (Weyl), |λ_min| <= μ1 and
||∂²F/∂w²|| <= μ1; Theorem 2 gives the second term. t = √ε and √ε <= ε + ε^(1/4) give K.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from checker.arithmetic.functions import maximum, minimum, sq, sqrt
from checker.claims.claim import Assumption, claim
from properties.shamir2018.theorems import SHAMIR_2018, convex_loss, twice_differentiable_loss
from strategies.residual_unit.regions import region_points

# Frobenius norms in floats, with room for their rounding: membership in M is then certain.
_ROOM = 1 + 2.0**-40


def _length(a: Any, axes: tuple[int, ...]) -> Any:
    return np.sqrt((a * a).sum(axis=axes))


in_region = Assumption(
    "in_region",
    r"\|w\| < b, \; \|V\| < b",
    lambda at: np.maximum(_length(at.w, (0,)), _length(at.V, (0, 1))) * _ROOM < at.radius,
    decided=True,
)

bounded_comparator = Assumption(
    "bounded_comparator",
    r"\|w^*\| \le r",
    lambda at: _length(at.w_star, (0,)) * _ROOM <= at.comparator_radius,
    decided=True,
)


def polynomial(b: Any, r: Any, mu0: Any, mu1: Any, mu2: Any) -> Any:
    """K of Theorem 3."""
    curved = r * b * sqrt(2 * mu1 * (sqrt(mu2) + mu2))
    return sqrt(0 * b + 2) * (b + r) + r * b + mu0 + r * mu1 + r + curved


# μ2 is a Lipschitz constant of the second derivatives: without them it does not exist.
_ASSUMING = (
    in_region,
    bounded_comparator,
    convex_loss,
    replace(twice_differentiable_loss, definitional=True),
)


@claim(
    source=SHAMIR_2018.theorem(3),
    wording="ours",
    title="nearly second-order stationary points are nearly as good as linear",
    statement=r"(\varepsilon + \varepsilon^{1/4}) \, K \ge F(w,V,\theta) - "
    r"\min_{\|u\| \le r} F_{lin}(u), \quad K = \sqrt{2}(b+r) + rb + \mu_0 + r\mu_1 + r + "
    r"rb\sqrt{2\mu_1(\sqrt{\mu_2}+\mu_2)}",
    given=region_points(),
    assuming=_ASSUMING,
    kind="bound",
)
def stationary_points(at: Any) -> Any:
    """Theorem 3 with explicit constants: ours, the paper says poly(b, r, μ0, μ1, μ2).

    The exponent 1/4 is the best possible: see `two_points` in strategies/residual_unit/regions.py.
    """
    K = polynomial(at.radius, at.comparator_radius, at.mu0, at.mu1, at.mu2)
    return (at.epsilon + sqrt(sqrt(at.epsilon))) * K >= at.gap


@claim(
    source=SHAMIR_2018.theorem(3).part("at_t", "before choosing t"),
    wording="ours",
    title="Theorem 3 for every place t where the proof changes sides",
    statement=r"\max\left\{ \varepsilon \sqrt{2b^2 + r^2(2 + b^2/t^2)}, \; \mu_0 t + r(\varepsilon "
    r"+ \mu_1 t + b\sqrt{\mu_1 s + s^2}) \right\} \ge F - \min_{\|u\| \le r} F_{lin}(u), \quad "
    r"s = \min\{\sqrt{\mu_2\varepsilon} + \mu_2 t, \mu_1\}",
    given=region_points(),
    assuming=_ASSUMING,
    kind="bound",
)
def stationary_points_at_t(at: Any) -> Any:
    """Theorem 3 before its choice t = √ε: sharper, for any t > 0. Ours."""
    b, r, t = at.radius, at.comparator_radius, at.t
    mu1, eps = at.mu1, at.epsilon
    s = minimum(sqrt(at.mu2 * eps) + at.mu2 * t, mu1)
    far = eps * sqrt(2 * sq(b) + sq(r) * (2 + sq(b) / sq(t)))
    near = at.mu0 * t + r * (eps + mu1 * t + b * sqrt(mu1 * s + sq(s)))
    return maximum(far, near) >= at.gap
