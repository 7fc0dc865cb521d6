"""The section of a census: the picture, what was found of each kind, and every point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from checker.census.enclosed import Enclosed
from checker.census.picture import draw_points
from checker.census.point import Kind, Level
from checker.census.record import SCHEMA, Bounds, CensusFile, PointRecord
from checker.census.report import SHORT, shown_bound, shown_curvature, shown_level, shown_value
from checker.errors import InputError
from checker.instances.text import counted
from checker.report.html.rendering import rendered
from checker.report.html.view import Cell
from checker.report.pictures.canvas import Picture, require_matplotlib
from checker.report.records import foreign, read_as
from checker.report.run import Extra


@dataclass(frozen=True)
class _Point:
    """A point as it is shown."""

    saved: PointRecord
    kind: Kind
    level: Level
    value: Enclosed
    least_curvature: Enclosed

    @property
    def is_bad(self) -> bool:
        return self.saved.minimum is not None and self.level is Level.ABOVE


def census_section(content: Any, path: Path) -> Markup:
    """The section; raises InputError for what `checker census` has not written."""
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise foreign(str(path), f"it is not a census of schema {SCHEMA}")
    read = read_as(content, CensusFile, str(path))
    try:
        points = sorted(map(_point, read.points), key=lambda p: -p.value.middle)
    except KeyError as error:
        raise foreign(str(path), f"{error} is the kind of no point") from error
    skip = "x -> wᵀ(x + V f(x))" if read.skip else "x -> wᵀ V f(x), no skip connection"
    data = f"{read.data.name} (n = {read.data.n:,}, d = {read.data.d:,})"
    ridge = f", ridge {read.ridge}" if read.ridge else ""
    versions = ", ".join(f"{name} {number}" for name, number in read.versions.items())
    rows = [
        ("problem", f"{data}, {read.loss}, {skip}{ridge}"),
        ("best linear predictor", shown_level(_enclosed(read.linear_level))),
        ("starts", f"{read.starts:,}, seed {read.seed}"),
        ("interrupted", "yes: the census is a part of what was to be done" * read.interrupted),
        *((SHORT.get(kind, kind.name), _meaning(kind, points)) for kind in Kind),
        ("versions", versions),
    ]
    return rendered(
        "census/census.html.jinja",
        data=read.data.name,
        rows=rows,
        picture=_figure(points, read),
        points=[_row(point) for point in points],
    )


def _meaning(kind: Kind, points: list[_Point]) -> str:
    number = sum(p.kind is kind for p in points)
    return f"{counted(number, 'point', 'points')}: {kind.value}" if number else ""


def _point(saved: PointRecord) -> _Point:
    own, whole = _enclosed(saved.curvature), _enclosed(saved.whole["curvature"])
    least = own if own.high <= whole.high else whole
    return _Point(saved, Kind[saved.kind], Level[saved.level], _enclosed(saved.value), least)


def _enclosed(bounds: Bounds) -> Enclosed:
    low = -math.inf if bounds.low is None else bounds.low
    return Enclosed(low, math.inf if bounds.high is None else bounds.high)


def _figure(points: list[_Point], read: CensusFile) -> Picture | None:
    """The picture; nothing where matplotlib is missing."""
    applies = bool(read.skip) and not read.ridge
    level = _enclosed(read.linear_level).high
    try:
        require_matplotlib()
        return draw_points(points, level, bad=any(p.is_bad for p in points), applies=applies)
    except InputError:
        return None


@dataclass(frozen=True)
class _Row:
    """A row of the table of points."""

    value: Cell
    level: str
    is_bad: bool
    kind: str
    curvature: Cell
    gradient: Cell
    found: int
    method: str


def _row(point: _Point) -> _Row:
    own, gradient = _enclosed(point.saved.curvature), _enclosed(point.saved.gradient)
    return _Row(
        Cell(shown_value(point.value, 9), _order(point.value.middle)),
        point.level.value,
        point.is_bad,
        SHORT.get(point.kind, point.kind.name),
        Cell(shown_curvature(own), _order(own.middle)),
        Cell(shown_bound(gradient, 1), _order(gradient.high)),
        point.saved.found,
        point.saved.method,
    )


def _order(value: float) -> float | str:
    return value if math.isfinite(value) else ""


CENSUSED = Extra("census.json", census_section, "Critical points of a training problem")
