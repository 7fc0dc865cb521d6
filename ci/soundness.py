"""Every decision of the product against an independent reference, at nightly size.

    python ci/soundness.py [--cases 100000] [--seed 0] [--jobs 2]

A case is one point; each is asked eight questions. Exit status 1 on any disagreement.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import checker.threads  # noqa: E402, I001  # before NumPy
import numpy as np  # noqa: E402

from soundness.compare import Tally, compare  # noqa: E402
from soundness.instances import all_sources  # noqa: E402

assert checker.threads

POINTS_PER_TASK = 12
SOURCES = all_sources()


def task(job: tuple[int, int, int]) -> Tally:
    """One batch of one source."""
    seed, index, turn = job
    rng = np.random.default_rng([seed, index, turn])
    return compare(SOURCES[index], rng, POINTS_PER_TASK)


def table(tally: Tally) -> str:
    """Per stratum or family: cases, which rung decided, what stayed open, sizes of numbers."""
    head = ("points", "decisions", "float %", "ball %", "exact %", "undecided", "unconfirmed")
    lines = [f"{'stratum or family':45}" + "".join(f"{h:>12}" for h in (*head, "least", "most"))]
    for name in dict.fromkeys(s.label for s in SOURCES):
        decisions = tally.counts[name, "cases"]
        shares = (
            f"{100 * tally.counts[name, rung] / max(decisions, 1):.1f}"
            for rung in ("float-bound", "ball", "exact")
        )
        unconfirmed = sum(f" in {name!r}, " in line for line in tally.unconfirmed)
        cells = (
            *(f"{n:,}" for n in (tally.counts[name, "points"], decisions)),
            *shares,
            *(f"{n:,}" for n in (tally.counts[name, "undecided"], unconfirmed)),
            f"{tally.least.get(name, 0.0):.0e}",
            f"{tally.greatest.get(name, 0.0):.0e}",
        )
        lines.append(f"{name:45}" + "".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)


def questions(tally: Tally) -> str:
    """Per question: how often each decision was taken."""
    kinds = ("HOLDS", "EQUAL", "VIOLATED", "TIGHT", "OUT_OF_RANGE")
    lines = [f"{'question':45}" + "".join(f"{kind:>14}" for kind in kinds)]
    for name in sorted({name for name, _ in tally.questions}):
        counts = "".join(f"{tally.questions[name, kind]:>14,}" for kind in kinds)
        lines.append(f"{name:45}{counts}")
    return "\n".join(lines)


def run(cases: int, seed: int, jobs: int) -> Tally:
    """At least `cases` points, the same for a seed whatever the number of jobs."""
    turns = -(-cases // (len(SOURCES) * POINTS_PER_TASK))
    work = [(seed, index, turn) for turn in range(turns) for index in range(len(SOURCES))]
    tally = Tally()
    with multiprocessing.Pool(jobs) as pool:
        for part in pool.imap(task, work, chunksize=4):
            tally.add(part)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000, help="points, at least")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    start = time.perf_counter()
    tally = run(options.cases, options.seed, options.jobs)
    print(table(tally), questions(tally), sep="\n\n", end="\n\n")
    for line in (*tally.disagreements[:20], *tally.unconfirmed[:5]):
        print(line)
    print(
        f"{tally.total('points'):,} points, {tally.total('cases'):,} decisions, "
        f"{len(tally.disagreements)} disagreements, {len(tally.unconfirmed)} unconfirmed, "
        f"{tally.total('undecided'):,} undecided by the product, {tally.total('no sign'):,} by "
        f"the reference, seed {options.seed}, {time.perf_counter() - start:.0f} s"
    )
    return 1 if tally.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
