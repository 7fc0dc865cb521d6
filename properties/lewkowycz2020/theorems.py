"""Lewkowycz et al. (2020), "The Large Learning Rate Phase of Deep Learning: the Catapult
Mechanism".

The solvable model: f = uᵀv / √n, width n, loss f²/2 (one sample x = 1 with label 0), gradient
descent with step η. With the curvature λ = (|u|² + |v|²)/n, u⁺ = u - η f v/√n, v⁺ = v - η f u/√n:

    f⁺ = f (1 - η λ + η² f²/n),                λ⁺ = λ + (η f²/n) (η λ - 4),
    |u⁺|² - |v⁺|² = (|u|² - |v|²) (1 - η² f²/n).

These follow by expanding the squares. By |uᵀv| <= (|u|² + |v|²)/2 we have f²/n <= λ²/4, so the
factor of f lies within [1 - ηλ, (1 - ηλ/2)²]. The equations are recalled; the derivation is ours.
Below g = uᵀv = √n f, which is rational where u and v are.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import dot, filled, sq
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Paper, claim, everywhere
from checker.claims.neighbours import changed, dropped, mutant, scaled
from checker.instances.fields import Dims, FloatArray
from strategies.catalogue import domain_of, everywhere_in, identities_of

LEWKOWYCZ_2020 = Paper(
    key="lewkowycz2020",
    authors="Aitor Lewkowycz, Yasaman Bahri, Ethan Dyer, Jascha Sohl-Dickstein, Guy Gur-Ari",
    title="The Large Learning Rate Phase of Deep Learning: the Catapult Mechanism",
    venue="arXiv:2003.02218",
)


@dataclass(frozen=True, eq=False)
class Catapult:
    """The model and a step.

    Attributes
    ----------
    u, v
        The two layers, (n,) each.
    eta
        Step.
    """

    u: Annotated[FloatArray, Dims("n")]
    v: Annotated[FloatArray, Dims("n")]
    eta: Annotated[FloatArray, Dims(domain="positive")]

    @property
    def n(self) -> int:
        """Width."""
        return len(self.u)

    @cached_property
    def g(self) -> Any:
        """√n f."""
        return dot(self.u, self.v)

    @cached_property
    def curvature(self) -> Any:
        """λ."""
        return (sq(self.u) + sq(self.v)) / self.n

    @cached_property
    def excitation(self) -> Any:
        """f²/n = g²/n²."""
        return sq(self.g / self.n)

    @cached_property
    def next(self) -> Catapult:
        """After a step of gradient descent."""
        pull = self.eta * self.g / self.n
        return Catapult(self.u - pull * self.v, self.v - pull * self.u, self.eta)


MODELS = domain_of(Catapult)
EXACT = identities_of(Catapult)
EQUAL = everywhere_in(MODELS)

below_four = Assumption(
    "below_four", r"\eta\lambda \le 4", proved(lambda at: 4 >= at.eta * at.curvature)
)
above_four = Assumption(
    "above_four", r"\eta\lambda \ge 4", proved(lambda at: at.eta * at.curvature >= 4)
)
below_two = Assumption(
    "below_two", r"\eta\lambda \le 2", proved(lambda at: 2 >= at.eta * at.curvature)
)


@claim(
    source=LEWKOWYCZ_2020.part("prediction", "warm-up model, update of f"),
    wording="reconstructed",
    title="the exact map of the prediction",
    statement=r"f^+ = f \left(1 - \eta\lambda + \eta^2 f^2/n\right)",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def prediction(at: Any, c: Any) -> Any:
    """An identity."""
    factor = 1 - at.eta * at.curvature + c * at.eta**2 * at.excitation
    return at.next.g == at.g * factor


@claim(
    source=LEWKOWYCZ_2020.part("curvature", "warm-up model, update of the curvature"),
    wording="reconstructed",
    title="the exact map of the curvature",
    statement=r"\lambda^+ = \lambda + \frac{\eta f^2}{n} (\eta\lambda - 4)",
    given=EXACT,
    constants={"c": 4},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def curvature(at: Any, c: Any) -> Any:
    """An identity."""
    change = at.eta * at.excitation * (at.eta * at.curvature - c)
    return at.next.curvature == at.curvature + change


@claim(
    source=LEWKOWYCZ_2020.part("imbalance", "warm-up model, the imbalance of the layers"),
    wording="ours",
    title="each step contracts the imbalance of the two layers",
    statement=r"|u^+|^2 - |v^+|^2 = (|u|^2 - |v|^2)\left(1 - \eta^2 f^2/n\right)",
    given=EXACT,
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
    weight=everywhere,
)
def imbalance(at: Any, c: Any) -> Any:
    """An identity; gradient flow conserves the imbalance."""
    after = sq(at.next.u) - sq(at.next.v)
    return after == (sq(at.u) - sq(at.v)) * (1 - c * at.eta**2 * at.excitation)


@claim(
    source=LEWKOWYCZ_2020.part("flatter", "catapult phase, curvature falls"),
    wording="reconstructed",
    title="up to ηλ = 4 no step raises the curvature",
    statement=r"\eta\lambda \le 4 \implies \lambda \ge \lambda^+",
    given=MODELS,
    assuming=[below_four],
    kind="tight",
    equality_strata=EQUAL,
)
def flatter(at: Any) -> Any:
    """So the curvature never rises on the way if ηλ <= 4 at the start. **Tight**: ηλ = 4."""
    return at.curvature >= at.next.curvature


@claim(
    source=LEWKOWYCZ_2020.part("sharper", "divergent phase"),
    wording="reconstructed",
    title="from ηλ = 4 on no step lowers the curvature",
    statement=r"\eta\lambda \ge 4 \implies \lambda^+ \ge \lambda",
    given=MODELS,
    assuming=[above_four],
    kind="tight",
    equality_strata=EQUAL,
)
def sharper(at: Any) -> Any:
    """**Tight**: ηλ = 4, and f = 0."""
    return at.next.curvature >= at.curvature


@claim(
    source=LEWKOWYCZ_2020.part("lazy", "lazy phase"),
    wording="reconstructed",
    title="up to ηλ = 2 no step raises the loss, whatever the width",
    statement=r"\eta\lambda \le 2 \implies |f| \ge |f^+|",
    given=MODELS,
    assuming=[below_two],
    constants={"c": 1},
    kind="tight",
    equality_strata=EQUAL,
)
def lazy(at: Any, c: Any) -> Any:
    """The factor of f lies within [1 - ηλ, (1 - ηλ/2)²]. Equality for f = 0 alone; the constant 1
    is best, as f -> 0 with ηλ = 2 shows.
    """
    return c * abs(at.g) >= abs(at.next.g)


@claim(
    source=LEWKOWYCZ_2020.part(
        "loss_by_curvature", "warm-up model, what curvature says of the loss"
    ),
    wording="ours",
    title="the curvature bounds the prediction",
    statement=r"\lambda \ge 2|f|/\sqrt{n}",
    given=MODELS,
    constants={"c": 2},
    kind="tight",
    equality_strata=EQUAL,
)
def curvature_bounds_prediction(at: Any, c: Any) -> Any:
    """**Tight**: u = ±v."""
    return at.curvature >= c * abs(at.g) / at.n


# -- false neighbours -----------------------------------------------------------------------------


def _up_to(name: str, most: Fraction) -> Assumption:
    return Assumption(
        name,
        rf"\eta\lambda \le {float(most)}",
        proved(lambda at: filled(at.eta, 1.0) * most >= at.eta * at.curvature),
    )


def _from(name: str, least: Fraction) -> Assumption:
    return Assumption(
        name,
        rf"\eta\lambda \ge {float(least)}",
        proved(lambda at: at.eta * at.curvature >= filled(at.eta, 1.0) * least),
    )


prediction_linear = changed(
    prediction, "linear", "the model is not linear: n = 1, u = v = η = 1", c=0
)
prediction_double = changed(prediction, "double", "n = 1, u = v = η = 1: 0 for 1", c=2)
prediction_millionth = scaled(prediction, "1e-6", "an identity: f⁺ times 0.999999")
curvature_two = changed(curvature, "two", "2 is where the loss turns, not the curvature", c=2)
curvature_zero = changed(curvature, "zero", "the curvature also falls", c=0)
curvature_near = changed(curvature, "4.001", "an identity", c=Fraction(4001, 1000))
curvature_constant = mutant(curvature, "constant", "n = 1, u = v = η = 1: λ falls from 2 to 0")(
    lambda at, c=4: at.next.curvature == at.curvature
)
imbalance_conserved = changed(imbalance, "conserved", "true of gradient flow only", c=0)
imbalance_two = changed(imbalance, "two", "an identity", c=2)
imbalance_near = changed(imbalance, "1.001", "an identity", c=Fraction(1001, 1000))
flatter_always = dropped(flatter, "below_four", "any_step", "ηλ > 4 and f != 0")
flatter_4_1 = mutant(
    flatter, "up_to_4.1", "ηλ = 4.05", assuming=[_up_to("up_to_4.1", Fraction(41, 10))]
)(flatter.formula)
flatter_millionth = scaled(flatter, "1e-6", "ηλ = 4, or f = 0: nothing moves")
sharper_always = dropped(sharper, "above_four", "any_step", "n = 1, u = v = η = 1: 2 falls to 0")
sharper_3_9 = mutant(
    sharper, "from_3.9", "ηλ = 3.95", assuming=[_from("from_3.9", Fraction(39, 10))]
)(sharper.formula)
sharper_millionth = scaled(sharper, "1e-6", "ηλ = 4, or f = 0: nothing moves")
lazy_always = dropped(lazy, "below_two", "any_step", "ηλ = 3, f small: the catapult")
lazy_2_1 = mutant(
    lazy,
    "up_to_2.1",
    "ηλ = 2.05, f small",
    assuming=[_up_to("up_to_2.1", Fraction(21, 10))],
    constants=lazy.constants,
)(lazy.formula)
lazy_faster = changed(lazy, "a_hundredth_faster", "ηλ = 2, f small", c=Fraction(99, 100))
bounds_more = changed(curvature_bounds_prediction, "2.001", "u = v", c=Fraction(2001, 1000))
bounds_millionth = scaled(curvature_bounds_prediction, "1e-6", "u = v")
bounds_four = changed(curvature_bounds_prediction, "four", "u = v", c=4)
