"""Neighbours that nobody wrote: which changes are made, and which of them say more."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from checker import claim, decide, dot, implies, norm, sq, vectors
from checker.arithmetic.decide import Decision
from checker.claims.claim import Claim
from checker.claims.rewritten import rewritten
from checker.search.generated import generated, is_generated
from checker.search.guided.hunt import Budget, hunt


@claim
def triangle(u: vectors("k"), v: vectors("k")):  # type: ignore
    return norm(u + v) <= norm(u) + norm(v)


@claim
def young(u: vectors("k"), v: vectors("k"), c=Fraction(1, 2)):  # type: ignore
    return dot(u, v) <= c * (sq(u) + sq(v))


@claim
def generous(u: vectors("k")):  # type: ignore
    return 3 * sq(u) >= 2 * sq(u) - 1


def of(own: Claim) -> dict[str, Claim]:
    return {c.why: c for c in generated(own)}


def falls(own: Claim) -> bool:
    return hunt(own, (0,), Budget(5_000)).found is not None


@pytest.mark.parametrize(
    ("own", "changes"),
    [
        (
            triangle,
            {
                "1 % more on the smaller side",
                "without the term norm(u)",
                "without the term norm(v)",
                "norm(u + v, 1) for norm(u + v)",
                "norm(u, inf) for norm(u)",
                "norm(v, inf) for norm(v)",
            },
        ),
        # A greater c and the claim without <u, v> on the smaller side are weaker.
        (young, {"1 % more on the smaller side", "c 1 % smaller"}),
    ],
)
def test_each_stronger_change_of_a_tight_claim_falls(own: Claim, changes: set[str]) -> None:
    made = of(own)
    assert set(made) == changes
    assert all(falls(c) and is_generated(c) and c.of == own.id for c in made.values())


def test_what_the_claim_has_to_spare_stays() -> None:
    made = of(generous)
    assert "the 3 of 3 * sq(u) 1 % smaller" in made
    assert not falls(made["the 3 of 3 * sq(u) 1 % smaller"])


def test_a_change_is_what_it_says() -> None:
    """The changed functions by hand, at one place."""
    u, v = np.array([3.0, 4.0]), np.array([1.0, 0.0])
    at = triangle.formula.instances(u, v)
    made = of(triangle)
    assert decide(made["without the term norm(v)"], at).decision is Decision.VIOLATED
    (result,) = [decide(made["norm(u + v, 1) for norm(u + v)"], at)]
    assert (result.lhs, result.rhs) == (6.0, 8.0)


def test_formulas_whose_source_says_too_little() -> None:
    other = norm

    def closed(u: Any) -> Any:
        return other(u) >= 0

    assert list(rewritten(closed)) == []
    assert list(rewritten(len)) == []
    assert list(rewritten(lambda u: norm(u) >= 0)) == []


@claim
def both(u: vectors("k"), v: vectors("k")):  # type: ignore
    return norm(u) + norm(v) >= norm(u + v), norm(u) + norm(v) >= norm(u - v)


@claim
def within(u: vectors("k"), v: vectors("k")):  # type: ignore
    return implies(dot(u, v) >= 0, sq(u + v) >= sq(u) + sq(v))


@pytest.mark.parametrize("own", [both, within])
def test_several_conclusions_and_premises(own: Claim) -> None:
    made = of(own)
    assert falls(made["1 % more on the smaller side"])
    # What a premise says is changed like everything else.
    assert len(made) > 1 or own is within
