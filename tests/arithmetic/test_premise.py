"""A premise counts as met where it is proved, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest

import checker
from checker import claim, dot, sq, vectors
from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.functions import cbrt, exp, sqrt
from checker.arithmetic.premise import case_by_case, proved, shortfall
from checker.claims.claim import Assumption, Domain
from checker.errors import InputError
from checker.instances.fields import Batch, Dims, FloatArray, single
from checker.report.replay import replay
from checker.search.guided.score import admits
from checker.testing import assert_claim


@dataclass(frozen=True, eq=False)
class Number:
    x: Annotated[FloatArray, Dims()]


def at(x: float) -> Number:
    return Number(np.array(x))


def batch(*xs: float) -> Number:
    return Number(np.array(xs))


# The two sides are equal, which neither balls nor exact numbers can prove: the square of the right
# side is not seen under the root.
TIGHT = proved(lambda at: sqrt(2 + exp(2 * at.x) + exp(-2 * at.x)) >= exp(at.x) + exp(-at.x))
# Beyond the range of exp at every precision that is tried, and without a closed form.
OUT_OF_RANGE = proved(lambda at: cbrt(exp(exp(exp(at.x)))) >= 0)
POSITIVE = proved(lambda at: at.x >= 0)
ROOT = proved(lambda at: sqrt(at.x * at.x) >= at.x)


@pytest.mark.parametrize(
    ("premise", "x", "decision"),
    [
        (TIGHT, 0.5, Decision.TIGHT),
        (OUT_OF_RANGE, 1e3, Decision.OUT_OF_RANGE),
        (POSITIVE, -1.0, Decision.VIOLATED),
        (POSITIVE, 1.0, Decision.HOLDS),
        (POSITIVE, 0.0, Decision.EQUAL),
        (ROOT, 0.3, Decision.EQUAL),
    ],
)
def test_only_what_is_proved_is_met(premise: Any, x: float, decision: Decision) -> None:
    met = decision in (Decision.HOLDS, Decision.EQUAL)
    assert decide_case(premise.inequality, at(x)).decision is decision
    assert premise(at(x)) is met
    assert premise(batch(x, x)).tolist() == [met, met]
    assert admits([Assumption("a", "", premise)], single(at(x), "")).tolist() == [met]
    assert (shortfall(premise, at(x)) == "") == met or decision is Decision.TIGHT


def test_cases_of_a_batch_are_judged_one_by_one() -> None:
    assert POSITIVE(batch(1.0, -1.0, 0.0, -0.0, -5e-324)).tolist() == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_a_test_of_one_instance_becomes_one_of_batches() -> None:
    test = case_by_case(lambda at: bool(at.x > 1))
    assert test(at(2.0))
    assert not test(at(0.0))
    assert test(batch(0.0, 2.0)).tolist() == [False, True]


def test_a_case_whose_premise_is_undecided_refutes_nothing() -> None:
    """Replay says so, instead of a false refutation."""
    from hypothesis import strategies as st

    from checker.claims.claim import Claim
    from checker.report.evidence import encode_instance

    claim = Claim(
        id="a.b",
        title="",
        source=None,
        statement="",
        formula=lambda at: at.x >= 1,
        domain=Domain(st.just(at(0.5))),
        assuming=(Assumption("tight", "", TIGHT),),
    )
    found = replay(claim, "case", {"instance": encode_instance(at(0.5)), "decision": "VIOLATED"})
    assert found.witness.result.refutes
    assert found.unmet == ("tight",)
    assert not found.refutes
    assert not found.agrees


def test_every_premise_has_to_be_met() -> None:
    """The second one holds everywhere, and takes nothing back."""
    both = [Assumption("a", "", POSITIVE), Assumption("b", "", lambda at: at.x == at.x)]
    found = admits(both, Batch(batch(1.0, -1.0, 0.0), 3, ""))
    assert found.tolist() == [True, False, True]
    assert admits(both[::-1], Batch(batch(1.0, -1.0, 0.0), 3, "")).tolist() == [True, False, True]


@claim(assuming=[lambda u, v: dot(u, v) >= 0])
def pythagoras(u: vectors("k"), v: vectors("k")) -> Any:
    return sq(u + v) >= sq(u) + sq(v)


def test_an_instance_outside_the_premises_is_never_decided_as_a_violation() -> None:
    """`checker.decide` is asked about the claim, not about its formula."""
    outside = checker.decide(pythagoras, u=[1], v=[-1])
    assert outside.decision is Decision.EXCLUDED
    assert outside.missed == "premise_1: -1 is not at least 0"
    assert not outside.refutes
    assert checker.decide(pythagoras, u=[1], v=[1]).decision is Decision.HOLDS
    with pytest.raises(InputError, match=r"assumptions \(premise_1: -1 is not at least 0\)"):
        assert_claim(pythagoras, u=[1], v=[-1])
