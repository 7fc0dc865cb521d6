"""What a run found that an earlier one did not: verdicts, claims, tightest cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checker.claims.text import shown_verdict
from checker.report.html.view import Link, View, slack_of

# Claim, what differs, before and now.
Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Changes:
    """What differs from an earlier run.

    Attributes
    ----------
    same
        How many claims of both runs do not differ.
    only_now, only_before
        Claims of one of the runs: who verifies another paper knows it.
    """

    earlier: Path
    rows: list[tuple[Link, str, str, str]]
    same: int
    only_now: list[Link]
    only_before: list[Link]


def changes(view: View) -> Changes | None:
    """The changes; none where no earlier run was named."""
    if view.earlier is None:
        return None
    rows = list(differences(view.earlier.claims, view.run.claims))
    old, new = ({entry["id"]: entry for entry in x.claims} for x in (view.earlier, view.run))
    return Changes(
        view.earlier.evidence,
        [(view.link(name), what, before, now) for name, what, before, now in rows],
        len((old.keys() & new.keys()) - {row[0] for row in rows}),
        [view.link(name) for name in new if name not in old],
        [view.link(name) for name in old if name not in new],
    )


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
