"""Pictures show what they say, are small and harmless, and their absence stops nothing."""

from __future__ import annotations

import builtins
import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from checker.arithmetic.ball import Ball
from checker.claims.spread import Spread
from checker.cli import main
from checker.instances.fields import map_arrays
from checker.instances.plane import Plane
from checker.landscape.losses.catalogue import loss_named
from checker.landscape.losses.coupled import Radial
from checker.landscape.residual_unit.one_output import Point
from checker.landscape.residual_unit.plane import GRID
from checker.landscape.residual_unit.several_outputs import VectorPoint
from checker.report.html.page import render
from checker.report.html.view import View
from checker.report.run import Run

matplotlib = pytest.importorskip("matplotlib", reason="pictures need the extra `plots`")

from checker.report.pictures.canvas import COLOURS, Picture, compact, standalone  # noqa: E402
from checker.report.pictures.contours import draw_plane  # noqa: E402
from checker.report.pictures.drawing import pictures_of  # noqa: E402
from checker.report.pictures.reduction import draw_reduction  # noqa: E402
from checker.report.pictures.spreads import draw_sides, draw_slacks  # noqa: E402


def point(d: int = 1, m: int = 1, n: int = 3, **changes: Any) -> Point:
    rng = np.random.default_rng([d, m, n])
    shapes = {"X": (n, d), "Z": (n, m), "w": (d,), "V": (d, m), "w_star": (d,)}
    arrays = {name: rng.integers(-8, 9, shape) / 4 for name, shape in shapes.items()}
    labels = np.array([1.0, -1.0] * n)[:n]
    return Point(**{"loss": loss_named("squared"), "y": labels, **arrays, **changes})


# -- the plane --------------------------------------------------------------------------------


@pytest.mark.parametrize(("d", "m"), [(1, 1), (2, 1), (1, 3), (3, 2)])
def test_the_plane_holds_the_point_and_the_comparator(d: int, m: int) -> None:
    """F at the marks, read off the grid by interpolation, is F and F_lin."""
    at = point(d, m)
    plane = at.plane()
    assert plane is not None
    known = map_arrays(at, Ball.constant)
    expected = {"(w, V)": float(known.F.item), "(w*, 0)": float(known.F_lin.item)}
    for name, place in plane.marks.items():
        assert abs(interpolated(plane, place) - expected[name]) < 0.02 * np.ptp(plane.values)
    assert plane.level == pytest.approx(expected["(w*, 0)"], rel=1e-12)


@pytest.mark.parametrize(("K", "d", "m"), [(1, 1, 1), (2, 1, 1), (2, 3, 2)])
def test_points_with_several_outputs_have_a_plane(K: int, d: int, m: int) -> None:
    rng, n = np.random.default_rng([K, d, m]), 3
    shapes = {"X": (n, d), "Z": (n, m), "Y": (n, K), "W": (K, d), "V": (d, m), "W_star": (K, d)}
    arrays = {name: rng.integers(-8, 9, shape) / 4 for name, shape in shapes.items()}
    at = VectorPoint(**arrays, loss=Radial())
    plane, known = at.plane(), map_arrays(at, Ball.constant)
    assert plane is not None
    expected = {"(W, V)": float(known.F.item), "(W*, 0)": float(known.F_lin.item)}
    for name, place in plane.marks.items():
        assert abs(interpolated(plane, place) - expected[name]) < 0.02 * np.ptp(plane.values)
    assert np.linalg.norm(plane.descent) == pytest.approx(float(known.grad_norm.item))
    assert "F_lin(W*)" in plane.caption
    assert draw_plane(plane).svg


def interpolated(plane: Plane, place: tuple[float, float]) -> float:
    rows = [np.interp(place[0], plane.x, row) for row in plane.values]
    return float(np.interp(place[1], plane.y, rows))


