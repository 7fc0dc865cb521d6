"""What a run found that an earlier one did not: verdicts, claims, tightest cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checker.claims.text import shown_verdict
from checker.instances.text import counted
from checker.report.html.markup import NONE, Column, Markup, join, table, tag
from checker.report.html.view import View, slack_of

Row = tuple[str, str, str, str]


def changes(view: View) -> Markup:
    """The section; nothing where no earlier run was named."""
    earlier = view.earlier
    if earlier is None:
        return NONE
    rows = list(differences(earlier.claims, view.run.claims))
    old, new = ({e["id"]: e for e in run.claims} for run in (earlier, view.run))
    same = counted(len((old.keys() & new.keys()) - {row[0] for row in rows}), "claim", "claims")
    said = f"{counted(len(rows), 'change', 'changes')}; {same} as before"
    columns = ("claim", "what", Column("before", True), Column("now", True))
    shown = [(view.link(name), *rest) for name, *rest in rows]
    return tag(
        "section",
        tag("h2", "Since the earlier run"),
        tag("p", f"Compared with {earlier.evidence}: {said}."),
        table(columns, shown, class_="changes") if rows else None,
        _apart(view, "only in this run", [name for name in new if name not in old]),
        _apart(view, "only in the earlier run", [name for name in old if name not in new]),
        id="changes",
    )


def _apart(view: View, where: str, names: list[str]) -> Markup:
    """Claims of one of the runs only, folded: who verifies another paper knows it."""
    if not names:
        return NONE
    summary = tag("summary", f"{counted(len(names), 'claim', 'claims')} {where}")
    return tag("details", summary, tag("p", join(map(view.link, names), ", ")))


def differences(before: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Row]:
    """Claim of both runs, what differs, before and now: verdicts first, then tightest cases.

    Counts and times are no findings; a tightest case of another budget is, and is told.
    """
    old, new = ({entry["id"]: entry for entry in run} for run in (before, now))
    both = [name for name in new if name in old]
    for name in both:
        verdicts = [shown_verdict(run[name]["verdict"]) for run in (old, new)]
        if verdicts[0] != verdicts[1]:
            yield (name, "verdict", *verdicts)
    for name in both:
        slacks = [_tightest(run[name]) for run in (old, new)]
        if slacks[0] != slacks[1]:
            yield (name, "tightest relative slack", *slacks)


def _tightest(entry: dict[str, Any]) -> str:
    return slack_of(entry.get("counterexample") or entry.get("tightest"))
