"""A census finds, classifies and keeps critical points; bad minima where the theorem is silent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from checker.census import search as searching
from checker.census.point import Kind, Level, examined
from checker.census.record import point_from_json, point_to_json
from checker.census.run import JOURNAL, Budget, Census, census
from checker.census.search import linear_level, methods_for, search
from checker.errors import InputError
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.critical import Problem, Search
from checker.landscape.networks.base import Block, Network, make_network
from checker.landscape.sample import Sample


def problem(loss: str = "squared", n: int = 9, **settings: Any) -> Problem:
    rng = np.random.default_rng(5)
    X = rng.standard_normal((n, 2))
    y = np.sign(rng.standard_normal(n)) if loss == "logistic" else rng.standard_normal(n)
    return Problem(Sample(X, y), loss_named(loss), make_network("fourier", 2, 1), **settings)


@pytest.fixture(scope="module", autouse=True)
def little_effort() -> Iterator[None]:
    """What is tried is less than a user gets; what is proved of a point is the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "CENSUS_EVALUATIONS", 120)
        patch.setattr(searching, "CENSUS_STEPS", 300)
        yield


@pytest.fixture(scope="module")
def found() -> Census:
    return census(problem(), Budget(6), seed=3)


def test_points_of_every_method_are_found(found: Census) -> None:
    assert {p.method for p in found.points} >= {"minimisation", "explicit, w = 0"}
    assert {p.kind for p in found.points} >= {Kind.MINIMUM, Kind.SADDLE}
    assert found.starts == 6


def test_nothing_above_the_linear_level_is_a_minimum(found: Census) -> None:
    above = [p for p in found.points if p.level is Level.ABOVE]
    assert above
    assert all(p.kind is Kind.SADDLE for p in above)
    assert not found.bad_minima


def test_the_linear_level_is_that_of_least_squares(found: Census) -> None:
    X, y = found.problem.sample.X, found.problem.sample.y
    residual = np.linalg.lstsq(X, y, rcond=None)[1][0]
    low, high = found.linear.value.low, found.linear.value.high
    assert low <= residual / (2 * len(y)) * (1 + 1e-12)
    assert high >= residual / (2 * len(y)) * (1 - 1e-12)
    assert high - low < 1e-14


def test_values_and_gradients_are_those_of_the_point(found: Census) -> None:
    for p in found.points:
        assert p.value.low - 1e-12 <= found.problem.value(p.parameters) <= p.value.high + 1e-12
        gradient = found.problem.gradient(p.parameters)[: 2 + 2]
        assert np.linalg.norm(gradient) <= p.gradient.high + 1e-12


def test_a_census_without_skip_connection_proves_bad_minima() -> None:
    found = census(problem(skip=False), Budget(8), seed=1)
    assert found.bad_minima
    for p in found.bad_minima:
        assert p.value.low > found.linear.value.high
        assert p.minimum is not None


def test_a_regularised_census_proves_the_spurious_minimum_of_figure_1() -> None:
    """c = 1/2 and λ = 1/4, with a feature that is 1 at the only sample."""
    one = Sample(np.ones((1, 1)), np.ones(1))
    given = Problem(one, loss_named("squared"), make_network("constant", 1, 1), ridge=0.25)
    linear = linear_level(given)
    assert abs(linear.value.middle - 0.1) < 1e-15
    spurious = examined(
        given, linear, np.array([-0.9828, -1.6027, 1.0]), Search.CONVERGED, "by hand", 0
    )
    assert spurious is not None
    assert (spurious.kind, spurious.level) == (Kind.MINIMUM, Level.ABOVE)
    assert abs(spurious.value.middle - 1.04983 / 2) < 1e-5
    assert spurious.curvature.low > 0


def test_a_point_that_runs_to_infinity_is_no_minimum() -> None:
    separable = Sample(np.array([[1.0], [2.0]]), np.array([1.0, 1.0]))
    given = Problem(separable, loss_named("logistic"), make_network("constant", 1, 1))
    linear = linear_level(given)
    assert linear.value.low == -np.inf
    far = examined(given, linear, np.array([30.0, 0.0, 1.0]), Search.CONVERGED, "by hand", 0)
    assert far is not None
    assert far.kind is Kind.DIVERGING


