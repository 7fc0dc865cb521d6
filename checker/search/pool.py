"""Work on all cores with results in the order of the tasks.

Claims are functions, which do not pickle; forked workers inherit the work instead, and only tasks
and results travel. Tasks run ahead, but results come in order, so that what a run concludes does
not depend on the number of processes.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any, TypeVar

from checker.errors import InputError
from checker.search.budgets import TASKS_AHEAD

T = TypeVar("T")
R = TypeVar("R")

# What forked workers inherit: the work of every pool that is open, by number, and its stop sign.
_OPEN: dict[int, tuple[Callable[[Any], Any], Any]] = {}
_stop_sign: Any = None


def stopped() -> bool:
    """Whether the result of the work that is going on in this process is not wanted any more."""
    return _stop_sign is not None and bool(_stop_sign.is_set())


def in_order(work: Callable[[T], R], tasks: Iterable[T], jobs: int) -> Generator[R, None, None]:
    """work(task) for each task, in order, on `jobs` processes.

    Tasks are taken from the iterable as late as possible. Closing the generator cancels what has
    not started, and sets the sign that long work asks for by `stopped()`. An exception in `work`
    is raised here.

    Raises
    ------
    InputError
        When a process was killed from outside.
    """
    if jobs == 1:
        for task in tasks:
            yield work(task)
        return
    yield from _in_processes(work, iter(tasks), jobs)


def _in_processes(work: Any, tasks: Any, jobs: int) -> Generator[Any, None, None]:
    number = max(_OPEN, default=0) + 1
    context = get_context("fork")
    sign = context.Event()
    _OPEN[number] = work, sign
    pool = ProcessPoolExecutor(jobs, context, initializer=_ignore_interrupts)
    ahead: deque[Future[Any]] = deque()
    try:
        while True:
            while len(ahead) < TASKS_AHEAD * jobs and (task := next(tasks, _END)) is not _END:
                ahead.append(pool.submit(_run, number, task))
            if not ahead:
                return
            yield ahead.popleft().result()
    except BrokenProcessPool as error:
        raise InputError(
            "a worker process was killed, and its results are lost",
            why="Something outside ended it; when memory runs out, the system does",
            hint="Run again with fewer processes (--jobs 1), or with more memory",
        ) from error
    finally:
        sign.set()
        pool.shutdown(wait=True, cancel_futures=True)
        del _OPEN[number]


_END = object()


def _run(number: int, task: Any) -> Any:
    global _stop_sign
    work, _stop_sign = _OPEN[number]
    return work(task)


def _ignore_interrupts() -> None:
    """Ctrl-C reaches the whole process group; only the parent is to act on it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
