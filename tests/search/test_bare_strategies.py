"""What a bare strategy cannot draw is no evidence: the search and the reducer keep to it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.functions import norm
from checker.claims.claim import Claim, claim
from checker.claims.verdict import Verdict
from checker.instances.fields import Dims, FloatArray
from checker.search.guided.hunt import Budget, hunt
from checker.search.sharpening.sharpen import sharpen
from checker.search.verify import Plan, verify


@dataclass(frozen=True, eq=False)
class Number:
    x: np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Pair:
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Vector:
    u: Annotated[FloatArray, Dims("k")]


@dataclass(frozen=True, eq=False)
class Whole:
    n: Annotated[FloatArray, Dims("k")]


def _of(elements: st.SearchStrategy[Any]) -> st.SearchStrategy[Number]:
    return st.builds(Number, elements.map(lambda x: np.array(x, dtype=float)))


THREE = st.lists(st.integers(-9, 9), min_size=3, max_size=3).map(lambda x: np.array(x, float))


@claim(given=_of(st.floats(0.1, 100)))
def reciprocal_sum(at: Any) -> Any:
    return at.x + 1 / at.x >= 2


@claim(given=_of(st.floats(0, 100)))
def at_most_100(at: Any) -> Any:
    return 100 >= at.x


@claim(given=st.builds(Pair, st.floats(-1000, 1000), st.floats(-1000, 1000)), id="test.needle")
def far_from_a_needle(at: Any) -> Any:
    """False on a disc of radius 1e-5 around (200 + 3000/91, 1000/13)."""
    distance = (at.x - Fraction(3, 7) * at.y - 200) ** 2 + (at.y - Fraction(1000, 13)) ** 2
    return distance - Fraction(1, 10**10) >= 0


@claim(given=_of(st.integers(-50, 50)))
def no_half(at: Any) -> Any:
    return (at.x - 0.5) ** 2 >= 0.25


@claim(given=st.builds(Vector, THREE))
def three_entries(at: Any) -> Any:
    return abs(at.u[0]) + abs(at.u[2]) >= at.u[0] + at.u[2]


@pytest.mark.parametrize("stated", [reciprocal_sum, at_most_100, no_half, three_entries])
def test_true_claims_stand_whatever_lies_beside_their_strategy(stated: Claim) -> None:
    (found,) = verify(Plan((stated,), cases=200))
    assert found.verdict is Verdict.STANDS, found.counterexample
    assert hunt(stated, (0,), Budget(500)).found is None


def test_a_counterexample_is_one_that_the_strategy_draws() -> None:
    @claim(given=_of(st.integers(1, 60).map(lambda n: n * 101.0)))
    def not_ten_thousand(at: Any) -> Any:
        return (at.x - 1010) ** 2 >= 1

    (found,) = verify(Plan((not_ten_thousand,), cases=2000))
    assert found.counterexample is not None
    assert found.counterexample.instance.x == 1010


def test_hypothesis_makes_it_small() -> None:
    @claim(given=_of(st.integers(0, 1000)))
    def below(at: Any) -> Any:
        return 400 >= at.x

    (found,) = verify(Plan((below,), cases=200))
    assert found.counterexample is not None
    assert found.counterexample.instance.x == 401
    assert found.counterexample.path[-1].action == "drawn again and shrunk by Hypothesis"


def test_sizes_stay_those_that_are_drawn() -> None:
    @claim(given=st.builds(Vector, THREE))
    def first_is_largest(at: Any) -> Any:
        return at.u[0] >= at.u[1]

    (found,) = verify(Plan((first_is_largest,), cases=200))
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.instance.u.tolist() == [0, 1, 0]


def test_arrays_of_integers_stay_such() -> None:
    drawn = st.lists(st.integers(-9, 9), min_size=1, max_size=4).map(np.array)

    @claim(given=st.builds(Whole, drawn))
    def no_square_root_of_two(at: Any) -> Any:
        return (at.n[0] ** 2 - 2) ** 2 >= 1

    @claim(given=st.builds(Whole, drawn))
    def short(at: Any) -> Any:
        return 3 >= norm(at.n)

    true, false = verify(Plan((no_square_root_of_two, short), cases=200))
    assert true.verdict is Verdict.STANDS, true.counterexample
    assert hunt(no_square_root_of_two, (0,), Budget(500)).found is None
    assert false.counterexample is not None
    assert false.counterexample.instance.n.dtype.kind == "i"


def test_a_constant_is_sharpened_inside_the_set() -> None:
    """0.5, 1 and 2 are drawn: c x >= 1 holds for c >= 2, and would for none among all numbers."""
    halves = st.sampled_from([0.5, 1.0, 2.0]).map(lambda x: np.array([x]))

    @claim(given=st.builds(Vector, halves), constants={"c": 3})
    def times(at: Any, c: Any) -> Any:
        return c * at.u[0] >= 1

    found = sharpen(times, "c", 0, Budget(500))
    assert found.weaker == 1
    assert found.witness is not None
    assert found.witness.instance.u.tolist() == [0.5]
    assert found.best is not None
    assert 0 < 2 - found.best < Fraction(1, 10**6)


def test_the_search_climbs_on_what_a_strategy_chooses() -> None:
    """One pair among 10^6: never by chance, nor by numbers that the strategy cannot draw."""
    # Hypothesis tries numbers that stand in the source.
    first, second = sum(range(36)), sum(range(25))
    odd = st.integers(0, 1000).map(lambda n: 2.0 * n + 1)

    @claim(given=st.builds(Pair, odd, odd))
    def never_there(at: Any) -> Any:
        return (at.x - 2 * first) ** 2 + (at.y - 2 * second) ** 2 >= 3

    found = hunt(never_there, (0,), Budget(2000), reduce=False).found
    assert found is not None
    assert (found.instance.x - 2 * first, found.instance.y - 2 * second) in {
        (a, b) for a in (-1, 1) for b in (-1, 1)
    }


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.nightly)])
def test_floats_move_by_less_than_hypothesis_moves_them(seed: int) -> None:
    found = hunt(far_from_a_needle, (seed,), Budget(3000))
    assert found.violation is not None
    at = found.violation.instance
    assert abs(at.x - 200 - 3000 / 91) < 2e-5
