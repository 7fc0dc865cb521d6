"""What tests found is kept, decided anew, and forgotten where it refutes nothing any more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.database import InMemoryExampleDatabase

from checker import claim, numbers, vectors
from checker.arithmetic.functions import norm
from checker.claims.verdict import Verdict
from checker.report.suite import Suite
from checker.stored import refuted_again, store
from checker.testing import PROFILES, Checker, assert_claim, claim_tests
from checker.use import verify


@claim(id="stored.reversed")
def reversed_triangle(u: vectors("k"), v: vectors("k")) -> Any:
    return norm(u + v) >= norm(u) + norm(v)


@claim(id="stored.square")
def square(x: numbers()) -> Any:
    return x**2 >= 0


@contextmanager
def keeping(database: InMemoryExampleDatabase | None) -> Iterator[None]:
    before = settings.get_current_profile_name()
    settings.register_profile("stored", database=database)
    settings.load_profile("stored")
    try:
        yield
    finally:
        settings.load_profile(before)


@pytest.fixture
def database() -> Iterator[InMemoryExampleDatabase]:
    kept = InMemoryExampleDatabase()
    with keeping(kept):
        yield kept


def test_a_counterexample_is_tried_first(database: InMemoryExampleDatabase) -> None:
    rows: list[dict[str, Any]] = []
    check = Checker(PROFILES["ci"], rows.append, cases=300)
    for _ in range(2):
        with pytest.raises(AssertionError, match=r"u=\[-?1\] v=\[-?1\]"):
            check(reversed_triangle)
    assert [row["cases"] for row in rows] == [16, 1]
    assert rows[1]["verdict"] == "REFUTED"
    assert rows[1]["counterexample"]["instance"] == rows[0]["counterexample"]["instance"]


def test_what_refutes_nothing_any_more_is_forgotten(database: InMemoryExampleDatabase) -> None:
    evidence = verify(reversed_triangle, cases=300)
    store(evidence)
    (key,) = database.data
    database.save(key, b"no JSON")
    database.save(key, b"[1]")
    again = refuted_again(reversed_triangle)
    assert again is not None
    assert again.verdict is Verdict.REFUTED

    def triangle(at: Any) -> Any:
        return norm(at.u) + norm(at.v) >= norm(at.u + at.v)

    mended = replace(reversed_triangle, formula=triangle)
    assert refuted_again(mended) is None
    assert list(database.fetch(key)) == []


def test_only_counterexamples_of_claims_that_ought_to_stand_count(
    database: InMemoryExampleDatabase,
) -> None:
    store(verify(square, cases=300))
    assert not any(database.data.values())
    store(verify(reversed_triangle, cases=300))
    control = replace(reversed_triangle, kind="must-be-refuted", of="stored.square", why="false")
    assert refuted_again(control) is None


def test_without_a_database_nothing_is_kept() -> None:
    with keeping(None):
        store(verify(reversed_triangle, cases=300))
        assert refuted_again(reversed_triangle) is None


def test_a_failure_is_one_class_for_hypothesis() -> None:
    caught = []
    for _ in range(2):
        with pytest.raises(AssertionError) as found:
            assert_claim(reversed_triangle, u=[1], v=[-1])
        caught.append(type(found.value))
    assert caught[0] is caught[1]
    assert (caught[0].__name__, caught[0].__module__) == ("REFUTED", "builtins")


def test_a_generated_test_has_the_place_of_its_caller() -> None:
    made = claim_tests(square)
    assert made.__code__.co_filename == __file__
    assert made.__module__ == __name__


def test_github_gets_one_line_for_each_claim_that_fell() -> None:
    place = {"place": ["a,b:c.py", 7], "report": ["50 % of\r", "::error::x"], "seed": 0}
    case = {"relative_slack": -1.0, "decision": "VIOLATED"}
    common = {"of": None, "verdict": "REFUTED", "expected": False, "cases": 16}
    row = {**common, **place, "id": "a_b|c", "counterexample": case, "tightest": None}
    suite = Suite([row, {**row, "id": "d", "report": None, "expected": True}])
    assert list(suite.annotations()) == [
        "::error file=a%2Cb%3Ac.py,line=7::50 %25 of%0D%0A::error::x"
    ]
    assert suite.summary().splitlines()[2:5] == [
        "| claim | cases | tightest slack | verdict |",
        "| --- | --- | --- | --- |",
        r"| a\_b\|c | 16 | \-1.0e+00 | REFUTED (not as expected) |",
    ]


def test_who_runs_a_search_from_python_may_have_a_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "checker"):
        verify(reversed_triangle, cases=300)
    assert [record.getMessage() for record in caplog.records] == [
        "1/1 stored.reversed: refuted after 16 cases"
    ]
