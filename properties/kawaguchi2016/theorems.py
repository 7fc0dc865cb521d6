"""Kawaguchi (2016), "Deep Learning without Poor Local Minima", deep linear networks.

Loss f = ||W_L ... W_1 X - Y||_F²/2, S = (W_L ... W_1 X - Y) Xᵀ, ∂f/∂W_l = P_{>l}ᵀ S P_{<l}ᵀ.
Theorem 2.3 (recalled): every local minimum is global, every other critical point is a saddle, which
has a negative eigenvalue if W_{L-1} ... W_2 has full rank, and may have none if L >= 3 and it does
not. What is quantitative below is ours:

Adjacent layers. W_{l+1}ᵀ ∂f/∂W_{l+1} = ∂f/∂W_l W_lᵀ, both being P_{>l}ᵀ S P_{<l+1}ᵀ. Multiplying
out, <W_l, ∂f/∂W_l> = <W X - Y, W X> for every l, so f = ||Y||²/2 - ||W X||²/2 + <W_1, ∂f/∂W_1>: at
critical points f = (||Y||² - ||W X||²)/2.

The origin. f(0) - f(D) = <Y Xᵀ, D_L ... D_1> - ||D_L ... D_1 X||²/2 <= ||Y Xᵀ||_F (r²/L)^(L/2) with
r² = Σ ||D_l||_F² (arithmetic and geometric means): for L >= 3 no curvature is negative there,
although f has lower values near. For L = 2 the least eigenvalue of the Hessian is -||Y Xᵀ||.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import dot, positive_part, spectral_norm, sq
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, gradients, product, summed
from strategies.catalogue import domain_of, everywhere_in, identities_of

KAWAGUCHI_2016 = Paper(
    key="kawaguchi2016",
    authors="Kenji Kawaguchi",
    title="Deep Learning without Poor Local Minima",
    venue="NeurIPS 2016, arXiv:1605.07110",
)


@dataclass(frozen=True, eq=False)
class DeepNet:
    """A deep linear network with its data.

    Attributes
    ----------
    W
        Layers, (L, d, d).
    X, Y
        Inputs and labels, one sample per column, (d, n).
    """

    W: Annotated[FloatArray, Dims("L", "d", "d")]
    X: Annotated[FloatArray, Dims("d", "n")]
    Y: Annotated[FloatArray, Dims("d", "n")]

    @cached_property
    def layers(self) -> list[Any]:
        """W_1, ..., W_L."""
        return [self.W[i] for i in range(self.L)]

    @property
    def L(self) -> int:
        """Depth."""
        return len(self.W)

    @cached_property
    def output(self) -> Any:
        """W_L ... W_1 X."""
        return product(self.layers) @ self.X

    @cached_property
    def loss(self) -> Any:
        """f."""
        return sq(self.output - self.Y) / 2

    @cached_property
    def slopes(self) -> list[Any]:
        """∂f/∂W_l."""
        return gradients(self.layers, (self.output - self.Y) @ self.X.T)


@dataclass(frozen=True, eq=False)
class FromOrigin:
    """Directions from the origin of two layers, and the data's Y Xᵀ.

    Attributes
    ----------
    D1, D2
        (h, d) and (k, h).
    M
        Y Xᵀ, (k, d).
    """

    D1: Annotated[FloatArray, Dims("h", "d")]
    D2: Annotated[FloatArray, Dims("k", "h")]
    M: Annotated[FloatArray, Dims("k", "d")]


NETS, EXACT, PAIRS = domain_of(DeepNet), identities_of(DeepNet), domain_of(FromOrigin)
EQUAL = everywhere_in(NETS) | everywhere_in(PAIRS)

several_layers = Assumption(
    "several_layers", r"L \ge 2", lambda at: at.W.shape[0] >= 2, definitional=True
)


@claim(
    source=KAWAGUCHI_2016.part("adjacent", "proof of Theorem 2.3, adjacent layers"),
    wording="ours",
    title="the gradients of adjacent layers are tied to each other",
    statement=r"W_{l+1}^\top \partial f/\partial W_{l+1} = \partial f/\partial W_l \, W_l^\top",
    given=EXACT,
    assuming=[several_layers],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def adjacent(at: Any, c: Any) -> Any:
    """An identity at every point."""
    pairs = [
        (at.layers[i + 1].T @ at.slopes[i + 1], c * (at.slopes[i] @ at.layers[i].T))
        for i in range(at.L - 1)
    ]
    # One layer has no neighbour, and nothing is said of it.
    return agree(*(pairs or [(at.output, at.output)]))


@claim(
    source=KAWAGUCHI_2016.part("value", "proof of Theorem 2.3, value at critical points"),
    wording="ours",
    title="the loss by the size of the output and one layer's gradient",
    statement=r"f = \tfrac{1}{2}\|Y\|_F^2 - \tfrac{1}{2}\|WX\|_F^2 + \langle W_l, \partial f/"
    r"\partial W_l \rangle",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def value(at: Any, c: Any) -> Any:
    """An identity, for the first layer."""
    along = dot(at.layers[0], at.slopes[0])
    return at.loss == sq(at.Y) / 2 - sq(at.output) / 2 + c * along


@claim(
    source=KAWAGUCHI_2016.part(
        "flat_origin", "Theorem 2.3 (iv), saddles without negative curvature"
    ),
    wording="ours",
    title="at the origin of L layers the loss falls with the L-th power of the distance only",
    statement=r"\|YX^\top\|_F (r^2/L)^{L/2} \ge f(0) - f(W), \quad r^2 = \sum_l \|W_l\|_F^2",
    given=NETS,
    constants={"c": 1},
    kind="bound",
)
def flat_origin(at: Any, c: Any) -> Any:
    """Squared. Nearly equal for small inputs and large labels; L = 1 is Cauchy and Schwarz."""
    fall = positive_part(sq(at.Y) / 2 - at.loss)
    radius = summed([sq(layer) for layer in at.layers]) / at.L
    return c * sq(at.Y @ at.X.T) * radius**at.L >= sq(fall)


@claim(
    source=KAWAGUCHI_2016.part("strict_origin", "Theorem 2.3 (iii), two layers at the origin"),
    wording="ours",
    title="two layers at the origin: the least eigenvalue of the Hessian is -||Y Xᵀ||",
    statement=r"\|YX^\top\| \left(\|D_1\|_F^2 + \|D_2\|_F^2\right) \ge 2\langle YX^\top, D_2 D_1"
    r"\rangle",
    given=PAIRS,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def strict_origin(at: Any, c: Any) -> Any:
    """The right side is minus the Hessian's form. **Tight**: singular vectors of Y Xᵀ."""
    size = sq(at.D1) + sq(at.D2)
    return c * spectral_norm(at.M) * size >= 2 * dot(at.M, at.D2 @ at.D1)


