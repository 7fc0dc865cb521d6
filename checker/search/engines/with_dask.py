"""Dask as an engine: `dask` for processes of this machine, `dask://HOST:PORT` for a scheduler.

Dask's own deployments (Slurm, PBS, Kubernetes) give such an address.
"""

from __future__ import annotations

import logging
import signal
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from checker.errors import InputError

_DASK: Any = import_module("dask.distributed")
_CONFIG: Any = import_module("dask.config")

# Seconds until a scheduler has to answer.
_PATIENCE = 10


@contextmanager
def dask(address: str, jobs: int) -> Iterator[Executor]:
    """The executor of a Dask cluster; raises InputError when it cannot be reached."""
    if address:
        with _connected(address) as client:
            yield _executor(client)
        return
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with (
        warnings.catch_warnings(),
        # It looks at the stack of every thread a hundred times a second: a quarter of all time.
        _CONFIG.set({"distributed.worker.profile.enabled": False}),
        _DASK.LocalCluster(n_workers=jobs, silence_logs=logging.ERROR, **options) as cluster,
        _DASK.Client(cluster) as client,
    ):
        _say_nothing_of_dask()
        client.run(_begin)
        yield _executor(client)


def _begin() -> None:
    """In a worker of this machine: Ctrl-C is for the process that hands out the jobs, and that the
    scheduler is gone is what the end looks like."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    _say_nothing_of_dask()


def _say_nothing_of_dask() -> None:
    """It draws random numbers in its threads, and Hypothesis takes that for a strategy's doing."""
    warnings.filterwarnings("ignore", "Do not use the `random` module inside strategies")


def _connected(address: str) -> Any:
    try:
        return _DASK.Client(f"tcp://{address}", timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no Dask scheduler answers at {address}: {error}",
            hint="Start one by `dask scheduler`, and workers by `dask worker ADDRESS`",
        ) from error


def _executor(client: Any) -> Executor:
    threads = client.nthreads()
    if not threads:
        raise InputError("the Dask cluster has no workers", hint="Start some by `dask worker`")
    executor: Executor = client.get_executor()
    executor.workers = sum(threads.values())  # type: ignore[attr-defined]
    return executor
