"""The ladder: float64 with proved bounds, balls of growing precision, exact numbers.

A case is HOLDS or VIOLATED only when the enclosures of both sides prove it. The float rung may
prove HOLDS alone; violations are always proved by balls or exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from checker.arithmetic.arrays.array import Array
from checker.arithmetic.ball import Ball, slack_bits, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.checks.agreement import disagreements
from checker.arithmetic.checks.environment import require_sound_arithmetic
from checker.arithmetic.closed.arrays import Closed, NoClosedForm
from checker.arithmetic.closed.sums import limited_work, work
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.exact import Exact
from checker.arithmetic.inequality import Inequality
from checker.arithmetic.lifting import lifted
from checker.errors import InputError
from checker.instances.fields import (
    Batch,
    FloatArray,
    finite_cases,
    is_finite,
)
from checker.instances.precise import rounded_premises
from checker.stopping import Stopped, check

# A claim's formula: an instance in some arithmetic -> the inequality (and what must be positive
# for the bound to say anything).
Formula = Callable[[Any], Inequality]
Weight = Callable[[Any, Inequality], Any]
Mask = NDArray[np.bool_]


class Decision(Enum):
    """What is known of one case; the value is the wording used in reports."""

    HOLDS = "holds, with room to spare"
    EQUAL = "holds with equality, proved exactly"
    VIOLATED = "violated"
    TIGHT = "too close to equality to separate at the precision cap"
    UNDEFINED = "undefined: a side has no value"
    OUT_OF_RANGE = "a side is undefined, or beyond the range of ball arithmetic"
    OUTSIDE = "outside every claim: an entry is infinite or NaN"
    EXCLUDED = "outside the assumptions, whatever float64 says of them"
    ORACLE_BROKEN = "not decided: two independent computations of one quantity disagree"


@dataclass(frozen=True)
class CaseResult:
    """The decision on one case and how it was reached.

    Attributes
    ----------
    decision
        What was proved.
    guarantee
        How: "float-bound", "ball(128 bits)", "exact", or "unproved".
    lhs, rhs
        Approximate values, for reading; each within its radius of the exact one.
    lhs_radius, rhs_radius
        Proved bounds on the errors of `lhs` and `rhs`; NaN where nothing is known.
    relative_slack
        (lhs - rhs) / max(|lhs|, |rhs|), approximate; exactly 0 only for EQUAL and TIGHT.
    nontrivial
        Whether the bound was proved to say something.
    tight_bits
        For TIGHT: |lhs - rhs| <= 2**-tight_bits.
    unproved
        For the guarantee "unproved": the step that was not proved. The decision is then what the
        arithmetic says if that step made no error; for ORACLE_BROKEN, what disagrees.
    undefined
        For UNDEFINED: the operation that has no value.
    missed
        For EXCLUDED: the assumptions that the instance does not meet, and by how much.
    """

    decision: Decision
    guarantee: str
    lhs: float
    rhs: float
    relative_slack: float
    nontrivial: bool
    tight_bits: int | None = None
    lhs_radius: float = math.nan
    rhs_radius: float = math.nan
    unproved: str = ""
    undefined: str = ""
    missed: str = ""

    @property
    def rung(self) -> str:
        """ "float", "ball", "exact" or "unproved"."""
        return self.guarantee.partition("(")[0].partition("-")[0]

    @property
    def refutes(self) -> bool:
        """Whether a violation was proved."""
        return self.decision is Decision.VIOLATED and not self.unproved


UNPROVED = "unproved"


def _not_proved(*sides: Any) -> str:
    """Why an inequality's sides are not proved; empty if they are."""
    return next((side.unproved for side in sides if side.unproved), "")


def positive_rhs(_at: Any, inequality: Inequality) -> Any:
    """The usual test for a bound that says something: its right-hand side is positive."""
    return inequality.rhs


def weighed(weight: Weight, at: Any, inequality: Inequality) -> Any:
    """The number that is positive where the bound says something.

    Raises
    ------
    InputError
        For a weight that is none, such as a text or an array.
    """
    number = weight(at, inequality)
    if not isinstance(number, Array) or number.shape != ():
        raise InputError(
            f"its weight is of type {type(number).__name__}, not a number of the arithmetic",
            hint="Return a number computed from the instance or the inequality, as in "
            "`lambda at, inequality: inequality.rhs`",
        )
    return number


def decide_case(formula: Formula, instance: Any, weight: Weight = positive_rhs) -> CaseResult:
    """Decide one instance: balls, exact numbers, then balls up to the precision cap.

    A formula that has `oracles`, as a claim may, is believed a violation only where these agree.

    Raises
    ------
    Stopped
        When the work that this is part of has to stop.
    """
    result = decide_alone(formula, instance, weight)
    if not result.refutes:
        return result
    reason = next(disagreements(getattr(formula, "oracles", ()), instance), "")
    if not reason:
        return result
    return replace(result, decision=Decision.ORACLE_BROKEN, guarantee=UNPROVED, unproved=reason)


