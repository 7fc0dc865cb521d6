"""Claims and evidence as a notebook shows them: a piece of HTML without style or script."""

from __future__ import annotations

from markupsafe import Markup

from checker.claims.claim import Claim
from checker.claims.verdict import Evidence
from checker.report.about import about
from checker.report.evidence import claim_to_json
from checker.report.html.cases import case_of
from checker.report.html.ledger import counts
from checker.report.html.rendering import OWN, rendered


def evidence_html(evidence: Evidence) -> Markup:
    """Verdict, statement, and the counterexample step by step, or what the verdict rests on."""
    entry = claim_to_json(evidence)
    case = entry["counterexample"] or entry["tightest"]
    return rendered(
        f"{OWN}/notebook_evidence.html.jinja",
        id=entry["id"],
        verdict=entry["verdict"],
        statement_latex=entry["about"]["statement"],
        reason=entry["reason"],
        case_name="Counterexample" if entry["counterexample"] else "Tightest case",
        case=None if case is None else case_of(case),
        step_rows=(entry["explanation"] or {}).get("steps") or [],
        counted=counts(entry),
    )


def claim_html(claim: Claim) -> Markup:
    """Statement, source and assumptions."""
    known = about(claim)
    source = known["source"]
    return rendered(
        f"{OWN}/notebook_claim.html.jinja",
        claim=claim,
        source="{authors}, {title}. {label}".format_map(source) if source else "",
        kind=f"{known['kind']} ({known['meaning']})",
        assumptions=known["assumptions"],
        constants=known["constants"],
    )
