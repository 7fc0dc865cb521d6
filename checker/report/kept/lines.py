"""Files that a run appends to as it goes: a header, then a line of JSON for each step.

The file is locked while a run writes, and the lock ends with the process, whatever ends it. A line
that a kill has torn is the last one, and is cut off. Nothing in the file is run.
"""

from __future__ import annotations

import errno
import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any

from checker.errors import InputError
from checker.report.records import foreign


class Lines:
    """An open file of lines.

    Attributes
    ----------
    path
        Of the file.
    torn
        What stands after the last whole line.
    """

    def __init__(self, file: FileIO, path: Path) -> None:
        self._file, self.path = file, path
        file.seek(0)
        self._lines = file.read().split(b"\n")
        self.torn = self._lines.pop()
        self._size = sum(map(len, self._lines)) + len(self._lines)

    @property
    def is_empty(self) -> bool:
        """Whether there is no whole line."""
        return not self._lines

    def entries(self) -> Iterator[tuple[str, Any]]:
        """Place and content of each line, the header first.

        Raises
        ------
        InputError
            For a line that is no JSON.
        """
        for number, line in enumerate(self._lines, 1):
            place = f"{self.path}, line {number}"
            yield place, _parsed(line, place)

    def begin(self, header: Mapping[str, Any]) -> None:
        """Make it a new file, with this header."""
        self._size, self._lines = 0, []
        self.cut()
        self.append(header)

    def cut(self) -> None:
        """Forget what comes after the last whole line."""
        self._file.truncate(self._size)

    def append(self, value: Mapping[str, Any]) -> None:
        """Write a line as a whole, or not at all.

        Raises
        ------
        InputError
            When there is no room for it.
        """
        line = line_of(value)
        left = memoryview(line)
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except BaseException as error:
            with suppress(OSError):
                self.cut()
            if isinstance(error, OSError):
                raise _cannot("write", self.path, error) from error
            raise
        self._size += len(line)


def line_of(value: Mapping[str, Any]) -> bytes:
    """A line with its end."""
    return (json.dumps(value) + "\n").encode()


@contextmanager
def opened(path: Path, run: str) -> Iterator[Lines]:
    """A file of lines, made where there is none, and locked; `run` says what writes such files.

    Raises
    ------
    InputError
        When another process is writing it, or nobody can.
    """
    try:
        # Unbuffered: what a full disk refuses must not be tried again when the file is closed.
        file = path.open("a+b", buffering=0)
    except OSError as error:
        raise _cannot("write", path, error) from error
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise _cannot("lock", path, error) from error
            raise InputError(
                f"another {run} is writing {path}",
                why="Two at a time would count everything twice",
                hint="Wait until it has ended, or give another folder with --out",
            ) from error
        yield Lines(file, path)


def read_lines(path: Path) -> list[tuple[str, Any]]:
    """Places and contents of the whole lines of a file that another run may be writing.

    Raises
    ------
    InputError
        When it cannot be read, or a line is no JSON.
    """
    try:
        with path.open("rb", buffering=0) as file:
            return list(Lines(file, path).entries())
    except OSError as error:
        raise _cannot("read", path, error) from error


def _parsed(line: bytes, place: str) -> Any:
    try:
        return json.loads(line.decode())
    # Numbers of too many digits, and too many brackets, included.
    except (ValueError, RecursionError) as error:
        raise foreign(place, f"it is no JSON ({str(error)[:80]})") from error


def difference(saved: Mapping[str, Any], header: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """The first entry in which two headers differ: its name, and its values as text."""
    names = [*header, *(saved.keys() - header.keys())]
    for name in (n for n in names if saved.get(n) != header.get(n)):
        one, other = saved.get(name), header.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            inner = difference(one, other)
            assert inner is not None
            return f"{name}, {inner[0]}", *inner[1:]
        return name, str(one)[:80], str(other)[:80]
    return None


def _cannot(what: str, path: Path, error: OSError) -> InputError:
    return InputError(
        f"cannot {what} {path}: {error.strerror}",
        hint="Check the folder and its permissions, or give another with --out",
    )
