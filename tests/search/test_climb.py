"""The guided search: what it finds, and what it must never claim."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import dot, exp, norm, sq, total
from checker.claims.claim import Assumption, Claim, Domain, claim
from checker.claims.verdict import Verdict
from checker.instances.fields import Batch, Dims, FloatArray
from checker.search.guided import climb
from checker.search.guided.climb import Island, explore
from checker.search.guided.hunt import Budget, hunt
from checker.search.guided.score import Scores, admits
from checker.search.verify import Plan, verify
from properties.shamir2018 import theorems as shamir2018


@dataclass(frozen=True, eq=False)
class Vectors:
    """Two vectors of one length: an instance that has nothing to do with networks."""

    u: Annotated[FloatArray, Dims("k")]
    v: Annotated[FloatArray, Dims("k")]


def vectors() -> st.SearchStrategy[Vectors]:
    numbers = st.integers(-64, 64).map(lambda k: k / 16)
    pairs = st.integers(1, 3).flatmap(
        lambda k: st.tuples(*(st.lists(numbers, min_size=k, max_size=k) for _ in range(2)))
    )
    return pairs.map(lambda p: Vectors(np.array(p[0]), np.array(p[1])))


@claim(given=Vectors, id="test.cauchy_schwarz", constants={"c": 1})
def cauchy_schwarz(at: Any, c: Any) -> Any:
    return c * norm(at.u) * norm(at.v) >= dot(at.u, at.v)


@claim(given=Vectors, id="test.narrow")
def narrow(at: Any) -> Any:
    """False in a ball of radius 1/1000 around u = (1.2345, ...) only, v = 2 u."""
    away = at.u - 1.2345
    return sq(away) + sq(at.v - 2 * at.u) >= 1e-6 + 0 * total(at.u)


def test_a_narrow_violation_of_a_users_own_claim_is_found_and_reduced() -> None:
    found = hunt(narrow, (0,), Budget(evaluations=200_000))
    assert found.violation is not None
    assert found.violation.result.decision is Decision.VIOLATED
    assert found.violation.instance.u.shape == (1,)


def test_cauchy_schwarz_stands_and_equality_is_found() -> None:
    found = hunt(cauchy_schwarz, (0,), Budget(evaluations=20_000))
    assert found.found is None
    assert not found.contradictions
    assert found.tightest is not None
    assert found.tightest.result.decision is Decision.EQUAL


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("constant", ["a", "b", "c"])
def test_a_constant_lowered_by_a_millionth_is_refuted(constant: str, seed: int) -> None:
    theorem = shamir2018.gradient_bound
    lowered = Fraction(999_999, 1_000_000) * theorem.constants[constant]
    found = hunt(theorem.with_constants(**{constant: lowered}), (seed,), Budget(200_000))
    assert found.found is not None
    assert found.found.stratum not in theorem.domain.told


@pytest.mark.parametrize(
    "theorem",
    [shamir2018.gradient_direction, shamir2018.gradient_bound, shamir2018.curvature_bound],
)
def test_equality_is_found_without_being_told(theorem: Claim) -> None:
    found = hunt(theorem, (0,), Budget(10_000))
    assert found.tightest is not None
    assert found.tightest.stratum not in theorem.domain.told
    assert 0 <= found.tightest.result.relative_slack <= 1e-9
    assert found.found is None


def test_the_same_seed_gives_the_same_search() -> None:
    theorem = shamir2018.gradient_bound
    few = dict(list(theorem.domain.strata.items())[:4])
    domain = replace(theorem.domain, strata=few)
    first, second = (explore(theorem, domain, Island((3,), 1)) for _ in range(2))
    assert first.evaluations == second.evaluations
    assert first.tightest is not None
    assert second.tightest is not None
    assert np.array_equal(first.tightest.instance.V, second.tightest.instance.V)


def test_candidates_respect_the_assumptions() -> None:
    positive = Assumption("positive", "u > 0", lambda at: np.all(at.u > 0, axis=0))
    own = replace(cauchy_schwarz, assuming=(positive,), formula=lambda at, c: total(at.u) >= 0.0)
    found = hunt(own, (0,), Budget(20_000))
    assert found.found is None
    without = hunt(replace(own, assuming=()), (0,), Budget(20_000), watched=positive)
    assert without.found is not None
    assert without.outside > 0


def test_a_float_bound_that_lies_is_reported_as_broken_arithmetic(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lying(claim: Claim, population: Any) -> Scores:
        below = np.full(population.size, -1.0)
        return Scores(below, below, *np.ones((3, population.size), dtype=bool))

    monkeypatch.setattr(climb, "scored", lying)
    found = hunt(cauchy_schwarz, (0,), Budget(1000))
    assert found.found is None
    assert found.contradictions


def test_broken_arithmetic_is_no_refutation(monkeypatch: pytest.MonkeyPatch) -> None:
    def lying(claim: Claim, population: Any) -> Scores:
        below = np.full(population.size, -1.0)
        return Scores(below, below, *np.ones((3, population.size), dtype=bool))

    monkeypatch.setattr(climb, "scored", lying)
    (evidence,) = verify(Plan((cauchy_schwarz,), cases=40_000, seconds=2.0))
    assert evidence.verdict is Verdict.ORACLE_BROKEN


@dataclass(frozen=True, eq=False)
class TallStructure:
    """A structure of a domain with strata, over the same dataclass."""

    name: str

    def batch(self, rng: np.random.Generator, size: int) -> Any:
        from checker.instances.fields import Batch

        draw = rng.standard_normal
        return Batch(Vectors(draw((3, size)), draw((3, size))), size, self.name)


def test_told_strata_are_not_searched() -> None:
    seen = []

    def drawn(name: str) -> st.SearchStrategy[TallStructure]:
        return st.builds(TallStructure, st.just(name)).map(lambda s: (seen.append(name), s)[1])

    domain = Domain(vectors(), {n: drawn(n) for n in ("a", "b")}, told=frozenset({"b"}))
    explore(replace(cauchy_schwarz, domain=domain), domain, Island((0,), 1))
    assert set(seen) == {"a"}


def test_an_undefined_claim_ends_at_once() -> None:
    nothing = replace(cauchy_schwarz, domain=Domain(st.nothing()))
    found = hunt(nothing, (0,), Budget(10_000))
    assert (found.evaluations, found.islands) == (0, 1)


def test_budgets_are_kept() -> None:
    assert hunt(cauchy_schwarz, (0,), Budget(evaluations=1)).islands == 1
    timed = hunt(shamir2018.gradient_bound, (0,), Budget(seconds=1.0))
    assert timed.seconds < 30.0


def test_overflow_is_not_mistaken_for_a_violation() -> None:
    grown = replace(cauchy_schwarz, formula=lambda at, c: exp(sq(at.u)) >= exp(dot(at.u, at.u)))
    found = hunt(grown, (0,), Budget(20_000))
    assert found.found is None
    assert not found.contradictions


def test_every_violation_found_is_certified_by_the_ladder() -> None:
    half = cauchy_schwarz.with_constants(c=Fraction(1, 2))
    found = hunt(half, (0,), Budget(5000), reduce=False).found
    assert found is not None
    assert decide_case(half, found.instance).decision is Decision.VIOLATED
    assert found.result.guarantee != "float-bound"


def test_a_later_assumption_is_asked_only_of_cases_that_meet_the_earlier_ones() -> None:
    asked: list[FloatArray] = []

    def second(at: Vectors) -> Any:
        asked.append(at.u[0])
        return at.u[0] < 3

    assumptions = (
        Assumption("first", "u > 0", lambda at: at.u[0] > 0),
        Assumption("second", "u < 3", second),
        Assumption("none", "false", lambda at: np.False_),
    )
    numbers = np.array([[-1.0, 1.0, 5.0, 2.0, -2.0]])
    batch = Batch(Vectors(numbers, numbers), 5, "")
    assert admits(assumptions[:2], batch).tolist() == [False, True, False, True, False]
    assert asked[0].tolist() == [1.0, 5.0, 2.0]
    assert not admits(assumptions, batch).any()
