"""An audit or sharpened constants without evidence beside them: what they say of each claim."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checker.instances.text import counted
from checker.report.html.assumptions import Assumptions, assumption_of
from checker.report.html.constants import Constant, constants_of
from checker.report.html.neighbours import Neighbours, neighbours_of, neighbours_section, score
from checker.report.html.view import View


@dataclass(frozen=True)
class Audited:
    """A claim that was audited or sharpened, and not verified in this run."""

    anchor: str
    id: str
    assumptions: Assumptions | None
    constants: list[Constant]
    neighbours: Neighbours | None


def audited(view: View) -> Iterator[Audited]:
    """Each of them."""
    for number, name in enumerate(audited_claims(view), 1):
        dropped = [a for a in view.run.ablations if a["claim"] == name]
        rows = [assumption_of(({"name": a["assumption"], "statement": ""}, a)) for a in dropped]
        best: dict[str, Any] = view.run.sharpened.get(name, {})
        printed = [(constant, found.get("printed", "")) for constant, found in best.items()]
        yield Audited(
            f"audit-{number}",
            name,
            Assumptions(rows) if rows else None,
            constants_of(printed, best),
            neighbours_section(view, name),
        )


def audited_claims(view: View) -> list[str]:
    """Their ids, in the order of the files."""
    run = view.run
    known = [*(str(m.get("of") or m["id"]) for m in run.neighbours)]
    known += [*(a["claim"] for a in run.ablations), *run.sharpened]
    verified = {entry["id"] for entry in run.claims}
    return [name for name in dict.fromkeys(known) if name not in verified]


def audited_headline(view: View) -> str:
    """`28 of 28 false neighbours refuted`; empty without an audit."""
    names = audited_claims(view)
    neighbours = [n for name in names for n in neighbours_of(view, name)]
    fell, tried = score(neighbours)
    if tried:
        of = counted(tried, "false neighbour", "false neighbours")
        return f"Audit: {fell} of {of} refuted"
    return "Sharpest constants" if view.run.sharpened else "Audit"
