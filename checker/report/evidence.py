"""Evidence as strictly valid JSON: instances without loss, approximations as plain numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from checker.claims.claim import Claim
from checker.claims.sources import versions
from checker.claims.spread import Spread
from checker.claims.verdict import Evidence, Tally, Verdict, Witness
from checker.errors import InputError
from checker.explain.counterexample import explanation_of
from checker.instances.codec import decode_instance, encode_instance
from checker.report.about import about, explanation_to_json
from checker.report.pooled import pooled_to_json
from checker.report.provenance import Provenance
from checker.report.records import SCHEMA, Case, Step, content_of

__all__ = [
    "SCHEMA",
    "case_record",
    "claim_to_json",
    "decode_instance",
    "dumps",
    "encode_instance",
    "listing",
    "merge_claims",
    "number",
    "run_to_json",
    "versions",
    "witness_to_json",
]

RUNGS = ("float", "ball", "exact", "unproved")

# Of two verdicts on the same claim the one that comes first here stays.
_GRAVITY = (
    Verdict.ORACLE_BROKEN,
    Verdict.REFUTED,
    Verdict.ERROR,
    Verdict.UNDECIDED,
    Verdict.VACUOUS,
    Verdict.STANDS,
    Verdict.PARTIAL,
    Verdict.NOT_RUN,
)


def run_to_json(
    evidence: Sequence[Evidence],
    seed: int,
    *,
    interrupted: bool | None = None,
    files: Sequence[str] = (),
    provenance: Provenance | None = None,
) -> dict[str, Any]:
    """A whole run; `interrupted` None takes it from the evidence.

    `files` are the claim files of the run.
    """
    claims = [claim_to_json(e) for e in evidence]
    if interrupted is None:
        interrupted = any(e.interrupted for e in evidence)
    envelope = claims_to_run(claims, seed, interrupted=interrupted, files=files)
    if provenance is None:
        return envelope
    # Before the claims: whoever opens the file sees it.
    del envelope["claims"]
    return {**envelope, "provenance": provenance.to_json(), "claims": claims}


def claims_to_run(
    claims: list[dict[str, Any]],
    seed: int | None,
    *,
    interrupted: bool = False,
    files: Sequence[str] = (),
) -> dict[str, Any]:
    """The envelope around claims that are JSON already; seed None where runs had several."""
    return {
        "schema": SCHEMA,
        "seed": seed,
        "versions": versions(),
        "interrupted": interrupted,
        "files": list(files),
        "claims": claims,
    }


def claim_to_json(evidence: Evidence) -> dict[str, Any]:
    """One claim: its words, verdict, counts, the tightest case and the counterexample."""
    claim, tally = evidence.claim, evidence.tally
    found, refuted = evidence.counterexample, evidence.verdict is Verdict.REFUTED
    cases = {
        "tightest": tally.tightest,
        "tie": tally.tie,
        # Where a premise is met only numerically, or an oracle is broken, a violation refutes
        # nothing.
        "candidate": None if refuted else found,
        "counterexample": found if refuted else None,
    }
    explained = refuted and found is not None
    return {
        "id": claim.id,
        "of": claim.of,
        "about": about(claim),
        "verdict": evidence.verdict.name,
        "expected": evidence.as_expected,
        "reason": evidence.reason,
        **_counts(tally),
        "seconds": number(evidence.seconds),
        "reached": tally.reached and number(tally.reached.result.relative_slack),
        **{name: w and witness_to_json(w, claim.id) for name, w in cases.items()},
        "explanation": explanation_to_json(explanation_of(evidence)) if explained else None,
        "pooled": pooled_to_json(tally.pooled),
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "cases": tally.cases,
        "nontrivial": tally.nontrivial,
        "excluded": tally.excluded,
        "not_finite": tally.not_finite,
        "strata": {name: count.cases for name, count in tally.strata.items()},
        "strata_nontrivial": {name: count.nontrivial for name, count in tally.strata.items()},
        "decisions": dict(tally.decisions),
        "escalated": {rung: tally.rungs[rung] for rung in RUNGS},
        "oracle_checks": tally.oracle_checks,
        "climbed": tally.climbed,
        "critical": dict(tally.critical),
        "spread": tally.spread.to_json(),
    }


def witness_to_json(witness: Witness, claim_id: str) -> dict[str, Any]:
    """One decided case; `checker replay` reads it."""
    return content_of(case_record(witness, claim_id))


def case_record(witness: Witness, claim_id: str) -> Case:
    """The same as a record; `instance` is None if it cannot be saved."""
    result, instance = witness.result, None
    not_saved: str | UnsetType = UNSET
    try:
        instance = encode_instance(witness.instance)
    except InputError as error:
        # The other results of the run are worth more than an error here.
        not_saved = str(error)
    return Case(
        claim=claim_id,
        instance=instance,
        not_saved=not_saved,
        decision=result.decision.name,
        guarantee=result.guarantee,
        unproved=result.unproved or None,
        lhs=number(result.lhs),
        lhs_radius=number(result.lhs_radius),
        rhs=number(result.rhs),
        rhs_radius=number(result.rhs_radius),
        relative_slack=number(result.relative_slack),
        tight_bits=result.tight_bits,
        stratum=witness.stratum,
        origin=witness.origin,
        path=[
            Step(action=s.action, numbers=s.numbers, relative_slack=number(s.relative_slack))
            for s in witness.path
        ],
        raised=witness.raised or UNSET,
    )


def listing(claims: Sequence[Claim]) -> list[dict[str, Any]]:
    """What `checker list --json` prints: claims without evidence."""
    return [
        {
            "id": c.id,
            "paper": c.source and f"{c.source.paper.authors}, {c.source.paper.title}",
            "label": c.source and c.source.label,
            "wording": c.wording,
            "title": c.title,
            "statement": c.statement,
            "kind": c.kind,
            "assumptions": [a.name for a in c.assuming],
            "of": c.of,
            "why": c.why,
        }
        for c in claims
    ]


_ADDED = (
    *("cases", "nontrivial", "excluded", "not_finite"),
    *("oracle_checks", "climbed", "seconds"),
)


def merge_claims(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two results on the same claim as one: cases added, the graver verdict, the tightest case."""
    grave, other = (second, first) if graver(second, first) else (first, second)
    merged = dict(grave)
    for name, value in other.items():
        if name in _ADDED:
            # An older version did not count all of them.
            merged[name] = merged.get(name, 0) + value
        elif name in ("strata", "strata_nontrivial", "decisions", "escalated", "critical"):
            mine = merged[name]
            merged[name] = {k: mine.get(k, 0) + value.get(k, 0) for k in {**mine, **value}}
        elif name == "spread":
            both = Spread.from_json(merged[name])
            both.merge(Spread.from_json(value))
            merged[name] = both.to_json()
        elif name == "tightest":
            merged[name] = _tighter(merged[name], value)
        elif name == "reached":
            known = [x for x in (merged[name], value) if x is not None]
            merged[name] = min(known, default=None)
        elif merged[name] is None:
            merged[name] = value
    merged["expected"] = first["expected"] and second["expected"]
    return merged


def graver(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether the verdict of the first result outweighs that of the second."""
    one, other = (_GRAVITY.index(Verdict[result["verdict"]]) for result in (first, second))
    return one < other


def _tighter(first: dict[str, Any] | None, second: dict[str, Any] | None) -> dict[str, Any] | None:
    if first is None or second is None:
        return first or second
    slacks = [
        math.inf if c["relative_slack"] is None else c["relative_slack"] for c in (first, second)
    ]
    return second if slacks[1] < slacks[0] else first


def dumps(value: Any) -> str:
    """Strictly valid JSON text."""
    return json.dumps(value, indent=1, allow_nan=False) + "\n"


def number(value: float) -> float | None:
    """The value, or None where JSON has no number for it."""
    return float(value) if math.isfinite(value) else None
