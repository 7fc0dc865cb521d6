"""What a run is going to write, checked before it: that it can, and that it destroys nothing.

An output must be no input of the run, and replaces only what the checker itself has written, of the
same kind: `--json mine.py` and `--json ci/baseline.json` are slips, not wishes.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import stat
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.errors import InputError
from checker.report.saving import STDOUT, cannot_write, is_stream

# Endings of what commands read.
_INPUTS = (".py", ".csv", ".npz", ".npy")

# Name of a document -> the keys of the JSON that tell it from all others.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "evidence.json": ("schema", "versions", "claims"),
    "audit.json": ("schema", "ablations"),
    "sharpen.json": ("schema", "claim", "constants"),
    "census.json": ("schema", "linear_level", "points"),
    "certificate.json": ("schema", "verdict", "sentence"),
    "gate.json": ("kind", "passed", "changes"),
    "prove.json": ("schema", "coq", "proofs"),
    "proved.json": ("schema", "proved"),
    "baseline.json": ("kind", "budget", "claims", "corpus"),
    "verify.jsonl": ("schema", "versions", "claims", "sources"),
}
_ARRAYS = re.compile(r"(w|W|V|w_star|W_star)\.npy")


@dataclass(frozen=True)
class Output:
    """A file that is going to be written.

    Attributes
    ----------
    kind
        Name of the document, as it would be called in a folder.
    option
        What the user called it by; empty for a file in a folder.
    """

    path: Path
    kind: str
    option: str = ""

    @property
    def shown(self) -> str:
        """The file as a message names it."""
        return f"{self.option} {self.path}".strip()


def require_writable(
    outputs: Sequence[Output], folder: str | None = None, inputs: Iterable[Path] = ()
) -> None:
    """Raise InputError unless a run can write its results, and destroys nothing by it.

    Makes the folder. Tries to write, because permissions alone do not tell (a full or read-only
    file system, the superuser).
    """
    if folder is not None:
        make_folder(folder)
    read = list(inputs)
    for number, output in enumerate(outputs):
        try:
            _require_free(output, read, outputs[:number])
            _attempt(output.path)
        except OSError as error:
            raise cannot_write(output.path, error) from error


def make_folder(folder: str) -> None:
    """Make a folder for results; raises InputError where that fails, or nothing can be written."""
    if folder == STDOUT:
        raise InputError(
            "--out needs a folder", why="- is standard output", hint="Use --json - for that"
        )
    path = Path(folder)
    try:
        if path.exists() and not path.is_dir():
            raise InputError(f"cannot write {folder}: it is a file", hint="Name a folder")
        path.mkdir(parents=True, exist_ok=True)
        _attempt_new(path)
    except OSError as error:
        raise cannot_write(folder, error) from error


# -- what must not be lost --------------------------------------------------------------------


def _require_free(output: Output, inputs: list[Path], others: Sequence[Output]) -> None:
    if is_stream(output.path):
        return
    ending = output.path.suffix.lower()
    if ending in _INPUTS and ending != Path(output.kind).suffix:
        raise InputError(
            f"{output.shown} has the ending of an input",
            why="The results would take its place",
            hint=f"Write to FILE{Path(output.kind).suffix}, or name the input without an option",
        )
    if any(_same(output.path, path) for path in inputs):
        raise InputError(
            f"{output.shown} is read by this very command",
            why="The results would take its place",
            hint="Write to another file",
        )
    for other in others:
        if other.kind != output.kind and _same(output.path, other.path):
            raise InputError(
                f"{output.shown} is to be written twice, as {other.kind} and as {output.kind}",
                hint="Write to another file",
            )
    _require_own(output)


def _require_own(output: Output) -> None:
    path = output.path
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder", hint="Name a file")
    if path.exists() and not _is_own(path, output.kind):
        raise InputError(
            f"{output.shown} exists already, and is no {output.kind} that checker has written",
            why="What it holds would be lost",
            hint="Write to another file, or move it away",
        )


def _same(first: Path, second: Path) -> bool:
    with suppress(OSError):
        if first.exists() and second.exists():
            return first.samefile(second)
    return os.path.realpath(first) == os.path.realpath(second)


def _is_own(path: Path, kind: str) -> bool:
    """Whether an existing file is what an earlier run of the same kind has written."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        return False
    # `mktemp` and CI make empty files for others to fill.
    return not found.st_size or _TESTS[Path(kind).suffix](path, kind)


def _json(path: Path, kind: str) -> bool:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and set(_KEYS[kind]) <= set(content)


def _lines(path: Path, kind: str) -> bool:
    """Whether the first line is a header of ours, or what a kill has left of it."""
    with path.open("rb") as file:
        first = file.readline(_LONGEST_LINE)
    if not first.endswith(b"\n"):
        return first.startswith(b'{"schema": ')
    try:
        content = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(content, dict) and set(_KEYS[kind]) <= set(content)


_LONGEST_LINE = 2**24


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _page(path: Path, _: str) -> bool:
    head = _head(path)
    return head.startswith(b"<!doctype html>") and b"landscape-checker</title>" in head


def _picture(path: Path, _: str) -> bool:
    return _head(path).startswith(b'<svg xmlns="http://www.w3.org/2000/svg" class="picture"')


def _table(path: Path, _: str) -> bool:
    return re.match(rb"### (gate: |update of |new baseline )", _head(path)) is not None


def _latex(path: Path, _: str) -> bool:
    return _head(path).startswith(b"% A run of landscape-checker")


def _archive(path: Path, _: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return all(map(_ARRAYS.fullmatch, archive.namelist()))
    except (zipfile.BadZipFile, NotImplementedError):
        return False


_TESTS: Mapping[str, Callable[[Path, str], bool]] = {
    ".json": _json,
    ".jsonl": _lines,
    ".html": _page,
    ".svg": _picture,
    ".md": _table,
    ".npz": _archive,
    ".tex": _latex,
}


# -- what can be written ----------------------------------------------------------------------


def _attempt(path: Path) -> None:
    if is_stream(path):
        # Opening a pipe would wait for its reader.
        if not os.access(path, os.W_OK):
            raise PermissionError(0, "it cannot be written to")
        return
    real = Path(os.path.realpath(path))
    if real.exists():
        with real.open("ab"):
            pass
    # A name that is too long.
    with suppress(FileNotFoundError):
        real.stat()
    _attempt_new(real.parent)


def _attempt_new(folder: Path) -> None:
    attempt = folder / f".{secrets.token_hex(8)}.tmp"
    os.close(os.open(attempt, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    attempt.unlink()
