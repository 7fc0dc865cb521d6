"""Jobs done by an executor: threads, processes that were not forked, other machines."""

from __future__ import annotations

import pickle
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from functools import cached_property, partial
from threading import Lock
from typing import Any

from checker import stopping
from checker.errors import InputError
from checker.search.budgets import TASKS_AHEAD
from checker.search.engines.crew import Crew, Job
from checker.search.engines.recipe import Recipe, Sent
from checker.search.pool import KILLED, OnLoss, Retry, raise_lost
from checker.stopping import Broken, Lost, Stopped
from checker.waiting import GRACE_SECONDS

# Seconds until a signal is looked for again.
_LOOK = 0.1

# -- there ------------------------------------------------------------------------------------

_CREWS: dict[str, Crew] = {}


def do_there(sent: Sent, job: bytes, seconds: float | None) -> bytes:
    """Do a job, and stop after so many seconds. What travels is bytes: the classes of instances are
    known only when the claims are."""
    if sent.key not in _CREWS:
        _CREWS.clear()
        _CREWS[sent.key] = Crew(sent.place())
    crew, todo = _CREWS[sent.key], pickle.loads(job)
    limits = [s for s in (seconds, todo.seconds()) if s is not None]
    deadline = time.monotonic() + min(limits) if limits else None
    try:
        with stopping.clock_handled(), stopping.watched(todo.subject(), deadline):
            return pickle.dumps(crew.do(todo))
    except Stopped:
        return b""
    except Broken as broken:
        return pickle.dumps(broken.lost)


# -- here -------------------------------------------------------------------------------------


def crew_of(executor: Executor | None, place: Any, recipe: Callable[[], Recipe]) -> Crew:
    """Those who do jobs at a place: the workers of an executor, or processes of this machine."""
    if executor is None:
        return Crew(place)
    if isinstance(executor, ThreadPoolExecutor):
        return _Threads(executor, place)
    return _Remote(executor, place, recipe)


class _Engine(Crew):
    """Jobs done by an executor, a few more at a time than it has workers."""

    def __init__(self, executor: Executor, place: Any) -> None:
        super().__init__(place)
        self.executor = executor

    def submit(self, job: Job, deadline: float | None) -> Future[Any]:
        """Hand a job over."""
        raise NotImplementedError

    def received(self, result: Any) -> Any:
        """What a result stands for."""
        return result

    def in_order(
        self,
        jobs: Iterable[Any],
        workers: int,
        *,
        deadline: float | None = None,
        on_loss: OnLoss[Any, Any] = raise_lost,
    ) -> Generator[tuple[int, Any], None, None]:
        """The results, in order; none after a signal or the deadline but those already there."""
        workers = max(workers, _workers(self.executor))
        waiting: deque[tuple[int, Job, Future[Any]]] = deque()
        tasks = enumerate(jobs)
        with stopping.pool_open():
            try:
                while True:
                    while len(waiting) < TASKS_AHEAD * workers and not _over(deadline):
                        number, job = next(tasks, (-1, None))
                        if job is None:
                            break
                        waiting.append((number, job, self._handed(job, deadline)))
                    if not waiting:
                        break
                    number, job, future = waiting.popleft()
                    result = self._result(job, future, deadline, on_loss)
                    if result is not _NOTHING:
                        yield number, result
            finally:
                self._leave([future for _, _, future in waiting])
            stopping.raise_if_asked()

    def _handed(self, job: Job, deadline: float | None) -> Future[Any]:
        """Hand a job over; that nobody takes it any more is said by its result."""
        try:
            return self.submit(job, deadline)
        except BrokenExecutor as error:
            refused: Future[Any] = Future()
            refused.set_exception(error)
            return refused

    def _result(
        self, job: Job, future: Future[Any], deadline: float | None, on_loss: OnLoss[Any, Any]
    ) -> Any:
        alone = False
        while True:
            lost = None
            try:
                patience = 0 if _overdue(deadline) else _LOOK
                found = self.received(future.result(timeout=patience))
                if not isinstance(found, Lost):
                    return found
                lost = found
            except TimeoutError:
                if future.done() and isinstance(future.exception(), TimeoutError):
                    raise
                if _overdue(deadline):
                    future.cancel()
                    return _NOTHING
                continue
            except BrokenExecutor as error:
                # Whose job it was is known only of one that no other was done beside.
                if not alone:
                    alone = self._renewed(error)
                    future = self._handed(job, deadline)
                    continue
            except ImportError as error:
                raise InputError(
                    f"the engine cannot load the checker: {error}",
                    hint="Install the same landscape-checker there as here",
                ) from error
            except Exception as error:
                if type(error).__name__ not in _TRIED:
                    raise
            result = on_loss(job, lost) if lost else self._without(job, deadline, on_loss)
            if not isinstance(result, Retry):
                return result
            job, future = result.task, self._handed(result.task, deadline)
            alone = False

    def _without(self, job: Job, deadline: float | None, on_loss: OnLoss[Any, Any]) -> Any:
        """What counts instead of a job that kills its worker: its parts that do not."""
        parts = job.parts()
        if len(parts) <= 1:
            return on_loss(job, Lost(job.subject(), KILLED))
        results: dict[str, Any] = {}
        for part in parts:
            found = self._result(part, self._handed(part, deadline), deadline, on_loss)
            if found is _NOTHING:
                return _NOTHING
            results |= found
        return results

    def _renewed(self, error: BrokenExecutor) -> bool:
        """Have workers again; whether none of them has anything to do yet."""
        renew = getattr(self.executor, "renew", None)
        if renew is None:
            raise InputError(
                f"the engine broke: {error}",
                why="A worker was killed; when memory runs out, the system does that",
                hint="Use fewer workers, or an engine that replaces them",
            ) from error
        return bool(renew())

    def _leave(self, futures: Sequence[Future[Any]]) -> None:
        for future in futures:
            future.cancel()


