"""Cases and seconds to the first certified violation of false neighbours, by four searches.

* elementwise: Hypothesis draws every number (`arrays` of `floats`), as most people would write it;
* target: the same, with `hypothesis.target` on the negative relative slack;
* random: this project's batches of random structures, without the strata told of equality;
* search: this project's guided search.

All four get the same formulas, and only a violation proved by the ladder counts.

    python ci/bench/falsification.py [--limit 10] [--seeds 3] [--only TEXT] [--write FILE.md]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import checker.threads  # isort: skip  # before NumPy

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, assume, given, seed, settings, target
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from checker.arithmetic.decide import Decision, decide_case
from checker.arithmetic.plain import Plain
from checker.claims.claim import Claim
from checker.instances.draws import draw_last
from checker.instances.fields import Batch, map_arrays, single
from checker.landscape.losses.base import Labels
from checker.landscape.residual_unit.one_output import Point
from checker.search.guided.hunt import Budget, hunt
from checker.search.guided.population import Population
from checker.search.guided.score import admits, scored
from checker.search.pool import in_order
from properties.shamir2018.neighbours import assumptions, constants, curvature, gradient, network
from strategies.losses import losses

assert checker.threads

NAMES = (
    "lemma1.no_inverse_norm",
    "theorem2.no_V_term",
    "theorem2.no_squared_eigenvalue",
    "theorem1.constant_1.9",
    "theorem1.c_lower_by_5_percent",
    "theorem1.a_lower_by_half_percent",
    "theorem1.a_lower_by_1e-6",
    "theorem1.c_lower_by_1e-6",
    "theorem2.c2_lower_by_1e-6",
    "theorem2.c1_lower_by_1e-6",
)
CLAIMS = {
    c.id.removeprefix("shamir2018."): c
    for module in (assumptions, constants, curvature, gradient, network)
    for c in vars(module).values()
    if isinstance(c, Claim)
}
# A float slack above this is not worth a proof; violations of 1e-6 mutants are larger.
SUSPICIOUS = 1e-9


class Found(Exception):
    """Ends a search at its first certified violation."""


@dataclass(frozen=True)
class Cell:
    """One search on one mutant with one seed: cases and seconds spent, and whether it succeeded."""

    mutant: str
    method: str
    seed: int
    cases: int = 0
    seconds: float = 0.0
    found: bool = False


def certified(claim: Claim, instance: Any) -> bool:
    """Whether the ladder proves a violation at an admitted instance."""
    if not admits(claim.assuming, single(instance, "")).all():
        return False
    return decide_case(claim, instance, claim.weight).decision is Decision.VIOLATED


def relative_slack(claim: Claim, instance: Any) -> float:
    """In plain floats; NaN where undefined."""
    with np.errstate(all="ignore"):
        inequality = claim(map_arrays(single(instance, "").instances, Plain))
        lhs, rhs = inequality.lhs.value[0], inequality.rhs.value[0]
        return float((lhs - rhs) / np.maximum(np.abs(lhs), np.abs(rhs)))


# -- Hypothesis -------------------------------------------------------------------------------

LABELS = {
    Labels.REAL: st.floats(-10, 10),
    Labels.SIGN: st.sampled_from([-1.0, 1.0]),
    Labels.UNIT: st.floats(0, 1),
    Labels.NON_NEGATIVE: st.floats(0, 10),
    Labels.POSITIVE: st.floats(0.125, 10),
}


@st.composite
def elementwise_points(draw: st.DrawFn, at_w_zero: bool) -> Point:
    """Points with n, d, m <= 3, every number drawn by Hypothesis."""
    n, d, m = (draw(st.integers(1, 3)) for _ in range(3))
    loss = draw(losses())

    def numbers(*shape: int) -> Any:
        return draw(arrays(np.float64, shape, elements=st.floats(-10, 10), fill=st.nothing()))

    y = draw(arrays(np.float64, n, elements=LABELS[loss.labels], fill=st.nothing()))
    w = np.zeros(d) if at_w_zero else numbers(d)
    return Point(numbers(n, d), y, numbers(n, m), w, numbers(d, m), numbers(d), loss)


def by_hypothesis(claim: Claim, number: int, limit: float, aimed: bool) -> tuple[int, bool]:
    """Cases tried until the limit or the first certified violation."""
    deadline, cases = time.monotonic() + limit, 0
    at_w_zero = any(a.name == "zero_w" for a in claim.assuming)

    @seed(number)
    @settings(
        max_examples=10**9, database=None, deadline=None, phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(elementwise_points(at_w_zero))
    def search(point: Point) -> None:
        nonlocal cases
        cases += 1
        if time.monotonic() > deadline:
            raise TimeoutError
        assume(at_w_zero or point.w.any())
        slack = relative_slack(claim, point)
        if slack < SUSPICIOUS and certified(claim, point):
            raise Found
        if aimed and np.isfinite(slack):
            target(-slack)

    try:
        search()
    except Found:
        return cases, True
    except TimeoutError:
        return cases, False
    return cases, False


# -- batches ----------------------------------------------------------------------------------


def by_random_batches(claim: Claim, number: int, limit: float) -> tuple[int, bool]:
    """Batches of 512 over the strata that are not told."""
    rng, deadline, cases = np.random.default_rng(number), time.monotonic() + limit, 0
    for batch in _batches(claim, rng):
        population = Population.of(batch)
        scores = scored(claim, population)
        cases += batch.size
        suspects = np.flatnonzero((scores.upper < SUSPICIOUS) | scores.unknown)[:4]
        if any(certified(claim, population.batch.case(int(i))) for i in suspects):
            return cases, True
        if time.monotonic() > deadline:
            break
    return cases, False


def _batches(claim: Claim, rng: np.random.Generator) -> Iterator[Batch]:
    names = [n for n in claim.domain.strata if n not in claim.domain.told]
    while True:
        name = names[int(rng.integers(len(names)))]
        structure = draw_last(claim.domain.strata[name], int(rng.integers(2**32)))
        if structure is not None:
            yield structure.batch(rng, 512)


def by_search(claim: Claim, number: int, limit: float) -> tuple[int, bool]:
    """The guided search."""
    found = hunt(claim, (number,), Budget(seconds=limit), reduce=False)
    return found.evaluations, found.found is not None


METHODS: dict[str, Callable[[Claim, int, float], tuple[int, bool]]] = {
    "elementwise": lambda claim, number, limit: by_hypothesis(claim, number, limit, False),
    "target": lambda claim, number, limit: by_hypothesis(claim, number, limit, True),
    "random": by_random_batches,
    "search": by_search,
}


def run(cell: Cell, limit: float) -> Cell:
    """Fill in a cell."""
    started = time.monotonic()
    cases, found = METHODS[cell.method](CLAIMS[cell.mutant], cell.seed, limit)
    return Cell(cell.mutant, cell.method, cell.seed, cases, time.monotonic() - started, found)


# -- table ------------------------------------------------------------------------------------


def table(cells: list[Cell], limit: float) -> str:
    """Markdown: found/seeds, median seconds and cases of those found."""
    head = "| false neighbour | " + " | ".join(METHODS) + " |\n|---|" + "---|" * len(METHODS)
    names = dict.fromkeys(c.mutant for c in cells)
    rows = [
        f"| {n} | " + " | ".join(_text(cells, n, m, limit) for m in METHODS) + " |" for n in names
    ]
    return "\n".join([head, *rows])


def _text(cells: list[Cell], mutant: str, method: str, limit: float) -> str:
    mine = [c for c in cells if (c.mutant, c.method) == (mutant, method)]
    hits = [c for c in mine if c.found]
    if not hits:
        tried = statistics.median(c.cases for c in mine)
        return f"0/{len(mine)} in {limit:g} s ({tried:,.0f} cases)"
    seconds, cases = (
        statistics.median(x) for x in ([c.seconds for c in hits], [c.cases for c in hits])
    )
    return f"{len(hits)}/{len(mine)}: {seconds:.2f} s, {cases:,.0f} cases"


PAGE = """# Falsification: four searches on the same false neighbours

