"""Elementary functions, where NumPy's are replaced by ones that err as far as is assumed.

The real ones err by less than one unit in the last place as a rule, so they never need the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from checker.arithmetic import bounded, functions
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.functions import exponentials, roots, sigmoids, trigonometric
from checker.instances.fields import FloatArray

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
MODULES = (bounded, exponentials, roots, sigmoids, trigonometric)
# As in the documentation of NumPy, on purpose not taken from checker.arithmetic.constants.
ULPS = 4
PRECISION = 2400

ELEMENTARY: dict[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "log1p": lambda x: x.log1p(),
    "expm1": lambda x: x.expm1(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "arctan": lambda x: x.atan(),
    "cbrt": lambda x: _cube_root(x),
    "sinh": lambda x: x.sinh(),
    "tanh": lambda x: x.tanh(),
}

EXACT: dict[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: x.exp().log1p(),
    "log_cosh": lambda x: (2 * (x / 2).sinh() ** 2).log1p(),
    "log1p": lambda x: x.log1p(),
    "expm1": lambda x: x.expm1(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "arctan": lambda x: x.atan(),
    "cbrt": lambda x: _cube_root(x),
    "erf": lambda x: x.erf(),
    "xlogx": lambda x: x * x.log() if x > 0 else arb(0),
}


def _cube_root(x: arb) -> arb:
    return x.root(3) if x > 0 else -((-x).root(3)) if x < 0 else arb(0)


def furthest(function: Callable[[arb], arb], side: int, x: float) -> float:
    """The float furthest from f(x) on one side, but no more than `ULPS` of its own ulps away."""
    with ctx.workprec(200):
        exact = function(arb(x))
        nearest = float(exact.mid())
        if nearest == 0 or not np.isfinite(nearest):
            return nearest
        for steps in range(ULPS + 1, 0, -1):
            candidate = nearest + side * steps * float(np.spacing(abs(nearest)))
            if abs(arb(candidate) - exact) <= ULPS * arb(float(np.spacing(abs(candidate)))):
                return candidate
    return nearest


def err_on(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the batches compute with elementary functions that err to one side."""
    wrong = {
        name: np.vectorize(partial(furthest, f, side), otypes=[np.float64])
        for name, f in ELEMENTARY.items()
    }
    for module in MODULES:
        monkeypatch.setattr(module, "np", SimpleNamespace(**{**vars(np), **wrong}))


def assert_encloses(found: Bounded, truth: list[arb]) -> None:
    for i, exact in enumerate(truth):
        value, radius = arb(float(found.value[i])), arb(float(found.radius[i]))
        assert abs(exact - value) <= radius, (i, found.value[i], found.radius[i])
        assert not arb(float(found.lower[i])) > exact
        assert not arb(float(found.upper[i])) < exact


