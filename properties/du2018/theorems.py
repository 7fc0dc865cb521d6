"""Du, Hu and Lee (2018), "Algorithmic Regularization in Learning Deep Homogeneous Models".

Two linear layers: a loss of W_2 W_1 with the gradient G in the product has the gradients W_2ᵀ G and
G W_1ᵀ in W_1 and W_2. Gradient flow conserves W_1 W_1ᵀ - W_2ᵀ W_2, as W_1 (W_2ᵀ G)ᵀ = (G W_1ᵀ)ᵀ W_2
shows. One step of gradient descent changes it: expanding (W_1 - η W_2ᵀ G)(W_1 - η W_2ᵀ G)ᵀ, the
terms linear in η cancel, and what is left is exactly

    D⁺ - D = η² (W_2ᵀ G Gᵀ W_2 - W_1 Gᵀ G W_1ᵀ),      D = W_1 W_1ᵀ - W_2ᵀ W_2.

A difference of two positive semidefinite matrices has at most the norm of the greater one. One ReLU
layer: Euler's identity for φ(z) = [z]_+ gives <w_j, ∂/∂w_j> = a_j ∂/∂a_j, so flow conserves
|w_j|² - a_j² at every neuron.

The conservation laws are recalled from the paper; the exact defects and the constants are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from checker.arithmetic.functions import maximum, positive_part, spectral_norm, sq
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import agree, summed
from strategies.catalogue import domain_of, everywhere_in, identities_of, nonzero

DU_2018 = Paper(
    key="du2018",
    authors="Simon S. Du, Wei Hu, Jason D. Lee",
    title="Algorithmic Regularization in Learning Deep Homogeneous Models: Layers are "
    "Automatically Balanced",
    venue="NeurIPS 2018, arXiv:1806.00900",
)


@dataclass(frozen=True, eq=False)
class LinearPair:
    """Two linear layers, the gradient in their product, and a step.

    Attributes
    ----------
    W1, W2
        Layers, (h, d) and (k, h).
    G
        Gradient of the loss in W_2 W_1, (k, d): any matrix is one.
    eta
        Step.
    """

    W1: Annotated[FloatArray, Dims("h", "d")]
    W2: Annotated[FloatArray, Dims("k", "h")]
    G: Annotated[FloatArray, Dims("k", "d")]
    eta: Annotated[FloatArray, Dims(domain="positive")]

    @cached_property
    def slopes(self) -> tuple[Any, Any]:
        """∂/∂W_1 and ∂/∂W_2."""
        W1, W2, G = self.W1, self.W2, self.G
        return W2.T @ G, G @ W1.T

    @cached_property
    def next(self) -> LinearPair:
        """After a step of gradient descent."""
        first, second = self.slopes
        return LinearPair(self.W1 - self.eta * first, self.W2 - self.eta * second, self.G, self.eta)

    @cached_property
    def imbalance(self) -> Any:
        """D, (h, h)."""
        return self.W1 @ self.W1.T - self.W2.T @ self.W2

    @cached_property
    def defect(self) -> Any:
        """(D⁺ - D)/η² as the identity has it, (h, h)."""
        first, second = self.slopes
        return first @ first.T - second.T @ second


@dataclass(frozen=True, eq=False)
class Neurons:
    """A ReLU layer x -> Σ a_j [w_jᵀ x]_+ with the slopes of the loss at its samples.

    Attributes
    ----------
    X
        Inputs, (n, d).
    W, a
        Neurons, (h, d) and (h,).
    e
        Derivative of the loss in the prediction at each sample, (n,).
    """

    X: Annotated[FloatArray, Dims("n", "d")]
    W: Annotated[FloatArray, Dims("h", "d")]
    a: Annotated[FloatArray, Dims("h")]
    e: Annotated[FloatArray, Dims("n")]

    @cached_property
    def before(self) -> Any:
        """w_jᵀ x_i, (n, h)."""
        return self.X @ self.W.T

    @cached_property
    def slopes(self) -> tuple[Any, Any]:
        """∂/∂W, (h, d), and ∂/∂a, (h,)."""
        active = positive_part(self.before)
        open_ = active / self.before
        in_W = [
            summed([self.e[i] * open_[i, j] * self.a[j] * self.X[i] for i in range(len(self.e))])
            for j in range(len(self.a))
        ]
        return in_W, self.e @ active


LAYERS, EXACT = domain_of(LinearPair), identities_of(LinearPair)
RELU = nonzero(identities_of(Neurons), "X", "W")
EQUAL, RELU_EQUAL = everywhere_in(LAYERS), everywhere_in(RELU)

differentiable = Assumption(
    "differentiable",
    r"w_j^\top x_i \ne 0",
    lambda at: np.all(np.einsum("nd...,hd...->nh...", at.X, at.W) != 0, axis=(0, 1)),
    definitional=True,
)


@claim(
    source=DU_2018.part("flow", "conservation along gradient flow, linear layers"),
    wording="reconstructed",
    title="gradient flow conserves the imbalance of adjacent linear layers",
    statement=r"\tfrac{d}{dt}\left(W_1 W_1^\top - W_2^\top W_2\right) = 0",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def flow(at: Any, c: Any) -> Any:
    """An identity: Ẇ_1 W_1ᵀ + W_1 Ẇ_1ᵀ = Ẇ_2ᵀ W_2 + W_2ᵀ Ẇ_2, Ẇ = -∂/∂W."""
    first, second = at.slopes
    return agree((first @ at.W1.T + at.W1 @ first.T, c * (second.T @ at.W2 + at.W2.T @ second)))


@claim(
    source=DU_2018.part("step", "its defect under one step of gradient descent"),
    wording="ours",
    title="one step of gradient descent changes the imbalance by exactly this much",
    statement=r"D^+ - D = \eta^2 \left(W_2^\top G G^\top W_2 - W_1 G^\top G W_1^\top\right)",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def step(at: Any, c: Any) -> Any:
    """An identity."""
    return agree((at.next.imbalance, at.imbalance + c * at.eta**2 * at.defect))


@claim(
    source=DU_2018.part("norms", "the same for the Frobenius norms"),
    wording="ours",
    title="how one step changes the difference of the layers' norms",
    statement=r"\Delta\left(\|W_1\|_F^2 - \|W_2\|_F^2\right) = \eta^2 \left(\|W_2^\top G\|_F^2 - "
    r"\|G W_1^\top\|_F^2\right)",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def norms(at: Any, c: Any) -> Any:
    """The trace of `step`."""
    first, second = at.slopes
    before, after = sq(at.W1) - sq(at.W2), sq(at.next.W1) - sq(at.next.W2)
    return after == before + c * at.eta**2 * (sq(first) - sq(second))


@claim(
    source=DU_2018.part("defect", "the size of the defect"),
    wording="ours",
    title="one step changes the imbalance at most by the square of the step",
    statement=r"\eta^2 \|G\|^2 \max(\|W_1\|^2, \|W_2\|^2) \ge \|D^+ - D\|",
    given=LAYERS,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def defect(at: Any, c: Any) -> Any:
    """Divided by η². **Tight**: W_1 = 0 and vectors, for instance."""
    largest = maximum(spectral_norm(at.W1), spectral_norm(at.W2))
    return c * spectral_norm(at.G) ** 2 * largest**2 >= spectral_norm(at.defect)


@claim(
    source=DU_2018.part("neuron", "conservation along gradient flow, ReLU"),
    wording="reconstructed",
    title="gradient flow conserves the imbalance of every ReLU neuron",
    statement=r"\langle w_j, \partial_{w_j} \rangle = a_j \, \partial_{a_j}",
    given=RELU,
    assuming=[differentiable],
    constants={"c": 1},
    kind="tight",
    equality_strata=RELU_EQUAL,
    weight=everywhere,
)
def neuron(at: Any, c: Any) -> Any:
    """An identity of Euler's: d/dt |w_j|² = d/dt a_j² along the flow."""
    in_W, in_a = at.slopes
    pairs = [(at.W[j] @ in_W[j], c * at.a[j] * in_a[j]) for j in range(len(at.a))]
    return agree(*pairs)


