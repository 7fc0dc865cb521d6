"""The file from which a census goes on: what was found, never what was proved of it.

A line for the problem and the versions, then one for every start: the points as its search returned
them. What is said of them is proved again when the file is read, so nothing in it is believed.
"""

from __future__ import annotations

import errno
import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from msgspec import defstruct

from checker.census.record import header_of
from checker.census.search import Found
from checker.errors import InputError
from checker.landscape.minima.critical import Problem, Search
from checker.report.evidence import versions
from checker.report.records import Record, foreign, read_as

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
    file: BinaryIO | None

    def append(self, start: int, found: Found) -> None:
        """Keep what was found from one start."""
        points = [
            {"outcome": outcome.name, "parameters": [float(x).hex() for x in v]}
            for v, outcome in found
        ]
        _write(self.file, {"start": start, "points": points})


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
    header = {**header_of(problem, seed), "versions": _versions()}
    with _opened(path) as file:
        yield Journal(tuple(_read(file, path, header, problem)), file)


def _versions() -> dict[str, str]:
    return {**versions(), **{name: version(name) for name in _PACKAGES}}


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, locked; the lock ends with this process, whatever ends it."""
    try:
        file = path.open("a+b")
    except OSError as error:
        raise _cannot("write", path, error) from error
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise _cannot("lock", path, error) from error
            raise InputError(
                f"another census is writing {path}",
                why="Two at a time would count every start twice",
                hint="Wait until it has ended, or give another folder with --out",
            ) from error
        yield file


def _read(file: BinaryIO, path: Path, header: dict[str, Any], problem: Problem) -> Iterator[Found]:
    file.seek(0)
    content = file.read()
    *lines, rest = content.split(b"\n")
    if not lines and _line(header).startswith(rest):
        file.truncate(0)
        _write(file, header)
        return
    size = len(problem.initial(np.random.default_rng(0)))
    with _ours():
        saved = _parsed(lines[0] if lines else rest, f"{path}, line 1")
    _require_same(saved, header, path)
    for start, line in enumerate(lines[1:]):
        place = f"{path}, line {start + 2}"
        with _ours():
            found = _found(_parsed(line, place), start, size, place)
        yield found
    # A run that was killed may have left a part of a line at the end.
    file.truncate(len(content) - len(rest))


@contextmanager
def _ours() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise InputError(f"cannot go on with the census: {error.what}", hint=_HINT) from error


def _parsed(line: bytes, place: str) -> Any:
    try:
        return json.loads(line.decode())
    # Numbers of too many digits, and too many brackets, included.
    except (ValueError, RecursionError) as error:
        raise foreign(place, f"it is no JSON ({str(error)[:80]})") from error


def _require_same(saved: Any, header: dict[str, Any], path: Path) -> None:
    with _ours():
        kinds = [(name, type(value)) for name, value in header.items()]
        read_as(saved, defstruct("Header", kinds), f"{path}, line 1")
    other = [name for name, value in header.items() if saved[name] != value]
    if not other and len(saved) == len(header):
        return
    name = other[0] if other else next(iter(saved.keys() - header.keys()))
    raise InputError(
        f"{path} is the census of another {_WHAT.get(name, 'problem')}: {name} is "
        f"{str(saved[name])[:80]}, not {str(header.get(name))[:80]}",
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
        raise foreign(place, f"{point.outcome[:40]!r} is no outcome of a search")
    try:
        numbers = np.array([float.fromhex(x) for x in point.parameters])
    except (ValueError, OverflowError) as error:
        raise foreign(place, f"a parameter is no number: {error}") from error
    if numbers.shape != (size,) or not np.isfinite(numbers).all():
        raise foreign(place, f"the point is not {size} finite numbers")
    return numbers, Search[point.outcome]


def _line(value: dict[str, Any]) -> bytes:
    return (json.dumps(value) + "\n").encode()


def _write(file: BinaryIO | None, value: dict[str, Any]) -> None:
    if file is None:
        return
    try:
        file.write(_line(value))
        file.flush()
    except OSError as error:
        raise _cannot("write", Path(file.name), error) from error


def _cannot(what: str, path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot {what} {path}: {error.strerror}",
        hint="Check the folder and its permissions, or give another with --out",
    )
