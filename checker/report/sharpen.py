"""Sharpened constants as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from checker.claims.claim import Claim
from checker.claims.verdict import Witness
from checker.instances.rounding import exact_fraction, nearest
from checker.instances.text import one_line
from checker.report.evidence import case_record, number, versions
from checker.report.provenance import Provenance
from checker.report.records import SCHEMA, Case, ClosedForm, Constant, SharpenedFile, content_of
from checker.search.sharpening.result import Sharpened


def sharpened_to_json(
    claim: Claim, results: Sequence[Sharpened], seed: int, *, interrupted: bool, made: Provenance
) -> dict[str, Any]:
    """All constants of a claim, and how they were found; `best` is None without a direction."""
    saved = SharpenedFile(
        schema=SCHEMA,
        seed=seed,
        versions=versions(),
        interrupted=interrupted,
        provenance=made.record(),
        claim=claim.id,
        constants={r.name: _constant(r, claim) for r in results},
    )
    return content_of(saved)


def _constant(result: Sharpened, claim: Claim) -> Constant:
    return Constant(
        printed=number(float(result.printed)),
        best=number(float(result.best)) if result.best is not None else None,
        fails_at=None if result.fails_at is None else str(result.fails_at),
        survives_at=None if result.cut else str(result.survives_at),
        interrupted=result.cut,
        closed_form=_known(result, claim),
        witness=_case(result.witness, claim),
        cases=result.evaluations,
        surviving_cases=result.surviving_evaluations,
        seconds=number(result.seconds),
    )


def _known(result: Sharpened, claim: Claim) -> ClosedForm | None:
    known = result.known
    if known is None:
        return None
    equality = _case(known.attained, claim)
    return ClosedForm(value=known.form.text, cases=known.evaluations, equality=equality)


def _case(witness: Witness | None, claim: Claim) -> Case | None:
    return None if witness is None else case_record(witness, claim.id)


def print_sharpened(
    console: Console, claim: Claim, results: Sequence[Sharpened], *, interrupted: bool
) -> None:
    """One row per constant, then the witnesses."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in ("constant", "printed", "best ≈", "fails at", "survives", "cases there", "s"):
        table.add_column(name, justify="left" if name == "constant" else "right", no_wrap=True)
    for r in results:
        fails = "-" if r.fails_at is None else exact_fraction(r.fails_at)
        best = "none failed" if r.best is None else nearest(r.best)
        best = best if r.weaker else "no direction"
        survives = exact_fraction(r.survives_at)
        if r.cut:
            best, survives = "not finished", "-"
        row = (r.name, exact_fraction(r.printed), best, fails, survives)
        table.add_row(*row, f"{r.surviving_evaluations:,}", f"{r.seconds:.1f}")
    console.print(Text(claim.id, "bold"))
    console.print(table)
    for r in results:
        if r.witness is not None and r.fails_at is not None:
            shown = one_line(r.witness.instance, limit=400)
            console.print(Text(f"\n{r.name} = {exact_fraction(r.fails_at)} fails at: {shown}"))
        for line in _of_closed_form(r):
            console.print(Text(line))
        if r.refuted:
            console.print(Text(f"{r.name}: the printed value itself fails", "bold red"))
    if interrupted:
        console.print(Text("interrupted: the other constants were not tried to the end", "bold"))


def _of_closed_form(result: Sharpened) -> list[str]:
    if result.known is None:
        return []
    known = result.known
    said = f"{result.name} = {known.form.text}: no violation in {known.evaluations:,} candidates"
    if known.attained is None:
        return [f"{said}; no case with equality was found"]
    return [f"{said}; equality, proved, at: {one_line(known.attained.instance, limit=400)}"]