class _Threads(_Engine):
    """Threads of this process: one job at a time, since the arithmetic has one precision."""

    _lock = Lock()

    def submit(self, job: Job, deadline: float | None) -> Future[Any]:
        """Hand a job over."""
        return self.executor.submit(self._one_by_one, job)

    def _one_by_one(self, job: Job) -> Any:
        with self._lock:
            return self.do(job)

    def _leave(self, futures: Sequence[Future[Any]]) -> None:
        super()._leave(futures)
        wait_for(futures)


class _Remote(_Engine):
    """Other processes, which make the place by a recipe."""

    def __init__(self, executor: Executor, place: Any, recipe: Callable[[], Recipe]) -> None:
        super().__init__(executor, place)
        self._recipe = recipe

    @cached_property
    def _there(self) -> Callable[..., bytes]:
        return partial(do_there, Sent.of(self._recipe()))

    def end_of(self, seconds: float) -> float | None:
        """None: a job that may take so long only looks at the clock itself."""
        return None

    def submit(self, job: Job, deadline: float | None) -> Future[Any]:
        """Hand a job over."""
        seconds = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        return self.executor.submit(self._there, pickle.dumps(job.packed(self.place)), seconds)

    def received(self, result: bytes) -> Any:
        """What a result stands for."""
        return pickle.loads(result) if result else _NOTHING


def _workers(executor: Executor) -> int:
    known = getattr(executor, "workers", None) or getattr(executor, "_max_workers", None)
    return known if isinstance(known, int) else 1


def _over(deadline: float | None) -> bool:
    late = deadline is not None and time.monotonic() > deadline
    return late or stopping.asked_for() is not None


def _overdue(deadline: float | None) -> bool:
    """Whether a result is waited for no longer."""
    late = deadline is not None and time.monotonic() > deadline + GRACE_SECONDS
    return late or stopping.asked_for() is not None


_NOTHING: Any = object()
# What engines raise that have tried a job several times: Dask, Ray.
_TRIED = ("KilledWorker", "WorkerCrashedError", "OutOfMemoryError")
