"""Where a formula raises at candidates that nobody drew, they are let go, and the run goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from hypothesis import strategies as st

from checker.arithmetic.functions import norm
from checker.claims.claim import Domain, claim
from checker.claims.verdict import Verdict
from checker.instances.fields import Batch, Dims, FloatArray
from checker.search.guided.hunt import Budget, hunt
from checker.search.verify import Plan, verify


@dataclass(frozen=True, eq=False)
class Pair:
    u: Annotated[FloatArray, Dims("k")]
    v: Annotated[FloatArray, Dims("k")]


@dataclass(frozen=True)
class Gaussian:
    k: int

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        return Batch(Pair(*rng.standard_normal((2, self.k, size))), size, "gaussian")


THREE = Domain(st.nothing(), {"gaussian": st.builds(Gaussian, st.just(3))})


def test_a_formula_of_three_entries_stands_though_the_search_tries_one() -> None:
    @claim(given=THREE)
    def third(at: Any) -> Any:
        return norm(at.u) + norm(at.v) >= abs(at.u[2] + at.v[2])

    (found,) = verify(Plan((third,), cases=200))
    assert found.verdict is Verdict.STANDS, found.reason
    climbed = hunt(third, (0,), Budget(5000))
    assert climbed.evaluations >= 5000
    assert climbed.fault is None


def test_a_formula_that_raises_where_it_was_drawn_is_a_fault() -> None:
    @claim(given=THREE)
    def fourth(at: Any) -> Any:
        return abs(at.u[3]) >= 0

    (found,) = verify(Plan((fourth,), cases=200))
    assert found.verdict is Verdict.ERROR
    assert "index 3 is out of bounds" in found.reason


def test_a_tight_claim_of_ones_own_expects_ties() -> None:
    @claim(given=THREE, kind="tight")
    def itself(at: Any) -> Any:
        return norm(at.u) * norm(at.v) >= norm(at.v) * norm(at.u)

    (found,) = verify(Plan((itself,), cases=50))
    assert found.verdict is Verdict.STANDS
