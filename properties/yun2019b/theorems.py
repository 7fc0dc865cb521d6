"""Yun, Sra and Jadbabaie (2019), "Small Nonlinearities in Activation Functions Create Bad Local
Minima in Neural Networks".

One hidden layer, x ↦ W_2 h(W_1 x + b_1) + b_2, half the sum of squares. The statements are as they
are known from the paper's text; the inequalities behind them are ours.

*Theorem 2.* The data (1, 0), (0, 1), (1/2, 1/2) with labels 0, 0, 1 and two hidden units. The
third input is the midpoint of the others, so the pre-activations v_j1, v_j2 of unit j give the
third, (v_j1 + v_j2)/2. Where each a_j h is convex between them, the outputs satisfy
2 o_3 <= o_1 + o_2, and then

    o_1²/2 + o_2²/2 + (o_3 - 1)²/2 >= 1/3,

with equality at o = 1/3 only: with m = (o_1 + o_2)/2 >= o_3 the left is at least m² + (1 - m)²/2
for m <= 1, and at least m² above. So every point with outputs 1/3 and a_j h'' > 0 is a local
minimum of the value 1/3, although the value 0 is attained: with (C2.1)
h(v_1) h(v_4) = h(v_2) h(v_3) the weights (h(v_3), -h(v_1)) give 0, 0 and another number. For
sigmoid, tanh, arctan and ELU a h is convex for a >= 0 left of 0; the bias of the output makes the
outputs 1/3.

*Theorem 1.* h(z) = z for z >= 0 and s z below, d_1 >= 2, data that no affine function fits: there
is a local minimum with the risk of the best affine function, and a lower point. The first: where
all pre-activations are >= 0 the network is affine, and no better. The second, on a line x_1 < ... <
x_n: a further unit of weight ε with its hinge at x_k changes the risk by -ε (1 - s) H_k + O(ε²)
with H_k = Σ_{i > k} r_i (x_i - x_k), r the residuals of the affine fit, to which the affine part of
the unit is orthogonal. H is linear between the data, H_1 = H_n = 0, and its slope changes by r_k
at x_k, so r = (H_{k+1} - H_k)/g_k - (H_k - H_{k-1})/g_{k-1} with the gaps g, and

    16 Σ H_k² >= min g² Σ r_k²:

some hinge lowers the risk unless the residuals are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial, reduce
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import (
    arctan,
    concatenate,
    cumsum,
    exists_zero,
    exp,
    maximum,
    minimum,
    sigmoid,
    sq,
    stack,
    tanh,
    total,
)
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Domain, Paper, claim, everywhere
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import summed
from strategies.catalogue import Capped, domain_of
from strategies.deep_residual.motivating import Numbers

YUN_2019B = Paper(
    key="yun2019b",
    authors="Chulhee Yun, Suvrit Sra, Ali Jadbabaie",
    title="Small Nonlinearities in Activation Functions Create Bad Local Minima in Neural Networks",
    venue="ICLR 2019, arXiv:1802.03487",
    notation={
        r"h": "the activation",
        r"v_{ji}": "the pre-activation of unit j at input i",
        r"a_j": "the weight of unit j in the output",
        r"H_k": "Σ_{i > k} r_i (x_i - x_k), r the residuals of the best affine function",
    },
)

ACTIVATIONS: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "arctan": arctan,
    # Left of 0, where it is used.
    "elu": lambda v: exp(v) - 1,
}


# -- Theorem 2 ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Pair:
    """Two hidden units at the three inputs.

    Attributes
    ----------
    V
        Minus the pre-activations at the first two inputs, a row for each unit.
    a, b
        Weights and bias of the output.
    h
        The activation, by name.
    """

    V: Annotated[FloatArray, Dims(2, 2, domain="nonnegative")]
    a: Annotated[FloatArray, Dims(2, domain="nonnegative")]
    b: Annotated[FloatArray, Dims()]
    h: str

    @cached_property
    def outputs(self) -> list[Any]:
        """o_1, o_2, o_3."""
        return self.outputs_of(-self.V)

    def outputs_of(self, V: Any) -> list[Any]:
        """The outputs for pre-activations."""
        h, rows = ACTIVATIONS[self.h], (V[:, 0], V[:, 1], (V[:, 0] + V[:, 1]) / 2)
        return [total(self.a * h(row)) + self.b for row in rows]


def risk(outputs: Any) -> Any:
    """Half the sum of squares against the labels 0, 0, 1."""
    first, second, third = outputs
    return (first * first + second * second + (third - 1) ** 2) / 2


def _near(name: str, rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Each unit alike at all inputs, and a bias that makes the outputs about 1/3."""
    V = np.repeat(rng.uniform(0, 2, (2, 1, size)), 2, axis=1)
    V = np.maximum(V + 10.0 ** rng.uniform(-6, -1, size) * rng.standard_normal((2, 2, size)), 0)
    a = rng.uniform(0, 2, (2, size))
    outputs = (a * _FLOATS[name](-V[:, 0])).sum(axis=0)
    return {"V": V, "a": a, "b": 1 / 3 - outputs, "h": name}


