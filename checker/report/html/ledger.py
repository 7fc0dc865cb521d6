"""What a verdict rests on: counts, strata, rungs, the tightest case, the guided search."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.claims.text import slack_number
from checker.claims.verdict import Verdict
from checker.instances.text import counted, percent
from checker.report.html.cases import Case, case_of
from checker.report.html.view import View
from checker.report.pictures.canvas import Picture
from checker.report.pooled import pooled_line

_RUNGS = {
    "float": "float64 with proved error bounds",
    "ball": "ball arithmetic",
    "exact": "exact numbers",
    "unproved": "steps that are not proved",
}


@dataclass(frozen=True)
class Counts:
    """What was counted, as texts; empty where there is nothing to say.

    Attributes
    ----------
    rungs
        What decided, and how often.
    climbed
        What the guided search did.
    pooled
        All experiments together.
    """

    cases: str
    nontrivial: str
    excluded: str
    not_finite: str
    decisions: str
    rungs: list[str]
    climbed: str
    pooled: str
    oracle_checks: str
    seconds: str


@dataclass(frozen=True)
class Stratum:
    """A stratum: its cases, those that are not trivial, and both in per cent of the largest."""

    name: str
    cases: int
    nontrivial: int
    width: str
    full: str


@dataclass(frozen=True)
class Ledger:
    """The evidence on a claim.

    Attributes
    ----------
    tightest, candidate, tie
        Cases; the latter two only where no violation could be decided.
    critical
        Critical points by kind.
    """

    counts: Counts
    tightest: Case | None
    candidate: Case | None
    tie: Case | None
    strata: list[Stratum]
    critical: list[tuple[str, int]]
    slack: Picture | None = None
    sides: Picture | None = None


def ledger(view: View, entry: dict[str, Any]) -> Ledger:
    """The evidence on a claim."""
    tightest, candidate, tie = _cases(entry)
    return Ledger(
        counts(entry),
        tightest,
        candidate,
        tie,
        list(_strata(entry)),
        sorted(entry["critical"].items()),
        view.picture(entry, "slack"),
        view.picture(entry, "sides"),
    )


def counts(entry: dict[str, Any]) -> Counts:
    """The counts alone: of a false neighbour that fell, the search ended at the first hit."""
    cases, seconds = entry["cases"], entry["seconds"]
    return Counts(
        cases=f"{cases:,}",
        nontrivial=f"{entry['nontrivial']:,} ({percent(entry['nontrivial'], cases)} %)",
        excluded=_if_any(entry["excluded"], "case", "cases"),
        not_finite=_if_any(entry.get("not_finite", 0), "case", "cases"),
        decisions=", ".join(
            f"{count:,} {name}" for name, count in entry["decisions"].items() if count
        ),
        rungs=list(_rungs(entry["escalated"])),
        climbed=_climbed(entry),
        pooled=pooled_line(entry["pooled"]) if entry.get("pooled") else "",
        oracle_checks=_if_any(entry["oracle_checks"], "comparison", "comparisons"),
        seconds=f"{seconds:.1f} s" if seconds is not None else "",
    )


def _if_any(count: int, one: str, many: str) -> str:
    return counted(count, one, many) if count else ""


def _rungs(decided: dict[str, int]) -> Iterator[str]:
    total = sum(decided.values())
    for rung, count in decided.items():
        if count:
            yield f"{_RUNGS.get(rung, rung)}: {count:,} ({percent(count, total)} %)"


def _climbed(entry: dict[str, Any]) -> str:
    if not entry["climbed"]:
        return ""
    reached, tightest = entry.get("reached"), entry.get("tightest") or {}
    # Only the tightest case is on file with its decision.
    equal = reached == 0 and tightest.get("decision") == "EQUAL"
    closest = slack_number(reached, equal=equal)
    return f"{entry['climbed']:,} candidates, closest relative slack {closest}"


def _cases(entry: dict[str, Any]) -> Iterator[Case | None]:
    """The tightest case, the candidate and the tie; none where a counterexample says more."""
    shown = entry.get("tightest") is not None and entry["verdict"] != Verdict.REFUTED.name
    for name in ("tightest", "candidate", "tie"):
        saved = entry.get(name) if shown else None
        yield None if saved is None else case_of(saved)


def _strata(entry: dict[str, Any]) -> Iterator[Stratum]:
    strata, says = entry["strata"], entry["strata_nontrivial"]
    most = max(strata.values(), default=0)
    for name, cases in strata.items():
        nontrivial = says.get(name, 0)
        width, full = (f"{100 * x / most:.1f}%" if cases else "" for x in (cases, nontrivial))
        yield Stratum(name, cases, nontrivial, width, full)
