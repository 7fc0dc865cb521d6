"""Whether a formula asserts the same of every instance, proved."""

from __future__ import annotations

from typing import Any

from flint import arb

from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.constants import BALL_PRECISIONS
from checker.arithmetic.decide import Formula
from checker.arithmetic.lifting import lifted
from checker.errors import FormulaError


def is_constant(formula: Formula, instance: Any) -> bool:
    """Whether it is proved that both sides are constants for all instances of this one's shapes.

    They are where no number of the instance enters them, and where balls around 0 that hold all
    floats in place of its numbers leave them exact, as in 0·x.
    """
    return _is_computed_without(formula, instance) or _is_exact_everywhere(formula, instance)


def _is_computed_without(formula: Formula, instance: Any) -> bool:
    with working_precision(BALL_PRECISIONS[0]):
        at = lifted(instance, lambda a: Ball.constant(a).marked("of the instance"))
        inequality = formula(at)
        return not (inequality.lhs.unproved or inequality.rhs.unproved)


def _is_exact_everywhere(formula: Formula, instance: Any) -> bool:
    anything = arb(0, arb((1, 1024)))
    with working_precision(BALL_PRECISIONS[0]):
        at = lifted(instance, lambda a: Ball.constant(a)._each(lambda _: anything))
        try:
            inequality = formula(at)
        except FormulaError:
            # A program takes the floats of an instance only.
            return False
        return all(x.item.is_exact() for x in (inequality.lhs, inequality.rhs))
