"""Every decision of the product against an independent reference, at nightly size.

    python ci/soundness.py [--cases 100000] [--seed 0] [--jobs 2] [--seconds S]

A case is one decision on one instance. Half of them are Shamir's one-output claims at extreme
points (each point is asked eight questions), half every claim of the catalogue with its right side
scaled and reversed; besides, certificates, censuses and proofs of minima. Exit status 1 on any
disagreement. With --seconds it ends early, and says how far it came.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import checker.threads  # noqa: E402, I001  # before NumPy
import numpy as np  # noqa: E402

from soundness import censuses, certificates, premises  # noqa: E402
from soundness.catalogue import catalogue  # noqa: E402
from soundness.claims import Count, batches, compare as compare_claim  # noqa: E402
from soundness.compare import Tally, compare  # noqa: E402
from soundness.instances import all_sources  # noqa: E402
from soundness.papers import REFERENCES  # noqa: E402
from soundness.papers.census import Seen  # noqa: E402
from soundness.papers.certificate import Examined  # noqa: E402
from soundness.premises import Proofs  # noqa: E402

assert checker.threads

POINTS_PER_TASK = 12
QUESTIONS_PER_POINT = 8
SOURCES = all_sources()

CASES_PER_STRATUM = 2
# Of ends of searches one batch tells as much as many; they take seconds to draw.
FOUND_TURNS = 1
NETWORKS_PER_TASK = 10
STARTS = 4
# One more census, or batch of minima, for so many cases.
CASES_PER_NETWORK, CASES_PER_CENSUS, CASES_PER_MINIMA = 400, 10_000, 50_000

# What to do: ("points", source, turn), ("claim", id, turn), ...
Job = tuple[str, int | str, int]


@dataclass
class Found:
    """Everything that was met."""

    points: Tally = field(default_factory=Tally)
    claims: Count = field(default_factory=Count)
    networks: Examined = field(default_factory=Examined)
    censuses: Seen = field(default_factory=Seen)
    minima: Proofs = field(default_factory=Proofs)
    crashes: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        """Merge."""
        for name in ("points", "claims", "networks", "censuses", "minima"):
            getattr(self, name).add(getattr(other, name))
        self.crashes += other.crashes

    @property
    def cases(self) -> int:
        """Decisions on instances of claims."""
        return self.points.total("cases") + self.claims.cases

    @property
    def disagreements(self) -> list[str]:
        """Of every kind."""
        return [
            *self.points.disagreements,
            *self.claims.disagreements,
            *self.networks.wrong,
            *self.censuses.wrong,
            *self.minima.wrong,
            *self.crashes,
        ]

    @property
    def enclosures(self) -> int:
        """Numbers with a radius that were checked."""
        return self.claims.enclosures + self.networks.enclosures + self.censuses.enclosures


def task(work: tuple[int, Job]) -> Found:
    """One batch of one kind; an exception, the product's or the reference's, is a finding, too."""
    found = Found()
    try:
        _do(found, *work)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        found.crashes.append(f"seed and task {work}: {error!r} in {where.filename}:{where.lineno}")
    return found


def _do(found: Found, seed: int, job: Job) -> None:
    kind, which, turn = job
    if kind == "points":
        assert isinstance(which, int)
        rng = np.random.default_rng([seed, which, turn])
        found.points = compare(SOURCES[which], rng, POINTS_PER_TASK)
    elif kind == "claim":
        claim = catalogue()[str(which)]
        for batch in batches(claim, CASES_PER_STRATUM, 1000 * seed + turn):
            found.claims.add(compare_claim(claim, batch))
    elif kind == "network":
        for index in range(NETWORKS_PER_TASK):
            rng = np.random.default_rng([seed, 1, turn, index])
            found.networks.add(certificates.checked(certificates.networks(rng, index % 3 == 2)))
    elif kind == "census":
        problem = censuses.problems(np.random.default_rng([seed, 2, turn]))
        found.censuses = censuses.checked(problem, turn, STARTS)
    else:
        claim = catalogue()[str(which)]
        found.minima = premises.checked(claim, CASES_PER_STRATUM, 1000 * seed + turn)


def others(cases: int) -> list[Job]:
    """Certificates, censuses and minima."""
    tasks = -(-cases // (CASES_PER_NETWORK * NETWORKS_PER_TASK))
    minima = -(-cases // CASES_PER_MINIMA)
    return [
        *(("network", "", turn) for turn in range(tasks)),
        *(("census", "", turn) for turn in range(-(-cases // CASES_PER_CENSUS))),
        *(("minima", name, turn) for name in premises.CLAIMS for turn in range(minima)),
    ]


def points(turn: int) -> list[Job]:
    """Every stratum and family once."""
    return [("points", index, turn) for index in range(len(SOURCES))]


def claims(turn: int) -> list[Job]:
    """Every claim once."""
    known = sorted(REFERENCES)
    return [
        ("claim", i, turn) for i in known if turn < FOUND_TURNS or not catalogue()[i].domain.found
    ]


class OutOfTime(Exception):
    """The time is over."""


def run(cases: int, seed: int, jobs: int, seconds: float) -> Found:
    """At least `cases` decisions, if time allows; else the same for a seed whatever the jobs."""
    found, end = Found(), time.perf_counter() + seconds
    with multiprocessing.Pool(jobs) as pool:

        def do(work: list[Job]) -> None:
            # In a random order, so that what is left out for lack of time is of every kind.
            order = np.random.default_rng([seed, len(work)]).permutation(len(work))
            for part in pool.imap(task, [(seed, work[i]) for i in order]):
                found.add(part)
                if time.perf_counter() > end:
                    raise OutOfTime

        with suppress(OutOfTime):
            do([*others(cases), *claims(0)])
            for turn in range(1, cases):
                if found.claims.cases >= cases / 2:
                    break
                do(claims(turn))
            turns = -(-cases // (2 * QUESTIONS_PER_POINT * POINTS_PER_TASK * len(SOURCES)))
            for first in range(0, cases, turns):
                if found.cases >= cases:
                    break
                do([job for turn in range(first, first + turns) for job in points(turn)])
    return found


# -- tables ---------------------------------------------------------------------------------------


def strata_table(tally: Tally) -> str:
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


def decisions_table(title: str, counts: dict[tuple[str, str], int]) -> str:
    """Per question or claim: how often each decision was taken."""
    kinds = ("HOLDS", "EQUAL", "VIOLATED", "TIGHT", "OUT_OF_RANGE")
    lines = [f"{title:45}" + "".join(f"{kind:>14}" for kind in kinds)]
    for name in sorted({name for name, _ in counts}):
        lines.append(f"{name:45}" + "".join(f"{counts.get((name, k), 0):>14,}" for k in kinds))
    return "\n".join(lines)


def summary(found: Found) -> str:
    """Totals in words."""
    tally, count, seen = found.points, found.claims, found.censuses
    beyond = sum(count.beyond.values())
    return (
        f"{found.cases:,} cases: {tally.total('cases'):,} at {tally.total('points'):,} points, "
        f"{count.cases:,} of {len({name for name, _ in count.decisions})} claims at "
        f"{sum(count.instances.values()):,} instances\n"
        f"{found.enclosures:,} enclosures; {found.networks.sentences:,} certificates with their "
        f"sentences and {found.networks.bounds:,} bounds; {seen.points:,} points of censuses, "
        f"{seen.minima:,} of them minima; {found.minima.confirmed:,} proofs of minima confirmed, "
        f"{found.minima.silent:,} of another kind\n"
        f"{len(found.disagreements)} disagreements; {len(tally.unconfirmed)} unconfirmed; the "
        f"reference tells no sign in {tally.total('no sign') + count.unclear:,} cases and gives up "
        f"in {beyond:,}; {count.undefined:,} instances where a claim is not defined"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000, help="decisions, at least")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="at most, about")
    options = parser.parse_args()
    start = time.perf_counter()
    found = run(options.cases, options.seed, options.jobs, options.seconds)
    print(
        strata_table(found.points), decisions_table("question", found.points.questions), sep="\n\n"
    )
    print("", decisions_table("claim", found.claims.decisions), "", sep="\n")
    for line in (*found.disagreements[:20], *found.points.unconfirmed[:5]):
        print(line)
    print(summary(found))
    print(f"seed {options.seed}, {time.perf_counter() - start:.0f} s")
    return 1 if found.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
