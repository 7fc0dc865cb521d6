"""Soudry and Carmon (2016), "No Bad Local Minima: Data Independent Training Error Guarantees for
Multilayer Neural Networks".

One layer of leaky ReLU units f(x) = Σ a_j φ(w_jᵀ x), φ(z) = z for z > 0 and s z for z < 0, loss
||e||²/2 with the errors e_i at N samples. Where no w_jᵀ x_i is 0 the loss is differentiable, and
its gradient in W is G e with the columns of G the products of (a_j φ'(w_jᵀ x_i))_j and x_i, so

    ||∂/∂W||² = eᵀ (P Pᵀ ∘ X Xᵀ) e >= λ_min(P Pᵀ ∘ X Xᵀ) ||e||²,      P_ij = a_j φ'(w_jᵀ x_i):

at a differentiable critical point with G of full column rank, which takes N <= d_0 d_1, the
training error is 0 (recalled; the paper shows the rank for almost all noise). By Schur's theorem
the least eigenvalue of the entrywise product is at least λ_min(P Pᵀ) min_i |x_i|². By Euler's
identity <W, ∂/∂W> = eᵀ f: at critical points the errors are orthogonal to the predictions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import dot, lambda_min, minimum, positive_part, sq
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.domains import interval
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import columns_times
from strategies.catalogue import domain_of, everywhere_in, identities_of, nonzero

SOUDRY_2016 = Paper(
    key="soudry2016",
    authors="Daniel Soudry, Yair Carmon",
    title="No Bad Local Minima: Data Independent Training Error Guarantees for Multilayer Neural "
    "Networks",
    venue="arXiv:1605.08361",
)


@dataclass(frozen=True, eq=False)
class Leaky:
    """One layer of leaky ReLU units with its errors.

    Attributes
    ----------
    X, e
        Inputs, (N, d), and errors, (N,).
    W, a
        Units, (h, d) and (h,).
    s
        Slope on the negative side.
    """

    X: Annotated[FloatArray, Dims("N", "d")]
    e: Annotated[FloatArray, Dims("N")]
    W: Annotated[FloatArray, Dims("h", "d")]
    a: Annotated[FloatArray, Dims("h")]
    s: Annotated[FloatArray, Dims(domain=interval(0, 1))]

    @cached_property
    def _before(self) -> Any:
        return self.X @ self.W.T

    @cached_property
    def hidden(self) -> Any:
        """φ(w_jᵀ x_i), (N, h)."""
        before = self._before
        return positive_part(before) - self.s * positive_part(-before)

    @cached_property
    def P(self) -> Any:
        """a_j φ'(w_jᵀ x_i), (N, h)."""
        return columns_times(self.hidden / self._before, self.a)

    @cached_property
    def kernel(self) -> Any:
        """P Pᵀ ∘ X Xᵀ, (N, N)."""
        return (self.P @ self.P.T) * (self.X @ self.X.T)

    @cached_property
    def slope(self) -> Any:
        """∂/∂W, (h, d)."""
        return columns_times(self.P.T, self.e) @ self.X


UNITS, EXACT = (nonzero(make(Leaky), "X", "W") for make in (domain_of, identities_of))
EQUAL = everywhere_in(UNITS)

differentiable = Assumption(
    "differentiable",
    r"w_j^\top x_i \ne 0",
    lambda at: np.all(np.einsum("nd...,hd...->nh...", at.X, at.W) != 0, axis=(0, 1)),
    definitional=True,
)


@claim(
    source=SOUDRY_2016.part("gradient", "Theorem 1, quantitative"),
    wording="ours",
    title="where the units' Jacobian has full rank the gradient sees every error",
    statement=r"\|\partial/\partial W\|_F^2 \ge \lambda_{\min}(PP^\top \circ XX^\top) \|e\|^2",
    given=UNITS,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def gradient(at: Any, c: Any) -> Any:
    """**Tight**: one sample, and orthogonal ones of equal length."""
    return sq(at.slope) >= c * lambda_min(at.kernel) * sq(at.e)


@claim(
    source=SOUDRY_2016.part("rank", "proof of Theorem 1, the rank of the Jacobian"),
    wording="ours",
    title="linearly independent patterns of the units are enough for full rank",
    statement=r"\lambda_{\min}(PP^\top \circ XX^\top) \ge \lambda_{\min}(PP^\top) \min_i |x_i|^2",
    given=UNITS,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def rank(at: Any, c: Any) -> Any:
    """Schur's theorem. **Tight**: one sample."""
    shortest = reduce(minimum, [sq(at.X[i]) for i in range(len(at.e))])
    return lambda_min(at.kernel) >= c * lambda_min(at.P @ at.P.T) * shortest


@claim(
    source=SOUDRY_2016.part("euler", "errors and predictions at critical points"),
    wording="ours",
    title="the gradient along the weights is the errors along the predictions",
    statement=r"\langle W, \partial/\partial W \rangle = e^\top f",
    given=EXACT,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def euler(at: Any, c: Any) -> Any:
    """An identity of functions that are homogeneous of degree 1."""
    return dot(at.W, at.slope) == c * (at.e @ (at.hidden @ at.a))


# -- false neighbours -----------------------------------------------------------------------------

gradient_more = changed(gradient, "1.01", "one sample", c=Fraction(101, 100))
gradient_double = changed(gradient, "double", "one sample", c=2)
gradient_millionth = scaled(gradient, "1e-6", "one sample")


@mutant(gradient, "inputs_alone", "X Xᵀ of full rank does not do where units switch off")
def gradient_by_inputs(at: Any, c: Any = 1) -> Any:
    return sq(at.slope) >= lambda_min(at.X @ at.X.T) * sq(at.a) * sq(at.e)


rank_more = changed(rank, "1.01", "one sample", c=Fraction(101, 100))
rank_double = changed(rank, "double", "one sample", c=2)
rank_millionth = scaled(rank, "1e-6", "one sample")
euler_near = changed(euler, "1.001", "an identity", c=Fraction(1001, 1000))
euler_double = changed(euler, "degree_two", "leaky ReLU is homogeneous of degree 1", c=2)
euler_millionth = scaled(euler, "1e-6", "an identity")
