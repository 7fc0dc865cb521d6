"""Recht and Ré (2012), "Beneath the Valley of the Noncommutative Arithmetic-Geometric Mean
Inequality".

Conjecture (recalled): for positive semidefinite A_1, ..., A_n the mean of the products in all
orders is at most the n-th power of the mean, in norm. It is false for n = 5 (Lai and Lim 2020, by a
semidefinite program; recalled). With P_i the projection on axis i, the five 3 x 3 matrices

    (4 e_1 ± 3 e_2)(4 e_1 ± 3 e_2)ᵀ + 11 P_3,  (4 e_1 ± 3 e_3)(4 e_1 ± 3 e_3)ᵀ + 11 P_2,
    24 (P_2 + P_3)

add up to 64 I, and e_1 is an eigenvector of the mean of their products, by the quarter turns about
e_1: its eigenvalue is -1.0373 (64/5)⁵. So the norm of the mean product is greater than that of the
mean's power, and the form with ≥ between matrices, -(mean)⁵ ≤ mean of products, falls, too; that it
is at most (mean)⁵ does not. Found by L-BFGS over factors from random starts, which ends at -1.0366
in 3 dimensions without symmetry, and at -1.205406 in 4 and more: the value -144.6488/120 of that
program. Four matrices reach -0.936443.

n = 2: ((A + B)/2)² - (A B + B A)/2 = ((A - B)/2)² >= 0 bounds the symmetric product from above;
from below it is at least -||A|| ||B||/8: for A² <= A and |x| = 1 the point A x lies in the ball
with the diameter [0, x], and so does B x; <A x, B x> = 1/4 + <x, s>/2 + <p, q> with s = p + q, |p|,
|q| <= 1/2, is at least <x, s>/2 + |s|²/2 >= -1/8. And ||A|| ||B||/8 <= ||A + B||²/8, which is less
than
||(A + B)/2||². For n = 3 the statement is recalled to be a theorem (Zhang 2018), not proved here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import combinations, permutations
from math import factorial
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import lambda_max, lambda_min, spectral_norm
from checker.claims.claim import Paper, claim, everywhere
from checker.claims.neighbours import changed, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, product, summed
from strategies.catalogue import domain_of, everywhere_in, identities_of
from strategies.deep_residual.motivating import Numbers

RECHT_2012 = Paper(
    key="recht2012",
    authors="Benjamin Recht, Christopher Ré",
    title="Beneath the Valley of the Noncommutative Arithmetic-Geometric Mean Inequality: "
    "Conjectures, Case-Studies, and Consequences",
    venue="COLT 2012, arXiv:1202.4184",
)


@dataclass(frozen=True, eq=False)
class Three:
    """Three positive semidefinite matrices, (d, d); statements on two use the first ones.

    Attributes
    ----------
    A, B, C
        The matrices.
    """

    A: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]
    B: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]
    C: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]

    @cached_property
    def pair(self) -> Any:
        """(A B + B A)/2."""
        AB: Any = self.A @ self.B
        return (AB + AB.T) / 2

    @cached_property
    def triple(self) -> Any:
        """The mean of the six products."""
        orders = [product(list(order)) for order in permutations((self.A, self.B, self.C))]
        return summed(orders) / 6


def _equal(rng: np.random.Generator, size: int, names: str = "ABC") -> dict[str, Any]:
    """The same number several times."""
    factor = rng.integers(1, 9, (1, 1, size)) / 4.0
    return {name: factor.copy() for name in names}


MATRICES, EXACT = domain_of(Three, told={"equal numbers": _equal}), identities_of(Three)
EQUAL = everywhere_in(MATRICES)


def mean_product(matrices: Sequence[Any]) -> Any:
    """The mean of the products in all orders, by the sums over the orders of each subset."""
    sums: dict[frozenset[int], Any] = {frozenset({i}): m for i, m in enumerate(matrices)}
    for size in range(2, len(matrices) + 1):
        for chosen in map(frozenset, combinations(range(len(matrices)), size)):
            sums[chosen] = summed([matrices[i] @ sums[chosen - {i}] for i in sorted(chosen)])
    return sums[frozenset(range(len(matrices)))] / factorial(len(matrices))


@dataclass(frozen=True, eq=False)
class Five:
    """Five positive semidefinite matrices, (d, d); statements on four use the first ones.

    Attributes
    ----------
    A, B, C, D, E
        The matrices.
    """

    A: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]
    B: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]
    C: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]
    D: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]
    E: Annotated[FloatArray, Dims("d", "d", domain="positive semidefinite")]

    @cached_property
    def four(self) -> list[Any]:
        """The first four."""
        return [self.A, self.B, self.C, self.D]


@dataclass(frozen=True, eq=False)
class TurnedFive:
    """The counterexample for n = 5 in another basis and scale.

    Attributes
    ----------
    Q
        Orthogonal, (3, 3).
    t
        Factor of all five.
    """

    Q: Annotated[FloatArray, Dims(3, 3, domain="orthogonal")]
    t: Annotated[FloatArray, Dims(domain="positive")]

    @cached_property
    def five(self) -> list[Any]:
        """t Q M_i Qᵀ."""
        return [self.t * (self.Q @ m @ self.Q.T) for m in tilted(4, 3, 11, 24)]


def tilted(a: Any, s: Any, q: Any, r: Any) -> list[Any]:
    """(a e_1 ± s e_i)(a e_1 ± s e_i)ᵀ + q P_j for {i, j} = {2, 3}, and r (P_2 + P_3)."""
    found = []
    for i, j in ((1, 2), (2, 1)):
        for sign in (1, -1):
            m = np.zeros((3, 3))
            m[0, 0], m[i, i], m[j, j] = a * a, s * s, q
            m[0, i] = m[i, 0] = sign * a * s
            found.append(m)
    return [*found, np.diag([0.0, r, r])]


def _tilted(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Factors of four tilted lines and a plane, all of some thickness: any, about as many as add up
    to the same in all directions."""
    s, q, r = rng.uniform(0.5, 1, size), rng.uniform(0.5, 1, size), rng.uniform(0.8, 1.6, size)
    factors = {name: np.zeros((3, 3, size)) for name in "ABCDE"}
    for name, (i, j, sign) in zip(
        "ABCD", ((1, 2, 1), (1, 2, -1), (2, 1, 1), (2, 1, -1)), strict=True
    ):
        factors[name][0, 0], factors[name][i, 0], factors[name][j, 1] = 1.0, sign * s, q
    factors["E"][1, 1] = factors["E"][2, 2] = r
    return factors