# Arguments whose images lie just above a power of two, where an ulp is nearly 2 u.
ABOVE = 2.0 ** np.arange(-40, 6, 1.0) * (1.0 + 1e-13)
ARGUMENTS: dict[str, FloatArray] = {
    "exp": np.concatenate([np.log(ABOVE) + 1e-12, [-745.0, -744.4, -740.0, -708.2]]),
    "log": np.concatenate([np.exp(ABOVE), np.exp(-ABOVE), [0.5, 1.0, 2.0, 3.0]]),
    "tanh": np.concatenate([np.arctanh(ABOVE[ABOVE < 1]), [5e-324, 4e-322, 1e-310, 20.0]]),
    "sigmoid": np.concatenate([np.log(ABOVE), -np.log(ABOVE), [0.0, -744.5, -740.0, 740.0]]),
    "softplus": np.concatenate([np.log(ABOVE), np.log(ABOVE) + 1e-12, [0.0, -744.5, -740.0, 30.0]]),
    "log_cosh": np.concatenate([ABOVE, ABOVE * np.sqrt(2.0), [0.999, 1.0, 1.001, 1e-160, 1e-165]]),
    "log1p": np.concatenate([np.expm1(ABOVE[ABOVE < 30]), -ABOVE[ABOVE < 1], [5e-324, 1e-310]]),
    "expm1": np.concatenate([np.log1p(ABOVE), -ABOVE, [5e-324, 1e-310, -745.0]]),
    "sin": np.concatenate([np.arcsin(ABOVE[ABOVE < 1]), [3.0, 3.14159265, 22.0, 355.0, 5e-324]]),
    "cos": np.concatenate([np.arccos(ABOVE[ABOVE < 1]), ABOVE, [0.0, 11.0, 1.57079632]]),
    "arctan": np.concatenate([np.tan(ABOVE[ABOVE < 1.5]), -ABOVE, [1e300, 5e-324]]),
    "cbrt": np.concatenate([ABOVE**3, -ABOVE, [0.0, 1e300, 5e-324, -1e-310]]),
    "erf": np.concatenate([ABOVE, -ABOVE, [0.0, 0.5, 1.0, 3.0, 5.5, 5.999, 6.0, 5e-324]]),
    "xlogx": np.concatenate([ABOVE, 1.0 + ABOVE[ABOVE < 1], [0.0, 0.3678, 5e-324, 1e-310]]),
}


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("name", EXACT)
def test_functions_that_err_as_far_as_assumed(
    name: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    err_on(side, monkeypatch)
    x = ARGUMENTS[name]
    for error in (None, np.zeros_like(x)):
        found = getattr(functions, name)(Bounded(x, error))
        with ctx.workprec(PRECISION):
            assert_encloses(found, [EXACT[name](arb(float(v))) for v in x])


@pytest.mark.parametrize("name", ELEMENTARY)
def test_the_replacements_err_by_more_than_three_ulps(name: str) -> None:
    for x in (0.3, 0.7, 1.3):
        for side in (1, -1):
            found = furthest(ELEMENTARY[name], side, x)
            with ctx.workprec(200):
                apart = side * (arb(found) - ELEMENTARY[name](arb(x)))
                assert 3 < apart / float(np.spacing(abs(found))) <= 4


# Name -> (value, error): the image of an end of the interval needs the inherited error.
INHERITED: dict[str, list[tuple[float, float]]] = {
    # The last two: a result that underflowed stands for numbers that grow by e^40.
    "exp": [(0.0, 1.0), (0.0, 2.0**-20), (3.0, 20.0), (-745.2, 40.0), (-760.0, 60.0)],
    "log": [(2.0, 1.0), (1.0, 1.0 - 2.0**-10), (1.0, 2.0**-30), (1.0, 5e-324)],
    "tanh": [(0.0, 0.01), (0.0, 5e-324), (1.0, 0.5), (0.0, 2.0**-40)],
    "sigmoid": [(-20.0, 1.0), (-30.0, 20.0), (-745.2, 40.0), (0.0, 2.0**-20), (-760.0, 60.0)],
    "softplus": [(20.0, 1.0), (0.0, 1.0), (30.0, 2.0**-20)],
    "log_cosh": [(20.0, 1.0), (0.0, 1.0), (-30.0, 2.0**-20)],
    "log1p": [(2.0, 1.0), (0.0, 1.0 - 2.0**-10), (0.0, 2.0**-30), (1e-310, 5e-324)],
    "expm1": [(0.0, 1.0), (0.0, 2.0**-20), (3.0, 20.0), (-30.0, 29.0), (1e-310, 5e-324)],
    "sin": [(0.0, 0.01), (0.0, 5e-324), (3.0, 0.5), (0.0, 2.0**-40)],
    "cos": [(1.5, 0.01), (-1.5, 2.0**-40), (3.0, 0.5)],
    "arctan": [(0.0, 0.01), (0.0, 5e-324), (1.0, 0.5), (0.0, 2.0**-40)],
    "cbrt": [(0.0, 1.0), (1.0, 2.0), (1.0, 0.5), (27.0, 2.0**-20), (0.0, 5e-324), (-8.0, 7.999)],
    "erf": [(0.0, 0.01), (0.0, 5e-324), (0.5, 0.5), (0.0, 2.0**-40), (6.0, 5.5)],
    "xlogx": [(1.0, 0.5), (5.0, 1.0), (0.25, 0.25), (1.0, 1.0), (0.2, 0.2), (0.0, 0.0)],
}


@pytest.mark.parametrize("end", [1, -1])
@pytest.mark.parametrize("name", INHERITED)
def test_images_of_the_ends_are_enclosed(name: str, end: int) -> None:
    value, error = (np.array(column) for column in zip(*INHERITED[name], strict=True))
    found = getattr(functions, name)(Bounded(value, error))
    with ctx.workprec(PRECISION):
        ends = [arb(float(v)) + end * arb(float(e)) for v, e in zip(value, error, strict=True)]
        assert_encloses(found, [EXACT[name](x) for x in ends])


def test_exp_of_an_inexact_argument_with_a_subnormal_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """4 ulps of a subnormal result are 2^-1072, which the relative term alone gives exactly.

    The inherited error comes on top, and is rounded away there.
    """
    unit, error = arb(2) ** -1074, 2.0**-53
    with ctx.workprec(300):
        x, over = _just_below_a_float(unit, error)
        monkeypatch.setattr(
            exponentials, "np", SimpleNamespace(**{**vars(np), "exp": lambda _: np.array([over])})
        )
        assert abs(arb(x).exp() - over) <= ULPS * unit
        assert_encloses(
            functions.exp(Bounded(np.array([x]), np.array([error]))), [(arb(x) + arb(error)).exp()]
        )


def _just_below_a_float(unit: arb, error: float) -> tuple[float, float]:
    """x and a float nearly 4 units below exp(x), more than 4 below exp(x + error)."""
    for x in np.linspace(-711.3, -711.2, 2000).tolist():
        above = (arb(x).exp() / unit).ceil().unique_fmpz()
        float_below = float((above - ULPS) * unit)
        if (arb(x) + arb(error)).exp() - arb(float_below) > ULPS * unit:
            return x, float_below
    raise AssertionError("no argument found")


def test_results_that_are_not_finite_prove_nothing() -> None:
    everything: Any = Bounded(np.array([1e308]), np.array([np.inf]))
    for name in EXACT:
        found = getattr(functions, name)(everything)
        assert not found.upper[0] < np.inf
