"""Dinh, Pascanu, Bengio and Bengio (2017), "Sharp Minima Can Generalize for Deep Nets".

One ReLU layer f(x) = Σ a_j [w_jᵀ x]_+ and its transformation T_α: (w, a) -> (α w, a/α), α > 0
(Definition 5, recalled). [α z]_+ = α [z]_+, so T_α leaves the network as it is; by the chain rule
∂/∂w at the image is 1/α times that at the point, ∂/∂a is α times. Hence second derivatives in w
scale by α⁻², those in a by α², and the sharpness of a minimum of zero loss, the greatest eigenvalue
of J Jᵀ with the Jacobian J of the predictions, is at least each of α⁻² λ_max(J_w J_wᵀ) and α²
λ_max(J_a J_aᵀ): it is as large as one likes along an orbit of one and the same function (Theorem 4,
recalled; the quantitative form is ours).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import lambda_max, maximum, positive_part
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, columns_times
from strategies.catalogue import domain_of, everywhere_in, identities_of, nonzero

DINH_2017 = Paper(
    key="dinh2017",
    authors="Laurent Dinh, Razvan Pascanu, Samy Bengio, Yoshua Bengio",
    title="Sharp Minima Can Generalize for Deep Nets",
    venue="ICML 2017, arXiv:1703.04933",
)


@dataclass(frozen=True, eq=False)
class Rescaled:
    """A ReLU layer at some samples, and α.

    Attributes
    ----------
    X, e
        Inputs, (n, d), and the derivative of the loss in each prediction, (n,).
    W, a
        Neurons, (h, d) and (h,).
    alpha
        α.
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    e: Annotated[FloatArray, Dims("n")]
    W: Annotated[FloatArray, Dims("h", "d")]
    a: Annotated[FloatArray, Dims("h")]
    alpha: Annotated[FloatArray, Dims(domain="positive")]

    @cached_property
    def image(self) -> Rescaled:
        """T_α of the network."""
        moved = (self.alpha * self.W, self.a / self.alpha)
        return Rescaled(self.X, self.e, *moved, self.alpha)

    @cached_property
    def _before(self) -> Any:
        return self.X @ self.W.T

    @cached_property
    def hidden(self) -> Any:
        """[w_jᵀ x_i]_+, (n, h): the Jacobian of the predictions in a."""
        return positive_part(self._before)

    @cached_property
    def output(self) -> Any:
        """f at every sample, (n,)."""
        return self.hidden @ self.a

    @cached_property
    def pull(self) -> Any:
        """∂f(x_i)/∂(w_jᵀ x_i), (n, h)."""
        return columns_times(self.hidden / self._before, self.a)

    @cached_property
    def slopes(self) -> tuple[Any, Any]:
        """∂/∂W of the loss, (h, d), and ∂/∂a, (h,)."""
        weighted = columns_times(self.pull.T, self.e)
        return weighted @ self.X, self.e @ self.hidden

    @cached_property
    def kernels(self) -> tuple[Any, Any]:
        """J_w J_wᵀ and J_a J_aᵀ, (n, n)."""
        return (self.pull @ self.pull.T) * (self.X @ self.X.T), self.hidden @ self.hidden.T


NETS, EXACT = (nonzero(make(Rescaled), "X", "W") for make in (domain_of, identities_of))
EQUAL = everywhere_in(NETS)

differentiable = Assumption(
    "differentiable",
    r"w_j^\top x_i \ne 0",
    lambda at: np.all(np.einsum("nd...,hd...->nh...", at.X, at.W) != 0, axis=(0, 1)),
    definitional=True,
)


@claim(
    source=DINH_2017.part("same_function", "Definition 5 and Theorem 1"),
    wording="reconstructed",
    title="rescaling two layers of a ReLU network leaves the function as it is",
    statement=r"f_{\alpha W,\, a/\alpha} = f_{W, a}",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def same_function(at: Any, c: Any) -> Any:
    """An identity at every sample."""
    return agree((at.image.output, c * at.output))


@claim(
    source=DINH_2017.part("gradient", "Theorem 4, the gradient along the orbit"),
    wording="reconstructed",
    title="rescaling changes the gradient of the same function",
    statement=r"\partial_W(T_\alpha) = \alpha^{-1} \partial_W, \quad \partial_a(T_\alpha) = \alpha"
    r"\, \partial_a",
    given=EXACT,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def gradient(at: Any, c: Any) -> Any:
    """An identity."""
    (in_W, in_a), (new_W, new_a) = at.slopes, at.image.slopes
    return agree((at.alpha * new_W, c * in_W), (new_a, c * at.alpha * in_a))


@claim(
    source=DINH_2017.part("hessian", "Theorem 4, the Hessian along the orbit"),
    wording="reconstructed",
    title="rescaling changes the curvature of the same function",
    statement=r"J_W J_W^\top(T_\alpha) = \alpha^{-2} J_W J_W^\top, \quad J_a J_a^\top(T_\alpha) = "
    r"\alpha^2 J_a J_a^\top",
    given=EXACT,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def hessian(at: Any, c: Any) -> Any:
    """An identity; at zero loss the Hessian is Jᵀ J."""
    (in_W, in_a), (new_W, new_a) = at.kernels, at.image.kernels
    return agree((at.alpha**2 * new_W, c * in_W), (new_a, c * at.alpha**2 * in_a))


@claim(
    source=DINH_2017.part("sharpness", "Theorem 4, sharpness is unbounded"),
    wording="ours",
    title="one function, minima as sharp as one likes",
    statement=r"\lambda_{\max}(T_\alpha) \ge \max\left(\alpha^{-2} \lambda_{\max}(J_W J_W^\top), "
    r"\alpha^2 \lambda_{\max}(J_a J_a^\top)\right)",
    given=NETS,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def sharpness(at: Any, c: Any) -> Any:
    """The left side from the network T_α itself. **Tight**: a = 0."""
    in_W, in_a = at.image.kernels
    own_W, own_a = at.kernels
    bound = maximum(lambda_max(own_W) / at.alpha**2, at.alpha**2 * lambda_max(own_a))
    return lambda_max(in_W + in_a) >= c * bound


# -- false neighbours -----------------------------------------------------------------------------

same_near = changed(same_function, "1.001", "an identity", c=Fraction(1001, 1000))
same_double = changed(same_function, "double", "an identity", c=2)
same_none = changed(same_function, "vanishing", "f != 0", c=0)


@mutant(same_function, "negative_side", "[-z]_+ != [z]_+: α may not be negative")
def reflected(at: Any, c: Any = 1) -> Any:
    return (positive_part(-(at.X @ at.W.T)) @ at.a) == at.output


gradient_near = changed(gradient, "1.001", "an identity", c=Fraction(1001, 1000))
gradient_double = changed(gradient, "double", "an identity", c=2)
gradient_zero = changed(gradient, "critical", "true at critical points alone", c=0)


@mutant(gradient, "invariant", "the function is the same, its gradient is not")
def gradient_invariant(at: Any, c: Any = 1) -> Any:
    return at.image.slopes[0] == at.slopes[0]


hessian_near = changed(hessian, "1.001", "an identity", c=Fraction(1001, 1000))
hessian_double = changed(hessian, "double", "an identity", c=2)
hessian_none = changed(hessian, "flat", "curvature is there", c=0)
sharpness_more = changed(sharpness, "1.01", "α small or large", c=Fraction(101, 100))
sharpness_millionth = scaled(sharpness, "1e-6", "α tiny: the other block is nothing")
sharpness_double = changed(sharpness, "double", "α small or large", c=2)
