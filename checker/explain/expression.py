"""Recorded expressions as text: mathematics for readers, Python for scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from checker.arithmetic.arrays.indexing import index_text
from checker.arithmetic.function import FUNCTIONS
from checker.arithmetic.recorded import Node

# How tightly the outermost operation of a text binds.
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

Piece = tuple[str, int]


class Printer:
    """Python text of expressions; named ones are called by their names."""

    times = " * "
    names_of_calls: Mapping[str, str] = {}
    # Longer texts are of no use to anybody; None where they have to be whole.
    width: int | None = None

    def __init__(self, names: Mapping[Node, str]) -> None:
        self.names = names
        self._known: dict[Node, Piece] = {}
        self._powers: dict[Node, tuple[Node, int]] = {}

    def text(self, node: Node) -> str:
        """The expression in terms of fields and other named quantities."""
        for part in self._parts(node):
            self._composed(part)
        return self._composed(node)[0]

    def reference(self, node: Node) -> str:
        """The name of an expression, or its text."""
        return self.names[node] if node in self.names else self.text(node)

    def _parts(self, node: Node) -> Iterator[Node]:
        """What the text is composed of, the innermost first: loops make deeper expressions than
        Python's stack."""
        seen, pending = {node}, [(node, False)]
        while pending:
            part, ready = pending.pop()
            if ready:
                yield part
                continue
            pending.append((part, True))
            for operand in part.operands:
                known = operand in self._known or operand in self.names
                if not (known or operand.atomic or operand in seen):
                    seen.add(operand)
                    pending.append((operand, False))

    def number(self, value: Fraction) -> Piece:
        """A constant."""
        if value.denominator == 1:
            return str(value), ATOM if value >= 0 else SIGN
        return f"Q({value.numerator}, {value.denominator})", ATOM

    def leaf(self, value: Fraction) -> str:
        """A number of the instance."""
        if value.denominator < 10**6 and abs(value) < 10**12:
            return f"Q({value})".replace("/", ", ")
        return f'Q(float.fromhex("{float(value).hex()}"))'

    def power(self, base: Node, exponent: int) -> Piece:
        """base to a power."""
        return f"{self._at_least(base, ATOM)}**{exponent}", POWER

    def call(self, op: str, operands: tuple[Node, ...]) -> Piece:
        """A function of operands."""
        name = self.names_of_calls.get(op, op)
        return f"{name}({', '.join(self._piece(x)[0] for x in operands)})", ATOM

    # -- composition ----------------------------------------------------------------------------

    def _piece(self, node: Node) -> Piece:
        return (self.names[node], ATOM) if node in self.names else self._composed(node)

    def _composed(self, node: Node) -> Piece:
        """Each node once: an expression with shared parts may be a tree of exponential size."""
        if node not in self._known:
            text, level = self._written(node)
            if self.width is not None and len(text) > self.width:
                text = f"{text[: self.width - 1]}…"
            self._known[node] = text, level
        return self._known[node]

    def _written(self, node: Node) -> Piece:
        if node.op == "leaf":
            return self.names[node], ATOM
        if node.op == "const":
            return self._constant(node)
        same = self._same_value(node)
        if same is not None:
            return self._piece(same)
        handler = getattr(self, f"_{node.op}", None)
        piece: Piece = handler(node) if handler else self.call(node.op, node.operands)
        return piece

    def _same_value(self, node: Node) -> Node | None:
        """The operand of an operation that changes nothing about one number."""
        first, *more = node.operands or (node,)
        if node.op in ("T", "total", "index", "hstack", "vstack"):
            return first if first.single and not more else None
        # |‖x‖| arises where norms of norms are taken.
        length = first.op in ("abs", "spectral_norm") and first not in self.names
        return first if node.op == "abs" and length and first.single else None

    def _constant(self, node: Node) -> Piece:
        return self.number(node.value)

    def _at_least(self, node: Node, level: int) -> str:
        text, own = self._piece(node)
        return text if own >= level else f"({text})"

    def _add(self, node: Node) -> Piece:
        left, right = node.operands
        negative = self._opposite(right)
        if negative is not None:
            return f"{self._at_least(left, SUM)} - {self._at_least(negative, PRODUCT)}", SUM
        return f"{self._at_least(left, SUM)} + {self._at_least(right, SUM)}", SUM

    def _opposite(self, node: Node) -> Node | None:
        """x where the node is -x and not known by a name."""
        if node in self.names:
            return None
        if node.op == "const" and np.all(np.asarray(node.value) < 0):
            return Node("const", value=-node.value, shape=node.shape)
        return node.operands[0] if node.op == "neg" else None

    def _neg(self, node: Node) -> Piece:
        (operand,) = node.operands
        if operand.op == "max" and operand not in self.names:
            parts = [self._opposite(x) for x in operand.operands]
            if all(part is not None for part in parts):
                return self.call("min", tuple(part for part in parts if part is not None))
        return f"-{self._at_least(operand, PRODUCT)}", SIGN

    def _mul(self, node: Node) -> Piece:
        (x, i), (y, j) = (self._as_power(operand) for operand in node.operands)
        if x is y and x.shape == node.shape:
            return self.power(x, i + j)
        return self._product(*node.operands)

    def _product(self, left: Node, right: Node) -> Piece:
        first = self._at_least(left, PRODUCT)
        return f"{first}{self.times}{self._at_least(right, POWER)}", PRODUCT

    def _as_power(self, node: Node) -> tuple[Node, int]:
        """x and k where the node is x to the power k, not known by a name."""
        if node.op != "mul" or node in self.names:
            return node, 1
        if node not in self._powers:
            (x, i), (y, j) = (self._as_power(operand) for operand in node.operands)
            self._powers[node] = (x, i + j) if x is y and x.shape == node.shape else (node, 1)
        return self._powers[node]

    def _div(self, node: Node) -> Piece:
        left, right = node.operands
        return f"{self._at_least(left, PRODUCT)} / {self._at_least(right, POWER)}", PRODUCT


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Mathematics(Printer):
    """Expressions as a reader writes them, over whole arrays.

    What long ones contain is named in earlier steps.
    """

    times = "·"
    width = 160
    names_of_calls: Mapping[str, str] = {
        "lambda_min": "λ_min",
        "lambda_max": "λ_max",
        "total": "sum",
    }

    def call(self, op: str, operands: tuple[Node, ...]) -> Piece:
        record = FUNCTIONS.get(op)
        if record is None:
            return super().call(op, operands)
        name = record.text or op
        if record.stands_alone:
            return name, ATOM
        return f"{name}({', '.join(self._piece(x)[0] for x in operands)})", ATOM

    def number(self, value: Fraction) -> Piece:
        text = number_text(value)
        return text, PRODUCT if "/" in text else ATOM if value >= 0 else SIGN

    def power(self, base: Node, exponent: int) -> Piece:
        return f"{self._at_least(base, ATOM)}{str(exponent).translate(_SUPERSCRIPTS)}", POWER

    def _constant(self, node: Node) -> Piece:
        values = np.asarray(node.value)
        if node.shape == ():
            return self.number(node.value)
        if len(set(values.flat)) == 1:
            return self.number(Fraction(values.flat[0]))
        if len(node.shape) == 2 and np.array_equal(values, np.eye(*node.shape)):
            return "I", ATOM
        return f"constant{list(node.shape)}", ATOM

    def _contract(self, node: Node) -> Piece:
        left, right = node.operands
        if left.single and right.single:
            return self.power(left, 2) if left is right else self._product(left, right)
        if len(left.shape) == len(right.shape) == 1:
            if left is right:
                return f"‖{self._piece(left)[0]}‖²", POWER
            return f"⟨{self._piece(left)[0]}, {self._piece(right)[0]}⟩", ATOM
        return f"{self._at_least(left, PRODUCT)} @ {self._at_least(right, POWER)}", PRODUCT

    def _outer(self, node: Node) -> Piece:
        left, right = node.operands
        if left.single and right.single:
            one = left.op == "index" and left.operands[0].is_constant(1)
            return self._piece(right) if one else self._product(left, right)
        return self.call("outer", node.operands)

    def _sqrt(self, node: Node) -> Piece:
        (operand,) = node.operands
        square = operand.op == "contract" and operand not in self.names
        if square and operand.operands[0] is operand.operands[1]:
            return self._length(operand.operands[0])
        text = self._piece(operand)[0]
        return (f"√{text}" if text.isdigit() else f"√({text})"), ATOM

    def _sum(self, node: Node) -> Piece:
        return self._with_axis(node)

    def _mean(self, node: Node) -> Piece:
        return self._with_axis(node)

    def _amax(self, node: Node) -> Piece:
        return self._with_axis(node)

    def _amin(self, node: Node) -> Piece:
        return self._with_axis(node)

    def _with_axis(self, node: Node) -> Piece:
        text, level = self.call(node.op, node.operands)
        axis = (node.value or {}).get("axis")
        return (text if axis is None else f"{text[:-1]}, axis={axis})"), level

    def _program(self, node: Node) -> Piece:
        return self.call(node.value, node.operands)

    def _grad(self, node: Node) -> Piece:
        return f"∇{self.call(node.value, node.operands)[0]}", ATOM

    def _hessian(self, node: Node) -> Piece:
        return f"∇²{self.call(node.value, node.operands)[0]}", ATOM

    def _integral(self, node: Node) -> Piece:
        low, high = (self._piece(x)[0] for x in node.operands)
        return f"integral({node.value}, {low}, {high})", ATOM

    def _expectation(self, node: Node) -> Piece:
        return f"expectation({node.value})", ATOM

    def _power(self, node: Node) -> Piece:
        base, exponent = node.operands
        text, level = self._piece(exponent)
        shown = text if level == ATOM else f"({text})"
        return f"{self._at_least(base, ATOM)}^{shown}", POWER

    def _select(self, node: Node) -> Piece:
        c, positive, negative, zero = (self._piece(x)[0] for x in node.operands)
        return f"({positive} if {c} > 0, {negative} if {c} < 0, else {zero})", ATOM

    def _where(self, node: Node) -> Piece:
        return self._either(node, "≥")

    def _where_strictly(self, node: Node) -> Piece:
        return self._either(node, ">")

    def _either(self, node: Node, sign: str) -> Piece:
        condition, *branches = node.operands
        left, right = self._compared(condition)
        x, y = (self._piece(operand)[0] for operand in branches)
        return f"({x} if {left} {sign} {right}, else {y})", ATOM

    def _compared(self, difference: Node) -> tuple[str, str]:
        """The sides of a comparison whose difference is known."""
        if difference.op == "add" and difference not in self.names:
            left, right = difference.operands
            negative = self._opposite(right)
            if right.op == "const" and right.is_constant(0):
                return self._piece(left)[0], "0"
            if negative is not None:
                return self._piece(left)[0], self._piece(negative)[0]
        return self._piece(difference)[0], "0"

    def _spectral_norm(self, node: Node) -> Piece:
        return self._length(node.operands[0])

    def _length(self, operand: Node) -> Piece:
        bar = "|" if operand.single else "‖"
        return f"{bar}{self._piece(operand)[0]}{bar}", ATOM

    def _abs(self, node: Node) -> Piece:
        return f"|{self._piece(node.operands[0])[0]}|", ATOM

    def _T(self, node: Node) -> Piece:
        return f"{self._at_least(node.operands[0], ATOM)}ᵀ", ATOM

    def _index(self, node: Node) -> Piece:
        return f"{self._at_least(node.operands[0], ATOM)}[{index_text(node.value)}]", ATOM


