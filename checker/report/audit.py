"""Audits as a table and as JSON: what was refuted, what survived, which assumption is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.claims.text import slack_text
from checker.claims.verdict import Witness
from checker.instances.text import counted, one_line
from checker.report.evidence import SCHEMA, number, versions, witness_to_json
from checker.report.pooled import pooled_line, pooled_to_json
from checker.report.provenance import Provenance
from checker.search.audit import Audited, Need


def audit_to_json(
    results: Sequence[Audited], seed: int, *, interrupted: bool, made: Provenance
) -> dict[str, Any]:
    """A whole audit, and how it was made."""
    return {
        "schema": SCHEMA,
        "seed": seed,
        "versions": versions(),
        "interrupted": interrupted,
        "provenance": made.to_json(),
        "neighbours": [_neighbour(r) for r in results if r.item.dropped is None],
        "ablations": [_ablation(r) for r in results if r.item.dropped is not None],
    }


def _neighbour(result: Audited) -> dict[str, Any]:
    claim = result.item.claim
    return {"id": claim.id, "of": result.item.of, "why": claim.why, **_outcome(result)} | {
        "kind": claim.kind,
        "survived": result.survived,
    }


def _ablation(result: Audited) -> dict[str, Any]:
    assert result.item.dropped is not None
    return {
        "claim": result.item.of,
        "assumption": result.item.dropped.name,
        "need": result.need.name,
        "decided": result.hunt.meaningful,
        "outside": result.hunt.outside,
        "drawn_outside": result.hunt.drawn_outside,
        **_outcome(result),
    }


def _outcome(result: Audited) -> dict[str, Any]:
    hunt, claim_id = result.hunt, result.item.claim.id
    return {
        "refuted": result.refuted,
        "cases": hunt.evaluations,
        "seconds": number(hunt.seconds),
        "closest": hunt.tightest and number(hunt.tightest.result.relative_slack),
        "tightest": _saved(hunt.tightest, claim_id),
        "counterexample": _saved(hunt.violation, claim_id),
        "contradictions": hunt.contradictions,
        "fault": hunt.fault and str(hunt.fault),
        "pooled": pooled_to_json(hunt.pooled),
    }


def _saved(witness: Witness | None, claim_id: str) -> dict[str, Any] | None:
    return None if witness is None else witness_to_json(witness, claim_id)


# -- terminal ---------------------------------------------------------------------------------


def print_audit(console: Console, results: Sequence[Audited], *, interrupted: bool) -> None:
    """The table of neighbours, the assumptions, and a summary."""
    neighbours = [r for r in results if r.item.dropped is None]
    dropped = [r for r in results if r.item.dropped is not None]
    if neighbours:
        console.print(_table("neighbour", neighbours, _neighbour_cells))
        console.print()
    if dropped:
        console.print(_table("claim without", dropped, _dropped_cells))
        console.print()
    for line in _summary(neighbours):
        console.print(Text(line))
    if interrupted:
        console.print(Text("interrupted: the rest was not tried", "bold"))


def _table(first: str, results: Iterable[Audited], cells: Any) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(first)
    table.add_column("result", no_wrap=True)
    table.add_column("cases", justify="right", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True)
    table.add_column("smallest counterexample, or the closest case")
    for result in results:
        table.add_row(*cells(result))
    return table


def _neighbour_cells(result: Audited) -> list[Text]:
    claim = result.item.claim
    style = "bold red" if result.survived else "green" if result.refuted else "yellow"
    text = "REFUTED" if result.refuted else "SURVIVED" if result.survived else "not refuted"
    if result.hunt.fault is not None and not result.refuted:
        style, text = "bold red", "ERROR"
    return [Text(f"{claim.id}\n  {claim.why}"), Text(text, style), *_common(result)]


def _dropped_cells(result: Audited) -> list[Text]:
    assert result.item.dropped is not None
    style, text = "green" if result.need is Need.NEEDED else "yellow", result.need.value
    if result.hunt.fault is not None and not result.refuted:
        style, text = "bold red", "ERROR"
    name = f"{result.item.of}\n  {result.item.dropped.name}"
    return [Text(name), Text(text, style), *_common(result)]


def _common(result: Audited) -> list[Text]:
    hunt = result.hunt
    shown = one_line(hunt.violation.instance) if hunt.violation else _closest(result)
    if hunt.fault is not None:
        shown = str(hunt.fault)
    if hunt.rejected:
        shown = pooled_line(pooled_to_json(hunt.pooled) or {})
    if hunt.contradictions:
        shown = f"ARITHMETIC BROKEN: {hunt.contradictions[0]}"
    return [Text(f"{hunt.evaluations:,}"), Text(f"{hunt.seconds:.2f}"), Text(shown)]


def _closest(result: Audited) -> str:
    hunt = result.hunt
    if hunt.fault is not None:
        return str(hunt.fault)
    if result.item.dropped is not None and result.need is Need.UNDEFINED:
        drawn = counted(hunt.drawn_outside, "case", "cases")
        return f"of {drawn} outside the assumption none has a value that is known"
    if result.item.dropped is not None and result.need is Need.NEVER_DRAWN:
        decided = counted(hunt.meaningful, "case", "cases")
        return f"of {decided} with a known slack none lies outside the assumption"
    tightest = hunt.tightest
    return f"closest relative slack {slack_text(tightest.result if tightest else None)}"


def _summary(neighbours: Sequence[Audited]) -> Iterable[str]:
    false = [r for r in neighbours if r.item.claim.must_be_refuted]
    fell = [r for r in false if r.refuted]
    if false:
        of = counted(len(false), "false neighbour", "false neighbours")
        yield f"refuted {len(fell)} of {of}"
    if fell:
        times = [r.hunt.seconds for r in fell]
        yield f"time to refute: median {median(times):.2f} s, worst {max(times):.2f} s"
    open_ones = [r for r in neighbours if not r.item.claim.must_be_refuted]
    if open_ones:
        names = sum(r.refuted for r in open_ones)
        yield f"neighbours of unknown truth: {names} of {len(open_ones)} refuted"
    for result in (r for r in false if r.survived):
        yield f"SURVIVED: {result.item.claim.id}; do not trust STANDS for {result.item.of}"
