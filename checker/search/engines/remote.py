"""Jobs done by an executor: threads, processes that were not forked, other machines.

Claims are functions, which do not travel; the other side makes them again from a recipe: ids, files
and the plan. It refuses other versions and other sources, so that the evidence is the same.
"""

from __future__ import annotations

import pickle
import secrets
import sys
import time
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, fields, replace
from functools import partial
from importlib import import_module
from threading import Lock
from typing import Any

import checker.threads  # noqa: F401  (before everything that imports NumPy)
from checker import stopping
from checker.claims.claim import Claim
from checker.claims.files import claims_in, load_file, shown_as
from checker.claims.registry import load_claims
from checker.claims.sources import sources_of, versions
from checker.errors import InputError
from checker.instances.names import FILES_PACKAGE
from checker.search.budgets import TASKS_AHEAD
from checker.search.jobs import Crew, Ending
from checker.search.plan import Group, Plan, groups_of
from checker.search.pool import OnLoss, Retry
from checker.stopping import Lost, Stopped
from checker.waiting import GRACE_SECONDS

# Seconds until a signal is looked for again.
_LOOK = 0.1


@dataclass(frozen=True, eq=False)
class Recipe:
    """What it takes to make the groups of a plan again.

    Attributes
    ----------
    key
        A name of its own: the groups are made once for each.
    claims
        Id of each claim, of a single conclusion each, and where it is: a file, a module, or an
        empty string for what is installed.
    files
        Path of each file -> what messages call it.
    plan
        The plan, without the claims.
    """

    key: str
    claims: tuple[tuple[str, str], ...]
    files: dict[str, str]
    plan: Plan
    versions: dict[str, str]
    sources: dict[str, str]

    @classmethod
    def of(cls, plan: Plan) -> Recipe:
        """The recipe of a plan.

        Raises
        ------
        InputError
            For a claim that another process cannot find.
        """
        homes = tuple((c.id, _home(c)) for c in plan.claims)
        files = {home: shown_as(home) for _, home in homes if home.endswith(".py")}
        return cls(
            secrets.token_hex(8),
            homes,
            files,
            replace(plan, claims=()),
            versions(),
            sources_of(plan.claims, tuple(files)),
        )

    def groups(self) -> list[Group]:
        """Make the groups of the plan.

        Raises
        ------
        InputError
            When versions or sources here are others than there.
        """
        self._require_same("version of", self.versions, versions())
        for path, shown in self.files.items():
            load_file(path, shown)
        claims = tuple(_found(name, home) for name, home in self.claims)
        self._require_same("source of", self.sources, sources_of(claims, tuple(self.files)))
        return groups_of(replace(self.plan, claims=claims))

    def _require_same(self, what: str, there: dict[str, str], here: dict[str, str]) -> None:
        for name in {**there, **here}:
            if there.get(name) != here.get(name):
                raise InputError(
                    f"the {what} {name} is {here.get(name)} on the engine, {there.get(name)} here",
                    why="The same seed would give other cases",
                    hint="Install the same on both sides",
                )


def _home(claim: Claim) -> str:
    module = sys.modules.get(str(claim.formula.__module__))
    known = {c.id: c for c in claims_in(module)} if module is not None else {}
    if _is(claim, known.get(_stem(claim.id, claim.conclusion is not None))):
        assert module is not None
        in_file = module.__name__.startswith(f"{FILES_PACKAGE}.")
        if in_file or module.__name__ != "__main__":
            return str(module.__file__) if in_file else module.__name__
    elif _is(claim, load_claims().get(_stem(claim.id, claim.conclusion is not None))):
        return ""
    raise InputError(
        f"the claim {claim.id} cannot be found by another process",
        why="It is not a claim of an installed package, nor of a file with claims",
        hint="Move it to a file and load it from there, or verify it without an engine",
    )


def _stem(name: str, single: bool) -> str:
    return name.rpartition(" [")[0] if single else name


def _is(claim: Claim, known: Claim | None) -> bool:
    """Whether this is a known claim, or one of its conclusions."""
    names = [f.name for f in fields(claim) if f.name not in ("id", "conclusion")]
    return known is not None and all(getattr(claim, n) is getattr(known, n) for n in names)


def _found(name: str, home: str) -> Claim:
    stem, _, conclusion = name.rpartition(" [")
    for wanted in filter(None, (name, stem)):
        if home.endswith(".py"):
            known = {c.id: c for c in load_file(home, shown_as(home))}
        else:
            known = {c.id: c for c in claims_in(import_module(home))} if home else load_claims()
        if wanted in known:
            found = known[wanted]
            return found if wanted == name else found.single(int(conclusion.rstrip("]")) - 1)
    raise InputError(f"the engine has no claim {name}", hint="Install the same on both sides")


