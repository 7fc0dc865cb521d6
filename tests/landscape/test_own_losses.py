"""Samples with losses of their own: each is what its docstring says, in every arithmetic."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.arithmetic.bounded import Bounded
from checker.arithmetic.exact import Exact
from checker.arithmetic.functions import sqrt
from checker.arithmetic.plain import Plain
from checker.errors import InputError
from checker.instances.codec import decode_instance, encode_instance
from checker.instances.fields import map_arrays, single, unchecked, with_fields
from checker.landscape.losses.base import Labels, Loss
from checker.landscape.losses.catalogue import LOSSES, loss_named
from checker.landscape.losses.per_sample import PerSample, per_sample
from checker.landscape.losses.seen import Seen, SeenBelow, SeenPoint
from checker.landscape.losses.softplus import Coefficients, SoftplusPoint, SoftplusSum
from checker.landscape.oracles.residual_unit import derivatives_along_a_line
from checker.landscape.residual_unit.one_output import Point
from checker.search.guided.population import Population
from checker.search.reduction.shrink import reduce_instance
from strategies.losses import EVERY, losses_of_samples

seeds = st.integers(0, 2**32 - 1)
PARTS = ("value", "slope", "curvature")
N, TERMS = 4, 3


def _numbers(rng: np.random.Generator, n: int, d: int, m: int) -> dict[str, Any]:
    shapes = {"X": (n, d), "Z": (n, m), "w": (d,), "V": (d, m), "w_star": (d,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def _softplus_point(seed: int, n: int = N) -> SoftplusPoint:
    rng = np.random.default_rng(seed)
    terms = {name: rng.standard_normal((TERMS, n)) for name in ("heights", "rates", "shifts")}
    own = {"y": rng.standard_normal(n), "root": rng.standard_normal(n), **terms}
    return SoftplusPoint(**_numbers(rng, n, 2, 3), **own, loss=SoftplusSum())


def _seen_point(seed: int, loss: Loss | None = None) -> SeenPoint:
    rng = np.random.default_rng(seed)
    names = ("y", "slopes", "root_curvature", "root_rise")
    own = {name: rng.standard_normal(N) for name in names}
    return SeenPoint(**_numbers(rng, N, 2, 3), **own, loss=loss or Seen())


def _mixed_point(losses: tuple[Loss, ...], seed: int = 3) -> Point:
    rng, loss = np.random.default_rng(seed), per_sample(losses)
    y = loss.labels.draw(rng, (len(losses),))
    return Point(**_numbers(rng, len(losses), 2, 3), y=y, loss=loss)


def _same(one: Any, other: Any) -> None:
    """Narrow enclosures that overlap, entry by entry."""
    assert one.shape == other.shape
    for a, b in zip(one.entries.flat, other.entries.flat, strict=True):
        assert a.overlaps(b)
        assert a.rad() <= (1 + abs(a)) * arb((1, -100))


# -- a loss for each sample --------------------------------------------------------------------

ARITHMETICS = {
    "balls": (Ball.constant, lambda x: [str(e) for e in x.entries]),
    "exact": (Exact.constant, lambda x: [str(e) for e in x.entries]),
    "plain": (Plain.constant, lambda x: x.value[:, 0].tolist()),
    "bounded": (Bounded.constant, lambda x: [*x.value[:, 0], *x.radius[:, 0]]),
}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@settings(deadline=None, max_examples=10)
@given(loss=losses_of_samples(N), seed=seeds)
def test_each_row_is_that_of_its_own_loss(arithmetic: str, part: str, loss: Any, seed: int) -> None:
    constant, shown = ARITHMETICS[arithmetic]
    rng = np.random.default_rng(seed)
    p, y = rng.standard_normal(N), loss.labels.draw(rng, (N,))
    whole = shown(getattr(loss, part)(constant(p), constant(y)))
    rows = [
        shown(getattr(own, part)(constant(p[i : i + 1]), constant(y[i : i + 1])))
        for i, own in enumerate(loss.losses)
    ]
    lows, highs = [r[0] for r in rows], [r[1] for r in rows if len(r) > 1]
    assert whole == [*lows, *highs]


@settings(deadline=None, max_examples=30)
@given(loss=losses_of_samples(N))
def test_properties_are_those_of_the_weakest_member(loss: Any) -> None:
    assert len(set(loss.losses)) > 1
    assert loss.convex
    assert loss.twice_differentiable
    assert loss.rational == all(x.rational for x in loss.losses)
    y = loss.labels.draw(np.random.default_rng(0), (50,))
    assert all(x.labels.accepts(y).all() for x in loss.losses)


def test_a_member_that_is_not_convex_shows() -> None:
    mixed = per_sample([loss_named("squared"), loss_named("double_well")])
    assert not mixed.convex
    assert mixed.twice_differentiable
    assert not per_sample([loss_named("squared"), loss_named("huber")]).twice_differentiable


def test_labels_have_to_be_shared_and_as_many_as_losses() -> None:
    with pytest.raises(InputError, match="share no domain"):
        PerSample((LOSSES["logistic"], LOSSES["poisson"]))
    point = _mixed_point((LOSSES["squared"], LOSSES["logistic"], LOSSES["quartic"]))
    assert point.loss.labels is Labels.SIGN
    with pytest.raises(InputError, match="3 losses for 2 samples"):
        dataclasses.replace(point, X=point.X[:2], Z=point.Z[:2], y=point.y[:2])
    with pytest.raises(InputError, match="outside the domain"):
        dataclasses.replace(point, y=point.y / 2)


def test_a_falsely_convex_member_is_refuted() -> None:
    @dataclasses.dataclass(frozen=True)
    class Boast(type(loss_named("cauchy"))):  # type: ignore[misc]
        kind = "boast"
        convex = True

    with pytest.raises(InputError, match="boast is declared convex"):
        _mixed_point((LOSSES["squared"], Boast()))


def test_rows_are_dropped_together_with_their_losses() -> None:
    wanted = LOSSES["log_cosh"]
    point = _mixed_point((LOSSES["squared"], LOSSES["quartic"], wanted, LOSSES["affine"]))

    def keeps(at: Point) -> bool:
        rows = at.loss.losses if isinstance(at.loss, PerSample) else [at.loss] * len(at.y)
        own = dict(zip(point.y.tolist(), (LOSSES["squared"], LOSSES["quartic"], wanted,
                   LOSSES["affine"]), strict=True))  # fmt: skip
        kept = [loss for y, loss in zip(at.y.tolist(), rows, strict=True) if own.get(y) is loss]
        return wanted in kept and len(kept) == len(at.y)

    smallest = reduce_instance(point, keeps)
    assert smallest.y.tolist() == [point.y[2]]
    assert smallest.loss == wanted


def test_simpler_losses_are_tried_sample_by_sample() -> None:
    point = _mixed_point((LOSSES["log_cosh"], LOSSES["squared"], LOSSES["quartic"]))
    tried = {at.loss.name for at in point.simpler()}
    assert {"affine", "squared"} <= tried
    assert "per_sample(affine, squared, quartic)" in tried
    assert "per_sample(log_cosh, affine, quartic)" in tried
    assert "per_sample(log_cosh, squared, squared)" in tried


def test_the_smallest_version_keeps_the_first_loss() -> None:
    point = _mixed_point((LOSSES["log_cosh"], LOSSES["squared"]))
    smallest = Population.of(single(point, "")).smallest()
    assert smallest.prototype.loss == LOSSES["log_cosh"]
    assert smallest.batch.case(0).y.shape == (1,)


# -- softplus sums -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_slope_and_curvature_are_taylor_coefficients_of_the_sum(seed: int) -> None:
    point, p = _softplus_point(seed), np.random.default_rng(seed).normal(0.0, 3.0, N)
    with working_precision(256):
        series = point.loss.value(
            Taylor.line(p, np.ones(N)), Coefficients(*map(Taylor.constant, point.targets))
        )
        told = Coefficients(*map(Ball.constant, point.targets))
        for power, part in enumerate(PARTS):
            closed = getattr(point.loss, part)(Ball.constant(p), told)
            _same(closed, series.coefficient(power) * math.factorial(power))


@settings(deadline=None, max_examples=30)
@given(seed=seeds)
def test_softplus_sums_are_convex(seed: int) -> None:
    point, rng = _softplus_point(seed), np.random.default_rng(seed)
    told, loss = Coefficients(*map(Ball.constant, point.targets)), point.loss
    p, q = (rng.normal(0.0, 9.0, N) for _ in range(2))
    with working_precision(128):
        values = [loss.value(Ball.constant(x), told).entries for x in (p, (p + q) / 2, q)]
        assert all(2 * m <= a + b for a, m, b in zip(*values, strict=True) if a + b - 2 * m != 0)
        assert all(c > 0 for c in loss.curvature(Ball.constant(p), told).entries)


def test_softplus_points_pass_the_oracle() -> None:
    compared = derivatives_along_a_line(_softplus_point(0), np.random.default_rng(0))
    assert len(compared) == 3
    assert all(first.overlaps(second) for _, first, second in compared)


def test_a_wrong_slope_of_a_softplus_sum_fails_the_oracle() -> None:
    class Wrong(SoftplusSum):
        def slope(self, p: Any, y: Any) -> Any:
            return super().slope(p, y) + p / 1024

    point = with_fields(_softplus_point(0), loss=Wrong())
    compared = derivatives_along_a_line(point, np.random.default_rng(0))
    assert not all(first.overlaps(second) for _, first, second in compared)


def test_terms_have_to_belong_to_the_samples() -> None:
    point = _softplus_point(0)
    with pytest.raises(InputError, match=r"rates has shape \(2, 4\), expected \(3, 4\)"):
        dataclasses.replace(point, rates=point.rates[:2])


# -- losses as seen ----------------------------------------------------------------------------


def _as_seen(point: Any) -> Any:
    """The point with its losses forgotten, but for the four numbers, all as balls."""
    at = map_arrays(point, Ball.constant)
    p, t, y = at.prediction, at.linear_prediction, at.targets
    value, slope = at.loss.value(p, y), at.loss.slope(p, y)
    above = at.loss.value(t, y) - value - slope * (t - p)
    named = {name: getattr(at, name) for name in Point.__dataclass_fields__}
    return unchecked(
        SeenPoint,
        **{**named, "y": value, "loss": Seen()},
        slopes=slope,
        root_curvature=sqrt(at.loss.curvature(p, y)),
        root_rise=sqrt(2 * above) / abs(t - p),
    )


@pytest.mark.parametrize("loss", EVERY, ids=lambda loss: loss.name)
@pytest.mark.parametrize("at_w_zero", [False, True])
def test_the_theorems_see_four_numbers_only(loss: Loss, at_w_zero: bool) -> None:
    point = _mixed_point((loss,) * N)
    point = with_fields(point, w=0 * point.w) if at_w_zero else point
    with working_precision(512):
        at, seen = map_arrays(point, Ball.constant), _as_seen(point)
        for name in ("F", "F_lin", "gap", "a", "b", "hess_ww", "hessian", "grad_norm"):
            _same(getattr(seen, name), getattr(at, name))


def _mean_curvature(peaks: list[tuple[Fraction, Fraction, Fraction]]) -> Fraction:
    """2 ∫_0^1 (1 - s) h(s) ds for a sum h of hats (place, height, half width) within [0, 1].

    A hat at 0 counts with its right half only. The weight is linear: each half hat has the mean of
    its weight at a third of its width from the top.
    """
    total = Fraction(0)
    for place, height, half in peaks:
        right = height * half / 2 * (1 - place - half / 3)
        left = height * half / 2 * (1 - place + half / 3) if place else Fraction(0)
        total += 2 * (left + right)
    return total


@settings(deadline=None, max_examples=50)
@given(
    curvature=st.fractions(0, 100, max_denominator=8),
    rise=st.fractions(Fraction(1, 1000), 100, max_denominator=1000),
)
def test_some_convex_function_has_every_legal_quadruple(curvature: Any, rise: Any) -> None:
    """On [p, t] = [0, 1], l'' is a hat of height κ² at p so narrow that it counts for at most ρ²/2,
    and another hat in the middle for the rest: continuous and >= 0.
    """
    half = min(Fraction(1, 4), rise / (2 * curvature)) if curvature else Fraction(1, 4)
    peak = (Fraction(0), curvature, half)
    left = rise - _mean_curvature([peak])
    unit = _mean_curvature([(Fraction(1, 2), Fraction(1), Fraction(1, 4))])
    bump = (Fraction(1, 2), left / unit, Fraction(1, 4))
    assert bump[1] >= 0
    assert _mean_curvature([peak, bump]) == rise


def test_no_convex_function_is_curved_on_its_tangent() -> None:
    point = _seen_point(0)
    flat = with_fields(point, root_rise=0 * point.root_rise)
    assert point.is_valid()
    assert not flat.is_valid()
    assert with_fields(flat, root_curvature=0 * point.root_curvature).is_valid()
    assert with_fields(flat, loss=SeenBelow()).is_valid()
    with pytest.raises(InputError, match="root_rise is 0 where root_curvature is not"):
        dataclasses.replace(point, root_rise=0 * point.root_rise)


def test_signs_of_what_is_seen() -> None:
    exact = {
        loss: map_arrays(_seen_point(1, loss), Exact.constant) for loss in (Seen(), SeenBelow())
    }
    for loss, at in exact.items():
        p, t = at.prediction, at.linear_prediction
        tangent = at.targets.value + at.targets.slope * (t - p)
        above = (loss.value(t, at.targets) - tangent).entries
        assert {x.sign for x in above} == {1 if loss.convex else -1}
        assert all(x.sign > 0 for x in loss.curvature(p, at.targets).entries)


@pytest.mark.parametrize("constant", [Ball.constant, Exact.constant, Plain.constant])
def test_a_loss_as_seen_has_no_value_elsewhere(constant: Any) -> None:
    at = map_arrays(_seen_point(0), constant)
    for part in PARTS:
        getattr(at.loss, part)(at.prediction, at.targets)
        with pytest.raises(InputError, match="loss_everywhere"):
            getattr(at.loss, part)(at.prediction + 1, at.targets)
    for part in PARTS[1:]:
        with pytest.raises(InputError, match="loss_everywhere"):
            getattr(at.loss, part)(at.linear_prediction, at.targets)
    for changed in ({"w": at.w_star}, {"X": 0 * at.X}):
        with pytest.raises(InputError, match="loss_everywhere"):
            with_fields(at, **changed)


def test_what_needs_other_values_does_not_apply_to_losses_as_seen() -> None:
    point = _seen_point(0)
    assert derivatives_along_a_line(point, np.random.default_rng(0)) == []
    assert point.plane() is None
    with pytest.raises(InputError, match="not known by four numbers"):
        dataclasses.replace(point, loss=LOSSES["squared"])


# -- saved and reduced like any other ----------------------------------------------------------

POINTS: dict[str, Any] = {
    "per sample": _mixed_point((LOSSES["log_cosh"], LOSSES["logistic"])),
    "softplus": _softplus_point(0),
    "seen": _seen_point(0),
}


@pytest.mark.parametrize("kind", POINTS)
def test_json_keeps_every_number_and_loss(kind: str) -> None:
    point = POINTS[kind]
    again = decode_instance(encode_instance(point))
    assert type(again) is type(point)
    for field in dataclasses.fields(point):
        one, other = getattr(point, field.name), getattr(again, field.name)
        assert np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other


@pytest.mark.parametrize("kind", ["softplus", "seen"])
def test_rows_and_terms_are_dropped(kind: str) -> None:
    smallest = reduce_instance(POINTS[kind], lambda at: at.is_valid() and bool(at.w.any()))
    assert {a.size for a in vars(smallest).values() if isinstance(a, np.ndarray)} == {1}
    assert type(smallest) is Point
    assert smallest.loss == LOSSES["affine"]


def test_simpler_losses_have_the_same_slopes() -> None:
    seen = POINTS["seen"]
    (affine,) = seen.simpler()
    before, after = (map_arrays(x, Exact.constant) for x in (seen, affine))
    for one, other in zip(before.grad, after.grad, strict=True):
        assert [str(x) for x in one.entries.flat] == [str(x) for x in other.entries.flat]
