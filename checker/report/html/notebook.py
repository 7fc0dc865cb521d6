"""Claims and evidence as a notebook shows them: a piece of HTML without style or script."""

from __future__ import annotations

from pathlib import Path

from checker.claims.claim import Claim
from checker.claims.verdict import Evidence
from checker.report.about import about
from checker.report.evidence import claim_to_json
from checker.report.html.cases import case_box, steps_table
from checker.report.html.formulas import inline, statement
from checker.report.html.ledger import short_ledger
from checker.report.html.markup import Markup, definitions, join, tag
from checker.report.html.view import View, slack_of
from checker.report.run import Run


def evidence_html(evidence: Evidence) -> Markup:
    """Verdict, statement, and the counterexample step by step, or what the verdict rests on."""
    entry = claim_to_json(evidence)
    case = entry["counterexample"] or entry["tightest"]
    name = "Counterexample" if entry["counterexample"] else "Tightest case"
    parts = [
        tag("h3", f"{entry['id']}: {entry['verdict']}"),
        statement(entry["about"]["statement"]) if entry["about"]["statement"] else None,
        tag("p", entry["reason"]) if entry["reason"] else None,
    ]
    if case is not None:
        explained = entry["explanation"] or {}
        parts += [
            tag("h4", f"{name}: relative slack {slack_of(case)}"),
            case_box(case, details=not explained.get("steps")),
            steps_table(explained.get("steps") or []),
        ]
    return tag("div", *parts, short_ledger(entry))


def claim_html(claim: Claim) -> Markup:
    """Statement, source and assumptions."""
    known = about(claim)
    source = known["source"]
    cited = "{authors}, {title}. {label}".format_map(source) if source else ""
    view = View(Run([], Path()))
    rows = [
        ("source", cited),
        ("kind", f"{known['kind']} ({known['meaning']})"),
        ("neighbour of", view.link(claim.of) if claim.of else ""),
        *((a["name"], inline(a["statement"])) for a in known["assumptions"]),
        *known["constants"].items(),
    ]
    shown = statement(claim.statement) if claim.statement else None
    return tag("div", tag("h3", claim.id), join([tag("p", claim.title), shown]), definitions(rows))
