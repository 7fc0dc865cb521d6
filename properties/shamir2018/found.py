"""Shamir (2018) at points that searches end in: Corollary 1 at proved minima, and the theorems.

A found point has a small gradient, not none, and nothing is asserted of it but what balls prove.
So at every found point the theorem itself is decided, with the gradient and λ_min enclosed: an
almost critical point above the linear level by more than its gradient and curvature allow would be
a violation. Where balls also prove a local minimum, Corollary 1 is decided as it stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from checker.claims.claim import Assumption, claim
from checker.landscape.budgets import FOUND_SHARE, FOUND_SHARE_AT_ZERO
from checker.landscape.minima.inertia import kind_of_found_point
from checker.landscape.minima.proof import local_minimum
from checker.landscape.oracles.residual_unit import derivatives_along_a_line
from properties.shamir2018.stationarity import stationary_points, stationary_points_at_t
from properties.shamir2018.theorems import (
    SHAMIR_2018,
    convex_loss,
    nonzero_w,
    sharp_curvature_bound,
    sharp_gradient_bound,
    twice_differentiable_loss,
)
from strategies.minima.found_domains import minima, saddles_at_w_zero
from strategies.minima.regions_found import found_region_points

skip_connection = Assumption(
    "skip_connection", r"\text{the unit is } x + V f_\theta(x)", lambda at: at.skip == 1
)

no_regularisation = Assumption("no_regularisation", r"\lambda = 0", lambda at: at.ridge == 0)

no_activation_after = Assumption(
    "no_activation_after",
    r"\text{no activation after the sum } x + V f_\theta(x)",
    lambda at: not at.after,
)

UNIT = (skip_connection, no_regularisation, no_activation_after)


def says_something(at: Any, inequality: Any) -> Any:
    """The bound is small against |F| + |F(0)|, and the comparator is as good as best."""
    return FOUND_SHARE * at.scale - inequality.lhs - at.comparator_gap


def says_something_at_zero(at: Any, inequality: Any) -> Any:
    """The bound is not larger than the values, and the comparator is as good as best."""
    return FOUND_SHARE_AT_ZERO * at.scale - inequality.lhs - at.comparator_gap


@claim(
    source=SHAMIR_2018.corollary(1),
    wording="printed",
    title="no local minimum is worse than linear",
    statement=r"(w,V) \text{ a local minimum of } F_\theta \implies F(w,V,\theta) \le "
    r"\inf_{w^*} F_{lin}(w^*)",
    given=minima(),
    assuming=[*UNIT, convex_loss, twice_differentiable_loss, local_minimum],
    weight=says_something,
    census=kind_of_found_point,
    oracles=(derivatives_along_a_line,),
)
def no_bad_local_minimum(at: Any) -> Any:
    """Corollary 1, at local minima of F_θ that are proved to exist next to found points.

    The minimum's value is at least F - ||∇||²/(2μ) (`checker.landscape.minima.proof`), so the
    corollary gives F - ||∇||²/(2μ) <= F_lin(w*) for every w*; w* is nearly the best. A local
    minimum in (w, V, θ) is one in (w, V). The Lipschitz assumptions of the paper are not needed:
    Theorems 1 and 2 apply at the minimum itself.
    """
    return at.uncertainty >= at.gap


theorem1_found = replace(
    sharp_gradient_bound,
    id=f"{SHAMIR_2018.key}.theorem1_found",
    source=SHAMIR_2018.theorem(1).part("found", "sharp form, at found points"),
    title="found points with w != 0 are as good as linear, up to their gradient",
    domain=minima(),
    assuming=(*UNIT, nonzero_w, convex_loss, twice_differentiable_loss),
    weight=says_something,
    census=kind_of_found_point,
)

theorem2_found = replace(
    sharp_curvature_bound,
    id=f"{SHAMIR_2018.key}.theorem2_found",
    source=SHAMIR_2018.theorem(2).part("found", "sharp form, at found points"),
    title="found points with w = 0 above the linear level have negative curvature",
    domain=saddles_at_w_zero(),
    assuming=(*UNIT, *sharp_curvature_bound.assuming),
    weight=says_something_at_zero,
    census=kind_of_found_point,
)

_THEOREM_3 = SHAMIR_2018.theorem(3)

# ε is the least for which the point is ε-second-order stationary: a search need not converge, and
# nothing about the point is assumed. The audit drops the assumptions at constructed points.
found, found_at_t = (
    replace(
        claim,
        id=f"{SHAMIR_2018.key}.theorem3_{suffix}",
        source=_THEOREM_3.part(suffix, f"{note} at found points"),
        title=f"{claim.title}, at found points",
        domain=found_region_points(),
        weight=says_something_at_zero,
        assuming=tuple(replace(a, definitional=True) for a in claim.assuming),
    )
    for claim, suffix, note in (
        (stationary_points, "found", "as stated,"),
        (stationary_points_at_t, "found_at_t", "before choosing t,"),
    )
)
