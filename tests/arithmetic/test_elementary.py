"""The one assumption about NumPy: its elementary functions err by at most ELEMENTARY_ULPS ulps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from checker.arithmetic.constants import ELEMENTARY_ERROR, ELEMENTARY_ULPS, UNIT_ROUNDOFF

POINTS = 2000  # long enough for the vectorised loops of NumPy
TINY = 2.0**-1074


def _powers(low: float, high: float, signs: tuple[float, ...]) -> Callable[[Any], Any]:
    return lambda rng: rng.choice(signs, POINTS) * 10.0 ** rng.uniform(low, high, POINTS)


def _interval(low: float, high: float) -> Callable[[Any], Any]:
    return lambda rng: rng.uniform(low, high, POINTS)


def _subnormal(signs: tuple[float, ...]) -> Callable[[Any], Any]:
    return lambda rng: rng.choice(signs, POINTS) * rng.integers(1, 2**51, POINTS) * TINY


BOTH, POSITIVE = (-1.0, 1.0), (1.0,)
EXACT: dict[str, Callable[[arb], arb]] = {
    "exp": lambda x: x.exp(),
    "expm1": lambda x: x.expm1(),
    "log": lambda x: x.log(),
    "log1p": lambda x: x.log1p(),
    "sinh": lambda x: x.sinh(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "arctan": lambda x: x.atan(),
    "cbrt": lambda x: x.root(3) if x > 0 else -((-x).root(3)),
    "tanh": lambda x: x.tanh(),
}
RANGES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "exp everywhere": ("exp", _interval(-746.0, 709.78)),
    "exp of moderate numbers": ("exp", _interval(-40.0, 40.0)),
    "exp with subnormal results": ("exp", _interval(-745.5, -708.0)),
    "exp near 0": ("exp", _powers(-20, 0, BOTH)),
    "exp of subnormals": ("exp", _subnormal(BOTH)),
    "expm1 everywhere": ("expm1", _interval(-60.0, 709.78)),
    "expm1 of tiny numbers": ("expm1", _powers(-320, 0, BOTH)),
    "expm1 of subnormals": ("expm1", _subnormal(BOTH)),
    "log everywhere": ("log", _powers(-307, 308, POSITIVE)),
    "log of subnormals": ("log", _subnormal(POSITIVE)),
    "log near 1": ("log", lambda rng: 1.0 + _powers(-16, -1, BOTH)(rng)),
    "log1p everywhere": ("log1p", _powers(-320, 308, POSITIVE)),
    "log1p of negative numbers": ("log1p", lambda rng: -(2.0 ** rng.uniform(-60, -1e-9, POINTS))),
    "log1p from 0 to 1": ("log1p", _interval(0.0, 1.0)),
    "log1p of subnormals": ("log1p", _subnormal(BOTH)),
    "sinh everywhere": ("sinh", _interval(-710.4, 710.4)),
    "sinh from -1 to 1": ("sinh", _interval(-1.0, 1.0)),
    "sinh of tiny numbers": ("sinh", _powers(-320, 0, BOTH)),
    "tanh everywhere": ("tanh", _interval(-25.0, 25.0)),
    "tanh of all sizes": ("tanh", _powers(-320, 308, BOTH)),
    "tanh of subnormals": ("tanh", _subnormal(BOTH)),
    "arctan everywhere": ("arctan", _powers(-320, 308, BOTH)),
    "arctan near 1": ("arctan", _interval(-4.0, 4.0)),
    "arctan of subnormals": ("arctan", _subnormal(BOTH)),
    "cbrt everywhere": ("cbrt", _powers(-307, 308, BOTH)),
    "cbrt near 1": ("cbrt", _interval(-8.0, 8.0)),
    "cbrt of subnormals": ("cbrt", _subnormal(BOTH)),
    **{
        f"{name} {where}": (name, draw)
        for name in ("sin", "cos")
        for where, draw in {
            "of moderate numbers": _interval(-40.0, 40.0),
            "of large numbers": _powers(1, 308, BOTH),
            "of small numbers": _powers(-320, 0, BOTH),
            "of subnormals": _subnormal(BOTH),
            "near their zeros": lambda rng: rng.integers(-(2**20), 2**20, POINTS) * (np.pi / 2),
        }.items()
    },
}


def _contiguous(function: Any, x: Any) -> Any:
    return function(x)


def _strided(function: Any, x: Any) -> Any:
    spaced = np.zeros(3 * x.size)
    spaced[::3] = x
    return function(spaced[::3])


def _short(function: Any, x: Any) -> Any:
    """Pieces of 1, 2, ..., 9 numbers, then again."""
    ends = np.cumsum(np.resize(np.arange(1, 10), x.size))
    return np.concatenate([function(piece) for piece in np.split(x, ends[ends < x.size])])


def _in_place(function: Any, x: Any) -> Any:
    whole = x.copy().reshape(4, -1)
    return function(whole, out=whole).ravel()


@pytest.mark.parametrize("layout", [_contiguous, _strided, _short, _in_place])
@pytest.mark.parametrize("name", RANGES)
def test_numpy_is_as_accurate_as_assumed(name: str, layout: Callable[..., Any]) -> None:
    function, draw = RANGES[name]
    x = draw(np.random.default_rng(hash_of(name)))
    # Vectors of 4 or 8 mix what needs a special case with what does not.
    x[::97] = 0.5
    found = layout(getattr(np, function), x)
    ulp = np.spacing(np.abs(found))
    if function in ("sin", "cos"):
        # Not relative to a value near 0: of numbers of the size of 1, or of x.
        size = np.minimum(np.abs(x), 1.0) if function == "sin" else np.ones_like(x)
        ulp = np.maximum(ulp, 2 * UNIT_ROUNDOFF * size)
    assert np.isfinite(found).all()
    with ctx.workprec(200):
        for number, value, unit in zip(x.tolist(), found.tolist(), ulp.tolist(), strict=True):
            error = abs(EXACT[function](arb(number)) - value)
            assert error <= ELEMENTARY_ULPS * arb(unit), (number, value, error / unit)


def hash_of(name: str) -> int:
    """A seed that is the same in every process."""
    return int.from_bytes(name.encode(), "big")


def test_an_ulp_is_at_most_two_unit_roundoffs() -> None:
    x = 2.0 ** np.random.default_rng(0).uniform(-1021, 1023, POINTS)
    assert (np.spacing(x) <= 2 * UNIT_ROUNDOFF * x).all()
    assert ELEMENTARY_ERROR == ELEMENTARY_ULPS * 2 * UNIT_ROUNDOFF


@pytest.mark.parametrize(
    ("function", "x", "value"),
    [
        (np.exp, -np.inf, 0.0),
        (np.exp, -1e308, 0.0),
        (np.exp, 0.0, 1.0),
        (np.log, 1.0, 0.0),
        (np.log1p, 0.0, 0.0),
        (np.tanh, 1e308, 1.0),
        (np.tanh, 0.0, 0.0),
        (np.sinh, 0.0, 0.0),
        (np.expm1, 0.0, 0.0),
    ],
)
def test_limits_and_fixed_points(function: Any, x: float, value: float) -> None:
    assert (function(np.full(9, x)) == value).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", EXACT)
def test_nan_stays_nan_in_every_lane(name: str) -> None:
    for lane in range(17):
        x = np.full(17, 0.5)
        x[lane] = np.nan
        assert np.array_equal(np.isnan(getattr(np, name)(x)), np.isnan(x))
