"""Recorded expressions as terms of Coq's language, over its real numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from checker.arithmetic.recorded import Node
from checker.errors import InputError

_CALLS = {"sqrt": "sqrt", "abs": "Rabs", "max": "Rmax", "exp": "exp", "log": "ln"}
_SIGNS = {"mul": "*", "div": "/"}

# Functions that Coq's library does not have, or not in a form that its tactics know.
DEFINITIONS = {
    "sigmoid": "Definition sigmoid (x : R) : R := / (1 + exp (- x)).",
    "softplus": "Definition softplus (x : R) : R := ln (1 + exp x).",
    "tanh": "Definition tanh_ (x : R) : R := 1 - 2 / (exp (2 * x) + 1).",
    "log_cosh": "Definition log_cosh (x : R) : R := ln ((exp x + exp (- x)) / 2).",
}
DEFINED = {op: "tanh_" if op == "tanh" else op for op in DEFINITIONS}


class Terms:
    """Text of expressions; norms and eigenvalues have to be declared, and are called by a name.

    Attributes
    ----------
    names
        Expressions that have a name already, or a text of their own.
    functions
        Further functions, by the name of their operation.
    """

    def __init__(
        self,
        names: Mapping[Node, str] = MappingProxyType({}),
        functions: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._opaque: dict[tuple[Any, ...], str] = {}
        self._known: dict[Node, str] = dict(names)
        self._calls = {**_CALLS, **functions}

    def declare(self, node: Node) -> str | None:
        """A name for a norm or eigenvalue; None where the same one has a name already."""
        key = _key(node)
        if key in self._opaque:
            return None
        self._opaque[key] = f"{node.op}_{len(self._opaque) + 1}"
        return self._opaque[key]

    def opaque_name(self, node: Node) -> str:
        """The name of a declared norm or eigenvalue."""
        return self._opaque[_key(node)]

    def text(self, node: Node) -> str:
        """The term, in parentheses unless it is one word."""
        for part in ordered([node]):
            if part not in self._known:
                self._known[part] = self._written(part)
        return self._known[node]

    def know(self, node: Node, text: str) -> None:
        """Write an expression, wherever it occurs from now on, as this."""
        self._known[node] = text

    def written(self, node: Node) -> str:
        """The operation in terms of its operands, which are known."""
        return self._known[node] if node.atomic and node in self._known else self._written(node)

    def number(self, array: Any) -> str:
        """The term of one number."""
        return self.text(array.item)

    def vector(self, array: Any) -> str:
        """The entries of a vector, as the function of the index that the theorems speak of."""
        return f"(vector {self._list(array.entries)})"

    def matrix(self, array: Any) -> str:
        """The rows of a matrix, as a function of two indices."""
        return f"(matrix ({' :: '.join([*(self._list(row) for row in array.entries), 'nil'])}))"

    def _list(self, entries: Iterable[Node]) -> str:
        return f"({' :: '.join([*(self.text(x) for x in entries), 'nil'])})"

    def _written(self, node: Node) -> str:
        if node.op == "leaf":
            return str(node.value)
        if node.op == "const":
            return number(node.value)
        if _key(node) in self._opaque:
            return self.opaque_name(node)
        parts = [self._known[x] for x in node.operands]
        if node.op == "add":
            return self._sum(*node.operands)
        if node.op in _SIGNS:
            return f"({parts[0]} {_SIGNS[node.op]} {parts[1]})"
        if node.op == "neg":
            return f"(- {parts[0]})"
        if node.op in self._calls:
            return f"({' '.join([self._calls[node.op], *parts])})"
        raise InputError(
            f"there is no term of Coq for {node.op}",
            why="Only + - * /, roots, absolute values, maxima, exp, log and norms have one",
        )

    def _sum(self, left: Node, right: Node) -> str:
        if right.op == "neg":
            return f"({self._known[left]} - {self._known[right.operands[0]]})"
        return f"({self._known[left]} + {self._known[right]})"


def _key(node: Node) -> tuple[Any, ...]:
    """The same matrix has the same norms."""
    return node.op, node.operands, node.shape


def number(value: Any) -> str:
    """A rational number as a term."""
    exact = Fraction(value)
    whole = str(exact.numerator) if exact >= 0 else f"(- {-exact.numerator})"
    return whole if exact.denominator == 1 else f"({whole} / {exact.denominator})"


def ordered(sides: Iterable[Node]) -> Iterator[Node]:
    """All expressions that these consist of, operands first."""
    seen: set[Node] = set()
    pending = [(side, False) for side in reversed(list(sides))]
    while pending:
        node, ready = pending.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            pending.append((node, True))
            pending += [(x, False) for x in reversed(node.operands)]
