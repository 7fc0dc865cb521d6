"""MPI as an engine: `mpi` for processes that MPI starts, or those that `mpiexec` has started:

    mpiexec -n 9 python -m mpi4py.futures -m checker verify --engine mpi

runs the command on one process and the work on the others. MPI ends all of them when one is killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from checker.errors import InputError

_MPI: Any = import_module("mpi4py.MPI")
_FUTURES: Any = import_module("mpi4py.futures")


@contextmanager
def mpi(address: str, jobs: int) -> Iterator[Executor]:
    """The executor of MPI; raises InputError where no process can be started."""
    if address:
        raise InputError(f"the engine mpi has no address, but {address} is given")
    # What the workers need they import; this command is not for them.
    executor = _FUTURES.MPIPoolExecutor(jobs, main=False)
    try:
        executor.bootup(wait=True)
    except _MPI.Exception as error:
        raise InputError(
            f"MPI cannot start {jobs} processes: {error}",
            hint="Run `mpiexec -n N python -m mpi4py.futures -m checker ... --engine mpi`",
        ) from error
    executor.workers = executor.num_workers
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
