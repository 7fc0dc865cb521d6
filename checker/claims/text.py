"""Verdicts and evidence as plain text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from checker.arithmetic.decide import CaseResult, Decision
from checker.claims.verdict import Evidence, ReductionStep, Tally, Verdict, Witness
from checker.instances.text import aligned, counted, fields_of, percent, side, spread

EQUALITY = "0 (equality proved)"


def slack_text(result: CaseResult | None) -> str:
    """The relative slack of a case."""
    if result is None:
        return "-"
    return slack_number(result.relative_slack, equal=result.decision is Decision.EQUAL)


def slack_number(relative_slack: float | None, *, equal: bool) -> str:
    """A relative slack with two digits; plain 0 only where equality was proved."""
    if equal:
        return EQUALITY
    if relative_slack is None or not np.isfinite(relative_slack):
        return "unknown"
    # An enclosure of the slack may have its middle at 0.
    return "unknown, near 0" if relative_slack == 0 else f"{relative_slack:.1e}"


def rungs_text(tally: Tally) -> str:
    """Percentages of the cases decided by float bounds, balls and exact numbers."""
    total = sum(tally.rungs.values())
    return "/".join(percent(tally.rungs[rung], total) for rung in ("float", "ball", "exact"))


def strata_text(tally: Tally) -> str:
    """How the cases are spread over the strata, and which strata never said anything."""
    if not tally.strata:
        return "no stratum was hit" + _not_finite_text(tally)
    counts = [count.cases for count in tally.strata.values()]
    trivial = [name for name, count in tally.strata.items() if not count.nontrivial]
    text = f"{counted(len(counts), 'stratum', 'strata')}, {spread(counts)} cases each"
    if trivial:
        text += f"; the bound is trivial throughout: {', '.join(trivial)}"
    return text + _not_finite_text(tally)


def case_lines(witness: Witness) -> list[str]:
    """A decided case: its fields, both sides, and how the decision was reached."""
    result = witness.result
    rows = fields_of(witness.instance)
    rows += [
        ("lhs", side(result.lhs, result.lhs_radius)),
        ("rhs", side(result.rhs, result.rhs_radius)),
        ("decision", f"{result.decision.value}; relative slack {slack_text(result)}"),
        ("guarantee", ": ".join(part for part in (result.guarantee, result.unproved) if part)),
        ("found in", " / ".join(part for part in (witness.stratum, witness.origin) if part)),
    ]
    if len(witness.path) > 1:
        rows.append(("reduced", path_text(witness.path)))
    if result.tight_bits is not None:
        rows.append(("closeness", f"|lhs - rhs| <= 2^-{result.tight_bits}"))
    return aligned(rows)


def path_text(path: Sequence[ReductionStep]) -> str:
    """How a reduction went: `512 numbers → 6 (rows and dimensions dropped) → …`."""
    first, *steps = path
    texts = [f"{s.numbers} ({s.action})" for s in steps]
    return " → ".join([counted(first.numbers, "number", "numbers"), *texts])


def explanation(evidence: Evidence) -> list[str]:
    """Why a verdict is not as expected, for the assertion message of a test."""
    claim, verdict = evidence.claim, evidence.verdict
    lines = [f"{claim.id}: {verdict.name}. {verdict.value}"]
    if claim.must_be_refuted:
        lines = [f"false neighbour {claim.id} was not refuted: {verdict.name}. {verdict.value}"]
    lines += [evidence.reason] if evidence.reason else []
    witness = evidence.counterexample or evidence.tally.tie
    if witness is not None and verdict is not Verdict.STANDS:
        lines += [f"  {line}" for line in case_lines(witness)]
    return lines


def _not_finite_text(tally: Tally) -> str:
    if not tally.not_finite:
        return ""
    cases = counted(tally.not_finite, "case was", "cases were")
    return f"; {cases} drawn with infinite or NaN entries, outside every claim"


# What an interruption means for what is reported.
INTERRUPTED = "the verdicts rest on what was done until then"


def shown_verdict(name: str) -> str:
    """The name of a verdict as it is printed."""
    return "NOT RUN" if name == "NOT_RUN" else name
