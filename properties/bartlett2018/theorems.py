"""Bartlett, Helmbold and Long (2018), "Gradient Descent with Identity Initialization Efficiently
Learns Positive Definite Linear Transformations by Deep Residual Networks".

Loss ||W_L ... W_1 - Φ||_F²/2 (whitened data), Φ symmetric, W_1 = ... = W_L = I at the start.
Gradient descent keeps all layers equal to one symmetric matrix that commutes with Φ; in its
eigenbasis each eigenvalue λ has a weight of its own,

    w⁺ = w - η w^(L-1) (w^L - λ),      w = 1 at the start.

Negative λ (the paper, recalled: with a negative eigenvalue gradient descent fails to learn Φ). Let
L >= 2 and η (1 + |λ|) <= 1. While 0 <= w <= 1 the step is at most η w (1 + |λ|) <= w, so w stays in
[0, 1], w^L >= 0, and the loss never falls below λ²/2.

Positive λ, from above: let w^L >= λ >= 0, w > 0 and η L w^(2L-2) <= 1, and r = λ^(1/L). By the mean
value theorem w^L - λ <= L w^(L-1) (w - r), so the step is at most w - r and w⁺ >= r. On either
side, w^L - w⁺^L >= L w⁺^(L-1) (w - w⁺) for w⁺ >= 0, by convexity, which says that w⁺^L - λ <= (1 -
η L w⁺^(L-1) w^(L-1)) (w^L - λ): from above the error shrinks at least by that factor, from below at
most. (That it has to be from above had been assumed here; the search found no use.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import filled, maximum, minimum, sq
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from checker.landscape.deep_linear.layers import (
    agree,
    columns_times,
    gradients,
    power,
    product,
    stepped,
)
from strategies.catalogue import domain_of, everywhere_in, identities_of

BARTLETT_2018 = Paper(
    key="bartlett2018",
    authors="Peter L. Bartlett, David P. Helmbold, Philip M. Long",
    title="Gradient Descent with Identity Initialization Efficiently Learns Positive Definite "
    "Linear Transformations by Deep Residual Networks",
    venue="ICML 2018, arXiv:1802.06093",
)

# Steps of gradient descent that are followed.
STEPS = 3


def next_weight(w: Any, lam: Any, eta: Any, depth: int) -> Any:
    """w - η w^(L-1) (w^L - λ)."""
    below = power(w, depth - 1)
    return w - eta * below * (below * w - lam)


@dataclass(frozen=True, eq=False)
class IdentityStart:
    """A symmetric target and a step.

    Attributes
    ----------
    U, lam
        Eigenvectors and eigenvalues of Φ, (d, d) and (d,).
    eta
        Step.
    depth
        Number of layers.
    """

    U: Annotated[FloatArray, Dims("d", "d", domain="orthogonal")]
    lam: Annotated[FloatArray, Dims("d")]
    eta: Annotated[FloatArray, Dims(domain="positive")]
    depth: int

    @cached_property
    def negative(self) -> list[Any]:
        """min(λ_i, 0)."""
        return [minimum(self.lam[i], 0) for i in range(len(self.lam))]

    @cached_property
    def lowest(self) -> Any:
        """max |min(λ_i, 0)|."""
        return reduce(maximum, [-x for x in self.negative])

    def weights(self, steps: int) -> Any:
        """The eigenvalues of every layer after some steps, (d,)."""
        w = 0 * self.lam + 1
        for _ in range(steps):
            below = power(w, self.depth - 1)
            w = w - self.eta * (below * (below * w - self.lam))
        return w

    def loss(self, steps: int) -> Any:
        """||W^L - Φ||_F²/2 after some steps."""
        return sq(power(self.weights(steps), self.depth) - self.lam) / 2

    def layers(self, steps: int) -> list[Any]:
        """The layers after steps of gradient descent on all of them."""
        Phi = columns_times(self.U, self.lam) @ self.U.T
        eye = type(self.U).constant(np.eye(self.U.shape[0]))  # type: ignore[attr-defined]
        layers = [eye] * self.depth
        for _ in range(steps):
            slopes = gradients(layers, product(layers) - Phi)
            layers = stepped(layers, slopes, self.eta)
        return layers


@dataclass(frozen=True, eq=False)
class Above:
    """One eigenvalue and its weight.

    Attributes
    ----------
    w, eta
        Weight and step.
    lam
        Eigenvalue of the target.
    depth
        Number of layers.
    """

    w: Annotated[FloatArray, Dims(domain="positive")]
    lam: Annotated[FloatArray, Dims(domain="nonnegative")]
    eta: Annotated[FloatArray, Dims(domain="positive")]
    depth: int

    @cached_property
    def next(self) -> Any:
        """w⁺."""
        return next_weight(self.w, self.lam, self.eta, self.depth)

    def excess(self, w: Any) -> Any:
        """w^L - λ."""
        return w**self.depth - self.lam


DEPTHS = st.integers(1, 4)
STARTS, EXACT = domain_of(IdentityStart, depth=DEPTHS), identities_of(IdentityStart, depth=DEPTHS)
ABOVE = domain_of(Above, depth=DEPTHS)
EQUAL = everywhere_in(STARTS) | everywhere_in(ABOVE)

small_step = Assumption(
    "small_step",
    r"\eta (1 + \max_i |\min(\lambda_i, 0)|) \le 1",
    proved(lambda at: filled(at.eta, 1.0) >= at.eta * (1 + at.lowest)),
)
several_layers = Assumption("several_layers", r"L \ge 2", lambda at: at.depth >= 2)
from_above = Assumption(
    "from_above", r"w^L \ge \lambda", proved(lambda at: at.w**at.depth >= at.lam)
)
stays_positive = Assumption("stays_positive", r"w^+ \ge 0", proved(lambda at: at.next >= 0))
short_step = Assumption(
    "short_step",
    r"\eta L w^{2L-2} \le 1",
    proved(lambda at: filled(at.w, 1.0) >= at.eta * at.depth * power(at.w, 2 * at.depth - 2)),
)


@claim(
    source=BARTLETT_2018.part("decouples", "Lemma on symmetric targets, dynamics"),
    wording="reconstructed",
    title="from the identity, gradient descent keeps the layers equal and diagonal in Φ's basis",
    statement=r"W_l(t) = U \operatorname{diag}(w(t)) U^\top, \quad w^+ = w - \eta w^{L-1}(w^L - "
    r"\lambda)",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def decouples(at: Any, c: Any) -> Any:
    """An identity, after two steps, for the first and the last layer."""
    expected = c * (columns_times(at.U, at.weights(2)) @ at.U.T)
    layers = at.layers(2)
    return agree((layers[0], expected), (layers[-1], expected))


@claim(
    source=BARTLETT_2018.part("barrier", "Theorem on targets with a negative eigenvalue"),
    wording="reconstructed",
    title="a negative eigenvalue is never learned",
    statement=r"f(W(t)) \ge \tfrac{1}{2} \sum_i \min(\lambda_i, 0)^2 \text{ for all } t",
    given=STARTS,
    assuming=[small_step, several_layers],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def barrier(at: Any, c: Any) -> Any:
    """For t = 0, ..., 3. **Tight**: η (1 + |λ|) = 1, where w = 0 after one step."""
    bound = sum((x * x for x in at.negative[1:]), at.negative[0] * at.negative[0]) / 2
    least = reduce(minimum, [at.loss(t) for t in range(STEPS + 1)])
    return least >= c * bound


@claim(
    source=BARTLETT_2018.part("no_overshoot", "positive eigenvalues, one step"),
    wording="ours",
    title="from above, a short step does not pass the target",
    statement=r"w^L \ge \lambda \ge 0, \; \eta L w^{2L-2} \le 1 \implies (w^+)^L \ge \lambda",
    given=ABOVE,
    assuming=[from_above, short_step],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def no_overshoot(at: Any, c: Any) -> Any:
    """**Tight**: L = 1, η = 1, and at the target."""
    return at.next**at.depth >= c * at.lam


@claim(
    source=BARTLETT_2018.part("rate", "positive eigenvalues, rate"),
    wording="ours",
    title="what one step takes off the error of an eigenvalue",
    statement=r"w^+ \ge 0 \implies (1 - \eta L (w^+)^{L-1} w^{L-1})(w^L - \lambda) \ge (w^+)^L - "
    r"\lambda",
    given=ABOVE,
    assuming=[stays_positive],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def rate(at: Any, c: Any) -> Any:
    """**Tight**: L = 1."""
    pull = at.eta * at.depth * power(at.next, at.depth - 1) * power(at.w, at.depth - 1)
    return (1 - c * pull) * at.excess(at.w) >= at.excess(at.next)


# -- false neighbours -----------------------------------------------------------------------------

decouples_near = changed(decouples, "1.001", "an identity", c=Fraction(1001, 1000))
decouples_double = changed(decouples, "double", "an identity", c=2)
decouples_none = changed(decouples, "vanishing", "the layers do not vanish", c=0)
barrier_long = dropped(
    barrier, "small_step", "any_step", "L = 3, λ = -1, η = 1: w = -1 after one step, loss 0"
)
barrier_shallow = dropped(
    barrier, "several_layers", "one_layer", "L = 1 is a convex problem: w -> λ"
)
barrier_millionth = scaled(barrier, "1e-6", "η (1 + |λ|) = 1")
barrier_more = changed(barrier, "1.01", "η (1 + |λ|) = 1", c=Fraction(101, 100))


@mutant(barrier, "positive_eigenvalues_too", "λ = 1 is learned at once: w = 1")
def barrier_for_all(at: Any, c: Any = 1) -> Any:
    return reduce(minimum, [at.loss(t) for t in range(STEPS + 1)]) >= sq(at.lam) / 2


overshoot_below = dropped(no_overshoot, "from_above", "from_below", "w = 1/2, λ = 1, η small")
overshoot_long = dropped(no_overshoot, "short_step", "any_step", "L = 1, λ = 0, w = 1, η = 2")
overshoot_more = changed(no_overshoot, "1.01", "L = 1, η = 1", c=Fraction(101, 100))
overshoot_millionth = scaled(no_overshoot, "1e-6", "L = 1, η = 1")
rate_negative = dropped(rate, "stays_positive", "any_step", "L = 3, η large: w⁺ < 0, and far")
rate_faster = changed(rate, "1.01", "L = 1", c=Fraction(101, 100))
rate_double = changed(rate, "double", "L = 1", c=2)