def test_a_point_with_a_large_gradient_is_none() -> None:
    given = problem()
    v = np.ones(2 + 2 + given.network.size)
    assert examined(given, linear_level(given), v, Search.UNCONVERGED, "by hand", 0) is None


@pytest.mark.parametrize("start", [0, 2, 4])
def test_a_start_is_determined_by_its_number_and_the_seed(start: int) -> None:
    given = problem()
    linear = linear_level(given)
    first, second = (search(given, linear, 7, start) for _ in range(2))
    assert [p.parameters.tolist() for p in first] == [p.parameters.tolist() for p in second]


def test_regularisation_has_no_explicit_family() -> None:
    assert "explicit, w = 0" not in methods_for(problem(ridge=0.1))


@dataclass(frozen=True)
class Squares(Network):
    """A feature map without parameters."""

    kind: ClassVar[str] = "squares"

    @property
    def layout(self) -> tuple[Block, ...]:
        return ()

    def _apply(self, parts: Any, X: Any) -> Any:
        return X[:, : self.m] ** 2


@pytest.mark.parametrize("skip", [True, False])
def test_a_network_without_parameters(skip: bool) -> None:
    """F_θ is F: one minimum, that of least squares, and the family at w = 0."""
    given = problem()
    bare = replace(given, network=Squares(2, 1), skip=skip)
    found = census(bare, Budget(5))
    assert [p.kind for p in found.points] == [Kind.MINIMUM, Kind.SADDLE]
    X, y = given.sample.X, given.sample.y
    columns = np.hstack([X, X[:, :1] ** 2]) if skip else X[:, :1] ** 2
    least = np.linalg.lstsq(columns, y)[1][0] / (2 * len(y))
    assert abs(found.points[0].value.middle - least) < 1e-15
    assert bool(found.bad_minima) is not skip


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_one_sample(loss: str) -> None:
    """The squared loss attains its infimum 0 along lines, the logistic one nowhere."""
    given = Problem(
        Sample(np.ones((1, 2)), np.ones(1)), loss_named(loss), make_network("fourier", 2, 1)
    )
    found = census(given, Budget(5))
    wanted = Kind.DEGENERATE if loss == "squared" else Kind.DIVERGING
    assert {p.kind for p in found.points} == {wanted, Kind.SADDLE}
    assert not found.bad_minima


def test_points_survive_json(found: Census) -> None:
    for p in found.points:
        again = point_from_json(json.loads(json.dumps(point_to_json(p))))
        assert again.parameters.tolist() == p.parameters.tolist()
        for name in ("kind", "level", "value", "minimum", "whole", "size_theta"):
            assert getattr(again, name) == getattr(p, name)


def test_a_census_goes_on_where_it_stopped(found: Census, tmp_path: Path) -> None:
    census(problem(), Budget(2), seed=3, folder=str(tmp_path))
    # The last line of a run that was killed is incomplete.
    with (tmp_path / JOURNAL).open("a") as file:
        file.write('{"points": [')
    resumed = census(problem(), Budget(6), seed=3, folder=str(tmp_path))
    assert resumed.starts == 6
    assert [p.parameters.tolist() for p in resumed.points] == [
        p.parameters.tolist() for p in found.points
    ]
    again = census(problem(), Budget(6), seed=3, folder=str(tmp_path))
    assert len(again.points) == len(found.points)


@pytest.mark.parametrize("other", [problem(loss="log_cosh"), problem(ridge=0.1), problem(n=8)])
def test_another_problem_does_not_go_on(other: Problem, tmp_path: Path) -> None:
    census(problem(), Budget(1), folder=str(tmp_path))
    with pytest.raises(InputError, match="another problem"):
        census(other, Budget(1), folder=str(tmp_path))


def test_a_file_that_is_no_census_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text("not json\n")
    with pytest.raises(InputError, match="cannot go on"):
        census(problem(), Budget(1), folder=str(tmp_path))
    assert (tmp_path / JOURNAL).read_text() == "not json\n"
