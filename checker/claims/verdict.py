"""Verdicts, and the evidence that they rest on."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np

from checker.arithmetic.checks.constancy import is_constant
from checker.arithmetic.decide import CaseResult, Decision
from checker.claims.claim import Claim
from checker.claims.pooled import Drawn, Pooled
from checker.claims.spread import Spread
from checker.claims.thresholds import (
    MAX_OUT_OF_RANGE_SHARE,
    MAX_UNDEFINED,
    MIN_NONTRIVIAL_CASES,
    MIN_NONTRIVIAL_SHARE,
)
from checker.errors import Fault
from checker.instances.fields import digest_of
from checker.instances.notebook import frame, shown_by
from checker.instances.text import one_line


class Verdict(Enum):
    """The verdict on a claim; the value is the sentence that the user reads."""

    STANDS = "No counterexample was found; enough cases had a bound that could fail. Not a proof."
    REFUTED = "A counterexample was found and its violation proved, or runs reject the claim."
    UNDECIDED = "Some case could not be separated from equality at the precision cap."
    VACUOUS = "Too few cases met the premise, or had a bound that could fail."
    ORACLE_BROKEN = "Two independent computations of the same quantity disagree."
    PARTIAL = "The run ended before enough was tried for a verdict."
    NOT_RUN = "The run ended before anything was tried."
    ERROR = "It could not be computed: user code raised an exception, or never came to an end."

    @property
    def exit_status(self) -> int:
        """0 stands, 1 refuted, 2 not computable, 3 anything that leaves the question open."""
        return {Verdict.STANDS: 0, Verdict.REFUTED: 1, Verdict.ERROR: 2}.get(self, 3)

    @property
    def is_unfinished(self) -> bool:
        """Whether the run ended before the search did what it was to do."""
        return self in (Verdict.PARTIAL, Verdict.NOT_RUN, Verdict.ERROR)


@dataclass(frozen=True)
class ReductionStep:
    """One proved step of a reduction: what was done, the numbers left, the violation kept."""

    action: str
    numbers: int
    relative_slack: float


@dataclass(frozen=True, eq=False)
class Witness:
    """An instance worth keeping, with its decision.

    Attributes
    ----------
    stratum, origin
        Where it was drawn, and how.
    path
        For a reduced instance: the steps that led to it, the case as found first.
    raised
        How many smaller candidates raised an exception, and were not kept.
    """

    instance: Any
    result: CaseResult
    stratum: str
    origin: str
    path: tuple[ReductionStep, ...] = ()
    raised: int = 0


@dataclass
class StratumCount:
    """Cases decided in a stratum, and those in which the bound says something."""

    cases: int = 0
    nontrivial: int = 0


_COUNTERS = (
    *("cases", "nontrivial", "excluded", "not_finite"),
    *("unexpected_ties", "oracle_checks", "climbed", "climbed_met"),
)


@dataclass
class Tally:
    """Mergeable counts of a campaign on one claim.

    Attributes
    ----------
    excluded
        Cases outside the assumptions; they count nowhere else.
    not_finite
        Drawn instances with an infinite or NaN entry: outside every claim, counted nowhere else.
    rungs
        How many cases were decided by "float", "ball" and "exact", or are "unproved".
    rough
        The case that is closest by floats, until `settle` takes its slack from balls.
    candidate
        The gravest violation that rests on an unproved step, and so refutes nothing.
    unproved
        The first unproved step that some case rests on; empty if all are proved.
    unexpected_ties
        TIGHT cases outside the claim's equality strata.
    undefined
        Digests of the distinct cases at which a side has no value, at most MAX_UNDEFINED.
    first_undefined
        The first of these cases.
    climbed, climbed_met, reached
        Candidates of the guided search, which are not counted as cases, those within the
        assumptions whose slack is known, and the non-trivial one nearest to equality: found by the
        search alone, without strata that are told.
    lhs_range, rhs_range
        Least and greatest value of each side, approximately: if neither ever changes, the claim
        may say nothing. (An identity has a slack that never changes, and says a lot.)
    critical
        Counts of critical points by kind, for claims about found points.
    spread
        How the slack is distributed, for pictures.
    fault
        Why the search could not go on, or None.
    drawn
        Experiments of a claim about probabilities, in the order of their tasks.
    pooled
        The test of all of them together, once the campaign is over.
    """

    cases: int = 0
    nontrivial: int = 0
    excluded: int = 0
    not_finite: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    rungs: Counter[str] = field(default_factory=Counter)
    strata: dict[str, StratumCount] = field(default_factory=dict)
    tightest: Witness | None = None
    rough: Witness | None = None
    worst: Witness | None = None
    tie: Witness | None = None
    candidate: Witness | None = None
    unproved: str = ""
    undefined: set[bytes] = field(default_factory=set)
    first_undefined: Witness | None = None
    unexpected_ties: int = 0
    oracle_checks: int = 0
    disagreements: list[str] = field(default_factory=list)
    climbed: int = 0
    climbed_met: int = 0
    reached: Witness | None = None
    lhs_range: tuple[float, float] = (math.inf, -math.inf)
    rhs_range: tuple[float, float] = (math.inf, -math.inf)
    critical: Counter[str] = field(default_factory=Counter)
    spread: Spread = field(default_factory=Spread)
    fault: Fault | None = None
    drawn: list[Drawn] = field(default_factory=list)
    pooled: Pooled | None = None

    @property
    def fallen(self) -> bool:
        """Whether the claim is refuted, by a case or by all experiments together."""
        return self.worst is not None or (self.pooled is not None and self.pooled.refutes)

    def widen(self, lhs: Any, rhs: Any) -> None:
        """Extend the ranges of both sides by arrays of values."""
        for name, values in (("lhs_range", lhs), ("rhs_range", rhs)):
            known = np.asarray(values)[np.isfinite(values)]
            if known.size:
                reached = float(known.min()), float(known.max())
                setattr(self, name, _hull(getattr(self, name), reached))

    def note_undefined(self, witness: Witness) -> None:
        """Count a case at which a side has no value, once however often it is drawn."""
        self.first_undefined = self.first_undefined or witness
        if len(self.undefined) < MAX_UNDEFINED:
            self.undefined.add(digest_of(witness.instance))

    def merge(self, other: Tally) -> None:
        """Add the counts of `other`; of two witnesses the more extreme one stays."""
        for name in _COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("decisions", "rungs", "critical"):
            getattr(self, name).update(getattr(other, name))
        for stratum, count in other.strata.items():
            mine = self.strata.setdefault(stratum, StratumCount())
            mine.cases += count.cases
            mine.nontrivial += count.nontrivial
        self.spread.merge(other.spread)
        self.disagreements += other.disagreements
        self.drawn += other.drawn
        self.tightest = lower(self.tightest, other.tightest)
        self.rough = lower(self.rough, other.rough)
        self.worst = lower(self.worst, other.worst)
        self.reached = lower(self.reached, other.reached)
        self.lhs_range = _hull(self.lhs_range, other.lhs_range)
        self.rhs_range = _hull(self.rhs_range, other.rhs_range)
        self.first_undefined = self.first_undefined or other.first_undefined
        self.undefined.update(islice(other.undefined, MAX_UNDEFINED - len(self.undefined)))
        self.tie = self.tie or other.tie
        self.candidate = lower(self.candidate, other.candidate)
        self.unproved = self.unproved or other.unproved
        self.fault = self.fault or other.fault


def _hull(first: tuple[float, float], second: tuple[float, float]) -> tuple[float, float]:
    return min(first[0], second[0]), max(first[1], second[1])


def lower(first: Witness | None, second: Witness | None) -> Witness | None:
    """Of two witnesses, the one with the lower relative slack."""
    if first is None or second is None:
        return first or second
    return second if second.result.relative_slack < first.result.relative_slack else first


@dataclass(frozen=True, eq=False)
class Evidence:
    """A claim, its verdict and what the verdict rests on.

    Attributes
    ----------
    reason
        One sentence: what decided between this verdict and STANDS; for STANDS, which step is
        unproved, or empty.
    counterexample
        The reduced violating instance of a REFUTED claim.
    interrupted
        Whether Ctrl-C came before its search had done what it was to do.
    """

    claim: Claim
    verdict: Verdict
    reason: str
    tally: Tally
    seconds: float
    counterexample: Witness | None = None
    interrupted: bool = False

    def __repr__(self) -> str:
        shown = "" if self.counterexample is None else f": {one_line(self.counterexample.instance)}"
        name = self.claim.id.rpartition(".")[2]
        return f"<{name} {self.verdict.name}{shown}; {self.tally.cases:,} cases>"

    def _repr_html_(self) -> str:
        return shown_by("checker.report.html.notebook", "evidence_html", self)

    def to_dict(self) -> dict[str, Any]:
        """The row of a table: id, verdict, counts, relative slack of the case that came closest."""
        case = self.counterexample or self.tally.tightest
        return {
            "claim": self.claim.id,
            "verdict": self.verdict.name,
            "as_expected": self.as_expected,
            "cases": self.tally.cases,
            "nontrivial": self.tally.nontrivial,
            "relative_slack": None if case is None else case.result.relative_slack,
            "seconds": self.seconds,
        }

    def to_frame(self) -> Any:
        """A pandas.DataFrame of one row, for pandas.concat over several.

        Raises
        ------
        InputError
            When pandas is not installed.
        """
        return frame([self.to_dict()])

    @cached_property
    def known(self) -> dict[str, Any]:
        """What was worked out of it by those that report it, by name: once for all of them."""
        return {}

    @property
    def as_expected(self) -> bool:
        """Whether a theorem stands, or a false neighbour fell."""
        wanted = Verdict.REFUTED if self.claim.must_be_refuted else Verdict.STANDS
        return self.verdict is wanted


def judge(claim: Claim, tally: Tally, expected_strata: tuple[str, ...]) -> tuple[Verdict, str]:
    """The verdict that a tally supports, and the reason for anything but STANDS."""
    if tally.disagreements:
        return Verdict.ORACLE_BROKEN, tally.disagreements[0]
    if tally.worst is not None:
        return Verdict.REFUTED, f"violated in stratum {tally.worst.stratum}"
    if tally.pooled is not None and tally.pooled.refutes:
        return Verdict.REFUTED, (
            f"of {tally.pooled.runs:,} runs of {len(tally.pooled.experiments)} experiments "
            f"{tally.pooled.failures:,} fail: more than {tally.pooled.critical:,}"
        )
    if tally.fault is not None:
        return Verdict.ERROR, str(tally.fault)
    if tally.candidate is not None:
        return Verdict.UNDECIDED, (
            f"a candidate violates the claim in stratum {tally.candidate.stratum}, but "
            f"{tally.candidate.result.unproved}"
        )
    empty = _emptiness(claim, tally)
    if empty:
        return Verdict.VACUOUS, empty
    if tally.unexpected_ties:
        return Verdict.UNDECIDED, _ties(tally)
    out_of_range = tally.decisions[Decision.OUT_OF_RANGE.name]
    if out_of_range > MAX_OUT_OF_RANGE_SHARE * tally.cases:
        return Verdict.UNDECIDED, (
            f"in {out_of_range} cases a side is undefined, or beyond the range of ball arithmetic"
        )
    undefined = len(tally.undefined)
    if undefined > MAX_OUT_OF_RANGE_SHARE * tally.cases or undefined == MAX_UNDEFINED:
        return Verdict.UNDECIDED, _undefined(tally)
    return _judge_substance(tally, expected_strata)


def _emptiness(claim: Claim, tally: Tally) -> str:
    """Why a claim says nothing at all, or an empty string."""
    if not tally.cases and tally.excluded:
        return f"the assumptions were never met: all {tally.excluded} cases drawn are outside them"
    if not tally.cases and tally.not_finite:
        return f"all {tally.not_finite} cases drawn have infinite or NaN entries"
    if tally.cases and tally.decisions[Decision.UNDEFINED.name] == tally.cases:
        return _undefined(tally)
    if tally.cases and tally.decisions[Decision.OUT_OF_RANGE.name] == tally.cases:
        return f"the slack lhs - rhs was finite in none of {tally.cases} cases"
    return _constancy(claim, tally) if tally.cases >= MIN_NONTRIVIAL_CASES else ""


def _constancy(claim: Claim, tally: Tally) -> str:
    """That the claim asserts the same of every instance, proved: floats may agree by rounding."""
    (lhs, most_lhs), (rhs, most_rhs) = tally.lhs_range, tally.rhs_range
    known = tally.tightest or tally.rough or tally.tie
    if lhs < most_lhs or rhs < most_rhs or known is None:
        return ""
    if not is_constant(claim, known.instance):
        return ""
    return f"whatever the numbers of the instance, the claim asserts {lhs!r} >= {rhs!r}"


def _judge_substance(tally: Tally, expected_strata: tuple[str, ...]) -> tuple[Verdict, str]:
    missed = [s for s in expected_strata if s not in tally.strata or not tally.strata[s].cases]
    if missed:
        return Verdict.VACUOUS, f"strata not reached: {', '.join(missed)}"
    needed = max(MIN_NONTRIVIAL_CASES, MIN_NONTRIVIAL_SHARE * tally.cases)
    if tally.nontrivial < needed:
        return Verdict.VACUOUS, (
            f"the bound could fail in {tally.nontrivial} of {tally.cases} cases only"
        )
    if tally.unproved:
        return Verdict.STANDS, f"not proved case by case: {tally.unproved}"
    return Verdict.STANDS, _undefined(tally)


def _ties(tally: Tally) -> str:
    """Which cases stayed open, and what to do about them."""
    where = "" if tally.tie is None else f", such as {one_line(tally.tie.instance)},"
    return (
        f"{tally.unexpected_ties} cases outside the declared equality strata{where} are too close "
        "to equality to separate, and no closed form proves them equal; where equality is meant to "
        "be attained say so, by kind='tight' or equality_strata, and write f(x) - f(y) as "
        "difference(f, x, y)"
    )


def _undefined(tally: Tally) -> str:
    """Where a side has no value, and why; empty where that was nowhere seen."""
    first, count = tally.first_undefined, len(tally.undefined)
    if first is None:
        return ""
    least = "at least " if count == MAX_UNDEFINED else ""
    others = "1 other" if count == 2 else f"{least}{count - 1:,} others"
    more = f", and at {others}" if count > 1 else ""
    return f"undefined at {one_line(first.instance)}: {first.result.undefined}{more}"
