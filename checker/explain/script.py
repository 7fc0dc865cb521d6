"""A script that shows a violation with Python's standard library alone."""

from __future__ import annotations

import keyword
import re
import textwrap
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from checker.arithmetic.function import FUNCTIONS
from checker.arithmetic.recorded import Node, Recorded
from checker.claims.claim import Claim
from checker.explain.expression import Printer
from checker.explain.rational import Rational
from checker.explain.recording import Recording, reachable, record
from checker.explain.script_numbers import DecimalPrinter, margin_of
from checker.explain.script_text import (
    DECIMALS,
    FRACTIONS,
    SQUARES,
    Mode,
    ending,
    heading,
    prelude,
)

# Scripts are shorter than that, or there is none.
MAX_LINES = 60

_WIDTH = 96

# Names that the scripts use themselves.
_RESERVED = {"Q", "D", "np", "lhs", "rhs", "sys", "margin", "violated", "isqrt", "getcontext"}
_RESERVED |= {"abs", "max", "min", "float", "len", "round", "print", "root", "sqrt", "exp", "log"}
_RESERVED |= {"lambda_min", "lambda_max", *(name for name, f in FUNCTIONS.items() if f.script)}
_RESERVED |= {"lhs_squared", "rhs_squared", "MAX_EMAX", "MIN_EMIN", "ArithmeticError"}

# Expressions that occur more than once get a variable if they are longer than that.
_SHARED = 24


def script(claim: Claim, instance: Any) -> str | None:
    """A Python script that compares both sides of a claim on one instance; None if it were longer
    than `MAX_LINES`, or its numbers left the range of decimals.

    It ends with exit status `VIOLATED` where the claim is violated.
    """
    recording = record(claim, instance)
    return None if recording is None else script_of(claim, recording)


def script_of(claim: Claim, recording: Recording) -> str | None:
    """The script for a recorded evaluation."""
    if any(
        node.op in FUNCTIONS and not FUNCTIONS[node.op].scripted for node in reachable(recording)
    ):
        return None
    names = entry_names(recording)
    for kept in (names, _fewer(recording, names)):
        text = _Script(claim, recording, kept).text()
        if text is None or text.count("\n") < MAX_LINES:
            return text
    return None


# -- names ------------------------------------------------------------------------------------


def entry_names(recording: Recording) -> dict[Node, str]:
    """A Python identifier for every number of the instance and of the named quantities."""
    names: dict[Node, str] = {}
    taken = set(_RESERVED)
    for name, value in {**recording.fields, **recording.quantities}.items():
        for suffix, entry in _entries(value):
            if entry in names or (entry.atomic and name not in recording.fields):
                continue
            names[entry] = _free((_identifier(name).strip("_") or "x") + suffix, taken)
            taken.add(names[entry])
    return names


def _identifier(name: str) -> str:
    plain = re.sub(r"\W+", "_", name).strip("_")
    return plain if plain.isidentifier() else f"x{plain}"


def _entries(value: Recorded) -> list[tuple[str, Node]]:
    """The entries of an array, with what tells their names apart."""
    entries = value.terms.entries
    if entries.size == 1:
        return [("", entries.item())]
    between = "" if max(entries.shape) <= 10 else "_"
    return [(f"_{between.join(map(str, i))}", x) for i, x in np.ndenumerate(entries)]


def _free(name: str, taken: set[str]) -> str:
    while name in taken or keyword.iskeyword(name):
        name += "_"
    return name


def _fewer(recording: Recording, names: dict[Node, str]) -> dict[Node, str]:
    """Only the names that save writing: fields, and quantities that are used more than once."""
    fields = {entry for value in recording.fields.values() for _, entry in _entries(value)}
    sides = [getattr(recording, side).terms.item for side in ("lhs", "rhs")]
    uses = _uses(sides)
    return {node: name for node, name in names.items() if node in fields or uses[node] > 1}


def _uses(sides: list[Node]) -> Counter[Node]:
    """How many expressions each expression is a part of."""
    uses: Counter[Node] = Counter(sides)
    for node in _ordered(sides):
        uses.update(set(node.operands))
    return uses


def _ordered(sides: list[Node]) -> list[Node]:
    """All expressions that the sides consist of, operands first."""
    order: dict[Node, None] = {}
    pending = [(side, False) for side in reversed(sides)]
    while pending:
        node, ready = pending.pop()
        if ready:
            order[node] = None
        elif node not in order:
            pending.append((node, True))
            pending += [(x, False) for x in reversed(node.operands)]
    return list(order)


# -- text -------------------------------------------------------------------------------------


