"""The head of the report: what was found, and the tables of claims and controls."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from checker.claims.text import INTERRUPTED, shown_verdict
from checker.claims.verdict import Verdict
from checker.instances.text import counted, percent
from checker.report.html.audited import audited_claims, audited_headline
from checker.report.html.contents import toolbar
from checker.report.html.markup import (
    NONE,
    Cell,
    Column,
    Group,
    Markup,
    breakable,
    definitions,
    grouped_table,
    join,
    table,
    tag,
)
from checker.report.html.neighbours import neighbours_of, score
from checker.report.html.view import View, slack_of, surprising_first, verdict_mark
from checker.report.pooled import pooled_line
from checker.report.provenance import told
from checker.report.run import words
from checker.report.saved import saved_line


def overview(view: View) -> Markup:
    """Title, summary, and both tables."""
    return tag(
        "header",
        tag("h1", headline(view)),
        tag("p", _controls_line(view), class_="lead") if view.controls else None,
        _notices(view),
        toolbar(view),
        _claims(view),
        _legend(view),
    )


def headline(view: View) -> str:
    """`7 claims: 6 stand, 1 refuted`, one by its name; else what became of the controls."""
    claims = view.theorems
    if view.run.title and not view.run.claims:
        return view.run.title
    if not claims:
        if view.controls:
            return _controls_line(view)
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


def _controls_line(view: View) -> str:
    total = len(view.controls)
    fallen = sum(c["expected"] for c in view.controls)
    missing = sum(Verdict[c["verdict"]].is_unfinished for c in view.controls)
    survived = total - fallen - missing
    of = counted(total, "false neighbour", "false neighbours")
    if fallen == total:
        return f"The search refuted all of {of} that it was given."
    told = [f"{missing} of {of} not tried to the end."] if missing else []
    if survived:
        told.append(
            f"{survived} of {of} survived: the search misses what is known to be false, "
            "so do not trust STANDS there."
        )
    return " ".join(told)


def _notices(view: View) -> Markup:
    lines = [f"Interrupted: {INTERRUPTED}."] * view.run.interrupted
    return join(tag("p", line, class_="notice") for line in lines)


# -- tables -----------------------------------------------------------------------------------

_COLUMNS = (
    Column("claim", key="claim"),
    Column("verdict", key="verdict"),
    Column("cases", numeric=True, wide=True, key="cases"),
    Column("non-trivial %", numeric=True, wide=True, key="nontrivial"),
    Column("by float %", numeric=True, wide=True, key="float"),
    Column("tightest", numeric=True, key="tightest"),
    Column("false neighbours", numeric=True, wide=True, key="controls"),
    Column("s", numeric=True, wide=True, key="seconds"),
)


def _claims(view: View) -> Markup:
    if not view.theorems:
        return NONE
    if not view.is_long or len(view.papers) == 1:
        rows = [_claim(view, entry) for entry in view.theorems]
        return table(_COLUMNS, rows, class_="sortable claims")
    groups = (_group(view, paper, claims) for paper, claims in view.papers.items())
    return grouped_table(_COLUMNS, groups, class_="sortable claims")


def _group(view: View, paper: str, claims: list[dict[str, Any]]) -> Group:
    source = next((s for c in claims if (s := words(c).get("source"))), None)
    cited = tag("small", f" {source['authors']}, {source['title']}") if source else None
    rows = (_claim(view, entry) for entry in surprising_first(claims))
    return Group(view.paper_anchors[paper], join([breakable(paper), cited]), rows)


def _claim(view: View, entry: dict[str, Any]) -> tuple[Any, ...]:
    cases, rungs = entry["cases"], entry["escalated"]
    fell, false = score(neighbours_of(view, entry["id"]))
    said = f"{fell}/{false}" if false else "-"
    return (
        Cell(join([view.link(entry["id"]), _title(entry)]), entry["id"]),
        verdict_mark(entry),
        Cell(f"{cases:,}", cases),
        _share(entry["nontrivial"], cases),
        _share(rungs.get("float", 0), sum(rungs.values())),
        _slack(entry),
        Cell(said, fell / false if false else ""),
        _seconds(entry),
    )


def _title(entry: dict[str, Any]) -> Markup:
    title = words(entry).get("title")
    return tag("small", title) if title else NONE


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


def controls_overview(view: View) -> Markup:
    """What became of the false neighbours, folded where all fell."""
    if not view.controls:
        return NONE
    columns = (
        Column("false neighbour", key="neighbour"),
        Column("verdict", key="result"),
        Column("cases", numeric=True, key="needed"),
        Column("numbers", numeric=True, wide=True, key="numbers"),
        Column("smallest counterexample", wide=True),
    )
    rows = [_control(view, entry) for entry in view.controls]
    said = counted(len(rows), "false neighbour", "false neighbours")
    summary = tag("summary", tag("h2", f"{said}, which must be refuted"))
    opened = not all(entry["expected"] for entry in view.controls) or not view.theorems
    return tag(
        "details",
        summary,
        table(columns, rows, class_="sortable"),
        open=opened,
        class_="paper" if view.is_long else "inprint",
        id="controls",
    )


def _control(view: View, entry: dict[str, Any]) -> tuple[Any, ...]:
    case = entry.get("counterexample") or {}
    path = case.get("path") or []
    numbers = path[-1]["numbers"] if path else ""
    return (
        Cell(view.link(entry["id"]), entry["id"]),
        verdict_mark(entry),
        Cell(f"{entry['cases']:,}", entry["cases"]),
        Cell(numbers, numbers),
        _smallest(entry),
    )


def _smallest(entry: dict[str, Any]) -> Markup:
    """The smallest counterexample, or what all experiments together say."""
    pooled, case = entry.get("pooled") or {}, entry.get("counterexample") or {}
    if pooled.get("refutes"):
        return tag("span", pooled_line(pooled))
    return tag("code", saved_line(case.get("instance"), limit=90))


def _legend(view: View) -> Markup:
    found = {entry["verdict"] for entry in view.theorems}
    return definitions((shown_verdict(v.name), v.value) for v in Verdict if v.name in found)


def provenance(view: View) -> Markup:
    """When, by which command and with which versions the run was made."""
    run = view.run
    rows = [
        *told(run.provenance),
        ("seed", "" if run.seed is None else str(run.seed)),
        ("versions", ", ".join(f"{name} {number}" for name, number in run.versions.items())),
        ("pictures", view.notice),
    ]
    if not any(text for _, text in rows):
        return NONE
    return tag(
        "section",
        tag("h2", "How it was made"),
        definitions((name, text) for name, text in rows),
        class_="provenance",
        id="provenance",
    )
