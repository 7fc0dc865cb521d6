"""Shamir (2018), section 4: ridge creates a bad local minimum of Example 1, whatever its strength.

The landscape is F_λ(w, v) = c (w(1 + ε v) - 1)² + (λ/2)(w² + v²); Figure 1 (b) has ε = 1, Example 1
has c = 1/2. `landscape.residual_unit.ridge` derives the curve of its stationary points with w < 0,

    (w, v) = -(q, 1)/(ε (1 - q²)),  λ(q) = 2c (ε q - s²),  s = q²/(1 - q²),  a = q/(1 - q²).

dλ/dq = 2c (ε - 4a³), so λ(q) grows up to 4a³ = ε and falls to λ = 0, where ε = s a. Hence for
0 < λ < λ*(ε) = max λ(q) there are two such points and none for λ > λ*(ε); the one with 4a³ > ε is a
strict local minimum, the other one a saddle. For ε = 1, λ* = 2c · 0.390418...

The paper advises a small λ. It does not help: the minimum exists for *every* λ in (0, λ*(ε)), and
for ε <= 3.33 its value is above that of the best regularised linear predictor for all of them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checker.arithmetic.functions import dot, norm
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Source, claim
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.residual_unit.ridge import (
    AT_THRESHOLD,
    EXACT,
    FOLD,
    curve_points,
    figure_points,
    fold_points,
    points_at_the_threshold,
    ridge_points,
    stationary_points,
    threshold_points,
)

in_family = Assumption(
    "in_family",
    r"0 < q < 1, \; c > 0, \; \varepsilon > 0",
    lambda at: (at.q > 0) & (at.q < 1) & (at.c > 0) & (at.eps > 0),
    definitional=True,
)

legal = Assumption(
    "legal",
    r"\varepsilon > 0, \; c > 0, \; \lambda \ge 0",
    lambda at: (at.eps > 0) & (at.c > 0) & (at.lam >= 0),
    definitional=True,
)

for_any_slope = Assumption(
    "for_any_slope",
    r"0 < q < 1, \; 0 < t < 1, \; c > 0",
    lambda at: (at.q > 0) & (at.q < 1) & (at.t > 0) & (at.t < 1) & (at.c > 0),
    definitional=True,
)

of_the_figure = Assumption(
    "of_the_figure", r"\varepsilon = 1", lambda at: at.eps == 1, definitional=True
)

at_the_fold = Assumption("at_the_fold", rf"q = {FOLD}", lambda at: at.q == FOLD, definitional=True)

at_the_threshold = Assumption(
    "at_the_threshold", "q = t", lambda at: at.q == at.t, definitional=True
)

nonnegative_lambda = Assumption(
    "nonnegative_lambda", r"\lambda \ge 0", proved(lambda at: at.own_lam >= 0)
)

moderate_slope = Assumption("moderate_slope", r"\varepsilon \le 3.33", lambda at: at.eps <= 3.33)


def source(part: str, note: str) -> Source:
    """A statement on Figure 1."""
    return Source(SHAMIR_2018, f"Figure 1, {note}", f"figure1_{part}")


def example(part: str, note: str) -> Source:
    """The same for the ε of Example 1."""
    return Source(SHAMIR_2018, f"Example 1, {note}", f"example1_{part}")


# -- where it is stationary -----------------------------------------------------------------------


@claim(
    source=source("stationary", "all stationary points"),
    wording="ours",
    title="with ridge, stationary points lie on one curve",
    statement=r"\|\nabla F_\lambda(w,v)\| \, \|(\varepsilon w, 1 + \varepsilon v)\| \ge \lambda "
    r"\, |\varepsilon w^2 - v(1 + \varepsilon v)|",
    given=ridge_points(),
    assuming=[legal],
    kind="tight",
    equality_strata=frozenset({EXACT}),
)
def on_one_curve(at: Any) -> Any:
    """ε w ∂_w - (1 + ε v) ∂_v takes the fit to 0, and Cauchy-Schwarz. So with λ > 0 a stationary
    point has ε w² = v(1 + ε v), the premise of the curve. **Equality** at stationary points.
    """
    other = at.eps * at.w * at.w - at.v * (1 + at.eps * at.v)
    return norm(at.gradient) * norm((at.eps * at.w, 1 + at.eps * at.v)) >= at.lam * abs(other)


@claim(
    source=source("threshold", "no bad stationary point for a large λ"),
    wording="ours",
    title="from which λ on no stationary point has w < 0",
    statement=r"\|\nabla F_\lambda(w(q), v(q))\| \ge (\lambda - 2c \cdot 0.390419) "
    r"\, \|(w(q), v(q))\|, \quad \varepsilon = 1",
    given=curve_points(),
    assuming=[in_family, of_the_figure],
    constants={"T": Fraction(390419, 10**6)},
    kind="bound",
)
def above_the_threshold(at: Any, T: Any) -> Any:
    """On the curve ∇F_λ = (λ - λ(q)) (w, v), and λ(q)/(2c) <= 0.39041830... ."""
    return norm(at.at.gradient) >= (at.lam - 2 * at.c * T) * norm((at.w, at.v))


@claim(
    source=source("existence", "a bad stationary point for every smaller λ"),
    wording="ours",
    title="up to which λ a stationary point has w < 0",
    statement=r"-\langle \nabla F_\lambda(w(\hat q), v(\hat q)), (w(\hat q), v(\hat q)) \rangle "
    r"\ge (2c \cdot 0.390418 - \lambda) \, \|(w(\hat q), v(\hat q))\|^2, \quad \hat q = 0.483, "
    r"\; \varepsilon = 1",
    given=fold_points(),
    assuming=[in_family, of_the_figure, at_the_fold],
    constants={"T": Fraction(390418, 10**6)},
    kind="bound",
)
def below_the_threshold(at: Any, T: Any) -> Any:
    """On the curve -<∇F_λ, (w, v)> = (λ(q) - λ) ||(w, v)||², and λ(0.483)/(2c) = 0.39041830... .

    For 0 < λ < 2c · 0.390418 it is positive at 0.483, and negative at the q > 0.483 with λ(q) = 0:
    in between λ(q) = λ, a stationary point, and a minimum since q > q* = 0.48300....
    """
    place = (at.w, at.v)
    return -dot(at.at.gradient, place) >= (2 * at.c * T - at.lam) * dot(place, place)


@claim(
    source=example("ridge_threshold", "λ*(ε)"),
    wording="ours",
    title="the threshold of λ for every ε",
    statement=r"\|\nabla F_\lambda(w(q), v(q))\| \ge (\lambda - \lambda^*(\varepsilon)) \, "
    r"\|(w(q), v(q))\|, \quad \lambda^* = 2c(\varepsilon t - t^4/(1-t^2)^2), \; "
    r"\varepsilon = 4 t^3/(1-t^2)^3",
    given=threshold_points(),
    assuming=[for_any_slope],
    constants={"b": 1},
    kind="tight",
    equality_strata=frozenset({AT_THRESHOLD}),
)
def above_every_threshold(at: Any, b: Any) -> Any:
    """λ(q) <= λ(t), where 4a³ = ε. **Equality** at q = t, λ >= λ*.

    λ*(ε) is of the order ε^(4/3) for small ε (with the factor 2c · 3/4^(4/3)), of the order ε for
    large ones: the ridge is not invariant under v -> ε v, so neither is its threshold.
    """
    return norm(at.at.gradient) >= (at.lam - b * at.greatest_lam) * norm((at.w, at.v))


@claim(
    source=example("ridge_existence", "below λ*(ε)"),
    wording="ours",
    title="below the threshold there is a stationary point, for every ε",
    statement=r"-\langle \nabla F_\lambda(w(t), v(t)), (w(t), v(t)) \rangle \ge "
    r"(\lambda^*(\varepsilon) - \lambda) \, \|(w(t), v(t))\|^2",
    given=points_at_the_threshold(),
    assuming=[for_any_slope, at_the_threshold],
    constants={"b": 1},
    kind="tight",
    equality_strata=frozenset({AT_THRESHOLD}),
    weight=lambda at, _: at.c,
)
def below_every_threshold(at: Any, b: Any) -> Any:
    """As for ε = 1, at q = t. **Equality** everywhere."""
    place = (at.w, at.v)
    return -dot(at.at.gradient, place) >= (b * at.greatest_lam - at.lam) * dot(place, place)


# -- a local minimum ------------------------------------------------------------------------------


def growth(at: Any, b: Any = 1) -> Any:
    """||h||² (b κ/2 - c ε √(a² + s²) ||h||), κ = det ∇²/tr ∇²."""
    h = (at.h1, at.h2)
    return dot(h, h) * (b * at.curvature / 2 - at.third * norm(h))


def grows(at: Any, _: Any) -> Any:
    """The bound says something where it grows."""
    return growth(at)


@claim(
    source=source("b", "part (b): a bad local minimum with ridge"),
    wording="ours",
    title="with ridge, a strict local minimum with w < 0",
    statement=r"F_\lambda(z + h) \ge F_\lambda(z) + \|h\|^2 \left(\tfrac{\kappa}{2} - "
    r"c \varepsilon \sqrt{a^2 + s^2} \, \|h\|\right), \quad z = (w(q), v(q)), \; \lambda = "
    r"\lambda(q), \; \kappa = \frac{2c(1-q^2)(4a^3 - \varepsilon)(\varepsilon - sa)}"
    r"{2\varepsilon q + s}",
    given=stationary_points(),
    assuming=[in_family],
    constants={"b": 1},
    kind="bound",
    weight=grows,
)
def strict_local_minimum(at: Any, b: Any) -> Any:
    """So z is a strict local minimum, without a rival within κ/(2 c ε √(a² + s²)), if 4a³ > ε and
    λ > 0: then κ > 0. Figure 1 (b) is ε = c = 1, λ = 1/2, q = 0.6132....

    κ = det/tr is a lower bound on λ_min(∇²), of either sign. With dp = ε w k + (1 + ε v) j + ε j k
    for h = (j, k), F_λ(z + h) - F_λ(z) = c dp² + 2 c (P - 1) ε j k + (λ/2)||h||²: the quadratic
    part is hᵀ∇²h/2 >= κ ||h||²/2, the cubic one at least -c ε √(a² + s²) ||h||³, and the quartic
    one c (ε j k)² >= 0.
    """
    return at.there.value >= at.here.value + growth(at, b)


@claim(
    source=source("b_value", "part (b): worse than linear for every λ"),
    wording="ours",
    title="the bad minimum is worse than the best regularised linear predictor for every λ",
    statement=r"F_\lambda(w(q), v(q)) \ge 4.79 \, \min_w F_\lambda(w, 0), \quad \lambda = "
    r"\lambda(q), \; \varepsilon = 1",
    given=figure_points(),
    assuming=[in_family, of_the_figure, nonnegative_lambda],
    constants={"a": Fraction(479, 100)},
    kind="bound",
)
def worse_than_linear(at: Any, a: Any) -> Any:
    """With ρ = λ/(2c), F_λ = c ρ (ρ/q² + (1 + q²)/(1 - q²)²) and the minimum of F_λ(w, 0) is
    c ρ/(1 + ρ). Their ratio is a rational function of q; that it is above 4.79 where ρ >= 0 is
    proved by isolating the roots of a polynomial (tests/theorems/test_section4.py). It tends to
    (1 + q²)/(1 - q²)² = 4.7996... as λ -> 0.
    """
    return at.here.value >= a * at.linear.value


@claim(
    source=source("b_fit", "part (b): a worse fit for every λ"),
    wording="ours",
    title="the bad minimum fits worse than the best regularised linear predictor for every λ",
    statement=r"F(w(q), v(q)) \ge 2.22 \, F(w_\lambda, 0), \quad w_\lambda = \frac{2c}{2c + "
    r"\lambda}, \; \lambda = \lambda(q), \; \varepsilon = 1",
    given=figure_points(),
    assuming=[in_family, of_the_figure, nonnegative_lambda],
    constants={"a": Fraction(222, 100)},
    kind="bound",
)
def worse_fit_than_linear(at: Any, a: Any) -> Any:
    """F = c ρ²/q² and F(w_λ, 0) = c ρ²/(1 + ρ)²: the ratio (1 + ρ)²/q² is at least 1/q², and
    λ >= 0 means q³ <= (1 - q²)², so 1/q² >= 2.2207... . The limit λ -> 0 attains it.
    """
    return at.here.fit >= a * at.linear.fit


@claim(
    source=example("ridge_value", "worse than linear"),
    wording="ours",
    title="the same for every ε up to 3.33",
    statement=r"F_\lambda(w(q), v(q)) \ge \min_w F_\lambda(w, 0), \quad \lambda = \lambda(q)",
    given=stationary_points(),
    assuming=[in_family, nonnegative_lambda, moderate_slope],
    kind="bound",
)
def worse_than_linear_for_every_slope(at: Any) -> Any:
    """With φ = (1 + √5)/2 the bound on ε is φ^(5/2) = 3.3301....

    With B = (1 + q²)/(1 - q²)², S = s a and x = ε - S >= 0 the ratio of both sides is
    (1 + q x)(x/q + B)/(x + S)², and (1 + q x)(x/q + B) - (x + S)² = x/(q (1 - q²)) + B - S². Here
    B >= S² iff q⁶ <= (1 + q²)(1 - q²)² iff q² + q⁴ <= 1 iff S <= φ^(5/2), and S <= ε.
    """
    return at.here.value >= at.linear.value
