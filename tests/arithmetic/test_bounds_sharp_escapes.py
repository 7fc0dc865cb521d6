"""Escapes that were found and fixed: inputs on which float64 batches proved what is false."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pytest
from flint import arb, ctx

from checker.arithmetic.bounded import Bounded
from checker.arithmetic.decide import Decision, decide_batch, decide_case
from checker.arithmetic.functions import sq
from checker.arithmetic.inequality import Inequality
from checker.instances.fields import Batch, Dims, FloatArray

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

# A number whose square is rounded down by nearly half an ulp.
SCALE = float.fromhex("0x1.0000002d4021fp+0")


@dataclass(frozen=True, eq=False)
class Numbers:
    x: Annotated[FloatArray, Dims("k")]


def repeated_squaring(at: Any) -> Any:
    """SCALE ** 2**26, exactly, of which float64 knows an error and no value: 2^53 + 1 is a tie."""
    return ((at.x[0] + 1 - at.x[0]) * SCALE) ** 2**26


def test_each_squaring_doubles_the_roundings_of_an_error() -> None:
    """e_a e_b understates by the roundings of both, `rounds` counted those of one."""
    found = repeated_squaring(Numbers(Bounded(np.array([[2.0**53]]))))  # type: ignore[arg-type]
    with ctx.workprec(400):
        # NaN: more roundings than the inflation pays for, so nothing is known.
        assert not arb(SCALE) ** 2**26 > arb(float(found.upper[0]))


def test_repeated_squaring_does_not_decide_wrongly() -> None:
    def bounded(at: Any) -> Inequality:
        return Fraction("2.0279782") >= repeated_squaring(at)

    case = Batch(Numbers(np.array([[2.0**53]])), 1, "")
    assert decide_case(bounded, case.case(0)).decision is Decision.VIOLATED
    assert decide_batch(bounded, case).result(0).decision is Decision.VIOLATED


def test_transposing_a_vector_does_not_mix_the_cases_of_a_batch() -> None:
    """Balls leave a vector as it is; batches swap its axis with that of the cases."""

    def long(at: Any) -> Inequality:
        return sq(at.x.T) >= Fraction(1, 10)

    cases = Batch(Numbers(np.full((1, 20), 0.1)), 20, "")
    assert decide_case(long, cases.case(0)).decision is Decision.VIOLATED
    assert decide_batch(long, cases).result(0).decision is Decision.VIOLATED
