"""Shamir (2018), section 4: Example 1 with ridge, on a disc, and with other regularisers.

F_λ(w, v) = c (w(1 + εv) - 1)² + (λ/2)(w² + v²), its derivatives written out; the curve of its
stationary points with w < 0 is (w, v) = -(q, 1)/(ε(1 - q²)).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from soundness.algebra import norm
from soundness.papers.registry import Sides, reference
from soundness.plain import Given
from soundness.reals import Real, number


class _Surface(NamedTuple):
    """F_λ at (w, v)."""

    eps: Real
    c: Real
    lam: Real
    w: Real
    v: Real

    @property
    def error(self) -> Real:
        return self.w * (1 + self.eps * self.v) - 1

    @property
    def fit(self) -> Real:
        return self.c * self.error * self.error

    @property
    def value(self) -> Real:
        return self.fit + self.lam * (self.w * self.w + self.v * self.v) / 2

    @property
    def slope_of_fit(self) -> tuple[Real, Real]:
        push = 2 * self.c * self.error
        return push * (1 + self.eps * self.v), push * self.eps * self.w

    @property
    def slope(self) -> tuple[Real, Real]:
        in_w, in_v = self.slope_of_fit
        return in_w + self.lam * self.w, in_v + self.lam * self.v

    @property
    def reach(self) -> Real:
        """||(εw, 1 + εv)||."""
        return norm([self.eps * self.w, 1 + self.eps * self.v])

    @property
    def squared(self) -> Real:
        return self.w * self.w + self.v * self.v

    @property
    def off_curve(self) -> Real:
        """εw² - v(1 + εv)."""
        return self.eps * self.w * self.w - self.v * (1 + self.eps * self.v)


def _given(at: Given) -> _Surface:
    return _Surface(at.eps, at.c, at.lam, at.w, at.v)


def _place(eps: Real, q: Real) -> tuple[Real, Real]:
    far = 1 / (1 - q * q)
    return -q * far / eps, -far / eps


def _own_lam(eps: Real, c: Real, q: Real) -> Real:
    """λ(q) = 2c(εq - s²), s = q²/(1 - q²)."""
    s = q * q / (1 - q * q)
    return 2 * c * (eps * q - s * s)


def _on_curve(at: Given, eps: Real, lam: Real, h: Any = None) -> _Surface:
    w, v = _place(eps, at.q)
    if h is not None:
        w, v = w + h[0], v + h[1]
    return _Surface(eps, at.c, lam, w, v)


# -- where it is stationary -----------------------------------------------------------------------


@reference("shamir2018.figure1_stationary")
def on_one_curve(at: Given) -> Sides:
    """||∇F_λ|| ||(εw, 1 + εv)|| >= λ|εw² - v(1 + εv)|."""
    point = _given(at)
    return Sides(norm([*point.slope]) * point.reach, point.lam * abs(point.off_curve))


@reference("shamir2018.regularisers_weight_only")
def weight_alone(at: Given) -> Sides:
    """||∇(F + λw²/2)|| ||(εw, 1 + εv)|| >= ελw²."""
    point = _given(at)
    in_w, in_v = point.slope_of_fit
    slope = norm([in_w + point.lam * point.w, in_v])
    return Sides(slope * point.reach, point.eps * point.lam * point.w * point.w)


@reference("shamir2018.figure1_threshold")
def above_the_threshold(at: Given, T: Any) -> Sides:
    """||∇F_λ|| >= (λ - 2cT)||(w, v)|| on the curve."""
    point = _on_curve(at, at.eps, at.lam)
    return Sides(norm([*point.slope]), (at.lam - 2 * at.c * T) * point.squared.sqrt())


@reference("shamir2018.figure1_existence")
def below_the_threshold(at: Given, T: Any) -> Sides:
    """-<∇F_λ, (w, v)> >= (2cT - λ)||(w, v)||²."""
    point = _on_curve(at, at.eps, at.lam)
    return Sides(_inward(point, point.slope), (2 * at.c * T - at.lam) * point.squared)


def _inward(point: _Surface, slope: tuple[Real, Real]) -> Real:
    return -(slope[0] * point.w + slope[1] * point.v)


def _fold(at: Given) -> tuple[Real, Real]:
    """ε = 4a³ and λ(t), a = t/(1 - t²)."""
    a = at.t / (1 - at.t * at.t)
    eps = 4 * a * a * a
    return eps, _own_lam(eps, at.c, at.t)


@reference("shamir2018.example1_ridge_threshold")
def above_every_threshold(at: Given, b: Any) -> Sides:
    """||∇F_λ(w(q), v(q))|| >= (λ - bλ*)||(w, v)||."""
    eps, most = _fold(at)
    point = _on_curve(at, eps, at.lam)
    return Sides(norm([*point.slope]), (at.lam - most * b) * point.squared.sqrt())


@reference("shamir2018.example1_ridge_existence")
def below_every_threshold(at: Given, b: Any) -> Sides:
    """-<∇F_λ, (w, v)> >= (bλ* - λ)||(w, v)||²."""
    eps, most = _fold(at)
    point = _on_curve(at, eps, at.lam)
    return Sides(_inward(point, point.slope), (most * b - at.lam) * point.squared)


# -- a local minimum ------------------------------------------------------------------------------


def _both(at: Given) -> tuple[_Surface, _Surface]:
    """The stationary point for its own λ, and the point moved by h."""
    lam = _own_lam(at.eps, at.c, at.q)
    return _on_curve(at, at.eps, lam), _on_curve(at, at.eps, lam, (at.h1, at.h2))


@reference("shamir2018.figure1_b")
def strict_local_minimum(at: Given, b: Any) -> Sides:
    """F_λ(z + h) >= F_λ(z) + ||h||²(bκ/2 - cε√(a² + s²)||h||), κ = det ∇²/tr ∇² from the matrix."""
    here, there = _both(at)
    # ∇² = 2c ((1 + εv)², 2εP - ε; ., (εw)²) + λI with P = w(1 + εv).
    u, x = 1 + at.eps * here.v, at.eps * here.w
    ww, vv = 2 * at.c * u * u + here.lam, 2 * at.c * x * x + here.lam
    wv = 2 * at.c * at.eps * (2 * here.w * u - 1)
    kappa = (ww * vv - wv * wv) / (ww + vv)
    a = at.q / (1 - at.q * at.q)
    s = at.q * a
    size = at.h1 * at.h1 + at.h2 * at.h2
    third = at.c * at.eps * (a * a + s * s).sqrt()
    return Sides(there.value, here.value + size * (kappa * b / 2 - third * size.sqrt()))


def _linear(at: Given) -> _Surface:
    """The best regularised linear predictor, w = 2c/(2c + λ)."""
    lam = _own_lam(at.eps, at.c, at.q)
    return _Surface(at.eps, at.c, lam, 2 * at.c / (2 * at.c + lam), number(0))


@reference("shamir2018.figure1_b_value")
def worse_than_linear(at: Given, a: Any) -> Sides:
    """F_λ(z) >= a min F_λ(w, 0)."""
    return Sides(_both(at)[0].value, _linear(at).value * a)


@reference("shamir2018.example1_ridge_value")
def worse_for_every_slope(at: Given) -> Sides:
    """F_λ(z) >= min F_λ(w, 0)."""
    return Sides(_both(at)[0].value, _linear(at).value)


@reference("shamir2018.figure1_b_fit")
def worse_fit(at: Given, a: Any) -> Sides:
    """F(z) >= a F(w_λ, 0)."""
    return Sides(_both(at)[0].fit, _linear(at).fit * a)


# -- on a disc ------------------------------------------------------------------------------------


@reference("shamir2018.figure1_c")
def minimum_of_the_half_disc(at: Given, b: Any) -> Sides:
    """F(z') >= F_lin(1) + μ²/(4c(εq)²) + bμ(w' - w)²."""
    here, there = _both(at)
    root = here.lam / (at.eps * at.q)
    return Sides(there.fit, root * root / (4 * at.c) + here.lam * b * at.h1 * at.h1)


@reference("shamir2018.figure1_c_boundary")
def on_the_boundary(at: Given) -> Sides:
    """-<∇F(z), z> >= μ||z||²."""
    here, _ = _both(at)
    return Sides(_inward(here, here.slope_of_fit), here.lam * here.squared)


@reference("shamir2018.figure1_c_radius")
def radius_of_a_bad_disc(at: Given, R: Any) -> Sides:
    """R >= ||z||."""
    return Sides(number(R), _both(at)[0].squared.sqrt())


@reference("shamir2018.figure1_c_existence")
def radius_of_a_good_disc(at: Given, R: Any) -> Sides:
    """||z|| >= R."""
    return Sides(_both(at)[0].squared.sqrt(), number(R))


@reference("shamir2018.example1_valley")
def distance_of_the_valley(at: Given, b: Any) -> Sides:
    """||(w, v)||² >= br*² at w = -t, w(1 + εv) = 1, for ε = q³/(1 - q²)²."""
    inside = 1 - at.q * at.q
    eps = at.q**3 / (inside * inside)
    w = -at.t
    v = (1 / w - 1) / eps
    least = (1 + at.q * at.q) / (eps * inside) ** 2
    return Sides(w * w + v * v, least * b)


@reference("shamir2018.example1_small_disc")
def small_discs(at: Given) -> Sides:
    """-<∇F, (-v, w)> >= 2c(εw² - v(1 + εv))."""
    point = _given(at)
    in_w, in_v = point.slope_of_fit
    return Sides(in_w * point.v - in_v * point.w, 2 * point.c * point.off_curve)


# -- other regularisers ---------------------------------------------------------------------------


def _regularised(at: Given, w: Real, v: Real) -> Real:
    """(w(1 + v) - 1)² + κ4(w⁴ + v⁴) + κ1(|w| + |v|) + κn||(w, v)|| + (κw w² + κv v²)/2."""
    error = w * (1 + v) - 1
    fourth = at.fourth * (w**4 + v**4) + at.first * (abs(w) + abs(v))
    squares = (at.in_w * w * w + at.in_v * v * v) / 2
    return error * error + fourth + at.norm * (w * w + v * v).sqrt() + squares


@reference("shamir2018.regularisers")
def minima_of_other_regularisers(at: Given, b: Any) -> Sides:
    """(F + R)(z + h) >= (F + R)(z) + bκ||h||²/2 - 2⁻⁴⁰||h||."""
    size = at.h1 * at.h1 + at.h2 * at.h2
    grown = at.growth * b * size / 2 - size.sqrt() * 2.0**-40
    there = _regularised(at, at.w + at.h1, at.v + at.h2)
    return Sides(there, _regularised(at, at.w, at.v) + grown)


@reference("shamir2018.regularisers_value")
def regularised_worse_than_linear(at: Given, a: Any) -> Sides:
    """(F + R)(z + h) >= a(F + R)(u, 0)."""
    there = _regularised(at, at.w + at.h1, at.v + at.h2)
    return Sides(there, _regularised(at, at.linear, number(0)) * a)