# -- false neighbours -----------------------------------------------------------------------------

adjacent_near = changed(adjacent, "1.001", "an identity", c=Fraction(1001, 1000))
adjacent_sign = changed(adjacent, "other_sign", "an identity", c=-1)
adjacent_none = changed(adjacent, "orthogonal", "true at critical points alone", c=0)
value_near = changed(value, "1.001", "an identity", c=Fraction(1001, 1000))
value_critical = changed(value, "everywhere", "without the gradient: critical points alone", c=0)
value_millionth = scaled(value, "1e-6", "an identity")
flat_less = changed(flat_origin, "0.99", "d = n = 1, X small, Y large", c=Fraction(99, 100))
flat_half = changed(flat_origin, "half", "d = n = 1, X small, Y large", c=Fraction(1, 2))
flat_none = changed(flat_origin, "minimum", "the origin is no minimum", c=0)


@mutant(flat_origin, "flatter_still", "the exponent is L, not L + 1: short W")
def flatter_origin(at: Any, c: Any = 1) -> Any:
    fall = positive_part(sq(at.Y) / 2 - at.loss)
    radius = summed([sq(layer) for layer in at.layers]) / at.L
    return sq(at.Y @ at.X.T) * radius ** (at.L + 1) >= sq(fall)


strict_less = changed(strict_origin, "0.99", "numbers, D_1 = D_2 = M = 1", c=Fraction(99, 100))
strict_millionth = scaled(strict_origin, "1e-6", "numbers, D_1 = D_2 = M = 1")
strict_none = changed(strict_origin, "no_curvature", "that is so for L >= 3 alone", c=0)