@pytest.mark.parametrize(("d", "m"), [(1, 1), (2, 1), (3, 2)])
def test_the_arrow_points_down_as_steeply_as_the_gradient_says(d: int, m: int) -> None:
    at = point(d, m)
    plane = at.plane()
    assert plane is not None
    # Differences between grid points next to the mark, towards both sides.
    here = np.array(plane.marks["(w, V)"])
    down = np.array(plane.descent)
    step = 0.05 * min(np.ptp(plane.x), np.ptp(plane.y)) * down / np.linalg.norm(down)
    ahead, behind = (interpolated(plane, tuple(here + s * step)) for s in (1, -1))
    slope = (behind - ahead) / (2 * np.linalg.norm(step))
    assert slope == pytest.approx(np.linalg.norm(down), rel=0.25)
    # The plane contains the gradient.
    size = float(map_arrays(at, Ball.constant).grad_norm.item)
    assert np.linalg.norm(down) == pytest.approx(size, rel=1e-12)


@pytest.mark.parametrize("scale", [0.0, 1e-150, 1e150])
def test_extreme_points_have_a_plane_or_none(scale: float) -> None:
    at = point(2, 2)
    plane = replace(at, w=scale * at.w, V=scale * at.V, w_star=scale * at.w_star).plane()
    assert (plane is None) == (scale == 1e150)
    if plane is not None:
        assert plane.values.shape == (GRID, GRID)
        assert np.isfinite(plane.values).all()
        assert np.all(np.diff(plane.x) > 0)
        assert draw_plane(plane).svg


def test_marks_that_coincide_still_have_a_plane() -> None:
    at = point(2, 2)
    plane = replace(at, w=at.w_star, V=0 * at.V).plane()
    assert plane is not None
    assert plane.marks["(w, V)"] == pytest.approx(plane.marks["(w*, 0)"])


# -- drawings ---------------------------------------------------------------------------------


def drawings() -> dict[str, Picture | None]:
    plane = point(2, 2).plane()
    assert plane is not None
    path = [{"numbers": 20, "relative_slack": -0.5}, {"numbers": 6, "relative_slack": -0.25}]
    spread = Spread()
    slack = np.array([0.0, 1e-12, 0.5, 1.0])
    spread.add("<equality> & more", slack, np.geomspace(1, 1e6, 4), np.ones(4))
    return {
        "landscape": draw_plane(plane),
        "reduction": draw_reduction(path),
        "slack": draw_slacks(spread),
        "sides": draw_sides(spread),
    }


@pytest.mark.parametrize("name", ["landscape", "reduction", "slack", "sides"])
def test_a_picture_is_small_and_refers_to_nothing(name: str) -> None:
    picture = drawings()[name]
    assert picture is not None
    root = ElementTree.fromstring(standalone(picture.svg))
    assert len(picture.svg) < 12_000
    assert {e.tag.rpartition("}")[2] for e in root.iter()} <= {"svg", "style", "path", "text"}
    assert not re.search(r"\bid=|href|url\(|<script", picture.svg)
    assert root.get("aria-label") == picture.caption
    # In the page its colours are the page's, in a file they are numbers.
    assert "var(--" in picture.svg
    assert set(re.findall(r"#\w{6}", standalone(picture.svg))) <= {v for _, v in COLOURS.values()}


def test_the_landscape_names_its_marks_and_axes() -> None:
    picture = drawings()["landscape"]
    assert picture is not None
    texts = texts_of(picture)
    assert {"(w, V)", "(w*, 0)", "along -∇F"} <= set(texts)


def test_hostile_names_stay_texts() -> None:
    plane = point().plane()
    assert plane is not None
    bad = '"><script>&'
    altered = replace(plane, caption=bad, labels=(bad, bad), marks=dict.fromkeys([bad], (0, 0)))
    picture = draw_plane(altered)
    assert texts_of(picture).count(bad) == 3
    assert ElementTree.fromstring(picture.svg).get("aria-label") == bad


def texts_of(picture: Picture) -> list[str]:
    root = ElementTree.fromstring(picture.svg)
    return [str(e.text) for e in root.iter() if e.tag == "text"]


