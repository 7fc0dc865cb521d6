"""Hu, Xiao and Pennington (2020), "Provable Benefit of Orthogonal Initialization in Optimizing Deep
Linear Networks".

The proof follows orthogonal layers O_l (up to scale) while each stays within a distance ρ of its
start: W_l = O_l + Δ_l, ||Δ_l|| <= ρ. Since ||W_l|| <= 1 + ρ and σ_min(W_l) >= 1 - ρ,

    (1 - ρ)^L <= σ_min(W_L ... W_1)  (ρ <= 1),       ||W_L ... W_1|| <= (1 + ρ)^L,

and by telescoping ||W_L ... W_1 - O_L ... O_1|| <= (1 + ρ)^L - 1. At the start itself every layer's
gradient O_{>l}ᵀ S O_{<l}ᵀ is as long as the gradient S in the product (dynamical isometry), so
||∇||² = L ||S||², which together with ||S||² >= 2 λ_min(X Xᵀ) (loss - least loss) is where the rate
of Theorem 4.1 (seen), linear in L, comes from. Here three square layers; constants of the width are
not checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import filled, lambda_min, maximum, spectral_norm, sq
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, gradients, product
from strategies.catalogue import domain_of, everywhere_in, identities_of

HU_2020 = Paper(
    key="hu2020",
    authors="Wei Hu, Lechao Xiao, Jeffrey Pennington",
    title="Provable Benefit of Orthogonal Initialization in Optimizing Deep Linear Networks",
    venue="ICLR 2020, arXiv:2001.05992",
)


@dataclass(frozen=True, eq=False)
class Near:
    """Three orthogonal layers, what they moved by, and a gradient in their product.

    Attributes
    ----------
    O1, O2, O3
        Orthogonal matrices, (d, d).
    moved
        Δ_1, Δ_2, Δ_3, (3, d, d).
    X, E
        Inputs and errors, one sample per column, (d, n).
    """

    O1: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    O2: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    O3: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    D1: Annotated[FloatArray, Dims("d", "d")]
    D2: Annotated[FloatArray, Dims("d", "d")]
    D3: Annotated[FloatArray, Dims("d", "d")]
    X: Annotated[FloatArray, Dims("d", "n")]
    E: Annotated[FloatArray, Dims("d", "n")]

    @cached_property
    def start(self) -> list[Any]:
        """O_1, O_2, O_3."""
        return [self.O1, self.O2, self.O3]

    @cached_property
    def moves(self) -> list[Any]:
        """Δ_1, Δ_2, Δ_3."""
        return [self.D1, self.D2, self.D3]

    @cached_property
    def product(self) -> Any:
        """W_3 W_2 W_1."""
        pairs = zip(self.start, self.moves, strict=True)
        return product([layer + move for layer, move in pairs])

    @cached_property
    def rho(self) -> Any:
        """max ||Δ_l||."""
        return reduce(maximum, [spectral_norm(move) for move in self.moves])


def _shrunk(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """O = I and Δ = ±r I."""
    d, n = (int(k) for k in rng.integers(1, 4, 2))
    zero, eye = np.zeros((d, d, size)), np.eye(d)[..., None]
    move = eye * (rng.integers(-7, 8, size) / 8.0)
    data = {name: rng.integers(-4, 5, (d, n, size)) / 2.0 for name in ("X", "E")}
    layers = {name: zero.copy() for name in ("O1", "O2", "O3")}
    return {**layers, **{name: move.copy() for name in ("D1", "D2", "D3")}, **data}


NEAR, EXACT = domain_of(Near, told={"multiples of I": _shrunk}), identities_of(Near)
EQUAL = everywhere_in(NEAR) | everywhere_in(EXACT)

within_one = Assumption(
    "within_one", r"\rho \le 1", proved(lambda at: filled(at.rho, 1.0) >= at.rho)
)


@claim(
    source=HU_2020.part("norm", "proof of Theorem 4.1, norms near the start"),
    wording="reconstructed",
    title="near orthogonal layers no product is long",
    statement=r"(1 + \rho)^L \ge \|W_L \cdots W_1\|",
    given=NEAR,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def norm_near_start(at: Any, c: Any) -> Any:
    """L = 3. **Tight**: Δ_l = ρ O_l."""
    return c * (1 + at.rho) ** 3 >= spectral_norm(at.product)


@claim(
    source=HU_2020.part("sigma_min", "proof of Theorem 4.1, least singular value near the start"),
    wording="reconstructed",
    title="near orthogonal layers no product is nearly singular",
    statement=r"\rho \le 1 \implies \sigma_{\min}(W_L \cdots W_1) \ge (1 - \rho)^L",
    given=NEAR,
    assuming=[within_one],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def sigma_min_near_start(at: Any, c: Any) -> Any:
    """Squared, L = 3. **Tight**: Δ_l = -ρ O_l."""
    return lambda_min(at.product @ at.product.T) >= c * (1 - at.rho) ** 6


@claim(
    source=HU_2020.part("drift", "proof of Theorem 4.1, distance from the start"),
    wording="reconstructed",
    title="how far a product of layers can drift",
    statement=r"(1 + \rho)^L - 1 \ge \|W_L \cdots W_1 - O_L \cdots O_1\|",
    given=NEAR,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def drift(at: Any, c: Any) -> Any:
    """L = 3, written as ρ³ + 3ρ² + 3ρ. **Tight**: Δ_l = ρ O_l."""
    reach = at.rho * (3 + at.rho * (3 + at.rho))
    return c * reach >= spectral_norm(at.product - product(at.start))


@claim(
    source=HU_2020.part("isometry", "dynamical isometry at the start"),
    wording="ours",
    title="at orthogonal layers every layer's gradient is as long as that of a linear model",
    statement=r"\|\partial/\partial W_l\|_F = \|E X^\top\|_F",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def isometry(at: Any, c: Any) -> Any:
    """Squared, an identity for each layer."""
    slope = at.E @ at.X.T
    return agree(*((sq(g), c * sq(slope)) for g in gradients(at.start, slope)))


@claim(
    source=HU_2020.part("rate", "Theorem 4.1, where the rate comes from"),
    wording="ours",
    title="at orthogonal layers the squared gradient is L times the excess loss of a linear model",
    statement=r"\|\nabla\|^2 \ge L \lambda_{\min}(X^\top X) \|E\|_F^2",
    given=NEAR,
    constants={"c": 3},
    kind="tight",
    equality_strata=EQUAL,
)
def rate(at: Any, c: Any) -> Any:
    """L = 3, loss ||E||²/2. **Tight**: X a multiple of an orthogonal matrix."""
    slope = at.E @ at.X.T
    squares = [sq(g) for g in gradients(at.start, slope)]
    return squares[0] + squares[1] + squares[2] >= c * lambda_min(at.X.T @ at.X) * sq(at.E)


# -- false neighbours -----------------------------------------------------------------------------

norm_less = changed(norm_near_start, "0.99", "Δ_l = ρ O_l", c=Fraction(99, 100))
norm_millionth = scaled(norm_near_start, "1e-6", "Δ_l = ρ O_l")
norm_half = changed(norm_near_start, "half", "ρ = 0: the norm is 1", c=Fraction(1, 2))
sigma_far = dropped(sigma_min_near_start, "within_one", "any_distance", "Δ_l = -O_l and longer")
sigma_more = changed(sigma_min_near_start, "1.01", "Δ_l = -ρ O_l", c=Fraction(101, 100))
sigma_millionth = scaled(sigma_min_near_start, "1e-6", "Δ_l = -ρ O_l")
drift_less = changed(drift, "0.99", "Δ_l = ρ O_l", c=Fraction(99, 100))
drift_millionth = scaled(drift, "1e-6", "Δ_l = ρ O_l")
drift_half = changed(drift, "half", "Δ_l = ρ O_l", c=Fraction(1, 2))


@mutant(drift, "linear", "3ρ is only the part linear in ρ: Δ_l = ρ O_l")
def drift_linear(at: Any, c: Any = 1) -> Any:
    return 3 * at.rho >= spectral_norm(at.product - product(at.start))


isometry_near = changed(isometry, "1.001", "an identity", c=Fraction(1001, 1000))
isometry_double = changed(isometry, "double", "an identity", c=2)
isometry_none = changed(isometry, "vanishing", "gradients do not vanish with depth", c=0)


@mutant(isometry, "after_a_move", "away from the start layers stretch the gradient")
def isometry_after_move(at: Any, c: Any = 1) -> Any:
    slope = at.E @ at.X.T
    moved = [layer + move for layer, move in zip(at.start, at.moves, strict=True)]
    return tuple(sq(g) == sq(slope) for g in gradients(moved, slope))


rate_more = changed(rate, "3.01", "X = I", c=Fraction(301, 100))
rate_four = changed(rate, "four", "three layers, not four", c=4)
rate_millionth = scaled(rate, "1e-6", "X = I")
