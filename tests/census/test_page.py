"""The page of a census: what is on file, no more, and nothing that acts."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

from checker.cli import main

HOSTILE = "<img src=x onerror='alert(2)'>"


def bounds(low: float | None, high: float | None) -> dict[str, Any]:
    return {"low": low, "high": high, "guarantee": "enclosed"}


def point(kind: str, level: str, value: float, curvature: float) -> dict[str, Any]:
    sure = bounds(curvature - 1e-9, curvature + 1e-9)
    numbers = {"value": bounds(value, value), "gradient": bounds(0.0, 1e-12), "curvature": sure}
    whole = {"curvature": bounds(None, None), "gradient": bounds(0.0, 1.0), "value": sure}
    least = {"low": value, "high": value, "radius": 0.1, "modulus": 1.0, "is_global": False}
    known = {"whole": whole, "minimum": least if kind == "MINIMUM" else None, "found": 1}
    drawn = {"method": HOSTILE, "start": 0, "parameters": [], "predictions": [], "size_theta": 1.0}
    return {"kind": kind, "level": level, **numbers, **known, **drawn}


def census(*points: dict[str, Any]) -> dict[str, Any]:
    data = {"name": HOSTILE, "n": 9, "d": 2, "sha256": ""}
    return {
        "schema": 3,
        "seed": 5,
        "data": data,
        "loss": "squared",
        "network": {},
        "parameters": 3,
        "skip": False,
        "ridge": 0.0,
        "versions": {"numpy": "2"},
        "interrupted": True,
        "fault": None,
        "starts": 7,
        "seconds": 1.0,
        "linear_level": bounds(0.25, 0.25),
        "counts": {},
        "points": list(points),
    }


POINTS = (point("SADDLE", "ABOVE", 0.5, -0.125), point("MINIMUM", "ABOVE", 0.75, 2.0))


def page(folder: Path, content: Any) -> str:
    (folder / "census.json").write_text(json.dumps(content))
    assert main(["report", str(folder)]) == 0
    return (folder / "report.html").read_text()


def test_a_census_has_a_page(tmp_path: Path) -> None:
    html = page(tmp_path, census(*POINTS))
    assert "<h1>Critical points of a training problem</h1>" in html
    assert "<img" not in html
    for shown in ("n = 9, d = 2", "no skip connection", "7, seed 5", "numpy 2", "interrupted"):
        assert shown in html
    # From the highest value down; a proved minimum above the linear level is marked.
    assert html.index(">0.75<") < html.index(">0.5<")
    assert html.count('class="verdict bad"') == 1
    assert html.count("1 point: ") == 2
    assert "<figure>" in html


def test_without_matplotlib_it_has_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = builtins.__import__

    def refuse(name: str, *further: Any, **settings: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError("No module named 'matplotlib'")
        return found(name, *further, **settings)

    monkeypatch.setattr(builtins, "__import__", refuse)
    html = page(tmp_path, census(*POINTS[:1]))
    assert "<figure>" not in html
    assert ">0.5<" in html
    assert "0 points" not in page(tmp_path, census())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({**census(), "schema": 99}, "it is not a census of schema 3"),
        (census({**POINTS[0], "kind": "SUMMIT"}), "'SUMMIT' is the kind of no point"),
        ({**census(), "starts": "many"}, "$.starts"),
        ([], "it is not a census"),
    ],
)
def test_what_no_census_has_written_is_refused(
    tmp_path: Path, content: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "census.json").write_text(json.dumps(content))
    assert main(["report", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
