"""The ladder on hand-made claims: what is proved, by which rung, and what stays open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.decide import (
    Decision,
    decide_batch,
    decide_case,
    decide_exactly,
    decide_with_balls,
    screen_batch,
)
from checker.arithmetic.exact import Surd
from checker.arithmetic.functions import exp, log, norm, sq, sqrt
from checker.arithmetic.inequality import Inequality
from checker.claims.claim import claim
from checker.errors import FormulaError
from checker.instances.fields import Batch, Dims, FloatArray, single

HOLDS, EQUAL, VIOLATED = Decision.HOLDS, Decision.EQUAL, Decision.VIOLATED
TIGHT, OUT_OF_RANGE = Decision.TIGHT, Decision.OUT_OF_RANGE
OUTSIDE = Decision.OUTSIDE


@dataclass(frozen=True, eq=False)
class Pair:
    """Two vectors of some user."""

    x: Annotated[FloatArray, Dims("k")]
    y: Annotated[FloatArray, Dims("k")]


def _pair(x: list[float], y: list[float]) -> Pair:
    return Pair(np.array(x), np.array(y))


def cauchy_schwarz(at: Any) -> Inequality:
    return norm(at.x) * norm(at.y) >= at.x @ at.y


def below(at: Any) -> Inequality:
    return at.y[0] >= at.x[0]


def triangle(at: Any) -> Inequality:
    return norm(at.x) + norm(at.y) >= norm(at.x + at.y)


# -- single cases ------------------------------------------------------------------------------


def test_holds() -> None:
    result = decide_case(cauchy_schwarz, _pair([1.0, 2.0], [2.0, -1.0]))
    assert (result.decision, result.rhs, result.nontrivial) == (HOLDS, 0.0, False)
    assert decide_case(cauchy_schwarz, _pair([1.0, 2.0], [2.0, 1.0])).nontrivial


def test_equal_by_exact_numbers() -> None:
    result = decide_case(cauchy_schwarz, _pair([0.1, 0.2], [0.3, 0.6]))
    # 0.2 is twice 0.1 in floats, and 0.6 twice 0.3.
    assert (result.decision, result.guarantee) == (EQUAL, "exact")
    assert result.relative_slack == 0


def test_violated() -> None:
    result = decide_case(below, _pair([1.0], [0.5]))
    assert (result.decision, result.guarantee) == (VIOLATED, "ball(128 bits)")
    assert (result.lhs, result.rhs, result.relative_slack) == (0.5, 1.0, -0.5)


@pytest.mark.parametrize("gap", [1, -1])
@pytest.mark.parametrize("bits", [40, 100, 400, 3000])
def test_small_differences_are_decided(bits: int, gap: int) -> None:
    def near(at: Any) -> Inequality:
        return exp(at.x[0]) * (1 + gap * Fraction(1, 2**bits)) >= exp(at.x[0])

    result = decide_case(near, _pair([1.0], [0.0]))
    assert result.decision is (HOLDS if gap > 0 else VIOLATED)
    assert np.sign(result.relative_slack) == gap or bits > 1074


def test_exact_slack_too_small_for_floats_is_not_reported_as_zero() -> None:
    def near(at: Any) -> Inequality:
        return at.x[0] * (1 + Fraction(1, 3**200)) >= at.x[0]

    result = decide_case(near, _pair([1.0], [0.0]))
    assert (result.decision, result.guarantee) == (HOLDS, "exact")
    # 3^-200 to within two roundings.
    assert abs(Fraction(result.relative_slack) * 3**200 - 1) <= Fraction(1, 2**50)


def test_transcendental_tie_is_proved_in_closed_form() -> None:
    def tie(at: Any) -> Inequality:
        return exp(at.x[0]) * exp(at.y[0]) >= exp(at.x[0] + at.y[0])

    def strict(at: Any) -> Inequality:
        return exp(at.x[0]) * exp(at.y[0]) > exp(at.x[0] + at.y[0])

    result = decide_case(tie, _pair([1.0], [0.5]))
    assert (result.decision, result.guarantee) == (EQUAL, "exact")
    assert decide_case(strict, _pair([1.0], [0.5])).decision is VIOLATED


def test_tie_without_a_closed_form_stays_tight() -> None:
    # cosh(x/2)² = (1 + cosh x) / 2, under a root in which no square is seen.
    def tie(at: Any) -> Inequality:
        x = at.x[0]
        return sqrt(2 + exp(x) + exp(-x)) >= exp(x / 2) + exp(-x / 2)

    result = decide_case(tie, _pair([1.0], [0.5]))
    assert (result.decision, result.guarantee) == (TIGHT, "ball(8192 bits)")
    # exp(1.5) at 8192 bits, less a few for its size and three roundings.
    assert result.tight_bits is not None
    assert 8192 - 16 <= result.tight_bits <= 8192 + 16


@pytest.mark.parametrize(("x", "decision"), [(1e300, VIOLATED), (-1e300, HOLDS)])
def test_exponentials_of_huge_numbers_take_more_bits(x: float, decision: Decision) -> None:
    # Out of range at 128 bits, which do not resolve 1e300 / log(2), about 2^997, to an integer.
    def decreasing(at: Any) -> Inequality:
        return exp(-at.x[0]) >= exp(at.x[0])

    result = decide_case(decreasing, _pair([x], [0.0]))
    assert decide_with_balls(decreasing, _pair([x], [0.0]), 128).decision is OUT_OF_RANGE
    assert result.decision is decision


def test_beyond_the_exponents_of_arb() -> None:
    # exp(1e5) has 144,000 bits, more than the cap.
    def tower(at: Any) -> Inequality:
        return exp(exp(at.x[0])) >= exp(exp(at.y[0]))

    assert decide_case(tower, _pair([1e5], [1.0])).decision is OUT_OF_RANGE


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("formula", [below, cauchy_schwarz, triangle])
def test_what_is_no_number_is_never_decided(
    formula: Callable[..., Inequality], value: float
) -> None:
    for instance in (_pair([value], [1.0]), _pair([1.0], [value])):
        assert decide_case(formula, instance).decision is OUTSIDE
        assert not screen_batch(formula, single(instance, "")).held.any()


def test_a_division_by_zero_is_undefined() -> None:
    def quotient(at: Any) -> Inequality:
        return 1 / (at.x[0] - at.x[0]) >= at.y[0]

    result = decide_case(quotient, _pair([1.0], [0.0]))
    assert (result.decision, result.undefined) == (Decision.UNDEFINED, "a division by 0")


def affine_bregman(at: Any) -> Inequality:
    """Lemma 1 with the loss y p: <w - w*, y x> >= y <w, x> - y <w*, x>, an equality."""
    return (at.x - 0.1) @ (3 * at.y) >= 3 * (at.x @ at.y) - 3 * (0 * at.x + 0.1) @ at.y


SCALES = [1.0, 1e-160, 1e150, 2.0**-1074, 1e300]


@pytest.mark.parametrize("scale", SCALES)
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_affine_identities_are_equal_at_every_scale(scale: float, seed: int) -> None:
    def identity(at: Any) -> Inequality:
        return (at.x + at.y) @ at.x >= sq(at.x) + at.y @ at.x

    rng = np.random.default_rng(seed)
    x, y = (np.round(rng.normal(0.0, 100.0, 3)) * scale for _ in range(2))
    result = decide_case(identity, Pair(x, y))
    assert result.decision is EQUAL
    assert result.relative_slack == 0


@pytest.mark.parametrize("scale", SCALES)
@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1))
def test_inequalities_are_decided_at_every_scale(scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = (rng.integers(1, 100, 3) * scale for _ in range(2))
    parallel = all(Fraction(a) * Fraction(y[0]) == Fraction(b) * Fraction(x[0])
                   for a, b in zip(x, y, strict=True))  # fmt: skip
    if parallel:
        return

    def false(at: Any) -> Inequality:
        return at.x @ at.y >= norm(at.x) * norm(at.y)

    assert decide_case(cauchy_schwarz, Pair(x, y)).decision is HOLDS
    assert decide_case(false, Pair(x, y)).decision is VIOLATED


def test_exact_numbers_decide_beyond_the_range_of_floats() -> None:
    def powers(at: Any) -> Inequality:
        return at.x[0] ** 5 >= at.x[0] * (at.x[0] ** 2) ** 2

    result = decide_case(powers, _pair([1.1e200], [0.0]))
    assert (result.decision, result.lhs) == (EQUAL, np.inf)


def test_unknown_numbers_are_left_to_balls() -> None:
    def transcendental(at: Any) -> Inequality:
        return log(at.x[0]) >= at.y[0]

    assert decide_exactly(transcendental, _pair([2.0], [0.5])) is None
    assert decide_exactly(below, _pair([2.0], [3.0])) is not None


def test_balls_alone_leave_near_ties_open() -> None:
    def near(at: Any) -> Inequality:
        return sqrt(at.x[0]) ** 2 >= at.x[0]

    result = decide_with_balls(near, _pair([2.0], [0.0]), 128)
    assert result.decision is TIGHT
    assert result.tight_bits is not None
    assert result.tight_bits >= 128 - 8
    assert decide_case(near, _pair([2.0], [0.0])).decision is EQUAL


# -- batches -----------------------------------------------------------------------------------


def _batch(seed: int, size: int = 24) -> Batch:
    """Ordinary cases, parallel vectors, zeros, huge, tiny, subnormal and non-finite ones."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 3, size))
    y[:, :4] = 2.0 * x[:, :4]
    x[:, 4] = 0.0
    x[:, 5:8] *= 1e300
    x[:, 8:11] *= 1e-200
    y[:, 10:13] *= 1e-310
    x[0, 13], y[1, 14] = np.nan, np.inf
    return Batch(Pair(x, y), size, "all sorts")