# -- there ------------------------------------------------------------------------------------

_CREWS: dict[str, Crew] = {}


def do_there(recipe: Recipe, saved: bytes, seconds: float | None) -> bytes:
    """Do a job, and stop after so many seconds. What travels is bytes: the classes of instances are
    known only when the claims are."""
    if recipe.key not in _CREWS:
        _CREWS.clear()
        _CREWS[recipe.key] = Crew(recipe.groups())
    deadline = None if seconds is None else time.monotonic() + seconds
    try:
        with stopping.watched(deadline=deadline):
            return pickle.dumps(_CREWS[recipe.key].do(pickle.loads(saved)))
    except Stopped:
        return b""


# -- here -------------------------------------------------------------------------------------


def crew_of(executor: Executor, plan: Plan, groups: Sequence[Group]) -> Crew:
    """The crew of an executor."""
    if isinstance(executor, ThreadPoolExecutor):
        return _Threads(executor, groups)
    return _Remote(executor, groups, Recipe.of(plan))


class _Engine(Crew):
    """Jobs done by an executor, a few more at a time than it has workers."""

    def __init__(self, executor: Executor, groups: Sequence[Group]) -> None:
        super().__init__(groups)
        self.executor = executor

    def submit(self, job: Any, deadline: float | None) -> Future[Any]:
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
        on_loss: OnLoss[Any, Any],
    ) -> Generator[Any, None, None]:
        """The results, in order; none after a signal or the deadline but those already there."""
        workers = max(workers, _workers(self.executor))
        waiting: deque[tuple[Any, Future[Any]]] = deque()
        tasks = iter(jobs)
        with stopping.pool_open():
            try:
                while True:
                    while len(waiting) < TASKS_AHEAD * workers and not _over(deadline):
                        job = next(tasks, None)
                        if job is None:
                            break
                        waiting.append((job, self.submit(job, deadline)))
                    if not waiting:
                        break
                    job, future = waiting.popleft()
                    result = self._result(job, future, deadline, on_loss)
                    if result is _NOTHING:
                        break
                    yield result
            finally:
                self._leave([future for _, future in waiting])
            stopping.raise_if_asked()

    def _result(
        self, job: Any, future: Future[Any], deadline: float | None, on_loss: OnLoss[Any, Any]
    ) -> Any:
        while True:
            try:
                return self.received(future.result(timeout=_LOOK))
            except TimeoutError:
                if future.done() and isinstance(future.exception(), TimeoutError):
                    raise
                if _overdue(deadline):
                    future.cancel()
                    return _NOTHING
            except BrokenExecutor as error:
                raise InputError(
                    f"the engine broke: {error}",
                    why="A worker was killed; when memory runs out, the system does that",
                    hint="Use fewer workers, or an engine that replaces them",
                ) from error
            except Exception as error:
                if type(error).__name__ != "KilledWorker":
                    raise
                # Of Dask, which has tried it several times.
                result = on_loss(job, Lost(job.names[0] if len(job.names) == 1 else "", _KILLED))
                if not isinstance(result, Retry):
                    return result
                job, future = result.task, self.submit(result.task, deadline)

    def _leave(self, futures: Sequence[Future[Any]]) -> None:
        for future in futures:
            future.cancel()


class _Threads(_Engine):
    """Threads of this process: one job at a time, since the arithmetic has one precision."""

    _lock = Lock()

    def submit(self, job: Any, deadline: float | None) -> Future[Any]:
        """Hand a job over."""
        return self.executor.submit(self._one_by_one, job)

    def _one_by_one(self, job: Any) -> Any:
        with self._lock:
            return self.do(job)

    def _leave(self, futures: Sequence[Future[Any]]) -> None:
        super()._leave(futures)
        wait_for(futures)


class _Remote(_Engine):
    """Other processes, which know the claims by a recipe."""

    def __init__(self, executor: Executor, groups: Sequence[Group], recipe: Recipe) -> None:
        super().__init__(executor, groups)
        self._there = partial(do_there, recipe)

    def submit(self, job: Any, deadline: float | None) -> Future[Any]:
        """Hand a job over."""
        if isinstance(job, Ending):
            job = replace(job, tally=self.groups[job.group].tallies[job.names[0]])
        seconds = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        return self.executor.submit(self._there, pickle.dumps(job), seconds)

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
_KILLED = "the engine's workers were killed on it; when memory runs out, the system does that"
