"""Shamir (2018), section 4: Example 1 is stationary in two valleys and at one saddle.

F(w, v) = (P - 1)²/2 with P = w(1 + ε v), so ∇F = (P - 1)(1 + ε v, ε w), and (1 + ε v, ε w) = 0 at
the saddle (0, -1/ε) only. The set F < 1/2 is 0 < P < 2: its two parts, w > 0 and w < 0, are each
convex in (log |w|, log |1 + ε v|), and each has one valley P = 1 of global minima.
"""

from __future__ import annotations

from typing import Any

from checker.arithmetic.functions import filled, lambda_max, lambda_min, minimum, sq, sqrt
from checker.claims.claim import Assumption, Source, claim
from properties.shamir2018.example1 import at_the_saddle, in_box
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.residual_unit.example1 import (
    AXES,
    CORNER,
    LANDSCAPE,
    SADDLE,
    example1_between_the_valleys,
    example1_box,
    example1_landscape,
    example1_saddles,
)


def _source(part: str, note: str) -> Source:
    return Source(SHAMIR_2018, f"Example 1, {note}", f"example1_{part}")


def _signs_differ(at: Any) -> Any:
    return ((at.s >= 0) & (at.u <= -1)) | ((at.s <= 0) & (at.u >= -1))


between = Assumption("between", r"w(1 + \varepsilon v) \le 0", _signs_differ)


@claim(
    source=_source("stationary", "all stationary points"),
    wording="ours",
    title="stationary where F = 0, and at the saddle",
    statement=r"\|\nabla F(w,v)\|^2 \ge 2 F(w,v) \, \|(\varepsilon w, 1 + \varepsilon v)\|^2",
    given=example1_landscape(),
    constants={"a": 2},
    kind="tight",
    equality_strata=frozenset(LANDSCAPE),
    weight=lambda at, _: at.eps,
)
def only_valleys_and_saddle(at: Any, a: Any) -> Any:
    """||(ε w, 1 + ε v)|| is ε times the distance to (0, -1/ε): so ∇F = 0 iff F = 0 or at the
    saddle. **Equality** everywhere.
    """
    return sq(at.point.grad) >= a * at.point.F * (at.s * at.s + (1 + at.u) ** 2)


@claim(
    source=_source("valleys", "two valleys"),
    wording="ours",
    title="a pass of height 1/2 between the two valleys",
    statement=r"F(w,v) \ge \tfrac12 \quad (w(1 + \varepsilon v) \le 0)",
    given=example1_between_the_valleys(),
    assuming=[between],
    constants={"h": 0.5},
    kind="tight",
    equality_strata=frozenset({SADDLE, AXES}),
)
def two_valleys(at: Any, h: Any) -> Any:
    """So any way from w > 0 to w < 0 below 1/2 is barred, and the saddle, of value 1/2, is the
    lowest pass. **Equality** at w = 0 and at v = -1/ε.
    """
    return at.point.F >= filled(at.eps, h)


@claim(
    source=_source("saddle", "one saddle"),
    wording="ours",
    title="the saddle is one, of equal curvature up and down",
    statement=r"\min(\lambda_{\max}, -\lambda_{\min})(\nabla^2 F(0, -1/\varepsilon)) \ge "
    r"\varepsilon",
    given=example1_saddles(),
    assuming=[at_the_saddle],
    kind="tight",
    equality_strata=frozenset({SADDLE}),
)
def one_saddle(at: Any) -> Any:
    """The Hessian is [[0, -ε], [-ε, 0]]. **Equality**."""
    hessian = at.point.hessian
    return minimum(lambda_max(hessian), -lambda_min(hessian)) >= at.eps


@claim(
    source=Source(SHAMIR_2018, "Remark 3, slope of F", "remark3_slope"),
    wording="ours",
    title="how steep Example 1 is on [-2/ε, 2/ε]²",
    statement=r"\sqrt{13} \left(\tfrac{6}{\varepsilon} + 1\right) \ge \|\nabla F(w,v)\|",
    given=example1_box(),
    assuming=[in_box],
    constants={"a": 6},
    kind="tight",
    equality_strata=frozenset({CORNER}),
)
def slope_in_the_box(at: Any, a: Any) -> Any:
    """|P - 1| <= 6/ε + 1 and ||(1 + u, s)|| <= √13. **Equality** at the corner (-2/ε, 2/ε).

    So the constant μ0 of Theorem 3 is 21.63/ε + 3.61 on this box: the example's gap of 1/2 at a
    nearly stationary point may be due to it as well as to the norm.
    """
    return sqrt(filled(at.eps, 13.0)) * (a / at.eps + 1) >= at.point.grad_norm
