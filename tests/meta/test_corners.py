"""Every family visits the corners that its class has, or says which it leaves out, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from checker.claims.claim import Claim, Domain
from checker.claims.registry import load_claims
from checker.instances.cornered import CORNER_BATCH, cornered_strata
from checker.instances.corners import corners_of
from checker.instances.draws import draw_last
from checker.instances.fields import dims_of, numbers_of
from checker.instances.legal import fault
from checker.instances.protocols import Limited, Structure
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.landscape.sgd.online import ShortPath
from checker.search.plan import Plan, groups_of
from strategies.corners import cornered
from strategies.deep_linear.states import ball_points
from strategies.deep_residual.networks import near_identities
from strategies.residual_unit.points import points, points_at_w_zero
from strategies.residual_unit.vector_points import vector_points
from strategies.sgd.paths import short_paths


def _domains() -> Iterator[tuple[str, Domain]]:
    """The domains of true claims, each once."""
    seen: set[int] = set()
    for claim in load_claims().values():
        if claim.kind in ("tight", "bound") and id(claim.domain) not in seen:
            seen.add(id(claim.domain))
            yield claim.id, claim.domain


DOMAINS = dict(_domains())


def _drawn(domain: Domain) -> Any:
    for strategy in domain.strata.values():
        structure: Any = draw_last(strategy, 1)
        batch = None if structure is None else structure.batch(np.random.default_rng(0), 2)
        if batch is not None and batch.size:
            return batch.case(0)
    raise AssertionError("nothing is drawn")


def _none_because(domain: Domain) -> str:
    """Why a family has no corners at all, or an empty string."""
    if domain.found:
        return "each case is the end of a search"
    if any(dims.domain == "recorded" for dims in dims_of(type(_drawn(domain))).values()):
        return "the numbers were recorded together"
    return ""


@pytest.mark.parametrize("claim", DOMAINS)
def test_a_corner_is_visited_or_left_out_for_a_reason(claim: str) -> None:
    domain = DOMAINS[claim]
    if not domain.corners and _none_because(domain):
        return
    if not domain.corners:
        # A domain made from its class alone: its strata are the corners.
        corners = {corner.name for corner in corners_of(type(_drawn(domain)))}
        assert corners <= {*domain.strata, *domain.left_out}, f"{claim}: no reason, see @cornered"
        return
    structure = draw_last(next(iter(domain.corners.values())), 1)
    assert isinstance(structure, Limited)
    assert isinstance(structure.base, Structure)  # type: ignore[attr-defined]
    known = [corner.name for corner in corners_of(type(_drawn(domain)))]
    assert sorted([*domain.corners, *domain.left_out]) == sorted(known)
    assert all(domain.left_out.values())


LATER = [pytest.param(f, marks=pytest.mark.nightly) for f in (points, vector_points, ball_points)]


@pytest.mark.nightly
@pytest.mark.parametrize("claim", DOMAINS)
def test_every_corner_has_structures(claim: str) -> None:
    """Else each visit would look for sizes that the family never has."""
    for name, strategy in DOMAINS[claim].corners.items():
        assert draw_last(strategy, 1) is not None, name


@pytest.mark.parametrize("made", [short_paths, near_identities, *LATER])
def test_cases_lie_in_their_corners(made: Any) -> None:
    """Moving them again changes nothing, where a corner is a place and not a scale."""
    domain = made()
    for name, strategy in domain.corners.items():
        structure: Any = draw_last(strategy, 3)
        if structure is None or ("= 0" not in name and "equal along" not in name):
            continue
        batch = structure.batch(np.random.default_rng(1), CORNER_BATCH)
        assert batch.stratum == name
        assert batch.size
        before = numbers_of(batch.instances)
        again = {field: before[field].copy() for field in structure.corner.fields}
        structure.corner.change(again, np.random.default_rng(2))
        assert all(np.array_equal(a, before[field]) for field, a in again.items()), name
        assert not fault(batch.case(0)), name


def test_sizes_are_those_of_the_corner() -> None:
    domain = points()
    assert {"n = 1", "V = 0", "w = w_star"} <= set(domain.left_out)
    one: Any = draw_last(short_paths().corners["d = 1"], 1)
    assert one.batch(np.random.default_rng(0), 4).instances.X.shape[1] == 1
    many: Any = draw_last(domain.corners["X equal along n"], 1)
    assert many.batch(np.random.default_rng(0), 4).instances.X.shape[0] > 1


def test_weights_appear_where_there_were_none() -> None:
    vertex: Any = draw_last(points().corners["weights a vertex"], 1)
    weights = vertex.batch(np.random.default_rng(0), 4).instances.weights
    assert np.array_equal(weights[0], np.ones(4))
    assert not weights[1:].any()


def test_what_a_family_holds_fixed_stays() -> None:
    domain = points_at_w_zero()
    assert "w huge" not in domain.corners
    assert domain.left_out["w huge"] == "w stays: w = 0 in Theorem 2"
    for name in ("short dyadics", "mixed scales", "small whole numbers"):
        if name in domain.corners:
            structure: Any = draw_last(domain.corners[name], 1)
            assert not structure.batch(np.random.default_rng(0), 8).instances.w.any()


def test_fields_keep_their_order() -> None:
    """Corners come in it, and have their seeds by it."""
    assert list(dims_of(Point)) == ["X", "weights", "y", "Z", "w", "V", "w_star"]
    assert list(dims_of(VectorPoint)) == ["X", "weights", "Y", "Z", "W", "V", "W_star"]


def test_corners_come_after_what_was_there() -> None:
    """The parts before them have the seeds that they had; a data set alone has no corners."""
    claim = load_claims()["shamir2018.theorem1"]
    parts = groups_of(Plan((claim,)))[0].parts
    assert [p.domain.derived for p in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[0].domain is claim.domain
    assert not groups_of(Plan((_mutant_of(claim),)))[0].parts[-1].domain.derived


def _mutant_of(claim: Claim) -> Claim:
    return next(c for c in load_claims().values() if c.of == claim.id and c.must_be_refuted)


def test_a_reason_for_no_corner_is_an_error() -> None:
    from checker.errors import InputError

    with pytest.raises(InputError, match="Point has no corner 'w = v'"):
        cornered(Point, without={"w = v": "?"})(lambda: points())()


def test_a_structure_needs_no_more_than_a_batch() -> None:
    class Bare:
        def batch(self, rng: np.random.Generator, size: int) -> Any:
            structure: Any = draw_last(short_paths().strata["in a disc"], 1)
            return structure.batch(rng, size)

    from hypothesis import strategies as st

    bare: Structure = Bare()
    found = cornered_strata(ShortPath, st.just(bare))
    moved: Any = draw_last(found["X = 0"], 1)
    batch = moved.batch(np.random.default_rng(0), 5)
    assert not batch.instances.X.any()
