"""Safran and Shamir (2018), "Spurious Local Minima are Common in Two-Layer ReLU Neural Networks".

n neurons learn k orthonormal ones from gaussian inputs; by rotation the teacher is Σ_j (x_j)₊. The
paper proves with a computer, by intervals, that for n = k between 6 and 20 there are local minima
that are not global (recalled; the text was not at hand, the formulas are derived in `students`).
Here each is found as a symmetric critical point and proved by Krawczyk's test in balls, with a
positive definite Hessian and a value above 0, which is the global minimum. Gradient descent from
random starts ends in points of this kind for k = 6, 7, 8 in 1 to 10 % of the runs.

The same symmetric critical point exists for k = 3, 4, 5 and is a saddle there (ours). A further
neuron t e next to a critical point changes the risk by t g(e) + t²/4, g(e) = Σ_i f(w_i, e) -
Σ_j f(e_j, e) with the kernel f: where g(e) < 0 the minimum is one no more (ours).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import (
    exists_minimum,
    exists_saddle,
    grad,
    pi,
    sq,
    sqrt,
    total,
)
from checker.arithmetic.premise import case_by_case, proved
from checker.claims.claim import Assumption, Domain, Paper, claim, everywhere
from checker.claims.neighbours import changed, mutant
from checker.instances.fields import Dims, FloatArray
from properties.safran2018.students import (
    Kernel,
    Student,
    half_angle,
    permuted,
    place_of,
    student,
)
from strategies.catalogue import Capped, domain_of, everywhere_in
from strategies.deep_residual.motivating import Numbers

SAFRAN_2018 = Paper(
    key="safran2018",
    authors="Itay Safran, Ohad Shamir",
    title="Spurious Local Minima are Common in Two-Layer ReLU Neural Networks",
    venue="ICML 2018, arXiv:1712.08968",
    notation={
        r"F(W)": "E ½(Σ_i (w_iᵀx)₊ - Σ_j (x_j)₊)² over gaussian x: the risk of n neurons, the rows",
        r"W_k": "the point: a e_i + b Σ e_j + c e_k for i < k, d Σ e_j + e e_k, in any order",
    },
)

# Points are that far from the critical one in each coordinate.
APART = 2.0**-18

# Each case is a search of its own and costs a second.
FOUND, AT_ONCE = 32, 2


@dataclass(frozen=True, eq=False)
class Longer(Student):
    """A student and a further neuron t e.

    Attributes
    ----------
    e
        Its direction, (k,), of length 1.
    t
        Its length.
    """

    e: Annotated[FloatArray, Dims("k")]
    t: Annotated[FloatArray, Dims()]

    @cached_property
    def pull(self) -> Any:
        """g(e)."""
        k = self.W.shape[1]
        p, square = self.W @ self.e, self.squares * sq(self.e)
        area = sqrt(square - p * p)
        own = Kernel(area, p, half_angle(area, sqrt(square), p))
        # e is one of the teachers, and orthogonal to the others, which see it at a right angle.
        return (total(own.twice) - (k - 1)) / (2 * pi) - sq(self.e) / 2


def _fill(k: int, rng: np.random.Generator, size: int) -> dict[str, Any]:
    return {"W": permuted(rng, k, size, APART)[0]}


def _longer(k: int, rng: np.random.Generator, size: int) -> dict[str, Any]:
    W, e = permuted(rng, k, size, APART)
    return {"W": W, "e": e, "t": 10.0 ** rng.uniform(-6, -1, size)}


def _found(kind: type, orders: Iterable[int], fill: Callable[..., Any]) -> Domain:
    """Points near the symmetric critical point, a stratum for each k."""
    strata = {
        f"k = {k}": st.just(Capped(Numbers(kind, f"k = {k}", partial(fill, k)), AT_ONCE))
        for k in orders
    }
    return Domain(st.nothing(), strata, cases=FOUND, found=True)


def _order_from(low: int) -> Assumption:
    return Assumption(
        f"from_{low}",
        rf"k \ge {low}",
        proved(lambda at: 0 * at.W[0, 0] + at.W.shape[1] >= low),
        definitional=True,
    )


up_to_five = Assumption(
    "up_to_five",
    r"k \le 5",
    proved(lambda at: 0 * at.W[0, 0] + 5 >= at.W.shape[1]),
    definitional=True,
)

near_critical = Assumption(
    "near_critical",
    r"\|W - W_k\|_{\max} \le 2^{-17} \text{ in some order}",
    case_by_case(lambda at: place_of(at.W) is not None),
    definitional=True,
    decided=True,
)

worst_coordinate = Assumption(
    "worst_coordinate",
    r"e = e_j, \; j \text{ the last one of } W_k",
    case_by_case(
        lambda at: place_of(at.W) is not None and (at.e == np.eye(len(at.e))[place_of(at.W)]).all()
    ),
    definitional=True,
    decided=True,
)

no_negative_length = Assumption(
    "no_negative_length", r"t \ge 0", proved(lambda at: at.t >= 0), definitional=True
)

MINIMA, SADDLES = _found(Student, (6, 7, 8), _fill), _found(Student, (3, 4, 5), _fill)
LONGER = _found(Longer, range(5, 10), _longer)


def _teachers(rng: np.random.Generator, size: int) -> dict[str, Any]:
    """The teacher itself, a neuron of it split in two halves."""
    W = np.vstack([np.eye(3), np.eye(3)[:1]])
    W[0], W[-1] = W[0] / 4, 3 * W[-1] / 4
    return {"W": np.repeat(W[..., None], size, axis=-1)}


STUDENTS = domain_of(Student, told={"the teacher": _teachers}, cases=600)


@claim(
    source=SAFRAN_2018.part("risk", "section 2, the objective in closed form"),
    wording="reconstructed",
    title="the risk in closed form is not negative",
    statement=r"F(W) \ge 0",
    given=STUDENTS,
    constants={"c": 1},
    kind="tight",
    equality_strata=everywhere_in(STUDENTS),
    weight=everywhere,
)
def risk(at: Any, c: Any) -> Any:
    """c multiplies the mixed term. **Tight**: the teacher, neurons of which may be split."""
    return at.risk(c) >= 0


def _maps(at: Any) -> Any:
    k = at.W.shape[1]

    def of(name: str) -> Any:
        return lambda z: getattr(student(z, k), name)()

    return of("risk"), (of("gradient"), of("hessian"))


def closed_form(instance: Any, rng: Any) -> list[tuple[str, Any, Any]]:
    """Derivatives along a direction: those of the closed forms and those of the risk."""
    from checker.arithmetic.ball import Ball

    f, (gradient, hessian) = _maps(instance)
    z = Ball.constant(instance.W.ravel())
    v = Ball.constant(np.round(rng.standard_normal(instance.W.size) * 8) / 8)

    def slope(s: Any) -> Any:
        return grad(lambda t: f(z + t * v), s)

    zero = Ball.constant(0.0)
    return [
        ("<grad F, v>", (gradient(z) @ v).item, slope(zero).item),
        ("<v, Hessian v>", (v @ (hessian(z) @ v)).item, grad(slope, zero).item),
    ]


@claim(
    source=SAFRAN_2018.part("minimum", "Theorem 1, n = k"),
    wording="reconstructed",
    title="k neurons that learn k: a local minimum that is not global",
    statement=r"\exists W: \; \|W - W_k\|_{\max} \le r, \; W \text{ a strict local minimum of } F, "
    r"\; a \le F(W) \le b, \quad k \ge 6",
    given=MINIMA,
    assuming=[_order_from(6), near_critical],
    constants={"r": 2.0**-16, "a": Fraction(1, 50), "b": Fraction(3, 100)},
    kind="bound",
    weight=everywhere,
    oracles=(closed_form,),
)
def minimum(at: Any, r: Any, a: Any, b: Any) -> Any:
    """Existence, near each float point. The global minimum is 0, at the teacher."""
    f, derivatives = _maps(at)
    return exists_minimum(f, at.W.ravel(), r, value=(a, b), derivatives=derivatives)


@claim(
    source=SAFRAN_2018.part("saddle", "section 5, k below 6"),
    wording="ours",
    title="three to five neurons: the same critical point is a saddle",
    statement=r"\exists W: \; \|W - W_k\|_{\max} \le r, \; W \text{ a saddle of } F, \; a \le F(W) "
    r"\le b, \quad k \in \{3, 4, 5\}",
    given=SADDLES,
    assuming=[_order_from(3), up_to_five, near_critical],
    constants={"r": 2.0**-16, "a": Fraction(1, 50), "b": Fraction(3, 100)},
    kind="bound",
    weight=everywhere,
    oracles=(closed_form,),
)
def saddle(at: Any, r: Any, a: Any, b: Any) -> Any:
    """Existence; the paper reports that its search found no minima for k <= 5."""
    f, derivatives = _maps(at)
    return exists_saddle(f, at.W.ravel(), r, value=(a, b), derivatives=derivatives)


@claim(
    source=SAFRAN_2018.part("longer", "section 5, one neuron more"),
    wording="ours",
    title="one neuron more leaves the minimum",
    statement=r"F(W) - F(W; t e) \ge c t - t^2/4",
    given=LONGER,
    assuming=[_order_from(5), near_critical, worst_coordinate, no_negative_length],
    constants={"c": Fraction(3, 100)},
    kind="bound",
    weight=everywhere,
)
def longer(at: Any, c: Any) -> Any:
    """e is the coordinate that the minimum fits worst; near W_k for k = 5, ..., 9."""
    return -(at.t * at.pull + sq(at.t) / 4) >= c * at.t - sq(at.t) / 4


# -- false neighbours -----------------------------------------------------------------------------

risk_mixed = changed(risk, "1.01", "the teacher", c=Fraction(101, 100))
risk_near = changed(risk, "1.0001", "the teacher", c=Fraction(10001, 10000))
risk_double = changed(risk, "double", "the teacher", c=2)
minimum_global = changed(minimum, "global", "its value is 0.0251 for k = 6", a=0, b=Fraction(1, 99))
minimum_lower = changed(minimum, "below_0.02", "0.0251, 0.0232, 0.0215", a=0, b=Fraction(1, 50))
minimum_higher = changed(minimum, "above_0.03", "0.0251 for k = 6", a=Fraction(3, 100), b=1)
minimum_nearer = changed(minimum, "nearer", "points are up to 2⁻¹⁸ away", r=2.0**-26)
saddle_lower = changed(saddle, "below_0.02", "0.0241, 0.0280, 0.0270", a=0, b=Fraction(1, 50))
saddle_nearer = changed(saddle, "nearer", "points are up to 2⁻¹⁸ away", r=2.0**-26)
saddle_higher = changed(saddle, "above_0.03", "0.0241, 0.0280, 0.0270", a=Fraction(3, 100), b=1)
longer_more = changed(longer, "0.035", "g(e) = -0.0334 for k = 5", c=Fraction(35, 1000))
longer_double = changed(longer, "double", "g(e) = -0.0344 for k = 6", c=Fraction(6, 100))
longer_five = changed(longer, "0.05", "g(e) = -0.0344 for k = 6", c=Fraction(5, 100))


@mutant(
    minimum, "at_three_to_five", "it is a saddle there", given=SADDLES, assuming=saddle.assuming
)
def minimum_at_five(at: Any, r: Any = 2.0**-16, a: Any = 0, b: Any = 1) -> Any:
    f, derivatives = _maps(at)
    return exists_minimum(f, at.W.ravel(), r, value=(a, b), derivatives=derivatives)


@mutant(saddle, "at_six", "a minimum there", given=MINIMA, assuming=minimum.assuming)
def saddle_at_six(at: Any, r: Any = 2.0**-16, a: Any = 0, b: Any = 1) -> Any:
    f, derivatives = _maps(at)
    return exists_saddle(f, at.W.ravel(), r, value=(a, b), derivatives=derivatives)