_FLOATS: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    "tanh": np.tanh,
}

PAIRS = domain_of(Pair, h=st.sampled_from(sorted(ACTIVATIONS)))
_NEAR = {
    f"near minima, {name}": st.just(Numbers(Pair, f"near minima, {name}", partial(_near, name)))
    for name in _FLOATS
}
PAIRS = replace(PAIRS, strata={**PAIRS.strata, **_NEAR})


@claim(
    source=YUN_2019B.theorem(2).part("minimum", "a local minimum"),
    wording="ours",
    title="no lower point near a constant output, where the units are convex",
    statement=r"v_{ji} \le 0, \, a_j \ge 0 \; \Rightarrow \; \tfrac12 \sum_i (o_i - y_i)^2 \ge "
    r"\tfrac13",
    given=PAIRS,
    constants={"c": Fraction(1, 3)},
    kind="bound",
)
def no_lower_point(at: Any, c: Any) -> Any:
    """For sigmoid, tanh, arctan and ELU. Attained where all outputs are 1/3, at no floats."""
    return risk(at.outputs) >= c


@dataclass(frozen=True, eq=False)
class Fitted:
    """Pre-activations for which the value 0 is attained near a point.

    Attributes
    ----------
    v
        v_1, v_2 of the first unit and v_3 of the second.
    z
        About v_4 and the two weights of the output.
    h
        The activation, by name.
    """

    v: Annotated[FloatArray, Dims(3)]
    z: Annotated[FloatArray, Dims(3)]
    h: str

    def errors(self, h: Callable[[Any], Any], labels: Sequence[Any]) -> Callable[[Any], Any]:
        """(v_4, w_1, w_2) -> the errors at the three inputs."""

        def at(z: Any) -> Any:
            first = (self.v[0], self.v[1], (self.v[0] + self.v[1]) / 2)
            second = (self.v[2], z[0], (self.v[2] + z[0]) / 2)
            made = zip(first, second, labels, strict=True)
            return stack([z[1] * h(p) + z[2] * h(q) - y for p, q, y in made])

        return at


_INVERSE: Mapping[str, Callable[[Any], Any]] = {
    "sigmoid": lambda p: np.log(p / (1 - p)),
    "tanh": np.arctanh,
}


def _fitted(name: str, rng: np.random.Generator, size: int) -> dict[str, Any]:
    """h(v_4) = h(v_2) h(v_3)/h(v_1), and the weights that give 0, 0, 1."""
    h = _FLOATS[name]
    # |v_1| is the largest, so that h(v_4) is a value of h; v_2 and v_3 stay apart from it.
    v = np.stack([rng.uniform(a, b, size) for a, b in ((1.5, 3.0), (-1.0, 0.5), (-0.5, 0.8))])
    v4 = _INVERSE[name](h(v[1]) * h(v[2]) / h(v[0]))
    third = h(v[2]) * h((v[0] + v[1]) / 2) - h(v[0]) * h((v[2] + v4) / 2)
    return {"v": v, "z": np.stack([v4, h(v[2]) / third, -h(v[0]) / third]), "h": name}


