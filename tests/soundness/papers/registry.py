"""Which claim has which reference, and which claims have none, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from soundness.reals import Real


class Sides(NamedTuple):
    """Both sides of a claim lhs >= rhs at one instance."""

    lhs: Real
    rhs: Real


# (instance as `Given`, constants...) -> both sides, by the claim's id.
REFERENCES: dict[str, Callable[..., Sides]] = {}

_DRAWN = (
    "a statement on probabilities: a case is an experiment of many runs, decided by a binomial test"
)
EXISTENCE = "a proof decides it, and its sides are 1 and -1; tests/theorems has the numbers of it"
CLOSED_FORM = "tests/theorems compares the closed form with quadrature and with differences"
WITHOUT: dict[str, str] = {
    "shamir2018.theorem4": _DRAWN,
    "zou2020.gaussian": _DRAWN,
    "zou2020.sgd": _DRAWN,
    "shamir2018.figure1_b_minimum": EXISTENCE,
    "safran2018.minimum": EXISTENCE,
    "safran2018.saddle": EXISTENCE,
    "yun2019b.theorem2_zero": EXISTENCE,
    "safran2018.risk": CLOSED_FORM,
    "safran2018.longer": CLOSED_FORM,
}


def reference(
    *ids: str,
) -> Callable[[Callable[..., Sides]], Callable[..., Sides]]:
    """This function is the reference of the claims with these ids."""

    def register(sides: Callable[..., Sides]) -> Callable[..., Sides]:
        for name in ids:
            assert name not in REFERENCES, name
            REFERENCES[name] = sides
        return sides

    return register
