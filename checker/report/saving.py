"""Files and standard output: written as a whole or not at all, and by nothing else meanwhile."""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TextIO

from checker.errors import InputError

STDOUT = "-"
EVIDENCE = "evidence.json"

# Names of streams that are open already. One may lead to a file, which must not be replaced.
_OPEN_STREAM = re.compile(r"/dev/(fd/\d+|stdout|stderr)|/proc/(self|\d+)/fd/\d+")

# Where the document goes while standard output belongs to it alone.
_document: TextIO | None = None


def cannot_write(shown: object, error: OSError) -> InputError:
    """The error for an output that cannot be written."""
    return InputError(
        f"cannot write {shown}: {error.strerror}",
        why="The results would be lost",
        hint="Check the folder and its permissions",
    )


# -- standard output --------------------------------------------------------------------------


@contextmanager
def document_alone(json_file: str | None) -> Iterator[None]:
    """With "-", let standard output take the document alone.

    Whatever else is printed meanwhile goes to standard error: by claim files, from worker
    processes, and by programs that these start.
    """
    if json_file != STDOUT:
        yield
        return
    if sys.stdout is None:
        raise InputError("cannot write standard output: it is closed")
    with _redirected(sys.stdout), redirect_stdout(sys.stderr):
        yield


@contextmanager
def _redirected(before: TextIO) -> Iterator[None]:
    global _document
    try:
        descriptors = before.fileno(), sys.stderr.fileno()
    # Streams of tests and notebooks have none.
    except (OSError, ValueError, AttributeError):
        descriptors = None
    kept = before if descriptors is None else _moved(before, *descriptors)
    _document = kept
    try:
        yield
    finally:
        _document = None
        if descriptors is not None:
            os.dup2(kept.fileno(), descriptors[0])
            # What it could not write has been reported.
            with suppress(OSError):
                kept.close()


def _moved(stream: TextIO, descriptor: int, error: int) -> TextIO:
    """A stream to where another one leads; that one leads to standard error from now on."""
    stream.flush()
    kept = open(os.dup(descriptor), "w", encoding="utf-8")  # noqa: SIM115  (closed by the caller)
    os.dup2(error, descriptor)
    return kept


def _print(text: str) -> None:
    """A stream that takes nothing is told of where every other print to it is."""
    stream = sys.stdout if _document is None else _document
    stream.write(text)
    stream.flush()


# -- files ------------------------------------------------------------------------------------


def save_text(text: str, name: str, json_file: str | None, folder: str | None) -> None:
    """Write one document to a file or standard output, and under `name` into a folder."""
    if folder is not None:
        write_text(Path(folder) / name, text)
    # Last: standard output may take nothing.
    if json_file == STDOUT:
        _print(text)
    elif json_file is not None:
        write_text(Path(json_file), text)


def write_text(path: Path, text: str) -> None:
    """Write a file as a whole or not at all; raises InputError where that fails."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, content: bytes) -> None:
    """As `write_text`. A link is followed, so that it stays one."""
    try:
        if is_stream(path):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
                stream.write(content)
        else:
            _replace(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise cannot_write(path, error) from error


def is_stream(path: Path) -> bool:
    """Whether this is a pipe or a device, which can be written to but not replaced."""
    if _OPEN_STREAM.fullmatch(str(path)):
        return True
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _replace(path: Path, content: bytes) -> None:
    # Not the file's own name: that may be as long as names can be, or be foreseen by others.
    partial = path.with_name(f".{secrets.token_hex(8)}.tmp")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            with suppress(FileNotFoundError):
                os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
