"""Losses outside Assumption 1 are what they say, and the wider domains reach them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from checker.arithmetic.above.taylor import Taylor
from checker.arithmetic.ball import Ball, working_precision
from checker.claims.claim import Claim
from checker.instances.codec import decode_instance, encode_instance
from checker.instances.draws import draw_many
from checker.landscape.losses.base import Loss, check_convex
from checker.landscape.losses.catalogue import LOSSES, loss_named
from checker.landscape.losses.outside import OUTSIDE_ASSUMPTION_1
from checker.landscape.residual_unit.one_output import Point
from properties.shamir2018 import theorems as shamir2018
from strategies.losses import KINKED, NONCONVEX
from strategies.residual_unit.points import (
    points,
    points_at_w_zero,
    points_at_w_zero_without,
    points_with_wrong_slopes,
    points_without,
)

OUTSIDE = tuple(OUTSIDE_ASSUMPTION_1.values())
every_loss = pytest.mark.parametrize("loss", OUTSIDE, ids=lambda x: x.name)
GRID = [k / 4 for k in range(-16, 17)]

DOMAINS = {
    "points": points().without,
    "points at w = 0": points_at_w_zero().without,
    "small points at w = 0": points_at_w_zero(3).without,
}
WIDER = [(where, name) for where, without in DOMAINS.items() for name in without]


def _ball(part: Any, p: float, y: float) -> Any:
    return part(Ball.constant(p), Ball.constant(y)).item


def _labels(loss: Loss) -> list[float]:
    return [y for y in GRID if loss.labels.accepts(np.array(y))]


# -- losses ------------------------------------------------------------------------------------


@every_loss
def test_derivatives_belong_to_the_value_away_from_kinks(loss: Loss, nightly: bool) -> None:
    with working_precision(256):
        for p in (x + 0.0625 for x in GRID):
            for y in _labels(loss)[:: 1 if nightly else 4]:
                series = loss.value(Taylor.line(p, 1.0), Taylor.constant(y))
                for power, part in enumerate((loss.value, loss.slope, loss.curvature)):
                    taken = series.coefficient(power).item * math.factorial(power)
                    assert taken.is_finite()
                    assert _ball(part, p, y).overlaps(taken)


def _is_subgradient(loss: Loss, p: float, y: float) -> bool:
    slope, value = _ball(loss.slope, p, y), _ball(loss.value, p, y)
    return all(_ball(loss.value, t, y) >= value + slope * (Ball.convert(t - p)) for t in GRID)


@pytest.mark.parametrize("loss", [x for x in OUTSIDE if x.convex], ids=lambda x: x.name)
def test_slopes_of_convex_losses_are_subgradients_at_kinks_too(loss: Loss, nightly: bool) -> None:
    check_convex(loss)
    labels = _labels(loss)[:: 1 if nightly else 4]
    pairs = [(p, y) for p in GRID for y in labels]
    failed = [(p, y) for p, y in pairs if not _is_subgradient(loss, p, y)]
    wrong = [(y, y) for y in labels] if loss.kind == "hinge_wrong_slope" else []
    assert sorted(failed) == wrong


@pytest.mark.parametrize("loss", NONCONVEX, ids=lambda x: x.name)
def test_curvature_of_other_losses_is_negative_somewhere(loss: Loss) -> None:
    assert any(_ball(loss.curvature, p, y) < 0 for p in GRID for y in _labels(loss))


def test_losses_outside_are_found_by_name_and_not_in_the_catalogue() -> None:
    assert not set(OUTSIDE_ASSUMPTION_1) & set(LOSSES)
    for name, loss in OUTSIDE_ASSUMPTION_1.items():
        assert loss_named(name) is loss
        assert not (loss.convex and loss.twice_differentiable)


@every_loss
def test_points_with_such_a_loss_are_saved_and_restored(loss: Loss) -> None:
    one = np.ones((1, 1))
    point = Point(X=one, y=one[0], Z=one, w=one[0], V=one, w_star=one[0], loss=loss)
    assert decode_instance(encode_instance(point)).loss == loss


# -- domains -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("where", "name"), WIDER)
def test_cases_of_wider_domains_are_legal_and_lie_in_their_stratum(
    where: str, name: str, nightly: bool
) -> None:
    domain = DOMAINS[where][name]()
    for strategy in domain.strata.values():
        for structure in draw_many(strategy, 3 if nightly else 1, 1):
            batch = structure.batch(np.random.default_rng(2), 5)
            assert np.all(structure.stratum.holds(batch.instances))
            case = batch.case(3)
            type(case)(**{name: getattr(case, name) for name in case.__dataclass_fields__})


@pytest.mark.parametrize(("where", "name"), WIDER)
def test_wider_domains_leave_only_the_dropped_assumption(
    where: str, name: str, nightly: bool
) -> None:
    """Some cases break it, and none breaks another one."""
    named = {
        a.name: a for c in vars(shamir2018).values() if isinstance(c, Claim) for a in c.assuming
    }
    others = [named[n] for n in ("convex_loss", "twice_differentiable_loss") if n != name]
    broken = 0
    for strategy in DOMAINS[where][name]().strata.values():
        for structure in draw_many(strategy, 8 if nightly else 2, 3):
            at = structure.batch(np.random.default_rng(2), 5).instances
            assert all(np.all(a.holds(at)) for a in others)
            broken += int((~np.broadcast_to(named[name].holds(at), (5,))).sum())
    assert broken >= 5


def _share_at_a_kink(domain: Any, stratum: str, loss: str) -> float:
    structure = draw_many(domain.strata[stratum], 5, 1)[-1]
    batch = structure.batch(np.random.default_rng(0), 50)
    assert structure.loss is loss_named(loss)
    met = 0
    for case in (batch.case(i) for i in range(50)):
        distance = case.prediction - case.y
        met += bool((distance == 0).any())
    return met / 50


def test_kinks_are_met_exactly() -> None:
    name = "twice_differentiable_loss"
    assert _share_at_a_kink(points_without(name), "labels met", "absolute") > 0.3
    assert _share_at_a_kink(points_without(name), "margins met", "hinge") > 0.3
    assert _share_at_a_kink(points_at_w_zero_without(name), "labels met", "absolute") > 0.2
    wrong = points_with_wrong_slopes()
    assert _share_at_a_kink(wrong, "margins met, wrong slope", "hinge_wrong_slope") > 0.3


def test_small_instances_draw_losses_outside_the_assumption() -> None:
    for name, losses in (("convex_loss", NONCONVEX), ("twice_differentiable_loss", KINKED)):
        drawn = draw_many(points_without(name).instances, 80, 1)
        assert sum(p.loss in losses for p in drawn) > 10
        assert sum(p.loss not in losses for p in drawn) > 10


def test_domains_without_an_assumption_are_shared_objects() -> None:
    assert points().without["convex_loss"]() is points_without("convex_loss")
    assert points_at_w_zero(3).without["zero_w"]() is points_at_w_zero_without("zero_w", 3)
