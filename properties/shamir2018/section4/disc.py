"""Shamir (2018), section 4 and Figure 1 (c): on a disc Example 1 has a bad local minimum, too.

The fit is F(w, v) = c (w(1 + ε v) - 1)² on ||(w, v)|| <= r. A constrained local minimum z with
multiplier μ solves ∇F + μ z = 0, μ >= 0: it is stationary for the ridge with λ = μ. So for w < 0 it
is z(q) = -(q, 1)/(ε (1 - q²)) with r = ||z(q)|| and μ = λ(q) (`residual_unit.ridge`). Here
r² = (1 + q²)/(ε (1 - q²))² grows from 1/ε², at q = 0, to r*(ε)² where μ = 0; there z lies in the
valley w(1 + ε v) = 1. Hence there is one such z for every r in (1/ε, r*(ε)), which is better than
no point of the half-disc w <= 0, and none for other r. For ε = 1, r* = 2.190800....

With h = z' - z = (j, k) and ∇F(z) = -μ z, F(z') - F(z) = c dp² + 2 c (P - 1) ε j k - μ <z, h>, and
2 c (P - 1) ε = -μ/q, k = e - q j, e = ε (1 - q²)(||z||² - <z, z'>) give the identity

    F(z') = F(z) + c (P' - P)² + μ ((w' - w)² + (||z||² - <z, z'>) w'/w),   P = w(1 + ε v).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import dot, norm
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, claim
from properties.shamir2018.section4.ridge import example, in_family, legal, of_the_figure, source
from strategies.residual_unit.ridge import (
    ANY_RADIUS,
    GREATEST,
    IDENTITIES,
    NEAREST,
    disc_points,
    discs,
    small_disc_points,
    valley_points,
)


def _squared(at: Any) -> Any:
    return at.w * at.w + at.v * at.v


in_disc = Assumption(
    "in_disc", r"\|z'\| \le \|z\|", proved(lambda at: _squared(at.here) >= _squared(at.there))
)

on_the_left = Assumption("on_the_left", r"w' \le 0", proved(lambda at: -at.there.w >= 0))

outward = Assumption("outward", r"\mu \ge 0", proved(lambda at: at.own_lam >= 0))

inward = Assumption("inward", r"\mu \le 0", proved(lambda at: -at.own_lam >= 0))

in_the_small_disc = Assumption(
    "in_the_small_disc",
    r"\|(w, v)\| \le 1/\varepsilon",
    proved(lambda at: 1 >= at.eps * at.eps * _squared(at)),
)

left_half = Assumption("left_half", r"w \le 0", lambda at: at.w <= 0)

below = Assumption("below", r"v \le 0", lambda at: at.v <= 0)

of_a_valley = Assumption(
    "of_a_valley",
    r"0 < q < 1, \; t > 0",
    lambda at: (at.q > 0) & (at.q < 1) & (at.t > 0),
    definitional=True,
)


@claim(
    source=source("c", "part (c): a bad minimum on a disc"),
    wording="ours",
    title="on a disc, a strict local minimum with w < 0, worse than linear",
    statement=r"F(z') \ge F_{lin}(1) + \frac{\mu^2}{4c(\varepsilon q)^2} + \mu (w' - w)^2 "
    r"\quad (\|z'\| \le \|z\|, \; w' \le 0), \quad z = (w, v) = (w(q), v(q)), \; \mu = \lambda(q)",
    given=disc_points(),
    assuming=[in_family, in_disc, on_the_left, outward],
    constants={"b": 1},
    kind="bound",
)
def minimum_of_the_half_disc(at: Any, b: Any) -> Any:
    """Figure 1 (c) is ε = c = 1, r = 2, q = 0.6379....

    In the identity of the module's docstring the last term is non-negative, and
    F(z) = c (P - 1)² = μ²/(4c (ε q)²). For μ > 0 the minimum is strict: with w' = w < 0 it takes
    ||z||² = <z, z'>, so z' = z. The linear predictor 1, with F_lin(1) = 0, is in the disc if
    ε <= 1.
    """
    root = at.own_lam / (at.eps * at.q)
    return at.there.fit >= (
        at.there.point.F_lin + root * root / (4 * at.c) + b * at.own_lam * at.h1 * at.h1
    )


@claim(
    source=source("c_boundary", "part (c): on the boundary"),
    wording="ours",
    title="the bad minimum on a disc lies on its boundary",
    statement=r"-\langle \nabla F(z), z \rangle \ge \mu \|z\|^2",
    given=discs(IDENTITIES),
    assuming=[in_family, of_the_figure],
    kind="tight",
    equality_strata=frozenset({ANY_RADIUS, GREATEST}),
)
def on_the_boundary(at: Any) -> Any:
    """∇F(z) = -μ z. For μ > 0, F falls outward at z, so no larger disc has a minimum at z; for
    μ < 0 it falls inward, so neither has this one. **Equality**.

    A local minimum inside a disc would have ∇F = 0; then F = 0 or z is the saddle (0, -1/ε).
    """
    z = (at.w, at.v)
    return -dot(at.here.fit_gradient, z) >= at.own_lam * dot(z, z)


@claim(
    source=source("c_radius", "part (c): from which radius on there is no bad minimum"),
    wording="ours",
    title="discs with a bad minimum have a radius below 2.190801",
    statement=r"2.190801 \ge \|z(q)\|, \quad \varepsilon = 1",
    given=discs(),
    assuming=[in_family, of_the_figure, outward],
    constants={"R": Fraction(2190801, 10**6)},
    kind="bound",
)
def radius_of_a_bad_disc(at: Any, R: Any) -> Any:
    """||z(q)|| grows with q, and μ >= 0 up to the q of the valley: r* = 2.19080002...."""
    return R >= norm((at.w, at.v))


@claim(
    source=source("c_existence", "part (c): up to which radius there is a bad minimum"),
    wording="ours",
    title="discs of a radius between 1 and 2.1908 have a bad minimum",
    statement=r"\|z(q)\| \ge 2.1908 \quad (\mu \le 0), \quad \varepsilon = 1",
    given=discs(),
    assuming=[in_family, of_the_figure, inward],
    constants={"R": Fraction(21908, 10**4)},
    kind="bound",
)
def radius_of_a_good_disc(at: Any, R: Any) -> Any:
    """||z(q)|| grows continuously from 1, so below 2.1908 every radius has its q, with μ > 0."""
    return norm((at.w, at.v)) >= R


@claim(
    source=example("valley", "the left valley"),
    wording="ours",
    title="how far the valley with w < 0 is from 0, for every ε",
    statement=r"\|(w, v)\|^2 \ge r^*(\varepsilon)^2 \quad (w(1 + \varepsilon v) = 1, \; w < 0), "
    r"\quad r^{*2} = \frac{1 + q^2}{\varepsilon^2(1 - q^2)^2}, \; \varepsilon = "
    r"\frac{q^3}{(1 - q^2)^2}",
    given=valley_points(),
    assuming=[of_a_valley],
    constants={"b": 1},
    kind="tight",
    equality_strata=frozenset({NEAREST}),
)
def distance_of_the_valley(at: Any, b: Any) -> Any:
    """t² + (1 + 1/t)²/ε² is convex in t = -w > 0, with its least value at t = (1 - q²)/q²."""
    return at.squared_norm >= b * at.least_squared_norm


@claim(
    source=example("small_disc", "on a small disc no bad minimum"),
    wording="ours",
    title="on discs of a radius up to 1/ε, no minimum has w < 0",
    statement=r"-\langle \nabla F(w, v), (-v, w) \rangle \ge 2c (\varepsilon w^2 - v(1 + "
    r"\varepsilon v)) \quad (\|(w, v)\| \le 1/\varepsilon, \; w, v \le 0)",
    given=small_disc_points(),
    assuming=[legal, in_the_small_disc, left_half, below],
    kind="bound",
)
def small_discs_have_no_bad_minimum(at: Any) -> Any:
    """F falls along the circle, towards w = 0, for v <= 0; and for v >= 0 along w.

    <∇F, (-v, w)> = 2c (P - 1)(ε w² - v(1 + ε v)); here 1 + ε v >= 0, so P <= 0 and both factors of
    the bound's right-hand side are non-negative. For v >= 0, ∂F/∂w = 2c (P - 1)(1 + ε v) < 0.
    """
    along = at.w * at.fit_gradient[1] - at.v * at.fit_gradient[0]
    return -along >= 2 * at.c * (at.eps * at.w * at.w - at.v * (1 + at.eps * at.v))
