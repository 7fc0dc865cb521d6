"""The parameters that a certificate speaks of, and which of them are free.

The model is x ↦ wᵀ(x + V z) + bias. Its bias is the weight of one more coordinate of x, which is 1
and which the unit does not move (Remark 1 of the paper): V has no row for it. So w and x have
D = d + 1 entries, V is kept with a row of zeros, and that row is no parameter:

    ∂F/∂w = a + V b, all D entries,    ∂F/∂V = w₁ bᵀ,    w₁ = w with 0 at the coordinates that V
                                                         does not move.

**What survives** (derived here). Only w₁ enters what is said of V. With
G = (w - w*, w₁ (w*)ᵀV / ||w₁||²), whose V part lies in the rows that are parameters,

    <G, ∇F_θ> = (w - w*)ᵀ(a + V b) + (w*)ᵀV b = wᵀ(a + V b) - (w*)ᵀa >= F - F_lin(w*).

* Lemma 1 and Theorem 1 hold with ||w₁|| in place of ||w|| in the ratio; w* may have any bias.
* Corollary 1 holds. If w₁ != 0, by Lemma 1. If w₁ = 0, V has no effect, so a local minimum (w, V)
  has neighbours (w, V') of the same value that are local minima, too; ∂F/∂w = a + V' b = 0 at all
  of them gives b = 0, a = 0, hence F <= F_lin(w*).
* Theorem 2 is about w₁ = 0. There F - F_lin(w*) <= (w - w*)ᵀa, so
  F - F_lin(w*) <= ||w - w*|| ||∇F|| + ||Vᵀw*|| ||b||, and ||b||² <= λ² + |λ| α for λ = λ_min and α
  the least eigenvalue of ∂²F/∂w₁²: the printed bound, with ||w - w*|| in its first term.
* Theorem 3 moves from w to w with w₁ = 0, a step of ||w₁||; near 0 the length ||w - w*|| is at most
  ||w*|| + ||w||.
* K outputs: the same with W₁; rank and σ_min are those of W₁, the weight without its bias.

If V moves nothing at all (d = 0: the output layer alone), F is convex in w, and F > F_lin(w*) rules
out a minimum.

**Weight decay.** With a ridge r the objective is J = F + r/2 (||w||² + ||V||²), over all
parameters, and J_lin(u) = F_lin(u) + r/2 ||u||². Gradient and Hessian are those of F plus r(w, V)
and r I.
Lemma 1 fails: <G, r(w, V)> lacks a sign, and J has local minima above J_lin(w*).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import sq
from checker.instances.fields import FloatArray


@dataclass(frozen=True, eq=False)
class Network:
    """A point.

    Attributes
    ----------
    w
        The output layer with its bias, (D,), or (K, D) for K outputs.
    V
        The last layer of the unit, (D, m), 0 in the rows that are no parameters.
    frozen
        How many of the last coordinates of x the unit does not move.
    ridge
        Weight decay r >= 0 on all parameters.
    """

    w: FloatArray
    V: FloatArray
    frozen: int = 0
    ridge: float = 0.0

    @property
    def moved(self) -> int:
        """How many coordinates of x the unit moves."""
        return len(self.V) - self.frozen

    @cached_property
    def moving(self) -> FloatArray:
        """w₁: the output layer with 0 at the coordinates that V does not move."""
        if not self.frozen:
            return self.w
        part = self.w.copy()
        part[..., self.moved :] = 0.0
        return part

    def penalty(self, *parts: FloatArray) -> Bounded:
        """r/2 times the sum of all squares, enclosed."""
        zero = Bounded(np.zeros(1))
        total: Bounded = sum((sq(Bounded(part[..., None])) for part in parts), zero)
        return total * (self.ridge / 2)

    def objective(self, mean_loss: Bounded, *parts: FloatArray) -> Bounded:
        """The mean loss with the weight decay of these parts."""
        return mean_loss + self.penalty(*parts) if self.ridge else mean_loss

    def rough_penalty(self, *parts: FloatArray) -> float:
        """The same in floats."""
        return self.ridge / 2 * sum(float(np.vdot(part, part)) for part in parts)

    def split(self, w: FloatArray, V: FloatArray, *, bias: bool) -> tuple[FloatArray, ...]:
        """w and V of the model, and its bias, (0,) or (K, 0) if it has none."""
        inputs = w.shape[-1] - bias
        return w[..., :inputs], V[: self.moved], w[..., inputs:]
