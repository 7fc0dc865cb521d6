"""A forked process that works on one task after the other, and dies with its parent."""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any, NoReturn

from checker import stopping
from checker.errors import InputError
from checker.stopping import Watch

# Answer of a worker that is no more.
ENDED: Any = object()

# Seconds until the parent looks after its workers again.
_LOOK = 0.1


class Failed:
    """An exception in a worker, with its traceback as text."""

    def __init__(self, error: BaseException, text: str) -> None:
        self.error, self.text = error, text

    def reraise(self) -> NoReturn:
        """Raise it here; the text of its traceback is its cause."""
        self.error.__cause__ = RemoteTraceback(self.text)
        raise self.error


class RemoteTraceback(Exception):
    """The traceback of a worker, as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def call(work: Callable[[Any], Any], task: Any) -> Any:
    """work(task); code of a claim that ends the process (`sys.exit`) is a fault like any other."""
    try:
        return work(task)
    except (SystemExit, GeneratorExit) as error:
        text = f"{type(error).__name__} was raised: {error}"
        raise RuntimeError(text).with_traceback(error.__traceback__) from error


class Worker:
    """A forked process, its pipe, and the watch over it."""

    def __init__(
        self, work: Callable[[Any], Any], deadline: float | None, others: Iterable[Worker]
    ) -> None:
        self.watch = Watch()
        self.link, theirs = Pipe()
        parent = os.getpid()
        # What is in a buffer now would be written by both.
        _flush()
        try:
            self.pid = os.fork()
        except OSError as error:
            raise InputError(
                f"no process can be started: {error.strerror}",
                why="The system limits how many there are, or their memory",
                hint="Run again with --jobs 1",
            ) from error
        if self.pid == 0:
            # Ends of pipes that belong to the parent alone.
            for link in (self.link, *(w.link for w in others)):
                link.close()
            _serve(work, theirs, self.watch, deadline, parent)
        theirs.close()

    def give(self, task: Any) -> None:
        """Send a task."""
        self.watch.beat()
        with suppress(BrokenPipeError):
            # Of its end we hear when we wait for the answer.
            self.link.send(task)

    def answer(self) -> Any:
        """The result of the task, `Failed`, or ENDED."""
        try:
            return self.link.recv()
        except (EOFError, OSError):
            return ENDED

    def kill(self) -> None:
        """End the process."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self.link.close()


def wait_for(workers: Collection[Worker]) -> list[Worker]:
    """Those of the workers that have something to say, after a short while at the latest."""
    ready = wait([w.link for w in workers], _LOOK)
    return [w for w in workers if w.link in ready]


def _serve(
    work: Callable[[Any], Any],
    link: Connection,
    watch: Watch,
    deadline: float | None,
    parent: int,
) -> NoReturn:
    """What a worker does all its life."""
    # What is there stays: to look for rubbish in it would copy the parent's memory, page by page.
    gc.freeze()
    try:
        die_with(parent)
        stopping.become_worker(watch, deadline)
        while True:
            link.send_bytes(_answer(work, link.recv()))
    except (EOFError, OSError):
        pass
    except BaseException:
        traceback.print_exc()
    finally:
        # Not sys.exit: the stack below belongs to the parent.
        _flush()
        os._exit(0)


def _answer(work: Callable[[Any], Any], task: Any) -> bytes:
    try:
        return pickle.dumps(call(work, task))
    except BaseException as error:
        return _failed(error)


def _failed(error: BaseException) -> bytes:
    text = "".join(traceback.format_exception(error))
    try:
        saved = pickle.dumps(Failed(error, text))
        pickle.loads(saved)
    except Exception:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", ()):
            told.add_note(note)
        saved = pickle.dumps(Failed(told, text))
    return saved


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends; elsewhere than on Linux its pipe tells."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