@dataclass
class _Script:
    """The parts of one script."""

    claim: Claim
    recording: Recording
    names: dict[Node, str]

    def text(self) -> str | None:
        mode, sides, printer = self._written()
        numbers = self._numbers(printer)
        steps = _statements(sides, printer, mode, self._ranks())
        body = "\n".join(numbers + steps)
        margin = None
        if mode is DECIMALS:
            margin = margin_of(self.recording, lambda digits: self._body(mode, body, digits))
            if margin is None:
                return None
        top = heading(self.claim, self.recording, mode, margin)
        lines = [*top, *prelude(mode, body, margin.digits if margin else None), "", *numbers, ""]
        return "\n".join([*lines, *steps, "", *ending(mode, margin)]) + "\n"

    def _ranks(self) -> dict[str, int]:
        """Name of an entry -> the place of its array in the order of computation."""
        order = {node: i for i, node in enumerate(reachable(self.recording))}
        arrays = sorted(
            (v for v in self.recording.quantities.values() if v.node in order),
            key=lambda v: order[v.node],
        )
        entries = ((self.names.get(x), i) for i, v in enumerate(arrays) for _, x in _entries(v))
        return {name: i for name, i in entries if name is not None}

    @staticmethod
    def _body(mode: Mode, body: str, digits: int) -> str:
        return "\n".join([*prelude(mode, body, digits), body])

    def _written(self) -> tuple[Mode, list[Node], Printer]:
        """The simplest kind of number that will do, and both sides in it."""
        left, right = (getattr(self.recording, side).terms.item for side in ("lhs", "rhs"))
        rational = Rational(self.names)
        if rational.value(left) is not None and rational.value(right) is not None:
            sides = [rational.plain(left), rational.plain(right)]
            return FRACTIONS, sides, Printer(rational.names)
        if rational.square(left) is not None and rational.square(right) is not None:
            sides = [rational.signed(left), rational.signed(right)]
            return SQUARES, sides, Printer(rational.names)
        return DECIMALS, [left, right], DecimalPrinter(self.names)

    def _numbers(self, printer: Printer) -> list[str]:
        """The instance: a line per vector and per row of a matrix."""
        lines = []
        for value in self.recording.fields.values():
            entries = value.terms.entries
            narrow = entries.ndim < 2 or 1 in entries.shape
            for row in entries.reshape(1, -1) if narrow else entries.reshape(-1, entries.shape[-1]):
                names = ", ".join(self.names[x] for x in row)
                lines += _wrapped(names, ", ".join(printer.leaf(x.value) for x in row))
        return lines


def _statements(
    sides: list[Node], printer: Printer, mode: Mode, ranks: dict[str, int]
) -> list[str]:
    """Assignments of all named expressions, then of both sides."""
    names = dict(printer.names)
    printer.names = names
    _name_shared(sides, printer, names)
    reached = _ordered(sides)
    # The entries of one array stand together.
    roots = [n for n in reached if n in names and _rank(names[n], ranks) < len(ranks)]
    roots.sort(key=lambda n: _rank(names[n], ranks))
    made = [n for n in _ordered([*roots, *sides]) if n in names and not n.atomic]
    groups = groupby(made, key=lambda n: _rank(names[n], ranks))
    lines = [line for _, group in groups for line in _group(list(group), printer)]
    for name, side in zip(mode.sides, sides, strict=True):
        lines += _wrapped(name, printer.reference(side))
    return lines


def _rank(name: str, ranks: dict[str, int]) -> int:
    return ranks.get(name, ranks.get(name.removesuffix("_squared"), len(ranks)))


def _group(nodes: list[Node], printer: Printer) -> list[str]:
    """The entries of one array in one line if they fit, else one by one."""
    names, texts = [printer.names[n] for n in nodes], [printer.text(n) for n in nodes]
    together = f"{', '.join(names)} = {', '.join(texts)}"
    apart = not any(re.search(rf"\b{name}\b", text) for name in names for text in texts)
    if apart and len(together) < _WIDTH:
        return [together]
    return [line for n, t in zip(names, texts, strict=True) for line in _wrapped(n, t)]


def _name_shared(sides: list[Node], printer: Printer, names: dict[Node, str]) -> None:
    """Variables for long expressions that occur more than once."""
    uses, taken, shared = _uses(sides), set(names.values()) | _RESERVED, 1
    for node in _ordered(sides):
        again = uses[node] > 1 and node not in names and not node.atomic
        if again and len(printer.text(node)) > _SHARED:
            names[node] = _free(f"t_{shared}", taken)
            taken.add(names[node])
            shared += 1


def _wrapped(name: str, expression: str) -> list[str]:
    """An assignment, in parentheses where it needs several lines."""
    if len(name) + len(expression) < _WIDTH:
        return [f"{name} = {expression}"]
    parts = textwrap.wrap(expression, _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    if len(name) > _WIDTH - 4:
        names = textwrap.wrap(name, _WIDTH - 4, break_long_words=False)
        return ["(", *(f"    {line}" for line in names), ") = (", *_indented(parts), ")"]
    return [f"{name} = (", *_indented(parts), ")"]


def _indented(parts: list[str]) -> list[str]:
    return [f"    {part}" for part in parts]
