"""Ghadimi and Lan (2013), "Stochastic First- and Zeroth-order Methods for Nonconvex Stochastic
Programming": gradient descent x_{t+1} = x_t - g_t/L on an L-smooth function that need not be
convex.

The known rate min_t ||g_t||² <= 2L (f_0 - f_T)/T follows from the descent lemma f_t - f_{t+1} >=
||g_t||²/(2L). The interpolation inequality of smooth functions (Taylor, Hendrickx and Glineur
2017),

    f(x) >= f(y) + <g_x + g_y, x - y>/2 + ||g_x - g_y||²/(4L) - L ||x - y||²/4,

at x = x_t, y = x_{t+1} says more: L (f_t - f_{t+1}) >= ||g_t||²/2 + ||g_{t+1}||²/4. Summed over t,
the least ||g_t||², t = 0, ..., T, is at most (4/3) L (f_0 - f_T)/T: the constant that PEPit
(`gradient_descent` of its nonconvex examples) finds to be exact. The two rates are claims about
numbers that satisfy the respective inequality; a convex-concave f on the line, with gradients g,
g/2, g, attains 4/3.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import log_cosh, maximum, minimum, sq, tanh, total
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.domains import interval
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import summed
from strategies.catalogue import domain_of, everywhere_in

GHADIMI_2013 = Paper(
    key="ghadimi2013",
    authors="Saeed Ghadimi, Guanghui Lan",
    title="Stochastic First- and Zeroth-order Methods for Nonconvex Stochastic Programming",
    venue="SIAM Journal on Optimization 23 (2013), arXiv:1309.5549",
)


@dataclass(frozen=True, eq=False)
class Descent:
    """Gradients along T steps, and by how much more the function fell than it has to.

    Attributes
    ----------
    G
        g_0, ..., g_T, (T+1, d).
    further
        Further decrease in every step, (T,), times L.
    """

    G: Annotated[FloatArray, Dims("T+1", "d")]
    further: Annotated[FloatArray, Dims("T", domain="nonnegative")]

    @cached_property
    def squares(self) -> list[Any]:
        """||g_t||², t = 0, ..., T."""
        return [sq(self.G[t]) for t in range(len(self.G))]

    @property
    def T(self) -> int:
        """Number of steps."""
        return len(self.further)

    @cached_property
    def least(self) -> Any:
        """The least of them."""
        return reduce(minimum, self.squares)

    def fall(self, first: Fraction, second: Fraction) -> Any:
        """L (f_0 - f_T) for steps that decrease f by `first` ||g_t||² + `second` ||g_{t+1}||²."""
        further: Any = self.further
        pairs = zip(self.squares, self.squares[1:], strict=False)
        return summed([first * g + second * after for g, after in pairs]) + total(further)


@dataclass(frozen=True, eq=False)
class SmoothStep:
    """f(x) = Σ h_i x_i²/2 + s_i log cosh x_i, whose curvature lies between h_i and h_i + s_i.

    Attributes
    ----------
    x
        Where the step starts, (d,).
    h, s
        (d,) each.
    """

    x: Annotated[FloatArray, Dims("d")]
    h: Annotated[FloatArray, Dims("d", domain=interval(-8, 8))]
    s: Annotated[FloatArray, Dims("d", domain=interval(-8, 8))]

    @cached_property
    def L(self) -> Any:
        """The greatest curvature in absolute value."""
        both = [maximum(abs(self.h[i]), abs(self.h[i] + self.s[i])) for i in range(len(self.h))]
        return reduce(maximum, both)

    def value(self, x: Any) -> Any:
        """f."""
        return (self.h * x * x).total() / 2 + (self.s * log_cosh(x)).total()

    def slope(self, x: Any) -> Any:
        """Its gradient, (d,)."""
        return self.h * x + self.s * tanh(x)


def _constant(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """One gradient all the way, and no further decrease."""
    T, d = (int(n) for n in rng.integers(1, 4, 2))
    gradient = rng.integers(-8, 9, (1, d, size)) / 4.0
    return {"G": np.repeat(gradient, T + 1, axis=0), "further": np.zeros((T, size))}


PATHS = domain_of(Descent, told={"constant gradients": _constant})
SMOOTH = domain_of(SmoothStep)
curved = Assumption("curved", r"L > 0", proved(lambda at: at.L > 0), definitional=True)
EQUAL = everywhere_in(PATHS) | everywhere_in(SMOOTH)
HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)


@claim(
    source=GHADIMI_2013.part("step", "descent lemma, sharper"),
    wording="ours",
    title="one step on a smooth function, by the gradients at both ends",
    statement=r"L (f(x) - f(x^+)) \ge c \|g\|^2 + \tfrac{1}{4} \|g^+\|^2, \quad c = \tfrac{1}{2}",
    given=SMOOTH,
    assuming=[curved],
    constants={"c": HALF},
    kind="tight",
    equality_strata=EQUAL,
)
def step(at: Any, c: Any) -> Any:
    """Times L². On Σ h_i x_i²/2 + s_i log cosh x_i. **Tight**: s = 0, h = ±L."""
    g = at.slope(at.x)
    after = at.x - g / at.L
    fall = at.L * (at.value(at.x) - at.value(after))
    return fall >= c * sq(g) + sq(at.slope(after)) / 4


@claim(
    source=GHADIMI_2013.part("rate", "(2.14), deterministic, from the descent lemma"),
    wording="reconstructed",
    title="the least gradient on the way, from the descent lemma",
    statement=r"c L (f_0 - f_T) / T \ge \min_t \|g_t\|^2, \quad c = 2",
    given=PATHS,
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def rate(at: Any, c: Any) -> Any:
    """Where f_t - f_{t+1} >= ||g_t||²/(2L) is all that is known. **Tight**: constant gradients."""
    return c * at.fall(HALF, Fraction(0)) / at.T >= at.least


@claim(
    source=GHADIMI_2013.part("exact_rate", "the exact constant of smooth functions"),
    wording="ours",
    title="the least gradient on the way, with the exact constant",
    statement=r"c L (f_0 - f_T) / T \ge \min_t \|g_t\|^2, \quad c = \tfrac{4}{3}",
    given=PATHS,
    constants={"c": Fraction(4, 3)},
    kind="tight",
    equality_strata=EQUAL,
)
def exact_rate(at: Any, c: Any) -> Any:
    """Where L (f_t - f_{t+1}) >= ||g_t||²/2 + ||g_{t+1}||²/4. **Tight**: constant gradients."""
    return c * at.fall(HALF, QUARTER) / at.T >= at.least


# -- false neighbours -----------------------------------------------------------------------------

step_more = changed(step, "0.51", "h = L, s = 0", c=Fraction(51, 100))
step_one = changed(step, "one", "h = L, s = 0", c=1)
step_millionth = scaled(step, "1e-6", "h = L, s = 0")


@mutant(step, "twice_the_step", "x⁺ = x - 2g/L: h = L goes to -x, at the same value")
def longer_step(at: Any, c: Any = HALF) -> Any:
    g = at.slope(at.x)
    after = at.x - 2 * g / at.L
    return at.L * (at.value(at.x) - at.value(after)) >= c * sq(g) + sq(at.slope(after)) / 4


rate_less = changed(rate, "1.99", "constant gradients", c=Fraction(199, 100))
rate_millionth = scaled(rate, "1e-6", "constant gradients")
rate_one = changed(rate, "one", "constant gradients", c=1)


@mutant(rate, "every_gradient", "the first may be the longest: T = 2, g_0 = 1, g_1 = 0: 1/2 for 1")
def rate_for_first(at: Any, c: Any = 2) -> Any:
    return c * at.fall(HALF, Fraction(0)) / at.T >= at.squares[0]


exact_less = changed(exact_rate, "1.33", "constant gradients", c=Fraction(133, 100))
exact_millionth = scaled(exact_rate, "1e-6", "constant gradients")
exact_one = changed(exact_rate, "one", "constant gradients", c=1)
