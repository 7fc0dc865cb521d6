"""The head of the report: what was found, and the tables of claims and controls."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.claims.text import shown_verdict
from checker.claims.verdict import Verdict
from checker.instances.text import counted, percent
from checker.report.html.audited import audited_claims, audited_headline
from checker.report.html.neighbours import neighbours_of, score
from checker.report.html.view import (
    Cell,
    Link,
    Mark,
    View,
    slack_of,
    surprising_first,
    verdict_mark,
)
from checker.report.pooled import pooled_line
from checker.report.provenance import told
from checker.report.run import words
from checker.report.saved import saved_line


def headline(view: View) -> str:
    """`7 claims: 6 stand, 1 refuted`, one by its name; else what became of the controls."""
    claims = view.theorems
    if view.run.title and not view.run.claims:
        return view.run.title
    if not claims:
        if view.controls:
            return controls_line(view)
        return audited_headline(view) if audited_claims(view) else "No claims"
    if len(claims) == 1:
        return f"{claims[0]['id']}: {shown_verdict(claims[0]['verdict'])}"
    counts = Counter(c["verdict"] for c in claims)
    said = [
        f"{counts[v.name]} {_SAID[v] if counts[v.name] > 1 or v not in _ONE else _ONE[v]}"
        for v in Verdict
        if counts[v.name]
    ]
    return f"{counted(len(claims), 'claim', 'claims')}: {', '.join(said)}"


_SAID = {
    Verdict.STANDS: "stand",
    Verdict.REFUTED: "refuted",
    Verdict.UNDECIDED: "undecided",
    Verdict.VACUOUS: "vacuous",
    Verdict.ORACLE_BROKEN: "with a broken oracle",
    Verdict.PARTIAL: "tried in part",
    Verdict.NOT_RUN: "not tried",
    Verdict.ERROR: "not computable",
}
_ONE = {Verdict.STANDS: "stands"}


def controls_line(view: View) -> str:
    """What became of the false neighbours, as a sentence."""
    total = len(view.controls)
    fallen = sum(c["expected"] for c in view.controls)
    missing = sum(Verdict[c["verdict"]].is_unfinished for c in view.controls)
    survived = total - fallen - missing
    of = counted(total, "false neighbour", "false neighbours")
    if fallen == total:
        return f"The search refuted all of {of} that it was given."
    known = [f"{missing} of {of} not tried to the end."] if missing else []
    if survived:
        known.append(
            f"{survived} of {of} survived: the search misses what is known to be false, "
            "so do not trust STANDS there."
        )
    return " ".join(known)


# -- tables -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Claimed:
    """A row of the table of claims.

    Attributes
    ----------
    by_float
        The share of cases that float64 with error bounds decided.
    """

    link: Link
    title: str
    mark: Mark
    cases: Cell
    nontrivial: Cell
    by_float: Cell
    tightest: Cell
    neighbours: Cell
    seconds: Cell


@dataclass(frozen=True)
class Group:
    """Claims of one paper, with a heading that can be linked to; one without a name has none."""

    rows: list[Claimed]
    name: str = ""
    anchor: str = ""
    cited: str = ""


def claims_table(view: View) -> list[Group]:
    """The claims, on a long page in groups; empty without any."""
    if not view.theorems:
        return []
    if not view.is_long or len(view.papers) == 1:
        return [Group([_claim(view, entry) for entry in view.theorems])]
    return list(_groups(view))


def _groups(view: View) -> Iterator[Group]:
    for paper, claims in view.papers.items():
        source = next((s for c in claims if (s := words(c).get("source"))), None)
        cited = f"{source['authors']}, {source['title']}" if source else ""
        rows = [_claim(view, entry) for entry in surprising_first(claims)]
        yield Group(rows, paper, view.paper_anchors[paper], cited)


def _claim(view: View, entry: dict[str, Any]) -> Claimed:
    cases, rungs = entry["cases"], entry["escalated"]
    fell, false = score(neighbours_of(view, entry["id"]))
    return Claimed(
        view.link(entry["id"]),
        words(entry).get("title") or "",
        verdict_mark(entry),
        Cell(f"{cases:,}", cases),
        _share(entry["nontrivial"], cases),
        _share(rungs.get("float", 0), sum(rungs.values())),
        _slack(entry),
        Cell(f"{fell}/{false}", fell / false) if false else Cell("-", ""),
        _seconds(entry),
    )


def _share(part: int, whole: int) -> Cell:
    return Cell(percent(part, whole), part / whole if whole else "")


def _slack(entry: dict[str, Any]) -> Cell:
    case = entry.get("counterexample") or entry.get("tightest")
    value = case and case["relative_slack"]
    shown = "equality" if case and case["decision"] == "EQUAL" else slack_of(case)
    return Cell(shown, value if value is not None and math.isfinite(value) else "")


def _seconds(entry: dict[str, Any]) -> Cell:
    seconds = entry["seconds"]
    return Cell("-", "") if seconds is None else Cell(f"{seconds:.1f}", seconds)


@dataclass(frozen=True)
class Control:
    """A row of the table of false neighbours.

    Attributes
    ----------
    numbers
        Of the smallest counterexample.
    experiments
        What all experiments together say, where they refute it and no single case.
    """

    link: Link
    mark: Mark
    cases: int
    numbers: int | str
    experiments: str
    instance: str


def controls_table(view: View) -> list[Control]:
    """What became of the false neighbours."""
    return [_control(view, entry) for entry in view.controls]


def _control(view: View, entry: dict[str, Any]) -> Control:
    pooled, case = entry.get("pooled") or {}, entry.get("counterexample") or {}
    path = case.get("path") or []
    return Control(
        view.link(entry["id"]),
        verdict_mark(entry),
        entry["cases"],
        path[-1]["numbers"] if path else "",
        pooled_line(pooled) if pooled.get("refutes") else "",
        saved_line(case.get("instance"), limit=90),
    )


# -- the rest ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class PaperLink:
    """A paper, how many claims it has, and how many are not as expected."""

    anchor: str
    name: str
    claims: int
    wrong: int


@dataclass(frozen=True)
class Contents:
    """What a long page is made of.

    Attributes
    ----------
    verdicts
        Each that was found, and how often.
    """

    claims: int
    papers: list[PaperLink]
    controls: int
    verdicts: list[tuple[str, int]]


def contents(view: View) -> Contents | None:
    """The contents; none for a page that needs none."""
    if not view.is_long:
        return None
    papers = [
        PaperLink(
            view.paper_anchors[name], name, len(claims), sum(not c["expected"] for c in claims)
        )
        for name, claims in view.papers.items()
    ]
    counts = Counter(entry["verdict"] for entry in view.theorems)
    verdicts = [(shown_verdict(v.name), counts[v.name]) for v in Verdict if counts[v.name]]
    return Contents(len(view.theorems), papers, len(view.controls), verdicts)


def legend(view: View) -> list[tuple[str, str]]:
    """The verdicts of the page, and what they mean."""
    found = {entry["verdict"] for entry in view.theorems}
    return [(shown_verdict(v.name), v.value) for v in Verdict if v.name in found]


def provenance(view: View) -> list[tuple[str, str]]:
    """When, by which command and with which versions the run was made; empty where unknown."""
    run = view.run
    rows = [
        *told(run.provenance),
        ("seed", "" if run.seed is None else str(run.seed)),
        ("versions", ", ".join(f"{name} {number}" for name, number in run.versions.items())),
        ("pictures", view.notice),
    ]
    return [(name, text) for name, text in rows if text]
