"""Who does the jobs of a run: processes of this machine, unless an executor is given.

A job is plain data (ids, a stratum, a round, a seed), and says how it is done at a place: what is
known of the claims or the problem here, and made again elsewhere. Results come with the numbers of
their jobs, in that order, so what a run concludes does not depend on who did them.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Sequence
from typing import Any

from checker.search.pool import OnLoss, in_order, raise_lost


class Job:
    """Something to do at a place."""

    def subject(self) -> str:
        """What a message says it was about, where that is known."""
        return ""

    def seconds(self) -> float | None:
        """How long it may take at most."""
        return None

    def parts(self) -> Sequence[Job]:
        """The same as several jobs, whose results are dictionaries to be joined."""
        return (self,)

    def packed(self, _place: Any) -> Job:
        """The same for a place that was made anew, and knows nothing of the run so far."""
        return self

    def done(self, place: Any) -> Any:
        """Do it."""
        raise NotImplementedError


class Crew:
    """Processes of this machine, forked; another one says in `in_order` who does the jobs."""

    def __init__(self, place: Any) -> None:
        self.place = place

    def end_of(self, seconds: float) -> float | None:
        """When jobs that may take so long are over, as a value of `time.monotonic`; None where
        workers have to be started first, and look at the clock themselves."""
        return time.monotonic() + seconds

    def do(self, job: Job) -> Any:
        """Do a job in this process."""
        return job.done(self.place)

    def in_order(
        self,
        jobs: Iterable[Any],
        workers: int,
        *,
        deadline: float | None = None,
        on_loss: OnLoss[Any, Any] = raise_lost,
    ) -> Generator[tuple[int, Any], None, None]:
        """The results, with their numbers, in order: see `checker.search.pool.in_order`."""
        return in_order(self.do, jobs, workers, deadline=deadline, on_loss=on_loss)
