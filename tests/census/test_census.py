"""A census finds, classifies and keeps critical points; bad minima where the theorem is silent."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from flint import arb
from msgspec import to_builtins
from rich.console import Console

from checker.census import search as searching
from checker.census.enclosed import Enclosed
from checker.census.journal import JOURNAL
from checker.census.point import Kind, Level, examined
from checker.census.record import point_record
from checker.census.report import print_census
from checker.census.run import Budget, Census, census
from checker.census.search import found_from, judged, linear_level, methods_for
from checker.errors import InputError
from checker.instances.fields import with_fields
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.minima.critical import Problem, Search
from checker.landscape.minima.strong_convexity import minimum_near
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


@pytest.mark.parametrize(
    ("loss", "ridge"), [("squared", 1.0), ("squared", 0.01), ("logistic", 0.01), ("log_cosh", 0.3)]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_linear_level_is_that_of_the_regularised_problem(
    loss: str, ridge: float, weighted: bool
) -> None:
    """Its infimum is attained: at a w where the gradient with the ridge is 0, not at that without.

    Separable labels, in which the loss alone has no minimum, are the hardest.
    """
    rng = np.random.default_rng(3)
    X = rng.standard_normal((30, 3))
    y = np.sign(X[:, 0]) if loss == "logistic" else 3 * X[:, 0] + rng.standard_normal(30)
    weights = np.repeat([1, 2, 3, 4, 6], 6) / 96.0 if weighted else None
    sample, chosen = Sample(X, y, weights), loss_named(loss)
    given = Problem(sample, chosen, make_network("fourier", 3, 1), ridge=ridge)
    linear = linear_level(given)
    w = linear.predictor
    assert linear.value.high - linear.value.low <= 1e-9
    gradient = X.T @ given.slopes(X @ w) + ridge * w
    assert np.linalg.norm(gradient) <= 1e-9
    own = given.risk(X @ w) + ridge / 2 * w @ w
    assert abs(linear.value.middle - own) <= 1e-9
    if loss == "squared":
        scale = np.full(30, 1 / 30) if weights is None else weights
        bend = X.T @ (scale[:, None] * X) + ridge * np.eye(3)
        assert np.allclose(w, np.linalg.solve(bend, X.T @ (scale * y)), atol=1e-9)


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
    first, second = (judged(given, linear, start, found_from(given, 7, start)) for _ in range(2))
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


def test_points_are_json_without_loss(found: Census) -> None:
    for p in found.points:
        saved = json.loads(json.dumps(to_builtins(point_record(p, 1)), allow_nan=False))
        assert [float.fromhex(x) for x in saved["parameters"]] == p.parameters.tolist()
        assert (saved["kind"], saved["level"]) == (p.kind.name, p.level.name)
        assert Enclosed(saved["value"]["low"], saved["value"]["high"]) == p.value
        assert (saved["minimum"] is None) == (p.minimum is None)


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
    with pytest.raises(InputError, match=r"cannot go on .* line 1 is not what this version"):
        census(problem(), Budget(1), folder=str(tmp_path))
    assert (tmp_path / JOURNAL).read_text() == "not json\n"


@pytest.mark.parametrize("loss", ["geman_mcclure", "double_well", "cauchy", "absolute", "huber"])
def test_losses_outside_assumption_1_are_refused(loss: str) -> None:
    """The linear level is a minimum of a convex function, and Corollary 1 needs one, too."""
    with pytest.raises(InputError, match=r"is not (convex|twice differentiable)"):
        census(problem(loss), Budget(1))


def test_a_local_minimum_of_a_loss_that_is_not_convex_is_no_linear_level() -> None:
    """x = ±1 with label 0, and 10 x for ten of fourteen rows: 0.707 near w = 0, 0.283 at w = 10."""
    x = np.array([1.0, -1.0] * 7)
    y = np.where(np.arange(14) < 4, 0.0, 10 * x)
    given = Problem(
        Sample(x[:, None], y), loss_named("geman_mcclure"), make_network("fourier", 1, 1)
    )
    linear = linear_level(given)
    assert linear.value.low == -np.inf
    point = given.point(np.zeros(1 + 1 + given.network.size), np.zeros(1))
    near = minimum_near(with_fields(point, w=linear.predictor, Z=point.X**2), 0.0, True)
    assert near is not None
    assert 0.7 < near[1].low < near[1].high < 0.71
    assert not near[1].is_global


def test_values_beyond_the_range_of_floats_are_enclosed() -> None:
    largest = np.finfo(float).max
    assert Enclosed.of(arb((1, 1100))) == Enclosed(largest, np.inf)
    assert Enclosed.of(-arb((1, 1100))) == Enclosed(-np.inf, -largest)
    assert Enclosed.of(arb(0, arb((1, 1100)))) == Enclosed(-np.inf, np.inf)


def test_a_point_beside_a_minimum_does_not_diverge() -> None:
    """Two equal columns, labels of 1e-7: F(2w, V) < F(w, V), and an exact minimiser 5e-8 away."""
    x = np.random.default_rng(0).standard_normal(8)
    sample = Sample(np.c_[x, x], 1e-7 * x)
    given = Problem(sample, loss_named("squared"), make_network("mlp_tanh", 2, 1))
    v = np.zeros(given.initial(np.random.default_rng(0)).size)
    v[:2] = 0.3e-7 / 2
    for outcome in (Search.CONVERGED, Search.DIVERGING):
        point = examined(given, linear_level(given), v, outcome, "by hand", 0)
        assert point is not None
        assert point.kind is Kind.FALLING
        assert point.level is Level.ABOVE
    # The Hessian of F_lin is singular, so its infimum is not known from below.
    v[:2] = 0.5e-7
    there = examined(given, linear_level(given), v, Search.CONVERGED, "by hand", 0)
    assert there is not None
    assert there.level is Level.OPEN


def test_labels_of_the_wrong_sign_do_not_diverge() -> None:
    """For a monotone loss every prediction has to have the sign of its label, or be 0."""
    for label, kind in ((1.0, Kind.DIVERGING), (-1.0, Kind.FALLING)):
        sample = Sample(np.array([[1.0], [2.0], [0.0]]), np.array([label, 1.0, 1.0]))
        given = Problem(sample, loss_named("logistic"), make_network("constant", 1, 1))
        at = np.array([0.1, 0.0, 1.0])
        point = examined(given, linear_level(given), at, Search.DIVERGING, "by hand", 0)
        assert point is not None
        assert point.kind is kind


def test_the_floating_point_mode_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def flushed() -> None:
        raise InputError("the processor is in a mode in which nothing is proved")

    given = problem()
    linear = linear_level(given)
    monkeypatch.setattr(searching, "require_sound_arithmetic", flushed)
    monkeypatch.setattr("checker.census.point.require_sound_arithmetic", flushed)
    with pytest.raises(InputError, match="nothing is proved"):
        linear_level(given)
    with pytest.raises(InputError, match="nothing is proved"):
        examined(given, linear, given.initial(np.random.default_rng(0)), Search.CONVERGED, "", 0)


LONG = {("pseudo_huber", 1e150), ("pseudo_huber", 1e-5), ("quartic", 1e-5)}


@pytest.mark.parametrize(
    ("loss", "scale"),
    [
        pytest.param(loss, scale, marks=pytest.mark.nightly if (loss, scale) in LONG else [])
        for loss in ("squared", "quartic", "pseudo_huber")
        for scale in (1e150, 1e-5, 1e-200)
    ],
)
def test_labels_of_any_size(loss: str, scale: float) -> None:
    """No error, rows that fit the table, and a linear level that contains the exact one."""
    x = np.arange(1.0, 6.0)
    y = scale * np.array([1.0, 3.0, 2.0, 5.0, 4.0])
    given = Problem(Sample(x[:, None], y), loss_named(loss), make_network("fourier", 1, 1))
    found = census(given, Budget(4))
    stream = StringIO()
    print_census(Console(file=stream, width=400), found)
    lines = stream.getvalue().splitlines()
    assert all(len(line) < 220 for line in lines)
    assert "0.000000000" not in stream.getvalue()
    if loss == "squared":
        X, Y = [Fraction(float(a)) for a in x], [Fraction(float(b)) for b in y]
        w = sum(a * b for a, b in zip(X, Y, strict=True)) / sum(a * a for a in X)
        exact = sum((w * a - b) ** 2 for a, b in zip(X, Y, strict=True)) / 10
        said = re.search(r"best linear predictor: (\S+) ± (\S+), proved", lines[1])
        assert said is not None
        assert abs(Fraction(said[1]) - exact) <= Fraction(said[2])


# -- the journal ------------------------------------------------------------------------------


def _journal(folder: Path) -> list[Any]:
    census(problem(), Budget(2), seed=3, folder=str(folder))
    return [json.loads(line) for line in (folder / JOURNAL).read_text().splitlines()]


def _rewritten(folder: Path, lines: list[Any]) -> Census:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / JOURNAL).write_text("".join(f"{text}\n" for text in texts))
    return census(problem(), Budget(2), seed=3, folder=str(folder))


def test_what_is_saved_is_proved_again(tmp_path: Path) -> None:
    """A file can name a point, and nothing that is said of it."""
    header, first, second = _journal(tmp_path)
    assert set(first) == {"start", "points"}
    assert all(set(p) == {"outcome", "parameters"} for p in first["points"] + second["points"])
    forged = {"outcome": "CONVERGED", "parameters": ["0x1p0"] * (2 + 2 + 4), "kind": "MINIMUM"}
    size = len(problem().initial(np.random.default_rng(0)))
    forged["parameters"] = ["0x1p0"] * size
    found = _rewritten(tmp_path, [header, {"start": 0, "points": [forged]}, second])
    assert found.starts == 2
    assert all(np.any(p.parameters != 1.0) for p in found.points)


_BAD_POINTS: list[Any] = [
    {},
    [],
    7,
    None,
    {"outcome": "CONVERGED"},
    {"outcome": "PROVED", "parameters": []},
    {"outcome": 1, "parameters": []},
    {"outcome": "CONVERGED", "parameters": "0x1p0"},
    {"outcome": "CONVERGED", "parameters": []},
    {"outcome": "CONVERGED", "parameters": [1.0]},
    {"outcome": "CONVERGED", "parameters": [None] * 8},
    {"outcome": "CONVERGED", "parameters": ["0x1p99999"] * 8},
    {"outcome": "CONVERGED", "parameters": ["nan"] * 8},
    {"outcome": "CONVERGED", "parameters": ["x"] * 8},
]
_BAD_LINES: list[Any] = [
    *({"start": 0, "points": [point]} for point in _BAD_POINTS),
    {"points": []},
    {"start": 1, "points": []},
    {"start": True, "points": []},
    {"start": 0},
    {"start": 0, "points": {}},
    {"start": 10**400, "points": []},
    "[" * 100_000,
    "1" * 5000,
    "{",
    "",
    "\ud83d" * 3,
    "null",
    "[]",
]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    header, _, second = _journal(tmp_path)
    for line in _BAD_LINES:
        bad = line if isinstance(line, str) else json.dumps(line)
        content = f"{json.dumps(header)}\n{bad}\n{json.dumps(second)}\n".encode(
            errors="surrogatepass"
        )
        (tmp_path / JOURNAL).write_bytes(content)
        with pytest.raises(InputError, match=r"cannot go on with the census: .*, line 2 is not wh"):
            census(problem(), Budget(2), seed=3, folder=str(tmp_path))
        assert (tmp_path / JOURNAL).read_bytes() == content


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 4}, "of another seed: seed is 4, not 3"),
        ({"schema": 2}, "of another version: schema is 2, not 3"),
        ({"versions": {"numpy": "1.0"}}, "of another version: versions, python is None, not"),
        ({"loss": "log_cosh"}, "of another problem: loss is log_cosh, not squared"),
        ({"extra": 1}, "of another problem: extra is 1, not None"),
        ({"seed": None}, r"Expected `int`, got `null` - at `\$.seed`"),
        ({"seed": True}, r"Expected `int`, got `bool` - at `\$.seed`"),
    ],
)
def test_another_seed_or_version_does_not_go_on(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    header, *lines = _journal(tmp_path)
    with pytest.raises(InputError, match=message):
        _rewritten(tmp_path, [header | changes, *lines])


def test_a_header_cut_short_begins_anew_and_a_foreign_file_stays(tmp_path: Path) -> None:
    header, *_ = _journal(tmp_path)
    (tmp_path / JOURNAL).write_text(json.dumps(header)[:40])
    assert census(problem(), Budget(1), seed=3, folder=str(tmp_path)).starts == 1
    (tmp_path / JOURNAL).write_text("my notes")
    with pytest.raises(InputError, match="cannot go on"):
        census(problem(), Budget(1), seed=3, folder=str(tmp_path))
    assert (tmp_path / JOURNAL).read_text() == "my notes"


def test_two_censuses_do_not_write_into_one_folder(tmp_path: Path) -> None:
    """The lock is that of a process, and ends with it."""
    script = (
        "import fcntl, sys\n"
        f"file = open({str(tmp_path / JOURNAL)!r}, 'a')\n"
        "fcntl.lockf(file, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(InputError, match="another census is writing"):
            census(problem(), Budget(1), seed=3, folder=str(tmp_path))
        other.kill()
    assert census(problem(), Budget(1), seed=3, folder=str(tmp_path)).starts == 1
