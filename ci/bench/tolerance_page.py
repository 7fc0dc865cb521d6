"""Counts of the comparison of tolerances with proofs, and the page made of them."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tolerance_cases import STRUCTURES
from tolerance_truth import ALARM, OPEN, PASS

Answers = NDArray[np.int8]


@dataclass
class Row:
    """Counts of one claim on one family.

    Attributes
    ----------
    violated, unsettled
        Cases that are violated in truth, and those whose truth is not known.
    open
        Cases that the ladder leaves undecided.
    passes, alarms
        Per test: false passes and false alarms.
    """

    claim: str
    family: str
    cases: int = 0
    violated: int = 0
    unsettled: int = 0
    open: int = 0
    tests: tuple[str, ...] = ()
    passes: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)

    def count(self, truth: Answers, found: dict[str, Answers]) -> None:
        """Add a batch."""
        self.cases += truth.size
        self.violated += int((truth == ALARM).sum())
        self.unsettled += int((truth == OPEN).sum())
        self.open += int((found["ladder"] == OPEN).sum())
        self.tests = tuple(found)
        for test, said in found.items():
            self.passes[test] += int(((truth == ALARM) & (said == PASS)).sum())
            self.alarms[test] += int(((truth == PASS) & (said == ALARM)).sum())

    @property
    def says_something(self) -> bool:
        """Whether some test errs, or the ladder leaves a case open."""
        return bool(self.open or self.passes.total() or self.alarms.total())


TESTS = ("tolerance", "not less", "strict", "eigvalsh", "ladder")

PAGE = """# What a tolerance gets wrong

Generated; do not edit. The same command makes the same cases:

    python ci/bench/tolerances.py --cases {cases} --seed {seed} --write docs/tolerances.md

{cases} cases per row, in up to {structures} structures with n ≤ 4 and d, m ≤ 3. True claims use
every loss of the catalogue, false neighbours the affine, squared and logistic loss.

Every column judges the same cases of `lhs >= rhs`:

* **tolerance**: `lhs >= rhs - (1e-12 + 1e-9 |rhs|)` in float64, with the stable closed form of
  λ_min;
* **not less**: `not (lhs < rhs - (1e-12 + 1e-9 |rhs|))`: the same, but NaN passes;
* **strict**: `lhs >= rhs` in float64;
* **eigvalsh**: the tolerance, with λ_min from `numpy.linalg.eigvalsh` of the dense Hessian;
* **ladder**: this project (`checker.arithmetic.decide.decide_batch`). **open** counts the cases
  that it leaves undecided, `TIGHT` or `OUT_OF_RANGE`; the other columns cannot say so.

## True claims: false alarms

These claims are theorems, so every alarm is false. Families in which no column errs are left out:

{silent}

{alarms}
## False neighbours: false passes and false alarms

Whether a case is violated is computed a second time, from its raw numbers in balls of 8,192 bits
(`ci/bench/tolerance_truth.py`). Cells are false passes / false alarms. Data scaled by a power of
ten carry one more rounding, so they are equality cases up to about 1e-16.

{passes}
## What follows

{follows}
"""

FOLLOWS = """\
A test with a tolerance errs both ways in one run: it rejected {alarms:,} of {true:,} cases
of theorems and passed {passes:,} of {violated:,} violations. Where both sides are smaller than
the absolute tolerance it cannot fail, where they overflow it cannot pass, and a constant that is
wrong by less than the relative tolerance is invisible; `not less` trades the alarms of NaN for
passes, and `strict` reports every rounding error of an equality. The ladder made {errors} errors
on these {total:,} cases and left {open:,} open. The second computation left {unsettled:,} cases
of false neighbours unsettled; they count as neither.
"""


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in lines)


def _cells(row: Row, template: str) -> list[str]:
    return [
        template.format(row.passes[test], row.alarms[test]) if test in row.tests else ""
        for test in TESTS
    ]


def alarms_table(rows: Sequence[Row]) -> str:
    """False alarms on the true claims."""
    cells = ([r.claim, r.family, *_cells(r, "{1}"), r.open] for r in rows)
    return _table(("claim", "family", *TESTS, "open"), cells)


def passes_table(rows: Sequence[Row]) -> str:
    """False passes and false alarms on the false neighbours."""
    cells = ([r.claim, r.family, r.violated, *_cells(r, "{0} / {1}"), r.open] for r in rows)
    return _table(("claim", "family", "violated", *TESTS, "open"), cells)


def _silent(rows: Sequence[Row]) -> str:
    """The families of each claim in which no test errs."""
    quiet = {
        claim: [r.family for r in rows if r.claim == claim and not r.says_something]
        for claim in dict.fromkeys(r.claim for r in rows)
    }
    return "\n".join(
        textwrap.fill(f"* {claim}: {', '.join(families)}", 100, subsequent_indent="  ")
        for claim, families in quiet.items()
    )


def page(true: Sequence[Row], false: Sequence[Row], cases: int, seed: int) -> str:
    """The document."""
    rows = [*true, *false]
    follows = FOLLOWS.format(
        alarms=sum(r.alarms["tolerance"] for r in true),
        true=sum(r.cases for r in true),
        passes=sum(r.passes["tolerance"] for r in false),
        violated=sum(r.violated for r in false),
        unsettled=sum(r.unsettled for r in false),
        errors=sum(r.alarms["ladder"] + r.passes["ladder"] for r in rows),
        total=sum(r.cases for r in rows),
        open=sum(r.open for r in rows),
    )
    return PAGE.format(
        cases=cases,
        seed=seed,
        structures=STRUCTURES,
        silent=_silent(true),
        alarms=alarms_table([r for r in true if r.says_something]),
        passes=passes_table(false),
        follows=follows.rstrip(),
    )
