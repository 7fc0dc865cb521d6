"""Both sides of a claim on one instance, step by step, so that a reader can check them by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from checker.arithmetic.ball import working_precision
from checker.arithmetic.exact import Surd
from checker.arithmetic.recorded import Node, Recorded
from checker.claims.claim import Claim
from checker.explain.expression import Mathematics, number_text
from checker.explain.recording import Recording, reachable, record

MAX_STEPS = 25

# Entries of an array that are written out, and digits of an enclosure.
_ENTRIES, _DIGITS = 6, 17

# Exact numbers with longer texts are shown by an enclosure.
_LONG = 28


@dataclass(frozen=True, eq=False)
class Step:
    """One quantity on the way.

    Attributes
    ----------
    name
        What the claim's author calls it; empty for a part of a side.
    expression
        How it follows from the instance and earlier steps.
    value
        Exact numbers, or enclosures, as text.
    computed
        The value itself: balls, and exact numbers where known.
    """

    name: str
    expression: str
    value: str
    computed: Recorded

    def __str__(self) -> str:
        parts = [self.name, self.expression, self.value]
        # A number that is its own expression is written once.
        shown = dict.fromkeys(part for part in parts if part)
        return " = ".join(shown)


def steps(claim: Claim, instance: Any) -> list[Step]:
    """The steps to both sides of a claim; none if the instance is too large."""
    recording = record(claim, instance)
    return [] if recording is None else steps_of(recording)


def steps_of(recording: Recording) -> list[Step]:
    """Named quantities in the order of computation, the terms of both sides, then the sides."""
    for chosen in _ever_fewer(recording):
        found = _steps(recording, chosen)
        if len(found) <= MAX_STEPS:
            return found
    return found[-MAX_STEPS:]


def _ever_fewer(recording: Recording) -> Iterator[tuple[dict[Node, str], bool]]:
    """Names to use, and whether to show the terms of the sides: less and less."""
    names = recording.names
    yield names, True
    yield names, False
    # Quantities that are used once may be written where they are used.
    order = reachable(recording)
    uses = Counter(operand for node in order for operand in node.operands)
    fields = {value.node for value in recording.fields.values()}
    often = {n: name for n, name in names.items() if n in fields or uses[n] > 1}
    yield often, True
    yield often, False


def _steps(recording: Recording, chosen: tuple[dict[Node, str], bool]) -> list[Step]:
    names, with_terms = chosen
    values = {value.node: value for value in recording.quantities.values()}
    printer = Mathematics(names)
    with working_precision(recording.bits):
        found = [
            _step(names[node], printer, values[node])
            for node in reachable(recording)
            if node in names and node in values
        ]
        for side, value in zip(("lhs", "rhs"), recording.sides, strict=True):
            if with_terms:
                found += [_step("", printer, part) for part in _terms(value, names)]
            found.append(_side(side, printer, value))
    return found


def _step(name: str, printer: Mathematics, value: Recorded) -> Step:
    return Step(name, printer.text(value.node), value_text(value), value)


def _side(name: str, printer: Mathematics, value: Recorded) -> Step:
    """A side that has a name already is not written out a second time."""
    if value.node in printer.names:
        return Step(name, printer.names[value.node], value_text(value), value)
    return _step(name, printer, value)


_DESCENDED = ("add", "mul", "div", "neg", "sqrt", "abs")


def _terms(side: Recorded, names: dict[Node, str]) -> list[Recorded]:
    """The unnamed parts that a side consists of, from the inside out."""
    parts: list[Recorded] = []

    def visit(value: Recorded, top: bool) -> None:
        if value.node in names or value.node.atomic:
            return
        if value.node.op in _DESCENDED:
            for operand in value.origins:
                visit(operand, False)
        if not top and value.node.op not in ("neg", "index") and value.shape == ():
            parts.append(value)

    visit(side, True)
    return list({part.node: part for part in parts}.values())


# -- values -----------------------------------------------------------------------------------


def value_text(value: Recorded) -> str:
    """Numbers exactly where they are known, else enclosed."""
    pairs = list(zip(value.exact.entries.flat, value.ball.entries.flat, strict=True))
    if len(pairs) == 1:
        return entry_text(*pairs[0])
    if len(pairs) > _ENTRIES:
        first = ", ".join(entry_text(*pair, short=True) for pair in pairs[:3])
        return f"[{first}, …], shape {'×'.join(map(str, value.shape))}"
    texts = np.array([entry_text(*pair, short=True) for pair in pairs], dtype=object)
    return _nested(texts.reshape(value.shape).tolist())


def _nested(texts: Any) -> str:
    return texts if isinstance(texts, str) else f"[{', '.join(_nested(t) for t in texts)}]"


def entry_text(exact: Surd, ball: Any, short: bool = False) -> str:
    """One number: exact (with an approximation unless `short`), or an enclosure."""
    text = surd_text(exact) if exact.known else ""
    if not text or len(text) > _LONG:
        return enclosure_text(ball)
    plain = not any(letter in text for letter in "√/")
    return text if plain or short else f"{text} ≈ {ball.str(_DIGITS, radius=False)}"


def surd_text(number: Surd) -> str:
    """r·√q with a whole number under the root, small squares taken out."""
    ratio = Fraction(int(number.ratio.p), int(number.ratio.q))
    radicand = Fraction(int(number.radicand.p), int(number.radicand.q))
    whole, ratio = radicand.numerator * radicand.denominator, ratio / radicand.denominator
    for factor in range(2, 100):
        while whole % factor**2 == 0 and whole:
            whole, ratio = whole // factor**2, ratio * factor
    if whole == 1:
        return number_text(ratio)
    sign = "-" if ratio < 0 else ""
    top = f"√{whole}" if abs(ratio.numerator) == 1 else f"{abs(ratio.numerator)}·√{whole}"
    return f"{sign}{top}" if ratio.denominator == 1 else f"{sign}{top}/{ratio.denominator}"


def enclosure_text(ball: Any) -> str:
    """`1.41421356 ± 4.9e-9`: the exact number lies inside."""
    if not ball.is_finite():
        return "not enclosed"
    text: str = ball.str(_DIGITS)
    if not text.startswith("["):
        # Without a radius the digits are exact.
        return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    middle, _, radius = text.strip("[]").rpartition(" +/- ")
    return f"{middle.strip() or '0'} ± {radius.strip().removeprefix('+/- ')}"
