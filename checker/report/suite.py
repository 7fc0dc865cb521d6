"""What the tests of a session found with `check_claim`: one row per claim, JSON and HTML."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from checker.claims.text import slack_number
from checker.instances.escapes import markdown
from checker.report.evidence import claims_to_run, dumps, graver, merge_claims
from checker.report.saving import EVIDENCE, save_text

Row = dict[str, Any]

# Of a row, but not of the evidence.
_NOT_EVIDENCE = ("seed", "report", "place")


def properties(row: Row) -> list[tuple[str, object]]:
    """What JUnit XML says of a test: verdict, cases, and the slack that the table shows."""
    shown = _shown(row)
    values = {
        "verdict": row["verdict"],
        "cases": row["cases"],
        "tightest_relative_slack": shown and shown["relative_slack"],
    }
    return [(f"{row['id']}.{name}", value) for name, value in values.items()]


def _shown(row: Row) -> dict[str, Any] | None:
    """The case that a row is about: the counterexample, or else the tightest case."""
    shown: dict[str, Any] | None = row["counterexample"] or row["tightest"]
    return shown


@dataclass(frozen=True)
class Suite:
    """The rows of all tests, and the workers that crashed before they could tell theirs."""

    rows: Sequence[Row]
    lost: Sequence[str] = ()

    def lines(self, folder: str | None) -> Iterator[str]:
        """The table, the reports of what fell, and where the HTML is."""
        yield from _table(self.claims)
        for worker in self.lost:
            yield f"{worker} crashed: what its last test found is missing"
        for report in (row["report"] for row in self.claims if row["report"]):
            yield from ("", *report)
        if folder is not None:
            yield f"report: {Path(folder) / 'report.html'}"

    def annotations(self) -> Iterator[str]:
        """What GitHub shows beside the code: a workflow command for each claim that fell."""
        for row in (row for row in self.claims if row["report"]):
            file, line = row["place"]
            where = f" file={_property(_from_the_root(file))},line={line}" if file else ""
            yield f"::error{where}::{_data(chr(10).join(row['report']))}"

    def summary(self) -> str:
        """The table in Markdown, for the summary of a workflow."""
        head, *rows = _cell_rows(self.claims)
        lines = ["### claims", "", _markdown_row(head), _markdown_row(["---"] * len(head))]
        lines += [_markdown_row([markdown(cell) for cell in row]) for row in rows]
        return "\n".join(lines) + "\n"

    def write(self, json: str | None, folder: str | None, interrupted: bool) -> None:
        """Write the evidence, and its report into the folder."""
        seeds = {row["seed"] for row in self.rows}
        claims = [{k: v for k, v in row.items() if k not in _NOT_EVIDENCE} for row in self.claims]
        seed = seeds.pop() if len(seeds) == 1 else None
        run = claims_to_run(claims, seed, interrupted=interrupted or bool(self.lost))
        save_text(dumps(run), EVIDENCE, json, folder)
        if folder is not None:
            _write_report(folder)

    @cached_property
    def claims(self) -> list[Row]:
        """One row per claim, by id: the order in which workers finish is chance."""
        merged: dict[str, Row] = {}
        for row in _distinct(self.rows):
            known = merged.get(row["id"])
            merged[row["id"]] = row if known is None else merge_claims(known, row)
        return [merged[name] for name in sorted(merged)]


def _distinct(rows: Iterable[Row]) -> list[Row]:
    """Rows over different cases: those of one claim and one seed are the same, however often.

    Repeated tests decide them again, and a smaller budget a part of them. The graver verdict is
    kept, of equal verdicts the one over more cases.
    """
    kept: dict[tuple[str, int], Row] = {}
    for row in rows:
        key = row["id"], row["seed"]
        known = kept.setdefault(key, row)
        if (graver(row, known), row["cases"]) > (graver(known, row), known["cases"]):
            kept[key] = row
    return list(kept.values())


def _table(rows: list[Row]) -> list[str]:
    cells = _cell_rows(rows)
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return [
        f"{name:<{widths[0]}}  {cases:>{widths[1]}}  {slack:>{widths[2]}}  {verdict}"
        for name, cases, slack, verdict in cells
    ]


def _cell_rows(rows: list[Row]) -> list[tuple[str, str, str, str]]:
    return [("claim", "cases", "tightest slack", "verdict"), *map(_cells, rows)]


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _from_the_root(file: str) -> str:
    """GitHub knows files by their place in the repository, wherever the tests were started."""
    root = os.environ.get("GITHUB_WORKSPACE")
    return os.path.relpath(file, root) if root else file


def _data(text: str) -> str:
    """The message of a workflow command, which is one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cells(row: Row) -> tuple[str, str, str, str]:
    slack, shown = "-", _shown(row)
    if shown is not None:
        slack = slack_number(shown["relative_slack"], equal=shown["decision"] == "EQUAL")
    verdict = row["verdict"] + ("" if row["expected"] else " (not as expected)")
    if row["of"] and row["expected"]:
        verdict += " (as it must be)"
    return row["id"], f"{row['cases']:,}", slack, verdict


def _write_report(folder: str) -> None:
    from checker.report.evidence_files import report_path
    from checker.report.html.writing import write_report
    from checker.report.run import read_run

    write_report(read_run(folder), report_path(folder, None))
