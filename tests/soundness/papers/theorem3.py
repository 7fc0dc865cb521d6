"""Shamir (2018), Theorem 3: points of a region, with Lipschitz constants from the data."""

from __future__ import annotations

from typing import Any

from soundness.algebra import least_eigenvalue, norm
from soundness.papers.constants import derivative_bounds
from soundness.papers.registry import Sides, reference
from soundness.papers.sample import UnitPoint
from soundness.plain import Given
from soundness.reals import Real, greatest, maximum, minimum, number

_REGION = ("theorem3", "remark1_theorem3", "theorem3_found")


def polynomial(b: Real, r: Real, mu0: Real, mu1: Real, mu2: Real) -> Real:
    """√2 (b + r) + r b + μ0 + r μ1 + r + r b √(2 μ1 (√μ2 + μ2))."""
    curved = r * b * (2 * mu1 * (mu2.sqrt() + mu2)).sqrt()
    return number(2).sqrt() * (b + r) + r * b + mu0 + r * mu1 + r + curved


class _Region:
    """μ0, μ1, μ2 over ||w||, ||V|| < b, and the least ε of an ε-second-order stationary point.

    With g² = (||x|| + b||z||)² + b²||z||² and bounds L1, L2, L3 on the derivatives of l at
    |p| <= b (||x|| + b||z||): E[L1 g], E[L2 g² + L1||z||], E[L3 g³ + 3 L2 g||z||] + extra.
    """

    def __init__(self, given: Given) -> None:
        self.at = UnitPoint(given)
        b = given.radius
        mu0, mu1, mu2 = [], [], []
        for x, z, y in zip(given.X, given.Z, given.y, strict=True):
            size = norm(z)
            far = norm(x) + b * size
            g = (far * far + b * b * size * size).sqrt()
            L1, L2, L3 = derivative_bounds(given.loss, b * far, y)
            mu0.append(L1 * g)
            mu1.append(L2 * g * g + L1 * size)
            mu2.append(L3 * g**3 + 3 * L2 * g * size)
        self.mu0, self.mu1 = self.at.mean(mu0), self.at.mean(mu1)
        self.mu2 = self.at.mean(mu2) + given.extra
        below = minimum(least_eigenvalue(self.at.hessian), 0)
        self.epsilon = maximum(self.at.gradient_norm, below * below / self.mu2)


@reference(*(f"shamir2018.{name}" for name in _REGION))
def theorem3(given: Given) -> Sides:
    """(ε + ε^(1/4)) K >= F - F_lin(w*)."""
    region = _Region(given)
    K = polynomial(given.radius, given.comparator_radius, region.mu0, region.mu1, region.mu2)
    eps = region.epsilon
    return Sides((eps + eps.sqrt().sqrt()) * K, region.at.gap)


@reference(*(f"shamir2018.{name}_at_t" for name in _REGION))
def theorem3_at_t(given: Given) -> Sides:
    """max{ε√(2b² + r²(2 + b²/t²)), μ0 t + r(ε + μ1 t + b√(μ1 s + s²))} >= F - F_lin(w*)."""
    region, b, r, t = _Region(given), given.radius, given.comparator_radius, given.t
    mu1, eps = region.mu1, region.epsilon
    s = minimum((region.mu2 * eps).sqrt() + region.mu2 * t, mu1)
    far = eps * (2 * b * b + r * r * (2 + b * b / (t * t))).sqrt()
    near = region.mu0 * t + r * (eps + mu1 * t + b * (mu1 * s + s * s).sqrt())
    return Sides(maximum(far, near), region.at.gap)


@reference("shamir2018.theorem3_linear")
def linear_in_each_factor(given: Given) -> Sides:
    """s K(b, r, μ0, μ1, μ2) >= the greatest K with one factor times s."""
    names = ("b", "r", "mu0", "mu1", "mu2")
    own: dict[str, Any] = {name: getattr(given, name) for name in names}
    grown = [polynomial(**{**own, name: own[name] * given.s}) for name in names]
    return Sides(given.s * polynomial(**own), greatest(grown))
