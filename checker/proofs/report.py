"""What `checker prove` shows and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.text import Text

from checker.proofs.prove import NO_PROOF, PROVED, Result, Run

SCHEMA = 1
_COLOURS = {PROVED: "green", NO_PROOF: "yellow"}
_UNTIED = "no; a reader has to compare the statement with the claim's formula"


def to_json(run: Run) -> dict[str, Any]:
    """{"schema", "coq", "proofs": [{"claim", "verdict", "reason", ...}]}."""
    return {"schema": SCHEMA, "coq": run.version, "proofs": [asdict(r) for r in run.results]}


def show(console: Console, run: Run) -> None:
    """Every result, with what it rests on; the statement where there is one claim only."""
    for result in run.results:
        by = _how(result, run) if result.verdict == PROVED else ""
        reason = f": {result.reason}" if result.reason else ""
        line = Text.assemble(
            f"{result.claim}  ", (result.verdict, _COLOURS.get(result.verdict, "red")), by, reason
        )
        console.print(line, soft_wrap=True)
        for name, text in _lines(result):
            console.print(Text(f"  {name:<10} {text}"), soft_wrap=True)
        if len(run.results) == 1 and result.statement:
            console.print(Text(f"\n{result.statement}"), soft_wrap=True)


def _how(result: Result, run: Run) -> str:
    return f" on {result.on}" if result.on else f" (Coq {run.version})"


def dimensions(bridged: Sequence[str]) -> list[str]:
    """The dimensions of bridges, each once."""
    return list(dict.fromkeys(f"{heading.partition(')')[0]})" for heading in bridged))


def _lines(result: Result) -> list[tuple[str, str]]:
    if result.on:
        shown = [("on", result.on)] if result.verdict != PROVED else []
        by = [("by", result.by)] if result.by else []
        return [*shown, *by, ("seconds", f"{result.seconds:.1f}")]
    if not result.theorem:
        return []
    lines = [("theorem", result.theorem)]
    lines += [
        ("files", ", ".join(f"{name} {digest[:12]}" for name, digest in result.files.items()))
    ]
    if result.verdict == PROVED:
        bridged = result.bridged
        sizes = _UNTIED if bridged is None else f"derived at {', '.join(dimensions(bridged))}"
        lines += [("axioms", ", ".join(result.axioms) or "none"), ("formula", sizes)]
        lines += [("note", result.note)] if result.note else []
        lines += [("seconds", f"{result.seconds:.1f}")]
    return lines
