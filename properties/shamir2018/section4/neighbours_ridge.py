"""False neighbours of the claims on Example 1 with ridge (`section4.ridge`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import dot, norm
from checker.claims.claim import Assumption
from checker.claims.neighbours import changed, dropped, mutant, scaled, without
from properties.shamir2018.section4 import ridge

_THOUSANDTH = Fraction(1, 1000)


@mutant(ridge.on_one_curve, "sign", "at a stationary point v(1 + ε v) = ε w² > 0")
def on_another_curve(at: Any) -> Any:
    other = at.eps * at.w * at.w + at.v * (1 + at.eps * at.v)
    return norm(at.gradient) * norm((at.eps * at.w, 1 + at.eps * at.v)) >= at.lam * abs(other)


@mutant(
    ridge.on_one_curve, "without_epsilon", "for ε = 1 it is true; w² = v(1 + v) is not the curve"
)
def on_the_curve_of_the_figure(at: Any) -> Any:
    other = at.w * at.w - at.v * (1 + at.v)
    return norm(at.gradient) * norm((at.eps * at.w, 1 + at.eps * at.v)) >= at.lam * abs(other)


closer_to_the_curve = scaled(
    ridge.on_one_curve, "half_percent", "for small λ equality holds near the valley"
)

threshold_earlier = changed(
    ridge.above_the_threshold,
    "earlier",
    "q = 0.483 is stationary for λ = 2c · 0.39041",
    T=Fraction(390419, 10**6) - _THOUSANDTH,
)

threshold_just_earlier = changed(
    ridge.above_the_threshold, "earlier_by_1e-6", "0.390418 < 0.39041830", T=Fraction(390418, 10**6)
)

threshold_later = changed(
    ridge.below_the_threshold,
    "later",
    "no point of the curve has λ(q) = 2c · 0.391418",
    T=Fraction(390418, 10**6) + _THOUSANDTH,
)

every_threshold_earlier = changed(
    ridge.above_every_threshold, "earlier", "q = t is stationary for λ = λ*", b=1 - _THOUSANDTH
)


@mutant(ridge.above_every_threshold, "proportional", "λ*(ε)/ε tends to 2c, not to 2c · 0.3904")
def threshold_proportional(at: Any) -> Any:
    supposed = 2 * at.c * Fraction(390419, 10**6) * at.eps
    return norm(at.at.gradient) >= (at.lam - supposed) * norm((at.w, at.v))


@mutant(
    ridge.above_every_threshold,
    "proportional_to_the_square",
    "the scaling v -> ε v, w -> ε w of the curve: λ*(ε) is of the order ε^(4/3) for small ε",
)
def threshold_scaled(at: Any) -> Any:
    supposed = 2 * at.c * Fraction(390419, 10**6) * at.eps**2
    return norm(at.at.gradient) >= (at.lam - supposed) * norm((at.w, at.v))


every_threshold_later = changed(
    ridge.below_every_threshold, "later", "λ(t) = λ* is the greatest", b=1 + _THOUSANDTH
)


@mutant(
    ridge.strict_local_minimum,
    "both",
    "the stationary point with 4a³ < ε is a saddle",
)
def both_are_minima(at: Any) -> Any:
    h = (at.h1, at.h2)
    bound = dot(h, h) * (abs(at.curvature) / 2 - at.third * norm(h))
    return at.there.value >= at.here.value + bound


steeper_minimum = changed(
    ridge.strict_local_minimum,
    "steeper",
    "for small λ the least eigenvalue is κ (1 + O(λ))",
    b=Fraction(5, 4),
)


@mutant(ridge.strict_local_minimum, "everywhere", "the minimum with w > 0 is lower")
def global_minimum(at: Any) -> Any:
    h = (at.h1, at.h2)
    return at.there.value >= at.here.value + dot(h, h) * at.curvature / 2


@mutant(
    ridge.strict_local_minimum,
    "factor_half",
    "Example 1 has half of the figure's fit: the same point and λ are not stationary",
)
def with_the_factor_of_the_example(at: Any) -> Any:
    return at.there.value - at.there.fit / 2 >= at.here.value - at.here.fit / 2 + ridge.growth(at)


ratio_above = changed(
    ridge.worse_than_linear,
    "ratio",
    "for small λ the ratio is 4.7996 (1 + O(λ))",
    a=Fraction(480, 100),
)


@mutant(
    ridge.worse_than_linear,
    "small_lambda_helps",
    "the paper's remedy: for small λ no stationary point is worse than linear",
)
def small_lambda_helps(at: Any) -> Any:
    return at.linear.value >= at.here.value


ratio_for_any_lambda = dropped(
    ridge.worse_than_linear,
    "nonnegative_lambda",
    "any_lambda",
    "λ < 0: both values are negative, and the ratio falls below 4.79",
)

fit_ratio_above = changed(
    ridge.worse_fit_than_linear,
    "ratio",
    "for small λ the ratio is 2.2207 (1 + O(λ))",
    a=Fraction(223, 100),
)

worse_for_any_slope = dropped(
    ridge.worse_than_linear_for_every_slope,
    "moderate_slope",
    "any_epsilon",
    "for large ε and small λ the minimum is close to 0, of norm about √(2/ε)",
)

_up_to_334 = Assumption("up_to_3.34", r"\varepsilon \le 3.34", lambda at: at.eps <= 3.34)

worse_up_to_334 = dropped(
    ridge.worse_than_linear_for_every_slope,
    "moderate_slope",
    "up_to_3.34",
    "φ^(5/2) = 3.3301...: there the valley w < 0 comes nearer to 0 than (1, 0)",
    assuming=[
        *without(ridge.worse_than_linear_for_every_slope, "moderate_slope"),
        _up_to_334,
    ],
)
