"""Shamir (2018), Theorem 3 at points that optimisers found, beside the constructed ones."""

from __future__ import annotations

from dataclasses import replace

from properties.shamir2018 import SHAMIR_2018
from properties.shamir2018_stationarity import stationary_points, stationary_points_at_t
from strategies.regions_found import found_region_points

_SOURCE = SHAMIR_2018.theorem(3)

# ε is the least for which the point is ε-second-order stationary: a search need not converge, and
# nothing about the point is assumed. The audit drops the assumptions at constructed points.
found, found_at_t = (
    replace(
        claim,
        id=f"{SHAMIR_2018.key}.theorem3_{suffix}",
        source=_SOURCE.part(suffix, f"{note} at found points"),
        title=f"{claim.title}, at found points",
        domain=found_region_points(),
        assuming=tuple(replace(a, definitional=True) for a in claim.assuming),
    )
    for claim, suffix, note in (
        (stationary_points, "found", "as stated,"),
        (stationary_points_at_t, "found_at_t", "before choosing t,"),
    )
)
