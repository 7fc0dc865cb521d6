"""Strategies give what they promise, and every stratum is hit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import find, given, settings

from checker.arithmetic.instances import numbers_of
from checker.landscape.data import load_dataset
from checker.landscape.losses import LOSSES
from checker.landscape.objective import Point
from checker.search.draws import draw_many
from properties.shamir2018 import gradient_bound
from strategies.losses import losses_for
from strategies.points import points, points_at_w_zero, points_over, small_points
from strategies.strata import NONZERO_W, W_ZERO, Stratum
from strategies.structures import structures

BOTH = [(s, False) for s in NONZERO_W] + [(s, True) for s in W_ZERO]


@pytest.mark.parametrize(
    ("stratum", "at_w_zero"), BOTH, ids=lambda x: x.name if isinstance(x, Stratum) else str(x)
)
def test_every_case_lies_in_its_stratum(stratum: Stratum, at_w_zero: bool) -> None:
    drawn = draw_many(structures(stratum, at_w_zero), 12, 3)
    assert len(drawn) == 12
    for structure in drawn:
        batch = structure.batch(np.random.default_rng(5), 7)
        assert np.all(stratum.holds(batch.instances))
        assert batch.stratum == stratum.name
        assert all(np.isfinite(a).all() for a in numbers_of(batch.instances).values())


@pytest.mark.parametrize(("stratum", "at_w_zero"), BOTH, ids=lambda x: getattr(x, "name", str(x)))
def test_w_is_zero_exactly_where_promised(stratum: Stratum, at_w_zero: bool) -> None:
    for structure in draw_many(structures(stratum, at_w_zero), 6, 4):
        w = structure.batch(np.random.default_rng(5), 7).instances.w
        assert np.all(w.any(axis=0) != at_w_zero)


@pytest.mark.parametrize(("stratum", "at_w_zero"), BOTH, ids=lambda x: getattr(x, "name", str(x)))
def test_cases_are_legal_points(stratum: Stratum, at_w_zero: bool) -> None:
    structure = draw_many(structures(stratum, at_w_zero), 5, 6)[-1]
    case = structure.batch(np.random.default_rng(1), 3).case(1)
    Point(**{name: getattr(case, name) for name in Point.__dataclass_fields__})


def test_weights_sum_to_one_exactly() -> None:
    weighted = [s for s in draw_many(structures(NONZERO_W[0]), 40, 1) if s.weighted]
    for structure in weighted:
        weights = structure.batch(np.random.default_rng(1), 9).instances.weights
        assert np.all(weights.sum(axis=0) == 1.0)
    assert weighted


def test_bias_coordinate_is_one() -> None:
    biased = [s for s in draw_many(structures(NONZERO_W[0]), 60, 1) if s.bias]
    for structure in biased:
        assert np.all(structure.batch(np.random.default_rng(1), 4).instances.X[:, -1] == 1.0)
    assert biased


def test_every_loss_is_drawn() -> None:
    drawn = draw_many(structures(NONZERO_W[0]), 600, 2)
    assert {s.loss.kind for s in drawn} >= set(LOSSES)


def test_same_generator_same_batch() -> None:
    structure = draw_many(structures(NONZERO_W[1]), 5, 2)[-1]
    first, second = (structure.batch(np.random.default_rng(9), 5).instances for _ in range(2))
    for name, values in numbers_of(first).items():
        assert np.array_equal(values, getattr(second, name))


@settings(max_examples=50, deadline=None)
@given(small_points())
def test_small_points_are_short_dyadics(point: Point) -> None:
    for name in ("X", "Z", "w", "V", "w_star"):
        assert np.array_equal(8 * getattr(point, name), np.rint(8 * getattr(point, name)))


def test_small_points_shrink_to_one_of_everything() -> None:
    point = find(small_points(), lambda p: bool(p.w.any()))
    assert (point.X.shape, point.Z.shape) == ((1, 1), (1, 1))
    assert point.loss.kind == "squared"
    assert not point.X.any()


def test_domains_are_shared_objects() -> None:
    assert points() is points()
    assert points_at_w_zero(3) is points_at_w_zero(3)
    assert gradient_bound.domain is points()


def test_data_domain_uses_the_sample_itself() -> None:
    sample = load_dataset("diabetes")
    structure = draw_many(points_over(sample).strata["diabetes"], 3, 1)[-1]
    batch = structure.batch(np.random.default_rng(0), 4)
    assert np.array_equal(batch.case(2).X, sample.X)
    assert np.array_equal(batch.case(2).y, sample.y)


@pytest.mark.parametrize("name", ["diabetes", "breast_cancer"])
def test_losses_for_data_accept_its_labels(name: str) -> None:
    y = load_dataset(name).y
    drawn = draw_many(losses_for(y), 40, 0)
    assert len(drawn) >= 5
    for loss in drawn:
        loss.check_labels(y)


def test_a_stratum_whose_cases_lie_elsewhere_is_not_hit() -> None:
    opposite = next(s for s in NONZERO_W if s.name == "w = -w*")
    broken = replace(opposite, change=lambda fields, rng: None)
    for stratum, name in ((opposite, "w = -w*"), (broken, "outside w = -w*")):
        structure = draw_many(structures(stratum), 5, 3)[-1]
        assert structure.batch(np.random.default_rng(5), 7).stratum == name
