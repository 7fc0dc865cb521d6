"""Points of Example 1 of Shamir (2018) with ridge: anywhere, on the curve of its stationary points.

Positions are drawn in units that depend on ε: λ(q) of `residual_unit.ridge` is positive for
0 < q < g, where ε = g³/(1 - g²)², so g is drawn and ε computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from checker.claims.claim import Domain
from checker.instances.fields import FloatArray
from checker.landscape.residual_unit.ridge import (
    CurvePoint,
    Ridge,
    Stationary,
    ThresholdPoint,
    ValleyPoint,
)
from strategies.corners import cornered
from strategies.deep_residual.motivating import Numbers

CASES = 3000
IDENTITIES = 300

# q where λ(q) is greatest, for ε = 1, as a float near it, and the q with λ(q) = 0.
FOLD, VALLEY = 0.483, 0.67104

_UNIT = {"eps": "ε = 1"}

Fields = dict[str, Any]
Fill = Callable[[np.random.Generator, int], Fields]


def _domain(kind: type, fills: Mapping[str, Fill], cases: int, told: str = "") -> Domain:
    strata: Any = {name: st.just(Numbers(kind, name, fill)) for name, fill in fills.items()}
    return Domain(st.nothing(), strata, cases=cases, told=frozenset({told} - {""}))


def _scale(rng: np.random.Generator, size: int) -> FloatArray:
    """c: those of the example and of the figure, and others."""
    return np.where(
        rng.random(size) < 0.5, rng.choice([0.5, 1.0], size), 10.0 ** rng.uniform(-2, 2, size)
    )


def _eps_of(g: FloatArray) -> FloatArray:
    return g**3 / (1 - g * g) ** 2


# -- any point ------------------------------------------------------------------------------------


def _anywhere(rng: np.random.Generator, size: int) -> Fields:
    eps = 10.0 ** rng.uniform(-4, 3, size)
    w, v = rng.uniform(-3, 3, (2, size)) / eps
    return {
        "eps": eps,
        "c": _scale(rng, size),
        "lam": 10.0 ** rng.uniform(-4, 2, size),
        "w": w,
        "v": v,
    }


def _stationary(rng: np.random.Generator, size: int) -> Fields:
    """The float nearest to a stationary point with w < 0."""
    eps, q = _eps_and_q(rng, size)
    c = _scale(rng, size)
    far = 1 / (1 - q * q)
    lam = 2 * c * (eps * q - (q * q * far) ** 2)
    return {"eps": eps, "c": c, "lam": lam, "w": -q * far / eps, "v": -far / eps}


def _exactly_stationary(rng: np.random.Generator, size: int) -> Fields:
    """q = 3/5 and ε = 5 · 2ᵏ: (w, v) and λ are exact in binary."""
    eps = 5 * 2.0 ** rng.integers(-3, 4, size)
    c = 2.0 ** rng.integers(-3, 4, size)
    rho = 3 * (eps / 5) - (9 / 16) ** 2
    return {"eps": eps, "c": c, "lam": 2 * c * rho, "w": -15 / 16 / eps, "v": -25 / 16 / eps}


STATIONARY, EXACT = "stationary up to rounding", "stationary"


@cache
@cornered(Ridge)
def ridge_points() -> Domain:
    """Points anywhere, and stationary ones."""
    fills = {"anywhere": _anywhere, STATIONARY: _stationary, EXACT: _exactly_stationary}
    return _domain(Ridge, fills, CASES, EXACT)


@cache
@cornered(Ridge)
def small_disc_points() -> Domain:
    """Points of the disc of radius 1/ε."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        fields = _anywhere(rng, size)
        angle, radius = rng.uniform(0, 2 * np.pi, size), np.sqrt(rng.random(size))
        w, v = radius * np.cos(angle), radius * np.sin(angle)
        return {**fields, "w": w / fields["eps"], "v": v / fields["eps"]}

    return _domain(Ridge, {"disc of radius 1/ε": fill, "anywhere": _anywhere}, CASES)


# -- the curve of stationary points, ε = 1 --------------------------------------------------------


