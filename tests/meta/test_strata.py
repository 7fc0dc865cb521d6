"""Strategies give what they promise, and every stratum is hit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from checker.arithmetic.plain import Plain
from checker.instances.draws import draw_many
from checker.instances.fields import map_arrays, numbers_of
from checker.landscape.data import load_dataset
from checker.landscape.losses.catalogue import LOSSES
from checker.landscape.residual_unit.one_output import Point
from properties.shamir2018.theorems import gradient_bound
from strategies.losses import EVERY, losses_for
from strategies.networks import FREE
from strategies.own_losses import BELOW_TANGENT, OWN_LOSSES, LossStratum, own_losses
from strategies.residual_unit.points import points, points_at_w_zero, points_over, small_points
from strategies.residual_unit.strata.data import DATA, DATA_NONZERO_W, DATA_W_ZERO
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.strata.stratum import Stratum
from strategies.residual_unit.structures import structures

BOTH = [(s, False) for s in (*NONZERO_W, *DATA_NONZERO_W)]
BOTH += [(s, True) for s in (*W_ZERO, *DATA_W_ZERO)]
OWN = [(s, at_w_zero) for s in (*OWN_LOSSES, BELOW_TANGENT) for at_w_zero in (False, True)]


@pytest.mark.parametrize(
    ("stratum", "at_w_zero"), BOTH, ids=lambda x: x.name if isinstance(x, Stratum) else str(x)
)
def test_every_case_lies_in_its_stratum(stratum: Stratum, at_w_zero: bool) -> None:
    drawn = draw_many(structures(stratum, at_w_zero), 5, 3)
    assert len(drawn) == 5
    for structure in drawn:
        batch = structure.batch(np.random.default_rng(5), 7)
        assert np.all(stratum.holds(batch.instances))
        assert batch.stratum == stratum.name
        assert all(np.isfinite(a).all() for a in numbers_of(batch.instances).values())


@pytest.mark.parametrize(("stratum", "at_w_zero"), BOTH, ids=lambda x: getattr(x, "name", str(x)))
def test_w_is_zero_exactly_where_promised(stratum: Stratum, at_w_zero: bool) -> None:
    for structure in draw_many(structures(stratum, at_w_zero), 3, 4):
        w = structure.batch(np.random.default_rng(5), 7).instances.w
        assert np.all(w.any(axis=0) != at_w_zero)


@pytest.mark.parametrize(("stratum", "at_w_zero"), BOTH, ids=lambda x: getattr(x, "name", str(x)))
def test_cases_are_legal_points(stratum: Stratum, at_w_zero: bool) -> None:
    structure = draw_many(structures(stratum, at_w_zero), 2, 6)[-1]
    case = structure.batch(np.random.default_rng(1), 3).case(1)
    Point(**{name: getattr(case, name) for name in Point.__dataclass_fields__})


def test_weights_sum_to_one_exactly() -> None:
    weighted = [s for s in draw_many(structures(NONZERO_W[0]), 40, 1) if s.weighted]
    weighted += draw_many(structures(_data("one sample dominates")), 10, 1)
    for structure in weighted:
        weights = structure.batch(np.random.default_rng(1), 9).instances.weights
        assert np.all(weights.sum(axis=0) == 1.0)
    assert len(weighted) > 10


# -- what a sceptic would draw -----------------------------------------------------------------


def _data(name: str) -> Stratum:
    return next(s for s in DATA_NONZERO_W if s.name == name)


def test_the_shapes_are_large() -> None:
    drawn = {name: draw_many(structures(_data(name)), 60, 1) for name in ("n >> d", "d >> n")}
    assert {s.n for s in drawn["n >> d"]} >= {100, 200}
    assert max(max(s.d, s.m) for s in drawn["n >> d"]) == 3
    assert {max(s.d, s.m) for s in drawn["d >> n"]} >= {16, 48}
    assert max(s.n for s in drawn["d >> n"]) <= 4
    at_w_zero = draw_many(structures(DATA_W_ZERO[-1], True), 60, 1)
    assert 20 <= max(max(s.d, s.m) for s in at_w_zero) <= 24


def test_a_dense_hessian_never_gets_wide_points() -> None:
    assert "d >> n" in points_at_w_zero().strata
    assert "d >> n" not in points_at_w_zero(3).strata
    assert "n >> d" in points_at_w_zero(3).strata


def test_condition_numbers_span_twelve_decades() -> None:
    for name in ("ill-conditioned columns", "ill-conditioned, rotated"):
        for structure in draw_many(structures(_data(name)), 8, 2):
            X = structure.batch(np.random.default_rng(0), 40).instances.X
            values = np.linalg.svd(np.moveaxis(X, -1, 0), compute_uv=False)
            decades = np.log10(values[:, 0] / values[:, -1])
            assert 11 < np.median(decades) < 13.5
            columns = np.sqrt((X**2).sum(axis=0))
            spread = np.log10(columns.max(axis=0) / columns.min(axis=0))
            assert np.all(spread > 10) if name.endswith("columns") else np.median(spread) < 6


def test_a_repeated_input_has_repeated_features_and_another_label() -> None:
    """Features are a function of the input: else the sample would be none of the paper's."""
    for structure in draw_many(structures(_data("label noise")), 20, 4):
        at = structure.batch(np.random.default_rng(0), 9).instances
        assert at.X.shape[0] % 2 == 0
        assert np.array_equal(at.Z[1::2], at.Z[::2])
        assert np.all(structure.loss.labels.accepts(at.y))


