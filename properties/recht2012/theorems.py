"""Recht and Ré (2012), "Beneath the Valley of the Noncommutative Arithmetic-Geometric Mean
Inequality".

Conjecture (recalled): for positive semidefinite A_1, ..., A_n the mean of the products in all
orders is at most the n-th power of the mean, in norm. It is false for n = 5 (Lai and Lim 2020, by a
semidefinite program); no rational counterexample is known to us, and a numerical search over
rank-one matrices in 5 and 6 dimensions found none (72 % of the bound).

n = 2: ((A + B)/2)² - (A B + B A)/2 = ((A - B)/2)² >= 0 bounds the symmetric product from above;
from below it is at least -||A|| ||B||/8: for A² <= A and |x| = 1 the point A x lies in the ball
with the diameter [0, x], and so does B x; <A x, B x> = 1/4 + <x, s>/2 + <p, q> with s = p + q, |p|,
|q| <= 1/2, is at least <x, s>/2 + |s|²/2 >= -1/8. And ||A|| ||B||/8 <= ||A + B||²/8, which is less
than
||(A + B)/2||². For n = 3 the statement is recalled to be a theorem (Zhang 2018), not proved here.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import permutations
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import lambda_max, lambda_min, spectral_norm
from checker.claims.claim import Paper, claim, everywhere
from checker.claims.neighbours import changed, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, product, summed
from strategies.catalogue import domain_of, everywhere_in, identities_of

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


def _equal(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Three times the same number."""
    factor = rng.integers(1, 9, (1, 1, size)) / 4.0
    return {name: factor.copy() for name in ("A", "B", "C")}


MATRICES, EXACT = domain_of(Three, told={"equal numbers": _equal}), identities_of(Three)
EQUAL = everywhere_in(MATRICES)


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