FIVE = domain_of(Five, told={"equal numbers": partial(_equal, names="ABCDE")})
FIVE = replace(FIVE, strata={**FIVE.strata, "tilted": st.just(Numbers(Five, "tilted", _tilted))})
TURNED = domain_of(TurnedFive, cases=300)


@claim(
    source=RECHT_2012.part("two", "n = 2, order"),
    wording="ours",
    title="two matrices: the square of the mean exceeds the symmetric product by a square",
    statement=r"\left(\tfrac{A+B}{2}\right)^2 - \tfrac{AB+BA}{2} = \left(\tfrac{A-B}{2}\right)^2",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def two(at: Any, c: Any) -> Any:
    """An identity."""
    mean, half = (at.A + at.B) / 2, (at.A - at.B) / 2
    return agree((mean @ mean, at.pair + c * (half @ half)))


@claim(
    source=RECHT_2012.part("two_norm", "Proposition, n = 2"),
    wording="reconstructed",
    title="the noncommutative inequality for two matrices",
    statement=r"\left\|\tfrac{A+B}{2}\right\|^2 \ge \left\|\tfrac{AB+BA}{2}\right\|",
    given=MATRICES,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def two_norm(at: Any, c: Any) -> Any:
    """**Tight**: A = B."""
    return c * spectral_norm((at.A + at.B) / 2) ** 2 >= spectral_norm(at.pair)


@claim(
    source=RECHT_2012.part("two_below", "n = 2, from below"),
    wording="ours",
    title="how negative a symmetric product of two matrices can be",
    statement=r"\|A\| \|B\| \ge -8 \lambda_{\min}\left(\tfrac{AB+BA}{2}\right)",
    given=MATRICES,
    constants={"c": 8},
    kind="bound",
    equality_strata=EQUAL,
)
def two_below(at: Any, c: Any) -> Any:
    """The constant is best: projections on lines at an angle of 60 degrees."""
    return lambda_max(at.A) * lambda_max(at.B) >= -c * lambda_min(at.pair)


@claim(
    source=RECHT_2012.part("three_norm", "Theorem, n = 3"),
    wording="reconstructed",
    title="the noncommutative inequality for three matrices",
    statement=r"\left\|\tfrac{A+B+C}{3}\right\|^3 \ge \left\|\tfrac{1}{6}\sum_\sigma A_{\sigma(1)} "
    r"A_{\sigma(2)} A_{\sigma(3)}\right\|",
    given=MATRICES,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def three_norm(at: Any, c: Any) -> Any:
    """**Tight**: A = B = C."""
    return c * spectral_norm((at.A + at.B + at.C) / 3) ** 3 >= spectral_norm(at.triple)


@claim(
    source=RECHT_2012.part("four_norm", "n = 4, by the program of Lai and Lim (2020)"),
    wording="reconstructed",
    title="the noncommutative inequality for four matrices",
    statement=r"\left\|\tfrac{A+B+C+D}{4}\right\|^4 \ge \left\|\tfrac{1}{24}\sum_\sigma "
    r"A_{\sigma(1)} \cdots A_{\sigma(4)}\right\|",
    given=FIVE,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def four_norm(at: Any, c: Any) -> Any:
    """**Tight**: A = B = C = D. Recalled; not proved here."""
    return c * spectral_norm(summed(at.four) / 4) ** 4 >= spectral_norm(mean_product(at.four))


@claim(
    source=RECHT_2012.part("five_norm", "n = 5, by the program of Lai and Lim (2020)"),
    wording="reconstructed",
    title="what is left of the noncommutative inequality for five matrices",
    statement=r"c \left\|\tfrac{A+B+C+D+E}{5}\right\|^5 \ge \left\|\tfrac{1}{120}\sum_\sigma "
    r"A_{\sigma(1)} \cdots A_{\sigma(5)}\right\|, \quad c = 1.2055",
    given=FIVE,
    constants={"c": Fraction(12055, 10000)},
    kind="bound",
)
def five_norm(at: Any, c: Any) -> Any:
    """The conjecture is c = 1, and false. 144.6488/120 is recalled, and what our search reaches."""
    five = [*at.four, at.E]
    return c * spectral_norm(summed(five) / 5) ** 5 >= spectral_norm(mean_product(five))


@claim(
    source=RECHT_2012.part("five_witness", "n = 5, the conjecture is false"),
    wording="ours",
    title="five matrices that violate the noncommutative inequality",
    statement=r"\exists A_1, \ldots, A_5 \succeq 0: \; \left\|\tfrac{1}{120}\sum_\sigma "
    r"A_{\sigma(1)} \cdots A_{\sigma(5)}\right\| \ge c \left\|\tfrac{1}{5}\sum_i A_i"
    r"\right\|^5, \quad c = 1.03",
    given=TURNED,
    constants={"c": Fraction(103, 100)},
    kind="bound",
)
def five_witness(at: Any, c: Any) -> Any:
    """The five matrices above, in every basis and scale. The quotient is 1.03734..."""
    return spectral_norm(mean_product(at.five)) >= c * spectral_norm(summed(at.five) / 5) ** 5


# -- false neighbours -----------------------------------------------------------------------------

two_near = changed(two, "1.001", "an identity", c=Fraction(1001, 1000))
two_none = changed(two, "equal", "A != B", c=0)
two_sign = changed(two, "other_sign", "the mean has the greater square", c=-1)
norm_less = changed(two_norm, "0.99", "numbers, A = B", c=Fraction(99, 100))
norm_half = changed(two_norm, "half", "numbers, A = B", c=Fraction(1, 2))
norm_millionth = scaled(two_norm, "1e-6", "numbers, A = B")
below_more = changed(two_below, "8.01", "lines at an angle of 60 degrees", c=Fraction(801, 100))
below_nine = changed(two_below, "nine", "lines at an angle of 60 degrees", c=9)
below_millionth = scaled(two_below, "1e-6", "lines at an angle of 60 degrees")
three_less = changed(three_norm, "0.99", "numbers, A = B = C", c=Fraction(99, 100))
three_half = changed(three_norm, "half", "numbers, A = B = C", c=Fraction(1, 2))
three_millionth = scaled(three_norm, "1e-6", "numbers, A = B = C")
four_less = changed(four_norm, "0.99", "numbers, A = B = C = D", c=Fraction(99, 100))
four_half = changed(four_norm, "half", "numbers, A = B = C = D", c=Fraction(1, 2))
four_millionth = scaled(four_norm, "1e-6", "numbers, A = B = C = D")
five_conjecture = changed(five_norm, "conjecture", "the matrices above: -1.0373", c=1)
five_more = changed(five_norm, "1.01", "the matrices above: -1.0373", c=Fraction(101, 100))
five_less = changed(five_norm, "0.99", "numbers, A = B = C = D = E", c=Fraction(99, 100))
witness_more = changed(five_witness, "1.04", "the quotient is 1.0373", c=Fraction(104, 100))
witness_quarter = changed(five_witness, "1.25", "the quotient is 1.0373", c=Fraction(5, 4))
witness_near = changed(five_witness, "1.038", "the quotient is 1.0373", c=Fraction(1038, 1000))
