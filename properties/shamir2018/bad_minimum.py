"""Shamir (2018), Figure 1 (b): the bad local minimum as a statement of existence.

F(w, v) = c (w(1 + v) - 1)² + (λ/2)(w² + v²). With s = q²/(1 - q²) and λ = 2c (q - s²) the point
(-q/(1 - q²), -1/(1 - q²)) is stationary (`properties.shamir2018.figure1`): a saddle for q below
0.483, where q - s² has its greatest value, and a minimum above. The best linear predictor, v = 0,
has the value cλ/(2c + λ).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Any

from checker.arithmetic.functions import exists_minimum, sq, stack
from checker.arithmetic.premise import proved
from checker.claims.claim import Assumption, Source, claim, everywhere
from checker.claims.neighbours import changed, dropped
from checker.instances.domains import interval
from checker.instances.fields import Dims, FloatArray
from properties.shamir2018.theorems import SHAMIR_2018
from strategies.catalogue import domain_of


@dataclass(frozen=True, eq=False)
class Ravine:
    """A point of the curve of stationary points with w < 0.

    Attributes
    ----------
    c, q
        Scale of the loss, and the place on the curve.
    """

    c: Annotated[FloatArray, Dims(domain=interval(0.25, 4))]
    q: Annotated[FloatArray, Dims(domain=interval(0.0625, 0.625))]

    @cached_property
    def lam(self) -> Any:
        """λ."""
        s = sq(self.q) / (1 - sq(self.q))
        return 2 * self.c * (self.q - sq(s))

    @cached_property
    def place(self) -> Any:
        """(w, v)."""
        far = 1 / (1 - sq(self.q))
        return stack([-self.q * far, -far])

    @cached_property
    def best_linear(self) -> Any:
        """The least value at v = 0."""
        return self.c * self.lam / (2 * self.c + self.lam)

    def value(self, z: Any) -> Any:
        """F."""
        return self.c * (z[0] * (1 + z[1]) - 1) ** 2 + self.lam / 2 * sq(z)


beyond_the_fold = Assumption(
    "beyond_the_fold", r"q \ge 31/64", proved(lambda at: at.q >= Fraction(31, 64))
)

RAVINES = domain_of(Ravine, cases=60)


@claim(
    source=Source(SHAMIR_2018, "Figure 1 (b), the minimum exists", "figure1_b_minimum"),
    wording="ours",
    title="with ridge there is a strict local minimum worse than linear",
    statement=r"\exists (w, v): \; \|(w, v) - (w_q, v_q)\|_\infty \le r, \; (w, v) \text{ a strict "
    r"local minimum}, \; F(w, v) \ge a \min_{w'} F(w', 0)",
    given=RAVINES,
    assuming=[beyond_the_fold],
    constants={"r": Fraction(1, 1024), "a": 1},
    kind="bound",
    weight=everywhere,
)
def bad_minimum(at: Any, r: Any, a: Any) -> Any:
    """For every λ from 0.43c to 0.78c; the picture has c = 1 and λ = 1/2."""
    return exists_minimum(at.value, at.place, r, value=(a * at.best_linear, None))


# -- false neighbours -----------------------------------------------------------------------------

before_the_fold = dropped(
    bad_minimum, "beyond_the_fold", "before_the_fold", "a saddle for q < 0.483, as q = 1/4"
)
six_times = changed(bad_minimum, "six_times", "about 5.2 times for every λ", a=6)
ten_times = changed(bad_minimum, "ten_times", "about 5.2 times for every λ", a=10)
