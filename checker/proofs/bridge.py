"""From a claim's formula to statements in Coq at fixed sizes, to be derived from a theorem.

A theorem that a person has written down in Coq may be another one than the claim that the checker
evaluates. So the claim's own formula is run on symbols, what it computes becomes a statement about
real numbers, and a short script derives that statement from the general theorem. If the formula
says something else, by one constant or one sign, the script fails.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checker.arithmetic.recorded import Node
from checker.claims.claim import Claim
from checker.errors import InputError
from checker.explain.gallina import Terms, number, ordered
from checker.proofs.properties import described
from checker.proofs.symbols import OPAQUE, Symbols, taking


@dataclass(frozen=True)
class Size:
    """The dimensions of an instance, and whether its samples have weights of their own."""

    dims: tuple[int, ...]
    weighted: bool = True

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.dims))}){'' if self.weighted else ' without weights'}"


@dataclass(frozen=True)
class Premise:
    """A hypothesis of a statement: a relation between two numbers, and its name there."""

    name: str
    left: Any
    sign: str
    right: Any

    def text(self, terms: Terms) -> str:
        """As Coq writes it."""
        return f"{_term(self.left, terms)} {self.sign} {_term(self.right, terms)}"


def _term(value: Any, terms: Terms) -> str:
    return terms.number(value) if isinstance(value, Symbols) else number(value)


@dataclass(frozen=True, eq=False)
class Bridge:
    """How a claim's formula follows from a theorem.

    Attributes
    ----------
    instance
        Size -> an instance whose numbers are `Symbols`.
    premises
        Name of an assumption of the claim -> what it says of an instance; the key "" stands for
        what every instance of the domain satisfies, such as weights >= 0. An assumption that is
        left out is not needed; one that the instance has by its construction says nothing, but has
        to be named.
    script
        (instance, terms) -> tactics. In their context are the premises under their names, and what
        is said of each norm or eigenvalue x under the name x_is.
    imports
        The proofs that the script needs, as `shamir2018.proofs.Theorem1`.
    sizes
        Where it is done.
    """

    instance: Callable[[Size], Any]
    premises: Mapping[str, Callable[[Any], Iterable[Premise]]]
    script: Callable[[Any, Terms], str]
    imports: tuple[str, ...]
    sizes: Sequence[Size]


@dataclass(frozen=True)
class Statement:
    """What is to be proved of a claim's formula at one size, and the tactics for it."""

    heading: str
    text: str
    script: str


def statements(claim: Claim, bridge: Bridge) -> list[Statement]:
    """One statement for each size, or two where a quantity has two formulas (`tighter`).

    Raises
    ------
    InputError
        When the bridge assumes what the claim does not, or the formula has no term in Coq.
    """
    known = {"", *(a.name for a in claim.assuming)}
    foreign = [name for name in bridge.premises if name not in known]
    if foreign:
        raise InputError(
            f"the bridge of {claim.id} assumes {', '.join(foreign)}, which the claim does not"
        )
    return [made for size in bridge.sizes for made in _at_size(claim, bridge, size)]


def _at_size(claim: Claim, bridge: Bridge, size: Size) -> Iterator[Statement]:
    for formula, note in ((0, ""), (1, ", with the other of two formulas")):
        with taking(formula):
            made = _statement(claim, bridge, size, note)
            several = Symbols.choices > 0
        if formula == 0 or several:
            yield made


def _statement(claim: Claim, bridge: Bridge, size: Size, note: str) -> Statement:
    at = bridge.instance(size)
    inequality = claim(at)
    if inequality.strict or inequality.given:
        raise InputError(f"{claim.id} asserts more than one inequality lhs >= rhs")
    terms = Terms()
    sides = inequality.lhs.item, inequality.rhs.item
    premises = [p for rule in bridge.premises.values() for p in rule(at)]
    opaque = [n for n in ordered(sides) if n.op in OPAQUE]
    about = [(name, described(n, terms)) for n in opaque if (name := terms.declare(n))]
    lines = [f"forall {' '.join(_variables(at))} : R,"]
    lines += [f"  {p.text(terms)} ->" for p in premises]
    lines += [f"  forall {name} : R, {text} ->" for name, text in about]
    lines.append(f"  {terms.text(sides[0])} >= {terms.text(sides[1])}")
    named = [*(p.name for p in premises), *(x for name, _ in about for x in (name, f"{name}_is"))]
    script = f"intros {' '.join([*_variables(at), *named])}.\n{bridge.script(at, terms)}"
    return Statement(f"{size}{note}", "\n".join(lines), script)


def _variables(at: Any) -> list[str]:
    """The numbers of the instance, by name."""
    arrays = [getattr(at, f.name) for f in dataclasses.fields(at)]
    entries = [x for a in arrays if isinstance(a, Symbols) for x in a.entries.flat]
    return [str(x.value) for x in entries if isinstance(x, Node) and x.op == "leaf"]
