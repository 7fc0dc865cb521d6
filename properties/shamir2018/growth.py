"""Shamir (2018), after Theorem 3: the polynomial "hides only dependencies which are at most linear
in the individual factors".

The paper's polynomial is not printed; the statement is checked for the constant K derived in
`shamir2018_stationarity`. It says "individual": b and r enter as r b, so that K is not linear in
both at once.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from checker.arithmetic.functions import maximum, sqrt
from checker.claims.claim import Assumption, Claim, claim
from checker.claims.neighbours import LOWERED, dropped, mutant, times
from properties.shamir2018.stationarity import polynomial
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.residual_unit.factors import NAMES, factors

at_least_one = Assumption("at_least_one", r"s \ge 1", lambda at: at.s >= 1)


def _K(at: Any, *scaled: str) -> Any:
    """K with some of its factors multiplied by s."""
    values = [getattr(at, name) * at.s if name in scaled else getattr(at, name) for name in NAMES]
    return polynomial(*values)


def _largest(at: Any) -> Any:
    """The largest K with one factor multiplied by s."""
    return reduce(maximum, (_K(at, name) for name in NAMES))


@claim(
    source=SHAMIR_2018.theorem(3).part("linear", "the remark after it"),
    wording="ours",
    title="the constant is at most linear in each factor",
    statement=r"s \, K(b, r, \mu_0, \mu_1, \mu_2) \ge \max\left\{K(sb, \ldots), K(\ldots, sr, "
    r"\ldots), K(\ldots, s\mu_0, \ldots), K(\ldots, s\mu_1, \ldots), K(\ldots, s\mu_2)\right\}, "
    r"\quad s \ge 1",
    given=factors(),
    assuming=[at_least_one],
    kind="bound",
    # K(b, ...) >= K(b, ...), which the maximum hides.
    nearly_equal=lambda at: bool(at.s == 1),
)
def linear_in_each_factor(at: Any) -> Any:
    """Every term of K is a product of one power at most of each factor, non-negative, and s >= 1:
    √(s μ1) <= s √μ1, √(√(s μ2) + s μ2) <= √s √(√μ2 + μ2). Equality as one term outgrows the others.
    """
    return at.s * _K(at) >= _largest(at)


@mutant(
    linear_in_each_factor,
    "b_and_r_together",
    "r b and the last term are quadratic in (b, r): all factors 1 and s = 4",
)
def linear_in_b_and_r(at: Any) -> Any:
    return at.s * _K(at) >= _K(at, "b", "r")


def _like_the_root(name: str, why: str) -> Claim:
    """A false neighbour: K grows like the root of one factor."""

    def formula(at: Any) -> Any:
        return sqrt(at.s) * _K(at) >= _K(at, name)

    return mutant(linear_in_each_factor, f"{name}_like_the_root", why)(formula)


b_like_the_root = _like_the_root("b", "for large b it is b (√2 + r + ...): b = 10^9, s = 4")
r_like_the_root = _like_the_root("r", "for large r it is r (√2 + b + μ1 + ...): r = 10^9, s = 4")
mu0_like_the_root = _like_the_root("mu0", "for large μ0 it is almost μ0: μ0 = 10^9, s = 4")
mu1_like_the_root = _like_the_root("mu1", "for large μ1 it is almost r μ1: μ1 = 10^9, s = 4")


@mutant(
    linear_in_each_factor,
    "curvature_like_the_fourth_root",
    "for large μ2 the last term is r b √(2 μ1 μ2): b = r = μ0 = μ1 = 1, μ2 = 10^9, s = 16",
)
def curvature_like_the_fourth_root(at: Any) -> Any:
    return sqrt(sqrt(at.s)) * _K(at) >= _K(at, "mu2")


linear_for_smaller_factors = dropped(
    linear_in_each_factor,
    "at_least_one",
    "smaller_factors",
    "s < 1 shrinks one term only: all factors 1 and s = 1/2",
)

less_than_linear = times(
    linear_in_each_factor,
    LOWERED["5_percent"],
    "slope_5_percent_lower",
    "near s = 1 there is no room: all factors 1, s = 1.01",
)
