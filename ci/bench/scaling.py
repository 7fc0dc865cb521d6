"""How a verification scales: measured task times, list scheduling of them on 1 to 1,000 workers.

    python ci/bench/scaling.py [ID ...] [--rounds 3]

One run on one process tells for each job its processor time and the bytes that its result has on
its way back. From these the same run is scheduled on more workers: in the order of the jobs, no
further ahead than `TASKS_AHEAD`, and each search for a group of claims after the one before it, as
it is done. Beside it stands what one queue without these barriers could reach. The same run is then
timed on one and two processes, and on the engines, in turn: by the clock, which on a busy machine
says little, and by the processor.
"""

from __future__ import annotations

import argparse
import heapq
import os
import pickle
import statistics
import sys
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import checker.threads  # isort: skip  # before NumPy

from checker.claims.registry import select
from checker.errors import InputError
from checker.search import verify
from checker.search.budgets import TASKS_AHEAD
from checker.search.engines.crew import Crew
from checker.search.engines.named import engine
from checker.search.plan import Plan

WORKERS = (1, 2, 4, 8, 16, 64, 256, 1000)

assert checker.threads


@dataclass
class Phase:
    """Jobs that may be done side by side: name, processor seconds and bytes of each."""

    kind: str = ""
    seconds: list[float] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)


class Timed(Crew):
    """Does everything here, and notes what it takes."""

    phases: list[Phase]

    def in_order(
        self, jobs: Iterable[Any], *_: Any, **__: Any
    ) -> Generator[tuple[int, Any], None, None]:
        """The results, in order."""
        phase = Phase()
        self.phases.append(phase)
        for number, job in enumerate(jobs):
            started = time.process_time()
            result = self.do(job)
            phase.kind = type(job).__name__
            phase.seconds.append(time.process_time() - started)
            phase.returned.append(len(pickle.dumps(result)))
            yield number, result


def measured(plan: Plan) -> list[Phase]:
    """The phases of a run on one process."""
    phases: list[Phase] = []

    def timed(_executor: Any, place: Any, _recipe: Any) -> Timed:
        crew = Timed(place)
        crew.phases = phases
        return crew

    real, verify.crew_of = verify.crew_of, timed
    try:
        verify.verify(plan)
    finally:
        verify.crew_of = real
    return [phase for phase in phases if phase.seconds]


def scheduled(seconds: Sequence[float], workers: int) -> float:
    """When the last of these jobs is done: in their order, no further ahead than allowed."""
    free = [0.0] * workers
    given: list[float] = []  # when the results up to each job are known
    for number, length in enumerate(seconds):
        held_by = number - TASKS_AHEAD * workers
        start = max(heapq.heappop(free), given[held_by] if held_by >= 0 else 0.0)
        heapq.heappush(free, start + length)
        given.append(max(start + length, given[-1] if given else 0.0))
    return given[-1]


def unbound(phases: Sequence[Phase], workers: int) -> float:
    """About what one queue over all phases would take: the work shared out evenly, the longest
    job, and the ends, which follow the searches."""
    searches = [s for p in phases if p.kind != "Ending" for s in p.seconds]
    ends = [s for p in phases if p.kind == "Ending" for s in p.seconds]
    return sum(max(sum(part) / workers, max(part)) for part in (searches, ends) if part)


def table(phases: Sequence[Phase]) -> list[str]:
    """Rows of Markdown."""
    total = sum(s for p in phases for s in p.seconds)
    longest = max(s for p in phases for s in p.seconds)
    rows = [
        "| workers | as it is, s | of the ideal | idle | one queue at best, s |",
        "|---|---|---|---|---|",
    ]
    for workers in WORKERS:
        took = sum(scheduled(p.seconds, workers) for p in phases)
        share = total / workers / took
        rows.append(
            f"| {workers:,} | {took:.2f} | {100 * share:.0f} % | {100 - 100 * share:.0f} % "
            f"| {unbound(phases, workers):.2f} |"
        )
    jobs = sum(len(p.seconds) for p in phases)
    sizes = [size for p in phases for size in p.returned]
    return [
        f"{jobs:,} jobs in {len(phases)} searches, {total:.1f} s of processor time; longest job "
        f"{longest:.2f} s, median {statistics.median(s for p in phases for s in p.seconds):.3f} s. "
        f"Returned: {sum(sizes) / 1e6:.1f} MB, median {statistics.median(sizes):,.0f} bytes a job, "
        f"most {max(sizes):,}.",
        "",
        *rows,
    ]


def timed(plan: Plan, name: str, jobs: int) -> tuple[float, float]:
    """Seconds of a run without the start of the engine, and processor seconds of all processes
    with it."""
    before = sum(os.times()[:4])
    with engine(name, jobs) as executor:
        started = time.perf_counter()
        verify.verify(replace(plan, jobs=jobs), executor=executor)
        took = time.perf_counter() - started
    return took, sum(os.times()[:4]) - before


def main() -> None:
    """Measure, schedule, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ids", nargs="*", default=["kawaguchi2019"])
    parser.add_argument("--cases", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    wanted = [c for c in select(options.ids) if c.kind != "neighbour" or c.id in options.ids]
    plan = Plan(tuple(wanted), options.cases)
    print("\n".join(table(measured(plan))), flush=True)
    ways = [("local", 1), ("local", 2), ("processes", 2), ("dask", 2), ("ray", 2), ("mpi", 2)]
    took: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(options.rounds):
        for way in ways:
            # One that is not installed has no row.
            with suppress(InputError):
                found = timed(plan, *way)
                took.setdefault(way, []).append(found)
                print(*way, took[way][-1], file=sys.stderr, flush=True)
    print("\n| engine | processes | seconds, each round | processor seconds |\n|---|---|---|---|")
    for (name, jobs), rounds in took.items():
        both = (", ".join(f"{x:.1f}" for x in part) for part in zip(*rounds, strict=True))
        print(f"| `{name}` | {jobs} | {' | '.join(both)} |")


if __name__ == "__main__":
    main()
