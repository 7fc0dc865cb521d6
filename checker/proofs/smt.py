"""Polynomial claims by the solver z3, over any real numbers: it proves, and it finds candidates.

z3 is asked whether numbers of the sets, which meet the premises, violate the claim. "No" proves the
claim, as far as z3 is trusted: its answer has no certificate that a short program could check.
"Yes" is believed only where the checker's own decision of those numbers says so.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from checker.proofs.boxes.program import Problem, Relation
from checker.proofs.radicals import Factors, Numbers, behind, rational, sides

MISSING = "z3 might decide it: pip install 'landscape-checker[prove]'"

# Megabytes that z3 may use.
_MEMORY = 4000

# Bits to which the numbers of a model are rounded, fewest first.
_BITS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 60, 80)


@dataclass(frozen=True)
class Answer:
    """What z3 has found: proved, or a reason, or numbers that may violate the claim.

    Attributes
    ----------
    undefined
        Whether the reason is that the formula is not defined everywhere.
    """

    proved: bool = False
    reason: str = ""
    undefined: bool = False
    model: tuple[Fraction, ...] = ()
    by: str = ""


def solver() -> Any:
    """The module z3, or None where it is not installed."""
    try:
        return importlib.import_module("z3")
    except ImportError:
        return None


def asked(z3: Any, problem: Problem, seconds: float) -> Answer:
    """The answer on all relations of a problem.

    Raises
    ------
    NotBounded
        When the formula is not made of + - * /, powers, roots, absolute values and maxima.
    """
    deadline = time.monotonic() + seconds
    try:
        for relation in problem.relations:
            answer = _Query(z3, problem, relation, deadline).answer()
            if not answer.proved:
                return answer
    except z3.Z3Exception as error:
        return Answer(reason=f"z3 failed: {error}")
    return Answer(
        True, by=f"z3 {z3.get_version_string()}, which is trusted: it gives no certificate"
    )


@dataclass
class _Query:
    """One relation as a question to z3."""

    z3: Any
    problem: Problem
    relation: Relation
    deadline: float

    def __post_init__(self) -> None:
        self.variables = [self.z3.Real(name) for name in self.problem.names]
        self.numbers = Numbers(self.z3, self.problem, self.variables)
        self.inside = list(self._inside())

    def answer(self) -> Answer:
        """Whether the formula is defined where the premises are met, and violated nowhere."""
        met: list[Any] = []
        for place, strict in self.relation.premises:
            undefined = self._undefined(place, [])
            if undefined is not None:
                return undefined
            met.append(self._holds(place, strict))
        undefined = self._undefined(self.relation.slack, met)
        if undefined is not None:
            return undefined
        holds = self._holds(self.relation.slack, self.relation.strict)
        found = self._check([*met, self.z3.Not(holds)])
        if found is None:
            return Answer(proved=True)
        if isinstance(found, str):
            return Answer(reason=found)
        return Answer(
            reason="z3 has a model", model=tuple(_number(found, v) for v in self.variables)
        )

    def _inside(self) -> Iterator[Any]:
        for x, (low, high), open_ in zip(
            self.variables, self.problem.box, self.problem.open_below, strict=True
        ):
            if low > -float("inf"):
                least = rational(self.z3, Fraction(low))
                yield x > least if open_ else x >= least
            if high < float("inf"):
                yield x <= rational(self.z3, Fraction(high))

    def _undefined(self, place: int, met: Sequence[Any]) -> Answer | None:
        """Where the number at a place may be undefined, an answer that says so.

        The places come in their order: what is known of a root counts once it is defined.
        """
        for each in sorted(behind(self.problem, place)):
            op, *operands = self.problem.steps[each]
            if op not in ("div", "sqrt"):
                continue
            operand = self.numbers[operands[-1]]
            if op == "div":
                outside = self.numbers.is_zero(operand)
            elif self.numbers.is_nonnegative(operand):
                continue
            else:
                outside = self.z3.Not(self.numbers.at_least(operand, Factors(0)))
            found = self._check([*met, outside])
            if found is not None:
                said = found if isinstance(found, str) else _UNDEFINED
                return Answer(reason=said, undefined=not isinstance(found, str))
        return None

    def _holds(self, slack: int, strict: bool) -> Any:
        """slack >= 0, or > 0, as a comparison of its two sides."""
        left, right = sides(self.problem, slack)
        x, y = self.numbers[left], Factors(0) if right is None else self.numbers[right]
        at_least = self.numbers.at_least
        return self.z3.Not(at_least(y, x)) if strict else at_least(x, y)

    def _check(self, conditions: Sequence[Any]) -> Any:
        """None where nothing meets the conditions; a model; or a sentence that z3 gave up."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return "z3 had no time left"
        solver = self.z3.SolverFor("QF_NRA")
        solver.set("timeout", max(1, int(left * 1000)))
        solver.set("max_memory", _MEMORY)
        solver.add(*self.inside, *self.numbers.facts, *conditions)
        said = solver.check()
        if said == self.z3.unsat:
            return None
        if said == self.z3.sat:
            return solver.model()
        return f"z3 gave up: {solver.reason_unknown()}"


_UNDEFINED = (
    "the formula is not defined everywhere on its sets: it divides by 0 or takes a root of less"
)


def _number(model: Any, variable: Any) -> Fraction:
    """A rational number at or near a model's number."""
    value = model.eval(variable, model_completion=True)
    if hasattr(value, "approx"):
        value = value.approx(40)
    return Fraction(value.numerator_as_long(), value.denominator_as_long())


def roundings(model: Sequence[Fraction], problem: Problem) -> Iterator[tuple[Fraction, ...]]:
    """Numbers near a model's that floats hold, within the sets; short ones first."""
    for bits in _BITS:
        point = tuple(Fraction(float(Fraction(round(x * 2**bits), 2**bits))) for x in model)
        if _is_inside(point, problem):
            yield point


def _is_inside(point: Sequence[Fraction], problem: Problem) -> bool:
    sides = zip(point, problem.box, problem.open_below, strict=True)
    return all(low <= x <= high and not (open_ and x == low) for x, (low, high), open_ in sides)