def test_zero_weights_are_zero_for_some_samples_only() -> None:
    for structure in draw_many(structures(_data("zero weights")), 10, 4):
        weights = structure.batch(np.random.default_rng(0), 50).instances.weights
        assert np.all((weights == 0).any(axis=0) & (weights > 0).any(axis=0))


def test_losses_differ_between_samples() -> None:
    drawn = draw_many(structures(_data("a loss for each sample")), 200, 4)
    assert all(len(s.loss.losses) == s.n for s in drawn)
    assert {loss for s in drawn for loss in s.loss.losses} == set(EVERY)


# -- losses of random numbers ------------------------------------------------------------------


@pytest.mark.parametrize(("stratum", "at_w_zero"), OWN, ids=lambda x: getattr(x, "name", str(x)))
def test_own_losses_lie_in_their_stratum_and_are_legal(
    stratum: LossStratum, at_w_zero: bool
) -> None:
    drawn = draw_many(own_losses(stratum, at_w_zero), 30, 3)
    assert len({s.points.stratum.name for s in drawn}) >= 4
    for structure in drawn:
        batch = structure.batch(np.random.default_rng(5), 7)
        assert np.all(stratum.holds(batch.instances))
        assert batch.stratum == stratum.name
        assert np.all(batch.instances.w.any(axis=0) != at_w_zero)
        case = batch.case(3)
        assert type(case) is stratum.point
        stratum.point(**{name: getattr(case, name) for name in case.__dataclass_fields__})


def test_own_losses_differ_from_case_to_case() -> None:
    for stratum in OWN_LOSSES:
        at = draw_many(own_losses(stratum), 5, 3)[-1].batch(np.random.default_rng(0), 9).instances
        varied = at.heights if stratum.point.__name__ == "SoftplusPoint" else at.slopes
        assert len(np.unique(varied[..., 0, :])) > 4


def test_w_star_faces_downhill_of_its_own_losses() -> None:
    for stratum in OWN_LOSSES:
        for structure in draw_many(own_losses(stratum, True), 20, 3):
            at = structure.batch(np.random.default_rng(0), 50).instances
            plain = map_arrays(at, Plain)
            slope = plain.loss.slope(plain.prediction, plain.targets).value
            along = np.einsum("nb,ndb,db->b", slope, at.X, at.w_star)
            assert np.all(along <= 1e-9 * np.abs(along).max())


def test_only_a_domain_without_convexity_goes_below_the_tangent() -> None:
    name = BELOW_TANGENT.name
    for domain in (points(), points_at_w_zero(), points_at_w_zero(3)):
        assert name not in domain.strata
        assert name in domain.without["convex_loss"]().strata
        assert {s.name for s in (*DATA, *OWN_LOSSES)} <= set(domain.strata)


def test_bias_coordinate_is_one() -> None:
    biased = [s for s in draw_many(structures(NONZERO_W[0]), 60, 1) if s.bias]
    for structure in biased:
        assert np.all(structure.batch(np.random.default_rng(1), 4).instances.X[:, -1] == 1.0)
    assert biased


def test_every_loss_is_drawn() -> None:
    drawn = draw_many(structures(NONZERO_W[0]), 900, 2)
    assert {s.loss for s in drawn} == set(EVERY)
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


@pytest.mark.parametrize("stratum", DATA_NONZERO_W, ids=lambda s: s.name)
def test_without_its_change_a_stratum_of_data_is_not_hit(stratum: Stratum) -> None:
    """What `holds` says is no truism."""
    broken = replace(
        stratum,
        change=lambda fields, rng: None,
        # An even n, since one stratum is about pairs of samples.
        shape=lambda s: s._replace(n=max(s.n + s.n % 2, 2), d=max(s.d, 2)),
        weights=(lambda rng, n, size: np.full((n, size), 1 / n)) if stratum.weights else None,
        pool=None,
        noisy=False,
    )
    for structure in draw_many(structures(broken, pool=st.just(LOSSES["squared"])), 5, 3):
        plain = replace(structure, network=FREE)
        batch = plain.batch(np.random.default_rng(5), 50)
        assert batch.stratum == f"outside {stratum.name}"


@pytest.mark.parametrize("stratum", [*OWN_LOSSES, BELOW_TANGENT], ids=lambda s: s.name)
def test_illegal_numbers_leave_a_stratum_of_losses(stratum: LossStratum) -> None:
    def flat(point: Point, rng: np.random.Generator) -> dict[str, Any]:
        fields = stratum.draw(point, rng)
        zero = "heights" if "heights" in fields else "root_rise"
        return {**fields, zero: 0 * fields[zero]}

    broken = replace(stratum, draw=flat)
    batch = draw_many(own_losses(broken), 5, 3)[-1].batch(np.random.default_rng(5), 50)
    assert not np.all(stratum.holds(batch.instances))
