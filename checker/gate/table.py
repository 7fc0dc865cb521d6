"""The gate's result: one table, in the terminal and in Markdown, and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.gate.changes import REFUTED, Change
from checker.gate.state import SCHEMA, State, state_to_json
from checker.instances import escapes
from checker.instances.text import counted
from checker.report.evidence import versions

COLUMNS = ("", "what", "why", "baseline", "now")


def fell(changes: Sequence[Change]) -> bool:
    """Whether the gate falls."""
    return any(change.reason.fails for change in changes)


def print_gate(console: Console, changes: Sequence[Change], state: State, verdict: str) -> None:
    """The table, what was looked at, and the verdict."""
    if changes:
        console.print(_table(changes))
        console.print()
    console.print(Text(looked_at(state)))
    console.print(Text(verdict, "bold red" if fell(changes) else "green"))


def _table(changes: Sequence[Change]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for change in changes:
        style = "bold red" if change.reason.fails else ""
        table.add_row(*(Text(cell, style if i == 0 else "") for i, cell in enumerate(_row(change))))
    return table


def _row(change: Change) -> tuple[str, ...]:
    mark = "FAILED" if change.reason.fails else "note"
    return mark, change.what, change.reason.value, change.before, change.now


def looked_at(state: State) -> str:
    """How much was compared, in one line."""
    outcomes = [x for a in state.audit.values() for x in a.neighbours.values()]
    parts = [
        counted(len(state.corpus), "case of the corpus", "cases of the corpus"),
        counted(len(state.claims), "claim", "claims"),
        counted(sum(len(c.strata) for c in state.claims.values()), "stratum", "strata"),
        f"{outcomes.count(REFUTED)} of {counted(len(outcomes), 'neighbour', 'neighbours')} refuted",
        counted(len(state.throughput), "throughput ratio", "throughput ratios"),
    ]
    return "compared: " + ", ".join(parts)


def markdown(changes: Sequence[Change], state: State, verdict: str) -> str:
    """The result for the summary of a CI step."""
    lines = [f"### {escapes.markdown(verdict)}", "", looked_at(state), ""]
    if changes:
        lines += [_markdown_row(COLUMNS), _markdown_row(["---"] * len(COLUMNS))]
        lines += [_markdown_row([*map(escapes.markdown, _row(change))]) for change in changes]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def result_to_json(
    changes: Sequence[Change], state: State, *, restricted: bool, interrupted: bool
) -> dict[str, Any]:
    """The whole result; of an interrupted run, what was done until then, which passes nothing."""
    return {
        "kind": "checker gate result",
        "schema": SCHEMA,
        "versions": versions(),
        "passed": not (interrupted or fell(changes)),
        "restricted": restricted,
        "interrupted": interrupted,
        "changes": [
            {
                "reason": c.reason.name,
                "fails": c.reason.fails,
                "what": c.what,
                "before": c.before,
                "now": c.now,
            }
            for c in changes
        ],
        "state": state_to_json(state),
    }