def _fits() -> Domain:
    strata = {
        name: st.just(Capped(Numbers(Fitted, name, partial(_fitted, name)), _AT_ONCE))
        for name in _INVERSE
    }
    return Domain(st.nothing(), strata, cases=_CASES, found=True)


_CASES, _AT_ONCE = 120, 8
# How far the point that is found may be from the one that floats give, in each coordinate.
_RADIUS = 2.0**-20


@claim(
    source=YUN_2019B.theorem(2).part("zero", "value 0"),
    wording="ours",
    title="two units of a smooth activation fit the three data",
    statement=r"\exists \, v_4, w: \; w_1 h(v_{1i}) + w_2 h(v_{2i}) = y_i, \; y = (0, 0, c), "
    r"\; c = 1",
    given=_fits(),
    constants={"c": 1},
    kind="bound",
    weight=everywhere,
)
def fitted(at: Any, c: Any) -> Any:
    """By (C2.1). Krawczyk's test proves a zero of the three errors next to the point."""
    return exists_zero(at.errors(ACTIVATIONS[at.h], (0, 0, c)), at.z, _RADIUS)


# -- Theorem 1 ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Line:
    """Data on a line, and one hidden layer.

    Attributes
    ----------
    g
        Distances of neighbouring inputs; the first input is 0.
    y
        Labels.
    p, b
        Weights and biases of the hidden units.
    a, b2
        Weights and bias of the output.
    s
        Slope of the activation left of 0.
    """

    g: Annotated[FloatArray, Dims("m", domain="positive")]
    y: Annotated[FloatArray, Dims("m+1")]
    p: Annotated[FloatArray, Dims("k")]
    b: Annotated[FloatArray, Dims("k")]
    a: Annotated[FloatArray, Dims("k")]
    b2: Annotated[FloatArray, Dims()]
    s: Annotated[FloatArray, Dims(domain="unit interval")]

    @cached_property
    def x(self) -> Any:
        """The inputs, (m+1,)."""
        return concatenate([self.g[:1] * 0, cumsum(self.g)])

    @cached_property
    def residuals(self) -> Any:
        """Of the best affine function."""
        n = self.y.shape[0]
        x, y = self.x - total(self.x) / n, self.y - total(self.y) / n
        return y - x * (total(x * y) / total(x * x))

    @cached_property
    def hinges(self) -> list[Any]:
        """H_k at every input."""
        r, x = self.residuals, self.x
        n = r.shape[0]
        return [total(r[k:] * (x[k:] - x[k])) for k in range(n)]

    @cached_property
    def pull(self) -> Any:
        """Σ H_k²."""
        return summed([H * H for H in self.hinges])

    @cached_property
    def errors(self) -> list[Any]:
        """Of the network."""
        return [
            total(self.a * self._activated(self.p * x + self.b)) + self.b2 - y
            for x, y in zip(self.x, self.y, strict=True)
        ]

    def _activated(self, z: Any) -> Any:
        return maximum(z, self.s * z)

    @property
    def least(self) -> Any:
        """The least pre-activation: at one of the ends."""
        ends = (self.b, self.p * self.x[-1] + self.b)
        return reduce(minimum, [z for end in ends for z in end])


