"""Shamir (2018), section 4: "Other regularization choices can also lead to the same phenomenon."

For the figure's (w(1 + v) - 1)² and each of four regularisers R there is a ball of radius 1/64
around a point with w < 0 in which F + R grows from the centre, so that a local minimum lies in it,
a strict one; and all of the ball is more than twice as high as some linear predictor. The ridge
with λ = 1/2 is Figure 1 (b) as printed. A regulariser of w alone has no local minimum at all.
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import dot, norm
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Source, claim
from properties.shamir2018.section4.ridge import legal
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.residual_unit.regularised import RADIUS, around_minima
from strategies.residual_unit.ridge import ridge_points


def _source(part: str, note: str) -> Source:
    return Source(SHAMIR_2018, f"section 4, other regularisers{note}", f"regularisers{part}")


in_ball = Assumption(
    "in_ball",
    r"\|h\| \le 2^{-6}",
    proved(lambda at: RADIUS**2 >= at.h1 * at.h1 + at.h2 * at.h2),
)

# The centres are floats: a bound on how far the gradient is from 0 there.
STATIONARITY = 2.0**-40


def growth(at: Any, b: Any = 1) -> Any:
    """b κ ||h||²/2 - 2⁻⁴⁰ ||h||."""
    h = (at.h1, at.h2)
    return b * at.growth * dot(h, h) / 2 - STATIONARITY * norm(h)


@claim(
    source=_source("", ", a local minimum"),
    wording="ours",
    title="other regularisers create a bad local minimum, too",
    statement=r"(F + R)(z + h) \ge (F + R)(z) + \tfrac{\kappa}{2} \|h\|^2 - 2^{-40} \|h\| \quad "
    r"(\|h\| \le 2^{-6})",
    given=around_minima(),
    assuming=[in_ball],
    constants={"b": 1},
    kind="bound",
    weight=lambda at, _: growth(at),
)
def minima_of_other_regularisers(at: Any, b: Any) -> Any:
    """On the ball ∇² >= κ, and ||∇(F + R)|| <= 2⁻⁴⁰ at its centre: both are proved in balls by
    tests/theorems/test_section4.py. On the sphere ||h|| = 2⁻⁶ the bound is above (F + R)(z), so the
    ball has a local minimum inside; by convexity it is the only one, and strict.
    """
    return at.there >= at.here + growth(at, b)


@claim(
    source=_source("_value", ", worse than linear"),
    wording="ours",
    title="these minima are worse than linear",
    statement=r"(F + R)(z + h) \ge 2 (F + R)(u, 0) \quad (\|h\| \le 2^{-6})",
    given=around_minima(),
    assuming=[in_ball],
    constants={"a": 2},
    kind="bound",
)
def worse_than_linear(at: Any, a: Any) -> Any:
    """For one linear predictor u of each regulariser, so for the best one. The quotients at the
    centres are 5.2, 12.0, 3.1 and 2.3, and the ball has nothing lower by more than 2⁻⁴⁶.
    """
    return at.there >= a * at.at_linear


@claim(
    source=_source("_weight_only", ", a control"),
    wording="ours",
    title="a regulariser of w alone creates no minimum",
    statement=r"\|\nabla (F + \tfrac{\lambda}{2} w^2)\| \, \|(\varepsilon w, 1 + \varepsilon v)\| "
    r"\ge \varepsilon \lambda w^2",
    given=ridge_points(),
    assuming=[legal],
    kind="bound",
)
def no_minimum_for_the_weight_alone(at: Any) -> Any:
    """ε w ∂_w - (1 + ε v) ∂_v takes F to 0, and Cauchy-Schwarz. So a stationary point has w = 0;
    there the derivative in w is -2c (1 + ε v), so it is the saddle (0, -1/ε).
    """
    in_w, in_v = at.fit_gradient
    slope = norm((in_w + at.lam * at.w, in_v))
    return slope * norm((at.eps * at.w, 1 + at.eps * at.v)) >= at.eps * at.lam * at.w * at.w
