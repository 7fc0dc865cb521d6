"""Ball and exact arithmetic on problems whose answers are known: a broken one must not decide.

Every proved verdict rests on python-flint, of which there were versions with wrong signs: in 0.7
and 0.8 `neg(exact=True)` gave back its argument. A check calls what the decisions call, and
compares with Python's integers and fractions, or with decimals computed by Python's `decimal`. It
fails where the enclosure misses the answer, where it is too wide to say anything, and where
something raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, dyadic, slack_bits, working_precision
from checker.arithmetic.exact import Exact, sign_of_difference
from checker.arithmetic.existence.krawczyk import enclosed_zero
from checker.arithmetic.functions import exp, log, log_cosh, sigmoid, softplus, sqrt, tanh

_BITS = 128
# What an enclosure may be wide: far more than its rounding, far less than a wrong digit.
_WIDTH = Fraction(1, 2**90)
# Eigenvalues in a cluster are moved apart by 2**-(bits / 3) first.
_CLUSTER_WIDTH = Fraction(1, 2**30)
# The decimals below are cut off after 60 digits.
_CUT = Fraction(1, 10**60)

_EXP_1 = "2.718281828459045235360287471352662497757247093699959574966967"
_EXP_MINUS_HALF = "0.606530659712633423603799534991180453441918135487186955682892"
_LOG_3 = "1.098612288668109691395245236922525704647490557822749451734694"
_TANH_HALF = "0.462117157260009758502318483643672548730289280330113038552732"
_SIGMOID_HALF = "0.622459331201854564638900565745508478753279365308910163059437"
_SOFTPLUS_HALF = "0.974076984180106680872997355081170749755596194667862841200815"
_SOFTPLUS_MINUS_HALF = "0.474076984180106680872997355081170749755596194667862841200815"
_LOG_COSH_HALF = "0.120114506958277524631763373509679073839779951310093120598383"
_LOG_COSH_3 = "2.309328504577785140113627560585346400701233790301718851377415"
_SQRT_2 = "1.414213562373095048801688724209698078569671875376948073176679"


def faults() -> Iterator[str]:
    """The names of the checks that fail."""
    with working_precision(_BITS), np.errstate(all="ignore"):
        for name, check in CHECKS.items():
            if not _passes(check):
                yield name


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        # Such as a function that this version does not have.
        return False


# -- comparison without the arithmetic that is tested ---------------------------------------------


def _ends(ball: Any) -> tuple[Fraction, Fraction]:
    """The ends of a finite ball, from the integers that it consists of."""
    middle, radius = dyadic(ball.mid()), dyadic(ball.rad())
    return middle - radius, middle + radius


def _is(ball: Any, answer: int | Fraction) -> bool:
    """Whether a ball is this number and no other."""
    return _ends(_bare(ball)) == (answer, answer)


def _holds(ball: Any, answer: int | Fraction, width: Fraction = _WIDTH) -> bool:
    low, high = _ends(_bare(ball))
    return low <= answer <= high and high - low <= width


def _digits(ball: Any, decimals: str) -> bool:
    """Whether a ball holds the number that starts with these decimals."""
    low, high = _ends(_bare(ball))
    number = Fraction(decimals)
    return low <= number and number + _CUT <= high and high - low <= _WIDTH


def _bare(ball: Any) -> Any:
    return ball.item if isinstance(ball, Ball) else ball


def _all_hold(balls: Any, *answers: int | Fraction) -> bool:
    return len(balls) == len(answers) and all(map(_holds, balls, answers))


# -- the checks -----------------------------------------------------------------------------------


def _numbers() -> bool:
    low, high = _ends(arb(1, 0.5))
    return (
        all(_is(Ball.convert(x), Fraction(x)) for x in (0.1, -(2.0**-1074), 2**400 + 1, 0))
        and _holds(Ball.convert(Fraction(1, 3)), Fraction(1, 3))
        and _is(arb((3, -5)), Fraction(3, 32))
        and float(arb(-0.75).mid()) == -0.75
        and low <= 0.5 < 1.5 <= high < 1.5001
        and low <= dyadic(arb(1, 0.5).lower()) <= 0.5
        and 1.5 <= dyadic(arb(1, 0.5).upper()) <= high
    )


def _negation() -> bool:
    # More digits than the working precision has: none may be lost.
    long = Ball.constant(2**400 + 1)
    return (
        _is(-long, -(2**400) - 1)
        and _is(-Ball.constant(-(2**400) - 1), 2**400 + 1)
        and _is(-Ball.constant(-1), 1)
        and _is(-arb(3), -3)
    )


def _absolute() -> bool:
    around = _ends(abs(Ball.constant(0) + Ball(np.array(arb(1, 3)))).item)
    exact = (_is(abs(Ball.constant(x)), 2) for x in (2, -2))
    return all(exact) and around[0] <= 0 and around[1] >= 4 and _is(abs(arb(-2)), 2)


def _sums() -> bool:
    third = Ball.constant(Fraction(1, 3))
    return (
        _is(Ball.constant(2) + Ball.constant(3), 5)
        and _is(Ball.constant(2) - Ball.constant(3), -1)
        and _holds(third - Ball.constant(2), Fraction(-5, 3))
        and _holds(Ball.constant([Fraction(1, 3), -2, 5]).total(), Fraction(10, 3))
    )


def _products() -> bool:
    third = Ball.constant(Fraction(1, 3))
    left, right = Ball.constant([[1, -2], [3, 4]]), Ball.constant([[5, 6], [7, -8]])
    low, high = _ends(arb(0, 1) * arb(2, 1))
    return (
        _is(Ball.constant(-3) * Ball.constant(5), -15)
        and _holds(third * third, Fraction(1, 9))
        and _all_hold(list((left @ right).entries.flat), -9, 22, 43, -14)
        and low <= -3
        and high >= 3
        and _holds(third**3, Fraction(1, 27))
    )


def _quotients() -> bool:
    return (
        _holds(Ball.constant(1) / Ball.constant(-3), Fraction(-1, 3))
        and _holds(1 / Ball.constant(7), Fraction(1, 7))
        and not (Ball.constant(1) / Ball(np.array(arb(0, 1)))).is_finite
    )


def _comparisons() -> bool:
    wide, nothing = arb(0, 1), arb("nan")
    answers = (arb(1) > 0, arb(-1) < 0, arb(0) >= 0, arb(1) > arb(0.5), arb(2, 0.5) > arb(1))
    open_ = (wide > 0, wide < 0, wide >= 0, arb(0.5, 1) > 0, arb(2) > arb(1.5, 1))
    wrong = (arb(0) > 0, arb(1) < 0, arb(-1) >= 0, arb(1) > arb(2))
    unknown = (nothing > 0, nothing < 0, nothing >= 0, nothing <= 0, nothing.is_finite())
    zeros = (arb(0).is_zero(), not wide.is_zero(), not nothing.is_zero(), arb(1).is_finite())
    return all((*answers, *zeros)) and not any((*open_, *wrong, *unknown))


def _maxima() -> bool:
    wide = Ball(np.array(arb(0, 1)))
    low, high = _ends(wide.maximum(Ball.constant(0)).item)
    return (
        _is(Ball.constant(-2).maximum(Ball.constant(3)), 3)
        and 0 <= low < Fraction(1, 1000)
        and 1 <= high < Fraction(1001, 1000)
        and bool(wide.maximum(Ball.constant(0)).item >= 0)
    )


def _roots() -> bool:
    return (
        _digits(sqrt(Ball.constant(2)), _SQRT_2)
        and _is(sqrt(Ball.constant(9)), 3)
        and not sqrt(Ball.constant(-1)).is_finite
    )


def _exponentials() -> bool:
    half = Ball.constant([0.5])[0]
    return (
        _digits(exp(Ball.constant(1)), _EXP_1)
        and _digits(exp(-half), _EXP_MINUS_HALF)
        and _digits(log(Ball.constant(3)), _LOG_3)
        and not log(Ball.constant(-1)).is_finite
    )


def _activations() -> bool:
    half = Ball.constant(0.5)
    return (
        _digits(tanh(half), _TANH_HALF)
        and _digits(sigmoid(half), _SIGMOID_HALF)
        and _digits(1 - sigmoid(-half), _SIGMOID_HALF)
        and _digits(softplus(half), _SOFTPLUS_HALF)
        and _digits(softplus(-half), _SOFTPLUS_MINUS_HALF)
        and _digits(log_cosh(half), _LOG_COSH_HALF)
        and _digits(log_cosh(Ball.constant(-3)), _LOG_COSH_3)
    )


def _eigenvalues() -> bool:
    low, high = Ball.constant([[2, 1], [1, 2]]).extreme_eigenvalues()
    zero, _ = Ball.constant([[1, 0, 1], [0, 0, 0], [1, 0, 2]]).extreme_eigenvalues()
    twice, _ = Ball.constant([[2, 1, 1], [1, 2, 1], [1, 1, 2]]).extreme_eigenvalues()
    return (
        _holds(low, 1)
        and _holds(high, 3)
        and _is(zero, 0)
        and _holds(twice, 1, _CLUSTER_WIDTH)
        and _holds(Ball.constant([[3, 0], [0, -4]]).spectral_norm(), 4)
        and _holds(Ball.constant([[3, 4]]).spectral_norm(), 5)
    )


def _matrices() -> bool:
    matrix = arb_mat([[2, 1], [1, 1]])
    return (
        _all_hold((matrix * matrix).entries(), 5, 3, 3, 2)
        and _all_hold(matrix.inv().entries(), 1, -1, -1, 2)
        and _all_hold((arb_mat([[1, 2]]).transpose() / 4).entries(), Fraction(1, 4), Fraction(1, 2))
        and _all_hold((matrix + arb_mat(2, 2, 1) * arb(3)).entries(), 5, 1, 1, 4)
    )


def _series() -> bool:
    t = Taylor.line(1.0, 1.0)

    def is_series(found: Taylor, *answers: int | Fraction) -> bool:
        return _all_hold([found.coefficient(k).item for k in range(3)], *answers)

    exponential = [exp(t).coefficient(k) * (1, 1, 2)[k] for k in range(3)]
    return (
        is_series(t * t - 3, -2, 2, 1)
        and is_series(1 / t, 1, -1, 1)
        and is_series(-t, -1, -1, 0)
        and is_series(sqrt(t * t), 1, 1, 0)
        and is_series(log(t), 0, 1, Fraction(-1, 2))
        and all(_digits(c, _EXP_1) for c in exponential)
    )


def _boxes() -> bool:
    def system(x: Ball) -> Ball:
        return x * x - Ball.constant([2.0])

    def jacobian(x: Ball) -> Ball:
        return Ball(np.array([[2 * x.entries[0]]], dtype=object))

    root = enclosed_zero(system, jacobian, np.array([1.4142135623730951]), 1e-3)
    nowhere = enclosed_zero(system, jacobian, np.array([1.5]), 1e-3)
    wide = arb(0, 1)
    return (
        root is not None
        and _ends(root.entries[0])[0] <= Fraction(_SQRT_2) <= _ends(root.entries[0])[1]
        and nowhere is None
        and not arb(0, 0.5).contains_interior(wide)
        and wide.overlaps(arb(2, 1.5))
        and not wide.overlaps(arb(3))
        and slack_bits(arb((1, -70))) in (69, 70)
    )


def _exact_numbers() -> bool:
    eight, low = sqrt(Exact.constant(8)), Exact.constant([[2, 1], [1, 2]]).extreme_eigenvalues()[0]
    third, rank = Exact.constant(Fraction(1, 3)), fmpq_mat([[1, 2], [fmpq(1, 2), 1]]).rank()
    signs = [
        sign_of_difference(x.item, y.item)
        for x, y in (
            (eight, sqrt(Exact.constant(2)) * Exact.constant(2)),
            (eight, Exact.constant(3)),
            (-eight, Exact.constant(-3)),
            (third + third, 1 - third),
            (third * third, Exact.constant(1) / Exact.constant(9)),
            (low, Exact.constant(1)),
        )
    ]
    return signs == [0, -1, 1, 0, 0, 0] and rank == 1 and _digits(eight.item.ball / 2, _SQRT_2)


CHECKS: dict[str, Callable[[], bool]] = {
    "conversion": _numbers,
    "negation": _negation,
    "absolute values": _absolute,
    "sums": _sums,
    "products": _products,
    "quotients": _quotients,
    "comparisons": _comparisons,
    "maxima": _maxima,
    "roots": _roots,
    "exponentials": _exponentials,
    "activations": _activations,
    "eigenvalues": _eigenvalues,
    "matrices": _matrices,
    "Taylor series": _series,
    "boxes": _boxes,
    "exact numbers": _exact_numbers,
}
