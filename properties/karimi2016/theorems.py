"""Karimi, Nutini and Schmidt (2016), "Linear Convergence of Gradient and Proximal-Gradient Methods
Under the Polyak-Łojasiewicz Condition".

f(x) = h(A x - b) with h(r) = Σ m r_i²/2 + s log cosh r_i, m-strongly convex and (m + s)-smooth for
s >= 0, m > 0. For A of full row rank the least value is 0, attained where A x = b, an affine space,
so f is not strongly convex. With σ = σ_min(A)² and r = A x - b (all recalled but for the
constants):

    ||∇f||² = ||Aᵀ h'(r)||² >= σ ||h'(r)||² >= 2 m σ f                       (PL, μ = m σ)
    dist² = rᵀ (A Aᵀ)⁻¹ r <= ||r||²/σ,  f >= m ||r||²/2 >= (μ/2) dist²       (quadratic growth)
    ||∇f|| >= μ dist                                                         (error bound)
    f(x - ∇f/Λ) <= f(x) - ||∇f||²/(2Λ) <= (1 - μ/Λ) f(x),  Λ = (m + s) ||A||²  (linear rate)

the third since <∇f, x - x̄> >= m ||r||² with the nearest minimiser x̄, whose distance is at most
||r||/√σ.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import (
    lambda_max,
    lambda_min,
    log_cosh,
    solve_positive_definite,
    sq,
    tanh,
)
from checker.arithmetic.rank import has_full_row_rank
from checker.claims.claim import Assumption, Paper, claim
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.domains import interval
from checker.instances.fields import Dims, FloatArray
from checker.landscape.sample import Sample
from strategies.catalogue import domain_of, everywhere_in, over_data

KARIMI_2016 = Paper(
    key="karimi2016",
    authors="Hamed Karimi, Julie Nutini, Mark Schmidt",
    title="Linear Convergence of Gradient and Proximal-Gradient Methods Under the "
    "Polyak-Łojasiewicz Condition",
    venue="ECML PKDD 2016, arXiv:1608.04636",
)


@dataclass(frozen=True, eq=False)
class Composite:
    """h(A x - b), seen at z = x - x*, for some minimiser x*.

    Attributes
    ----------
    A
        (n, d).
    z
        (d,).
    m, s
        Weights of r²/2 and of log cosh r.
    """

    A: Annotated[FloatArray, Dims("n", "d")]
    z: Annotated[FloatArray, Dims("d")]
    m: Annotated[FloatArray, Dims(domain="positive")]
    s: Annotated[FloatArray, Dims(domain=interval(-8, 8))]

    def value(self, z: Any) -> Any:
        """f."""
        r = self.A @ z
        return self.m * sq(r) / 2 + self.s * log_cosh(r).total()

    def slope(self, z: Any) -> Any:
        """∇f, (d,)."""
        r = self.A @ z
        return self.A.T @ (self.m * r + self.s * tanh(r))

    @cached_property
    def gradient(self) -> Any:
        """∇f at z, (d,)."""
        return self.slope(self.z)

    @cached_property
    def sigma(self) -> Any:
        """σ_min(A)², of A Aᵀ."""
        A: Any = self.A
        return lambda_min(A @ A.T)

    @cached_property
    def smoothness(self) -> Any:
        """Λ."""
        A: Any = self.A
        return (self.m + self.s) * lambda_max(A @ A.T)

    @cached_property
    def squared_distance(self) -> Any:
        """Squared distance of z from the minimisers, rᵀ (A Aᵀ)⁻¹ r."""
        r: Any = self.A @ self.z
        column = r.outer(type(r).constant([1.0]))
        rows = solve_positive_definite(self.A @ self.A.T, column)
        return sum((r[i] * row[0] for i, row in enumerate(rows)), 0 * r[0])


def _fewer_samples(sample: Sample) -> dict[str, FloatArray]:
    """The first samples, half as many as inputs: the statements ask for rank A = n."""
    return {"A": sample.X[: max(sample.d // 2, 1)]}


PROBLEMS = over_data(domain_of(Composite), Composite, _fewer_samples)
EQUAL = everywhere_in(PROBLEMS)

convex = Assumption("convex", r"s \ge 0", lambda at: at.s >= 0)
full_row_rank = Assumption(
    "full_row_rank",
    r"\operatorname{rank} A = n",
    lambda at: has_full_row_rank(at.A),
    decided=True,
    definitional=True,
)


@claim(
    source=KARIMI_2016.part("pl", "section 2.3, strongly convex composed with linear"),
    wording="reconstructed",
    title="strongly convex composed with linear: the squared gradient bounds the excess",
    statement=r"\|\nabla f\|^2 \ge 2 m \sigma_{\min}(A)^2 (f - f^*)",
    given=PROBLEMS,
    assuming=[convex],
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def pl(at: Any, c: Any) -> Any:
    """**Tight**: s = 0 and A a multiple of an orthogonal matrix."""
    return sq(at.gradient) >= c * at.m * at.sigma * at.value(at.z)


@claim(
    source=KARIMI_2016.part("rate", "Theorem 1"),
    wording="reconstructed",
    title="one step of gradient descent, without strong convexity",
    statement=r"f(x - \nabla f/\Lambda) - f^* \le (1 - \mu/\Lambda)(f(x) - f^*)",
    given=PROBLEMS,
    assuming=[convex, full_row_rank],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def rate(at: Any, c: Any) -> Any:
    """Times Λ. **Tight** for A = a I and s = 0: one step ends at the minimum, both sides are 0, and
    c = 1 cannot be raised. For quadratics (1 - μ/Λ)² holds.
    """
    after = at.z - at.gradient / at.smoothness
    room = at.smoothness - c * at.m * at.sigma
    return room * at.value(at.z) >= at.smoothness * at.value(after)


@claim(
    source=KARIMI_2016.part("growth", "Appendix A, quadratic growth"),
    wording="reconstructed",
    title="the excess grows with the squared distance to the minimisers",
    statement=r"f - f^* \ge \tfrac{\mu}{2} \operatorname{dist}^2",
    given=PROBLEMS,
    assuming=[convex, full_row_rank],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def growth(at: Any, c: Any) -> Any:
    """**Tight**: s = 0 and A a multiple of an orthogonal matrix."""
    return at.value(at.z) >= c * at.m * at.sigma * at.squared_distance / 2


@claim(
    source=KARIMI_2016.part("error_bound", "Appendix A, error bound"),
    wording="reconstructed",
    title="the gradient bounds the distance to the minimisers",
    statement=r"\|\nabla f\| \ge \mu \operatorname{dist}",
    given=PROBLEMS,
    assuming=[convex, full_row_rank],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def error_bound(at: Any, c: Any) -> Any:
    """Squared. **Tight**: s = 0 and A a multiple of an orthogonal matrix."""
    return sq(at.gradient) >= c * (at.m * at.sigma) ** 2 * at.squared_distance


# -- false neighbours -----------------------------------------------------------------------------

pl_nonconvex = dropped(pl, "convex", "no_convexity", "s < 0: m + s is what counts near 0")
pl_more = changed(pl, "2.01", "A = 1, s = 0", c=Fraction(201, 100))
pl_millionth = scaled(pl, "1e-6", "A = 1, s = 0")
pl_four = changed(pl, "four", "A = 1, s = 0", c=4)
rate_nonconvex = dropped(rate, "convex", "no_convexity", "s < 0: Λ is too small")
rate_more = changed(
    rate, "1.01", "A = 1, s = 0: the step ends at the minimum", c=Fraction(101, 100)
)
rate_double = changed(rate, "double", "A = 1, s = 0", c=2)
rate_millionth = scaled(rate, "1e-6", "A = a I, s > 0, and near 0")
growth_nonconvex = dropped(growth, "convex", "no_convexity", "s < 0: m + s is what counts near 0")
growth_more = changed(growth, "1.01", "A = 1, s = 0", c=Fraction(101, 100))
growth_millionth = scaled(growth, "1e-6", "A = 1, s = 0")


@mutant(growth, "a_given_minimiser", "the minimisers are many: A = (1, 0), z = (0, 1)")
def growth_from_given(at: Any, c: Any = 1) -> Any:
    return at.value(at.z) >= at.m * at.sigma * sq(at.z) / 2


bound_nonconvex = dropped(error_bound, "convex", "no_convexity", "s < 0")
bound_more = changed(error_bound, "1.01", "A = 1, s = 0", c=Fraction(101, 100))
bound_millionth = scaled(error_bound, "1e-6", "A = 1, s = 0")


@mutant(error_bound, "a_given_minimiser", "the minimisers are many: A = (1, 0), z = (0, 1)")
def bound_from_given(at: Any, c: Any = 1) -> Any:
    return sq(at.gradient) >= (at.m * at.sigma) ** 2 * sq(at.z)