# Fractions whose decimals end within so many digits are written as decimals.
_SHORT = 8


def number_text(value: Fraction) -> str:
    """A rational number: `3`, `-0.375`, `19/7`."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    for places in range(_SHORT + 1 if rest == 1 else 0):
        scaled = value * 10**places
        if scaled.denominator == 1:
            return _decimal(int(scaled), places)
    return str(value)


def _decimal(digits: int, places: int) -> str:
    sign, text = "-" if digits < 0 else "", str(abs(digits)).rjust(places + 1, "0")
    return f"{sign}{text[:-places]}.{text[-places:]}" if places else f"{sign}{text}"


def plain_text(text: str) -> str:
    """The same mathematics for terminals that have ASCII only."""
    text = re.sub(r"√(\d+)", r"√(\1)", text)
    for letter, replacement in _ASCII.items():
        text = text.replace(letter, replacement)
    return text


_ASCII = {
    "·": "*",
    "√": "sqrt",
    "‖": "||",
    "⟨": "<",
    "⟩": ">",
    "ᵀ": ".T",
    "λ": "lambda",
    "δ": "delta",
    "≈": "~",
    "±": "+/-",
    "→": "->",
    "∇²": "hessian ",
    "∇": "grad ",
    "π": "pi",
    "∛": "cbrt",
    "≥": ">=",
    "×": "x",
    "…": "...",
    **{c: f"**{d}" for c, d in zip("²³⁴⁵⁶⁷⁸⁹", "23456789", strict=True)},
}
