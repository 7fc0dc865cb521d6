"""What changed between a baseline and a run, and whether that fails the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from checker.gate.budgets import THROUGHPUT_SHARE
from checker.gate.state import AuditState, ClaimState, State

T = TypeVar("T")


class Reason(Enum):
    """Why a change matters; the value is the sentence that the user reads."""

    CORPUS_DECISION = "a case of the corpus is decided differently"
    CORPUS_SIDES = "a side of a case of the corpus is another number"
    CORPUS_ASSUMPTION = "a case of the corpus does not meet the assumptions"
    BOUND = "a float64 bound is wrong, or unknown where it was known"
    VERDICT = "the verdict changed"
    EQUALITY = "equality is no longer reached"
    STRATUM = "a stratum is lost"
    DISAGREEMENT = "two independent computations of one quantity disagree"
    ORACLE = "independent computations are no longer compared"
    SURVIVED = "a false neighbour survives that was refuted"
    AUDIT = "the audit has another result"
    CONTRADICTION = "the search found float64 bounds that higher precision denies"
    VANISHED = "it no longer exists"
    THROUGHPUT = "fewer decided cases/s, relative to the reference"
    BETTER = "better than the baseline"
    NEW = "not in the baseline"
    KNOWN = "recorded in the baseline"

    @property
    def fails(self) -> bool:
        """Whether the gate falls for this."""
        return self not in (Reason.BETTER, Reason.NEW, Reason.KNOWN)


@dataclass(frozen=True)
class Change:
    """One row of the gate's table.

    Attributes
    ----------
    what
        A claim, a neighbour, a file of the corpus.
    before, now
        What the baseline says, and this run.
    """

    reason: Reason
    what: str
    before: str
    now: str


REFUTED, SURVIVED, NOT_REFUTED = "refuted", "survived", "not refuted"


def changes_between(before: State, now: State) -> list[Change]:
    """All changes, those that fail the gate first."""
    found = [
        *_pairs(before.corpus, now.corpus, "corpus ", _corpus_case),
        *_pairs(before.claims, now.claims, "", _claim),
        *_pairs(before.audit, now.audit, "audit of ", _audit),
        *_pairs(before.throughput, now.throughput, "throughput of ", _throughput),
    ]
    return sorted(found, key=lambda change: not change.reason.fails)


def _pairs(
    before: Mapping[str, T],
    now: Mapping[str, T],
    kind: str,
    compare: Callable[[str, T, T], Iterator[Change]],
) -> Iterator[Change]:
    """Entries that vanished, entries that are new, and what changed in the others."""
    for name in sorted({*before, *now}):
        if name not in now:
            yield Change(Reason.VANISHED, f"{kind}{name}", "there", "gone")
        elif name not in before:
            yield Change(Reason.NEW, f"{kind}{name}", "", _summary(now[name]))
        else:
            yield from compare(name, before[name], now[name])


def _summary(entry: Any) -> str:
    if isinstance(entry, AuditState):
        return f"{len(entry.neighbours)} neighbours, {len(entry.assumptions)} assumptions"
    return entry.verdict if isinstance(entry, ClaimState) else str(entry)


def _corpus_case(name: str, before: str, now: str) -> Iterator[Change]:
    """The file and the baseline may have changed together; the file alone is checked elsewhere."""
    if before != now:
        yield Change(Reason.CORPUS_DECISION, f"corpus {name}", before, now)


def _claim(name: str, before: ClaimState, now: ClaimState) -> Iterator[Change]:
    if now.verdict != before.verdict:
        yield Change(Reason.VERDICT, name, before.verdict, now.verdict)
    elif now.verdict != "STANDS":
        yield Change(Reason.KNOWN, name, before.verdict, now.verdict)
    if now.verdict in ("REFUTED", "ORACLE_BROKEN"):
        # Its campaign ended at the first violation: what it did not reach says nothing.
        return
    yield from _flag(Reason.EQUALITY, name, before.equality, now.equality, "equality proved")
    found = "within 1e-9 by the search alone"
    yield from _flag(Reason.EQUALITY, name, before.found_by_search, now.found_by_search, found)
    yield from _flag(Reason.ORACLE, name, before.oracles, now.oracles, "compared")
    yield from _flag(Reason.BOUND, name, before.bounds, now.bounds, "known in most cases")
    for stratum in (s for s in before.strata if s not in now.strata):
        yield Change(Reason.STRATUM, name, f"cases in {stratum!r}", "none")


def _flag(reason: Reason, name: str, before: bool, now: bool, text: str) -> Iterator[Change]:
    if before and not now:
        yield Change(reason, name, text, "not")
    if now and not before:
        yield Change(Reason.BETTER, name, "not", text)


def _audit(of: str, before: AuditState, now: AuditState) -> Iterator[Change]:
    yield from _pairs(before.neighbours, now.neighbours, "", _hunted)
    yield from _pairs(before.assumptions, now.assumptions, f"{of} without ", _hunted)


def _hunted(name: str, before: str, now: str) -> Iterator[Change]:
    if before == now:
        if now == SURVIVED:
            yield Change(Reason.KNOWN, name, before, now)
        return
    reason = Reason.AUDIT
    if before == SURVIVED and now == REFUTED:
        reason = Reason.BETTER
    elif now == SURVIVED:
        reason = Reason.SURVIVED
    yield Change(reason, name, before, now)


def _throughput(
    name: str, before: Mapping[str, float], now: Mapping[str, float]
) -> Iterator[Change]:
    yield from _pairs(before, now, f"throughput of {name} / ", _ratio(name))


def _ratio(name: str) -> Callable[[str, float, float], Iterator[Change]]:
    def compare(reference: str, before: float, now: float) -> Iterator[Change]:
        # Written so that NaN fails.
        if not now >= THROUGHPUT_SHARE * before:
            yield Change(Reason.THROUGHPUT, name, f"{before:.2g} of {reference}", f"{now:.2g}")

    return compare
