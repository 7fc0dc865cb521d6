"""Work on all cores with results in the order of the tasks.

Claims are functions, which do not pickle; forked workers inherit the work instead, and only tasks
and results travel. Tasks run ahead, but results come in order, so that what a run concludes does
not depend on the number of processes.

A worker that is killed is replaced and its task tried once more; one that hangs is killed. Workers
end with the parent, whatever ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar

from checker import stopping
from checker.search.budgets import TASKS_AHEAD
from checker.search.worker import ENDED, Failed, Worker, call, wait_for
from checker.stopping import Broken, Lost, Stopped
from checker.waiting import CASE_SECONDS, GRACE_SECONDS

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Retry(Generic[T]):
    """Try this instead of a task that was lost."""

    task: T


# Of a lost task: its result instead, or another task to try in its place.
OnLoss = Callable[[T, Lost], R | Retry[T]]


def raise_lost(_task: Any, lost: Lost) -> Any:
    """End the run: what it does with lost work unless it is told otherwise."""
    raise lost.error()


def in_order(
    work: Callable[[T], R],
    tasks: Iterable[T],
    jobs: int,
    *,
    deadline: float | None = None,
    on_loss: OnLoss[T, R] = raise_lost,
) -> Generator[tuple[int, R], None, None]:
    """(number of the task, work(task)) for each task, in order, on `jobs` processes.

    A number is left out where the work was broken off by a signal or the deadline; what was done
    beside it counts all the same. Tasks are taken from the iterable as late as possible. Closing
    the generator ends what is running. After the `deadline` of `time.monotonic` there are no more
    tasks, and the running ones are told by `stopping.stopped`; so they are on a signal. What ends
    in time after that counts.

    An exception in `work` is raised here.

    Raises
    ------
    KeyboardInterrupt
        On a signal, when the results that are known in time have been given.
    InputError
        By default, when a worker was killed twice at the same task, or hangs.
    """
    with stopping.pool_open():
        if jobs == 1:
            results: Iterator[tuple[int, R]] = _here(work, iter(tasks), deadline, on_loss)
            yield from results
        else:
            with closing(_Pool(work, jobs, deadline, on_loss)) as pool:
                yield from pool.results(iter(tasks))
        stopping.raise_if_asked()


def _here(
    work: Callable[[T], R], tasks: Iterator[T], deadline: float | None, on_loss: OnLoss[T, R]
) -> Iterator[tuple[int, R]]:
    for number in count():
        task: Any = _NOTHING if _over(deadline) else next(tasks, _NOTHING)
        if task is _NOTHING:
            return
        result: R | Retry[T] = Retry(task)
        while isinstance(result, Retry):
            task = result.task
            try:
                with stopping.watched(deadline=deadline):
                    result = call(work, task)
            except Broken as broken:
                result = on_loss(task, broken.lost)
            except Stopped:
                return
        yield number, result


def _over(deadline: float | None) -> bool:
    late = deadline is not None and time.monotonic() > deadline
    return late or stopping.asked_for() is not None


class _Pool(Generic[T, R]):
    """Workers, and what each of them is doing."""

    def __init__(
        self,
        work: Callable[[T], R],
        jobs: int,
        deadline: float | None,
        on_loss: OnLoss[T, R],
    ) -> None:
        self.work, self.jobs, self.deadline, self.on_loss = work, jobs, deadline, on_loss
        self.idle: list[Worker] = []
        # Worker -> number of its task, the task, and whether it is tried once more.
        self.busy: dict[Worker, tuple[int, T, bool]] = {}
        self.known: dict[int, Any] = {}
        self.waiting: list[tuple[int, T, bool]] = []

    def close(self) -> None:
        """Kill what is left; nobody wants its results."""
        for worker in [*self.idle, *self.busy]:
            worker.kill()

    def results(self, tasks: Iterator[T]) -> Generator[tuple[int, R], None, None]:
        """Results in the order of the tasks, with their numbers."""
        given = taken = 0
        while True:
            taken += self._hand_out(tasks, given, taken)
            if given in self.known:
                result = self.known.pop(given)
                given += 1
                if result is not _NOTHING:
                    yield given - 1, result
            elif self.busy:
                self._collect()
                self._look_after()
            else:
                # Nothing could be handed out although there was room.
                return

    def _hand_out(self, tasks: Iterator[T], given: int, taken: int) -> int:
        """Give tasks to idle workers; returns how many new ones."""
        new = 0
        while len(self.busy) < self.jobs:
            if self.waiting:
                number, task, again = self.waiting.pop(0)
            elif taken + new < given + TASKS_AHEAD * self.jobs and not _over(self.deadline):
                number, task, again = taken + new, next(tasks, _NOTHING), False
                if task is _NOTHING:
                    break
                new += 1
            else:
                break
            worker = self.idle.pop() if self.idle else self._new_worker()
            self.busy[worker] = number, task, again
            worker.give(task)
        return new

    def _new_worker(self) -> Worker:
        others = [*self.idle, *self.busy]
        return Worker(self.work, self.deadline, others)

    def _collect(self) -> None:
        for worker in wait_for(self.busy):
            number, task, again = self.busy.pop(worker)
            answer = worker.answer()
            if answer is ENDED:
                worker.kill()
                self._killed(number, task, again, worker)
                continue
            self.idle.append(worker)
            if isinstance(answer, Failed):
                if isinstance(answer.error, Stopped):
                    self.known[number] = _NOTHING
                    continue
                answer.reraise()
            self.known[number] = answer

    def _killed(self, number: int, task: T, again: bool, worker: Worker) -> None:
        if _over(self.deadline):
            self.known[number] = _NOTHING
        elif not again:
            # Perhaps memory ran out, and now there is more of it.
            self.waiting.append((number, task, True))
        else:
            self._lost(number, task, Lost(worker.watch.name, KILLED))

    def _lost(self, number: int, task: T, lost: Lost) -> None:
        result = self.on_loss(task, lost)
        if isinstance(result, Retry):
            self.waiting.append((number, result.task, False))
        else:
            self.known[number] = result

    def _look_after(self) -> None:
        """Stop workers that are to end, kill those that do not, or that hang."""
        asked = stopping.asked_for()
        since = min((t for t in (asked, self.deadline) if t is not None), default=None)
        overdue = since is not None and time.monotonic() > since + GRACE_SECONDS
        for worker in list(self.busy):
            if asked is not None:
                worker.watch.stop()
            hangs = worker.watch.quiet > CASE_SECONDS
            if not overdue and not hangs:
                continue
            number, task, _ = self.busy.pop(worker)
            worker.kill()
            if asked is not None:
                self.known[number] = _NOTHING
            else:
                self._lost(number, task, worker.watch.lost(late=not hangs))
        if overdue:
            self.known.update((number, _NOTHING) for number, _, _ in self.waiting)
            self.waiting.clear()


_NOTHING: Any = object()
KILLED = (
    "a worker process was killed on it, more than once; when memory runs out, the system does that"
)
