"""A claim's traced formula as a list of operations: what is bounded on boxes, and certified."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

from checker.arithmetic.inequality import Inequality
from checker.arithmetic.premise import Proved
from checker.arithmetic.recorded import Node
from checker.claims.claim import Claim
from checker.claims.form import Form
from checker.errors import InputError
from checker.explain.gallina import ordered
from checker.proofs.boxes.sets import NotBounded, forms_of, not_always_met, symbols
from checker.proofs.boxes.small_matrix import SmallMatrix
from checker.proofs.symbols import OPAQUE, taking

# An operation with the places of its operands: ("add", 3, 4), ("const", "1/3"), ("var", 0).
Step = tuple[Any, ...]

UNARY = ("neg", "abs", "sqrt", "exp", "log", "tanh", "sigmoid", "softplus", "log_cosh")
BINARY = ("add", "mul", "div", "max")


@dataclass(frozen=True)
class Relation:
    """slack >= 0, or > 0, wherever the premises hold; places in the program.

    Attributes
    ----------
    premises
        (place, whether it is strict) of what has to be >= 0, or > 0.
    """

    slack: int
    strict: bool
    premises: tuple[tuple[int, bool], ...] = ()


@dataclass(frozen=True)
class Problem:
    """What is to be proved on a box.

    Attributes
    ----------
    form
        What the variables make up.
    names
        Of the variables, in the order of the program.
    box
        (least, greatest) number for each.
    sizes
        Of the named dimensions.
    untold
        Assumptions of the claim that are no formulas: it is proved without them.
    open_below
        Of which variables the least number is left out.
    """

    form: Form
    names: tuple[str, ...]
    box: tuple[tuple[float, float], ...]
    steps: tuple[Step, ...]
    relations: tuple[Relation, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    open_below: tuple[bool, ...] = ()

    @property
    def set_text(self) -> str:
        """As `x in [0, 1], u_1 in [-1, 1] (k = 1)`, or `points (d = 1)` where they have a name."""
        sizes = ", ".join(f"{k} = {n}" for k, n in self.sizes.items())
        named = f" ({sizes})" if sizes else ""
        if self.form.words:
            return f"{self.form.words}{named}"
        ends = zip(self.names, self.box, self.open_below, strict=True)
        sides = [f"{n} in {_interval_text(*side, open_)}" for n, side, open_ in ends]
        return ", ".join(sides) + named

    def instance(self, point: Sequence[float]) -> Any:
        """The instance of these values of the variables; `InputError` where there is none."""
        return self.form.instance(self.sizes, list(point))


def _interval_text(low: float, high: float, open_below: bool) -> str:
    left = "(" if open_below or math.isinf(low) else "["
    return f"{left}{low!r}, {high!r}{')' if math.isinf(high) else ']'}"


def problems_of(
    claim: Claim, sizes: Mapping[str, int], *, compact: bool = True, formula: int = 0
) -> list[Problem]:
    """The problems of a claim at given sizes of its dimensions, one for each form of its instances.

    Parameters
    ----------
    compact
        Whether every number has to lie in a compact interval, as boxes need it; equations are
        refused then, too.
    formula
        Which of two formulas for the same number is taken (`tighter`).

    Raises
    ------
    NotBounded
        When its numbers do not lie in such sets, or its formula has other operations.
    """
    return [_problem(claim, form, sizes, compact, formula) for form in forms_of(claim)]


def _problem(
    claim: Claim, form: Form, sizes: Mapping[str, int], compact: bool, formula: int
) -> Problem:
    instance, sets = symbols(form, sizes, compact)
    box = {name: (low, high) for name, (low, high, _) in sets.items()}
    try:
        with taking(formula):
            asserted = claim.conclusions(instance)
            given = [_premises(a.holds, instance) for a in claim.assuming]
    except InputError as error:
        raise NotBounded(str(error)) from error
    premises = [a for a, said in zip(claim.assuming, given, strict=True) if said is None]
    untold = not_always_met(claim, form, sizes, premises) if form.words else premises
    writer = _Writer(list(box), compact)
    common = [p for each in given for p in each or ()]
    relations = tuple(writer.relation(r, common) for r in asserted)
    limits = tuple(box.values())
    known = {k: n for k, n in sizes.items() if k in form.dimensions}
    steps, open_below = tuple(writer.steps), tuple(open_ for _, _, open_ in sets.values())
    names = tuple(a.name for a in untold)
    return Problem(form, tuple(box), limits, steps, relations, known, names, open_below)


def _premises(holds: Any, instance: Any) -> list[Inequality] | None:
    return [holds.inequality(instance)] if isinstance(holds, Proved) else None


@dataclass
class _Writer:
    """Nodes as steps, each once."""

    names: list[str]
    compact: bool = True
    steps: list[Step] = field(default_factory=list)
    _places: dict[Step, int] = field(default_factory=dict)
    _known: dict[Node, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for k in range(len(self.names)):
            self._step("var", k)

    def relation(self, of: Inequality, common: Sequence[Inequality]) -> Relation:
        if of.identity and self.compact:
            raise NotBounded("an equation leaves no room for enclosures; boxes prove inequalities")
        if self.compact and any(p.identity for p in (*common, *of.given)):
            raise NotBounded("a premise is an equation, which holds on no box")
        premises = [(self._slack(p), p.strict) for p in (*common, *of.given)]
        return Relation(self._slack(of), of.strict, tuple(premises))

    def _slack(self, of: Inequality) -> int:
        left, right = (self._place(side.item) for side in (of.lhs, of.rhs))
        if self.steps[right] == ("const", "0"):
            return left
        return self._step("add", left, self._step("neg", right))

    def _place(self, side: Node) -> int:
        for node in ordered([side]):
            if node not in self._known:
                self._known[node] = self._written(node)
        return self._known[side]

    def sum(self, *places: int) -> int:
        """The sum of numbers that are known."""
        return reduce(lambda x, y: self._step("add", x, y), places)

    def product(self, left: int, right: int) -> int:
        """The product of numbers that are known."""
        return self._product(left, right)

    def scaled(self, factor: str, place: int) -> int:
        """A known number times a fraction."""
        return self._product(self._step("const", factor), place)

    def root(self, place: int) -> int:
        """The square root of a known number."""
        return self._step("sqrt", place)

    def _written(self, node: Node) -> int:
        if node.op == "leaf":
            return self._step("var", self.names.index(node.value))
        if node.op == "const":
            return self._step("const", str(Fraction(node.value)))
        operands = [self._known[x] for x in node.operands]
        if node.op == "div" and self.steps[operands[1]][0] == "const":
            return self._scaled(operands[0], Fraction(self.steps[operands[1]][1]))
        if node.op == "mul":
            return self._product(*operands)
        if node.op in UNARY or node.op in BINARY:
            return self._step(node.op, *operands)
        if node.op in OPAQUE:
            return SmallMatrix(self, operands, node.shape).number(node.op)
        raise NotBounded(f"{node.op} has no enclosure on boxes")

    def _scaled(self, place: int, divisor: Fraction) -> int:
        """A quotient by a known number as a product: its derivatives are computed exactly."""
        if divisor == 0:
            raise NotBounded("the formula divides by 0")
        return self._product(place, self._step("const", str(1 / divisor)))

    def _product(self, left: int, right: int) -> int:
        """A power where both are powers of the same number: its enclosure is tighter."""
        (x, i), (y, j) = (self._power(p) for p in (left, right))
        if x == y and self.steps[x][0] != "const":
            return self._step("pow", x, i + j)
        for zero in (left, right):
            if self.steps[zero] == ("const", "0"):
                return zero
        return self._step("mul", left, right)

    def _power(self, place: int) -> tuple[int, int]:
        step = self.steps[place]
        return (step[1], step[2]) if step[0] == "pow" else (place, 1)

    def _step(self, *step: Any) -> int:
        if step not in self._places:
            self._places[step] = len(self.steps)
            self.steps.append(step)
        return self._places[step]


# -- exact values ---------------------------------------------------------------------------------

_EXACT: Mapping[str, Callable[..., Fraction]] = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "max": max,
    "neg": lambda x: -x,
    "abs": abs,
}


def exact_value(steps: Iterable[Step], place: int, point: Sequence[Fraction]) -> Fraction | None:
    """The number at a place, where it is computed by fractions alone."""
    values: list[Fraction | None] = []
    for step in steps:
        values.append(_exactly(step, values, point))
    return values[place]


def _exactly(
    step: Step, values: Sequence[Fraction | None], point: Sequence[Fraction]
) -> Fraction | None:
    op, *operands = step
    if op == "var":
        return point[operands[0]]
    if op == "const":
        return Fraction(operands[0])
    if op == "pow":
        base = values[operands[0]]
        return None if base is None else base ** operands[1]
    known = [values[k] for k in operands]
    if op not in _EXACT or None in known or (op == "div" and known[1] == 0):
        return None
    return _EXACT[op](*known)


def simple_points(box: Sequence[tuple[float, float]]) -> Iterator[tuple[Fraction, ...]]:
    """Points of a box with few digits: where equality is likely to hold."""
    middle = [Fraction(a) / 2 + Fraction(b) / 2 for a, b in box]
    for most in (1, 2, 3, 4, 6, 8, 10, 16, 64, 1000):
        point = tuple(x.limit_denominator(most) for x in middle)
        if all(a <= x <= b for x, (a, b) in zip(point, box, strict=True)):
            yield point