def decide_alone(formula: Formula, instance: Any, weight: Weight = positive_rhs) -> CaseResult:
    """As `decide_case`, without a question to oracles: for searches that ask them at the end."""
    check()
    if not is_finite(instance):
        return _OUTSIDE
    parts = formula.parts_at(instance) if hasattr(formula, "parts_at") else [formula]
    if len(parts) > 1:
        return min((decide_alone(part, instance, weight) for part in parts), key=_gravity)
    result = _climbed(formula, instance, weight)
    if result.decision is not Decision.VIOLATED:
        return result
    return _under_assumptions(result, getattr(formula, "assuming", ()), instance)


def _under_assumptions(result: CaseResult, assumptions: Any, instance: Any) -> CaseResult:
    """A violation, where all assumptions are met that were tested in float64."""
    missed, unproved = rounded_premises(assumptions, instance)
    if missed:
        return replace(result, decision=Decision.EXCLUDED)
    if not unproved or result.unproved:
        return result
    reason = (
        f"the assumption {unproved[0]} was tested in float64, which rounds; written like a claim, "
        "as in assuming=[lambda at: norm(at.x) <= 1], it is decided"
    )
    return replace(result, guarantee=UNPROVED, unproved=reason)


def _climbed(formula: Formula, instance: Any, weight: Weight) -> CaseResult:
    """Up the ladder for one conclusion."""
    exactly = {BALL_PRECISIONS[0]: decide_exactly, BALL_PRECISIONS[1]: decide_in_closed_form}
    for bits in BALL_PRECISIONS:
        check()
        result = decide_with_balls(formula, instance, bits, weight)
        if result.decision not in _UNDECIDED:
            break
        exact = exactly[bits](formula, instance, weight) if bits in exactly else None
        # What has no value has no enclosure either.
        if exact is not None and (not exact.undefined or result.decision is Decision.OUT_OF_RANGE):
            return _compared(exact, result)
    return result


def _compared(exact: CaseResult, balls: CaseResult) -> CaseResult:
    """What exact numbers say, unless balls of the same sides exclude it: then neither is right."""
    for side in ("lhs", "rhs"):
        apart = abs(getattr(exact, side) - getattr(balls, side))
        near = getattr(exact, f"{side}_radius") + getattr(balls, f"{side}_radius")
        # A side without an enclosure is compared with nothing.
        if apart > 2 * near:
            numbers = " and ".join(f"{getattr(x, side):.17g}" for x in (exact, balls))
            reason = f"exact numbers and balls disagree: the {side} is {numbers}"
            return replace(
                exact, decision=Decision.ORACLE_BROKEN, guarantee=UNPROVED, unproved=reason
            )
    return exact


def _gravity(result: CaseResult) -> tuple[int, float]:
    """Of several conclusions the one that matters most comes first."""
    order = (Decision.VIOLATED, Decision.TIGHT, Decision.OUT_OF_RANGE, Decision.UNDEFINED)
    place = order.index(result.decision) if result.decision in order else len(order)
    slack = result.relative_slack
    return place, slack if math.isfinite(slack) else math.inf


# Of the digits of a float.
_FLOAT_BITS = 53

_UNDECIDED = (Decision.TIGHT, Decision.OUT_OF_RANGE)
_UNDEFINED = CaseResult(Decision.UNDEFINED, "exact", math.nan, math.nan, math.nan, False)
_OUTSIDE = CaseResult(Decision.OUTSIDE, UNPROVED, math.nan, math.nan, math.nan, False)


def decide_with_balls(
    formula: Formula, instance: Any, bits: int, weight: Weight = positive_rhs
) -> CaseResult:
    """Decide one instance by balls of the given precision; TIGHT where they overlap."""
    with working_precision(bits):
        at = lifted(instance, Ball.constant)
        inequality = formula(at)
        lhs, rhs = inequality.lhs.item, inequality.rhs.item
        slack = lhs - rhs
        decision, tight = _judge(slack, bits, inequality.strict)
        premises = [_judge((p.slack).item, bits, p.strict)[0] for p in inequality.given]
        reason = _not_proved(inequality.lhs, inequality.rhs)
        scale = None if inequality.scale is None else inequality.scale.item
        return CaseResult(
            _under(premises, decision),
            UNPROVED if reason else f"ball({bits} bits)",
            _middle(lhs),
            _middle(rhs),
            0.0 if slack.is_zero() else _relative(slack, lhs, rhs, scale),
            _says_something(premises) and bool(weighed(weight, at, inequality).item > 0),
            tight,
            _radius(lhs),
            _radius(rhs),
            reason,
        )


