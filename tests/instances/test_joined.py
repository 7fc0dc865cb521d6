"""Drawn instances of one shape are decided together, as they would be one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import checker.search.campaign as campaign
from checker import claim, norm, verify
from checker.instances.draws import joined
from checker.instances.fields import Batch, single


@dataclass(frozen=True, eq=False)
class Pair:
    u: np.ndarray
    v: np.ndarray
    name: str = "a"


def _batches(*pairs: Pair) -> list[Batch]:
    return [single(pair, "drawn") for pair in pairs]


def test_what_differs_in_its_numbers_alone_is_joined() -> None:
    one, two = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    (both,) = joined(_batches(Pair(one, two), Pair(two, one)))
    assert (both.size, both.instances.u.shape) == (2, (2, 2))
    np.testing.assert_array_equal(both.case(1).u, two)
    assert both.case(0).name == "a"


@pytest.mark.parametrize(
    "other",
    [
        Pair(np.ones(3), np.ones(3)),
        Pair(np.ones(2), np.ones(2), "b"),
        Pair(np.ones(2, dtype=int), np.ones(2)),
        Pair(np.ones(2), np.ones(2), ["not hashable"]),  # type: ignore[arg-type]
    ],
)
def test_what_differs_in_anything_else_is_not(other: Pair) -> None:
    assert [b.size for b in joined(_batches(Pair(np.ones(2), np.ones(2)), other))] == [1, 1]


@st.composite
def pairs(draw: Any) -> Pair:
    k = draw(st.integers(1, 3))
    entries = st.lists(st.integers(-9, 9).map(float), min_size=k, max_size=k).map(np.array)
    return Pair(draw(entries), draw(entries))


@claim(given=pairs(), kind="tight")
def triangle(at: Any) -> Any:
    return norm(at.u) + norm(at.v) >= norm(at.u + at.v)


def test_decisions_are_those_of_single_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    together = verify(triangle, cases=200)
    assert together.tally.rungs["float"] > 100
    monkeypatch.setattr(campaign, "joined", lambda batches: batches)
    alone = verify(triangle, cases=200)
    assert alone.tally.rungs["float"] == 0
    assert (together.verdict, together.tally.cases) == (alone.verdict, alone.tally.cases)
    assert together.tally.strata == alone.tally.strata
