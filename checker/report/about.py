"""What a reader has to know of a claim, as JSON: reports are made from evidence alone, also where
the claims are not installed.
"""

from __future__ import annotations

from typing import Any

from checker.claims.claim import KINDS, WORDINGS, Claim, Source
from checker.explain.counterexample import Explanation


def about(claim: Claim) -> dict[str, Any]:
    """The words of a claim: statement in LaTeX, source, assumptions, constants as text."""
    return {
        "title": claim.title,
        "statement": claim.statement,
        "kind": claim.kind,
        "meaning": KINDS[claim.kind],
        "source": claim.source and _source(claim.source),
        "wording": claim.wording,
        "whose": WORDINGS[claim.wording],
        "assumptions": [
            {"name": a.name, "statement": a.statement, "definitional": a.definitional}
            for a in claim.assuming
        ],
        "constants": {name: str(value) for name, value in claim.constants.items()},
        "equality_strata": sorted(claim.equality_strata),
        "why": claim.why,
    }


def _source(source: Source) -> dict[str, Any]:
    paper = source.paper
    return {
        "authors": paper.authors,
        "title": paper.title,
        "venue": paper.venue,
        "label": source.label,
        "notation": dict(paper.notation),
    }


def explanation_to_json(explanation: Explanation) -> dict[str, Any]:
    """How to check a counterexample by hand."""
    return {
        "steps": [[step.name, step.expression, step.value] for step in explanation.steps],
        "slack": explanation.slack,
        "script": explanation.script,
    }
