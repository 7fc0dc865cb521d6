"""Verdicts, and the evidence that they rest on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from checker.arithmetic.decide import CaseResult, Decision
from checker.claim import Claim
from checker.constants import (
    MAX_OUT_OF_RANGE_SHARE,
    MIN_NONTRIVIAL_CASES,
    MIN_NONTRIVIAL_SHARE,
)


class Verdict(Enum):
    """The verdict on a claim; the value is the sentence that the user reads."""

    STANDS = "No violation found; the premise was met and the bound said something often enough."
    REFUTED = "A counterexample was found and its violation proved."
    UNDECIDED = "Some case could not be separated from equality at the precision cap."
    VACUOUS = "Too few cases met the premise or had a bound that says something."
    ORACLE_BROKEN = "Two independent computations of the same quantity disagree."

    @property
    def exit_status(self) -> int:
        """0 stands, 1 refuted, 3 anything that leaves the question open."""
        return {Verdict.STANDS: 0, Verdict.REFUTED: 1}.get(self, 3)


@dataclass(frozen=True, eq=False)
class Witness:
    """An instance worth keeping, with its decision."""

    instance: Any
    result: CaseResult
    stratum: str
    origin: str


@dataclass
class StratumCount:
    """Cases decided in a stratum, and those in which the bound says something."""

    cases: int = 0
    nontrivial: int = 0


@dataclass
class Tally:
    """Mergeable counts of a campaign on one claim.

    Attributes
    ----------
    excluded
        Cases outside the assumptions; they count nowhere else.
    rungs
        How many cases were decided by "float", "ball" and "exact".
    unexpected_ties
        TIGHT cases outside the claim's equality strata.
    critical
        Counts of critical points by kind, for claims about found points.
    """

    cases: int = 0
    nontrivial: int = 0
    excluded: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    rungs: Counter[str] = field(default_factory=Counter)
    strata: dict[str, StratumCount] = field(default_factory=dict)
    tightest: Witness | None = None
    worst: Witness | None = None
    tie: Witness | None = None
    unexpected_ties: int = 0
    oracle_checks: int = 0
    disagreements: list[str] = field(default_factory=list)
    critical: Counter[str] = field(default_factory=Counter)

    def merge(self, other: Tally) -> None:
        """Add the counts of `other`; of two witnesses the more extreme one stays."""
        for name in ("cases", "nontrivial", "excluded", "unexpected_ties", "oracle_checks"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("decisions", "rungs", "critical"):
            getattr(self, name).update(getattr(other, name))
        for stratum, count in other.strata.items():
            mine = self.strata.setdefault(stratum, StratumCount())
            mine.cases += count.cases
            mine.nontrivial += count.nontrivial
        self.disagreements += other.disagreements
        self.tightest = _lower(self.tightest, other.tightest)
        self.worst = _lower(self.worst, other.worst)
        self.tie = self.tie or other.tie


def _lower(first: Witness | None, second: Witness | None) -> Witness | None:
    if first is None or second is None:
        return first or second
    return second if second.result.relative_slack < first.result.relative_slack else first


@dataclass(frozen=True, eq=False)
class Evidence:
    """A claim, its verdict and what the verdict rests on.

    Attributes
    ----------
    reason
        One sentence: what decided between this verdict and STANDS; empty for STANDS.
    counterexample
        The reduced violating instance of a REFUTED claim.
    interrupted
        Whether the budget ended before the plan did (Ctrl-C).
    """

    claim: Claim
    verdict: Verdict
    reason: str
    tally: Tally
    seconds: float
    counterexample: Witness | None = None
    interrupted: bool = False

    @property
    def as_expected(self) -> bool:
        """Whether a theorem stands, or a false neighbour fell."""
        wanted = Verdict.REFUTED if self.claim.must_be_refuted else Verdict.STANDS
        return self.verdict is wanted


def judge(claim: Claim, tally: Tally, expected_strata: tuple[str, ...]) -> tuple[Verdict, str]:
    """The verdict that a tally supports, and the reason for anything but STANDS."""
    if tally.disagreements:
        return Verdict.ORACLE_BROKEN, tally.disagreements[0]
    if tally.worst is not None and not claim.premise_proved:
        return Verdict.UNDECIDED, (
            "a candidate violates the claim, but its premise is met only numerically: "
            f"stratum {tally.worst.stratum}, {tally.worst.origin}"
        )
    if tally.worst is not None:
        return Verdict.REFUTED, f"violated in stratum {tally.worst.stratum}"
    if tally.unexpected_ties:
        return Verdict.UNDECIDED, (
            f"{tally.unexpected_ties} cases outside the declared equality strata are too close "
            "to equality to separate"
        )
    out_of_range = tally.decisions[Decision.OUT_OF_RANGE.name]
    if out_of_range > MAX_OUT_OF_RANGE_SHARE * tally.cases:
        return Verdict.UNDECIDED, f"{out_of_range} cases are beyond the range of ball arithmetic"
    return _judge_substance(tally, expected_strata)


def _judge_substance(tally: Tally, expected_strata: tuple[str, ...]) -> tuple[Verdict, str]:
    missed = [s for s in expected_strata if s not in tally.strata or not tally.strata[s].cases]
    if missed:
        return Verdict.VACUOUS, f"strata never hit: {', '.join(missed)}"
    needed = max(MIN_NONTRIVIAL_CASES, MIN_NONTRIVIAL_SHARE * tally.cases)
    if tally.nontrivial < needed:
        return Verdict.VACUOUS, (
            f"the bound said something in {tally.nontrivial} of {tally.cases} cases only"
        )
    return Verdict.STANDS, ""
