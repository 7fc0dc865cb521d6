"""The fixed parts of scripts: what they say of themselves, functions, and the comparison."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from checker.arithmetic.function import FUNCTIONS
from checker.claims.claim import Claim
from checker.explain.recording import Recording
from checker.explain.script_numbers import Margin
from checker.instances import escapes


@dataclass(frozen=True)
class Mode:
    """A kind of numbers, with the names under which a script compares both sides."""

    note: str
    sides: tuple[str, str] = ("lhs", "rhs")


FRACTIONS = Mode("Fractions only, so that the arithmetic is exact.")
SQUARES = Mode(
    "Fractions only, so that the arithmetic is exact. x|x|, the square with the sign of x, keeps "
    "the order of numbers, so both sides are compared by their squares and no root is left.",
    ("lhs_squared", "rhs_squared"),
)
DECIMALS = Mode("")

# Exit status where the claim is violated. Python's own for a script that fails is 1.
VIOLATED = 10

# First, so that nothing below can be taken for the encoding of the file.
_FIRST = f"# coding: utf-8; exit status {VIOLATED}: violated, 0: not, 1: this script is broken"

_EXACT_ROOT = """\
def sqrt(x):  # of the square of a fraction
    root = Q(isqrt(x.numerator), isqrt(x.denominator))
    if root * root != x:
        raise ArithmeticError("the root is not rational")
    return root
"""

# What scripts call that is no function of a formula.
_FURTHER = {
    "lambda_max": "def lambda_max(*matrix): return D(float(eigenvalues(matrix)[-1]))\n",
    "lambda_min": "def lambda_min(*matrix): return D(float(eigenvalues(matrix)[0]))\n",
}


def _definitions(body: str, exact: bool) -> str:
    """The functions that the statements call, and those that these call."""
    known = {name: f.script for name, f in FUNCTIONS.items() if f.script}
    if exact:
        known = {name: f.script for name, f in FUNCTIONS.items() if f.script and f.rational}
    known |= {} if exact else _FURTHER
    needed: dict[str, str] = {}
    while True:
        text = body + "".join(needed.values())
        new = {n: t for n, t in known.items() if n not in needed and _calls(n, text)}
        if not new:
            # Those that call none of the others come first.
            return "".join(reversed(needed.values()))
        needed |= new


def heading(claim: Claim, recording: Recording, mode: Mode, margin: Margin | None) -> list[str]:
    """Comments: claim, source, statement, and how the numbers are computed."""
    violated = recording.lhs.ball.item < recording.rhs.ball.item
    title = "" if claim.title in claim.id else f": {claim.title}"
    lines = [f"{'Counterexample to' if violated else 'A case of'} {claim.id}{title}"]
    lines += [claim.why] if claim.why else []
    if claim.source is not None:
        paper = claim.source.paper
        lines.append(f"{paper.authors}, {paper.title} {paper.venue}. {claim.source.label}")
    lines += [f"Statement: {claim.statement}"] if claim.statement else []
    note = mode.note
    if margin is not None:
        note = (
            f"Decimals of {margin.digits} digits: each side is within 1e{margin.error_exponent} of "
            f"the exact number (proved by enclosures), and both differ by about "
            f"1e{margin.size_exponent}."
        )
    parts = [p for line in [*lines, note] for p in textwrap.wrap(escapes.one_line(line), 96)]
    return [_FIRST, *(f"# {part}" for part in parts)]


def prelude(mode: Mode, body: str, digits: int | None) -> list[str]:
    """Imports and the functions that the statements use."""
    functions = _definitions(body, exact=mode is not DECIMALS)
    if mode is not DECIMALS:
        root = _calls("sqrt", body)
        lines = ["import sys", "from fractions import Fraction as Q"]
        lines += ["from math import isqrt", "", *_EXACT_ROOT.splitlines()] if root else []
        return [*lines, *functions.splitlines()]
    lines = ["import sys", "from decimal import Decimal as D, getcontext", ""]
    lines[2:2] = ["import numpy as np"] if "np." in functions else []
    return [*lines, f"getcontext().prec = {digits}", *functions.splitlines()]


def _calls(name: str, text: str) -> bool:
    return re.search(rf"(?<![.\w]){name}\(", text) is not None


def ending(mode: Mode, margin: Margin | None) -> list[str]:
    """The comparison, its wording and the exit status."""
    left, right = mode.sides
    if mode is SQUARES:
        shown = [
            "def root(x): return (1 if x > 0 else -1) * abs(float(x)) ** 0.5  # for reading only",
            "",
            f'print("lhs|lhs| = {{}}, lhs = {{:.17g}}".format({left}, root({left})))',
            f'print("rhs|rhs| = {{}}, rhs = {{:.17g}}".format({right}, root({right})))',
        ]
    else:
        shown = ['print("lhs =", lhs)', 'print("rhs =", rhs)']
    if margin is None:
        decided = [f"violated = {left} < {right}"]
        held = "holds: lhs >= rhs"
    else:
        decided = [f'margin = D("1e{margin.exponent}")', "violated = lhs + margin < rhs"]
        held = "no violation"
    return [
        *shown,
        *decided,
        f'print("violated: lhs < rhs" if violated else "{held}")',
        f"sys.exit({VIOLATED} if violated else 0)",
    ]
