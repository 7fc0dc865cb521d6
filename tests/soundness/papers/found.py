"""Shamir (2018) at points that searches end in: Corollary 1 at a minimum that is near."""

from __future__ import annotations

from soundness.algebra import outer, square
from soundness.papers.registry import Sides, reference
from soundness.papers.sample import UnitPoint
from soundness.plain import Given
from soundness.reals import total


@reference("shamir2018.corollary1", "shamir2018.remark1_corollary1")
def corollary1(given: Given) -> Sides:
    """||∇Φ||²/(2μ) >= F - F_lin(w*); Φ(c) = E l(cᵀ[x; z]; y) at c = (w, Vᵀw), or F itself."""
    # The corollary speaks of the theorems' own objective.
    assert float(given.fields["skip"]) == 1
    assert float(given.fields["ridge"]) == 0
    assert not given.after
    at = UnitPoint(given)
    blocks = (at.g, outer(at.w, at.b)) if given.whole else (at.a, at.b)
    slope = total(square(block) for block in blocks)
    return Sides(slope / (2 * given.modulus), at.gap)
