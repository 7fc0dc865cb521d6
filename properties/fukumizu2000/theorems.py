"""Fukumizu and Amari (2000), "Local Minima and Plateaus in Hierarchical Structures of Multilayer
Perceptrons".

A unit a φ(wᵀ x) of a network is split into λ a φ(w_1ᵀ x) + (1 - λ) a φ(w_2ᵀ x), w_1 = w_2 = w, for
any λ: the function is the same. Let the loss be ||e||²/2 with the errors e, and t, p, q the values
of φ, φ', φ'' at the samples, which are free numbers here, so φ is any activation. Moving w_1 along
u and w_2 along v, with the mean m = λ u + (1 - λ) v and the difference δ = u - v, the derivative of
the loss is that of the small network along m, so critical points stay critical for every λ: a line
of them (Theorem 1, recalled). By λ (xᵀu)² + (1 - λ)(xᵀv)² = (xᵀm)² + λ (1 - λ)(xᵀδ)², the second
derivative is

    Q(u, v) = Q_small(m) + λ (1 - λ) δᵀ B δ,      B = a Σ_i e_i q_i x_i x_iᵀ

(Theorem 3, recalled; the form with m and δ is ours): for definite B the type changes at λ = 0 and
1, and for indefinite B all these points are saddles.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import sq, total
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from strategies.catalogue import domain_of, everywhere_in, identities_of

FUKUMIZU_2000 = Paper(
    key="fukumizu2000",
    authors="Kenji Fukumizu, Shun-ichi Amari",
    title="Local Minima and Plateaus in Hierarchical Structures of Multilayer Perceptrons",
    venue="Neural Networks 13 (2000), 317-327",
)


@dataclass(frozen=True, eq=False)
class Split:
    """A split unit and directions for its two halves.

    Attributes
    ----------
    X, e
        Inputs, (n, d), and errors, (n,).
    p, q
        φ' and φ'' at the samples, (n,).
    u, v
        Directions of w_1 and w_2, (d,).
    a, lam
        Output weight and λ.
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    e: Annotated[FloatArray, Dims("n")]
    p: Annotated[FloatArray, Dims("n")]
    q: Annotated[FloatArray, Dims("n")]
    u: Annotated[FloatArray, Dims("d")]
    v: Annotated[FloatArray, Dims("d")]
    a: Annotated[FloatArray, Dims()]
    lam: Annotated[FloatArray, Dims()]

    @cached_property
    def halves(self) -> list[tuple[Any, Any]]:
        """Output weight and direction of each half."""
        return [(self.lam * self.a, self.u), ((1 - self.lam) * self.a, self.v)]

    @cached_property
    def mean(self) -> Any:
        """m."""
        return self.lam * self.u + (1 - self.lam) * self.v

    def first(self, parts: list[tuple[Any, Any]]) -> Any:
        """First derivative of the outputs, units of (output weight, direction), (n,)."""
        moved = [weight * self.p * (self.X @ along) for weight, along in parts]
        return sum(moved[1:], moved[0])

    def form(self, parts: list[tuple[Any, Any]]) -> Any:
        """Second derivative of the loss."""
        bent = [weight * self.q * (self.X @ along) ** 2 for weight, along in parts]
        return sq(self.first(parts)) + self.e @ sum(bent[1:], bent[0])

    def B(self, along: Any) -> Any:
        """δᵀ B δ."""
        seen = self.X @ along
        return self.a * total(self.e * self.q * seen * seen)


SPLITS, EXACT = domain_of(Split), identities_of(Split)
EQUAL = everywhere_in(SPLITS)

outside = Assumption(
    "outside", r"\lambda \le 0 \text{ or } \lambda \ge 1", proved(lambda at: at.lam**2 >= at.lam)
)


@claim(
    source=FUKUMIZU_2000.part("gradient", "Theorem 1, critical points stay critical"),
    wording="reconstructed",
    title="the gradient of a split unit is that of the unit along the mean direction",
    statement=r"\langle \nabla_{split}, (u, v) \rangle = \langle \nabla_w, \lambda u + "
    r"(1-\lambda) v \rangle",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def gradient(at: Any, c: Any) -> Any:
    """An identity, for every λ."""
    return at.e @ at.first(at.halves) == c * (at.e @ at.first([(at.a, at.mean)]))


@claim(
    source=FUKUMIZU_2000.part("hessian", "Theorem 3, the Hessian of a split unit"),
    wording="ours",
    title="the Hessian of a split unit: that of the unit, and one matrix for the difference",
    statement=r"Q(u, v) = Q_{small}(m) + \lambda(1-\lambda)\, \delta^\top B \delta",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def hessian(at: Any, c: Any) -> Any:
    """An identity, for every λ."""
    mixed = at.lam * (1 - at.lam) * at.B(at.u - at.v)
    return at.form(at.halves) == at.form([(at.a, at.mean)]) + c * mixed


@claim(
    source=FUKUMIZU_2000.part("other_side", "Theorem 3, λ outside [0, 1]"),
    wording="ours",
    title="outside [0, 1] the Hessian along the difference has the opposite sign",
    statement=r"\lambda \notin (0, 1) \implies \delta^\top B \delta \cdot "
    r"Q\left((1-\lambda)\delta, -\lambda\delta\right) \le 0",
    given=SPLITS,
    assuming=[outside],
    constants={"c": 0},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def other_side(at: Any, c: Any) -> Any:
    """Along u = (1 - λ) δ, v = -λ δ the mean is 0; δ is `u` here. So a minimum for λ in (0, 1) is a
    saddle outside. **Tight**: λ = 0, 1, where the form vanishes.
    """
    parts = [(at.lam * at.a, (1 - at.lam) * at.u), ((1 - at.lam) * at.a, -at.lam * at.u)]
    square = sq(at.B(at.u))
    return square >= square + at.B(at.u) * at.form(parts) + c * square


# -- false neighbours -----------------------------------------------------------------------------

gradient_near = changed(gradient, "1.001", "an identity", c=Fraction(1001, 1000))
gradient_double = changed(gradient, "double", "an identity", c=2)
gradient_none = changed(gradient, "critical", "true where the small network is critical", c=0)


@mutant(gradient, "arithmetic_mean", "λ = 0: w_2 alone counts")
def gradient_of_middle(at: Any, c: Any = 1) -> Any:
    middle = (at.u + at.v) / 2
    return at.e @ at.first(at.halves) == at.e @ at.first([(at.a, middle)])


hessian_near = changed(hessian, "1.001", "an identity", c=Fraction(1001, 1000))
hessian_none = changed(hessian, "no_difference", "the difference bends the outputs", c=0)
hessian_sign = changed(hessian, "other_sign", "an identity", c=-1)
other_anywhere = dropped(other_side, "outside", "every_lambda", "λ = 1/2: the same sign")
other_strict = changed(other_side, "strictly", "λ = 0: the form vanishes", c=Fraction(1, 1000))
other_more = changed(other_side, "by_B", "λ = 0: the form vanishes", c=1)
other_millionth = scaled(other_side, "1e-6", "λ = 0: the form vanishes")