def strict(at: Any) -> Inequality:
    return at.x @ at.y >= 1


@pytest.mark.parametrize("formula", [cauchy_schwarz, triangle, strict, affine_bregman, below])
@pytest.mark.parametrize("seed", range(3))
def test_batches_agree_with_cases(formula: Callable[..., Inequality], seed: int) -> None:
    batch = _batch(seed)
    decided = decide_batch(formula, batch)
    for index in range(batch.size):
        one, alone = decided.result(index), decide_case(formula, batch.case(index))
        if one.guarantee != "float-bound":
            assert one.decision is alone.decision
            assert one.guarantee == alone.guarantee
        else:
            # The float rung proves >= only; equality is among its cases.
            assert one.decision is HOLDS
            assert alone.decision in (HOLDS, EQUAL)
            assert alone.nontrivial or not one.nontrivial


def test_float_rung_decides_ordinary_cases_and_nothing_false() -> None:
    rng = np.random.default_rng(0)
    batch = Batch(Pair(*rng.standard_normal((2, 3, 200))), 200, "gaussian")
    # Relative slacks of random directions in 3 dimensions are far above 2^-40.
    assert screen_batch(cauchy_schwarz, batch).held.all()
    false = screen_batch(lambda at: at.x @ at.y >= norm(at.x) * norm(at.y), batch)
    assert not false.held.any()