def _judge(slack: Any, bits: int, strict: bool = False) -> tuple[Decision, int | None]:
    if not slack.is_finite():
        return Decision.OUT_OF_RANGE, None
    if slack.is_zero():
        return (Decision.VIOLATED if strict else Decision.EQUAL), None
    if slack > 0 or (slack >= 0 and not strict):
        return Decision.HOLDS, None
    if slack < 0 or (slack <= 0 and strict):
        return Decision.VIOLATED, None
    return Decision.TIGHT, slack_bits(slack)


def _under(premises: Sequence[Decision], decision: Decision) -> Decision:
    """The decision on "where the premises hold, so does the conclusion"."""
    if Decision.VIOLATED in premises:
        return Decision.HOLDS
    if _says_something(premises) or decision in (Decision.HOLDS, Decision.EQUAL):
        return decision
    return Decision.OUT_OF_RANGE if Decision.OUT_OF_RANGE in premises else Decision.TIGHT


def _says_something(premises: Sequence[Decision]) -> bool:
    return all(p in (Decision.HOLDS, Decision.EQUAL) for p in premises)


def _middle(ball: Any) -> float:
    return float(ball.mid()) if ball.is_finite() else float("nan")


def _radius(ball: Any) -> float:
    """An upper bound on the distance of the ball's numbers from its middle as a float."""
    if not ball.is_finite():
        return math.nan
    return _distance(ball, float(ball.mid()))


def _distance(ball: Any, value: float) -> float:
    """An upper bound on |x - value| over the ball."""
    distance = abs(ball - arb(value)).upper()
    return math.nextafter(float(distance), math.inf) if distance > 0 else 0.0


def _relative(slack: Any, lhs: Any, rhs: Any, scale: Any = None) -> float:
    scale = abs(lhs).max(abs(rhs)) if scale is None else scale
    if not (slack.is_finite() and scale > 0):
        return float("nan")
    value = _middle(slack / scale)
    # A slack below the range of floats is not 0: that is kept for proved equality.
    least = math.ulp(0.0)
    return least if value == 0 and slack > 0 else -least if value == 0 and slack < 0 else value


def decide_exactly(
    formula: Formula, instance: Any, weight: Weight = positive_rhs
) -> CaseResult | None:
    """Decide one instance in exact numbers r·√q, or None where they do not reach."""
    return _exactly(formula, instance, weight, Exact.constant)


def decide_in_closed_form(
    formula: Formula, instance: Any, weight: Weight = positive_rhs
) -> CaseResult | None:
    """Decide one instance in closed forms, or None where they do not reach."""
    with limited_work(), suppress(NoClosedForm):
        return _exactly(formula, instance, weight, Closed.constant)
    return None


def _exactly(
    formula: Formula, instance: Any, weight: Weight, constant: Callable[[FloatArray], Any]
) -> CaseResult | None:
    at = lifted(instance, constant)
    inequality = formula(at)
    lhs, rhs = inequality.lhs.item, inequality.rhs.item
    if not (lhs.known and rhs.known):
        reason = work().undefined
        return replace(_UNDEFINED, undefined=reason) if reason else None
    scale = weighed(weight, at, inequality).item
    if not scale.known:
        return None
    premises = [_exact_decision(p) for p in inequality.given]
    decision = _ordered(lhs, rhs, inequality.strict)
    if decision is None or scale.sign is None or None in premises:
        return None
    known = [p for p in premises if p is not None]
    reason = _not_proved(inequality.lhs, inequality.rhs)
    (left, left_radius), (right, right_radius) = _rounded(lhs), _rounded(rhs)
    apart, size = lhs.apart(rhs), inequality.scale
    if size is not None and size.item.known and apart:
        # The same sign, against another scale; approximate, as every relative slack is.
        apart = math.copysign(max(abs((left - right) / float(size.item)), math.ulp(0.0)), apart)
    return CaseResult(
        _under(known, decision),
        UNPROVED if reason else "exact",
        left,
        right,
        apart,
        _says_something(known) and scale.sign > 0,
        lhs_radius=left_radius,
        rhs_radius=right_radius,
        unproved=reason,
    )


def _ordered(lhs: Any, rhs: Any, strict: bool) -> Decision | None:
    order = lhs.order(rhs) if lhs.known and rhs.known else None
    equal = Decision.VIOLATED if strict else Decision.EQUAL
    return None if order is None else (equal, Decision.HOLDS, Decision.VIOLATED)[order]


def _exact_decision(premise: Inequality) -> Decision | None:
    return _ordered(premise.lhs.item, premise.rhs.item, premise.strict)


