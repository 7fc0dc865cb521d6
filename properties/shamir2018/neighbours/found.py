"""False neighbours of the claims on found points: the same formula, one assumption dropped.

Each is refuted by points that the same kind of search finds, with the same proof of minimality.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.exact import Exact
from checker.arithmetic.premise import case_by_case
from checker.claims.claim import Assumption
from checker.claims.neighbours import dropped, mutant, times
from checker.instances.fields import map_arrays
from checker.landscape.minima.proof import local_minimum
from properties.shamir2018.found import (
    found,
    found_at_t,
    no_bad_local_minimum,
    theorem1_found,
    theorem2_found,
)
from properties.shamir2018.neighbours.stationarity import first_order_only, theorem1_only
from strategies.minima.found_controls import exactly_critical_points, minima_of

_FAR = "labels far from each other: near a few of them lies a minimum, the others pull no more"

no_convexity = dropped(no_bad_local_minimum, "convex_loss", "no_convexity", _FAR)

no_convexity_cauchy, no_convexity_gaussian, no_convexity_wells = (
    dropped(
        no_bad_local_minimum, "convex_loss", f"no_convexity_{kind}", _FAR, given=minima_of(kind)
    )
    for kind in ("cauchy", "one_minus_gaussian", "double_well")
)

no_skip_connection = dropped(
    no_bad_local_minimum,
    "skip_connection",
    "no_skip_connection",
    "x -> wᵀ V f(x): minima are those of predictors linear in f(x), which may be worse than x",
)

ridge = dropped(
    no_bad_local_minimum,
    "no_regularisation",
    "ridge",
    "figure 1(b): (w(1 + v) - 1)² + (w² + v²)/4 has a minimum with w < 0",
)

activation_after_the_sum = dropped(
    no_bad_local_minimum,
    "no_activation_after",
    "activation_after_the_sum",
    "x -> wᵀ tanh(x + V f(x)) is bounded, a linear predictor is not",
)

loss_with_kink = dropped(
    no_bad_local_minimum,
    "twice_differentiable_loss",
    "loss_with_kink",
    "|p - y| with x = (1, 0), f = (0, 1), y = (1, 0), w = 0, V = 2: F = (|w - 1| + |w V|)/2 is at "
    "least 1/2 for small w, and w* = 1 gives F_lin = 0",
)


def _is_critical(at: Any) -> bool:
    blocks = map_arrays(at, Exact.constant).grad
    return all(x.known and x.sign == 0 for block in blocks for x in block.entries.flat)


exactly_critical = Assumption(
    "exactly_critical", r"\nabla F_\theta(w, V) = 0", case_by_case(_is_critical), decided=True
)

every_critical_point = mutant(
    no_bad_local_minimum,
    "every_critical_point",
    "x = f = y = 1, w = 0, V = -1: the gradient is 0, F = 1/2, and w* = 1 gives F_lin = 0; "
    "the point is a saddle, which first-order information cannot tell from a minimum",
    given=exactly_critical_points(),
    assuming=[exactly_critical if a is local_minimum else a for a in no_bad_local_minimum.assuming],
)(no_bad_local_minimum.formula)

gradient_without_convexity = dropped(theorem1_found, "convex_loss", "no_convexity", _FAR)

gradient_without_skip = dropped(
    theorem1_found,
    "skip_connection",
    "no_skip_connection",
    "minima of predictors linear in f(x) have no gradient, and may be worse than linear in x",
)

curvature_without_skip = dropped(
    theorem2_found,
    "skip_connection",
    "no_skip_connection",
    "w = 0 and V b = 0, V small: gradient 0, hardly any curvature that V sees, and x is not used",
)

found_a_thousandth = times(
    found,
    Fraction(1, 1000),
    "a_thousandth",
    "saddles at w = 0 are above the linear level, by less than the bound but not by so much less",
)

found_at_t_a_fiftieth = times(
    found_at_t,
    Fraction(1, 50),
    "a_fiftieth",
    "saddles at w = 0 are above the linear level, by less than the bound but not by so much less",
)

first_order_only_found = mutant(
    found,
    "first_order_only",
    "saddles at w = 0 have no gradient and lie above the linear level",
)(first_order_only.formula)

theorem1_only_found = mutant(
    found_at_t,
    "theorem1_only",
    "near w = 0 the term of Theorem 1 alone vanishes with the gradient, at a saddle above linear",
)(theorem1_only.formula)
