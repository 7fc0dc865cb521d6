"""Polynomial claims by the solver z3, over any real numbers: it proves, and it finds candidates.

z3 is asked whether numbers of the sets, which meet the premises, violate the claim. "No" proves the
claim, as far as z3 is trusted: its answer has no certificate that a short program could check.
"Yes" is believed only where the checker's own decision of those numbers says so.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from checker.proofs.boxes.program import NotBounded, Problem, Relation, Step

MISSING = "z3 might decide it: pip install 'landscape-checker[prove]'"

# Megabytes that z3 may use.
_MEMORY = 4000

# Bits to which the numbers of a model are rounded, fewest first.
_BITS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 60, 80)


@dataclass(frozen=True)
class Answer:
    """What z3 has found: proved, or a reason, or numbers that may violate the claim."""

    proved: bool = False
    reason: str = ""
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
    """One relation as a question to z3.

    Attributes
    ----------
    known
        The expressions of the steps.
    facts
        What defines quotients and roots.
    """

    z3: Any
    problem: Problem
    relation: Relation
    deadline: float
    known: list[Any] = field(default_factory=list)
    facts: list[Any] = field(default_factory=list)

    def answer(self) -> Answer:
        """Whether the formula is defined everywhere, and violated nowhere."""
        variables = [self.z3.Real(name) for name in self.problem.names]
        inside = list(self._inside(variables))
        for step in self.problem.steps:
            undefined = self._translated(step, variables)
            if undefined is not None:
                found = self._check([*inside, *self.facts, undefined])
                if found is not None:
                    return Answer(reason=_undefined(found))
                self._define(step)
        met = [self._sign(place, strict) for place, strict in self.relation.premises]
        violated = self.z3.Not(self._sign(self.relation.slack, self.relation.strict))
        found = self._check([*inside, *self.facts, *met, violated])
        if found is None:
            return Answer(proved=True)
        if isinstance(found, str):
            return Answer(reason=found)
        return Answer(reason="z3 has a model", model=tuple(_number(found, v) for v in variables))

    def _inside(self, variables: Sequence[Any]) -> Iterator[Any]:
        for x, (low, high), open_ in zip(
            variables, self.problem.box, self.problem.open_below, strict=True
        ):
            if low > -float("inf"):
                least = self._rational(Fraction(low))
                yield x > least if open_ else x >= least
            if high < float("inf"):
                yield x <= self._rational(Fraction(high))

    def _sign(self, place: int, strict: bool) -> Any:
        return self.known[place] > 0 if strict else self.known[place] >= 0

    def _rational(self, value: Fraction) -> Any:
        return self.z3.Q(value.numerator, value.denominator)

    def _translated(self, step: Step, variables: Sequence[Any]) -> Any:
        """Append the expression of a step; returned is where it is not defined, or None."""
        op, *operands = step
        if op in ("var", "const"):
            known = variables[operands[0]] if op == "var" else self._rational(Fraction(operands[0]))
            self.known.append(known)
            return None
        if op == "pow":
            self.known.append(_power(self.known[operands[0]], operands[1]))
            return None
        parts = [self.known[k] for k in operands]
        if op in ("div", "sqrt"):
            self.known.append(self.z3.Real(f"{op}!{len(self.known)}"))
            return parts[1] == 0 if op == "div" else parts[0] < 0
        if op not in _TERMS:
            raise NotBounded(f"z3 decides polynomials, roots and quotients, and no {op}")
        self.known.append(_TERMS[op](self.z3, *parts))
        return None

    def _define(self, step: Step) -> None:
        """What is so of a quotient or root that is known to be defined."""
        op, *operands = step
        made, first = self.known[-1], self.known[operands[0]]
        if op == "div":
            self.facts.append(made * self.known[operands[1]] == first)
        else:
            self.facts += [made >= 0, made * made == first]

    def _check(self, conditions: Sequence[Any]) -> Any:
        """None where nothing meets the conditions; a model; or a sentence that z3 gave up."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return "z3 had no time left"
        solver = self.z3.SolverFor("QF_NRA")
        solver.set("timeout", max(1, int(left * 1000)))
        solver.set("max_memory", _MEMORY)
        solver.add(*conditions)
        said = solver.check()
        if said == self.z3.unsat:
            return None
        if said == self.z3.sat:
            return solver.model()
        return f"z3 gave up: {solver.reason_unknown()}"


_TERMS: Mapping[str, Callable[..., Any]] = {
    "add": lambda z3, x, y: x + y,
    "mul": lambda z3, x, y: x * y,
    "neg": lambda z3, x: -x,
    "abs": lambda z3, x: z3.If(x >= 0, x, -x),
    "max": lambda z3, x, y: z3.If(x >= y, x, y),
}


def _power(x: Any, n: int) -> Any:
    product = x
    for _ in range(n - 1):
        product = product * x
    return product


def _undefined(found: Any) -> str:
    if isinstance(found, str):
        return found
    return (
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
