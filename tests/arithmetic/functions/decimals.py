"""Reference values that share nothing with the product: Python's decimals, by series."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction

DIGITS = 60


def _pi() -> Decimal:
    """Machin: π = 16 arctan(1/5) - 4 arctan(1/239)."""

    def arctan_of_inverse(n: int) -> Fraction:
        return sum(
            (Fraction((-1) ** k, (2 * k + 1) * n ** (2 * k + 1)) for k in range(120)), Fraction(0)
        )

    return _decimal(16 * arctan_of_inverse(5) - 4 * arctan_of_inverse(239))


def _decimal(x: Fraction) -> Decimal:
    return Decimal(x.numerator) / Decimal(x.denominator)


def _sum(first: Decimal, following: Callable[[Decimal, int], Decimal]) -> Decimal:
    total, term, k = first, first, 0
    while term and abs(term) > Decimal(10) ** (-2 * DIGITS) * abs(first):
        k += 1
        term = following(term, k)
        total += term
    return total


def _sin(x: Decimal) -> Decimal:
    return _sum(x, lambda term, k: -term * x * x / (2 * k * (2 * k + 1)))


def _cos(x: Decimal) -> Decimal:
    return _sum(Decimal(1), lambda term, k: -term * x * x / (2 * k * (2 * k - 1)))


def _arctan(x: Decimal) -> Decimal:
    """Euler's series, y/x Σ ..., y = x²/(1 + x²); beyond 1 by π/2 - arctan(1/x)."""
    if abs(x) > 1:
        return (_pi() / 2).copy_sign(x) - _arctan(1 / x)
    y = x * x / (1 + x * x)
    return _sum(x / (1 + x * x), lambda term, k: term * y * 2 * k / (2 * k + 1))


def _erf(x: Decimal) -> Decimal:
    """The alternating series: a power of x² over k! (2k + 1)."""
    if abs(x) > 14:
        return Decimal(1).copy_sign(x)
    powers, total, k = x, x, 0
    while abs(powers) > Decimal(10) ** (-DIGITS) * abs(x):
        k += 1
        powers *= -x * x / k
        total += powers / (2 * k + 1)
    return 2 * total / _pi().sqrt()


def _expm1(x: Decimal) -> Decimal:
    if abs(x) > 1:
        return x.exp() - 1
    return _sum(x, lambda term, k: term * x / (k + 1))


def _log1p(x: Decimal) -> Decimal:
    """2 artanh(x / (2 + x))."""
    if abs(x) > Decimal("0.5"):
        return (1 + x).ln()
    y, total, k = x / (2 + x), Decimal(0), 0
    power = y
    while power and abs(power) > Decimal(10) ** (-DIGITS) * abs(y):
        total += power / (2 * k + 1)
        power, k = power * y * y, k + 1
    return 2 * total


def _cbrt(x: Decimal) -> Decimal:
    """Newton from a float nearby."""
    if not x:
        return x
    size, exponent = abs(x), 3 * (abs(x).adjusted() // 3)
    scaled = size.scaleb(-exponent)
    root = Decimal(math.cbrt(float(scaled)))
    for _ in range(9):
        root = (2 * root + scaled / (root * root)) / 3
    return root.scaleb(exponent // 3).copy_sign(x)


REFERENCE: dict[str, Callable[[Decimal], Decimal]] = {
    "sqrt": lambda x: x.sqrt(),
    "cbrt": _cbrt,
    "exp": lambda x: x.exp(),
    "expm1": _expm1,
    "log": lambda x: x.ln(),
    "log1p": _log1p,
    "xlogx": lambda x: x * x.ln() if x else x,
    "tanh": lambda x: (
        _expm1(2 * x) / (_expm1(2 * x) + 2) if abs(x) < 300 else Decimal(1).copy_sign(x)
    ),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: max(x, Decimal(0)) + _log1p((-abs(x)).exp()),
    "log_cosh": lambda x: _log1p(_expm1(abs(x)) ** 2 / (2 * abs(x).exp())),
    "sin": _sin,
    "cos": _cos,
    "arctan": _arctan,
    "erf": _erf,
    "sign": lambda x: Decimal(0) if not x else Decimal(1).copy_sign(x),
}


def reference(name: str, x: Fraction) -> Fraction:
    """f(x), to more than fifty digits."""
    with localcontext() as context:
        context.prec = 3 * DIGITS
        return Fraction(REFERENCE[name](_decimal(x)))


def pi() -> Fraction:
    """π, to more than fifty digits."""
    with localcontext() as context:
        context.prec = 3 * DIGITS
        return Fraction(_pi())
