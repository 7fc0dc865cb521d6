"""An arithmetic that remembers how every number came about, for reports.

Each array carries its value as balls and, where known, exactly, and two expressions: one over whole
arrays, which reads like the formula, and one per entry, from which a script can be written.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from checker.arithmetic import known
from checker.arithmetic.arrays.array import Array
from checker.arithmetic.arrays.objects import ObjectArray
from checker.arithmetic.ball import Ball
from checker.arithmetic.exact import Exact
from checker.arithmetic.function import Function, named

_FOLDED: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "add": operator.add,
    "mul": operator.mul,
    "div": operator.truediv,
}


@dataclass(eq=False, slots=True)
class Node:
    """An operation on operands; compared by identity.

    Attributes
    ----------
    op
        "leaf" (a number of the instance), "const", or the name of an operation.
    value
        The number of a leaf or constant, the index of "index".
    shape
        Shape of the result.
    """

    op: str
    operands: tuple[Node, ...] = ()
    value: Any = None
    shape: tuple[int, ...] = ()

    @property
    def single(self) -> bool:
        """Whether this is one number, whatever its shape."""
        return int(np.prod(self.shape)) == 1

    @property
    def atomic(self) -> bool:
        """Whether nothing was computed."""
        return self.op in ("leaf", "const")

    def is_constant(self, number: int) -> bool:
        """Whether this is the constant `number`, entry by entry."""
        return self.op == "const" and bool(np.all(np.asarray(self.value) == number))

    def __add__(self, other: Node) -> Node:
        return joined("add", self, other)

    def __mul__(self, other: Node) -> Node:
        return joined("mul", self, other)

    def __truediv__(self, other: Node) -> Node:
        return joined("div", self, other)

    def __neg__(self) -> Node:
        return Node("const", value=-self.value) if self.op == "const" else Node("neg", (self,))


def joined(op: str, x: Node, y: Node, shape: tuple[int, ...] = ()) -> Node:
    """An operation on two numbers or arrays; constants are computed, factors 1 left out."""
    if x.op == y.op == "const" and not shape and not x.shape and not y.shape:
        if op != "div" or y.value != 0:
            return Node("const", value=_FOLDED[op](x.value, y.value))
    elif op in ("mul", "div") and y.is_constant(1) and x.shape == shape:
        return x
    elif op == "mul" and x.is_constant(1) and y.shape == shape:
        return y
    return Node(op, (x, y), shape=shape)


def constant(value: Any) -> Node:
    """A known number."""
    return Node("const", value=known.rational(value))


class Terms(ObjectArray):
    """A scalar, vector or matrix whose entries are expressions."""

    __slots__ = ()

    @classmethod
    def convert(cls, value: Any) -> Any:
        return constant(value)

    @staticmethod
    def to_float(entry: Any) -> float:
        return float("nan")

    @classmethod
    def leaf(cls, numbers: NDArray[np.float64]) -> Self:
        """The numbers of an instance, a leaf each."""
        result = cls.constant(numbers)
        return result._each(lambda c: Node("leaf", value=c.value))

    def __neg__(self) -> Self:
        return self._each(operator.neg)

    def __abs__(self) -> Self:
        return self._named("abs")

    def maximum(self, other: Self) -> Self:
        return self._pairwise(other, lambda x, y: Node("max", (x, y)))

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        compute = function.terms or function.formula
        return compute(*operands, **options)  # type: ignore[misc]

    def _named(self, op: str) -> Self:
        return self._each(lambda x: Node(op, (x,)))

    def _joined(self, op: str, *others: Self) -> Self:
        """An operation on several numbers, entry by entry."""
        entries: list[Any] = list(np.broadcast_arrays(self.entries, *(x.entries for x in others)))
        made = np.empty(entries[0].shape, dtype=object)
        for index in np.ndindex(made.shape):
            made[index] = Node(op, tuple(x[index] for x in entries))
        return type(self)(made)

    def spectral_norm(self) -> Self:
        """For matrices with one row or column; see `Recorded.spectral_norm` for the others."""
        entries = list(self.entries.flat)
        if len(entries) == 1:
            return self._scalar(Node("abs", (entries[0],)))
        first, *rest = (x * x for x in entries)
        return self._scalar(Node("sqrt", (sum(rest, start=first),)))

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        return self.eigenvalues_of_block(list(range(len(self.entries))))

    def entries_of(self, op: str) -> Self:
        """The entries of a function of a square matrix: op(i, j, entries row by row)."""
        made, operands = np.empty(self.shape, dtype=object), tuple(self.entries.flat)
        for i, j in np.ndindex(self.shape):
            made[i, j] = Node(op, (constant(i), constant(j), *operands))
        return type(self)(made)

    def all_eigenvalues(self) -> Self:
        """All eigenvalues of a symmetric matrix in ascending order."""
        order = len(self.entries)
        values = np.empty(order, dtype=object)
        if order <= 2:
            values[:] = list(_extremes(self.entries))[:order]
            return type(self)(values)
        operands = tuple(self.entries.flat)
        values[:] = [Node("eigenvalue", (constant(i), *operands)) for i in range(order)]
        return type(self)(values)

    def eigenvalues_of_block(self, live: list[int]) -> tuple[Self, Self]:
        """Least and greatest eigenvalue, knowing that all rows but those in `live` are 0."""
        block = self.entries[np.ix_(live, live)]
        low, high = _extremes(block) if live else (constant(0), constant(0))
        if live and len(live) < len(self.entries):
            low, high = -Node("max", (-low, constant(0))), Node("max", (high, constant(0)))
        return self._scalar(low), self._scalar(high)

    def narrower(self, other: Self) -> Self:
        return self

    def where(self, mask: NDArray[np.bool_], other: Any) -> Self:
        """These entries where the mask says so, else those of `other`."""
        entries = np.empty(self.shape, dtype=object)
        for index in np.ndindex(self.shape):
            entries[index] = (self if mask[index] else other).entries[index]
        return type(self)(entries)


def _extremes(matrix: NDArray[Any]) -> tuple[Node, Node]:
    """Extreme eigenvalues: for order 2 the roots of the characteristic polynomial."""
    if len(matrix) == 1:
        return matrix.item(), matrix.item()
    if len(matrix) == 2:
        (a, b), (_, d) = matrix
        half = constant(Fraction(1, 2))
        middle, apart = half * (a + d), half * (a + -d)
        root = Node("sqrt", (apart * apart + b * b,))
        return middle + -root, middle + root
    operands = tuple(matrix.flat)
    return Node("lambda_min", operands), Node("lambda_max", operands)


def _operation(op: str, method: str) -> Callable[..., Any]:
    """The method of the same name in every facet, recorded as `op`."""

    def operation(self: Recorded, *operands: Any) -> Recorded:
        facets = self._facets(method, operands)
        origins = (self, *(x for x in operands if isinstance(x, Recorded)))
        nodes, shape = tuple(x.node for x in origins), facets[0].shape
        if op in _FOLDED:
            node = joined(op, nodes[0], nodes[1], shape)
            same = next((x for x in origins if x.node is node), None)
            return Recorded(node, *facets, origins if same is None else same.origins)
        index = operands[0] if op == "index" else None
        return Recorded(Node(op, nodes, index, shape), *facets, origins)

    return operation


class Recorded(Array):
    """A scalar, vector or matrix with its value and its expressions."""

    def __init__(
        self,
        node: Node,
        ball: Ball,
        exact: Exact,
        terms: Terms,
        origins: tuple[Recorded, ...] = (),
    ) -> None:
        self.node, self.ball, self.exact, self.terms = node, ball, exact, terms
        self.origins = origins

    @classmethod
    def constant(cls, value: Any) -> Self:
        facets = Ball.constant(value), Exact.constant(value), Terms.constant(value)
        numbers = np.frompyfunc(lambda entry: entry.value, 1, 1)(facets[2].entries)
        return cls(Node("const", value=numbers, shape=facets[2].shape), *facets)

    @classmethod
    def leaf(cls, numbers: NDArray[np.float64]) -> Self:
        """An array of the instance."""
        facets = Ball.constant(numbers), Exact.constant(numbers), Terms.leaf(numbers)
        return cls(Node("leaf", shape=np.shape(numbers)), *facets)

    def _facets(self, method: str, operands: Sequence[Any]) -> tuple[Any, Any, Any]:
        def on(facet: str) -> Any:
            others = (getattr(x, facet) if isinstance(x, Recorded) else x for x in operands)
            return getattr(getattr(self, facet), method)(*others)

        return on("ball"), on("exact"), on("terms")

    _take = _operation("index", "_take")
    _add = _operation("add", "_add")
    _multiply = _operation("mul", "_multiply")
    _divide = _operation("div", "_divide")
    _contract = _operation("contract", "_contract")
    __neg__ = _operation("neg", "__neg__")
    __abs__ = _operation("abs", "__abs__")
    total = _operation("total", "total")
    maximum = _operation("max", "maximum")
    outer = _operation("outer", "outer")
    _reshaped = _operation("reshape", "_reshaped")

    def floats(self) -> list[NDArray[np.float64]]:
        return self.ball.floats()

    @classmethod
    def stacked(cls, cases: Sequence[NDArray[np.float64]]) -> Self:
        (only,) = cases
        return cls.constant(only)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.ball.shape

    def _permuted(self, axes: tuple[int, ...]) -> Self:
        facets = self._facets("_permuted", (axes,))
        turned = axes == (1, 0)
        node = Node("T" if turned else "transpose", (self.node,), None, facets[0].shape)
        return type(self)(node, *facets, () if turned else (self,))

    def _applied(self, function: Function, operands: tuple[Any, ...], options: Any) -> Any:
        if function.recorded is not None:
            return function.recorded(*operands, **options)
        ball, exact, terms = (
            function(*(getattr(x, facet) for x in operands), **options)
            for facet in ("ball", "exact", "terms")
        )
        nodes = tuple(x.node for x in operands)
        node = Node(function.name, nodes, options or None, ball.shape)
        return type(self)(node, ball, exact, terms, operands)

    def spectral_norm(self) -> Self:
        wide = self if self.shape[0] <= self.shape[1] else self.T
        many = min(self.shape) > 1
        terms = named("sqrt")((wide @ wide.T).extreme_eigenvalues()[1].terms) if many else None
        return type(self)(
            Node("spectral_norm", (self.node,)),
            self.ball.spectral_norm(),
            self.exact.spectral_norm(),
            self.terms.spectral_norm() if terms is None else terms,
        )

    def extreme_eigenvalues(self) -> tuple[Self, Self]:
        rows = self.ball.entries
        live = [i for i, row in enumerate(rows) if not all(x.is_zero() for x in row)]
        balls, exacts = self.ball.extreme_eigenvalues(), self.exact.extreme_eigenvalues()
        terms = self.terms.eigenvalues_of_block(live)
        low, high = (Node(op, (self.node,)) for op in ("lambda_min", "lambda_max"))
        made = type(self)
        return (
            made(low, balls[0], exacts[0], terms[0]),
            made(high, balls[1], exacts[1], terms[1]),
        )

    def narrower(self, other: Self) -> Self:
        ball = self.ball.narrower(other.ball)
        pairs = zip(ball.entries.flat, self.ball.entries.flat, strict=True)
        mask = np.array([x is y for x, y in pairs]).reshape(ball.shape)
        node = self.node if mask.any() else other.node
        exact = self.exact.narrower(other.exact)
        return type(self)(node, ball, exact, self.terms.where(mask, other.terms))

    def known_floats(self) -> list[NDArray[np.float64]] | None:
        return self.ball.known_floats()

    def known_as(self, op: str, operands: Sequence[Any], value: Any) -> Self:
        node = Node(op, tuple(x.node for x in operands), value, self.shape)
        return type(self)(node, self.ball, self.exact, self.terms, tuple(operands))

    def branch(self, positive: Self, negative: Self, zero: Self) -> Self:
        """The branch that the sign of this number takes, where it is known; a report then shows
        nothing of the others."""
        pairs = zip(self.ball.entries.flat, self.exact.entries.flat, strict=True)
        signs = {_sign(ball, exact) for ball, exact in pairs}
        if len(signs) == 1:
            (sign,) = signs
            if sign is not None:
                return (zero, positive, negative)[sign]
        made: Self = named("select")(self, positive, negative, zero)
        return made

    def zero_where_equal(self, x: Self, y: Self) -> Self:
        ball = self.ball.zero_where_equal(x.ball, y.ball)
        exact = self.exact.zero_where_equal(x.exact, y.exact)
        apart = zip((x.exact - y.exact).entries.flat, (x.ball - y.ball).entries.flat, strict=True)
        equal = np.array([e.ratio == 0 or b.is_zero() for e, b in apart]).reshape(x.shape)
        terms = self.terms.where(~equal, Terms.constant(np.zeros(self.shape)))
        zero = Node("const", value=Fraction(0), shape=self.shape)
        return type(self)(zero if equal.all() else self.node, ball, exact, terms, self.origins)

    @classmethod
    def _concatenated(cls, parts: Sequence[Self], axis: int) -> Self:
        ball = Ball.concatenate([p.ball for p in parts], axis)
        nodes = tuple(p.node for p in parts)
        return cls(
            Node("hstack" if axis else "vstack", nodes, shape=ball.shape),
            ball,
            Exact.concatenate([p.exact for p in parts], axis),
            Terms.concatenate([p.terms for p in parts], axis),
        )


def _sign(ball: Any, exact: Any) -> int | None:
    """The sign of a number, None where it is open."""
    if exact.known:
        return int(exact.sign)
    return 1 if ball > 0 else -1 if ball < 0 else 0 if ball.is_zero() else None
