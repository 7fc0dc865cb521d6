"""Numbers of scripts: literals without rounding, and how far decimals are from the exact sides."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException, localcontext
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from checker.arithmetic.ball import working_precision
from checker.explain.expression import ATOM, PRODUCT, SIGN, Piece, Printer
from checker.explain.recording import Recording

# Digits that a script tries, fewest first.
_DIGITS = (60, 250, 1000, 2600)

# How far the margin of a comparison stays below the violation, and the error below the margin.
_BELOW_VIOLATION, _BELOW_MARGIN = 6, 3


class DecimalPrinter(Printer):
    """Python text for decimals."""

    def number(self, value: Fraction) -> Piece:
        if value.denominator == 1:
            return str(value), ATOM if value >= 0 else SIGN
        short = decimal_literal(value)
        if short is not None:
            return f'D("{short}")', ATOM
        return f"D({value.numerator}) / {value.denominator}", PRODUCT

    def leaf(self, value: Fraction) -> str:
        short = decimal_literal(value)
        if short is None:
            return f'D(float.fromhex("{float(value).hex()}"))'
        return f"D({short})" if value.denominator == 1 else f'D("{short}")'


def decimal_literal(value: Fraction) -> str | None:
    """A fraction as a decimal of at most 12 digits, or None."""
    with localcontext() as context:
        context.prec = 12
        rounded = Decimal(value.numerator) / Decimal(value.denominator)
    return format(rounded, "f") if Fraction(rounded) == value and _ordinary(value) else None


def _ordinary(value: Fraction) -> bool:
    return value == 0 or 1e-6 < abs(value) < 1e12


@dataclass(frozen=True)
class Margin:
    """How decimals are compared: with how many digits, and what difference counts."""

    digits: int
    exponent: int
    error_exponent: int
    size_exponent: int


def margin_of(recording: Recording, body: Callable[[int], str]) -> Margin | None:
    """The fewest digits with which a script computes both sides well enough, by balls.

    The script's statements are run here, and what they compute is compared with enclosures of the
    exact sides: that proves the margin that the script states.
    """
    with working_precision(recording.bits):
        balls = recording.lhs.ball.item, recording.rhs.ball.item
        slack = balls[0] - balls[1]
        if not slack.is_finite() or not (slack > 0 or slack < 0):
            return None
        size = _exponent(abs(slack).lower())
    exponent = size - _BELOW_VIOLATION
    for digits in _DIGITS:
        error = _error_exponent(body(digits), balls, recording.bits)
        if error is not None and error + _BELOW_MARGIN <= exponent:
            return Margin(digits, exponent, error, size)
    return None


def _exponent(x: Any) -> int:
    """A power of ten near x > 0, however small."""
    return math.floor(float((x.log() / arb(10).log()).mid()))


def _error_exponent(source: str, balls: tuple[Any, Any], bits: int) -> int | None:
    """k with |computed - exact| < 10**k for both sides; None where the computation fails."""
    computed: dict[str, Any] = {}
    with localcontext():
        try:
            exec(compile(source, "<script>", "exec"), computed)
        except (DecimalException, ArithmeticError, ValueError):
            return None
    with working_precision(bits):
        apart = [
            abs(ball - _enclosed(Fraction(computed[side]))).upper()
            for side, ball in zip(("lhs", "rhs"), balls, strict=True)
        ]
        largest = apart[0].max(apart[1])
        return _exponent(largest) + 2 if largest > 0 else -(10**9)


def _enclosed(value: Fraction) -> Any:
    return arb(fmpq(value.numerator, value.denominator))
