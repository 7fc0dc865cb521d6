"""Engines by name: `--engine NAME[://ADDRESS]`, from the entry points `checker.engines`.

An entry point is a function of the address and the number of processes, and returns a context
manager with an executor.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import entry_points
from multiprocessing import get_context
from typing import Any

from checker.claims.files import said
from checker.errors import Caught, InputError
from checker.search.worker import die_with

GROUP = "checker.engines"
LOCAL = "local"

Engine = Callable[[str, int], AbstractContextManager[Executor]]


@contextmanager
def engine(text: str, jobs: int) -> Iterator[Executor | None]:
    """The executor of an engine; None for processes of this machine that are forked.

    Raises
    ------
    InputError
        For an unknown engine, one that is not installed, and one that cannot be reached.
    """
    if text == LOCAL:
        yield None
        return
    name, _, address = text.partition("://")
    known = {point.name: point for point in entry_points(group=GROUP)}
    if name not in known:
        raise InputError(
            f"there is no engine {name!r}", hint=f"There is {', '.join([LOCAL, *sorted(known)])}"
        )
    with Caught() as caught:
        made: Engine = known[name].load()
    if caught.error is not None:
        raise InputError(
            f"the engine {name} is not installed: {said(caught.error)}",
            hint=f"Run `pip install 'landscape-checker[{name}]'`",
        )
    with made(address, jobs) as executor:
        yield executor


@contextmanager
def processes(address: str, jobs: int) -> Iterator[Executor]:
    """Processes of this machine that are started anew, where forks are not safe."""
    if address:
        raise InputError(f"the engine processes has no address, but {address} is given")
    executor = _Processes(jobs)
    try:
        yield executor
    finally:
        executor.shutdown()


class _Processes(Executor):
    """A pool that is replaced by another one when a process of it is killed."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        spawned, parent = get_context("spawn"), os.getpid()
        return ProcessPoolExecutor(self.workers, spawned, initializer=_begin, initargs=(parent,))

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Hand work over; raises BrokenExecutor until the pool is renewed."""
        return self._pool.submit(work, *given, **named)

    def renew(self) -> bool:
        """Replace the pool if it is broken; whether it was."""
        if not getattr(self._pool, "_broken", False):
            return False
        _end(self._pool)
        self._pool = self._new()
        return True

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes now."""
        _end(self._pool)


def _begin(parent: int) -> None:
    """What a new process does first: Ctrl-C is for the one that hands out the jobs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(parent)


def _end(executor: ProcessPoolExecutor) -> None:
    """End the processes now: nobody wants what they are at."""
    started: Any = getattr(executor, "_processes", None) or {}
    executor.shutdown(wait=False, cancel_futures=True)
    for process in list(started.values()):
        process.terminate()
