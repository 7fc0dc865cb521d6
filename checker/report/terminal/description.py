"""A claim before any search: what it says, under which assumptions, and where its code stands."""

from __future__ import annotations

import inspect
import os
import textwrap
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.claims.claim import KINDS, WORDINGS, Claim
from checker.explain.expression import number_text
from checker.instances.text import aligned, counted
from checker.report.terminal.console import new_table, print_lines


class Proved(Protocol):
    """A theorem of a proof assistant that proves a claim."""

    @property
    def theorem(self) -> str:
        """Its name there."""


def described(claim: Claim, neighbours: Sequence[Claim], proof: Proved | None) -> list[str]:
    """Lines for the terminal."""
    lines = [f"{claim.id}: {claim.title}", *_indented(aligned(_rows(claim, proof)))]
    if claim.assuming:
        lines += ["assuming:", *_indented(aligned((a.name, a.statement) for a in claim.assuming))]
    source = _source(claim)
    if source:
        lines += ["formula:", *_indented(source)]
    false = [c for c in neighbours if c.must_be_refuted]
    if false:
        lines += ["false neighbours:", *_indented(aligned((c.id, c.why or c.title) for c in false))]
    return lines


def _rows(claim: Claim, proof: Proved | None) -> list[tuple[str, str]]:
    source, strata = claim.source, list(claim.domain.strata)
    rows = [
        ("source", source and f"{source.paper.authors}, {source.paper.title}, {source.label}"),
        ("wording", f"{claim.wording}: {WORDINGS[claim.wording]}"),
        ("kind", f"{claim.kind}: {KINDS[claim.kind]}"),
        ("statement", claim.statement),
        ("constants", ", ".join(f"{name} = {_number(c)}" for name, c in claim.constants.items())),
        ("neighbour of", claim.of),
        ("strata", ", ".join(strata)),
        ("oracles", ", ".join(oracle.__name__ for oracle in claim.oracles)),
        ("proof", proof and f"{proof.theorem} (run `checker prove {claim.id}`)"),
        ("code", _place(claim)),
    ]
    return [(name, text) for name, text in rows if text]


def _number(constant: object) -> str:
    try:
        return number_text(constant)  # type: ignore[arg-type]
    except (AttributeError, TypeError, ValueError):
        return str(constant)


def _place(claim: Claim) -> str:
    code = getattr(claim.formula, "__code__", None)
    return "" if code is None else f"{os.path.relpath(code.co_filename)}:{code.co_firstlineno}"


def _source(claim: Claim) -> list[str]:
    """The text of the formula, without decorators and docstring where these are long."""
    try:
        text = textwrap.dedent(inspect.getsource(claim.formula))
    except (OSError, TypeError):
        return []
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if line.startswith("def ")), 0)
    return lines[start:]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def print_claims(console: Console, claims: Sequence[Claim], left_out: int = 0) -> None:
    """The table of `checker list`, and what the kinds and wordings mean."""
    console.print(claims_table(claims))
    if left_out:
        neighbours = counted(left_out, "false neighbour", "false neighbours")
        print_lines(console, ["", f"{neighbours} of these: --false"])
    console.print()
    used = {claim.kind for claim in claims} | {c.wording for c in claims if c.source}
    print_lines(
        console, aligned((k, meaning) for k, meaning in (KINDS | WORDINGS).items() if k in used)
    )


def claims_table(claims: Sequence[Claim]) -> Table:
    """One row per claim: id and kind, title with its place in the paper and whose words it is."""
    table = new_table(("claim", "left"))
    table.add_column("title")
    for claim in claims:
        source, place = claim.source, ""
        if source is not None:
            place = f" ({source.paper.authors}, {source.label}; {claim.wording})"
        table.add_row(Text(f"{claim.id}\n  {claim.kind}"), Text(claim.title + place))
    return table
