"""Claims as functions of named arguments, with sets, premises and several conclusions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import checker
from checker import (
    claim,
    decide,
    dot,
    implies,
    integers,
    interval,
    matrices,
    nonnegative,
    norm,
    numbers,
    orthogonal,
    positive,
    psd,
    simplex,
    sq,
    symmetric,
    unit_vectors,
    vectors,
    verify,
)
from checker.arithmetic.decide import Decision
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.instances.codec import decode_instance, encode_instance
from checker.search.guided.hunt import Budget, hunt


@claim
def cauchy_schwarz(u: vectors("k"), v: vectors("k"), c=Fraction(1)):  # type: ignore
    return c * norm(u) * norm(v) >= dot(u, v)


@claim
def two_parts(x: numbers(), y: numbers()):  # type: ignore
    return abs(x) + abs(y) >= abs(x + y), abs(x + y) > abs(x) - abs(y)


@claim(assuming=[lambda u, v: dot(u, v) == 0])
def pythagoras(u: vectors("k"), v: vectors("k")):  # type: ignore
    return sq(u + v) == sq(u) + sq(v)


@claim(assuming=[lambda u, v: dot(u, v) >= 0])
def half_pythagoras(u: vectors("k"), v: vectors("k")):  # type: ignore
    return sq(u + v) <= sq(u) + sq(v)


def test_arguments_constants_and_id() -> None:
    assert cauchy_schwarz.id == f"{__name__.rpartition('.')[2]}.cauchy_schwarz"
    assert cauchy_schwarz.constants == {"c": 1}
    assert list(cauchy_schwarz.formula.instances.__dataclass_fields__) == ["u", "v"]
    assert decide(cauchy_schwarz, u=[3, 4], v=[3, 4]).decision is Decision.EQUAL
    lower = cauchy_schwarz.with_constants(c=Fraction(999, 1000))
    assert decide(lower, u=[3, 4], v=[3, 4]).decision is Decision.VIOLATED


def test_its_instances_are_saved_and_read() -> None:
    at = cauchy_schwarz.formula.instances(u=np.array([1.0]), v=np.array([2.0]))
    again = decode_instance(encode_instance(at))
    assert type(again) is type(at)
    assert (again.u, again.v) == ([1.0], [2.0])


def test_evidence_prints_in_a_line() -> None:
    stands = verify(cauchy_schwarz, cases=500)
    assert stands.verdict is Verdict.STANDS
    assert repr(stands) == f"<cauchy_schwarz STANDS; {stands.tally.cases:,} cases>"
    fell = verify(cauchy_schwarz.with_constants(c=Fraction(1, 2)), cases=500)
    assert repr(fell).startswith("<cauchy_schwarz REFUTED: u=[")


def test_the_conclusion_that_fell_is_named() -> None:
    found = verify(two_parts, cases=500)
    assert found.verdict is Verdict.REFUTED
    assert found.reason.startswith("conclusion 2 of 2; violated")
    assert found.claim is two_parts
    assert decide(two_parts, x=1, y=0).decision is Decision.VIOLATED
    assert decide(two_parts, x=1, y=1).decision is Decision.EQUAL


def test_a_premise_that_is_an_equation_is_met_and_an_identity_is_proved() -> None:
    found = verify(pythagoras, cases=300)
    assert found.verdict is Verdict.STANDS
    assert found.reason == f"equality, proved exactly in {found.tally.cases} cases"
    assert found.tally.cases >= 300
    assert found.tally.excluded > 0


def test_a_premise_that_is_an_inequality_keeps_the_counterexample_inside() -> None:
    found = verify(half_pythagoras, cases=300)
    assert found.counterexample is not None
    at = found.counterexample.instance
    assert at.u @ at.v > 0


# True where they are stated, false beside it: a search that leaves the set refutes them.
TRUE_INSIDE: dict[str, Any] = {}


def _inside(function: Any) -> Any:
    TRUE_INSIDE[function.__name__] = claim(function)
    return function


@_inside
def of_positive(x: positive()):  # type: ignore
    return x + 1 / x >= 2


@_inside
def in_an_interval(x: interval(0, 1)):  # type: ignore
    return x >= x**2


@_inside
def of_integers(n: integers(low=1), m: integers(low=1)):  # type: ignore
    return (n**2 - 2 * m**2) ** 2 >= 1


@_inside
def of_small_integers(n: integers(low=1, high=60)):  # type: ignore
    return 60 >= n


@_inside
def of_halves(n: integers("k")):  # type: ignore
    return (2 * n - 1) ** 2 >= 1


@_inside
def of_shares(p: simplex("k")):  # type: ignore
    return sq(p) <= 1


@_inside
def of_unit_vectors(u: unit_vectors("k"), v: unit_vectors("k")):  # type: ignore
    return dot(u, v) <= 1


@_inside
def of_rotations(Q: orthogonal("k"), u: vectors("k")):  # type: ignore
    return sq(Q @ u) == sq(u)


@_inside
def of_semidefinite(A: psd("k"), u: vectors("k")):  # type: ignore
    return dot(u, A @ u) >= 0


@_inside
def of_symmetric(S: symmetric("k"), u: vectors("k"), v: vectors("k")):  # type: ignore
    return dot(u, S @ v) == dot(v, S @ u)


@_inside
def of_nonnegative(u: nonnegative("k"), v: nonnegative("k")):  # type: ignore
    return dot(u, v) >= 0


@_inside
def under_a_premise(x: numbers()):  # type: ignore
    return implies(x >= 1, x**2 >= x)


@pytest.mark.parametrize("name", TRUE_INSIDE)
def test_the_search_stays_inside_the_set(name: str) -> None:
    found = verify(TRUE_INSIDE[name], cases=400)
    assert found.verdict is Verdict.STANDS, (found.reason, found.counterexample)
    climbed = hunt(TRUE_INSIDE[name], (0,), Budget(1_000))
    assert climbed.evaluations >= 1_000
    assert climbed.found is None, climbed.found


def test_the_same_is_refuted_where_the_set_is_wider() -> None:
    @claim
    def of_numbers(x: numbers()):  # type: ignore
        return x + 1 / x >= 2

    @claim
    def from_zero(p: simplex("k"), q: simplex("k")):  # type: ignore
        return Fraction(19, 10) >= sq(p - q)

    assert verify(of_numbers, cases=1000).verdict is Verdict.REFUTED
    fell = verify(from_zero, cases=5000).counterexample
    assert fell is not None
    assert sorted(fell.instance.p) == sorted(fell.instance.q) == [0, 1]


def test_a_fixed_size_stays() -> None:
    """Neither the search nor the reducer leaves it: the first is false from four entries on."""

    @claim
    def of_three(u: vectors(3)):  # type: ignore
        return 3 * sq(u) >= sum(u) ** 2

    @claim
    def of_columns(A: matrices("n", 2)):  # type: ignore
        return sq(A) >= 2 * A[0, 0] * A[0, 1] + norm(A[:, 1])

    assert verify(of_three, cases=2000).verdict is Verdict.STANDS
    fell = verify(of_columns, cases=2000).counterexample
    assert fell is not None
    assert fell.instance.A.shape == (1, 2)


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, None, "", "2k", "k+", "k-1", "+2"])
def test_an_axis_has_a_name_or_a_size(wrong: Any) -> None:
    with pytest.raises(InputError, match="is not a dimension"):
        vectors(wrong)


def test_what_is_not_said_is_asked_for() -> None:
    with pytest.raises(InputError, match=r"what open\(y\) may be"):

        @claim
        def open(x: numbers(), y):  # type: ignore
            return x >= y

    with pytest.raises(InputError, match="speaks of nothing that could vary"):

        @claim
        def constant(c=1):  # type: ignore
            return c >= 0

    with pytest.raises(InputError, match="annotations of typo cannot be read: NameError"):

        @claim
        def typo(x: nubmers()):  # type: ignore  # noqa: F821
            return x >= 0


def test_every_public_name_is_there() -> None:
    assert set(checker.__all__) == set(checker._HOME)
    assert all(getattr(checker, name) is not None for name in checker.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = checker.nothing
