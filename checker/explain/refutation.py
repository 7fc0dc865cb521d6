"""A counterexample as a theorem of Coq: not all numbers are as the claim asserts.

The formula, traced on the case, is written down for all numbers of the case's size, with the
premises that are formulas, too. It is refuted by the numbers of the case, which are rational.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from checker.arithmetic.inequality import Inequality
from checker.arithmetic.premise import Proved
from checker.arithmetic.recorded import Node
from checker.claims.claim import Claim
from checker.errors import InputError
from checker.explain.gallina import DEFINED, DEFINITIONS, Terms, ordered
from checker.explain.membership import Member, members
from checker.explain.recording import MAX_NUMBERS, Recording, record
from checker.explain.refuting import MAX_LEMMA, Case, NoProof, is_equation, sides_of
from checker.explain.script import entry_names
from checker.instances import escapes
from checker.instances.domains import domains_of
from checker.instances.fields import numbers_of
from checker.instances.text import fields_of

# Larger formulas, written out without abbreviations, take Coq's tactics too long.
MAX_TREE = 50_000

# Expressions that occur more than once are abbreviated if they are longer than that.
_SHARED = 12

_WIDTH = 96

# What a variable must not be called: words of Coq, and what formulas use.
_WORDS = """
as at cofix else end exists exists2 fix for forall fun if IF in let match mod Prop return Set then
Type using where with by do now Rabs Rmax sqrt exp ln sin cos tan atan PI R Z IZR INR Rlt Rle Rgt
Rge sigmoid softplus tanh tanh_ log_cosh asserted refuted max_by_abs
"""
_RESERVED = frozenset(_WORDS.split())


@dataclass(frozen=True)
class Theorem:
    """The text of a file for Coq, or why there is none."""

    text: str | None = None
    problem: str = ""


NOT_TRACED = Theorem(problem="the formula cannot be traced")
TOO_LARGE = Theorem(problem=f"the case has more than {MAX_NUMBERS} numbers")


def theorem(claim: Claim, instance: Any) -> Theorem:
    """The theorem by which a case refutes a claim."""
    recording = record(claim, instance)
    if recording is None:
        return TOO_LARGE
    return theorem_of(claim, instance, recording)


def theorem_of(claim: Claim, instance: Any, recording: Recording) -> Theorem:
    """The theorem for a recorded evaluation."""
    try:
        return Theorem(_File(claim, instance, recording).text())
    except (NoProof, InputError) as error:
        return Theorem(problem=str(error))


@dataclass
class _File:
    """The parts of one file."""

    claim: Claim
    instance: Any
    recording: Recording

    def __post_init__(self) -> None:
        unproved = self.recording.lhs.unproved or self.recording.rhs.unproved
        if unproved:
            raise NoProof(f"it rests on an unproved step: {unproved}")
        self.names = _names(self.recording)
        self.leaves = {n: text for n, text in self.names.items() if n.op == "leaf"}
        self.premises = list(self._premises())
        self.relations = [*(p for _, p in self.premises), self.recording.asserted]
        self.sides = [side for r in self.relations for side in sides_of(r)]
        if _tree_size(self.sides) > MAX_TREE:
            raise NoProof(f"written out, the formula has more than {MAX_TREE:,} operations")

    def _premises(self) -> Iterator[tuple[str, Inequality]]:
        yield from self.recording.premises.items()
        for k, given in enumerate(self.recording.asserted.given, 1):
            yield f"premise {k}", given

    # -- the statement --------------------------------------------------------------------------

    def text(self) -> str:
        sets = self._sets()
        case = Case(self.relations, self.leaves, [m.proof for m in sets])
        proved = case.proved()
        imports = ["Require Import Reals Lra."]
        imports += [] if case.by_fractions else ["From Interval Require Import Tactic."]
        parts = [self._heading(), "\n".join([*imports, "Open Scope R_scope."])]
        parts += [text for op, text in DEFINITIONS.items() if op in case.operations]
        parts += [MAX_LEMMA] if "max" in case.operations else []
        variables = " ".join(self.leaves.values())
        parts.append(
            "(* What is claimed of these numbers. *)\n"
            f"Definition asserted ({variables} : R) : Prop :=\n{self._statement(sets)}."
        )
        return "\n\n".join([*parts, proved]) + "\n"

    def _sets(self) -> list[Member]:
        """That the numbers lie in the sets that the claim takes them from."""
        domains, numbers = domains_of(type(self.instance)), numbers_of(self.instance)
        fields = zip(numbers, self.recording.fields.values(), strict=True)
        known = [(domains.get(name), leaf.terms.entries) for name, leaf in fields]
        return [m for domain, entries in known for m in members(domain, entries, self.leaves)]

    def _statement(self, sets: Sequence[Member]) -> str:
        """The formula: sets, abbreviations, premises, conclusion."""
        terms = Terms(self.leaves, DEFINED)
        lines = [line for m in sets for line in _wrapped(f"{m.text} ->")]
        uses = _uses(self.sides)
        taken = {*self.leaves.values(), *_RESERVED}
        named: dict[Node, str] = {}
        for node in ordered(self.sides):
            text = terms.written(node)
            if not node.atomic and uses[node] > 1 and len(text) > _SHARED:
                named[node] = _free(self.names.get(node, f"t_{len(named) + 1}"), taken)
                taken.add(named[node])
                lines += _wrapped(f"let {named[node]} := {text} in")
                text = named[node]
            terms.know(node, text)
        for name, relation in self.premises:
            lines += [f"  (* {_comment(name)} *)", *_wrapped(f"{_relation(relation, terms)} ->")]
        lines += _wrapped(_relation(self.relations[-1], terms))
        return "\n".join(lines)

    # -- what it is about -----------------------------------------------------------------------

    def _heading(self) -> str:
        claim = self.claim
        title = "" if claim.title in claim.id else f": {claim.title}"
        lines = [f"Counterexample to {claim.id}{title}"]
        lines += [claim.why] if claim.why else []
        if claim.source is not None:
            paper = claim.source.paper
            lines.append(f"{paper.authors}, {paper.title} {paper.venue}. {claim.source.label}")
        lines += [f"Statement: {claim.statement}"] if claim.statement else []
        numbers = set(self.recording.fields) | {
            name for name, value in vars(self.instance).items() if isinstance(value, np.ndarray)
        }
        carried = [f"{k} = {v}" for k, v in fields_of(self.instance) if k not in numbers]
        lines += [f"Of this case: {', '.join(carried)}."] if carried else []
        untold = [a.name for a in claim.assuming if not isinstance(a.holds, Proved)]
        if untold:
            lines.append(
                "Decided by the checker of this case, and not stated here: "
                f"{', '.join(x.replace('_', ' ') for x in untold)}."
            )
        lines.append("Where a formula goes by values, as for norms of 0, it is that of this case.")
        return "\n".join(f"(* {part} *)" for x in lines for part in _lines(_comment(x)))


def _relation(relation: Inequality, terms: Terms) -> str:
    left, right = sides_of(relation)
    sign = "=" if is_equation(relation) else ">" if relation.strict else ">="
    return f"{terms.text(left)} {sign} {terms.text(right)}"


def _names(recording: Recording) -> dict[Node, str]:
    """Names that are identifiers of Coq: plain letters, no word of the language."""
    names: dict[Node, str] = {}
    taken = set(_RESERVED)
    for node, name in entry_names(recording).items():
        plain = re.sub(r"[^A-Za-z0-9_]", "", name)
        names[node] = _free(plain if re.match(r"[A-Za-z]", plain) else f"x{plain}", taken)
        taken.add(names[node])
    return names


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _uses(sides: Iterable[Node]) -> Counter[Node]:
    uses = Counter(sides)
    for node in ordered(list(uses)):
        uses.update(node.operands)
    return uses


def _tree_size(sides: Iterable[Node]) -> int:
    """Operations of the sides when nothing is abbreviated."""
    size: dict[Node, int] = {}
    kept = list(sides)
    for node in ordered(kept):
        size[node] = 1 + sum(size[x] for x in node.operands)
    return sum(size[x] for x in kept)


def _comment(text: str) -> str:
    """Text that ends no comment, and begins neither another one nor a string."""
    plain = escapes.one_line(text).replace('"', "'")
    return plain.replace("(*", "( *").replace("*)", "* )")


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH - 6) or [""]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
