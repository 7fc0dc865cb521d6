"""What is said of claims that never change, or are never decided, is proved of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest
from hypothesis import strategies as st

from checker.arithmetic.checks.constancy import is_constant
from checker.arithmetic.functions import cos, erf, exp, filled, sin, sqrt, tanh, total
from checker.claims.claim import Domain, claim
from checker.claims.verdict import Verdict
from checker.instances.fields import Batch, Dims, FloatArray
from checker.search.verify import Plan, verify


@dataclass(frozen=True)
class Number:
    x: Annotated[FloatArray, Dims()]


@dataclass(frozen=True)
class Uniform:
    low: float
    high: float

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        return Batch(Number(rng.uniform(self.low, self.high, size)), size, "uniform")


def _domains(low: float, high: float) -> list[Domain]:
    drawn = st.builds(Number, st.floats(low, high).map(np.array))
    return [
        Domain(drawn),
        Domain(drawn, {"uniform": st.builds(Uniform, *map(st.just, (low, high)))}),
    ]


SAME = "whatever the numbers of the instance, the claim asserts "

CLAIMS: dict[str, tuple[Any, tuple[float, float], Verdict, str]] = {
    # Saturated, but no constant: no precision separates 1 - erf(1e4) from 0; of 1 - tanh(1e4) the
    # closed form 2 / (e^2x + 1) tells that it is positive.
    "erf": (lambda at: 1 >= erf(at.x), (1e4, 1e9), Verdict.UNDECIDED, "too close to equality"),
    "tanh": (lambda at: 1 >= tanh(at.x), (1e4, 1e9), Verdict.STANDS, ""),
    # Nearly everywhere 1 in float64, and 0 at x = 7: false, and no constant.
    "needle": (lambda at: 1 - exp(-1e12 * (at.x - 7) ** 2) >= 1e-9, (8, 100), Verdict.STANDS, ""),
    "x/x": (lambda at: at.x / at.x >= 1, (1, 9), Verdict.STANDS, ""),
    "x - x": (lambda at: 2 + at.x - at.x >= 2, (1, 9), Verdict.STANDS, ""),
    "exp": (lambda at: exp(at.x) * exp(-at.x) >= 1, (1, 9), Verdict.STANDS, ""),
    "sin": (
        lambda at: sin(at.x) ** 2 + cos(at.x) ** 2 >= 1,
        (1, 9),
        Verdict.UNDECIDED,
        "too close",
    ),
    "zero": (lambda at: 0 * at.x + 1 >= 0.5, (1, 9), Verdict.VACUOUS, SAME + "1.0 >= 0.5"),
    "root": (lambda at: sqrt(filled(at.x, 2)) >= 1, (1, 9), Verdict.VACUOUS, SAME),
    "one": (lambda at: filled(at.x, 1) >= 1, (1, 9), Verdict.VACUOUS, SAME),
    "large": (lambda at: sqrt(filled(at.x, 2e200)) >= 1e99, (1, 9), Verdict.VACUOUS, SAME),
    # One float in float64, two numbers.
    "close": (lambda at: 1 + 2.0**-80 * at.x >= 0.5, (1, 9), Verdict.STANDS, ""),
}


@pytest.mark.parametrize("name", CLAIMS)
@pytest.mark.parametrize("strata", [False, True])
def test_verdicts_on_sides_that_hardly_change(name: str, strata: bool) -> None:
    formula, interval, verdict, reason = CLAIMS[name]
    own = claim(given=_domains(*interval)[strata], id=f"user.{name}")(formula)
    (evidence,) = verify(Plan((own,), cases=64))
    assert evidence.verdict is verdict
    assert reason in evidence.reason


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (lambda at: at.x >= 0, False),
        (lambda at: 0 * at.x + 1 >= 0.5, True),
        (lambda at: at.x / abs(at.x) >= 0, False),
        (lambda at: at.x - at.x >= 0, False),
        (lambda at: 1 >= tanh(at.x), False),
        (lambda at: filled(at.x, 1) >= at.x, False),
        (lambda at: sqrt(filled(at.x, 3)) >= total(filled(at.x, 1)), True),
        (lambda at: type(at.x).constant(2) >= 1, True),
        (lambda at: at.x.maximum(at.x._coerce(2**1025)) >= 0, True),
        (lambda at: at.x.maximum(at.x._coerce(2.0**1023)) >= 0, False),
    ],
)
def test_constancy_is_proved_for_all_numbers(formula: Any, expected: bool) -> None:
    assert is_constant(formula, Number(np.array(2.0))) is expected
