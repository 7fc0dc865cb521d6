"""Roots, exponentials, logarithms and eigenvalues of closed forms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

from flint import fmpq, fmpq_mat, fmpq_poly

from checker.arithmetic.ball import working_precision
from checker.arithmetic.closed.forms import UNKNOWN_FORM, Form, no_value
from checker.arithmetic.closed.sums import (
    Atom,
    Content,
    Monomial,
    Sum,
    factors,
    square_part,
    work,
    written,
)

_HALF = fmpq(1, 2)
ONE = Form.rational(fmpq(1))
ZERO = Form.rational(fmpq(0))

# Beyond these exponents no power is multiplied out.
_LONGEST_POWER = 4_000
_MOST_FACTORS = 8

# Polynomials with more bits in a coefficient are not searched for roots: minutes, seen at 4,400.
_LONGEST_COEFFICIENT = 2_000


def rational(ratio: Any) -> Form:
    """A rational number as a form."""
    return Form.rational(fmpq(ratio))


def _single(monomial: Monomial, factor: Any = 1) -> Form:
    return Form(Sum({monomial: fmpq(factor)}))


# -- roots ----------------------------------------------------------------------------------------


def sqrt(x: Form) -> Form:
    """The root of a form that is proved to be positive, or is 0."""
    if x.is_zero:
        return x
    if x.sign == -1:
        return no_value("the root of a negative number")
    if x.top is None or x.sign != 1:
        return UNKNOWN_FORM
    # √(t / Π s^e) = √(t Π s over odd e) / Π |s|^⌈e/2⌉.
    above, below = Form(x.top), ONE
    for factor, exponent in x.bottom.values():
        size = Form(factor) if factor.sign == 1 else -Form(factor)
        above = above * Form(factor) if exponent % 2 else above
        below = reduce(lambda b, _: b * size, range((exponent + 1) // 2), below)
    if above.top is None or not below.known:
        return UNKNOWN_FORM
    return _root_of_sum(above.top) / below


def _root_of_sum(radicand: Sum) -> Form:
    content = radicand.content
    bare, done = radicand.without(content)
    if not done:
        return UNKNOWN_FORM
    outer = _root_of_content(content)
    known = work().squares.get(bare.key)
    if known is not None:
        return outer * absolute(Form(known[0])) / _root_of_content(known[1])
    only = bare.single
    return outer * (_letter_root(bare) if only is None else _root_of_monomial(*only, bare))


def _root_of_content(content: Content) -> Form:
    factor, power = content
    outer = _root_of_rational(factor)
    return outer if power is None else outer * _single(Monomial(1, power * rational(_HALF)))


def _root_of_rational(number: Any) -> Form:
    outside, inside = square_part(int(number.p) * int(number.q))
    return _single(Monomial(inside), fmpq(outside, int(number.q)))


def _root_of_monomial(monomial: Monomial, sign: Any, bare: Sum) -> Form:
    """The root of √r times atoms, or of minus that; even exponents come out."""
    outside, inside = ONE, []
    for atom, exponent in monomial.atoms:
        if exponent % 2 or exponent < 0:
            inside.append((atom, exponent))
            continue
        size = _single(Monomial(1, None, ((atom, 1),)))
        if not size.sign:
            return _letter_root(bare)
        size = size if size.sign == 1 else -size
        outside = reduce(lambda x, _: x * size, range(exponent // 2), outside)
    if monomial.radicand == 1 and not inside:
        return outside
    return outside * _letter_root(Sum({Monomial(monomial.radicand, None, tuple(inside)): sign}))


def _letter_root(of: Sum) -> Form:
    atom = Atom("root", of.key, lambda: of.ball.nonnegative_part().sqrt(), of)
    return _single(Monomial(1, None, ((atom, 1),)))


# -- exponentials ---------------------------------------------------------------------------------


def exp(x: Form) -> Form:
    """e^x; of logarithms the numbers that they are of."""
    if x.top is None:
        return UNKNOWN_FORM
    if x.bottom:
        return _single(Monomial(1, x))
    result, kept = ONE, []
    for monomial, factor in x.top.terms.items():
        found = _power_of_logarithm(monomial, factor)
        if found is None:
            kept.append((monomial, factor))
            continue
        result = result * found[0]
        if found[1]:
            kept.append((monomial, found[1]))
    return result * _single(Monomial(1, Form(Sum(dict(kept)))))


def _power_of_logarithm(monomial: Monomial, factor: Any) -> tuple[Form, Any] | None:
    """e^(factor · monomial) for a logarithm alone: a form, and the rest of the factor."""
    if monomial.radicand != 1 or monomial.power is not None or len(monomial.atoms) != 1:
        return None
    atom, exponent = monomial.atoms[0]
    if atom.name != "log" or exponent != 1 or atom.inner is None:
        return None
    base = Form(atom.inner)
    whole = math.floor(factor)
    rest = factor - whole
    length = _LONGEST_POWER if base.ratio is not None else _MOST_FACTORS
    if abs(whole) > length or (base.ratio is None and rest not in (0, _HALF)):
        return None
    step = base if whole >= 0 else base.inverse()
    result = reduce(lambda y, _: y * step, range(abs(whole)), ONE)
    return (result * sqrt(base), fmpq(0)) if rest == _HALF else (result, rest)


def tanh(x: Form) -> Form:
    """1 - 2 / (e^2x + 1)."""
    return ONE - rational(2) / (exp(x + x) + ONE)


def sigmoid(x: Form) -> Form:
    """1 / (1 + e^-x)."""
    return ONE / (ONE + exp(-x))


def softplus(x: Form) -> Form:
    """log(1 + e^x)."""
    return log(ONE + exp(x))


def log_cosh(x: Form) -> Form:
    """log((e^x + e^-x) / 2)."""
    return log((exp(x) + exp(-x)) * rational(_HALF))


# -- logarithms -----------------------------------------------------------------------------------


def log(x: Form) -> Form:
    """The logarithm of a form that is proved to be positive, by those of primes."""
    if x.sign in (0, -1):
        return no_value(f"the logarithm of {'a negative number' if x.sign else '0'}")
    if x.top is None or x.sign != 1:
        return UNKNOWN_FORM
    result = _log_of_sum(x.top)
    for factor, exponent in x.bottom.values():
        result = result - _log_of_sum(factor) * rational(exponent)
    return result


def _log_of_sum(of: Sum) -> Form:
    """log |s|."""
    if of.sign is None:
        return UNKNOWN_FORM
    content = of.content
    bare, done = of.without(content)
    if not done:
        return UNKNOWN_FORM
    factor, power = content
    outer = _log_of_rational(factor) + (ZERO if power is None else power)
    only = bare.single
    if only is None:
        # The content is positive, so the sign is that of the sum, which is known.
        return outer + _letter_log(bare if of.sign == 1 else bare.scaled(fmpq(-1)))
    radicand, atoms = only[0].radicand, only[0].atoms
    outer = outer + _log_of_rational(fmpq(radicand)) * rational(_HALF)
    for atom, exponent in atoms:
        outer = outer + _log_of_atom(atom) * rational(exponent)
    return outer


def _log_of_atom(atom: Atom) -> Form:
    if atom.name == "root" and atom.inner is not None:
        return _log_of_sum(atom.inner) * rational(_HALF)
    alone = Sum({Monomial(1, None, ((atom, 1),)): fmpq(1)})
    if not alone.sign:
        return UNKNOWN_FORM
    return _letter_log(alone if alone.sign == 1 else alone.scaled(fmpq(-1)))


def _log_of_rational(number: Any) -> Form:
    terms = [(p, e) for p, e in factors(int(number.p))]
    terms += [(p, -e) for p, e in factors(int(number.q))]
    parts = (_letter_log(Sum({Monomial(): fmpq(p)})) * rational(e) for p, e in terms if p != 1)
    return reduce(lambda x, y: x + y, parts, ZERO)


def _letter_log(of: Sum) -> Form:
    atom = Atom("log", of.key, lambda: of.ball.log(), of)
    return _single(Monomial(1, None, ((atom, 1),)))


# -- order ----------------------------------------------------------------------------------------


def absolute(x: Form) -> Form:
    """|x|, unknown where the sign is."""
    return UNKNOWN_FORM if x.sign is None else -x if x.sign < 0 else x


def larger(x: Form, y: Form) -> Form:
    """max(x, y), unknown where neither is known to be."""
    sign = (x - y).sign
    return UNKNOWN_FORM if sign is None else x if sign >= 0 else y


def smaller(x: Form, y: Form) -> Form:
    """min(x, y)."""
    return -larger(-x, -y)


# -- eigenvalues ----------------------------------------------------------------------------------


def extreme_eigenvalues(matrix: Sequence[Sequence[Form]]) -> tuple[Form, Form]:
    """Least and greatest eigenvalue of a symmetric matrix of forms."""
    live = [i for i, row in enumerate(matrix) if not all(x.is_zero for x in row)]
    block = [[matrix[i][j] for j in live] for i in live]
    if not all(x.known for row in block for x in row):
        return UNKNOWN_FORM, UNKNOWN_FORM
    low, high = _extremes(block) if live else (ZERO, ZERO)
    if live and len(live) < len(matrix):
        low, high = smaller(low, ZERO), larger(high, ZERO)
    return low, high


def _extremes(block: list[list[Form]]) -> tuple[Form, Form]:
    if len(block) == 1:
        return block[0][0], block[0][0]
    if len(block) == 2:
        (a, b), (_, d) = block
        half = rational(_HALF)
        middle, apart = (a + d) * half, (a - d) * half
        root = sqrt(apart * apart + b * b)
        return middle - root, middle + root
    ratios = [[x.ratio for x in row] for row in block]
    if any(x is None for row in ratios for x in row):
        return UNKNOWN_FORM, UNKNOWN_FORM
    irreducible = [f for f, _ in fmpq_mat(ratios).charpoly().factor()[1]]
    if any(_is_long(f) for f in irreducible):
        return UNKNOWN_FORM, UNKNOWN_FORM
    return _extreme_root(irreducible, -1), _extreme_root(irreducible, 1)


def _extreme_root(polynomials: list[Any], side: int) -> Form:
    """The least (-1) or greatest (1) root of irreducible polynomials whose roots are all real."""
    for bits in (128, 1024):
        with working_precision(bits):
            ends = [(max if side > 0 else min)(_real_roots(p), key=_middle) for p in polynomials]
            far = (max if side > 0 else min)(range(len(ends)), key=lambda i: _middle(ends[i]))
            apart = all((ends[far] - ends[i]) * side > 0 for i in range(len(ends)) if i != far)
        if apart:
            return _root_of(polynomials[far], side)
    return UNKNOWN_FORM


def _middle(ball: Any) -> Any:
    return ball.mid()


def _real_roots(polynomial: Any) -> list[Any]:
    return [root.real for root, _ in polynomial.numer().complex_roots()]


def _root_of(polynomial: Any, side: int) -> Form:
    """The extreme root: rational, a root of a quadratic, or a letter moved and scaled."""
    monic = polynomial / polynomial[polynomial.degree()]
    degree = monic.degree()
    middle = -monic[degree - 1] / degree
    if degree == 1:
        return rational(middle)
    centred = monic(fmpq_poly([middle, 1]))
    if degree == 2:
        apart = sqrt(rational(-centred[0]))
        return rational(middle) + apart * rational(side)
    scale = _scale(centred)
    coefficients = [centred[k] / scale ** (degree - k) for k in range(degree + 1)]
    mirrored = [c * (-1) ** (degree - k) for k, c in enumerate(coefficients)]
    # -1 times the greatest root is the least of the mirrored polynomial.
    sign, chosen = max((side, coefficients), (-side, mirrored), key=lambda x: (_order(x[1]), x[0]))
    if _is_long(fmpq_poly(chosen)):
        return UNKNOWN_FORM
    letter = _eigenvalue(fmpq_poly(chosen), sign)
    return rational(middle) + letter * rational(scale if chosen is coefficients else -scale)


def _is_long(polynomial: Any) -> bool:
    """Whether its roots, which may lie as close together as its coefficients are long, take too
    long to be told apart."""
    bits = [int(c).bit_length() for c in polynomial.numer().coeffs()]
    return max(bits, default=0) > _LONGEST_COEFFICIENT


def _order(coefficients: list[Any]) -> list[str]:
    return [written(c) for c in coefficients]


def _eigenvalue(polynomial: Any, side: int) -> Form:
    def value() -> Any:
        return (max if side > 0 else min)(_real_roots(polynomial), key=_middle)

    atom = Atom("eigenvalue", f"{','.join(map(written, polynomial.coeffs()))};{side}", value)
    return _single(Monomial(1, None, ((atom, 1),)))


def _scale(centred: Any) -> Any:
    """A positive rational ρ, with the coefficient of x^(n - k) a multiple of ρ^k: that of ρ x."""
    degree = centred.degree()
    given = [(degree - k, centred[k]) for k in range(degree) if centred[k]]
    exponents: dict[int, list[int]] = {}
    for weight, c in given:
        parts = dict(factors(abs(int(c.p))))
        for p, e in factors(int(c.q)):
            parts[p] = -e
        for p in (p for p in {*parts, *exponents} if p != 1):
            exponents.setdefault(p, []).append(parts.get(p, 0) // weight)
    whole = ((p, min(e + [0] * (len(given) - len(e)))) for p, e in exponents.items())
    return reduce(lambda x, pe: x * fmpq(pe[0]) ** pe[1], whole, fmpq(1))
