"""The numbers of a formula as products of powers of polynomials, for a solver of polynomials.

Such a solver knows of a root r = √x only that r >= 0 and r² = x, and of a quotient as little: one
more unknown number each, and it gives up soon. But sides of claims are mostly products, quotients
and roots of sums, as in ||∇F|| >= gap / √(2 |w|² + ...). So every number is written as
sign · Π xᵉ with polynomials x and exponents e that are multiples of 1/2; sums are brought to a
common denominator. A comparison is then one of polynomials, after multiplication by what is
positive and squaring. Only a root that is added to something stays an unknown number.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

from checker.proofs.boxes.program import Problem
from checker.proofs.boxes.sets import NotBounded

_HALF, _ONE = Fraction(1, 2), Fraction(1)


@dataclass(frozen=True)
class Square:
    """The key of x², whose root is |x|."""

    of: Hashable


@dataclass(frozen=True)
class Factors:
    """sign · Π x^e, the x by their keys.

    Where the number is defined, an x with half a power is >= 0, and none with a negative power 0.
    """

    sign: int = 1
    powers: Mapping[Hashable, Fraction] = field(default_factory=dict)

    @classmethod
    def product(cls, sign: int, powers: Iterable[tuple[Hashable, Fraction]]) -> Factors:
        """Each x once, and (x²)^e with a whole e as x^2e."""
        found: dict[Hashable, Fraction] = {}
        for key, e in powers:
            found[key] = found.get(key, Fraction(0)) + e
        for key in [k for k, e in found.items() if isinstance(k, Square) and e.denominator == 1]:
            found[key.of] = found.get(key.of, Fraction(0)) + 2 * found.pop(key)
        return cls(sign, {key: e for key, e in found.items() if e} if sign else {})

    def __mul__(self, other: Factors) -> Factors:
        both = (*self.powers.items(), *other.powers.items())
        return Factors.product(self.sign * other.sign, both)

    def __pow__(self, exponent: int) -> Factors:
        powers = [(key, e * exponent) for key, e in self.powers.items()]
        return Factors.product(self.sign if exponent % 2 else abs(self.sign), powers)


@dataclass(frozen=True)
class Polynomial:
    """An expression, and whether it is >= 0 as its form shows."""

    expression: Any
    nonnegative: bool


@dataclass
class Numbers:
    """The numbers of a problem as factors.

    Attributes
    ----------
    variables
        Expressions of the problem's variables.
    facts
        What defines the roots that are left.
    """

    z3: Any
    problem: Problem
    variables: Sequence[Any]
    facts: list[Any] = field(default_factory=list)
    _known: dict[int, Factors] = field(default_factory=dict)
    _polynomials: dict[Hashable, Polynomial] = field(default_factory=dict)
    _roots: dict[Hashable, Any] = field(default_factory=dict)

    def __getitem__(self, place: int) -> Factors:
        """The number at a place of the program.

        Raises
        ------
        NotBounded
            When it is not made of + - * /, powers, roots, absolute values and maxima.
        """
        for each in sorted(behind(self.problem, place)):
            if each not in self._known:
                self._known[each] = self._written(each)
        return self._known[place]

    def _written(self, place: int) -> Factors:
        op, *operands = self.problem.steps[place]
        if op == "var":
            least = self.problem.box[operands[0]][0]
            return self._atom(place, self.variables[operands[0]], least >= 0)
        if op == "const":
            return self.constant(Fraction(operands[0]))
        first = self._known[operands[0]]
        if op == "pow":
            return first ** int(operands[1])
        if op not in _OPERATIONS:
            raise NotBounded(f"z3 decides polynomials, roots and quotients, and no {op}")
        written: Factors = _OPERATIONS[op](
            self, *(self._known[x] for x in operands), **({"key": place} if op in _SUMS else {})
        )
        return written

    def constant(self, value: Fraction) -> Factors:
        """A known number."""
        sign = (value > 0) - (value < 0)
        if abs(value) == 1 or not value:
            return Factors(sign)
        known = self._atom(("const", abs(value)), rational(self.z3, abs(value)), True)
        return Factors(sign, known.powers)

    def _atom(
        self, key: Hashable, expression: Any, nonnegative: bool, e: Fraction = _ONE
    ) -> Factors:
        self._polynomials[key] = Polynomial(expression, nonnegative)
        return Factors(1, {key: e})

    # -- operations -----------------------------------------------------------------------------

    def root(self, of: Factors) -> Factors:
        """√x, where x >= 0."""
        powers: list[tuple[Hashable, Fraction]] = []
        rest: list[tuple[Hashable, Fraction]] = []
        for key, e in of.powers.items():
            # Of x^e all but a power that has no root of this kind: x^½, or x itself, of any sign.
            known = self._polynomials[key].nonnegative or e.denominator == 2
            left = e % (1 if known else 2)
            rest.append((key, left))
            powers.append((key, (e - left) / 2) if known else (self._size(key), (e - left) / 4))
        inside = Factors.product(of.sign, rest)
        if inside.powers or inside.sign < 0:
            key = ("product", inside.sign, tuple(inside.powers.items()))
            powers += self._atom(key, self.expression(inside), False, _HALF).powers.items()
        return Factors.product(abs(of.sign), powers)

    def absolute(self, of: Factors) -> Factors:
        """|x|."""
        powers = [
            (key, e) if self._is_nonnegative(key, e) else (self._size(key), e / 2)
            for key, e in of.powers.items()
        ]
        return Factors.product(abs(of.sign), powers)

    def _is_nonnegative(self, key: Hashable, e: Fraction) -> bool:
        """Whether x^e >= 0 where it is defined."""
        return self._polynomials[key].nonnegative or e % 2 == 0 or e.denominator == 2

    def _size(self, key: Hashable) -> Hashable:
        polynomial, square = self._polynomials[key], Square(key)
        self._atom(square, polynomial.expression * polynomial.expression, True)
        return square

    def sum(self, x: Factors, y: Factors, key: Hashable) -> Factors:
        """x + y over a common denominator."""
        if not x.sign or not y.sign:
            return x if x.sign else y
        common, x, y = self._apart(x, y)
        both = self.expression(x) + self.expression(y)
        return common * self._atom(key, both, self.is_nonnegative(x) and self.is_nonnegative(y))

    def greatest(self, x: Factors, y: Factors, key: Hashable) -> Factors:
        """max(x, y), over a common denominator > 0."""
        common, x, y = self._apart(x, y, positive=True)
        a, b = self.expression(x), self.expression(y)
        known = self.is_nonnegative(x) or self.is_nonnegative(y)
        return common * self._atom(key, self.z3.If(a >= b, a, b), known)

    def _apart(
        self, x: Factors, y: Factors, positive: bool = False
    ) -> tuple[Factors, Factors, Factors]:
        """A common factor, with `positive` one that is > 0, and both without it: no power of these
        is negative.
        """
        powers: list[tuple[Hashable, Fraction]] = []
        for key in {**x.powers, **y.powers}:
            pair = [side.powers.get(key, Fraction(0)) for side in (x, y)]
            if not positive or self._stays_positive(key, pair):
                powers.append((key, min(pair)))
            elif min(pair) < 0:
                powers.append((key, Fraction(2 * (min(pair) // 2))))
        common = Factors.product(1, powers)
        return common, x * common**-1, y * common**-1

    def _stays_positive(self, key: Hashable, pair: Sequence[Fraction]) -> bool:
        """Whether x > 0 wherever both are defined, given that one divides by x."""
        return min(pair) < 0 and (
            self._polynomials[key].nonnegative or any(e.denominator == 2 for e in pair)
        )

    # -- expressions ----------------------------------------------------------------------------

    def is_nonnegative(self, of: Factors) -> bool:
        """Whether a number is >= 0 as its form shows."""
        return of.sign >= 0 and all(self._is_nonnegative(*power) for power in of.powers.items())

    def expression(self, of: Factors) -> Any:
        """A number without negative powers as an expression; its roots become unknown numbers."""
        parts = [self.z3.RealVal(of.sign)]
        for key, e in of.powers.items():
            parts += [self._polynomials[key].expression] * int(e // 1)
            parts += [self._root_of(key)] if e.denominator == 2 else []
        return reduce(operator.mul, parts)

    def _root_of(self, key: Hashable) -> Any:
        if key not in self._roots:
            root = self._roots[key] = self.z3.Real(f"root!{len(self._roots)}")
            of = self._polynomials[key]
            square = root * root == of.expression
            # √y in |x| √y, where x² y >= 0: any number will do where x = 0 and y < 0.
            self.facts.append(root >= 0)
            self.facts.append(
                square if of.nonnegative else self.z3.Implies(of.expression >= 0, square)
            )
        return self._roots[key]

    def is_zero(self, of: Factors) -> Any:
        """The condition that a number is 0."""
        zeros = [self._polynomials[key].expression == 0 for key, e in of.powers.items() if e > 0]
        return self.z3.Or(self.z3.BoolVal(of.sign == 0), *zeros)

    def at_least(self, x: Factors, y: Factors) -> Any:
        """The condition x >= y: by signs and squares where there is a root."""
        _, x, y = self._apart(x, y, positive=True)
        if not any(e.denominator == 2 for side in (x, y) for e in side.powers.values()):
            return self.expression(x) >= self.expression(y)
        a, b = (self.expression(side**2) for side in (x, y))
        up, down = self._signs(x)
        _, below = self._signs(y)
        return self.z3.Or(
            self.z3.And(up, self.z3.Or(below, a >= b)), self.z3.And(down, below, a <= b)
        )

    def _signs(self, of: Factors) -> tuple[Any, Any]:
        """Conditions that are met if a number without negative powers is > 0, and if it is < 0, and
        not if it is < 0, and > 0: of 0 squares say enough.
        """
        if self.is_nonnegative(of):
            return self.z3.BoolVal(True), self.z3.BoolVal(False)
        whole = [(key, e - e % 1) for key, e in of.powers.items()]
        q = self.expression(Factors.product(of.sign, whole))
        return q >= 0, q <= 0


_SUMS = ("add", "max")
_OPERATIONS: Mapping[str, Any] = {
    "neg": lambda numbers, x: Factors(-1) * x,
    "mul": lambda numbers, x, y: x * y,
    "div": lambda numbers, x, y: x * y**-1,
    "sqrt": Numbers.root,
    "abs": Numbers.absolute,
    "add": Numbers.sum,
    "max": Numbers.greatest,
}


def rational(z3: Any, value: Fraction) -> Any:
    """A known number as an expression."""
    return z3.Q(value.numerator, value.denominator)


def behind(problem: Problem, place: int) -> Iterator[int]:
    """All places that a number is computed from, with its own."""
    seen, left = set[int](), [place]
    while left:
        current = left.pop()
        if current not in seen:
            seen.add(current)
            yield current
            op, *operands = problem.steps[current]
            if op not in ("var", "const"):
                left += operands[:1] if op == "pow" else operands


def sides(problem: Problem, slack: int) -> tuple[int, int | None]:
    """The places of l and r of a slack l - r; of any other number, itself and None for 0."""
    op, *operands = problem.steps[slack]
    if op == "add" and problem.steps[operands[1]][0] == "neg":
        return operands[0], problem.steps[operands[1]][1]
    return slack, None
