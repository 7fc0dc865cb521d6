"""What a command line needs of its process: streams, exits, a place for Hypothesis, resources."""

from __future__ import annotations

import errno
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from checker.errors import InputError


class _Closed(io.TextIOBase):
    """Stands in for a stream that was closed before we were started: nothing can be written."""

    def write(self, text: str) -> NoReturn:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


@contextmanager
def usable_streams() -> Iterator[None]:
    """Standard output and error that are there, and take every text.

    Python has None in the place of a closed one, and what is meant for it would go elsewhere: to
    standard output, or into the first file that we open.
    """
    before = sys.stdout, sys.stderr
    _take_standard_descriptors()
    sys.stdout, sys.stderr = (_Closed() if stream is None else stream for stream in before)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _take_standard_descriptors() -> None:
    with suppress(OSError):
        while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
            pass
        os.close(descriptor)


def tell(text: str) -> None:
    """A message on standard error; there is no other place if that is full or closed."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def tell_fault(trace: str) -> None:
    """The traceback of a fault of ours."""
    tell(trace.rstrip())
    tell("checker: internal error, no verdict; please report the lines above")


# Of writing to what is open; an error in opening names its file. Results on disk have errors of
# their own.
_LOST = (errno.EPIPE, errno.ENOSPC, errno.EBADF, errno.EIO)


def lost_output(error: BaseException) -> OSError | None:
    """The error, if it says that standard output takes nothing any more; else None.

    What it did not take is thrown away: Python would try again at exit.
    """
    if not isinstance(error, OSError) or error.filename or error.errno not in _LOST:
        return None
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return error


@contextmanager
def no_early_exit() -> Iterator[None]:
    """In this process, `os._exit` raises: no formula ends the run with status 0 and no verdict.

    Workers may exit; that they are gone is noticed. What is left: C code that ends the process,
    and `os.exec`.
    """
    leave, process = os._exit, os.getpid()

    def refuse(status: int) -> Any:
        if os.getpid() != process:
            leave(status)
        raise SystemExit(f"os._exit({status})")

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = leave


@contextmanager
def own_storage() -> Iterator[None]:
    """Keep the cache of Hypothesis out of the folder that the user works in."""
    name, folder = "HYPOTHESIS_STORAGE_DIRECTORY", None
    if name not in os.environ and "hypothesis" not in sys.modules:
        with suppress(OSError):
            folder = tempfile.TemporaryDirectory(prefix="checker-", ignore_cleanup_errors=True)
    if folder is None:
        yield
        return
    with folder as path:
        os.environ[name] = path
        yield


def require_folder() -> None:
    """Raise InputError if the folder that the command was started in is gone."""
    try:
        os.getcwd()
    except OSError as error:
        raise InputError(
            f"the current folder cannot be used: {error.strerror}",
            why="It was deleted, or may not be entered",
            hint="Change to another folder, and run the command again",
        ) from error


_SCARCE = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)


def shortage(error: BaseException) -> InputError | None:
    """The message for an error that means that the system has no more to give."""
    thread = isinstance(error, RuntimeError) and "can't start new thread" in str(error)
    scarce = isinstance(error, OSError) and error.errno in _SCARCE
    if not (thread or scarce or isinstance(error, MemoryError)):
        return None
    what = error.strerror if isinstance(error, OSError) else str(error)
    return InputError(
        f"the system has no more to give: {what or 'out of memory'}",
        why="There is no verdict",
        hint="Run with --jobs 1, or raise the limits of the process (ulimit -a)",
    )
