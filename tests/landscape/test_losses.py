"""Losses: slope and curvature belong to value, and every declared property is true."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from autograd import grad
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.exact import Exact
from checker.arithmetic.plain import Traced
from checker.errors import InputError
from checker.landscape.losses.base import Labels, Loss, check_convex
from checker.landscape.losses.catalogue import LOSSES, Affine, Logistic, Squared, loss_named
from strategies.losses import EVERY

seeds = st.integers(0, 2**32 - 1)
every_loss = pytest.mark.parametrize("loss", EVERY, ids=lambda loss: loss.name)


def _draw(loss: Loss, seed: int) -> tuple[float, float]:
    """A prediction of moderate size, and a label of the loss; no kink has such coordinates."""
    rng = np.random.default_rng(seed)
    return float(rng.normal(0.0, 3.0)), float(loss.labels.draw(rng, (1,))[0])


def _ball(part: Any, p: Any, y: float) -> Any:
    return part(Ball.constant(p), Ball.constant(y)).item


# -- derivatives -------------------------------------------------------------------------------


@every_loss
@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_slope_and_curvature_are_taylor_coefficients_of_value(loss: Loss, seed: int) -> None:
    p, y = _draw(loss, seed)
    with working_precision(256):
        series = loss.value(Taylor.line(p, 1.0), Taylor.constant(y))
        for power, part in enumerate((loss.value, loss.slope, loss.curvature)):
            closed = _ball(part, p, y)
            taken = series.coefficient(power).item * math.factorial(power)
            assert closed.overlaps(taken)
            # 256 bits, less some 60 for exp(3 * 16) and its like; overlap must mean something.
            assert closed.rad() <= arb((1, -128))
            assert taken.rad() <= arb((1, -128))


@every_loss
@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_curvature_is_the_taylor_coefficient_of_slope(loss: Loss, seed: int) -> None:
    p, y = _draw(loss, seed)
    with working_precision(256):
        series = loss.slope(Taylor.line(p, 1.0), Taylor.constant(y))
        taken, closed = series.coefficient(1).item, _ball(loss.curvature, p, y)
        assert closed.overlaps(taken)
        assert taken.rad() <= arb((1, -128))


def _rate(remainder: Any) -> float:
    """Exponent of the decay of `remainder(t)` from t = 2^-16 to 2^-24; inf where it vanishes."""
    first, last = (abs(remainder(Fraction(1, 2**k))) for k in (16, 24))
    # 600 bits, of which less than 100 cancel: below 2^-400 a remainder is rounding.
    if last <= arb((1, -400)):
        return math.inf
    return float(((first / last).log() / arb(2**8).log()).mid())


@every_loss
@settings(deadline=None, max_examples=20)
@given(seed=seeds)
def test_taylor_remainders_decay_at_second_and_third_order(loss: Loss, seed: int) -> None:
    p, y = _draw(loss, seed)
    with working_precision(600):
        value, slope, curvature = (
            _ball(part, p, y) for part in (loss.value, loss.slope, loss.curvature)
        )

        def first(t: Fraction) -> Any:
            return _ball(loss.value, Fraction(p) + t, y) - value - slope * Ball.convert(t)

        def second(t: Fraction) -> Any:
            return first(t) - curvature * Ball.convert(t) ** 2 / 2

        # The next term of the series moves the rate by less than 1/2, a wrong derivative by 1.
        assert _rate(first) > 1.5
        assert _rate(second) > 2.5


@every_loss
def test_autograd_sees_the_same_slope(loss: Loss) -> None:
    rng = np.random.default_rng(0)
    y = loss.labels.draw(rng, (40,))
    p = rng.normal(0.0, 1.0, 40)
    slopes = grad(lambda q: loss.value(Traced(q), Traced(y)).value.sum())(p)
    for number, label, slope in zip(p.tolist(), y.tolist(), slopes.tolist(), strict=True):
        with working_precision(128):
            closed, curvature = (
                _ball(part, number, label) for part in (loss.slope, loss.curvature)
            )
            # A float evaluation of some 2^5 operations, each off by 2^-52 of the terms that it
            # adds, or of arguments whose errors the curvature passes on.
            terms = 1 + abs(label) + abs(closed) + curvature * (abs(number) + abs(label))
            assert abs(closed - arb(slope)) <= terms * arb((1, 5 - 52))


@every_loss
@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_curvature_is_not_negative(loss: Loss, seed: int) -> None:
    p, y = _draw(loss, seed)
    assert not _ball(loss.curvature, p, y) < 0


# -- declared properties -----------------------------------------------------------------------


@every_loss
@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_rational_losses_and_only_those_are_known_exactly(loss: Loss, seed: int) -> None:
    p, y = _draw(loss, seed)
    parts = (loss.value, loss.slope, loss.curvature)
    numbers = [part(Exact.constant(p), Exact.constant(y)).item for part in parts]
    assert all(x.known and x.radicand == 1 for x in numbers) == loss.rational


def _ramp_ends(s: Fraction, width: Fraction) -> tuple[Fraction, Fraction]:
    return max(s, Fraction(0)), max(s - width, Fraction(0))


@settings(deadline=None, max_examples=30)
@given(st.fractions(max_denominator=100), st.fractions(max_denominator=100))
def test_rational_losses_by_hand(p: Fraction, y: Fraction) -> None:
    width = Fraction(1, 2)
    upper, lower = _ramp_ends(1 - p, width)
    above, beyond = _ramp_ends(p - y, width)
    expected = {
        "squared": ((p - y) ** 2 / 2, p - y, 1),
        "quartic": ((p - y) ** 4 / 4, (p - y) ** 3, 3 * (p - y) ** 2),
        "affine": (y * p, y, 0),
        "smoothed_hinge": (
            (upper**3 - lower**3) / (6 * width),
            -(upper**2 - lower**2) / (2 * width),
            (upper - lower) / width,
        ),
        # l'' is 1/8 below the label and 7/8 far above it.
        "smoothed_expectile": (
            (p - y) ** 2 / 16 + (above**3 - beyond**3) / (8 * width),
            (p - y) / 8 + 3 * (above**2 - beyond**2) / (8 * width),
            Fraction(1, 8) + 3 * (above - beyond) / (4 * width),
        ),
    }
    assert {loss.kind for loss in EVERY if loss.rational} == set(expected)
    for kind, values in expected.items():
        loss = next(x for x in EVERY if x.kind == kind)
        label = Fraction(1) if kind == "smoothed_hinge" else y
        for part, value in zip((loss.value, loss.slope, loss.curvature), values, strict=True):
            found = part(Exact.constant(p), Exact.constant(label)).item.ratio
            assert Fraction(int(found.p), int(found.q)) == value


FAR = (-1e4, -300.0, -30.0, -3.0, 0.0, 3.0, 30.0, 300.0, 1e4)
LABELS = (-16.0, -1.0, -0.5, 0.0, 0.25, 1.0, 7.0, 16.0)


def _labels(loss: Loss) -> list[float]:
    return [y for y in LABELS if loss.labels.accepts(np.array(y))]


@every_loss
def test_lipschitz_constants_hold_and_are_not_forgotten(loss: Loss) -> None:
    slopes = [abs(_ball(loss.slope, p, y)) for p in FAR for y in _labels(loss)]
    if loss.lipschitz is None:
        assert any(slope > 10 for slope in slopes)
    else:
        assert not any(slope > arb(loss.lipschitz) for slope in slopes)
        # Nor is the constant too large: it is approached far out.
        assert any(slope > arb(loss.lipschitz) * 0.99 for slope in slopes)


@every_loss
def test_losses_declared_bounded_below_stay_above_a_level(loss: Loss) -> None:
    # Over labels up to 16 no bounded loss of the catalogue falls by more than
    # y log y - y + 1 < 30 (Poisson) or (1 + 16)⁴ / 4 (quartic) below its value at 0.
    fall = max(_ball(loss.value, 0.0, y) - _ball(loss.value, p, y) for p in FAR for y in
               _labels(loss))  # fmt: skip
    assert (fall <= 17**4 // 4 + 1) == loss.bounded_below


@every_loss
def test_catalogue_passes_the_convexity_check(loss: Loss) -> None:
    check_convex(loss)


@dataclass(frozen=True)
class _Capped(Squared):
    """min((p - y)²/2, 1): not convex."""

    kind = "capped"

    def value(self, p: Any, y: Any) -> Any:
        return -((-super().value(p, y)).maximum(p._coerce(-1.0)))


@dataclass(frozen=True)
class _HonestlyCapped(_Capped):
    convex = False


def test_a_false_declaration_of_convexity_is_refuted() -> None:
    with pytest.raises(InputError, match=r"capped is declared convex but is not.*y = -?[0-9.]+"):
        check_convex(_Capped())


def test_a_loss_declared_not_convex_is_left_alone() -> None:
    check_convex(_HonestlyCapped())


# -- labels ------------------------------------------------------------------------------------


@pytest.mark.parametrize("labels", Labels)
def test_drawn_labels_are_in_the_domain(labels: Labels) -> None:
    y = labels.draw(np.random.default_rng(0), (50, 20))
    assert y.shape == (50, 20)
    assert y.dtype == np.float64
    assert labels.accepts(y).all()
    assert len(np.unique(y)) > 1


@pytest.mark.parametrize("labels", Labels)
def test_another_label_is_of_the_domain_and_another(labels: Labels) -> None:
    y = labels.draw(np.random.default_rng(0), (50, 20))
    ends = np.array([x for x in (-1e17, 0.0, 0.5, 1.0, 1e17) if labels.accepts(np.array(x))])
    for given_labels in (y, ends):
        other = labels.another(given_labels)
        assert labels.accepts(other).all()
        assert (other != given_labels).all()


DOMAINS = {
    Labels.REAL: [-2.5, -1.0, 0.0, 0.5, 1.0, 3.0],
    Labels.SIGN: [-1.0, 1.0],
    Labels.UNIT: [0.0, 0.5, 1.0],
    Labels.NON_NEGATIVE: [0.0, 0.5, 1.0, 3.0],
    Labels.POSITIVE: [0.5, 1.0, 3.0],
}


@pytest.mark.parametrize("labels", Labels)
def test_domains(labels: Labels) -> None:
    y = np.array([-np.inf, -2.5, -1.0, 0.0, 0.5, 1.0, 3.0, np.inf, np.nan])
    assert y[labels.accepts(y)].tolist() == DOMAINS[labels]


def test_labels_0_and_1_suggest_cross_entropy() -> None:
    with pytest.raises(InputError, match=r"row 1 .*logistic.* -1 or 1.*'cross_entropy'"):
        Logistic().check_labels(np.array([1.0, 0.0, 1.0]))


def test_other_labels_get_no_such_hint() -> None:
    with pytest.raises(InputError, match=r"label 2\.0 in row 0") as caught:
        Logistic().check_labels(np.array([2.0, 0.0, 1.0]))
    assert "cross_entropy" not in str(caught.value)


@every_loss
def test_nan_is_no_label(loss: Loss) -> None:
    with pytest.raises(InputError, match="label nan in row 1"):
        loss.check_labels(np.array([1.0, np.nan]))


# -- names -------------------------------------------------------------------------------------


def test_catalogue_names() -> None:
    assert all(loss_named(name) is loss and loss.kind == name for name, loss in LOSSES.items())
    assert Affine().name == "affine"
    assert LOSSES["pseudo_huber"].name == "pseudo_huber(delta=1.0)"
    assert len({loss.name for loss in EVERY}) == len(EVERY)


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"unknown loss 'hnge'.*squared.*gamma"):
        loss_named("hnge")
