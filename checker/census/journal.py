"""The file from which a census goes on: what was found, never what was proved of it.

A line for the problem and the versions, then one for every start: the points as its search returned
them. What is said of them is proved again when the file is read, so nothing in it is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import defstruct

from checker.census.record import header_of
from checker.census.search import Found
from checker.errors import InputError
from checker.landscape.minima.critical import Problem, Search
from checker.report.evidence import versions
from checker.report.kept.lines import Lines, difference, line_of, opened
from checker.report.records import Record, content_of, foreign, read_as

JOURNAL = "census.jsonl"

# Beyond those that evidence names: the optimisers and the derivatives of the networks.
_PACKAGES = ("scipy", "autograd")
_HINT = "Give another folder with --out, or delete that file"
_WHAT = {"seed": "seed", "versions": "version", "schema": "version"}


class LinePoint(Record, frozen=True, kw_only=True):
    """What a search returned: parameters in hexadecimal."""

    outcome: str
    parameters: list[str]


class Line(Record, frozen=True, kw_only=True):
    """What the searches from one start returned."""

    start: int
    points: list[LinePoint]


@dataclass(frozen=True, eq=False)
class Journal:
    """What is in the file, and the file, locked; None without a folder.

    Attributes
    ----------
    found
        By start, what the searches of an earlier run returned.
    """

    found: tuple[Found, ...]
    lines: Lines | None

    def append(self, start: int, found: Found) -> None:
        """Keep what was found from one start."""
        points = [
            LinePoint(outcome=outcome.name, parameters=[float(x).hex() for x in v])
            for v, outcome in found
        ]
        if self.lines is not None:
            self.lines.append(content_of(Line(start=start, points=points)))


@contextmanager
def journal_in(folder: str | None, problem: Problem, seed: int) -> Iterator[Journal]:
    """The journal of a census, for as long as it runs.

    Raises
    ------
    InputError
        If another census is writing there, or the file is of another problem, seed or version, or
        is none.
    """
    if folder is None:
        yield Journal((), None)
        return
    path = Path(folder) / JOURNAL
    header = content_of({**header_of(problem, seed), "versions": _versions()})
    with opened(path, "census") as lines:
        yield Journal(tuple(_read(lines, header, problem)), lines)


def _versions() -> dict[str, str]:
    return {**versions(), **{name: version(name) for name in _PACKAGES}}


def _read(lines: Lines, header: dict[str, Any], problem: Problem) -> Iterator[Found]:
    if lines.is_empty and line_of(header).startswith(lines.torn):
        lines.begin(header)
        return
    size = len(problem.initial(np.random.default_rng(0)))
    with _ours():
        if lines.is_empty:
            raise foreign(str(lines.path), "it has no whole line")
        entries = lines.entries()
        place, saved = next(entries)
    _require_same(saved, header, place, lines.path)
    for start in count():
        with _ours():
            entry = next(entries, None)
            found = None if entry is None else _found(entry[1], start, size, entry[0])
        if found is None:
            break
        yield found
    # A run that was killed may have left a part of a line at the end.
    lines.cut()


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"cannot go on with the census: {error.what}", hint=_HINT) from error


def _require_same(saved: Any, header: dict[str, Any], place: str, path: Path) -> None:
    with _ours():
        kinds = [(name, type(value)) for name, value in header.items()]
        read_as(saved, defstruct("Header", kinds), place)
    other = difference(saved, header)
    if other is not None:
        name, one, wanted = other
        raise InputError(
            f"{path} is the census of another {_WHAT.get(name.partition(',')[0], 'problem')}: "
            f"{name} is {one}, not {wanted}",
            why="Points of two problems, seeds or versions do not belong into one census",
            hint=_HINT,
        )


def _found(entry: Any, start: int, size: int, place: str) -> Found:
    line = read_as(entry, Line, place)
    if line.start != start:
        raise foreign(place, f"start {line.start!r} stands where start {start} belongs"[:200])
    return [_point(point, size, place) for point in line.points]


def _point(point: LinePoint, size: int, place: str) -> tuple[Any, Search]:
    if point.outcome not in Search.__members__:
        raise foreign(place, f"{point.outcome[:40]!r} is not an outcome of a search")
    try:
        numbers = np.array([float.fromhex(x) for x in point.parameters])
    except (ValueError, OverflowError) as error:
        raise foreign(place, f"a parameter is not a number: {error}") from error
    if numbers.shape != (size,) or not np.isfinite(numbers).all():
        raise foreign(place, f"the point is not {size} finite numbers")
    return numbers, Search[point.outcome]
