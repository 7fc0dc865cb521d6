"""Laurent and von Brecht (2018), "Deep Linear Networks with Arbitrary Loss: All Local Minima Are
Global".

The theorem (recalled): for a convex differentiable loss f of W = W_2 W_1 and hidden layers at least
as wide as the input or the output, all local minima are global. Here two layers and f(W) = Σ log
cosh(r) + (c/2) Σ r² over the entries r of W X - Y, with the gradient G in W; it is convex for c >=
0 (and for c < 0 it need not be). Quantitative forms, derived here:

Full rank. ∂f/∂W_1 = W_2ᵀ G, so σ_min(W_2) ||G|| <= ||∂f/∂W_1||, and f(W) - f(V) <= <G, W - V> for
every V.

Lower rank. Let |u| = 1 and uᵀ W_1 = 0. The product is the same at all W_2 + q uᵀ, where ∂f/∂W_1 is
W_2ᵀ G + u qᵀ G. Over q = ±e_j, j = 1, ..., k, the mean of its squared norm is ||W_2ᵀ G||² +
||G||²/k. So points of the same value next to a local minimum force G = 0: if they are local minima,
too (they are, for short u), the point is a global one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import (
    lambda_min,
    log_cosh,
    norm,
    outer,
    positive_part,
    sq,
    sqrt,
    tanh,
)
from checker.claims.claim import Assumption, Paper, claim
from checker.claims.neighbours import changed, dropped, mutant
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import summed
from strategies.catalogue import domain_of, everywhere_in, over_data

LAURENT_2018 = Paper(
    key="laurent2018",
    authors="Thomas Laurent, James von Brecht",
    title="Deep Linear Networks with Arbitrary Loss: All Local Minima Are Global",
    venue="ICML 2018, arXiv:1712.01473",
)


@dataclass(frozen=True, eq=False)
class Convex:
    """Two layers, a convex loss and a comparator.

    Attributes
    ----------
    W1, W2
        Layers, (h, d) and (k, h).
    u
        Unit vector that W_1 is made orthogonal to for the second statement, (h,).
    V
        Comparator, (k, d).
    X, Y
        Inputs and labels, one sample per column, (d, n) and (k, n).
    c
        Weight of the squared loss.
    """

    W1: Annotated[FloatArray, Dims("h", "d")]
    W2: Annotated[FloatArray, Dims("k", "h")]
    u: Annotated[FloatArray, Dims("h", domain="unit vector")]
    V: Annotated[FloatArray, Dims("k", "d")]
    X: Annotated[FloatArray, Dims("d", "n")]
    Y: Annotated[FloatArray, Dims("k", "n")]
    c: Annotated[FloatArray, Dims()]

    def loss(self, W: Any) -> Any:
        """f(W)."""
        r = W @ self.X - self.Y
        rows = [log_cosh(r[i]).total() for i in range(r.shape[0])]
        return summed(rows) + self.c * sq(r) / 2

    def slope(self, W: Any) -> Any:
        """G, (k, d)."""
        r = W @ self.X - self.Y
        return (tanh(r) + self.c * r) @ self.X.T

    def apart(self, W: Any) -> Any:
        """||W - V||_F."""
        return norm((W - self.V,))

    def gap(self, W: Any) -> Any:
        """f(W) - f(V)."""
        return self.loss(W) - self.loss(self.V)

    @cached_property
    def product(self) -> Any:
        """W."""
        return self.W2 @ self.W1

    @cached_property
    def flattened(self) -> Any:
        """W_1 without its part along u, (h, d)."""
        u: Any = self.u
        return self.W1 - outer(u, u @ self.W1)


def _nonconvex(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """Numbers near a maximum of log cosh r - 0.4 r² over r."""
    one = np.ones((1, 1, size))
    W2 = one * rng.choice([1.0, 2.0], size)
    return {
        "W1": one * rng.uniform(1, 3, size),
        "W2": W2,
        "u": np.ones((1, size)),
        "V": 0 * one,
        "X": one,
        "Y": one * rng.uniform(-1, 1, size),
        "c": np.full(size, -0.8),
    }


NETS = over_data(
    domain_of(Convex, without={"convex": _nonconvex}),
    Convex,
    lambda sample: {"X": sample.X.T, "Y": sample.y[None]},
    h=3,
)
EQUAL = everywhere_in(NETS)

convex = Assumption("convex", r"c \ge 0", lambda at: at.c >= 0)


@claim(
    source=LAURENT_2018.part("full_rank", "Theorem 1, full rank, quantitative"),
    wording="ours",
    title="full rank behind the first layer: a small gradient means nearly the least loss",
    statement=r"\|\partial f/\partial W_1\|_F \|W - V\|_F \ge \sigma_{\min}(W_2) "
    r"\left(f(W) - f(V)\right)",
    given=NETS,
    assuming=[convex],
    constants={"a": 1},
    kind="bound",
    equality_strata=EQUAL,
)
def full_rank(at: Any, a: Any) -> Any:
    """Nearly equal where the loss is nearly linear between V and W; equality for gap 0 alone."""
    passed = sqrt(positive_part(lambda_min(at.W2 @ at.W2.T)))
    gradient = norm((at.W2.T @ at.slope(at.product),))
    return gradient * at.apart(at.product) >= a * passed * at.gap(at.product)


@claim(
    source=LAURENT_2018.part("lower_rank", "Theorem 1, lower rank, quantitative"),
    wording="ours",
    title="lower rank: points of equal value nearby see the gap",
    statement=r"u^\top W_1 = 0 \implies \Big(\tfrac{1}{2} \sum_{j, \pm} \|\partial f/\partial W_1"
    r"(W_1, W_2 \pm e_j u^\top)\|_F^2\Big)^{1/2} \|W - V\|_F \ge f(W) - f(V)",
    given=NETS,
    assuming=[convex],
    constants={"a": 1},
    kind="bound",
    equality_strata=EQUAL,
)
def lower_rank(at: Any, a: Any) -> Any:
    """W_1 is projected onto the complement of u first. Nearly equal as above, for W_2 = 0."""
    W = at.W2 @ at.flattened
    squares = []
    for j in range(at.W2.shape[0]):
        for sign in (1.0, -1.0):
            moved = at.W2 + sign * outer(type(at.u).constant(np.eye(at.W2.shape[0])[j]), at.u)
            squares.append(sq(moved.T @ at.slope(moved @ at.flattened)))
    return sqrt(summed(squares) / 2) * at.apart(W) >= a * at.gap(W)


# -- false neighbours -----------------------------------------------------------------------------

full_nonconvex = dropped(
    full_rank, "convex", "no_convexity", "near a maximum the gradient vanishes"
)
full_more = changed(full_rank, "1.01", "numbers far from the label", a=Fraction(101, 100))
full_two = changed(full_rank, "two", "numbers far from the label", a=2)
full_squared = changed(full_rank, "four", "numbers, the squared loss", a=4)


@mutant(full_rank, "by_norm", "||W_2|| for σ_min(W_2): outputs that no hidden unit reaches")
def full_by_norm(at: Any, a: Any = 1) -> Any:
    gradient = norm((at.W2.T @ at.slope(at.product),))
    return gradient * at.apart(at.product) >= norm((at.W2,)) * at.gap(at.product)


lower_nonconvex = dropped(lower_rank, "convex", "no_convexity", "near a maximum")
lower_more = changed(lower_rank, "1.01", "W_2 = 0, far from the label", a=Fraction(101, 100))
lower_two = changed(lower_rank, "two", "W_2 = 0, far from the label", a=2)
lower_four = changed(lower_rank, "four", "W_2 = 0, the squared loss", a=4)


@mutant(lower_rank, "at_the_point_alone", "W_2 = 0 is critical in W_1, whatever the loss is there")
def lower_at_the_point(at: Any, a: Any = 1) -> Any:
    W = at.W2 @ at.flattened
    return norm((at.W2.T @ at.slope(W),)) * at.apart(W) >= at.gap(W)