def _rounded(number: Any) -> tuple[float, float]:
    """An exact number as a float, and a bound on the rounding: by the first precision at which all
    digits of a float are known, since terms may cancel."""
    for bits in BALL_PRECISIONS:
        with working_precision(bits):
            ball = number.ball
            if ball.rel_accuracy_bits() >= _FLOAT_BITS:
                break
    value = float(ball.mid())
    return value, _distance(ball, value)


@dataclass
class BatchResult:
    """Decisions on a batch: those proved in float64 as masks, the others case by case.

    Attributes
    ----------
    held, nontrivial
        Boolean arrays over the batch: proved by the float rung.
    relative_slack
        Approximate, over the batch; NaN where float64 knows nothing.
    escalated
        Case index -> result of the higher rungs.
    failed
        Boolean array over the batch: violated by the float rung's enclosures. It refutes nothing.
    """

    held: NDArray[np.bool_]
    nontrivial: NDArray[np.bool_]
    relative_slack: FloatArray
    lhs: FloatArray
    rhs: FloatArray
    lhs_radius: FloatArray
    rhs_radius: FloatArray
    unproved: str = ""
    escalated: dict[int, CaseResult] = field(default_factory=dict)
    failed: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def result(self, index: int) -> CaseResult:
        """The decision on one case."""
        if index in self.escalated:
            return self.escalated[index]
        return CaseResult(
            Decision.HOLDS,
            UNPROVED if self.unproved else "float-bound",
            float(self.lhs[index]),
            float(self.rhs[index]),
            float(self.relative_slack[index]),
            bool(self.nontrivial[index]),
            None,
            float(self.lhs_radius[index]),
            float(self.rhs_radius[index]),
            self.unproved,
        )


def lift_batch(batch: Batch) -> Any:
    """The batch's instances with float64 arrays that carry error bounds."""
    return lifted(batch.instances, Bounded)


def decide_batch(
    formula: Formula, batch: Batch, weight: Weight = positive_rhs, terms: Any = None
) -> BatchResult:
    """Decide every case of a batch. `terms` reuses common terms between claims.

    When the work has to stop, the cases that the float rung left open stay out of the result.
    """
    result = screen_batch(formula, batch, weight, terms)
    with suppress(Stopped):
        for index in np.flatnonzero(~result.held):
            result.escalated[int(index)] = decide_case(formula, batch.case(int(index)), weight)
    return result


def screen_batch(
    formula: Formula, batch: Batch, weight: Weight = positive_rhs, terms: Any = None
) -> BatchResult:
    """The float rung alone: which cases are proved to hold, and how close all of them are."""
    require_sound_arithmetic()
    with np.errstate(all="ignore"):
        at = lift_batch(batch) if terms is None else terms
        inequality = formula(at)
        slack = inequality.slack
        lhs, rhs = _over(inequality.lhs.value, batch), _over(inequality.rhs.value, batch)
        met, failed = premises_of(inequality, batch.size)
        result = BatchResult(
            held=_is_proved(slack, inequality.strict, batch.size) | failed,
            nontrivial=met & (_over(weighed(weight, at, inequality).lower, batch) > 0),
            relative_slack=_over(slack.value, batch) / size_of(inequality),
            lhs=lhs,
            rhs=rhs,
            lhs_radius=_over(inequality.lhs.radius, batch),
            rhs_radius=_over(inequality.rhs.radius, batch),
            unproved=_not_proved(inequality.lhs, inequality.rhs),
            failed=_is_refuted(slack, inequality.strict, batch.size) & met,
        )
    result.held &= finite_cases(batch)
    return result


def size_of(inequality: Inequality) -> FloatArray:
    """What the slack of a batch is measured against, approximately."""
    if inequality.scale is not None:
        given: FloatArray = inequality.scale.value
        return given
    size: FloatArray = np.maximum(np.abs(inequality.lhs.value), np.abs(inequality.rhs.value))
    return size


def premises_of(inequality: Inequality, size: int) -> tuple[Mask, Mask]:
    """In which cases float64 proves all premises, and in which it proves that one is violated."""
    met, failed = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    for premise in inequality.given:
        met &= _is_proved(premise.slack, premise.strict, size)
        failed |= _is_refuted(premise.slack, premise.strict, size)
    return met, failed


def _is_proved(slack: Any, strict: bool, size: int) -> Mask:
    lower = np.broadcast_to(slack.lower, (size,))
    return lower > 0 if strict else lower >= 0


def _is_refuted(slack: Any, strict: bool, size: int) -> Mask:
    upper = np.broadcast_to(slack.upper, (size,))
    return upper <= 0 if strict else upper < 0


def _over(values: FloatArray, batch: Batch) -> FloatArray:
    return np.broadcast_to(values, (batch.size,))