def _on_curve(rng: np.random.Generator, size: int) -> Fields:
    c, q = _scale(rng, size), rng.uniform(0.01, 0.9, size)
    return {"eps": np.ones(size), "c": c, "q": q, "lam": 2 * c * rng.uniform(0, 1, size)}


def _near_the_fold(rng: np.random.Generator, size: int) -> Fields:
    fields = _on_curve(rng, size)
    q = FOLD + 10.0 ** rng.uniform(-6, -1, size) * rng.choice([-1.0, 1.0], size)
    lam = 2 * fields["c"] * (0.3904 + 10.0 ** rng.uniform(-7, -1, size))
    return {**fields, "q": q, "lam": lam}


def _at_the_fold(rng: np.random.Generator, size: int) -> Fields:
    return {**_on_curve(rng, size), "q": np.full(size, FOLD)}


@cache
@cornered(CurvePoint, fixed=_UNIT)
def curve_points() -> Domain:
    """Points of the curve for ε = 1 and any λ."""
    return _domain(CurvePoint, {"the curve": _on_curve, "near the fold": _near_the_fold}, CASES)


@cache
@cornered(CurvePoint, fixed=_UNIT)
def fold_points() -> Domain:
    """The point of the curve near the greatest λ(q), for ε = 1 and any λ."""
    return _domain(CurvePoint, {"the fold": _at_the_fold}, CASES)


# -- the same for every ε -------------------------------------------------------------------------


def _threshold(rng: np.random.Generator, size: int) -> Fields:
    t, q = rng.uniform(0.02, 0.9, (2, size))
    c, a = _scale(rng, size), t / (1 - t * t)
    greatest = 2 * c * (4 * a**3 * t - (t * a) ** 2)
    return {"c": c, "t": t, "q": q, "lam": greatest * 10.0 ** rng.uniform(-1, 1, size)}


def _at_the_threshold(rng: np.random.Generator, size: int) -> Fields:
    """q = t, in short dyadics: λ above and below λ(t), and the exact λ(t) is no float."""
    fields = _threshold(rng, size)
    t = rng.integers(1, 15, size) / 16.0
    return {**fields, "c": np.ones(size), "t": t, "q": t}


AT_THRESHOLD = "q = t"


@cache
@cornered(ThresholdPoint)
def threshold_points() -> Domain:
    """Points of the curve for any ε and λ."""
    fills = {"any": _threshold, AT_THRESHOLD: _at_the_threshold}
    return _domain(ThresholdPoint, fills, CASES, AT_THRESHOLD)


@cache
@cornered(ThresholdPoint)
def points_at_the_threshold() -> Domain:
    """q = t, for identities."""
    return _domain(ThresholdPoint, {AT_THRESHOLD: _at_the_threshold}, IDENTITIES)


# -- stationary points and their surroundings -----------------------------------------------------


