"""Section 4 of Shamir (2018): what the proofs of the claims on it rest on, in exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq, fmpq_poly

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import lambda_min
from checker.claims.claim import Claim
from checker.instances.fields import map_arrays
from checker.landscape.residual_unit.regularised import Regularised
from checker.landscape.residual_unit.ridge import Stationary
from checker.testing import Checker
from properties.shamir2018.figure1 import (
    DISC,
    FIGURE_1B,
    FIGURE_1C,
    ON_DISC,
    Kind,
    constrained_minimum,
    stationary_points,
)
from properties.shamir2018.section4 import disc as shamir2018_disc
from properties.shamir2018.section4 import landscape as shamir2018_landscape
from properties.shamir2018.section4 import neighbours_disc as mutants_disc
from properties.shamir2018.section4 import neighbours_landscape as mutants_landscape
from properties.shamir2018.section4 import neighbours_regularisers as mutants_regularisers
from properties.shamir2018.section4 import neighbours_ridge as mutants_ridge
from properties.shamir2018.section4 import regularisers as shamir2018_regularisers
from properties.shamir2018.section4 import ridge as shamir2018_ridge
from strategies.residual_unit.regularised import CENTRES, RADIUS, centre

BITS = 256
MODULES = (shamir2018_landscape, shamir2018_ridge, shamir2018_disc, shamir2018_regularisers)
FALSE = (mutants_landscape, mutants_ridge, mutants_disc, mutants_regularisers)


def _claims(modules: Any) -> list[Claim]:
    return [c for m in modules for c in vars(m).values() if isinstance(c, Claim)]


STATEMENTS, MUTANTS = _claims(MODULES), _claims(FALSE)


@pytest.mark.parametrize("claim", STATEMENTS, ids=lambda c: c.id)
def test_claims_stand(
    claim: Claim, check_claim: Checker, in_brief: Callable[[Claim], Claim]
) -> None:
    assert check_claim(in_brief(claim), cases=120, seed=1).tally.nontrivial >= 30


@pytest.mark.parametrize("claim", MUTANTS, ids=lambda c: c.id)
def test_false_neighbours_fall(claim: Claim, check_claim: Checker) -> None:
    found = check_claim(claim, cases=3000, seed=1)
    least = found.counterexample
    assert least is not None
    assert decide_case(claim, least.instance, claim.weight).decision is Decision.VIOLATED


# -- the curve of stationary points, in rationals --------------------------------------------------


def _ridge(rng: np.random.Generator) -> tuple[Fraction, ...]:
    q = Fraction(int(rng.integers(1, 40)), 41)
    return Fraction(int(rng.integers(1, 60)), 7), Fraction(int(rng.integers(1, 9)), 3), q


def _point(eps: Fraction, q: Fraction) -> tuple[Fraction, Fraction]:
    return -q / (eps * (1 - q * q)), -1 / (eps * (1 - q * q))


def test_the_gradient_on_the_curve_and_the_hessian_where_it_vanishes() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        eps, c, q = _ridge(rng)
        w, v = _point(eps, q)
        s, a = -(1 + eps * v), -eps * w
        own = 2 * c * (eps * q - s * s)
        for lam in (own, Fraction(int(rng.integers(1, 9)), 5)):
            error = w * (1 + eps * v) - 1
            gradient = (
                2 * c * error * (1 + eps * v) + lam * w,
                2 * c * error * eps * w + lam * v,
            )
            assert gradient == ((lam - own) * w, (lam - own) * v)
        first, last = 2 * c * s * s + own, 2 * c * a * a + own
        mixed = 2 * c * eps * (2 * error + 1)
        assert first * last - mixed**2 == (
            4 * c * c * (1 - q * q) * (4 * a**3 - eps) * (eps - s * a)
        )
        assert first + last == 2 * c * (2 * eps * q + s)


def test_the_identity_on_the_disc() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        eps, c, q = _ridge(rng)
        w, v = _point(eps, q)
        x, y = (Fraction(int(k), 5) for k in rng.integers(-30, 31, 2))
        mu = 2 * c * (eps * q - (1 + eps * v) ** 2)
        before, after = w * (1 + eps * v), x * (1 + eps * y)
        bracket = (x - w) ** 2 + (w * w + v * v - w * x - v * y) * x / w
        assert c * (after - 1) ** 2 == (
            c * (before - 1) ** 2 + c * (after - before) ** 2 + mu * bracket
        )


def test_curvature_along_the_circle() -> None:
    """(1, -q)ᵀ∇²(1, -q) = 2c (3 + q²)(ε q - s²): a constrained minimum for every μ > 0."""
    rng = np.random.default_rng(2)
    for _ in range(30):
        eps, c, q = _ridge(rng)
        w, v = _point(eps, q)
        rho = eps * q - (1 + eps * v) ** 2
        first, last = (1 + eps * v) ** 2 + rho, (eps * w) ** 2 + rho
        mixed = eps * (2 * w * (1 + eps * v) - 1)
        assert 2 * c * (first - 2 * q * mixed + q * q * last) == 2 * c * (3 + q * q) * rho


# -- the constants of Figure 1 --------------------------------------------------------------------

_Q = fmpq_poly([0, 1])
_U = 1 - _Q * _Q
# (1 - q²)² times ρ = q - s², for ε = 1.
_RHO = _Q * _U**2 - _Q**4


def _roots_below(polynomial: Any, valley: Any) -> int:
    """Real roots in (0, valley]; none may be too close to 0 or to the valley to tell."""
    with working_precision(BITS):
        real = [r.real for r, _ in polynomial.complex_roots() if r.imag == 0]
        inside = [r for r in real if r > 0 and r < valley]
        assert all(r > 0 or r <= 0 for r in real)
        assert all(r < valley or r > valley for r in real)
        return len(inside)


def _valley() -> Any:
    with working_precision(BITS):
        roots = [r.real for r, _ in _RHO.complex_roots() if r.imag == 0]
        (valley,) = (r for r in roots if r > arb("0.1") and r < 1)
        return valley


@pytest.mark.parametrize(("ratio", "crossings"), [("479/100", 0), ("480/100", 1)])
def test_the_quotient_of_the_values_is_above_4_79(ratio: str, crossings: int) -> None:
    """(1 + ρ)(ρ/q² + (1 + q²)/(1 - q²)²) - 4.79, times q²(1 - q²)⁴: no root where ρ >= 0."""
    bound = fmpq(*Fraction(ratio).as_integer_ratio())
    quotient = (_U**2 + _RHO) * (_RHO + _Q**2 * (1 + _Q**2))
    polynomial = quotient - bound * _Q**2 * _U**4
    assert _roots_below(polynomial, _valley()) == crossings
    assert polynomial(fmpq(1, 2)) > 0


def test_the_figures_points_are_on_the_curve() -> None:
    """The q of parts (b) and (c), as the docstrings have them."""
    bad = stationary_points(FIGURE_1B)[-1]
    circle = constrained_minimum(FIGURE_1C, DISC, ON_DISC)
    assert circle is not None
    assert bad.kind is circle.kind is Kind.MINIMUM
    for point, lam, digits in ((bad, arb("0.5"), "0.6132"), (circle, circle.multiplier, "0.6379")):
        with working_precision(BITS):
            q = point.w / point.v
            assert (-1 / (1 - q * q)).overlaps(point.v)
            assert (2 * (q - (1 + point.v) ** 2)).overlaps(lam)
            assert str(float(q.mid())).startswith(digits)


@pytest.mark.parametrize("eps", [0.25, 1.0, 8.0])
@pytest.mark.parametrize("q", [0.2, 0.45, 0.5, 0.6132, 0.66])
def test_the_curvature_of_the_claim_is_det_over_trace(eps: float, q: float) -> None:
    """So it is below λ_min, of either sign; positive where 4a³ > ε and λ > 0."""
    at = Stationary(*(np.array(x) for x in (eps, 3.0, q, 0.0, 0.0)))
    with working_precision(BITS):
        ball = map_arrays(at, Ball.constant)
        (first, mixed), (_, last) = ball.here.hessian.entries
        own = (first * last - mixed * mixed) / (first + last)
        assert own.overlaps(ball.curvature.item)
        assert own.rad() < arb((1, -200))
        assert lambda_min(ball.here.hessian).item >= own or own.overlaps(arb(0))
        bowl = 4 * ball.a.item**3 > eps and ball.own_lam.item > 0
        assert (own > 0) == bowl


# -- other regularisers ---------------------------------------------------------------------------


def _derivatives(given: dict[str, float], w: Any, v: Any) -> tuple[Any, Any]:
    """Gradient and Hessian of (w(1 + v) - 1)² + R on balls; |w| = -w and |v| = -v are used."""
    assert w < 0
    assert v < 0
    error, size = w * (1 + v) - 1, (w * w + v * v).sqrt()
    k4, k1, kn, kw, kv = (arb(given[k]) for k in ("fourth", "first", "norm", "in_w", "in_v"))
    gradient = (
        2 * error * (1 + v) + 4 * k4 * w**3 - k1 + kn * w / size + kw * w,
        2 * error * w + 4 * k4 * v**3 - k1 + kn * v / size + kv * v,
    )
    mixed = 2 * (2 * error + 1) - kn * w * v / size**3
    first = 2 * (1 + v) ** 2 + 12 * k4 * w * w + kw + kn * v * v / size**3
    last = 2 * w * w + 12 * k4 * v * v + kv + kn * w * w / size**3
    return gradient, ((first, mixed), (mixed, last))


@pytest.mark.parametrize("name", CENTRES)
def test_strong_convexity_around_the_minima(name: str) -> None:
    """On boxes that cover the ball, ∇² > κ; at the centre the gradient is below 2⁻⁴⁰."""
    given, pieces = centre(name), 32
    with working_precision(BITS):
        gradient, _ = _derivatives(given, arb(given["w"]), arb(given["v"]))
        size = sum((x * x for x in gradient), arb(0)).sqrt()
        assert size < arb(shamir2018_regularisers.STATIONARITY)
        half = RADIUS / pieces
        places = [(2 * k + 1 - pieces) * half for k in range(pieces)]
        boxes = [
            [arb(given["w"] + i, 1.001 * half), arb(given["v"] + j, 1.001 * half)]
            for i in places
            for j in places
        ]
        assert all(_exceeds(_derivatives(given, w, v)[1], given["growth"]) for w, v in boxes)


def _exceeds(hessian: Any, least: float) -> bool:
    """Whether every symmetric 2 x 2 matrix in the balls has both eigenvalues above `least`."""
    (first, mixed), (_, last) = hessian
    return bool(first > least and (first - least) * (last - least) > mixed * mixed)


@pytest.mark.parametrize("name", CENTRES)
def test_the_derivatives_are_those_of_the_value(name: str) -> None:
    given = {**centre(name), "h1": 0.0, "h2": 0.0}
    at = Regularised(**{field: np.array(value) for field, value in given.items()})
    tiny = Fraction(1, 2**100)
    with working_precision(2 * BITS):
        ball = map_arrays(at, Ball.constant)
        gradient, hessian = _derivatives(given, ball.w.item, ball.v.item)
        for i, (a, b) in enumerate(((1, 0), (0, 1))):
            h = tiny * a, tiny * b
            up, down = (ball.value(ball.w + s * h[0], ball.v + s * h[1]).item for s in (1, -1))
            slope, bent = (up - down) * 2**99, (up + down - 2 * ball.here.item) * 2**200
            assert abs(slope - gradient[i]) < arb((1, -150))
            assert abs(bent - hessian[i][i]) < arb((1, -150))
