"""How a number is known: radii that contain the exact value, and unproved steps that spread."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.decide import (
    Decision,
    decide_batch,
    decide_case,
    decide_exactly,
    decide_with_balls,
)
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import (
    black_box,
    dot,
    exp,
    hstack,
    lambda_max,
    log,
    log_cosh,
    maximum,
    minimum,
    norm,
    outer,
    sigmoid,
    softplus,
    spectral_norm,
    sqrt,
    tanh,
    tighter,
    total,
    vanishing_with,
    vstack,
)
from checker.claims.claim import Claim, Domain, claim
from checker.claims.verdict import Verdict
from checker.errors import InputError
from checker.instances.fields import Batch, Dims, FloatArray
from checker.report.evidence import claim_to_json
from checker.search.verify import Plan, verify

ARITHMETICS = (Bounded, Ball, Exact)
MATRIX = np.array([[2.0, 1.0], [1.0, 3.0]])

# Every function of a formula: a result that depends on `x` and `M`.
USES: dict[str, Any] = {
    "+": lambda x, M: x + 1,
    "reflected -": lambda x, M: 1 - x,
    "*": lambda x, M: x * 2,
    "/": lambda x, M: 1 / x,
    "@": lambda x, M: M @ x,
    "reflected @": lambda x, M: np.ones(2) @ x,
    "power": lambda x, M: x**3,
    "index": lambda x, M: x[0],
    "transpose": lambda x, M: M.T,
    "abs": lambda x, M: abs(x),
    "neg": lambda x, M: -x,
    "dot": lambda x, M: dot(x, x),
    "norm": lambda x, M: norm((x, M)),
    "sqrt": lambda x, M: sqrt(x),
    "exp": lambda x, M: exp(x),
    "log": lambda x, M: log(x),
    "tanh": lambda x, M: tanh(x),
    "sigmoid": lambda x, M: sigmoid(x),
    "softplus": lambda x, M: softplus(x),
    "log_cosh": lambda x, M: log_cosh(x),
    "maximum": lambda x, M: maximum(x, 0),
    "minimum": lambda x, M: minimum(x, 0),
    "total": lambda x, M: total(x),
    "outer": lambda x, M: outer(x, x),
    "hstack": lambda x, M: hstack(M, M),
    "vstack": lambda x, M: vstack(M, M),
    "spectral_norm": lambda x, M: spectral_norm(M),
    "lambda_max": lambda x, M: lambda_max(M),
    "tighter": lambda x, M: tighter(x, x),
    "vanishing_with": lambda x, M: vanishing_with(x, x),
}


def lifted(kind: Any, value: FloatArray) -> Any:
    return kind(value[..., None]) if kind is Bounded else kind.constant(value)


@pytest.mark.parametrize("kind", ARITHMETICS)
@pytest.mark.parametrize("use", USES)
def test_an_unproved_operand_marks_every_result(kind: Any, use: str) -> None:
    x, M = lifted(kind, np.array([1.0, 2.0])), lifted(kind, MATRIX)
    assert not USES[use](x, M).unproved
    doubtful = USES[use](x.marked("guessed"), M.marked("guessed"))
    assert doubtful.unproved == "guessed"


@pytest.mark.parametrize("kind", ARITHMETICS)
def test_marking_leaves_the_original_alone(kind: Any) -> None:
    x = lifted(kind, np.array([1.0, 2.0]))
    x.marked("guessed")
    assert not x.unproved


@pytest.mark.parametrize("kind", ARITHMETICS)
def test_a_black_box_gets_one_instance_and_marks_its_result(kind: Any) -> None:
    seen = []

    def network(x: FloatArray) -> FloatArray:
        seen.append(x)
        return np.sin(x)

    result = black_box(network, lifted(kind, np.array([1.0, 2.0])))
    assert result.shape == (2,)
    assert "network" in result.unproved
    assert [x.shape for x in seen] == [(2,)]


def test_a_black_box_that_returns_no_numbers_is_an_input_error() -> None:
    with pytest.raises(InputError, match="black box <lambda> returned str"):
        black_box(lambda x: "a", Ball.constant(1.0))


# -- claims -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Vector:
    x: Annotated[FloatArray, Dims("k")]


def vectors() -> st.SearchStrategy[Vector]:
    numbers = st.integers(-64, 64).map(lambda k: k / 16)
    return st.lists(numbers, min_size=1, max_size=3).map(lambda v: Vector(np.array(v)))


def squared(x: FloatArray) -> FloatArray:
    return x * x


@claim(given=vectors(), id="test.true_black_box", weight=lambda at, _: total(abs(at.x)))
def true_black_box(at: Any) -> Any:
    return total(black_box(squared, at.x)) >= 0


@claim(given=vectors(), id="test.false_black_box", weight=lambda at, _: total(abs(at.x)))
def false_black_box(at: Any) -> Any:
    return total(black_box(squared, at.x)) >= norm(at.x)


@pytest.mark.parametrize("decide", [decide_case, lambda c, i: decide_with_balls(c, i, 512)])
def test_a_case_with_an_unproved_step_says_so(decide: Any) -> None:
    result = decide(false_black_box, Vector(np.array([0.5])))
    assert result.decision is Decision.VIOLATED
    assert not result.refutes
    assert (result.guarantee, result.rung) == ("unproved", "unproved")
    assert "squared" in result.unproved


def test_the_float_rung_carries_the_mark() -> None:
    batch = Batch(Vector(np.array([[2.0, 3.0]])), 2, "")
    result = decide_batch(false_black_box, batch)
    assert result.unproved
    assert not result.escalated
    assert result.result(0).guarantee == "unproved"


def test_a_violation_that_rests_on_a_black_box_refutes_nothing() -> None:
    (evidence,) = verify(Plan((false_black_box,), cases=200))
    assert evidence.verdict is Verdict.UNDECIDED
    assert "squared" in evidence.reason
    saved = claim_to_json(evidence)
    assert saved["counterexample"] is None
    assert saved["candidate"]["guarantee"] == "unproved"


def test_a_standing_claim_that_rests_on_a_black_box_says_so() -> None:
    (evidence,) = verify(Plan((true_black_box,), cases=200))
    assert evidence.verdict is Verdict.STANDS
    assert "squared" in evidence.reason
    assert set(evidence.tally.rungs) == {"unproved"}


def test_without_a_black_box_nothing_is_unproved() -> None:
    own = Claim(
        "test.proved", "", None, "", lambda at: norm(at.x) >= 0, Domain(vectors()),
        weight=lambda at, _: norm(at.x),
    )  # fmt: skip
    (evidence,) = verify(Plan((own,), cases=200))
    assert not evidence.reason
    assert not evidence.tally.rungs["unproved"]


# -- radii ------------------------------------------------------------------------------------


def sides_at(instance: Vector) -> tuple[Any, Any]:
    with working_precision(1024):
        at = Vector(Ball.constant(instance.x))  # type: ignore[arg-type]
        inequality = uneven(at)
        return inequality.lhs.item, inequality.rhs.item


def uneven(at: Any) -> Any:
    return dot(at.x, at.x) + Fraction(1, 3) >= norm(at.x) / 3


@pytest.mark.parametrize("seed", range(20))
def test_both_sides_lie_within_their_radii(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((3, 8)) * 10.0 ** rng.integers(-20, 20)
    batch = Batch(Vector(x), 8, "")
    for index in range(8):
        instance = batch.case(index)
        exact = sides_at(instance)
        results = [
            decide_batch(uneven, batch).result(index),
            decide_with_balls(uneven, instance, 128),
            decide_exactly(uneven, instance),
        ]
        for result in (r for r in results if r is not None):
            found = ((result.lhs, result.lhs_radius), (result.rhs, result.rhs_radius))
            for side, (value, radius) in zip(exact, found, strict=True):
                with working_precision(1024):
                    assert abs(side - Ball.convert(value)) <= Ball.convert(radius)


def test_a_radius_of_zero_means_exactly() -> None:
    result = decide_exactly(lambda at: dot(at.x, at.x) >= norm(at.x), Vector(np.array([3.0, 4.0])))
    assert result is not None
    assert (result.lhs, result.lhs_radius, result.rhs, result.rhs_radius) == (25.0, 0.0, 5.0, 0.0)
