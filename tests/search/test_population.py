"""Populations: what changes, what must not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import pytest

from checker.instances.draws import draw_last
from checker.instances.fields import Batch, Dims, FloatArray
from checker.landscape.losses.catalogue import LOSSES
from checker.search.guided.population import (
    Population,
    in_small_integers,
    offspring,
    populations_of,
)
from checker.search.guided.score import scored, slack_gradient, with_frozen_fields
from properties.shamir2018 import theorems as shamir2018
from properties.shamir2018.sgd import run_regret
from strategies.residual_unit.strata.one_output import NONZERO_W, W_ZERO
from strategies.residual_unit.structures import Structure
from strategies.sgd.paths import recorded_runs


def population(loss: str = "logistic", size: int = 20, at_w_zero: bool = False) -> Population:
    stratum = (W_ZERO if at_w_zero else NONZERO_W)[0]
    structure = Structure(3, 2, 2, LOSSES[loss], "free", stratum, 0.5, False, True, at_w_zero)
    return Population.of(structure.batch(np.random.default_rng(0), size))


def test_flat_numbers_come_back_as_they_were() -> None:
    start = population()
    again = start.with_flat(start.flat())
    assert all(np.array_equal(again.numbers[n], a) for n, a in start.numbers.items())


def test_several_points_per_candidate_keep_their_labels() -> None:
    start = population()
    twice = start.with_flat(np.concatenate([start.flat(), start.flat() + 1], axis=1))
    assert twice.size == 2 * start.size
    assert np.array_equal(twice.numbers["y"], np.tile(start.numbers["y"], 2))
    assert np.array_equal(twice.numbers["w"][:, start.size :], start.numbers["w"] + 1)


def test_labels_and_weights_stay_in_their_domains_and_everything_else_changes() -> None:
    start = population()
    children, steps = offspring(start, np.random.default_rng(1), 50, np.full(start.size, 0.5))
    assert children.size == steps.size == 50 * start.size
    assert set(np.unique(children.numbers["y"])) == {-1.0, 1.0}
    assert np.array_equal(children.numbers["weights"].sum(axis=0), np.ones(children.size))
    parents = start.take(np.repeat(np.arange(start.size), 50))
    for name, numbers in children.numbers.items():
        changed = (numbers != parents.numbers[name]).any(axis=tuple(range(numbers.ndim - 1)))
        assert changed.mean() > 0.05, name


def test_discrete_moves_happen() -> None:
    start = population()
    children, _ = offspring(start, np.random.default_rng(1), 200, np.full(start.size, 0.5))
    w, w_star = children.numbers["w"], children.numbers["w_star"]
    assert (w == w_star).all(axis=0).any()
    assert (w == -w_star).all(axis=0).any()
    assert (children.numbers["V"] == 0).all(axis=(0, 1)).any()
    assert (w == np.rint(w)).all(axis=0).any()


def test_a_field_whose_every_change_breaks_an_assumption_is_frozen() -> None:
    bound = shamir2018.curvature_bound
    start = with_frozen_fields(bound, population(at_w_zero=True), bound.domain)
    assert start.frozen == {"w"}
    children, _ = offspring(start, np.random.default_rng(1), 50, np.full(start.size, 0.5))
    assert not children.numbers["w"].any()
    free = shamir2018.gradient_bound
    assert with_frozen_fields(free, population(), free.domain).frozen == frozenset()


def test_arrays_shared_by_the_whole_batch_are_given_data() -> None:
    start = population()
    shared = Batch(
        start.with_numbers({**start.numbers, "X": start.numbers["X"][..., :1]}).batch.instances,
        start.size,
        "",
    )
    assert Population.of(shared).frozen == {"X"}


def test_the_smallest_path_has_one_step_and_two_iterates() -> None:
    """With one iterate its formula has no value, and a violation could not be reduced."""
    for strategy in recorded_runs().strata.values():
        structure: Any = draw_last(strategy, 0)
        smallest = Population.of(structure.batch(np.random.default_rng(0), 3)).smallest()
        assert {smallest.numbers[name].shape[0] for name in ("W", "V")} == {2}
        assert smallest.batch.case(0).is_valid()
        assert np.isfinite(scored(run_regret, smallest).upper).all()


def test_the_smallest_version_has_one_index_per_dimension() -> None:
    smallest = population().smallest()
    shapes = {name: a.shape[:-1] for name, a in smallest.numbers.items()}
    assert shapes == {
        "X": (1, 1), "y": (1,), "Z": (1, 1), "w": (1,), "V": (1, 1), "w_star": (1,),
        "weights": (1,),
    }  # fmt: skip


def test_small_integers_leave_labels_alone() -> None:
    start = population()
    rounded = in_small_integers(start)
    assert np.array_equal(rounded.numbers["y"], start.numbers["y"])
    assert np.array_equal(rounded.numbers["X"], np.rint(rounded.numbers["X"]))


@dataclass(frozen=True, eq=False)
class Pair:
    a: Annotated[FloatArray, Dims("k")]
    name: str


def test_single_instances_are_gathered_by_structure() -> None:
    drawn = [Pair(np.ones(k), name) for k in (1, 2) for name in "xy" for _ in range(3)]
    groups = list(populations_of(drawn, "drawn", ""))
    assert sorted((g.numbers["a"].shape, g.prototype.name) for g in groups) == [
        ((1, 3), "x"), ((1, 3), "y"), ((2, 3), "x"), ((2, 3), "y"),
    ]  # fmt: skip


# -- scores -----------------------------------------------------------------------------------

CLAIMS = [shamir2018.gradient_direction, shamir2018.gradient_bound, shamir2018.sharp_gradient_bound]


@pytest.mark.parametrize("claim", CLAIMS)
def test_the_gradient_is_that_of_the_relative_slack(claim: Any) -> None:
    start = population("squared", 8)
    flat, step = start.flat(), 1e-6
    gradient = slack_gradient(claim, start)
    for index in range(flat.shape[0]):
        moved = [flat.copy(), flat.copy()]
        moved[0][index] += step
        moved[1][index] -= step
        up, down = (scored(claim, start.with_flat(x)).upper for x in moved)
        assert np.abs((up - down) / (2 * step) - gradient[index]).max() < 1e-5


def test_candidates_outside_the_assumptions_or_unknown_score_infinity() -> None:
    start = population()
    start.numbers["w"][:, 0] = 0.0
    start.numbers["X"][0, 0, 1] = np.nan
    scores = scored(shamir2018.gradient_bound, start).upper
    assert np.isinf(scores[:2]).all()
    assert np.isfinite(scores[2:]).all()
