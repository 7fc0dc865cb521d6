"""Mulayoff and Michaeli (2020), "Unique Properties of Flat Minima in Deep Networks".

Deep linear networks with white inputs, loss ||W_L ... W_1 - M||_F² / 2. At a global minimum the
Hessian is JᵀJ with J D = Σ_i P_{>i} D_i P_{<i}, so the sharpness (its greatest eigenvalue) is at
least Σ_i |P_{>i}ᵀ u|² |P_{<i} v|² for all unit vectors u, v, the value of |Jᵀ(u vᵀ)|². By the
inequality of arithmetic and geometric means and

    Π_i |P_{>i}ᵀ u| |P_{<i} v| = Π_{i<L} |P_{>i}ᵀ u| |P_{<i+1} v| >= Π_{i<L} |uᵀ M v|

(the first and last factors are |v| and |u|, and uᵀ P_{>i} P_{<i+1} v = uᵀ M v) the sharpness is at
least L |uᵀ M v|^(2 - 2/L), at best L ||M||^(2 - 2/L). With the loss ||·||² without the half it is
2 L ||M||^(2 - 2/L), as restated by Marion and Chizat (2024). All bounds are written in L-th powers,
which are rational. Gradient descent with step η can settle at a minimum only if η · sharpness <= 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import dot, filled, hstack, lambda_max, outer, sq, vstack
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import before, behind, power, product, summed
from strategies.catalogue import domain_of, everywhere_in, identities_of

MULAYOFF_2020 = Paper(
    key="mulayoff2020",
    authors="Rotem Mulayoff, Tomer Michaeli",
    title="Unique Properties of Flat Minima in Deep Networks",
    venue="ICML 2020, arXiv:2002.04710",
)


@dataclass(frozen=True, eq=False)
class Scalars:
    """A minimum of (a_1 ... a_L - w)²/2, with a step.

    Attributes
    ----------
    a
        Layers, (L,); w is their product.
    eta
        Step of gradient descent.
    """

    a: Annotated[FloatArray, Dims("L", domain="positive")]
    eta: Annotated[FloatArray, Dims(domain="positive")]

    @cached_property
    def w(self) -> Any:
        """The target."""
        return reduce(lambda x, y: x * y, [self.a[i] for i in range(self.L)])

    @cached_property
    def sharpness(self) -> Any:
        """|J|² = Σ w²/a_i²."""
        return summed([sq(self.w / self.a[i]) for i in range(self.L)])

    @property
    def L(self) -> int:
        """Depth."""
        return len(self.a)


@dataclass(frozen=True, eq=False)
class LinearMinimum:
    """A minimum of ||W_L ... W_1 - M||_F²/2, M being the product, seen along u vᵀ.

    Attributes
    ----------
    W
        Layers, (L, d, d).
    u, v
        Unit vectors, (d,).
    """

    W: Annotated[FloatArray, Dims("L", "d", "d")]
    u: Annotated[FloatArray, Dims("d", domain="unit vector")]
    v: Annotated[FloatArray, Dims("d", domain="unit vector")]

    @cached_property
    def layers(self) -> list[Any]:
        """W_1, ..., W_L."""
        return [self.W[i] for i in range(self.L)]

    @property
    def L(self) -> int:
        """Depth."""
        return len(self.W)

    @cached_property
    def curvature(self) -> Any:
        """Σ_i |P_{>i}ᵀ u|² |P_{<i} v|²."""
        pairs = zip(behind(self.layers), before(self.layers), strict=True)
        return summed([sq(outside.T @ self.u) * sq(inside @ self.v) for outside, inside in pairs])

    @cached_property
    def size(self) -> Any:
        """uᵀ M v."""
        return self.u @ (product(self.layers) @ self.v)


@dataclass(frozen=True, eq=False)
class OneOutputMinimum:
    """A minimum of (aᵀb - w)²/2: one hidden linear layer, one output.

    Attributes
    ----------
    a, b
        Layers, (k,) each.
    """

    a: Annotated[FloatArray, Dims("k")]
    b: Annotated[FloatArray, Dims("k")]


def _balanced(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Layers 1 and the step 2/L."""
    L = int(rng.choice([1, 2, 4]))
    return {"a": np.ones((L, size)), "eta": np.full(size, 2.0 / L)}


SCALARS = domain_of(Scalars, told={"balanced": _balanced})
MINIMA, PAIRS = domain_of(LinearMinimum), domain_of(OneOutputMinimum)
EQUAL = everywhere_in(SCALARS) | everywhere_in(MINIMA) | everywhere_in(PAIRS)

stable = Assumption(
    "stable",
    r"\eta \lambda_{\max} \le 2",
    proved(lambda at: 2 >= at.eta * at.sharpness),
)