# -- false neighbours -----------------------------------------------------------------------------

flow_near = changed(flow, "1.001", "an identity", c=Fraction(1001, 1000))
flow_double = changed(flow, "double", "an identity", c=2)
flow_of_sum = changed(flow, "sum", "with the other sign: d = h = k = 1, W_1 = W_2 = G = 1", c=-1)


@mutant(flow, "one_half", "a matrix and its transpose: the parts alone differ")
def flow_of_one_half(at: Any, c: Any = 1) -> Any:
    first, second = at.slopes
    return first @ at.W1.T == second.T @ at.W2


step_conserved = changed(step, "conserved", "true of the flow, not of a step", c=0)
step_double = changed(step, "double", "an identity", c=2)
step_near = changed(step, "1.001", "an identity", c=Fraction(1001, 1000))
norms_conserved = changed(norms, "conserved", "true of the flow, not of a step", c=0)
norms_double = changed(norms, "double", "an identity", c=2)
norms_near = changed(norms, "1.001", "an identity", c=Fraction(1001, 1000))
defect_millionth = scaled(defect, "1e-6", "W_1 = 0, numbers")
defect_less = changed(defect, "0.99", "W_1 = 0, numbers", c=Fraction(99, 100))
defect_half = changed(defect, "half", "W_1 = 0, numbers", c=Fraction(1, 2))
neuron_double = changed(neuron, "degree_two", "ReLU is homogeneous of degree 1, not 2", c=2)
neuron_near = changed(neuron, "1.001", "an identity", c=Fraction(1001, 1000))
neuron_none = changed(neuron, "no_radial_gradient", "the gradient is not orthogonal to w_j", c=0)