Generated by `python ci/bench/falsification.py --limit {limit:g} --seeds {seeds} --write
docs/falsification.md` (Python {python}, NumPy {numpy}, Hypothesis {hypothesis}; two processes at
once). Found / seeds, then the medians over those found. Only violations that the ladder proves
count, for all four.

{table}

*elementwise*: Hypothesis draws every number. *target*: the same with `hypothesis.target`. *random*:
batches over all strata but those told of equality. *search*: the guided search, equally untold.
"""


def main() -> None:
    """Fill the table; print or write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--limit", type=float, default=10.0, help="seconds per run")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", metavar="FILE.md")
    options = parser.parse_args()
    wanted = [n for n in NAMES if options.only in n]
    todo = [Cell(n, m, s) for n in wanted for m in METHODS for s in range(options.seeds)]
    cells = []
    for _, cell in in_order(lambda c: run(c, options.limit), todo, options.jobs):
        cells.append(cell)
        print(cell, file=sys.stderr, flush=True)
    page = PAGE.format(
        limit=options.limit, seeds=options.seeds, python=platform.python_version(),
        numpy=np.__version__, hypothesis=hypothesis.__version__,
        table=table(cells, options.limit),
    )  # fmt: skip
    if options.write:
        Path(options.write).write_text(page)
    else:
        print(page)


if __name__ == "__main__":
    main()
