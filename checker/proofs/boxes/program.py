"""A claim's traced formula as a list of operations: what is bounded on boxes, and certified."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from checker.arithmetic.inequality import Inequality
from checker.arithmetic.premise import Proved
from checker.arithmetic.recorded import Node
from checker.claims.claim import Claim
from checker.errors import InputError
from checker.explain.gallina import ordered
from checker.instances.domains import NumberDomain, domains_of
from checker.instances.fields import dimensions_of, dims_of, unchecked
from checker.proofs.symbols import Symbols, taking

# An operation with the places of its operands: ("add", 3, 4), ("const", "1/3"), ("var", 0).
Step = tuple[Any, ...]

UNARY = ("neg", "abs", "sqrt", "exp", "log", "tanh", "sigmoid", "softplus", "log_cosh")
BINARY = ("add", "mul", "div", "max")


class NotBounded(Exception):
    """Why a claim cannot be proved on boxes, in a sentence."""


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

    names: tuple[str, ...]
    box: tuple[tuple[float, float], ...]
    steps: tuple[Step, ...]
    relations: tuple[Relation, ...]
    sizes: Mapping[str, int] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    open_below: tuple[bool, ...] = ()

    @property
    def set_text(self) -> str:
        """As `x in [0, 1], u_1 in [-1, 1] (k = 1)`."""
        ends = zip(self.names, self.box, self.open_below, strict=True)
        sides = [f"{n} in {_interval_text(*side, open_)}" for n, side, open_ in ends]
        sizes = ", ".join(f"{k} = {n}" for k, n in self.sizes.items())
        return ", ".join(sides) + (f" ({sizes})" if sizes else "")


def _interval_text(low: float, high: float, open_below: bool) -> str:
    left = "(" if open_below or math.isinf(low) else "["
    return f"{left}{low!r}, {high!r}{')' if math.isinf(high) else ']'}"


def problem_of(claim: Claim, sizes: Mapping[str, int], *, compact: bool = True) -> Problem:
    """The problem of a claim at given sizes of its dimensions.

    Parameters
    ----------
    compact
        Whether every number has to lie in a compact interval, as boxes need it; equations are
        refused then, too.

    Raises
    ------
    NotBounded
        When its numbers do not lie in such sets, or its formula has other operations.
    """
    instance, sets = _symbols(claim, sizes, compact)
    box = {name: (low, high) for name, (low, high, _) in sets.items()}
    try:
        with taking(0):
            asserted = claim.conclusions(instance)
            given = [_premises(a.holds, instance) for a in claim.assuming]
    except InputError as error:
        raise NotBounded(str(error)) from error
    writer = _Writer(list(box), compact)
    common = [p for each in given for p in each or ()]
    relations = tuple(writer.relation(r, common) for r in asserted)
    untold = [a.name for a, said in zip(claim.assuming, given, strict=True) if said is None]
    limits = tuple(box.values())
    known = {k: n for k, n in sizes.items() if k in dimensions(claim)}
    steps, open_below = tuple(writer.steps), tuple(open_ for _, _, open_ in sets.values())
    return Problem(tuple(box), limits, steps, relations, known, tuple(untold), open_below)


def dimensions(claim: Claim) -> list[str]:
    """The named dimensions of a claim's arguments."""
    return dimensions_of(_instances(claim))


def _instances(claim: Claim) -> type:
    cls = getattr(claim.formula, "instances", None)
    if cls is None:
        raise NotBounded(
            "only claims that are functions of named arguments are proved on boxes: "
            "def f(x: interval(0, 1))"
        )
    return cls  # type: ignore[no-any-return]


# Least and greatest number of a set that is no interval, and whether the least is left out.
_UNBOUNDED = {
    "real": (-math.inf, math.inf, False),
    "positive": (0.0, math.inf, True),
    "nonnegative": (0.0, math.inf, False),
}


def _symbols(
    claim: Claim, sizes: Mapping[str, int], compact: bool
) -> tuple[Any, dict[str, tuple[float, float, bool]]]:
    """An instance of symbols, and the ends of each."""
    cls = _instances(claim)
    domains, dims = domains_of(cls), dims_of(cls)
    values: dict[str, Symbols] = {}
    ends: dict[str, tuple[float, float, bool]] = {}
    for name in getattr(cls, "__dataclass_fields__", ()):
        limits = _ends_of(name, domains.get(name), compact)
        values[name] = Symbols.named(name, dims[name].shape(sizes))
        ends |= {str(x.value): limits for x in values[name].entries.flat}
    return unchecked(cls, **values), ends


def _ends_of(name: str, domain: NumberDomain | None, compact: bool) -> tuple[float, float, bool]:
    if domain is None:
        raise NotBounded(f"nothing is known of the set of {name}")
    if domain.ends is not None and not domain.name.startswith("integer"):
        if compact and not all(map(math.isfinite, domain.ends)):
            raise NotBounded(f"{name} lies in {domain.name}, which is not compact")
        return *domain.ends, False
    if compact or domain.name not in _UNBOUNDED:
        kind = "compact interval; a box needs interval(low, high)" if compact else "interval"
        raise NotBounded(f"{name} is taken from {domain.name!r}, which is no {kind}")
    return _UNBOUNDED[domain.name]


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
