"""Recorded numbers without roots, where the roots cancel or can be squared away.

x ↦ x|x|, the square with the sign of x, keeps the order of numbers, and turns products of fractions
and square roots into fractions. So two such sides can be compared exactly.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction

from checker.arithmetic.function import FUNCTIONS
from checker.arithmetic.recorded import Node

_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "add": operator.add,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
    "abs": abs,
    "max": max,
}
_MULTIPLICATIVE = ("mul", "div", "neg", "abs", "max")


def rational_root(x: Fraction) -> Fraction | None:
    """√x if it is rational."""
    if x < 0:
        return None
    root = Fraction(math.isqrt(x.numerator), math.isqrt(x.denominator))
    return root if root**2 == x else None


class Rational:
    """Values of expressions as fractions, and the expressions rewritten so that they have them.

    Attributes
    ----------
    names
        Names of expressions; rewritten ones inherit them, with `_squared` where it applies.
    """

    def __init__(self, names: dict[Node, str]) -> None:
        self.names = dict(names)
        self._values: dict[Node, Fraction | None] = {}
        self._squares: dict[Node, Fraction | None] = {}
        self._plain: dict[Node, Node] = {}
        self._signed: dict[Node, Node] = {}

    # -- values ---------------------------------------------------------------------------------

    def value(self, node: Node) -> Fraction | None:
        """The number, or None if it is not known to be rational."""
        if node not in self._values:
            self._values[node] = self._value(node)
        return self._values[node]

    def _value(self, node: Node) -> Fraction | None:
        if node.atomic:
            return Fraction(node.value)
        if node.op == "mul" and node.operands[0] is node.operands[1]:
            square = self.square(node.operands[0])
            return None if square is None else abs(square)
        known = self._known(node, self.value)
        if known is None:
            return None
        return rational_root(known[0]) if node.op == "sqrt" else _applied(node.op, known)

    def square(self, node: Node) -> Fraction | None:
        """x|x| for the number x, or None if it is not known to be rational."""
        if node not in self._squares:
            self._squares[node] = self._square(node)
        return self._squares[node]

    def _square(self, node: Node) -> Fraction | None:
        plain = self.value(node)
        if plain is not None:
            return plain * abs(plain)
        if node.op == "sqrt":
            inside = self.value(node.operands[0])
            return inside if inside is not None and inside >= 0 else None
        known = self._known(node, self.square) if node.op in _MULTIPLICATIVE else None
        return None if known is None else _applied(node.op, known)

    def _known(
        self, node: Node, evaluate: Callable[[Node], Fraction | None]
    ) -> list[Fraction] | None:
        values = [evaluate(x) for x in node.operands]
        known = [x for x in values if x is not None]
        return known if len(known) == len(values) else None

    # -- expressions ----------------------------------------------------------------------------

    def plain(self, node: Node) -> Node:
        """An expression for a rational number in which every operation is rational."""
        if node not in self._plain:
            self._plain[node] = self._named(node, self._without_roots(node), "")
        return self._plain[node]

    def _without_roots(self, node: Node) -> Node:
        if node.atomic:
            return node
        first = node.operands[0]
        if node.op == "mul" and first is node.operands[1] and self.value(first) is None:
            negative = (self.square(first) or 0) < 0
            return -self.signed(first) if negative else self.signed(first)
        return _rebuilt(node, tuple(self.plain(x) for x in node.operands))

    def signed(self, node: Node) -> Node:
        """An expression for x|x| in which every operation is rational."""
        if node not in self._signed:
            self._signed[node] = self._squared(node)
        return self._signed[node]

    def _squared(self, node: Node) -> Node:
        known = self.value(node)
        if known is not None:
            root = self.plain(node)
            return -(root * root) if known < 0 else root * root
        if node.op == "sqrt":
            return self._named(node, self.plain(node.operands[0]), "_squared")
        rebuilt = _rebuilt(node, tuple(self.signed(x) for x in node.operands))
        return self._named(node, rebuilt, "_squared")

    def _named(self, node: Node, new: Node, suffix: str) -> Node:
        if node in self.names and new not in self.names and not new.atomic:
            self.names[new] = self.names[node] + suffix
        return new


def _applied(op: str, values: list[Fraction]) -> Fraction | None:
    compute = _FUNCTIONS.get(op) or (FUNCTIONS[op].rational if op in FUNCTIONS else None)
    if compute is None or (op == "div" and values[1] == 0):
        return None
    result: Fraction = compute(*values)
    return result


def _rebuilt(node: Node, operands: tuple[Node, ...]) -> Node:
    return node if operands == node.operands else Node(node.op, operands)
