"""Shamir (2018), Example 1 and Remark 3: a saddle above the linear level, far out.

The saddle (0, -1/ε) has λ_min = -ε: as ε falls it is nearly second-order stationary, although
F - F_lin(1) = 1/2. Theorem 3 is not violated, since ||v|| = 1/ε is not bounded.

Remark 3, derived. On |w|, |v| <= 2/ε let s = ε w and u = ε v be in [-2, 2]. The Hessian has the
entries (1 + u)² <= 9, s² <= 4 and |2s(1 + u) - ε| <= 12 + ε, all attained at s = -2, u = 2; the
norm of such a matrix grows with each. So ||∇²F|| <= (13 + √(25 + 4(12 + ε)²))/2, which is below 20
for ε <= 1, and unbounded in ε. |D³F[h, h, h]| <= 6 ε |h_1 h_2| √13 ||h|| <= 3√13 ε ||h||³.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.functions import filled, lambda_min, norm, spectral_norm, sq, sqrt
from checker.claims.claim import Assumption, Source, claim
from checker.claims.neighbours import changed, dropped, lowered, mutant, scaled, times
from checker.instances.fields import with_fields
from checker.landscape.residual_unit.example1 import symmetric
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.residual_unit.example1 import (
    CORNER,
    STRATA,
    example1_box,
    example1_box_with_small_epsilon,
    example1_points,
    example1_saddles,
)

_EQUAL = frozenset(STRATA)


def _example(part: str, note: str) -> Source:
    return Source(SHAMIR_2018, f"Example 1, {note}", f"example1_{part}")


def _remark(part: str, note: str) -> Source:
    return Source(SHAMIR_2018, f"Remark 3, {note}", f"remark3_{part}")


def _positive(at: Any, inequality: Any) -> Any:
    return at.eps


in_box = Assumption(
    "in_box",
    r"|w|, |v| \le 2/\varepsilon",
    lambda at: (np.abs(at.s) <= 2) & (np.abs(at.u) <= 2),
)

at_the_saddle = Assumption(
    "at_the_saddle",
    r"(w, v) = (0, -1/\varepsilon)",
    lambda at: (at.s == 0) & (at.u == -1),
    definitional=True,
)

moderate_epsilon = Assumption("moderate_epsilon", r"\varepsilon \le 1", lambda at: at.eps <= 1)


@claim(
    source=_example("derivatives", "gradient and Hessian"),
    wording="printed",
    title="the printed derivatives of the example",
    statement=r"\nabla F = \left((w - 1 + \varepsilon wv)(1 + \varepsilon v), \; \varepsilon "
    r"(w - 1 + \varepsilon wv) w\right), \quad \nabla^2 F = "
    r"\begin{pmatrix} (1 + \varepsilon v)^2 & \varepsilon(2w + 2\varepsilon wv - 1) \\ "
    r"\cdot & \varepsilon^2 w^2 \end{pmatrix}",
    given=example1_points(),
    kind="tight",
    equality_strata=_EQUAL,
    weight=_positive,
)
def printed_derivatives(at: Any) -> Any:
    """||∇F||² + ||∇²F||_F² as the objective computes them, against the printed ones with the
    squared distance of both added: equality says that they are the same. **Tight** everywhere.
    """
    (g, H), (first, second) = (at.point.grad, at.point.hessian), at.printed_gradient
    printed = symmetric(*at.printed_hessian)
    apart = (first - g[0][0]) ** 2 + (second - g[1][0][0]) ** 2 + sq(printed - H)
    return sq(g) + sq(H) >= first**2 + second**2 + sq(printed) + apart


@claim(
    source=_example("gap", "the saddle"),
    wording="printed",
    title="a critical point above the linear level",
    statement=r"\varepsilon \left(F(0, -1/\varepsilon) - F_{lin}(1)\right) \ge \varepsilon/2 + "
    r"\|\nabla F(0, -1/\varepsilon)\|",
    given=example1_saddles(),
    assuming=[at_the_saddle],
    kind="tight",
    equality_strata=_EQUAL,
    weight=_positive,
)
def saddle_above_linear(at: Any) -> Any:
    """The gradient vanishes at (0, -1/ε), and F - F_lin(1) = 1/2 there. **Tight**."""
    return at.eps * at.point.gap >= at.eps / 2 + at.point.grad_norm


@claim(
    source=_example("curvature", "curvature of the saddle"),
    wording="printed",
    title="the saddle is flat",
    statement=r"\lambda_{\min}\left(\nabla^2 F(0, -1/\varepsilon)\right) \ge -\varepsilon",
    given=example1_saddles(),
    assuming=[at_the_saddle],
    constants={"c": 1},
    kind="tight",
    equality_strata=_EQUAL,
    weight=_positive,
)
def saddle_is_flat(at: Any, c: Any) -> Any:
    """The Hessian is [[0, -ε], [-ε, 0]]. **Tight**."""
    return lambda_min(at.point.hessian) >= -(c * at.eps)


@claim(
    source=_remark("hessian", "∇F is Lipschitz"),
    wording="ours",
    title="the Hessian on [-2/ε, 2/ε]²",
    statement=r"\frac{13 + \sqrt{25 + 4(12 + \varepsilon)^2}}{2} \ge \|\nabla^2 F(w,v)\|",
    given=example1_box(),
    assuming=[in_box],
    constants={"a": 25},
    kind="tight",
    equality_strata=frozenset({CORNER}),
    nearly_equal=lambda at: bool(at.s == -2 and at.u == 2),
)
def hessian_in_the_box(at: Any, a: Any) -> Any:
    """**Tight** at the corner (-2/ε, 2/ε)."""
    return (13 + sqrt(a + 4 * (12 + at.eps) ** 2)) / 2 >= spectral_norm(at.point.hessian)


@claim(
    source=_remark("constant", "a numerical constant"),
    wording="ours",
    title="one Lipschitz constant of the gradient for every ε <= 1",
    statement=r"20 \ge \|\nabla^2 F(w,v)\|",
    given=example1_box_with_small_epsilon(),
    assuming=[in_box, moderate_epsilon],
    kind="bound",
)
def hessian_is_bounded(at: Any) -> Any:
    """The paper says "for any ε > 0", which is false: see the false neighbour."""
    return filled(at.eps, 20.0) >= spectral_norm(at.point.hessian)


@claim(
    source=_remark("third", "∇²F is Lipschitz"),
    wording="ours",
    title="third derivatives on [-2/ε, 2/ε]²",
    statement=r"3\sqrt{13} \, \varepsilon \, \|h\|^3 \ge |D^3 F(w,v)[h,h,h]|",
    given=example1_box(),
    assuming=[in_box],
    kind="bound",
)
def third_derivative_in_the_box(at: Any) -> Any:
    """So ∇²F is Lipschitz with the constant 3√13 ε."""
    h = (at.h1, at.h2)
    size = 3 * sqrt(filled(at.eps, 13.0)) * at.eps * norm(h) * sq(h)
    return size >= abs(at.third_derivative)


# -- false neighbours -----------------------------------------------------------------------------


@mutant(
    saddle_above_linear,
    "printed_place",
    "section 4 prints the saddle as (1, -1/ε), where the gradient is (0, -ε)",
)
def saddle_as_printed(at: Any) -> Any:
    point = with_fields(at.point, w=at.point.w_star)
    return at.eps * point.gap >= at.eps / 2 + point.grad_norm


hessian_for_any_epsilon = dropped(
    hessian_is_bounded,
    "moderate_epsilon",
    "any_epsilon",
    "ε = 100 gives ||∇²F|| = 118.5 at the corner; the paper says: for any ε > 0",
)


hessian_outside_the_box = dropped(
    hessian_is_bounded,
    "in_box",
    "outside_the_box",
    "the Hessian grows without bound with (w, v): s = u = 2 · 2 gives (1 + u)² = 25",
)


@mutant(
    hessian_is_bounded,
    "of_the_function",
    "F itself is not: at the corner ||∇F|| is about 22/ε",
)
def gradient_is_bounded(at: Any) -> Any:
    return filled(at.eps, 20.0) >= at.point.grad_norm


derivatives_millionth = scaled(printed_derivatives, "1e-6", "an identity")
gap_millionth = scaled(saddle_above_linear, "1e-6", "the gap is 1/2 and the gradient 0")
saddle_c_millionth = lowered(saddle_is_flat, "c", "1e-6", "λ_min = -ε")
hessian_smaller = changed(hessian_in_the_box, "smaller", "at the corner it is an equality", a=24)
constant_5_percent = scaled(hessian_is_bounded, "5_percent", "19.74 at the corner for ε = 1")
third_derivative_half = times(
    third_derivative_in_the_box,
    Fraction(1, 2),
    "half",
    "s = u = 2, h = (1, 1): 6 · 5 against 3√13 · √8 = 30.6 ε",
)


@mutant(saddle_is_flat, "positive", "λ_min = -ε < 0: the saddle is not a minimum")
def saddle_has_no_descent(at: Any) -> Any:
    return lambda_min(at.point.hessian) >= 0 * at.eps


@mutant(
    printed_derivatives,
    "factor_1_forgotten",
    "∂²F/∂w∂v has the term -ε from the error times ∂²p/∂w∂v",
)
def derivatives_without_cross_term(at: Any) -> Any:
    first, _, last = at.printed_hessian
    mixed = 2 * at.s * (1 + at.u)
    wrong, H = symmetric(first, mixed, last), at.point.hessian
    return sq(H) >= sq(H) + sq(wrong - H)