def _affine(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """A network that is the best affine function, in whole numbers."""
    x = np.arange(4.0)[:, None]
    p, b, a = (rng.integers(low, 5, (2, size)).astype(float) for low in (0, 0, -4))
    made = (a * (p * x[:, None] + b)).sum(axis=1)
    made += rng.integers(-9, 10, size) * np.array([1.0, -1.0, -1.0, 1.0])[:, None]
    return {
        "g": np.ones((3, size)), "y": made, "p": p, "b": b, "a": a,
        "b2": np.zeros(size), "s": rng.random(size),
    }  # fmt: skip


LINES = domain_of(Line, told={"affine": _affine})

all_active = Assumption(
    "all_active", r"p_j x_i + b_j \ge 0 \text{ for all } i, j", proved(lambda at: at.least >= 0)
)


@claim(
    source=YUN_2019B.theorem(1).part("minimum", "a local minimum"),
    wording="ours",
    title="while every unit is active a network is no better than an affine function",
    statement=r"\sum_i (f(x_i) - y_i)^2 \ge c \min_{\alpha, \beta} \sum_i (\alpha x_i + \beta - "
    r"y_i)^2, \quad c = 1",
    given=LINES,
    assuming=[all_active],
    constants={"c": 1},
    kind="tight",
    equality_strata=frozenset({"affine"}),
    weight=lambda at, inequality: sq(at.residuals),
)
def no_better(at: Any, c: Any) -> Any:
    """**Tight**: the network is the best affine function."""
    return summed([e * e for e in at.errors]) >= c * sq(at.residuals)


@claim(
    source=YUN_2019B.theorem(1).part("lower", "a lower point"),
    wording="ours",
    title="a hinge at some input lowers the risk unless the data are affine",
    statement=r"c \sum_k H_k^2 \ge \min_k g_k^2 \sum_i r_i^2, \quad c = 16",
    given=LINES,
    constants={"c": 16},
    kind="bound",
)
def lower_point(at: Any, c: Any) -> Any:
    """Approached by many equal gaps; 6 for three inputs, 10 for four."""
    gap = reduce(minimum, list(at.g))
    return c * at.pull >= gap**2 * sq(at.residuals)


# -- false neighbours -----------------------------------------------------------------------------

value_more = changed(no_lower_point, "0.34", "outputs of 1/3", c=Fraction(34, 100))
value_two_fifths = changed(no_lower_point, "two_fifths", "outputs of 1/3", c=Fraction(2, 5))
value_millionth = scaled(no_lower_point, "1e-6", "outputs of 1/3")


@mutant(no_lower_point, "concave", "a h is concave right of 0")
def no_lower_point_right_of_zero(at: Any, c: Any = Fraction(1, 3)) -> Any:
    return risk(at.outputs_of(at.V)) >= c


@mutant(no_lower_point, "one_of_each", "one unit is concave")
def no_lower_point_with_one_concave(at: Any, c: Any = Fraction(1, 3)) -> Any:
    V = concatenate([at.V[:1], -at.V[1:]])
    return risk(at.outputs_of(V)) >= c


@mutant(no_lower_point, "not_halved", "the sum of squares is 2/3")
def no_lower_point_not_halved(at: Any, c: Any = Fraction(1, 3)) -> Any:
    return risk(at.outputs) >= 2 * c


fitted_near = changed(fitted, "1.001", "the third output is 1 there", c=Fraction(1001, 1000))
fitted_double = changed(fitted, "two", "the third output is 1 there", c=2)
fitted_zero = changed(fitted, "nothing", "the third output is 1 there", c=0)


@mutant(fitted, "linear", "an affine function through 0 at both ends is 0 in the middle")
def fitted_by_linear(at: Any, c: Any = 1) -> Any:
    return exists_zero(at.errors(lambda v: v, (0, 0, c)), at.z, _RADIUS)


@mutant(fitted, "other_data", "the first output is 0 there")
def fitted_to_other_data(at: Any, c: Any = 1) -> Any:
    return exists_zero(at.errors(ACTIVATIONS[at.h], (c, 0, c)), at.z, _RADIUS)


better_less = changed(no_better, "1.01", "the best affine function", c=Fraction(101, 100))
better_double = changed(no_better, "double", "the best affine function", c=2)
better_millionth = scaled(no_better, "1e-6", "the best affine function")
better_anywhere = dropped(no_better, "all_active", "some_inactive", "a hinge lowers the risk")
pull_nine = changed(lower_point, "nine", "four inputs: 10", c=9)
pull_five = changed(lower_point, "five", "three inputs: 6", c=5)
pull_near = changed(lower_point, "9.99", "four inputs: 10", c=Fraction(999, 100))


@mutant(lower_point, "mean_gap", "one long gap")
def lower_point_by_mean_gap(at: Any, c: Any = 16) -> Any:
    gap = total(at.g) / at.g.shape[0]
    return c * at.pull >= gap**2 * sq(at.residuals)