@claim(
    source=MULAYOFF_2020.part("scalar", "minimal sharpness, one number per layer"),
    wording="reconstructed",
    title="no minimum of a chain of numbers is flatter than the balanced one",
    statement=r"\lambda_{\max}^L \ge L^L |w|^{2L-2}, \quad \lambda_{\max} = \sum_i w^2/a_i^2",
    given=SCALARS,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def scalar(at: Any, c: Any) -> Any:
    """**Tight**: a_1 = ... = a_L."""
    return at.sharpness**at.L >= c * at.L**at.L * power(at.w, 2 * at.L - 2)


@claim(
    source=MULAYOFF_2020.part("matrix", "minimal sharpness, deep linear networks"),
    wording="reconstructed",
    title="no minimum of a deep linear network is flatter than its depth and target allow",
    statement=r"\lambda_{\max}^L \ge \Big(\sum_i |P_{>i}^\top u|^2 |P_{<i} v|^2\Big)^L \ge "
    r"L^L |u^\top M v|^{2L-2}",
    given=MINIMA,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def matrix(at: Any, c: Any) -> Any:
    """By singular vectors: sharpness >= L ||M||^(2-2/L). **Tight**: equal layers, d = 1."""
    return at.curvature**at.L >= c * at.L**at.L * power(at.size, 2 * at.L - 2)


@claim(
    source=MULAYOFF_2020.part("two_layers", "two layers, the sharpness itself"),
    wording="ours",
    title="two linear layers: the sharpness of a minimum is the sum of the squared weights",
    statement=r"\lambda_{\max}\nabla^2 \tfrac{1}{2}(a^\top b - w)^2 = |a|^2 + |b|^2",
    given=identities_of(OneOutputMinimum),
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def two_layers(at: Any, c: Any) -> Any:
    """The Hessian at a minimum is (b, a)(b, a)ᵀ; its blocks are formed, its eigenvalue enclosed."""
    top = hstack(outer(at.b, at.b), outer(at.b, at.a))
    low = hstack(outer(at.a, at.b), outer(at.a, at.a))
    greatest = lambda_max(vstack(top, low))
    return greatest == c * (sq(at.a) + sq(at.b))


@claim(
    source=MULAYOFF_2020.part("two_layers_least", "two layers, from below"),
    wording="reconstructed",
    title="two linear layers: the flattest minimum is balanced",
    statement=r"|a|^2 + |b|^2 \ge 2|w|",
    given=PAIRS,
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def two_layers_least(at: Any, c: Any) -> Any:
    """**Tight**: a = ±b."""
    return sq(at.a) + sq(at.b) >= c * abs(dot(at.a, at.b))


@claim(
    source=MULAYOFF_2020.part("stable", "which minima gradient descent can settle at"),
    wording="ours",
    title="a large step settles at small targets only",
    statement=r"\eta\lambda_{\max} \le 2 \implies \left(\tfrac{2}{\eta L}\right)^L \ge "
    r"|w|^{2L-2}",
    given=SCALARS,
    assuming=[stable],
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def stable_minima(at: Any, c: Any) -> Any:
    """Times (η L)^L. **Tight**: balanced layers with η λ = 2."""
    scale = at.eta * at.L
    return filled(at.w, 1.0) * c**at.L >= scale**at.L * power(at.w, 2 * at.L - 2)


# -- false neighbours -----------------------------------------------------------------------------


@mutant(scalar, "without_depth", "a_i = 1: L^L for at least L^(L+1)")
def scalar_with_more_depth(at: Any, c: Any = 1) -> Any:
    return at.sharpness**at.L >= at.L ** (at.L + 1) * power(at.w, 2 * at.L - 2)


@mutant(scalar, "exponent_2", "a_i = a: L^L a^(2L(L-1)) for at least L^L a^(2L²)")
def scalar_with_exponent_2(at: Any, c: Any = 1) -> Any:
    return at.sharpness**at.L >= at.L**at.L * power(at.w, 2 * at.L)


scalar_more = changed(scalar, "1.001", "a_i = 1", c=Fraction(1001, 1000))
scalar_millionth = scaled(scalar, "1e-6", "a_i = 1")
scalar_double = changed(scalar, "double", "a_i = 1", c=2)
matrix_more = changed(matrix, "1.001", "d = 1, W_i = 1", c=Fraction(1001, 1000))
matrix_millionth = scaled(matrix, "1e-6", "d = 1, W_i = 1")
matrix_double = changed(matrix, "double", "d = 1, W_i = 1", c=2)
two_layers_more = changed(two_layers, "1.001", "an identity", c=Fraction(1001, 1000))
two_layers_half = changed(two_layers, "half", "an identity", c=Fraction(1, 2))
two_layers_millionth = scaled(two_layers, "1e-6", "an identity")
least_more = changed(two_layers_least, "2.001", "a = b", c=Fraction(2001, 1000))
least_millionth = scaled(two_layers_least, "1e-6", "a = b")
least_double = changed(two_layers_least, "four", "a = b", c=4)
stable_anywhere = dropped(stable_minima, "stable", "any_step", "η = 100, a_i = 1")
stable_less = changed(stable_minima, "1.99", "a_i = 1, η L = 2", c=Fraction(199, 100))
stable_one = changed(stable_minima, "one", "a_i = 1, η L = 2", c=1)
