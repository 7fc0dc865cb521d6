"""Ray as an engine: `ray` for processes of this machine, `ray://HOST:PORT` for a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from checker.errors import InputError

_RAY: Any = import_module("ray")

_QUIET = {"log_to_driver": False, "logging_level": "ERROR"}


@contextmanager
def ray(address: str, jobs: int) -> Iterator[Executor]:
    """The executor of a Ray cluster; raises InputError when it cannot be reached."""
    if _RAY.is_initialized():
        raise InputError(
            "Ray runs in this process already", hint="Call `ray.shutdown()`, or another engine"
        )
    try:
        _start(address, jobs)
        yield _Ray(int(_RAY.cluster_resources().get("CPU", 0)))
    finally:
        _RAY.shutdown()


def _start(address: str, jobs: int) -> None:
    if not address:
        _RAY.init(num_cpus=jobs, include_dashboard=False, **_QUIET)
        return
    try:
        _RAY.init(f"ray://{address}", **_QUIET)
    # Ray tells of other versions of Ray and Python by a RuntimeError.
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise InputError(
            f"no Ray cluster answers at {address}: {' '.join(str(error).split())[:300]}",
            hint="Start one by `ray start --head --ray-client-server-port=10001`",
        ) from error


def _done(work: Callable[..., Any], given: Any, named: Any) -> Any:
    return work(*given, **named)


class _Ray(Executor):
    """Work done by processes of Ray; one that is killed is replaced, and its work repeated."""

    def __init__(self, workers: int) -> None:
        if not workers:
            raise InputError("the Ray cluster has no processors", hint="Start some by `ray start`")
        self.workers = workers
        self._remote = _RAY.remote(num_cpus=1, max_retries=1)(_done)

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Hand work over; an exception in it is raised as it was, without Ray around it."""
        handed: Future[Any] = Future()
        at = self._remote.remote(work, given, named)
        at.future().add_done_callback(lambda done: _pass_on(done, handed))
        handed.add_done_callback(lambda done: _RAY.cancel(at) if done.cancelled() else None)
        return handed


def _pass_on(done: Future[Any], handed: Future[Any]) -> None:
    if not handed.set_running_or_notify_cancel():
        return
    error = done.exception()
    if error is None:
        handed.set_result(done.result())
    else:
        cause = getattr(error, "cause", None)
        handed.set_exception(cause if isinstance(cause, BaseException) else error)
