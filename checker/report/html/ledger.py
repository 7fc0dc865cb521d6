"""What a verdict rests on: counts, strata, rungs, the tightest case, the guided search."""

from __future__ import annotations

from typing import Any

from checker.claims.text import slack_number
from checker.claims.verdict import Verdict
from checker.instances.text import counted, percent
from checker.report.html.cases import case_box, figure
from checker.report.html.markup import NONE, Column, Markup, definitions, join, table, tag
from checker.report.html.view import View, slack_of
from checker.report.pooled import pooled_line

_RUNGS = {
    "float": "float64 with proved error bounds",
    "ball": "ball arithmetic",
    "exact": "exact numbers",
    "unproved": "steps that are not proved",
}


def ledger(view: View, entry: dict[str, Any]) -> Markup:
    """The evidence on a claim."""
    return join(
        [
            tag("h3", "Evidence"),
            definitions(_counts(entry)),
            _tightest(entry),
            figure(view, entry, "slack"),
            figure(view, entry, "sides"),
            _strata(entry),
            _critical(entry),
        ]
    )


def short_ledger(entry: dict[str, Any]) -> Markup:
    """The counts alone: for a false neighbour that fell, the search ended at the first hit."""
    return join([tag("h3", "Evidence"), definitions(_counts(entry))])


def _counts(entry: dict[str, Any]) -> list[tuple[str, Any]]:
    cases = entry["cases"]
    nontrivial = f"{entry['nontrivial']:,} ({percent(entry['nontrivial'], cases)} %)"
    return [
        ("cases decided", f"{cases:,}"),
        ("non-trivial", nontrivial),
        ("outside the assumptions", _if_any(entry["excluded"], "case", "cases")),
        ("with infinite or NaN entries", _if_any(entry.get("not_finite", 0), "case", "cases")),
        ("decisions", _listed(entry["decisions"])),
        ("decided by", _rungs(entry["escalated"])),
        ("guided search", _climbed(entry)),
        ("all experiments together", pooled_line(entry["pooled"]) if entry.get("pooled") else ""),
        ("independent checks", _if_any(entry["oracle_checks"], "comparison", "comparisons")),
        ("time", f"{entry['seconds']:.1f} s" if entry["seconds"] is not None else ""),
    ]


def _if_any(count: int, one: str, many: str) -> str:
    return counted(count, one, many) if count else ""


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _rungs(counts: dict[str, int]) -> Markup | str:
    total = sum(counts.values())
    lines = [
        tag("li", f"{_RUNGS.get(rung, rung)}: {count:,} ({percent(count, total)} %)")
        for rung, count in counts.items()
        if count
    ]
    return tag("ul", *lines) if lines else ""


def _climbed(entry: dict[str, Any]) -> str:
    if not entry["climbed"]:
        return ""
    reached, tightest = entry.get("reached"), entry.get("tightest") or {}
    # Only the tightest case is on file with its decision.
    equal = reached == 0 and tightest.get("decision") == "EQUAL"
    closest = slack_number(reached, equal=equal)
    return f"{entry['climbed']:,} candidates, closest relative slack {closest}"


def _tightest(entry: dict[str, Any]) -> Markup:
    case = entry.get("tightest")
    if case is None or entry["verdict"] == Verdict.REFUTED.name:
        return NONE
    heading = f"Tightest case: relative slack {slack_of(case)}"
    parts = [tag("h3", heading), case_box(case)]
    for name, title in (("candidate", "Candidate"), ("tie", "Case that was not decided")):
        if entry.get(name) is not None:
            parts += [tag("h3", title), case_box(entry[name], found=True)]
    return join(parts)


def _strata(entry: dict[str, Any]) -> Markup:
    strata, says = entry["strata"], entry["strata_nontrivial"]
    if not strata:
        return NONE
    most = max(strata.values())
    rows = [
        (n, _bar(c, says.get(n, 0), most), f"{c:,}", f"{says.get(n, 0):,}")
        for n, c in strata.items()
    ]
    key = tag("p", tag("span", class_="key full"), " non-trivial: the bound could fail  ",
              tag("span", class_="key"), " trivial", class_="soft")  # fmt: skip
    columns = ("stratum", "share", Column("cases", True), Column("non-trivial", True))
    summary = tag("summary", tag("h3", counted(len(strata), "stratum", "strata")))
    folded = tag("details", summary, key, table(columns, rows, class_="bars"), class_="inprint")
    return folded


def _bar(cases: int, nontrivial: int, most: int) -> Markup:
    if not cases:
        return NONE
    # Not by styles, which the page's policy forbids.
    widths = (("key", cases), ("key full", nontrivial))
    parts = (
        tag("rect", class_=name, width=f"{100 * count / most:.1f}%", height="100%")
        for name, count in widths
    )
    return tag("svg", *parts, class_="bar", aria_hidden="true")


def _critical(entry: dict[str, Any]) -> Markup:
    counts = sorted(entry["critical"].items())
    if not counts:
        return NONE
    rows = [(kind, f"{count:,}") for kind, count in counts]
    summary = tag("summary", tag("h3", "Critical points by kind"))
    columns = ("kind", Column("count", True))
    return tag("details", summary, table(columns, rows), class_="inprint")