def test_the_reduction_shows_every_step() -> None:
    picture = drawings()["reduction"]
    assert picture is not None
    assert {"20", "6"} <= set(texts_of(picture))
    unknown = [{"numbers": 1, "relative_slack": None}] * 2
    assert draw_reduction(unknown) is None
    assert draw_reduction(unknown[:1]) is None


def test_spreads_name_strata_and_equality() -> None:
    picture = drawings()["slack"]
    assert picture is not None
    assert {"<equality> & more", "equal", "1e-6"} <= set(texts_of(picture))


def test_nothing_is_drawn_of_nothing() -> None:
    assert draw_slacks(Spread()) is None
    assert draw_sides(Spread()) is None
    same = Spread()
    same.add("x", np.ones(5), np.zeros(5), -np.ones(5))
    assert draw_slacks(same) is None


@pytest.mark.parametrize(
    ("d", "short"),
    [
        ("M 0 0 L 1 0 L 1 1 z", "M0 0l4 0l0 4z"),
        ("M 1 1 \nL 1.01 1 L 2 1 ", "M4 4l4 0"),
        ("M 1 1 L 2 1 z L 2 2 ", "M4 4l4 0zl4 4"),
        ("M 0 0 C 1 1 2 2 3 0 Q 4 4 5 0", "M0 0c4 4 8 8 12 0q4 16 8 0"),
        ("M 0 0 L 0.01 0", ""),
    ],
)
def test_paths_are_shortened_without_moving(d: str, short: str) -> None:
    assert compact(d) == short


# -- in the report ----------------------------------------------------------------------------


def test_claims_get_the_pictures_that_fit_them(run: Run) -> None:
    entry = next(c for c in run.claims if c["verdict"] == "STANDS" and not c["of"])
    drawn = pictures_of(run)
    assert set(drawn[entry["id"]]) == {"slack", "sides"}
    assert set(drawn["paper.two"]) <= {"reduction"}  # pairs of numbers have no landscape
    page = render(View(run, drawn))
    assert page.count("<figure>") == sum(map(len, drawn.values())) >= 2
    assert 'class="notice"' not in page


def test_an_instance_that_can_draw_itself_is_asked(folder: Path, run: Run) -> None:
    from checker.instances.codec import encode_instance

    case = next(c for c in run.claims if c["id"] == "paper.two")
    point_case = {**case["counterexample"], "instance": encode_instance(point(2, 2))}
    drawn = pictures_of(Run([{**case, "counterexample": point_case}], run.evidence))
    assert "landscape" in drawn["paper.two"]
    unknown = {**point_case, "instance": {"class": "nowhere:Nothing", "fields": {}}}
    drawn = pictures_of(Run([{**case, "counterexample": unknown}], run.evidence))
    assert "landscape" not in drawn.get("paper.two", {})


def test_pictures_are_written_as_files(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    copy = shutil.copytree(folder, tmp_path / "run")
    assert main(["report", str(copy), "--pictures"]) == 0
    files = sorted((copy / "pictures").iterdir())
    assert f"pictures: {len(files)} in {copy / 'pictures'}" in capsys.readouterr().out
    assert len(files) >= 2
    for file in files:
        assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_without_matplotlib_the_report_says_how_to_get_pictures(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hide_matplotlib(monkeypatch)
    out = tmp_path / "page.html"
    assert main(["report", str(folder), "--out", str(out)]) == 0
    page = html.unescape(out.read_text())
    assert "<figure>" not in page
    # At the end, beside the versions: nobody who reads the page has to do anything.
    assert 'class="notice"' not in page
    assert page.index("How it was made") < page.index('pip install "landscape-checker[plots]"')
    assert 'pip install "landscape-checker[plots]"' in page
    assert main(["report", str(folder), "--out", str(out), "--pictures"]) == 2
    error = capsys.readouterr().err
    assert 'pip install "landscape-checker[plots]"' in error
    assert "Traceback" not in error


def hide_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    found = builtins.__import__

    def refuse(name: str, *further: Any, **settings: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError("No module named 'matplotlib'")
        return found(name, *further, **settings)

    monkeypatch.setattr(builtins, "__import__", refuse)
