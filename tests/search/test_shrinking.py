"""A false claim shrinks to exactly this instance: by the reducer, and by Hypothesis."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, settings
from hypothesis import strategies as st

from checker import claim as own_claim
from checker import integers, psd, trace
from checker import vectors as vectors_of
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import norm, sq, total
from checker.claims.claim import Claim, Domain, claim
from checker.claims.verdict import Verdict
from checker.explain.counterexample import report_lines
from checker.instances.fields import Batch, Dims, FloatArray, numbers_of, single
from checker.search.guided.hunt import Budget, hunt
from checker.search.guided.score import admits
from checker.search.reduction.moves import fewer_indices
from checker.search.reduction.shrink import Reducer
from checker.search.verify import Plan, verify
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.neighbours import assumptions, constants, curvature, gradient, network


@dataclass(frozen=True, eq=False)
class Vector:
    x: Annotated[FloatArray, Dims("k")]


def vectors() -> st.SearchStrategy[Vector]:
    numbers = st.lists(st.floats(-100, 100), min_size=1, max_size=20)
    return numbers.map(lambda v: Vector(np.array(v)))


@claim(given=vectors(), id="test.never_above_ten")
def never_above_ten(at: Any) -> Any:
    return 10.0 - total(at.x) >= 0 * sq(at.x)


@claim(given=vectors(), id="test.length_is_at_most_one")
def length_is_at_most_one(at: Any) -> Any:
    return 1 + 0 * total(at.x) >= norm(at.x)


@claim(given=vectors(), id="test.square_above")
def square_above(at: Any) -> Any:
    return sq(at.x) >= total(at.x)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        # The sum must exceed 10 by a share of what was found: 16 is the shortest such number.
        (never_above_ten, None),
        (length_is_at_most_one, None),
        (square_above, [0.5]),
    ],
)
def test_a_users_claim_shrinks_to_one_short_number(own: Claim, expected: Any) -> None:
    found = hunt(own, (0,), Budget(100_000)).violation
    assert found is not None
    x = found.instance.x
    assert x.shape == (1,)
    assert (x * 16 == np.rint(x * 16)).all()
    if expected is not None:
        assert x.tolist() == expected


NEEDS_ONE_DIMENSION = [
    "shamir2018.lemma1.no_inverse_norm",
    "shamir2018.theorem1.no_V_term",
    "shamir2018.theorem1.constant_1.9",
    "shamir2018.theorem1.a_lower_by_1e-6",
    "shamir2018.theorem1.c_lower_by_1e-6",
    "shamir2018.theorem1_sharp.constant_0.99",
    "shamir2018.theorem1.no_convexity",
    "shamir2018.lemma1.wrong_subgradient",
    "shamir2018.theorem2.no_squared_eigenvalue",
    "shamir2018.theorem2.no_V_term",
    "shamir2018.theorem2.c2_lower_by_1e-6",
    "shamir2018.theorem2_eigenvalue.below_minus_b",
]
MODULES = (assumptions, constants, curvature, gradient, network)
BY_ID = {c.id: c for m in MODULES for c in vars(m).values() if isinstance(c, Claim)}


@pytest.mark.parametrize("name", NEEDS_ONE_DIMENSION)
def test_a_mutant_shrinks_to_one_sample_one_input_one_feature(name: str) -> None:
    mutant = BY_ID[name]
    found = hunt(mutant, (0,), Budget(200_000)).violation
    assert found is not None
    numbers = numbers_of(found.instance)
    assert {a.size for a in numbers.values()} == {1}
    for a in numbers.values():
        assert (a * 2**11 == np.rint(a * 2**11)).all(), found.instance
        assert not np.signbit(a[a == 0]).any()
    assert decide_case(mutant, found.instance, mutant.weight).decision is Decision.VIOLATED


def test_equality_cases_come_out_as_in_a_textbook() -> None:
    """Theorem 1 with c just below 1: the equality case w* = -w, V = w q, x = (2 + q²) w, f = -q."""
    lowered = shamir2018.gradient_bound.with_constants(c=Fraction(999_999, 1_000_000))
    found = hunt(lowered, (0,), Budget(200_000)).violation
    assert found is not None
    at = found.instance
    w, V, x, f = (float(a.item()) for a in (at.w, at.V, at.X, at.Z))
    q = V / w
    assert float(at.w_star.item()) == -w
    assert abs(x) == abs((2 + q * q) * w)
    assert abs(f) == abs(q)


@pytest.mark.parametrize(
    "name",
    [
        "shamir2018.lemma1.no_inverse_norm",
        pytest.param("shamir2018.theorem1.no_V_term", marks=pytest.mark.nightly),
    ],
)
def test_hypothesis_shrinks_the_elementwise_strategy_as_well(name: str) -> None:
    mutant = BY_ID[name]

    def violates(instance: Any) -> bool:
        if not admits(mutant.assuming, single(instance, "")).all():
            return False
        result = decide_case(mutant, instance, mutant.weight)
        return result.decision is Decision.VIOLATED

    quiet = settings(
        max_examples=5000, database=None, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    smallest = find(mutant.domain.instances, violates, settings=quiet)
    assert {a.size for a in numbers_of(smallest).values()} == {1}
    assert all((a * 8 == np.rint(a * 8)).all() for a in numbers_of(smallest).values())


@dataclass(frozen=True, eq=False)
class Odd:
    """A class with a say in the reduction, and a mistake in it."""

    x: Annotated[FloatArray, Dims("k")]
    n: int = 3

    def simpler(self) -> Any:
        raise RuntimeError("not that one")


@dataclass(frozen=True)
class Integers:
    """A draw of numbers that the search may move and shorten, as it may not those of a strategy."""

    of: type
    k: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        numbers = rng.integers(-9, 10, (self.k, size)).astype(float)
        return Batch(self.of(numbers), size, "integers")


def _of_sizes(of: type, *sizes: int) -> Domain:
    draws = st.builds(Integers, st.just(of), st.sampled_from(sizes))
    return Domain(st.nothing(), {"integers": draws})


# The sizes between those that are drawn are tried: two numbers, which no formula here knows.
@claim(given=_of_sizes(Vector, 1, 3), id="test.ordered")
def ordered(at: Any) -> Any:
    return at.x[0] >= at.x[0] if at.x.shape[0] == 1 else at.x[0] + 0 * at.x[2] >= at.x[1]


@claim(given=_of_sizes(Odd, 3), id="test.odd_class")
def odd_class(at: Any) -> Any:
    return at.x[0] >= at.x[1]


@claim(given=_of_sizes(Vector, 1, 3), id="test.exits")
def exits(at: Any) -> Any:
    if at.x.shape[0] == 2:
        sys.exit(0)
    return at.x[0] >= at.x[-1 if at.x.shape[0] == 1 else 1]


@pytest.mark.parametrize("own", [ordered, odd_class, exits])
def test_what_raises_on_smaller_instances_is_not_kept(own: Claim) -> None:
    """A violation that is proved is not lost to candidates that the formula does not know."""
    (evidence,) = verify(Plan((own,), cases=200))
    found = evidence.counterexample
    assert evidence.verdict is Verdict.REFUTED
    assert found is not None
    assert found.raised > 0
    assert decide_case(own, found.instance, own.weight).decision is Decision.VIOLATED
    assert any("raised an exception" in line for line in report_lines(evidence, "again"))
    assert sorted(np.abs(found.instance.x[:2])) == [0, 1]


@dataclass(frozen=True)
class _Steps:
    """Points x_0, ..., x_T and T steps between them."""

    x: Annotated[FloatArray, Dims("T+1")]
    step: Annotated[FloatArray, Dims("T", domain="nonnegative")]


def test_an_axis_that_is_one_longer_stays_so() -> None:
    found = [*fewer_indices(_Steps(np.arange(4.0), np.arange(3.0)))]
    assert [(x.x.shape, x.step.shape) for x in found] == [((3,), (2,))] * 3


def test_a_signal_while_cases_are_reduced_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("checker.search.jobs.reduced", interrupted)
    (found,) = verify(Plan((square_above,), cases=300))
    assert (found.verdict, found.interrupted) == (Verdict.REFUTED, True)
    assert found.counterexample is found.tally.worst


# -- numbers that have to change together ---------------------------------------------------------

BYTE = integers(low=0, high=255)


@own_claim(assuming=[lambda x: x >= 1])
def two_equal(x: BYTE, y: BYTE):  # type: ignore
    return (x - y) ** 2 >= Fraction(1, 4)


@own_claim(assuming=[lambda x: x >= 1])
def two_neighbours(x: BYTE, y: BYTE):  # type: ignore
    return (x - y - 1) ** 2 >= Fraction(1, 4)


@own_claim
def ten_equal(u: vectors_of(10)):  # type: ignore
    return Fraction(99, 10) * sq(u) >= total(u) ** 2


@own_claim
def eight_equal(u: vectors_of("k")):  # type: ignore
    """True up to seven numbers: the search has to look at more."""
    return 7 * sq(u) >= total(u) ** 2


@own_claim
def a_sum(u: integers("k", low=-100, high=100)):  # type: ignore
    return (total(u) - 100) ** 2 >= Fraction(1, 2)


@own_claim
def the_identity(A: psd("k")):  # type: ignore
    return 3 * sq(A) >= trace(A) ** 2


TOGETHER: dict[str, tuple[Claim, dict[str, Any]]] = {
    "equal": (two_equal, {"x": 1, "y": 1}),
    "neighbours": (two_neighbours, {"x": 1, "y": 0}),
    "ten": (ten_equal, {"u": [1] * 10}),
    "eight": (eight_equal, {"u": [1] * 8}),
    "sum": (a_sum, {"u": [100]}),
    "identity": (the_identity, {"A": np.eye(4).tolist()}),
}


@pytest.mark.parametrize("name", TOGETHER)
def test_numbers_are_changed_together(name: str) -> None:
    own, expected = TOGETHER[name]
    found = hunt(own, (0,), Budget(100_000)).violation
    assert found is not None
    assert {n: a.tolist() for n, a in numbers_of(found.instance).items()} == expected


def test_the_reducer_ends_where_every_instance_violates() -> None:
    """Each candidate is simpler than the instance: no two of them are tried in turn for ever."""
    rng = np.random.default_rng(0)
    start = ten_equal.formula.instances(rng.standard_normal(10))
    reducer = Reducer(start, lambda _: True, most=10**6)
    reducer.run()
    assert reducer.attempts < 1000
    assert not numbers_of(reducer.best)["u"].any()
