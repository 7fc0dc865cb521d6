"""What the gate keeps of what a run found."""

from __future__ import annotations

from collections.abc import Iterable

from checker.arithmetic.decide import Decision
from checker.claims.verdict import Evidence, Tally
from checker.gate.budgets import GATE_REACHED
from checker.gate.changes import NOT_REFUTED, REFUTED, SURVIVED
from checker.gate.state import AuditState, ClaimState
from checker.search.audit import Audited, Need


def claim_state(evidence: Evidence, bounds: bool) -> ClaimState:
    """The facts about a claim that the gate keeps."""
    tally = evidence.tally
    return ClaimState(
        verdict=evidence.verdict.name,
        equality=_equality(tally),
        found_by_search=_found(tally),
        oracles=tally.oracle_checks > 0,
        bounds=bounds,
        strata=tuple(sorted(name for name, count in tally.strata.items() if count.cases)),
    )


def _equality(tally: Tally) -> bool:
    tightest = tally.tightest
    return tightest is not None and tightest.result.decision is Decision.EQUAL


def _found(tally: Tally) -> bool:
    return tally.reached is not None and tally.reached.result.relative_slack <= GATE_REACHED


def audit_states(results: Iterable[Audited]) -> dict[str, AuditState]:
    """Results of hunts by the claim that they are about."""
    states: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
    for result in results:
        neighbours, assumptions = states.setdefault(result.item.of, ({}, {}))
        dropped = result.item.dropped
        if dropped is None:
            neighbours[result.item.claim.id] = _outcome(result)
        else:
            assumptions[dropped.name] = _need(result)
    return {of: AuditState(*found) for of, found in states.items()}


def _outcome(result: Audited) -> str:
    return REFUTED if result.refuted else SURVIVED if result.survived else NOT_REFUTED


def _need(result: Audited) -> str:
    return _NEEDS[result.need]


_NEEDS = {
    Need.NEEDED: "needed",
    Need.NOT_FOUND: "not refuted",
    Need.UNDEFINED: "undefined outside",
    Need.NEVER_DRAWN: "never drawn outside",
    Need.NOT_TRIED: "not tried to the end",
}