def _eps_and_q(rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    g = rng.uniform(0.02, 0.97, size)
    near = rng.random(size) < 0.3
    share = np.where(near, 1 - 10.0 ** rng.uniform(-5, -1, size), rng.random(size))
    return _eps_of(g), np.maximum(g * share, 1e-3)


def _figure(rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    q = np.where(
        rng.random(size) < 0.3,
        VALLEY - 10.0 ** rng.uniform(-4, -1, size),
        rng.uniform(0.02, VALLEY, size),
    )
    return np.ones(size), q


def _moved(places: Any, ravine: bool) -> Fill:
    """Steps of all sizes against the distance to the other valley, or along the flat direction."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        eps, q = places(rng, size)
        length = 10.0 ** rng.uniform(-4, 0.5, size) / eps
        angle = rng.uniform(0, 2 * np.pi, size)
        if ravine:
            angle = np.arctan2(-q, 1.0) + np.pi * rng.integers(0, 2, size)
        h1, h2 = length * np.cos(angle), length * np.sin(angle)
        return {"eps": eps, "c": _scale(rng, size), "q": q, "h1": h1, "h2": h2}

    return fill


@cache
@cornered(Stationary, fixed=_UNIT)
def figure_points() -> Domain:
    """Stationary points with w < 0 for ε = 1, and steps from them."""
    fills = {"ε = 1": _moved(_figure, False), "ε = 1, along the ravine": _moved(_figure, True)}
    return _domain(Stationary, fills, CASES)


def _near_the_golden_ratio(rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    """ε near 3.33 and λ(q) near 0, where the stationary point is as good as the linear one."""
    g = np.sqrt((np.sqrt(5.0) - 1) / 2) + rng.uniform(-1e-3, 1e-3, size)
    return _eps_of(g), g * (1 - 10.0 ** rng.uniform(-9, -3, size))


@cache
@cornered(Stationary)
def stationary_points() -> Domain:
    """The same for every ε."""
    fills = {
        "ε near 3.33, λ near 0": _moved(_near_the_golden_ratio, False),
        "ε = 1": _moved(_figure, False),
        "ε = 1, along the ravine": _moved(_figure, True),
        "any ε": _moved(_eps_and_q, False),
        "any ε, along the ravine": _moved(_eps_and_q, True),
    }
    return _domain(Stationary, fills, CASES)


# -- the disc -------------------------------------------------------------------------------------


def _in_disc(places: Any) -> Fill:
    """Another point of the half-disc w <= 0, a share of them near the circle."""

    def fill(rng: np.random.Generator, size: int) -> Fields:
        eps, q = places(rng, size)
        far = 1 / (eps * (1 - q * q))
        inward = np.where(
            rng.random(size) < 0.5, rng.random(size), 10.0 ** rng.uniform(-9, -1, size)
        )
        radius = far * np.sqrt(1 + q * q) * (1 - inward)
        angle = rng.uniform(0.5 * np.pi, 1.5 * np.pi, size)
        w, v = radius * np.cos(angle), radius * np.sin(angle)
        h1, h2 = w + q * far, v + far
        return {"eps": eps, "c": _scale(rng, size), "q": q, "h1": h1, "h2": h2}

    return fill


def _beyond(rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    """Also q with λ(q) < 0."""
    eps, q = _figure(rng, size)
    return eps, np.minimum(q * rng.uniform(0.8, 1.3, size), 0.95)


def _around_the_valley(rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
    near = 10.0 ** rng.uniform(-9, -2, size) * rng.choice([-1.0, 1.0], size)
    return np.ones(size), VALLEY + near


ANY_RADIUS, GREATEST = "ε = 1, any radius", "ε = 1, radius near 2.1908"


@cache
@cornered(Stationary)
def disc_points() -> Domain:
    """Constrained stationary points with w < 0, and other points, most of them in the disc."""
    fills = {
        "half-disc, ε = 1": _in_disc(_figure),
        "half-disc, any ε": _in_disc(_eps_and_q),
        "half-disc, any radius": _in_disc(_beyond),
        "anywhere": _moved(_figure, False),
    }
    return _domain(Stationary, fills, CASES)


@cache
@cornered(Stationary, fixed=_UNIT)
def discs(cases: int = CASES) -> Domain:
    """Constrained stationary points for ε = 1, of either sign of the multiplier."""
    fills = {ANY_RADIUS: _moved(_beyond, False), GREATEST: _moved(_around_the_valley, False)}
    return _domain(Stationary, fills, cases)


# -- the valley -----------------------------------------------------------------------------------


def _valley(rng: np.random.Generator, size: int) -> Fields:
    q = rng.uniform(0.02, 0.97, size)
    nearest = (1 - q * q) / (q * q)
    return {
        "q": q,
        "t": nearest * 10.0 ** (rng.choice([-1, 1], size) * 10 ** rng.uniform(-6, 0, size)),
    }


def _nearest(rng: np.random.Generator, size: int) -> Fields:
    q = 2.0 ** -rng.integers(1, 9, size)
    return {"q": q, "t": 1 / (q * q) - 1}


NEAREST = "nearest to 0"


@cache
@cornered(ValleyPoint)
def valley_points() -> Domain:
    """Points of the valley with w < 0, for every ε."""
    return _domain(ValleyPoint, {"the valley": _valley, NEAREST: _nearest}, CASES, NEAREST)