def test_violations_in_batches_are_proved_by_balls() -> None:
    batch = _batch(0)
    decided = decide_batch(strict, batch)
    violated = [r for r in decided.escalated.values() if r.decision is VIOLATED]
    assert violated
    assert all(r.guarantee.startswith("ball") or r.guarantee == "exact" for r in violated)


def test_arrays_shared_by_the_batch() -> None:
    x, y = np.array([[1.0], [2.0]]), np.array([[1.0, -1.0, 2.0], [1.0, 1.0, 4.0]])
    decided = decide_batch(cauchy_schwarz, Batch(Pair(x, y), 3, "shared"))
    assert [decided.result(i).decision for i in range(3)] == [HOLDS, HOLDS, EQUAL]


def test_constant_sides_are_decided_for_every_case() -> None:
    decided = decide_batch(lambda at: 0 * at.x[0] + 1 >= 0, _batch(0, 24).part(slice(0, 4)))
    assert [decided.result(i).decision for i in range(4)] == [HOLDS] * 4


def test_branching_on_an_enclosure_is_refused() -> None:
    def branching(at: Any) -> Inequality:
        return below(at) if at.x[0]._add(at.y[0]) else triangle(at)

    with pytest.raises(TypeError, match="as a truth value"):
        decide_case(branching, _pair([1.0], [2.0]))


def test_claims_are_formulas_for_the_ladder() -> None:
    @claim(given=st.nothing(), id="user.scaled", constants={"c": 2})
    def scaled(at: Any, c: Any) -> Inequality:
        return c * sq(at.x) >= sq(at.y)

    instance = _pair([1.0, 1.0], [2.0, 0.0])
    assert decide_case(scaled, instance).decision is EQUAL
    assert decide_case(scaled.with_constants(c=Fraction(19, 10)), instance).decision is VIOLATED
    assert decide_case(scaled.with_constants(c=2.5), instance).decision is HOLDS


def test_claims_that_return_no_inequality_are_refused() -> None:
    @claim(given=st.nothing(), id="user.bool")
    def wrong(at: Any) -> Any:
        return True

    with pytest.raises(FormulaError, match=r"returns True, a truth value.*lhs >= rhs"):
        decide_case(wrong, _pair([1.0], [1.0]))


def test_exact_numbers_and_balls_that_disagree_are_a_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whichever of two computations is wrong, neither decides."""
    monkeypatch.setattr(Surd, "sqrt", lambda x: x)
    result = decide_case(lambda at: sqrt(at.x[0]) ** 2 >= at.x[0], _pair([3.0], [0.0]))
    assert result.decision is Decision.ORACLE_BROKEN
    assert "exact numbers and balls disagree: the lhs is 9 and 3" in result.unproved
