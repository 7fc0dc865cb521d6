"""The ladder: float64 with proved bounds, balls of growing precision, exact numbers.

A case is HOLDS or VIOLATED only when the enclosures of both sides prove it. The float rung may
prove HOLDS alone; violations are always proved by balls or exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from checker.arithmetic.ball import Ball, slack_bits, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.environment import require_sound_arithmetic
from checker.arithmetic.exact import Exact, relative_difference, sign_of_difference
from checker.arithmetic.inequality import Inequality
from checker.instances.fields import Batch, FloatArray, map_arrays

# A claim's formula: an instance in some arithmetic -> the inequality (and what must be positive
# for the bound to say anything).
Formula = Callable[[Any], Inequality]
Weight = Callable[[Any, Inequality], Any]


class Decision(Enum):
    """What is known of one case; the value is the wording used in reports."""

    HOLDS = "holds, with room to spare"
    EQUAL = "holds with equality, proved exactly"
    VIOLATED = "violated"
    TIGHT = "too close to equality to separate at the precision cap"
    OUT_OF_RANGE = "beyond the range of ball arithmetic"


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
        arithmetic says if that step made no error.
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


def decide_case(formula: Formula, instance: Any, weight: Weight = positive_rhs) -> CaseResult:
    """Decide one instance: balls, exact numbers, then balls up to the precision cap."""
    first, *further = BALL_PRECISIONS
    result = decide_with_balls(formula, instance, first, weight)
    if result.decision in _UNDECIDED:
        exact = decide_exactly(formula, instance, weight)
        if exact is not None:
            return exact
    for bits in further:
        if result.decision not in _UNDECIDED:
            break
        result = decide_with_balls(formula, instance, bits, weight)
    return result


_UNDECIDED = (Decision.TIGHT, Decision.OUT_OF_RANGE)


def decide_with_balls(
    formula: Formula, instance: Any, bits: int, weight: Weight = positive_rhs
) -> CaseResult:
    """Decide one instance by balls of the given precision; TIGHT where they overlap."""
    with working_precision(bits):
        at = map_arrays(instance, Ball.constant)
        inequality = formula(at)
        lhs, rhs = inequality.lhs.item, inequality.rhs.item
        slack = lhs - rhs
        decision, tight = _judge(slack, bits)
        reason = _not_proved(inequality.lhs, inequality.rhs)
        return CaseResult(
            decision,
            UNPROVED if reason else f"ball({bits} bits)",
            _middle(lhs),
            _middle(rhs),
            0.0 if decision is Decision.EQUAL else _relative(slack, lhs, rhs),
            bool(weight(at, inequality).item > 0),
            tight,
            _radius(lhs),
            _radius(rhs),
            reason,
        )


def _judge(slack: Any, bits: int) -> tuple[Decision, int | None]:
    if not slack.is_finite():
        return Decision.OUT_OF_RANGE, None
    if slack.is_zero():
        return Decision.EQUAL, None
    if slack >= 0:
        return Decision.HOLDS, None
    if slack < 0:
        return Decision.VIOLATED, None
    return Decision.TIGHT, slack_bits(slack)


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


def _relative(slack: Any, lhs: Any, rhs: Any) -> float:
    scale = abs(lhs).max(abs(rhs))
    if not (slack.is_finite() and scale > 0):
        return float("nan")
    value = _middle(slack / scale)
    # A slack below the range of floats is not 0: that is kept for proved equality.
    least = math.ulp(0.0)
    return least if value == 0 and slack > 0 else -least if value == 0 and slack < 0 else value


def decide_exactly(
    formula: Formula, instance: Any, weight: Weight = positive_rhs
) -> CaseResult | None:
    """Decide one instance in exact numbers, or None where they do not reach."""
    at = map_arrays(instance, Exact.constant)
    inequality = formula(at)
    lhs, rhs, scale = inequality.lhs.item, inequality.rhs.item, weight(at, inequality).item
    if not (lhs.known and rhs.known and scale.known):
        return None
    order = sign_of_difference(lhs, rhs)
    decision = (Decision.EQUAL, Decision.HOLDS, Decision.VIOLATED)[order]
    reason = _not_proved(inequality.lhs, inequality.rhs)
    (left, left_radius), (right, right_radius) = _rounded(lhs), _rounded(rhs)
    return CaseResult(
        decision,
        UNPROVED if reason else "exact",
        left,
        right,
        relative_difference(lhs, rhs),
        scale.sign > 0,
        lhs_radius=left_radius,
        rhs_radius=right_radius,
        unproved=reason,
    )


def _rounded(number: Any) -> tuple[float, float]:
    """An exact number as a float, and a bound on the rounding."""
    with working_precision(BALL_PRECISIONS[0]):
        value = float(number)
        return value, _distance(number.ball, value)


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
    return map_arrays(batch.instances, Bounded)


def decide_batch(
    formula: Formula, batch: Batch, weight: Weight = positive_rhs, lifted: Any = None
) -> BatchResult:
    """Decide every case of a batch. `lifted` reuses common terms between claims."""
    result = screen_batch(formula, batch, weight, lifted)
    for index in np.flatnonzero(~result.held):
        result.escalated[int(index)] = decide_case(formula, batch.case(int(index)), weight)
    return result


def screen_batch(
    formula: Formula, batch: Batch, weight: Weight = positive_rhs, lifted: Any = None
) -> BatchResult:
    """The float rung alone: which cases are proved to hold, and how close all of them are."""
    require_sound_arithmetic()
    with np.errstate(all="ignore"):
        at = lift_batch(batch) if lifted is None else lifted
        inequality = formula(at)
        slack = inequality.slack
        lhs, rhs = _over(inequality.lhs.value, batch), _over(inequality.rhs.value, batch)
        scale = np.maximum(np.abs(lhs), np.abs(rhs))
        return BatchResult(
            held=_over(slack.lower, batch) >= 0,
            nontrivial=_over(weight(at, inequality).lower, batch) > 0,
            relative_slack=_over(slack.value, batch) / scale,
            lhs=lhs,
            rhs=rhs,
            lhs_radius=_over(inequality.lhs.radius, batch),
            rhs_radius=_over(inequality.rhs.radius, batch),
            unproved=_not_proved(inequality.lhs, inequality.rhs),
        )


def _over(values: FloatArray, batch: Batch) -> FloatArray:
    return np.broadcast_to(values, (batch.size,))
