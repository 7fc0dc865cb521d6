"""Why a verdict is worth something: false neighbours, and what the search did to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checker.claims.verdict import Verdict
from checker.report.html.view import Link, View, slack_of
from checker.report.pooled import pooled_line
from checker.report.run import words
from checker.report.saved import saved_line


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A false neighbour, or a neighbour of unknown truth, and what the search did to it.

    Attributes
    ----------
    outcome
        "refuted", "survived", "not refuted" or "not tried".
    is_false
        Whether it is known to be false, so that it has to fall.
    pooled
        The test of all its experiments together, if it has experiments.
    """

    id: str
    why: str
    outcome: str
    cases: int
    seconds: float | None
    case: dict[str, Any] | None
    is_false: bool = True
    pooled: dict[str, Any] | None = None

    @property
    def refuted(self) -> bool:
        """Whether a counterexample was proved."""
        return self.outcome == "refuted"


def neighbours_of(view: View, claim_id: str) -> list[Neighbour]:
    """Neighbours of a claim, from the audit where there is one, else from the run itself."""
    found = {n.id: n for n in _controls(view, claim_id)}
    found |= {m["id"]: _audited(m) for m in view.run.neighbours if m.get("of") == claim_id}
    return sorted(found.values(), key=lambda n: (not n.is_false, n.refuted))


def score(neighbours: Iterable[Neighbour]) -> tuple[int, int]:
    """How many of the false neighbours fell, and how many there are."""
    false = [n for n in neighbours if n.is_false]
    return sum(n.refuted for n in false), len(false)


def _controls(view: View, claim_id: str) -> list[Neighbour]:
    return [
        Neighbour(
            entry["id"],
            words(entry).get("why", ""),
            _control_outcome(entry),
            entry["cases"],
            None,
            entry.get("counterexample") or entry.get("tightest"),
            pooled=entry.get("pooled"),
        )
        for entry in view.controls
        if entry.get("of") == claim_id
    ]


def _control_outcome(entry: dict[str, Any]) -> str:
    if entry["expected"]:
        return "refuted"
    return "not tried" if Verdict[entry["verdict"]].is_unfinished else "survived"


def _audited(found: dict[str, Any]) -> Neighbour:
    refuted, survived = found["refuted"], bool(found.get("survived"))
    return Neighbour(
        found["id"],
        str(found.get("why") or ""),
        "refuted" if refuted else "survived" if survived else _open_outcome(found),
        found["cases"],
        found.get("seconds"),
        found.get("counterexample") or found.get("tightest"),
        found.get("kind") != "neighbour",
        found.get("pooled"),
    )


def _open_outcome(found: dict[str, Any]) -> str:
    return "not tried" if found.get("fault") else "not refuted"


# -- as they are shown ------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A neighbour as it is shown.

    Attributes
    ----------
    tone
        Of the outcome: "good", "bad" or "soft".
    rejected_by
        The experiments that reject it; "" without any.
    closest
        The closest relative slack of one that was not refuted.
    instance
        The instance that refutes it.
    """

    link: Link
    why: str
    outcome: str
    tone: str
    cases: str
    rejected_by: str
    closest: str
    instance: str


@dataclass(frozen=True)
class Neighbours:
    """All neighbours of a claim.

    Attributes
    ----------
    fell, false
        How many of the false ones fell, and how many there are.
    open_fell, open
        The same of those whose truth is unknown.
    timed
        Whether an audit has noted times.
    """

    rows: list[Row]
    fell: int
    false: int
    open_fell: int
    open: int
    timed: bool


def neighbours_section(view: View, claim_id: str) -> Neighbours | None:
    """Every neighbour, why it is false, and the smallest instance that shows it."""
    neighbours = neighbours_of(view, claim_id)
    if not neighbours:
        return None
    open_ones = [n for n in neighbours if not n.is_false]
    fell, false = score(neighbours)
    return Neighbours(
        [_row(view, n) for n in neighbours],
        fell,
        false,
        sum(n.refuted for n in open_ones),
        len(open_ones),
        any(n.seconds is not None for n in neighbours),
    )


def _row(view: View, found: Neighbour) -> Row:
    seconds = "" if found.seconds is None else f", {found.seconds:.2f} s"
    case, rejected = found.case, rejected_by(found.pooled)
    shown = case is not None and not rejected
    return Row(
        view.link(found.id),
        found.why,
        found.outcome,
        {"refuted": "good", "survived": "bad"}.get(found.outcome, "soft"),
        f"{found.cases:,}{seconds}",
        rejected,
        slack_of(case) if shown and not found.refuted else "",
        saved_line((case or {}).get("instance"), limit=110) if shown and found.refuted else "",
    )


def rejected_by(pooled: dict[str, Any] | None) -> str:
    """The experiments that reject a claim; "" without any."""
    return pooled_line(pooled) if pooled and pooled["refutes"] else ""
