"""Sums of products of rationals, roots, exponentials and logarithms: what closed forms consist of.

    Σ c · √r · exp(x) · a_1^e_1 ... a_k^e_k

with rational c, a positive integer r, a closed form x, and atoms a_j: the logarithm of a prime or
of a sum, the root of a sum, an irrational eigenvalue.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq, fmpz

from checker.arithmetic.ball import working_precision

if TYPE_CHECKING:
    from checker.arithmetic.closed.forms import Form

# Terms multiplied in one evaluation, beyond which everything is unknown: half a second.
MOST_WORK = 3_000

# Numbers of more bits than these count several times: products of long rationals take long.
_SHORT = 2_000

# At which signs are told.
PRECISIONS = (128, 1024)

_ONE = fmpq(1)


@dataclass
class Work:
    """What one evaluation has done, and the sums that it has squared.

    Attributes
    ----------
    squares
        Key of a square without its content -> what was squared, and that content.
    undefined
        The first operation that is proved to have no value; empty if there was none.
    """

    spent: int = 0
    undefined: str = ""
    squares: dict[str, tuple[Sum, Content]] = field(default_factory=dict)

    def spend(self, amount: int) -> bool:
        """Whether so many more terms may be multiplied."""
        self.spent += amount
        return self.spent <= MOST_WORK


_WORK: ContextVar[Work | None] = ContextVar("_WORK", default=None)


@contextmanager
def limited_work() -> Iterator[None]:
    """A limit on the terms that are multiplied within the block."""
    before = _WORK.get()
    _WORK.set(Work())
    try:
        yield
    finally:
        _WORK.set(before)


def work() -> Work:
    """That of the evaluation under way; without a limit there is nothing to remember."""
    return _WORK.get() or Work()


class Atom:
    """A number that is taken for a letter.

    Attributes
    ----------
    name
        "log" or "root", of a sum; "eigenvalue".
    key
        Equal for equal letters.
    inner
        What a logarithm or a root is of.
    value
        Gives an enclosure at the working precision.
    """

    __slots__ = ("inner", "key", "name", "value")

    def __init__(self, name: str, key: str, value: Any, inner: Sum | None = None) -> None:
        self.name, self.key, self.value, self.inner = name, f"{name}({key})", value, inner


Atoms = tuple[tuple[Atom, int], ...]

# A positive rational, and a power or None: their product with the exponential.
Content = tuple[Any, "Form | None"]


# Two radicands whose product is a square are squares modulo the same primes, but for those that
# divide one of them: few others pass, and big products are seldom made.
_PRIMES = (101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181)
_MODULUS = math.prod(_PRIMES)


class Monomial:
    """√radicand · exp(power) · the atoms with their exponents; those of roots are 0 and 1."""

    __slots__ = ("_residues", "atoms", "key", "power", "radicand")

    def __init__(self, radicand: int = 1, power: Form | None = None, atoms: Atoms = ()) -> None:
        self._residues: tuple[int, int] | None = None
        self.radicand, self.power = radicand, None if power is None or power.is_zero else power
        self.atoms = tuple(sorted((x for x in atoms if x[1]), key=lambda x: x[0].key))
        root = f"r{radicand:x}" if radicand != 1 else ""
        raised = f"e[{self.power.key}]" if self.power is not None else ""
        self.key = root + raised + "".join(f"{a.key}^{e}" for a, e in self.atoms)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Monomial) and self.key == other.key

    @property
    def residues(self) -> tuple[int, int]:
        """Modulo which primes the radicand is a square, and modulo which it is none, as bits."""
        if self._residues is None:
            reduced = self.radicand % _MODULUS
            symbols = [pow(reduced % q, q // 2, q) for q in _PRIMES]
            self._residues = (
                sum((s == 1) << i for i, s in enumerate(symbols)),
                sum(
                    (s == q - 1) << i for i, (s, q) in enumerate(zip(symbols, _PRIMES, strict=True))
                ),
            )
        return self._residues

    @property
    def ball(self) -> Any:
        """An enclosure at the working precision."""
        value = arb(self.radicand).sqrt() if self.radicand != 1 else arb(1)
        if self.power is not None:
            value *= self.power.ball.exp()
        for atom, exponent in self.atoms:
            value *= atom.value() ** exponent
        return value


UNIT = Monomial()


class Sum:
    """Σ c · m over its monomials; 0 has none."""

    def __init__(self, terms: Mapping[Monomial, Any]) -> None:
        self.terms = terms

    @classmethod
    def collected(cls, terms: Iterable[tuple[Monomial, Any]]) -> Sum:
        """Equal monomials together, zeros left out."""
        found: dict[Monomial, Any] = {}
        for monomial, factor in terms:
            if monomial not in found and monomial.radicand != 1:
                monomial, by = _alike(monomial, found)
                factor = factor * by
            found[monomial] = found.get(monomial, 0) + factor
        return cls({m: c for m, c in found.items() if c})

    @cached_property
    def key(self) -> str:
        """Equal for equal sums."""
        terms = ((self.terms[m], m.key) for m in sorted(self.terms, key=_by_key))
        return "+".join(f"{written(c)}{k}" for c, k in terms)

    @property
    def ball(self) -> Any:
        """An enclosure at the working precision."""
        return sum((arb(c) * m.ball for m, c in self.terms.items()), arb(0))

    @property
    def single(self) -> tuple[Monomial, Any] | None:
        """The only term, if there is one."""
        return next(iter(self.terms.items())) if len(self.terms) == 1 else None

    @cached_property
    def sign(self) -> int | None:
        """-1, 0 or 1, proved; None where balls do not tell."""
        if not self.terms:
            return 0
        for bits in PRECISIONS:
            with working_precision(bits):
                value = self.ball
                if value > 0 or value < 0:
                    return 1 if value > 0 else -1
        return None if self.single is None else _sign_of_term(*self.single)

    def scaled(self, factor: Any) -> Sum:
        """By a rational number."""
        return Sum({m: c * factor for m, c in self.terms.items()}) if factor else Sum({})

    def plus(self, other: Sum) -> Sum:
        """The sum of both."""
        return Sum.collected([*self.terms.items(), *other.terms.items()])

    def times(self, other: Sum) -> Sum | None:
        """The product, or None where it takes too long."""
        if not work().spend(len(self.terms) * len(other.terms) * self._length(other)):
            return None
        terms: list[tuple[Monomial, Any]] = []
        for m, c in self.terms.items():
            for n, d in other.terms.items():
                product = _times(m, n)
                if product is None:
                    return None
                terms += [(k, c * d * f) for k, f in product.terms.items()]
        result = Sum.collected(terms)
        if len(self.terms) > 1 and self.key == other.key:
            content = result.content
            bare, done = result.without(content)
            if done:
                work().squares[bare.key] = (self, content)
        return result

    def _length(self, other: Sum) -> int:
        return 1 + max(_bits(self), _bits(other)) // _SHORT

    @cached_property
    def content(self) -> Content:
        """A positive rational and a power that a multiple of the sum has multiples of: those of the
        term that grows fastest."""
        lead = max(self.terms, key=lambda m: (_Growth(m), m.key))
        return abs(self.terms[lead]), lead.power

    def without(self, content: Content) -> tuple[Sum, bool]:
        """The sum divided by a content, and whether that could be done."""
        factor, power = content
        terms = {}
        for m, c in self.terms.items():
            lower = _difference(m.power, power)
            if lower is not None and not lower.known:
                return self, False
            terms[Monomial(m.radicand, lower, m.atoms)] = c / factor
        return Sum(terms), True


def _sign_of_term(monomial: Monomial, factor: Any) -> int | None:
    """The sign of a product by those of its letters: log s has that of s - 1, however near to 1."""
    sign = 1 if factor > 0 else -1
    for atom, exponent in monomial.atoms:
        own: int | None = 1 if atom.name == "root" else None
        if atom.name == "log" and atom.inner is not None:
            own = atom.inner.plus(Sum({UNIT: fmpq(-1)})).sign
        if not own:
            return None
        sign *= own if exponent % 2 else 1
    return sign


def written(number: Any) -> str:
    """A rational number as text: hexadecimal, since Python refuses long ones in decimal digits."""
    return f"{int(number.p):x}/{int(number.q):x}"


def _bits(of: Sum) -> int:
    return max(
        (int(c.p).bit_length() + int(c.q).bit_length() for c in of.terms.values()), default=0
    )


def _by_key(monomial: Monomial) -> str:
    return monomial.key


class _Growth:
    """The power of a monomial as something that can be compared, approximately."""

    def __init__(self, monomial: Monomial) -> None:
        self.value = 0 if monomial.power is None else monomial.power.approximate

    def __lt__(self, other: _Growth) -> bool:
        return bool(self.value < other.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Growth) and bool(self.value == other.value)

    __hash__ = None  # type: ignore[assignment]


def _alike(monomial: Monomial, known: Mapping[Monomial, Any]) -> tuple[Monomial, Any]:
    """A monomial of these that is a rational multiple of this one, and by what; else itself."""
    power = monomial.power.key if monomial.power else ""
    square, none = monomial.residues
    for other in known:
        if other.atoms != monomial.atoms or other.radicand == 1:
            continue
        if (other.power.key if other.power else "") != power:
            continue
        if other.residues[0] & none or other.residues[1] & square:
            continue
        product = fmpz(other.radicand * monomial.radicand)
        if product.is_square():
            return other, fmpq(int(product.isqrt()), other.radicand)
    return monomial, _ONE


def _difference(x: Form | None, y: Form | None) -> Form | None:
    if y is None:
        return x
    return -y if x is None else x - y


def _times(m: Monomial, n: Monomial) -> Sum | None:
    """The product of two monomials; squares of roots become sums."""
    if m is UNIT or n is UNIT:
        return Sum({n if m is UNIT else m: _ONE})
    shared = int(fmpz(m.radicand).gcd(n.radicand))
    outside, radicand = square_part(m.radicand // shared * (n.radicand // shared))
    power, factor = m.power or n.power, fmpq(shared * outside)
    if m.power is not None and n.power is not None:
        power = m.power + n.power
        if not power.known:
            return None
    exponents = {a.key: (a, e) for a, e in m.atoms}
    for a, e in n.atoms:
        exponents[a.key] = (a, exponents.get(a.key, (a, 0))[1] + e)
    squared = [a for a, e in exponents.values() if a.name == "root" and e == 2]
    kept = tuple((a, e) for a, e in exponents.values() if a not in squared)
    result: Sum | None = Sum({Monomial(radicand, power, kept): factor})
    for atom in squared:
        assert atom.inner is not None
        result = None if result is None else result.times(atom.inner)
    return result


def square_part(n: int) -> tuple[int, int]:
    """(a, b) with n = a² b: all squares of small factors, and of what is left if it is a square."""
    outside, inside = 1, 1
    if n == 1:
        return 1, 1
    for factor, exponent in factors(n):
        root = fmpz(factor).isqrt()
        if root * root == factor:
            outside *= int(root) ** exponent
        else:
            outside *= factor ** (exponent // 2)
            inside *= factor ** (exponent % 2)
    return outside, inside


def factors(n: int) -> list[tuple[int, int]]:
    """Factors of a positive integer with their exponents; long ones may be composite."""
    number = fmpz(n)
    found = number.factor() if number.bit_length() <= 64 else number.factor(trial_limit=200)
    return [(int(p), int(e)) for p, e in found]
